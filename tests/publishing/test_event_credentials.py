"""Events as credentials: building and reading are the inverse of each other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.credentials.issuer import Issuer
from passport.errors import FaultyRecord
from passport.identity import KeySigner, PrivateKey
from passport.identity.keys import Algorithm
from passport.lifecycle import catalogue, from_json, to_json
from passport.publishing.events.event_credentials import (
    document_digest,
    pointer_in_message,
    read_event,
    unsigned_detail,
    unsigned_event,
)
from passport.vocabulary.indicator import Datatype
from passport.vocabulary.vocabulary import load
from passport.vocabulary.xpath_patterns import python_pattern
from tests.conftest import example_count
from tests.each import each

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KEY = PrivateKey.generate(Algorithm.P256)
ISSUER = Issuer(KEY.public_key.did_key, KeySigner(KEY))
CODES = ("001PE01A1B2C3DH7L0000042", "001ME01A1B2C3DH7K0000001", "0ABPE01T560000007RP")
IRIS = st.sampled_from(["https://battery.example/id/EV1/1", "urn:uuid:0d9e4f66-0000-4000-8000-000000000001"])
TEXTS = st.text("abcdefg 电池包-é", min_size=1, max_size=20).filter(str.strip)
OPTIONAL_TEXT = st.none() | st.text("abc电 -", min_size=1, max_size=9)


def _decimal(term):
    bounds = term.range
    low = bounds.minimum if bounds.minimum is not None else bounds.min_exclusive
    low = Decimal(0) if low is None else low
    if bounds.min_exclusive is not None:
        low += Decimal("0.1")
    high = bounds.maximum if bounds.maximum is not None else low + 1000
    return st.decimals(low, high, places=3, allow_nan=False, allow_infinity=False).map(lambda value: format(value, "f"))


def _single(term):
    if term.enumeration is not None:
        return st.sampled_from([code.code for code in term.enumeration.codes])
    if term.datatype is Datatype.DECIMAL:
        return _decimal(term)
    if term.datatype is Datatype.INTEGER:
        return st.integers(int(term.range.minimum), 10_000)
    if term.datatype is Datatype.BOOLEAN:
        return st.booleans()
    if term.datatype is Datatype.DATE_TIME:
        return st.just("2027-08-01T09:00:00+08:00")
    if term.datatype is Datatype.ANY_URI:
        return IRIS
    if term.range.pattern is not None:
        form = re.compile(python_pattern(term.range.pattern), re.ASCII)
        return st.from_regex(form, alphabet=st.characters(min_codepoint=33, max_codepoint=126))
    return TEXTS


def _field(term):
    values = _single(term)
    return st.lists(values, min_size=1, max_size=3, unique=True) if term.repeatable else values


@st.composite
def documents(draw):
    """Events of every kind as JSON, with or without each thing that the kind may have."""
    kind = draw(st.sampled_from(list(catalogue().kinds.values())))
    members = {*kind.members_required, *(name for name in kind.members_optional if draw(st.booleans()))}
    fields = {
        **{name: draw(_field(term)) for name, term in kind.required.items()},
        **{name: draw(_field(term)) for name, term in kind.optional.items() if draw(st.booleans())},
    }
    vehicle = st.lists(st.sampled_from(["k1", "k2", "key:3"]), min_size=1, max_size=2, unique=True)
    part = st.one_of(
        st.builds(lambda code: {"code": code, "within": CODES[0]}, st.sampled_from(CODES)),
        st.builds(lambda code: {"code": code, "out": True}, st.sampled_from(CODES)),
    )
    optional = {
        "place": st.builds(
            lambda province, locality, facility: {
                name: value
                for name, value in (
                    ("country", "CN"), ("province", province), ("locality", locality), ("facility", facility),
                )
                if value is not None
            },
            st.sampled_from([None, "CN-AH"]), OPTIONAL_TEXT, OPTIONAL_TEXT,
        ),
        "counterpart": st.just("did:web:dealer.example"),
        "vehicle": vehicle.map(lambda keys: [{"keyId": key, "hash": "u" + key[-1] * 43} for key in keys]),
        "parts": st.lists(part, min_size=1, max_size=3, unique_by=lambda entry: entry["code"]),
        "corrects": IRIS,
    }  # fmt: skip
    predecessor = draw(st.none() | st.just({"id": "urn:event:1", "digest": "u" + "a" * 46}))
    return {
        "id": draw(IRIS),
        "pack": "https://battery.example/id/EV1/2",
        "event": kind.code,
        "occurredAt": draw(st.sampled_from(["2027-08-01T09:00:00+08:00", "2027-08-01T01:00:00.250000+00:00"])),
        "actor": ISSUER.id,
        **({} if predecessor is None else {"predecessor": predecessor}),
        **{name: draw(optional[name]) for name in optional if name in members},
        **({"fields": fields} if fields else {}),
    }


def sign(document):
    detail = unsigned_detail(document)
    signed = detail and ISSUER.issue(detail, created=NOW)
    return ISSUER.issue(unsigned_event(document, signed), created=NOW), signed


@settings(max_examples=example_count(60))
@given(documents())
def test_from_json_to_credentials_and_back_is_the_identity(document):
    event = from_json(document, roles={"repairShop"})
    assert to_json(event) == document
    assert read_event(*sign(document)) == document


def test_terms_of_the_frame_and_fields_of_events_never_share_a_name():
    from passport.publishing.events import event_credentials as module

    fields = {name for kind in catalogue().kinds.values() for name in kind.fields}
    assert not fields & (module.EVENT_TERMS | module.DETAIL_TERMS)
    assert fields | module.EVENT_TERMS | module.DETAIL_TERMS - {"id", "type"} <= {*load().terms, "id", "type"}


def _fit():
    return {
        "id": "https://maker.example/events/1", "pack": "https://battery.example/id/EV1/2", "event": "fit",
        "occurredAt": "2027-08-01T09:00:00+08:00", "actor": ISSUER.id,
        "place": {"country": "CN", "province": "CN-AH", "locality": "Hefei", "facility": "F-1"},
        "vehicle": [{"keyId": "k1", "hash": "u" + "a" * 43}],
    }  # fmt: skip


def test_the_event_says_country_and_province_and_the_detail_the_rest():
    event, detail = sign(_fit())
    assert {"eventCountry", "eventProvince"} <= event["credentialSubject"].keys()
    assert not {"eventLocality", "eventFacility", "vehicleHashes"} & event["credentialSubject"].keys()
    assert {"eventLocality", "eventFacility", "vehicleHashes"} <= detail["credentialSubject"].keys()
    assert event["credentialSubject"]["eventDetailDigest"] == document_digest(detail)


def codes(error):
    return {(fault.pointer, fault.code) for fault in error.value.faults}


def test_an_event_whose_detail_is_not_here():
    event, _ = sign(_fit())
    with pytest.raises(FaultyRecord) as error:
        read_event(event, None)
    assert codes(error) == {("/detail", "detail-missing")}


def test_a_detail_that_was_signed_again_with_other_content():
    event, _ = sign(_fit())
    _, other = sign({**_fit(), "vehicle": [{"keyId": "k1", "hash": "u" + "b" * 43}]})
    with pytest.raises(FaultyRecord) as error:
        read_event(event, other)
    assert codes(error) == {("/event/credentialSubject/eventDetailDigest", "detail-altered")}


def test_a_detail_of_another_event_and_another_pack():
    event, _ = sign(_fit())
    _, other = sign({**_fit(), "id": "https://maker.example/events/2", "pack": "https://battery.example/id/EV1/3"})
    with pytest.raises(FaultyRecord) as error:
        read_event(event, other)
    assert {code for _, code in codes(error)} == {
        "other-detail", "detail-of-another-event", "detail-of-another-pack"
    }  # fmt: skip


def test_an_event_that_says_more_than_an_event_says():
    unsigned = unsigned_event(_fit(), None)
    unsigned["credentialSubject"]["remark"] = "x"
    with pytest.raises(FaultyRecord) as error:
        read_event(unsigned, None)
    assert ("/event/credentialSubject/remark", "unknown-member") in codes(error)


@each(
    ("pointer", "place"),
    [
        ("", "/event"),
        ("/occurredAt", "/event/credentialSubject/occurredAt"),
        ("/predecessor/digest", "/event/credentialSubject/previousEventDigest"),
        ("/predecessor", "/event/credentialSubject/previousEvent"),
        ("/place/province", "/event/credentialSubject/eventProvince"),
        ("/place/facility", "/detail/credentialSubject/eventFacility"),
        ("/vehicle/0/hash", "/detail/credentialSubject/vehicleHashes/0/vehicleHash"),
        ("/parts", "/detail/credentialSubject/partChanges"),
        ("/fields/handledMass", "/detail/credentialSubject/handledMass"),
        ("/fields", "/detail/credentialSubject"),
        ("/counterpart", "/detail/credentialSubject/counterpart"),
    ],
)
def test_a_fault_is_found_in_the_signed_documents(pointer, place):
    assert pointer_in_message(pointer) == place
