"""``passport verify`` and other machines: a passport by its address, status lists, and whom it does not call."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import presentation
from passport.linked_data import strict_json
from passport.vocabulary.derivation.derived_context import CONTEXT
from tests.web_server import WebServer


@pytest.fixture
def server():
    made = WebServer()
    yield made
    made.close()


class Shop:
    """An operator whose passports are on a server of this machine."""

    def __init__(self, folder, url: str) -> None:
        self.url = url
        self.project = make_project(folder, url, names={"en": "Operator", "zh": "运营者"})
        self.issuer = self.project.issuer_with_key(None)
        self.at = console.now() - timedelta(minutes=5)

    def passport(self, list_address: str | None = None) -> dict:
        document = {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": f"{self.url}/credentials/1",
            "type": ["VerifiableCredential", "BatteryPassportCredential"],
            "issuer": self.issuer.id,
            "validFrom": date_time(self.at),
            "credentialStatus": [status_list.entry(list_address or f"{self.url}/status/1", 5, "revocation")],
            "credentialSubject": {"id": f"{self.url}/id/M/1", "serialNumber": "1"},
        }
        return self.issuer.issue(document, created=self.at)

    def list(self, *indexes: int, at=None) -> dict:
        bits = status_list.BitString()
        for index in indexes:
            bits.set(index, True)
        at = at or self.at
        unsigned = status_list.status_list_credential(
            f"{self.url}/status/1", self.issuer.id, "revocation", bits, at, at + timedelta(days=7)
        )
        return self.issuer.issue(unsigned, created=at)

    def file(self, *documents: dict) -> str:
        path = self.project.folder / "file.jsonld"
        path.write_bytes(strict_json.dumps(presentation(documents)))
        return str(path)


@pytest.fixture
def shop(tmp_path, server):
    return Shop(tmp_path / "shop", server.url)


def run(shell, shop, source: str, code: int, *options: str):
    return shell.run("verify", source, "--trust", shop.project.trust_list_path, *options, code=code)


def test_a_passport_is_verified_by_the_address_on_the_pack_with_its_status_list(shell, shop, server):
    server.redirects = {"/id/M/1": "/passports/id/M/1"}
    server.answers = {
        "/passports/id/M/1": strict_json.dumps(presentation([shop.passport()])),
        "/status/1": strict_json.dumps(shop.list()),
    }
    run(shell, shop, f"{shop.url}/id/M/1", 0)
    assert server.paths == ["/id/M/1", "/passports/id/M/1", "/status/1"]
    server.answers["/status/1"] = strict_json.dumps(shop.list(5))
    run(shell, shop, f"{shop.url}/id/M/1", 1)


def test_an_address_that_leads_to_another_server_could_not_be_determined(shell, shop, server, tmp_path):
    other = WebServer()
    try:
        server.redirects = {"/id/M/1": f"{other.url}/id/M/1"}
        result = run(shell, shop, f"{shop.url}/id/M/1", 3)
        assert "another server" in result.stderr
        assert other.requests == []
    finally:
        other.close()


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_address_without_a_passport_could_not_be_determined(shell, shop, server, status):
    server.status, server.body = status, strict_json.dumps(presentation([shop.passport()]))
    assert f"answered {status}" in run(shell, shop, f"{shop.url}/id/M/2", 3).stderr


@pytest.mark.parametrize(("status", "code", "said", "chinese"), [
    (404, "no-such-serial", "no passport is published for that serial number", "未发布该序列号的护照"),
    (410, "passport-ceased", "the battery was recycled", "电池已回收"),
])  # fmt: skip
def test_a_serial_that_nobody_issued_is_not_verified_and_said_to_be_unknown(
    shell, shop, server, status, code, said, chinese
):
    server.headers = {"Content-Type": "application/problem+json"}
    server.status = status
    server.body = json.dumps({"status": status, "code": code, "detail": "all is well \u202e"}).encode()
    english = run(shell, shop, f"{shop.url}/01/09529999001009/21/X1", 3)
    assert said in english.stderr and "all is well" not in english.output
    assert chinese in run(shell, shop, f"{shop.url}/01/09529999001009/21/X1", 3, "--lang", "zh").stderr
    document = json.loads(run(shell, shop, f"{shop.url}/01/09529999001009/21/X1", 3, "--json").stdout)
    assert document["error"]["code"] == "no-passport-there"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"code": 7}', b'{"code": "no-such-serial\\n"}', b"{", b"x" * 100_000])
def test_a_problem_that_cannot_be_read_is_an_answer_like_any_other(shell, shop, server, body):
    server.headers, server.status, server.body = {"Content-Type": "application/problem+json"}, 404, body
    assert "answered 404" in run(shell, shop, f"{shop.url}/id/M/2", 3).stderr


@pytest.mark.parametrize("url", ["http://passport.example.com/01/1", "http://10.0.0.1/01/1", "https://a@b.example/"])
def test_an_address_over_plain_http_or_with_a_user_is_not_called(shell, shop, url, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("looked up"))
    assert "refused-address" in json.dumps(json.loads(run(shell, shop, url, 2, "--json").stdout))


def test_offline_calls_nobody(shell, shop, server):
    run(shell, shop, shop.file(shop.passport(), shop.list()), 0, "--offline")
    run(shell, shop, shop.file(shop.passport()), 3, "--offline")
    run(shell, shop, f"{shop.url}/id/M/1", 2, "--offline")
    assert server.requests == []


def test_a_file_cannot_send_the_verifier_to_this_machine(shell, shop, server):
    """The list is the trusted issuer's own and its address signed; still, the user named no such host."""
    server.answers = {"/status/1": strict_json.dumps(shop.list())}
    result = run(shell, shop, shop.file(shop.passport()), 3)
    assert "its address is not called" in " ".join(result.stdout.split())
    assert server.requests == []


def test_a_passport_from_one_host_cannot_send_the_verifier_to_another_one_nearby(shell, shop, server):
    other = WebServer(address="127.0.0.2")
    try:
        server.answers = {"/id/M/1": strict_json.dumps(presentation([shop.passport(f"{other.url}/status/1")]))}
        run(shell, shop, f"{shop.url}/id/M/1", 3)
        assert other.requests == []
    finally:
        other.close()


def test_a_passport_of_an_untrusted_issuer_is_read_and_nothing_else(shell, shop, server, tmp_path):
    stranger = Shop(tmp_path / "stranger", shop.url)
    server.answers = {
        "/id/M/1": strict_json.dumps(presentation([stranger.passport()])),
        "/status/1": strict_json.dumps(stranger.list()),
    }
    run(shell, shop, f"{shop.url}/id/M/1", 1)
    assert server.paths == ["/id/M/1"]


def test_there_is_one_http_client_in_the_product():
    """Whoever opens a connection in another place goes round every rule of it."""
    from pathlib import Path

    import passport
    import resolver

    folders = [Path(package.__file__).parent for package in (passport, resolver)]
    words = ("import http.client", "urllib.request", "import requests", "import httpx", "import urllib3", "aiohttp",
             "socket.create_connection", "open_connection")  # fmt: skip
    users = {p.name for folder in folders for p in folder.rglob("*.py") if any(word in p.read_text() for word in words)}
    assert users == {"http_client.py"}
