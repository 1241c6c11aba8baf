"""Fetching a did:web document: a real server on loopback, and every door that stays shut."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from passport.errors import UnresolvableDid, UsageError
from passport.identity import DidResolver, PrivateKey, did_web
from passport.identity import did_web_fetch as module
from passport.identity.did_web_fetch import DidWebFetcher

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
HOST = "battery.example.com"
DID = f"did:web:{HOST}"
KEY = PrivateKey.generate()
PUBLIC = "93.184.216.34"


class Site:
    """A web server on loopback: what it answers is what the test puts there."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        site = self
        self.status, self.headers, self.requests = 200, {}, []
        self.body = b""
        self.stall = threading.Event()
        self.drip = False

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append((self.path, self.headers.get("Host")))
                self.send_response(site.status)
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if site.drip:
                    site.stall.wait(20)
                self.wfile.write(site.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.stall.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for the host, valid now: the system's clock counts for TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    path = folder / "host.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def site(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    made = Site(tls)
    made.body = json.dumps(did_web.document(DID, {"2026": KEY.public_key})).encode()
    yield made
    made.close()


class Disguised(socket.socket):
    """A connection to loopback that says it ends at a public address: the internet in a test."""

    peer = PUBLIC

    def getpeername(self):
        return (self.peer, 443)


def fetcher(site, certificate, *, addresses=(PUBLIC,), peer=PUBLIC, **options) -> DidWebFetcher:
    def connect(address, timeout):
        assert address[0] in addresses
        connection = Disguised(socket.AF_INET, socket.SOCK_STREAM)
        connection.peer = peer
        connection.settimeout(timeout)
        connection.connect(("127.0.0.1", site.port))
        return connection

    def lookup(host, port, **_):
        return [(None, None, None, "", (address, port)) for address in addresses]

    tls = ssl.create_default_context(cafile=certificate)
    return DidWebFetcher(tls=tls, lookup=lookup, connect=connect, **options)


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
        with pytest.raises(UnresolvableDid, match="status 404"):
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
    assert len(guarded._cache) == 3


# --- where it does not go ----------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "not-an-address",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_connected_to(site, certificate, address):
    for addresses in ((address,), (PUBLIC, address)):
        guarded = fetcher(site, certificate, addresses=addresses)
        with pytest.raises(UnresolvableDid, match="not public"):
            guarded.fetch(DID, at=NOW)
    assert site.requests == []


def test_a_connection_that_ends_elsewhere_is_given_up(site, certificate):
    """Whatever happened between the look-up and the connection: the other end is what counts."""
    with pytest.raises(UnresolvableDid, match="ended at 10.0.0.1"):
        fetcher(site, certificate, peer="10.0.0.1").fetch(DID, at=NOW)
    assert site.requests == []


def test_the_name_is_looked_up_once(site, certificate):
    guarded = fetcher(site, certificate)
    asked, look_up = [], guarded.lookup
    guarded.lookup = lambda host, port, **options: asked.append(host) or look_up(host, port, **options)
    guarded.fetch(DID, at=NOW)
    assert asked == [HOST]


@pytest.mark.parametrize(
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
        DidWebFetcher(lookup=lookup).fetch(did, at=NOW)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(site, certificate, status):
    site.status, site.headers = status, {"Location": f"https://{HOST}/elsewhere"}
    with pytest.raises(UnresolvableDid, match="redirect"):
        fetcher(site, certificate).fetch(DID, at=NOW)
    assert len(site.requests) == 1


def test_a_certificate_of_another_host_or_of_nobody_is_refused(site, certificate):
    with pytest.raises(UnresolvableDid, match="SSLCertVerificationError"):
        fetcher(site, certificate).fetch("did:web:other.example.com", at=NOW)
    guarded = fetcher(site, certificate)
    guarded.tls = ssl.create_default_context()
    with pytest.raises(UnresolvableDid, match="SSLCertVerificationError"):
        guarded.fetch(DID, at=NOW)
    assert site.requests == []


def test_a_name_without_an_address_is_an_answer(site, certificate):
    def lookup(*_, **__):
        raise socket.gaierror

    guarded = fetcher(site, certificate)
    guarded.lookup = lookup
    with pytest.raises(UnresolvableDid, match="has no address"):
        guarded.fetch(DID, at=NOW)


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
        (b" " * 100_001, "longer than"),
    ],
)
def test_an_answer_that_is_no_document_of_this_did_is_refused(site, certificate, body, message):
    site.body = body
    with pytest.raises(UnresolvableDid, match=message):
        fetcher(site, certificate).fetch(DID, at=NOW)


def test_a_compressed_answer_is_refused(site, certificate):
    site.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(UnresolvableDid, match="compressed"):
        fetcher(site, certificate).fetch(DID, at=NOW)


def test_a_server_that_never_ends_is_left(site, certificate):
    site.drip = True
    site.headers = {"Content-Length": "1000"}
    with pytest.raises(UnresolvableDid):
        fetcher(site, certificate, timeout=0.3).fetch(DID, at=NOW)


def test_a_server_that_drips_is_left_when_the_time_is_over(certificate):
    """Each byte comes in time, and the whole would take for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"X: y\r\n")
                except OSError:
                    return

    threading.Thread(target=drip, daemon=True).start()
    port = listener.getsockname()[1]
    guarded = DidWebFetcher(loopback=True, timeout=0.4)
    try:
        with pytest.raises(UnresolvableDid):
            guarded.fetch(f"did:web:localhost%3A{port}", at=NOW)
    finally:
        over.set()
        listener.close()


# --- the development switch ----------------------------------------


@pytest.fixture
def local():
    made = Site()
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
    def lookup(host, port, **_):
        return [(None, None, None, "", (PUBLIC, port))]

    guarded = DidWebFetcher(loopback=True, lookup=lookup)
    with pytest.raises(UnresolvableDid, match="not loopback"):
        guarded.fetch(f"did:web:localhost%3A{local.port}", at=NOW)
    with pytest.raises(UsageError):
        guarded.fetch("did:web:127.0.0.1", at=NOW)
    with pytest.raises(UsageError):
        guarded.fetch("did:web:localhost:..:x", at=NOW)
    assert local.requests == []


def test_nothing_in_the_library_fetches_unasked():
    """Only whoever makes a fetcher has one."""
    from pathlib import Path

    import passport

    folder = Path(passport.__file__).parent
    users = [
        p.name
        for p in folder.rglob("*.py")
        if "import did_web_fetch" in p.read_text() or "did_web_fetch import" in p.read_text()
    ]
    assert users == []
