"""The one HTTP client of the product. Each request of ours to another machine is made here.

An address may come from a document that a stranger handed in. A program that followed it without care could be sent
into its own network (server-side request forgery), kept waiting, or filled up. The rules:

1. The scheme is https. Plain http is for loopback, and only where the user named that host
   (:meth:`GuardedClient.naming`). An address has no user, no password and nothing but printable ASCII.
2. The name is resolved once. Every address behind it must be public; the connection is made to one of the addresses
   that were checked, and the other end is checked again when the connection is open. A second look-up could give
   another answer (DNS rebinding).
3. Private and loopback addresses are for hosts that the user named. Link-local, shared (RFC 6598), multicast and
   reserved addresses are never called. An IPv4 address inside an IPv6 one counts like the address itself.
4. The certificate is checked for the host name. Proxies, ``.netrc`` and cookies are not used.
5. No redirect is followed, or, where the caller says so, a few on the same origin, to the addresses already checked.
6. One deadline holds for look-up, connection, handshake, headers and body together.
7. The body is measured while it is read. A compressed body is refused: its size says nothing about what is in it.

    client = GuardedClient()
    client.get("https://battery.example.com/status/1", accept="application/vc").body
    client.naming("http://127.0.0.1:8080/01/…").get("http://127.0.0.1:8080/status/1", accept="application/vc")

Nothing imports this module to verify a document: who wants to ask another machine hands a client over.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urljoin

from passport.errors import FetchFailed, MalformedDocument, RefusedAddress
from passport.identity.callable_address import (
    host_of,
    inner_addresses,
    is_loopback,
    is_near,
    is_public,
    origin_of,
    port_of,
    split,
)
from passport.linked_data import strict_json
from passport.texts import Message

TIMEOUT_SECONDS = 10.0
"""Seconds for one request with everything that belongs to it."""
MAX_BYTES = 4_000_000

_PROBLEM_BYTES = 16_384
_CODE = re.compile(r"[a-z0-9-]{1,40}\Z")


@dataclass(frozen=True)
class HttpAnswer:
    """A body, that came with status 200 unless the caller takes any.

    :ivar url: where it came from, after redirects.
    :ivar media_type: lower case, without parameters; empty where the server named none.
    """

    url: str
    body: bytes
    media_type: str = ""
    status: int = 200


@cache
def _system_trust() -> ssl.SSLContext:
    """TLS by the certificates of the system, which are read once in a process."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class GuardedClient:
    """Sends GET requests by the rules above. Safe to share between threads.

    :param named: hosts that the user named, lower case: these may be private or loopback addresses.
    :param timeout: seconds for one call of :meth:`get`.
    :param max_bytes: of one body.
    :param tls: the context for https; by default the system's authorities.
    :param lookup: as ``socket.getaddrinfo``; :param connect: as ``socket.create_connection``. Both are for tests.
    """

    named: frozenset[str] = frozenset()
    timeout: float = TIMEOUT_SECONDS
    max_bytes: int = MAX_BYTES
    tls: ssl.SSLContext = field(default_factory=_system_trust, repr=False, compare=False)
    lookup: Callable[..., list[Any]] = field(default=socket.getaddrinfo, repr=False)
    connect: Callable[..., socket.socket] = field(default=socket.create_connection, repr=False)

    def check(self, url: str) -> None:
        """Refuse an address that this client would not call, as far as its text tells. Nothing is looked up.

        :raises RefusedAddress: not https, or not an address.
        """
        self._check_scheme(split(url))

    def naming(self, url: str) -> GuardedClient:
        """The same client for a user who named the host of ``url``.

        :raises RefusedAddress: not an address that can be called.
        """
        return replace(self, named=self.named | {host_of(split(url))})

    def post_signed(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Hand a body in with the headers of its signature; the status of the answer, of which nothing else is read.

        :raises RefusedAddress: this client does not call ``url``; nothing was sent to it.
        :raises FetchFailed: no answer in time, or a redirect, which is not followed.
        """
        deadline = time.monotonic() + self.timeout
        parts = split(url)
        self._check_scheme(parts)
        addresses = self._checked_addresses(parts, deadline)
        sent = (*headers.items(), ("Content-Length", str(len(body))))
        answer = self._exchange(parts, addresses, "*/*", deadline, self.max_bytes, body, sent, any_status=True)
        if isinstance(answer, HttpAnswer):
            return answer.status
        raise FetchFailed(Message("{host} answered with a redirect, which is not followed", host=host_of(parts)))

    def get(
        self,
        url: str,
        *,
        accept: str,
        redirects: int = 0,
        timeout: float | None = None,
        max_bytes: int | None = None,
    ) -> HttpAnswer:
        """What is at ``url``.

        :param accept: media types of the ``Accept`` header.
        :param redirects: how many redirects on the same origin are followed.
        :param timeout: seconds for this call, where it is less than the client's own.
        :raises RefusedAddress: this client does not call ``url``; nothing was sent to it.
        :raises FetchFailed: no answer in time, or none that counts.
        """
        deadline = time.monotonic() + min(self.timeout, self.timeout if timeout is None else timeout)
        limit = self.max_bytes if max_bytes is None else min(max_bytes, self.max_bytes)
        parts = split(url)
        self._check_scheme(parts)
        addresses = self._checked_addresses(parts, deadline)
        for _ in range(redirects + 1):
            answer = self._exchange(parts, addresses, accept, deadline, limit)
            if isinstance(answer, HttpAnswer):
                return answer
            try:
                target = split(answer)
            except RefusedAddress as error:
                raise FetchFailed(Message("{host} leads to an address that is none", host=host_of(parts))) from error
            if origin_of(target) != origin_of(parts):
                raise FetchFailed(Message("{host} leads to another server", host=host_of(parts)), found=answer[:200])
            parts = target
        host = host_of(parts)
        if redirects:
            raise FetchFailed(Message("{host} answered with too many redirects", host=host))
        raise FetchFailed(Message("{host} answered with a redirect, which is not followed", host=host))

    def post_json(self, url: str, body: bytes, *, token: str | None = None) -> HttpAnswer:
        """The answer to a JSON document that is handed in at ``url``. No redirect is followed.

        :param token: bearer token.
        :raises RefusedAddress: this client does not call ``url``; nothing was sent to it.
        :raises FetchFailed: no answer of 200 in time; what became of the document is not known.
        """
        deadline = time.monotonic() + self.timeout
        parts = split(url)
        self._check_scheme(parts)
        addresses = self._checked_addresses(parts, deadline)
        bearer = () if token is None else (("Authorization", f"Bearer {token}"),)
        sent = (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *bearer)
        answer = self._exchange(parts, addresses, "application/json", deadline, self.max_bytes, body, sent)
        if isinstance(answer, HttpAnswer):
            return answer
        raise FetchFailed(Message("{host} answered with a redirect, which is not followed", host=host_of(parts)))

    def exchange(
        self, url: str, body: bytes | None, *, authorization: str, accept: str = "application/json",
        content_type: str = "application/json",
    ) -> HttpAnswer:  # fmt: skip
        """The answer of any status but a redirect, which is not followed: for protocols that say more in it.

        :param body: to be handed in with POST; None: a GET.
        :param authorization: the header ``Authorization``; empty: none is sent.
        :raises RefusedAddress: this client does not call ``url``; nothing was sent to it.
        :raises FetchFailed: no answer in time.
        """
        deadline = time.monotonic() + self.timeout
        parts = split(url)
        self._check_scheme(parts)
        addresses = self._checked_addresses(parts, deadline)
        sent: tuple[tuple[str, str], ...] = (("Authorization", authorization),) if authorization else ()
        if body is not None:
            sent = (("Content-Type", content_type), ("Content-Length", str(len(body))), *sent)
        answer = self._exchange(parts, addresses, accept, deadline, self.max_bytes, body, sent, any_status=True)
        if isinstance(answer, HttpAnswer):
            return answer
        raise FetchFailed(Message("{host} answered with a redirect, which is not followed", host=host_of(parts)))

    # --- where it goes ----------------------------------------------------------------------------------------------

    def _check_scheme(self, parts: SplitResult) -> None:
        if parts.scheme == "https" or parts.scheme == "http" and host_of(parts) in self.named and is_loopback(parts):
            return
        raise RefusedAddress(
            Message("the address is not called over plain http"),
            expected=Message("https://…; http only for a loopback address that you give yourself"),
            found=parts.geturl()[:200],
            hint=Message("Save the passport and verify the file."),
        )

    def _checked_addresses(self, parts: SplitResult, deadline: float) -> list[str]:
        host, port = host_of(parts), port_of(parts)
        entries = self._look_up(host, port, deadline)
        addresses = list(dict.fromkeys(entry[4][0] for entry in entries))
        if not addresses:
            raise FetchFailed(Message("{host} has no address", host=host))
        # One private address among public ones is refused too: it is how one tries which of them is taken.
        for address in addresses:
            self._check_address(address, parts)
        return addresses

    def _look_up(self, host: str, port: int, deadline: float) -> list[Any]:
        # The system's resolver cannot be interrupted; a thread that waits for it can be left behind.
        answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self.lookup(host, port, type=socket.SOCK_STREAM))
            except Exception as error:
                answers.put(error)

        threading.Thread(target=look_up, daemon=True, name="look-up").start()
        try:
            answer = answers.get(timeout=max(deadline - time.monotonic(), 0.001))
        except queue.Empty:
            raise FetchFailed(Message("the address of {host} was not found in time", host=host)) from None
        if isinstance(answer, (OSError, UnicodeError)):
            raise FetchFailed(Message("{host} has no address", host=host)) from answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _check_address(self, address: str, parts: SplitResult) -> None:
        """:raises RefusedAddress: ``address`` is not one that may be called for this host."""
        host = host_of(parts)
        inner = inner_addresses(address)
        if parts.scheme == "http":
            good = all(each.is_loopback for each in inner)
        elif host in self.named:
            good = all(is_public(each) or is_near(each) for each in inner)
        else:
            good = all(is_public(each) for each in inner)
        if not good or not inner:
            loopback_only = parts.scheme == "http"
            raise RefusedAddress(
                Message("{host} is not called", host=host),
                expected=Message("a loopback address") if loopback_only else Message("a public address"),
                found=address[:60],
                hint=Message(
                    "A private or loopback address is called only where you give it yourself: passport verify URL."
                ),
            )

    # --- the exchange -----------------------------------------------------------------------------------------------

    def _exchange(
        self,
        parts: SplitResult,
        addresses: list[str],
        accept: str,
        deadline: float,
        limit: int,
        content: bytes | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        any_status: bool = False,
    ) -> HttpAnswer | str:
        """The answer, or the address that a redirect leads to.

        :param content: to be handed in with POST; None: a GET.
        """
        host = host_of(parts)
        connection = http.client.HTTPConnection(host, port_of(parts), timeout=self.timeout)
        done, hung_up = threading.Event(), threading.Event()
        try:
            plain = self._connected(addresses, parts, deadline)
            # Kept beside the connection, which forgets its socket as soon as the headers say that it will be closed.
            connection.sock, sockets = plain, [plain]
            # Each read has a timeout of its own; a server that sends a byte now and then would hold us for ever.
            watched = (sockets, deadline, done, hung_up)
            threading.Thread(target=_hang_up_in_time, args=watched, daemon=True, name="watchdog").start()
            self._check_address(plain.getpeername()[0], parts)
            if parts.scheme == "https":
                secure = self.tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
                connection.sock = sockets[0] = secure
                secure.do_handshake()
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            method = "GET" if content is None else "POST"
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in (
                ("Host", parts.netloc), ("Accept", accept), ("Accept-Encoding", "identity"),
                ("User-Agent", "battery-passport"), ("Connection", "close"), *headers,
            ):  # fmt: skip
                connection.putheader(name, value)
            connection.endheaders(content)
            response = connection.getresponse()
            if response.status in (301, 302, 303, 307, 308):
                return urljoin(parts.geturl(), response.getheader("Location", ""))
            if response.status != 200 and not any_status:
                raise _refused(
                    Message(
                        "{host} answered {status} for {url}",
                        host=host,
                        status=response.status,
                        url=parts.geturl()[:200],
                    ),
                    response,
                )
            if response.getheader("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                raise FetchFailed(
                    Message("{host} answered with a compressed body", host=host),
                    expected=Message("Content-Encoding: identity"),
                )
            declared = response.length
            if declared is not None and declared > limit:
                raise FetchFailed(
                    Message("the answer of {host} is too large", host=host),
                    expected=Message("at most {limit:,} bytes", limit=limit),
                )
            body = response.read(limit + 1)
            media_type = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
        except ssl.SSLCertVerificationError as error:
            # Since Python 3.13 also where it lacks what RFC 5280 demands, which only its reason tells.
            raise FetchFailed(
                Message("the certificate of {host} is not accepted: {reason}", host=host, reason=error.verify_message)
            ) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            kind = type(error).__name__
            if hung_up.is_set() or isinstance(error, TimeoutError):
                raise FetchFailed(Message("{host} did not answer in time ({kind})", host=host, kind=kind)) from error
            raise FetchFailed(Message("{host} did not answer ({kind})", host=host, kind=kind)) from error
        finally:
            done.set()
            connection.close()
        if len(body) > limit:
            raise FetchFailed(
                Message("the answer of {host} is too large", host=host),
                expected=Message("at most {limit:,} bytes", limit=limit),
            )
        if hung_up.is_set() or declared is not None and len(body) < declared:
            # A body without a length ends where the connection does, be it our own hanging up.
            raise FetchFailed(Message("the answer of {host} was cut short", host=host))
        return HttpAnswer(parts.geturl(), body, media_type, response.status)

    def _connected(self, addresses: list[str], parts: SplitResult, deadline: float) -> socket.socket:
        """A connection to the first address that answers; each gets its share of the time that is left."""
        failed: OSError = TimeoutError()
        for number, address in enumerate(addresses):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                connected = self.connect((address, port_of(parts)), timeout=left / (len(addresses) - number))
            except OSError as error:
                failed = error
                continue
            connected.settimeout(max(deadline - time.monotonic(), 0.001))
            return connected
        raise failed


def _refused(message: str, response: http.client.HTTPResponse) -> FetchFailed:
    """The error for an answer that is none, with the code of its problem document. Nothing else of it is believed."""
    error = FetchFailed(message)
    error.status = response.status
    if response.getheader("Content-Type", "").partition(";")[0].strip().lower() == "application/problem+json":
        body = response.read(_PROBLEM_BYTES)
        with contextlib.suppress(MalformedDocument):
            problem = strict_json.loads(body)
            code = problem.get("code") if isinstance(problem, dict) else None
            error.problem = code if isinstance(code, str) and _CODE.match(code) else None
    return error


def _hang_up_in_time(
    sockets: list[socket.socket], deadline: float, done: threading.Event, hung_up: threading.Event
) -> None:
    if done.wait(max(deadline - time.monotonic(), 0.001)):
        return
    hung_up.set()
    # Again until it is over: the socket may just be on its way into TLS, and for a moment belong to nothing.
    while not done.is_set():
        # Of the plain socket underneath: a TLS connection would first want to say goodbye.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sockets[0], socket.SHUT_RDWR)
        done.wait(0.1)
