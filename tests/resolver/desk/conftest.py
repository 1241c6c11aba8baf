"""A site whose store holds the facts of a small population with planted violations, judged, and its desk."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from passport.identity.shared_secret import SharedSecret
from passport.lifecycle.vehicles import vehicle_hash, vin_check_digit
from passport.oversight.supervisor import check
from passport.population.population import Population
from passport.population.violations import STORIES, plant
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.supervision.rulebook import rulebook
from passport.vocabulary.vocabulary import Audience
from tests.resolver.conftest import HTML, NOW, Operator, Site, make_operator, make_site

KEY = SharedSecret("k1", bytes(range(32)))


def vin(number: int) -> str:
    """A VIN with its check digit."""
    text = f"LEXTEST00{number:08}"
    return f"{text[:8]}{vin_check_digit(text)}{text[9:]}"


#: Vehicles by what became of them, and the codes of their packs.
VEHICLES = {"in-use": vin(1), "pack-removed": vin(2), "scrapped": vin(3), "held": vin(4), "other": vin(5)}
CODES = {name: f"009PE01000000{place}G7L000090{place}" for place, name in enumerate(VEHICLES, 1)}


def _vehicles(population: Population) -> None:
    """Vehicles whose VINs are known to the tests."""
    for name, text in VEHICLES.items():
        maker, carmaker = population.actor("batteryMaker"), population.actor("vehicleMaker")
        population.outlet_everywhere(carmaker)
        life = population.life(NOW - timedelta(days=220), code=CODES[name])
        hashes = (vehicle_hash(text, KEY.value, key_id=KEY.id),)
        life.made(maker).handed(carmaker).fitted(carmaker, vehicle=hashes).sold(carmaker)
        if name == "pack-removed":
            life.wait(20).removed(population.actor("repairShop"))
        elif name == "scrapped":
            life.wait(20).scrapped(population.actor("dismantler"))
        elif name == "held":
            life.wait(20).do("hold", population.actor("regulator"))


def fill(operator: Operator, packs: int, seed: int = 7) -> Population:
    """Facts and alerts of a population, in the store of an operator."""
    population = Population(seed=seed, now=NOW)
    population.fill(packs=packs)
    for rule in STORIES:
        plant(population, rule)
    _vehicles(population)
    with writing(operator.store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
        facts.refer(**population.references())
    check(operator.store, rulebook(), NOW)
    return population


@dataclass
class DeskSite:
    """The site with an authority before it."""

    site: Site
    population: Population
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, audience: Audience | str = Audience.CN_REGULATOR) -> str:
        if str(audience) not in self.tokens:
            self.tokens[str(audience)] = self.site.token(audience)
        return self.tokens[str(audience)]

    def post(self, path: str, audience: Audience | str = Audience.CN_REGULATOR, lang: str = "en", **fields: Any):
        """A page, as a button of the desk asks for it."""
        joiner = "&" if "?" in path else "?"
        data = {"access_token": self.token(audience), **fields}
        return self.site.client.post(f"{path}{joiner}lang={lang}", data=data, headers=HTML)

    def get(self, path: str, audience: Audience | str = Audience.CN_REGULATOR):
        """A page, as a program asks for it."""
        return self.site.client.get(path, headers={"Authorization": f"Bearer {self.token(audience)}"})

    @property
    def alerts(self):
        with self.site.app.app_context():
            from resolver.desk.frame import desk

            return desk().alerts.entries()

    def alert(self, rule: str):
        return next(entry for entry in self.alerts if entry.rule.code == rule)


def addresses(answer: Any) -> list[str]:
    """Every address that a page leads to."""
    found = re.findall(r'(?:href|action|formaction)="([^"]*)"', answer.text)
    return [html.unescape(address) for address in found]


@pytest.fixture(scope="session")
def desk_operator(tmp_path_factory: pytest.TempPathFactory) -> tuple[Operator, Population]:
    folder = tmp_path_factory.mktemp("desk")
    operator = make_operator(folder, url=f"sqlite:///{folder / 'passports.db'}")
    return operator, fill(operator, packs=120)


@pytest.fixture
def desk_site(desk_operator: tuple[Operator, Population], tmp_path: Path) -> DeskSite:
    operator, population = desk_operator
    return DeskSite(make_site(operator, tmp_path, vehicle_keys=(KEY,)), population)


@pytest.fixture
def desk_links() -> Callable[[Any], list[str]]:
    return addresses
