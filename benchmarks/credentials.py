"""Signing, verifying, deriving and publishing, raced against the JavaScript stack and against the bare cryptography.

    PASSPORT_PEER=/tmp/peer python benchmarks/credentials.py [--pairs 5] [--seconds 1] [--core 1] [--peer FOLDER]

``PASSPORT_PEER`` names a copy of ``../shared/bench-peers`` with the node packages that its README lists installed
beside ``bench.mjs``; the packages never enter this project. Its ``input/`` (102 indicators, 489 statements, 109 blank
nodes) is what both sides work on. Each pair runs the peer and then us, on one core, within the same minute; a ratio is
that of the two medians of one pair, and what is printed is the median of the ratios. Milliseconds move with the
machine, ratios hold.

Then the EV example, by rate: building, signing and writing a pack's credentials (what ``Publisher`` does for each, less
validation and the database), and the view of a reader with a legitimate interest. Everything goes to standard output
as one JSON document; what falls short of its target is also said on standard error.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyld import jsonld as pyld

from passport.battery.claims import claims
from passport.battery.identifiers.record_address import addressed
from passport.battery.privacy import rights
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.exchange.records import record_files
from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey
from passport.linked_data import jsonld, strict_json
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.presenting.presenter import mandatory_pointers
from passport.proofs import ecdsa_sd_2023, sd_value
from passport.proofs.data_integrity import add_proof, verify_proof
from passport.proofs.sd_statements import MaskedStatements
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, MODEL_DETAIL, PASSPORT  # noqa: E402
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience, Carrier, ObligationStatus

CHECKOUT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 21, tzinfo=UTC)
BASE = "https://passport.example.com"

# Our name of an operation, the peer's, and how much of the peer's time it may take.
RACES = [
    ("eddsa-rdfc-2022 issue", "eddsa-rdfc-2022 issue", 1 / 2),
    ("eddsa-rdfc-2022 verify", "eddsa-rdfc-2022 verify", 1 / 2),
    ("ecdsa-rdfc-2019 issue", "ecdsa-rdfc-2019 P-256 issue", 1 / 2),
    ("ecdsa-rdfc-2019 verify", "ecdsa-rdfc-2019 P-256 verify", 1 / 2),
    ("ecdsa-sd-2023 base", "ecdsa-sd-2023 base sign", 1 / 3),
    ("ecdsa-sd-2023 derive", "ecdsa-sd-2023 derive", 1 / 3),
    ("ecdsa-sd-2023 verify derived", "ecdsa-sd-2023 verify derived", None),
    ("canonical form", "expand+canonize only", None),
]
# Our operation, the bare calls of P-256 inside it, and how many times their cost it may be.
OVER_BARE = [
    ("ecdsa-sd-2023 base", "bare: sign each statement", 1.6),
    ("ecdsa-sd-2023 verify derived", "bare: verify each statement", 1.6),
]
RATES = {
    "pack credential": 800,
    "pack and first condition": 200,
    "legitimate-interest view of pack and condition": 300,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each operation in each pair")
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--peer", type=Path, default=os.environ.get("PASSPORT_PEER"))
    options = parser.parse_args()
    if options.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})  # node inherits it
    folder = Path(options.peer) if options.peer else CHECKOUT.parent / "shared" / "bench-peers"
    if not (folder / "input").is_dir():
        raise SystemExit(f"no input of the peer in {folder}; see PASSPORT_PEER")
    operations = proof_operations(*peer_input(folder))
    gc.collect()
    gc.freeze()  # what is loaded stays, as in any process that serves; the collector looks at what an operation makes
    pairs = []
    for number in range(options.pairs):
        theirs = run_peer(folder, options.seconds) if options.peer else {}
        ours = {name: timed(operation, options.seconds) for name, operation in operations.items()}
        pairs.append((ours, theirs))
        print(f"pair {number + 1} of {options.pairs} done", file=sys.stderr)
    result = {
        "python": platform.python_version(),
        "peer": bool(options.peer),
        "operations": {name: summary([ours[name] for ours, _ in pairs]) for name in operations},
        "races": [race(pairs, *each) for each in RACES] if options.peer else [],
        "over bare P-256": [over_bare(pairs, *each) for each in OVER_BARE],
        "EV example": ev_example(options.pairs, options.seconds),
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))
    for shortfall in shortfalls(result):
        print(f"falls short: {shortfall}", file=sys.stderr)


# --- timing ---------------------------------------------------------------------------------------------------------


def timed(operation: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Minimum and median of one call, in milliseconds."""
    operation()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 10:
        start = time.perf_counter()
        operation()
        times.append((time.perf_counter() - start) * 1000)
    return min(times), statistics.median(times)


def summary(runs: list[tuple[float, float]]) -> dict[str, float]:
    return {
        "ms_min": round(min(least for least, _ in runs), 3),
        "ms_median": round(statistics.median(middle for _, middle in runs), 3),
    }


def race(pairs: list[tuple[dict, dict]], ours: str, theirs: str, target: float | None) -> dict[str, Any]:
    medians = [mine[ours][1] / peer[theirs][1] for mine, peer in pairs]
    least = min(mine[ours][0] for mine, _ in pairs) / min(peer[theirs][0] for _, peer in pairs)
    return {
        "operation": ours,
        "peer_ms_min": min(peer[theirs][0] for _, peer in pairs),
        "peer_ms_median": round(statistics.median(peer[theirs][1] for _, peer in pairs), 2),
        "ratio": round(statistics.median(medians), 3),
        "ratios": [round(each, 3) for each in medians],
        "ratio_of_minima": round(least, 3),
        "target": None if target is None else round(target, 3),
    }


def over_bare(pairs: list[tuple[dict, dict]], ours: str, bare: str, target: float) -> dict[str, Any]:
    ratios = [mine[ours][1] / mine[bare][1] for mine, _ in pairs]
    return {
        "operation": ours,
        "ratio": round(statistics.median(ratios), 3),
        "ratio_of_minima": round(min(m[ours][0] for m, _ in pairs) / min(m[bare][0] for m, _ in pairs), 3),
        "target": target,
    }


def shortfalls(result: dict[str, Any]) -> list[str]:
    found = [
        f"{row['operation']}: ratio {row['ratio']} (of minima {row['ratio_of_minima']}), target {row['target']}"
        for row in [*result["races"], *result["over bare P-256"]]
        if row["target"] is not None and row["ratio"] > row["target"]
    ]
    for name, row in result["EV example"].items():
        if row["per_second"] < row["target"]:
            rates = f"{row['per_second']} a second (at best {row['per_second_best']})"
            found.append(f"{name}: {rates}, target {row['target']}")
    return found


# --- the peer and its credential ------------------------------------------------------------------------------------


def peer_input(folder: Path) -> tuple[dict, list[str], list[str], ContextLoader]:
    credential, context, pointers = (
        json.loads((folder / "input" / f"{name}.json").read_bytes()) for name in ("credential", "context", "pointers")
    )
    loader = PINNED.extended({url: context for url in credential["@context"] if url not in PINNED})
    return credential, pointers["mandatory"], pointers["selective"], loader


def run_peer(folder: Path, seconds: float) -> dict[str, tuple[float, float]]:
    command = ["node", "bench.mjs", str(seconds)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return {row["op"]: (row["ms_min"], row["ms_median"]) for row in json.loads(run.stdout)["rows"]}


def proof_operations(
    credential: dict, mandatory: list[str], selective: list[str], loader: ContextLoader
) -> dict[str, Callable[[], object]]:
    p256, ed25519 = KeySigner(PrivateKey.generate(Algorithm.P256)), KeySigner(PrivateKey.generate(Algorithm.ED25519))
    resolver = DidResolver()

    def sign(signer: KeySigner, suite: str, pointers: list[str] = ()) -> dict:
        document = {**credential, "issuer": signer.public_key.did_key}
        return add_proof(document, signer, cryptosuite=suite, created=NOW, mandatory_pointers=pointers, loader=loader)

    document = {**credential, "issuer": p256.public_key.did_key}
    pyld_options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": lambda url, _: {"contextUrl": None, "documentUrl": url, "document": loader.load(url)},
    }
    eddsa, ecdsa = sign(ed25519, "eddsa-rdfc-2022"), sign(p256, "ecdsa-rdfc-2019")
    base = sign(p256, "ecdsa-sd-2023", mandatory)
    derived = ecdsa_sd_2023.derive(base, selective, loader=loader)
    full = ecdsa_sd_2023.derive(base, ["/credentialSubject"], loader=loader)
    known = {"mandatory_pointers": mandatory, "loader": loader}
    if not (
        derived == ecdsa_sd_2023.thin(full, selective, **known) == ecdsa_sd_2023.thin(full, selective, loader=loader)
    ):
        raise SystemExit("thinning and deriving differ")
    return {
        "pyld canonicalisation alone": lambda: pyld.normalize(document, pyld_options),
        "canonical form": lambda: jsonld.graph(document, loader=loader).canonical().text,
        "eddsa-rdfc-2022 issue": lambda: sign(ed25519, "eddsa-rdfc-2022"),
        "eddsa-rdfc-2022 verify": lambda: verify_proof(eddsa, resolver, loader=loader),
        "ecdsa-rdfc-2019 issue": lambda: sign(p256, "ecdsa-rdfc-2019"),
        "ecdsa-rdfc-2019 verify": lambda: verify_proof(ecdsa, resolver, loader=loader),
        "ecdsa-sd-2023 base": lambda: sign(p256, "ecdsa-sd-2023", mandatory),
        "bare: sign each statement": bare_signing(base, mandatory, loader),
        "ecdsa-sd-2023 derive": lambda: ecdsa_sd_2023.derive(base, selective, loader=loader),
        "ecdsa-sd-2023 verify derived": lambda: verify_proof(derived, resolver, loader=loader),
        "bare: verify each statement": bare_verifying(derived, loader),
        "ecdsa-sd-2023 thin, mandatory known": lambda: ecdsa_sd_2023.thin(full, selective, **known),
        "ecdsa-sd-2023 thin": lambda: ecdsa_sd_2023.thin(full, selective, loader=loader),
    }


def bare_signing(base: dict, mandatory: list[str], loader: ContextLoader) -> Callable[[], object]:
    """The calls of ``cryptography`` that a base proof cannot do without: a key, and a signature for each statement."""
    document = {key: value for key, value in base.items() if key != "proof"}
    statements = MaskedStatements(document, sd_value.decode_base(base["proof"]["proofValue"]).hmac_key, loader=loader)
    shown = statements.numbers(mandatory)
    lines = [line.encode() for number, line in enumerate(statements.lines) if number not in shown]
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)

    def run() -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        for line in lines:
            key.sign(line, algorithm)
        key.sign(b"\0" * 99, algorithm)

    return run


def bare_verifying(derived: dict, loader: ContextLoader) -> Callable[[], object]:
    """The same for a derived proof: the point of the proof key, each signature, and the base signature."""
    document = {key: value for key, value in derived.items() if key != "proof"}
    proof = sd_value.decode_derived(derived["proof"]["proofValue"])
    statements = MaskedStatements(document, {f"c14n{n}": masked for n, masked in proof.labels.items()}, loader=loader)
    shown = set(proof.mandatory)
    lines = [line.encode() for number, line in enumerate(statements.lines) if number not in shown]
    signatures = [
        encode_dss_signature(int.from_bytes(each[:32], "big"), int.from_bytes(each[32:], "big"))
        for each in proof.signatures
    ]
    algorithm = ec.ECDSA(hashes.SHA256())

    def run() -> None:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), proof.proof_key.raw)
        for line, signature in zip(lines, signatures, strict=True):
            key.verify(signature, line, algorithm)
        key.verify(signatures[0], lines[0], algorithm)  # for the base signature: any costs the same

    return run


# --- the EV example -------------------------------------------------------------------------------------------------


def ev_example(rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    words = vocabulary.load()
    record = addressed(record_files.read(CHECKOUT / "examples" / "ev-ncm-100kwh.xlsx")[0][0], BASE)
    signer = KeySigner(PrivateKey.generate(Algorithm.P256))
    issuer = Issuer(signer.public_key.did_key, signer)
    obligations = vocabulary.regimes()["eu"].obligations(record.category)
    mandatory = {name for name, each in obligations.items() if each.status is ObligationStatus.MANDATORY}
    pack, taken = record.pack["batteryIdentifier"], set()

    def document(type_: str, carrier: Carrier, has_status: bool) -> dict[str, Any]:
        identifier = f"{BASE}/credentials/{uuid4()}"
        content = claims(record, carrier, identifier) or {}
        if carrier is Carrier.CONDITION:
            content = {key: value for key, value in content.items() if key in mandatory or key == "recordedAt"}
        result = {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": identifier,
            "type": ["VerifiableCredential", type_],
            "issuer": issuer.id,
            "validFrom": date_time(NOW),
        }
        if has_status:
            result["credentialStatus"] = [
                status_list.entry(f"{BASE}/status/{n}", status_list.free_index(taken, 131072), purpose)
                for n, purpose in enumerate(("revocation", "suspension"), start=1)
            ]
        model = {"batteryModel": f"{BASE}/model"} if carrier is Carrier.PASSPORT else {}
        result["credentialSubject"] = {"id": pack, "type": "BatteryPack", **model, **content}
        return result

    def restricted(type_: str, carrier: Carrier, has_status: bool) -> bytes:
        unsigned = document(type_, carrier, has_status)
        base = issuer.issue(
            unsigned, created=NOW, cryptosuite="ecdsa-sd-2023", mandatory_pointers=mandatory_pointers(unsigned)
        )
        strict_json.dumps(base)
        everything = [f"/credentialSubject/{key}" for key in unsigned["credentialSubject"] if key != "id"]
        return strict_json.dumps(ecdsa_sd_2023.derive(base, everything))

    def pack_credential() -> bytes:
        return strict_json.dumps(issuer.issue(document(PASSPORT, Carrier.PASSPORT, True), created=NOW))

    def with_condition() -> None:
        pack_credential()
        restricted(CONDITION, Carrier.CONDITION, False)

    def thinned(stored: bytes) -> bytes:
        full = json.loads(stored)
        pointers = rights.pointers(words, full, Audience.LEGITIMATE_INTEREST)
        view = ecdsa_sd_2023.thin(full, pointers, mandatory_pointers=mandatory_pointers(full))
        return strict_json.dumps(view)

    public = pack_credential()
    condition = restricted(CONDITION, Carrier.CONDITION, False)
    model = thinned(restricted(MODEL_DETAIL, Carrier.MODEL_DETAIL, True))  # kept for this audience
    operations = {
        "pack credential": pack_credential,
        "pack and first condition": with_condition,
        "legitimate-interest view of pack and condition": lambda: b",".join((model, public, thinned(condition))),
    }
    result = {}
    for name, operation in operations.items():
        runs = [timed(operation, seconds) for _ in range(rounds)]
        result[name] = {
            "per_second": round(1000 / statistics.median(middle for _, middle in runs)),
            "per_second_best": round(1000 / min(least for least, _ in runs)),
            "target": RATES[name],
        }
    result["pack and first condition"]["dynamic_rows"] = len(json.loads(condition)["credentialSubject"]) - 3
    return result


if __name__ == "__main__":
    main()
