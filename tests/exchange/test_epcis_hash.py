"""CBV 2.0 hash ids and canonical GS1 keys, equal to those of epcis-event-hash-generator 1.9.3 (PyPI).

The ids below are what that tool gives for these events, each in a document of its own, with the prefix ``x``.
"""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from passport.exchange.epcis.digital_link import canonical
from passport.exchange.epcis.epcis_writer import write
from passport.exchange.epcis.hash_id import hash_id, pre_hash
from passport.vocabulary.indicator import Audience
from tests.each import each
from tests.exchange.epcis_events import NOW, documents, events

NAMES = {"x": "https://example.org/ns#", "y": "https://example.org/y/"}
SHIPPED = {
    "type": "ObjectEvent",
    "eventTime": "2027-08-05T09:00:00.1235+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["urn:epc:id:sgtin:9529999.000100.A7/1", "https://shop.example/gtin/9529999001009/ser/B8?x=1"],
    "action": "OBSERVE",
    "bizStep": "shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:9529999.00000.0", "y:gate": "7", "x:dock": "3"},
    "sourceList": [{"type": "possessing_party", "source": "did:web:maker.example"}],
    "destinationList": [
        {"type": "owning_party", "destination": "urn:epc:id:pgln:9529999.00001"},
        {"type": "possessing_party", "destination": "did:web:dealer.example"},
    ],
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epc:id:gdti:9529999.00001.17"}],
    "x:note": "in_transit",
    "x:number": "007.50",
    "x:flag": True,
    "x:parts": [{"x:code": "b", "x:out": False}, {"x:code": "a"}],
    "x:link": "x:other",
}
FITTED = {
    "type": "AssociationEvent",
    "eventTime": "2027-08-01T01:00:00Z",
    "eventTimeZoneOffset": "+08:00",
    "parentID": "https://id.gs1.org/8004/9529999V1",
    "childEPCs": ["https://battery.example/01/09529999001009/10/L1/21/A7"],
    "action": "ADD",
    "bizStep": "installing",
}
RECYCLED = {
    "type": "TransformationEvent",
    "eventTime": "2035-08-01T01:00:00.000-03:00",
    "eventTimeZoneOffset": "-03:00",
    "inputEPCList": ["https://battery.example/id/EV1/1"],
    "outputQuantityList": [
        {"epcClass": "https://example.org/copper", "quantity": 22.50, "uom": "KGM"},
        {"epcClass": "urn:epc:class:lgtin:9529999.000100.L1", "quantity": 3, "uom": "KGM"},
    ],
    "transformationID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "bizStep": "destroying",
    "disposition": "destroyed",
    "persistentDisposition": {"set": ["completeness_verified"], "unset": ["active"]},
    "certificationInfo": ["https://example.org/b", "https://example.org/a"],
    "ilmd": {"x:lot": "5"},
}
SENSED = {
    "type": "TransactionEvent",
    "eventTime": "2030-01-01T00:00:00Z",
    "eventTimeZoneOffset": "+00:00",
    "bizTransactionList": [{"type": "cert", "bizTransaction": "https://example.org/credentials/1"}],
    "epcList": [],
    "quantityList": [{"epcClass": "urn:epc:idpat:sgtin:9529999.000100.*", "quantity": 2}],
    "action": "ADD",
    "sensorElementList": [
        {
            "sensorMetadata": {"time": "2030-01-01T01:00:00+01:00", "deviceID": "urn:epc:id:giai:9529999.D1"},
            "sensorReport": [
                {"type": "Temperature", "value": 26.0, "uom": "CEL", "exception": "ALARM_CONDITION"},
                {"type": "Speed", "value": 1.5, "uom": "KMH", "component": "x"},
            ],
            "x:seen": "yes",
        }
    ],
}


@each(
    ("event", "digest"),
    [
        (SHIPPED, "bf9cf382e1350a001c7a7025b0f7c0ace6ecc75eb80e52eaf441958976fac2e2"),
        (FITTED, "f891cb21d590a0501725a9754b574f8f19e96272f591dd032678cfcd5f5f4491"),
        (RECYCLED, "749d3f6a19655952d594c2c273f93137e4c89274ac818163cf840c64c902a275"),
        (SENSED, "caef644cbf0f63bf2c435f91dc6cb93107654a5add2f634c047c6165702ac3ee"),
    ],
    ids=["shipped", "fitted", "recycled", "sensed"],
)
def test_the_id_is_that_of_the_published_tool(event, digest):
    assert hash_id(event, NAMES) == f"ni:///sha-256;{digest}?ver=CBV2.0"


LINKS = {
    "urn:epc:id:sgtin:9529999.000100.A7(1)": "https://id.gs1.org/01/09529999001009/21/A7%281%29",
    "urn:epc:id:sscc:9529999.0123456789": "https://id.gs1.org/00/095299991234567897",
    "urn:epc:id:sgln:9529999.00000.0": "https://id.gs1.org/414/9529999000002",
    "urn:epc:id:sgln:9529999.00000.B2": "https://id.gs1.org/414/9529999000002/254/B2",
    "urn:epc:id:grai:9529999.00001.5": "https://id.gs1.org/8003/095299990000195",
    "urn:epc:id:giai:9529999.D1": "https://id.gs1.org/8004/9529999D1",
    "urn:epc:id:gsrn:9529999.0000000001": "https://id.gs1.org/8018/952999900000000017",
    "urn:epc:id:gsrnp:9529999.0000000001": "https://id.gs1.org/8017/952999900000000017",
    "urn:epc:id:gdti:9529999.00001.17": "https://id.gs1.org/253/952999900001917",
    "urn:epc:id:sgcn:9529999.00001.17": "https://id.gs1.org/255/952999900001917",
    "urn:epc:id:gsin:9529999.000000001": "https://id.gs1.org/402/95299990000000019",
    "urn:epc:id:ginc:9529999.C1": "https://id.gs1.org/401/9529999C1",
    "urn:epc:id:cpi:9529999.P-1.42": "https://id.gs1.org/8010/9529999P-1/8011/42",
    "urn:epc:id:itip:9529999.000100.01.02.S1": "https://id.gs1.org/8006/095299990010090102/21/S1",
    "urn:epc:id:upui:9529999.000100.U1": "https://id.gs1.org/01/09529999001009/235/U1",
    "urn:epc:id:pgln:9529999.00001": "https://id.gs1.org/417/9529999000019",
    "urn:epc:class:lgtin:9529999.000100.L1": "https://id.gs1.org/01/09529999001009/10/L1",
    "urn:epc:idpat:sgtin:9529999.000100.*": "https://id.gs1.org/01/09529999001009",
    "urn:epc:idpat:grai:9529999.00001.*": "https://id.gs1.org/8003/09529999000019",
    "urn:epc:idpat:cpi:9529999.P-1.*": "https://id.gs1.org/8010/9529999P-1",
    "urn:epc:idpat:itip:9529999.000100.01.02.*": "https://id.gs1.org/8006/095299990010090102",
    "https://shop.example/01/09529999001009/10/L1/21/A7?x=1": "https://id.gs1.org/01/09529999001009/21/A7",
    "https://shop.example/a/gtin/9529999001009/cpv/2A": "https://id.gs1.org/01/09529999001009",
    "http://shop.example/01/09529999001009/10/L1": "https://id.gs1.org/01/09529999001009/10/L1",
    "https://id.gs1.org/414/9529999000002/254/B2": "https://id.gs1.org/414/9529999000002/254/B2",
    "https://localhost/01/09529999001009/21/A7": None,
    "https://battery.example/id/EV1/1": None,
    "https://shop.example/01/09529999001009/21/A7/": None,
    "urn:epc:id:sgtin:952999.000100.A7": None,
    "urn:epc:id:sgln:9529999.00000": None,
    "did:web:maker.example": None,
    "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8": None,
}


@each("iri", LINKS)
def test_a_gs1_key_has_one_spelling(iri):
    assert canonical(iri) == LINKS[iri]


@each("iri", [iri for iri in LINKS.values() if iri])
def test_the_canonical_spelling_stays(iri):
    assert (canonical(iri) or iri) == iri


@given(st.text(max_size=60) | st.text("urn:epcidsgtl.0123456789*/", max_size=60))
def test_any_text_has_a_spelling_or_none(text):
    made = canonical(text)
    assert made is None or made.startswith("https://id.gs1.org/")


def test_what_is_no_part_of_the_event_is_no_part_of_the_id():
    more = {
        **SHIPPED,
        "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "recordTime": "2028-01-01T00:00:00Z",
        "errorDeclaration": {"declarationTime": "2028-01-01T00:00:00Z", "reason": "incorrect_data", "x:note": "no"},
    }
    assert hash_id(more, NAMES) == hash_id(SHIPPED, NAMES)


def test_the_spelling_of_an_instant_a_number_and_a_word_is_no_part_of_the_id():
    other = {
        **SHIPPED,
        "eventTime": "2027-08-05T01:00:00.123600Z",
        "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping",
        "disposition": "urn:epcglobal:cbv:disp:in_transit",
        "x:note": "https://ref.gs1.org/cbv/Disp-in_transit",
        "x:number": "7.5",
        "epcList": list(reversed(SHIPPED["epcList"])),
    }
    assert hash_id(other, NAMES) == hash_id(SHIPPED, NAMES)


def test_an_instant_next_to_a_full_second_is_rounded_up_to_it():
    assert "eventTime=2027-08-05T01:00:01.000Z" in pre_hash(
        {**SHIPPED, "eventTime": "2027-08-05T09:00:00.9996+08:00"}, NAMES
    )


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_members_is_no_part_of_the_id(document, random):
    (event,) = write(events([document]), audience=Audience.CN_REGULATOR, created=NOW).document["epcisBody"]["eventList"]
    names = list(event)
    random.shuffle(names)
    shuffled = {name: event[name] for name in names}
    namespaces = {"bp": "https://w3id.org/battery-passport/ns#", "lc": "https://w3id.org/battery-passport/lifecycle#"}
    assert hash_id(shuffled, namespaces) == event["eventID"]


@each("event", [SHIPPED, FITTED, RECYCLED, SENSED], ids=["shipped", "fitted", "recycled", "sensed"])
def test_every_member_that_is_hashed_changes_the_id(event):
    for name in event:
        changed = copy.deepcopy(event)
        del changed[name]
        assert hash_id(changed, NAMES) != hash_id(event, NAMES) or event[name] == [], name
