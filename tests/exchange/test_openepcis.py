"""The OpenEPCIS battery vocabulary: own packs conform to its shapes but for what is missing by name; terms exist."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pyshacl
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord, PassportError
from passport.exchange import leaves, peer_format
from passport.exchange.openepcis import openepcis_mapping, openepcis_reader, openepcis_writer
from tests.conftest import example_count
from tests.each import each

EUBAT = openepcis_mapping.PREFIXES["eubat"]
OEC = openepcis_mapping.PREFIXES["oec"]
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")


@pytest.fixture(scope="module")
def shapes(vectors):
    graph = rdflib.Graph().parse(vectors / "openepcis" / "battery-shapes.ttl")
    # The core shapes are published apart; of them only this one is referred to.
    graph.add((rdflib.URIRef(OEC + "shapes/TranslatableText"), rdflib.RDF.type, SH.NodeShape))
    item = rdflib.URIRef(EUBAT + "BatteryShape-item")
    graph.remove((item, SH.deactivated, None))
    return graph


@pytest.fixture(scope="module")
def ontology(vectors):
    return rdflib.Graph().parse(vectors / "openepcis" / "ontology-battery.ttl")


def results(document, shapes):
    """Paths that the shapes find something wrong with."""
    data = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=True)
    return sorted(str(path).rpartition("/")[2] for path in report.objects(None, SH.resultPath))


def violations(reading):
    return [fault for fault in reading.faults if fault.severity == "violation"]


def member(document, name):
    """The one value of a property of the battery."""
    prefix, _, rest = name.partition(":")
    return document[openepcis_mapping.PREFIXES[prefix] + rest][0]


def test_our_packs_conform_to_the_shapes_but_for_what_is_named_as_missing(pack, shapes):
    export = openepcis_writer.write(pack)
    assert results(export.document, shapes) == sorted(path.rpartition(":")[2] for path in export.missing)


def test_a_pack_that_says_what_the_shapes_ask_for_conforms(ev, shapes):
    model = {**ev.model, "carbonFootprintPerformanceClass": "B", "dueDiligenceReport": "https://lanhu.example/dd.pdf"}
    export = openepcis_writer.write(replace(ev, model=model))
    assert export.missing == () and results(export.document, shapes) == []


#: Data points of the guidance, as the readiness shapes number them, whose property does not mean what we have.
NO_SUCH_VALUE = {
    "24": "the renewable share of a material; the record has that of the battery",
    "39": "one C-rate; the record has two that differ",
    "55": "a resistance of now; the record has that of the new battery",
    "59": "remaining cycles; the record has the expected ones",
}


@pytest.fixture(scope="module")
def readiness(vectors):
    """Category -> the shapes of what the guidance of the Commission asks for."""
    published = rdflib.Graph().parse(vectors / "openepcis" / "ec-readiness-shapes.ttl")

    def of(category):
        graph = rdflib.Graph()
        graph += published
        for shape in published.subjects(SH.deactivated, None):
            if str(shape).endswith(f"-{category}"):
                graph.remove((shape, SH.deactivated, None))
        return graph

    return of


def test_our_packs_are_ready_by_the_guidance_but_for_what_the_vocabulary_means_otherwise(pack, readiness):
    category = {"stationary": "industrial"}.get(pack.category.value, pack.category.value)
    shapes = readiness(category)
    data = rdflib.Graph().parse(data=json.dumps(openepcis_writer.write(pack).document), format="json-ld")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    broken = [
        str(report.value(result, SH.resultMessage)).partition("EC data point ")[2].partition(" ")[0]
        for result in report.subjects(SH.resultSeverity, SH.Violation)
    ]
    assert len(list(shapes.subjects(SH.targetClass, None))) > 100
    # "not yet required" is said of points whose act is outstanding; these are no violations.
    assert set(broken) <= NO_SUCH_VALUE.keys(), broken


def test_an_empty_passport_is_not_ready_by_the_guidance(ev, readiness):
    bare = replace(ev, model={"batteryCategory": "ev"}, batch={}, pack={}, condition=None, events={})
    data = rdflib.Graph().parse(data=json.dumps(openepcis_writer.write(bare).document), format="json-ld")
    _, report, _ = pyshacl.validate(data, shacl_graph=readiness("ev"))
    assert len(list(report.subjects(SH.resultSeverity, SH.Violation))) > 30


@pytest.mark.parametrize(
    ("symbols", "stated"),
    [(["Cd"], ("true", "false")), (["none"], ("false", "false")), (["Cd", "Pb"], ("true", "true"))],
)
def test_a_symbol_that_is_not_known_is_not_said_to_be_absent(ev, symbols, stated):
    def written(record):
        document = openepcis_writer.write(record).document
        return tuple(
            document.get(f"{EUBAT}{name}SymbolRequired", [{}])[0].get("@value") for name in ("cadmium", "lead")
        )

    known = replace(ev, model={**ev.model, "cadmiumLeadSymbol": symbols})
    assert written(known) == stated
    assert openepcis_reader.read(openepcis_writer.write(known).document).record.value("cadmiumLeadSymbol") == symbols
    assert written(replace(ev, model={k: v for k, v in ev.model.items() if k != "cadmiumLeadSymbol"})) == (None, None)


def test_a_record_that_says_next_to_nothing_invents_nothing(ev, shapes):
    bare = replace(ev, model={"batteryCategory": "ev"}, batch={}, pack={}, condition=None, events={})
    export = openepcis_writer.write(bare)
    assert export.filled == ()
    assert results(export.document, shapes) == sorted(path.rpartition(":")[2] for path in export.missing)
    assert openepcis_reader.read(export.document).record.model == {"batteryCategory": "ev"}


def test_every_term_that_is_written_is_one_of_the_vocabulary(ontology):
    names = {step for rule in openepcis_mapping.RULES for step in rule.path.split(".")}
    names |= {step for path, *_ in openepcis_mapping.QUANTITIES for step in path.split(".")}
    names |= {step for path in openepcis_mapping.INDIVIDUALS for step in path.split(".")}
    names |= {each for _, individuals in openepcis_mapping.INDIVIDUALS.values() for each in individuals.values()}
    names |= {each.path.partition(".")[0] for rule in openepcis_mapping.RULES for each in getattr(rule, "members", ())}
    names |= set(openepcis_mapping.CLASSES.values()) | set(openepcis_mapping.LITERALS)
    names |= {step for path in openepcis_mapping.SUBSTANCES for step in path.split(".")}
    names |= set(openepcis_mapping.SYMBOLS.values()) | {openepcis_mapping.PARTS}
    own = {name.removeprefix("eubat:") for name in names if name.startswith("eubat:")}
    assert {name for name in own if (rdflib.URIRef(EUBAT + name), None, None) not in ontology} == set()


def test_there_and_back_keeps_what_is_not_named_as_lost_and_adds_nothing(pack):
    export = openepcis_writer.write(pack)
    again = openepcis_reader.read(json.loads(json.dumps(export.document)))
    assert violations(again) == []
    # A number of a part has no name there, so it stays out of the record.
    named = [fault for fault in again.faults if openepcis_mapping.PARTS not in (fault.location.pointer or "")]
    assert [fault.code for fault in named] == ["time-of-update"]
    assert {fault.code for fault in again.faults} <= {"time-of-update", "not-taken"}
    lost = {loss.indicator for loss in export.losses}
    values = {**pack.model, **pack.batch, **pack.pack, **(pack.condition or {})}
    for name in values.keys() - lost:
        assert peer_format.same(values[name], (again.record.condition or {}).get(name, again.record.value(name))), name
    said = {**again.record.model, **again.record.batch, **again.record.pack, **(again.record.condition or {})}
    assert {name for name in said if name not in values} == set()
    assert {"ratedCapacity", "nominalVoltage", "batteryMass", "recycledNickelShare", "serialNumber"} & lost == set()


def test_every_digit_of_a_number_is_kept(ev):
    precise = replace(ev, model={**ev.model, "batteryMass": "540.12345678901234567890"})
    assert openepcis_reader.read(openepcis_writer.write(precise).document).record.value("batteryMass") == (
        "540.1234567890123456789"
    )


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("oec:passportStatus", {"@value": "withdrawn"}, "inactive-passport"),
     ("oec:passportStatus", {"@value": "draft"}, "inactive-passport"),
     ("oec:hasReportingGranularity", {"@id": OEC + "ModelLevel"}, "other-granularity"),
     ("schema:schemaVersion", {"@value": "9.0"}, "unknown-version")],
)  # fmt: skip
def test_a_passport_that_is_not_in_force_of_another_grain_or_schema_is_a_fault(ev, name, value, code):
    document = openepcis_writer.write(ev).document
    prefix, _, rest = name.partition(":")
    document[openepcis_mapping.PREFIXES[prefix] + rest] = [value]
    assert [fault.code for fault in violations(openepcis_reader.read(document))] == [code]


def test_a_unit_is_converted_and_an_unknown_one_is_a_fault(ev):
    document = openepcis_writer.write(ev).document
    mass = member(document, "eubat:hasBatteryMass")
    unit = openepcis_mapping.PREFIXES["gs1"] + "unitCode"
    mass[unit] = [{"@value": "GRM"}]
    assert openepcis_reader.read(document).record.value("batteryMass") == "0.54"
    mass[unit] = [{"@value": "LBR"}]
    reading = openepcis_reader.read(document)
    assert reading.record.value("batteryMass") is None
    assert [fault.code for fault in violations(reading)] == ["inexact-unit"]


def test_every_property_of_the_vocabulary_is_taken_or_named(ev, ontology):
    """A text in every property of the battery: each is in the record, or named with its place."""
    document = openepcis_writer.write(ev).document
    for term in ontology.subjects(rdflib.RDF.type, rdflib.OWL.DatatypeProperty):
        document.setdefault(str(term), [{"@value": "text"}])
    reading = openepcis_reader.read(document)
    known = {fault.location.pointer for fault in reading.faults}
    known |= {place.pointer for place in reading.record.places.values()}
    known.add("$.eubat:leadSymbolRequired")  # one value with that of cadmium
    added = {f"$.{openepcis_reader.compact_name(name)}" for name in document if name.startswith(EUBAT)}
    plain = {f"$.{path}" for path, _ in leaves.leaves(openepcis_reader.plain_json(document))}
    assert len(added & plain) > 100
    assert added & plain - known == set()


@each("content", [{"@id": "urn:x"}, {}, {"@graph": []}])
def test_what_holds_no_battery_is_refused(content):
    with pytest.raises(FaultyRecord, match="no battery passport of OpenEPCIS"):
        openepcis_reader.read(content)


def test_two_batteries_in_one_file_are_refused(ev):
    document = openepcis_writer.write(ev).document
    with pytest.raises(FaultyRecord, match="no battery passport of OpenEPCIS"):
        openepcis_reader.read({"@graph": [document, {**document, "@id": "urn:x"}]})


def test_a_context_that_is_not_at_hand_is_refused_and_never_fetched(ev):
    document = {**openepcis_writer.write(ev).document, "@context": "https://ref.openepcis.io/context.jsonld"}
    with pytest.raises(PassportError, match="context"):
        openepcis_reader.read(document)


@settings(max_examples=example_count(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_content_makes_reading_fail_in_a_way_of_its_own(data, ev, anything, spoil):
    document = json.loads(json.dumps(openepcis_writer.write(ev).document))
    path = data.draw(st.lists(st.integers(0, 60), min_size=1, max_size=8))
    with contextlib.suppress(PassportError):
        openepcis_reader.read(spoil(document, path, data.draw(anything)))
