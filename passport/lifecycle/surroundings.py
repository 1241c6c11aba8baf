"""The surroundings of an event: facts about other packs and vehicles needed to judge it, which the caller looks up.

:func:`needs` lists the facts for an event; the caller fills a :class:`Surroundings` with them. A missing fact never
refuses an event, with one exception: a second life needs an old pack that names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from passport.lifecycle.event import CORRECTION, LifecycleEvent
from passport.lifecycle.history import History
from passport.lifecycle.state import Ending
from passport.lifecycle.vehicles import VehicleHash
from passport.linked_data.strict_json import dumps
from passport.vocabulary.credential_types import RECYCLED


@dataclass(frozen=True)
class PartStay:
    """A time that a module or cell spent in another pack.

    :param pack: IRI of that pack.
    :param until: first instant after; None where it is still there, or was when the passport of that pack ended.
    :param ending: how the passport of that pack ended, None where it lives.
    """

    pack: str
    since: datetime
    until: datetime | None = None
    ending: Ending | None = None


@dataclass(frozen=True)
class CodeClaim:
    """A pack code that was registered before.

    :param pack: IRI of the pack that has it.
    :param fingerprint: of its registration, see :func:`fingerprint`.
    """

    pack: str
    fingerprint: str


@dataclass(frozen=True)
class MadeInto:
    """What another pack's history says of the successor in question.

    :param successor: whether a transformation there names this pack.
    :param operator: DID that it names as operator of the successor.
    :param code: new code that it names.
    :param parts: codes that it handed over; empty where the whole pack was taken.
    """

    successor: bool
    operator: str | None = None
    code: str | None = None
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RecordedReplacement:
    """A replacement in a vehicle, as the history of the removed pack has it."""

    vehicle: tuple[VehicleHash, ...]
    installed_code: str


@dataclass(frozen=True)
class Surroundings:
    """Facts beyond the history of the pack.

    :param scrapped: hashes of vehicles that were scrapped at the instant of the event or before.
    :param swap_models: hashes of vehicles that are swap models.
    :param replacements: recorded in the vehicle of the event.
    :param parts: part code -> every stay in another pack.
    :param codes: pack code -> its earlier registration.
    :param predecessors: pack IRI -> what its history says of this pack.
    """

    scrapped: frozenset[VehicleHash] = frozenset()
    swap_models: frozenset[VehicleHash] = frozenset()
    replacements: tuple[RecordedReplacement, ...] = ()
    parts: Mapping[str, tuple[PartStay, ...]] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    codes: Mapping[str, CodeClaim] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    predecessors: Mapping[str, MadeInto] = field(default_factory=lambda: MappingProxyType({}), hash=False)


#: Of an event on which no other pack bears.
NOTHING_KNOWN = Surroundings()


@dataclass(frozen=True)
class Needs:
    """What to look up for an event.

    :param vehicles: hashes: scrapped? swap model? replacements recorded?
    :param parts: codes of modules and cells: in which other packs, from when to when?
    :param codes: pack codes: registered before?
    :param packs: IRIs of predecessors: what do their histories say of this pack?
    """

    vehicles: tuple[VehicleHash, ...] = ()
    parts: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    packs: frozenset[str] = frozenset()


def needs(history: History, event: LifecycleEvent) -> Needs:
    """What to look up before :func:`passport.lifecycle.decision.decide`.

    :param history: that the event joins. For a correction, the event as it corrects it counts.
    """
    corrected = history.effective(event.corrects or "") if event.kind == CORRECTION else None
    parts = {change.code for change in event.parts if not change.out}
    if corrected is not None:
        # A correction can bring back what went out: every part that was ever in this pack counts.
        if corrected.parts or event.parts:
            parts |= {change.code for past in history.timeline for change in past.parts}
        event = corrected.corrected_by(event) or event
    if event.kind == RECYCLED:
        parts |= set(history.state.parts)
    code = event.text("packCode")
    return Needs(
        vehicles=event.vehicle,
        parts=frozenset(parts),
        codes=frozenset({code} if code else ()),
        packs=frozenset((*event.texts("derivedFromPacks"),)),
    )


def fingerprint(event: LifecycleEvent) -> str:
    """What a registration says of the pack, as SHA-256 in hex: two packs under one code differ in it.

    :param event: of the kind ``register_code``.
    """
    parts = sorted([change.code, change.within or ""] for change in event.parts)
    content = [event.text("packCode") or "", event.actor, event.text("batteryModel") or "", parts]
    return hashlib.sha256(dumps(content)).hexdigest()
