"""In which state an entry is, and why."""

from __future__ import annotations

from datetime import date

from passport.validation.obligations import is_due
from passport.vocabulary.vocabulary import Category, Stage, regimes
from resolver.page.indicators.states import EntryState, decide, tally, waiting_for
from tests.each import each

EU, CN = regimes()["eu"], regimes()["cn"]
IN_FORCE = date(2027, 3, 8)
BEFORE = date(2026, 11, 21)
EV = Category.EV


def state(indicator: str, *codes, present=False, readable=True, on=IN_FORCE, stage=Stage.PRODUCTION, alone=None):
    duties = tuple(
        (regime, regime.obligations(EV)[indicator])
        for regime in (codes or (EU, CN))
        if indicator in regime.obligations(EV)
    )
    alone = len(codes) == 1 if alone is None else alone
    decision = decide(duties, present=present, readable=readable, on=on, at_stage=stage, alone=alone)
    return decision and decision.state


@each("on", [BEFORE, date(2027, 2, 17), date(2027, 2, 18), IN_FORCE, date(2027, 8, 18)])
@each("stage", list(Stage))
def test_what_waits_is_what_validation_says_is_not_due(on, stage):
    for regime in (EU, CN):
        for duty in regime.obligations(EV).values():
            assert (waiting_for(regime, duty, on, stage) is None) == is_due(duty, on, stage)


def test_a_mandatory_item_that_is_due_and_not_there_is_missing():
    assert state("nominalVoltage") is EntryState.MISSING
    assert state("nominalVoltage", EU) is EntryState.MISSING


def test_before_the_first_day_it_is_not_yet_due():
    assert state("minimumVoltage", EU, on=BEFORE) is EntryState.NOT_YET_DUE
    assert state("nominalVoltage", on=BEFORE) is EntryState.MISSING  # China asks already


def test_a_value_before_the_first_day_is_a_value():
    assert state("minimumVoltage", EU, present=True, on=BEFORE) is EntryState.VALUE


def test_an_optional_item_left_blank_is_not_listed():
    assert state("manufacturerContact") is None
    assert state("previousPassport") is None


def test_what_the_category_excludes_does_not_apply():
    assert state("initialSelfDischargeRate") is EntryState.NOT_APPLICABLE
    assert state("initialSelfDischargeRate", readable=False) is EntryState.NOT_APPLICABLE


@each("present", [True, False])
def test_restricted_is_decided_without_looking_for_a_value(present):
    assert state("detailedComposition", present=present, readable=False) is EntryState.RESTRICTED


def test_a_pending_item_waits_and_is_left_out_where_one_regime_is_shown_alone():
    assert state("batteryCarbonFootprint", EU) is EntryState.NOT_YET_DUE
    assert state("batteryCarbonFootprint", EU, present=True) is EntryState.NOT_YET_DUE
    assert state("chinaCarbonFootprint", CN, present=True) is EntryState.VALUE
    assert state("batteryCarbonFootprint", present=True) is EntryState.VALUE


def test_a_conditional_item_with_a_later_day_says_that_it_comes():
    assert state("dueDiligenceReport") is EntryState.NOT_YET_DUE
    assert state("dueDiligenceReport", on=date(2027, 8, 18)) is None


def test_an_item_of_a_later_stage_waits_for_it():
    assert state("vehicleModel", CN) is EntryState.NOT_YET_DUE
    assert state("vehicleModel", CN, stage=Stage.FITTING) is EntryState.MISSING


def test_an_item_that_nobody_speaks_of_is_not_listed_without_a_value():
    assert decide((), present=False, readable=False, on=IN_FORCE, at_stage=Stage.PRODUCTION) is None
    assert decide((), present=False, readable=True, on=IN_FORCE, at_stage=Stage.PRODUCTION) is None
    assert decide((), present=True, readable=True, on=IN_FORCE, at_stage=Stage.PRODUCTION).state is EntryState.VALUE


def test_the_tally_counts_what_is_due_and_readable():
    duties = EU.obligations(EV)
    everything = tally(EU, duties, present=set(duties), readable=set(duties), on=IN_FORCE, at_stage=Stage.PRODUCTION)
    assert (everything.present, everything.due, everything.since) == (57, 57, None)
    nothing = tally(EU, duties, present=set(), readable=set(duties), on=BEFORE, at_stage=Stage.PRODUCTION)
    assert (nothing.present, nothing.due, nothing.since) == (0, 57, date(2027, 2, 18))
    blind = tally(EU, duties, present=set(duties), readable=set(), on=IN_FORCE, at_stage=Stage.PRODUCTION)
    assert (blind.present, blind.due) == (0, 0)
