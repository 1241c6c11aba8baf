"""A record as a graph: the same statements as the credentials make, bad values in the open, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from passport.battery import record_graph as graphs
from passport.battery.claims import claims
from passport.battery.record import Record
from passport.battery.record_graph import BATCH, BP, MODEL, PACK, GraphLocation
from passport.linked_data import jsonld
from passport.linked_data.graphs import to_rdflib
from passport.vocabulary.vocabulary import Carrier, Category, load
from tests.each import each

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/battery-passport/contexts/battery/v1"]

ENVELOPE = "urn:uuid:9a1d7a4e-0f6c-4c5e-8f6b-0c9f3f0f7b11"


def record(model: dict[str, Any] | None = None, pack: dict[str, Any] | None = None, **parts: Any) -> Record:
    return Record(Category.EV, model or {}, pack or {}, **parts)


def values(identifier: str, value: Any) -> set:
    data = graphs.graph(record({identifier: value}), load())
    return set(data.objects(MODEL, BP[identifier]))


@each("name", ["EV", "ST", "LMT"])
def test_the_graph_of_a_record_is_the_graph_of_its_credentials(name: str, pack_record: Callable[..., Record]):
    described = pack_record(name)
    published = Graph()
    for carrier in Carrier:
        subject, kind = (MODEL, "BatteryModel") if carrier.about_model else (PACK, "BatteryPack")
        if carrier is Carrier.BATCH:
            subject, kind = BATCH, "BatteryBatch"
        said = claims(described, carrier, str(subject))
        if said is not None:
            subject_of_credential = {"id": str(subject), "type": kind, **said}
            document = {
                "@context": CONTEXT, "id": ENVELOPE, "type": ["VerifiableCredential"],
                "credentialSubject": subject_of_credential,
            }  # fmt: skip
            for triple in to_rdflib(jsonld.to_dataset(document)):
                published.add(triple)
    published.remove((URIRef(ENVELOPE), None, None))
    for subject, link, other in (
        (PACK, BP.batteryModel, MODEL),
        (PACK, BP.batteryBatch, BATCH),
        (BATCH, BP.batteryModel, MODEL),
    ):
        published.add((subject, link, other))
    assert isomorphic(graphs.graph(described, load()), graphs.strict(published))


# --- values ---------------------------------------------------------------------------------------------------------


def test_a_good_value_becomes_what_the_ontology_says_in_the_form_in_which_it_was_given():
    assert values("nominalVoltage", "710.40") == {Literal("710.40", datatype=XSD.decimal, normalize=False)}
    assert values("warrantyPeriod", 96) == {Literal("96", datatype=XSD.integer)}
    assert values("safetyMeasures", ["https://a.example/1"]) == {URIRef("https://a.example/1")}
    assert values("gtin", "09529999001009") == {Literal("09529999001009")}
    impact = {"substanceName": "X", "impactStatement": {"en": "harmful", "zh": "有害"}}
    data = graphs.graph(record({"substanceImpact": [impact]}), load())
    assert set(data.objects(None, BP.impactStatement)) == {Literal("harmful", lang="en"), Literal("有害", lang="zh")}


@each(
    "text",
    ["17,0", "1_000", "NaN", "INF", "Infinity", "1e5", " 1", "1 ", "1\n", "", ".", "-", "٣", "\uff11", "9" * 201],
)
def test_text_that_is_no_decimal_is_stated_as_text_although_python_might_take_it(text):
    assert values("nominalVoltage", text) == {Literal(text)}


@each("day", ["2026-02-30", "2026-W11-1", "20260618", "2026-6-18", "0000-01-01", "1900-02-29"])
def test_text_that_is_no_day_of_the_calendar_is_stated_as_text(day):
    data = graphs.graph(record(pack={"manufacturingDate": day}), load())
    assert set(data.objects(PACK, BP.manufacturingDate)) == {Literal(day)}


@each("instant", ["2026-02-30T00:00:00Z", "2026-06-18 09:40:00Z", "2026-06-18T24:00:00Z", "now"])
def test_text_that_is_no_instant_is_stated_as_text(instant):
    data = graphs.graph(record(condition={"recordedAt": instant}), load())
    assert set(data.objects(PACK, BP.recordedAt)) == {Literal(instant)}


@each("text", ["n/a", "", "example.com/x", "https://a b", "http://<x>", ":x", "https://a/\ud800"])
def test_text_that_is_no_absolute_iri_stays_text(text):
    assert values("safetyMeasures", [text]) == {Literal(text)}


def test_json_numbers_are_stated_as_the_numbers_they_are():
    assert values("nominalVoltage", 710.4) == {Literal("710.4", datatype=XSD.double, normalize=False)}
    assert values("nominalVoltage", 710) == {Literal("710", datatype=XSD.integer)}
    assert values("warrantyPeriod", "96") == {Literal("96")}
    assert values("nominalVoltage", float("nan")) == {Literal("nan")}
    assert values("nominalVoltage", float("inf")) == {Literal("inf")}
    assert values("warrantyPeriod", True) == {Literal("true", datatype=XSD.boolean)}


@each("identifier", ["nominalVoltage", "gtin", "euDeclarationOfConformity", "warrantyPeriod"])
@each("value", [["x"], [1, 2, 3], {"a": "b"}, [[]], [{}]])
def test_an_array_or_object_where_one_value_belongs_is_a_node_that_no_shape_accepts(identifier, value):
    stated = values(identifier, value)
    assert stated and all(isinstance(term, BNode) for term in stated)


def test_nothing_is_stated_of_nulls_empty_arrays_and_unknown_indicators():
    empty = set(graphs.graph(record(), load()))
    assert set(graphs.graph(record({"gtin": None, "safetyMeasures": [], "colour": "red"}), load())) == empty


def test_no_value_that_identifies_a_person_enters_the_graph():
    vin, owner = "LSVAA4182E2184847", "Zhang San"
    sale = {"vin": vin, "soldAt": "2026-09-01", "saleRegion": "340100", "ownerName": owner}
    data = graphs.graph(record(events={"sale": {"vehicleSaleRecord": sale}}), load())
    assert not {str(term) for triple in data for term in triple} & {vin, owner}
    assert (None, BP.vinHash, None) in data


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@given(st.sampled_from(list(load().indicators)), JUNK)
def test_building_a_graph_never_fails(identifier, value):
    indicator = load().indicators[identifier]
    names = [field.name for field in indicator.fields]
    entries = [value, [value], dict.fromkeys(names, value), [dict.fromkeys(names, value)]]
    for entry in entries:
        data = graphs.graph(record({identifier: entry}, {identifier: entry}, condition={"recordedAt": entry}), load())
        assert (PACK, RDF.type, BP.BatteryPack) in data


def test_an_integer_too_long_to_be_written_does_no_harm():
    (stated,) = values("warrantyPeriod", 10**5000)
    assert stated.datatype is None and len(stated) < 100


# --- graphs from elsewhere ------------------------------------------------------------------------------------------


def test_a_foreign_graph_is_read_as_strictly_as_a_record():
    foreign = Graph()
    foreign.add((MODEL, BP.nominalVoltage, Literal("NaN", datatype=XSD.decimal)))
    foreign.add((MODEL, BP.ratedEnergy, Literal("1_00", datatype=XSD.decimal, normalize=False)))
    foreign.add((MODEL, BP.gtin, Literal("1", datatype=XSD.string)))
    foreign.add((MODEL, BP.batteryMass, Literal("01.50", datatype=XSD.decimal, normalize=False)))
    strict = graphs.strict(foreign)
    assert {str(term.datatype) for term in strict.objects() if isinstance(term, Literal)} == {"None", str(XSD.decimal)}
    assert str(strict.value(MODEL, BP.batteryMass)) == "01.50"


def test_leaving_an_indicator_out_leaves_the_rest():
    data = graphs.graph(
        record(condition={"recordedAt": "2026-11-16T08:30:00Z", "stateOfCharge": "64", "temperatureInformation": [
            {"temperature": "18", "recordedAt": "2026-11-15T08:30:00Z"}]}),
        load(),
    )  # fmt: skip
    cut = graphs.without(data, frozenset({"stateOfCharge", "recordedAt"}))
    assert (PACK, BP.stateOfCharge, None) not in cut and (PACK, BP.recordedAt, None) not in cut
    # The time of a log entry is another statement than the time of the read-out.
    assert (URIRef(f"{PACK}#temperatureInformation-1"), BP.recordedAt, None) in cut


# --- the way back ---------------------------------------------------------------------------------------------------

DATA = graphs.graph(
    record(
        {
            "nominalVoltage": "710.4", "batteryChemistry": {"shortName": "NMC"},
            "safetyMeasures": ["n/a", "https://a.b/"],
            "componentMass": [{"component": "module", "mass": "34.4"}, {"component": "cell", "mass": "2"}],
            "sparePartSources": [{"name": "A"}, {"name": "B"}],
        }
    ),
    load(),
)  # fmt: skip
SECOND = URIRef(f"{MODEL}#componentMass-2")


@each(
    ("focus", "path", "value", "expected"),
    [
        (MODEL, (BP.nominalVoltage,), None, GraphLocation("nominalVoltage")),
        (PACK, (BP.batteryModel, BP.nominalVoltage), None, GraphLocation("nominalVoltage")),
        (PACK, (BP.gtin,), None, GraphLocation("gtin")),
        (SECOND, (BP.massPerComponent,), None, GraphLocation("componentMass", 1, "massPerComponent")),
        (SECOND, (), None, GraphLocation("componentMass", 1)),
        (MODEL, (BP.componentMass,), SECOND, GraphLocation("componentMass", 1)),
        (MODEL, (BP.componentMass, BP.massPerComponent), Literal("2", datatype=XSD.decimal),
         GraphLocation("componentMass", 1, "massPerComponent")),
        (URIRef(f"{MODEL}#batteryChemistry"), (BP.chemistryShortName,), None,
         GraphLocation("batteryChemistry", None, "chemistryShortName")),
        (URIRef(f"{MODEL}#sparePartSources-2"), (URIRef("https://schema.org/name"),), None,
         GraphLocation("sparePartSources", 1, "name")),
        (MODEL, (BP.safetyMeasures,), Literal("n/a"), GraphLocation("safetyMeasures", None, None, "n/a")),
        (PACK, (), None, GraphLocation(None)),
        (MODEL, (), None, GraphLocation(None)),
        (BNode("named-so-that-every-worker-collects-the-same"), (BP.gtin,), None, GraphLocation(None, None, "gtin")),
    ],
)  # fmt: skip
def test_a_result_leads_back_to_indicator_entry_and_field(focus, path, value, expected):
    assert graphs.place(DATA, focus, path, value) == expected
