"""Fetching a did:web document, guarded. Nothing in the library does it unasked.

A DID comes from a document that a stranger handed in, so its document is fetched by the rules of
:mod:`passport.identity.http_client`, and these:

1. The address is computed by :func:`~passport.identity.did_web.url_for`: https, a public host name.
2. No redirect is followed: the document of a DID lies where the DID says.
3. The answer is strict JSON of at most 100 kB, an object, and speaks of that DID.
4. It is kept for a while, failures for a shorter while, in a cache of bounded size.

    fetcher = DidWebFetcher()
    resolver = DidResolver({did: fetcher.fetch(did, at=now)})

A fetched document says who controls a key *now*, as far as DNS and the certificate authorities go. Whom to trust, and
which keys were good in the past, belongs in the trust list, with the document pinned.

For development on one machine, ``loopback=True`` takes ``did:web:localhost%3A8470`` over plain http as well, and only
where the connection really is one to loopback.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from passport.errors import FetchFailed, MalformedDocument, RefusedAddress, UnresolvableDid, UsageError
from passport.identity import did_web
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

TIMEOUT_SECONDS = 5.0
MAX_BYTES = 100_000
LIFETIME = timedelta(hours=1)
FAILURE_LIFETIME = timedelta(minutes=1)
MAX_CACHED = 1000
ACCEPT = "application/did+json, application/json"

_LOOPBACK = re.compile(r"did:web:localhost(?:%3[Aa]([1-9][0-9]{0,4}))?((?::[A-Za-z0-9._-]+)*)\Z")


@dataclass(frozen=True)
class _Kept:
    until: datetime
    answer: JsonObject | UnresolvableDid


@dataclass
class DidWebFetcher:
    """Fetches did:web documents. Safe to share between threads.

    :param client: makes the requests.
    :param timeout: seconds for the whole exchange.
    :param max_bytes: of the answer.
    :param lifetime: for which a document is taken from the cache.
    :param loopback: development switch, see the module.
    """

    client: GuardedClient = field(default_factory=GuardedClient)
    timeout: float = TIMEOUT_SECONDS
    max_bytes: int = MAX_BYTES
    lifetime: timedelta = LIFETIME
    loopback: bool = False
    _cache: dict[str, _Kept] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def fetch(self, did: str, *, at: datetime) -> JsonObject:
        """The document of ``did``, from the cache or from its address.

        :param at: aware instant of asking; decides about the cache.
        :raises UsageError: not a did:web, or one that leads somewhere it should not.
        :raises UnresolvableDid: there is no answer, or none that counts.
        """
        url = self._url(did)
        with self._lock:
            kept = self._cache.get(did)
        if kept is not None and at < kept.until:
            if isinstance(kept.answer, UnresolvableDid):
                raise kept.answer
            return kept.answer
        try:
            document = self._document(did, url)
        except UnresolvableDid as error:
            self._keep(did, _Kept(at + FAILURE_LIFETIME, error))
            raise
        self._keep(did, _Kept(at + self.lifetime, document))
        return document

    def stats(self) -> dict[str, int]:
        """``kept``: how many answers are remembered, failures among them."""
        with self._lock:
            return {"kept": len(self._cache)}

    def _keep(self, did: str, kept: _Kept) -> None:
        with self._lock:
            self._cache.pop(did, None)
            while len(self._cache) >= MAX_CACHED:
                self._cache.pop(next(iter(self._cache)))  # the document fetched first
            self._cache[did] = kept

    def _url(self, did: str) -> str:
        match = _LOOPBACK.match(did) if self.loopback and isinstance(did, str) else None
        if match is None:
            return did_web.url_for(did)
        port, path = match.groups()
        segments = path.split(":")[1:] or [".well-known"]
        if any(segment in (".", "..") for segment in segments) or int(port or 80) > 65535:
            raise UsageError(Message("not a did:web"), found=repr(did)[:80])
        return f"http://localhost:{port or 80}/{'/'.join(segments)}/did.json"

    def _document(self, did: str, url: str) -> JsonObject:
        client = self.client.naming(url) if url.startswith("http://") else self.client
        try:
            body = client.get(url, accept=ACCEPT, timeout=self.timeout, max_bytes=self.max_bytes).body
        except (FetchFailed, RefusedAddress) as error:
            raise _failed(did, str(error)) from error
        try:
            document = strict_json.loads(body, max_bytes=self.max_bytes)
        except MalformedDocument as error:
            raise _failed(did, Message("the document there is not strict JSON ({error})", error=error)) from error
        if not isinstance(document, dict) or document.get("id") != did:
            raise _failed(did, Message("the document there is that of another DID"))
        return document


def _failed(did: str, reason: str) -> UnresolvableDid:
    return UnresolvableDid(
        Message("no DID document of {did}: {reason}", did=did[:200], reason=reason),
        hint=Message("Pin the document in the trust list."),
    )
