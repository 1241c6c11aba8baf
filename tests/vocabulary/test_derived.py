"""What is derived from the ontology: the context gives every name its one type, the shapes refuse what is no value."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Literal, Namespace, URIRef

from passport.errors import UnsafeJsonLd
from passport.linked_data import contexts, jsonld, resources
from passport.linked_data.nquads import literal
from passport.validation import shacl
from passport.vocabulary import derived
from passport.vocabulary.derivation import derived_shapes
from passport.vocabulary.derivation.derived_context import CONTEXT, context
from passport.vocabulary.derivation.derived_shapes import LEXICAL, SHAPES
from passport.vocabulary.expectation import expected
from passport.vocabulary.strict_turtle import META, NS
from passport.vocabulary.vocabulary import Category, Datatype, ObligationStatus, load, regimes
from tests.each import each

VOCABULARY = load()
INDICATORS = VOCABULARY.indicators
BP = Namespace(NS)
SH = Namespace("http://www.w3.org/ns/shacl#")
XSD_ = "http://www.w3.org/2001/XMLSchema#"
PACK, MODEL = URIRef("https://battery.example/pack"), URIRef("https://battery.example/model")
BATCH = URIRef("https://battery.example/batch")


# --- the files ------------------------------------------------------------------------------------------------------


def test_the_checked_in_files_are_up_to_date():
    assert derived.stale() == (), "run python -m passport.vocabulary.derived"


def test_there_are_shapes_for_each_regime_and_category_and_a_pin_for_the_context():
    assert set(derived.files()) == {
        "contexts/battery-v1.jsonld", "contexts/pins.json", "shapes/datatypes.ttl", "shapes/personal-data.ttl",
        "shapes/parties.ttl",
        "ontology/derived/credential-names.json",
        "ontology/derived/battery-graph.json",
        "shapes/eu-ev.ttl", "shapes/eu-lmt.ttl", "shapes/eu-industrial.ttl", "shapes/eu-stationary.ttl",
        "shapes/cn-ev.ttl",
    }  # fmt: skip


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A checkout of its own, with the derived files in it."""
    for folder in ("ontology", "shapes", "contexts"):
        shutil.copytree(resources.path(folder), tmp_path / folder)
    monkeypatch.setattr(resources, "data_root", lambda: tmp_path)
    return tmp_path


def test_the_check_names_a_stale_and_a_missing_file_and_writes_nothing(copy, capsys):
    edited = copy / "shapes" / "eu-ev.ttl"
    edited.write_text(edited.read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")
    (copy / "contexts" / "battery-v1.jsonld").unlink()
    assert derived.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "shapes/eu-ev.ttl" in said and "contexts/battery-v1.jsonld" in said and "eu-lmt" not in said
    assert edited.read_text(encoding="utf-8").endswith("# by hand\n")


def test_the_command_writes_what_is_stale_and_only_that(copy, capsys):
    (copy / "shapes" / "eu-ev.ttl").write_text("", encoding="utf-8")
    assert derived.main([]) == 0
    assert capsys.readouterr().out == "written: shapes/eu-ev.ttl\n"
    assert derived.main(["--check"]) == 0
    assert derived.main([]) == 0 and capsys.readouterr().out == ""


def test_an_edited_context_gets_a_new_pin_and_foreign_pins_stay(copy):
    before = json.loads((copy / "contexts" / "pins.json").read_text(encoding="utf-8"))
    stale = {**before, CONTEXT: {"file": "battery-v1.jsonld", "sha256": "0" * 64}}
    (copy / "contexts" / "pins.json").write_text(json.dumps(stale), encoding="utf-8")
    assert derived.write() == ("contexts/pins.json",)
    assert json.loads((copy / "contexts" / "pins.json").read_text(encoding="utf-8")) == before


# --- the context ----------------------------------------------------------------------------------------------------


DEFINED = contexts.PINNED.load(CONTEXT)["@context"]


def names(node) -> set[str]:
    """Every term that a context document defines, at any depth."""
    if isinstance(node, list):
        return set().union(*map(names, node))
    if not isinstance(node, dict):
        return set()
    inner = [value["@context"] for value in node.values() if isinstance(value, dict) and "@context" in value]
    return {name for name in node if not name.startswith("@")}.union(*map(names, inner))


def test_the_context_defines_every_term_of_a_credential_and_nothing_else():
    in_credentials = {
        name for name, term in VOCABULARY.terms.items() if term.own and not term.personal_data
    } | VOCABULARY.classes.keys()
    assert names(DEFINED) == in_credentials
    assert DEFINED["@protected"] is True and DEFINED["@version"] == 1.1


@each("url", sorted(url for url in contexts.PINNED if url != CONTEXT))
def test_the_context_defines_no_name_that_a_w3c_context_defines_at_any_depth(url):
    shared = names(DEFINED) & names(contexts.PINNED.load(url)["@context"])
    # VC Data Model 1.1, DID and JWK documents never stand in one document with ours.
    apart = ("credentials/v1", "ns/did/v1", "security/jwk", "ns/cid")
    assert not shared or any(part in url for part in apart), shared


@each("name", ["vehicleIdentificationNumber", "licensePlateNumber", "ownerName", "ownerCode", "ownerAddress"])
def test_personal_data_is_refused_before_it_is_signed(name):
    with pytest.raises(UnsafeJsonLd):
        jsonld.to_dataset(credential({name: "LSVAM4187C2184847"}))


def credential(claims: dict) -> dict:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "id": "https://battery.example/credentials/1",
        "type": ["VerifiableCredential", "BatteryPassportCredential"],
        "issuer": "did:web:battery.example",
        "credentialSubject": {"id": str(PACK), "type": "BatteryPack", **claims},
    }


def statements(claims: dict) -> set[tuple[str, str, str]]:
    """What a credential says beside what every credential says."""
    frame = {quad[:3] for quad in jsonld.to_dataset(credential({}))}
    return {quad[:3] for quad in jsonld.to_dataset(credential(claims))} - frame


DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda number: format(number, "f"))
IRIS = st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9]{0,9}", fullmatch=True)
WORDS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1)
VALUES = {
    Datatype.STRING: WORDS,
    Datatype.DECIMAL: DECIMALS,
    Datatype.INTEGER: st.integers(-(2**53) + 1, 2**53 - 1),
    Datatype.BOOLEAN: st.booleans(),
    Datatype.DATE: st.dates().map(str),
    Datatype.DATE_TIME: st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
    Datatype.DURATION: st.integers(0, 999).map("PT{}S".format),
    Datatype.ANY_URI: IRIS,
}


def value_of(term, datatype: Datatype):
    if datatype is Datatype.ENUM:
        return st.sampled_from([code.code for code in term.enumeration.codes])
    if datatype is Datatype.LANG_STRING:
        return st.dictionaries(st.sampled_from(["en", "zh", "de"]), WORDS, min_size=1)
    return VALUES[datatype]


def object_of(datatype: Datatype, value) -> set[str]:
    """The RDF term or terms, as N-Quads, that a value must become."""
    if datatype is Datatype.LANG_STRING:
        return {literal(text, language=language) for language, text in value.items()}
    if datatype is Datatype.ANY_URI:
        return {f"<{value}>"}
    if datatype in (Datatype.STRING, Datatype.ENUM):
        return {literal(value)}
    lexical = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return {literal(lexical, datatype=XSD_ + datatype)}


PLAIN = [
    term for term in VOCABULARY.terms.values()
    if term.own and not term.personal_data and term.datatype is not Datatype.STRUCTURED
]  # fmt: skip


@given(st.data())
def test_any_value_under_any_name_becomes_its_predicate_and_datatype(data):
    term = data.draw(st.sampled_from(PLAIN), label="term")
    value = data.draw(value_of(term, term.datatype), label="value")
    found = statements({term.id: [value] if term.repeatable else value})
    assert found == {(f"<{PACK}>", f"<{term.iri}>", wanted) for wanted in object_of(term.datatype, value)}


@given(st.data())
def test_any_entry_becomes_a_node_with_its_fields(data):
    structured = [one for one in INDICATORS.values() if one.fields and not any(f.personal_data for f in one.fields)]
    indicator = data.draw(st.sampled_from(structured), label="indicator")
    node = f"https://battery.example/credentials/1#{indicator.id}-1"
    entry, wanted = {"id": node}, {(f"<{PACK}>", f"<{indicator.iri}>", f"<{node}>")}
    for field in indicator.fields:
        value = data.draw(value_of(field, field.datatype), label=field.name)
        entry[field.term] = [value] if field.repeatable else value
        wanted |= {(f"<{node}>", f"<{field.iri}>", one) for one in object_of(field.datatype, value)}
    assert statements({indicator.id: [entry] if indicator.repeatable else entry}) == wanted


def test_every_indicator_that_may_stand_in_a_credential_is_defined_with_its_type():
    types = {
        Datatype.DECIMAL: XSD_ + "decimal", Datatype.INTEGER: XSD_ + "integer", Datatype.BOOLEAN: XSD_ + "boolean",
        Datatype.DATE: XSD_ + "date", Datatype.DATE_TIME: XSD_ + "dateTime", Datatype.DURATION: XSD_ + "duration",
        Datatype.ANY_URI: "@id", Datatype.STRUCTURED: "@id",
    }  # fmt: skip
    for indicator in INDICATORS.values():
        if indicator.personal_data:
            assert indicator.id not in DEFINED
            continue
        definition = DEFINED[indicator.id]
        definition = {"@id": definition} if isinstance(definition, str) else definition
        assert definition["@id"] == NS + indicator.id
        assert definition.get("@type") == types.get(indicator.datatype)
        assert definition.get("@container") == ("@set" if indicator.repeatable else None)


# --- the shapes: what they are --------------------------------------------------------------------------------------


def shapes(name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=resources.read_text(f"shapes/{name}.ttl"), format="turtle")


DATATYPES = shapes("datatypes")
FILES = [f"{regime.code}-{category}" for regime in regimes().values() for category in regime.categories]


def test_every_indicator_and_field_has_a_shape_that_names_it_and_speaks_both_languages():
    for indicator in INDICATORS.values():
        places = [(indicator.id, META.indicator, indicator.iri)]
        places += [(f"{indicator.id}.{field.name}", META.field, field.usage) for field in indicator.fields]
        for name, link, iri in places:
            shape = URIRef(f"{SHAPES}datatypes#{name}")
            assert (shape, link, URIRef(iri)) in DATATYPES
            assert (shape, META.indicator, URIRef(indicator.iri)) in DATATYPES
            messages = {str(message.language): str(message) for message in DATATYPES.objects(shape, SH.message)}
            assert set(messages) == {"en", "zh"}
            assert "expected" in messages["en"] and "应为" in messages["zh"]


@each("name", ["datatypes", *FILES])
def test_every_shape_hangs_on_a_target_and_has_one_path(name):
    graph = shapes(name)
    reached = set(graph.objects(None, SH.property))
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        assert shape in reached
        assert len(list(graph.objects(shape, SH.path))) == 1
        assert len(list(graph.objects(shape, SH.pattern))) <= 1
        assert shape.startswith(f"{SHAPES}{name}#")


@each("name", FILES)
def test_a_completeness_shape_asks_for_what_is_mandatory_and_refuses_what_is_excluded(name):
    graph = shapes(name)
    code, _, category = name.partition("-")
    found = {ObligationStatus.MANDATORY: set(), ObligationStatus.EXCLUDED: set()}
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        status = ObligationStatus.MANDATORY if (shape, SH.minCount, Literal(1)) in graph else ObligationStatus.EXCLUDED
        found[status].add(shape.rpartition("#")[2])
    stated = regimes()[code].obligations(Category(category)).values()
    for status, identifiers in found.items():
        assert identifiers == {one.indicator for one in stated if one.status is status}


def test_a_path_leads_through_the_model_where_the_model_is_the_subject():
    graph = shapes("eu-ev")
    path = graph.value(URIRef(SHAPES + "eu-ev#nominalVoltage"), SH.path)
    assert list(graph.items(path)) == [BP.batteryModel, BP.nominalVoltage]
    assert graph.value(URIRef(SHAPES + "eu-ev#stateOfCertifiedEnergy"), SH.path) == BP.stateOfCertifiedEnergy
    assert graph.value(URIRef(SHAPES + "eu-ev#manufacturingDate"), SH.path) == BP.manufacturingDate


# --- the shapes: what they do ---------------------------------------------------------------------------------------


def battery(**values) -> rdflib.Graph:
    """A pack and its model, with values by indicator id (one or a list of RDF terms)."""
    graph = rdflib.Graph()
    graph.add((PACK, RDF.type, BP.BatteryPack))
    graph.add((PACK, BP.batteryModel, MODEL))
    graph.add((MODEL, RDF.type, BP.BatteryModel))
    graph.add((PACK, BP.batteryBatch, BATCH))
    graph.add((BATCH, RDF.type, BP.BatteryBatch))
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            graph.add((subject_of(name), BP[name], one))
    return graph


def subject_of(name: str) -> URIRef:
    if name not in INDICATORS or INDICATORS[name].carrier.about_pack:
        return PACK
    return MODEL if INDICATORS[name].carrier.about_model else BATCH


def typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=URIRef(XSD_ + datatype), normalize=False)


def complaints(graph: rdflib.Graph, name: str = "datatypes") -> set[str]:
    """Local names of the shapes that a graph offends."""
    return {str(result.shape).rpartition("#")[2] for result in shacl.run(graph, shacl.shapes(f"shapes/{name}.ttl"))}


GOOD = {
    "nominalVoltage": typed("710.4", "decimal"),
    "warrantyPeriod": typed("96", "integer"),
    "vehicleBatteryIntegrity": typed("true", "boolean"),
    "manufacturingDate": typed("2026-06-18", "date"),
    "recordedAt": typed("2026-11-16T08:30:00Z", "dateTime"),
    "batteryCategory": Literal("ev"),
    "cadmiumLeadSymbol": [Literal("Cd"), Literal("Pb")],
    "safetyMeasures": [URIRef("https://battery.example/a"), URIRef("https://battery.example/b")],
    "batteryIdentifier": URIRef("http://127.0.0.1:8080/01/09529999001009/21/1"),
    "gtin": Literal("09529999001009"),
    "carbonFootprintEndOfLife": typed("-0.02", "decimal"),
    "stateOfCharge": typed("0", "decimal"),
}


def test_good_values_conform():
    assert complaints(battery(**GOOD)) == set()


BAD = {
    "a comma": ("ratedCapacity", typed("17,0", "decimal")),
    "an exponent": ("ratedCapacity", typed("1.7E1", "decimal")),
    "an underscore": ("ratedCapacity", typed("1_000", "decimal")),
    # A graph of ours has it as a plain string: as an xsd:decimal, rdflib itself would stumble over it.
    "not a number": ("ratedCapacity", Literal("NaN")),
    "digits of another script": ("ratedCapacity", typed("１２", "decimal")),
    "a plus sign": ("ratedCapacity", typed("+17", "decimal")),
    "a decimal as text": ("ratedCapacity", Literal("17.0")),
    "a decimal as a double": ("ratedCapacity", typed("17.0", "double")),
    "zero where it must be more": ("ratedCapacity", typed("0", "decimal")),
    "a placeholder for a number": ("ratedCapacity", typed("n/a", "decimal")),
    "more than the greatest": ("stateOfCharge", typed("100.1", "decimal")),
    "less than the least": ("idleTemperatureLowerBoundary", typed("-100.5", "decimal")),
    "a fraction as an integer": ("warrantyPeriod", typed("5.5", "integer")),
    "an integer beyond its bound": ("warrantyPeriod", typed("601", "integer")),
    "a day that does not exist": ("manufacturingDate", typed("2026-02-30", "date")),
    "a day with a zone": ("manufacturingDate", typed("2026-06-18Z", "date")),
    "a month as a day": ("manufacturingDate", typed("2026-06", "date")),
    "an instant without a zone": ("recordedAt", typed("2026-11-16T08:30:00", "dateTime")),
    "an hour that does not exist": ("recordedAt", typed("2026-11-16T25:30:00Z", "dateTime")),
    "a truth that is none": ("vehicleBatteryIntegrity", Literal("yes")),
    "a code of no list": ("batteryStatus", Literal("reused")),
    "a code with a language": ("batteryStatus", Literal("waste", lang="en")),
    "an IRI as text": ("euDeclarationOfConformity", Literal("https://battery.example/d")),
    "a placeholder for an IRI": ("euDeclarationOfConformity", Literal("n/a")),
    "a link without TLS": ("euDeclarationOfConformity", URIRef("http://battery.example/d")),
    "text where an entry belongs": ("manufacturerAddress", Literal("1 Example Road")),
    "empty text": ("batteryModelIdentifier", Literal("")),
    "a code of 13 digits": ("gtin", Literal("9529999001009")),
    "a cell's code on a pack": ("packTractionBatteryCode", Literal("001CB240000003B3C0221953")),
    "a second value": ("nominalVoltage", [typed("700", "decimal"), typed("710.4", "decimal")]),
    "a third symbol": ("cadmiumLeadSymbol", [Literal("Cd"), Literal("Pb"), Literal("none")]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@each("what", BAD)
def test_a_value_is_refused_for(what):
    name, value = BAD[what]
    found = complaints(battery(**{**GOOD, name: value}))
    # An indicator whose entry is no node has no fields either.
    assert {shape.partition(".")[0] for shape in found} == {name} and name in found


def entry(graph: rdflib.Graph, name: str, number: int = 1, /, **values) -> rdflib.Graph:
    """Add an entry of a structured indicator, values by term."""
    node = URIRef(f"https://battery.example/credentials/1#{name}-{number}")
    graph.add((subject_of(name), BP[name], node))
    terms = {field.term: URIRef(field.iri) for field in INDICATORS[name].fields}
    for term, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            graph.add((node, terms[term], one))
    return graph


POWER = {"atStateOfCharge": typed("80", "decimal"), "powerAtStateOfCharge": typed("350000", "decimal")}


def test_an_entry_with_its_required_fields_conforms():
    graph = entry(battery(), "originalPowerCapability", **POWER)
    entry(graph, "originalPowerCapability", 2, **POWER, pulseDuration=typed("PT10S", "duration"))
    entry(graph, "sparePartSources", name=Literal("P"), streetAddress=Literal("1 Road"), addressCountry=Literal("CN"))
    impact = [Literal("harmful", lang="en"), Literal("有害", lang="zh")]
    entry(graph, "substanceImpact", substanceName=Literal("x"), impactStatement=impact)
    assert complaints(graph) == set()


@each(
    ("name", "values", "offended"),
    [
        ("originalPowerCapability", {"atStateOfCharge": POWER["atStateOfCharge"]}, "power"),
        ("originalPowerCapability", {**POWER, "atStateOfCharge": typed("101", "decimal")}, "stateOfCharge"),
        ("originalPowerCapability", {**POWER, "powerAtStateOfCharge": typed("0", "decimal")}, "power"),
        ("originalPowerCapability", {**POWER, "pulseDuration": typed("P1Y", "duration")}, "pulseDuration"),
        ("originalPowerCapability", {**POWER, "atStateOfCharge": [typed("80", "decimal"), typed("20", "decimal")]},
         "stateOfCharge"),
        ("manufacturerContact", {"email": Literal("nobody")}, "email"),
        ("manufacturerContact", {"webAddress": Literal("battery.example")}, "webAddress"),
        ("componentMass", {"assemblyLevel": Literal("pack"), "massPerComponent": typed("2", "decimal")}, "component"),
        ("substanceImpact", {"substanceName": Literal("x"), "impactStatement": Literal("mute")}, "impactStatement"),
        ("substanceImpact", {"substanceName": Literal("x"),
                             "impactStatement": [Literal("a", lang="en"), Literal("b", lang="en")]}, "impactStatement"),
        ("sparePartSources", {"streetAddress": Literal("1 Road"), "addressCountry": Literal("CN")}, "name"),
    ],
)  # fmt: skip
def test_a_field_is_refused_by_its_own_shape(name, values, offended):
    assert complaints(entry(battery(), name, **values)) == {f"{name}.{offended}"}


def test_power_of_zero_is_right_for_an_old_pack_and_wrong_for_a_new_one():
    nothing = {**POWER, "powerAtStateOfCharge": typed("0", "decimal")}
    assert complaints(entry(battery(), "remainingPowerCapability", **nothing)) == set()
    assert complaints(entry(battery(), "originalPowerCapability", **nothing)) == {"originalPowerCapability.power"}


def test_completeness_names_what_is_missing_and_what_is_excluded():
    missing = complaints(battery(), "eu-ev")
    assert len(missing) == 57
    found = complaints(battery(**GOOD, ohmicResistance=typed("0.1", "decimal")), "eu-ev")
    assert missing - found == {"nominalVoltage", "manufacturingDate", "batteryCategory", "batteryIdentifier",
                               "safetyMeasures"}  # fmt: skip
    assert found - missing == {"ohmicResistance"}


def test_completeness_does_not_ask_whether_a_value_is_right():
    assert "nominalVoltage" not in complaints(battery(nominalVoltage=Literal("n/a")), "eu-ev")


def test_values_of_the_batch_are_found_on_the_model_of_a_passport_issued_without_a_batch():
    graph = battery()
    missing = complaints(graph, "eu-ev")
    assert "manufacturingPlace" in missing
    graph.add((MODEL, BP.manufacturingPlace, URIRef("https://battery.example/credentials/1#manufacturingPlace")))
    assert missing - complaints(graph, "eu-ev") == {"manufacturingPlace"}
    assert complaints(battery(recycledNickelShare=typed("101", "decimal"))) == {"recycledNickelShare"}
    graph.add((MODEL, BP.recycledNickelShare, typed("101", "decimal")))
    assert "recycledNickelShare" in complaints(graph)


@each(("file", "own"), [("ev-ncm-100kwh", "eu-ev"), ("stationary-lfp", "eu-stationary"), ("lmt-ebike", "eu-lmt")])
def test_the_example_packs_hold_all_that_is_mandatory_and_nothing_that_is_excluded(examples, file, own):
    record = json.loads((examples / f"{file}.json").read_text(encoding="utf-8"))
    given = {name for part in (record["model"], record["pack"], record["condition"]) for name in part}
    values = {name: Literal("given") for name in given & INDICATORS.keys()}
    assert complaints(battery(**values), own) == set()


# --- words ----------------------------------------------------------------------------------------------------------


@each(
    ("name", "en", "zh"),
    [
        ("nominalVoltage", "a number of volts greater than 0", "大于0的数值，单位为伏（V）"),
        ("stateOfCharge", "a number in per cent from 0 to 100", "不小于0且不大于100的数值，单位为百分比（%）"),
        ("energyThroughput", "a number of kilowatt-hours, at least 0", "不小于0的数值，单位为千瓦时（kWh）"),
        ("warrantyPeriod", "a whole number of months greater than 0 and at most 600",
         "大于0且不大于600的整数，单位为月（mo）"),
        ("batteryCategory", "one of ev, lmt, industrial, stationary", "以下代码之一：ev、lmt、industrial、stationary"),
        ("manufacturingDate", "a day written YYYY-MM-DD", "日期，写作YYYY-MM-DD"),
        ("euDeclarationOfConformity", "an address that begins with https://", "以https://开头的网址"),
        ("manufacturerName", "text", "文本"),
        ("componentPartNumbers", "an entry with partName, partNumber", "结构化条目，含部件名称、零件编号"),
    ],
)  # fmt: skip
def test_what_is_expected_is_said_in_plain_words(name, en, zh):
    assert (expected(INDICATORS[name]), expected(INDICATORS[name], "zh")) == (en, zh)


def test_a_long_code_list_is_named_and_not_read_out():
    hazard = INDICATORS["hazardousSubstances"].field("hazardClass")
    assert expected(hazard) == "a code of the list “Hazard class”, such as explosives"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=9))
def test_bounds_are_written_as_plain_numbers_that_turtle_reads_back(number):
    text = derived_shapes.turtle_number(number)
    graph = rdflib.Graph().parse(data=f"<urn:a> <urn:b> {text} .", format="turtle")
    assert Decimal(str(graph.value(URIRef("urn:a"), URIRef("urn:b")))) == number


def test_lexical_patterns_are_narrower_than_xsd():
    assert set(LEXICAL) == {
        Datatype.DECIMAL, Datatype.INTEGER, Datatype.BOOLEAN, Datatype.DATE, Datatype.DATE_TIME, Datatype.DURATION,
    }  # fmt: skip
    assert context(VOCABULARY) == contexts.PINNED.load(CONTEXT)
