"""The shapes that the resolver serves, run by another engine: as a person does who has no program of ours.

A rule is right by itself: it says nothing of a valid pack, nor of the part of one that a reader may see.
"""

from __future__ import annotations

from functools import cache

import pytest
from rdflib import Graph

from passport.linked_data import graphs, jsonld
from passport.vocabulary.vocabulary import Audience
from tests.validation.second_engine import SecondEngine, rule_files


@cache
def engine(turtle: str) -> SecondEngine:
    return SecondEngine([turtle])


@pytest.fixture(params=[*rule_files(), "datatypes.ttl", "personal-data.ttl"])
def served(request, anonymous) -> SecondEngine:
    answer = anonymous.get(f"/shapes/{request.param}")
    assert answer.status_code == 200
    return engine(answer.text)


@pytest.mark.product(of=6)
@pytest.mark.parametrize("audience", [None, Audience.LEGITIMATE_INTEREST, Audience.MARKET_SURVEILLANCE])
@pytest.mark.parametrize("pack", ["ev", "stationary", "lmt"])
def test_a_valid_pack_conforms_to_served_rules_that_another_engine_runs_alone(site, served, pack, audience):
    headers = {"Accept": "application/ld+json"} | ({} if audience is None else site.bearer(audience))
    credentials = site.get(site.operator.packs[pack], headers).json["verifiableCredential"]
    data = graphs.merged(jsonld.to_dataset(credential) for credential in credentials)
    assert len(data) > 100
    assert served.violated(data.serialize(format="nt")) == frozenset()


def test_another_engine_sees_a_pack_that_breaks_a_served_rule(anonymous):
    rules = engine(anonymous.get("/shapes/rules-model.ttl").text)
    data = """
        @prefix bp: <https://w3id.org/battery-passport/ns#> .
        <urn:x> a bp:BatteryModel ; bp:ratedEnergy 9.9 ; bp:ratedCapacity 100.0 ; bp:nominalVoltage 50.0 .
    """
    triples = Graph().parse(data=data, format="turtle").serialize(format="nt")
    broken = {iri.partition("#")[2] for iri in rules.violated(triples)}
    assert broken == {"rated-energy"}
