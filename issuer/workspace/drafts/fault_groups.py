"""Faults of a draft by cause, the largest group first, each with what could be put in its place.

A suggestion is shown in the field and counts when the person checks again. Codes and identifiers are never suggested:
a code that looks right and is another pack's does more harm than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from issuer.workspace.drafts.corrections import CellPlace
from passport.battery.fault import Fault
from passport.vocabulary.vocabulary import Datatype, Indicator, Vocabulary

_NO_SUGGESTION = re.compile(r"code|identifier|serial|gtin", re.IGNORECASE).search
_COMMA = re.compile(r'"?(-?[0-9]+),([0-9]+)"?').fullmatch
_UNIT = re.compile(r'"?(-?[0-9]+(?:\.[0-9]+)?)\s*[^\s0-9".,]+"?').fullmatch
_DAY = re.compile(r'"?([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})"?').fullmatch
_CODE = re.compile(r"did you mean (.+)\?").fullmatch


@dataclass(frozen=True)
class FaultLine:
    """:ivar place: where a text can be put; None where there is no single cell.

    :ivar suggestion: what could be put there; empty for none.
    :ivar packs: numbers of the packs that wait for it.
    """

    fault: Fault
    place: CellPlace | None
    indicator: Indicator | None
    suggestion: str
    packs: tuple[int, ...]

    @property
    def key(self) -> str:
        """Name of its field in a form."""
        place = self.place
        return "" if place is None else "|".join(
            ("cell", place.file, place.sheet, str(place.row), place.column, place.pointer)
        )  # fmt: skip


@dataclass(frozen=True)
class FaultGroup:
    """:ivar code: of the faults; :ivar indicator: that all of them are about, or None."""

    code: str
    indicator: Indicator | None
    lines: tuple[FaultLine, ...]


def grouped(faults: Iterable[tuple[Fault, tuple[int, ...]]], vocabulary: Vocabulary) -> tuple[FaultGroup, ...]:
    """:param faults: each once, with the packs that have it."""
    groups: dict[tuple[str, str | None], list[FaultLine]] = {}
    for fault, packs in faults:
        indicator = vocabulary.indicators.get(fault.indicator or "")
        # What is missing is one cause; what cannot be read is one for each indicator.
        key = (fault.code, None if fault.code in ("missing", "unknown-column") else fault.indicator)
        place = None if fault.code == "missing" else CellPlace.of(fault.location)
        line = FaultLine(fault, place, indicator, _suggestion(fault, indicator, vocabulary), packs)
        groups.setdefault(key, []).append(line)
    ordered = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    return tuple(
        FaultGroup(code, vocabulary.indicators.get(name or ""), tuple(lines)) for (code, name), lines in ordered
    )


def cell_of(key: str) -> CellPlace | None:
    """The place in the draft that a form field corrects. None if the field corrects none."""
    parts = key.split("|")
    if len(parts) != 6 or parts[0] != "cell" or not parts[3].isdecimal() or len(parts[3]) > 7:
        return None
    if parts[4] and not re.fullmatch(r"[A-Z]{1,3}", parts[4]):
        return None
    return CellPlace(parts[1], parts[2], int(parts[3]), parts[4], parts[5])


def _suggestion(fault: Fault, indicator: Indicator | None, vocabulary: Vocabulary) -> str:
    if fault.code == "unknown-column":
        nearest = vocabulary.nearest(re.sub(r"[(\uff08\[].*", "", fault.location.heading or "").strip())
        return nearest.id if nearest is not None else ""
    found = fault.found or ""
    if indicator is not None and _NO_SUGGESTION(indicator.id):
        return ""
    code = _CODE(str(fault.hint or ""))
    if code:
        return code[1]
    for pattern, join in ((_COMMA, "{0}.{1}"), (_UNIT, "{0}")):
        match = pattern(found)
        if match and _is_number(fault, indicator):
            return join.format(*match.groups())
    match = _DAY(found)
    if match:
        return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    return ""


def _is_number(fault: Fault, indicator: Indicator | None) -> bool:
    kinds: Sequence[Datatype] = (Datatype.DECIMAL, Datatype.INTEGER)
    if indicator is not None and indicator.datatype in kinds:
        return True
    return "number" in str(fault.expected or "")
