"""Facts out of signed statements other than events: read-outs, contents by the model, and the list of outlets."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
import sqlalchemy as sql
from hypothesis import given
from hypothesis import strategies as st

from passport.battery.fault import Location
from passport.commands.events.event_intake import Supervision
from passport.errors import FaultyRecord, MalformedDocument, PassportError
from passport.oversight.stated_facts import contents_of, read_out_row
from passport.oversight.supervised_store import catch_up, rebuild_from_events
from passport.publishing.condition.read_outs import ReadOut, ReadOutLoader
from passport.store import Store
from passport.store.facts import fact_tables
from passport.store.facts.alert_rows import AlertRows
from passport.store.facts.fact_writing import writing
from passport.supervision.outlet_list import read_outlets
from passport.supervision.pack_facts import FOREVER
from tests.each import each
from tests.publishing.event_world import SigningWorld
from tests.resolver.conftest import BASE, NOW, make_operator


def rows(store: Store, table: sql.Table) -> list[tuple]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sql.select(table))]


@pytest.fixture
def issued(tmp_path):
    """An issued pack whose model and read-out are in the store, in use by its signed events."""
    operator = make_operator(tmp_path, "ev-ncm-100kwh")
    world = SigningWorld(operator.store)
    world.sold(operator.packs["ev"])
    return operator, world


def test_read_outs_and_contents_are_made_from_signed_statements(issued):
    operator, _ = issued
    rebuild_from_events(operator.store)
    ((pack, _, energy, cycles, credential),) = rows(operator.store, fact_tables.readouts)
    assert (pack, energy, cycles) == (operator.packs["ev"], 9930, 11)
    assert operator.store.credential(credential) is not None
    contents = {material: mass for _, material, mass in rows(operator.store, fact_tables.contents)}
    # 540 kg, of which 12.7 % is nickel and 1.9 % lithium, by the workbook.
    assert (contents["nickel"], contents["lithium"]) == (68_580, 10_260)
    assert rebuild_from_events(operator.store) == 1
    assert len(rows(operator.store, fact_tables.readouts)) == 1


def test_a_read_out_that_comes_later_is_caught_up_with(issued):
    operator, _ = issued
    rebuild_from_events(operator.store)
    pack = operator.packs["ev"]
    values = {"recordedAt": NOW.isoformat(), "numberOfFullCycles": 30, "stateOfCertifiedEnergy": "98.1"}
    read_out = ReadOut(
        {"serialNumber": operator.store.pack(pack).serial}, values, lambda _: Location("readings.csv", row=3)
    )
    report = ReadOutLoader(operator.store, operator.issuer, BASE).add([read_out], at=NOW)
    assert [entry.outcome for entry in report.entries] == ["added"]
    (arrival,) = catch_up(operator.store)
    assert (arrival.event, arrival.touched) == (report.entries[0].credential, frozenset({"read-out"}))
    assert sorted(row[2:4] for row in rows(operator.store, fact_tables.readouts)) == [(9810, 30), (9930, 11)]
    assert catch_up(operator.store) == ()
    assert len(rows(operator.store, fact_tables.readouts)) == 2


def test_a_read_out_that_contradicts_the_history_is_found_as_it_is_added(issued):
    """Cycles that fall are refused by the loader; a read-out that comes late shows that an earlier one was wrong."""
    operator, _ = issued
    store, pack = operator.store, operator.packs["ev"]
    supervision = Supervision(operator.project, store)
    supervision.follow(NOW)
    assert open_alerts(store, "cycles-fall") == []
    with writing(store) as facts:
        # As another software left it: more cycles at an earlier time.
        facts.add_read_out({"pack": pack, "time": 1, "soh": 9900, "cycles": 1000, "credential": "urn:earlier"})
    values = {"recordedAt": NOW.isoformat(), "numberOfFullCycles": 30, "stateOfCertifiedEnergy": "98.1"}
    read_out = ReadOut({"serialNumber": store.pack(pack).serial}, values, lambda _: Location("readings.csv", row=3))
    ReadOutLoader(store, operator.issuer, BASE).add([read_out], at=NOW)
    supervision.follow(NOW)
    assert [row.pack for row in open_alerts(store, "cycles-fall")] == [1]


def open_alerts(store, rule):
    with store.engine.connect() as connection:
        return [row for row in AlertRows(connection).open() if row.rule == rule]


@each("value", [True, "x", "NaN", "1e99", -1, None, [], {}])
def test_what_is_no_figure_is_no_content(value):
    entry = {"substanceIdentifier": "7440-02-0", "massFraction": value}
    assert contents_of({"batteryMass": "540", "criticalRawMaterials": [entry]}) == {}
    assert contents_of({"batteryMass": value, "criticalRawMaterials": [{**entry, "massFraction": "1"}]}) == {}


def test_a_read_out_without_a_time_is_no_fact():
    assert read_out_row("urn:p", "urn:c", {"numberOfFullCycles": 1}) is None


# --- outlets ---------------------------------------------------------------------------------------------------------

HEAD = "maker,province,outlet,since,until\n"


def test_a_list_of_outlets_is_read():
    listed = read_outlets((HEAD + "did:web:m.example,CN-AH,did:web:o.example,2026-04-01,\n\n").encode(), "o.csv")
    since = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
    assert listed == [
        {"maker": "did:web:m.example", "province": "CN-AH", "outlet": "did:web:o.example", "since": since,
         "until": FOREVER, "city": None}
    ]  # fmt: skip


def test_a_list_of_outlets_may_name_their_cities():
    text = HEAD.replace("until", "until,city") + "did:web:m.example,CN-AH,did:web:o.example,2026-04-01,,合肥\n"
    assert [row["city"] for row in read_outlets(text.encode(), "o.csv")] == ["合肥"]


def test_every_fault_of_a_list_is_named_with_its_row_and_column():
    text = HEAD + (
        "m,CN-AH,did:web:o.example,2026-04-01,\n"
        "did:web:m.example,CN-XX,o,2026-13-01,2026-01-01\n"
        "did:web:m.example,CN-AH,did:web:o.example,2026-04-01,2026-03-01\n"
        "did:web:m.example,CN-GD,did:web:o.example,2026-04-01,\n"
        "did:web:m.example,CN-GD,did:web:o.example,2026-05-01,\n"
    )
    with pytest.raises(FaultyRecord) as caught:
        read_outlets(text.encode(), "o.csv")
    named = [(fault.location.row, fault.location.heading) for fault in caught.value.faults]
    assert named == [
        (2, "maker"), (3, "outlet"), (3, "province"), (3, "since"), (4, "until"), (6, "outlet"),
    ]  # fmt: skip


@each("data", [b"", b"a,b\n", b"\xff\xfe", HEAD.encode() + b'"'])
def test_what_is_no_such_list_is_refused(data):
    with pytest.raises(MalformedDocument):
        read_outlets(data, "o.csv")


@given(st.text())
def test_whatever_comes_is_read_or_refused(text):
    with suppress(PassportError):
        read_outlets((HEAD + text).encode("utf-8", "ignore"), "o.csv")


def test_the_command_takes_the_whole_list(shell, supervised):
    (shell.folder / "outlets.csv").write_text(HEAD + "did:web:m.example,CN-AH,did:web:o.example,2026-04-01,\n")
    assert shell.json("supervise", "outlets", "outlets.csv", "--project", supervised) == {"outlets": 1}
    (shell.folder / "outlets.csv").write_text(HEAD + "m,CN-AH,did:web:o.example,2026-04-01,\n")
    shell.run("supervise", "outlets", "outlets.csv", "--project", supervised, code=1)
