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

from passport.battery.record import Record
from passport.credentials.issuer import Issuer
from passport.linked_data.json_types import JsonObject
from passport.population.life import PackDesign
from passport.population.population import Population
from passport.population.rings import Ring, legal_names, plant_rings
from passport.population.signed_events import SignedEvents
from passport.population.signed_passports import SignedPassports
from passport.population.violations import plant
from passport.store import Store
from passport.store.facts.fact_writing import writing

#: The honest part begins so long before the day of judgement.
_SPAN = timedelta(days=1400)


@dataclass(frozen=True)
class PassportOperator:
    """Who signs the passports and read-outs of a population.

    :ivar pattern: a record whose model and batch all packs have; :ivar design: what packs hold by that model.
    """

    issuer: Issuer
    pattern: Record
    design: PackDesign


@dataclass(frozen=True)
class SignedPopulation:
    """:ivar expected: rule and subject of each alert that must be open, and of no other.

    :ivar refused: codes of the faults of events that were recorded past the inbox, by id.
    :ivar past_loader: packs with a read-out that was stored past the loader.
    :ivar trusted: entries of a trust list: the authority that accredits, and the keys of all actors.
    """

    population: Population
    rings: Mapping[str, Ring]
    expected: frozenset[tuple[str, str]]
    refused: Mapping[str, tuple[str, ...]]
    past_loader: tuple[str, ...]
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
    operator: PassportOperator | None = None,
    progress: Callable[[int, int], Any] = lambda done, total: None,
) -> SignedPopulation:
    """Sign and hand in rings, violations and honest packs, and take the list of outlets.

    :param operator: who signs passports, which state what packs hold, and read-outs; None: there are none of these.
    :param packs: honest ones; :param rules: with a planted violation and a near miss, besides the rings.
    :param progress: told how many events are handed in, and how many there are.
    """
    design = operator.design if operator is not None else None
    population = Population(seed=seed, now=now, base_url=base_url, start=now - _SPAN, design=design)
    rings = plant_rings(population)
    expected = {alert for ring in rings.values() for alert in ring.alerts}
    for rule in rules:
        expected |= plant(population, rule)
    population.fill(packs)
    past_loader: tuple[str, ...] = ()
    if operator is not None:
        passports = SignedPassports(store, operator.issuer, base_url, operator.pattern)
        passports.issue(population)
        past_loader = passports.add_read_outs(population)
    signed = SignedEvents(store, population, base_url=base_url, names=legal_names())
    refused = signed.hand_in(population.reported, progress)
    with writing(store) as facts:
        facts.refer(outlets=population.outlets)
    return SignedPopulation(population, rings, frozenset(expected), refused, past_loader, signed.trusted())
