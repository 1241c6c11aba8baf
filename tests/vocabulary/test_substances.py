"""Names of substances: each number is a CAS number, and is named in both languages once."""

from __future__ import annotations

import pytest

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.vocabulary import substances


def test_every_number_has_a_right_check_digit_and_both_names():
    names = substances._names()
    assert len(names) >= 50
    for number, texts in names.items():
        *body, check = (int(digit) for digit in number if digit != "-")
        assert sum(at * digit for at, digit in enumerate(reversed(body), 1)) % 10 == check, number
        assert texts["en"] and texts["zh"] and texts["en"] != texts["zh"]


def test_a_number_that_nobody_knows_has_no_name():
    assert substances.name_of("0-00-0") is None


def test_a_number_that_is_there_twice_is_refused(monkeypatch):
    text = resources.read_text(substances.FILE)
    line = next(line for line in text.splitlines() if '"7440-02-0"' in line)
    monkeypatch.setattr(resources, "read_text", lambda _: text + line.replace("cas-7440-02-0", "again"))
    substances._names.cache_clear()
    with pytest.raises(MalformedOntology, match="twice"):
        substances._names()
    monkeypatch.undo()
    substances._names.cache_clear()
