"""Digests of related resources, checked where the resource is at hand. (VC Data Model 2.0, section 5.3)

An issuer may say of an image, a schema or a context which bytes it had in mind. Nothing is fetched for that; but where
the bytes are at hand, because the resource is a pinned context or the caller has it, a digest that does not match is an
error, when issuing as when verifying.

* ``digestSRI`` is ``sha256-``, ``sha384-`` or ``sha512-`` and base64 (Subresource Integrity). Several, set apart by
  blanks, are refused: a resource has one content.
* ``digestMultibase`` is a multibase text over a multihash; a bare SHA-256, which is what examples show, is taken too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from passport.errors import MalformedCredential, MalformedKey
from passport.identity import multibase_decode
from passport.linked_data import contexts, resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
_BARE = {32: "sha256", 48: "sha384", 64: "sha512"}
_SRI = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})\Z")


def check_related(document: JsonObject, at_hand: Mapping[str, bytes] | None = None) -> None:
    """Return if no digest in ``relatedResource`` contradicts a resource at hand.

    :param document: a credential whose shape was checked.
    :param at_hand: content of resources by URL, besides the pinned contexts.
    :raises MalformedCredential: a digest that does not decode, or is another than the content's.
    """
    value = document.get("relatedResource", [])
    for entry in value if isinstance(value, list) else [value]:
        content = (at_hand or {}).get(entry["id"])
        if content is None:
            content = _pinned(entry["id"])
        for name, decode in (("digestSRI", _sri), ("digestMultibase", _multibase)):
            if name not in entry:
                continue
            algorithm, digest = decode(entry[name])
            if content is not None and hashlib.new(algorithm, content).digest() != digest:
                raise MalformedCredential(
                    Message("relatedResource.{name} is not the digest of {entry}", name=name, entry=entry["id"][:120]),
                    expected=Message("the {algorithm} of the resource", algorithm=algorithm),
                    found=entry[name][:100],
                )


def _pinned(url: str) -> bytes | None:
    """The published bytes of a pinned context."""
    pin = strict_json.loads(resources.read_bytes(contexts.PINS)).get(url)
    return None if pin is None else resources.read_bytes(f"contexts/{pin['file']}")


def _sri(text: str) -> tuple[str, bytes]:
    match = _SRI.match(text)
    try:
        digest = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        digest = b""
    if match is None or len(digest) * 8 != int(match[1][3:]):
        raise MalformedCredential("relatedResource.digestSRI", expected=Message("sha384- and base64"), found=text[:100])
    return match[1], digest


def _multibase(text: str) -> tuple[str, bytes]:
    try:
        data = multibase_decode(text) if text.startswith("z") else _base64url(text)
    except (MalformedKey, binascii.Error, ValueError):
        data = b""
    if (algorithm := _MULTIHASH.get(data[:2])) and len(data) == 2 + hashlib.new(algorithm).digest_size:
        return algorithm, data[2:]
    if algorithm := _BARE.get(len(data)):
        return algorithm, data
    raise MalformedCredential(
        "relatedResource.digestMultibase",
        expected=Message("a multihash of SHA-256, SHA-384 or SHA-512"),
        found=text[:100],
    )


def _base64url(text: str) -> bytes:
    if not text.startswith("u"):
        raise ValueError
    return base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
