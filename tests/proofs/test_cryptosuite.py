import pytest

from passport.errors import InvalidSignature, ProofError, UnknownProof
from passport.identity import Algorithm, DidResolver
from passport.proofs import CRYPTOSUITES, cryptosuite
from passport.proofs.data_integrity import add_proof, verify_proof
from tests.each import each


def test_the_table_holds_the_suites_under_their_names():
    assert {"ecdsa-rdfc-2019", "ecdsa-sd-2023", "eddsa-rdfc-2022"} <= set(CRYPTOSUITES)
    for name, suite in CRYPTOSUITES.items():
        assert suite.name == name
        assert suite.algorithms <= set(Algorithm)
        assert cryptosuite.find(name) is suite


def test_an_unknown_suite_is_not_wrong_but_cannot_be_checked():
    with pytest.raises(UnknownProof, match="unknown cryptosuite"):
        cryptosuite.find("unknown")
    assert UnknownProof.exit_code == 3


@each("name", [None, 5, "", ["ecdsa-rdfc-2019"], {}])
def test_a_proof_that_names_no_suite_is_refused(name):
    with pytest.raises(ProofError, match="names no cryptosuite"):
        cryptosuite.find(name)


class Shout:
    """A suite that somebody else could bring."""

    name = "shout-2026"
    algorithms = frozenset({Algorithm.P256})
    context_in_proof = False

    def create_proof_value(self, document, options, signer, *, mandatory_pointers, loader, graph=None):
        return signer.sign(repr(sorted(document)).encode()).hex()

    def verify_proof_value(self, document, proof, method, *, loader, graph=None):
        method.public_key.verify(bytes.fromhex(proof["proofValue"]), repr(sorted(document)).encode())
        return False


def test_a_further_suite_joins_without_an_edit(monkeypatch, credential, signers, loader, now):
    monkeypatch.setitem(CRYPTOSUITES, "shout-2026", Shout())
    signed = add_proof(credential, signers["ecdsa-sd-2023"], cryptosuite="shout-2026", created=now, loader=loader)
    assert verify_proof(signed, DidResolver(), loader=loader)
    with pytest.raises(InvalidSignature):
        verify_proof({**signed, "more": 1}, DidResolver(), loader=loader)
