"""Keys change, and keys are stolen: the drill for both, from the issuer's side to the verifier's.

An issuer with a did:web signs passports for years. Once a year it takes a new key; and one night somebody copies the
key of that year. What stays verifiable, what falls, and what is to be done, in the order in which it is done.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Outcome
from passport.errors import ProofError, UsageError
from passport.identity import DidResolver, KeySigner, PrivateKey, did_web


class Operator:
    """An economic operator: keys by year, and the DID document that it publishes."""

    def __init__(self, world) -> None:
        self.world, self.did = world, world.did_web
        self.keys = {"2026": PrivateKey.generate()}
        self.retired: dict[str, PrivateKey] = {}

    @property
    def document(self) -> dict:
        return did_web.document(
            self.did,
            {name: key.public_key for name, key in self.keys.items()},
            {name: key.public_key for name, key in self.retired.items()},
        )

    def issuer(self, year: str) -> Issuer:
        key = self.keys.get(year) or self.retired[year]
        return Issuer(self.did, KeySigner(key, f"{self.did}#{year}"))

    def pack(self, number: int, year: str, created: datetime | None = None) -> dict:
        document = self.world.unsigned(number, issuer=self.did, credentialStatus=...)
        return self.issuer(year).issue(
            document, created=created or self.world.now - timedelta(hours=1), loader=self.world.loader
        )

    def rotate(self, old: str, new: str) -> None:
        self.retired[old] = self.keys.pop(old)
        self.keys[new] = PrivateKey.generate()

    def withdraw(self, year: str) -> None:
        self.keys.pop(year, None)
        self.retired.pop(year, None)

    def verify(self, *packs: dict, document: dict | None = None, at: datetime | None = None):
        entry = self.world.web_entry() | {"didDocument": document or self.document}
        verifier = self.world.verifier(TrustList.from_json({"issuers": [entry]}))
        return self.world.verify(self.world.saved(*packs), verifier=verifier, at=at or self.world.now)


@pytest.fixture
def operator(world) -> Operator:
    return Operator(world)


def test_after_a_rotation_old_credentials_verify_and_the_old_key_serves_nothing_else(operator, world):
    before = operator.pack(1, "2026")
    operator.rotate("2026", "2027")
    after = operator.pack(2, "2027")
    assert operator.verify(before, after).verified is True
    # The retired key may no longer speak for the operator in person.
    resolver = DidResolver({operator.did: operator.document})
    resolver.verification_method(f"{operator.did}#2026", "assertionMethod", at=world.now)
    with pytest.raises(ProofError, match="not a key for authentication"):
        resolver.verification_method(f"{operator.did}#2026", "authentication", at=world.now)


def test_a_verifier_with_the_document_of_last_year_refuses_the_new_key_and_takes_the_old_one(operator):
    """The trust list has to follow a rotation; until it does, the new credentials wait and the old ones are valid."""
    old_document = operator.document
    before = operator.pack(1, "2026")
    operator.rotate("2026", "2027")
    assert operator.verify(before, document=old_document).verified is True
    refused = operator.verify(operator.pack(2, "2027"), document=old_document)
    assert (refused.verified, refused.check(2).outcome) == (False, Outcome.FAILED)


def test_two_keys_under_one_name_are_no_rotation(operator):
    operator.retired["2026"] = PrivateKey.generate()
    with pytest.raises(UsageError, match="in use and a retired one"):
        operator.document  # noqa: B018


def test_the_drill_for_a_stolen_key(operator, world):
    """1. withdraw the key; 2. all that it signed falls, the thief's work with it; 3. sign the good ones again."""
    good = operator.pack(1, "2026")
    operator.rotate("2026", "2027")
    unharmed = operator.pack(2, "2027")
    # A thief backdates: the proof's own date proves nothing about when it was made.
    forged = operator.pack(3, "2026", created=datetime(2026, 8, 1, tzinfo=UTC))
    assert operator.verify(forged).verified is True, "until the theft is known, nobody can tell"
    # 1. and 2.
    operator.withdraw("2026")
    for pack in (good, forged):
        result = operator.verify(pack)
        assert (result.verified, result.check(2).part("proof")) == (False, Outcome.FAILED)
        assert "has no did:web" in result.check(2).detail
    assert operator.verify(unharmed).verified is True
    # 3.
    assert operator.verify(operator.pack(1, "2027"), unharmed).verified is True


def test_a_stolen_key_that_is_marked_revoked_is_refused_from_then_on_and_at_no_earlier_instant(operator, world):
    """Where a document keeps the method as ``revoked``, the instant of verification counts, not ``created``."""
    pack = operator.pack(1, "2026")
    document = operator.document
    document["verificationMethod"][0]["revoked"] = "2027-03-08T09:00:00Z"
    result = operator.verify(pack, document=document)
    assert (result.verified, "revoked" in result.check(2).detail) == (False, True)
    before = operator.verify(pack, document=document, at=world.now - timedelta(minutes=45))
    assert before.verified is True


def test_a_document_enclosed_in_a_file_does_not_bring_a_withdrawn_key_back(operator, world):
    pack, old_document = operator.pack(1, "2026"), operator.document
    operator.rotate("2026", "2027")
    operator.withdraw("2026")
    entry = world.web_entry() | {"didDocument": operator.document}
    verifier = world.verifier(TrustList.from_json({"issuers": [entry]}))
    saved = world.saved(pack, did_documents=[old_document])
    assert world.verify(saved, verifier=verifier).verified is False
