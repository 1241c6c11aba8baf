"""Facts: a projection of accepted events that is the same whichever way it is made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sql

from passport.errors import UsageError
from passport.lifecycle import History
from passport.oversight.supervisor import AcceptedEvent, rebuild, record
from passport.population.population import START, Population
from passport.population.violations import STORIES, plant
from passport.store import Store
from passport.store.facts import fact_tables
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.supervision.pack_facts import FOREVER, facts_of


def content(store: Store) -> dict[str, set[tuple[object, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: {tuple(row) for row in connection.execute(sql.select(table))}
            for table in (*fact_tables.PROJECTED, *fact_tables.COUNTED)
        }


def in_order(population: Population) -> Iterator[AcceptedEvent]:
    events = [AcceptedEvent(event, receipt) for event, receipt in population.events()]
    yield from sorted(events, key=lambda accepted: (accepted.event.pack, accepted.receipt.number))


@pytest.fixture(scope="module")
def population() -> Population:
    population = Population(seed=3)
    population.fill(packs=30)
    for rule in STORIES:
        plant(population, rule)
    return population


@pytest.mark.product(of=2)
def test_facts_renewed_event_by_event_equal_facts_made_again(shared_url, population):
    store = Store.open(shared_url)
    histories, receipts = {}, {}
    with writing(store) as facts:
        facts.begin()
        for event, receipt in population.events():
            history = histories.get(event.pack) or History.empty(event.pack)
            histories[event.pack] = history.with_event(event, receipt.digest)
            receipts.setdefault(event.pack, {})[event.id] = receipt
            record(facts, histories[event.pack], receipts[event.pack])
    renewed = content(store)
    assert rebuild(store, in_order(population)) == len(renewed["fact_packs"])
    again = content(store)
    assert {name for name in again if again[name] != renewed[name]} == set()
    assert all(again[name] for name in again)
    store.close()


def test_a_rebuild_leaves_what_comes_from_elsewhere(population):
    store = Store.open("sqlite://")
    with writing(store) as facts:
        facts.refer(**population.references())
    rebuild(store, in_order(population))
    with store.engine.connect() as connection:
        for table in fact_tables.REFERENCES:
            assert connection.execute(sql.select(sql.func.count()).select_from(table)).scalar_one() > 0


def test_a_rebuild_of_the_facts_of_a_benchmark_is_refused(population):
    store = Store.open("sqlite://")
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
    before = content(store)
    with pytest.raises(UsageError, match="those of a benchmark"):
        rebuild(store, in_order(population))
    assert content(store) == before


def test_events_of_a_pack_that_come_apart_are_refused(population):
    store = Store.open("sqlite://")
    events = list(in_order(population))
    with pytest.raises(UsageError, match="do not come together"):
        rebuild(store, [*events, events[0]])
    assert content(store)["fact_packs"] == set()


def test_facts_of_an_unknown_name_are_refused():
    store = Store.open("sqlite://")
    with pytest.raises(UsageError, match="no facts of this name"), writing(store) as facts:
        facts.refer(secrets=[])


# --- one pack ---------------------------------------------------------------------------------------------------------


def rows_of(life):
    listed = [(event, receipt) for event, receipt in life.population.events() if event.pack == life.pack]
    history = History.of(life.pack, ((event, receipt.digest) for event, receipt in listed))
    return facts_of(history, {event.id: receipt for event, receipt in listed})


@pytest.fixture
def life():
    population = Population(seed=5)
    life = population.life(START)
    carmaker = population.actor("vehicleMaker", "CN-AH")
    return (
        life.made(population.actor("batteryMaker")).handed(carmaker).fitted(carmaker).sold(carmaker, province="CN-GD")
    )


def test_a_pack_has_the_state_that_its_history_has(life):
    rows = rows_of(life)
    assert (rows.pack.state, rows.pack.holder, rows.pack.code) == ("InUse", None, life.code)
    assert [event.state for event in rows.events][-2:] == ["Fitted", "InUse"]
    assert rows.pack.number == min(event.number for event in rows.events)


def test_a_correction_changes_the_event_and_is_a_row_of_its_own(life):
    (sale,) = (event for event in rows_of(life).events if event.kind == "sell_vehicle")
    life.corrected()
    shop = life.population.actor("repairShop")
    life.repaired(shop)
    life.wait(1).do(
        "correct", shop, corrects=life.last.id, eventWithdrawn=True, eventReason="another pack", placed=False
    )
    rows = rows_of(life)
    assert sale.event in {event.event for event in rows.events}
    assert "repair" not in {event.kind for event in rows.events}
    assert sorted(correction.withdrawn for correction in rows.corrections) == [0, 1]


def test_a_receipt_names_the_hand_over_that_it_answers(life):
    rows = rows_of(life)
    (sent,) = (event for event in rows.events if event.kind == "send_out")
    (received,) = (event for event in rows.events if event.kind == "receive_in")
    assert received.object == sent.event


def test_a_sale_is_in_the_region_of_sale(life):
    assert [event.province for event in rows_of(life).events if event.kind == "sell_vehicle"] == ["CN-GD"]


def test_the_stay_in_a_vehicle_ends_with_the_removal_and_parts_stay(life):
    vehicle = life.vehicle
    life.wait(30).removed(life.population.actor("repairShop"))
    rows = rows_of(life)
    (stay,) = (stay for stay in rows.stays if stay.sort == "vehicle")
    assert (stay.object, stay.until) == (vehicle[0].value, rows.events[-1].time)
    assert {stay.until for stay in rows.stays if stay.sort == "part"} == {FOREVER}


def test_a_withdrawn_history_has_no_facts():
    population = Population(seed=5)
    life = population.life(START)
    maker = population.actor("batteryMaker")
    life.do("register_code", maker, packCode=life.code, batteryModel="https://battery.example/id/M")
    life.do("correct", maker, corrects=life.last.id, eventWithdrawn=True, eventReason="never made", placed=False)
    assert rows_of(life) is None
