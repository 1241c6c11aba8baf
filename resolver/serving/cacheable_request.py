"""Plain requests: a GET or HEAD of a passport that identifies no reader.

A plain request can be answered from the cache. Its answer depends on path, query, form and language, and on one entity
tag. Any other header either has no influence or makes the request not plain. :class:`CacheableRequest` is read from a
WSGI environment or from the bytes of a request; both follow the same tables.

    asked = from_environ(environ)               # or from_lines(b"Host: …\r\n…\r\n\r\n")
    variant = variants.of(query, asked.accept, asked.language)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from passport.errors import PassportError
from passport.web.hosts import is_host
from resolver.addresses import PREFIX
from resolver.forms.negotiation import FORMS, HTML, JSON, JSONLD, VP, Form, choose_form, choose_language

PRESENTATIONS = (VP, JSONLD, JSON)

#: A request with one of these headers is not plain, whatever it asks for.
_UNUSUAL = (
    "authorization", "cookie", "range", "if-range", "if-match", "if-modified-since", "if-unmodified-since", "expect",
    "upgrade", "transfer-encoding", "content-length", "x-http-method-override",
)  # fmt: skip
_UNUSUAL_BYTES = frozenset(name.encode() for name in _UNUSUAL)
# WSGI gives every request a length, empty where there is none.
_UNUSUAL_KEYS = frozenset("HTTP_" + name.upper().replace("-", "_") for name in _UNUSUAL if name != "content-length")
_READ = frozenset((b"host", b"accept", b"accept-language", b"if-none-match", b"connection", b"x-forwarded-for"))

# Headers in the form that nearly all clients use, with nothing behind them.
_LINES = re.compile(rb"(?:[A-Za-z0-9-]+: ?[!-~][ -~]*\r\n)+\r\n").fullmatch
_OUR_ETAG = re.compile(r'(?:W/)?"[0-9a-f]{32}"').fullmatch
_WORD = re.compile(r"[a-z]{2,8}").fullmatch
# Addresses that need no percent-encoding, so that what the store knows under them is what they mean.
# The first part is the model's own address.
_ADDRESS = re.compile(
    PREFIX
    + r"(/(?:01/[0-9]{14}|id/[A-Za-z0-9._~-]{1,100}))"
    + r"(?:(/(?:10|batch)/[A-Za-z0-9._-]{1,20})|((?:/21)?/[A-Za-z0-9._~-]{1,100}))?"
).fullmatch

_VARIANTS = 1000
_LONGEST = 1000


class CacheableRequest(NamedTuple):
    """What the headers of a plain request say, as they were sent; None where there is no such header.

    :ivar condition: the entity tag in ``If-None-Match``, of our form.
    :ivar forwarded: ``X-Forwarded-For``, for the rate limit.
    """

    accept: str | None
    language: str | None
    condition: str | None
    forwarded: str | None = None


def from_environ(environ: dict[str, Any]) -> CacheableRequest | None:
    """The headers of a request; None where they are not plain."""
    condition = environ.get("HTTP_IF_NONE_MATCH")
    if (
        not environ.keys().isdisjoint(_UNUSUAL_KEYS)
        or environ.get("SCRIPT_NAME")
        or environ.get("CONTENT_LENGTH") not in (None, "", "0")
        or not is_host(environ.get("HTTP_HOST", ""))
        or (condition is not None and not _OUR_ETAG(condition))
    ):
        return None
    return CacheableRequest(environ.get("HTTP_ACCEPT"), environ.get("HTTP_ACCEPT_LANGUAGE"), condition)


def from_lines(lines: bytes) -> CacheableRequest | None:
    """The same from the bytes behind the first line, which end with an empty line; None for every doubt about them."""
    if not _LINES(lines):
        return None
    read: dict[bytes, str] = {}
    for line in lines[:-4].split(b"\r\n"):
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in _READ:
            if name in read:
                return None
            read[name] = value.strip().decode("ascii")
        elif name in _UNUSUAL_BYTES:
            return None
    condition = read.get(b"if-none-match")
    if (
        read.get(b"connection", "keep-alive").lower() != "keep-alive"
        or not is_host(read.get(b"host", ""))
        or (condition is not None and not _OUR_ETAG(condition))
    ):
        return None
    return CacheableRequest(read.get(b"accept"), read.get(b"accept-language"), condition, read.get(b"x-forwarded-for"))


class SubjectLocation(NamedTuple):
    """:ivar model: address of the model of a pack or batch; None where the subject is a model."""

    subject: str
    model: str | None
    is_batch: bool = False

    @property
    def grain(self) -> str:
        """``model``, ``batch`` or ``pack``."""
        return "model" if self.model is None else "batch" if self.is_batch else "pack"


def place_at(path: str, base_url: str) -> SubjectLocation | None:
    """The subject at a path; None where the path is not plain. Whether there is anything is not known here."""
    plain = _ADDRESS(path)
    if plain is None:
        return None
    model, batch, serial = plain.groups()
    model = base_url + model
    if batch is not None:
        return SubjectLocation(model + batch, model, is_batch=True)
    return SubjectLocation(model, None) if serial is None else SubjectLocation(model + serial, model)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask for a passport: what the answer depends on beside the path.

    :ivar query: as it was sent; one of a few.
    :ivar language: of a page; None for a presentation.
    :ivar key: the same in one text.
    """

    form: Form
    query: str
    language: str | None
    key: str


class Variants:
    """The ways to ask that were met, so that each is thought about once. Their number is bounded.

    :param languages: of the pages; :param regimes: codes of those that a page may show.
    """

    def __init__(self, languages: Sequence[str], regimes: Collection[str]) -> None:
        self._languages = languages
        self._regimes = regimes
        self._known: dict[tuple[str, str | None, str | None], Variant | None] = {}

    def of(self, query: str, accept: str | None, accept_language: str | None) -> Variant | None:
        """The way to ask that a query, an Accept and an Accept-Language name; None where it is not plain."""
        key = (query, accept, accept_language)
        try:
            return self._known[key]
        except KeyError:
            pass
        if sum(len(text or "") for text in key) > _LONGEST:
            return None
        if len(self._known) >= _VARIANTS:
            self._known.clear()
        self._known[key] = variant = self._variant(*key)
        return variant

    def __len__(self) -> int:
        return len(self._known)

    def _variant(self, query: str, accept: str | None, accept_language: str | None) -> Variant | None:
        parameters = {} if not query else dict(parse_qsl(query, keep_blank_values=True))
        # One spelling of each value, each name once: what is kept stays countable.
        if query != "&".join(f"{name}={value}" for name, value in parameters.items()):
            return None
        if not all(_WORD(value) for value in parameters.values()):
            return None
        try:
            form = choose_form(accept, parameters.pop("format", None), FORMS)
        except PassportError:
            return None
        if form in PRESENTATIONS:
            return Variant(form, query, None, f"{form.name} {query}") if not parameters else None
        wanted, regime = parameters.pop("lang", None), parameters.pop("regime", None)
        names = parameters.pop("names", None)
        if form is not HTML or parameters or names not in (None, "law"):
            return None
        if wanted not in (None, *self._languages) or regime not in (None, *self._regimes):
            return None
        language = choose_language(accept_language, wanted, self._languages)
        return Variant(form, query, language, f"{form.name} {query} {language}")
