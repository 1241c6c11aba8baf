"""A small population with a planted violation of each rule and its near miss, in stores of each kind."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest

from passport.commands.terminal import console
from passport.population.population import NOW, Population
from passport.population.violations import STORIES, Found, plant
from passport.project import Project
from passport.store import Store
from passport.store.facts.fact_writing import BENCHMARK, EVENTS, writing
from tests.commands.conftest import Shell, init
from tests.remembered_stores import copy_of


@dataclass(frozen=True)
class Planted:
    """:ivar expected: what must be found, by rule."""

    population: Population
    expected: dict[str, Found]

    @property
    def all(self) -> Found:
        return set().union(*self.expected.values())

    def store(self, url: str = "sqlite://") -> Store:
        return copy_of(self._in_memory) if url == "sqlite://" else self._filled(url)

    @cached_property
    def _in_memory(self) -> Store:
        return self._filled("sqlite://")

    def _filled(self, url: str) -> Store:
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


@pytest.fixture(scope="session")
def _supervised_once(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
            patch.delenv(name, raising=False)
        patch.setattr(console, "now", lambda: NOW)
        folder = init(Shell(tmp_path_factory.mktemp("supervised")))
    store = Project.open(folder).open_store()
    with writing(store) as facts:
        facts.begin(EVENTS)
        facts.fill(planted.population.facts())
        facts.refer(**planted.population.references())
    store.close()
    return folder


@pytest.fixture
def supervised(shell: Shell, _supervised_once: Path) -> Path:
    """A project with the facts of the small population: a copy of one that is made once."""
    return Path(shutil.copytree(_supervised_once, shell.folder / "shop"))
