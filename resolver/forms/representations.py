"""The same passport in other forms: Turtle, N-Quads and CSV. Pure.

They hold exactly the data of the reader's view. They are statements without signatures; the verifiable form is
``application/vp``.

* N-Quads: each credential is a named graph of its own, which keeps issuer and time of each statement.
* Turtle: all statements in one graph.
* CSV: a row for each value, structured values one row a field; UTF-8 with a byte order mark. A cell that a spreadsheet
  would run as a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from passport.linked_data import jsonld, nquads, turtle_writer
from passport.linked_data.nquads import Quad
from passport.presenting.presenter import PassportView
from passport.vocabulary.vocabulary import NS, Vocabulary
from resolver.forms.negotiation import CSV, NQUADS, TURTLE, Form

PREFIXES = {"": str(NS), "cred": "https://www.w3.org/2018/credentials#"}
COLUMNS = ("subject", "indicator", "field", "entry", "value", "language", "unit", "label en", "label zh", "credential")
_FRAME = ("id", "type")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def quads_of(document: Mapping[str, Any]) -> tuple[Quad, ...]:
    """What a credential says, without its proof, in the named graph of its id."""
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    graph = f"<{document['id']}>"
    return tuple(quad._replace(graph=graph) for quad in jsonld.to_dataset(unsigned) if not quad.graph)


def as_nquads(view: PassportView, _: Vocabulary) -> bytes:
    return nquads.serialize(quad for document in view.credentials for quad in quads_of(document)).encode("utf-8")


def as_turtle(view: PassportView, _: Vocabulary) -> bytes:
    quads = (quad for document in view.credentials for quad in quads_of(document))
    return turtle_writer.serialize(quads, PREFIXES).encode("utf-8")


def as_csv(view: PassportView, vocabulary: Vocabulary) -> bytes:
    return b"\xef\xbb\xbf" + csv_lines((COLUMNS, *csv_rows(view.credentials, vocabulary))).encode("utf-8")


def csv_rows(credentials: Iterable[Mapping[str, Any]], vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """A row for each value of the indicators in ``credentials``; what the vocabulary does not know is not written."""
    for document in credentials:
        subject = document["credentialSubject"]
        for key, value in subject.items():
            indicator = vocabulary.indicators.get(key)
            if indicator is None:
                continue
            units = {field.term: field.unit.symbol if field.unit else "" for field in indicator.fields}
            unit = indicator.unit.symbol if indicator.unit else ""
            for field, entry, text, language in _values(value):
                yield (
                    subject["id"],
                    key,
                    field,
                    entry,
                    text,
                    language,
                    units.get(field, "") if field else unit,
                    indicator.label["en"],
                    indicator.label["zh"],
                    document["id"],
                )


def csv_lines(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV text (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell, marked as text where a spreadsheet would calculate it. A plain number stays a number."""
    if not cell.startswith(_FORMULA):
        return cell
    number = cell[1:].replace(".", "", 1)
    return cell if cell[0] in "+-" and number.isascii() and number.isdecimal() else "'" + cell


def _values(value: Any, field: str = "", entry: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Field, entry, text and language of every plain value in an indicator's value."""
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _values(item, field, f"{entry}.{number}" if entry else str(number))
    elif isinstance(value, dict):
        if field == "" and "id" in value or not all(_is_language(key) for key in value):
            for key, item in value.items():
                if key not in _FRAME:
                    yield from _values(item, key, entry)
        else:
            for language, item in value.items():
                for text in item if isinstance(item, list) else [item]:
                    yield field, entry, str(text), language
    elif isinstance(value, bool):
        yield field, entry, "true" if value else "false", ""
    else:
        yield field, entry, str(value), ""


def _is_language(key: str) -> bool:
    return len(key.split("-")[0]) in (2, 3) and key.replace("-", "").isalnum() and key == key.lower()


FACES: Mapping[Form, Callable[[PassportView, Vocabulary], bytes]] = {
    TURTLE: as_turtle, NQUADS: as_nquads, CSV: as_csv,
}  # fmt: skip
