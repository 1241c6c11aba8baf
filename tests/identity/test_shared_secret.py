"""Secrets that several parties share: files, delivery, and what never shows them."""

from __future__ import annotations

import copy
import json
import pickle
import stat

import pytest

from passport.errors import KeyFileError, MalformedDocument, MalformedKey, UsageError
from passport.identity import jwe
from passport.identity.keys import PrivateKey
from passport.identity.shared_secret import SharedSecret
from tests.each import each

KIND = "vehicle-key"


def test_a_file_holds_it_for_its_owner_alone(tmp_path):
    secret = SharedSecret.generate("k1")
    secret.save(tmp_path / "k1.jwk")
    assert stat.S_IMODE((tmp_path / "k1.jwk").stat().st_mode) == 0o600
    assert SharedSecret.load(tmp_path / "k1.jwk") == secret


def test_a_file_is_never_overwritten(tmp_path):
    SharedSecret.generate("k1").save(tmp_path / "k1.jwk")
    with pytest.raises(KeyFileError, match="exists already"):
        SharedSecret.generate("k1").save(tmp_path / "k1.jwk")


def test_a_file_that_others_can_read_is_refused(tmp_path):
    SharedSecret.generate("k1").save(tmp_path / "k1.jwk")
    (tmp_path / "k1.jwk").chmod(0o640)
    with pytest.raises(KeyFileError, match="read by others"):
        SharedSecret.load(tmp_path / "k1.jwk")


@each(
    "changes",
    [{"kty": "EC"}, {"alg": "HS512"}, {"k": "short"}, {"k": None}, {"kid": "../k1"}, {"kid": ""}, {"kid": "a" * 65}],
    ids=str,
)
def test_a_file_with_something_else_is_refused(tmp_path, changes):
    SharedSecret.generate("k1").save(tmp_path / "k1.jwk")
    document = json.loads((tmp_path / "k1.jwk").read_text())
    (tmp_path / "k1.jwk").write_text(json.dumps({**document, **changes}))
    with pytest.raises(KeyFileError) as refused:
        SharedSecret.load(tmp_path / "k1.jwk")
    assert document["k"] not in str(refused.value)


def test_only_the_recipient_opens_it():
    secret, actor, stranger = SharedSecret.generate(), PrivateKey.generate(), PrivateKey.generate()
    token = secret.sealed_for(actor.public_key, kind=KIND)
    assert SharedSecret.opened(token + "\n", actor, kind=KIND) == secret
    with pytest.raises(jwe.UnopenedMessage):
        SharedSecret.opened(token, stranger, kind=KIND)


def test_a_secret_of_another_kind_is_refused():
    actor = PrivateKey.generate()
    with pytest.raises(MalformedDocument):
        SharedSecret.opened(SharedSecret.generate().sealed_for(actor.public_key, kind="other"), actor, kind=KIND)


def test_something_else_under_the_same_seal_is_refused():
    actor = PrivateKey.generate()
    with pytest.raises(MalformedKey):
        SharedSecret.opened(jwe.encrypt(b'{"kty":"oct"}', actor.public_key, typ=f"{KIND}+jwe"), actor, kind=KIND)


@each("length", [0, 16, 31, 33])
def test_another_length_is_refused(length):
    with pytest.raises(MalformedKey):
        SharedSecret("k1", bytes(length))


def test_nothing_shows_it():
    secret = SharedSecret.generate("k1")
    assert repr(secret) == str(secret) == "<SharedSecret k1>"
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(UsageError):
            take(secret)


def test_two_are_equal_by_id_and_value():
    secret = SharedSecret.generate("k1")
    assert secret == SharedSecret("k1", secret.value) and len({secret, SharedSecret("k1", secret.value)}) == 1
    assert secret != SharedSecret("k2", secret.value) and secret != SharedSecret.generate("k1")
