from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import credential as vcdm
from passport.credentials.credential import CREDENTIALS_V2, check_credential
from passport.credentials.properties.document_shape import MAX_NODES
from passport.errors import MalformedCredential
from tests.each import each

ISSUER = "did:web:battery.example.com"
PACK = "https://battery.example.com/id/NL-100/S00017"


def credential(**changes) -> dict:
    """A small valid credential; a change to ``...`` takes the property out."""
    document = {
        "@context": [vcdm.CREDENTIALS_V2, "https://example.org/contexts/test/v1"],
        "id": "https://battery.example.com/credentials/4711",
        "type": ["VerifiableCredential", "TestPassportCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-07-21T00:00:00Z",
        "credentialSubject": {"id": PACK, "ratedCapacity": "280"},
    }
    for name, value in changes.items():
        document[name.replace("at_", "@")] = value
    return {name: value for name, value in document.items() if value is not ...}


def presentation(**changes) -> dict:
    document = {
        "@context": [vcdm.CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [credential()],
    }
    document |= {name.replace("at_", "@"): value for name, value in changes.items()}
    return {name: value for name, value in document.items() if value is not ...}


def refused(document, place: str) -> None:
    with pytest.raises(MalformedCredential) as caught:
        vcdm.check_credential(document)
    assert place in str(caught.value)


STATUS = {
    "id": "https://battery.example.com/status/1#4711",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "4711",
    "statusListCredential": "https://battery.example.com/status/1",
}
SCHEMA = {"id": "https://example.org/schema.json", "type": "JsonSchema"}
RELATED = {"id": "https://example.org/a.pdf", "digestSRI": "sha384-" + "A" * 64}


@each(
    "changes",
    [
        {},
        {"id": ...},
        {"id": "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5"},
        {"issuer": {"id": ISSUER, "name": "Example Battery"}},
        {"validFrom": ...},
        {"validUntil": "2026-07-21T00:00:00Z"},
        {"validUntil": "2036-07-21T02:00:00.123456789+08:00"},
        {"credentialSubject": [{"id": PACK}, {"ratedCapacity": "280"}]},
        {"credentialStatus": STATUS},
        {"credentialStatus": [STATUS, {"type": "SomethingElse2031"}]},
        {"credentialSchema": [SCHEMA]},
        {"refreshService": {"type": "Refresh2031"}},
        {"evidence": [{"type": "Inspection"}]},
        {"termsOfUse": {"type": "Terms"}},
        {"relatedResource": [RELATED, {"id": "https://example.org/b.pdf", "digestMultibase": "uEiZ"}]},
        {"name": "Passport"},
        {
            "name": [
                {"@value": "护照", "@language": "zh"},
                {"@value": "Passport", "@language": "en", "@direction": "ltr"},
            ]
        },
        {"type": "VerifiableCredential"},
        {"type": ["VerifiableCredential", "https://example.org/types#Passport"]},
    ],
    ids=repr,
)
def test_credentials_of_the_data_model_pass(changes):
    vcdm.check_credential(credential(**changes))


@each("document", [None, [], "credential", 7, True])
def test_what_is_no_object_is_refused(document):
    with pytest.raises(MalformedCredential):
        vcdm.check_credential(document)
    with pytest.raises(MalformedCredential):
        vcdm.check_presentation(document)


@each(
    "context",
    [
        ...,
        None,
        [],
        vcdm.CREDENTIALS_V2,
        {},
        ["https://www.w3.org/2018/credentials/v1"],
        ["https://example.org/contexts/test/v1", vcdm.CREDENTIALS_V2],
        [vcdm.CREDENTIALS_V2, 5],
        [vcdm.CREDENTIALS_V2, "relative/context"],
        [vcdm.CREDENTIALS_V2, ["https://example.org"]],
    ],
    ids=repr,
)
def test_a_context_list_that_does_not_begin_with_credentials_v2_is_refused(context):
    refused(credential(at_context=context), "@context")


@each(
    "types",
    [..., None, [], "TestPassportCredential", ["TestPassportCredential"], [None], ["VerifiableCredential", 5]]
    + [
        ["VerifiableCredential", "a b"],
        ["VerifiableCredential"] * 2,
        {"a": 1},
        ["VerifiableCredential", "_:b0"],
        ["VerifiableCredential", "\x1b[2J"],
    ],
    ids=repr,
)
def test_missing_and_malformed_types_are_refused(types):
    refused(credential(type=types), "type")


def test_a_document_that_is_credential_and_presentation_at_once_is_refused():
    refused(credential(type=["VerifiableCredential", "VerifiablePresentation"]), "type")
    with pytest.raises(MalformedCredential):
        vcdm.check_presentation(presentation(type=["VerifiableCredential", "VerifiablePresentation"]))


NOT_URLS = [
    None,
    "",
    "4711",
    "/credentials/4711",
    "battery.example.com",
    ["https://a.example"],
    5,
    "https://a b",
    {},
    "urn:a\x1b[2J",
    "urn:a\x9b2J",
]


@each("url", NOT_URLS, ids=repr)
@each(
    "place",
    [
        lambda url: {"id": url},
        lambda url: {"issuer": url},
        lambda url: {"issuer": {"id": url}},
        lambda url: {"credentialSubject": {"id": url, "ratedCapacity": "280"}},
        lambda url: {"credentialStatus": STATUS | {"id": url}},
        lambda url: {"credentialStatus": STATUS | {"statusListCredential": url}},
        lambda url: {"credentialSchema": SCHEMA | {"id": url}},
        lambda url: {"evidence": {"id": url, "type": "Inspection"}},
        lambda url: {"relatedResource": RELATED | {"id": url}},
    ],
    ids=["id", "issuer", "issuer.id", "subject", "status", "list", "schema", "evidence", "related"],
)
def test_an_id_that_is_no_absolute_url_is_refused(place, url):
    with pytest.raises(MalformedCredential):
        vcdm.check_credential(credential(**place(url)))


def test_a_credential_without_issuer_or_subject_is_refused():
    refused(credential(issuer=...), "issuer is missing")
    refused(credential(credentialSubject=...), "credentialSubject is missing")


@each("subject", [None, "text", [], {}, [{}], [{"id": PACK}, {}], [PACK], 3], ids=repr)
def test_a_subject_that_says_nothing_is_refused(subject):
    refused(credential(credentialSubject=subject), "credentialSubject")


@each(
    "text",
    [
        None,
        5,
        "",
        "2026-07-21",
        "2026-07-21T00:00:00",
        "2026-07-21 00:00:00Z",
        "2026-07-21t00:00:00z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-07-21T24:00:01Z",
        "2026-07-21T00:00:60Z",
        "2026-07-21T00:00Z",
        "2026-07-21T00:00:00+15:00",
        "2026-07-21T00:00:00+0800",
        "-0044-03-15T00:00:00Z",
        "12026-07-21T00:00:00Z",
        "0000-07-21T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T24:00:00Z",
        "２０２６-07-21T00:00:00Z",
        "2026-07-21T00:00:00Z\n",
        ["2026-07-21T00:00:00Z"],
    ],
    ids=repr,
)
@each("name", ["validFrom", "validUntil"])
def test_a_time_that_is_no_instant_is_refused(name, text):
    refused(credential(**{"validFrom": ..., name: text}), name)


@each(
    ("text", "instant"),
    [
        ("2026-07-21T08:00:00+08:00", datetime(2026, 7, 21, tzinfo=UTC)),
        ("2026-07-20T24:00:00Z", datetime(2026, 7, 21, tzinfo=UTC)),
        ("2026-07-21T00:00:00.25Z", datetime(2026, 7, 21, 0, 0, 0, 250000, tzinfo=UTC)),
        ("2026-07-21T00:00:00.123456789Z", datetime(2026, 7, 21, 0, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_utc(text, instant):
    assert vcdm.valid_from({"validFrom": text}) == instant


@given(st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)))
def test_an_instant_written_is_the_instant_read(at):
    if at.year >= 1000:
        assert vcdm.valid_from({"validFrom": vcdm.date_time(at)}) == at


def test_an_end_before_the_beginning_is_refused_by_instant_not_by_text():
    refused(credential(validUntil="2026-07-20T23:59:59Z"), "validUntil")
    vcdm.check_credential(credential(validUntil="2026-07-20T23:59:59-01:00"))


@each(
    "change",
    [
        {"type": ...},
        {"type": []},
        {"statusPurpose": ...},
        {"statusPurpose": ["revocation"]},
        {"statusListIndex": 4711},
        {"statusListIndex": "-1"},
        {"statusListIndex": "04711"},
        {"statusListIndex": "4711.0"},
        {"statusListIndex": "٤"},
        {"statusListIndex": "9" * 40},
        {"statusListIndex": ["4711"]},
        {"statusListCredential": ...},
    ],
    ids=repr,
)
def test_a_malformed_status_entry_is_refused(change):
    entry = {name: value for name, value in (STATUS | change).items() if value is not ...}
    refused(credential(credentialStatus=entry), "credentialStatus")
    refused(credential(credentialStatus=[STATUS | {"id": "https://a.example/1"}, entry]), "credentialStatus")


@each("value", [None, "https://battery.example.com/status/1", [STATUS, "text"], 5], ids=repr)
def test_a_status_that_is_no_object_is_refused(value):
    refused(credential(credentialStatus=value), "credentialStatus")


@each(
    "name",
    ["credentialSchema", "refreshService", "termsOfUse", "evidence", "confidenceMethod", "renderMethod", "proof"],
)
def test_an_entry_without_a_type_is_refused(name):
    refused(credential(**{name: {"id": "https://example.org/1"}}), f"{name}.type")
    refused(credential(**{name: [{"id": "https://example.org/1", "type": "T"}, {}]}), name)
    refused(credential(**{name: "https://example.org/1"}), name)


def test_a_schema_without_an_id_is_refused():
    refused(credential(credentialSchema={"type": "JsonSchema"}), "credentialSchema.id")


@each(
    "related",
    [
        "https://example.org/a.pdf",
        [RELATED, "https://example.org/a.pdf"],
        {"digestSRI": RELATED["digestSRI"]},
        {"id": "https://example.org/a.pdf"},
        [RELATED, RELATED],
        RELATED | {"digestSRI": "md5-abc"},
        RELATED | {"digestSRI": 5},
        {"id": "https://example.org/a.pdf", "digestMultibase": "?"},
    ],
    ids=repr,
)
def test_a_related_resource_without_its_own_id_and_digest_is_refused(related):
    refused(credential(relatedResource=related), "relatedResource")


@each(
    "text",
    [
        None,
        5,
        {},
        {"en": "Passport"},
        {"@value": 5},
        {"@language": "en"},
        {"@value": "Passport", "@language": "not a language"},
        {"@value": "Passport", "@direction": "up"},
        {"@value": "Passport", "note": "extra"},
        [{"@value": "Passport"}, 5],
    ],
    ids=repr,
)
@each("name", ["name", "description"])
def test_a_name_that_is_neither_text_nor_text_in_a_language_is_refused(name, text):
    refused(credential(**{name: text}), name)
    refused(credential(issuer={"id": ISSUER, name: text}), f"issuer.{name}")


# --- what a proof would not notice ----------------------------------------


@each(
    "hidden",
    [
        {"https://www.w3.org/2018/credentials#validUntil": {"@value": "2026-08-01T00:00:00Z"}},
        {"cred:validUntil": "2026-08-01T00:00:00Z"},
        {"@included": [{"id": "https://battery.example.com/credentials/4711", "validUntil": "2026-08-01T00:00:00Z"}]},
        {"@graph": []},
        {"@id": "https://battery.example.com/credentials/4711"},
        {"@type": "VerifiableCredential"},
        {"@reverse": {}},
        {vcdm.DID_DOCUMENT: []},
    ],
    ids=lambda hidden: next(iter(hidden)),
)
def test_a_property_under_another_name_is_refused(hidden):
    with pytest.raises(MalformedCredential):
        vcdm.check_credential(credential() | hidden)


@each(
    "hidden",
    [
        {"@reverse": {"credentialSubject": {"id": "https://battery.example.com/credentials/4711"}}},
        {"@included": [{"id": "https://battery.example.com/credentials/4711", "validUntil": "2026-08-01T00:00:00Z"}]},
        {"@nest": {"ratedCapacity": "280"}},
        {"https://example.org/ns#packs": PACK},
        {"part": {"id": "https://battery.example.com/credentials/4711", "validUntil": "2026-08-01T00:00:00Z"}},
        {"part": {"@id": "https://battery.example.com/credentials/4711", "validUntil": "2026-08-01T00:00:00Z"}},
    ],
    ids=repr,
)
def test_a_property_moved_elsewhere_in_the_document_is_refused(hidden):
    document = credential(credentialSubject={"id": PACK, "ratedCapacity": "280", **hidden})
    with pytest.raises(MalformedCredential):
        vcdm.check_credential(document, cryptosuite="ecdsa-rdfc-2019")


def test_a_reference_to_a_node_described_elsewhere_is_fine():
    vcdm.check_credential(credential(credentialSubject={"id": PACK, "maker": {"id": ISSUER}, "again": {"id": PACK}}))


def deep(levels: int) -> dict:
    value: dict = {"end": "here"}
    for _ in range(levels):
        value = {"part": value}
    return value


@each("levels", [70, 100_000])
def test_deep_nesting_is_refused_without_recursion(levels):
    refused(credential(credentialSubject=deep(levels)), "nested too deep")
    again = credential(credentialSubject={"id": PACK, "same": {"id": PACK, "x": deep(levels)}})
    with pytest.raises(MalformedCredential, match="nested too deep"):
        vcdm.check_credential(again, cryptosuite="ecdsa-rdfc-2019")


def test_more_values_than_anybody_needs_are_refused():
    refused(credential(credentialSubject={"values": [0] * (MAX_NODES + 1)}), "too large")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PROPERTIES = [
    *("@context", "id", "type", "issuer", "credentialSubject", "validFrom", "validUntil", "credentialStatus", "name"),
    *("credentialSchema", "relatedResource", "evidence", "termsOfUse", "proof", "description", "refreshService"),
]


@given(st.sampled_from(PROPERTIES), json_values)
def test_no_value_of_a_property_fails_in_another_way(name, value):
    document = copy.deepcopy(credential(credentialStatus=STATUS))
    document[name] = value
    try:
        vcdm.check_credential(document)
    except MalformedCredential:
        return
    vcdm.issuer_id(document), vcdm.subjects(document), vcdm.status_entries(document), vcdm.types(document)


@given(json_values)
def test_no_document_at_all_fails_in_another_way(document):
    for check in (vcdm.check_credential, vcdm.check_presentation):
        with pytest.raises(MalformedCredential):
            check(document)


# --- presentations ----------------------------------------


@each(
    "changes",
    [{}, {"verifiableCredential": ...}, {"holder": ISSUER}, {"holder": {"id": ISSUER}}, {"id": "urn:uuid:4711"}],
    ids=repr,
)
def test_presentations_of_the_data_model_pass(changes):
    vcdm.check_presentation(presentation(**changes))


@each(
    "changes",
    [
        {"at_context": [vcdm.CREDENTIALS_V2 + "/other"]},
        {"type": ["VerifiableCredential"]},
        {"holder": "somebody"},
        {"holder": {"name": "somebody"}},
        {"holder": None},
        {"verifiableCredential": "eyJhbGciOiJub25lIn0.e30."},
        {"verifiableCredential": [None]},
        {"verifiableCredential": None},
        {"termsOfUse": {"id": "https://example.org/1"}},
        {"id": "relative"},
        {"https://example.org/ns#x": "y"},
    ],
    ids=repr,
)
def test_a_malformed_presentation_is_refused(changes):
    with pytest.raises(MalformedCredential):
        vcdm.check_presentation(presentation(**changes))


def test_a_presentation_of_more_credentials_than_anybody_can_read_is_refused():
    with pytest.raises(MalformedCredential, match="too many"):
        vcdm.check_presentation(presentation(verifiableCredential=[{}] * (vcdm.MAX_CREDENTIALS + 1)))


# --- status messages, envelopes, VCDM 1.1 -----------------------------------------------------------------------------


def status_entry(**changes) -> dict:
    words = [{"status": "0x0", "message": "good"}, {"status": "0x1", "message": "bad"}]
    entry = {
        "id": "https://example.com/status/3#5",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "message",
        "statusListIndex": "5",
        "statusListCredential": "https://example.com/status/3",
        "statusSize": 1,
        "statusMessage": words,
        "statusReference": ["https://example.com/status/about"],
    } | changes
    return {key: value for key, value in entry.items() if value is not ...}


def with_status(**changes) -> dict:
    return {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": "https://example.com/issuer",
        "credentialSubject": {"id": "urn:uuid:1"},
        "credentialStatus": status_entry(**changes),
    }


def test_a_status_message_is_accepted():
    check_credential(with_status())
    check_credential(with_status(statusSize=..., statusReference="https://example.com/about"))
    check_credential(with_status(statusSize=..., statusMessage=..., statusReference=...))


@each(
    ("changes", "place"),
    [
        ({"statusSize": 0}, "statusSize"),
        ({"statusSize": "1"}, "statusSize"),
        ({"statusSize": True}, "statusSize"),
        ({"statusSize": 2, "statusMessage": ...}, "statusMessage is missing"),
        ({"statusSize": 2}, "statusMessage"),
        ({"statusMessage": [{"status": "0x0", "message": "good"}]}, "statusMessage"),
        ({"statusMessage": {"status": "0x0", "message": "good"}}, "statusMessage"),
        ({"statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x0", "message": "b"}]}, "statusMessage"),
        ({"statusMessage": [{"status": "0", "message": "a"}, {"status": "1", "message": "b"}]}, "status"),
        ({"statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x1"}]}, "message"),
        ({"statusReference": "about"}, "statusReference"),
        ({"statusReference": [1]}, "statusReference"),
        ({"id": "https://example.com/status/3"}, "credentialStatus.id"),
    ],
)
def test_a_status_entry_that_breaks_its_specification_is_refused(changes, place):
    with pytest.raises(MalformedCredential, match=place):
        check_credential(with_status(**changes))


ENVELOPE = {
    "@context": CREDENTIALS_V2,
    "type": "EnvelopedVerifiableCredential",
    "id": "data:application/vc+jwt,eyJ.eyJ.c2ln",
}


def test_an_envelope_gives_its_media_type_and_content():
    assert vcdm.check_enveloped(ENVELOPE) == ("application/vc+jwt", "eyJ.eyJ.c2ln")
    presented = ENVELOPE | {"type": ["EnvelopedVerifiablePresentation"], "id": "data:application/vp+jwt,a.b.c"}
    assert vcdm.check_enveloped(presented) == ("application/vp+jwt", "a.b.c")


@each(
    ("changes", "place"),
    [
        ({"@context": []}, "@context"),
        ({"@context": "https://www.w3.org/ns/credentials/examples/v2"}, "@context"),
        ({"type": None}, "type"),
        ({"type": "VerifiableCredential"}, "type"),
        ({"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]}, "type"),
        ({"id": None}, "id"),
        ({"id": "eyJ.eyJ.c2ln"}, "id"),
        ({"id": "data:application/vc+jwt"}, "id"),
        ({"id": "data:text/plain,eyJ.eyJ.c2ln"}, "id"),
        ({"id": "data:application/vp+jwt,eyJ.eyJ.c2ln"}, "id"),
        ({"id": "https://example.com/credential.jwt"}, "id"),
        ({"issuer": "did:example:1"}, "beside an envelope"),
        ({"credentialSubject": {"id": "urn:uuid:1"}}, "beside an envelope"),
    ],
)
def test_an_envelope_that_is_none_is_refused(changes, place):
    with pytest.raises(MalformedCredential, match=place):
        vcdm.check_enveloped(ENVELOPE | changes)


def old(**changes) -> dict:
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": "https://example.com/issuer",
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2028-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:1"},
    } | changes


def test_a_credential_of_1_1_is_read_where_it_is_asked_for_and_refused_elsewhere():
    check_credential(old(), allow_v1=True)
    assert (vcdm.valid_from(old()).year, vcdm.valid_until(old()).year) == (2026, 2028)
    with pytest.raises(MalformedCredential, match="@context"):
        check_credential(old())


@each(
    "changes",
    [{"issuanceDate": "yesterday"}, {"expirationDate": "2020-01-01T00:00:00Z"}, {"issuer": None}],
    ids=["issuanceDate", "expirationDate", "issuer"],
)
def test_a_credential_of_1_1_has_rules_too(changes):
    with pytest.raises(MalformedCredential):
        check_credential(old(**changes), allow_v1=True)
    without = {key: value for key, value in old().items() if key != "issuanceDate"}
    with pytest.raises(MalformedCredential, match="issuanceDate"):
        check_credential(without, allow_v1=True)
