"""A small population of which every event is signed, accredited and accepted: ten rings and single violations, hidden
among honest packs. Supervision finds them from the signed bytes alone.

    made = sign_population(store, base_url, now, packs=200, rules=("silent-pack",))
    made.expected                # rule and subject of each alert that must be open, and of no other
    made.trusted                 # entries of a trust list that verifies all of it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from passport.linked_data.json_types import JsonObject
from passport.population.population import Population
from passport.population.rings import Ring, legal_names, plant_rings
from passport.population.signed_events import SignedEvents
from passport.population.violations import plant
from passport.store import Store
from passport.store.facts.fact_writing import writing

#: The honest part begins so long before the day of judgement.
_SPAN = timedelta(days=1400)


@dataclass(frozen=True)
class SignedPopulation:
    """:ivar expected: rule and subject of each alert that must be open, and of no other.

    :ivar refused: codes of the faults of events that were recorded past the inbox, by id.
    :ivar trusted: entries of a trust list: the authority that accredits, and the keys of all actors.
    """

    population: Population
    rings: Mapping[str, Ring]
    expected: frozenset[tuple[str, str]]
    refused: Mapping[str, tuple[str, ...]]
    trusted: Sequence[JsonObject] = field(repr=False)

    @property
    def actors(self) -> int:
        """How many parties are accredited."""
        return len({row["actor"] for row in self.population.accreditations})


def sign_population(
    store: Store,
    base_url: str,
    now: datetime,
    *,
    packs: int,
    rules: Sequence[str] = (),
    seed: int = 1,
    progress: Callable[[int, int], Any] = lambda done, total: None,
) -> SignedPopulation:
    """Sign and hand in rings, violations and honest packs, and take the list of outlets.

    Read-outs and contents of a population are facts without a signature; here there are none.

    :param packs: honest ones; :param rules: with a planted violation and a near miss, besides the rings.
    :param progress: told how many events are handed in, and how many there are.
    """
    population = Population(seed=seed, now=now, base_url=base_url, start=now - _SPAN)
    rings = plant_rings(population)
    expected = {alert for ring in rings.values() for alert in ring.alerts}
    for rule in rules:
        expected |= plant(population, rule)
    population.fill(packs)
    signed = SignedEvents(store, population, base_url=base_url, names=legal_names())
    refused = signed.hand_in(population.reported, progress)
    with writing(store) as facts:
        facts.refer(outlets=population.outlets)
    return SignedPopulation(population, rings, frozenset(expected), refused, signed.trusted())
