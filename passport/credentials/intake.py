"""What somebody hands in to be verified: JSON, or a token by itself; of anything else, what it looks like.

A token (``vc+jwt``, ``vp+jwt``, ``vc+sd-jwt``) is put into the envelope in which it stands among credentials, so that
the verifier sees one kind of thing. What kind it is, its own header says; the verifier holds it to that.

People hand in what they have: the picture of the QR code, the page printed to PDF, the workbook. :func:`looks_like`
names the common ones, by their first bytes alone: nothing is unpacked, and no name is believed.
"""

from __future__ import annotations

import re
from typing import Any

from passport.credentials import enveloping
from passport.credentials.wording import Phrase
from passport.errors import MalformedDocument, PassportError
from passport.linked_data import strict_json
from passport.proofs import jose

_TOKEN = re.compile(rb"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(~[A-Za-z0-9_.-]*)*")
_KINDS = {media_type.removeprefix("application/"): media_type for media_type in enveloping.OPENED_HERE}
#: First bytes, and what begins so.
_MAGIC = (
    (b"%PDF", "file-pdf"),
    (b"\x89PNG", "file-picture"),
    (b"\xff\xd8\xff", "file-picture"),
    (b"GIF8", "file-picture"),
    (b"RIFF", "file-picture"),
    (b"PK\x03\x04", "file-workbook"),
)


def read(data: bytes) -> Any:
    """The document that ``data`` is, for :meth:`~passport.credentials.verifier.Verifier.verify`.

    :raises MalformedDocument: neither strict JSON nor a token of a kind that is opened here.
    """
    text = data.strip()
    if not _TOKEN.fullmatch(text):
        return strict_json.loads(data)
    kind = _token_kind(text)
    if kind is None:
        raise MalformedDocument("a token of an unknown kind", expected=" or ".join(f"typ {kind}" for kind in _KINDS))
    return enveloping.envelope(kind, text.decode("ascii"))


def looks_like(data: bytes) -> Phrase | None:
    """What ``data``, which could not be read, is by its looks; None where nothing can be said."""
    text = data.strip()
    if not text:
        return Phrase("file-empty")
    for magic, key in _MAGIC:
        if text.startswith(magic):
            return Phrase(key)
    if _TOKEN.fullmatch(text):
        return Phrase("file-token")
    if re.match(rb"(\xef\xbb\xbf)?<(!doctype\s+html|html|head|body|\?xml)", text[:64], re.IGNORECASE):
        return Phrase("file-page")
    if re.fullmatch(rb"(https?://|did:)\S+", text[:400]):
        return Phrase("file-address")
    if text.startswith(b"{"):
        return Phrase("file-several") if _is_two_documents(text) else None
    return Phrase("file-text") if text[:1].isalpha() and b"\0" not in text[:400] else None


def _token_kind(text: bytes) -> str | None:
    """The media type that the token's header names, as far as it can be read; None where it names no known one."""
    try:
        header = strict_json.loads(jose.decode(text.partition(b".")[0].decode("ascii")), max_bytes=10_000, max_depth=8)
    except PassportError:
        return None
    kind = header.get("typ") if isinstance(header, dict) else None
    return _KINDS.get(kind.lower().removeprefix("application/")) if isinstance(kind, str) else None


def _is_two_documents(text: bytes) -> bool:
    """Whether two objects stand one behind the other. Between brackets, JSON has no such place but in a string."""
    end = re.search(rb"\}\s*\{", text)
    try:
        return end is not None and strict_json.loads(text[: end.start() + 1]) is not None
    except PassportError:
        return False
