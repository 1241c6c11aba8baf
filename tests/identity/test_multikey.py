from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedKey
from passport.identity import Algorithm, PrivateKey, PublicKey
from passport.identity.multibase import MAX_MULTIBASE_LENGTH, shorten
from passport.identity.multikey import decode_multikey, encode_multikey, multibase_decode, multibase_encode
from tests.each import each


def test_the_published_keys_decode_and_encode_to_themselves(key_pair):
    public, _ = key_pair
    assert encode_multikey(decode_multikey(public)) == public


def test_the_published_secret_keys_have_the_published_public_keys(key_pair):
    public, secret = key_pair
    assert PrivateKey.from_multikey(secret).public_key.multikey == public


@each(
    ("algorithm", "head"),
    [(Algorithm.P256, "zDn"), (Algorithm.P384, "z82"), (Algorithm.P521, "z2J9"), (Algorithm.ED25519, "z6Mk")],
    ids=str,
)
def test_a_multikey_shows_its_algorithm_in_its_first_characters(algorithm, head):
    assert PrivateKey.generate(algorithm).public_key.multikey.startswith(head)


@given(st.binary(min_size=1, max_size=200))
def test_multibase_gives_back_what_it_was_given(data):
    assert multibase_decode(multibase_encode(data)) == data


@given(st.text(max_size=80))
def test_no_text_makes_decoding_fail_in_another_way(text):
    try:
        key = decode_multikey(text)
    except MalformedKey:
        return
    assert key.multikey == text


@given(st.sampled_from(list(Algorithm)), st.binary(max_size=60))
def test_no_bytes_behind_a_prefix_make_decoding_fail_in_another_way(algorithm, raw):
    try:
        key = decode_multikey(multibase_encode(algorithm.public_prefix + raw))
    except MalformedKey:
        return
    assert key.raw == raw


@each(
    "text",
    [
        "",
        "z",
        "uZXhhbXBsZQ",
        "zDn0OIl",
        " zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
        "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP\n",
        None,
        7,
        ["zDn"],
    ],
    ids=repr,
)
def test_malformed_multibase_is_refused(text):
    with pytest.raises(MalformedKey):
        decode_multikey(text)


def test_an_endless_multibase_text_is_refused_before_it_is_decoded():
    with pytest.raises(MalformedKey, match="too long"):
        multibase_decode("z" + "2" * MAX_MULTIBASE_LENGTH)


def test_a_point_off_the_curve_is_refused(p256):
    # Half of all x coordinates belong to no point. Among the neighbours of a real one, the first of those is taken.
    x = int.from_bytes(p256.public_key.raw[1:], "big")
    refused = 0
    for step in range(1, 40):
        try:
            PublicKey(Algorithm.P256, b"\x02" + ((x + step) % 2**256).to_bytes(32, "big"))
        except MalformedKey as error:
            assert "not a point" in str(error)
            refused += 1
    assert refused > 0


@each("head", [b"\x00", b"\x04", b"\x05", b"\xff"], ids=bytes.hex)
def test_another_point_encoding_is_refused(p256, head):
    with pytest.raises(MalformedKey):
        PublicKey(Algorithm.P256, head + p256.public_key.raw[1:])


def test_a_key_with_a_byte_behind_it_is_refused(private_key):
    key = private_key.public_key
    with pytest.raises(MalformedKey, match="wrong length"):
        decode_multikey(multibase_encode(key.algorithm.public_prefix + key.raw + b"\x00"))


def test_a_key_of_one_algorithm_under_the_prefix_of_another_is_refused(p256):
    with pytest.raises(MalformedKey):
        decode_multikey(multibase_encode(Algorithm.ED25519.public_prefix + p256.public_key.raw))


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]


@each("raw", SMALL_ORDER)
def test_an_ed25519_key_for_which_anybody_can_sign_is_refused(raw):
    with pytest.raises(MalformedKey):
        PublicKey(Algorithm.ED25519, bytes.fromhex(raw))


@each("y", [2**255 - 19, 2**255 - 18, 2**255 - 1], ids=["p", "p+1", "all ones"])
def test_an_ed25519_key_that_is_not_canonical_is_refused(y):
    with pytest.raises(MalformedKey):
        PublicKey(Algorithm.ED25519, y.to_bytes(32, "little"))


def test_a_secret_key_where_a_public_one_belongs_is_refused_without_being_quoted(key_pair):
    _, secret = key_pair
    with pytest.raises(MalformedKey) as caught:
        decode_multikey(secret)
    assert secret[:12] not in str(caught.value)


def test_long_texts_are_quoted_with_head_and_tail():
    assert shorten("a" * 100) == repr("a" * 24 + "…" + "a" * 4)
    assert shorten("short") == "'short'"
