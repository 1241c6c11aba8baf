"""Addresses longer than the EU registry is said to take are told, and refused nowhere."""

from __future__ import annotations

from dataclasses import replace

from passport.battery.identifiers.record_address import REGISTRY_LENGTH, long_addresses
from passport.battery.record import Record
from passport.texts import say
from tests.each import each


def pack(length: int | None) -> Record:
    address = None if length is None else "https://p.example/".ljust(length, "x")
    return Record(None, {}, {} if address is None else {"batteryIdentifier": address}, None, {}, "packs.xlsx")


@each(("length", "told"), [(None, False), (49, False), (50, False), (51, True), (90, True)])
def test_an_address_is_told_from_51_characters_on(length, told):
    assert bool(long_addresses([pack(length)])) is told


def test_many_long_addresses_are_one_notice_with_their_number_and_the_longest():
    (notice,) = long_addresses([pack(60), pack(40), pack(72)])
    assert (notice.code, notice.severity) == ("long-address", "info")
    assert say(notice.message, "en").startswith("2 packs have an address of more than 50 characters")
    assert "72" in say(notice.found, "en") and str(REGISTRY_LENGTH) in say(notice.expected, "en")


def test_a_value_that_is_no_text_has_no_length():
    assert long_addresses([replace(pack(None), pack={"batteryIdentifier": 7})]) == ()
