"""Numbers, units, dates and links as people write them; nothing rounded, nothing converted, nothing unsafe."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from passport.vocabulary import vocabulary
from resolver.page import formatting as f
from resolver.page.indicators import value_cells
from resolver.page.pictures import charts
from resolver.page.wording import Words
from tests.each import each

UNITS = vocabulary.load().units


@each(
    ("signed", "shown"),
    [
        ("48000", "48,000"), ("0.154", "0.154"), ("-40", "−40"), ("0.0010", "0.0010"), ("1000000.50", "1,000,000.50"),
        (1500, "1,500"), ("+5", "5"), ("-0.5", "−0.5"), ("n/a", "n/a"), ("1e5", "1e5"), ("", ""), ("00012", "00012"),
        ("１２", "１２"),
    ],
)  # fmt: skip
def test_a_number_keeps_its_decimals_as_signed(signed, shown):
    assert f.number(signed, "en") == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15))
def test_formatting_never_changes_the_value(value: Decimal):
    shown = f.number(f"{value:f}", "en").replace(",", "").replace("−", "-")
    assert Decimal(shown) == value


@each(
    ("code", "en", "zh"),
    [
        ("V", "352\u202fV", "352\u202fV"), ("%", "352\u202f%", "352%"), ("mo", "352\u00a0months", "352个月"),
        ("a", "352\u00a0years", "352年"), ("{cycle}", "352\u00a0cycles", "352次"),
        ("kg/(kW.h)", "352\u202fkg CO₂e/kWh", "352\u202fkg CO₂e/kWh"), ("1", "352", "352"),
    ],
)  # fmt: skip
def test_a_unit_stands_behind_its_number_as_the_language_wants_it(code, en, zh):
    assert f.plain_quantity("352", UNITS[code], "en") == en
    assert f.plain_quantity("352", UNITS[code], "zh") == zh
    assert re.sub("<[^>]*>", "", f.quantity("352", UNITS[code], "en")) == en


def test_one_of_something_is_no_plural():
    assert f.plain_quantity("1", UNITS["{cycle}"], "en") == "1\u00a0cycle"
    assert f.plain_quantity("0", UNITS["{event}"], "en") == "0\u00a0events"
    assert f.plain_quantity("1", UNITS["{event}"], "zh") == "1次"


def test_every_unit_of_the_vocabulary_can_be_written():
    for unit in UNITS.values():
        for language in ("en", "zh"):
            assert f.plain_quantity("1", unit, language).startswith("1")


def test_dates_and_moments_are_in_the_readers_language():
    at = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
    assert f.day(date(2026, 7, 20), "en") == "20 July 2026"
    assert f.day(date(2026, 7, 20), "zh") == "2026年7月20日"
    assert f.moment(at, "en") == "8 March 2027, 09:30 UTC"
    assert f.moment(at, "zh") == "2027年3月8日17:30（UTC+8）"
    assert f.month(date(2026, 7, 20), "en") == "July 2026"


@each(
    ("text", "en", "zh"),
    [("PT10S", "10\u202fs", "10\u202fs"), ("PT1H30M", "1\u202fh 30\u202fmin", "1小时30分钟"), ("P", "P", "P"),
     ("ten seconds", "ten seconds", "ten seconds")],
)  # fmt: skip
def test_durations(text, en, zh):
    assert f.duration(text, "en") == en
    assert f.duration(text, "zh") == zh


@each(
    "text",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "http://",
     "https://[", "\tjavascript:x", "urn:uuid:1", "file:///etc/passwd", "mailto:x"],
)  # fmt: skip
def test_only_web_addresses_become_links(text):
    assert "<a" not in f.link(text)


@given(st.text(max_size=80))
def test_no_text_becomes_markup(text):
    for shown in (f.link(text), f.date_value(text, "en"), f.in_languages({"x": text}, "en")):
        assert "<script" not in shown
        assert re.sub(r'</?(?:a|code|span|time|i|bdi)(?: [a-z]+="[^"<>]*"| class=m| datetime=[\dTZ:-]+)*>', "", shown
                      ).count("<") == 0  # fmt: skip


def test_a_language_map_is_read_in_the_readers_language_else_marked():
    texts = {"en": "Wheeled bin", "zh": "带轮垃圾桶"}
    assert f.in_languages(texts, "zh") == "带轮垃圾桶"
    assert f.in_languages({"de": "Tonne"}, "zh") == '<span lang="de">Tonne</span>'


@each(
    ("text", "en", "zh"),
    [
        ("Lanhu Co., Ltd. (澜湖有限公司)", ("Lanhu Co., Ltd.", "澜湖有限公司"), ("澜湖有限公司", "Lanhu Co., Ltd.")),
        ("澜湖有限公司（Lanhu）", ("Lanhu", "澜湖有限公司"), ("澜湖有限公司", "Lanhu")),
        ("Acme (Holding)", ("Acme (Holding)", None), ("Acme (Holding)", None)),
        ("Acme", ("Acme", None), ("Acme", None)),
        ("", ("", None), ("", None)),
    ],
)
def test_a_name_in_two_languages_is_taken_apart(text, en, zh):
    assert f.one_language(text, "en") == en
    assert f.one_language(text, "zh") == zh


def test_bars_are_drawn_in_proportion_and_what_is_left_is_an_outline():
    claims = {
        "criticalRawMaterials": [
            {"substanceName": "Nickel", "massFraction": "40"}, {"substanceName": "Cobalt", "massFraction": "10"},
        ]
    }  # fmt: skip
    figure = charts.raw_materials(claims, Words("en"))
    svg = figure.drawing
    assert re.findall(r"width=([\d.]+%) height=7 class=(\w+)", svg) == [
        ("75.2%", "b1"), ("18.8%", "b1"), ("94.0%", "rest"),
    ]  # fmt: skip
    assert "Other materials 50" in svg
    assert figure.total == ("Total", "", "100\u202f%")


@each("value", ["NaN", "Infinity", "-1", "x", None, {}, "1e99"])
def test_what_is_no_share_is_not_drawn(value):
    claims = {"criticalRawMaterials": [{"substanceName": "A", "massFraction": value}, {"substanceName": "B"}]}
    assert charts.raw_materials(claims, Words("en")) is None
    footprint = {"batteryCarbonFootprint": value, "carbonFootprintRawMaterials": "1", "carbonFootprintProduction": "2"}
    names = {id_: indicator.in_text for id_, indicator in vocabulary.load().indicators.items()}
    assert charts.footprint(footprint, Words("en"), names=names) is None


# --- structured values ------------------------------------------------------------------------------------------------


def filled(indicator, number: int) -> dict:
    """An entry with something in each field that can be told from all the rest."""
    kinds = {
        "decimal": lambda at: f"{number}{at:02}.5", "integer": lambda at: f"{number}{at:02}",
        "date": lambda at: f"20{at + 10}-0{number}-11", "dateTime": lambda at: f"20{at + 10}-0{number}-11T10:00:00Z",
        "duration": lambda at: f"PT{number}{at:02}S", "boolean": lambda at: "true",
        "langString": lambda at: {"en": f"said {number}{at:02}"}, "anyURI": lambda at: f"https://x.example/{number}{at}",
    }  # fmt: skip
    return {
        field.term: field.enumeration.codes[0].code
        if field.enumeration
        else kinds.get(field.datatype.value, lambda at: f"text {number}{at:02}")(place)
        for place, field in enumerate(indicator.fields)
    }


def told(value) -> set[str]:
    if isinstance(value, dict):
        return {text for item in value.values() for text in told(item)}
    number = re.search(r"\d{3,}", str(value).replace("/", " "))
    return {number.group()} if number and not re.match(r"\d{4}-", str(value)) else set()


@each(
    ("entry", "shown"),
    [
        ({"name": "Parts B.V.", "streetAddress": "Weg 9, Stad", "postalCode": "1234 AB", "addressCountry": "NL"},
         "Parts B.V., Weg 9, Stad, 1234 AB, NL"),
        ({"name": "部件（Parts）", "streetAddress": "湖路1号", "addressLocality": "合肥"},
         "部件，湖路1号，合肥<p>Parts"),
        ({"postalCode": "230000", "streetAddress": ""}, "230000"),
    ],
)  # fmt: skip
def test_an_address_is_written_in_one_go(entry, shown):
    indicator = vocabulary.load().indicators["operatorInformation"]
    assert value_cells.render(indicator, {"streetAddress": "", **entry}, Words("zh")).html == shown


STRUCTURED = [indicator for indicator in vocabulary.load().indicators.values() if indicator.fields]


@each("indicator", STRUCTURED, ids=lambda indicator: indicator.id)
def test_no_field_of_a_structured_value_is_left_out(indicator):
    for count in (1, 2, 5, 12) if indicator.repeatable else (1,):
        no_field_is_left_out(indicator, count)


def no_field_is_left_out(indicator, count: int) -> None:
    entries = [filled(indicator, number) for number in range(1, count + 1)]
    for words in (Words("en"), Words("zh")):
        cell = value_cells.render(indicator, entries, words)
        shown = (cell.html + (cell.extra or "")).replace(",", "")
        for entry in entries:
            assert all(text in shown for text in told(entry)), (indicator.id, told(entry), shown)
