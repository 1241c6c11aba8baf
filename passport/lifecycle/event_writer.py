"""Write an event as JSON: the one form of each value, which :func:`passport.lifecycle.event_json.from_json` reads.

Quantities are text, whole numbers JSON numbers, days and instants ISO text, repeatable fields lists; what is absent is
left out. The roles of the actor are no part of it: they come from the accreditation.

    document = to_json(event)
    from_json(document, roles=event.roles) == event
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from passport.lifecycle.event import LifecycleEvent, PartChange, Place


def to_json(event: LifecycleEvent) -> dict[str, Any]:
    """The event as a JSON object."""
    members: dict[str, Any] = {
        "id": event.id,
        "pack": event.pack,
        "event": event.kind,
        "occurredAt": event.instant.isoformat(),
        "actor": event.actor,
        "predecessor": event.predecessor and {"id": event.predecessor.id, "digest": event.predecessor.digest},
        "place": event.place and _place(event.place),
        "counterpart": event.counterpart,
        "vehicle": [{"keyId": vehicle.key_id, "hash": vehicle.value} for vehicle in event.vehicle],
        "parts": [_part(change) for change in event.parts],
        "corrects": event.corrects,
        "fields": {name: field_json(value) for name, value in event.fields.items()},
    }
    return {name: value for name, value in members.items() if value}


def field_json(value: Any) -> Any:
    """A value of a field as JSON has it."""
    if isinstance(value, tuple):
        return [field_json(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime | date) else value


def _place(place: Place) -> dict[str, str]:
    return {name: value for name, value in vars(place).items() if value is not None}


def _part(change: PartChange) -> dict[str, Any]:
    within = {} if change.within is None else {"within": change.within}
    return {"code": change.code, **within, **({"out": True} if change.out else {})}
