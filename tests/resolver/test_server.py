"""The server: its quick way says what the usual way says, and nobody is waited for without end.

Over real connections; the waits are made short, so that their ends are seen and not slept through.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from passport.errors import StoreUnavailable
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from passport.web import server
from passport.web.limits import Limit
from passport.web.server import THREADS, Connection
from resolver import wsgi
from resolver.page.wording import refusal_texts
from resolver.serving.site import Site
from tests.conftest import example_count
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

EV = "/passports/01/09529999001009/21/A7K2M05G6J0000317"
LFP = "/passports/id/VO-HV13/VO26090001742"
HOST = "Host: passport.example.com\r\n"
VP = "Accept: application/vp\r\n"
#: Seconds until a test gives up. A busy machine is slow, not wrong.
PATIENCE = 120


class Peer:
    """What the quick way needs to know of a connection."""

    known = None
    address = "192.0.2.1"


@dataclass
class Served:
    """A site behind a server of its own, in a thread."""

    site: object
    asgi: Site
    config: uvicorn.Config
    loop: asyncio.AbstractEventLoop
    port: int

    def at_once(self, request: bytes, peer: Peer | None = None) -> bytes | None:
        async def asked() -> bytes | None:
            return self.asgi.at_once(request, peer or Peer())

        return asyncio.run_coroutine_threadsafe(asked(), self.loop).result(PATIENCE)

    @contextmanager
    def connected(self) -> Iterator[Talk]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield Talk(connection)

    def usual(self, request: bytes) -> bytes:
        """The answer to what is sent in two parts, so that the quick way is never taken."""
        with self.connected() as talk:
            talk.send(request[:3])
            self.read_by_server()
            return talk.ask(request[3:], request.split(b" ")[0])

    def read_by_server(self) -> None:
        """Come back when the server has read what was sent on the loopback so far."""
        for _ in range(3):
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(PATIENCE)

    def get(self, target: str, headers: str = "") -> bytes:
        with self.connected() as talk:
            return talk.ask(get(target, headers))


class Talk:
    """A client that speaks bytes."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._file = connection.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, request: bytes, method: bytes = b"GET") -> bytes:
        self.send(request)
        return self.take(method)

    def take(self, method: bytes = b"GET") -> bytes:
        """The next answer, whole; nothing where the server has ended the connection instead."""
        head = b""
        try:
            while not head.endswith(b"\r\n\r\n"):
                line = self._file.readline()
                if not line:
                    return head
                head += line
        except ConnectionResetError:
            return b""
        said = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        if method == b"HEAD" or status(head) in (304, 204, 100):
            return head
        if said.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(self._file.readline(), 16):
                body += self._file.read(size)
                self._file.readline()
            self._file.readline()
            return head + body
        return head + self._file.read(int(said[b"content-length"]))

    def rest(self) -> list[bytes]:
        """All answers until the server ends the connection."""
        return list(iter(self.take, b""))


def get(target: str, headers: str = VP) -> bytes:
    return f"GET {target} HTTP/1.1\r\n{HOST}{headers}\r\n".encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def parts(answer: bytes) -> tuple[int, list, bytes]:
    """Status, headers without the date and what is counted, body: what must be the same in both ways."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
    said = sorted((name.lower(), value) for name, _, value in lines)
    return status(answer), [one for one in said if one[0] not in (b"date", b"ratelimit", b"connection")], body


@contextmanager
def serving(site, **changes: object) -> Iterator[Served]:
    asgi = Site(wsgi.fronted(site.app, now=itertools.count().__next__))
    config = uvicorn.Config(asgi, interface="asgi3", lifespan="off", ws="none", date_header=False, server_header=False,
                            proxy_headers=False, log_config=None, access_log=False, **changes)  # fmt: skip
    config.load()
    state = ServerState()
    loop, started = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    def run() -> None:
        asyncio.set_event_loop(loop)
        made = loop.run_until_complete(loop.create_server(lambda: Connection(config, state, {}, loop), "127.0.0.1", 0))
        ports.append(made.sockets[0].getsockname()[1])
        started.set()
        loop.run_forever()
        made.close()
        loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop)))
        loop.close()

    def end() -> None:
        for connection in list(state.connections):
            connection.transport.abort()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(PATIENCE)
    try:
        yield Served(site, asgi, config, loop, ports[0])
    finally:
        loop.call_soon_threadsafe(end)
        asgi.wsgi.executor.shutdown()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def served(make_site, make_operator, tmp_path_factory) -> Iterator[Served]:
    """For tests that only read."""
    folder = tmp_path_factory.mktemp("served")
    operator = make_operator(folder, "ev-ncm-100kwh", "stationary-lfp", url=f"sqlite:///{folder / 'passports.db'}")
    with serving(make_site(operator, folder, rate_limit=Limit.parse("999999/1"))) as found:
        # Each form is compared with Flask's before the quick way uses it, and kept when it is asked for again.
        for path, accept in itertools.product((EV, LFP), ("application/vp", "application/ld+json", "text/html")):
            for _ in range(3):
                found.get(path, f"Accept: {accept}\r\n")
        yield found


@pytest.fixture
def open_served(make_site, make_operator, tmp_path) -> Callable:
    """For tests that write, or change how the server is set up."""

    @contextmanager
    def opened(config: dict | None = None, **changes: object) -> Iterator[Served]:
        operator = make_operator(tmp_path, "stationary-lfp", url=f"sqlite:///{tmp_path / 'passports.db'}")
        with serving(make_site(operator, tmp_path, **(config or {})), **changes) as found:
            yield found

    return opened


# --- the quick way --------------------------------------------------------------------------------------------------


TARGETS = [
    EV, LFP, EV + "?format=vp", EV + "?format=jsonld", LFP + "?lang=zh", EV + "?lang=zh&regime=cn", EV + "?x=1",
    "/passports/id/VO-HV13", "/passports/id/VO-HV13/UNKNOWN", EV.replace("317", "%33%31%37"), EV + "%00", EV + "/",
    "/passports/%2e%2e/ns", EV + "#x", EV + "?format=vp&format=html", "/ns",
]  # fmt: skip
LINES = [
    VP, "Accept: application/ld+json\r\n", "Accept: text/html\r\n", "Accept: text/csv\r\n", "Accept:image/png\r\n",
    "Accept-Language: zh-CN,zh;q=0.9\r\n", "accept: application/vp\r\n", "User-Agent: x (y; z)\r\n",
    "X-Forwarded-For: 203.0.113.9\r\n", "X-Forwarded-Host: evil.example\r\n", "X_Forwarded_For: 203.0.113.9\r\n",
    "Authorization: Bearer x.y.z\r\n", "Cookie: a=b\r\n", "Range: bytes=0-9\r\n", 'If-None-Match: "x"\r\n',
    f'If-None-Match: W/"{"0" * 32}"\r\n', "If-None-Match: *\r\n", "Connection: keep-alive\r\n", "Accept: \r\n",
    "Content-Length: 0\r\n", "X-HTTP-Method-Override: DELETE\r\n", "Origin: https://other.example\r\n",
]  # fmt: skip


def test_what_was_asked_for_before_is_answered_at_once(served):
    for path, accept in itertools.product((EV, LFP), ("application/vp", "application/ld+json", "text/html")):
        answer = served.at_once(get(path, f"Accept: {accept}\r\n"))
        assert answer is not None and status(answer) == 200


@settings(max_examples=example_count(50), deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "GET", "OPTIONS", "DELETE"]), target=st.sampled_from(TARGETS),
    lines=st.lists(st.sampled_from(LINES), max_size=4, unique=True),
)  # fmt: skip
def test_any_request_is_answered_at_once_as_in_the_usual_way_or_not_at_once(served, method, target, lines):
    request = f"{method} {target} HTTP/1.1\r\n{HOST}{''.join(lines)}\r\n".encode()
    answer = served.at_once(request)
    if answer is not None:
        assert parts(answer) == parts(served.usual(request))


def test_who_has_the_answer_gets_304_at_once(served):
    answer = served.at_once(get(EV))
    etag = dict(parts(answer)[1])[b"etag"].decode()
    for mark in ("", "W/"):
        request = get(EV, f"{VP}If-None-Match: {mark}{etag}\r\n")
        assert parts(served.at_once(request)) == parts(served.usual(request))
        assert status(served.at_once(request)) == 304


@each(
    "request_",
    [
        f"GET {EV} HTTP/1.0\r\n{HOST}{VP}\r\n",
        f"GET  {EV} HTTP/1.1\r\n{HOST}{VP}\r\n",
        f"GET {EV} HTTP/1.1 \r\n{HOST}{VP}\r\n",
        f"get {EV} HTTP/1.1\r\n{HOST}{VP}\r\n",
        f"POST {EV} HTTP/1.1\r\n{HOST}{VP}\r\n",
        f"GET http://passport.example.com{EV} HTTP/1.1\r\n{HOST}{VP}\r\n",
        f"GET {EV} HTTP/1.1\r\n{VP}\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{HOST}{VP}\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}{VP}\r\n",
        f"GET {EV} HTTP/1.1\r\nHost: evil example\r\n{VP}\r\n",
        f"GET {EV} HTTP/1.1\r\nHost: a/b\r\n{VP}\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}\r\nGET / HTTP/1.1\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}\r\n\r\n",
        f"GET {EV} HTTP/1.1\n{HOST}{VP}\n".replace("\r", ""),
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP} folded\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Transfer-Encoding : chunked\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Transfer-Encoding: chunked\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}transfer-encoding: identity\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Content-Length: 3\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Content-Length: 0\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Expect: 100-continue\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Connection: close\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Connection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Authorization: Bearer x\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}Cookie: a=b\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}X-A: b\rc\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}X-A: b\x00c\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}X-A: ü\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}X_A: b\r\n\r\n",
        f"GET {EV} HTTP/1.1\r\n{HOST}{VP}: b\r\n\r\n",
        f"GET {EV}?lang=%7a%68 HTTP/1.1\r\n{HOST}\r\n",
        f"GET {EV}ü HTTP/1.1\r\n{HOST}{VP}\r\n",
        f"GET {EV}\t HTTP/1.1\r\n{HOST}{VP}\r\n",
        "",
    ],
)
def test_what_is_not_plain_is_not_answered_at_once(served, request_):
    assert served.at_once(request_.encode()) is None


@each(
    "hidden",
    ["Transfer-Encoding: chunked\r\n", f"Content-Length: {len(get(LFP))}\r\n", "Transfer-Encoding : chunked\r\n"],
)
def test_a_request_hidden_in_the_body_of_another_is_not_answered(served, hidden):
    """Whatever a proxy in front takes for a body is one here too, or the whole is refused."""
    inner = get(LFP)
    outer = get(EV, VP + hidden)
    for sent in ([outer, inner], [outer + inner]):
        with served.connected() as talk:
            with suppress(ConnectionError):
                for part in (*sent, get("/ns", "Connection: close\r\n")):
                    talk.send(part)
                    served.read_by_server()
            assert b"VO26090001742" not in b"".join(talk.rest())


def test_the_rest_of_a_body_is_no_request_even_where_the_answer_was_given_before_it_came(served):
    head = f"POST /token HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n".encode()
    with served.connected() as talk:
        assert status(talk.ask(head)) == 413
        talk.send(get(EV))
        served.read_by_server()
        talk.socket.shutdown(socket.SHUT_WR)
        assert talk.rest() == []


def test_requests_sent_together_are_answered_in_their_order(served):
    paths = [EV, "/ns", LFP, EV, "/passports/id/VO-HV13/UNKNOWN", LFP]
    expected = [parts(served.get(path, VP)) for path in paths]
    with served.connected() as talk:
        talk.send(b"".join(get(path) for path in paths))
        assert [parts(talk.take()) for _ in paths] == expected
    with served.connected() as talk:
        assert [parts(talk.ask(get(path))) for path in paths] == expected


def test_headers_of_one_request_do_not_count_for_the_next_one_of_the_connection(served):
    peer = Peer()
    plain, page = get(EV), get(EV, "Accept: text/html\r\nAccept-Language: zh\r\n")
    expected = [parts(served.usual(request)) for request in (plain, page)]
    assert served.at_once(get(EV, VP + "Cookie: a=b\r\n"), peer) is None
    for _ in range(3):
        for request, answer in zip((plain, page), expected, strict=True):
            said = served.at_once(request, peer)
            assert said is not None and parts(said) == answer


def test_a_token_opens_nothing_for_the_next_request_of_the_connection(served):
    bearer = served.site.bearer(Audience.LEGITIMATE_INTEREST)["Authorization"]
    with served.connected() as talk:
        said = [parts(talk.ask(get(EV, VP + more))) for more in ("", f"Authorization: {bearer}\r\n", "")]
    assert [one[0] for one in said] == [200, 200, 200]
    assert len(said[1][2]) > len(said[0][2])
    assert said[0] == said[2]


def test_a_revocation_is_seen_by_the_next_request_of_a_connection(open_served):
    with open_served() as served, served.connected() as talk:
        before = [parts(talk.ask(get(LFP))) for _ in range(4)]
        assert served.at_once(get(LFP)) is not None
        operator = served.site.operator
        regimes = tuple(vocabulary.regimes().values())
        issuer = operator.project.issuer_with_key(None)
        publisher = RememberingPublisher(operator.store, issuer, operator.project.base_url, vocabulary.load(), regimes)
        publisher.revoke(operator.packs["stationary"], reason="wrong", at=served.site.clock[0])
        after = [parts(talk.ask(get(LFP))) for _ in range(2)]
        assert before == before[:1] * 4 and after == after[:1] * 2
        assert after[0][2] != before[0][2]


def test_where_the_store_fails_the_usual_way_says_so(open_served, monkeypatch):
    def broken() -> None:
        raise StoreUnavailable("disk I/O error")

    with open_served() as served, served.connected() as talk:
        monkeypatch.setattr(served.asgi.front.view, "version", broken)
        assert [status(talk.ask(get(LFP))) for _ in range(2)] == [200, 200]


def test_the_rate_limit_holds_in_the_quick_way_too(open_served):
    with open_served({"rate_limit": Limit.parse("5/1000")}) as served, served.connected() as talk:
        said = [talk.ask(get(LFP)).lower() for _ in range(7)]
        assert [status(answer) for answer in said] == [200] * 5 + [429] * 2
        left = [answer.split(b'"default";r=')[1][:1] for answer in said]
        assert left == [b"4", b"3", b"2", b"1", b"0", b"0", b"0"]


# --- who is slow ----------------------------------------------------------------------------------------------------


SLOW = {
    "sends nothing": b"",
    "sends half a head": f"GET {EV} HTTP/1.1\r\n{HOST}Accept: appl".encode(),
    "sends half a body": f"POST /token HTTP/1.1\r\n{HOST}Content-Length: 100\r\n\r\n{{".encode(),
    "sends half a chunk": f"POST /token HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n64\r\n{{".encode(),
    "announces to go on": f"POST /token HTTP/1.1\r\n{HOST}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n".encode(),
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_who_does_not_finish_a_request_is_not_waited_for(open_served, monkeypatch, sent):
    monkeypatch.setattr(server, "RECEIVE", 0.2)
    with open_served() as served, served.connected() as talk:
        talk.send(sent)
        assert [status(answer) for answer in talk.rest()] in ([], [408], [100])


def test_who_is_slow_keeps_nobody_else_waiting(open_served):
    """More unfinished bodies than there are threads, and everybody else is answered."""
    with open_served() as served:
        address = ("127.0.0.1", served.port)
        slow = [socket.create_connection(address, timeout=PATIENCE) for _ in range(3 * THREADS)]
        try:
            for connection in slow:
                connection.sendall(SLOW["sends half a body"])
            assert status(served.get("/ns")) == 200
        finally:
            for connection in slow:
                connection.close()


def test_who_is_done_is_let_go_after_a_while(open_served):
    with open_served(timeout_keep_alive=0.2) as served:
        for request in (get(LFP), get("/ns", "")):
            with served.connected() as talk:
                said = []
                with suppress(ConnectionError):
                    while len(said) < 4 and (answer := talk.ask(request)):
                        said.append(status(answer))
                # How many are answered before the time is over, the machine decides.
                assert set(said) == {200}
                assert talk.rest() == []


def test_who_takes_nothing_of_what_was_sent_is_let_go(open_served, monkeypatch):
    monkeypatch.setattr(server, "TAKE", 0.2)
    with open_served() as served, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", served.port))
        connection.settimeout(PATIENCE)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            while True:
                connection.sendall(get(LFP) * 100)


# --- the host -------------------------------------------------------------------------------------------------------


GOOD_HOSTS = [
    "passport.example.com", "passport.example.com:8080", "PASSPORT.example.com.", "192.0.2.7:80", "[2001:db8::1]:8443",
    "[::ffff:192.0.2.7]", "passport.example.com:", "my_site", "xn--fsq.example", "h" * 255,
]  # fmt: skip
BAD_HOSTS = {
    "empty": "", "blank": "  ", "two in one": "a.example,b.example", "a list": "a.example, b.example",
    "a blank within": "a.example b.example", "a path": "a.example/b", "an address": "https://a.example",
    "a user": "user@a.example", "two ports": "a.example:80:80", "a port that is no number": "a.example:http",
    "a port that is too large": "a.example:65536", "a bracket that is open": "[::1",
    "no address in brackets": "[a.example]",
    "an address of seven parts": "[1:2:3:4:5:6:7]", "a bare IPv6 address": "2001:db8::1", "a port alone": ":80",
    "a query": "a.example?b", "a backslash": "a.example\\b", "too long": "h" * 256, "Latin-1": "b\u00fccher.example",
    "a percent sign": "a%2eexample", "a quote": 'a"example',
}  # fmt: skip


@each("target", [EV, "/ns", "/passports/id/VO-HV13/UNKNOWN", "/v1/dpps", "/nothing"])
@each("headers", ["", HOST + HOST, HOST + "Host: other.example\r\n", f"host: x\r\n{HOST}"])
def test_a_request_without_a_host_or_with_two_is_refused_in_both_ways(served, target, headers):
    request = f"GET {target} HTTP/1.1\r\n{headers}{VP}\r\n".encode()
    assert served.at_once(request) is None
    with served.connected() as talk:
        whole = talk.ask(request)
    for answer in (whole, served.usual(request)):
        assert status(answer) == 400
        assert b"invalid-host" in answer or target.startswith("/v1")


@each("host", BAD_HOSTS.values(), ids=BAD_HOSTS)
@each("version", ["1.1", "1.0"])
def test_a_malformed_host_is_refused_in_both_ways(served, host, version):
    request = f"GET {EV} HTTP/{version}\r\nHost: {host}\r\n{VP}\r\n".encode("latin-1")
    assert served.at_once(request) is None
    with served.connected() as talk:
        whole = talk.ask(request)
    for answer in (whole, served.usual(request)):
        assert status(answer) == 400 and b"VO26090001742" not in answer and b"A7K2M05G6J" not in answer


@each("host", GOOD_HOSTS)
def test_any_host_that_is_one_is_taken_and_decides_nothing(served, host):
    request = f"GET {EV} HTTP/1.1\r\nHost: {host}\r\n{VP}\r\n".encode()
    expected = parts(served.get(EV, VP))
    assert parts(served.at_once(request)) == expected == parts(served.usual(request))


def test_a_request_of_http_1_0_needs_no_host_and_may_not_have_two(served):
    for headers, expected in (("", 200), (HOST, 200), (HOST + HOST, 400)):
        request = f"GET {EV} HTTP/1.0\r\n{headers}{VP}\r\n".encode()
        assert served.at_once(request) is None
        with served.connected() as talk:
            assert status(talk.ask(request)) == expected


@each("method", ["HEAD", "POST", "OPTIONS", "DELETE"])
def test_no_other_method_is_answered_without_a_host(served, method):
    with served.connected() as talk:
        answer = talk.ask(f"{method} {EV} HTTP/1.1\r\n{VP}\r\n".encode(), method.encode())
    assert status(answer) == 400


@each("language", ["en", "zh"])
def test_people_read_why_a_request_without_a_host_is_refused(served, language):
    with served.connected() as talk:
        answer = talk.ask(f"GET {EV}?lang={language} HTTP/1.1\r\nAccept: text/html\r\n\r\n".encode())
    assert status(answer) == 400
    assert refusal_texts.BY_CODE["invalid-host"][language == "zh"].encode() in answer


@given(host=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40))
def test_both_ways_agree_about_any_host(served, host):
    request = f"GET {EV} HTTP/1.1\r\nHost: {host}\r\n{VP}\r\n".encode()
    answer = served.at_once(request)
    assert (answer is None) == (status(served.usual(request)) == 400)


# --- what is too much -----------------------------------------------------------------------------------------------


def test_a_head_without_end_is_refused(open_served):
    with open_served() as served, served.connected() as talk:
        with suppress(ConnectionError):
            talk.send(f"GET {EV} HTTP/1.1\r\n{HOST}".encode())
            for number in range(2000):
                talk.send(f"X-{number}: {'x' * 500}\r\n".encode())
        assert [status(answer) for answer in talk.rest()] in ([431], [])


def test_trailers_without_end_are_not_remembered(served):
    head = f"POST /token HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    trailers = b"".join(f"X-{number}: {'x' * 500}\r\n".encode() for number in range(500))
    peer = Connection(served.config, ServerState(), {}, served.loop)
    peer.headed = True
    for _ in range(3):
        peer.on_header(b"x", b"y")
    assert peer.headers is None
    with served.connected() as talk:
        assert status(talk.ask(head.encode() + b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n")) == 400


@each("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_with_a_problem(served, chunked):
    framing = "Transfer-Encoding: chunked" if chunked else "Content-Length: 1500000"
    head = f"POST /token HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n{framing}\r\n\r\n".encode()
    body = b"x" * 1_500_000
    with served.connected() as talk:
        talk.send(head)
        with suppress(ConnectionError):
            talk.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body)
        said = talk.take()
    assert status(said) == 413
    assert b"application/problem+json" in said


@each("garbage", [b"\x16\x03\x01\x02\x00\x01\r\n", b"GET\r\n\r\n", b"\r\nX Y Z\r\n", b"GET /ns HTTP/9.9\r\n\r\n"])
def test_what_is_no_http_is_refused(served, garbage):
    with served.connected() as talk:
        assert status(talk.ask(garbage)) == 400
        assert talk.rest() == []


def test_a_header_that_wsgi_would_take_for_another_is_dropped(open_served):
    """``X_Forwarded_For`` and ``X-Forwarded-For`` are one name to WSGI: nobody chooses the address he is counted by."""
    with open_served({"rate_limit": Limit.parse("3/1000"), "proxies": 1}) as served:
        said = []
        for number in range(5):
            spoofed = f"X-Forwarded-For: 192.0.2.7\r\nX_Forwarded_For: 203.0.113.{number}\r\n"
            said.append(served.get("/ns", spoofed))
        assert [status(answer) for answer in said] == [200, 200, 200, 429, 429]
