"""What people hand in: read where it can be read, and else called what it is."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import enveloping, intake
from passport.errors import MalformedDocument


@pytest.mark.parametrize("key", ["vc+jwt", "vc+sd-jwt"])
def test_a_token_by_itself_is_put_into_its_envelope_and_verifies(world, key):
    plain = world.unsigned(credentialStatus=...)
    token = {
        "vc+jwt": lambda: enveloping.secure(plain, world.issuer, loader=world.loader),
        "vc+sd-jwt": lambda: enveloping.secure_selectively(plain, world.issuer, [], loader=world.loader),
    }[key]()
    document = intake.read(f"  {token}\n".encode())
    assert document["id"].startswith(f"data:application/{key},")
    assert world.verify(document).verified is True


@pytest.mark.parametrize(
    "data",
    [b"e30.e30.", b"eyJ0eXAiOiJkYytzZC1qd3QifQ.e30.AA", b"eyJ0eXAiOjd9.e30.AA", b"W10.e30.AA", b"____.e30.AA"],
    ids=["no typ", "dc+sd-jwt", "a number", "a list", "no header"],
)
def test_a_token_of_another_kind_is_refused(data):
    with pytest.raises(MalformedDocument):
        intake.read(data)
    assert intake.looks_like(data).key == "file-token"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file-empty"),
        (b" \n", "file-empty"),
        (b"%PDF-1.7 ...", "file-pdf"),
        (b"\x89PNG\r\n\x1a\n", "file-picture"),
        (b"\xff\xd8\xff\xe0", "file-picture"),
        (b"PK\x03\x04", "file-workbook"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", "file-page"),
        (b"<html lang=en>", "file-page"),
        (b"https://passport.example.com/01/09506000202617/21/A", "file-address"),
        (b'{"a": {}}\n{"b": 1}', "file-several"),
        (b"not json", "file-text"),
    ],
)
def test_what_is_no_document_is_called_what_it_looks_like(data, key):
    assert intake.looks_like(data).key == key


@pytest.mark.parametrize("data", [b'{"a":1,"a":2}', b'{"a":"} {"', b"[" * 90, b"\xff\xfe"])
def test_nothing_is_made_up_about_the_rest(data):
    assert intake.looks_like(data) is None


@given(st.binary(max_size=200))
def test_no_bytes_fail_in_another_way(data):
    intake.looks_like(data)
    with contextlib.suppress(MalformedDocument):
        intake.read(data)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_json_is_read_as_json(value):
    assert intake.read(json.dumps(value).encode()) == value
