"""``passport convert``: files and folders, what could not be held, faulty input."""

from __future__ import annotations

import json

import pytest

from passport.exchange import formats


@pytest.mark.parametrize("format", formats.FORMATS)
def test_a_workbook_becomes_any_format_and_comes_back(shell, format):
    path = shell.workbook("lmt-ebike.xlsx")
    # The pack lacks a share that this format's schema asks for and for which nothing can stand in.
    shell.run("convert", path, "--to", format, "-o", "out", code=1 if format == "batterypass-ready" else 0)
    made = sorted(entry for entry in (shell.folder / "out").iterdir())
    back = shell.folder / "out" if len(made) > 1 else made[0]
    # Some formats hold more as text than can be read back as values; that is named, and allowed here.
    shell.run("convert", back, "--from", format, "--to", "json", "-o", "back.json", "--allow-loss")
    again = json.loads((shell.folder / "back.json").read_text("utf-8"))
    assert again["model"]["batteryCategory"] == "lmt"
    if format in ("json", "xlsx", "csv"):
        shell.run("convert", path, "--to", "json", "-o", "direct.json")
        assert (shell.folder / "back.json").read_bytes() == (shell.folder / "direct.json").read_bytes()


def test_what_could_not_be_held_is_said_on_stderr_and_in_json(shell):
    path = shell.workbook("ev-ncm-100kwh.xlsx")
    result = shell.run("convert", path, "--to", "batterypass", "-o", "out.json")
    assert result.stdout.strip() == "out.json"
    assert "the format takes" not in result.stdout and "in part" in result.stderr
    assert "manufacturerAddress" in result.stderr and "filled with placeholders" in result.stderr
    said = shell.json("convert", path, "--to", "batterypass", "-o", "out.json", "--force")
    (pack,) = said["packs"]
    reasons = {loss["indicator"]: loss["reason"] for loss in pack["losses"]}
    assert reasons["cadmiumLeadSymbol"] == "the format asks for a picture of the symbol"
    assert "$.GeneralProductInformation.warrentyPeriod" in pack["filled"]
    assert pack["missing"] == [] and said["files"] == ["out.json"]


def test_verbose_lists_everything(shell):
    path = shell.workbook("ev-ncm-100kwh.xlsx")
    short = shell.run("convert", path, "--to", "untp", "-o", "out").stderr
    full = shell.run("convert", path, "--to", "untp", "-o", "out", "--force", "--verbose").stderr
    assert "--verbose lists them" in short and "--verbose lists them" not in full
    assert "overchargeEvents" in full and "$.credentialSubject.emissionsScorecard.primarySourcedRatio" in full


def test_a_faulty_file_is_not_converted_unless_that_is_asked_for(shell, vectors):
    sample = vectors / "catenax" / "io.catenax.battery.battery_pass-6.1.0-sample.json"
    words = ("convert", sample, "--from", "catenax", "--to", "json", "-o", "out.json")
    assert "nothing was written" in shell.run(*words, code=1).stderr
    assert not (shell.folder / "out.json").exists()
    assert "24 faults" in shell.run(*words, "--despite-faults", code=1).stderr
    assert json.loads((shell.folder / "out.json").read_text())["model"]["batteryModelIdentifier"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("absent.xlsx", "--to", "json", "-o", "x.json"), "cannot be read"),
        (("lmt-ebike.xlsx", "--to", "csv", "-o", "x.json"), "folder of files"),
        (("lmt-ebike.xlsx", "--from", "json", "--to", "csv", "-o", "x"), "UTF-8"),
    ],
)
def test_a_wrong_call_is_refused(shell, words, message):
    shell.workbook("lmt-ebike.xlsx")
    result = shell.run("convert", *words, code=None)
    assert result.exit_code in (1, 2) and message in result.stderr
    assert [entry.name for entry in shell.folder.iterdir()] == ["lmt-ebike.xlsx"]


def test_a_document_that_cannot_be_valid_is_written_and_leaves_with_one(shell):
    (shell.folder / "in.json").write_text('{"model": {"batteryModelIdentifier": "M"}, "pack": {"serialNumber": "S"}}')
    result = shell.run("convert", "in.json", "--to", "catenax", "-o", "out.json", code=1)
    assert "not valid by the format's schema: it asks for $.identification.category" in result.stderr


# --- life-cycle events ------------------------------------------------------------------------------------------------

SENT = {
    "id": "urn:event:1",
    "pack": "https://battery.example/id/EV1/1",
    "event": "send_out",
    "occurredAt": "2027-08-05T09:00:00+08:00",
    "actor": "did:web:maker.example",
    "counterpart": "did:web:dealer.example",
    "fields": {"handledMass": "540.5"},
}
CORRECTED = {
    "id": "urn:event:2",
    "pack": SENT["pack"],
    "event": "correct",
    "occurredAt": "2027-08-06T09:00:00+08:00",
    "actor": "did:web:maker.example",
    "corrects": "urn:event:1",
    "fields": {"eventReason": "weighed again", "handledMass": "541"},
}


def events_file(shell, *events):
    (shell.folder / "events.json").write_text(json.dumps(list(events)), "utf-8")
    return "events.json"


def test_events_become_epcis_and_come_back(shell):
    path = events_file(shell, SENT, CORRECTED)
    shell.run("convert", path, "--to", "epcis", "-o", "epcis.jsonld")
    made = json.loads((shell.folder / "epcis.jsonld").read_text("utf-8"))
    assert [event["type"] for event in made["epcisBody"]["eventList"]] == ["ObjectEvent"] * 3
    said = shell.json("convert", "epcis.jsonld", "--to", "events", "-o", "back.json")
    assert said["events"] == 2 and said["faults"] == [] and said["losses"] == []
    assert json.loads((shell.folder / "back.json").read_text("utf-8")) == [SENT, CORRECTED]


def test_what_epcis_cannot_hold_is_named(shell):
    path = events_file(shell, SENT, {**CORRECTED, "corrects": "urn:event:9"})
    result = shell.run("convert", path, "--to", "epcis", "-o", "epcis.jsonld")
    assert "urn:event:2" in result.stderr and "the event that it corrects is not written" in result.stderr


def test_what_is_not_taken_from_epcis_is_named(shell):
    shell.run("convert", events_file(shell, SENT), "--to", "epcis", "-o", "epcis.jsonld")
    made = json.loads((shell.folder / "epcis.jsonld").read_text("utf-8"))
    made["sender"] = "somebody"
    (shell.folder / "epcis.jsonld").write_text(json.dumps(made), "utf-8")
    result = shell.run("convert", "epcis.jsonld", "--from", "epcis", "--to", "events", "-o", "out")
    assert "/sender" in result.stderr and (shell.folder / "out" / "events.json").is_file()


def test_a_faulty_event_is_not_converted_unless_that_is_asked_for(shell):
    path = events_file(shell, SENT, {**SENT, "id": "urn:event:3", "actor": "nobody"})
    result = shell.run("convert", path, "--to", "epcis", "-o", "epcis.jsonld", code=1)
    assert "nothing was written" in result.stderr and "/1/actor" in result.stderr
    said = shell.json("convert", path, "--to", "epcis", "-o", "epcis.jsonld", "--despite-faults", code=1)
    assert [fault["location"]["pointer"] for fault in said["faults"]] == ["/1/actor"]
    made = json.loads((shell.folder / "epcis.jsonld").read_text("utf-8"))
    assert len(made["epcisBody"]["eventList"]) == 1


@pytest.mark.parametrize("content", ["[]", "{}", "7"])
def test_a_file_without_events_is_refused(shell, content):
    (shell.folder / "events.json").write_text(content, "utf-8")
    shell.run("convert", "events.json", "--to", "epcis", "-o", "epcis.jsonld", code=2 if content == "[]" else 1)
    assert not (shell.folder / "epcis.jsonld").exists()


@pytest.mark.parametrize(("source", "target"), [("xlsx", "epcis"), ("events", "catenax"), ("epcis", "json")])
def test_packs_and_events_are_not_converted_into_each_other(shell, source, target):
    path = shell.workbook("lmt-ebike.xlsx")
    result = shell.run("convert", path, "--from", source, "--to", target, "-o", "out.json", code=2)
    assert "events and packs are not converted into each other" in result.stderr
