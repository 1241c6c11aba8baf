"""The order in which the faults of a file are worked through: by sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from passport.battery.fault import Fault
from passport.vocabulary import vocabulary


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Faults in the order of file, sheet, row and column; those of other files stay in the order of their reading."""
    faults = tuple(faults)
    files = {name: n for n, name in enumerate(dict.fromkeys(fault.location.file for fault in faults))}

    def key(fault: Fault) -> tuple[int, int, int, int, str]:
        place = fault.location
        if place.sheet is None:
            return files[place.file], 0, 0, 0, ""
        column = place.column or ""
        return files[place.file], 1 + _sheet_order(place.sheet), place.row or 0, len(column), column

    return tuple(sorted(faults, key=key))


@cache
def _sheet_order(name: str) -> int:
    # Loaded here: only a fault in a table needs it.
    from passport.exchange.spreadsheet.layout import Layout

    layout = Layout(vocabulary.load())
    sheet = layout.sheet(name)
    return list(layout.sheets).index(sheet.name) if sheet is not None else len(layout.sheets)
