"""A population of packs, made from a seed: actors of all sizes in all provinces, seasons, repairs, swaps, second lives.

Every event goes through the same projection as a signed one. :mod:`passport.population.violations` adds planted
violations and near misses, :mod:`passport.population.rings` rings.

    population = Population(seed=1)
    population.fill(packs=1000)
    facts = population.facts()               # rows of each pack, for passport.store.facts.fact_writing
    population.references()                  # accreditations, permits, outlets, read-outs, contents
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from passport.lifecycle import History, LifecycleEvent
from passport.population.life import CITIES, PROVINCES, Chronicle, Life, PackDesign, PopulationActor
from passport.supervision.pack_facts import FOREVER, AcceptanceRecord, PackFacts, facts_of, seconds

NOW = datetime(2030, 6, 1, tzinfo=UTC)
START = datetime(2026, 4, 2, tzinfo=UTC)
LONG_AGO = seconds(datetime(2020, 1, 1, tzinfo=UTC))
#: Sales by month, January first.
SEASON = (8, 5, 8, 7, 8, 9, 8, 9, 10, 9, 11, 12)
_ROLE_PERMITS = {"dismantler": "dismantling-qualification", "utiliser": "pollutant-permit"}


class Population(Chronicle):
    """PopulationActors, packs and their events. The same seed gives the same population.

    :param now: instant of judgement; nothing is accepted later.
    :param base_url: addresses of packs and events begin with it; :param start: first day of sales.
    :param design: of all packs.
    """

    def __init__(
        self, seed: int = 1, now: datetime = NOW, base_url: str = "https://battery.example", start: datetime = START,
        design: PackDesign | None = None,
    ) -> None:  # fmt: skip
        super().__init__(seed, now, base_url, design)
        self.start = start
        self.accreditations: list[dict[str, Any]] = []
        self.permits: list[dict[str, Any]] = []
        self.outlets: list[dict[str, Any]] = []
        self._names: dict[str, Iterator[int]] = {}

    # --- actors ---------------------------------------------------------------------------------------------------

    def actor(
        self, role: str, province: str | None = None, *, until: int = FOREVER, permit_until: int = FOREVER,
        name: str | None = None,
    ) -> PopulationActor:  # fmt: skip
        """A new actor with an accreditation, and with the permit of its role."""
        did = f"did:web:{name or f'{role.lower()}-{next(self._names.setdefault(role, count(1)))}'}.example"
        self.accreditations.append({"actor": did, "role": role, "since": LONG_AGO, "until": until})
        if role in _ROLE_PERMITS:
            self.permits.append({"actor": did, "kind": _ROLE_PERMITS[role], "since": LONG_AGO, "until": permit_until})
        return PopulationActor(did, role, province or self.random_province())

    def outlet_everywhere(self, maker: PopulationActor) -> None:
        """Outlets of a maker in every province."""
        for province in PROVINCES:
            self.outlet_in(maker, province)

    def outlet_in(self, maker: PopulationActor, province: str) -> None:
        """An outlet of a maker in a province."""
        self.outlets.append(
            {"maker": maker.did, "province": province, "outlet": f"did:web:outlet-of-{maker.did[8:]}",
             "since": LONG_AGO, "until": FOREVER, "city": CITIES.get(province)}
        )  # fmt: skip

    def _some(self, actors: list[PopulationActor]) -> PopulationActor:
        """One of several, the first ones much more often: a few are large, most are small."""
        return actors[min(int(self.random.paretovariate(0.7)) - 1, len(actors) - 1)]

    # --- the clean part -------------------------------------------------------------------------------------------

    def fill(self, packs: int) -> None:
        """Packs whose lives break no rule."""
        self.makers = [self.actor("batteryMaker") for _ in range(6)]
        self.carmakers = [self.actor("vehicleMaker") for _ in range(12)]
        for maker in self.carmakers:
            self.outlet_everywhere(maker)
        self.shops = [self.actor("repairShop") for _ in range(max(8, packs // 250))]
        self.collectors = [self.actor("outlet") for _ in range(max(6, packs // 500))]
        self.dismantlers = [self.actor("dismantler") for _ in range(max(4, packs // 1500))]
        self.utilisers = [self.actor("utiliser") for _ in range(max(3, packs // 4000))]
        self.swappers = [self.actor("swapOperator") for _ in range(3)]
        for _ in range(packs):
            self._life(self.random.random())

    def _life(self, chance: float) -> None:
        life = self.life(self._day_of_sale())
        carmaker = self._some(self.carmakers)
        life.made(self._some(self.makers)).handed(carmaker)
        life.fitted(carmaker, swap_model=chance < 0.06).sold(carmaker)
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            life.wait(30, 200).repaired(self._some(self.shops), module=self.random.random() < 0.1)
        if chance < 0.06:
            operator = self.random.choice(self.swappers)
            for _ in range(self.random.randint(2, 6)):
                life.swapped(operator)
        elif chance < 0.16:
            self._retired_by_a_shop(life)
        elif chance < 0.24:
            self._scrapped(life)
        elif chance < 0.27:
            self._fitted_again(life)
        if self.random.random() < 0.02:
            life.corrected()
        if life.in_use:
            at = self.now - timedelta(days=self.random.randint(1, 300))
            cycles = self.random.randint(10, 900)
            # A pack that was just sold has none yet: it would be one of a new pack.
            if (at := max(at, life.at + timedelta(days=40))) < self.now:
                life.read_out(at, cycles)

    def _day_of_sale(self) -> datetime:
        days = (self.now - self.start).days - 1
        while True:
            at = self.start + timedelta(days=self.random.randrange(days), minutes=self.random.randrange(1440))
            if self.random.random() < SEASON[at.month - 1] / 12:
                return at

    def _retired_by_a_shop(self, life: Life) -> None:
        shop, outlet, utiliser = self._some(self.shops), self._some(self.collectors), self._some(self.utilisers)
        life.wait(100, 400).removed(shop).handed(outlet).handed(utiliser).retired(utiliser, "70")
        if self.random.random() < 0.35:
            successor = life.second()
            life.assessed(utiliser, "repurpose", "68").transformed(utiliser, successor)
            successor.at = life.at
            successor.made(utiliser, origin=life)
        else:
            life.assessed(utiliser, "recycling", "66").wasted(utiliser).recycled(utiliser, contents=True)

    def _scrapped(self, life: Life) -> None:
        dismantler, utiliser = self._some(self.dismantlers), self._some(self.utilisers)
        life.wait(100, 500).scrapped(dismantler).handed(utiliser).assessed(utiliser, "recycling", "60")
        life.wasted(utiliser).recycled(utiliser, contents=True)

    def _fitted_again(self, life: Life) -> None:
        shop, carmaker = self._some(self.shops), self._some(self.carmakers)
        life.wait(50, 300).removed(shop).handed(carmaker).assessed(carmaker, "reuse", "85").handed(shop).fitted(shop)

    # --- what comes out -------------------------------------------------------------------------------------------

    def events(self) -> Iterator[tuple[LifecycleEvent, AcceptanceRecord]]:
        """Every event with its receipt, in the order of acceptance."""
        for number, (accepted, _, event) in enumerate(sorted(self.reported, key=lambda item: item[:2]), 1):
            digest = f"u{event.id.rpartition('/')[2]:0>43}"
            yield event, AcceptanceRecord(number, event.id.replace("/event/", "/credential/"), digest, accepted)

    def facts(self) -> Iterator[PackFacts]:
        """The rows of each pack, by the same projection as for signed events."""
        by_pack: dict[str, list[tuple[LifecycleEvent, AcceptanceRecord]]] = {}
        for event, receipt in self.events():
            by_pack.setdefault(event.pack, []).append((event, receipt))
        for pack, listed in by_pack.items():
            history = History.of(pack, ((event, receipt.digest) for event, receipt in listed))
            rows = facts_of(history, {event.id: receipt for event, receipt in listed})
            if rows is not None:
                yield rows

    def references(self) -> dict[str, list[dict[str, Any]]]:
        """What comes from elsewhere, for :meth:`passport.store.facts.fact_writing.FactWriter.refer`."""
        return {
            "accreditations": self.accreditations, "permits": self.permits, "outlets": self.outlets,
            "readouts": self.readouts, "contents": self.contents,
        }  # fmt: skip
