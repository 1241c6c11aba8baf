"""The life of one pack, written event by event, and the chronicle in which the events of all packs come together."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.lifecycle import LifecycleEvent, PartChange, Place, VehicleHash
from passport.population.serials import Serials
from passport.supervision.pack_facts import seconds
from passport.vocabulary.credential_types import RECYCLED

DAY = timedelta(days=1)
#: Model of all packs, in their addresses.
MODEL = "M"
KG = Decimal
#: Letters of the provinces (ISO 3166-2:CN), those with most sales first.
_LETTERS = "GDJSZJSDHASCHBHNAHFJHESNJXCQLNYNGXSHBJGZSXTJJLXJNMHLGSHINXQHXZ"
PROVINCES = tuple(f"CN-{_LETTERS[at : at + 2]}" for at in range(0, len(_LETTERS), 2))
#: Seats of the provincial governments, in the order of :data:`PROVINCES`: where outlets and swap stations are.
CITIES = dict(zip(PROVINCES, (
    "Guangzhou", "Nanjing", "Hangzhou", "Jinan", "Zhengzhou", "Chengdu", "Wuhan", "Changsha", "Hefei", "Fuzhou",
    "Shijiazhuang", "Xi'an", "Nanchang", "Chongqing", "Shenyang", "Kunming", "Nanning", "Shanghai", "Beijing",
    "Guiyang", "Taiyuan", "Tianjin", "Changchun", "Urumqi", "Hohhot", "Harbin", "Lanzhou", "Haikou", "Yinchuan",
    "Xining", "Lhasa",
), strict=True))  # fmt: skip
#: What an event of a kind says besides, as its kind requires.
_ALWAYS: Mapping[str, Mapping[str, Any]] = {
    "produce": {"specifiedRatedCapacity": Decimal(141)},
    "issue_passport": {"carrierType": "QR"},
}


class PopulationActor:
    """An actor of a population: DID, role, province."""

    __slots__ = ("did", "province", "role")

    def __init__(self, did: str, role: str, province: str) -> None:
        self.did, self.role, self.province = did, role, province


@dataclass(frozen=True)
class PackDesign:
    """What a pack weighs and holds by the statement of its model, in kilograms. :ivar contents: by material."""

    mass: Decimal
    contents: Mapping[str, Decimal]


class Chronicle(Serials):
    """Packs, and what was reported of them.

    :ivar now: instant of judgement; nothing is accepted later.
    :ivar reported: instant of acceptance, number, event; :ivar readouts: rows of read-outs.
    :ivar contents: rows of what packs hold; :ivar design: of all packs; None: each has a mass of its own.
    """

    def __init__(self, seed: int, now: datetime, base_url: str, design: PackDesign | None = None) -> None:
        super().__init__(base_url)
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        self.now = now
        self.lives: list[Life] = []
        self.readouts: list[dict[str, Any]] = []
        self.contents: list[dict[str, Any]] = []
        self.reported: list[tuple[datetime, int, LifecycleEvent]] = []
        self.design = design

    @property
    def model(self) -> str:
        """The IRI of the model of all packs."""
        return f"{self.base_url}/id/{MODEL}"

    def life(self, at: datetime, **options: Any) -> Life:
        """A pack of which nothing was reported yet."""
        life = Life(self, f"{self.model}/{len(self.lives) + 1}", at, **options)
        self.lives.append(life)
        return life

    def random_province(self) -> str:
        # The first provinces sell several times as much as the last ones.
        return PROVINCES[min(int(self.random.expovariate(1 / 7)), len(PROVINCES) - 1)]


def _place(actor: PopulationActor, country: str, province: str) -> Place:
    """Where an event happens; of an outlet with its city, of a swap operator with its station."""
    if actor.role not in ("outlet", "swapOperator"):
        return Place(country, province)
    station = f"{province}-01" if actor.role == "swapOperator" else None
    return Place(country, province, CITIES.get(province), station)


class Life:
    """One pack, written event by event. Each step moves its clock on by some days.

    :param at: when its next event happens.
    """

    def __init__(self, population: Chronicle, pack: str, at: datetime, code: str | None = None) -> None:
        self.population = population
        self.pack = pack
        self.at = at
        self.code = code or population.code(at)
        self.modules: list[str] = []
        self.vehicle: tuple[VehicleHash, ...] = ()
        self.holder: PopulationActor | None = None
        self.in_use = False
        self.over = False
        self.last: LifecycleEvent | None = None
        self.sent: str | None = None
        self.worn = self.waste = False
        self._unsettled: list[int] = []
        self.mass = KG(population.random.randint(300, 600))
        if population.design is not None:
            self.mass = population.design.mass

    def wait(self, least: float, most: float | None = None) -> Life:
        """Let days go by."""
        self.at += timedelta(seconds=int(self.population.random.uniform(least, most or least) * 86400))
        return self

    def until(self, at: datetime) -> Life:
        """Set the clock."""
        self.at = at
        return self

    def do(
        self, kind: str, actor: PopulationActor, *, delay: timedelta | None = None, province: str | None = None,
        counterpart: PopulationActor | None = None, parts: tuple[PartChange, ...] = (), country: str = "CN",
        placed: bool = True, vehicle: tuple[VehicleHash, ...] = (), corrects: str | None = None, **fields: Any,
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
            place=_place(actor, country, province or actor.province) if placed else None, vehicle=vehicle,
            corrects=corrects, fields=MappingProxyType(fields),
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
        # Most reports come within hours, some within weeks. Those of honest packs come within the shortest limit.
        return int(min(self.population.random.expovariate(1 / 86400), 20 * 86400))

    # --- steps ----------------------------------------------------------------------------------------------------

    def made(
        self, maker: PopulationActor, *, passport: bool = True, origin: Life | None = None, modules: int = 2
    ) -> Life:
        """Code, production, passport, placing on the market."""
        population = self.population
        # No part is younger than the pack, by their codes.
        day = datetime.combine(TractionBatteryCode.parse(self.code).production_date, time(), UTC)
        self.modules = self.modules or [population.code(day, "M") for _ in range(modules)]
        parts = tuple(PartChange(module, self.code) for module in self.modules)
        derived: dict[str, Any] = {"derivedFromPacks": (origin.pack,)} if origin else {}
        if origin is not None:
            origin.settle(self.at)
        self.do(
            "register_code",
            maker,
            packCode=self.code,
            batteryModel=population.model,
            parts=parts,
            **derived,
        )
        self.wait(1, 3)
        stated: dict[str, Any] = {"batteryStatus": "repurposed"} if origin else {"batteryBatch": self._batch(maker)}
        self.do("produce", maker, handledMass=self.mass, chemistryShortName="NMC", **stated)
        self.holder = maker
        if maker.role != "batteryMaker":
            return self
        if passport:
            self.wait(0.1, 1).do("issue_passport", maker, issuedCredential=f"{self.pack}/passport", placed=False)
        return self.wait(0.1, 1).do("place_on_market", maker, market="CN", placed=False)

    def _batch(self, maker: PopulationActor) -> str:
        """The production batch of a maker and month."""
        label = maker.did.removeprefix("did:web:").partition(".")[0].removeprefix("batterymaker-")
        return f"{self.population.model}/batch/{label[:12]}-{self.at:%Y%m}"

    def handed(self, receiver: PopulationActor, *, mass: Decimal | None = None, gap: float | None = None) -> Life:
        """Sent out by its holder and received."""
        assert self.holder is not None
        self.wait(1, 20) if gap is None else self.wait(gap)
        self.do("send_out", self.holder, counterpart=receiver, handledMass=self.mass)
        self.mass = mass or self.mass
        self.wait(1, 5).do("receive_in", receiver, handledMass=self.mass)
        self.holder = receiver
        return self

    def fitted(
        self, actor: PopulationActor, *, vehicle: tuple[VehicleHash, ...] | None = None, swap_model: bool = False
    ) -> Life:
        """Fitted to a vehicle, a new one by default."""
        self.vehicle = vehicle or self.population.vehicle()
        fields: dict[str, Any] = {"isSwapModel": True} if swap_model else {}
        if actor.role == "vehicleMaker":
            fields["vehicleModel"] = "EX7000BEV"
        return self.wait(1, 10).do("fit", actor, vehicle=self.vehicle, **fields)

    def sold(self, seller: PopulationActor, *, province: str | None = None, delay: timedelta | None = None) -> Life:
        """Sold with its vehicle."""
        region = province or self.population.random_province()
        self.wait(2, 30).do("sell_vehicle", seller, vehicle=self.vehicle, saleRegion=region, buyerType="person",
                            province=region, delay=delay)  # fmt: skip
        self.in_use, self.holder = not self.over, None
        return self

    def repaired(self, shop: PopulationActor, *, module: bool = False) -> Life:
        """Repaired, perhaps with another module."""
        parts: tuple[PartChange, ...] = ()
        if module and self.modules:
            old, new = self.modules.pop(), self.population.code(self.at, "M")
            self.modules.append(new)
            parts = (PartChange(old, None, True), PartChange(new, self.code))
        return self.do("repair", shop, vehicle=self.vehicle, eventReason="fault", parts=parts)

    def swapped(self, operator: PopulationActor) -> Life:
        """Taken out at a station, and put into another vehicle."""
        self.wait(20, 100).do("swap_out", operator, vehicle=self.vehicle)
        self.vehicle = self.population.vehicle()
        return self.wait(1, 10).do("swap_in", operator, vehicle=self.vehicle)

    def removed(self, shop: PopulationActor, **options: Any) -> Life:
        """Taken out of its vehicle."""
        self.do("remove", shop, vehicle=self.vehicle, removalReason="fault", **options)
        self.holder, self.in_use, self.vehicle = shop, self.over, ()
        return self

    def scrapped(self, dismantler: PopulationActor, *, found: bool = True, certificate: str | None = None) -> Life:
        """Scrapped with its vehicle."""
        code = self.code if found else self.population.code(self.at)
        self.do("scrap_vehicle", dismantler, vehicle=self.vehicle, foundPackCodes=(code,),
                scrapCertificateNumber=certificate or f"C-{self.pack.rpartition('/')[2]}")  # fmt: skip
        self.holder, self.in_use = dismantler, self.over
        return self

    def retired(self, holder: PopulationActor, health: str) -> Life:
        return self.wait(1, 20).do("retire", holder, eventReason="worn", assessedStateOfHealth=KG(health))

    def assessed(self, actor: PopulationActor, decision: str, health: str, **options: Any) -> Life:
        if not self.worn and not self.waste:
            # What is assessed was retired before, by the party that has it.
            self.retired(self.holder or actor, health)
        self.wait(1, 20)
        return self.do("assess", actor, assessmentMethod="GB/T 34015", safetyResult="passed",
                       assessedStateOfHealth=KG(health), assessmentDecision=decision, **options)  # fmt: skip

    def transformed(
        self,
        actor: PopulationActor,
        successor: Life,
        *,
        use: str = "stationaryStorage",
        parts: Any = (),
        mass: Decimal | None = None,
    ) -> Life:
        return self.wait(1, 20).do("transform", actor, transformOperation="repurposing", successorPack=successor.pack,
                                   newBatteryCode=successor.code, reratedCapacity=KG("90"), seriesCount=KG("16"),
                                   parallelCount=KG("1"), intendedUse=use,
                                   handledMass=mass or self.mass, parts=parts)  # fmt: skip

    def wasted(self, holder: PopulationActor) -> Life:
        return self.wait(1, 20).do("declare_waste", holder, wasteBasis="worn")

    def second(self, at: datetime | None = None) -> Life:
        """The product that is made from this pack; nothing of it was reported yet."""
        at = at or self.at
        return self.population.life(at, code=self.population.second_life_code(at))

    def recycled(self, utiliser: PopulationActor, *, contents: bool = False, **recovered: Decimal) -> Life:
        """Recycled; with contents, most of each material comes back."""
        masses: dict[str, Any] = dict(recovered)
        if contents:
            for material, share in (("Lithium", "0.93"), ("Nickel", "0.985"), ("Cobalt", "0.985"), ("Copper", "0.99")):
                held = self.content(material.lower(), KG(self.population.random.randint(5, 40)))
                masses[f"recovered{material}Mass"] = round(held * KG(share), 3)
        if not {"recoveredOtherMass", "residueMass"} & masses.keys():
            # With other material four fifths of the mass come back.
            stated = sum(masses.values(), Decimal(0))
            other = max(round(self.mass * KG("0.8"), 3) - stated, Decimal(0))
            masses |= {"recoveredOtherMass": other, "residueMass": self.mass - stated - other}
        return self.wait(5, 60).do(
            RECYCLED, utiliser, recyclingProcess="hydrometallurgical", handledMass=self.mass, **masses
        )

    def content(self, material: str, kilograms: Decimal) -> Decimal:
        """What it holds of a material: by its design, or else so much, which is stated."""
        design = self.population.design
        if design is not None:
            return design.contents[material]
        self.population.contents.append({"pack": self.pack, "material": material, "mass": int(kilograms * 1000)})
        return kilograms

    def corrected(self, actor: PopulationActor | None = None) -> Life:
        """Its last event, with another reason. By default its own reporter."""
        if self.last is None or self.last.kind == "correct":
            return self
        reporter = actor or PopulationActor(self.last.actor, next(iter(self.last.roles)), PROVINCES[0])
        return self.wait(1, 5).do("correct", reporter, corrects=self.last.id, eventReason="typing error", placed=False)

    def read_out(self, at: datetime, cycles: int, soh: int = 8500) -> Life:
        """A read-out of the pack. :param soh: state of health in hundredths of a percent."""
        self.population.readouts.append({
            "pack": self.pack, "time": seconds(at), "soh": soh, "cycles": cycles,
            "credential": f"{self.pack}/condition/{seconds(at)}",
        })  # fmt: skip
        return self

    def gone(self, utiliser: PopulationActor) -> Life:
        """Handed to a utiliser and recycled: nothing is owed after that."""
        return self.handed(utiliser).wasted(utiliser).recycled(utiliser)
