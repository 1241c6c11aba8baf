"""One life-cycle event of one pack, as its actor reports it.

* An event says what happened, when, and who did it. It names its predecessor in the history of the pack by id and by
  the digest of the signed bytes, so that nothing can be put between two events later.
* The roles are those of the actor's accreditation: the document itself claims none.
* An event never changes an earlier one. A correction is an event that names the event it corrects; see
  :meth:`LifecycleEvent.corrected_by`.
* Read-outs are no events: they are credentials of their own and enter no history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from passport.lifecycle.vehicles import VehicleHash

CORRECTION = "correct"
#: Kind of the vocabulary that is no event of a history.
READ_OUT = "update_dynamic"
#: Fields of a correction that say something about the correction, not about the corrected event.
CORRECTED_INSTANT, WITHDRAWN, REASON = "correctedInstant", "eventWithdrawn", "eventReason"


@dataclass(frozen=True)
class Place:
    """Where it happened.

    :param country: two letters (ISO 3166-1).
    :param province: ISO 3166-2 code such as ``CN-AH``.
    :param locality: town.
    :param facility: identifier of the plant, outlet or station.
    """

    country: str
    province: str | None = None
    locality: str | None = None
    facility: str | None = None


@dataclass(frozen=True)
class Predecessor:
    """The event before, by its id and the digest of its signed bytes."""

    id: str
    digest: str


@dataclass(frozen=True)
class PartChange:
    """A module or cell that is in the pack, comes in or goes out.

    :param code: GB/T 34014 code.
    :param within: code of the pack or module around it; None for what goes out.
    :param out: whether it goes out.
    """

    code: str
    within: str | None
    out: bool = False


@dataclass(frozen=True)
class LifecycleEvent:
    """One event.

    :param id: IRI of the event.
    :param pack: IRI of the pack.
    :param kind: code of the list ``lifecycleEvent``.
    :param instant: with its offset.
    :param actor: DID of the reporter.
    :param roles: of the actor, as accredited.
    :param predecessor: None for the first event of a pack.
    :param counterpart: DID of the other party.
    :param vehicle: hashes of one vehicle under one or more keys; empty where there is none.
    :param fields: by name; decimals as Decimal, whole numbers as int, days and instants as date and datetime,
        repeatable ones as tuples.
    :param corrects: id of the event that this one corrects.
    """

    id: str
    pack: str
    kind: str
    instant: datetime
    actor: str
    roles: frozenset[str]
    predecessor: Predecessor | None = None
    place: Place | None = None
    counterpart: str | None = None
    vehicle: tuple[VehicleHash, ...] = ()
    parts: tuple[PartChange, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    corrects: str | None = None

    def has_member(self, member: str) -> bool:
        """Whether the event has a member of :data:`passport.lifecycle.event_catalogue.MEMBERS`."""
        return bool(getattr(self, member))

    def text(self, name: str) -> str | None:
        """The value of a field of text, None where it is absent."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The values of a repeatable field."""
        value = self.fields.get(name, ())
        return tuple(str(item) for item in value) if isinstance(value, tuple) else (str(value),)

    def number(self, name: str) -> Decimal | None:
        """The value of a field that is a decimal, None where it is absent."""
        value = self.fields.get(name)
        return value if isinstance(value, Decimal) else None

    def flag(self, name: str, default: bool = False) -> bool:
        """The value of a field that is true or false."""
        value = self.fields.get(name, default)
        return value if isinstance(value, bool) else default

    def corrected_by(self, correction: LifecycleEvent) -> LifecycleEvent | None:
        """This event as the correction says it happened; None where it did not happen.

        What the correction does not give stays. Id, kind, actor and place in the chain always stay.
        """
        if correction.flag(WITHDRAWN):
            return None
        own = {REASON, CORRECTED_INSTANT, WITHDRAWN}
        instant = correction.fields.get(CORRECTED_INSTANT)
        return replace(
            self,
            instant=instant if isinstance(instant, datetime) else self.instant,
            place=correction.place or self.place,
            counterpart=correction.counterpart or self.counterpart,
            vehicle=correction.vehicle or self.vehicle,
            parts=correction.parts or self.parts,
            fields=MappingProxyType(
                {**self.fields, **{name: value for name, value in correction.fields.items() if name not in own}}
            ),
        )
