"""Compiled shapes never call conforming what pySHACL calls otherwise, and their reports are those of the reference.

``PASSPORT_MUTANTS`` says how many mutants of valid records are drawn (``make torture``: 50,000); 56 without it. Every
distinct one is judged by a second engine too; every one that the compiled shapes call conforming by the reference, up
to 3,000, and a sample of the others.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph

from passport.battery import record as records
from passport.battery.record_graph import as_graph, statements_of_graph
from passport.battery.record_json import from_json
from passport.battery.statements import Blank, Statements, Value
from passport.validation import rules, shacl, validator
from passport.validation.compiled import precheck, queries
from passport.validation.compiled.shape import CompiledShape, compiled, unconfirmed
from passport.validation.validator import CompiledShapesDiffer, validate
from passport.vocabulary.vocabulary import NS, Regime, Stage, regimes
from tests.conftest import CHECKOUT, example_count
from tests.each import each
from tests.validation.record_mutants import mutant
from tests.validation.second_engine import FORM, SecondJudgement

ALL = tuple(regimes().values())
ON = date(2027, 2, 18)
MUTANTS = int(os.environ.get("PASSPORT_MUTANTS", "56"))
MOST_HANDED_OVER = 1000 if "PASSPORT_MUTANTS" in os.environ else 5
MOST_CONFIRMED = 3000 if "PASSPORT_MUTANTS" in os.environ else 10
#: Parts that may run beside one another.
PARTS = 10 if "PASSPORT_MUTANTS" in os.environ else 1


def quick(record: records.Record, asked: tuple[Regime, ...] = ALL, on: date = ON, stage: Stage = Stage.PRODUCTION):
    return precheck.judge_record(record, asked, {regime.code: on for regime in asked}, on, stage)


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Callable[..., validator.ValidationReport]:
    """What pySHACL says alone."""

    def judge(record: records.Record, asked: tuple[Regime, ...] = ALL, on: date = ON, stage: Stage = Stage.PRODUCTION):
        with monkeypatch.context() as patched:
            patched.setattr(precheck, "judge_record", lambda *_: None)
            patched.setattr(validator, "unconfirmed", lambda *_: None)
            patched.setattr(validator, "confirmed_shapes", None)
            return validate(record, asked, on=on, at_stage=stage)

    return judge


@pytest.fixture
def valid_documents(pack_document: Callable[..., dict]) -> dict[str, dict]:
    """Valid records of every category. The electric vehicle's has four cells, which is enough for every rule."""
    car = pack_document("EV")
    production = car["events"]["production"]
    production["cellTractionBatteryCodes"] = production["cellTractionBatteryCodes"][:4]
    car["model"]["dismantlingInformation"]["cellCount"] = 4
    stationary = pack_document("ST")
    industrial = copy.deepcopy(stationary)
    industrial["model"]["batteryCategory"] = "industrial"
    documents = {"ev": car, "stationary": stationary, "industrial": industrial, "lmt": pack_document("LMT")}
    return {name: parts(from_json(document, "pack.json")) for name, document in documents.items()}


def parts(record: records.Record) -> dict[str, Any]:
    return {
        "model": record.model, "batch": record.batch, "pack": record.pack, "condition": record.condition or {},
        "events": record.events,
    }  # fmt: skip


def assembled(document: dict[str, Any]) -> records.Record:
    """A record past the readers, which would refuse some of what the shapes have to judge."""
    category = records.category_of(document["model"])
    events = {name: event for name, event in (document["events"] or {}).items() if isinstance(event, dict)}
    condition = document["condition"] or None
    return records.Record(category, document["model"], document["pack"], condition, events, batch=document["batch"])


# --- the gate -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_is_called_conforming_that_another_engine_calls_otherwise(part, valid_documents, reference):
    random = Random(20261129 + part)
    seen: set[str] = set()
    confirmed, counted = Counter[str](), Counter[str]()
    for _ in range(MUTANTS // PARTS):
        category = random.choice(list(valid_documents))
        changed = mutant(random, valid_documents[category])
        record = assembled(changed)
        asked = random.choice((ALL, ALL, ALL[:1], ALL[1:], ()))
        on = random.choice((ON, ON, date(2026, 7, 1), date(2031, 8, 18)))
        stage = random.choice((Stage.PRODUCTION, Stage.PRODUCTION, *Stage))
        report = quick(record, asked, on, stage)
        counted["conforming" if report is not None else "handed over"] += 1
        key = repr([changed, [regime.code for regime in asked], str(on), stage])
        if key in seen:
            continue
        seen.add(key)
        second = SecondJudgement(record, dict.fromkeys(asked, on), stage)
        counted["second engine", second.conforms] += 1
        if report is not None:
            assert second.conforms, (second.of_form, second.of_rules, second.of_regimes)
            if confirmed[category] < -(-MOST_CONFIRMED // PARTS // len(valid_documents)):
                confirmed[category] += 1
                truth = reference(record, asked, on, stage)
                assert truth == report, json.dumps([fault.to_json() for fault in truth.faults], ensure_ascii=False)
        elif counted["handed over"] % max(1, MUTANTS // MOST_HANDED_OVER) == 0:
            # The reference leaves out the shapes that compiled shapes confirm. Its report stays the same.
            counted["handed over and judged by the reference"] += 1
            whole = reference(record, asked, on, stage)
            assert validate(record, asked, on=on, at_stage=stage) == whole
            assert the_engines_agree(whole, second), (sorted(second.violated), [fault.code for fault in whole.faults])
    print(part, {str(name): number for name, number in counted.items()}, dict(confirmed), flush=True)
    assert counted["conforming"] > MUTANTS // PARTS // 10, "too few mutants stay valid: the gate would hold nothing"
    assert set(confirmed) == set(valid_documents)


def the_engines_agree(report: validator.ValidationReport, second: SecondJudgement) -> bool:
    """Whether both engines find the same values malformed; where there are none, whether they find the same rules
    broken. A text where an object belongs has no fields for the second engine; pySHACL finds each of them missing."""
    results = shacl.run(as_graph(second.stated), shacl.shapes(precheck.DATATYPES))
    of_form = {str(result.shape) for result in results}
    of_fields = {FORM + name.removeprefix(FORM).partition(".")[0] for name in of_form - second.of_form}
    if not (second.of_form <= of_form and of_fields <= second.of_form):
        return False
    by_shape = {name for name, rule in rules.rules().items() if not rule.programmed}
    found = {str(rules.RULE[fault.code]) for fault in report.faults if fault.code in by_shape}
    return bool(of_form) or second.of_rules == found


@each(
    ("pack", "changes", "violated"),
    [
        ("LMT", {"/model/ratedCapacity": "-1"}, "https://w3id.org/battery-passport/shapes/datatypes#ratedCapacity"),
        ("LMT", {"/model/ratedEnergy": "9"}, str(rules.RULE["rated-energy"])),
        ("ST", {"/model/ratedEnergy": "23.3"}, str(rules.RULE["power-to-energy-ratio"])),
        ("LMT", {"/model/certifiedUsableBatteryEnergy": "9"},
         "https://w3id.org/battery-passport/shapes/eu-lmt#certifiedUsableBatteryEnergy"),
        ("EV", {"/model/batteryMass": ...}, "https://w3id.org/battery-passport/shapes/eu-ev#batteryMass"),
        ("LMT", {"/model/removalManual/0/language": "de\n"}, f"{FORM}removalManual.language"),
        ("LMT", {"/model/dismantlingInformation/cellCount": 10**40}, f"{FORM}dismantlingInformation.cellCount"),
    ],
    ids=["form", "a query", "a quotient of many digits", "what a category excludes", "what is due", "a line", "count"],
)  # fmt: skip
def test_the_second_engine_sees_what_is_broken(pack, changes, violated, pack_record):
    record = pack_record(pack, changes)
    second = SecondJudgement(record, dict.fromkeys(ALL, ON), Stage.PRODUCTION)
    assert violated in second.violated
    assert violated in second.of_form | second.of_rules | second.of_regimes
    # What one graph states does not stay for the next.
    assert SecondJudgement(pack_record(pack), dict.fromkeys(ALL, ON), Stage.PRODUCTION).conforms


def test_the_second_engine_judges_a_record_in_whose_rules_it_fails(valid_documents):
    """An array where an object belongs is a blank node, which the engine cannot write into the query of a rule."""
    document = copy.deepcopy(valid_documents["ev"])
    document["events"]["production"]["moduleSpecification"] = [{}]
    second = SecondJudgement(assembled(document), dict.fromkeys(ALL, ON), Stage.PRODUCTION)
    assert f"{FORM}moduleSpecification" in second.of_form and not second.conforms


@pytest.mark.parametrize("category", ["ev", "stationary", "industrial", "lmt"])
@pytest.mark.parametrize("stage", [Stage.PRODUCTION, Stage.USE])
def test_a_valid_record_is_judged_quickly_and_as_the_reference_judges_it(category, stage, valid_documents, reference):
    record = assembled(valid_documents[category])
    truth = reference(record, stage=stage)
    assert quick(record, stage=stage) == (truth if not truth.faults else None)


@each("name", ["EV", "ST", "LMT"])
def test_each_example_pack_is_on_the_quick_way(name, pack_record):
    assert quick(pack_record(name)) is not None
    assert quick(pack_record(name, {"/model/gtin": "09529999001000"})) is None


# --- what is handed over --------------------------------------------------------------------------------------------


@each(
    ("pack", "changes"),
    [
        ("EV", {"/model/safetyMeasures": []}),
        ("EV", {"/model/ratedCapacity": []}),
        ("EV", {"/model/originalPowerCapability": []}),
        ("EV", {"/model/ratedCapacity": ["141"]}),
        ("ST", {"/model/nominalVoltage": 710.4}),
        ("ST", {"/pack/ratedCapacity": "280"}),
        ("ST", {"/model/manufacturingDate": "2026-03-09"}),
        ("ST", {"/pack/manufacturingPlace": "elsewhere"}),
        ("LMT", {"/pack/serialNumber": {"a": "b"}}),
        ("LMT", {"/pack/manufacturingDate": "2026-01-21Z"}),
        ("LMT", {"/model/manufacturerName": "Wang 13800138000"}),
        (
            "LMT",
            {
                "/model/removalManual": [
                    {"documentUrl": "https://a.example/x", "mimeType": "text/html", "language": "de\n"}
                ]
            },
        ),
    ],
    ids=str,
)
def test_what_is_not_surely_right_goes_to_the_reference(pack, changes, pack_record):
    document = parts(pack_record(pack))
    ((_, part, indicator),) = (pointer.split("/") for pointer in changes)
    document[part] = {**document[part], indicator: next(iter(changes.values()))}
    assert quick(assembled(document)) is None


def test_a_warning_is_handed_over_although_the_record_conforms(pack_record, reference):
    record = pack_record("LMT", {"/model/manufacturerName": "Wang 13800138000"})
    assert quick(record) is None
    report = reference(record)
    assert report.conforms and {fault.severity for fault in report.faults} == {"warning"}


def test_a_model_is_kept_by_its_content_and_not_by_its_object(pack_document):
    document = pack_document("ST")
    record = from_json(document, "pack.json")
    assert quick(record) is not None
    assert isinstance(record.model, dict)
    changed = replace(record, model={**record.model, "warrantyPeriod": True})
    for same_to_python in (1, 1.0, True):
        record.model["warrantyPeriod"] = same_to_python
        assert (quick(record) is not None) is (type(same_to_python) is int)
    assert quick(changed) is None


def test_the_model_of_yesterday_is_judged_again_today(pack_record):
    record = pack_record("LMT")
    assert quick(record, on=ON) is not None
    assert quick(record, on=date(2025, 1, 1)) is None


# --- changed rules --------------------------------------------------------------------------------------------------


@pytest.fixture
def anew():
    """Nothing compiled is kept before or after the test."""
    compiled.cache_clear()
    precheck.forget()
    yield
    compiled.cache_clear()
    precheck.forget()


def test_every_query_has_its_counterpart():
    with_query = {name for name, rule in rules.rules().items() if rule.select is not None}
    assert with_query == set(queries.COUNTERPARTS)
    assert not [shape.iri for shape in compiled(rules.shapes()) if shape.check is None]


@pytest.mark.usefixtures("anew")
def test_a_changed_query_is_left_to_the_reference_until_its_counterpart_is_renewed(pack_record, monkeypatch):
    old = queries.COUNTERPARTS["rated-energy"]
    monkeypatch.setitem(queries.COUNTERPARTS, "rated-energy", replace(old, digest="of another query"))
    uncompiled = {shape.iri for shape in compiled(rules.shapes()) if shape.check is None}
    assert uncompiled == {str(rules.RULE["rated-energy"])}
    assert quick(pack_record("LMT")) is None
    assert validate(pack_record("LMT"), ALL, on=ON).conforms


def test_a_query_is_another_with_another_limit_or_another_prefix_but_not_with_another_layout():
    turtle = """
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix bp: <https://w3id.org/battery-passport/ns#> .
        @prefix rule: <https://w3id.org/battery-passport/rules#> .
        <urn:prefixes> sh:declare [ sh:prefix "bp" ; sh:namespace "PREFIX" ] .
        rule:rated-energy sh:targetClass bp:BatteryModel ;
            sh:sparql [ sh:prefixes <urn:prefixes> ; sh:select '''QUERY''' ] .
    """
    query = rules.rules()["rated-energy"].select
    assert query is not None

    def check(select: str, prefix: str = NS):
        text = turtle.replace("PREFIX", prefix).replace("QUERY", select)
        (shape,) = compiled(Graph().parse(data=text, format="turtle"))
        return shape.check

    assert check(query) is not None and check(" ".join(query.split())) is not None
    assert check(query.replace("0.1", "0.2")) is None
    assert check(query, "https://elsewhere.example/ns#") is None


PREFIXES = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix bp: <https://w3id.org/battery-passport/ns#> .
"""


def shape_of(turtle: str) -> tuple[Graph, CompiledShape]:
    graph = Graph().parse(data=PREFIXES + turtle, format="turtle")
    (shape,) = compiled(graph)
    return graph, shape


@each(
    "construct",
    [
        "sh:path bp:a ; sh:class bp:C",
        "sh:path bp:a ; sh:pattern 'x' ; sh:flags 'i'",
        "sh:path bp:a ; sh:pattern 'x' , 'y'",
        "sh:path bp:a ; sh:nodeKind sh:Literal",
        "sh:path bp:a ; sh:datatype xsd:double",
        "sh:path bp:a ; sh:minInclusive '2026-01-01'^^xsd:date",
        "sh:path bp:a ; sh:maxLength 5",
        "sh:path bp:a ; sh:xone ( [ sh:minLength 1 ] )",
        "sh:path bp:a ; sh:node [ sh:minLength 1 ]",
        "sh:path bp:a ; sh:hasValue 'a'@en",
        "sh:path bp:a ; sh:deactivated true",
        "sh:path bp:a ; sh:qualifiedValueShape [ sh:minLength 1 ] ; sh:qualifiedMaxCount 1",
        "sh:path bp:a ; sh:uniqueLang false",
        "sh:path [ sh:inversePath bp:a ] ; sh:minCount 1",
        "sh:path [ sh:zeroOrMorePath bp:a ] ; sh:minCount 1",
        "sh:closed true",
        "sh:property [ sh:path bp:a ; sh:closed true ]",
        "sh:not [ sh:path bp:a ; sh:languageIn ( 'en' ) ]",
        "sh:sparql [ sh:select 'SELECT $this WHERE { }' ]",
        "a rdfs:Class",
        "sh:targetNode bp:x",
        "sh:property <urn:shape>",
    ],
)
def test_an_unknown_construct_leaves_its_shape_uncompiled(construct: str):
    _, shape = shape_of(f"<urn:shape> sh:targetClass bp:T ; {construct} .")
    assert shape.check is None
    data = statements_of_graph(Graph().parse(data=PREFIXES + "<urn:x> a bp:T .", format="turtle"))
    assert not shape.conform(data, of=data)


# --- each construct against pySHACL ---------------------------------------------------------------------------------

SHAPES = [
    "sh:property [ sh:path bp:a ; sh:minCount 1 ; sh:maxCount 2 ]",
    "sh:property [ sh:path bp:a ; sh:datatype xsd:string ; sh:minLength 2 ; sh:pattern '^[a-z]+$' ]",
    "sh:property [ sh:path bp:a ; sh:datatype xsd:decimal ; sh:minInclusive 1 ; sh:maxExclusive 2.5 ]",
    "sh:property [ sh:path bp:a ; sh:datatype xsd:integer ; sh:minExclusive 1 ; sh:maxInclusive 2 ]",
    "sh:property [ sh:path bp:a ; sh:datatype xsd:date ]",
    "sh:property [ sh:path bp:a ; sh:datatype rdf:langString ; sh:uniqueLang true ]",
    "sh:property [ sh:path bp:a ; sh:nodeKind sh:IRI ]",
    "sh:property [ sh:path bp:a ; sh:in ( 'ab' 'cd' 1 bp:n ) ]",
    "sh:property [ sh:path bp:a ; sh:hasValue 'ab' ]",
    "sh:path bp:a ; sh:equals bp:b",
    "sh:path bp:a ; sh:disjoint bp:b",
    "sh:path bp:a ; sh:lessThan bp:b",
    "sh:path bp:a ; sh:lessThanOrEquals bp:b",
    "sh:path ( bp:a bp:b ) ; sh:minCount 1 ; sh:in ( 'ab' 'cd' )",
    "sh:path [ sh:alternativePath ( bp:a bp:b ) ] ; sh:minCount 2",
    "sh:path ( [ sh:alternativePath ( bp:a bp:b ) ] bp:a ) ; sh:maxCount 1 ; sh:not [ sh:in ( 'ab' ) ]",
    "sh:path bp:a ; sh:qualifiedValueShape [ sh:path bp:b ; sh:hasValue 'ab' ] ; sh:qualifiedMinCount 1",
    "sh:not [ sh:path bp:a ; sh:hasValue 'ab' ]",
    "sh:not [ sh:path bp:a ; sh:lessThan bp:b ]",
    "sh:not [ sh:path bp:a ; sh:minInclusive 1 ]",
    "sh:not [ sh:path bp:a ; sh:pattern '^a' ]",
    "sh:not [ sh:path bp:a ; sh:datatype xsd:decimal ]",
    "sh:or ( [ sh:not [ sh:path bp:a ; sh:hasValue 'ab' ] ] [ sh:path bp:b ; sh:maxCount 0 ] )",
    "sh:or ( [ sh:path bp:a ; sh:hasValue 'ab' ] [ sh:property [ sh:path bp:b ; sh:minCount 1 ] ] )",
    "sh:property [ sh:path bp:a ; sh:property [ sh:path bp:b ; sh:minCount 1 ; sh:maxLength 9 ] ]",
    "sh:property [ sh:path bp:a ; sh:property [ sh:path bp:b ; sh:minCount 1 ] , [ sh:path bp:a ; sh:maxCount 0 ] ]",
]  # fmt: skip
XSD = "http://www.w3.org/2001/XMLSchema#"
SUBJECTS: list[Any] = ["urn:x", "urn:y", Blank("z")]
TERMS: list[Any] = [
    *SUBJECTS, NS + "n", Value("ab"), Value("cd"), Value("ab\n"), Value("Ab", None, "en"), Value("ab", None, "EN"),
    Value("ab", None, "zh"), Value(""), *(Value(text, XSD + "decimal") for text in ("1", "1.0", "2.5", "-3", "+2")),
    *(Value(text, XSD + "integer") for text in ("1", "2", "02")), Value("1.5", XSD + "double"),
    *(Value(text, XSD + "date") for text in ("2026-01-01", "2026-01-02", "2026-01-01Z", "2026-01-01+14:00")),
    *(Value(text, XSD + "dateTime") for text in (
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00.5Z")),
    Value("true", XSD + "boolean"),
]  # fmt: skip
STATED = st.lists(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from([NS + "a", NS + "a", NS + "b"]), st.sampled_from(TERMS)),
    max_size=7, unique=True,
)  # fmt: skip


@given(st.sampled_from(SHAPES), STATED, st.sampled_from(["sh:targetClass bp:T", "sh:targetObjectsOf bp:a",
                                                         "sh:targetSubjectsOf bp:b"]))  # fmt: skip
@settings(max_examples=example_count(240) if MUTANTS <= 400 else 5000)
def test_no_construct_is_called_fulfilled_that_pyshacl_calls_broken(turtle, triples, target):
    graph = Graph().parse(data=f"{PREFIXES} <urn:shape> {target} ; {turtle} .", format="turtle")
    (shape,) = compiled(graph)
    type_of = ("urn:x", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", NS + "T")
    data = Statements.of([type_of, *triples])
    if shape.conform(data, of=data):
        assert not shacl.run(as_graph(data), graph)


@each("turtle", [shape for shape in SHAPES if "maxLength" not in shape])
def test_each_construct_is_compiled(turtle: str):
    _, shape = shape_of(f"<urn:shape> sh:targetClass bp:T ; {turtle} .")
    assert shape.check is not None


# --- statements -----------------------------------------------------------------------------------------------------


def test_statements_and_graph_are_the_same_thing():
    triples = {(subject, NS + "a", term) for subject in SUBJECTS for term in TERMS}
    assert set(statements_of_graph(as_graph(Statements.of(triples)))) == triples


def test_a_subclass_in_the_data_leaves_every_shape_to_the_reference():
    graph, shape = shape_of("<urn:shape> sh:targetClass bp:T ; sh:property [ sh:path bp:a ; sh:minCount 1 ] .")
    turtle = "<urn:x> a bp:Narrower . bp:Narrower rdfs:subClassOf bp:T ."
    data = Graph().parse(data=PREFIXES + turtle, format="turtle")
    assert unconfirmed(graph, statements_of_graph(data)) == [shape.iri] and shacl.run(data, graph)


def test_joined_statements_are_those_of_both():
    left = Statements.of([("urn:x", NS + "a", Value("1")), ("urn:x", NS + "b", Value("2026-01-01", XSD + "date"))])
    right = Statements.of([("urn:y", NS + "a", Value("2")), ("urn:y", NS + "c", Value("2026-01-02", XSD + "date"))])
    both = left.joined(right)
    assert set(both) == {*left, *right}
    assert both.subject_objects(NS + "a") == [("urn:x", Value("1")), ("urn:y", Value("2"))]
    assert len(both.dated) == 2 and left.subject_objects(NS + "c") == []


# --- the sample -----------------------------------------------------------------------------------------------------


def test_a_difference_stops_loudly(pack_record, monkeypatch):
    monkeypatch.setattr(validator, "CHECKED_ONE_IN", 1)
    right = pack_record("LMT")
    report = validate(right, ALL, on=ON)
    assert report.conforms
    monkeypatch.setattr(precheck, "judge_record", lambda *_: report)
    with pytest.raises(CompiledShapesDiffer) as caught:
        validate(pack_record("LMT", {"/model/gtin": "09529999001000"}), ALL, on=ON)
    assert caught.value.exit_code == 3


def test_one_report_in_ten_thousand_is_made_by_the_reference_too(pack_record, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(validator.random, "randrange", lambda most: asked.append(most) or 1)
    monkeypatch.setattr(shacl, "run", lambda *_: pytest.fail("the reference was asked"))
    assert validate(pack_record("LMT"), ALL, on=ON).conforms
    assert asked == [10_000]


def test_the_engine_adds_nothing_to_a_shapes_graph_that_is_shared():
    shared = shacl.shapes("shapes/eu-lmt.ttl")
    before = set(shared)
    ShapesGraph(shared, False, None)
    assert set(shared) == before


def test_a_record_that_surely_conforms_never_loads_the_engine(valid_documents, tmp_path):
    document = tmp_path / "pack.json"
    document.write_text(json.dumps(valid_documents["lmt"]), encoding="utf-8")
    program = """
import sys
from datetime import date
from passport.exchange.records import record_files
from passport.validation import validator
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import regimes
((record,), _) = record_files.read(sys.argv[1])
validator.CHECKED_ONE_IN = 10**9
assert validate(record, tuple(regimes().values()), on=date(2027, 2, 18)).conforms
assert not {"pyshacl", "rdflib.plugins.sparql"} & set(sys.modules), sorted(sys.modules)
"""
    words = [sys.executable, "-c", program, str(document)]
    subprocess.run(words, check=True, cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
