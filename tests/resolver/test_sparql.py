"""SPARQL over the public data: what it answers, what it refuses, and that it follows the store."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from passport.errors import PassportError
from resolver.forms import sparql as forms
from resolver.views.sparql import _EXAMPLES
from tests.each import each
from tests.packs import example_records
from tests.resolver.test_bands import publisher

ALL = "SELECT * { ?s ?p ?o } LIMIT 1"
NAMES = "PREFIX : <https://w3id.org/battery-passport/ns#> SELECT ?n { ?s :serialNumber ?n }"


@pytest.fixture(scope="module")
def asked(operator, make_site, tmp_path_factory):
    """A site of which all queries of this module are asked: its index is made once."""
    return make_site(operator, tmp_path_factory.mktemp("sparql"))


def ask(site, query: str, **headers):
    return site.client.get("/sparql", query_string={"query": query}, headers=headers)


def rows(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["n"]["value"] for row in json.loads(answer.data)["results"]["bindings"]]


def test_the_examples_of_the_page_have_answers_and_the_page_shows_them(asked):
    for _, query in _EXAMPLES:
        assert json.loads(ask(asked, query).data)["results"]["bindings"], query
    page = ask(asked, _EXAMPLES[0][1], Accept="text/html").text
    assert "<td>LH-NCM100-192S</td>" in page and "ORDER BY DESC(?energy)" in page


@each(
    ("query", "accept", "media_type"),
    [(NAMES, "text/csv", "text/csv"), (NAMES, "application/sparql-results+xml", "application/sparql-results+xml"),
     ("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "text/turtle", "text/turtle"), ("ASK { ?s ?p ?o }", "*/*",
      "application/sparql-results+json")],
)  # fmt: skip
def test_an_answer_has_the_form_asked_for(asked, query, accept, media_type):
    assert ask(asked, query, Accept=accept).mimetype == media_type


def test_a_query_may_be_posted_in_both_ways_of_the_protocol(asked):
    posted = asked.client.post("/sparql", data=NAMES, content_type="application/sparql-query")
    form = asked.client.post("/sparql", data={"query": NAMES})
    assert len(rows(posted)) == len(rows(form)) == 3


def test_restricted_data_are_in_no_answer(asked):
    query = "PREFIX : <https://w3id.org/battery-passport/ns#> SELECT (?o AS ?n) { ?s :stateOfCertifiedEnergy ?o }"
    assert rows(ask(asked, query)) == []


@each(
    "query",
    ["", " ", "DELETE WHERE { ?s ?p ?o }", "INSERT DATA { <a:b> <a:b> <a:b> }", "LOAD <http://127.0.0.1/>", "SELECT",
     "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SELECT * { #\n service silent ?x { ?s ?p ?o } }",
     "SELECT * { ?s ?p ?o } #" + "x" * 10_000],
)  # fmt: skip
def test_an_update_another_site_and_what_is_no_query_are_refused(asked, query):
    answer = asked.client.post("/sparql", data={"query": query})
    assert (answer.status_code, answer.json["code"]) == (400, "query-refused")


@each("text", ["'SERVICE'", '"SERVICE"', "<urn:SERVICE>", "?service", "?x # SERVICE\n"])
def test_a_word_that_only_looks_like_service_is_no_service(text):
    forms.check(f"SELECT * {{ ?s ?p {text} }}")


def test_a_query_that_takes_too_long_or_too_much_is_ended(asked, monkeypatch):
    heavy = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    answer = ask(asked, heavy)
    assert (answer.status_code, answer.json["code"]) == (400, "query-too-much")
    monkeypatch.setattr(forms, "MOST_DUMP", 10)
    with pytest.raises(forms.QueryTooMuch):
        forms._build(asked.app.extensions["resolver-sparql"]._folder / "x", iter([b"x" * 11]))
    assert issubclass(forms.QueryTooMuch, PassportError)


def test_the_index_follows_the_store(make_operator, make_site, tmp_path):
    own = make_site(make_operator(tmp_path, "lmt-ebike"), tmp_path)
    assert rows(ask(own, NAMES)) == ["RS260122-04417"]
    record = example_records("lmt-ebike.xlsx")[0]
    publisher(own).issue([replace(record, pack={**record.pack, "serialNumber": "RS260122-09999"})], at=own.clock[0])
    assert sorted(rows(ask(own, NAMES))) == ["RS260122-04417", "RS260122-09999"]
