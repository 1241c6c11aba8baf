"""The outlets of an upload report, a stage of its own: which there are, what each took in, handed on and holds. Pure.

* An outlet of the actor itself is known by its receipts and hand-overs, one of a maker by the list that it published.
* Quantities are packs by type, as position 4 and 5 of their codes name it (GB/T 34014).
* A mass is that of the packs that were weighed; the others are counted as unweighed.
* Missing is the province or the city of an outlet.

    rows = outlet_stage(actor, start, end, published, events)
    rows[0]["received"]["packs"]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.supervision.pack_facts import FOREVER

#: What is asked of an outlet.
ASKED = ("province", "city")
_IN, _OUT = "receive_in", "send_out"


def outlet_stage(
    actor: str, start: int, end: int, published: Iterable[Any], events: Iterable[Any], *, for_itself: bool = False
) -> list[dict[str, Any]]:
    """The outlets of an actor in a time, each as a JSON object.

    :param published: with the members of :class:`passport.store.facts.reports.outlet_reading.PublishedRow`.
    :param events: with those of :class:`passport.store.facts.reports.outlet_reading.OutletEventRow`, from the beginning
        on.
    :param for_itself: the actor reads it: of an outlet that is another party it learns no volumes.
    """
    listed = {(row.outlet, row.province): row for row in published}
    groups: dict[tuple[str, str | None, str | None], list[Any]] = defaultdict(list)
    for row in events:
        if row.outlet == actor or not for_itself:
            groups[row.outlet, row.province, row.facility].append(row)
    with_events = {(outlet, province) for outlet, province, _ in groups}
    for outlet, province in listed:
        if (outlet, province) not in with_events:
            groups[outlet, province, None] = []
    known = []
    for (outlet, province, facility), rows in groups.items():
        entry = listed.get((outlet, province or ""))
        inside = [row for row in rows if row.time >= start]
        stock = sum(not row.left for row in rows if row.kind == _IN)
        if entry is None and not inside and not stock:
            continue
        city = next((row.city for row in reversed(rows) if row.city), entry.city if entry else None)
        hidden = for_itself and outlet != actor
        known.append({
            "outlet": outlet, "facility": facility, "province": province, "city": city,
            "since": _day(entry.since) if entry else None,
            "until": _day(entry.until - 1) if entry and entry.until < FOREVER else None,
            "received": None if hidden else _total(inside, _IN),
            "sent": None if hidden else _total(inside, _OUT),
            "stock": None if hidden else stock,
            "types": [] if hidden else _types(inside),
            "receivers": [] if hidden else _receivers(inside),
        })  # fmt: skip
        known[-1]["missing"] = [name for name in ASKED if not known[-1][name]]
    return sorted(known, key=lambda row: (row["outlet"], row["province"] or "", row["facility"] or ""))


def _total(rows: Sequence[Any], kind: str) -> dict[str, int]:
    return _summed([row for row in rows if row.kind == kind])


def _summed(rows: Sequence[Any]) -> dict[str, int]:
    weighed = [row.mass for row in rows if row.mass is not None]
    return {"packs": len(rows), "unweighed": len(rows) - len(weighed), "massGrams": sum(weighed)}


def _types(rows: Sequence[Any]) -> list[dict[str, Any]]:
    counted: Mapping[str, Counter[tuple[str | None, str | None]]] = {
        kind: Counter(_type(row.packCode) for row in rows if row.kind == kind) for kind in (_IN, _OUT)
    }
    return [
        {"productType": product, "batteryType": battery, "received": counted[_IN][product, battery],
         "sent": counted[_OUT][product, battery]}
        for product, battery in sorted(
            {*counted[_IN], *counted[_OUT]}, key=lambda type_: [each or "" for each in type_]
        )
    ]  # fmt: skip


def _type(code: str | None) -> tuple[str | None, str | None]:
    try:
        parsed = None if code is None else TractionBatteryCode.parse(code)
    except MalformedIdentifier:
        parsed = None
    return (None, None) if parsed is None else (parsed.product_type, parsed.battery_type)


def _receivers(rows: Sequence[Any]) -> list[dict[str, Any]]:
    sent: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.kind == _OUT:
            sent[row.counterpart or ""].append(row)
    return [{"receiver": receiver or None, **_summed(of)} for receiver, of in sorted(sent.items())]


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).date().isoformat()
