"""The documents that a passport links, and their digests.

A link says where a document is, a digest which bytes the issuer had in mind: a document that is exchanged behind its
address is found out. A credential carries the digests of the documents that it links itself, as ``relatedResource``
(VC Data Model 2.0, section 5.3). A link without digest is worth a notice and no fault. Homepages are no documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.texts import Message
from passport.vocabulary.indicator import Datatype, Field, Indicator
from passport.vocabulary.vocabulary import load

RELATED = "relatedResource"
_ADDRESS, _HOMEPAGE = "^https://", "webAddress"


def linked_documents(record: Record) -> tuple[str, ...]:
    """The addresses of all documents that a record links, each once, in the vocabulary's order."""
    held = ((indicator, record.value(indicator.id)) for indicator in _linking())
    return tuple(dict.fromkeys(url for indicator, value in held for url in _links(indicator, value)))


def without_digest(records: Iterable[Record]) -> tuple[Fault, ...]:
    """A notice that names the linked documents that no digest was given for; none where there are none."""
    records = tuple(records)
    urls = dict.fromkeys(url for record in records for url in linked_documents(record) if url not in record.documents)
    if not urls:
        return ()
    message = Message(
        "{n} linked document is signed without a digest, so its exchange would go unnoticed: {urls}",
        plural="{n} linked documents are signed without a digest, so their exchange would go unnoticed: {urls}",
        n=len(urls), urls=list(urls),
    )  # fmt: skip
    hint = Message("put the documents into a folder and name it with --documents")
    return (Fault("document-without-digest", Location(records[0].file), None, message, severity="info", hint=hint),)


def related_resources(content: Any, documents: Mapping[str, str]) -> list[dict[str, str]]:
    """The entries of ``relatedResource`` for the documents that a content links, in the order of their addresses.

    :param content: JSON values, such as the claims of a credential.
    :param documents: address -> digest, as ``digestMultibase``.
    """
    urls = sorted(documents.keys() & set(_texts_in(content))) if documents else []
    return [{"id": url, "digestMultibase": documents[url]} for url in urls]


def digest_pointers(credential: Mapping[str, Any], shown: Any) -> Iterator[str]:
    """JSON pointers to the digests of the documents that are linked in what is shown of a credential, and to no others.

    An address is told by its digest, so that a reader who may not read the link gets neither.
    """
    related = credential.get(RELATED)
    links = set(_texts_in(shown))
    for number, entry in enumerate(related if isinstance(related, list) else ()):
        if isinstance(entry, Mapping) and entry.get("id") in links:
            yield f"/{RELATED}/{number}"


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in JSON values, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts_in(item)


@cache
def _linking() -> tuple[Indicator, ...]:
    """The indicators of a passport that are, or have a field that is, the address of a document."""
    return tuple(
        indicator
        for indicator in load().indicators.values()
        if _is_document(indicator) or any(_is_document(field) for field in indicator.fields)
    )


def _is_document(kind: Indicator | Field) -> bool:
    term = kind.term if isinstance(kind, Field) else kind.id
    return kind.datatype is Datatype.ANY_URI and kind.range.pattern == _ADDRESS and term != _HOMEPAGE


def _links(indicator: Indicator, value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Mapping):
            named = {field.name for field in indicator.fields if _is_document(field)}
            yield from (url for name, url in entry.items() if name in named and isinstance(url, str))
        elif isinstance(entry, str) and _is_document(indicator):
            yield entry
