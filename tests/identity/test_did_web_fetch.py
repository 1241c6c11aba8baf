"""Fetching a did:web document: a real server on loopback, and what is refused. The client has tests of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from passport.errors import UnresolvableDid, UsageError
from passport.identity import DidResolver, PrivateKey, did_web
from passport.identity import did_web_fetch as module
from passport.identity.did_web_fetch import DidWebFetcher
from passport.identity.http_client import GuardedClient
from tests.each import each
from tests.web_server import (
    HOST,
    PUBLIC,
    WebServer,
    addresses_of,
    disguised_client,
    make_certificate,
    make_secure_server,
)

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
DID = f"did:web:{HOST}"
KEY = PrivateKey.generate()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def site(certificate):
    made = make_secure_server(certificate)
    made.body = json.dumps(did_web.document(DID, {"2026": KEY.public_key})).encode()
    yield made
    made.close()


def fetcher(site, certificate, *, addresses=(PUBLIC,), **options) -> DidWebFetcher:
    return DidWebFetcher(disguised_client(site, certificate, addresses=addresses), **options)


def test_a_document_is_fetched_from_where_the_did_says_and_kept(site, certificate):
    guarded = fetcher(site, certificate)
    document = guarded.fetch(DID, at=NOW)
    assert site.requests == [("/.well-known/did.json", HOST)]
    method = DidResolver({DID: document}).verification_method(f"{DID}#2026", "assertionMethod")
    assert method.public_key == KEY.public_key
    assert guarded.fetch(DID, at=NOW + timedelta(minutes=59)) is document
    assert len(site.requests) == 1
    guarded.fetch(DID, at=NOW + timedelta(hours=1))
    assert len(site.requests) == 2


def test_a_failure_is_kept_for_a_shorter_while(site, certificate):
    guarded = fetcher(site, certificate)
    site.status = 404
    for minutes in (0, 0.5):
        with pytest.raises(UnresolvableDid, match="answered 404"):
            guarded.fetch(DID, at=NOW + timedelta(minutes=minutes))
    assert len(site.requests) == 1
    site.status = 200
    assert guarded.fetch(DID, at=NOW + timedelta(minutes=1))["id"] == DID


def test_the_cache_does_not_grow_without_end(site, certificate, monkeypatch):
    monkeypatch.setattr(module, "MAX_CACHED", 3)
    guarded = fetcher(site, certificate)
    for number in range(5):
        with pytest.raises(UnresolvableDid):
            guarded.fetch(f"{DID}:{number}", at=NOW)
    assert guarded.stats() == {"kept": 3}


# --- where it does not go ----------------------------------------


def test_a_did_whose_host_has_a_private_address_is_not_fetched(site, certificate):
    for addresses in (("10.0.0.1",), (PUBLIC, "127.0.0.1")):
        with pytest.raises(UnresolvableDid, match="not called"):
            fetcher(site, certificate, addresses=addresses).fetch(DID, at=NOW)
    assert site.requests == []


@each(
    "did",
    [
        "did:web:127.0.0.1", "did:web:localhost", "did:web:localhost%3A8080", "did:web:2130706433", "did:web:0x7f.1",
        "did:web:user@host.example", "did:web:[::1]", "did:web:a.internal", "did:web:example.com:..:x", "did:key:zDn",
        "did:web:example.com%2Fx", "did:web:example.com%3A99999", "", None,
    ],
)  # fmt: skip
def test_a_did_that_leads_elsewhere_is_not_looked_up(did):
    def lookup(*_, **__):
        raise AssertionError("looked up")

    with pytest.raises(UsageError):
        DidWebFetcher(GuardedClient(lookup=lookup)).fetch(did, at=NOW)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(site, certificate, status):
    site.status, site.headers = status, {"Location": f"https://{HOST}/elsewhere"}
    with pytest.raises(UnresolvableDid, match="redirect"):
        fetcher(site, certificate).fetch(DID, at=NOW)
    assert len(site.requests) == 1


# --- what it does not take ----------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "strict JSON"),
        (b"<html>", "strict JSON"),
        (b'{"id":"a","id":"b"}', "strict JSON"),
        (b"[]", "another DID"),
        (b'{"id":"did:web:other.example.com"}', "another DID"),
        (b"{}", "another DID"),
        (b" " * 100_001, "too large"),
    ],
)
def test_an_answer_that_is_no_document_of_this_did_is_refused(site, certificate, body, message):
    site.body = body
    with pytest.raises(UnresolvableDid, match=message):
        fetcher(site, certificate).fetch(DID, at=NOW)


def test_a_server_that_never_ends_is_left(site, certificate):
    site.drip = True
    site.headers = {"Content-Length": "1000"}
    with pytest.raises(UnresolvableDid):
        fetcher(site, certificate, timeout=0.3).fetch(DID, at=NOW)


# --- the development switch ----------------------------------------


@pytest.fixture
def local():
    made = WebServer()
    yield made
    made.close()


def test_loopback_is_reached_over_http_only_with_the_switch(local):
    did = f"did:web:localhost%3A{local.port}"
    local.body = json.dumps({"id": did}).encode()
    with pytest.raises(UsageError):
        DidWebFetcher().fetch(did, at=NOW)
    assert DidWebFetcher(loopback=True).fetch(did, at=NOW) == {"id": did}
    below = f"{did}:issuers:cn"
    local.body = json.dumps({"id": below}).encode()
    DidWebFetcher(loopback=True).fetch(below, at=NOW)
    assert [path for path, _ in local.requests] == ["/.well-known/did.json", "/issuers/cn/did.json"]


def test_the_switch_opens_loopback_alone(local):
    guarded = DidWebFetcher(GuardedClient(lookup=addresses_of(PUBLIC)), loopback=True)
    with pytest.raises(UnresolvableDid, match="loopback"):
        guarded.fetch(f"did:web:localhost%3A{local.port}", at=NOW)
    with pytest.raises(UsageError):
        guarded.fetch("did:web:127.0.0.1", at=NOW)
    with pytest.raises(UsageError):
        guarded.fetch("did:web:localhost:..:x", at=NOW)
    assert local.requests == []


def test_nothing_in_the_library_fetches_unasked():
    """A fetcher exists only where a caller makes one."""
    from pathlib import Path

    import passport

    folder = Path(passport.__file__).parent
    users = [
        p.name
        for p in folder.rglob("*.py")
        if "import did_web_fetch" in p.read_text() or "did_web_fetch import" in p.read_text()
    ]
    # `passport identity … --fetch` asks for it; a connector fetches the DID documents of the companies that it meets.
    assert set(users) == {"identity.py", "connector_node.py", "company_identity.py"}
