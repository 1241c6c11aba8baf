"""The keyed hash of a VIN, and what can be matched with it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

import pytest

from passport.errors import MalformedIdentifier, MalformedKey
from passport.lifecycle import VehicleHash, VehicleMatch, normalised_vin, same_vehicle, vehicle_hash
from passport.lifecycle.vehicles import vin_check_digit
from tests.each import each
from tests.lifecycle.life_world import CAR_1, CAR_2, KEY, OTHER_KEY, car


def test_the_hash_is_hmac_sha_256_of_the_normalised_vin():
    expected = hmac.new(KEY, CAR_1.encode(), hashlib.sha256).digest()
    text = "u" + urlsafe_b64encode(expected).decode().rstrip("=")
    for spelling in (CAR_1, CAR_1.lower(), f" {CAR_1[:3]}-{CAR_1[3:9]} {CAR_1[9:]} "):
        assert vehicle_hash(spelling, KEY, key_id="k1") == VehicleHash("k1", text)


@each("vin", ["1M8GDM9AXKP042788", "11111111111111111", "5GZCZ43D13S812715"])
def test_check_digits_of_published_examples(vin):
    assert vin_check_digit(vin) == vin[8]
    assert normalised_vin(vin) == vin


@each(
    ("vin", "where"),
    [
        (None, None),
        ("LSVNV13392222222", None),
        ("LSVNV133922222I22", "position 15"),
        ("LSVNV13392222222é", "position 17"),
        ("LSVNV133022222222", "position 9, check digit"),
    ],
)
def test_what_is_no_vin(vin, where):
    with pytest.raises(MalformedIdentifier) as caught:
        vehicle_hash(vin, KEY, key_id="k1")
    assert caught.value.where == where
    assert "LSVNV" not in str(caught.value) + str(caught.value.hint)


def test_a_european_vin_has_no_check_digit():
    assert normalised_vin("WVWZZZ1KZAW000001", check_digit=False) == "WVWZZZ1KZAW000001"
    with pytest.raises(MalformedIdentifier):
        normalised_vin("WVWZZZ1KZAW000001")


@each(("key", "key_id"), [(b"short", "k1"), (KEY, "")])
def test_a_key_that_is_none(key, key_id):
    with pytest.raises(MalformedKey) as caught:
        vehicle_hash(CAR_1, key, key_id=key_id)
    assert "short" not in str(caught.value).replace("too short", "")


def test_same_other_and_unknown():
    old, new = car(CAR_1), car(CAR_1, OTHER_KEY, "k2")
    assert same_vehicle(old, car(CAR_1)) is VehicleMatch.SAME
    assert same_vehicle(old, car(CAR_2)) is VehicleMatch.OTHER
    assert same_vehicle(old, new) is VehicleMatch.UNKNOWN
    assert same_vehicle(old, car(CAR_2, OTHER_KEY, "k2")) is VehicleMatch.UNKNOWN
    assert same_vehicle(old, (*old, *new)) is VehicleMatch.SAME
    assert same_vehicle(old, ()) is VehicleMatch.UNKNOWN


def test_hashes_that_contradict_each_other_are_unknown():
    both = (*car(CAR_1), *car(CAR_2, OTHER_KEY, "k2"))
    assert same_vehicle((*car(CAR_1), *car(CAR_1, OTHER_KEY, "k2")), both) is VehicleMatch.UNKNOWN
