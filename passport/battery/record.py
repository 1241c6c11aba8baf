"""One battery as it was handed in: a model, a pack, a read-out, events; and where each value came from.

* A record holds values in *input form*: keyed by indicator id, structured values by field *name*, exactly as the file
  had them. Quantities stay text; a JSON float stays a float, so that validation can refuse it by name.
* Reading never judges a value. What cannot be *placed* (an unknown indicator, an indicator in the wrong part, an
  unknown field) is a fault here; whether a placed value is right is for validation.
* Every fault carries its place, and all faults of a file are reported at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from passport.battery.vocabulary import Category

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Location:
    """Where a value stands in the file that was handed in.

    A cell of a workbook has sheet, row (from 1), column (letters) and heading; a value of a JSON document has a JSON
    pointer, or a JSONPath beginning with ``$`` where the format's own documents use these.
    """

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    heading: str | None = None
    pointer: str | None = None

    @property
    def cell(self) -> str | None:
        """The cell's name, such as ``F14``; None where there is no cell."""
        return f"{self.column}{self.row}" if self.column and self.row else None

    def __str__(self) -> str:
        parts = [self.file]
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet}")
        if self.cell:
            parts.append(self.cell)
        elif self.row is not None:
            parts.append(f"row {self.row}")
        elif self.column is not None:
            parts.append(f"column {self.column}")
        if self.heading:
            parts.append(self.heading)
        if self.pointer:
            parts.append(self.pointer)
        return ", ".join(parts)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with its place.

    :param code: stable, for machines: ``unknown-indicator``, ``duplicate-pack``, …
    :param location: the place in the file.
    :param indicator: id of the indicator concerned, where there is one.
    :param message: one sentence per language (``en``, ``zh``).
    :param expected: what would have been right, English, without a closing stop.
    :param found: what was there, quoted where it is text of the file.
    :param severity: ``violation`` stops issuing, ``warning`` does not.
    """

    code: str
    location: Location
    indicator: str | None = None
    message: Mapping[str, str] = field(default_factory=dict, hash=False)
    expected: str | None = None
    found: str | None = None
    severity: str = "violation"

    def to_json(self) -> dict[str, Any]:
        """The fault as a JSON object, empty members left out."""
        place = {name: value for name, value in vars(self.location).items() if value is not None}
        members = {"code": self.code, "location": place, "indicator": self.indicator, "message": dict(self.message),
                   "expected": self.expected, "found": self.found, "severity": self.severity}
        return {name: value for name, value in members.items() if value not in (None, {})}


@dataclass(frozen=True)
class Record:
    """One pack with its model, as handed in.

    :param category: the battery category, None where the file gives none that exists.
    :param model: indicators of the carriers ``model`` and ``model-detail``.
    :param pack: indicators of the carrier ``passport``.
    :param condition: one read-out, flat: ``recordedAt``, ``statusChangedAt``, plain values; None where there is none.
    :param events: indicators of the carrier ``event`` by event name (``production``).
    :param file: name of the file, for messages.
    :param places: what :meth:`locate` looks up: (indicator, entry, field) -> Location; entries count from 0.
    """

    category: Category | None
    model: Mapping[str, Any]
    pack: Mapping[str, Any]
    condition: Mapping[str, Any] | None = None
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: str = field(default="", compare=False)
    places: Mapping[tuple[str, int | None, str | None], Location] = field(
        default_factory=dict, compare=False, repr=False
    )

    def locate(self, indicator: str, entry: int | None = None, field: str | None = None) -> Location:
        """Where a value stands, or the nearest thing around it that stands somewhere (never fails).

        :param indicator: an indicator id, ``recordedAt`` or ``statusChangedAt``.
        :param entry: which entry of a repeatable indicator, from 0.
        :param field: field name of a structured indicator.
        """
        for key in ((indicator, entry, field), (indicator, entry, None), (indicator, None, field),
                    (indicator, None, None)):
            if key in self.places:
                return self.places[key]
        return Location(self.file)

    def value(self, indicator: str) -> Any:
        """The value of an indicator wherever it stands, None where it is absent."""
        for part in (self.model, self.pack, self.condition or NOTHING, *self.events.values()):
            if indicator in part:
                return part[indicator]
        return None
