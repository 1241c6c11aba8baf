"""Where the values of a record stand that was put together from rows of several sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from passport.battery.fault import Location
from passport.battery.record import PlaceKey
from passport.battery.value_reader import PARTS
from passport.exchange.spreadsheet.layout import PACK_KEYS, sheet_name
from passport.exchange.spreadsheet.sheet_tables import TableRow
from passport.vocabulary.vocabulary import Carrier, load


class RowPlaces(Mapping[PlaceKey, Location]):
    """The places of the values of one record: a row for each part, and the rows of its entries."""

    def __init__(self) -> None:
        self.parts: dict[str, list[TableRow]] = {}
        self.entries: dict[str, list[TableRow]] = {}

    def add(self, part: str, row: TableRow) -> None:
        """A row that holds values of a part."""
        self.parts.setdefault(part, []).append(row)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The rows of the record as (file, sheet, row)."""
        for kind in (self.parts, self.entries):
            for rows in kind.values():
                for row in rows:
                    yield row.head.file, row.head.name, str(row.number)

    def place(self, name: str, entry: int | None, field: str | None) -> Location:
        """Like ``[]``, but a value without a place of its own gets the place of its part."""
        return self.get((name, entry, field)) or next(iter(self.parts.values()))[0].place()

    def __getitem__(self, key: PlaceKey) -> Location:
        name, entry, field = key
        if name in PARTS:
            if name == "batch" and name not in self.parts:
                name = "model"
            if name not in self.parts:
                name = "pack"
            return self.parts[name][0].place()
        if name in self.entries:
            rows = self.entries[name]
            return rows[min(entry or 0, len(rows) - 1)].place(name, field)
        for rows in self.parts.values():
            for row in rows:
                if row.head.has(name) and not row.head.layout.entries_of:
                    return row.place(name, field)
        sheet = _sheet_of(name) if entry is None and field is None else None
        own = self.parts.get("pack")
        if sheet is None or not own:
            raise KeyError(key)
        for rows in self.parts.values():
            for row in rows:
                if row.head.layout.name == sheet:
                    return row.place()
        keys = own[0].keys()
        pack = next((keys[key] for key in PACK_KEYS if key in keys), None)
        return Location(own[0].head.file, sheet, pack=pack)

    def __iter__(self) -> Iterator[PlaceKey]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _sheet_of(name: str) -> str | None:
    """The sheet of a pack's indicator that is not on sheet packs; None for all others."""
    indicator = load().indicators.get(name)
    if indicator is None or indicator.carrier not in (Carrier.CONDITION, Carrier.EVENT):
        return None
    if indicator.fields and indicator.repeatable:
        return sheet_name(indicator.id)
    return "conditions" if indicator.carrier is Carrier.CONDITION else indicator.stage.value
