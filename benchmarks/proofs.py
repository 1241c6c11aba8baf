"""Time of signing, verifying, deriving and thinning one credential, as ratios.

    python benchmarks/proofs.py [ROUNDS]

Each line gives the least of ROUNDS runs (default 30) and its ratio to what pyld alone needs to canonicalise the same
document. Milliseconds move with the machine; ratios hold. The credential is a read-out with 35 indicators, or, where
PASSPORT_PEER names a folder that holds ``bench.mjs``, its ``input/`` (credential.json, context.json, pointers.json)
and the node packages it imports, the credential in that folder; the JavaScript peer then runs in the same minute, and
its lines are added.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pyld import jsonld as pyld

from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey
from passport.linked_data import jsonld
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.proofs import ecdsa_sd_2023
from passport.proofs.data_integrity import add_proof, verify_proof

CONTEXT = "https://w3id.org/battery-passport/contexts/battery/v1"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    folder = Path(os.environ["PASSPORT_PEER"]) if os.environ.get("PASSPORT_PEER") else None
    credential, mandatory, selective, loader = peer_input(folder) if folder else own_input()
    quads = jsonld.to_dataset({**credential, "issuer": "did:example:issuer"}, loader=loader)
    print(f"{len(json.dumps(credential))} bytes, {len(quads)} statements\n")
    rows = ours(credential, mandatory, selective, loader, rounds)
    unit = rows[0][1]
    for name, milliseconds in rows + (peer(folder) if folder else []):
        print(f"{name:38}{milliseconds:9.2f} ms   {milliseconds / unit:6.2f}")


def own_input() -> tuple[dict, list[str], list[str], ContextLoader]:
    """A read-out with 35 decimal indicators under the project's own context."""
    terms = PINNED.load(CONTEXT)["@context"]
    decimal = "http://www.w3.org/2001/XMLSchema#decimal"
    names = [n for n, d in terms.items() if isinstance(d, dict) and d.get("@type") == decimal and "@container" not in d]
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "id": "https://battery.example/credentials/1",
        "type": ["VerifiableCredential", "BatteryConditionCredential"],
        "validFrom": "2026-11-21T00:00:00Z",
        "credentialSubject": {
            "id": "https://battery.example/01/09520123456788/21/1",
            "type": "BatteryPack",
            "recordedAt": "2026-11-21T00:00:00Z",
            **{name: f"{number}.50" for number, name in enumerate(names[:35])},
        },
    }
    mandatory = ["/issuer", "/validFrom", "/credentialSubject/id", "/credentialSubject/recordedAt"]
    return credential, mandatory, [f"/credentialSubject/{name}" for name in names[:20]], PINNED


def peer_input(folder: Path) -> tuple[dict, list[str], list[str], ContextLoader]:
    credential, context, pointers = (
        json.loads((folder / "input" / f"{name}.json").read_bytes()) for name in ("credential", "context", "pointers")
    )
    loader = PINNED.extended({url: context for url in credential["@context"] if url not in PINNED})
    return credential, pointers["mandatory"], pointers["selective"], loader


def ours(
    credential: dict, mandatory: list[str], selective: list[str], loader: ContextLoader, rounds: int
) -> list[tuple[str, float]]:
    p256, ed25519 = KeySigner(PrivateKey.generate(Algorithm.P256)), KeySigner(PrivateKey.generate(Algorithm.ED25519))
    resolver, rows, made = DidResolver(), [], {}

    def timed(name: str, operation: Callable[[], object]) -> None:
        best = float("inf")
        for _ in range(rounds):
            start = time.perf_counter()
            made[name] = operation()
            best = min(best, time.perf_counter() - start)
        rows.append((name, best * 1000))

    def sign(signer: KeySigner, suite: str, pointers: list[str] = ()) -> dict:
        document = {**credential, "issuer": signer.public_key.did_key}
        return add_proof(document, signer, cryptosuite=suite, created=NOW, mandatory_pointers=pointers, loader=loader)

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": lambda url, _: {"contextUrl": None, "documentUrl": url, "document": loader.load(url)},
    }
    document = {**credential, "issuer": p256.public_key.did_key}
    timed("pyld canonicalisation alone", lambda: pyld.normalize(document, options))
    for signer, suite in ((ed25519, "eddsa-rdfc-2022"), (p256, "ecdsa-rdfc-2019")):
        timed(f"{suite} issue", lambda signer=signer, suite=suite: sign(signer, suite))
        signed = made[f"{suite} issue"]
        timed(f"{suite} verify", lambda signed=signed: verify_proof(signed, resolver, loader=loader))
    timed("ecdsa-sd-2023 base", lambda: sign(p256, "ecdsa-sd-2023", mandatory))
    base = made["ecdsa-sd-2023 base"]
    timed("ecdsa-sd-2023 derive", lambda: ecdsa_sd_2023.derive(base, selective, loader=loader))
    derived = made["ecdsa-sd-2023 derive"]
    timed("ecdsa-sd-2023 verify derived", lambda: verify_proof(derived, resolver, loader=loader))
    everything = ecdsa_sd_2023.derive(base, ["/credentialSubject"], loader=loader)
    timed("ecdsa-sd-2023 thin", lambda: ecdsa_sd_2023.thin(everything, selective, loader=loader))
    timed(
        "ecdsa-sd-2023 thin, mandatory known",
        lambda: ecdsa_sd_2023.thin(everything, selective, mandatory_pointers=mandatory, loader=loader),
    )
    if not made["ecdsa-sd-2023 thin"] == made["ecdsa-sd-2023 thin, mandatory known"] == derived:
        raise SystemExit("thinning and deriving differ")
    return rows


def peer(folder: Path) -> list[tuple[str, float]]:
    run = subprocess.run(["node", "bench.mjs", "2"], cwd=folder, capture_output=True, text=True, check=True)
    return [(f"peer: {row['op']}", row["ms_min"]) for row in json.loads(run.stdout)["rows"]]


if __name__ == "__main__":
    main()
