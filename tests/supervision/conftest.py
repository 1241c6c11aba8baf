"""A small population with a planted violation of each rule and its near miss, in stores of each kind."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from benchmarks.population import Population
from benchmarks.violations import STORIES, Found, plant
from passport.store import Store
from passport.store.facts import BENCHMARK, writing


@dataclass(frozen=True)
class Planted:
    """:ivar expected: what must be found, by rule."""

    population: Population
    expected: dict[str, Found]

    @property
    def all(self) -> Found:
        return set().union(*self.expected.values())

    def store(self, url: str = "sqlite://") -> Store:
        store = Store.open(url)
        with writing(store) as facts:
            facts.begin(BENCHMARK)
            facts.fill(self.population.facts())
            facts.refer(**self.population.references())
        return store


@pytest.fixture(scope="session")
def planted() -> Planted:
    population = Population(seed=7)
    population.fill(packs=150)
    return Planted(population, {rule: plant(population, rule) for rule in STORIES})


@pytest.fixture(scope="session")
def judged_store(planted: Planted) -> Store:
    """Facts of the population, to be read only."""
    return planted.store()
