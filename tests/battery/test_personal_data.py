"""Personal data enters no passport credential: by the claims that are made, by the context, and by a shape."""

from __future__ import annotations

from dataclasses import replace

from rdflib import Graph, Literal, Namespace, URIRef

from passport.battery.claims import claims
from passport.validation import shacl
from passport.vocabulary.derivation.derived_privacy import FILE
from passport.vocabulary.vocabulary import NS, Carrier, load
from tests.each import each

BP = Namespace(NS)
PERSONAL = sorted(term.id for term in load().terms.values() if term.personal_data)
VIN = "LSVAA4182E2123456"


def refused(graph):
    return {str(result.path[-1]).removeprefix(NS) for result in shacl.run(graph, shacl.shapes(FILE))}


def test_the_terms_are_vin_plate_and_owner():
    assert PERSONAL == ["licensePlateNumber", "ownerAddress", "ownerCode", "ownerName", "vehicleIdentificationNumber"]


@each("name", PERSONAL)
@each("subject", ["urn:pack", "urn:some:nested-node"])
def test_the_shape_refuses_it_on_any_node(name, subject):
    graph = Graph()
    graph.add((URIRef(subject), BP[name], Literal("x")))
    assert refused(graph) == {name}


def test_the_shape_refuses_a_vin_where_its_hash_belongs():
    graph = Graph()
    graph.add((URIRef("urn:n"), BP.vinHash, Literal(VIN)))
    assert refused(graph) == {"vinHash"}
    graph = Graph()
    graph.add((URIRef("urn:n"), BP.vinHash, Literal("u" + "A" * 43)))
    assert refused(graph) == set()


def test_the_messages_are_in_both_languages():
    graph = Graph()
    graph.add((URIRef("urn:n"), BP.ownerName, Literal("x")))
    (result,) = shacl.run(graph, shacl.shapes(FILE))
    assert set(result.messages) == {"en", "zh"}


def test_no_claim_is_made_of_it_whatever_the_record_says(pack_record):
    record = replace(pack_record("EV"), events={
        "fitting": {"vehicleIdentificationNumber": VIN, "vehicleModel": "M",
                    "vehicleProductionRecord": [{"vin": VIN, "packCodes": ["c"]}]},
        "sale": {"licensePlateNumber": "沪A12345",
                 "vehicleSaleRecord": [{"vin": VIN, "soldAt": "2026-01-01T00:00:00Z", "ownerName": "张三",
                                        "ownerCode": "1", "ownerAddress": "x"}]},
    })  # fmt: skip
    said = [claims(record, Carrier.EVENT, "urn:c", event) for event in record.events]
    said += [claims(record, carrier, "urn:c") for carrier in Carrier if carrier is not Carrier.EVENT]
    text = repr(said)
    assert all(value not in text for value in (VIN, "沪A12345", "张三"))
    assert "vehicleModel" in text
