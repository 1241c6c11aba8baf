"""PROV-O of events: activities, agents, entities, and how they hang together."""

from __future__ import annotations

import rdflib
from hypothesis import given, settings

from passport.exchange.provenance import PREFIXES, PROV, provenance
from passport.linked_data import nquads, turtle_writer
from passport.linked_data.turtle_writer import RDF_TYPE
from tests.exchange.epcis_events import events, histories
from tests.exchange.test_epcis import CORRECT, SEND
from tests.lifecycle.life_world import CABINET, PACK, World
from tests.lifecycle.story import STORY


def prov(name):
    return f"<{PROV}{name}>"


def objects(quads, subject, name):
    return {quad.object for quad in quads if quad.subject == f"<{subject}>" and quad.predicate == prov(name)}


def of(*documents):
    return [quad for event in events(documents) for quad in provenance(event)]


def story():
    world, quads = World(), []
    for step in STORY:
        event = step.event(world)
        world.take(event)
        quads += provenance(event)
    return quads


def test_an_event_is_an_activity_of_its_reporter():
    quads = of(SEND)
    this = SEND["id"]
    assert (f"<{this}>", RDF_TYPE, prov("Activity"), "") in quads
    assert objects(quads, this, "wasAssociatedWith") == {"<did:web:maker.example>", "<did:web:dealer.example>"}
    assert objects(quads, this, "used") == {f"<{SEND['pack']}>"}
    assert objects(quads, this, "wasInformedBy") == {"<urn:event:0>"}
    instant = '"2027-08-05T09:00:00+08:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    assert objects(quads, this, "startedAtTime") == objects(quads, this, "endedAtTime") == {instant}


def test_a_correction_is_informed_by_what_it_corrects():
    quads = of(CORRECT | {"fields": CORRECT["fields"] | {"correctedInstant": "2027-08-04T09:00:00+08:00"}})
    assert objects(quads, CORRECT["id"], "wasInformedBy") == {"<urn:event:1>"}
    assert any(quad.predicate.endswith("ns#correctedInstant>") for quad in quads)


def test_production_generates_the_pack_and_repurposing_its_successor():
    quads = story()
    (produced,) = objects(quads, PACK, "wasGeneratedBy")
    assert f"<{PACK}>" not in objects(quads, produced.strip("<>"), "used")
    assert objects(quads, CABINET, "wasDerivedFrom") == {f"<{PACK}>"}
    assert len(objects(quads, CABINET, "wasGeneratedBy")) == 2


def test_every_activity_of_the_story_leads_back_to_an_agent_and_an_entity():
    quads = story()
    for activity in {quad.subject for quad in quads if quad[1:3] == (RDF_TYPE, prov("Activity"))}:
        agents = objects(quads, activity.strip("<>"), "wasAssociatedWith")
        assert agents and all((agent, RDF_TYPE, prov("Agent"), "") in quads for agent in agents)


@settings(deadline=None)
@given(histories())
def test_the_statements_are_rdf(made):
    quads = set(of(*made))
    lines, turtle = nquads.serialize(quads), turtle_writer.serialize(quads, PREFIXES)
    assert len(rdflib.Graph().parse(data=lines, format="nt")) == len(quads)
    assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == len(quads)
