"""Unwrapping of documents: answers of interfaces, lists of one, quoted tokens.

Wallets, VC API servers and playgrounds hand a credential out inside something else, and people save the whole answer.
The wrapping is not signed, so nothing of it is kept, and each layer is told by its name::

    {"verifiableCredential": {…}, "options": {…}}       VC API                → the credential
    {"vp_token": {"query": ["eyJ…"]}}                   OpenID4VP 1.0         → the presentation
    [{…}]                                               a list of one         → its entry
    "eyJ…"                                              a quoted token        → the token in its envelope

Something with an ``@context`` is a document already, and nothing is taken out of it. Where more than one document could
be meant, none is chosen.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from passport.credentials.envelopes import enveloping
from passport.credentials.wording import Phrase
from passport.errors import MalformedDocument, PassportError, SeveralDocuments, UnreadableDocument
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import cose, jose
from passport.texts import Message

MAX_LAYERS = 8

TOKEN = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(~[A-Za-z0-9_.-]*)*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
# In VC API 0.3, OpenID4VCI 1.0 and OpenID4VP 1.0; the short ones in playgrounds and wallets.
MEMBERS = (
    "verifiableCredential", "verifiablePresentation", "credential", "presentation", "vp_token", "credentials",
    "vc", "vp",
)  # fmt: skip
_KIND = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}")


@dataclass(frozen=True)
class Unwrapped:
    """A document, and what it was taken out of, from the outside in."""

    document: Any
    layers: tuple[Phrase, ...] = ()


def unwrap(value: Any) -> Unwrapped:
    """The document in ``value``, which is ``value`` itself where nothing is around it.

    :raises SeveralDocuments: more than one could be meant.
    :raises UnreadableDocument: a token that does not say its kind.
    :raises MalformedDocument: more layers than are allowed.
    """
    layers: list[Phrase] = []
    for _ in range(MAX_LAYERS):
        if isinstance(value, str):
            inner = of_text(value)
            if inner is None:
                return Unwrapped(value, tuple(layers))
            # A token by itself is no wrapping worth a word; in quotes, it was part of something.
            value = inner
            continue
        if isinstance(value, list):
            if len(value) != 1:
                if not value:
                    return Unwrapped(value, tuple(layers))
                raise SeveralDocuments(
                    Message("a list of several documents"), expected=Message("one"), found=str(len(value))
                )
            value = value[0]
            layers.append(Phrase("found-list"))
            continue
        if not isinstance(value, dict) or "@context" in value:
            return Unwrapped(value, tuple(layers))
        names = [name for name in MEMBERS if name in value]
        if not names:
            return Unwrapped(value, tuple(layers))
        if len(names) > 1:
            raise SeveralDocuments(
                Message("several members could be the document"), expected=Message("one"), found=", ".join(names)
            )
        layers.append(Phrase("found-member", {"member": names[0]}))
        value = value[names[0]]
        if names == ["vp_token"]:
            value = of_vp_token(value)
    raise MalformedDocument(
        Message("a document within too many others"), expected=Message("at most {max_layers}", max_layers=MAX_LAYERS)
    )


def of_vp_token(value: Any) -> Any:
    """What the parameter ``vp_token`` holds, in its several forms: a presentation, or presentations by query.

    (OpenID4VP 1.0, section 8.1: an object of arrays; earlier drafts: one presentation, or an array of them.)

    :raises SeveralDocuments: presentations for more than one query.
    """
    if isinstance(value, dict) and "@context" not in value and value and not set(MEMBERS) & value.keys():
        if len(value) > 1:
            raise SeveralDocuments(
                Message("answers to several queries"), expected=Message("one"), found=str(len(value))
            )
        return next(iter(value.values()))
    return value


def of_text(text: str) -> Any:
    """The value of a text: a token or ``data:`` URL in its envelope, or JSON within the text; else None.

    What kind of token it is, its own header says. A token of another kind is put into an envelope too: the verifier
    says of it that it could not be checked, which is neither right nor wrong.

    :raises UnreadableDocument: a token that does not say its kind.
    :raises MalformedDocument: the JSON in it is malformed.
    """
    text = text.strip()
    if TOKEN.fullmatch(text):
        kind = token_kind(text)
        if kind is None:
            raise UnreadableDocument(
                Message("a token that does not say its kind"), expected=Message("typ in its header")
            )
        return enveloping.envelope(f"application/{kind}", text)
    for media_type in enveloping.OPENED_HERE:
        if text.startswith((f"data:{media_type},", f"data:{media_type};base64,")):
            envelope = enveloping.envelope(media_type, b"" if media_type.endswith("+cose") else "")
            return envelope | {"id": text}
    if _BASE64.fullmatch(text) and (decoded := _of_base64(text)) is not None:
        return decoded
    return strict_json.loads(text) if text[:1] in ("{", "[", '"') else None


def of_message(data: bytes) -> JsonObject | None:
    """The envelope around a COSE message that says its kind; None where ``data`` is none."""
    kind = cose.kind(data) if cose.looks_like_message(data) else None
    if kind is None or not _KIND.fullmatch(kind):
        return None
    envelope = enveloping.envelope(enveloping.VC_COSE, data)
    if f"application/{kind}" in enveloping.PRESENTATIONS:
        envelope = enveloping.envelope(enveloping.VP_COSE, data)
    return envelope | {"id": f"data:application/{kind};base64,{base64.b64encode(data).decode()}"}


def token_kind(text: str) -> str | None:
    """What the token's header names as ``typ``, without ``application/``; None where it cannot be read."""
    try:
        header = strict_json.loads(jose.decode(text.partition(".")[0]), max_bytes=10_000, max_depth=8)
    except PassportError:
        return None
    kind = header.get("typ") if isinstance(header, dict) else None
    kind = kind.lower().removeprefix("application/") if isinstance(kind, str) else ""
    return kind if _KIND.fullmatch(kind) and not kind.endswith("+cose") else None


def _of_base64(text: str) -> JsonObject | None:
    try:
        return of_message(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
