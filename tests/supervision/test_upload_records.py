"""What upload records state: every field of their stage that the facts have, totals by batch, and the outlets."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from itertools import count

import openpyxl
import pytest
import sqlalchemy as sql

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.oversight.supervised_store import catch_up, rebuild_from_events
from passport.oversight.upload_report import upload_report
from passport.store.facts import fact_tables
from passport.store.facts.reports.outlet_reading import OutletEventRow
from passport.supervision.outlet_stage import outlet_stage
from passport.supervision.period_report import Period
from passport.supervision.rulebook import REPORT, rulebook
from passport.supervision.upload_fields import FILE, read_fields, upload_fields
from passport.supervision.upload_records import CHINA, batch_totals, columns
from passport.vocabulary.vocabulary import load, regimes
from tests.each import each
from tests.packs import example_records
from tests.publishing.event_world import ACTORS, SigningWorld, did
from tests.remembering_publisher import RememberingPublisher
from tests.resolver.conftest import BASE, NOW, make_operator

#: The fields that china.md asks of a stage, by the duty whose records have them.
SECTION_3 = {
    "cn-code-filing": "makerCode specificationCode cellCathode cellAnode cellElectrolyte cellSeparator cellShape"
    " cellHeight cellRatedCapacity cellNominalVoltage moduleSeries moduleParallel moduleRatedCapacity",
    "cn-production": "cellModel moduleModel packModel cellMaker packCode nominalVoltage chemistry recycledLithium"
    " recycledNote footprint footprintNote dismantlingManual childCodes",
    "cn-fitting": "vehicle vehicleModel packCode vehicleMaker",
    "cn-sale": "vehicle province",
    "cn-repair": "vehicle packCode reason",
    "cn-replacement": "vehicle packCode replacementCode reason",
    "cn-swap": "packCode vehicle station",
    "cn-retirement": "reason destination",
    "cn-outlet-in": "outlet province city packCode batteryType",
    "cn-outlet-out": "outlet province city packCode batteryType counterpart",
    "cn-scrapping": "vehicle packCode quantity batteryModel destination certificate",
    "cn-yard-out": "packCode counterpart",
    "cn-utiliser-in": "packCode mass",
    "cn-utiliser-out": "packCode mass",
    "cn-second-life": "newCode packCode reratedCapacity seriesCount parallelCount",
    "cn-recycling": "packCode mass recovered residue",
}


def test_every_duty_to_report_has_the_fields_that_the_platform_is_known_to_ask_for():
    duties = {code: duty for code, duty in rulebook().profile("cn").duties.items() if duty.form == REPORT}
    assert set(SECTION_3) == set(duties)
    for code, names in SECTION_3.items():
        assert set(names.split()) <= {*duties[code].fields, *duties[code].also}, code


@pytest.fixture
def report_of(shell, supervised):
    """The report of an actor and a period."""

    numbers = count()

    def report(actor: str, period: object) -> dict:
        path = shell.folder / f"report-{next(numbers)}.json"
        shell.run("report-period", str(period), "--actor", actor, "--project", supervised, "-o", path, code=None)
        return json.loads(path.read_text())

    return report


def some(planted, kind: str, role: str, **fields: object):
    """An event of the population of a kind and role, and its year in China."""
    event = next(
        event
        for event, _ in planted.population.events()
        if event.kind == kind and role in event.roles and all(event.fields.get(name) for name in fields)
    )
    return event, event.instant.astimezone(CHINA).year


STATED = {
    ("swap_out", "swapOperator"): lambda event: {"station": event.place.facility, "city": event.place.locality},
    ("transform", "utiliser"): lambda event: {
        "reratedCapacity": "90", "seriesCount": "16", "parallelCount": "1", "intendedUse": "stationaryStorage",
        "newCode": event.text("newBatteryCode"),
    },
    ("scrap_vehicle", "dismantler"): lambda event: {
        "quantity": 1, "foundCodes": list(event.texts("foundPackCodes")), "batteryModel": "https://battery.example/id/M",
    },
    ("repair", "repairShop"): lambda event: {"reason": "fault"},
    ("replace", "repairShop"): lambda event: {
        "reason": "fault", "replacementCode": event.text("installedBatteryCode"),
    },
    ("fit", "vehicleMaker"): lambda event: {"vehicleModel": "EX7000BEV", "vehicleMaker": event.actor},
    ("receive_in", "outlet"): lambda event: {"outlet": event.actor, "batteryType": "E", "city": event.place.locality},
    ("retire", "vehicleMaker"): lambda event: {"reason": "worn"},
}  # fmt: skip


@each("what", STATED)
def test_a_record_states_the_fields_of_its_event(report_of, planted, what):
    kind, role = what
    event, year = some(planted, kind, role)
    record = next(each for each in report_of(event.actor, year)["records"] if each["event"] == event.id)
    expected = STATED[what](event)
    assert {name: record[name] for name in expected} == expected
    assert not set(expected) & set(record["missing"])


def test_a_scrapped_pack_has_the_destination_that_it_was_sent_to_later(report_of, planted):
    events = [event for event, _ in planted.population.events()]
    sent = {(event.pack, event.actor): event for event in events if event.kind == "send_out"}
    scrapped = next(event for event in events if event.kind == "scrap_vehicle" and (event.pack, event.actor) in sent)
    report = report_of(scrapped.actor, scrapped.instant.astimezone(CHINA).year)
    record = next(each for each in report["records"] if each["event"] == scrapped.id)
    assert record["destination"] == sent[scrapped.pack, scrapped.actor].counterpart


def test_recycled_materials_are_masses_in_the_record_and_text_in_its_table(shell, supervised, planted):
    event, year = some(planted, "recycle", "utiliser", recoveredLithiumMass=True)
    words = ("report-period", str(year), "--actor", event.actor, "--project", supervised)
    for ending in ("json", "csv"):
        shell.run(*words, "-o", f"r.{ending}", code=None)
    report = json.loads((shell.folder / "r.json").read_text())
    record = next(each for each in report["records"] if each["event"] == event.id)
    grams = int(event.number("recoveredLithiumMass") * 1000)
    assert record["recoveredGrams"]["lithium"] == grams and record["process"] == "hydrometallurgical"
    heading, *rows = csv.reader(io.StringIO((shell.folder / "r.csv").read_text(encoding="utf-8-sig")))
    (row,) = (row for row in rows if row[heading.index("event")] == event.id and row[1] == record["duty"])
    assert f"lithium:{grams}" in row[heading.index("recoveredGrams")].split()


def test_a_repair_names_the_parts_that_came_and_went(report_of, planted):
    event = next(event for event, _ in planted.population.events() if event.kind == "repair" and len(event.parts) == 2)
    report = report_of(event.actor, event.instant.astimezone(CHINA).year)
    record = next(each for each in report["records"] if each["event"] == event.id)
    assert set(record["changedCodes"]) == {part.code for part in event.parts}


# --- batches ---------------------------------------------------------------------------------------------------------


def test_each_production_batch_has_its_totals(shell, supervised, report_of, planted):
    maker = planted.population.makers[0].did
    produced = [event for event, _ in planted.population.events() if event.actor == maker and event.kind == "produce"]
    year = produced[0].instant.astimezone(CHINA).year
    of_year = [event for event in produced if event.instant.astimezone(CHINA).year == year]
    report = report_of(maker, year)
    counted = {row["batch"]: row for row in report["batches"] if row["duty"] == "cn-production"}
    assert {batch: row["packs"] for batch, row in counted.items()} == Counter(
        event.text("batteryBatch") for event in of_year
    )
    batch, row = next(iter(counted.items()))
    grams = sum(int(event.number("handledMass") * 1000) for event in of_year if event.text("batteryBatch") == batch)
    assert (row["massGrams"], row["stage"]["zh"]) == (grams, "电池包生产")
    for duty in {row["duty"] for row in report["batches"]}:
        (stage,) = (stage for stage in report["stages"] if stage["duty"] == duty)
        rows = [row for row in report["batches"] if row["duty"] == duty]
        for name in ("records", "packs", "massGrams"):
            assert sum(row[name] for row in rows) == stage[name]
    shell.run("report-period", str(year), "--actor", maker, "--project", supervised, "-o", "r.xlsx", code=None)
    book = openpyxl.load_workbook(shell.folder / "r.xlsx")
    assert book["batches"].max_row == len(report["batches"]) + 1
    named = {row[0].value for row in book["fields"].iter_rows(min_row=2)}
    assert named == {field.key for field in upload_fields().values()} <= set(columns())


def test_packs_of_no_known_batch_come_last():
    frame = {"duty": "d", "stage": {}, "pack": "p", "massGrams": 5}
    totals = batch_totals([{**frame, "batch": batch} for batch in (None, "b", None, "a")])
    assert [(row["batch"], row["records"], row["packs"], row["massGrams"]) for row in totals] == [
        ("a", 1, 1, 5), ("b", 1, 1, 5), (None, 2, 1, 10),
    ]  # fmt: skip


# --- outlets ---------------------------------------------------------------------------------------------------------


def test_an_outlet_is_a_stage_with_quantities_types_and_receivers(report_of, planted):
    events = [event for event, _ in planted.population.events() if "outlet" in event.roles]
    sent = next(event for event in events if event.kind == "send_out")
    year = sent.instant.astimezone(CHINA).year
    own = [event for event in events if event.actor == sent.actor and event.instant.astimezone(CHINA).year == year]
    (row,) = report_of(sent.actor, year)["outlets"]
    counted = Counter(event.kind for event in own)
    grams = sum(int((event.number("handledMass") or 0) * 1000) for event in own if event.kind == "send_out")
    assert (row["received"]["packs"], row["sent"]) == (
        counted["receive_in"], {"packs": counted["send_out"], "unweighed": 0, "massGrams": grams},
    )  # fmt: skip
    assert row["types"] == [
        {"productType": "P", "batteryType": "E", "received": counted["receive_in"], "sent": counted["send_out"]}
    ]
    receivers = Counter(event.counterpart for event in own if event.kind == "send_out")
    assert {each["receiver"]: each["packs"] for each in row["receivers"]} == receivers
    assert (row["province"], row["city"], row["missing"]) == (sent.place.province, sent.place.locality, [])
    before = [event for event, _ in planted.population.events() if event.instant.astimezone(CHINA).year <= year]
    holders = {}
    for event in sorted(before, key=lambda event: event.instant):
        if event.kind in ("receive_in", "send_out", "fit", "recycle", "transform", "report_lost"):
            holders[event.pack] = event.actor if event.kind == "receive_in" else None
    assert row["stock"] == list(holders.values()).count(sent.actor)


def test_a_pack_that_was_not_weighed_is_counted_and_adds_no_mass():
    rows = [
        OutletEventRow("did:web:o", None, "CN-AH", "Hefei", "receive_in", 10, None, mass, None, 0)
        for mass in (400_000, None)
    ]
    (row,) = outlet_stage("did:web:o", 0, 100, [], rows)
    assert row["received"] == {"packs": 2, "unweighed": 1, "massGrams": 400_000}


def test_the_outlets_that_a_maker_published_are_in_its_report(report_of, planted):
    maker = planted.population.carmakers[0].did
    rows = report_of(maker, 2029)["outlets"]
    listed = {(row["outlet"], row["province"]) for row in planted.population.outlets if row["maker"] == maker}
    assert {(row["outlet"], row["province"]) for row in rows} == listed
    assert all(row["city"] and row["since"] == "2020-01-01" and row["until"] is None for row in rows)


def test_a_maker_reads_no_volumes_of_outlets_that_are_other_parties(judged_store, planted):
    maker = planted.population.carmakers[0].did
    rows = upload_report(judged_store, rulebook(), maker, Period.parse("2029"), NOW, for_itself=True)["outlets"]
    assert rows and all(row["outlet"] != maker for row in rows)
    assert {str(row[name]) for row in rows for name in ("received", "sent", "stock")} == {"None"}
    assert not any(row["types"] or row["receivers"] for row in rows)


def test_an_outlet_without_a_city_is_a_fault(shell, supervised):
    (shell.folder / "outlets.csv").write_text(
        "maker,province,outlet,since,until\ndid:web:m.example,CN-AH,did:web:o.example,2026-04-01,2026-12-31\n"
    )
    shell.json("supervise", "outlets", "outlets.csv", "--project", supervised)
    report = shell.json("report-period", "2026", "--actor", "did:web:m.example", "--project", supervised, code=1)
    (row,) = report["outlets"]
    assert (row["until"], row["missing"]) == ("2026-12-31", ["city"])
    (fault,) = report["faults"]
    assert (fault["key"], fault["errorType"], fault["field"]) == ("did:web:o.example", "missing-field", "city")
    assert fault["message"]["zh"] == "缺少市"
    assert shell.json("report-period", "2028", "--actor", "did:web:m.example", "--project", supervised)["outlets"] == []


# --- signed statements -----------------------------------------------------------------------------------------------


@pytest.fixture
def issued(tmp_path):
    """A pack with a passport in the store, in use by its signed events."""
    operator = make_operator(tmp_path, "ev-ncm-100kwh")
    SigningWorld(operator.store).sold(operator.packs["ev"])
    rebuild_from_events(operator.store)
    return operator


def records(store, actor: str, **options: object) -> dict[str, dict]:
    report = upload_report(store, rulebook(), actor, Period.parse("2027"), NOW, **options)
    return {record["duty"]: record for record in report["records"]}


def test_code_filing_and_production_state_what_the_passport_says(issued):
    made = records(issued.store, did("maker"))
    filing, production = made["cn-code-filing"], made["cn-production"]
    assert (filing["missing"], production["missing"]) == ([], [])
    assert (filing["makerCode"], filing["specificationCode"], filing["batteryType"]) == ("001", "01", "E")
    assert (filing["cellShape"], filing["moduleSeries"], filing["moduleRatedCapacity"]) == ("prismatic", "16", "141")
    assert production["batch"].endswith("/10/LH100-2606-B03") == filing["batch"].endswith("/10/LH100-2606-B03") is True
    assert (production["nominalVoltage"], production["recycledLithium"]) == ("710.4", "2.8")
    assert production["cellMaker"].startswith("Lanhu Example Cell")
    assert production["footprint"] == "0.154" and production["dismantlingManual"].startswith("https://")


def test_an_actor_does_not_read_statements_of_another_issuer_in_its_own_report(issued):
    made = records(issued.store, did("maker"), for_itself=True)
    assert {"cellCathode", "cellShape"} <= set(made["cn-code-filing"]["missing"])
    assert made["cn-production"]["cellMaker"] is None
    assert ACTORS.issuer("maker").id == did("maker")


def test_a_passport_that_comes_after_the_events_is_caught_up_with(tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    SigningWorld(operator.store).sold(make_operator(tmp_path / "twin", "ev-ncm-100kwh").packs["ev"])
    catch_up(operator.store)
    assert "cellMaker" in records(operator.store, did("maker"))["cn-production"]["missing"]
    issuer, judged_by = operator.project.issuer_with_key(None), tuple(regimes().values())
    publisher = RememberingPublisher(operator.store, issuer, BASE, load(), judged_by)
    publisher.issue(example_records("ev-ncm-100kwh.xlsx"), at=NOW)
    catch_up(operator.store)
    assert records(operator.store, did("maker"))["cn-production"]["missing"] == []
    before = content(operator.store)
    rebuild_from_events(operator.store)
    assert content(operator.store) == before


def content(store) -> set[tuple]:
    with store.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(sql.select(fact_tables.statements))}


# --- the data --------------------------------------------------------------------------------------------------------

TEXT = resources.read_text(FILE)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('sv:column "packCode"', 'sv:column "secret"', "secret"),
        ('sv:detail ( "eventReason"', 'sv:detail ( "mood"', "mood"),
        ('"cellManufacturerName"', '"cellManufacturerNick"', "no indicator"),
        ('skos:notation "makerCode"', 'skos:notation "packCode"', "another has too"),
        ('sv:column "packCode"', "", "stated nowhere"),
    ],
)
def test_a_slip_in_a_field_is_refused(old, new, fault):
    assert old in TEXT
    changed = TEXT.replace(old, new, 1).replace("; .", ".").replace(";  .", ".")
    with pytest.raises(MalformedOntology, match=fault):
        read_fields(changed)
