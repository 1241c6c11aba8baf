"""The same passport as Turtle, N-Quads and CSV."""

from __future__ import annotations

import csv
import io
import json

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from passport.linked_data import nquads, turtle_writer
from passport.linked_data.nquads import Quad, literal
from resolver.forms import representations
from tests.each import each

NS = "https://w3id.org/battery-passport/ns#"


def get(site, form: str, **headers):
    return site.client.get(f"{site.path(site.ev)}?format={form}", headers=headers)


def test_each_credential_is_a_graph_of_its_own(site):
    quads = nquads.parse(get(site, "nquads").text)
    credentials = json.loads(get(site, "vp").data)["verifiableCredential"]
    expected = {f"<{one['id']}>" for one in credentials if "BitstringStatusListCredential" not in one["type"]}
    assert {quad.graph for quad in quads} == expected


def test_turtle_says_what_nquads_say(site):
    graph = rdflib.Graph().parse(data=get(site, "turtle").data, format="turtle")
    said = {(s, p, o) for s, p, o, _ in nquads.parse(get(site, "nquads").text)}
    assert len(graph) == len(said)
    assert rdflib.Literal("100", datatype=rdflib.XSD.decimal, normalize=False) in set(
        graph.objects(None, rdflib.URIRef(NS + "ratedEnergy"))
    )


def test_the_table_has_every_public_value_with_its_unit_and_both_names(site):
    text = get(site, "csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    (energy,) = (row for row in rows if row["indicator"] == "ratedEnergy")
    assert (energy["value"], energy["unit"], energy["label zh"]) == ("100", "kWh", "额定能量")
    powers = [row for row in rows if row["indicator"] == "originalPowerCapability"]
    assert {row["entry"] for row in powers} == {"1", "2", "3"}
    assert ("atStateOfCharge", "80") in {(row["field"], row["value"]) for row in powers}
    view = site.presenter.present(site.ev, "public")
    assert {row["indicator"] for row in rows} == set(view.claims)


@pytest.mark.parametrize("form", ["turtle", "nquads", "csv"])
def test_a_role_sees_more_and_nobody_keeps_it(site, form):
    told = get(site, form, **site.bearer())
    assert "stateOfCharge" in told.text
    assert "stateOfCharge" not in get(site, form).text
    assert told.headers["Cache-Control"] == "private, no-store"


@each(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("+cmd|x", "'+cmd|x"), ("-10", "-10"), ("-0.5", "-0.5"), ("+1", "+1"),
     ("-1+2", "'-1+2"), ("a", "a"), ("", ""), ("-", "'-"), ("\t=1", "'\t=1")],
)  # fmt: skip
def test_no_cell_is_run_as_a_formula(cell, written):
    assert representations.harmless(cell) == written


_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(st.sampled_from("abc"), _TEXT, st.sampled_from([None, "en", "zh"])), max_size=6))
def test_turtle_keeps_every_literal(entries):
    quads = [
        Quad(f"<https://a.example/{name}>", f"<{NS}x>", literal(text, language=language))
        for name, text, language in entries
    ]
    graph = rdflib.Graph().parse(data=turtle_writer.serialize(quads, {"": NS}), format="turtle")
    assert {(str(s), str(o), o.language) for s, _, o in graph} == {
        (f"https://a.example/{name}", text, language) for name, text, language in entries
    }


def test_a_datatype_is_not_looked_for_inside_a_text():
    quad = Quad("<https://a.example/a>", f"<{NS}x>", literal('"^^<http://www.w3.org/2001/XMLSchema#int>'))
    (triple,) = rdflib.Graph().parse(data=turtle_writer.serialize([quad], {"": NS}), format="turtle")
    assert str(triple[2]) == '"^^<http://www.w3.org/2001/XMLSchema#int>'
