"""Identifiers of enterprises: published examples of each scheme, and what a slip of a finger makes of them."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.battery.identifiers.party_identifier import (
    PartyScheme,
    credit_character,
    find,
    is_identifier,
    lei_check_digits,
    parse,
)
from passport.errors import MalformedIdentifier
from tests.each import each

#: Of companies and organisations that publish them.
KNOWN = {
    PartyScheme.LEI: (
        "506700GE1G29325QX363", "HWUPKR0MPOU8FGXBT394", "7LTWFZYICNSX8D621K86", "W38RGI023J3WT1HWRP32",
        "529900D6BF99LW9R2E68",
    ),
    PartyScheme.CREDIT_CODE: (
        "9144030071526726XG", "914403001922038216", "91330100799655058B", "91350900587527783P", "91440300192317458F",
    ),
    PartyScheme.GLN: ("9506000134369", "5412345000013", "4012345000009"),
    PartyScheme.EORI: ("DE123456789012345", "FR12345678901234", "XI123456789000", "NL1"),
}  # fmt: skip
CHECKED = [(scheme, code) for scheme, codes in KNOWN.items() if scheme is not PartyScheme.EORI for code in codes]


@each("scheme", list(PartyScheme))
def test_published_identifiers_are_taken(scheme):
    assert [parse(scheme, code).value for code in KNOWN[scheme]] == list(KNOWN[scheme])
    assert all((found := find(code)) and found[0].scheme is scheme for code in KNOWN[scheme])


@given(st.sampled_from(CHECKED), st.data())
def test_one_wrong_character_is_refused(example, data):
    scheme, code = example
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([sign for sign in string.digits + string.ascii_uppercase if sign != code[place]]))
    # A letter of an LEI counts as two digits: a digit in its place moves all before it, which may come out the same.
    assume(scheme is not PartyScheme.LEI or other.isdigit() == code[place].isdigit())
    assert not is_identifier(scheme, code[:place] + other + code[place + 1 :])


@given(st.sampled_from([each for each in CHECKED if each[0] is not PartyScheme.GLN]), st.data())
def test_two_neighbours_that_changed_places_are_refused(example, data):
    scheme, code = example
    place = data.draw(st.integers(0, len(code) - 2))
    first, second = code[place], code[place + 1]
    # A letter of an LEI counts as two digits: X3 and 3X are both 333.
    assume(scheme is not PartyScheme.LEI or first.isdigit() == second.isdigit())
    swapped = code[:place] + second + first + code[place + 2 :]
    assert is_identifier(scheme, swapped) is (swapped == code)


@each(
    ("scheme", "text"),
    [
        ("lei", "506700GE1G29325QX36"), ("lei", "506700ge1g29325qx363"), ("lei", "506700GE1G29325QX3６3"),
        ("credit-code", "91350900587527783"), ("credit-code", "9135090058752778IP"), ("gln", "950600013436"),
        ("gln", "٩506000134369"), ("eori", "DE"), ("eori", "CN123"), ("eori", "DE1234567890123456"), ("eori", "DE12 3"),
        ("lei", ""), ("credit-code", "91350900587527783P\n"),
    ],
)  # fmt: skip
def test_another_form_is_refused_and_the_right_one_named(scheme, text):
    with pytest.raises(MalformedIdentifier) as refused:
        parse(scheme, text)
    assert refused.value.expected and refused.value.found == repr(text)[:60]


def test_check_digits_that_leave_the_right_remainder_and_are_never_given_are_refused():
    """98 is given where 01 leaves the same remainder, 97 for 00 and 02 for 99 (ISO/IEC 7064)."""
    for number in range(10_000):
        first = f"{number:018d}"
        if lei_check_digits(first) == "98":
            assert int(first + "01") % 97 == 1 and not is_identifier(PartyScheme.LEI, first + "01")
            break
    else:
        raise AssertionError("no such number")


def test_a_check_character_of_its_own_is_taken():
    assert credit_character("91340100MA2N0000X") == "F"
    assert find("nothing") == find("") == ()
