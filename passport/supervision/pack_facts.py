"""The facts of one pack as rows of plain tables, projected from its accepted events. Pure.

* Events appear with their corrections applied; withdrawn events are left out, corrections are rows of their own.
* Instants are whole seconds since 1970 (UTC), masses grams, shares hundredths of a percent: integers, which compare and
  divide alike in every database.
* A pack is known by the number of its first accepted event, an event by its own number. Both are the same whenever the
  facts are made again.
* A stay is the time that a part or a vehicle (by its keyed hash) and a pack spent together.

    rows = facts_of(history, receipts)
    rows.events[-1].state                 # "InUse"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from passport.lifecycle import Ending, History, LifecycleEvent, PackState
from passport.lifecycle.event import CORRECTION, WITHDRAWN
from passport.lifecycle.event_catalogue import catalogue
from passport.vocabulary.credential_types import RECYCLED

#: The end of what has no end: the first instant of the year 10000.
FOREVER = 253402300800
VEHICLE, PART = "vehicle", "part"
_RESIDUE = "residueMass"
_RECOVERED = re.compile(r"recovered(\w+)Mass")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
#: Kinds that put the pack itself at the place of the event.
_PRESENT = frozenset({
    "produce", "fit", "repair", "remove", "replace", "swap_out", "swap_in", "assess", "transform", "send_out",
    "receive_in", "scrap_vehicle", RECYCLED,
})  # fmt: skip
#: Field that says what an event chose, by kind.
_CHOICES = {"transform": "intendedUse", "assess": "assessmentDecision", "remove": "removalReason",
            "replace": "removalReason", "sell_vehicle": "buyerType", "export": "market",
            "place_on_market": "market"}  # fmt: skip
_CODES = {"register_code": "packCode", "replace": "installedBatteryCode", "transform": "newBatteryCode"}
#: Fields of an event that upload records state and no rule reads, by their names; a repeated one has a line for each
#: value. ``locality`` is the town of the event.
DETAILS = (
    "chemistryShortName", "specifiedRatedCapacity", "specifiedRatedEnergy", "footprintReference", "eventReason",
    "removalReason", "foundPackCodes", "reratedCapacity", "seriesCount", "parallelCount", "transformOperation",
    "recyclingProcess", "vehicleModel",
)  # fmt: skip
LOCALITY = "locality"
_OBJECTS = {"transform": "successorPack", "scrap_vehicle": "scrapCertificateNumber",
            "issue_passport": "issuedCredential"}  # fmt: skip


@dataclass(frozen=True)
class AcceptanceRecord:
    """What the log says of an accepted event.

    :param number: its number in the order of acceptance.
    :param credential: IRI of the signed credential; :param digest: of its bytes.
    :param accepted: instant of acceptance.
    """

    number: int
    credential: str
    digest: str
    accepted: datetime


@dataclass(frozen=True)
class PackFact:
    """A pack as it is after its last event.

    :param number: of its first event; :param last: of the latest event.
    :param first: instant of the first, :param latest: of the last event.
    :param ended: instant at which the passport ended.
    :param batch: IRI of the production batch, by the newest event that names it.
    """

    number: int
    pack: str
    code: str | None
    model: str | None
    maker: str | None
    produced: int | None
    state: str | None
    legal: str
    status: str | None
    holder: str | None
    responsible: str | None
    province: str | None
    mass: int | None
    first: int
    latest: int
    last: int
    ended: int | None
    batch: str | None


@dataclass(frozen=True)
class EventFact:
    """An event as corrected.

    :param time: when it happened; :param reported: when it happened as first reported; :param accepted: of the log.
    :param role: under which the actor may report this kind.
    :param present: 1 where the pack was at the place.
    :param code: pack code that the event names; :param object: IRI or number that it names (hand-over, successor, …).
    :param choice: code of a list, such as the intended use.
    :param found: of a scrapping, whether the pack was found in its vehicle; of a transformation, whether it took the
        whole pack; None where that says nothing.
    :param state: label after it.
    """

    number: int
    event: str
    credential: str
    digest: str
    pack: int
    kind: str
    time: int
    reported: int
    accepted: int
    actor: str
    role: str | None
    country: str | None
    province: str | None
    facility: str | None
    present: int
    counterpart: str | None
    mass: int | None
    soh: int | None
    code: str | None
    object: str | None
    choice: str | None
    found: int | None
    state: str | None


@dataclass(frozen=True)
class CorrectionFact:
    """A correction.

    :param corrects: id of the corrected event; :param withdrawn: 1 where it takes that back.
    """

    number: int
    event: str
    credential: str
    digest: str
    pack: int
    actor: str
    time: int
    accepted: int
    corrects: str
    withdrawn: int


@dataclass(frozen=True)
class VehicleFact:
    """A vehicle that an event names, under one key."""

    number: int
    key_id: str
    hash: str
    pack: int
    kind: str
    time: int


@dataclass(frozen=True)
class StayFact:
    """A time of a part or vehicle with a pack.

    :param sort: ``part`` or ``vehicle``; :param object: code, or hash.
    :param first: number of the event that began it; :param last: of the event that ended it.
    """

    sort: str
    object: str
    pack: int
    since: int
    until: int
    first: int
    last: int | None


@dataclass(frozen=True)
class RecoveryFact:
    """Mass that recycling gave back, in grams. :param material: ``lithium`` …, ``residue``."""

    number: int
    pack: int
    material: str
    mass: int


@dataclass(frozen=True)
class OriginFact:
    """A pack that this one says it was made from."""

    number: int
    pack: int
    origin: str


@dataclass(frozen=True)
class DetailFact:
    """A field of an event that upload records state. :param name: of :data:`DETAILS`, or :data:`LOCALITY`."""

    number: int
    pack: int
    name: str
    value: str


@dataclass(frozen=True)
class PackFacts:
    """All rows of one pack."""

    pack: PackFact
    events: tuple[EventFact, ...]
    corrections: tuple[CorrectionFact, ...]
    vehicles: tuple[VehicleFact, ...]
    stays: tuple[StayFact, ...]
    recoveries: tuple[RecoveryFact, ...]
    origins: tuple[OriginFact, ...]
    details: tuple[DetailFact, ...]


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970 (UTC)."""
    return int(instant.timestamp())


def facts_of(history: History, receipts: Mapping[str, AcceptanceRecord]) -> PackFacts | None:
    """The rows of a pack; None where no event of it holds any more.

    :param receipts: by id of the event, of every event of the history.
    """
    if not history.timeline:
        return None
    number = receipts[history.links[0].event.id].number
    reported = {link.event.id: link.event.instant for link in history.links}
    events: list[EventFact] = []
    before = PackState()
    stays = _Stays(number)
    for event, state in history.states():
        receipt = receipts[event.id]
        events.append(_event(number, event, receipt, reported[event.id], before, state))
        stays.see(event, receipt.number, before, state)
        before = state
    times = {fact.number: fact for fact in events}
    return PackFacts(
        pack=_pack(number, history, before, events),
        events=tuple(events),
        corrections=tuple(
            _correction(number, link.event, receipts[link.event.id])
            for link in history.links
            if link.event.kind == CORRECTION
        ),
        vehicles=tuple(
            VehicleFact(
                receipts[event.id].number, vehicle.key_id, vehicle.value, number, event.kind, seconds(event.instant)
            )
            for event in history.timeline
            for vehicle in event.vehicle
        ),
        stays=tuple(stays.ended(before, times)),
        recoveries=tuple(
            RecoveryFact(receipts[event.id].number, number, material, mass)
            for event in history.timeline
            if event.kind == RECYCLED
            for material, mass in _recovered(event)
        ),
        origins=tuple(
            OriginFact(receipts[event.id].number, number, origin)
            for event in history.timeline
            for origin in event.texts("derivedFromPacks")
        ),
        details=tuple(
            DetailFact(receipts[event.id].number, number, name, value)
            for event in history.timeline
            for name, value in _details(event)
        ),
    )


def _pack(number: int, history: History, state: PackState, events: list[EventFact]) -> PackFact:
    made = next((event for event in events if event.kind in ("produce", "register_code")), None)
    end = next((event for event in events if event.event == state.ended_by), None)
    return PackFact(
        number=number,
        pack=history.pack,
        code=state.code,
        model=state.model,
        maker=made.actor if made else None,
        produced=seconds(state.produced) if state.produced else None,
        state=state.label,
        legal=state.legal.value,
        status=state.status,
        holder=state.holder.did if state.holder else None,
        responsible=state.responsible,
        province=next((event.province for event in reversed(events) if event.present and event.province), None),
        mass=_grams(state.mass),
        first=events[0].time,
        latest=events[-1].time,
        last=events[-1].number,
        ended=end.time if end else None,
        batch=next((batch for event in reversed(history.timeline) if (batch := event.text("batteryBatch"))), None),
    )


def _event(
    pack: int, event: LifecycleEvent, receipt: AcceptanceRecord, reported: datetime, before: PackState, state: PackState
) -> EventFact:
    place = event.place
    province = place.province if place else None
    if event.kind == "sell_vehicle":
        region = _REGION.match(event.text("saleRegion") or "")
        province = region[0] if region else province
    object_ = event.text(_OBJECTS.get(event.kind, ""))
    if event.kind == "receive_in":
        # A receipt answers the hand-over that it names, else the current one.
        object_ = event.text("handoverEvent") or (before.transit.event if before.transit else None)
    return EventFact(
        number=receipt.number,
        event=event.id,
        credential=receipt.credential,
        digest=receipt.digest,
        pack=pack,
        kind=event.kind,
        time=seconds(event.instant),
        reported=seconds(reported),
        accepted=seconds(receipt.accepted),
        actor=event.actor,
        role=next((role for role in catalogue().kinds[event.kind].roles if role in event.roles), None),
        country=place.country if place else None,
        province=province,
        facility=place.facility if place else None,
        present=int(event.kind in _PRESENT and province is not None),
        counterpart=event.counterpart,
        mass=_grams(event.number("handledMass")),
        soh=_hundredths(event.number("assessedStateOfHealth")),
        code=event.text(_CODES.get(event.kind, "")),
        object=object_,
        choice=event.text(_CHOICES.get(event.kind, "")),
        found=_found(event, before),
        state=state.label,
    )


def _found(event: LifecycleEvent, before: PackState) -> int | None:
    if event.kind == "transform":
        return int(not event.parts)
    swap_model = not before.swap_models.isdisjoint(event.vehicle)
    if event.kind != "scrap_vehicle" or swap_model or not before.fitted or before.code is None:
        return None
    return int(before.code in event.texts("foundPackCodes"))


def _correction(pack: int, event: LifecycleEvent, receipt: AcceptanceRecord) -> CorrectionFact:
    return CorrectionFact(
        number=receipt.number,
        event=event.id,
        credential=receipt.credential,
        digest=receipt.digest,
        pack=pack,
        actor=event.actor,
        time=seconds(event.instant),
        accepted=seconds(receipt.accepted),
        corrects=event.corrects or "",
        withdrawn=int(event.flag(WITHDRAWN)),
    )


def _recovered(event: LifecycleEvent) -> Iterator[tuple[str, int]]:
    for name in event.fields:
        mass = _grams(event.number(name))
        match = _RECOVERED.fullmatch(name)
        if mass is not None and (match or name == _RESIDUE):
            material = match[1] if match else "residue"
            yield material[0].lower() + material[1:], mass


def _details(event: LifecycleEvent) -> Iterator[tuple[str, str]]:
    for name in DETAILS:
        if values := event.texts(name):
            yield name, "\n".join(values)
    if event.place and event.place.locality:
        yield LOCALITY, event.place.locality


class _Stays:
    """The stays of one pack, as its events are seen in their order."""

    def __init__(self, pack: int) -> None:
        self.pack = pack
        self.open: dict[tuple[str, str], tuple[int, int]] = {}
        self.closed: list[StayFact] = []

    def see(self, event: LifecycleEvent, number: int, before: PackState, state: PackState) -> None:
        time = seconds(event.instant)
        if state.vehicle is not before.vehicle:
            self._change(VEHICLE, {item.value for item in state.vehicle}, time, number)
        if state.parts is not before.parts:
            self._change(PART, set(state.parts), time, number)

    def _change(self, sort: str, now: set[str], time: int, number: int) -> None:
        for key in [key for key in self.open if key[0] == sort and key[1] not in now]:
            since, first = self.open.pop(key)
            self.closed.append(StayFact(sort, key[1], self.pack, since, time, first, number))
        for item in sorted(now):
            self.open.setdefault((sort, item), (time, number))

    def ended(self, state: PackState, events: Mapping[int, EventFact]) -> Iterator[StayFact]:
        yield from self.closed
        # The parts of a transformed pack are free for its successors; those of a recycled one are gone for good.
        until, last = FOREVER, None
        if state.ending is Ending.TRANSFORMED:
            end = next(fact for fact in events.values() if fact.event == state.ended_by)
            until, last = end.time, end.number
        for (sort, item), (since, first) in self.open.items():
            yield StayFact(sort, item, self.pack, since, until, first, last)


def _grams(kilograms: Decimal | None) -> int | None:
    return None if kilograms is None else round(kilograms * 1000)


def _hundredths(percent: Decimal | None) -> int | None:
    return None if percent is None else round(percent * 100)
