"""For which subjects an issuer is trusted: each refusal by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.namespaces import Identifiers, Namespaces, judge
from passport.credentials.trust import TrustList
from passport.errors import MalformedTrustList
from tests.each import each

OWN = "https://passport.example.com"
GTIN = "09529999001009"


def covered(namespaces: Namespaces, address: str = f"{OWN}/01/{GTIN}/21/S1", **known) -> bool | None:
    about = Identifiers.of_address(address)
    about = Identifiers(address, about.gtins | known.get("gtins", frozenset()), known.get("codes", frozenset()))
    return judge(namespaces, [about])[0]


@each(
    "address",
    [
        f"{OWN}/id/NL-100",
        f"{OWN}/id/NL-100/S1",
        f"{OWN}:443/id/NL-100/S1",
        "https://PASSPORT.example.com/id/NL-100/S1",
    ],
)
def test_an_address_covers_itself_and_what_lies_below(address):
    assert covered(Namespaces(addresses=(f"{OWN}/id/NL-100",)), address) is True
    assert covered(Namespaces(addresses=(f"{OWN}/id/NL-100/",)), address) is True


@each(
    "address",
    [
        f"{OWN}/id/NL-1000",
        f"{OWN}/id",
        f"{OWN}/ID/NL-100/S1",
        "http://passport.example.com/id/NL-100/S1",
        "https://passport.example.com.evil.example/id/NL-100/S1",
        "https://evil.example/passport.example.com/id/NL-100",
        "https://passport.example.com:8443/id/NL-100/S1",
        "https://passport.example.com@evil.example/id/NL-100/S1",
        "https://me@passport.example.com/id/NL-100/S1",
        f"{OWN}/id/NL-100/../OTHER/S1",
        f"{OWN}/id/NL-100/%2e%2e/OTHER/S1",
        f"{OWN}/id/NL-100%2fS1",
        f"{OWN}/id/NL-100\\..\\OTHER",
        "https://[::1/id/NL-100",
        "urn:uuid:1",
        "did:web:passport.example.com",
        "",
    ],
)
def test_an_address_outside_is_refused(address):
    assert covered(Namespaces(addresses=(f"{OWN}/id/NL-100",)), address) is False


@given(st.text(max_size=40))
def test_no_text_at_all_leaves_an_empty_namespace(text):
    assert judge(Namespaces(addresses=()), [Identifiers.of_address(text)])[0] is False


def test_a_gtin_prefix_is_read_from_digit_2():
    assert covered(Namespaces(gtin_prefixes=("9529999",))) is True
    assert covered(Namespaces(gtin_prefixes=("0952999",))) is False
    assert covered(Namespaces(gtin_prefixes=("4012345", "9529999"))) is True


def test_each_gtin_known_of_the_subject_has_to_be_covered():
    assert covered(Namespaces(gtin_prefixes=("9529999",)), gtins=frozenset({"04012345000009"})) is False


def test_a_manufacturer_code_is_the_first_three_characters():
    known = {"codes": frozenset({"ZZZPE10A7K2M05G6J0000317"})}
    assert covered(Namespaces(manufacturer_codes=("ZZZ",)), **known) is True
    assert covered(Namespaces(manufacturer_codes=("ZZ",)), **known) is False
    assert covered(Namespaces(manufacturer_codes=("PE1",)), **known) is False


def test_an_identifier_that_is_not_known_leaves_the_question_open():
    assert covered(Namespaces(manufacturer_codes=("ZZZ",))) is None
    assert covered(Namespaces(gtin_prefixes=("9529999",)), f"{OWN}/id/NL-100/S1") is None


def test_every_listed_kind_has_to_cover():
    both = Namespaces(addresses=("https://elsewhere.example",), gtin_prefixes=("9529999",))
    assert covered(both) is False
    assert covered(Namespaces(addresses=("https://elsewhere.example",), manufacturer_codes=("ZZZ",))) is False


def test_a_credential_about_nothing_is_refused():
    assert judge(Namespaces(addresses=(OWN,)), [])[0] is False


# --- in a trust list ------------------------------------------------------------------------------------------------


def entry(world, namespaces) -> dict:
    kinds = ["PackCredential", "ModelCredential", "RoleCredential"]
    return {"id": world.issuer.id, "name": {"en": "Maker"}, "trustedFor": kinds, "namespaces": namespaces}


def trusted(world, namespaces) -> TrustList:
    return TrustList.from_json({"issuers": [entry(world, namespaces)]})


@each(
    ("namespaces", "place"),
    [
        ({}, "namespaces"),
        ([], "namespaces"),
        ({"address": [OWN]}, "namespaces.address"),
        ({"addresses": OWN}, "namespaces.addresses"),
        ({"addresses": ["passport.example.com"]}, "namespaces.addresses"),
        ({"addresses": [f"{OWN}?x=1"]}, "namespaces.addresses"),
        ({"addresses": ["https://a@b.example"]}, "namespaces.addresses"),
        ({"gtinPrefixes": ["95 29"]}, "namespaces.gtinPrefixes"),
        ({"gtinPrefixes": ["12345678901234"]}, "namespaces.gtinPrefixes"),
        ({"gtinPrefixes": [9529999]}, "namespaces.gtinPrefixes"),
        ({"manufacturerCodes": ["zzz"]}, "namespaces.manufacturerCodes"),
        ({"manufacturerCodes": ["ZZZZ"]}, "namespaces.manufacturerCodes"),
    ],
)
def test_a_trust_list_with_namespaces_of_another_shape_is_refused(world, namespaces, place):
    with pytest.raises(MalformedTrustList) as caught:
        trusted(world, namespaces)
    assert place in caught.value.message


def test_an_issuer_is_refused_for_a_subject_outside_its_namespaces(world):
    saved = world.saved(world.pack(), world.list())
    inside = world.verify(saved, verifier=world.verifier(trusted(world, {"addresses": [world.base]})))
    assert inside.verified is True
    assert "in its namespace" in inside.check(5).detail
    outside = world.verify(saved, verifier=world.verifier(trusted(world, {"addresses": [OWN]})))
    assert outside.verified is False
    assert outside.check(5).code == "subject-not-accepted"
    assert outside.check(2).passed
    assert outside.documents == ()


def test_that_an_issuer_is_trusted_for_any_subject_is_said(world):
    assert "trusted for any subject" in world.verify(world.saved(world.pack(), world.list())).check(5).detail


def test_a_second_subject_without_an_id_is_refused_where_namespaces_are_listed(world):
    two = [{"id": f"{world.base}/id/NL-100/S1", "ratedCapacity": "280.0"}, {"ratedCapacity": "1.0"}]
    signed = world.sign(world.unsigned(credentialSubject=two), allow_blank_nodes=True)
    saved = world.saved(signed, world.list())
    assert world.verify(saved).verified is True
    result = world.verify(saved, verifier=world.verifier(trusted(world, {"addresses": [world.base]})))
    assert result.check(5).code == "subject-not-accepted"
