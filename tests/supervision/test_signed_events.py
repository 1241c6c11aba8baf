"""Facts made from the signed events of a store: signed by their actors, accepted, and read back from their bytes."""

from __future__ import annotations

import pytest
import sqlalchemy as sql

from passport.oversight.supervised_store import Arrival, catch_up, rebuild_from_events
from passport.oversight.supervisor import check_event, judge_all
from passport.store import Store
from passport.store.facts import fact_tables
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.supervision.rulebook import rulebook
from tests.lifecycle.life_world import CAR_1, HEFEI, PACK, car, day, did
from tests.publishing.event_world import SigningWorld
from tests.supervision.test_pack_facts import content


@pytest.fixture
def signing(shared_url):
    world = SigningWorld(Store.open(shared_url))
    world.accept("register_code", "maker", day("2027-07-01"))
    world.accept("produce", "maker", day("2027-07-02"), place=HEFEI)
    return world


def references(store):
    with store.engine.connect() as connection:
        return {
            table.name: {tuple(row) for row in connection.execute(sql.select(table))}
            for table in (fact_tables.accreditations, fact_tables.permits)
        }


def test_facts_made_from_signed_bytes_say_what_the_events_said(signing):
    assert rebuild_from_events(signing.store) == 1
    with signing.store.engine.connect() as connection:
        (pack,) = connection.execute(sql.select(fact_tables.packs))
        events = connection.execute(sql.select(fact_tables.events).order_by(fact_tables.events.c.number)).all()
    assert (pack.pack, pack.state, pack.holder) == (PACK, "Produced", did("maker"))
    assert [event.kind for event in events] == ["register_code", "produce"]
    assert [event.digest for event in events] == [row.digest for row in signing.store.event_chain(PACK)]
    assert (events[1].province, events[1].mass) == ("CN-AH", 540_000)
    assert references(signing.store)["fact_accreditations"]


def test_catching_up_event_by_event_equals_a_rebuild(signing):
    assert catch_up(signing.store) == ()
    signing.accept("issue_passport", "maker", day("2027-07-03"))
    placed = signing.accept("place_on_market", "maker", day("2027-07-04"))
    assert catch_up(signing.store) == (Arrival(1, placed.id, frozenset({"issue_passport", "place_on_market"})),)
    assert catch_up(signing.store) == ()
    renewed = content(signing.store), references(signing.store)
    rebuild_from_events(signing.store)
    assert (content(signing.store), references(signing.store)) == renewed


def test_an_event_of_years_ago_opens_an_alert_when_it_arrives(signing):
    catch_up(signing.store)
    signing.accept("issue_passport", "maker", day("2027-07-03"))
    (arrival,) = catch_up(signing.store)
    checked = check_event(signing.store, rulebook(), pack=arrival.pack, event=arrival.event, at=signing.now)
    # The clock of this world is many years ahead of what it reports.
    assert "signed-long-after" in {finding.rule for finding in checked.findings}
    assert checked.opened == len({finding.key for finding in checked.findings})
    assert {finding.key for finding in checked.findings} == {
        finding.key for finding in judge_all(signing.store, rulebook(), signing.now)
    }


def test_facts_of_a_benchmark_are_not_touched_by_catching_up(signing):
    with writing(signing.store) as facts:
        facts.begin(BENCHMARK)
    assert catch_up(signing.store) == ()
    assert content(signing.store)["fact_events"] == set()


def test_the_vehicle_of_a_signed_event_is_its_hash(signing):
    signing.accept("issue_passport", "maker", day("2027-07-03"))
    signing.accept("place_on_market", "maker", day("2027-07-03"))
    signing.accept("send_out", "maker", day("2027-07-04"), counterpart=did("carmaker"))
    signing.accept("receive_in", "carmaker", day("2027-07-05"))
    signing.accept("fit", "carmaker", day("2027-07-06"), vehicle=car(CAR_1))
    rebuild_from_events(signing.store)
    with signing.store.engine.connect() as connection:
        (vehicle,) = connection.execute(sql.select(fact_tables.vehicles))
    assert (vehicle.hash, vehicle.kind) == (car(CAR_1)[0].value, "fit")
