"""did:web: the identifier is a web address under which its document is served (did:web Method, W3C CCG).

This module computes addresses and builds documents. **It never fetches one**: a DID document decides who may sign, and
a verifier takes it from its own trust list, not from the network. A caller that wants to fetch one all the same uses
the guarded function in :mod:`passport.identity.did_web_fetch`.

* ``did:web:example.com`` means ``https://example.com/.well-known/did.json``;
  ``did:web:example.com%3A8443:issuers:cn`` for ``https://example.com:8443/issuers/cn/did.json``.
* Host names only: no IP address, no ``localhost``, no user name, no empty or dotted path segment. These are the doors
  by which a DID makes a server call itself (server-side request forgery), should a caller ever fetch.
* A key that is retired stays in the document and keeps verifying what it signed; it may no longer authenticate. A key
  that was stolen is removed, and everything it signed falls with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from passport.errors import UsageError
from passport.identity.did_key import CONTEXTS, PURPOSES
from passport.identity.keys import PublicKey
from passport.identity.multibase import shorten
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

PREFIX = "did:web:"

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\Z")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+\Z")
_FRAGMENT = re.compile(r"[A-Za-z0-9._-]+\Z")


def url_for(did: str) -> str:
    """The https address of the document of ``did``.

    :raises UsageError: not a did:web, or one that would lead somewhere it should not (see above).
    """
    if not isinstance(did, str) or not did.startswith(PREFIX) or len(did) > 2048:
        raise UsageError(Message("not a did:web"), expected=Message("did:web:host"), found=shorten(str(did)))
    host, *path = did.removeprefix(PREFIX).split(":")
    name, colon, port = re.sub("%3a", "%3A", host).partition("%3A")
    _check_host(name, port if colon else None, did)
    for segment in path:
        plain = unquote(segment)
        if not _SEGMENT.match(segment) or plain in {".", ".."} or re.search(r"[/\\?#%\x00-\x1f\x7f]", plain):
            raise UsageError(
                Message("path segment {segment} of a did:web", segment=shorten(segment)),
                expected=Message("a plain name"),
                found=shorten(did),
            )
    authority = name.lower() + (f":{port}" if colon else "")
    return f"https://{authority}/{'/'.join(path) if path else '.well-known'}/did.json"


def did_for(base_url: str) -> str:
    """The did:web whose document lies under ``base_url`` (the inverse of :func:`url_for`).

    :raises UsageError: not https, or no host name that did:web can carry. For those, did:key is the way.
    """
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        raise UsageError(Message("not a web address"), found=shorten(str(base_url))) from None
    if parts.scheme != "https" or parts.username is not None or parts.query or parts.fragment or not parts.hostname:
        raise UsageError(
            Message("did:web needs an https address"),
            expected=Message("https://host or https://host/path"),
            found=shorten(base_url),
            hint=Message("Use did:key for a project without a public https address."),
        )
    host = parts.hostname + (f"%3A{port}" if port is not None and port != 443 else "")
    path = parts.path.strip("/")
    did = PREFIX + ":".join([host, *path.split("/")] if path else [host])
    url_for(did)
    return did


def document(did: str, keys: Mapping[str, PublicKey], retired: Mapping[str, PublicKey] | None = None) -> JsonObject:
    """The DID document to serve for ``did``.

    :param keys: the keys in use by fragment, the signing key last: ``{"2026": key}``.
    :param retired: keys that sign nothing new. They stay under ``assertionMethod``, so that what they signed verifies,
        and under no other purpose.
    :raises UsageError: not a did:web, no key, or a fragment that is malformed or used twice.
    """
    url_for(did)
    retired = retired or {}
    if not keys:
        raise UsageError(Message("{did} without a key in use", did=did))
    for fragment in [*keys, *retired]:
        if not _FRAGMENT.match(fragment):
            raise UsageError(
                Message("not a fragment"),
                expected=Message("letters, digits, '.', '_' and '-'"),
                found=shorten(fragment),
            )
    if both := keys.keys() & retired.keys():
        raise UsageError(Message("fragment {fragment!r} names a key in use and a retired one", fragment=min(both)))
    methods = [
        {"id": f"{did}#{fragment}", "type": "Multikey", "controller": did, "publicKeyMultibase": key.multikey}
        for fragment, key in {**retired, **keys}.items()
    ]
    in_use = [f"{did}#{fragment}" for fragment in keys]
    signing = [method["id"] for method in methods]
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": methods,
        **{purpose: list(signing if purpose == "assertionMethod" else in_use) for purpose in PURPOSES},
    }


def _check_host(name: str, port: str | None, did: str) -> None:
    # A last label that starts with a letter keeps out 127.0.0.1, 2130706433 and 0x7f.1; the dot keeps out localhost.
    if len(name) > 253 or not _HOST.match(name) or name.lower().endswith((".localhost", ".local", ".internal")):
        raise UsageError(
            Message("host of a did:web"), expected=Message("a public host name, no IP address"), found=shorten(did)
        )
    if port is not None and (not _PORT.match(port) or int(port) > 65535):
        raise UsageError(
            Message("port of a did:web"), expected=Message("%3A and a number up to 65535"), found=shorten(did)
        )
