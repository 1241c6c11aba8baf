"""Entries that people read together: two ends of a range in one row, powers by state of charge in one table.

Each part keeps its own anchor, meaning, names and term; only the look is shared. Nothing is left out: where the parts
do not have the shape that the common look needs, they stay rows of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from passport.reports.isolation import isolated
from passport.vocabulary.vocabulary import Unit
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.indicators.attested import marks_of
from resolver.page.macros import CELLS
from resolver.page.pictures.charts import decimal
from resolver.page.view_model import EntryRow

#: Two ends of a range, and the name of the range.
_RANGES = (
    ("minimumVoltage", "maximumVoltage", "voltage-range"),
    ("idleTemperatureLowerBoundary", "idleTemperatureUpperBoundary", "idle-range"),
)
#: Powers by state of charge, and the title of their table.
_POWERS = ("originalPowerCapability", "maximumDischargingPower", "maximumChargingPower")
_OF_POWER = {"id", "atStateOfCharge", "powerAtStateOfCharge", "pulseDuration", "atTemperature"}


def combined(context: PageContext, rows: Sequence[EntryRow]) -> tuple[EntryRow, ...]:
    """The rows, with those that belong together in one, at the place of the first."""
    result = list(rows)
    for low, high, key in _RANGES:
        _join(result, (low, high), _range(context, low, high, key, {row.id: row for row in result}))
    _join(result, _POWERS, _powers(context, {row.id: row for row in result}))
    return tuple(result)


def _join(rows: list[EntryRow], ids: Sequence[str], joined: EntryRow | None) -> None:
    if joined is None:
        return
    place = min(at for at, row in enumerate(rows) if row.id in ids)
    rows[:] = [joined if at == place else row for at, row in enumerate(rows) if at == place or row.id not in ids]


def _range(context: PageContext, low: str, high: str, key: str, rows: Mapping[str, EntryRow]) -> EntryRow | None:
    ends = [decimal(context.claims.get(id_)) for id_ in (low, high)]
    if low not in rows or high not in rows or None in ends:
        return None
    words, unit = context.words, context.here.vocabulary.indicators[high].unit
    value = words(
        "range", low=words.number(context.claims[low]), high=f.quantity(context.claims[high], unit, words.language)
    )
    parts = (rows[low], rows[high])
    return replace(
        rows[low], id=f"{low}-{high}", label=str(words(key)), html=value, stacked=False, parts=parts, notes=(),
        extra=None, attested=marks_of(parts, context.words),
    )  # fmt: skip


def _powers(context: PageContext, rows: Mapping[str, EntryRow]) -> EntryRow | None:
    """One table: a line for each power and time of the pulse, a column for each state of charge."""
    parts = [rows[id_] for id_ in _POWERS if id_ in rows]
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    temperatures, charges = set(), {}
    for part in parts:
        entries = context.claims[part.id]
        for entry in entries if isinstance(entries, list) else [entries]:
            if not isinstance(entry, Mapping) or not entry.keys() <= _OF_POWER:
                return None
            charge, power = entry.get("atStateOfCharge"), entry.get("powerAtStateOfCharge")
            line = lines.setdefault((part.id, str(entry.get("pulseDuration", ""))), {})
            if decimal(charge) is None or decimal(power) is None or str(charge) in line:
                return None
            line[str(charge)] = power
            charges[str(charge)] = decimal(charge)
            temperatures |= {str(entry["atTemperature"])} if "atTemperature" in entry else set()
    if len(parts) < 2 or len(temperatures) > 1 or not lines:
        return None
    return replace(
        parts[0], id="power-by-charge", label=str(context.words("power-table")),
        html=_table(context, rows, lines, charges),
        stacked=True, parts=tuple(parts), notes=tuple(_power_notes(context, temperatures)), extra=None,
        attested=marks_of(parts, context.words),
    )  # fmt: skip


def _power_notes(context: PageContext, temperatures: set[str]) -> list[Markup]:
    words, celsius = context.words, context.here.vocabulary.indicators["idleTemperatureUpperBoundary"].unit
    at = [f.plain_quantity(each, celsius, words.language) for each in temperatures]
    return [words("power-at", temperature=at[0])] if at else []


def _table(
    context: PageContext,
    rows: Mapping[str, EntryRow],
    lines: Mapping[tuple[str, str], Mapping[str, Any]],
    charges: Mapping[str, Any],
) -> Markup:
    words, watt = context.words, context.here.vocabulary.indicators["maximumPermittedPower"].unit
    order = sorted(charges, key=lambda charge: charges[charge])
    body = []
    for (id_, duration), line in lines.items():
        name = isolated(rows[id_].label)
        if duration:
            name = name + words.comma + f.duration(duration, words.language)
        body.append([name, *(_power(line.get(charge), watt, words.language) for charge in order)])
    headings = [str(words("charge-left")), *(words.percent(charge) for charge in order)]
    return isolated(CELLS.table(" n", headings, body))


def _power(value: Any, unit: Unit | None, language: str) -> str:
    return "—" if value is None else f.plain_quantity(value, unit, language)
