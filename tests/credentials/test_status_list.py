from __future__ import annotations

import base64
import gzip
import zlib
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.credentials import status_list
from passport.credentials.credential import check_credential
from passport.credentials.status_list import MINIMUM_LENGTH, BitString
from passport.errors import MalformedStatusList, UsageError
from tests.conftest import example_count
from tests.each import each

LIST = "https://battery.example.com/status/1"
ISSUER = "did:web:battery.example.com"
NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)


def encode(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def list_of(*indexes: int, purpose: str = "revocation", id: str = LIST) -> dict:
    bits = BitString()
    for index in indexes:
        bits.set(index, True)
    return status_list.status_list_credential(id, ISSUER, purpose, bits, NOW)


# --- bits ----------------------------------------


def test_index_0_is_the_leftmost_bit_of_the_first_byte():
    bits = BitString()
    bits.set(0, True)
    bits.set(15, True)
    data = gzip.decompress(base64.urlsafe_b64decode(bits.encoded()[1:] + "=="))
    assert data[:2] == b"\x80\x01"
    assert len(data) * 8 == MINIMUM_LENGTH


def test_the_list_of_the_recommendation_decodes_to_no_bit_set():
    # Bitstring Status List 1.0, the encodedList of its examples.
    text = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert BitString.decode(text) == BitString()


@given(st.sets(st.integers(0, MINIMUM_LENGTH - 1), max_size=20))
def test_the_bits_set_are_the_bits_read(indexes):
    bits = BitString()
    for index in indexes:
        bits.set(index, True)
    read = BitString.decode(bits.encoded())
    assert read == bits
    assert all(read.get(index) for index in indexes)
    assert not any(read.get(index ^ 1) for index in indexes if index ^ 1 not in indexes)


def test_a_bit_can_be_cleared():
    bits = BitString()
    bits.set(9, True)
    bits.set(8, True)
    bits.set(9, False)
    assert (bits.get(8), bits.get(9)) == (True, False)


def test_the_same_bits_give_the_same_text():
    text = BitString().encoded()
    assert text == BitString().encoded()
    # RFC 1952: bytes 4 to 7 are the time of compression, which would make each text another.
    assert base64.urlsafe_b64decode(text[1:] + "==")[4:8] == bytes(4)


@each("length", [0, 8, MINIMUM_LENGTH - 8, MINIMUM_LENGTH + 1, -8])
def test_a_list_that_would_tell_which_pack_is_looked_up_is_refused(length):
    with pytest.raises(MalformedStatusList):
        BitString(length)


@each("index", [-1, MINIMUM_LENGTH, 10**12])
def test_an_index_outside_the_list_is_refused(index):
    with pytest.raises(MalformedStatusList, match="index"):
        BitString().get(index)
    with pytest.raises(MalformedStatusList, match="index"):
        BitString().set(index, True)


def test_a_list_that_is_too_short_is_refused():
    with pytest.raises(MalformedStatusList, match="length"):
        BitString.decode(encode(gzip.compress(bytes(MINIMUM_LENGTH // 8 - 1))))


def test_a_list_of_another_multibase_is_refused():
    text = BitString().encoded()
    for other in (
        "z" + text[1:],
        text[1:],
        "m" + text[1:],
        "",
        "u",
        text + "=",
        text + "\n",
        " " + text,
        None,
        5,
        [text],
    ):
        with pytest.raises(MalformedStatusList):
            BitString.decode(other)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    lengths = []
    real = zlib.decompressobj

    class Watched:
        def __init__(self, **options):
            self._inner = real(**options)

        def decompress(self, data, limit):
            lengths.append(limit)
            return self._inner.decompress(data, limit)

        def __getattr__(self, name):
            return getattr(self._inner, name)

    bomb = encode(gzip.compress(bytes(200_000_000)))
    monkeypatch.setattr(status_list.zlib, "decompressobj", Watched)
    with pytest.raises(MalformedStatusList, match="found more"):
        BitString.decode(bomb)
    assert lengths == [status_list.MAXIMUM_LENGTH // 8 + 1]


def test_a_text_longer_than_any_list_is_refused():
    with pytest.raises(MalformedStatusList):
        BitString.decode("u" + "A" * status_list.MAXIMUM_LENGTH)


def test_a_truncated_list_and_one_with_more_behind_it_are_refused():
    whole = gzip.compress(bytes(MINIMUM_LENGTH // 8))
    for data in (whole[:-9], whole + b"x", whole + whole, b"", b"junk", zlib.compress(bytes(MINIMUM_LENGTH // 8))):
        with pytest.raises(MalformedStatusList):
            BitString.decode(encode(data))


def test_a_list_whose_checksum_is_wrong_is_refused():
    whole = bytearray(gzip.compress(bytes(MINIMUM_LENGTH // 8)))
    whole[-6] ^= 1
    with pytest.raises(MalformedStatusList):
        BitString.decode(encode(bytes(whole)))


@given(st.text(max_size=40), st.binary(max_size=80))
def test_no_text_fails_in_another_way(text, data):
    for candidate in (text, "u" + text, encode(data)):
        with pytest.raises(MalformedStatusList):
            BitString.decode(candidate)


# --- places ----------------------------------------


def test_a_place_is_drawn_by_chance_and_not_counted_up():
    drawn = {status_list.free_index(set()) for _ in range(20)}
    assert len(drawn) > 10
    assert drawn != set(range(20))


def test_a_place_that_is_taken_is_not_given_again():
    draws = iter([7, 7, 9])
    assert status_list.free_index({7}, randbelow=lambda _: next(draws)) == 9


def test_the_last_free_place_is_found():
    taken = set(range(MINIMUM_LENGTH)) - {131_000}
    assert status_list.free_index(taken) == 131_000


def test_many_places_are_drawn_by_chance_and_each_as_likely_as_another():
    drawn = status_list.random_indexes(64 * 400)
    assert all(0 <= place < MINIMUM_LENGTH for place in drawn)
    # 400 expected in each 64th part, and of each last digit, with a deviation of 20: a sound source is beyond eight of
    # them once in 10^15.
    for counts in (Counter(place * 64 // MINIMUM_LENGTH for place in drawn), Counter(place % 64 for place in drawn)):
        assert set(counts) == set(range(64))
        assert all(abs(count - 400) < 160 for count in counts.values()), counts


def test_places_are_drawn_from_each_byte_of_chance():
    data = bytes.fromhex("00000000 0001ffff 00020001 ffffffff")
    assert status_list.random_indexes(4, token_bytes=lambda size: data[:size]) == (0, 131_071, 1, 131_071)


def test_a_length_that_would_favour_its_first_places_is_none_of_ours():
    assert MINIMUM_LENGTH.bit_count() == 1


def test_a_full_list_is_refused():
    with pytest.raises(UsageError, match="taken"):
        status_list.free_index(range(MINIMUM_LENGTH))


# --- the credential and its entries ----------------------------------------


def test_a_list_is_a_credential_and_an_entry_finds_its_bit():
    credential = list_of(4711)
    check_credential(credential)
    assert status_list.check_status(status_list.entry(LIST, 4711, "revocation"), credential) is True
    assert status_list.check_status(status_list.entry(LIST, 4710, "revocation"), credential) is False


def test_a_list_and_its_entries_have_no_nameless_nodes():
    assert list_of()["credentialSubject"]["id"] == f"{LIST}#list"
    assert status_list.entry(LIST, 7, "suspension")["id"] == f"{LIST}#7"


def test_a_list_may_end():
    until = datetime(2027, 4, 8, tzinfo=UTC)
    credential = status_list.status_list_credential(LIST, ISSUER, "revocation", BitString(), NOW, until)
    assert (credential["validFrom"], credential["validUntil"]) == ("2027-03-08T09:00:00Z", "2027-04-08T00:00:00Z")


def test_a_list_of_two_purposes_answers_for_both_and_no_other():
    credential = list_of(7)
    credential["credentialSubject"]["statusPurpose"] = ["revocation", "suspension"]
    assert status_list.check_status(status_list.entry(LIST, 7, "suspension"), credential)
    with pytest.raises(MalformedStatusList, match="purpose"):
        status_list.check_status(status_list.entry(LIST, 7, "message"), credential)


def test_a_list_of_another_purpose_is_refused():
    with pytest.raises(MalformedStatusList, match="purpose"):
        status_list.check_status(status_list.entry(LIST, 7, "revocation"), list_of(purpose="suspension"))


def test_a_list_of_another_address_is_refused():
    with pytest.raises(MalformedStatusList, match="address"):
        status_list.check_status(
            status_list.entry(LIST, 7, "revocation"), list_of(id="https://elsewhere.example/status/1")
        )


def test_an_entry_outside_its_list_is_refused():
    with pytest.raises(MalformedStatusList, match="index"):
        status_list.check_status(status_list.entry(LIST, MINIMUM_LENGTH, "revocation"), list_of())


@each("index", [7, "7.0", "-7", "", None, ["7"], "07", "٧"], ids=repr)
def test_an_entry_without_a_number_is_refused(index):
    entry = status_list.entry(LIST, 7, "revocation") | {"statusListIndex": index}
    with pytest.raises(MalformedStatusList):
        status_list.check_status(entry, list_of())


@each(
    "change",
    [
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": [{"type": "BitstringStatusList"}] * 2},
        {"credentialSubject": {"type": "SomethingElse"}},
        {"credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation"}},
        {"credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation", "statusSize": 2}},
    ],
    ids=repr,
)
def test_a_credential_that_is_no_list_is_refused(change):
    with pytest.raises(MalformedStatusList):
        status_list.check_status(status_list.entry(LIST, 7, "revocation"), list_of() | change)


# --- more than one bit ----------------------------------------

MESSAGES = ("in use", "in repair", "recalled", "scrapped")
LIST_ID = "https://battery.example.com/status/3"


def message_list(bits) -> dict:
    at = datetime(2027, 3, 8, tzinfo=UTC)
    return status_list.status_list_credential(LIST_ID, "did:web:battery.example.com", "message", bits, at)


@given(st.integers(0, status_list.MINIMUM_LENGTH - 1), st.integers(1, 8), st.data())
@settings(max_examples=example_count(30), deadline=None)
def test_an_entry_of_several_bits_reads_what_was_written_and_its_neighbours_do_not(index, size, data):
    value = data.draw(st.integers(0, 2**size - 1))
    bits = BitString(size * status_list.MINIMUM_LENGTH)
    bits.set_value(index, size, value)
    assert bits.value(index, size) == value
    assert sum(bits.value(other, size) for other in (index - 1, index + 1) if 0 <= other < len(bits) // size) == 0


def test_the_first_bit_of_an_entry_is_its_most_significant():
    bits = BitString(2 * status_list.MINIMUM_LENGTH)
    bits.set(6, True)
    assert (bits.value(3, 2), bits.value(2, 2)) == (2, 0)


def test_a_value_has_the_words_that_the_entry_gives_it():
    entry = status_list.entry(LIST_ID, 5, "message", messages=MESSAGES, reference=LIST_ID + "/about")
    assert (entry["statusSize"], entry["statusReference"]) == (2, LIST_ID + "/about")
    bits = BitString(2 * status_list.MINIMUM_LENGTH)
    for value, message in enumerate(MESSAGES):
        bits.set_value(5, 2, value)
        assert status_list.status_value(entry, message_list(bits)) == value
        assert status_list.status_message(entry, value) == message
        assert status_list.check_status(entry, message_list(bits)) is (value != 0)


def test_a_list_too_short_for_entries_of_that_size_is_refused():
    entry = status_list.entry(LIST_ID, 5, "message", messages=MESSAGES)
    with pytest.raises(MalformedStatusList, match="entries of 2 bits"):
        status_list.status_value(entry, message_list(BitString()))


@each("size", [0, -1, 9, True, "2", 1.5, None])
def test_an_impossible_size_is_refused(size):
    entry = status_list.entry(LIST_ID, 5, "message") | {"statusSize": size}
    with pytest.raises(MalformedStatusList, match="statusSize"):
        status_list.status_value(entry, message_list(BitString()))


def test_a_list_that_names_another_size_than_the_entry_is_refused():
    entry = status_list.entry(LIST_ID, 5, "message", messages=MESSAGES)
    document = message_list(BitString(4 * status_list.MINIMUM_LENGTH))
    document["credentialSubject"]["statusSize"] = 4
    with pytest.raises(MalformedStatusList, match="another size"):
        status_list.status_value(entry, document)


@each("messages", [("one",), ("a", "b", "c"), tuple("x" * 512)])
def test_messages_that_are_no_power_of_two_make_no_entry(messages):
    with pytest.raises(UsageError, match="status messages"):
        status_list.entry(LIST_ID, 5, "message", messages=messages)


@each("value", [-1, 4])
def test_a_value_that_does_not_fit_is_not_written(value):
    with pytest.raises(UsageError, match="status value"):
        BitString().set_value(0, 2, value)
