"""Intake of a document to verify: JSON, or a token by itself; other files are recognised and named.

A token or COSE message is put into the envelope that a presentation has for it, so that the verifier sees one
kind of thing. What kind it is, its own header says; the verifier holds it to that. What encloses a document is
taken off (:mod:`~passport.credentials.unwrapping`), and :class:`HandedIn` tells so.

JSON is UTF-8 (RFC 8259, section 8.1). Editors write other encodings all the same, and what was signed are characters,
not bytes: UTF-8 with a byte order mark, UTF-16 and GB18030 are read, told by name, and the proof decides whether the
characters are still those that were signed.

People hand in what they have: the picture of the QR code, the page printed to PDF, the workbook. :func:`looks_like`
names the common ones, by their first bytes alone: nothing is unpacked, and no name is believed.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any

from passport.credentials import unwrapping
from passport.credentials.wording import Phrase
from passport.errors import MalformedDocument, SeveralDocuments, UnreadableDocument
from passport.linked_data import strict_json
from passport.proofs import cose
from passport.texts import Message

#: First bytes, and what begins so.
_MAGIC = (
    (b"%PDF", "file-pdf"),
    (b"\x89PNG", "file-picture"),
    (b"\xff\xd8\xff", "file-picture"),
    (b"GIF8", "file-picture"),
    (b"RIFF", "file-picture"),
    (b"PK\x03\x04", "file-workbook"),
)
# A wide encoding without a mark shows itself by the zeros around the first character, which is one of ASCII.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
#: Members by which JSON that is no credential is told: all of them are there.
_OTHER_JSON = (
    (Phrase("json-did-document"), {"id", "verificationMethod"}),
    (Phrase("json-did-document"), {"id", "assertionMethod"}),
    (Phrase("json-trust-list"), {"issuers"}),
    (Phrase("json-keys"), {"keys"}),
    (Phrase("json-keys"), {"kty"}),
    (Phrase("json-problem"), {"title", "status"}),
    (Phrase("json-problem"), {"error"}),
    (Phrase("json-report"), {"verified", "checks"}),
    (Phrase("json-record"), {"model", "pack"}),
)


@dataclass(frozen=True)
class HandedIn:
    """What was handed in.

    :param document: for :meth:`~passport.credentials.verifier.Verifier.verify`.
    :param found: what a reader should know of it: its encoding, what it was wrapped in, or that it is something else.
    """

    document: Any
    found: tuple[Phrase, ...] = ()


def read(data: bytes) -> Any:
    """The document that ``data`` is, for :meth:`~passport.credentials.verifier.Verifier.verify`; see :func:`take`."""
    return take(data).document


def take(data: bytes) -> HandedIn:
    """The document that ``data`` is, and what was found around it.

    :raises UnreadableDocument: not to be read as text, or neither JSON nor a token of a kind that is opened here.
    :raises SeveralDocuments: more than one document.
    :raises MalformedDocument: JSON that means two things (equal keys), or that is too large or too deep.
    """
    if (message := unwrapping.of_message(data)) is not None:
        return HandedIn(message)
    if len(data) > 2 * strict_json.MAX_BYTES:
        raise MalformedDocument(
            Message("the document is too large"),
            expected=Message("at most {max_bytes} bytes", max_bytes=strict_json.MAX_BYTES),
        )
    if cose.looks_like_message(data):
        raise UnreadableDocument(
            Message("a COSE message that does not say its kind"), expected=Message("typ in its protected header")
        )
    text, notes = _decoded(data)
    text = text.strip()
    if unwrapping.TOKEN.fullmatch(text) or not text.startswith(("{", "[", '"')):
        document = unwrapping.of_text(text)
        if document is None:
            document = _loaded(text)
    else:
        document = _loaded(text)
    unwrapped = unwrapping.unwrap(document)
    document, notes = unwrapped.document, (*notes, *unwrapped.layers)
    return HandedIn(document, (*notes, *_other(document)))


def looks_like(data: bytes) -> Phrase | None:
    """What ``data``, which could not be read, is by its looks; None where nothing can be said."""
    text = data.strip()
    if not text:
        return Phrase("file-empty")
    for magic, key in _MAGIC:
        if text.startswith(magic):
            return Phrase(key)
    if cose.looks_like_message(data):
        return Phrase("file-token")
    try:
        plain = _decoded(data)[0].strip()
    except UnreadableDocument:
        return None
    if unwrapping.TOKEN.fullmatch(plain):
        return Phrase("file-token")
    if re.match(r"<(!doctype\s+html|html|head|body|\?xml)", plain[:64], re.IGNORECASE):
        return Phrase("file-page")
    if re.fullmatch(r"(https?://|did:)\S+", plain[:400]):
        return Phrase("file-address")
    if plain.startswith(("{", "[", '"')):
        return Phrase("file-several") if _is_several(plain) else None
    return Phrase("file-text") if plain[:1].isalpha() and "\0" not in plain[:400] else None


def _decoded(data: bytes) -> tuple[str, tuple[Phrase, ...]]:
    """The characters of ``data``, and the name of their encoding where it is not plain UTF-8."""
    encoding = next((name for mark, name in _WIDE if data.startswith(mark)), None)
    if encoding is None and len(data) >= 4 and 0 in data[:2]:
        # Without a mark, the zeros beside the first character (one of ASCII) tell the width and the order.
        encoding = json.detect_encoding(data)
    try:
        if encoding in (None, "utf-8"):
            return data.decode("utf-8-sig"), ((Phrase("found-mark"),) if data.startswith(codecs.BOM_UTF8) else ())
        return data.decode(encoding), (Phrase("found-encoding", {"encoding": encoding.upper()[:6]}),)
    except UnicodeDecodeError:
        pass
    try:
        if encoding is None and data.lstrip()[:1] in (b"{", b"["):
            # Anything can be taken for GB18030; what then reads as JSON was meant so.
            text = data.decode("gb18030")
            json.loads(text)
            return text, (Phrase("found-encoding", {"encoding": "GB18030"}),)
    except (ValueError, RecursionError):
        pass
    raise UnreadableDocument(Message("the file is in an unknown encoding"), expected=Message("text in UTF-8"))


def _loaded(text: str) -> Any:
    try:
        return strict_json.loads(text)
    except MalformedDocument as error:
        if _is_several(text):
            raise SeveralDocuments(Message("several documents follow one another"), expected=Message("one")) from error
        try:
            json.loads(text)
        except ValueError:
            raise UnreadableDocument(error.message, expected=error.expected, found=error.found) from error
        except RecursionError:
            pass
        raise  # well-formed, and refused for what it says


def _other(document: Any) -> tuple[Phrase, ...]:
    if not isinstance(document, dict) or "@context" in document and "type" in document:
        return ()
    return tuple(phrase for phrase, names in _OTHER_JSON if names <= document.keys())[:1]


def _is_several(text: str) -> bool:
    """Whether the text begins with one JSON value, and another object follows."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip().startswith("{")
