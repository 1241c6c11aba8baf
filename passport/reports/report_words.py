"""Texts shared by several pages: the manual, the reports, the page of a passport.

The names of states are defined in :mod:`passport.validation.completeness` and re-exported here. The names of
indicators, units, codes and regimes come from the ontology.
"""

from __future__ import annotations

from passport.texts import Message, Text
from passport.validation.completeness import STATES
from passport.validation.validation_report import IndicatorState
from passport.vocabulary.indicator import Enumeration

#: By name.
COMMON: dict[str, Text] = {
    "missing": STATES[IndicatorState.MISSING],
    "not-yet-due": STATES[IndicatorState.NOT_YET_DUE],
    "yes": Message("Yes"),
    "no": Message("No"),
    "unit": Message("Unit"),
    "rule": Message("Filling rule"),
    "expected": Message("Value", context="to be filled in"),
    "stage": Message("Stage"),
    "share": Message("Share"),
    "total": Message("Total"),
    "figures": Message("Figures as a table"),
}


def labels(code_list: Enumeration) -> dict[str, Text]:
    """The labels of a code list, by code."""
    return {code.code: code.label for code in code_list.codes}
