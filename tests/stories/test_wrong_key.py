"""Story: a store full of signatures of a foreign key, how it is noticed, and the way back.

The found case: an operator with a did:web put the wrong key file into its project. Fifteen packs and both status lists
were signed with it, nothing said so, and `issue --replace` called all of it "the same".
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import SUSPENSION
from passport.credentials.verifier import Verifier
from passport.errors import ForeignKey, ProofError, StoredUnverified, UnusableProject, UnverifiedSignature
from passport.identity import DidResolver, did_web
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.publishing.publisher import Publisher
from passport.publishing.status.status_lists import purposes_set
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.remembering_publisher import RememberingPublisher

BASE = "https://passport.example.com"
DID = "did:web:passport.example.com"


@pytest.fixture
def world(world, tmp_path):
    """The operator, who issues as did:web."""
    world.project = make_project(tmp_path / "web", BASE, names={"en": "Operator", "zh": None}, did_web_issuer=True)
    return world


def five(world):
    (record,) = world.records("lmt-ebike.xlsx")
    return [replace(record, pack={**record.pack, "serialNumber": f"EB{number:04}"}) for number in range(5)]


def unchecked(world, key: PrivateKey) -> Publisher:
    """A publisher as it was before keys were held against the DID document: nothing tells it what the document says."""
    issuer = Issuer(DID, KeySigner(key, world.project.verification_method))
    return RememberingPublisher(world.store, issuer, BASE, vocabulary.load(), ())


@pytest.fixture
def foreign(world) -> list[str]:
    """Addresses of five packs, all of it signed with a foreign key."""
    report = unchecked(world, PrivateKey.generate()).issue(five(world), at=world.now)
    return [entry.subject for entry in report.of_kind("pack")]


def put(world, key: PrivateKey) -> None:
    world.project.key_path.unlink()
    key.save(world.project.key_path, None)


# --- nothing is signed with a foreign key ---------------------------------------------------------------------------


def test_a_foreign_key_is_refused_before_anything_is_signed(world):
    put(world, PrivateKey.generate())
    with pytest.raises(ForeignKey, match=f"not the one of {DID}#key-1"):
        world.issue("lmt-ebike.xlsx")
    assert world.store.packs() == () == world.store.list_numbers()


def test_a_foreign_key_is_refused_for_a_role_too(world):
    put(world, PrivateKey.generate())
    with pytest.raises(ForeignKey):
        world.grant(PrivateKey.generate(), Audience.COMMISSION)


def test_a_foreign_key_of_a_did_key_is_refused(world, tmp_path):
    world.project = make_project(tmp_path / "key", BASE, names={"en": "Operator", "zh": None})
    put(world, PrivateKey.generate())
    with pytest.raises(ForeignKey, match="did:key"):
        world.issue("lmt-ebike.xlsx")


def test_a_key_that_only_the_served_document_names_is_refused(world):
    """The trust list of this site would not know what the world knows, or the other way round."""
    key = PrivateKey.generate()
    document = did_web.document(DID, {"key-1": key.public_key})
    world.project.did_document_path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ForeignKey):
        world.issue("lmt-ebike.xlsx")
    put(world, key)
    with pytest.raises(ForeignKey):
        world.issue("lmt-ebike.xlsx")


def test_a_method_that_the_document_does_not_have_is_refused(world):
    world.project = replace(world.project, verification_method=f"{DID}#key-7")
    with pytest.raises(ProofError, match="has no did:web"):
        world.issue("lmt-ebike.xlsx")


def test_a_did_web_without_any_document_is_refused(world):
    world.project.did_document_path.unlink()
    listed = json.loads(world.project.trust_list_path.read_text(encoding="utf-8"))
    del listed["issuers"][0]["didDocument"]
    world.project.trust_list_path.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(UnusableProject, match="no DID document"):
        world.issue("lmt-ebike.xlsx")


class Faulty(KeySigner):
    """A signing device that has the right key and signs something else."""

    def sign(self, data: bytes) -> bytes:
        return super().sign(data + b"?")


@pytest.fixture
def faulty(world) -> Issuer:
    right = world.project.issuer_with_key(None)
    return replace(right, signer=Faulty(right.signer.private_key, right.signer.verification_method))


def test_a_first_signature_that_does_not_verify_is_not_stored(world, faulty):
    publisher = RememberingPublisher(world.store, faulty, BASE, vocabulary.load(), ())
    with pytest.raises(UnverifiedSignature, match="first signature"):
        publisher.issue(five(world)[:1], at=world.now)
    assert world.store.packs() == ()
    assert world.store.version() == (0, 0, 0, 0, 0, 0)


def test_a_first_list_that_does_not_verify_is_not_stored(world, faulty):
    world.issue("lmt-ebike.xlsx")
    before = world.store.status_list_body(1)
    with pytest.raises(UnverifiedSignature):
        RememberingPublisher(world.store, faulty, BASE, vocabulary.load(), ()).sign_status_lists(
            at=world.now + timedelta(days=1)
        )
    assert world.store.status_list_body(1) == before


def test_a_role_that_does_not_verify_is_not_handed_out(world, faulty):
    holder = PrivateKey.generate().public_key.did_key
    until = world.now + timedelta(days=30)
    with pytest.raises(UnverifiedSignature):
        role_credential(world.project, faulty, holder, Audience.COMMISSION, "x", (), world.now, until)


def test_a_presentation_that_does_not_verify_is_not_handed_out(world):
    key = PrivateKey.generate()
    method = f"{key.public_key.did_key}#{key.public_key.multikey}"
    with pytest.raises(UnverifiedSignature):
        Issuer(key.public_key.did_key, Faulty(key, method)).present([], challenge="c", domain="d", created=world.now)


def test_each_kind_of_signature_is_proved_once_and_no_more(world, monkeypatch):
    import passport.credentials.issuer as module

    seen = []
    real = module.check_signature
    monkeypatch.setattr(module, "check_signature", lambda *args, **more: seen.append(more) or real(*args, **more))
    world.publisher.issue(five(world), at=world.now)
    assert len(seen) == 2, "one public, one restricted"


def test_a_key_that_is_revoked_signs_nothing(world):
    key = PrivateKey.load(world.project.key_path, None)
    document = did_web.document(DID, {"key-1": key.public_key})
    document["verificationMethod"][0]["revoked"] = "2027-03-01T00:00:00Z"
    issuer = Issuer(DID, KeySigner(key, f"{DID}#key-1"), DidResolver({DID: document}))
    with pytest.raises(UnverifiedSignature, match="is revoked"):
        RememberingPublisher(world.store, issuer, BASE, vocabulary.load(), ()).issue(five(world)[:1], at=world.now)
    assert world.store.packs() == ()


# --- the way back ---------------------------------------------------------------------------------------------------


def test_nobody_can_verify_what_a_foreign_key_signed(world, foreign):
    for pack in foreign:
        assert world.verify(world.scan(pack).presentation()).verified is False


def test_the_same_again_names_what_does_not_verify_and_issues_nothing(world, foreign):
    before = world.store.version()
    with pytest.raises(StoredUnverified) as caught:
        world.publisher.issue(five(world), at=world.now)
    assert "BatteryModelCredential" in caught.value.found and "--replace" in caught.value.hint
    assert caught.value.message.startswith("13 stored credentials")
    assert len(set(caught.value.credentials)) == 13
    assert caught.value.exit_code == 1
    assert world.store.version() == before


def test_a_replacement_signs_five_packs_and_both_lists_anew_and_says_so(world, foreign):
    world.later(days=1)
    before = {pack: world.store.current(pack, PASSPORT).id for pack in foreign}
    report = world.publisher.issue(five(world), at=world.now, replace=True, reason="signed with a wrong key")
    assert {entry.outcome for entry in report.entries} == {"replaced"}
    for entry in report.of_kind("pack"):
        assert before[entry.subject] in entry.unverified
        assert len(entry.unverified) == len(entry.credentials)
    for pack in foreign:
        for audience in (Audience.PUBLIC, Audience.LEGITIMATE_INTEREST):
            assert world.verify(world.scan(pack, audience).presentation()).verified is True
        assert world.store.is_flagged(before[pack])
    verifier = Verifier(world.project.trust_list())
    for number in world.store.list_numbers():
        assert verifier.verify(world.store.status_list(number), at=world.now).check(2).passed
    # And it is over: the same again is the same.
    again = world.publisher.issue(five(world), at=world.now)
    assert {entry.outcome for entry in again.entries} == {"same"}


def test_a_replacement_leaves_alone_what_verifies(world):
    world.publisher.issue(five(world)[:2], at=world.now)
    before = world.store.version()
    report = world.publisher.issue(five(world)[:2], at=world.now, replace=True, reason="to be sure")
    assert {(entry.outcome, entry.unverified) for entry in report.entries} == {("same", ())}
    assert world.store.version()[0] == before[0]


def test_a_new_signature_lifts_no_suspension(world, foreign):
    unchecked(world, PrivateKey.generate()).suspend(foreign[0], reason="recall", at=world.now)
    world.publisher.issue(five(world), at=world.now, replace=True, reason="wrong key")
    result = world.verify(world.scan(foreign[0]).presentation())
    assert [check.code for check in result.credentials[-1].checks if not check.passed] == ["suspended"]
    assert SUSPENSION in purposes_set(world.store, world.store.current(foreign[0], PASSPORT).id)
    assert world.verify(world.scan(foreign[1]).presentation()).verified is True


def test_a_new_signature_brings_no_revoked_passport_back(world, foreign):
    unchecked(world, PrivateKey.generate()).revoke(foreign[0], reason="stolen", at=world.now)
    revoked = world.store.current(foreign[0], PASSPORT)
    world.publisher.issue(five(world), at=world.now, replace=True, reason="wrong key")
    assert world.store.current(foreign[0], PASSPORT) == revoked
    # The plain issue does not ask for it for ever either.
    assert {entry.outcome for entry in world.publisher.issue(five(world), at=world.now).entries} == {"same"}


def test_a_tampered_row_is_named_and_signed_anew(world, tmp_path):
    """What was changed in the database behind our back is no reason to say "the same"."""
    path = tmp_path / "passports.db"
    world.store = Store.open(f"sqlite:///{path}")
    (pack,) = world.publisher.issue(five(world)[:1], at=world.now).of_kind("pack")
    model = world.store.pack(pack.subject).model
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER credentials_no_update")
        tampered = strict_json.loads(world.store.current(model, MODEL).body)
        tampered["credentialSubject"]["batteryMass"] = "9.9"
        row = (strict_json.dumps(tampered), tampered["id"])
        connection.execute("UPDATE credentials SET body = ? WHERE id = ?", row)
    assert world.scan(pack.subject).claims["batteryMass"] == "9.9"
    with pytest.raises(StoredUnverified, match="1 stored credential does not verify"):
        world.publisher.issue(five(world)[:1], at=world.now)
    world.publisher.issue(five(world)[:1], at=world.now, replace=True, reason="row was changed")
    assert world.verify(world.scan(pack.subject).presentation()).verified is True


def test_a_declaration_that_does_not_verify_is_published_anew(world):
    content = {"batteryMass": "1"}
    first = unchecked(world, PrivateKey.generate()).publish(MODEL, "urn:m", "BatteryModel", content, at=world.now)
    second = world.publisher.publish(MODEL, "urn:m", "BatteryModel", content, at=world.now)
    assert first.id != second.id and world.store.is_flagged(first.id)
    assert world.publisher.publish(MODEL, "urn:m", "BatteryModel", content, at=world.now).id == second.id


def test_read_outs_that_do_not_verify_are_signed_anew_too(world, tmp_path):
    records = world.records("ev-ncm-100kwh.xlsx")
    unchecked(world, PrivateKey.generate()).issue(records, at=world.now)
    report = world.publisher.issue(records, at=world.now, replace=True, reason="wrong key")
    (pack,) = report.of_kind("pack")
    assert world.verify(world.scan(pack.subject, Audience.LEGITIMATE_INTEREST).presentation()).verified is True
    assert len(world.store.history(pack.subject, CONDITION)) == 2


def test_an_ed25519_key_in_the_place_of_the_issuers_is_refused(world):
    put(world, PrivateKey.generate(Algorithm.ED25519))
    with pytest.raises(ForeignKey):
        world.issue("lmt-ebike.xlsx")
