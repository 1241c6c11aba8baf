"""A place in a file, and a fault at a place: the types that all readers and validation report with.

Faults are values, not exceptions: a reader collects all of them and raises :class:`passport.errors.FaultyRecord` once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from passport.battery.identifiers.identifier import shown
from passport.texts import Message, Text, by_language


@dataclass(frozen=True)
class Location:
    """The place of a value in the input file.

    A cell of a workbook has sheet, row (from 1), column (letters) and heading; a value of a JSON document has a JSON
    pointer, or a JSONPath beginning with ``$`` where the format's own documents use these. ``pack`` names the pack that
    has no row on the sheet.
    """

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    heading: str | None = None
    pointer: str | None = None
    pack: str | None = None

    @property
    def cell(self) -> str | None:
        """The cell's name, such as ``F14``; None where there is no cell."""
        return f"{self.column}{self.row}" if self.column and self.row else None

    @property
    def text(self) -> Message:
        """The place for people: ``packs.xlsx, sheet packs, F14, Serial number``."""
        parts: list[Message | str] = [shown(self.file, 200)]
        if self.sheet is not None:
            parts.append(Message("sheet {sheet}", sheet=shown(self.sheet, 200)))
        if self.cell:
            parts.append(self.cell)
        elif self.row is not None:
            parts.append(Message("row {row}", row=self.row))
        elif self.column is not None:
            parts.append(Message("column {column}", column=self.column))
        # Names of sheets, headings and keys are a stranger's: a place is one line, whatever is in them.
        heading = " ".join((self.heading or "").split())
        parts += [shown(part, 200) for part in (heading, self.pointer) if part]
        if self.pack is not None:
            parts.append(Message("no row for pack {pack}", pack=shown(self.pack, 200)))
        place: Message | str = parts[0]
        for part in parts[1:]:
            place = Message("{place}, {part}", place=place, part=part)
        return place if isinstance(place, Message) else Message("{file}", file=place)

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with its place.

    :param code: stable, for machines: ``unknown-indicator``, ``duplicate-pack``, …
    :param location: the place in the file.
    :param indicator: id of the indicator concerned, where there is one.
    :param message: one sentence: a message, or the texts of a rule or shape by language.
    :param expected: what would have been right, without a closing stop.
    :param found: what was there, quoted where it is text of the file.
    :param severity: ``violation`` stops issuing, ``warning`` does not; ``loss`` names input that is not issued, and
        stops issuing unless the caller allows losses.
    :param hint: what to do, where that is not plain from what was expected.
    """

    code: str
    location: Location
    indicator: str | None = None
    message: Text = field(default_factory=dict, hash=False)
    expected: str | None = None
    found: str | None = None
    severity: str = "violation"
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The fault as a JSON object, empty members left out."""
        place = {name: value for name, value in vars(self.location).items() if value is not None}
        members = {
            "code": self.code,
            "location": place,
            "indicator": self.indicator,
            "message": by_language(self.message) if self.message else None,
            "expected": self.expected,
            "found": self.found,
            "severity": self.severity,
            "hint": self.hint,
        }
        return {name: value for name, value in members.items() if value is not None}


def found(value: Any) -> str:
    """A value as a message may repeat it: one line, short."""
    if isinstance(value, str):
        # A line break in a cell is shown as what it is; anything else that is not printed has no sign of its own.
        line = " ⏎ ".join(value[:81].splitlines()) if "\n" in value[:81] or "\r" in value[:81] else value[:81]
        shown = "".join(character if character.isprintable() else "\ufffd" for character in line)
        return f'"{shown[:80]}…"' if len(value) > 80 else f'"{shown}"'
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return Message("an empty object") if not value else Message("an object")
    if isinstance(value, list):
        return Message("an empty list") if not value else Message("a list")
    return str(value).lower() if isinstance(value, bool) else str(value)[:80]


def of_severity(severity: str, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults of one severity, in their order."""
    return tuple(fault for fault in faults if fault.severity == severity)


def pointer_token(name: Any) -> str:
    """A key as a reference token of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def count(faults: Sequence[Fault]) -> Message:
    """``1 fault``, ``4 faults``."""
    return Message("{n} fault", plural="{n} faults", n=len(faults))
