"""A test of many terms fails where one of them does, and names it."""

from __future__ import annotations

import logging
import os

import pytest

from tests.each import each


def test_every_term_that_fails_is_named_with_its_reason():
    @each("number", range(5))
    def is_small(number):
        assert number < 3, "too large"

    with pytest.raises(AssertionError, match="2 of 5") as caught:
        is_small()
    told = str(caught.value)
    assert "3: test_each.py:" in told and "4: test_each.py:" in told and told.count("too large") == 2
    assert "\n\n2: " not in told


def test_an_error_that_is_no_assertion_is_named_with_its_kind_and_the_others_are_tried():
    @each("number", (0, 1, 2))
    def divides(number):
        assert 1 / number < 1

    with pytest.raises(AssertionError, match="2 of 3") as caught:
        divides()
    assert "ZeroDivisionError: division by zero" in str(caught.value)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_refusal_that_does_not_come_is_a_failure():
    @each("text", ("1", "x"))
    def is_refused(text):
        with pytest.raises(ValueError):
            int(text)

    with pytest.raises(AssertionError, match="1 of 2") as caught:
        is_refused()
    assert "DID NOT RAISE" in str(caught.value)


def test_a_term_that_skips_hides_no_failure_of_another():
    @each("number", (1, 2))
    def skips_the_first(number):
        if number == 1:
            pytest.skip("not here")
        assert number != 2

    with pytest.raises(AssertionError, match="1 of 2"):
        skips_the_first()


def test_a_term_that_skips_makes_the_test_skip():
    @each("number", (1, 2))
    def skips_the_first(number):
        if number == 1:
            pytest.skip("not here")

    with pytest.raises(pytest.skip.Exception, match="1: not here"):
        skips_the_first()


def test_decorators_stack_to_a_product():
    seen = []

    @each("first", (1, 2))
    @each(("second", "third"), [(3, 4), (5, 6)], ids=["low", "high"])
    def test_collects(first, second, third):
        seen.append((first, second, third))
        assert (first, second) != (2, 5)

    with pytest.raises(AssertionError, match="1 of 2") as caught:
        test_collects()
    assert seen == [(1, 3, 4), (1, 5, 6), (2, 3, 4), (2, 5, 6)]
    assert "2: " in str(caught.value) and "high: " in str(caught.value)


def test_no_terms_are_refused():
    with pytest.raises(AssertionError, match="holds nothing"):
        each("number", ())


def test_a_test_that_does_not_take_its_term_is_refused():
    with pytest.raises(AssertionError, match="takes no number"):
        each("number", (1,))(lambda other: None)


def test_marks_are_kept():
    @each("number", (1,))
    @pytest.mark.product(of=2)
    def marked(number):
        assert number

    assert [mark.name for mark in marked.pytestmark] == ["product"]


@pytest.fixture
def document():
    return {"parts": []}


SET = "PASSPORT_TESTS_EACH"


@each("first", (1, 2))
@each("second", (3, 4))
def test_what_one_term_leaves_behind_no_other_meets(first, second, tmp_path, monkeypatch, caplog, capsys, document):
    assert list(tmp_path.iterdir()) == [] and SET not in os.environ and document == {"parts": []}
    assert caplog.messages == [] and capsys.readouterr().out == ""
    (tmp_path / "file").touch()
    monkeypatch.setenv(SET, "1")
    document["parts"].append(first)
    logging.getLogger("passport").warning("%s", second)
    print(second)
