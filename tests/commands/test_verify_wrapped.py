"""``passport verify`` of files as people have them: wrapped, quoted, in another encoding, or something else."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import Issuer
from passport.identity import KeySigner, PrivateKey


@pytest.fixture
def issuer() -> Issuer:
    key = PrivateKey.generate()
    return Issuer(key.public_key.did_key, KeySigner(key))


@pytest.fixture
def trust(shell, issuer):
    path = shell.folder / "trust.json"
    name = {"en": "Example Battery Co., Ltd.", "zh": "示例电池有限公司"}
    path.write_text(json.dumps({"issuers": [{"id": issuer.id, "name": name, "trustedFor": ["Reading"]}]}), "utf-8")
    return path


def plain(issuer) -> dict:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:0f6f2b3e-5d2c-4c5e-9a53-3a1c9a0f2d12",
        "type": ["VerifiableCredential", "Reading"],
        "name": "磷酸铁锂电池包",
        "issuer": issuer.id,
        "credentialSubject": {"id": "https://battery.example/id/1", "name": "电池"},
    } | {"type": ["VerifiableCredential", "https://battery.example/ns#Reading"]}


@pytest.fixture
def signed(issuer) -> dict:
    return issuer.issue(plain(issuer), created=datetime(2026, 11, 1, tzinfo=UTC), allow_blank_nodes=True)


@pytest.fixture(autouse=True)
def trusted_kind(trust):
    trust.write_text(trust.read_text("utf-8").replace('"Reading"', '"https://battery.example/ns#Reading"'), "utf-8")


def verify(shell, trust, data: bytes, code: int | None = 0, *options):
    path = shell.folder / "given"
    path.write_bytes(data)
    return shell.run("verify", path, "--offline", "--trust", trust, *options, code=code)


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda document: json.dumps(document), ""),
        (lambda document: json.dumps({"verifiableCredential": document}), "“verifiableCredential”"),
        (lambda document: json.dumps({"credential": document, "options": {}}), "“credential”"),
        (lambda document: json.dumps([document]), "the only entry of a list"),
        (lambda document: "\ufeff" + json.dumps(document), "byte order mark"),
    ],
    ids=["plain", "VC API", "a credential", "a list of one", "a mark"],
)
def test_a_wrapped_document_is_verified_and_the_wrapping_is_told(shell, trust, signed, write, told):
    result = verify(shell, trust, write(signed).encode())
    assert result.stdout.startswith("Verified.")
    assert told in result.stderr
    assert bool(result.stderr) is bool(told)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_another_encoding_is_read_and_told_by_its_name(shell, trust, signed, encoding, lang):
    data = json.dumps(signed, ensure_ascii=False).encode(encoding)
    result = verify(shell, trust, data, 0, "--lang", lang)
    assert encoding.upper() in result.stderr


def test_the_wrapping_does_not_disturb_the_report_for_machines(shell, trust, signed):
    path = shell.folder / "given"
    path.write_text(json.dumps([signed]), "utf-8")
    assert shell.json("verify", path, "--offline", "--trust", trust)["verified"] is True


@pytest.mark.parametrize("kind", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_each_kind_of_token_is_verified(shell, trust, issuer, kind):
    token = {
        "vc+jwt": lambda: json.dumps(enveloping.secure(plain(issuer), issuer)).encode(),
        "vc+sd-jwt": lambda: enveloping.secure_selectively(plain(issuer), issuer, ["/name"]).encode(),
        "vc+cose": lambda: enveloping.secure_as_cose(plain(issuer), issuer),
    }[kind]()
    assert f"{kind} ES256" in verify(shell, trust, token).stdout


@pytest.mark.parametrize("kind", ["vp+jwt", "vp+sd-jwt", "vp+cose"])
def test_each_kind_of_presentation_is_verified(shell, trust, issuer, signed, kind):
    options = {"challenge": "c", "domain": "d", "at": datetime(2026, 11, 28, tzinfo=UTC)}
    make = {
        "vp+jwt": enveloping.secure_presentation,
        "vp+sd-jwt": enveloping.secure_presentation_selectively,
        "vp+cose": enveloping.secure_presentation_as_cose,
    }[kind]
    token = make([signed], issuer, **options)
    data = token if isinstance(token, bytes) else token.encode()
    result = verify(shell, trust, data, 0, "--at", "2026-11-28T00:01:00Z")
    assert "presentation itself signed by its holder" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"PK\x03\x04", "workbook"),
        (b"<!doctype html>", "web page"),
        (b"", "empty"),
        (b'{"a": 1}\n{"b": 2}', "several documents"),
        (b'[{"a": 1}, {"b": 2}]', "several documents"),
        (b'{"a": 1', "neither JSON nor a token"),
        (b'{"a": "\xff\xff"}', "neither JSON nor a token"),
        (b"e30.e30.e30", "a token that does not say its kind"),
        (b"\xd2\x84\x43\xa1\x01\x26\xa0\x40\x40", "a token that does not say its kind"),
    ],
    ids=repr,
)
def test_a_file_that_cannot_be_read_is_named_and_unusable(shell, trust, data, told):
    result = verify(shell, trust, data, 2)
    assert told in result.stderr
    assert "given" in result.stderr
    assert result.stdout == ""


def test_a_token_of_a_kind_that_is_not_known_could_not_be_checked(shell, trust):
    result = verify(shell, trust, b"eyJ0eXAiOiJkYytqd3QifQ.e30.AA", 3)
    assert "application/dc+jwt cannot be checked" in " ".join(result.stdout.split())


def test_json_that_means_two_things_is_the_documents_fault(shell, trust):
    verify(shell, trust, b'{"a": 1, "a": 2}', 1)


def test_another_json_file_is_called_what_it_is(shell, trust):
    result = verify(shell, trust, trust.read_bytes(), 1)
    assert "it is a trust list" in result.stderr
