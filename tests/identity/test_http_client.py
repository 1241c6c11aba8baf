"""The guarded client: real servers on loopback, and every door that stays shut."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import FetchFailed, RefusedAddress
from passport.identity import callable_address
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

ANY = "application/json"
URL = f"https://{HOST}/status/1"
NOT_PUBLIC = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
    "::127.0.0.1", "not-an-address",
)  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate):
    made = make_secure_server(certificate)
    made.body = b'{"a":1}'
    yield made
    made.close()


@pytest.fixture
def local():
    made = WebServer()
    made.body = b'{"a":1}'
    yield made
    made.close()


@pytest.fixture
def raw():
    """A server that sends what the test says, byte by byte if it likes; gives the address to call."""
    over, listeners = threading.Event(), []

    def start(send):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve():
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.recv(65_536)
                    send(connection, over)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    over.set()
    for listener in listeners:
        listener.close()


def unreachable(*_, **__):
    raise AssertionError("nothing may be asked")


# --- what it does ---------------------------------------------------------------------------------------------------


def test_an_answer_over_https_says_where_it_came_from_and_what_it_is(secure, certificate):
    secure.headers = {"Content-Type": "Application/VC; charset=utf-8"}
    answer = disguised_client(secure, certificate).get(f"{URL}?v=1#part", accept="application/vc")
    assert (answer.body, answer.media_type, answer.url) == (b'{"a":1}', "application/vc", f"{URL}?v=1")
    assert secure.requests == [("/status/1?v=1", HOST)]
    (headers,) = secure.received
    assert headers["Accept"] == "application/vc"
    assert "Authorization" not in headers and "Cookie" not in headers


def test_a_host_that_the_user_named_may_be_loopback_over_http(local):
    client = GuardedClient().naming(f"{local.url}/01/x")
    assert client.get(f"{local.url}/status/1", accept=ANY).body == b'{"a":1}'


def test_the_next_address_is_tried_where_the_first_does_not_answer(secure, certificate):
    client = disguised_client(secure, certificate, addresses=("93.184.216.99", PUBLIC))
    connect = client.connect

    def only_the_second(address, timeout):
        if address[0] == "93.184.216.99":
            raise ConnectionRefusedError
        return connect(address, timeout=timeout)

    client = GuardedClient(tls=client.tls, lookup=client.lookup, connect=only_the_second)
    assert client.get(URL, accept=ANY).body == b'{"a":1}'


# --- addresses that are refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_not_connected_to(secure, certificate, address):
    for addresses in ((address,), (PUBLIC, address)):
        with pytest.raises(RefusedAddress, match="not called"):
            disguised_client(secure, certificate, addresses=addresses).get(URL, accept=ANY)
    assert secure.requests == []


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_an_address_inside_another_is_judged_like_the_address_itself(address):
    alone = callable_address.is_public(address)
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert all(callable_address.is_public(each) for each in callable_address.inner_addresses(form)) == alone
    if not address.is_global or address.is_multicast:
        assert not alone
        within = f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1"  # 6to4
        assert not all(callable_address.is_public(each) for each in callable_address.inner_addresses(within))


@each("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "[::1]"])
def test_loopback_is_refused_under_each_of_its_names(host):
    with pytest.raises((RefusedAddress, FetchFailed)):
        GuardedClient(connect=unreachable).get(f"https://{host}/x", accept=ANY)


def test_loopback_is_refused_where_another_host_was_named(local):
    client = GuardedClient(connect=unreachable).naming(f"https://{HOST}/01/x")
    with pytest.raises(RefusedAddress):
        client.get(f"https://127.0.0.1:{local.port}/status/1", accept=ANY)
    assert local.requests == []


@pytest.mark.parametrize("address", ["169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0", "fe80::1", "240.0.0.1"])
def test_a_named_host_opens_private_and_loopback_addresses_and_no_others(secure, certificate, address):
    for near in ("10.1.2.3", "192.168.1.1", "127.0.0.1", "fd00::1"):
        client = disguised_client(secure, certificate, addresses=(near,), peer=near).naming(URL)
        assert client.get(URL, accept=ANY).body
    with pytest.raises(RefusedAddress):
        disguised_client(secure, certificate, addresses=(address,), peer=address).naming(URL).get(URL, accept=ANY)


def test_a_name_that_resolves_differently_the_second_time_is_not_followed(secure, certificate):
    """DNS rebinding: the look-up gives a public address once, and loopback ever after."""
    given = iter([PUBLIC] + ["127.0.0.1"] * 9)
    client = disguised_client(secure, certificate)
    connected = []

    def lookup(host, port, **_):
        return addresses_of(next(given))(host, port)

    def connect(address, timeout):
        connected.append(address[0])
        return disguised_client(secure, certificate).connect(address, timeout=timeout)

    rebound = GuardedClient(tls=client.tls, lookup=lookup, connect=connect)
    assert rebound.get(URL, accept=ANY).body
    assert connected == [PUBLIC]
    with pytest.raises(RefusedAddress):
        rebound.get(URL, accept=ANY)
    assert connected == [PUBLIC]


def test_a_connection_that_ends_elsewhere_is_given_up(secure, certificate):
    with pytest.raises(RefusedAddress, match=r"10\.0\.0\.1"):
        disguised_client(secure, certificate, peer="10.0.0.1").get(URL, accept=ANY)
    assert secure.requests == []


@each(
    "url",
    [
        f"http://{HOST}/status/1", "http://10.0.0.1/", "ftp://battery.example.com/", "file:///etc/passwd", "gopher://x/",
        "data:text/plain,x", f"https://user@{HOST}/", f"https://user:secret@{HOST}/", f"https://@{HOST}/", "https:///x",
        "https://", "https:battery.example.com", f"https://{HOST}:0/", f"https://{HOST}:99999/", f"https://{HOST}:x/",
        f"https://{HOST}/a b", f"https://{HOST}/\r\nX: y", f"https://{HOST}/\x00", f"https:\\\\{HOST}\\x", "https://[::1",
        "https://[x]/", f"https://{HOST}/" + "a" * 2048, "https://电池.example/", f"https://{HOST}/电池", "", None, 7,
        "https://ba%74tery.example.com/", "https://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_not_looked_up(url):
    with pytest.raises(RefusedAddress):
        GuardedClient(lookup=unreachable, connect=unreachable).get(url, accept=ANY)


def test_plain_http_is_refused_for_a_named_host_that_is_not_loopback_by_itself(local):
    """Whoever owns a name can let it resolve to 127.0.0.1."""
    for url in (f"http://{HOST}:{local.port}/", f"http://10.0.0.1:{local.port}/"):
        client = GuardedClient(lookup=addresses_of("127.0.0.1")).naming(url)
        with pytest.raises(RefusedAddress, match="plain http"):
            client.get(url, accept=ANY)
    assert local.requests == []


def test_a_localhost_that_resolves_to_another_machine_is_refused(local):
    client = GuardedClient(lookup=addresses_of("192.168.1.1"), connect=unreachable).naming("http://localhost/")
    with pytest.raises(RefusedAddress):
        client.get(f"http://localhost:{local.port}/", accept=ANY)


def test_a_certificate_of_another_host_or_of_nobody_is_refused(secure, certificate):
    client = disguised_client(secure, certificate)
    with pytest.raises(FetchFailed, match="certificate of other.example.com is not accepted: Hostname mismatch"):
        client.get("https://other.example.com/", accept=ANY)
    nobody = GuardedClient(tls=ssl.create_default_context(), lookup=client.lookup, connect=client.connect)
    with pytest.raises(FetchFailed, match="not accepted: self-signed certificate"):
        nobody.get(URL, accept=ANY)
    assert secure.requests == []


def test_a_name_without_an_address_is_an_answer():
    def lookup(*_, **__):
        raise socket.gaierror

    for look_up in (lookup, addresses_of()):
        with pytest.raises(FetchFailed, match="has no address"):
            GuardedClient(lookup=look_up, connect=unreachable).get(URL, accept=ANY)


def test_proxies_and_netrc_of_the_environment_are_not_used(local, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    os.chmod(tmp_path / ".netrc", 0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    GuardedClient().naming(local.url).get(f"{local.url}/x", accept=ANY)
    (headers,) = local.received
    assert headers["Authorization"] is None and local.paths == ["/x"]


# --- redirects ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_unasked(secure, certificate, status):
    secure.status, secure.headers = status, {"Location": "/elsewhere"}
    with pytest.raises(FetchFailed, match="redirect"):
        disguised_client(secure, certificate).get(URL, accept=ANY)
    assert len(secure.requests) == 1


def test_a_redirect_on_the_same_origin_is_followed_to_the_address_already_checked(secure, certificate):
    secure.redirects = {"/01/1": "/passports/01/1?format=vp"}
    lookups, client = [], disguised_client(secure, certificate)
    lookup = client.lookup
    counted = GuardedClient(
        tls=client.tls, connect=client.connect,
        lookup=lambda host, port, **options: lookups.append(host) or lookup(host, port, **options),
    )  # fmt: skip
    answer = counted.get(f"https://{HOST}/01/1", accept=ANY, redirects=1)
    assert answer.url == f"https://{HOST}/passports/01/1?format=vp"
    assert secure.paths == ["/01/1", "/passports/01/1?format=vp"]
    assert lookups == [HOST]


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/x", f"http://{HOST}/x", f"https://{HOST}:8443/x", "//elsewhere.example/x",
        f"https://user@{HOST}/x", "https://127.0.0.1/x", "ftp://x/", "", "https://[x", "/a b",
    ],
)  # fmt: skip
def test_a_redirect_to_another_origin_is_refused(secure, certificate, target):
    secure.status, secure.headers = 307, {"Location": target}
    with pytest.raises(FetchFailed):
        disguised_client(secure, certificate).get(URL, accept=ANY, redirects=3)
    assert all(host == HOST for _, host in secure.requests)


def test_redirects_in_a_circle_end(secure, certificate):
    secure.status, secure.headers = 307, {"Location": "/status/1"}
    with pytest.raises(FetchFailed, match="too many"):
        disguised_client(secure, certificate).get(URL, accept=ANY, redirects=3)
    assert len(secure.requests) == 4


# --- size, encoding, time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 206, 300, 400, 404, 410, 500, 503])
def test_another_status_than_200_is_no_answer(local, status):
    local.status = status
    with pytest.raises(FetchFailed, match="redirect|answered"):
        GuardedClient().naming(local.url).get(local.url, accept=ANY)


def test_a_body_that_is_too_large_is_refused_with_and_without_a_length(local):
    client = GuardedClient(max_bytes=1000).naming(local.url)
    for headers in ({}, {"Content-Length": "1001"}):
        local.body, local.headers = b" " * 1001, headers
        with pytest.raises(FetchFailed, match="too large"):
            client.get(local.url, accept=ANY)
    local.body, local.headers = b" " * 1000, {}
    assert len(client.get(local.url, accept=ANY).body) == 1000
    with pytest.raises(FetchFailed, match="too large"):
        client.get(local.url, accept=ANY, max_bytes=999)


def test_a_body_in_chunks_without_end_is_left_at_the_limit(raw):
    def send(connection, over):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    url = raw(send)
    with pytest.raises(FetchFailed, match="too large"):
        GuardedClient(max_bytes=100_000).naming(url).get(url, accept=ANY)


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "identity, gzip", "x"])
def test_a_compressed_answer_is_refused(local, encoding):
    local.headers = {"Content-Encoding": encoding}
    with pytest.raises(FetchFailed, match="compressed"):
        GuardedClient().naming(local.url).get(local.url, accept=ANY)


def test_a_body_that_ends_early_is_refused(raw):
    def send(connection, _):
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":1}')

    url = raw(send)
    with pytest.raises(FetchFailed, match="cut short"):
        GuardedClient().naming(url).get(url, accept=ANY)


def _drip_headers(connection, over):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.05):
        connection.sendall(b"X: y\r\n")


def _drip_body(connection, over):
    # Without a length, so that the end of the connection could be taken for the end of the body.
    connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n{"a":1}')
    while not over.wait(0.05):
        connection.sendall(b" ")


def _say_nothing(_, over):
    over.wait(20)


def _continue_for_ever(connection, over):
    while not over.wait(0.02):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("send", [_drip_headers, _drip_body, _say_nothing, _continue_for_ever])
def test_a_server_that_takes_its_time_is_left_at_the_deadline(raw, send):
    url = raw(send)
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        GuardedClient(timeout=0.4).naming(url).get(url, accept=ANY)
    assert time.monotonic() - started < 5


def test_a_look_up_that_hangs_is_left_at_the_deadline():
    over = threading.Event()

    def lookup(*_, **__):
        over.wait(20)
        return addresses_of(PUBLIC)("", 443)

    started = time.monotonic()
    try:
        with pytest.raises(FetchFailed, match="not found in time"):
            GuardedClient(lookup=lookup, connect=unreachable, timeout=0.3).get(URL, accept=ANY)
        assert time.monotonic() - started < 5
    finally:
        over.set()


def test_a_handshake_that_never_ends_is_left_at_the_deadline(raw, certificate):
    url = raw(_say_nothing)
    port = int(url.rsplit(":", 1)[1].strip("/"))
    started = time.monotonic()
    with pytest.raises(FetchFailed, match="in time"):
        GuardedClient(timeout=0.4).naming(url).get(f"https://127.0.0.1:{port}/", accept=ANY)
    assert time.monotonic() - started < 5


def test_connecting_is_within_the_deadline_for_all_addresses_together(secure, certificate):
    waited = []

    def connect(address, timeout):
        waited.append(timeout)
        time.sleep(timeout)
        raise TimeoutError

    client = GuardedClient(lookup=addresses_of(*(f"93.184.216.{n}" for n in range(1, 9))), connect=connect, timeout=0.4)
    with pytest.raises(FetchFailed):
        client.get(URL, accept=ANY)
    assert sum(waited) < 1


def test_headers_without_end_are_refused(raw):
    def send(connection, over):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not over.is_set():
            connection.sendall(b"y" * 60_000)

    url = raw(send)
    with pytest.raises(FetchFailed, match="LineTooLong"):
        GuardedClient().naming(url).get(url, accept=ANY)
