"""The served rules alone: another SHACL engine, with one file and nothing of ours, finds nothing in a valid pack.

The engine is pySHACL with its plain settings. No second engine that knows SHACL-SPARQL is among the tools of the tests.
"""

from __future__ import annotations

import pyshacl
import pytest
import rdflib
from rdflib.namespace import SH

from passport.battery import record_graph
from passport.battery.record_graph import BP
from passport.linked_data import resources
from passport.vocabulary.vocabulary import load

FILES = ("datatypes", "personal-data", "rules-model", "rules-pack", "rules-checks")
RULE = rdflib.Namespace("https://w3id.org/battery-passport/rules#")


def shapes(name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=resources.read_text(f"shapes/{name}.ttl"), format="turtle")


def faults(data: rdflib.Graph, name: str) -> set[str]:
    """The shapes of a served file that a graph breaks."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(name))
    return {str(shape).rpartition("#")[2] for shape in report.objects(None, SH.sourceShape)}


@pytest.mark.parametrize("pack", ["EV", "ST", "LMT"])
@pytest.mark.parametrize("name", FILES)
def test_a_valid_pack_conforms_to_each_served_file_alone(pack_record, pack, name):
    assert faults(record_graph.graph(pack_record(pack), load()), name) == set()


def needs() -> list[tuple[str, str, str]]:
    found = []
    for name in ("rules-model", "rules-pack"):
        graph = shapes(name)
        for rule, wanted in graph.subject_objects(RULE.needs):
            found.append((name, str(rule).rpartition("#")[2], str(wanted).removeprefix(str(BP))))
    return sorted(found)


@pytest.mark.parametrize(("name", "rule", "wanted"), needs(), ids=lambda each: each)
def test_a_rule_is_silent_where_the_pack_lacks_what_it_needs(pack_record, name, rule, wanted):
    data = record_graph.graph(pack_record("EV"), load())
    for subject in (record_graph.PACK, record_graph.MODEL):
        data.remove((subject, BP[wanted], None))
    assert rule not in faults(data, name)
