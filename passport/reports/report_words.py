"""Words and dates that more than one page says: the manual, the reports, the page of a passport. English, Chinese.

What a state is called stands with the states (:mod:`passport.validation.completeness`) and is only passed on here;
names of indicators, units, codes and regimes are the ontology's.
"""

from __future__ import annotations

from datetime import date

from passport.texts import Message
from passport.validation.completeness import STATES
from passport.validation.validation_report import IndicatorState

#: Name -> English, Chinese.
COMMON: dict[str, Message] = {
    "missing": (STATES[IndicatorState.MISSING]["en"], STATES[IndicatorState.MISSING]["zh"]),
    "not-yet-due": (STATES[IndicatorState.NOT_YET_DUE]["en"], STATES[IndicatorState.NOT_YET_DUE]["zh"]),
    "static": Message("static"),
    "dynamic": Message("dynamic"),
    "yes": Message("Yes"),
    "no": Message("No"),
    "unit": Message("Unit"),
    "rule": Message("Filling rule"),
    "expected": Message("Value"),
    "stage": Message("Stage"),
    "share": Message("Share"),
    "total": Message("Total"),
    "figures": Message("Figures as a table"),
    "comma": (", ", "、"),
}

# Written out: strftime would follow the locale of the machine, and the words belong to the reader's language.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day(value: date, language: str) -> str:
    """20 July 2026; 2026年7月20日."""
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def month(value: date, language: str) -> str:
    """July 2026; 2026年7月."""
    return f"{value.year}年{value.month}月" if language == "zh" else f"{_MONTHS[value.month - 1]} {value.year}"
