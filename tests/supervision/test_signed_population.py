"""Planted violations and near misses as signed events: accepted, logged, and judged from their bytes."""

from __future__ import annotations

import os

import pytest

from passport.oversight.supervised_store import rebuild_from_events
from passport.oversight.supervisor import judge_all
from passport.population.population import NOW, Population
from passport.population.rings import plant_rings
from passport.population.signed_events import SignedEvents
from passport.population.violations import STORIES
from passport.store import Store
from passport.store.facts.fact_writing import writing
from passport.supervision.rulebook import rulebook

#: What the inbox of a node with all rules refuses: recorded past it, as by other software.
PAST_THE_INBOX = {
    "receiver-without-permit", "scrapped-without-pack", "lost-pack-appears", "outside-accreditation",
    "sold-without-id", "cloned-code", "part-in-two-packs", "scrapped-vehicle-in-use", "banned-use", "two-successors",
    "origin-denied", "waste-in-vehicle", "active-after-recycling", "recycling-mass",
}  # fmt: skip
#: Everything, hundreds of events of one actor included; without it, the rules that no ring breaks.
EVERYTHING = bool(os.environ.get("PASSPORT_SIGNED_POPULATION"))


def judged(population: Population, signed: SignedEvents) -> set[tuple[str, str]]:
    rebuild_from_events(signed.store)
    references = population.references()
    with writing(signed.store) as facts:
        # Accreditations and permits are read from the signed ones.
        facts.refer(**{name: references[name] for name in ("outlets", "readouts", "contents")})
    return {(finding.rule, finding.subject) for finding in judge_all(signed.store, rulebook(), population.now)}


@pytest.mark.torture
def test_what_is_planted_is_found_from_signed_bytes_and_nothing_else():
    population = Population(seed=3, now=NOW)
    expected, by_rule = set(), {}
    broken_by_rings = {rule for ring in plant_rings(Population(seed=3)).values() for rule, _ in ring.alerts}
    for rule, story in STORIES.items():
        if EVERYTHING or not (rule in broken_by_rings or rule in ("sudden-volume", "hoarding")):
            start = len(population.reported)
            expected |= story(population, True)
            if EVERYTHING:
                by_rule |= {event.id: rule for _, _, event in population.reported[start:]}
                start = len(population.reported)
                story(population, False)
                by_rule |= {event.id: "near miss" for _, _, event in population.reported[start:]}
            else:
                by_rule |= {event.id: rule for _, _, event in population.reported[start:]}
    signed = SignedEvents(Store.open("sqlite://"), population)
    refused = signed.hand_in(population.reported)
    assert {by_rule[id_] for id_ in refused} == PAST_THE_INBOX & set(by_rule.values())
    assert len(signed.store.events_by_id([event.id for _, _, event in population.reported])) == len(by_rule)
    assert judged(population, signed) == expected
