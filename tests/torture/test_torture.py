"""No mutant of a signed document verifies, unless what it says is provably what was signed.

A mutant is sent as text, read by the strict parser and checked by the same function as any document. Where it passes,
somebody must have signed exactly that: its content and the configuration of each of its proofs, as canonical datasets
by the reference path and not by the fast one (with a jcs suite, as canonical JSON), are together among the pairs that
the originals consist of. What is refused must be refused with an error of ours.

A thousand mutants here; ``make torture`` makes more than ten thousand.
"""

from __future__ import annotations

import json

import pytest

from passport.errors import PassportError
from passport.linked_data import jcs, jsonld, rdfc10, strict_json
from passport.proofs.data_integrity import proofs_of, verify_proof
from passport.proofs.rdfc_hashing import proof_configuration
from tests.each import each
from tests.torture.conftest import KINDS, Mutator, Signed, World, mutants_of_each

BATCHES = 1 + mutants_of_each() // 250


def check(world: World, signed: Signed, document: object) -> None:
    verify_proof(
        document,
        world.resolver,
        expected_purpose=signed.purpose,
        expected_challenge=signed.challenge,
        expected_domain=signed.domain,
    )


def canonical(document: dict) -> str:
    return rdfc10.canonicalize(jsonld.reference(document)).text


def what_is_signed(document: dict) -> set[tuple]:
    """For each proof, the content and the configuration that it covers, in canonical form."""
    content = {key: value for key, value in document.items() if key != "proof"}
    pairs = set()
    for proof in proofs_of(document):
        options = {key: value for key, value in proof.items() if key != "proofValue"}
        if "-jcs-" in proof["cryptosuite"]:
            pairs.add((jcs.canonicalize(content), jcs.canonicalize(options)))
        else:
            pairs.add((canonical(content), canonical(proof_configuration(content, options))))
    return pairs


@pytest.fixture(scope="session")
def ever_signed(world: World) -> set[tuple]:
    return {pair for signed in world.signed.values() for pair in what_is_signed(signed.document)}


@each("kind", KINDS)
def test_the_originals_verify(world, kind):
    signed = world.signed[kind]
    check(world, signed, strict_json.loads(json.dumps(signed.document)))


@pytest.mark.product(of=3)
@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("kind", KINDS)
def test_no_mutant_verifies(world, ever_signed, kind, batch):
    signed = world.signed[kind]
    mutator = Mutator(world, kind, batch)
    refused = same = 0
    for _ in range(-(-mutants_of_each() // BATCHES)):
        change, text = mutator.mutant()
        try:
            document = strict_json.loads(text)
            check(world, signed, document)
        except PassportError:
            refused += 1
            continue
        assert what_is_signed(document) <= ever_signed, f"{kind}: {change} verifies\n{text}"
        same += 1
    assert refused > 2 * same, "too many mutants that are none"
