"""What strangers wrote reaches a terminal as text: it moves no cursor, changes no window and turns no word around."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.battery.fault import Location
from passport.commands import console

HOSTILE = ["\x1b[2J", "\x1b]0;title\x07", "\x1b[8mhidden", "\r", "\x08", "\x9b2J", "\u202e", "\u2066", "\u2028", "\x7f"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_control_character_of_a_stranger_is_written_out(text):
    said = console.shown(f"a{text}b")
    assert "\\u" in said
    assert said.isprintable()


@given(st.text())
def test_nothing_but_line_ends_tabs_and_our_colours_is_no_text(text):
    said = console.shown(text)
    for ours in ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"):
        said = said.replace(ours, "")
    assert all(unicodedata.category(character) != "Cc" or character in "\n\t" for character in said)


def test_our_own_marks_keep_their_colours():
    assert console.shown("\x1b[32m✓\x1b[0m 容量\t1\n") == "\x1b[32m✓\x1b[0m 容量\t1\n"


@pytest.mark.parametrize("field", ["sheet", "heading", "pointer", "file"])
def test_a_place_is_one_line_whatever_a_key_or_a_sheet_is_called(field):
    place = str(Location(**{"file": "a.json", field: "x\ny\x1b[31mz\u202e"}))
    assert place.isprintable()


def test_a_hostile_key_of_a_file_neither_breaks_the_line_nor_colours_it(shell, tmp_path):
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps({"model": {"a\x1b[31mX\nerror: evil": 1}, "packs": []}), encoding="utf-8")
    result = shell.run("validate", path, code=None)
    assert "\x1b" not in result.output
    assert not any(line.startswith("error: evil") for line in result.output.splitlines())
