"""The state of each indicator under one regime: what is given, missing or malformed, seen against what is due. Pure.

:mod:`passport.validation.validator` describes the states and their order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from passport.texts import Text
from passport.validation.obligations import is_due
from passport.validation.validation_report import IndicatorState
from passport.vocabulary.vocabulary import Obligation, ObligationStatus, Stage


def states_of(
    obligations: Mapping[str, Obligation], on: date, at_stage: Stage, *, given: Collection[str],
    missing: Collection[str], malformed: Collection[str | None], free: Mapping[str, Text],
) -> dict[str, IndicatorState]:  # fmt: skip
    """States by indicator id, in the order of the obligations.

    :param given: indicators that have a value, of whatever form.
    :param missing: indicators that are due and have no value.
    :param malformed: indicators with a value that is not well formed.
    :param free: indicators that are not asked of this battery.
    """

    def state(identifier: str, obligation: Obligation) -> IndicatorState:
        if obligation.status is ObligationStatus.EXCLUDED:
            return IndicatorState.EXCLUDED
        if identifier in malformed:
            return IndicatorState.MALFORMED
        if identifier in free:
            return IndicatorState.PRESENT if identifier in given else IndicatorState.NOT_APPLICABLE
        if not is_due(obligation, on, at_stage):
            return IndicatorState.NOT_YET_DUE
        if identifier in missing:
            return IndicatorState.MISSING
        if identifier in given:
            return IndicatorState.PRESENT
        # A mandatory one without a value and without a complaint: its shapes could not be evaluated.
        mandatory = obligation.status is ObligationStatus.MANDATORY
        return IndicatorState.MISSING if mandatory else IndicatorState.NOT_APPLICABLE

    return {identifier: state(identifier, obligation) for identifier, obligation in obligations.items()}
