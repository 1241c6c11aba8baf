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
