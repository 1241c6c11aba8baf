"""Signed documents of every kind that leaves this project, and a source of changes to them.

``PASSPORT_MUTANTS`` says how many mutants to make of all of them together (``make torture``); without it, 1,000.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.exchange.records import record_files
from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey
from passport.presenting.presenter import Presenter, mandatory_pointers
from passport.proofs import ecdsa_sd_2023
from passport.proofs.data_integrity import add_proof
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from tests.conftest import CHECKOUT

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
BASE = "https://passport.example.com"
CHALLENGE, DOMAIN = "c0ffee", "passport.example.com"

KINDS = (
    "model credential",
    "model detail, full view",
    "model detail, legitimate interest",
    "pack credential",
    "condition, full view",
    "condition, legitimate interest",
    "condition, one value",
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019 with blank nodes",
    "ecdsa-sd-2023 with blank nodes",
    "two proofs",
    "presentation",
)


def mutants_of_each() -> int:
    return -(-int(os.environ.get("PASSPORT_MUTANTS", "1000")) // len(KINDS))


@dataclass(frozen=True)
class Signed:
    """What somebody signed, and what its verifier expects."""

    document: dict
    purpose: str = "assertionMethod"
    challenge: str | None = None
    domain: str | None = None


@dataclass(frozen=True)
class World:
    """All signed documents by kind, and what a verifier needs."""

    signed: dict[str, Signed]
    resolver: DidResolver


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    project = make_project(tmp_path_factory.mktemp("torture") / "operator", BASE, names={"en": "Operator"})
    store, words, issuer = Store.open("sqlite://"), vocabulary.load(), project.issuer_with_key(None)
    Publisher(store, issuer, BASE, words, ()).issue(
        record_files.read(CHECKOUT / "examples" / "ev-ncm-100kwh.xlsx")[0], at=NOW
    )
    (pack,) = store.packs()

    def stored(subject: str, name: str) -> dict:
        return store.current(subject, f"Battery{name}Credential").document

    interested = Presenter(store, words).present(pack.subject, Audience.LEGITIMATE_INTEREST)
    passport, condition = stored(pack.subject, "Passport"), stored(pack.subject, "Condition")
    known = mandatory_pointers(condition)
    first = next(key for key in condition["credentialSubject"] if key not in ("id", "type", "recordedAt"))
    one_value = ecdsa_sd_2023.thin(condition, [f"/credentialSubject/{first}"], mandatory_pointers=known)

    holder = KeySigner(PrivateKey.generate(Algorithm.ED25519))
    second = KeySigner(PrivateKey.generate(Algorithm.P256))
    unsigned = {key: value for key, value in passport.items() if key != "proof"}
    unnamed = without_ids({**unsigned, "issuer": second.public_key.did_key})

    def sign(document: dict, signer: KeySigner, suite: str, **options: Any) -> dict:
        return add_proof(document, signer, cryptosuite=suite, created=NOW, **options)

    blank = sign(unnamed, second, "ecdsa-sd-2023", mandatory_pointers=["/issuer", "/validFrom"])
    blank = ecdsa_sd_2023.derive(blank, ["/credentialSubject", "/credentialStatus/1"])
    presented = Issuer(holder.public_key.did_key, holder).present(
        [passport, one_value], challenge=CHALLENGE, domain=DOMAIN, created=NOW, cryptosuite="eddsa-rdfc-2022"
    )
    documents = (
        Signed(stored(pack.model, "Model")),
        Signed(stored(pack.model, "ModelDetail")),
        Signed(interested.credential("BatteryModelDetailCredential")),
        Signed(passport),
        Signed(condition),
        Signed(interested.credential("BatteryConditionCredential")),
        Signed(one_value),
        Signed(sign(unsigned, holder, "eddsa-rdfc-2022")),
        Signed(sign(unsigned, holder, "eddsa-jcs-2022")),
        Signed(sign(unnamed, second, "ecdsa-rdfc-2019")),
        Signed(blank),
        Signed(sign(sign(unsigned, holder, "eddsa-rdfc-2022"), second, "ecdsa-rdfc-2019")),
        Signed(presented, "authentication", CHALLENGE, DOMAIN),
    )
    return World(dict(zip(KINDS, documents, strict=True)), DidResolver(project.trust_list().did_documents()))


def without_ids(document: dict) -> dict:
    """The same credential with blank nodes below its own."""
    document = copy.deepcopy(document)
    for entry in document["credentialStatus"]:
        del entry["id"]
    del document["credentialSubject"]["id"]
    return document


# --- changes --------------------------------------------------------------------------------------------------------

Place = tuple[Any, Any]  # an object or array, and a key or index in it

STRANGE = (
    *("\x00", "\x08", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "\u200b", "\u0301"),
    *("\\", '"', "\n", "\ud800", "<", " "),
)
PROOF_VALUES: dict[str, tuple] = {
    "type": ("DataIntegrityProof2", "Ed25519Signature2020", ["DataIntegrityProof", "X"], None),
    "cryptosuite": ("eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023", "eddsa-jcs-2022", "none", None, 5),
    "created": ("2027-03-08T09:30:01Z", "2027-03-08T09:30:00+00:00", "2027-03-08T09:30:00.0Z", "now", None),
    "expires": ("2099-01-01T00:00:00Z", "2000-01-01T00:00:00Z", None),
    "proofPurpose": ("authentication", "assertionMethod", "keyAgreement", "https://w3id.org/security#assertionMethod"),
    "verificationMethod": ("did:key:z6Mk", "did:example:x#key", "", None, 5),
    "challenge": ("c0ffef", "", CHALLENGE, None, [CHALLENGE]),
    "domain": ("evil.example.com", [DOMAIN, "evil.example.com"], DOMAIN, None),
    "nonce": ("abc",),
    "previousProof": ("urn:x:before", []),
    "id": ("urn:x:proof", "relative"),
    "proofValue": ("", "z", "u", "zzzz", None, 5),
    "@context": ("https://www.w3.org/ns/credentials/v2", {"@vocab": "https://evil.example.com/#"}),
}


class Mutator:
    """Draws one mutant after another from a seeded source of chance, as the text that a verifier would be sent."""

    def __init__(self, world: World, kind: str, seed: int) -> None:
        self.chance = random.Random(f"{kind} {seed}")
        self.world = world
        self.original = world.signed[kind].document
        self.terms = list(vocabulary.load().indicators)

    def mutant(self) -> tuple[str, str]:
        """What was done, and the text."""
        document = copy.deepcopy(self.original)
        names = []
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            change = self.chance.choices(*zip(*CHANGES, strict=True))[0]
            changed = change(self, document)
            if isinstance(changed, dict):
                document = changed
            names.append(change.__name__)
        text = json.dumps(document, ensure_ascii=True)
        if self.chance.random() < 0.08:
            text, name = double_key(self, text), "double_key"
            names.append(name)
        return " ".join(names), text

    def places(self, document: Any, wanted: Callable[[Any, Any], bool]) -> list[Place]:
        found: list[Place] = []
        pending = [document]
        while pending:
            item = pending.pop()
            members = item.items() if isinstance(item, dict) else enumerate(item)
            for key, value in members:
                if wanted(key, value):
                    found.append((item, key))
                if isinstance(value, dict | list):
                    pending.append(value)
        return found

    def place(self, document: Any, wanted: Callable[[Any, Any], bool] = lambda _key, _value: True) -> Place:
        return self.chance.choice(self.places(document, wanted) or [({"x": "x"}, "x")])

    def proof(self, document: dict) -> dict:
        proof = document.get("proof")
        proof = self.chance.choice(proof) if isinstance(proof, list) and proof else proof
        return proof if isinstance(proof, dict) else {}


def flip(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: isinstance(value, str) and value)
    text = holder[key]
    at = mutator.chance.randrange(len(text))
    other = mutator.chance.choice([c for c in "aAzZ019-_.:/#" if c != text[at]])
    holder[key] = text[:at] + mutator.chance.choice((other, "", text[at] * 2)) + text[at + 1 :]


def strange(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: isinstance(value, str))
    at = mutator.chance.randint(0, len(holder[key]))
    holder[key] = holder[key][:at] + mutator.chance.choice(STRANGE) + holder[key][at:]


def another_value(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: not isinstance(value, dict | list))
    holder[key] = mutator.chance.choice((0, 1, -1, 1.5, 2**53, True, False, None, "", "x", [], {}, "urn:x:y", BASE))


def retype(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document)
    value = holder[key]
    forms: list[Any] = [[value], [value, value], {"@value": value}, {"id": value}, {"@id": value}, {"@list": [value]}]
    if isinstance(value, str):
        forms += [{"@value": value, "@language": "en"}, {"en": value}, value.upper(), f" {value}"]
        if value.replace(".", "", 1).isdigit():
            forms += [float(value), int(float(value)), f"{value}0", f"0{value}", f"+{value}"]
    elif isinstance(value, bool | int | float):
        forms += [str(value), float(value), not value]
    elif isinstance(value, list) and len(value) == 1:
        forms += [value[0]]
    holder[key] = mutator.chance.choice(forms)


def remove(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document)
    del holder[key]


def add(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: isinstance(value, dict))
    name = mutator.chance.choice(
        [*mutator.chance.sample(mutator.terms, 4), "name", "typo", "@id", "@type", "@graph", "@included", "@reverse",
         "@context", "validUntil", "credentialStatus", "evidence", "proof", "https://evil.example.com/#p", "_:p"]
    )  # fmt: skip
    values = ("x", 1, "urn:x:y", {}, [], {"id": "urn:x:z"}, None, "1.0", {"name": "x"}, [{"id": BASE, "name": "x"}])
    holder[key][name] = copy.deepcopy(mutator.chance.choice(values))


def double(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: isinstance(value, list) and value)
    holder[key].append(copy.deepcopy(mutator.chance.choice(holder[key])))


def reorder(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: isinstance(value, dict | list) and len(value) > 1)
    value = holder[key]
    if isinstance(value, list):
        mutator.chance.shuffle(value)
    elif isinstance(value, dict):
        items = list(value.items())
        mutator.chance.shuffle(items)
        holder[key] = dict(items)


def exchange(mutator: Mutator, document: dict) -> None:
    (one, key), (other, name) = mutator.place(document), mutator.place(document)
    try:
        one[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(one[key])
    except (KeyError, IndexError):
        return


def rename(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document)
    if isinstance(holder, dict):
        name = mutator.chance.choice([*mutator.terms[:60], key.upper(), f"{key} ", f"@{key}", f"{key}\u200b"])
        holder[name] = holder.pop(key)


def proof_option(mutator: Mutator, document: dict) -> None:
    name = mutator.chance.choice(list(PROOF_VALUES))
    mutator.proof(document)[name] = copy.deepcopy(mutator.chance.choice(PROOF_VALUES[name]))


def proof_less(mutator: Mutator, document: dict) -> None:
    proof = mutator.proof(document)
    if proof:
        del proof[mutator.chance.choice(list(proof))]


def proof_form(mutator: Mutator, document: dict) -> None:
    proof = document.get("proof")
    other = copy.deepcopy(mutator.proof(document))
    other["created"] = "2020-01-01T00:00:00Z"
    document["proof"] = mutator.chance.choice(
        ([], {}, None, "x", [proof, None], [proof, {}], [proof, other], [other], {"proof": proof}, [[proof]], proof)
    )


def proof_of_another(mutator: Mutator, document: dict) -> None:
    document["proof"] = copy.deepcopy(mutator.chance.choice(list(mutator.world.signed.values())).document["proof"])


def proof_value_of_another(mutator: Mutator, document: dict) -> None:
    other = mutator.chance.choice(list(mutator.world.signed.values())).document
    mutator.proof(document)["proofValue"] = mutator.proof(other).get("proofValue")


def content_of_another(mutator: Mutator, document: dict) -> dict:
    other = copy.deepcopy(mutator.chance.choice(list(mutator.world.signed.values())).document)
    return {**other, "proof": document.get("proof")}


def subject_of_another(mutator: Mutator, document: dict) -> None:
    others = [each.document for each in mutator.world.signed.values() if "credentialSubject" in each.document]
    other = copy.deepcopy(mutator.chance.choice(others)["credentialSubject"])
    mine = document.get("credentialSubject")
    joined = isinstance(mine, dict) and isinstance(other, dict) and mutator.chance.random() < 0.5
    document["credentialSubject"] = {**mine, **other} if joined else other


def contexts(mutator: Mutator, document: dict) -> None:
    urls = document.get("@context")
    urls = urls if isinstance(urls, list) else [urls]
    evil = {"@vocab": "https://evil.example.com/#"}
    redefined = {"@context": {"validFrom": "https://evil.example.com/#validFrom"}}
    extra = mutator.chance.choice(
        ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1", "https://evil.example.com/v1", evil,
         redefined, None, "", *urls[:1], urls[:1])
    )  # fmt: skip
    document["@context"] = mutator.chance.choice(
        ([*urls, extra], [extra, *urls], [*urls[:1], extra, *urls[1:]], urls[:1], urls[1:], [*reversed(urls)], extra)
    )


def inner_context(mutator: Mutator, document: dict) -> None:
    holder, key = mutator.place(document, lambda _, value: isinstance(value, dict))
    holder[key]["@context"] = mutator.chance.choice(
        (None, {}, [], "https://www.w3.org/ns/credentials/v2", {"@vocab": "https://evil.example.com/#"})
    )


def double_key(mutator: Mutator, text: str) -> str:
    """One key twice in an object: what two parsers read differently."""
    places = [at for at in range(1, len(text)) if text[at - 1] == "{" and text[at] == '"']
    at = mutator.chance.choice(places)
    key = text[at : text.index('"', at + 1) + 1]
    return f"{text[:at]}{key}: {mutator.chance.choice(('1', 'null', '[]', chr(34) * 2))}, {text[at:]}"


CHANGES: list[tuple[Callable, int]] = [
    (flip, 22),
    (strange, 8),
    (another_value, 8),
    (retype, 10),
    (remove, 9),
    (add, 9),
    (double, 3),
    (reorder, 2),
    (exchange, 5),
    (rename, 5),
    (proof_option, 8),
    (proof_less, 2),
    (proof_form, 2),
    (proof_of_another, 3),
    (proof_value_of_another, 2),
    (content_of_another, 2),
    (subject_of_another, 2),
    (contexts, 5),
    (inner_context, 3),
]
