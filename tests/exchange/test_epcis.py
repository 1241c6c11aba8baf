"""EPCIS 2.0 out and in: the same events again, nothing dropped silently, every refusal by its name."""

from __future__ import annotations

import copy
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord, MalformedOntology
from passport.exchange.epcis import epcis_forms, epcis_reader
from passport.exchange.epcis.epcis_context import EPCIS_CONTEXTS
from passport.exchange.epcis.epcis_forms import forms, kinds_of
from passport.exchange.epcis.epcis_writer import CONTEXT, write
from passport.exchange.epcis.event_document import (
    NAMESPACES,
    document_from,
    extension_of,
    fields_of_every_kind,
)
from passport.exchange.epcis.hash_id import hash_id
from passport.lifecycle import catalogue, from_json, to_json
from passport.linked_data import resources
from passport.vocabulary.indicator import Audience
from tests.conftest import example_count
from tests.each import each
from tests.exchange.conftest import ANYTHING, spoiled
from tests.exchange.epcis_events import KINDS, NOW, documents, events, histories

ALL = Audience.CN_REGULATOR
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
SEND = {
    "id": "urn:event:1",
    "pack": "https://passport.example.com/01/09529999001009/21/A7K2M05G6J0000318",
    "event": "send_out",
    "occurredAt": "2027-08-05T09:00:00+08:00",
    "actor": "did:web:maker.example",
    "predecessor": {"id": "urn:event:0", "digest": "u" + "A" * 43},
    "place": {"country": "CN", "province": "CN-AH", "locality": "Hefei", "facility": "plant 1"},
    "counterpart": "did:web:dealer.example",
    "fields": {"handledMass": "540.5"},
}
CORRECT = {
    "id": "urn:event:2",
    "pack": SEND["pack"],
    "event": "correct",
    "occurredAt": "2027-08-06T10:00:00+08:00",
    "actor": "did:web:maker.example",
    "corrects": "urn:event:1",
    "fields": {"eventReason": "weighed again", "handledMass": "541"},
}
#: A shipping event as another system writes it, with nothing of ours.
FOREIGN = {
    "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "type": "ObjectEvent",
    "eventTime": "2027-08-05T01:00:00.000Z",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["urn:epc:id:sgtin:9529999.000100.A7"],
    "action": "OBSERVE",
    "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:9529999.00000.0"},
    "sourceList": [{"type": "possessing_party", "source": "did:web:maker.example"}],
    "destinationList": [{"type": "possessing_party", "destination": "did:web:dealer.example"}],
    "example:colour": "red",
}


def written(*made, audience=ALL):
    return write(events(made), audience=audience, created=NOW)


def event_list(export):
    return export.document["epcisBody"]["eventList"]


def changed(document, n=0, **members):
    """An EPCIS document with members of one event replaced; ``...`` takes one out."""
    document = copy.deepcopy(document)
    for name, value in members.items():
        document["epcisBody"]["eventList"][n].pop(name, None)
        if value is not ...:
            document["epcisBody"]["eventList"][n][name] = value
    return document


def faults(document):
    """Pointer -> code, of an input that can be read as EPCIS."""
    return {fault.location.pointer: fault.code for fault in epcis_reader.read(document).faults}


# --- there and back ---------------------------------------------------------------------------------------------------


@SLOW
@given(histories())
def test_out_and_in_is_the_identity(made):
    export = written(*made)
    reading = epcis_reader.read(json.loads(json.dumps(export.document)))
    assert [str(fault.message) for fault in reading.faults] == [] and export.losses == ()
    assert events(reading.events) == events(made)


@SLOW
@given(histories())
def test_the_same_in_bare_events_and_in_a_query_document(made):
    listed = event_list(written(*made))
    assert events(epcis_reader.read(listed).events) == events(made)
    query = {
        "@context": [CONTEXT, dict(NAMESPACES)],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "epcisBody": {"queryResults": {"queryName": "all", "resultsBody": {"eventList": listed}}},
    }
    assert events(epcis_reader.read(query).events) == events(made)


@each("kind", KINDS)
def test_every_kind_goes_out_in_the_form_that_the_ontology_states(kind):
    @settings(SLOW, max_examples=example_count(20))
    @given(documents(kind=kind))
    def check(document):
        (event,) = event_list(written(document))
        form = forms()[kind]
        expected = form.type
        if form.type == "AssociationEvent" and "vehicle" not in document:
            expected = "ObjectEvent"
        assert event["type"] == expected
        assert event.get("bizStep") == form.step and event.get("disposition") == form.disposition
        assert kind in kinds_of(event["type"], event.get("action"), event.get("bizStep"), event.get("disposition"))

    check()


@SLOW
@given(documents())
def test_a_document_and_its_event_say_the_same(document):
    assert from_json(to_json(from_json(document, roles=())), roles=()) == from_json(document, roles=())
    carried = document_from(extension_of(document))
    assert carried == {name: value for name, value in document.items() if name not in ("pack", "occurredAt")}


@SLOW
@given(histories(), st.lists(st.integers(0, 50), min_size=1, max_size=6), ANYTHING)
def test_whatever_stands_in_a_member_it_is_read_or_refused(made, path, value):
    spoilt = spoiled(written(*made).document, path, value)
    try:
        reading = epcis_reader.read(spoilt)
    except FaultyRecord:
        return
    for fault in reading.faults:
        assert str(fault.message) and fault.location.pointer is not None


@SLOW
@given(ANYTHING)
def test_any_json_at_all_is_read_or_refused(value):
    try:
        epcis_reader.read(value)
    except FaultyRecord as error:
        assert error.faults


# --- what the JSON schema of GS1 asks for, as far as these events use it ----------------------------------------------

_COMMON = {
    "type", "eventTime", "eventTimeZoneOffset", "eventID", "errorDeclaration", "bizStep", "disposition", "readPoint",
    "bizLocation", "sourceList", "destinationList", "bizTransactionList",
}  # fmt: skip
_MEMBERS = {
    "ObjectEvent": {"action", "epcList"},
    "AssociationEvent": {"action", "parentID", "childEPCs"},
    "TransactionEvent": {"action", "epcList", "bizTransactionList"},
    "TransformationEvent": {"inputEPCList"},
}
_OPTIONAL = {"TransformationEvent": {"outputEPCList", "outputQuantityList", "transformationID"}}


@SLOW
@given(histories(), st.sampled_from(list(Audience)))
def test_every_event_has_the_members_that_its_type_takes_and_needs(made, audience):
    for event in event_list(written(*made, audience=audience)):
        own = {name for name in event if ":" not in name}
        assert own <= _COMMON | _MEMBERS[event["type"]] | _OPTIONAL.get(event["type"], set())
        assert own >= _MEMBERS[event["type"]] | {"eventTime", "eventTimeZoneOffset", "eventID"}
        assert all(name.partition(":")[0] in NAMESPACES for name in {*event} - own)
        assert event.get("action", "ADD") in ("ADD", "OBSERVE", "DELETE")
        assert re.fullmatch(r"[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)", event["eventTimeZoneOffset"])
        if event["type"] == "TransformationEvent":
            assert {"outputEPCList", "outputQuantityList", "transformationID"} & own
        for party in (*event.get("sourceList", ()), *event.get("destinationList", ())):
            assert len(party) == 2 and party["type"] in ("owning_party", "possessing_party")
        declaration = event.get("errorDeclaration", {"declarationTime": None})
        own = {name for name in declaration if ":" not in name}
        assert {"declarationTime"} <= own <= {"declarationTime", "reason", "correctiveEventIDs"}


# --- out --------------------------------------------------------------------------------------------------------------


def test_time_is_kept_with_the_offset_of_its_place():
    (event,) = event_list(written({**SEND, "occurredAt": "2027-08-05T09:00:00.25-10:30"}))
    assert event["eventTime"] == "2027-08-05T09:00:00.250000-10:30" and event["eventTimeZoneOffset"] == "-10:30"


def test_custody_passes_from_source_to_destination():
    (event,) = event_list(written(SEND))
    assert event["sourceList"] == [{"type": "possessing_party", "source": "did:web:maker.example"}]
    assert event["destinationList"] == [{"type": "possessing_party", "destination": "did:web:dealer.example"}]
    assert "bizLocation" not in event and event["readPoint"]["id"].endswith("#place/CN/CN-AH/Hefei/plant%201")


def test_ownership_passes_only_where_it_is_said_to():
    receipt = {**SEND, "event": "receive_in", "actor": "did:web:dealer.example", "fields": {"ownershipPasses": False}}
    del receipt["counterpart"]
    (event,) = event_list(written(receipt))
    assert [party["type"] for party in event["destinationList"]] == ["possessing_party"]
    (event,) = event_list(written({**receipt, "fields": {"ownershipPasses": True}}))
    assert [party["type"] for party in event["destinationList"]] == ["possessing_party", "owning_party"]


def test_what_recycling_recovers_is_weighed():
    fields = {"recyclingProcess": "wet", "handledMass": "540", "recoveredCopperMass": "22.5"}
    (event,) = event_list(written({**_without(SEND, "counterpart"), "event": "recycle", "fields": fields}))
    assert event["outputQuantityList"] == [
        {"epcClass": f"{NAMESPACES['bp']}recoveredCopperMass", "quantity": 22.5, "uom": "KGM"}
    ]
    assert "action" not in event and event["inputEPCList"] == [SEND["pack"]]


def test_a_transformation_without_outputs_has_an_id():
    fields = {"recyclingProcess": "wet", "handledMass": "540"}
    (event,) = event_list(written({**_without(SEND, "counterpart"), "event": "recycle", "fields": fields}))
    assert event["transformationID"] == "urn:event:1"


def test_a_correction_keeps_the_original():
    original, declared, corrective = event_list(written(SEND, CORRECT))
    assert {name: value for name, value in declared.items() if name != "errorDeclaration"} == original
    declaration = declared["errorDeclaration"]
    assert declaration["declarationTime"] == "2027-08-06T10:00:00+08:00"
    assert declaration["reason"] == "incorrect_data"
    assert declaration["correctiveEventIDs"] == [corrective["eventID"]] != [original["eventID"]]
    assert corrective["bp:handledMass"] == "541" and original["bp:handledMass"] == "540.5"
    assert corrective["lc:event"] == original["lc:event"]


def test_a_withdrawn_event_did_not_occur():
    withdrawn = {**CORRECT, "fields": {"eventReason": "typed twice", "eventWithdrawn": True}}
    _, declared = event_list(written(SEND, withdrawn))
    assert declared["errorDeclaration"]["reason"] == "did_not_occur"
    assert "correctiveEventIDs" not in declared["errorDeclaration"]


def test_a_second_correction_declares_what_the_first_made():
    again = {**CORRECT, "id": "urn:event:3", "fields": {"eventReason": "once more", "handledMass": "542"}}
    original, _, corrective, declared, last = event_list(written(SEND, CORRECT, again))
    assert declared["eventID"] == corrective["eventID"] != original["eventID"]
    assert declared["errorDeclaration"]["correctiveEventIDs"] == [last["eventID"]]


def test_a_correction_of_what_is_not_there_is_named():
    export = written(CORRECT)
    assert event_list(export) == []
    assert [str(loss.reason) for loss in export.losses] == ["the event that it corrects is not written"]


def test_a_correction_of_a_withdrawn_event_is_named():
    withdrawn = {**CORRECT, "fields": {"eventReason": "typed twice", "eventWithdrawn": True}}
    export = written(SEND, withdrawn, {**CORRECT, "id": "urn:event:3"})
    assert [str(loss.reason) for loss in export.losses] == ["the event that it corrects is withdrawn"]


@SLOW
@given(histories(), st.sampled_from([audience for audience in Audience if audience is not ALL]))
def test_an_audience_gets_what_the_matrix_opens_and_the_rest_is_named(made, audience):
    export = written(*made, audience=audience)
    text = json.dumps(export.document)
    lost = {loss.event for loss in export.losses if not loss.pointer}
    for event in event_list(export):
        kind = catalogue().kinds[event["bp:lifecycleEvent"]]
        assert audience in kind.audiences or Audience.PUBLIC in kind.audiences
    named = {(loss.event, loss.pointer) for loss in export.losses}
    for document in made:
        if document["id"] in lost:
            continue
        for member in ("counterpart", "vehicle", "parts"):
            assert member not in document or (document["id"], f"/{member}") in named
        for hash_ in document.get("vehicle", ()):
            assert hash_["hash"] not in text
        for name in document.get("fields", {}):
            assert name == "eventWithdrawn" or (document["id"], f"/fields/{name}") in named


def test_the_public_reads_nothing_of_a_handover():
    export = written(SEND, audience=Audience.PUBLIC)
    assert event_list(export) == [] and [str(loss.reason) for loss in export.losses] == ["the audience may not read it"]


# --- in ---------------------------------------------------------------------------------------------------------------


def test_a_foreign_event_is_read_by_its_words_and_the_rest_is_named():
    document = {
        "@context": [CONTEXT, {"example": "https://example.com/ns/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2027-08-05T02:00:00Z",
        "sender": "somebody",
        "epcisBody": {"eventList": [FOREIGN]},
    }
    reading = epcis_reader.read(document)
    assert reading.events == ({
        "id": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "event": "send_out", "actor": "did:web:maker.example",
        "counterpart": "did:web:dealer.example", "pack": "urn:epc:id:sgtin:9529999.000100.A7",
        "occurredAt": "2027-08-05T09:00:00+08:00",
    },)  # fmt: skip
    assert {fault.location.pointer: (fault.code, fault.severity) for fault in reading.faults} == {
        "/sender": ("not-taken", "warning"),
        "/epcisBody/eventList/0/readPoint": ("not-taken", "warning"),
        "/epcisBody/eventList/0/example:colour": ("not-taken", "warning"),
    }


def test_an_event_without_an_id_gets_its_hash_id():
    event = _without(FOREIGN, "eventID")
    assert epcis_reader.read([event]).events[0]["id"] == hash_id(event, {})


def test_our_members_are_told_by_their_namespace_not_by_their_prefix():
    document = json.loads(json.dumps(written(SEND).document).replace('"bp:', '"x:').replace('"bp"', '"x"'))
    reading = epcis_reader.read(document)
    assert events(reading.events) == events([SEND]) and reading.faults == ()


def test_a_foreign_namespace_under_our_prefix_is_not_ours():
    document = written(SEND).document
    document["@context"][1]["bp"] = "https://example.com/ns#"
    assert epcis_reader.read(document).events[0].get("fields") is None


@each("context", sorted(EPCIS_CONTEXTS))
def test_every_address_of_the_context_of_gs1_is_known(context):
    document = {**written(SEND).document, "@context": [context, dict(NAMESPACES)]}
    assert faults(document) == {}


@each(
    "context",
    [
        "https://example.com/context.jsonld",
        {"bizStep": "https://example.com/other"},
        {"bizStep": {"@id": "https://example.com/other"}},
        {"@vocab": "https://example.com/"},
        {"@base": "https://example.com/"},
        {"cbv": "https://example.com/"},
        7,
        None,
        ["nested"],
    ],
)
def test_a_context_that_could_rename_a_member_is_refused(context):
    document = written(SEND).document
    document["@context"].append(context)
    assert faults(document)["/@context"] == "unknown-context"


def test_a_document_without_the_context_of_epcis_is_refused():
    document = {**written(SEND).document, "@context": [dict(NAMESPACES)]}
    assert "unknown-context" in faults(document).values()


@each("value", [None, 7, "text", {}, {"epcisBody": {}}, {"epcisBody": {"queryResults": []}}])
def test_what_is_no_epcis_is_refused(value):
    with pytest.raises(FaultyRecord):
        epcis_reader.read(value)


def test_another_version_is_refused():
    assert faults({**written(SEND).document, "schemaVersion": "1.2"})["/schemaVersion"] == "unknown-version"


def test_too_many_events_are_refused(monkeypatch):
    monkeypatch.setattr(epcis_reader, "MAX_EVENTS", 1)
    assert faults([FOREIGN, FOREIGN]) == {"": "too-many-events"}


def test_an_event_that_is_no_object_is_refused():
    assert faults([FOREIGN, 7])["/1"] == "malformed-event"


def test_all_faults_come_at_once():
    document = changed(
        written(SEND, CORRECT).document, eventTime="yesterday", epcList=["urn:a:b", "urn:a:c"],
        **{"bp:handledMass": "heavy", "lc:actor": "nobody"},
    )  # fmt: skip
    at = "/epcisBody/eventList/0"
    found = faults(document)
    assert found[f"{at}/eventTime"] == "malformed-value"
    assert found[f"{at}/epcList"] == "several-packs"
    assert found[f"{at}/bp:handledMass"] == "malformed-value"
    assert found[f"{at}/lc:actor"] == "malformed-value"


def test_an_event_about_two_packs_is_refused():
    assert faults([{**FOREIGN, "epcList": ["urn:a:b", "urn:a:c"]}])["/0/epcList"] == "several-packs"


@each("offset", [..., "+8", "08:00", "+15:00", "Asia/Shanghai", 8])
def test_an_offset_that_is_none_is_refused(offset):
    found = faults(changed(written(SEND).document, eventTimeZoneOffset=offset))
    assert found["/epcisBody/eventList/0/eventTimeZoneOffset"] == "malformed-value"


@each("time", [..., "2027-02-30T09:00:00Z", "2027-08-05", "2027-08-05T09:00:00", 0, "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_is_none_is_refused(time):
    found = faults(changed(written(SEND).document, eventTime=time))
    assert "/epcisBody/eventList/0/eventTime" in found


def test_a_kind_that_is_not_clear_is_refused():
    found = faults([{**FOREIGN, "bizStep": "other", "disposition": "conformant"}])
    assert found["/0/bizStep"] == "unknown-kind" and "/0/bp:lifecycleEvent" not in found


def test_a_reporter_that_is_not_said_is_named_where_it_belongs():
    foreign = _without(FOREIGN, "sourceList")
    assert faults([foreign])["/0/lc:actor"] == "missing-member"


def test_two_events_with_one_id_are_refused():
    export = written(SEND)
    document = copy.deepcopy(export.document)
    other = {**event_list(export)[0], "bp:handledMass": "1"}
    document["epcisBody"]["eventList"].append(other)
    assert faults(document)["/epcisBody/eventList/1"] == "duplicate-event"


def test_the_same_event_twice_is_one():
    listed = event_list(written(SEND))
    assert len(epcis_reader.read([*listed, *listed]).events) == 1


def test_an_event_that_says_two_things_is_refused():
    """What an EPCIS reader shows and what is signed must not differ."""
    found = faults(changed(written(SEND).document, bizStep="receiving"))
    assert found["/epcisBody/eventList/0/bizStep"] == "contradiction"
    found = faults(changed(written(SEND).document, destinationList=[
        {"type": "possessing_party", "destination": "did:web:thief.example"}
    ]))  # fmt: skip
    assert found["/epcisBody/eventList/0/destinationList/0"] == "contradiction"


def test_a_hash_id_of_another_event_is_named():
    found = faults(changed(written(SEND).document, **{"bp:handledMass": "541"}))
    assert found == {"/epcisBody/eventList/0/eventID": "other-hash-id"}


def test_a_member_under_two_names_is_refused():
    document = changed(written(SEND).document, **{f"{NAMESPACES['bp']}handledMass": "3"})
    assert "repeated-member" in faults(document).values()


DECLARED_AT = "2027-08-06T09:00:00+08:00"
RIGHT = {**FOREIGN, "eventID": "urn:uuid:0b2c4d5e-9457-4a51-bd6a-0bba133845a9", "eventTime": "2027-08-04T01:00:00Z"}


def declared(event=FOREIGN, **members):
    return {**event, "errorDeclaration": {"declarationTime": DECLARED_AT, **members}}


def taken(*listed):
    """Documents of an input without violations, and what is not taken of it."""
    reading = epcis_reader.read(list(listed))
    assert not [fault for fault in reading.faults if fault.severity == "violation"], reading.faults
    return list(reading.events), {fault.location.pointer for fault in reading.faults}


@each("with_original", [False, True])
def test_a_foreign_declaration_that_it_did_not_occur_withdraws_the_event_and_keeps_it(with_original):
    wrong = declared(reason="did_not_occur")
    (original, correction), rest = taken(*([FOREIGN] if with_original else []), wrong)
    assert original["id"] == FOREIGN["eventID"] and original["event"] == "send_out"
    assert correction["event"] == "correct" and correction["corrects"] == original["id"]
    assert correction["occurredAt"] == DECLARED_AT and correction["actor"] == original["actor"]
    assert correction["fields"] == {"eventReason": "did_not_occur", "eventWithdrawn": True}
    assert not any("errorDeclaration" in pointer for pointer in rest)
    assert taken(wrong)[0][1]["id"] == correction["id"], "the same input makes the same correction"


@each("order", [(0, 1, 2), (2, 0, 1), (1, 2)])
def test_a_foreign_declaration_of_wrong_data_corrects_the_event_by_the_corrective_one(order):
    wrong = declared(reason="https://ref.gs1.org/cbv/ER-incorrect_data", correctiveEventIDs=[RIGHT["eventID"]])
    listed = [(FOREIGN, wrong, RIGHT)[n] for n in order]
    (original, correction), _ = taken(*listed)
    assert original["id"] == FOREIGN["eventID"] and original["occurredAt"] == "2027-08-05T09:00:00+08:00"
    assert correction["corrects"] == original["id"] and correction["counterpart"] == "did:web:dealer.example"
    assert correction["fields"] == {
        "eventReason": "incorrect_data", "correctedInstant": "2027-08-04T09:00:00+08:00",
    }  # fmt: skip
    first, second = events([original, correction])
    assert (
        first.corrected_by(second).instant
        == events([{**original, "occurredAt": "2027-08-04T09:00:00+08:00"}])[0].instant
    )


def test_a_second_foreign_declaration_corrects_the_same_event_once_more():
    last = {**RIGHT, "eventID": "urn:uuid:1", "eventTime": "2027-08-03T01:00:00Z"}
    first = declared(reason="incorrect_data", correctiveEventIDs=[RIGHT["eventID"]])
    again = declared(RIGHT, reason="incorrect_data", correctiveEventIDs=[last["eventID"]])
    (original, one, two), _ = taken(first, again, last)
    assert one["corrects"] == two["corrects"] == original["id"] and one["id"] != two["id"]
    assert two["fields"]["correctedInstant"] == "2027-08-03T09:00:00+08:00"


@each(
    ("members", "others", "why"),
    [
        ({}, [], "not said"),
        ({"reason": "https://example.com/other"}, [], "not said"),
        ({"reason": "incorrect_data"}, [], "nothing says what is right"),
        ({"reason": "incorrect_data", "correctiveEventIDs": ["urn:x:1"]}, [], "not in the file"),
        ({"reason": "incorrect_data", "correctiveEventIDs": ["urn:x:1", "urn:x:2"]}, [], "several"),
        ({"reason": "incorrect_data", "correctiveEventIDs": [RIGHT["eventID"]]},
         [{**RIGHT, "epcList": ["urn:epc:id:sgtin:9529999.000100.A8"]}], "another kind, pack or actor"),
        ({"reason": "did_not_occur", "correctiveEventIDs": [RIGHT["eventID"]]}, [RIGHT], "not to have occurred"),
    ],
)  # fmt: skip
def test_a_foreign_declaration_that_does_not_say_what_is_right_is_refused(members, others, why):
    reading = epcis_reader.read([declared(**members), *others])
    (fault,) = [fault for fault in reading.faults if fault.code == "unreadable-correction"]
    assert fault.location.pointer == "/0/errorDeclaration" and fault.severity == "violation"
    assert why in str(fault.message)


def test_a_foreign_declaration_that_names_itself_or_a_circle_ends():
    itself = declared(reason="incorrect_data", correctiveEventIDs=[FOREIGN["eventID"]])
    assert epcis_reader.read([itself]).faults
    one = declared(reason="incorrect_data", correctiveEventIDs=[RIGHT["eventID"]])
    other = declared(RIGHT, reason="incorrect_data", correctiveEventIDs=[FOREIGN["eventID"]])
    assert epcis_reader.read([one, other]).faults


def test_a_corrective_event_without_its_declaration_is_refused():
    original, _, corrective = event_list(written(SEND, CORRECT))
    assert faults([original, corrective])["/1"] == "correction-missing"


def test_a_corrective_event_that_was_altered_is_refused():
    document = changed(written(SEND, CORRECT).document, 2, **{"bp:handledMass": "1"})
    assert faults(document)["/epcisBody/eventList/2/bp:handledMass"] == "contradiction"


def test_a_declaration_alone_gives_both_the_event_and_its_correction():
    _, declared, _ = event_list(written(SEND, CORRECT))
    assert events(epcis_reader.read([declared]).events) == events([SEND, CORRECT])


# --- the mapping ------------------------------------------------------------------------------------------------------

#: Words of CBV 2.0 that the mapping may use.
_STEPS = """
accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
unloading unpacking void_shipping
"""
_DISPOSITIONS = """
active available completeness_inferred completeness_verified conformant container_closed container_open
damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class
mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other
partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen
unavailable unknown
"""


def test_every_kind_but_the_correction_has_a_form_in_words_of_cbv():
    assert set(forms()) == {*catalogue().kinds} - {"correct"}
    for form in forms().values():
        assert form.step in _STEPS.split() and form.disposition in {*_DISPOSITIONS.split(), None}


def test_no_two_kinds_have_one_form():
    seen = [(form.type, form.action, form.step, form.disposition) for form in forms().values()]
    assert len(set(seen)) == len(seen)


def test_no_field_is_called_like_a_member_of_the_event():
    fields = {f"bp:{name}" for name in fields_of_every_kind()}

    @SLOW
    @given(documents())
    def check(document):
        members = extension_of({name: value for name, value in document.items() if name != "fields"})
        assert members.keys() & fields == set()

    check()


@each(
    ("statement", "instead"),
    [
        ("event:fit lc:epcisEvent epcis:AssociationEvent", "event:fit lc:epcisEvent epcis:AggregationEvent"),
        ('epcis:TransformationEvent ;', 'epcis:TransformationEvent ; lc:epcisAction "ADD" ;'),
        ("event:hold lc:epcisEvent epcis:ObjectEvent ;", "event:hold"),
        ("lc:output bp:successorPack", "lc:output bp:handoverEvent"),
        ("lc:bizTransaction bp:issuedCredential", "lc:bizTransaction bp:market"),
    ],
)  # fmt: skip
def test_a_mapping_that_contradicts_itself_stops_the_load(statement, instead):
    text = resources.read_text("ontology/lifecycle.ttl")
    assert statement in text
    with pytest.raises(MalformedOntology):
        epcis_forms.read(text.replace(statement, instead))


def _without(document, *names):
    return {name: value for name, value in document.items() if name not in names}
