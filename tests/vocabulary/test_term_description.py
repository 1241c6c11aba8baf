"""Every IRI of ours has a description in both languages, and statements that say the same as the ontology."""

from __future__ import annotations

import json

import pytest
import rdflib
from rdflib.compare import isomorphic

from passport.linked_data import resources
from passport.vocabulary import term_description
from passport.vocabulary.strict_turtle import BASE
from passport.vocabulary.vocabulary import load
from tests.conftest import share
from tests.each import each


@pytest.fixture(scope="module")
def ontology():
    return rdflib.Graph().parse(data=resources.read_text("ontology/battery.ttl"), format="turtle")


def test_every_iri_of_ours_is_described_and_nothing_else(ontology):
    ours = {str(subject) for subject in ontology.subjects() if str(subject).startswith(BASE) and "#" in str(subject)}
    described = {f"{BASE}{space}#{name}" for space in term_description.SPACES for name in term_description.names(space)}
    assert described == ours
    names = [(space, name) for space in term_description.SPACES for name in term_description.names(space)]
    assert all(term_description.describe(space, name) for space, name in share(names, 0, of=4))


@each("space", term_description.SPACES)
def test_the_statements_are_those_of_the_ontology(space, ontology):
    for name in term_description.names(space)[::7]:
        found = rdflib.Graph().parse(data=term_description.describe(space, name).turtle(), format="turtle")
        term = rdflib.URIRef(f"{BASE}{space}#{name}")
        plain = {pair for pair in ontology.predicate_objects(term) if not isinstance(pair[1], rdflib.BNode)}
        assert plain <= set(found.predicate_objects(term))
        assert {s for s in found.subjects() if isinstance(s, rdflib.URIRef)} >= {term}


def test_turtle_and_json_ld_are_the_same_graph():
    known = term_description.describe("ns", "originalPowerCapability")
    turtle = rdflib.Graph().parse(data=known.turtle(), format="turtle")
    jsonld = rdflib.Graph().parse(data=known.jsonld(), format="json-ld")
    assert isomorphic(turtle, jsonld)
    assert json.loads(known.jsonld())


@each("identifier", load().indicators)
def test_an_indicator_says_its_names_definition_audience_and_obligations(identifier):
    known, indicator = term_description.describe("ns", identifier), load().indicators[identifier]
    assert (known.label, known.definition) == (indicator.label, indicator.definition)
    facts = {fact.name["en"]: fact.values for fact in known.facts}
    assert {value.name.removeprefix("audience.") for value in facts["Readable by"]} == {
        audience.value for audience in indicator.audiences
    }
    assert "Obligations" in facts
    assert all(value.text["en"] and value.text["zh"] for values in facts.values() for value in values)


def test_fields_stand_in_the_order_of_the_vocabulary():
    fields = next(
        fact for fact in term_description.describe("ns", "batteryDimensions").facts if fact.name["en"] == "Fields"
    )
    assert [value.name for value in fields.values] == [f"batteryDimensions.{n}" for n in ("length", "width", "height")]


def test_links_to_peers_are_there():
    facts = {fact.name["en"]: fact.values for fact in term_description.describe("ns", "gtin").facts}
    assert {value.iri for value in facts["Same as"]} == {"https://ref.gs1.org/voc/gtin"}
    assert {value.iri for value in facts["Close to"]} >= {"https://w3id.org/eudpp#GTIN"}
    facts = {fact.name["en"]: fact.values for fact in term_description.describe("units", "volt").facts}
    assert [value.iri for value in facts["Same as"]] == ["http://qudt.org/vocab/unit/V"]


def test_how_near_the_chinese_term_is_is_said_in_words():
    facts = {fact.name["en"]: fact.values for fact in term_description.describe("ns", "ratedCapacity").facts}
    (nearness,) = facts["Chinese term is"]
    assert nearness.text["en"] == "close in meaning" and nearness.iri.endswith("#closeMatch")


@each(("space", "name"), [("ns", "absent"), ("nowhere", "x"), ("ns", ""), ("codes", "stage.")])
def test_what_is_no_term_has_no_description(space, name):
    assert term_description.describe(space, name) is None
