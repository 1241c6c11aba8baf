"""A trust list made from a directory: who is on it, for what, and that nobody stays on it who is no longer listed."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from passport.battery.identifiers.party_identifier import PartyScheme
from passport.belonging import passport_verifier
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.credentials.trust import TrustList
from passport.directory.directory_search import DirectoryQuery, find_identities
from passport.directory.trust_policy import read_policy, trust_list_of, verified_directory
from passport.errors import MalformedDocument, MalformedPolicy, VerificationFailed
from passport.identity import PrivateKey, did_rotation
from passport.vocabulary.credential_types import ATTESTATION, DIRECTORY, IDENTITY, PASSPORT, ROLE
from tests.directory_world import NOW, Company, DirectoryWorld, credit_code
from tests.each import each

DAY = timedelta(days=1)
SCHEME = "https://w3id.org/battery-passport/certification#x"
POLICY = {
    "rules": [
        {"roles": ["batteryMaker"], "countries": ["CN"], "trustedFor": [PASSPORT], "regimes": ["cn"], "ownOnly": True},
        {"roles": ["certificationBody"], "trustedFor": [ATTESTATION], "schemes": [SCHEME]},
    ]
}


@pytest.fixture(scope="module")
def companies():
    return {
        "maker": Company("maker", 1, manufacturer_codes=("ZZZ",), resolvers=("https://maker.example",)),
        "other": Company("other", 2),  # states nothing as its own
        "lab": Company("lab", 3, roles=("certificationBody",), country="DE", registration_number="HRB 7",
                       registered={PartyScheme.LEI: "529900D6BF99LW9R2E68"}),
        "dealer": Company("dealer", 4, roles=("dealer",), provinces=("CN-JS",)),
    }  # fmt: skip


@pytest.fixture
def world(companies):
    world = DirectoryWorld()
    for company in companies.values():
        world.take(company)
    return world


def directory_in(file, trust, at=NOW):
    return verified_directory(passport_verifier(TrustList.from_json(trust)).verify(file, at=at))


def made(world, before=None, *, at=NOW, file=None, policy=POLICY):
    before = before or world.trust
    return trust_list_of(directory_in(file or world.file(at), world.trust, at), read_policy(policy), before, at=at)


def entries(made_list):
    return {entry["id"]: entry for entry in made_list.document["issuers"]}


def test_the_policy_says_who_is_trusted_for_what(world, companies):
    result = made(world)
    on_it = entries(result)
    assert set(on_it) == {world.did, companies["maker"].did, companies["lab"].did}
    maker, lab = on_it[companies["maker"].did], on_it[companies["lab"].did]
    assert maker["trustedFor"] == [PASSPORT] and maker["regimes"] == ["cn"]
    assert maker["namespaces"] == {"addresses": ["https://maker.example"], "manufacturerCodes": ["ZZZ"]}
    assert maker["didDocument"]["verificationMethod"] == companies["maker"].document["verificationMethod"]
    assert lab["schemes"] == [SCHEME] and "namespaces" not in lab and lab["pinnedOn"] == "2026-11-01"
    assert [(each.did, str(each.reason)) for each in result.left_out] == [
        (companies["other"].did, "its identity states nothing as its own")
    ]
    # The same again is the same.
    again = made(world, result.document)
    assert again.document == result.document and not again.added and not again.removed and again.kept == 1


def test_trust_ends_with_revocation_and_suspension_and_comes_back(world, companies):
    did = companies["maker"].did
    first = made(world)
    world.registrar.change(did, SUSPENSION, True, "under examination", NOW + DAY)
    second = made(world, first.document, at=NOW + DAY)
    assert second.removed == (did,) and did not in entries(second)
    world.registrar.change(did, SUSPENSION, False, "cleared", NOW + 2 * DAY)
    third = made(world, second.document, at=NOW + 2 * DAY)
    assert third.added == (did,)
    world.registrar.change(did, REVOCATION, True, "struck off", NOW + 3 * DAY)
    assert made(world, third.document, at=NOW + 3 * DAY).removed == (did,)


def test_a_directory_from_before_the_revocation_is_refused(world, companies):
    old = world.file()
    world.registrar.change(companies["maker"].did, REVOCATION, True, "struck off", NOW + DAY)
    current = made(world, at=NOW + DAY)
    with pytest.raises(VerificationFailed, match="newer directory"):
        made(world, current.document, at=NOW + DAY, file=old)
    with pytest.raises(VerificationFailed, match="no directory that verifies"):
        directory_in(old, world.trust, NOW + 30 * DAY)


def test_a_key_that_was_revoked_leaves_the_trust_list(world, companies):
    maker = companies["maker"]
    rotated = did_rotation.with_key(maker.document, "key-2", PrivateKey.generate().public_key)
    world.registrar.take_keys(maker.did, did_rotation.revoked(rotated, "key-1", NOW), NOW + DAY)
    document = entries(made(world, at=NOW + DAY))[maker.did]["didDocument"]
    assert [each["id"] for each in document["verificationMethod"]] == [f"{maker.did}#key-2"]


def test_an_entry_made_by_hand_stays_as_it_is_and_wins(world, companies):
    by_hand = {"id": companies["maker"].did, "name": {"en": "By hand"}, "trustedFor": [ROLE],
               "didDocument": companies["maker"].document}  # fmt: skip
    result = made(world, {"issuers": [world.trusted, by_hand]})
    assert entries(result)[companies["maker"].did] == by_hand and result.kept == 2


def test_who_the_base_list_does_not_name_makes_nobody_trusted(world, companies):
    for trusted_for in ([], [IDENTITY], [DIRECTORY]):
        trust = {"issuers": [{**world.trusted, "trustedFor": trusted_for}]}
        if trusted_for == [DIRECTORY]:
            # The list verifies, no identity does.
            assert directory_in(world.file(), trust).members == ()
        else:
            with pytest.raises(VerificationFailed):
                directory_in(world.file(), trust)


def test_a_changed_or_foreign_identity_in_the_file_is_left_out(world, companies):
    file = world.file()
    changed = copy.deepcopy(file)
    for item in changed["verifiableCredential"]:
        if item.get("credentialSubject", {}).get("id") == companies["lab"].did:
            item["credentialSubject"]["legalName"]["en"] = "Another Lab"
    missing = copy.deepcopy(file)
    missing["verifiableCredential"] = [
        item for item in file["verifiableCredential"]
        if item.get("credentialSubject", {}).get("id") != companies["lab"].did
    ]  # fmt: skip
    for item in (changed, missing):
        directory = directory_in(item, world.trust)
        assert companies["lab"].did not in {member.enterprise.did for member in directory.members}
        assert companies["lab"].did in {left.did for left in directory.left_out}


def test_two_lists_in_one_file_are_refused(world):
    file = world.file()
    file["verifiableCredential"].append(world.registrar.sign(NOW + DAY))
    with pytest.raises(VerificationFailed, match="no directory"):
        directory_in(file, world.trust)


@each(
    "policy",
    [
        {}, {"rules": []}, {"rules": [7]}, {"rules": [{"trustedFor": [PASSPORT]}]},
        {"rules": [{"roles": ["dealer"], "trustedFor": []}]}, {"rules": [{"roles": ["dealer"], "trustedFor": ["X"]}]},
        {"rules": [{"roles": ["dealer"], "trustedFor": [IDENTITY]}]},
        {"rules": [{"roles": ["dealer"], "trustedFor": [DIRECTORY]}]},
        {"rules": [{"roles": "dealer", "trustedFor": [PASSPORT]}]},
        {"rules": [{"role": ["dealer"], "trustedFor": [PASSPORT]}]},
        {"rules": [{"roles": ["dealer"], "trustedFor": [PASSPORT], "ownOnly": "yes"}]},
        {"rules": [{"roles": ["dealer"], "trustedFor": [PASSPORT]}], "more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_policy_that_says_too_much_or_something_unknown_is_refused(policy):
    with pytest.raises(MalformedPolicy):
        read_policy(policy)


def test_one_of_two_rules_that_narrows_narrows_the_entry(world, companies):
    policy = {"rules": [*POLICY["rules"], {"ids": [companies["maker"].did], "trustedFor": [ATTESTATION]}]}
    entry = entries(made(world, policy=policy))[companies["maker"].did]
    assert entry["trustedFor"] == sorted([ATTESTATION, PASSPORT]) and "namespaces" in entry and "schemes" not in entry


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"name": "MAKER"}, ["maker"]), ({"name": "lab有限公司"}, ["lab"]), ({"code": credit_code(2)}, ["other"]),
        ({"code": "ZZZPE10A7K2M0597M0000042"}, ["maker"]), ({"code": "did:web:lab.example"}, ["lab"]),
        ({"role": "dealer"}, ["dealer"]), ({"region": "cn-js"}, ["dealer"]), ({"region": "DE"}, ["lab"]),
        ({"role": "dealer", "region": "DE"}, []), ({"code": "HRB 7"}, ["lab"]), ({"name": "nobody"}, []),
    ],
    ids=str,
)  # fmt: skip
def test_enterprises_are_found_by_name_code_role_and_region(world, arguments, found):
    items = find_identities(world.registrar.directory(), DirectoryQuery.parse(arguments)).items
    assert [each.enterprise.did for each in items] == [f"did:web:{name}.example" for name in found]


def test_pages_of_a_search_join_and_a_misspelt_parameter_is_refused(world):
    directory, query, seen = world.registrar.directory(), DirectoryQuery(), []
    while True:
        page = find_identities(directory, query, limit=3)
        seen += [each.enterprise.did for each in page.items]
        if page.next is None:
            break
        query = DirectoryQuery(after=page.next)
    assert seen == list(directory.identities)
    for bad in ({"nmae": "x"}, {"name": "x" * 201}, {"code": "\0"}):
        with pytest.raises(MalformedDocument):
            DirectoryQuery.parse(bad)
