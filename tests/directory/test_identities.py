"""Enterprise identities: what a registrar states, what it refuses to state, and what a reader takes from a document."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.battery.identifiers.party_identifier import PartyScheme
from passport.belonging import passport_verifier
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.directory.enterprise import fits_code, read_identity
from passport.directory.listing import read_directory
from passport.errors import AlreadyIssued, FaultyRecord, MalformedIdentifier, UnknownRole, UsageError
from passport.identity import PrivateKey, did_rotation
from passport.linked_data import jsonld
from passport.linked_data.graphs import merged
from passport.validation import shacl
from tests.directory_world import BASE, NOW, Company, DirectoryWorld, credit_code
from tests.each import each

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def maker() -> Company:
    return Company(
        "maker", 1, markets=("EU", "CN"), provinces=("CN-AH",), manufacturer_codes=("ZZZ",), gtin_prefixes=("9506000",),
        resolvers=("https://maker.example",), web_address="https://www.maker.example",
        roles=("batteryMaker", "economicOperator"),
        registered={PartyScheme.CREDIT_CODE: credit_code(1), PartyScheme.LEI: "506700GE1G29325QX363",
                    PartyScheme.GLN: "9506000134369", PartyScheme.EORI: "DE123456789012345"},
    )  # fmt: skip


@pytest.fixture
def world() -> DirectoryWorld:
    return DirectoryWorld()


def test_an_identity_is_signed_listed_read_back_and_verifies_with_the_directory(world, maker):
    signed = world.take(maker)
    assert read_identity(signed) == replace(maker.enterprise, markets=("CN", "EU"))
    assert signed["id"].startswith(f"{BASE}/credentials/") and len(signed["credentialStatus"]) == 2
    result = passport_verifier(world.trust_list).verify(world.file(), at=NOW)
    assert result.verified is True, [check.detail for check in result.checks]
    (entry,) = read_directory(world.registrar.sign(NOW)).entries
    assert entry.holder == maker.did and [key.standing for key in entry.keys] == ["inUse"]
    assert entry.did_document()["verificationMethod"] == maker.document["verificationMethod"]
    assert fits_code(maker.enterprise, "09506000134352") and fits_code(maker.enterprise, "ZZZPE10A7K2M0597M0000042")
    assert not fits_code(maker.enterprise, "19999999134352") and not fits_code(maker.enterprise, "ZZY")


def test_the_same_identity_again_is_no_change_and_another_needs_a_reason(world, maker):
    first = world.take(maker)
    assert world.take(maker, at=NOW + DAY) == first
    moved = replace(maker.enterprise, provinces=("CN-JS",))
    with pytest.raises(AlreadyIssued):
        world.registrar.issue(moved, maker.document, valid_from=NOW + DAY)
    second = world.registrar.issue(moved, maker.document, valid_from=NOW + DAY, replace="it moved")
    assert world.store.is_flagged(first["id"]) and not world.store.is_flagged(second["id"])
    assert world.registrar.directory().identities[maker.did].document == second
    kinds = [change.kind.value for change in world.store.directory_changes()]
    assert kinds == ["keys", "identity", "standing", "identity"]


def test_suspension_ends_and_revocation_does_not(world, maker):
    signed, change = world.take(maker), world.registrar.change
    standings = []
    for purpose, value in ((SUSPENSION, True), (SUSPENSION, False), (REVOCATION, True), (SUSPENSION, True)):
        assert change(maker.did, purpose, value, "as it is", NOW + DAY)
        standings.append(world.registrar.directory().identities[maker.did].standing)
    assert standings[:3] == ["suspended", "valid", "revoked"]
    assert not change(maker.did, REVOCATION, True, "once more", NOW + DAY)
    with pytest.raises(UnknownRole):
        change("did:web:stranger.example", REVOCATION, True, "gone", NOW)
    with pytest.raises(UsageError, match="reason"):
        change(maker.did, REVOCATION, True, " ", NOW)
    # Its document is no longer in the file; the list says what became of it.
    file = world.file(NOW + DAY)
    assert signed["id"] not in {each["id"] for each in file["verifiableCredential"]}
    assert passport_verifier(world.trust_list).verify(file, at=NOW + DAY).verified is True


def test_keys_are_listed_over_time(world, maker):
    world.take(maker)
    key = PrivateKey.generate().public_key
    rotated = did_rotation.retired(did_rotation.with_key(maker.document, "key-2", key), "key-1")
    assert world.registrar.take_keys(maker.did, rotated, NOW + DAY)
    assert not world.registrar.take_keys(maker.did, rotated, NOW + 2 * DAY), "nothing new"
    lost = did_rotation.revoked(rotated, "key-1", NOW)
    world.registrar.take_keys(maker.did, lost, NOW + 3 * DAY)
    keys = {each.method.partition("#")[2]: each for each in world.registrar.directory().identities[maker.did].keys}
    assert (keys["key-1"].standing, keys["key-1"].since, keys["key-1"].standing_since) == (
        "revoked",
        NOW,
        NOW + 3 * DAY,
    )
    assert (keys["key-2"].standing, keys["key-2"].since) == ("inUse", NOW + DAY)
    (entry,) = read_directory(world.registrar.sign(NOW + 3 * DAY)).entries
    assert [method["id"] for method in entry.did_document()["verificationMethod"]] == [f"{maker.did}#key-2"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"registered": {PartyScheme.LEI: "506700GE1G29325QX364"}}, MalformedIdentifier),
        ({"registered": {}}, UsageError), ({"legal_name": {}}, UsageError), ({"legal_name": {"en": " "}}, UsageError),
        ({"roles": ()}, UsageError), ({"roles": ("king",)}, UsageError), ({"country": "China"}, UsageError),
        ({"provinces": ("Anhui",)}, UsageError), ({"markets": ("Europe",)}, UsageError),
        ({"manufacturer_codes": ("zz",)}, UsageError), ({"gtin_prefixes": ("95",)}, UsageError),
        ({"resolvers": ("http://maker.example",)}, UsageError), ({"web_address": "ftp://maker.example"}, UsageError),
        ({"did": "https://maker.example"}, UsageError),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_identity_may_state_is_refused(world, maker, changes, error):
    with pytest.raises(error):
        world.registrar.issue(replace(maker.enterprise, **changes), maker.document, valid_from=NOW)
    assert world.store.directory_head() == 0


def test_a_did_without_known_keys_and_the_document_of_another_are_refused(world, maker):
    other = Company("other", 2)
    for document in (None, other.document, {**maker.document, "verificationMethod": []}):
        with pytest.raises(UsageError):
            world.registrar.issue(maker.enterprise, document, valid_from=NOW)


def test_a_code_of_another_enterprise_is_refused_until_that_one_is_revoked(world, maker):
    world.take(maker)
    thief = Company("thief", 9, manufacturer_codes=("ZZZ",))
    with pytest.raises(AlreadyIssued, match="ZZZ"):
        world.take(thief)
    world.registrar.change(maker.did, REVOCATION, True, "merged", NOW)
    assert world.take(thief)


@pytest.fixture(scope="module")
def signed(maker):
    return DirectoryWorld().take(maker)


CHANGES = {
    "another type": lambda d: d.update(type=["VerifiableCredential", "BatteryActorCredential"]),
    "an unknown member": lambda d: d["credentialSubject"].update(batteryMass="5"),
    "no country": lambda d: d["credentialSubject"].pop("addressCountry"),
    "a name that is none": lambda d: d["credentialSubject"].update(legalName="Maker"),
    "a number for a role": lambda d: d["credentialSubject"].update(actorRole=[7]),
    "a wrong check character": lambda d: d["credentialSubject"].update(unifiedSocialCreditCode="91350900587527783X"),
    "no registered identifier": lambda d: [
        d["credentialSubject"].pop(name, None)
        for name in ("unifiedSocialCreditCode", "legalEntityIdentifier", "eoriNumber", "globalLocationNumber")
    ],
    "no subject": lambda d: d.update(credentialSubject=[]),
    "no DID": lambda d: d["credentialSubject"].update(id="https://maker.example"),
    "another class": lambda d: d["credentialSubject"].update(type="BatteryPack"),
}  # fmt: skip


@each("name", CHANGES)
def test_a_reader_refuses(signed, name):
    document = copy.deepcopy(signed)
    CHANGES[name](document)
    with pytest.raises(FaultyRecord) as refused:
        read_identity(document)
    assert all(fault.pointer.startswith("/") and fault.message for fault in refused.value.faults)


def conforms(document) -> bool:
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    graph = merged([jsonld.to_dataset(unsigned)])
    return not shacl.run(graph, shacl.shapes("shapes/parties.ttl"))


def test_the_shapes_take_what_the_registrar_signs_and_refuse_what_is_missing(signed, maker):
    assert conforms(signed)
    for name in ("no country", "no registered identifier", "an unknown member"):
        document = copy.deepcopy(signed)
        CHANGES[name](document)
        assert not conforms(document), name
    world = DirectoryWorld()
    world.take(maker)
    assert conforms(world.registrar.sign(NOW))
