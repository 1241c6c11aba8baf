"""What is read and not issued is listed in any case, and ends with 1 unless the caller allows it."""

from __future__ import annotations

import json

import pytest

from passport.exchange import formats
from passport.exchange.records import record_files

FITTING = {"fitting": {"vehicleModel": "Beispiel 7"}}


@pytest.fixture
def record(shell):
    """A record of the LMT pack as JSON that anybody may change."""
    (read,) = record_files.read_records(shell.workbook("lmt-ebike.xlsx"))
    return json.loads(next(iter(formats.write("json", [read]).files.values())))


def put(shell, document, name="packs.json"):
    path = shell.folder / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize("event", ["fitting", "sale", "repair", "scrapping", "recycling", "swap"])
def test_a_life_cycle_event_is_named_as_not_issued(shell, record, event):
    values = {
        "fitting": {"vehicleModel": "B7"}, "sale": {"licensePlateNumber": "B-AT 1"},
        "repair": {"repairRecord": [{"vin": "V1"}]}, "scrapping": {"vehicleBatteryIntegrity": True},
        "recycling": {"recyclingOutlet": {"code": "R1"}}, "swap": {"swapOperator": {"code": "S1", "name": "S"}},
    }[event]  # fmt: skip
    document = shell.json("validate", put(shell, {**record, "events": {event: values}}), code=None)
    (loss,) = document["notIssued"]
    assert (loss["code"], loss["severity"], loss["indicator"]) == ("event-not-issued", "loss", *values)
    assert loss["location"]["pointer"] == f"/events/{event}/{next(iter(values))}"
    assert "hand it in with `passport event`" in loss["message"]["en"]
    assert "B-AT 1" not in json.dumps(document), "a plate leads to a person"


def test_validation_ends_with_1_where_something_would_be_lost_unless_that_is_allowed(shell, record, monkeypatch):
    monkeypatch.setenv("COLUMNS", "500")
    path = put(shell, {**record, "events": FITTING})
    for words, code, end in (((), 1, "--allow-loss"), (("--allow-loss",), 0, f"issue {path} --allow-loss")):
        said = shell.run("validate", path, *words, code=code).stdout
        assert "1 value is read and not issued" in said and "/events/fitting/vehicleModel" in said
        assert end in said.splitlines()[-1]


def test_nothing_is_issued_where_something_would_be_lost_unless_that_is_allowed(shell, shop, record):
    path = put(shell, {**record, "events": FITTING})
    refused = shell.run("issue", path, "--project", shop, code=1)
    assert "/events/fitting/vehicleModel" in refused.stdout and "Nothing was issued." in refused.stdout
    document = shell.json("issue", path, "--project", shop, code=1)
    assert document["error"]["code"] == "faulty-record"
    allowed = shell.json("issue", path, "--project", shop, "--allow-loss")
    assert [loss["indicator"] for loss in allowed["notIssued"]] == ["vehicleModel"]
    assert {entry["outcome"] for entry in allowed["entries"]} == {"issued"}


def test_a_conversion_that_loses_input_writes_lists_and_ends_with_1(shell, record):
    path = shell.folder / "en18223.json"
    (read,) = record_files.read_records(put(shell, record))
    document = formats.PEERS["en18223"].export(read).document
    document["basic"]["colour"] = "blue"
    path = put(shell, document, "en18223.json")
    words = ("convert", path, "--from", "en18223", "--to", "json", "-o", "out.json", "--force")
    said = shell.run(*words, code=1).stdout
    assert "$.basic.colour" in said and (shell.folder / "out.json").exists()
    shell.run(*words, "--allow-loss")
    lost = {loss["location"]["pointer"] for loss in shell.json(*words, code=1)["notTaken"]}
    assert lost == {"$.basic.colour", "$.basic.manufacturingDate"}, "the day is not in the format"


def test_events_are_no_loss_for_a_conversion_that_keeps_them(shell, record):
    path = put(shell, {**record, "events": FITTING})
    shell.run("convert", path, "--to", "xlsx", "-o", "out.xlsx")
    (again,) = record_files.read_records(shell.folder / "out.xlsx")
    assert again.events == FITTING


@pytest.mark.parametrize("part", ["model", "pack"])
def test_a_record_with_an_empty_part_does_not_disappear(shell, record, part):
    other = {**record, part: {}}
    document = shell.json("validate", put(shell, [record, other]), code=1)
    assert [(fault["code"], fault["location"]["pointer"]) for fault in document["faults"]] == [
        ("empty-part", f"/1/{part}")
    ]


def test_a_time_of_a_read_out_without_values_is_named(shell, record):
    document = {**record, "condition": {"recordedAt": "2026-11-16T08:30:00Z"}}
    losses = shell.json("validate", put(shell, document), code=None)["notIssued"]
    assert [(loss["code"], loss["location"]["pointer"]) for loss in losses] == [
        ("empty-read-out", "/condition/recordedAt")
    ]


def test_a_model_of_the_workbook_that_no_pack_is_of_is_named(shell):
    def another_model(book):
        sheet = book["models"]
        sheet.append([cell.value for cell in sheet[3]])
        heading = [cell.value for cell in sheet[1]].index("batteryModelIdentifier") + 1
        sheet.cell(4, heading).value = "OTHER-1"

    document = shell.json("validate", shell.workbook("lmt-ebike.xlsx", another_model), code=1)
    (loss,) = document["notIssued"]
    assert (loss["code"], loss["location"]["sheet"], loss["location"]["row"]) == ("model-without-pack", "models", 4)


def test_what_packs_lack_is_said_once_on_the_right_sheet_with_names(shell):
    def more_packs(book):
        sheet = book["packs"]
        headings = [cell.value for cell in sheet[1]]
        for n in range(4):
            sheet.append([cell.value for cell in sheet[3]])
            for name in ("serialNumber", "batteryPassportIdentifier"):
                if name in headings:
                    cell = sheet.cell(4 + n, headings.index(name) + 1)
                    cell.value = (
                        f"X-{n}" if name == "serialNumber" else f"urn:uuid:00000000-0000-4000-8000-00000000000{n}"
                    )

    said = shell.run("validate", shell.workbook("lmt-ebike.xlsx", more_packs), code=1).stdout
    (line,) = [line for line in said.splitlines() if line.startswith("conditions")]
    assert "no row for 4 packs: X-0, X-1, X-2, X-3" in line
    assert said.count("batteryStatus") == 1 and "values due under EU battery passport: " in said
    assert "is missing" not in said and "expected a value, mandatory" not in said
    zh = shell.run("validate", shell.folder / "lmt-ebike.xlsx", "--lang", "zh", code=1).stdout
    assert zh.count("batteryStatus") == 1


def test_faults_come_in_the_order_of_sheet_and_row(shell):
    def spoil(book):
        for sheet, heading in (("packs", "manufacturingDate"), ("models", "batteryMass"), ("models", "ratedEnergy")):
            column = [cell.value for cell in book[sheet][1]].index(heading) + 1
            book[sheet].cell(3, column).value = "about"

    document = shell.json("validate", shell.workbook("lmt-ebike.xlsx", spoil), code=1)
    sheets = [fault["location"].get("sheet") for fault in document["faults"]]
    assert sheets == sorted(sheets, key=["models", "packs", "conditions"].index) and len(set(sheets)) > 1
