"""A Catena-X battery passport that is being read: its values by path, each kind of value, and what is wrong with them.

Beside values of a wrong type there are faults that only this format has, each at its path:

* a day that no calendar has, or a default such as ``2000-01-01``;
* an example left in place: a number of ascending digits, a link to ``example.com``, the UUID of every text about UUIDs;
* a unit that cannot be converted exactly. Numbers are converted as decimals, exactly or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from passport.battery.fault import found
from passport.exchange import converters
from passport.exchange.catenax.catenax_mapping import NO_SHARE, PER_CENT
from passport.exchange.converters import UnreadableValue
from passport.exchange.leaves import LeafDocument
from passport.texts import Message, Text

_NIL_UUID = "00000000-0000-0000-0000-000000000000"
#: The UUID that most texts about UUIDs show.
_EXAMPLE_UUID = "550e8400-e29b-41d4-a716-446655440000"
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
_DUMMY_LINK = re.compile(r"https?://([^/]*\.)?(dummy\.|example\.(com|org|net)(/|$)|[^/]*\.invalid(/|$))", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DUMMY_CODE = re.compile(r"0123456789|1234567890")
_DUMMY_DAYS = frozenset({"2000-01-01", "1970-01-01", "1900-01-01", "9999-12-31"})


class CatenaXSource(LeafDocument):
    """One document that is being read; paths are its members' names with dots between, ``[0]`` for entries of lists.

    :param content: the document, without placeholders.
    """

    def __init__(self, content: Mapping[str, Any], file: str) -> None:
        super().__init__(file)
        self._content = content

    # --- walking --------------------------------------------------------------------------------------------------

    def at(self, path: str) -> Any:
        """The value at a path, None where there is none."""
        value: Any = self._content
        for step in re.findall(r"[^.\[\]]+", path):
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def entries(self, path: str) -> Iterator[str]:
        """The paths of the entries of a list."""
        entries = self.at(path)
        if entries is not None and not isinstance(entries, list):
            self._wrong_type(path, Message("a list"), entries)
        for n in range(len(entries) if isinstance(entries, list) else 0):
            yield f"{path}[{n}]"

    def fault(
        self,
        code: str,
        path: str,
        indicator: str | None,
        expected: str,
        instead: str,
        message: Text,
        severity: str = "violation",
    ) -> None:
        """Note what is wrong; the leaf is named by that."""
        super().fault(code, path, indicator, expected, instead, message, severity)
        self.take(path)

    def said(self, path: str, kind: str, indicator: str | None = None) -> Any:
        """The value at a path in our form; None where there is none, or with a fault where it cannot be taken over.

        :param kind: ``number``, ``integer``, ``date``, ``uuid``, ``link``, ``code`` or ``text``.
        """
        value = self.at(path)
        if value is None:
            return None
        convert: dict[str, Callable[[str, Any, str | None], Any]] = {
            "number": self._number,
            "integer": self._integer,
            "date": self._date,
            "uuid": self._uuid,
            "link": self._link,
            "code": self._code,
            "text": self._text,
        }
        return convert[kind](path, value, indicator)

    def map(self, path: str, kind: str, indicator: str, *, entry: int | None = None, field: str | None = None) -> None:
        """Take over the value at a path; see :meth:`said` and :meth:`put`."""
        self.put(indicator, self.said(path, kind, indicator), path, entry=entry, field=field)

    # --- kinds of values ------------------------------------------------------------------------------------------

    def _wrong_type(self, path: str, expected: str, value: Any, indicator: str | None = None) -> None:
        self.fault("wrong-type", path, indicator, expected, found(value), Message("another kind of value"))

    def _text(self, path: str, value: Any, indicator: str | None) -> str | None:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._wrong_type(path, Message("text"), value, indicator)
        return None

    def _code(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        if text and _DUMMY_CODE.search(text):
            self._placeholder(path, Message("an identifier that was assigned"), text, indicator, "warning")
        return text

    def _link(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        if text and _DUMMY_LINK.match(text):
            self._placeholder(path, Message("a link that leads somewhere"), text, indicator)
        return text

    def _uuid(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        known = _UUID.fullmatch(text) if text else None
        if text is None or known is None:
            return text
        if known[1] == _NIL_UUID and indicator == "previousPassport":
            self.take(path)  # the format asks for a dummy where there is no predecessor
            return None
        if known[1].lower() in (_NIL_UUID, _EXAMPLE_UUID):
            self._placeholder(path, Message("an identifier of its own"), text, indicator)
        return f"urn:uuid:{known[1].lower()}"

    def _date(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        if text is None:
            return None
        if not is_day(text):
            self.fault(
                "impossible-date",
                path,
                indicator,
                Message("a day of the calendar, year-month-day"),
                found(text),
                Message("there is no such day"),
            )
        elif text in _DUMMY_DAYS:
            self._placeholder(path, Message("the day itself"), text, indicator)
        return text

    def _placeholder(
        self, path: str, expected: str, text: str, indicator: str | None, severity: str = "violation"
    ) -> None:
        self.fault(
            "placeholder",
            path,
            indicator,
            expected,
            found(text),
            Message("an example was left in place"),
            severity,
        )

    def _decimal(self, path: str, value: Any, indicator: str | None) -> Decimal | None:
        try:
            return converters.decimal_of(value)
        except UnreadableValue:
            self._wrong_type(path, Message("a number"), value, indicator)
            return None

    def _number(self, path: str, value: Any, indicator: str | None) -> str | None:
        number = self._decimal(path, value, indicator)
        return None if number is None else converters.written(number)

    def _integer(self, path: str, value: Any, indicator: str | None) -> int | str | None:
        number = self._decimal(path, value, indicator)
        if number is None:
            return None
        return int(number) if number == number.to_integral_value() else converters.written(number)

    # --- values with a unit beside them -------------------------------------------------------------------------------

    def converted(self, path: str, unit_path: str, factors: Mapping[str, str], indicator: str) -> Decimal | None:
        """A number times the factor of its unit, exactly; None where there is none, or with a fault where that cannot
        be.

        :param factors: by unit, without ``unit:``.
        """
        value = self.at(path)
        number = None if value is None else self._decimal(path, value, indicator)
        if number is None:
            return None
        unit = self.at(unit_path)
        factor = factors.get(unit.removeprefix("unit:")) if isinstance(unit, str) else None
        if factor is None:
            self.inexact_unit(
                unit_path,
                indicator,
                Message("one of {units}", units=", ".join(f"unit:{name}" for name in factors)),
                unit,
            )
            return None
        self.take(unit_path)
        return converters.times(number, factor)

    def measured(self, path: str, factors: Mapping[str, str], indicator: str) -> str | None:
        """A ``{value, unit}`` in our unit."""
        number = self.converted(f"{path}.value", f"{path}.unit", factors, indicator)
        return None if number is None else converters.written(number)

    def share(self, path: str, unit: str, indicator: str) -> Decimal | None:
        """The ``concentration`` of a substance in per cent; ``unit`` is the member that names its unit."""
        if self.at(f"{path}.concentration") == NO_SHARE and self.at(f"{path}.{unit}") == "unit:percent":
            self.take(f"{path}.concentration", f"{path}.{unit}")
            return None
        return self.converted(f"{path}.concentration", f"{path}.{unit}", PER_CENT, indicator)


def is_day(text: Any) -> bool:
    """Whether a value is a day of the calendar, ``year-month-day``."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return False
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
