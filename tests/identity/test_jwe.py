"""Encryption to a key, held against jwcrypto and RFC 7518."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto import jwe as foreign
from jwcrypto import jwk

from passport.errors import MalformedDocument, MalformedKey
from passport.identity.jwe import (
    FOREIGN_ENCRYPTIONS,
    UnopenedMessage,
    decrypt,
    decrypt_foreign,
    encrypt,
    encrypt_foreign,
)
from passport.identity.keys import Algorithm, PrivateKey
from tests.conftest import example_count
from tests.each import each

TYP = "vehicle-key+jwe"
RECIPIENT = PrivateKey.generate()


def as_jwk(path):
    return jwk.JWK.from_pem(path.read_bytes())


def encoded(value: bytes | dict) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(token: str) -> dict:
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def with_header(token: str, **changes) -> str:
    header = {**header_of(token), **changes}
    return ".".join([encoded({k: v for k, v in header.items() if v is not ...}), *token.split(".")[1:]])


@settings(max_examples=example_count(25))
@given(st.binary(max_size=300))
def test_what_was_encrypted_is_what_is_decrypted(content):
    assert decrypt(encrypt(content, RECIPIENT.public_key, typ=TYP), RECIPIENT, typ=TYP) == content


def test_a_foreign_library_opens_our_message(tmp_path):
    RECIPIENT.save(tmp_path / "key.pem", None)
    message = foreign.JWE(algs=["ECDH-ES", "A256GCM"])
    message.deserialize(
        encrypt(b"content", RECIPIENT.public_key, typ=TYP, kid="did:example:a#1"), as_jwk(tmp_path / "key.pem")
    )
    assert message.payload == b"content"
    assert message.jose_header["kid"] == "did:example:a#1"


@pytest.mark.parametrize("enc", FOREIGN_ENCRYPTIONS)
@pytest.mark.parametrize("kid", [None, "key-1"])
def test_a_foreign_library_opens_our_message_in_the_encryption_that_it_named(tmp_path, enc, kid):
    RECIPIENT.save(tmp_path / "key.pem", None)
    message = foreign.JWE(algs=["ECDH-ES", enc])
    message.deserialize(
        encrypt_foreign(b"content", RECIPIENT.public_key, enc=enc, kid=kid), as_jwk(tmp_path / "key.pem")
    )
    assert message.payload == b"content" and message.jose_header.get("kid") == kid


def test_nothing_is_encrypted_for_a_foreign_key_of_another_curve():
    with pytest.raises(MalformedKey):
        encrypt_foreign(b"content", PrivateKey.generate(Algorithm.P384).public_key, enc="A256GCM")


def test_we_open_the_message_of_a_foreign_library():
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "typ": TYP}
    message = foreign.JWE(b"content", json.dumps(header), recipient=jwk.JWK(**RECIPIENT.public_key.jwk))
    assert decrypt(message.serialize(compact=True), RECIPIENT, typ=TYP) == b"content"


# --- messages of foreign programs -------------------------------------------------------------------------------------


def foreign_message(**changes) -> str:
    """A message by jwcrypto, with parties and A128GCM unless ``changes`` say otherwise; None leaves a member out."""
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "answer", "apu": "QWxpY2U", "apv": "Qm9i", **changes}
    header = {name: value for name, value in header.items() if value is not None}
    message = foreign.JWE(b"content", json.dumps(header), recipient=jwk.JWK(**RECIPIENT.public_key.jwk))
    return message.serialize(compact=True)


@each("changes", [{}, {"enc": "A256GCM"}, {"apu": None, "apv": None}, {"typ": "JWT", "cty": "json"}])
def test_a_foreign_message_is_opened_with_parties_and_both_encryptions(changes):
    assert decrypt_foreign(foreign_message(**changes), RECIPIENT, kid="answer") == b"content"


def test_a_foreign_message_is_refused_with_another_header():
    for changes in (
        {"kid": "other"}, {"kid": None}, {"zip": "DEF"}, {"enc": "A192GCM"}, {"enc": "A128CBC-HS256"},
        {"alg": "ECDH-ES+A128KW"}, {"jku": "https://a.example"},
    ):  # fmt: skip
        with pytest.raises(MalformedDocument):
            decrypt_foreign(foreign_message(**changes), RECIPIENT, kid="answer")
    message = foreign_message()
    for changes in ({"enc": ["A128GCM"]}, {"enc": {}}, {"apu": 1}, {"apv": "*"}, {"apv": "x" * 501}, {"crit": ["apu"]}):
        with pytest.raises(MalformedDocument):
            decrypt_foreign(with_header(message, **changes), RECIPIENT, kid="answer")


def test_a_foreign_message_is_not_opened_with_other_parties_or_another_key():
    message = foreign_message()
    for changed, key in (
        (with_header(message, apu="Qm9i"), RECIPIENT), (with_header(message, apv=...), RECIPIENT),
        (message, PrivateKey.generate()), (message, PrivateKey.generate(Algorithm.ED25519)),
    ):  # fmt: skip
        with pytest.raises(UnopenedMessage):
            decrypt_foreign(changed, key, kid="answer")


def test_a_message_to_another_is_not_opened():
    with pytest.raises(UnopenedMessage):
        decrypt(encrypt(b"content", PrivateKey.generate().public_key, typ=TYP), RECIPIENT, typ=TYP)


def test_nothing_is_opened_with_a_key_that_only_signs():
    with pytest.raises(UnopenedMessage):
        decrypt(encrypt(b"content", RECIPIENT.public_key, typ=TYP), PrivateKey.generate(Algorithm.ED25519), typ=TYP)


@each("algorithm", [Algorithm.ED25519, Algorithm.P384])
def test_nothing_is_encrypted_to_a_key_of_another_algorithm(algorithm):
    with pytest.raises(MalformedKey):
        encrypt(b"content", PrivateKey.generate(algorithm).public_key, typ=TYP)


def test_keys_of_two_curves_agree_on_nothing():
    with pytest.raises(MalformedKey, match="agree on nothing"):
        RECIPIENT.agree(PrivateKey.generate(Algorithm.P384).public_key)


@each("part", [0, 2, 3, 4])
def test_a_changed_message_is_not_opened(part):
    parts = encrypt(b"content of some length", RECIPIENT.public_key, typ=TYP, kid="a").split(".")
    data = bytearray(base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    data[-3 if part == 0 else 0] ^= 1
    parts[part] = encoded(bytes(data))
    with pytest.raises((UnopenedMessage, MalformedDocument)):
        decrypt(".".join(parts), RECIPIENT, typ=TYP)


@each(
    "changes",
    [
        {"alg": "ECDH-ES+A256KW"}, {"alg": "dir"}, {"enc": "A128GCM"}, {"typ": "JWT"}, {"typ": ...}, {"zip": "DEF"},
        {"apu": "QQ"}, {"apv": "QQ"}, {"crit": ["exp"]}, {"jku": "https://a.example"}, {"epk": ...}, {"epk": {}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
        {"epk": PrivateKey.generate(Algorithm.P384).public_key.jwk},
        {"epk": {**RECIPIENT.public_key.jwk, "d": "AAAA"}},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_another_header_is_refused(changes):
    with pytest.raises(MalformedDocument):
        decrypt(with_header(encrypt(b"content", RECIPIENT.public_key, typ=TYP), **changes), RECIPIENT, typ=TYP)


@each("spoil", ["", "a.b", "a.b.c.d.e", "....", "a..b.c.d.e", "ü....", "e30..AA.AA.AA", "*...."])
def test_what_is_no_message_is_refused(spoil):
    with pytest.raises(MalformedDocument):
        decrypt(spoil, RECIPIENT, typ=TYP)


def test_a_second_spelling_of_a_message_is_refused():
    token = encrypt(b"content", RECIPIENT.public_key, typ=TYP)
    head, last = token[:-1], token[-1]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # The last of 22 characters for 16 bytes holds four bits that count, and two that do not.
    with pytest.raises(MalformedDocument):
        decrypt(head + letters[letters.index(last) ^ 1], RECIPIENT, typ=TYP)


def test_an_encrypted_key_of_its_own_is_refused():
    parts = encrypt(b"content", RECIPIENT.public_key, typ=TYP).split(".")
    with pytest.raises(MalformedDocument):
        decrypt(".".join([parts[0], "AAAA", *parts[2:]]), RECIPIENT, typ=TYP)
