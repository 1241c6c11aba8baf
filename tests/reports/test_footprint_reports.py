"""The report in its three forms: self-contained, in both languages, escaped, and with every line in it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from passport.errors import UsageError
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import footprint_report
from passport.footprint.declared import CHINESE
from passport.footprint.facts import facts
from passport.reports import footprint_page, footprint_workbook
from passport.texts import languages, say
from tests.each import each

EXAMPLE = inventory_workbook.read(Path(__file__).resolve().parents[2] / "examples" / "footprint-ev-ncm.xlsx")
FULL = replace(EXAMPLE, boundary="full", end_of_life=Decimal(120))


@pytest.fixture(scope="module")
def made() -> footprint_report.FootprintReport:
    full = replace(FULL, end_of_life_provenance=replace(FULL.end_of_life_provenance, factor_data="primary"))
    return footprint_report.make(full, software="test 1")


class Tags(HTMLParser):
    """Open elements must be closed in order; addresses and scripts are collected."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href") and value]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@each("language", ["en", "zh"])
def test_the_page_is_well_formed_and_asks_nobody(made, language):
    text = footprint_page.html(made, language)
    tags = Tags(text)
    assert tags.open == []
    assert (tags.addresses, "script" in tags.seen, tags.seen.count("h1")) == ([], False, 1)
    assert f'<html lang="{language}">' in text
    assert "url(http" not in text and "@import" not in text
    assert len(text) < 100_000


@each(("language", "word"), [("en", "Every line, from datum to result"), ("zh", "从数据到结果的全部明细")])
def test_the_page_shows_every_line_cut_reading_and_stage(made, language, word):
    text = footprint_page.html(made, language)
    assert word in text
    assert all(line.working.replace("&", "&amp;") in text for line in made.result.lines)
    assert all(cut.name in text for cut in made.result.cut_offs) and made.result.cut_offs
    assert all(say(each.label, language).replace("'", "&#x27;") in text for each in made.readings) and made.readings
    assert text.count("<svg") == 2 == text.count("</details>")


def test_the_page_punctuates_as_its_language_does(made):
    chinese, english = (footprint_page.html(made, language) for language in ("zh", "en"))
    assert "× 60 cycles a year (Light vehicle, not for hire) × 8 years" in english
    assert "× 每年60次循环（轻型非营运车辆） × 8年" in chinese
    share = f"{made.result.share('parts'):.1f}"
    assert f"{share}\u202f%" in english and f"{share}%" in chinese


def test_the_sources_of_the_method_are_named_in_the_readers_language(made):
    road = facts().lists["mode"]["road"].source.label
    assert road["en"] in made.result.factor_sources
    chinese = footprint_page.html(made, "zh")
    assert road["zh"] in chinese and road["en"] not in chinese


def test_a_chart_tells_its_values_in_words_too(made):
    label = re.search(r'role=img[^>]*aria-label="([^"]*)"', footprint_page.html(made, "en"))[1]
    assert "End of life" in label and "\u2212" in label


def test_a_negative_contribution_is_drawn_left_of_zero(made):
    bars = re.findall(
        r"<rect x=([0-9.]+)% y=\d+ width=([0-9.]+)% height=14 class=(b1|b2)", footprint_page.html(made, "en")
    )
    assert any(fill == "b2" and float(x) < 0.001 for x, _, fill in bars)
    assert all(float(x) + float(width) < 100.001 for x, width, _ in bars)


def test_what_the_inventory_says_is_escaped(made):
    hostile = replace(
        EXAMPLE,
        model='<script>alert("x")</script>',
        materials=(*EXAMPLE.materials[:1], replace(EXAMPLE.materials[1], name="<img src=x>"), *EXAMPLE.materials[2:]),
    )
    text = footprint_page.html(footprint_report.make(hostile, software="<b>"), "en")
    assert not {"script", "img", "b"} & set(Tags(text).seen)


def test_the_workbook_holds_every_line_as_data_and_no_formula(made):
    hostile = replace(EXAMPLE, materials=(replace(EXAMPLE.materials[1], name="=1+1"), *EXAMPLE.materials[:1]))
    made = footprint_report.make(hostile, software="test")
    data = footprint_workbook.workbook(made, "en")
    assert data == footprint_workbook.workbook(made, "en")
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = list(book["lines"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(made.result.lines)
    assert sum(Decimal(str(row[9])) for row in rows) == made.result.total
    assert "=1+1" in {row[2] for row in rows}
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)


@each("language", languages())
def test_the_workbook_is_in_the_readers_language(made, language):
    book = openpyxl.load_workbook(io.BytesIO(footprint_workbook.workbook(made, language)))
    assert book.sheetnames == [say(name, language) for name in footprint_workbook.SHEETS.values()]
    readings = [row[0] for row in book.worksheets[5].iter_rows(min_row=2, values_only=True)]
    assert readings == [say(each.label, language) for each in made.readings]
    stages = [row[0] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)]
    assert stages == [facts().label("stage", code, language) for code in made.result.stages]


@each("language", languages())
def test_what_was_not_verified_is_marked_wherever_the_report_says_it(made, language):
    mark = {"en": "(not verified)", "zh": "未核实"}[language]
    page = footprint_page.html(made, language)
    book = openpyxl.load_workbook(io.BytesIO(footprint_workbook.workbook(made, language)))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    unverified = [
        (name, fact) for name, listed in facts().lists.items() for fact in listed.values() if not fact.verified
    ]
    assert len(unverified) > 30
    for name, fact in unverified:
        said = facts().label(name, fact.code, language)
        assert mark in said and say(fact.label, language) in said
        if name == "report-item":
            assert said in cells and say(fact.label, language) in page
    marked = {(one["list"], one["code"]) for one in made.to_json()["notVerified"]}
    assert marked == {(name, fact.code) for name, fact in unverified}
    # Of what was read, nothing is marked.
    assert mark not in facts().label("mode", "road", language)


def test_a_text_that_no_cell_can_hold_is_refused():
    with pytest.raises(UsageError):
        footprint_workbook.workbook(footprint_report.make(replace(EXAMPLE, plant="a\x00b"), software="test"))


def test_the_json_form_adds_up(made):
    document = made.to_json()
    assert sum(Decimal(line["emissions"]) for line in document["lines"]) == Decimal(document["total"])
    assert sum(Decimal(stage["emissions"]) for stage in document["stages"].values()) == Decimal(document["total"])
    figures = document["indicators"]
    stages = [value for name, value in figures.items() if name in CHINESE.stages]
    assert sum(map(Decimal, stages)) == Decimal(figures["chinaCarbonFootprint"])
    assert len(stages) == 4
    assert document["method"] == "cn-mee-2024-63-draft-2025-03"
