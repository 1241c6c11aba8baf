"""The graph of the ontology is the same from the derived file and from the Turtle, which is parsed when it differs."""

from __future__ import annotations

import pytest
from rdflib import BNode, Graph

from passport.linked_data import resources
from passport.linked_data.graphs import empty_graph
from passport.vocabulary import vocabulary
from passport.vocabulary.ontology import graph as ontology_graph

TEXT = resources.read_text(vocabulary.ONTOLOGY)
#: The same ontology as other bytes.
COMMENTED = f"{TEXT}\n# A comment.\n"


def statements(graph: Graph) -> set[tuple]:
    """The statements of a graph, each list as its members in their order."""

    def whole(node):
        return tuple(map(whole, graph.items(node))) if isinstance(node, BNode) else node

    return {
        (subject, predicate, whole(value), getattr(value, "datatype", None))
        for subject, predicate, value in graph
        if not isinstance(subject, BNode)
    }


def test_the_derived_file_holds_every_statement_of_the_turtle():
    derived = ontology_graph.derived_graph(TEXT)
    parsed = empty_graph().parse(data=TEXT, format="turtle")
    assert len(derived) == len(parsed) > 10_000
    assert statements(derived) == statements(parsed)


def test_a_vocabulary_is_read_alike_from_either():
    assert ontology_graph.derived_graph(COMMENTED) is None
    assert vocabulary.read(COMMENTED) == vocabulary.load()


def test_an_ontology_that_was_changed_is_read_from_its_turtle():
    label = vocabulary.load().indicators["nominalVoltage"].label["en"]
    changed = vocabulary.read(TEXT.replace(f'"{label}"@en', '"Volts on the plate"@en'))
    assert changed.indicators["nominalVoltage"].label["en"] == "Volts on the plate"


def test_without_the_derived_file_the_turtle_is_parsed(monkeypatch):
    monkeypatch.setattr(ontology_graph, "FILE", "ontology/derived/absent.json")
    assert ontology_graph.derived_graph(TEXT) is None
    assert len(ontology_graph.read("@prefix a: <urn:a#> . a:b a:c a:d .")) == 1


def test_blank_nodes_without_an_order_are_refused():
    turtle = "@prefix a: <urn:a#> . a:b a:c [ a:d 1 ], [ a:d 2 ] ."
    with pytest.raises(ValueError, match="several blank nodes"):
        ontology_graph.derived(turtle)
