"""Every query of the desk answers the same in PostgreSQL as in SQLite."""

from __future__ import annotations

from dataclasses import is_dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from passport.oversight import flows, overview
from passport.oversight.actor_dossier import actor_dossier
from passport.oversight.alert_list import AlertFilter, AlertList
from passport.oversight.alert_register import AlertRegister
from passport.oversight.pack_dossier import evidence_line, pack_dossier
from passport.oversight.scrap_query import is_dismantler, packs_of_vehicle, scrap_answer
from passport.oversight.supervisor import check
from passport.population.population import NOW
from passport.store.facts.reports.outlet_reading import outlet_events, published
from passport.store.facts.reports.report_records import reported
from passport.store.facts.rule_queries import judging
from passport.store.state.alert_handling import AlertHandling
from passport.supervision.pack_facts import seconds
from passport.supervision.period_report import Period
from passport.supervision.rulebook import rulebook


@pytest.fixture(scope="module")
def both(planted, cluster, tmp_path_factory):
    """A store of each database with the same facts and alerts, and the register of its alerts."""
    made = []
    for name, url in (("sqlite", "sqlite://"), ("postgresql", cluster.database())):
        store = planted.store(url)
        check(store, rulebook(), NOW)
        handling = AlertHandling(tmp_path_factory.mktemp(name) / "state.db")
        made.append((store, AlertRegister(store, handling, rulebook())))
    yield made
    for store, _ in made:
        store.close()


def plain(value: Any) -> Any:
    """A value by its contents alone, each number as what it is: a Decimal where SQLite has an int is another answer."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {plain(name): plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    assert not isinstance(value, Decimal | float), value
    return value


def same(both, ask) -> Any:
    """What both databases answer, which is one and the same."""
    first, second = (plain(ask(store, register)) for store, register in both)
    assert first == second
    return first


def test_alerts_and_their_evidence(both):
    entries = same(both, lambda _, register: [entry.to_json() for entry in register.entries()])
    assert len(entries) > 30
    same(both, lambda store, register: [evidence_line(store, entry) for entry in register.entries()])
    for wanted in (AlertFilter(), AlertFilter(severities=frozenset({"high"}), deadline="late")):
        same(both, lambda _, register, wanted=wanted: [
            entry.id for entry in AlertList(register).page(wanted, NOW).entries
        ])  # fmt: skip


def test_dossiers_of_packs_and_actors(both, planted):
    with both[0][0].engine.connect() as connection:
        numbers = [row[0] for row in connection.exec_driver_sql("SELECT number FROM fact_packs ORDER BY number")]
    assert all(same(both, lambda store, _: [pack_dossier(store, number) for number in numbers[::9]]))
    assert same(both, lambda store, _: pack_dossier(store, numbers[-1] + 10**6)) is None
    actors = sorted({event.actor for event, _ in planted.population.events()})
    dossiers = same(both, lambda store, _: [actor_dossier(store, did, NOW) for did in actors[::9]])
    assert all(dossiers)


def test_flows_completeness_debtors_and_search(both, planted):
    month = flows.Month.of(NOW - timedelta(days=60))
    same(both, lambda store, _: flows.month_flows(store, month, NOW))
    same(both, lambda store, _: flows.month_flows(store, month, NOW, "CN-GD"))
    makers, _ = same(both, lambda store, _: overview.completeness(store))
    assert makers
    same(both, lambda _, register: overview.debtors(register.entries()))
    code = planted.population.lives[0].code
    for text in (code, code[-7:], "outlet-1", "did:web:", "%", "_", "\\", "x' OR '1'='1"):
        same(both, lambda store, _, text=text: overview.matches(store, text))
    assert same(both, lambda store, _: overview.matches(store, code))


def test_duties_records_and_vehicles(both, planted):
    book, events = rulebook(), [event for event, _ in planted.population.events()]
    actors = sorted({event.actor for event in events})
    assert any(same(both, lambda store, _: [overview.owed_by(store, book, did) for did in actors[::9]]))
    span = Period.parse("2029")

    def records(store, _):
        with judging(store) as (_, connection):
            return [reported(connection, did, seconds(span.start), seconds(span.end)) for did in actors[::9]]

    assert any(same(both, records))
    makers = {row["maker"] for row in planted.population.outlets}

    def outlets(store, _):
        with judging(store) as (_, connection):
            listed = [published(connection, did, seconds(span.start), seconds(span.end)) for did in sorted(makers)[:3]]
            return [*listed, outlet_events(connection, actors, seconds(span.end))]

    assert all(same(both, outlets))
    vehicles = [(event.vehicle[0].value, event) for event in events if event.vehicle][::90]
    for value, event in vehicles:
        codes = [life.code for life in planted.population.lives if life.pack == event.pack]
        same(both, lambda store, _, value=value, codes=codes: scrap_answer(store, [value], codes))
        same(both, lambda store, _, value=value: packs_of_vehicle(store, [value]))
    assert len(vehicles) > 5
    same(both, lambda store, _: [is_dismantler(store, did, seconds(NOW)) for did in actors])
