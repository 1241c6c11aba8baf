"""What strangers wrote reaches a terminal as text: it moves no cursor, changes no window and turns no word around."""

from __future__ import annotations

import json
import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from passport.battery.fault import Location
from passport.commands.terminal import console, text
from tests.each import each

HOSTILE = [
    "\x1b[2J", "\x1b]0;title\x07", "\x1b[8mhidden", "\x1b[32m✓\x1b[0m", "\r", "\x08", "\x9b2J", "\u202e", "\u2066",
    "\u2028", "\x7f", "\udc9b", "\u061c",
]  # fmt: skip
COLOURED = text.Styled("\x1b[32m✓\x1b[0m")


@each("value", HOSTILE, ids=ascii)
def test_a_control_character_of_a_stranger_is_written_out(value):
    said = console.line(f"a{value}b")
    assert "\\u" in said
    assert said.isprintable()


@given(st.lists(st.text(), min_size=1))
@example(["\x1b[32mVerified.\x1b[0m"])
def test_no_value_brings_a_control_character_a_colour_or_a_line_of_its_own(values):
    said = console.line("subject ", *values, ".")
    assert all(unicodedata.category(character) not in ("Cc", "Zl", "Zp", "Cs") for character in said)
    assert not set(said) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_our_own_colours_pass_beside_an_escaped_value():
    assert console.line(COLOURED, " 容量\x1b[31m\n") == "\x1b[32m✓\x1b[0m 容量\\u001b[31m\n"
    assert console.line(COLOURED, "a\nb") == "\x1b[32m✓\x1b[0ma\\u000ab"


def test_our_own_colours_that_were_flattened_into_a_text_are_a_strangers():
    assert "\x1b" not in console.line(f"{COLOURED} name")


def test_blank_lines_around_a_line_are_the_callers_and_none_is_within():
    assert console.line("\nNext: ", "a", "\n") == "\nNext: a\n"
    assert console.line("Next: ", "\na", "\n", "b") == "Next: \\u000aa\\u000ab"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_table_has_a_line_for_each_row_whatever_stands_in_it(rows):
    drawn = console.line(console.table(rows))
    assert len(drawn.split("\n")) == len(rows)
    assert all(unicodedata.category(character) != "Cc" for character in drawn.replace("\n", ""))


@given(st.text())
@example("\x9b2J\u202e\x7f")
def test_json_on_a_terminal_obeys_nothing_and_says_the_same(value):
    said = text.json_text(json.dumps({value: value}, ensure_ascii=False))
    assert all(unicodedata.category(character) not in ("Cc", "Zl", "Zp", "Cs") for character in said)
    assert json.loads(said) == {value: value}


@each("field", ["sheet", "heading", "pointer", "file"])
def test_a_place_is_one_line_whatever_a_key_or_a_sheet_is_called(field):
    place = str(Location(**{"file": "a.json", field: "x\ny\x1b[31mz\u202e"}))
    assert place.isprintable()


def test_a_hostile_key_of_a_file_neither_breaks_the_line_nor_colours_it(shell, tmp_path):
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps({"model": {"a\x1b[31mX\nerror: evil": 1}, "packs": []}), encoding="utf-8")
    result = shell.run("validate", path, code=None)
    assert "\x1b" not in result.output
    assert not any(line.startswith("error: evil") for line in result.output.splitlines())


# --- layout -----------------------------------------------------------------------------------------------------------

NAMES = st.text(st.sampled_from("aé漢字，。 -/:\u0301\x1b\n"), max_size=200)


@given(NAMES, st.integers(4, 120), st.integers(0, 40))
def test_wrapped_text_keeps_to_its_columns_and_loses_nothing_but_blanks(value, columns, indent):
    lines = console.wrap(value, columns, indent=indent)
    assert all(console.width(line) <= columns for line in lines)
    assert re.sub(" ", "", "".join(lines)) == re.sub(" ", "", text.one_line(value))


def test_a_line_of_chinese_ends_neither_before_a_mark_that_closes_nor_behind_one_that_opens():
    assert console.wrap("未填写商品编码（登记）要求", 16) == ["未填写商品编码", "（登记）要求"]
    assert console.wrap("未填写商品编码，登记", 14) == ["未填写商品编", "码，登记"]


@given(st.integers(3, 60), st.lists(st.tuples(NAMES, NAMES), max_size=30), st.integers(20, 130))
@example(37, [("EU", "61 of 61 due"), (" ", "截至2027年2月18日，应填六十一项已填六十一项，仅在适用时填写三十四项")], 80)
def test_text_beside_a_code_keeps_to_the_columns_of_the_terminal(side, facts, columns):
    code = ["█" * side] * 5
    rows = console.beside(code, facts, columns)
    assert all(console.width(row) <= max(columns, side + 2) for row in rows)
    assert [row[: side + 2] for row in rows[:5]] == ["  " + line for line in code], "a code stays whole"
    said = re.sub(r"\s", "", "".join(row.removeprefix("  " + "█" * side) for row in rows))
    assert said == "".join(re.sub(r"\s", "", text.one_line(part)) for fact in facts for part in fact)


@each(("value", "columns"), [("电池", 4), ("e\u0301", 1), ("a\u200bb", 2), ("\x1b[32m✓\x1b[0m", 1)])
def test_the_width_of_a_text_is_what_a_terminal_shows(value, columns):
    assert console.width(value) == columns
