"""A small population with a planted violation of each rule and its near miss, in stores of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from passport.commands.terminal import console
from passport.population.population import NOW, Population
from passport.population.violations import STORIES, Found, plant
from passport.project import Project
from passport.store import Store
from passport.store.facts.fact_writing import BENCHMARK, EVENTS, writing
from tests.commands.conftest import Shell, init


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
    _in_its_vehicle(population)
    return Planted(population, {rule: plant(population, rule) for rule in STORIES})


def _in_its_vehicle(population: Population) -> None:
    """A pack that an outlet takes in with its vehicle: nobody weighs it."""
    carmaker, outlet = population.actor("vehicleMaker"), population.collectors[0]
    life = population.life(population.now - timedelta(days=300)).made(population.makers[0]).handed(carmaker)
    life.fitted(carmaker).wait(2).do("send_out", carmaker, counterpart=outlet).wait(2).do("receive_in", outlet)


@pytest.fixture(scope="session")
def judged_store(planted: Planted) -> Store:
    """Facts of the population, to be read only."""
    return planted.store()


@pytest.fixture
def shell(tmp_path, monkeypatch):
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "now", lambda: NOW)
    return Shell(tmp_path)


@pytest.fixture
def supervised(shell: Shell, planted: Planted):
    """A project with the facts of the small population."""
    folder = init(shell)
    store = Project.open(folder).open_store()
    with writing(store) as facts:
        facts.begin(EVENTS)
        facts.fill(planted.population.facts())
        facts.refer(**planted.population.references())
    store.close()
    return folder
