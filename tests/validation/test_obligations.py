"""Whether an obligation is due, and all that it waits for."""

from __future__ import annotations

from datetime import date

from passport.validation.obligations import Wait, is_due, waits_for
from passport.vocabulary.vocabulary import Obligation, ObligationStatus, Stage
from tests.each import each

DAY, BEFORE = date(2027, 2, 18), date(2027, 2, 17)


def duty(
    status: ObligationStatus = ObligationStatus.MANDATORY, stage: Stage = Stage.SALE, due_from: date | None = DAY
) -> Obligation:
    return Obligation("nominalVoltage", status, stage, due_from, "Annex XIII")


@each(
    ("on", "stage", "waiting"),
    [
        (DAY, Stage.SALE, ()),
        (DAY, Stage.USE, ()),
        (BEFORE, Stage.SALE, (Wait.DAY,)),
        (DAY, Stage.PRODUCTION, (Wait.STAGE,)),
        (BEFORE, Stage.PRODUCTION, (Wait.STAGE, Wait.DAY)),
    ],
)
@each("status", [ObligationStatus.MANDATORY, ObligationStatus.CONDITIONAL, ObligationStatus.OPTIONAL])
def test_stage_and_day_both_count_and_each_is_named(status, on, stage, waiting):
    assert waits_for(duty(status), on, stage) == waiting
    assert is_due(duty(status), on, stage) is (waiting == ())


@each("due_from", [None, BEFORE])
def test_an_outstanding_act_is_all_that_is_waited_for(due_from):
    assert waits_for(duty(ObligationStatus.PENDING, due_from=due_from), BEFORE, Stage.PRODUCTION) == (Wait.ACT,)
    assert not is_due(duty(ObligationStatus.PENDING, due_from=due_from), DAY, Stage.SCRAPPING)
