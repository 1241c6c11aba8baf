"""Conversion of a cell to the input form of a record, and back.

A spreadsheet program changes what people type: it drops leading zeros, stores 95 % as 0.95, turns ``10-11`` into a
date and knows no time zone. Each of these is either undone exactly or refused with a fault; nothing is guessed.

* A number becomes the decimal that is shown, as text. In a percent format it is multiplied by a hundred, exactly, where
  the unit is a per cent, and refused elsewhere.
* A number in a column of text is taken only in the general format, where what is shown is what is stored.
* A date is its ISO form. A time of day needs a zone: text such as ``2026-11-16T08:30:00Z``, or ``UTC`` in row 2.
* A unit behind a number goes where it is the column's own (``352 V`` in volts). Any other unit is left for validation
  to refuse, like decimal commas and separators between thousands: a number is never converted.
* Full-width digits, signs and blanks of numbers, dates and codes become their ASCII forms; text is left as it is.
* One value per line where several belong in a cell. A semicolon is part of the text.

What does not fit the column's type is handed on as text, for validation to refuse in its own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from passport.battery.fault import found
from passport.exchange.spreadsheet.number_format import shown, shows_text_as_it_is
from passport.exchange.spreadsheet.opening.workbook import WorkbookCell, shown_number
from passport.texts import ENGLISH, Message
from passport.vocabulary.vocabulary import Datatype, Field, Indicator, Term, Unit

Kind = Indicator | Field | Term

_NUMBERS = (Datatype.DECIMAL, Datatype.INTEGER)
#: Measure word before a unit that counts.
_COUNTED = "个"  # data: recognised in input
#: Types whose values are written in ASCII, so that full-width characters cannot mean anything else.
_ASCII = (*_NUMBERS, Datatype.BOOLEAN, Datatype.DATE, Datatype.DATE_TIME, Datatype.DURATION, Datatype.ENUM)
_NARROW = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_PERCENT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_WITH_UNIT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*([^0-9\s.,+-].*)")
UTC_MARK = "UTC"


class CellFault(Exception):
    """A cell that cannot be read; ``code``, ``expected``, ``found``, a message and a hint."""

    def __init__(self, code: str, expected: str, found: str, message: Message, hint: str | None = None) -> None:
        super().__init__(message)
        self.code, self.expected, self.found, self.hint = code, expected, found, hint
        self.message = message


def value_of(cell: WorkbookCell, kind: Kind, *, utc: bool = False) -> Any:
    """The value of a cell, in input form.

    :param kind: the indicator, field or term of the column.
    :param utc: True where row 2 says that times of this column are UTC.
    :raises CellFault: an error, a formula without a result, or something the program has bent.
    """
    if cell.kind == "error":
        raise CellFault("error-cell", Message("a value"), str(cell.value), Message("the cell holds an error"))
    if cell.kind == "uncalculated":
        raise CellFault(
            "formula-without-value",
            Message("a value"),
            Message("a formula that was never calculated"),
            Message("the formula has no result"),
            Message("open the file in a spreadsheet program and save it, or put the value in"),
        )
    if cell.kind == "external":
        raise CellFault(
            "external-link",
            Message("a value"),
            Message("a formula that reads another workbook"),
            Message("the value comes from another file"),
            Message("paste the value itself into the cell"),
        )
    several = kind.repeatable and isinstance(cell.value, str) and kind.datatype is not Datatype.LANG_STRING
    if several and "\n" in cell.value:
        lines = (line.strip() for line in cell.value.split("\n"))
        return [_one(WorkbookCell(cell.column, line), kind, utc) for line in lines if line]
    return _one(cell, kind, utc)


def _one(cell: WorkbookCell, kind: Kind, utc: bool) -> Any:
    value, datatype = cell.value, kind.datatype
    if isinstance(value, str):
        if not shows_text_as_it_is(cell.number_format):
            raise CellFault(
                "shown-otherwise",
                Message("a text as it is shown"),
                Message("{text}, shown by the format {format}", text=found(value), format=cell.number_format[:40]),
                Message("the cell shows something else than the text that it holds"),
                Message("format the cell as text"),
            )
        return _text(value, kind)
    if isinstance(value, bool):
        return value if datatype is Datatype.BOOLEAN else str(value).upper()
    if isinstance(value, int | float):
        return _number(cell, kind)
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(cell, kind, utc)
    return str(value)


def _text(text: str, kind: Kind) -> Any:
    datatype = kind.datatype
    if datatype in _ASCII:
        text = text.translate(_NARROW).strip()
    if datatype in _NUMBERS and kind.unit is not None:
        text = _without_unit(text, kind.unit)
    if datatype is Datatype.INTEGER and _INTEGER.fullmatch(text):
        return int(text)
    if datatype is Datatype.BOOLEAN and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _without_unit(text: str, unit: Unit) -> str:
    """The number of ``352 V`` in a column of volts. Another unit stays, for validation to refuse."""
    split = _WITH_UNIT.fullmatch(text)
    if split is None:
        return text
    symbol = unicodedata.normalize("NFKC", split[2])
    own = {unicodedata.normalize("NFKC", name) for name in (unit.symbol, unit.code, unit.label["zh"])}
    return split[1] if unit.code != "1" and symbol in own else text


def _number(cell: WorkbookCell, kind: Kind) -> Any:
    number = shown_number(cell.value)
    if "%" in _PERCENT.sub("", cell.number_format):
        if kind.datatype not in _NUMBERS or kind.unit is None or not kind.unit.code.startswith("%"):
            raise CellFault(
                "percent-format",
                Message("a number of {unit}", unit={**kind.unit.label, ENGLISH: kind.unit.plural})
                if kind.unit
                else Message("no per cent"),
                Message("{number} shown as per cent", number=number),
                Message("the cell is formatted as per cent"),
                Message("format the cell as a number"),
            )
        number = format((Decimal(number) * 100).normalize(), "f")
    if kind.datatype in _NUMBERS:
        _refuse_shown_otherwise(cell, kind, number)
    if kind.datatype is Datatype.INTEGER and _INTEGER.fullmatch(number):
        return int(number)
    if kind.datatype in _NUMBERS or kind.datatype is Datatype.BOOLEAN:
        return number
    if cell.number_format not in ("General", "@") or len(number.lstrip("-")) > 15:
        raise CellFault(
            "number-for-text",
            Message("text"),
            Message("the number {number}, which may be shown in another way", number=number),
            Message("the column takes text and the cell holds a number"),
            Message("format the cell as text and type the value again, with its leading zeros"),
        )
    return number


def _refuse_shown_otherwise(cell: WorkbookCell, kind: Kind, number: str) -> None:
    """What a cell shows decides: another unit, a scale or nothing at all is not the number that it holds.

    :raises CellFault: the format shows something else.
    """
    seen = shown(cell.number_format, cell.value)
    own: set[str] = set()
    if kind.unit is not None:
        names = (kind.unit.symbol, kind.unit.code, *kind.unit.label.values(), kind.unit.plural)
        own = {unicodedata.normalize("NFKC", name).casefold() for name in names}
    if not (seen.hidden or seen.scaled) and (
        not seen.text or unicodedata.normalize("NFKC", seen.text).removeprefix(_COUNTED).casefold() in own
    ):
        return
    if seen.hidden:
        what = Message("{number}, which the format hides", number=number)
    elif seen.scaled:
        what = Message("{number}, of which the format cuts off thousands", number=number)
    else:
        what = Message("{number}, shown with “{text}”", number=number, text=seen.text[:40])
    raise CellFault(
        "shown-otherwise",
        Message("a number of {unit}", unit={**kind.unit.label, ENGLISH: kind.unit.plural})
        if kind.unit and kind.unit.code != "1"
        else Message("a number as it is shown"),
        what,
        Message("the cell shows something else than the number that it holds"),
        Message("format the cell as a plain number, in the unit of the column"),
    )


def _moment(cell: WorkbookCell, kind: Kind, utc: bool) -> Any:
    value = cell.value
    if isinstance(value, time | timedelta):
        if kind.datatype is Datatype.DURATION:
            return _duration(value)
        raise CellFault("time-for-value", Message("no time of day"), str(value), Message("the cell holds a time"))
    if kind.datatype is Datatype.DATE_TIME:
        if not isinstance(value, datetime):
            return value.isoformat()
        if not utc:
            raise CellFault(
                "time-without-zone",
                Message("a time with its zone, such as 2026-11-16T08:30:00Z"),
                value.isoformat(),
                Message("the time has no zone"),
                Message("type it as text, or write UTC in row 2 of the column"),
            )
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if kind.datatype in (Datatype.DATE, *_NUMBERS):
        whole = isinstance(value, datetime) and value.time() == time()
        return (value.date() if whole else value).isoformat()
    raise CellFault(
        "date-for-text",
        Message("text"),
        Message("the date {value:%Y-%m-%d}", value=value),
        Message("the cell holds a date"),
        Message("format the cell as text and type the value again"),
    )


def _duration(value: time | timedelta) -> str:
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    if value < timedelta(0):
        return f"-{_duration(-value)}"
    seconds = shown_number(value.total_seconds() % 60)
    minutes, hours = int(value.total_seconds() // 60) % 60, int(value.total_seconds() // 3600)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{seconds}S" if seconds != "0" else ""]
    return "PT" + ("".join(parts) or "0S")


# --- the way back ---------------------------------------------------------------------------------------------------


def content_of(value: Any, kind: Kind) -> tuple[Any, str]:
    """What to write into a cell so that :func:`value_of` gives the value back, and its number format.

    A quantity is written as a number where the spreadsheet program shows it unchanged, else as text.

    :raises ValueError: a list with a line break inside a value, or a value that no single cell can hold.
    """
    if isinstance(value, list):
        if len(value) == 1 and "\n" not in str(value[0]):
            return content_of(value[0], kind)
        if not all(isinstance(item, str) and item.strip() == item and item and "\n" not in item for item in value):
            raise ValueError("a list of anything but one-line texts")
        return "\n".join(value), "@"
    if isinstance(value, bool | int):
        return value, "General"
    if isinstance(value, float | Mapping) or value is None:
        raise ValueError("no text, number or truth value")
    if kind.datatype is Datatype.DECIMAL:
        number = _as_number(value)
        if number is not None:
            return number, "General"
    if kind.datatype is Datatype.DATE:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value, "@"
        # The program's calendar begins in 1900 and believes in a 29 February of that year.
        if day.isoformat() == value and day.year > 1900:
            return day, "yyyy-mm-dd"
    return value, "@"


def _as_number(text: str) -> int | float | None:
    if not re.fullmatch(r"-?[0-9]{1,15}([.][0-9]{1,15})?", text):
        return None
    number = float(text) if "." in text else int(text)
    return number if shown_number(number) == text else None
