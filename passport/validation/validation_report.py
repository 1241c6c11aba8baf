"""The result of validation: one state per indicator and regime, figures of completeness, and the faults.

Values only. :mod:`passport.validation.validator` makes them and describes how each state is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from passport.battery.fault import Fault, count
from passport.errors import FaultyRecord
from passport.texts import Message, Text
from passport.validation import rules
from passport.validation.obligations import is_due
from passport.vocabulary.vocabulary import Category, Obligation, ObligationStatus, Regime, Stage, regimes


class IndicatorState(StrEnum):
    """What an indicator is, under one regime; see the top of :mod:`passport.validation.validator`."""

    PRESENT = "present"
    MISSING = "missing"
    NOT_YET_DUE = "not-yet-due"
    NOT_APPLICABLE = "not-applicable"
    EXCLUDED = "excluded"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class RegimeReport:
    """One regime's view of one record.

    :param category: None where the record names none; then nothing can be said, and ``applies`` is False.
    :param on: the day whose obligations apply: that of placing on the market, or the day of checking in its place.
    :param applies: False where the regime does not speak of this category: it was not asked.
    :param states: by indicator id, in the vocabulary's order; empty where it does not apply.
    :param placed: whether ``on`` is the date of placing on the market.
    :param spared: why an obligation does not bind this battery, by indicator id.
    :param notices: what is worth knowing and no fault, see :mod:`passport.validation.notices`.
    """

    regime: Regime
    category: Category | None
    on: date
    at_stage: Stage
    applies: bool
    states: Mapping[str, IndicatorState]
    placed: bool = False
    spared: Mapping[str, Text] = field(default_factory=dict)
    notices: tuple[Fault, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process has the regime itself; read-only mappings cannot be pickled.
        spared, states = dict(self.spared), dict(self.states)
        return _restored, (
            self.regime.code, self.category, self.on, self.at_stage, self.applies, states, self.placed, spared,
            self.notices,
        )  # fmt: skip

    @property
    def day_in_words(self) -> Text:
        """The day whose obligations apply, and which day that is."""
        if self.placed:
            return Message("obligations of {day}, the date of placing on the market", day=self.on)
        return Message(
            "obligations of {day}, the day of checking: the date of placing on the market is not given", day=self.on
        )

    @property
    def obligations(self) -> Mapping[str, Obligation]:
        if self.category is None or not self.applies:
            return MappingProxyType({})
        return self.regime.obligations(self.category)

    @property
    def counts(self) -> Mapping[IndicatorState, int]:
        """How many indicators are in each state, of all that the regime names."""
        counted = Counter(self.states.values())
        return {state: counted[state] for state in IndicatorState}

    def _mandatory(self, state: IndicatorState | None = None, *, due: bool = True) -> tuple[str, ...]:
        return tuple(
            identifier
            for identifier, obligation in self.obligations.items()
            if obligation.status is ObligationStatus.MANDATORY
            and identifier not in self.spared
            and is_due(obligation, self.on, self.at_stage) is due
            and state in (None, self.states[identifier])
        )

    @property
    def due(self) -> int:
        """Mandatory indicators whose day and stage have come: the denominator of completeness."""
        return len(self._mandatory())

    @property
    def present_due(self) -> int:
        """Of the due ones, those that are there and well formed."""
        return len(self._mandatory(IndicatorState.PRESENT))

    @property
    def missing(self) -> int:
        """Of the due ones, those that are not there."""
        return len(self._mandatory(IndicatorState.MISSING))

    @property
    def malformed(self) -> int:
        """Of the due ones, those that are there and not well formed."""
        return len(self._mandatory(IndicatorState.MALFORMED))

    @property
    def missing_indicators(self) -> tuple[str, ...]:
        return self._mandatory(IndicatorState.MISSING)

    @property
    def not_yet_due(self) -> int:
        """Mandatory indicators whose stage or day is still to come."""
        return len(self._mandatory(due=False))

    @property
    def later(self) -> Mapping[Stage, int]:
        """The same by the stage at which they fall due, in the order of life."""
        stages = Counter(self.obligations[identifier].stage for identifier in self._mandatory(due=False))
        return {stage: stages[stage] for stage in Stage if stages[stage]}

    @property
    def only_if_applicable(self) -> int:
        """Indicators asked for only if they apply, or once the act about them is there."""
        statuses = (ObligationStatus.CONDITIONAL, ObligationStatus.PENDING)
        return sum(obligation.status in statuses for obligation in self.obligations.values())

    @property
    def complete(self) -> bool:
        """Everything due is there and well formed. False where the regime does not apply."""
        return self.applies and self.present_due == self.due

    def to_json(self) -> dict[str, Any]:
        members: dict[str, Any] = {
            "regime": self.regime.code, "category": self.category and self.category.value, "on": self.on.isoformat(),
            "dayOf": "placing-on-market" if self.placed else "checking",
            "stage": self.at_stage.value, "applies": self.applies,
        }  # fmt: skip
        if self.applies:
            members |= {
                "complete": self.complete, "due": self.due, "present": self.present_due, "missing": self.missing,
                "malformed": self.malformed, "notYetDue": self.not_yet_due, "onlyIfApplicable": self.only_if_applicable,
                "states": {identifier: state.value for identifier, state in self.states.items()},
                "notices": [notice.to_json() for notice in self.notices],
            }  # fmt: skip
        return members


def _restored(code: str, *values: Any) -> RegimeReport:
    return RegimeReport(regimes()[code], *values)


@dataclass(frozen=True)
class ValidationReport:
    """Everything that validation found out about one record.

    :param faults: in the vocabulary's order.
    :param regimes: by code, in the order asked.
    :param unchecked: rules that could not be asked because of malformed values; each of these has its fault.
    """

    faults: tuple[Fault, ...]
    regimes: Mapping[str, RegimeReport] = field(default_factory=dict)
    unchecked: tuple[rules.Unchecked, ...] = ()

    @property
    def conforms(self) -> bool:
        """No fault but warnings."""
        return not any(fault.severity == "violation" for fault in self.faults)

    def conforms_or_raise(self) -> None:
        """The strict form.

        :raises FaultyRecord: with every fault.
        """
        if not self.conforms:
            raise FaultyRecord(Message("the record has {count}", count=count(self.faults)), self.faults)

    def to_json(self) -> dict[str, Any]:
        return {
            "conforms": self.conforms,
            "faults": [fault.to_json() for fault in self.faults],
            "regimes": {code: report.to_json() for code, report in self.regimes.items()},
            "notChecked": [
                {"rule": entry.rule.name, "because": sorted(entry.because)} for entry in self.unchecked if entry.because
            ],
        }
