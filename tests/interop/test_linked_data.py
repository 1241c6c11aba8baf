"""The same statements come out of a document on both sides: contexts, expansion and canonical form agree.

Signatures only say whether two canonical forms are equal; here one sees where they are not.
"""

from __future__ import annotations

import contextlib
import json

import pytest

from passport.battery.claims import claims
from passport.battery.identifiers.record_address import addressed
from passport.battery.record_json import from_json
from passport.errors import UnsafeJsonLd
from passport.linked_data import jsonld, rdfc10
from passport.vocabulary import vocabulary
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Carrier

BASE = "https://passport.example.com"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike")
KEPT_OUT = {"licensePlateNumber", "ownerAddress", "ownerCode", "ownerName", "vehicleIdentificationNumber"}
SUBJECT_TYPES = {Carrier.MODEL: "BatteryModel", Carrier.MODEL_DETAIL: "BatteryModel"}


def canonical_here(document: dict) -> str:
    return rdfc10.canonicalize(jsonld.to_dataset(document)).text


def credential(number: int, subject: dict) -> dict:
    return {
        "@context": [V2, CONTEXT],
        "id": f"{BASE}/credentials/{number}",
        "type": ["VerifiableCredential"],
        "issuer": "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
        "validFrom": "2027-03-08T00:00:00Z",
        "credentialSubject": subject,
    }


def documents_of(example: dict, name: str) -> list[dict]:
    """What each carrier says about an example pack, as a credential not yet signed."""
    pack = addressed(from_json(example, name), BASE)
    found = []
    for number, carrier in enumerate(Carrier):
        content = claims(pack, carrier, f"{BASE}/credentials/{number}")
        if content:
            type_ = SUBJECT_TYPES.get(carrier, "BatteryPack")
            found.append(credential(number, {"id": pack.pack["batteryIdentifier"], "type": type_, **content}))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_read_the_same_statements_out_of_an_example_pack(peer, examples, name):
    example = json.loads((examples / f"{name}.json").read_text(encoding="utf-8"))
    documents = documents_of(example, name)
    assert len(documents) >= 4
    results = peer.all([{"op": "canonicalize", "document": document} for document in documents])
    for document, result in zip(documents, results, strict=True):
        assert result["ok"], result
        assert canonical_here(document) == result["text"]


def test_both_know_the_same_terms(peer):
    """Each term of the vocabulary by itself. Owner, plate and VIN enter no credential, so no context defines them."""
    terms = sorted(vocabulary.load().terms)
    assert len(terms) > 175
    documents = [
        credential(number, {"id": f"{BASE}/id/M/1", term: f"{BASE}/value/{number}"})
        for number, term in enumerate(terms)
    ]
    results = peer.all([{"op": "canonicalize", "document": document} for document in documents])
    here = {}
    for term, document in zip(terms, documents, strict=True):
        with contextlib.suppress(UnsafeJsonLd):
            here[term] = canonical_here(document)
    there = {term: result["text"] for term, result in zip(terms, results, strict=True) if result["ok"]}
    assert here == there
    assert set(terms) - set(there) == KEPT_OUT


@pytest.mark.parametrize(
    "subject",
    [
        {"id": f"{BASE}/id/M/1", "ratedCapacityy": "12"},
        {"id": "id/M/1", "ratedCapacity": "12"},
        {"id": f"{BASE}/id/M/1", "type": "BatteryPak", "ratedCapacity": "12"},
    ],
    ids=["undefined term", "relative IRI", "undefined type"],
)
def test_both_refuse_what_would_not_be_signed(peer, subject):
    document = credential(1, subject)
    assert not peer("canonicalize", document=document)["ok"]
    with pytest.raises(UnsafeJsonLd):
        canonical_here(document)
