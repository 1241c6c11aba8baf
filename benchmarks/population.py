"""A population of packs, made from a seed: actors of all sizes in all provinces, seasons, repairs, swaps, second lives.

Every event goes through the same projection as a signed one. :mod:`benchmarks.violations` adds planted violations and
near misses.

    population = Population(seed=1)
    population.fill(packs=1000)
    facts = population.facts()               # rows of each pack, for passport.store.facts.fact_writing
    population.references()                  # accreditations, permits, outlets, read-outs, contents
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from types import MappingProxyType
from typing import Any

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.lifecycle import History, LifecycleEvent, PartChange, Place, VehicleHash
from passport.supervision.pack_facts import FOREVER, AcceptanceRecord, PackFacts, facts_of, seconds

NOW = datetime(2030, 6, 1, tzinfo=UTC)
START = datetime(2026, 4, 2, tzinfo=UTC)
LONG_AGO = seconds(datetime(2020, 1, 1, tzinfo=UTC))
#: Letters of the provinces (ISO 3166-2:CN), those with most sales first.
_LETTERS = "GDJSZJSDHASCHBHNAHFJHESNJXCQLNYNGXSHBJGZSXTJJLXJNMHLGSHINXQHXZ"
PROVINCES = tuple(f"CN-{_LETTERS[at : at + 2]}" for at in range(0, len(_LETTERS), 2))
#: Sales by month, January first.
SEASON = (8, 5, 8, 7, 8, 9, 8, 9, 10, 9, 11, 12)
DAY = timedelta(days=1)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Letters of years, months and days in a code (GB/T 34014): 2020 is A, the 31st is 0.
_DATE_LETTERS = "ABCDEFGHJKLMNPRSTVWXY"
#: What an event of a kind says besides, as its kind requires.
_ALWAYS: Mapping[str, Mapping[str, Any]] = {
    "produce": {"specifiedRatedCapacity": Decimal(141)},
    "issue_passport": {"carrierType": "QR"},
}
KG = Decimal
_ROLE_PERMITS = {"dismantler": "dismantling-qualification", "utiliser": "pollutant-permit"}


class Actor:
    """An actor: DID, role, province."""

    __slots__ = ("did", "province", "role")

    def __init__(self, did: str, role: str, province: str) -> None:
        self.did, self.role, self.province = did, role, province


class Population:
    """Actors, packs and their events. The same seed gives the same population.

    :param now: instant of judgement; nothing is accepted later.
    :param base_url: addresses of packs and events begin with it; :param start: first day of sales.
    """

    def __init__(
        self, seed: int = 1, now: datetime = NOW, base_url: str = "https://battery.example", start: datetime = START
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        self.now = now
        self.base_url = base_url
        self.start = start
        self.lives: list[Life] = []
        self.accreditations: list[dict[str, Any]] = []
        self.permits: list[dict[str, Any]] = []
        self.outlets: list[dict[str, Any]] = []
        self.readouts: list[dict[str, Any]] = []
        self.contents: list[dict[str, Any]] = []
        self._names: dict[str, Iterator[int]] = {}
        self._serial, self._event, self._vehicle, self._module = count(1), count(1), count(1), count(1)
        self.reported: list[tuple[datetime, int, LifecycleEvent]] = []

    # --- actors ---------------------------------------------------------------------------------------------------

    def actor(
        self, role: str, province: str | None = None, *, until: int = FOREVER, permit_until: int = FOREVER,
        name: str | None = None,
    ) -> Actor:  # fmt: skip
        """A new actor with an accreditation, and with the permit of its role."""
        did = f"did:web:{name or f'{role.lower()}-{next(self._names.setdefault(role, count(1)))}'}.example"
        self.accreditations.append({"actor": did, "role": role, "since": LONG_AGO, "until": until})
        if role in _ROLE_PERMITS:
            self.permits.append({"actor": did, "kind": _ROLE_PERMITS[role], "since": LONG_AGO, "until": permit_until})
        return Actor(did, role, province or self.random_province())

    def outlet_everywhere(self, maker: Actor) -> None:
        """Outlets of a maker in every province."""
        for province in PROVINCES:
            self.outlet_in(maker, province)

    def outlet_in(self, maker: Actor, province: str) -> None:
        """An outlet of a maker in a province."""
        self.outlets.append(
            {"maker": maker.did, "province": province, "outlet": f"did:web:outlet-of-{maker.did[8:]}",
             "since": LONG_AGO, "until": FOREVER}
        )  # fmt: skip

    def random_province(self) -> str:
        # The first provinces sell several times as much as the last ones.
        return PROVINCES[min(int(self.random.expovariate(1 / 7)), len(PROVINCES) - 1)]

    def _some(self, actors: list[Actor]) -> Actor:
        """One of several, the first ones much more often: a few are large, most are small."""
        return actors[min(int(self.random.paretovariate(0.7)) - 1, len(actors) - 1)]

    # --- things ---------------------------------------------------------------------------------------------------

    def code(self, at: datetime, kind: str = "P", maker: str = "001") -> str:
        """A new code, with the day of ``at``."""
        serial = next(self._serial if kind == "P" else self._module)
        block = "".join(_DIGITS[serial // 36**place % 36] for place in (4, 3, 2, 1, 0))
        return f"{maker}{kind}E01{block}00{_day_characters(at)}{serial % 9_999_999 + 1:07}"

    def second_life_code(self, at: datetime) -> str:
        """A new code of a second-life product."""
        serial = next(self._serial)
        return f"0AB{'P'}{'E'}0{_DIGITS[serial // 9_999_999 % 36]}{_day_characters(at)}{serial % 9_999_999 + 1:07}RP"

    def vehicle(self) -> tuple[VehicleHash, ...]:
        """A new vehicle under one key."""
        digest = hashlib.sha256(f"vehicle {next(self._vehicle)}".encode()).digest()
        return (VehicleHash("k1", "u" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()),)

    def life(self, at: datetime, **options: Any) -> Life:
        """A pack of which nothing was reported yet."""
        life = Life(self, f"{self.base_url}/id/{len(self.lives) + 1}", at, **options)
        self.lives.append(life)
        return life

    def event_id(self) -> str:
        return f"{self.base_url}/event/{next(self._event)}"

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
            life.read_out(self.now - timedelta(days=self.random.randint(1, 300)), self.random.randint(10, 900))

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
        life.wait(100, 500).scrapped(dismantler).handed(utiliser).retired(utiliser, "60").wasted(utiliser)
        life.recycled(utiliser, contents=True)

    def _fitted_again(self, life: Life) -> None:
        shop = self._some(self.shops)
        life.wait(50, 300).removed(shop).assessed(self._some(self.carmakers), "reuse", "85").fitted(shop)

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


class Life:
    """One pack, written event by event. Each step moves its clock on by some days.

    :param at: when its next event happens.
    """

    def __init__(self, population: Population, pack: str, at: datetime, code: str | None = None) -> None:
        self.population = population
        self.pack = pack
        self.at = at
        self.code = code or population.code(at)
        self.modules: list[str] = []
        self.vehicle: tuple[VehicleHash, ...] = ()
        self.holder: Actor | None = None
        self.in_use = False
        self.over = False
        self.last: LifecycleEvent | None = None
        self.sent: str | None = None
        self.worn = self.waste = False
        self._unsettled: list[int] = []
        self.mass = KG(population.random.randint(300, 600))

    def wait(self, least: float, most: float | None = None) -> Life:
        """Let days go by."""
        self.at += timedelta(seconds=int(self.population.random.uniform(least, most or least) * 86400))
        return self

    def until(self, at: datetime) -> Life:
        """Set the clock."""
        self.at = at
        return self

    def do(
        self, kind: str, actor: Actor, *, delay: timedelta | None = None, province: str | None = None,
        counterpart: Actor | None = None, parts: tuple[PartChange, ...] = (), country: str = "CN", placed: bool = True,
        vehicle: tuple[VehicleHash, ...] = (), corrects: str | None = None, **fields: Any,
    ) -> Life:  # fmt: skip
        """Report an event.

        :param delay: from the event to its acceptance; by default up to twenty days.
        """
        population = self.population
        self.settle(self.at)
        accepted = self.at + (delay if delay is not None else timedelta(seconds=self._delay()))
        # What has not been accepted by now does not exist yet, and neither does what comes after it.
        if accepted > population.now or self.over:
            self.over = True
            return self
        fields = {**_ALWAYS.get(kind, {}), **fields}
        if kind in ("send_out", "receive_in") and not self.vehicle:
            fields.setdefault("handledMass", self.mass)
        if kind == "receive_in" and self.sent is not None:
            fields["handoverEvent"] = self.sent
        event = LifecycleEvent(
            id=population.event_id(), pack=self.pack, kind=kind, instant=self.at, actor=actor.did,
            roles=frozenset({actor.role}), counterpart=counterpart.did if counterpart else None, parts=parts,
            place=Place(country, province or actor.province) if placed else None, vehicle=vehicle, corrects=corrects,
            fields=MappingProxyType(fields),
        )  # fmt: skip
        if delay is None:
            self._unsettled.append(len(population.reported))
        population.reported.append((accepted, len(population.reported), event))
        self.last = event
        if kind in ("send_out", "receive_in"):
            self.sent = event.id if kind == "send_out" else None
        self.worn = kind == "retire" or (self.worn and kind != "fit")
        self.waste = self.waste or kind == "declare_waste"
        return self

    def settle(self, at: datetime) -> None:
        """What was reported so far is accepted by ``at``: each report comes before the next event of the pack."""
        reported = self.population.reported
        for place in self._unsettled:
            accepted, number, event = reported[place]
            reported[place] = (min(accepted, at), number, event)
        self._unsettled = []

    def _delay(self) -> int:
        # Most report within hours, some within weeks, nobody in the clean part after the shortest limit.
        return int(min(self.population.random.expovariate(1 / 86400), 20 * 86400))

    # --- steps ----------------------------------------------------------------------------------------------------

    def made(self, maker: Actor, *, passport: bool = True, origin: Life | None = None, modules: int = 2) -> Life:
        """Code, production, passport, placing on the market."""
        population = self.population
        # No part is younger than the pack, by their codes.
        day = datetime.combine(TractionBatteryCode.parse(self.code).production_date, time(), UTC)
        self.modules = self.modules or [population.code(day, "M") for _ in range(modules)]
        parts = tuple(PartChange(module, self.code) for module in self.modules)
        derived = {"derivedFromPacks": (origin.pack,)} if origin else {}
        if origin is not None:
            origin.settle(self.at)
        self.do(
            "register_code",
            maker,
            packCode=self.code,
            batteryModel="https://battery.example/id/M",
            parts=parts,
            **derived,
        )
        status = {"batteryStatus": "repurposed"} if origin else {}
        self.wait(1, 3).do("produce", maker, handledMass=self.mass, chemistryShortName="NMC", **status)
        self.holder = maker
        if maker.role != "batteryMaker":
            return self
        if passport:
            self.wait(0.1, 1).do("issue_passport", maker, issuedCredential=f"{self.pack}/passport", placed=False)
        return self.wait(0.1, 1).do("place_on_market", maker, market="CN", placed=False)

    def handed(self, receiver: Actor, *, mass: Decimal | None = None, gap: float | None = None) -> Life:
        """Sent out by its holder and received."""
        assert self.holder is not None
        self.wait(1, 20) if gap is None else self.wait(gap)
        self.do("send_out", self.holder, counterpart=receiver, handledMass=self.mass)
        self.mass = mass or self.mass
        self.wait(1, 5).do("receive_in", receiver, handledMass=self.mass)
        self.holder = receiver
        return self

    def fitted(self, actor: Actor, *, vehicle: tuple[VehicleHash, ...] | None = None, swap_model: bool = False) -> Life:
        """Fitted to a vehicle, a new one by default."""
        self.vehicle = vehicle or self.population.vehicle()
        fields = {"isSwapModel": True} if swap_model else {}
        return self.wait(1, 10).do("fit", actor, vehicle=self.vehicle, **fields)

    def sold(self, seller: Actor, *, province: str | None = None, delay: timedelta | None = None) -> Life:
        """Sold with its vehicle."""
        region = province or self.population.random_province()
        self.wait(2, 30).do("sell_vehicle", seller, vehicle=self.vehicle, saleRegion=region, buyerType="person",
                            province=region, delay=delay)  # fmt: skip
        self.in_use, self.holder = not self.over, None
        return self

    def repaired(self, shop: Actor, *, module: bool = False) -> Life:
        """Repaired, perhaps with another module."""
        parts: tuple[PartChange, ...] = ()
        if module and self.modules:
            old, new = self.modules.pop(), self.population.code(self.at, "M")
            self.modules.append(new)
            parts = (PartChange(old, None, True), PartChange(new, self.code))
        return self.do("repair", shop, vehicle=self.vehicle, eventReason="fault", parts=parts)

    def swapped(self, operator: Actor) -> Life:
        """Taken out at a station, and put into another vehicle."""
        self.wait(20, 100).do("swap_out", operator, vehicle=self.vehicle)
        self.vehicle = self.population.vehicle()
        return self.wait(1, 10).do("swap_in", operator, vehicle=self.vehicle)

    def removed(self, shop: Actor, **options: Any) -> Life:
        """Taken out of its vehicle."""
        self.do("remove", shop, vehicle=self.vehicle, removalReason="fault", **options)
        self.holder, self.in_use, self.vehicle = shop, self.over, ()
        return self

    def scrapped(self, dismantler: Actor, *, found: bool = True, certificate: str | None = None) -> Life:
        """Scrapped with its vehicle."""
        code = self.code if found else self.population.code(self.at)
        self.do("scrap_vehicle", dismantler, vehicle=self.vehicle, foundPackCodes=(code,),
                scrapCertificateNumber=certificate or f"C-{self.pack.rpartition('/')[2]}")  # fmt: skip
        self.holder, self.in_use = dismantler, self.over
        return self

    def retired(self, holder: Actor, health: str) -> Life:
        return self.wait(1, 20).do("retire", holder, eventReason="worn", assessedStateOfHealth=KG(health))

    def assessed(self, actor: Actor, decision: str, health: str, **options: Any) -> Life:
        if not self.worn and not self.waste:
            # What is assessed was retired before, by the party that has it.
            self.retired(self.holder or actor, health)
        self.wait(1, 20)
        return self.do("assess", actor, assessmentMethod="GB/T 34015", safetyResult="passed",
                       assessedStateOfHealth=KG(health), assessmentDecision=decision, **options)  # fmt: skip

    def transformed(
        self,
        actor: Actor,
        successor: Life,
        *,
        use: str = "stationaryStorage",
        parts: Any = (),
        mass: Decimal | None = None,
    ) -> Life:
        return self.wait(1, 20).do("transform", actor, transformOperation="repurposing", successorPack=successor.pack,
                                   newBatteryCode=successor.code, reratedCapacity=KG("90"), intendedUse=use,
                                   handledMass=mass or self.mass, parts=parts)  # fmt: skip

    def wasted(self, holder: Actor) -> Life:
        return self.wait(1, 20).do("declare_waste", holder, wasteBasis="worn")

    def second(self, at: datetime | None = None) -> Life:
        """The product that is made from this pack; nothing of it was reported yet."""
        at = at or self.at
        return self.population.life(at, code=self.population.second_life_code(at))

    def recycled(self, utiliser: Actor, *, contents: bool = False, **recovered: Decimal) -> Life:
        """Recycled; with contents, most of each material comes back."""
        masses = dict(recovered)
        if contents:
            for material, share in (("Lithium", "0.93"), ("Nickel", "0.985"), ("Cobalt", "0.985"), ("Copper", "0.99")):
                held = KG(self.population.random.randint(5, 40))
                self.holds(material.lower(), held)
                masses[f"recovered{material}Mass"] = held * KG(share)
        if not masses:
            masses["residueMass"] = self.mass
        return self.wait(5, 60).do(
            "recycle", utiliser, recyclingProcess="hydrometallurgical", handledMass=self.mass, **masses
        )

    def holds(self, material: str, kilograms: Decimal) -> Life:
        """State its content of a material."""
        self.population.contents.append({"pack": self.pack, "material": material, "mass": int(kilograms * 1000)})
        return self

    def corrected(self, actor: Actor | None = None) -> Life:
        """Its last event, with another reason. By default its own reporter."""
        if self.last is None or self.last.kind == "correct":
            return self
        reporter = actor or Actor(self.last.actor, next(iter(self.last.roles)), PROVINCES[0])
        return self.wait(1, 5).do("correct", reporter, corrects=self.last.id, eventReason="typing error", placed=False)

    def read_out(self, at: datetime, cycles: int) -> Life:
        """A read-out of the pack."""
        self.population.readouts.append({
            "pack": self.pack, "time": seconds(at), "soh": 8500, "cycles": cycles,
            "credential": f"{self.pack}/condition/{seconds(at)}",
        })  # fmt: skip
        return self

    def gone(self, utiliser: Actor) -> Life:
        """Handed to a utiliser and recycled: nothing is owed after that."""
        return self.handed(utiliser).wasted(utiliser).recycled(utiliser)


def _day_characters(at: datetime) -> str:
    """The three characters of a day in a code (GB/T 34014)."""
    day = "0" if at.day == 31 else str(at.day) if at.day < 10 else _DATE_LETTERS[at.day - 10]
    return f"{_DATE_LETTERS[at.year - 2020]}{'123456789ABC'[at.month - 1]}{day}"
