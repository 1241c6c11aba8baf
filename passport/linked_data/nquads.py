"""Quads as N-Quads terms.

A :class:`Quad` holds its four terms as they are written in canonical N-Quads: ``<iri>``, ``_:label``, ``"text"``,
``"text"@en``, ``"1"^^<iri>``; the graph is ``""`` for the default graph. A term is one string, so canonicalising is
concatenation and sorting, and two terms are equal exactly when their strings are.

Canonical escaping (RDFC-1.0 section 5, canonical N-Quads): in literals BS, HT, LF, FF, CR, the quotation mark and the
backslash get their short escapes, other control characters and DEL a ``\\uXXXX``; everything else is kept as it is.
Lines are cut at LF only: U+0085 and U+2028 are ordinary characters of a literal, and ``str.splitlines`` would cut
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from passport.errors import MalformedDocument
from passport.texts import Message

XSD = "http://www.w3.org/2001/XMLSchema#"
XSD_STRING = XSD + "string"


class Quad(NamedTuple):
    """One statement; each member is an N-Quads term in canonical form, ``graph`` is ``""`` in the default graph."""

    subject: str
    predicate: str
    object: str
    graph: str = ""

    def line(self) -> str:
        """The statement as a line of N-Quads, with its line feed."""
        if self.graph:
            return f"{self.subject} {self.predicate} {self.object} {self.graph} .\n"
        return f"{self.subject} {self.predicate} {self.object} .\n"


def serialize(quads: Iterable[Quad]) -> str:
    """N-Quads text, one line each, in the order given."""
    return "".join([quad.line() for quad in quads])


def relabel(quads: Iterable[Quad], labels: Mapping[str, str]) -> list[str]:
    """Lines of N-Quads with blank nodes renamed; labels without ``_:`` on both sides.

    :raises KeyError: a blank node has no new label, which is a mistake of the calling code.
    """
    lines = []
    for s, p, o, g in quads:
        if s[0] == "_":
            s = f"_:{labels[s[2:]]}"
        if o[0] == "_":
            o = f"_:{labels[o[2:]]}"
        if g:
            if g[0] == "_":
                g = f"_:{labels[g[2:]]}"
            lines.append(f"{s} {p} {o} {g} .\n")
        else:
            lines.append(f"{s} {p} {o} .\n")
    return lines


# --- writing terms --------------------------------------------------------------------------------------------------

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {ord(c): e for c, e in _SHORT.items()}
_NEEDS_ESCAPE = re.compile(r'[\x00-\x1f\x7f"\\]')
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def is_iri(text: str) -> bool:
    """Whether ``text`` is an absolute IRI that needs no escapes between angle brackets."""
    return bool(_SCHEME.match(text)) and not _NOT_IN_IRI.search(text)


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def literal(text: str, *, datatype: str | None = None, language: str | None = None) -> str:
    """Term of a literal. ``xsd:string`` is not written. (canonical N-Quads)"""
    if _NEEDS_ESCAPE.search(text):
        text = text.translate(_ESCAPES)
    if language is not None:
        return f'"{text}"@{language}'
    if datatype is None or datatype == XSD_STRING:
        return f'"{text}"'
    return f'"{text}"^^<{datatype}>'


# --- reading --------------------------------------------------------------------------------------------------------

_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_IRI = rf'<((?:[^\x00-\x20<>"{{}}|^`\\]|{_UCHAR})*)>'
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_FIRST = f"{_BASE}_:0-9"
_LATER = f"{_FIRST}\\-\u00b7\u0300-\u036f\u203f-\u2040"
_BLANK = rf"(_:[{_FIRST}](?:[{_LATER}.]*[{_LATER}])?)"
_LITERAL = (
    rf'"((?:[^"\\\n\r]|\\[tbnrf"\'\\]|{_UCHAR})*)"'
    rf"(?:\^\^{_IRI}|@([A-Za-z]+(?:-[A-Za-z0-9]+)*))?"
)
_LINE = re.compile(
    rf"[ \t]*(?:{_IRI}|{_BLANK})[ \t]*{_IRI}[ \t]*(?:{_IRI}|{_BLANK}|{_LITERAL})[ \t]*"
    rf"(?:{_IRI}|{_BLANK})?[ \t]*\.[ \t]*(?:#.*)?"
)
_IGNORED = re.compile(r"[ \t]*(?:#.*)?")
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_UNSHORT = {escape[1]: char for char, escape in _SHORT.items()} | {"'": "'"}


def parse(text: str) -> tuple[Quad, ...]:
    """Parse N-Quads and give the quads in canonical escaping, in the order of the text, duplicates included.

    :raises MalformedDocument: a line is not a statement; the message names the line.
    """
    quads = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        match = _LINE.fullmatch(line)
        if match is None:
            if _IGNORED.fullmatch(line):
                continue
            raise MalformedDocument(
                Message("line {number} is not an N-Quads statement", number=number), found=repr(line[:80])
            )
        s_iri, s_blank, p_iri, o_iri, o_blank, o_text, o_type, o_language, g_iri, g_blank = match.groups()
        if o_text is not None:
            datatype = None if o_type is None else _iri(o_type, number)[1:-1]
            term = literal(_unescape(o_text, number), datatype=datatype, language=o_language)
        else:
            term = o_blank or _iri(o_iri, number)
        graph = g_blank or ("" if g_iri is None else _iri(g_iri, number))
        quads.append(Quad(s_blank or _iri(s_iri, number), _iri(p_iri, number), term, graph))
    return tuple(quads)


def _iri(text: str, number: int) -> str:
    plain = _unescape(text, number)
    if not is_iri(plain):
        raise MalformedDocument(
            Message("line {number} holds something that is no absolute IRI", number=number), found=repr(plain[:80])
        )
    return f"<{plain}>"


def unescape(text: str) -> str:
    """The characters that an escaped literal (without its quotation marks) represents.

    :raises MalformedDocument: an escape is no character.
    """
    return _unescape(text, 1)


def _unescape(text: str, number: int) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        short, long, single = match.groups()
        if single is not None:
            return _UNSHORT[single]
        code = int(short or long, 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise MalformedDocument(
                Message("line {number} escapes something that is no character", number=number), found=match.group()
            )
        return chr(code)

    return _ESCAPED.sub(character, text)
