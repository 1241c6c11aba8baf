"""Each rule finds its planted violation and nothing else, over one pack, over everything, and in either database."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import UnusableStore
from passport.lifecycle import History, catalogue
from passport.oversight.supervisor import findings_of_rule, judge_all, judge_event, record, values_of
from passport.population.population import NOW, Population
from passport.population.violations import STORIES, plant
from passport.store import Store
from passport.store.facts.engine_test import engine_is_faulty
from passport.store.facts.fact_writing import BENCHMARK, FactWriter, writing
from passport.store.facts.rule_queries import judging
from passport.supervision.rulebook import rulebook
from tests.conftest import example_count
from tests.each import each

RULES = sorted(rulebook().rules)


def pairs(findings):
    return {(finding.rule, finding.subject) for finding in findings}


def test_every_rule_has_a_planted_violation_and_there_are_two_dozen():
    assert set(STORIES) == set(RULES)
    assert len(RULES) >= 24


@each("rule", RULES)
def test_a_rule_finds_what_is_planted_and_not_the_near_miss(rule, planted, judged_store):
    with judging(judged_store) as (judge, _):
        judge.prepare(rulebook().inputs())
        judge.everything()
        found = findings_of_rule(judge, rulebook().rules[rule], NOW)
    assert planted.expected[rule]
    assert pairs(found) == planted.expected[rule]


def test_nothing_but_what_is_planted_is_found(planted, judged_store):
    assert pairs(judge_all(judged_store, rulebook(), NOW)) == planted.all


def test_no_outlet_is_missed_while_none_is_known(planted, judged_store):
    with judging(judged_store, writes=True) as (judge, connection):
        connection.exec_driver_sql("CREATE TEMPORARY TABLE kept_outlets AS SELECT * FROM fact_outlets")
        connection.exec_driver_sql("DELETE FROM fact_outlets")
        judge.prepare(rulebook().inputs())
        judge.everything()
        found = findings_of_rule(judge, rulebook().rules["outlet-missing"], NOW)
        connection.exec_driver_sql("INSERT INTO fact_outlets SELECT * FROM kept_outlets")
        connection.exec_driver_sql("DROP TABLE kept_outlets")
    assert planted.expected["outlet-missing"] and not pairs(found)


def test_the_answers_of_single_packs_make_up_the_full_answer(planted, judged_store):
    everything = judge_all(judged_store, rulebook(), NOW)
    single = set()
    with judging(judged_store) as (judge, connection):
        judge.prepare(rulebook().inputs())
        numbers = [row[0] for row in connection.exec_driver_sql("SELECT number FROM fact_packs")]
        actors = [row[0] for row in connection.exec_driver_sql("SELECT DISTINCT actor FROM fact_events")]
        for scope in [*(([number], []) for number in numbers), *(([], [actor]) for actor in actors)]:
            judge.only(*scope)
            for rule in rulebook().rules.values():
                single |= {(finding.key, finding.values) for finding in findings_of_rule(judge, rule, NOW)}
    assert single == {(finding.key, finding.values) for finding in everything}


def test_an_arriving_event_reaches_everything_that_it_can_break(planted, judged_store):
    """Of each violation, the last event of its evidence would have raised it."""
    everything = judge_all(judged_store, rulebook(), NOW)
    with judging(judged_store) as (_, connection):
        pack_of = {row[0]: row[1] for row in connection.exec_driver_sql("SELECT number, pack FROM fact_events")}
        pack_of |= {row[0]: row[1] for row in connection.exec_driver_sql("SELECT number, pack FROM fact_corrections")}
    for finding in everything:
        arriving = judge_event(judged_store, rulebook(), pack_of[finding.numbers[-1]], NOW)
        assert finding.key in {other.key for other in arriving}, finding


def test_a_rule_that_an_event_cannot_touch_is_left_out_and_nothing_changes(events_one_by_one):
    """Event by event: the rules that are left out answer as they did before it."""
    left_out = 0
    for kind, rule, before, after in events_one_by_one:
        left_out += 1
        assert before == after, f"{kind} changes the answer of {rule}"
    assert left_out > 2_000


@pytest.fixture
def events_one_by_one():
    """Kind of an event, code of a rule that it cannot touch, its answers before and after."""
    population = Population(seed=11)
    # The stories of volumes are many packs of a few kinds, and their rules read counts that every pack adds to.
    for rule in sorted(set(STORIES) - {"hoarding", "sudden-volume", "corrects-too-often"}):
        STORIES[rule](population, True)
    store = Store.open("sqlite://")
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.refer(**population.references())
    return _one_by_one(store, population)


def _one_by_one(store, population):
    histories, receipts, answers = {}, {}, {}
    for event, receipt in population.events():
        history = histories.get(event.pack) or History.empty(event.pack)
        histories[event.pack] = history.with_event(event, receipt.digest)
        receipts.setdefault(event.pack, {})[event.id] = receipt
        with judging(store, writes=True) as (judge, connection):
            recorded = record(FactWriter(connection), histories[event.pack], receipts[event.pack])
            judge.prepare(rulebook().inputs())
            packs, actors = judge.affected(recorded.number)
            judge.only(packs, actors)
            for rule in rulebook().rules.values():
                rows = judge.answer(rule.query, values_of(rule, NOW))
                after = {(row.pack or row.actor, row.first, row.last) for row in rows}
                known = answers.setdefault(rule.code, set())
                before = {row for row in known if row[0] in packs or row[0] in actors}
                known -= before
                known |= after
                if not rule.can_change(recorded.touched):
                    yield event.kind, rule.code, before, after


def test_a_rule_is_touched_by_the_kinds_that_its_query_names():
    for rule in rulebook().rules.values():
        named = set(re.findall(r"kind = '(\w+)'", rule.query)) & set(catalogue().kinds)
        assert not rule.touched_by or named <= rule.touched_by, rule.code


@each("rule", RULES)
def test_one_pack_is_judged_without_a_walk_over_all_events(rule, judged_store):
    with judging(judged_store) as (judge, _):
        judge.prepare(rulebook().inputs())
        judge.only([1], ["did:web:repairshop-1.example"])
        known = rulebook().rules[rule]
        steps = judge.plan(known.query, values_of(known, NOW))
    assert not [step for step in steps if "BLOOM FILTER" in step or "AUTOMATIC" in step]
    facts = {
        alias for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (\w)\b", known.query) if table.startswith("fact_")
    }
    assert facts
    assert not [step for step in steps if step.startswith("SCAN") and step.split()[1] in facts], steps


def test_every_rule_answers_the_same_in_postgresql(cluster, planted, judged_store):
    other = planted.store(cluster.database())
    for rule in RULES:
        answers = []
        for store in (judged_store, other):
            with judging(store) as (judge, _):
                judge.prepare(rulebook().inputs())
                judge.everything()
                answers.append({
                    (finding.key, finding.evidence, finding.actor, finding.other, finding.values, finding.since,
                     finding.due, finding.seconds)
                    for finding in findings_of_rule(judge, rulebook().rules[rule], NOW)
                })  # fmt: skip
        assert answers[0] == answers[1], rule
    other.close()


@settings(max_examples=example_count(4), deadline=None)
@given(st.integers(1, 10_000))
def test_no_seed_of_the_clean_population_raises_an_alarm(seed):
    population = Population(seed=seed)
    population.fill(packs=120)
    store = Store.open("sqlite://")
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
        facts.refer(**population.references())
    assert judge_all(store, rulebook(), NOW) == ()


@settings(max_examples=example_count(4), deadline=None)
@given(st.integers(1, 10_000))
def test_every_seed_of_the_violations_is_found(seed):
    population = Population(seed=seed)
    expected = set().union(*(plant(population, rule) for rule in STORIES))
    store = Store.open("sqlite://")
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
        facts.refer(**population.references())
    assert pairs(judge_all(store, rulebook(), NOW)) == expected


# --- the engine ------------------------------------------------------------------------------------------------------


def faulty(answer):
    """A module of SQLite whose comparison after IN answers so many rows."""

    class Trial:
        def execute(self, statement, *values):
            return type("Rows", (), {"fetchone": lambda _: (answer,)})() if "count(*)" in statement else None

        def executemany(self, *_):
            pass

        def close(self):
            pass

    return lambda _: Trial()


def test_the_self_test_tells_a_faulty_engine():
    assert engine_is_faulty(faulty(200))
    assert not engine_is_faulty(faulty(0))


def test_the_self_test_meets_the_fault_of_sqlite_3_40_1():
    if sqlite3.sqlite_version == "3.40.1":
        assert engine_is_faulty()


def test_a_store_with_statistics_is_not_judged_by_a_faulty_engine(planted, monkeypatch):
    store = planted.store()
    with store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE")
    monkeypatch.setattr("passport.store.facts.engine_test.engine_is_faulty", lambda: True)
    with pytest.raises(UnusableStore, match="answers comparisons wrongly") as raised:
        judge_all(store, rulebook(), NOW)
    assert sqlite3.sqlite_version in str(raised.value.found)
    monkeypatch.setattr("passport.store.facts.engine_test.engine_is_faulty", lambda: False)
    assert pairs(judge_all(store, rulebook(), NOW)) == planted.all
