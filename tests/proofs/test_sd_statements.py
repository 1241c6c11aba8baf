"""The two tiers of selective disclosure: whatever pointers are asked for, walking a part says what expanding says."""

from __future__ import annotations

import copy
import json
import random

import pytest

from passport.errors import PassportError, ProofError
from passport.identity import Algorithm, KeySigner, PrivateKey
from passport.linked_data.contexts import PINNED
from passport.proofs import ecdsa_sd_2023, sd_statements
from passport.proofs import pointers as json_pointers
from passport.proofs.sd_statements import MaskedStatements
from tests.conftest import CHECKOUT, skip_unless

HMAC_KEY = bytes(range(32))


@pytest.fixture
def reference(monkeypatch):
    """Statements by the reference tier alone."""

    def make(document, masks, *, loader, graph=None):
        with monkeypatch.context() as patch:
            patch.setattr(sd_statements.WalkedDocument, "of", classmethod(lambda *_: None))
            return MaskedStatements(document, masks, loader=loader)

    return make


def places(value, path=()):
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in members:
        yield from places(child, (*path, key))


def answer(operation):
    """What it gives, or that it refuses."""
    try:
        return operation()
    except PassportError as error:
        return type(error)


def hold(document, loader, reference, seed, rounds):
    walked, expanded = MaskedStatements(document, HMAC_KEY, loader=loader), reference(document, HMAC_KEY, loader=loader)
    assert walked.is_walked
    assert not expanded.is_walked
    assert walked.lines == expanded.lines
    chance = random.Random(seed)
    every = [json_pointers.write(path) for path in places(document) if path[:1] != ("@context",)]
    fast = 0
    for _ in range(rounds):
        selection = chance.sample(every, k=min(len(every), chance.choice((0, 1, 2, 5, 12))))
        if chance.random() < 0.1:
            selection.append(chance.choice(("/absent", "/credentialSubject/absent", "/type/7", "no pointer")))
        walked = walked if walked.is_walked else MaskedStatements(document, HMAC_KEY, loader=loader)
        assert answer(lambda: walked.part(selection)) == answer(lambda: expanded.part(selection)), selection  # noqa: B023
        fast += walked.is_walked
    return fast / rounds


def test_a_part_of_a_document_in_which_every_node_has_an_id(credential, loader, reference):
    del credential["credentialSubject"]["data"]  # a JSON literal is left to the reference
    assert hold(credential, loader, reference, 1, 200) > 0.9


def test_a_part_of_a_document_with_blank_nodes(credential, loader, reference):
    subject = credential["credentialSubject"]
    del subject["data"], subject["id"], subject["part"]["id"], subject["part"]["part"]["id"]
    for reading in subject["reading"]:
        del reading["id"]
    subject["reading"].append(copy.deepcopy(subject["reading"][0]))  # two that look alike
    assert hold(credential, loader, reference, 2, 200) > 0.8


def test_a_part_of_the_peers_input(reference):
    folder = CHECKOUT.parent / "shared" / "bench-peers" / "input"
    skip_unless(folder.is_dir(), "vectors", f"no input of the peer in {folder}")
    document, context = (json.loads((folder / f"{name}.json").read_bytes()) for name in ("credential", "context"))
    loader = PINNED.extended({document["@context"][1]: context})
    assert hold({**document, "issuer": "did:example:issuer"}, loader, reference, 3, 25) == 1


def test_an_array_with_one_entry_beside_blank_nodes_is_left_to_the_reference(credential, loader, reference):
    """Naming blank nodes writes the document anew, and may write such an entry without its array."""
    credential["credentialSubject"] = {"cells": [96], "notes": ["only"]}
    for pointer in ("/credentialSubject/cells/0", "/credentialSubject/notes/0"):
        walked, expanded = (make(credential, HMAC_KEY, loader=loader) for make in (MaskedStatements, reference))
        assert answer(lambda: walked.numbers([pointer])) == answer(lambda: expanded.numbers([pointer]))  # noqa: B023
        assert not walked.is_walked


@pytest.mark.parametrize("blank", [False, True])
def test_base_and_derived_proofs_are_the_same_bytes(credential, loader, reference, monkeypatch, blank):
    if blank:
        del credential["credentialSubject"]["id"]
    del credential["credentialSubject"]["data"]
    signer, key = KeySigner(PrivateKey.generate(Algorithm.P256)), PrivateKey.generate(Algorithm.P256)
    options = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023", "proofPurpose": "assertionMethod"}

    def make():
        base = ecdsa_sd_2023.create_base_proof(
            credential,
            options,
            signer,
            ["/issuer"],
            loader=loader,
            proof_key=key,
            hmac_key=HMAC_KEY,
        ).encode()
        signed = {**credential, "proof": {**options, "proofValue": base}}
        full = ecdsa_sd_2023.derive(signed, ["/credentialSubject"], loader=loader)
        ecdsa_sd_2023._newest.made = None  # derived from the document alone, too
        assert ecdsa_sd_2023.derive(signed, ["/credentialSubject"], loader=loader) == full
        return signed, full, ecdsa_sd_2023.thin(full, ["/credentialSubject/reading/1"], loader=loader)

    walked = make()
    monkeypatch.setattr(sd_statements, "MaskedStatements", reference)
    monkeypatch.setattr(ecdsa_sd_2023, "MaskedStatements", reference)
    assert make() == walked


def test_a_document_that_was_changed_after_its_base_proof_is_not_derived_from_what_was_signed(credential, loader):
    signer = KeySigner(PrivateKey.generate(Algorithm.P256))
    options = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023", "proofPurpose": "assertionMethod"}
    base = ecdsa_sd_2023.create_base_proof(credential, options, signer, ["/issuer"], loader=loader)
    signed = {**credential, "proof": {**options, "proofValue": base.encode()}}
    before = ecdsa_sd_2023.derive(signed, ["/credentialSubject"], loader=loader)
    del signed["credentialSubject"]["data"]
    with pytest.raises(ProofError):
        ecdsa_sd_2023.derive(signed, ["/credentialSubject"], loader=loader)
    assert "data" in before["credentialSubject"]
