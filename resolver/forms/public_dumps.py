"""Dumps of all public data as streams, and their description. Pure.

A dump holds what a crawler could collect page by page: the newest public credential of each model and each pack. Only
one page of packs is in memory at a time. Recycled packs are left out. Whether a passport is still valid is in the
status lists that its credential names.

A dump keeps a thread of the server busy until its reader has received it. So the number of dumps under way is limited
(:class:`Turns`), and a further reader is told to come back later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from threading import Lock
from typing import Any

import passport
from passport.linked_data import nquads
from passport.linked_data.nquads import Quad, literal
from passport.store import Store
from passport.texts import Message, by_language
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT
from passport.vocabulary.vocabulary import NS, Vocabulary
from resolver.forms import representations
from resolver.tombstone import has_ceased

PAGE = 200
DCAT, DCTERMS = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_IANA = "https://www.iana.org/assignments/media-types/"
_TITLE = Message("Public data of all battery passports")
_DESCRIPTION = Message(
    "What everybody may read of every passport on this site: statements of the signed public credentials, without "
    "their signatures."
)
PREFIXES = {"dcat": DCAT, "dcterms": DCTERMS}
#: File name -> media type.
FILES: Mapping[str, str] = {"passports.nq": "application/n-quads", "passports.csv": "text/csv"}


#: Dumps under way in one process.
AT_ONCE = 2
#: Seconds until it is worth asking again.
COME_BACK = 60


class Turns:
    """So many dumps at once, counted over all threads of a process."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._free = most
        self._lock = Lock()

    def take(self, chunks: Iterator[bytes], gone: Callable[[], bool] = lambda: False) -> Dump | None:
        """The chunks as a dump that has a turn; None while all turns are taken.

        :param gone: whether the reader has left, as far as the server can tell.
        """
        with self._lock:
            if self._free == 0:
                return None
            self._free -= 1
        return Dump(chunks, gone, self._give_back)

    def _give_back(self) -> None:
        with self._lock:
            self._free += 1


class Dump:
    """A dump under way. Its turn ends once: with the last chunk, with a fault, when its reader has left, or when it is
    closed; one that was never read is closed at the latest with the object.
    """

    def __init__(self, chunks: Iterator[bytes], gone: Callable[[], bool], ended: Callable[[], None]) -> None:
        self._chunks = chunks
        self._gone = gone
        self._ended: Callable[[], None] | None = ended

    def __iter__(self) -> Dump:
        return self

    def __next__(self) -> bytes:
        try:
            if self._gone():
                raise StopIteration
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            self._chunks = iter(())
            ended()

    __del__ = close


def tag(name: str, store: Store) -> str:
    """The entity tag of a dump, computed without making it, from the version of the store and of this program."""
    return sha256(repr((name, store.version(), passport.__version__)).encode()).hexdigest()[:32]


def public_credentials(store: Store) -> Iterator[Mapping[str, Any]]:
    """The newest public credential of every model, every batch, and every pack, in the order of their addresses."""
    for model in store.models():
        stored = store.current(model, MODEL)
        if stored is not None:
            yield stored.document
    for batch in sorted(store.subjects_since(BATCH, 0)):
        stored = store.current(batch, BATCH)
        if stored is not None:
            yield stored.document
    after = ""
    while packs := store.find_packs(after=after, limit=PAGE):
        for pack in packs:
            stored = store.current(pack.subject, PASSPORT)
            if stored is not None and not has_ceased(store, pack.subject):
                yield stored.document
        after = packs[-1].subject


def as_nquads(store: Store) -> Iterator[bytes]:
    """Every statement, in the named graph of the credential that makes it."""
    for document in public_credentials(store):
        yield nquads.serialize(representations.quads_of(document)).encode("utf-8")


def as_csv(store: Store, vocabulary: Vocabulary) -> Iterator[bytes]:
    """A row for each value, with one heading."""
    yield b"\xef\xbb\xbf" + representations.csv_lines([representations.COLUMNS]).encode("utf-8")
    for document in public_credentials(store):
        yield representations.csv_lines(representations.csv_rows([document], vocabulary)).encode("utf-8")


def description(base_url: str) -> tuple[Quad, ...]:
    """What the dumps are, as DCAT 3."""
    dataset = f"{base_url}/dumps"
    about: list[tuple[str, str, str]] = [
        (dataset, _RDF_TYPE, f"<{DCAT}Dataset>"),
        *(
            (dataset, _iri(DCTERMS, "title"), literal(title, language=language))
            for language, title in by_language(_TITLE).items()
        ),
        *(
            (dataset, _iri(DCTERMS, "description"), literal(text, language=language))
            for language, text in by_language(_DESCRIPTION).items()
        ),
        (dataset, _iri(DCTERMS, "conformsTo"), f"<{str(NS).rstrip('#')}>"),
        (dataset, _iri(DCTERMS, "accessRights"),
         "<http://publications.europa.eu/resource/authority/access-right/PUBLIC>"),
        (dataset, _iri(DCAT, "landingPage"), f"<{base_url}/search>"),
    ]  # fmt: skip
    for name, media_type in FILES.items():
        file = f"{dataset}/{name}"
        about += [
            (dataset, _iri(DCAT, "distribution"), f"<{file}>"),
            (file, _RDF_TYPE, f"<{DCAT}Distribution>"),
            (file, _iri(DCAT, "downloadURL"), f"<{file}>"),
            (file, _iri(DCAT, "mediaType"), f"<{_IANA}{media_type}>"),
            (file, _iri(DCTERMS, "title"), literal(name)),
        ]
    service = f"{base_url}/openapi.json"
    about += [
        (service, _RDF_TYPE, f"<{DCAT}DataService>"),
        (service, _iri(DCAT, "endpointURL"), f"<{base_url}/v1>"),
        (service, _iri(DCAT, "endpointDescription"), f"<{service}>"),
        (service, _iri(DCAT, "servesDataset"), f"<{dataset}>"),
    ]
    return tuple(Quad(f"<{subject}>", predicate, value) for subject, predicate, value in about)


def expanded(quads: tuple[Quad, ...]) -> list[dict[str, Any]]:
    """Statements without blank nodes as expanded JSON-LD."""
    nodes: dict[str, dict[str, Any]] = {}
    for subject, predicate, value, _ in quads:
        node = nodes.setdefault(subject, {"@id": subject[1:-1]})
        if predicate == _RDF_TYPE:
            node.setdefault("@type", []).append(value[1:-1])
        else:
            node.setdefault(predicate[1:-1], []).append(_value(value))
    return list(nodes.values())


def _value(term: str) -> dict[str, str]:
    if term[0] == "<":
        return {"@id": term[1:-1]}
    text, _, suffix = term.rpartition('"')
    value = {"@value": nquads.unescape(text[1:])}
    if suffix.startswith("@"):
        return {**value, "@language": suffix[1:]}
    return {**value, "@type": suffix[3:-1]} if suffix else value


def _iri(namespace: str, name: str) -> str:
    return f"<{namespace}{name}>"
