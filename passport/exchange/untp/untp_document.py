"""A UNTP credential as it is published: bare, or enveloped in a token; and which version of UNTP it is of.

The data of a token are as good as those of an unsigned file: the signature is not checked, and a warning says so.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.errors import FaultyRecord, MalformedDocument
from passport.exchange.records.json_file import MAX_JSON
from passport.linked_data import strict_json
from passport.texts import Message

#: A JWS in compact form, by itself or in the data URL of an ``EnvelopedVerifiableCredential``.
_TOKEN = re.compile(r"(?:data:application/vc(?:-ld)?\+jwt,)?[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")
_VERSION = re.compile(r"/untp/(?:dpp/)?([0-9]+\.[0-9]+(?:\.[0-9]+)?)/")


def unwrapped(document: Any, file: str) -> tuple[Any, tuple[Fault, ...]]:
    """The credential itself, and a warning where it came in a token."""
    token = document.get("id") if _is_envelope(document) else document
    match = _TOKEN.fullmatch(token) if isinstance(token, str) else None
    if match is None:
        return document, ()
    try:
        data = urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4))
        payload = strict_json.loads(data, max_bytes=MAX_JSON)
    except (binascii.Error, MalformedDocument):
        return document, ()
    inner = payload.get("vc", payload) if isinstance(payload, Mapping) else payload
    message = Message("the signature of the token is not checked; its data are taken like those of an unsigned file")
    warning = Fault("token-not-checked", Location(file, pointer="$"), None, message, severity="warning",
                    hint=Message("passport verify checks signatures"))  # fmt: skip
    return inner, (warning,)


def _is_envelope(document: Any) -> bool:
    kind = document.get("type") if isinstance(document, Mapping) else None
    return "EnvelopedVerifiableCredential" in (kind if isinstance(kind, list) else [kind])


def require_version(document: Mapping[str, Any], context: str, file: str) -> None:
    """Refuse a credential of another version.

    :param context: the context of the version that is read.
    :raises FaultyRecord: naming the version found.
    """
    given = document.get("@context")
    if isinstance(given, list) and context in given:
        return
    versions = [match[1] for each in given or () if isinstance(each, str) and (match := _VERSION.search(each))] \
        if isinstance(given, list) else []  # fmt: skip
    wanted = _VERSION.search(context)
    expected = Message("version {version}", version=wanted[1] if wanted else context)
    instead = Message("version {version}", version=", ".join(versions)) if versions else found(given)
    formats = {"0.6.1": "untp", "0.7.0": "untp-0.7.0"}
    other = next((formats[version] for version in versions if version in formats), None)
    fault = Fault(
        "unknown-version", Location(file, pointer="$.@context"), None, Message("another version of UNTP"), expected,
        instead, hint=Message("name the format: --from {format}", format=other) if other else None,
    )  # fmt: skip
    raise FaultyRecord(Message("{file} is of another version of UNTP", file=file), (fault,))
