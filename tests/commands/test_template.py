"""``passport template``: forms that explain themselves and read back as their example."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from passport.exchange.records import record_files
from passport.vocabulary.vocabulary import Category, ObligationStatus, load, regimes

WORKBOOKS = {"ev": "ev-ncm-100kwh.xlsx", "lmt": "lmt-ebike.xlsx", "stationary": "stationary-lfp.xlsx"}


def make_template(shell, category: str, *options: str) -> Path:
    path = shell.folder / f"{category}.xlsx"
    shell.run("template", "--category", category, *options, "-o", path)
    return path


@pytest.mark.parametrize("category", WORKBOOKS)
def test_a_template_reads_back_as_its_example_without_loss(shell, category):
    (template,) = record_files.read_records(make_template(shell, category))
    (example,) = record_files.read_records(shell.workbook(WORKBOOKS[category]))
    asked = {
        identifier
        for regime in regimes().values()
        for identifier, one in regime.obligations(Category(category)).items()
        if one.status is not ObligationStatus.EXCLUDED
    } | {"recordedAt", "statusChangedAt", "batteryModelIdentifier"}

    def asked_for(values):
        return {name: value for name, value in (values or {}).items() if name in asked}

    assert template.category == category
    assert template.model == asked_for(example.model)
    assert template.pack == asked_for(example.pack)
    assert (template.condition or {}) == asked_for(example.condition)
    assert dict(template.events) == {name: found for name, one in example.events.items() if (found := asked_for(one))}


@pytest.mark.parametrize("category", [*WORKBOOKS, "industrial"])
def test_the_example_of_a_template_is_complete(shell, category):
    shell.run("validate", make_template(shell, category), "--on", "2027-02-18")


def test_a_template_has_a_column_or_sheet_for_whatever_is_asked_and_for_nothing_else(shell):
    path = make_template(shell, "ev", "--regime", "cn")
    book = openpyxl.load_workbook(path)
    asked = regimes()["cn"].obligations(Category.EV)
    headings = {str(cell.value) for sheet in book for cell in sheet[1]}
    assert any("标称电压\nNominal voltage" in heading for heading in headings)
    assert not any("Symbols for cadmium" in heading for heading in headings), "the Chinese side does not ask for it"
    for identifier, obligation in asked.items():
        indicator = load().indicators[identifier]
        if obligation.stage.order == 0 and not (indicator.fields and indicator.repeatable):
            assert any(heading.startswith(indicator.label["zh"]) for heading in headings), identifier


def test_a_template_explains_each_column_and_offers_the_codes_of_each_list(shell):
    book = openpyxl.load_workbook(make_template(shell, "ev", "--regime", "eu", "--regime", "cn"))
    sheet = book["models"]
    by_heading = {str(cell.value).split("\n")[0]: cell for cell in sheet[1]}
    voltage = by_heading["标称电压"]
    for words in ("用于标识电池", "Maker's value", "Annex XIII (1h)", "欧盟电池护照", "number of volts"):
        assert words in voltage.comment.text
    assert sheet.cell(2, voltage.column).value == "V" and voltage.font.bold
    for each in book:
        if each.title != "notes":
            assert all(cell.comment is not None for cell in each[1]), each.title
    listed = {
        area.split(":")[0].rstrip("0123456789")
        for choice in sheet.data_validations.dataValidation
        for area in str(choice.sqref).split()
    }
    assert by_heading["电池类别"].column_letter in listed
    (choice,) = [
        one
        for one in sheet.data_validations.dataValidation
        if str(one.sqref).startswith(by_heading["电池类别"].column_letter + "3")
    ]
    column, first, last = re.fullmatch(r"notes!\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+)", choice.formula1).groups()
    offered = [book["notes"][f"{column}{row}"].value for row in range(int(first), int(last) + 1)]
    assert offered == [code.code for code in load().enumerations["batteryCategory"].codes]


def test_a_template_is_the_same_bytes_each_time(shell):
    assert make_template(shell, "lmt").read_bytes() == make_template(shell, "lmt", "--force").read_bytes()


def test_a_template_without_example_has_no_pack_yet(shell):
    path = make_template(shell, "ev", "--no-example")
    assert "describes no pack" in shell.run("validate", path, code=None).output


def test_a_template_for_a_category_that_no_regime_speaks_of_is_refused(shell):
    result = shell.run("template", "--category", "lmt", "--regime", "cn", "-o", shell.folder / "x.xlsx", code=2)
    assert "no regime of cn" in result.stderr and not (shell.folder / "x.xlsx").exists()
