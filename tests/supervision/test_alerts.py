"""The life of an alert: opened, handled by people, closed by a person or because its cause has left."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sql

from passport.errors import UsageError
from passport.oversight.alert_register import AlertRegister
from passport.oversight.supervisor import check, check_event, rebuild
from passport.population.life import PopulationActor
from passport.population.population import NOW, Population
from passport.population.violations import STORIES
from passport.store import Store
from passport.store.facts.fact_writing import writing
from passport.store.state.alert_handling import AlertHandling
from passport.store.state.resolver_state import ResolverState
from passport.supervision.alerts import AlertStatus
from passport.supervision.rulebook import rulebook
from tests.supervision.test_pack_facts import in_order

LATER = NOW + timedelta(days=1)
RULE = "hand-over-without-receipt"


class Desk:
    """A population with one hand-over without receipt, its store and its alerts."""

    def __init__(self, url, folder):
        self.population = Population(seed=11)
        STORIES[RULE](self.population, True)
        self.life = self.population.lives[0]
        self.store = Store.open(url)
        self.handling = AlertHandling(folder / "state.db")
        self.register = AlertRegister(self.store, self.handling, rulebook())
        self.rebuild()

    def rebuild(self):
        rebuild(self.store, in_order(self.population))
        with writing(self.store) as facts:
            facts.refer(**self.population.references())

    def check(self, at=NOW):
        return check(self.store, rulebook(), at)

    def receive(self):
        """The receipt comes, late."""
        (outlet,) = {event.counterpart for event, _ in self.population.events() if event.kind == "send_out"} - {
            event.actor for event, _ in self.population.events()
        }
        self.life.over = False
        self.population.now = LATER
        self.life.until(NOW).do("receive_in", PopulationActor(outlet, "outlet", "CN-GD"), delay=timedelta(0))
        self.rebuild_keeping_alerts()
        return self.life.last

    def rebuild_keeping_alerts(self):
        with writing(self.store) as facts:
            for rows in self.population.facts():
                facts.replace(rows.pack.number, rows)

    @property
    def number(self):
        return next(iter(self.population.facts())).pack.number

    @property
    def entry(self):
        (entry,) = self.register.entries()
        return entry


@pytest.fixture
def desk(shared_url, tmp_path):
    desk = Desk(shared_url, tmp_path)
    yield desk
    desk.store.close()


def test_a_violation_opens_one_alert_however_often_it_is_judged(desk):
    assert (desk.check().opened, desk.check().opened, desk.check(LATER).opened) == (1, 0, 0)
    entry = desk.entry
    assert (entry.status, entry.rule.code, entry.finding.pack) == (AlertStatus.OPEN, RULE, desk.life.pack)
    assert desk.life.pack in entry.sentence("zh")
    assert "30 days ago" in entry.sentence("en")


def test_an_alert_opens_at_the_same_instant_when_facts_are_made_again(desk):
    desk.check()
    opened = desk.entry.alert.opened
    desk.rebuild()
    desk.check(LATER)
    assert desk.entry.alert.opened == opened == desk.entry.finding.due


def test_an_alert_whose_cause_has_left_closes_itself_and_names_the_event(desk):
    desk.check()
    receipt = desk.receive()
    checked = check_event(desk.store, rulebook(), pack=desk.number, event=receipt.id, at=LATER)
    assert (checked.opened, checked.closed) == (0, 1)
    assert (desk.entry.status, desk.entry.alert.cause) == (AlertStatus.CEASED, receipt.id)
    assert desk.entry.to_json()["closedByEvent"] == receipt.id


def test_a_cause_that_comes_back_opens_the_alert_again(desk):
    desk.check()
    desk.register.step(desk.entry, "close", person="Li", reason="seen", at=NOW)
    receipt = desk.receive()
    check_event(desk.store, rulebook(), pack=desk.number, event=receipt.id, at=LATER)
    desk.population.reported.pop()
    desk.rebuild_keeping_alerts()
    checked = check_event(desk.store, rulebook(), pack=desk.number, event="withdrawal", at=LATER + timedelta(days=1))
    assert checked.opened == 1
    assert desk.entry.status is AlertStatus.OPEN


def test_what_people_did_survives_facts_made_again(desk):
    desk.check()
    desk.register.step(desk.entry, "assign", person="Li", reason="Anhui", owner="Wang", at=NOW)
    desk.register.step(desk.entry, "explain", person="Wang", reason="the post was late", at=LATER)
    desk.rebuild()
    assert desk.register.entries() == ()
    desk.check()
    alert = desk.entry.alert
    assert (alert.status, alert.owner, alert.reason) == (AlertStatus.EXPLAINED, "Wang", "the post was late")
    assert [step.step for step in alert.steps] == ["assign", "explain"]


def test_a_closing_by_a_person_holds_while_the_violation_is_the_same(desk):
    desk.check()
    desk.register.step(desk.entry, "close", person="Li", reason="inspected", at=NOW)
    desk.check(LATER)
    assert (desk.entry.status, desk.entry.alert.reason) == (AlertStatus.CLOSED, "inspected")
    desk.register.step(desk.entry, "reopen", person="Li", reason="new facts", at=LATER)
    assert desk.entry.status is AlertStatus.OPEN


@pytest.mark.parametrize("step", ["close", "explain", "assign", "reopen"])
def test_a_step_without_a_reason_is_refused(desk, step):
    desk.check()
    with pytest.raises(UsageError, match="no reason"):
        desk.register.step(desk.entry, step, person="Li", reason=" ", owner="Wang", at=NOW)


def test_an_explanation_is_asked_for_then_given(desk):
    desk.check()
    (entry,) = desk.register.entries()
    asked = desk.register.step(entry, "ask", person="Li", reason="by letter", at=NOW)
    assert asked.status is AlertStatus.ASKED
    assert desk.register.step(asked, "explain", person="Li", reason="late", at=LATER).status is AlertStatus.EXPLAINED


def test_a_step_by_nobody_is_refused(desk):
    desk.check()
    with pytest.raises(UsageError, match="no name was given"):
        desk.register.step(desk.entry, "close", person="", reason="why", at=NOW)


def test_assigning_to_nobody_is_refused(desk):
    desk.check()
    with pytest.raises(UsageError, match="no owner was named"):
        desk.register.step(desk.entry, "assign", person="Li", reason="why", at=NOW)


@pytest.mark.parametrize("step", ["close", "explain", "assign"])
def test_a_closed_alert_is_not_handled_but_reopened(desk, step):
    desk.check()
    desk.register.step(desk.entry, "close", person="Li", reason="inspected", at=NOW)
    with pytest.raises(UsageError, match="closed by a person"):
        desk.register.step(desk.entry, step, person="Li", reason="again", owner="Wang", at=NOW)


def test_an_open_alert_is_not_reopened(desk):
    desk.check()
    with pytest.raises(UsageError, match="the alert is open"):
        desk.register.step(desk.entry, "reopen", person="Li", reason="again", at=NOW)


def test_an_alert_that_is_not_there_is_refused(desk):
    desk.check()
    with pytest.raises(UsageError, match="no alert is named"):
        desk.register.find("0123456789ab")
    assert desk.register.find(desk.entry.id[:6]) == desk.entry


@pytest.mark.parametrize("statement", ["UPDATE alert_handling SET reason = 'x'", "DELETE FROM alert_handling"])
def test_the_record_of_handling_cannot_be_changed(desk, tmp_path, statement):
    desk.check()
    desk.register.step(desk.entry, "close", person="Li", reason="inspected", at=NOW)
    engine = sql.create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with pytest.raises(sql.exc.IntegrityError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert (tmp_path / "state.db").stat().st_mode & 0o777 == 0o600


def test_the_evidence_of_an_alert_names_signed_events(desk):
    desk.check()
    (event,) = desk.register.evidence(desk.entry)
    assert (event.event, event.kind) == (desk.entry.finding.evidence[0], "send_out")
    assert event.credential and event.digest


def test_the_state_file_serves_the_resolver_as_before(desk, tmp_path):
    state = ResolverState(tmp_path / "state.db")
    assert len(state.secret()) == 32
    desk.check()
    desk.register.step(desk.entry, "close", person="Li", reason="inspected", at=NOW)
    assert len(AlertHandling(tmp_path / "state.db").all()) == 1
