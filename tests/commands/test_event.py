"""``passport event``, ``passport history`` and ``passport accredit``: from a table to a stored event."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from issuer.event_inbox import EventInboxConfig, create_event_inbox
from passport.commands import main
from passport.commands.events.event_intake import Supervision, inbox_of
from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.credentials.trust import TrustList
from passport.errors import StoreDamaged
from passport.identity.shared_secret import SharedSecret
from passport.lifecycle import catalogue
from passport.project import Project
from passport.store.facts.rule_queries import judging
from tests.each import each
from tests.lifecycle.life_world import CAR_1

CODE = "001PE01A1B2C3DGB20000042"

PACK = "https://maker.example.com/01/09506000134352/21/1"


def run(*words, code=0):
    result = CliRunner().invoke(main, [str(word) for word in words], standalone_mode=True)
    assert result.exit_code == code, result.output
    return result


def said(*words, code=0):
    return json.loads(run(*words, "--json", code=code).stdout)


@pytest.fixture
def authority(tmp_path) -> Project:
    return make_project(tmp_path / "authority", "https://authority.example.com", names={"en": "A", "zh": None})


@pytest.fixture
def maker(tmp_path, authority) -> Project:
    """A maker with an accreditation of the authority, which its trust list names for it."""
    project = make_project(tmp_path / "maker", "https://maker.example.com", names={"en": "Maker", "zh": None})
    entry = {"id": authority.issuer, "name": {"en": "Authority"}, "trustedFor": ["BatteryActorCredential"]}
    listed = json.loads(project.trust_list_path.read_text())
    listed["issuers"] = [each for each in listed["issuers"] if each["id"] != authority.issuer] + [entry]
    project.trust_list_path.write_text(json.dumps(listed))
    TrustList.load(project.trust_list_path)
    return project


@pytest.fixture
def enclosed(tmp_path, authority, maker) -> list:
    """The options that enclose accreditation and status list."""
    accreditation = tmp_path / "maker.jsonld"
    run(
        "accredit", maker.issuer, "--name", "Maker", "--registration", "HRB 1", "--role", "batteryMaker",
        "--role", "economicOperator", "--role", "vehicleMaker", "--from", "2026-01-01",
        "--project", authority.folder, "-o", accreditation,
    )  # fmt: skip
    number = json.loads(accreditation.read_text())["credentialStatus"][0]["statusListCredential"].rpartition("/")[2]
    status_list = tmp_path / "list.jsonld"
    status_list.write_text(json.dumps(authority.open_store().status_list(int(number))))
    return ["--accreditation", accreditation, "--status-list", status_list]


def registered(at="2026-11-01T09:00:00+08:00", **fields):
    return {
        "pack": PACK, "event": "register_code", "occurredAt": at,
        "fields": {"packCode": CODE, "batteryModel": "https://maker.example.com/01/09506000134352", **fields},
    }  # fmt: skip


def produced(at="2026-11-02T09:00:00+08:00"):
    return {
        "pack": PACK, "event": "produce", "occurredAt": at, "place": {"country": "CN", "province": "CN-AH"},
        "fields": {"chemistryShortName": "NMC", "specifiedRatedCapacity": "141", "handledMass": "540"},
    }  # fmt: skip


def write(path: Path, value) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    from datetime import UTC, datetime

    monkeypatch.setattr(console, "now", lambda: datetime(2026, 12, 1, tzinfo=UTC))


def test_events_are_signed_handed_in_and_told(tmp_path, maker, enclosed):
    inputs = write(tmp_path / "events.json", [registered(), produced()])
    answer = said("event", "new", inputs, *enclosed, "--project", maker.folder)
    assert [each["status"] for each in answer["outcomes"]] == ["accepted", "accepted"]
    listed = said("event", "list", "--project", maker.folder)["events"]
    assert [each["event"] for each in listed] == ["register_code", "produce"]
    told = said("history", PACK, "--project", maker.folder)
    assert told["state"]["label"] == "Produced" and len(told["events"]) == 2
    text = run("history", PACK, "--project", maker.folder, "--lang", "zh").stdout
    assert "编码备案" in text


def test_the_same_input_again_signs_nothing_and_changes_nothing(tmp_path, maker, enclosed):
    inputs = write(tmp_path / "events.json", [registered(), produced()])
    first = said("event", "new", inputs, *enclosed, "--project", maker.folder)
    again = said("event", "new", inputs, *enclosed, "--project", maker.folder)
    assert [each["status"] for each in again["outcomes"]] == ["duplicate", "duplicate"]
    assert [each["receipt"] for each in again["outcomes"]] == [each["receipt"] for each in first["outcomes"]]


def test_a_run_that_was_interrupted_goes_on(tmp_path, maker, enclosed):
    run("event", "new", write(tmp_path / "a.json", registered()), "--sign-only", *enclosed, "--project", maker.folder)
    inputs = write(tmp_path / "events.json", [registered(), produced()])
    answer = said("event", "new", inputs, *enclosed, "--project", maker.folder)
    assert [each["status"] for each in answer["outcomes"]] == ["accepted", "accepted"]


def test_signed_messages_are_sent_from_their_folder(tmp_path, maker, enclosed):
    inputs = write(tmp_path / "events.json", [registered(), produced()])
    run("event", "new", inputs, "--sign-only", *enclosed, "--project", maker.folder)
    answer = said("event", "send", maker.folder / "out" / "events", "--project", maker.folder)
    assert [each["status"] for each in answer["outcomes"]] == ["accepted", "accepted"]


def test_every_fault_of_every_event_is_named_with_its_place_and_nothing_is_signed(tmp_path, maker):
    faulty = {**produced(), "occurredAt": "yesterday", "fields": {"handledMass": "-1", "more": 1}}
    inputs = write(tmp_path / "events.json", [registered(), faulty])
    answer = said("event", "new", inputs, "--project", maker.folder, code=1)
    pointers = {fault["location"]["pointer"] for fault in answer["error"]["faults"]}
    assert {"/1/occurredAt", "/1/fields/handledMass", "/1/fields/more"} <= pointers
    assert not (maker.folder / "out" / "events").exists()


def test_an_event_without_accreditation_is_refused_with_code_1(tmp_path, maker):
    inputs = write(tmp_path / "events.json", registered())
    answer = said("event", "new", inputs, "--project", maker.folder, code=1)
    assert answer["outcomes"][0]["faults"][0]["code"] == "not-accredited"
    shown = run("event", "new", inputs, "--project", maker.folder, "--lang", "zh", code=1).stdout
    assert "/accreditation" in shown


def test_an_event_whose_status_is_not_known_ends_with_code_3(tmp_path, maker, enclosed):
    inputs = write(tmp_path / "events.json", registered())
    run("event", "new", inputs, *enclosed[:2], "--project", maker.folder, code=3)


def test_a_refused_event_is_corrected_and_signed_anew(tmp_path, maker, enclosed):
    early = write(tmp_path / "a.json", produced())
    answer = said("event", "new", early, *enclosed, "--project", maker.folder, code=1)
    assert "code-before-production" in json.dumps(answer) or answer["outcomes"][0]["faults"]
    run("event", "new", write(tmp_path / "b.json", registered()), *enclosed, "--project", maker.folder)
    run("event", "new", early, *enclosed, "--project", maker.folder)
    kept = said("event", "list", "--refused", "--project", maker.folder)["refused"]
    assert len(kept) == 1 and kept[0]["actor"] == maker.issuer


@pytest.fixture
def keyed(maker):
    """The maker with a key for hashes of vehicles."""
    maker.keep_vehicle_key(SharedSecret("k1", b"k" * 32))
    return maker


def test_a_vin_is_hashed_and_stands_nowhere(tmp_path, keyed, maker, enclosed):
    issued = {
        "pack": PACK, "event": "issue_passport", "occurredAt": "2026-11-03T09:00:00+08:00",
        "fields": {"issuedCredential": "https://maker.example.com/credentials/1", "carrierType": "QR"},
    }  # fmt: skip
    fit = {"pack": PACK, "event": "fit", "occurredAt": "2026-11-04T09:00:00+08:00", "vin": CAR_1}
    inputs = write(tmp_path / "events.json", [registered(), produced(), issued, fit])
    answer = said("event", "new", inputs, *enclosed, "--project", maker.folder)
    assert {each["status"] for each in answer["outcomes"]} == {"accepted"}
    for path in maker.folder.rglob("*"):
        assert not path.is_file() or CAR_1.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("vin", ["LSVNV133922222223", "x", 5])
def test_a_wrong_vin_is_named_by_its_place_and_never_repeated(tmp_path, keyed, maker, vin):
    fit = {"pack": PACK, "event": "fit", "occurredAt": "2026-11-04T09:00:00+08:00", "vin": vin}
    inputs = write(tmp_path / "events.json", fit)
    words = ("event", "new", inputs, "--project", maker.folder)
    answer = said(*words, code=1)
    assert [fault["location"]["pointer"] for fault in answer["error"]["faults"]] == ["/vin"]
    assert len(str(vin)) < 5 or str(vin) not in json.dumps(answer)


def test_a_vin_without_a_key(tmp_path, maker):
    fit = {"pack": PACK, "event": "fit", "occurredAt": "2026-11-04T09:00:00+08:00", "vin": CAR_1}
    answer = said("event", "new", write(tmp_path / "e.json", fit), "--project", maker.folder, code=1)
    assert answer["error"]["faults"][0]["code"] == "no-vehicle-key"


# --- tables -----------------------------------------------------------------------------------------------------------


@each("kind", list(catalogue().kinds))
@each("ending", ["xlsx", "csv"])
def test_the_form_of_each_kind_names_all_its_fields_and_reads_back(tmp_path, kind, ending):
    from passport.exchange.spreadsheet import event_sheets

    path = tmp_path / f"form.{ending}"
    run("event", "template", kind, "-o", path)
    (row,) = event_sheets.read(path)
    assert row.document == {"event": kind}
    for name in catalogue().kinds[kind].fields:
        assert row.locate(f"/fields/{name}").column, name


def test_a_form_that_is_filled_in_becomes_an_event(tmp_path, maker, enclosed):
    path = tmp_path / "register_code.xlsx"
    run("event", "template", "register_code", "-o", path)
    book = openpyxl.load_workbook(path)
    sheet = book["register_code"]
    headings = {sheet.cell(1, n).value.split("\n")[-1]: n for n in range(1, sheet.max_column + 1)}
    values = {
        "Packs": PACK, "Time of the event": "2026-11-01T09:00:00+08:00", "Pack code": CODE,
        "Battery model": "https://maker.example.com/01/09506000134352",
        "Modules and cells": f"001ME01A1B2C3DGA20000001 {CODE}",
    }  # fmt: skip
    for heading, value in values.items():
        sheet.cell(3, headings[heading]).value = value
    book.save(path)
    answer = said("event", "new", path, *enclosed, "--project", maker.folder)
    assert [each["status"] for each in answer["outcomes"]] == ["accepted"]


def test_a_fault_in_a_table_names_the_cell(tmp_path, maker):
    path = tmp_path / "events.csv"
    path.write_text(
        "event,pack,occurredAt,packCode,batteryModel\n,,,,\n"
        f"register_code,{PACK},2026-11-01,SHORT,https://maker.example.com/m\n"
        f"register_code,{PACK},2026-11-01T09:00:00Z,{CODE},\n",
        encoding="utf-8",
    )
    answer = said("event", "new", path, "--project", maker.folder, code=1)
    cells = {(fault["location"].get("column"), fault["location"]["row"]) for fault in answer["error"]["faults"]}
    assert cells == {("C", 3), ("D", 3), ("E", 4)}


def test_faults_are_listed_for_people_with_the_cell_and_what_is_expected(tmp_path, maker):
    path = tmp_path / "events.csv"
    path.write_text(
        f"event,pack,occurredAt,packCode,batteryModel\n,,,,\nregister_code,{PACK},2026-11-01,SHORT,\n", encoding="utf-8"
    )
    shown = run("event", "new", path, "--project", maker.folder, code=1).output
    assert "C3" in shown and "an instant with its offset" in shown
    assert "D3" in shown and "Nothing was signed" in shown
    path.write_text("event,colour\n,\nfit,x\n", encoding="utf-8")
    assert "colour" in run("event", "new", path, "--project", maker.folder, code=1).output


@pytest.mark.parametrize("heading", ["colour", "packCode,packCode"])
def test_a_column_that_no_event_has_or_that_stands_twice(tmp_path, maker, heading):
    path = tmp_path / "events.csv"
    path.write_text(f"event,{heading}\n,\nfit,x\n", encoding="utf-8")
    answer = said("event", "new", path, "--project", maker.folder, code=1)
    assert answer["error"]["faults"][0]["code"] in ("unknown-column", "duplicate-column")


def test_an_unusable_call(tmp_path, maker):
    run("event", "new", tmp_path / "absent.json", "--project", maker.folder, code=2)
    run("event", "template", "party", "-o", tmp_path / "x.csv", code=2)
    (tmp_path / "empty").mkdir()
    run("event", "new", tmp_path / "empty", "--project", maker.folder, code=2)
    run("history", PACK, "--project", maker.folder, code=2)


# --- receipts and supervision -----------------------------------------------------------------------------------------


def checked(maker, folder, vkey):
    """What ``passport log check`` says of every receipt in a folder."""
    found = [
        said("log", "check", proof, proof.with_suffix(".jsonld"), "--log-key", vkey, "--witnesses", "0")
        for proof in sorted(folder.glob("*.tlog-proof"))
    ]
    return [each["verified"] for each in found]


def test_receipts_are_saved_and_verify_offline(tmp_path, maker, enclosed):
    secret = tmp_path / "secret.txt"
    secret.write_text("long enough a secret")
    vkey = said("log", "key", "--passphrase-file", secret, "--project", maker.folder)["vkey"]
    inputs = write(tmp_path / "events.json", [registered(), produced()])
    opened = ["--log-passphrase-file", secret, "--project", maker.folder]
    shown = run("event", "new", inputs, *enclosed, "--receipts", tmp_path / "receipts", *opened).stdout
    assert "4 receipts" in shown
    assert checked(maker, tmp_path / "receipts", vkey) == [True] * 4
    answer = said("event", "send", maker.folder / "out" / "events", "--receipts", tmp_path / "again", *opened)
    assert [each["status"] for each in answer["outcomes"]] == ["duplicate", "duplicate"]
    assert checked(maker, tmp_path / "again", vkey) == [True] * 4
    # Another document than the one that was accepted is not proved.
    proof = next((tmp_path / "receipts").glob("*.tlog-proof"))
    other = write(tmp_path / "other.jsonld", {"id": "other"})
    run("log", "check", proof, other, "--log-key", vkey, "--witnesses", "0", code=1)


def test_without_a_log_key_no_receipt_is_saved_and_the_answer_says_so(tmp_path, maker, enclosed):
    inputs = write(tmp_path / "events.json", registered())
    shown = run(
        "event", "new", inputs, *enclosed, "--receipts", tmp_path / "receipts", "--project", maker.folder
    ).stdout
    assert "No proof can be made here" in shown and "0 receipts" in shown
    assert not (tmp_path / "receipts").exists()


def test_a_wrong_passphrase_of_the_log_key_stores_nothing(tmp_path, maker, enclosed):
    right, wrong = tmp_path / "right.txt", tmp_path / "wrong.txt"
    right.write_text("long enough a secret")
    wrong.write_text("another secret altogether")
    run("log", "key", "--passphrase-file", right, "--project", maker.folder)
    inputs = write(tmp_path / "events.json", registered())
    run("event", "new", inputs, *enclosed, "--log-passphrase-file", wrong, "--project", maker.folder, code=2)
    assert maker.open_store().event_number() == 0


def test_supervision_follows_what_is_accepted(tmp_path, maker, enclosed):
    # Both were reported long after they happened: the first makes the facts, the second renews them.
    early = registered("2026-01-15T09:00:00+08:00"), produced("2026-02-01T09:00:00+08:00")
    for name, happened in zip("ab", early, strict=True):
        run("event", "new", write(tmp_path / f"{name}.json", happened), *enclosed, "--project", maker.folder)
    store = maker.open_store()
    with judging(store) as (_, connection):
        kinds = {row[0] for row in connection.exec_driver_sql("SELECT kind FROM fact_events")}
    assert kinds == {"register_code", "produce"}
    alerts = said("alerts", "list", "--project", maker.folder)["alerts"]
    assert {"signed-long-after"} <= {alert["rule"] for alert in alerts}, alerts


def test_a_failure_of_supervision_undoes_no_event(tmp_path, maker, enclosed, monkeypatch, caplog):
    def broken(_):
        raise StoreDamaged("a signed event is missing")

    monkeypatch.setattr("passport.commands.events.event_intake.catch_up", broken)
    answer = said("event", "new", write(tmp_path / "a.json", registered()), *enclosed, "--project", maker.folder)
    assert answer["outcomes"][0]["status"] == "accepted" and maker.open_store().event_number() == 1
    assert "supervision did not follow" in caplog.text


def test_what_the_inbox_command_accepts_is_judged_right_after_it_is_stored(tmp_path, maker, enclosed, monkeypatch):
    inputs = write(tmp_path / "a.json", registered("2026-01-15T09:00:00+08:00"))
    run("event", "new", inputs, *enclosed, "--sign-only", "--project", maker.folder)
    (message,) = (maker.folder / "out" / "events").glob("*.json")
    apps, judged, follow = [], threading.Event(), Supervision.follow

    def followed(self, at):
        follow(self, at)
        judged.set()

    def served(*_):
        answer = apps[0].test_client().post("/events", json=json.loads(message.read_text()))
        assert answer.status_code == 201, answer.text
        assert judged.wait(60)

    monkeypatch.setattr(Supervision, "follow", followed)
    monkeypatch.setattr(
        "issuer.event_inbox.create_event_inbox",
        lambda *given, **more: apps.append(create_event_inbox(*given, **more)) or apps[0],
    )
    monkeypatch.setattr("passport.web.server.serve", served)
    run("inbox", "--port", "1", "--project", maker.folder)
    assert "signed-long-after" in {
        alert["rule"] for alert in said("alerts", "list", "--project", maker.folder)["alerts"]
    }


# --- over HTTP --------------------------------------------------------------------------------------------------------


def test_events_are_sent_to_an_inbox_over_http(tmp_path, maker, enclosed):
    registry = make_project(tmp_path / "registry", "https://registry.example.com", names={"en": "R", "zh": None})
    registry.trust_list_path.write_text(maker.trust_list_path.read_text())
    store = registry.open_store()
    app = create_event_inbox(EventInboxConfig(inbox_of(registry, store)), now=console.now)
    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        inputs = write(tmp_path / "events.json", [registered(), produced()])
        address = f"http://127.0.0.1:{server.server_port}/events"
        for status in ("accepted", "duplicate"):
            answer = said("event", "new", inputs, *enclosed, "--to", address, "--project", maker.folder)
            assert [each["status"] for each in answer["outcomes"]] == [status, status]
    finally:
        server.shutdown()
    assert store.event_number() == 2 and maker.open_store().event_number() == 0
