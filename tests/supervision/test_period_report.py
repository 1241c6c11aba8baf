"""The upload records of an actor and a period, with everything that is missing or late."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest

from passport.errors import UsageError
from passport.project import Project
from passport.reports.period_tables import csv_bytes, workbook
from passport.store.facts.fact_writing import writing
from passport.supervision.period_report import Period
from passport.supervision.upload_records import CHINA, columns
from tests.each import each


@pytest.fixture
def seller(planted):
    """Actor and month of the sale that was reported late."""
    (_, pack), *_ = planted.expected["late-report"]
    (sale,) = (event for event, _ in planted.population.events() if event.pack == pack and event.kind == "sell_vehicle")
    return sale, sale.instant.astimezone(CHINA).strftime("%Y-%m")


def test_a_late_report_is_named_with_its_record(shell, supervised, seller):
    sale, month = seller
    report = shell.json("report-period", month, "--actor", sale.actor, "--project", supervised, code=1)
    (record,) = (record for record in report["records"] if record["event"] == sale.id)
    assert (record["duty"], record["late"], record["missing"]) == ("cn-sale", True, [])
    (fault,) = (fault for fault in report["faults"] if fault["key"] == sale.id)
    assert (fault["errorType"], set(fault["message"])) == ("late", {"en", "zh"})
    (stage,) = (stage for stage in report["stages"] if stage["duty"] == "cn-sale")
    assert (stage["records"], stage["late"], stage["stage"]["zh"]) == (1, 1, "车辆销售")


def test_the_same_facts_give_the_same_bytes_and_receipt(shell, supervised, seller):
    sale, month = seller
    words = ("report-period", month, "--actor", sale.actor, "--project", supervised)
    first, second = shell.run(*words, code=1).stdout, shell.run(*words, code=1).stdout
    assert first == second
    for ending in ("xlsx", "csv", "json"):
        for name in ("one", "two"):
            shell.run(*words, "-o", f"{name}.{ending}", code=1)
        assert (shell.folder / f"one.{ending}").read_bytes() == (shell.folder / f"two.{ending}").read_bytes()


def test_another_fact_gives_another_receipt(shell, supervised, seller, planted):
    sale, month = seller
    words = ("report-period", month, "--actor", sale.actor, "--project", supervised)
    before = shell.json(*words, code=1)["receipt"]
    rows = next(rows for rows in planted.population.facts() if rows.pack.pack == sale.pack)
    store = Project.open(supervised).open_store()
    with writing(store) as facts:
        facts.replace(rows.pack.number, None)
    store.close()
    assert shell.json(*words)["receipt"] != before


def test_tables_hold_every_record_and_every_fault(shell, supervised, seller):
    sale, month = seller
    words = ("report-period", month, "--actor", sale.actor, "--project", supervised)
    report = shell.json(*words, code=1)
    shell.run("--lang", "zh", *words, "-o", "records.csv", code=1)
    rows = list(csv.reader(io.StringIO((shell.folder / "records.csv").read_text(encoding="utf-8-sig"))))
    assert rows[0] == list(columns())
    assert len(rows) == len(report["records"]) + 1
    assert "车辆销售" in {row[0] for row in rows}
    shell.run(*words, "-o", "records.xlsx", code=1)
    book = openpyxl.load_workbook(shell.folder / "records.xlsx")
    assert (book["records"].max_row, book["faults"].max_row) == (len(rows), len(report["faults"]) + 1)


def test_a_field_that_the_stage_asks_for_is_named_as_missing(shell, supervised, planted):
    """A pack that comes in its vehicle is not weighed; the outlet names who sent it."""
    received = next(
        event
        for event, _ in planted.population.events()
        if event.kind == "receive_in" and "outlet" in event.roles and event.number("handledMass") is None
    )
    month = received.instant.astimezone(CHINA).strftime("%Y-%m")
    report = shell.json("report-period", month, "--actor", received.actor, "--project", supervised, code=1)
    found = {(fault["errorType"], fault["field"]) for fault in report["faults"] if fault["key"] == received.id}
    assert found == {("missing-field", "mass")}


def test_what_never_came_is_overdue_in_the_year_of_its_deadline(shell, supervised, planted):
    (_, pack), *_ = planted.expected["report-overdue"]
    removal = [event for event, _ in planted.population.events() if event.pack == pack][-1]
    year = shell.json("report-period", "2030", "--actor", removal.actor, "--project", supervised, code=1)
    assert [fault["duty"] for fault in year["faults"] if fault["errorType"] == "overdue"] == ["cn-removed-pack-moves"]


@each(
    ("text", "first", "last"),
    [("2026-07", "2026-07-01", "2026-08-01"), ("2026-Q3", "2026-07-01", "2026-10-01"),
     ("2026-Q4", "2026-10-01", "2027-01-01"), ("2026-12", "2026-12-01", "2027-01-01"),
     ("2026", "2026-01-01", "2027-01-01")],
)  # fmt: skip
def test_a_period_is_of_days_in_china(text, first, last):
    period = Period.parse(text)
    assert (period.start.isoformat(), period.end.isoformat()) == (f"{first}T00:00:00+08:00", f"{last}T00:00:00+08:00")


@each("text", ["", "2026-13", "2026-00", "2026-Q5", "26-07", "2026-7", "0000", "2026-07-01"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(UsageError, match="no period"):
        Period.parse(text)


def test_a_cell_is_never_a_formula():
    assert b"'=1+1" in csv_bytes([["=1+1"]])
    book = openpyxl.load_workbook(io.BytesIO(workbook([("records", [["heading"], ["=1+1"]])])))
    assert book["records"]["A2"].data_type == "s"


def test_masses_that_differ_are_in_the_reports_of_sender_and_receiver(shell, supervised, planted):
    (_, pack), *_ = planted.expected["mass-mismatch"]
    received = next(
        event
        for event, _ in planted.population.events()
        if event.pack == pack and event.kind == "receive_in" and event.number("handledMass") == Decimal("244.999")
    )
    sent = next(event for event, _ in planted.population.events() if event.id == received.text("handoverEvent"))
    for event in (received, sent):
        month = event.instant.astimezone(CHINA).strftime("%Y-%m")
        words = ("report-period", month, "--actor", event.actor, "--project", supervised)
        shell.run(*words, "-o", f"{event.kind}.json", code=None)
        report = json.loads((shell.folder / f"{event.kind}.json").read_text())
        assert {
            "pack": pack, "sent": sent.id, "sender": sent.actor, "sentMass": 250_000, "received": received.id,
            "receiver": received.actor, "receivedMass": 244_999, "difference": -5001,
        } in report["discrepancies"]  # fmt: skip


def test_residues_and_corrections_are_in_the_report(shell, supervised, planted):
    events = list(planted.population.events())
    recycled = next(event for event, _ in events if event.kind == "recycle" and event.number("residueMass"))
    corrected, receipt = next((event, receipt) for event, receipt in events if event.kind == "correct")
    for event, at, name in ((recycled, recycled.instant, "residues"), (corrected, receipt.accepted, "corrections")):
        shell.run("report-period", str(at.astimezone(CHINA).year), "--actor", event.actor, "--project", supervised,
                  "-o", f"{name}.json", code=None)  # fmt: skip
        report = json.loads((shell.folder / f"{name}.json").read_text())
        assert event.id in {row["event"] for row in report[name]}
    row = next(row for row in report["corrections"] if row["event"] == corrected.id)
    metals = next(event for event, _ in events if event.kind == "recycle" and event.number("recoveredLithiumMass"))
    words = ("report-period", str(metals.instant.astimezone(CHINA).year), "--actor", metals.actor)
    shell.run(*words, "--project", supervised, "-o", "metals.json", code=None)
    whole = json.loads((shell.folder / "metals.json").read_text())
    mass = int(metals.number("recoveredLithiumMass") * 1000)
    assert {"pack": metals.pack, "event": metals.id, "material": "lithium", "mass": mass} in whole["recovered"]
    stage = next(stage for stage in whole["stages"] if stage["duty"] == "cn-recycling")
    records = [record for record in whole["records"] if record["duty"] == "cn-recycling"]
    assert stage["massGrams"] == sum(record["massGrams"] for record in records)
    assert stage["packs"] == len({record["pack"] for record in records})
    assert row["corrects"] == corrected.corrects and row["withdrawn"] is False


def test_a_later_report_is_held_against_an_earlier_one(shell, supervised, seller, planted):
    sale, month = seller
    words = ("report-period", month, "--actor", sale.actor, "--project", supervised)
    shell.run(*words, "-o", "before.json", code=1)
    same = shell.json(*words, "--against", "before.json", code=1)
    assert (same["added"], same["removed"], same["changed"], same["faultsLeft"]) == ([], [], [], 1)
    rows = next(rows for rows in planted.population.facts() if rows.pack.pack == sale.pack)
    in_time = [replace(row, accepted=row.time) if row.event == sale.id else row for row in rows.events]
    store = Project.open(supervised).open_store()
    with writing(store) as facts:
        facts.replace(rows.pack.number, replace(rows, events=tuple(in_time)))
    store.close()
    after = shell.json(*words, "--against", "before.json")
    assert (after["changed"], after["faultsLeft"]) == ([sale.id], 0)


def test_an_earlier_report_that_was_changed_or_is_another_is_refused(shell, supervised, seller):
    sale, month = seller
    words = ("report-period", month, "--actor", sale.actor, "--project", supervised)
    shell.run(*words, "-o", "before.json", code=1)
    report = json.loads((shell.folder / "before.json").read_text())
    for changed in ({**report, "records": []}, {}, {"records": [1]}, []):
        (shell.folder / "changed.json").write_text(json.dumps(changed))
        shell.run(*words, "--against", "changed.json", code=1)
    shell.run("report-period", month[:4], "--actor", sale.actor, "--project", supervised, "--against", "before.json",
              code=1)  # fmt: skip
