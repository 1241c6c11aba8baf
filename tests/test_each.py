"""A test of many terms fails where one of them does, and names it."""

from __future__ import annotations

import pytest

from tests.each import each


def test_every_term_that_fails_is_named_with_its_reason():
    @each("number", range(5))
    def is_small(number):
        assert number < 3, "too large"

    with pytest.raises(AssertionError, match="2 of 5") as caught:
        is_small()
    assert "3: too large" in str(caught.value) and "4: too large" in str(caught.value)
    assert "2: " not in str(caught.value)


def test_an_error_that_is_no_assertion_is_not_collected():
    @each("number", (0,))
    def divides(number):
        assert 1 / number

    with pytest.raises(ZeroDivisionError):
        divides()


def test_no_terms_are_refused():
    with pytest.raises(AssertionError, match="holds nothing"):
        each("number", ())


def test_a_test_that_does_not_take_its_term_is_refused():
    with pytest.raises(AssertionError, match="takes no number"):
        each("number", (1,))(lambda other: None)


@each("number", (1, 2))
def test_fixtures_are_given_to_every_term(number, tmp_path):
    assert number and tmp_path.is_dir()
