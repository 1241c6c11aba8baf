"""Fetching a did:web document, guarded. Nothing in the library does it unasked.

A DID comes out of a document that somebody handed in. A server that fetched it without care could be sent to its own
network (server-side request forgery), kept waiting, or filled up. So:

1. https only, to the address that :func:`~passport.identity.did_web.url_for` computes: a public host name, no user.
2. The name is resolved once. Each address must be public; the connection goes to an address that was checked, and the
   address at the other end is looked at again when it stands. A second look-up could give another answer (rebinding).
3. The certificate is checked for the host name. Proxy settings of the environment are not used.
4. No redirect is followed: the document of a DID lies where the DID says.
5. The whole exchange ends after a few seconds, the answer after some kilobytes; compressed answers are refused.
6. What came is strict JSON, an object, and speaks of that DID.
7. It is kept for a while, failures for a shorter while, in a cache that cannot grow without end.

    fetcher = DidWebFetcher()
    resolver = DidResolver({did: fetcher.fetch(did, at=now)})

A fetched document says who controls a key *now*, as far as DNS and the certificate authorities go. Whom to trust, and
which keys were good in the past, belongs in the trust list, with the document pinned.

For development on one machine, ``loopback=True`` takes ``did:web:localhost%3A8470`` over plain http as well, and only
where the connection really is one to loopback.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from passport.errors import MalformedDocument, UnresolvableDid, UsageError
from passport.identity import did_web
from passport.linked_data import strict_json

TIMEOUT_SECONDS = 5.0
MAX_BYTES = 100_000
LIFETIME = timedelta(hours=1)
FAILURE_LIFETIME = timedelta(minutes=1)
MAX_CACHED = 1000

_LOOPBACK = re.compile(r"did:web:localhost(?:%3[Aa]([1-9][0-9]{0,4}))?((?::[A-Za-z0-9._-]+)*)\Z")
_Lookup = Callable[..., list]
_Connect = Callable[..., socket.socket]


@dataclass(frozen=True)
class _Kept:
    until: datetime
    document: dict | None = None
    error: UnresolvableDid | None = None


@dataclass
class DidWebFetcher:
    """Fetches did:web documents. Safe to share between threads.

    :param timeout: seconds for the whole exchange.
    :param max_bytes: of the answer.
    :param lifetime: for which a document is taken from the cache.
    :param loopback: development switch, see the module.
    :param tls: the context for https; by default the system's authorities.
    :param lookup: as ``socket.getaddrinfo``, and :param connect: as ``socket.create_connection``; for tests.
    """

    timeout: float = TIMEOUT_SECONDS
    max_bytes: int = MAX_BYTES
    lifetime: timedelta = LIFETIME
    loopback: bool = False
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    lookup: _Lookup = field(default=socket.getaddrinfo, repr=False)
    connect: _Connect = field(default=socket.create_connection, repr=False)
    _cache: dict[str, _Kept] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def fetch(self, did: str, *, at: datetime) -> dict:
        """The document of ``did``, from the cache or from its address.

        :param at: aware instant of asking; decides about the cache.
        :raises UsageError: not a did:web, or one that leads somewhere it should not.
        :raises UnresolvableDid: there is no answer, or none that counts.
        """
        url = self._url(did)
        with self._lock:
            kept = self._cache.get(did)
        if kept is not None and at < kept.until:
            if kept.error is not None:
                raise kept.error
            return kept.document
        try:
            document = self._document(did, url)
        except UnresolvableDid as error:
            self._keep(did, _Kept(at + FAILURE_LIFETIME, error=error))
            raise
        self._keep(did, _Kept(at + self.lifetime, document))
        return document

    def _keep(self, did: str, kept: _Kept) -> None:
        with self._lock:
            self._cache.pop(did, None)
            while len(self._cache) >= MAX_CACHED:
                self._cache.pop(next(iter(self._cache)))  # the one that was fetched first
            self._cache[did] = kept

    def _url(self, did: str) -> str:
        match = _LOOPBACK.match(did) if self.loopback and isinstance(did, str) else None
        if match is None:
            return did_web.url_for(did)
        port, path = match.groups()
        segments = path.split(":")[1:] or [".well-known"]
        if any(segment in (".", "..") for segment in segments) or int(port or 80) > 65535:
            raise UsageError("not a did:web", found=repr(did)[:80])
        return f"http://localhost:{port or 80}/{'/'.join(segments)}/did.json"

    def _document(self, did: str, url: str) -> dict:
        body = self._get(url, did)
        try:
            document = strict_json.loads(body, max_bytes=self.max_bytes)
        except MalformedDocument as error:
            raise _failed(did, f"what lies there is not strict JSON ({error})") from error
        if not isinstance(document, dict) or document.get("id") != did:
            raise _failed(did, "what lies there is the document of another DID")
        return document

    def _get(self, url: str, did: str) -> bytes:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        address = self._checked_address(host, port, secure, did)
        connection = http.client.HTTPConnection(host, port, timeout=self.timeout)
        watchdog: threading.Timer | None = None
        try:
            plain = self.connect((address, port), timeout=self.timeout)
            connection.sock = plain
            # Each read may take the timeout; a server that sends a byte now and then would hold us for ever.
            watchdog = threading.Timer(self.timeout, _hang_up, (connection,))
            watchdog.daemon = True
            watchdog.start()
            peer = plain.getpeername()[0]
            if not _allowed(peer, secure):
                raise _failed(did, f"the connection ended at {peer}, which is not a public address")
            if secure:
                wrapped = self.tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
                connection.sock = wrapped
                wrapped.do_handshake()
            connection.request(
                "GET",
                parts.path,
                headers={
                    "Host": parts.netloc,
                    "Accept": "application/did+json, application/json",
                    "Accept-Encoding": "identity",
                },
            )
            response = connection.getresponse()
            if response.status != 200:
                word = (
                    "a redirect, which is not followed" if 300 <= response.status < 400 else f"status {response.status}"
                )
                raise _failed(did, f"{host} answered with {word}")
            if response.getheader("Content-Encoding", "identity").lower() != "identity":
                raise _failed(did, "the answer is compressed")
            body = response.read(self.max_bytes + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise _failed(did, f"{host} did not answer ({type(error).__name__})") from error
        finally:
            if watchdog is not None:
                watchdog.cancel()
            connection.close()
        if len(body) > self.max_bytes:
            raise _failed(did, f"the answer is longer than {self.max_bytes} bytes")
        return body

    def _checked_address(self, host: str, port: int, secure: bool, did: str) -> str:
        try:
            found = self.lookup(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _failed(did, f"{host} has no address") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        # One private address among public ones is refused as well: it is how one tries which of them is taken.
        if not addresses or not all(_allowed(address, secure) for address in addresses):
            raise _failed(did, f"{host} has an address that is not {'public' if secure else 'loopback'}")
        return addresses[0]


def _allowed(address: str, secure: bool) -> bool:
    """Whether to talk to ``address``: a public one over https; in development loopback over http, and nothing else."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(found)
    if not secure:
        return all(each.is_loopback for each in inner)
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in inner)


def _inner(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list:
    """The address and the IPv4 addresses inside it: mapped, NAT64, 6to4 and Teredo lead to them."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    inner: list = [address]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    return inner


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _hang_up(connection: http.client.HTTPConnection) -> None:
    # Of the plain socket underneath: a TLS connection would first want to say goodbye.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _failed(did: str, reason: str) -> UnresolvableDid:
    return UnresolvableDid(f"no DID document of {did[:200]}: {reason}", hint="Pin the document in the trust list.")
