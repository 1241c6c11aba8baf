"""Conversion of JSON-LD to RDF. Content that would be lost or changed on the way is refused.

A signature covers the graph, not the JSON. What expansion drops is not signed, and a reader of the JSON never knows.
So here, unlike in plain JSON-LD 1.1:

* a key or a type that no context defines is refused, not dropped; so is a relative IRI (pyld would resolve it against
  ``http://example.org/base/``) and characters that no IRI may have;
* ``@context`` is a URL or an array of URLs, all pinned. Inline contexts are refused: the author of a context decides
  what the signed words mean;
* blank-node identifiers written in the document are refused unless asked for; blank-node predicates always;
* integers beyond 2**53 - 1 are refused, since half of all JSON parsers round them;
* with ``refuse_floats`` and ``refuse_unsigned``, which issuers set, fractions as JSON numbers (processors disagree
  about their lexical form) and what a graph cannot carry (null, an empty array, a base direction) are refused too.

Expansion is pyld's. The step from the expanded form to quads is our own (JSON-LD 1.1 API, section 8.2): it checks as
it goes, keeps the lexical form of a literal as it was written, where pyld rewrites ``"1.50"^^xsd:double``, and saves
a second expansion. Documents of the usual kind take the fast path of :mod:`passport.linked_data.compiled`, which gives
the same dataset or leaves the document to :func:`reference`.
"""

from __future__ import annotations

import re
from typing import Any

from pyld import jsonld as pyld

from passport.errors import MalformedDocument, UnsafeJsonLd
from passport.linked_data import compiled, jcs, strict_json
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.nquads import XSD, Quad, is_iri, literal
from passport.linked_data.processor import BASE, RESERVED_SCHEME, guarded
from passport.linked_data.walked import Listed, Walked
from passport.texts import Message

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE, RDF_FIRST, RDF_REST, RDF_NIL = (f"<{RDF}{name}>" for name in ("type", "first", "rest", "nil"))
XSD_DOUBLE = XSD + "double"
MAX_INTEGER = 2**53 - 1

_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


def expand(
    document: JsonObject,
    *,
    loader: ContextLoader = PINNED,
    refuse_floats: bool = False,
    refuse_unsigned: bool = False,
    allow_blank_node_ids: bool = False,
) -> list[Any]:
    """Expanded form of a document (JSON-LD 1.1 API, section 5.1), safe as the module says.

    :raises UnsafeJsonLd: something would be lost, resolved or rounded.
    :raises UnknownContext: a context is not pinned.
    :raises MalformedDocument: not JSON, or not JSON-LD.
    """
    expanded = _expand(document, loader, refuse_floats, refuse_unsigned)
    _Quads(refuse_unsigned, allow_blank_node_ids).document(expanded)
    return expanded


def to_dataset(
    document: JsonObject,
    *,
    loader: ContextLoader = PINNED,
    refuse_floats: bool = False,
    refuse_unsigned: bool = False,
    allow_blank_node_ids: bool = False,
) -> tuple[Quad, ...]:
    """The RDF dataset of a document, without duplicates and in no particular order; blank nodes are ``b0``, ``b1``, …

    :param refuse_floats: refuse JSON numbers with a fraction or exponent.
    :param refuse_unsigned: refuse null, empty arrays and base directions, which leave no trace in a graph.
    :param allow_blank_node_ids: accept ``"_:x"`` written in the document.
    :raises UnsafeJsonLd: something would be lost, resolved or rounded.
    :raises UnknownContext: a context is not pinned.
    :raises MalformedDocument: not JSON, or not JSON-LD.
    """
    walked = compiled.walk(document, loader=loader)
    if walked is not None:
        return walked.quads()
    return reference(
        document,
        loader=loader,
        refuse_floats=refuse_floats,
        refuse_unsigned=refuse_unsigned,
        allow_blank_node_ids=allow_blank_node_ids,
    )


def graph(
    document: JsonObject, *, loader: ContextLoader = PINNED, refuse_floats: bool = False, refuse_unsigned: bool = False
) -> Walked | Listed:
    """The graph of a document, for callers who want its canonical form or lines with labels of their own.

    :param refuse_floats: as :func:`to_dataset`; :param refuse_unsigned: likewise.
    :raises UnsafeJsonLd: as :func:`to_dataset`, and the others of it.
    """
    walked = compiled.walk(document, loader=loader)
    if walked is not None:
        return walked
    quads = reference(document, loader=loader, refuse_floats=refuse_floats, refuse_unsigned=refuse_unsigned)
    return Listed(quads)


def reference(
    document: JsonObject,
    *,
    loader: ContextLoader = PINNED,
    refuse_floats: bool = False,
    refuse_unsigned: bool = False,
    allow_blank_node_ids: bool = False,
) -> tuple[Quad, ...]:
    """As :func:`to_dataset`, by pyld, always: what the fast path is held to."""
    expanded = _expand(document, loader, refuse_floats, refuse_unsigned)
    return _Quads(refuse_unsigned, allow_blank_node_ids).document(expanded)


def from_expanded(expanded: list[Any]) -> tuple[Quad, ...]:
    """The RDF dataset of a document that :func:`expand` has expanded.

    :raises UnsafeJsonLd: as :func:`to_dataset`.
    """
    return _Quads(False, False).document(expanded)


def compact(expanded: list[Any], context: Any, *, loader: ContextLoader = PINNED) -> JsonObject:
    """Compacted form of expanded JSON-LD. (JSON-LD 1.1 API, section 5.2)

    :param context: value of ``@context``, pinned URLs only.
    :raises UnknownContext: a context is not pinned.
    :raises MalformedDocument: it cannot be compacted.
    """
    _check_contexts(context, loader)
    compacted: JsonObject = guarded(lambda options: pyld.compact(expanded, context, options), loader)
    return compacted


# --- before expansion -----------------------------------------------------------------------------------------------


def _check_source(document: Any, loader: ContextLoader, refuse_floats: bool, refuse_unsigned: bool) -> None:
    strict_json.check_value(document)
    if not isinstance(document, dict):
        raise MalformedDocument(Message("a JSON-LD document is one JSON object"), found=type(document).__name__)
    pending: list[Any] = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if "@context" in item:
                _check_contexts(item["@context"], loader)
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            if refuse_unsigned and not item:
                raise UnsafeJsonLd(
                    Message("an empty array says nothing in a graph"), hint=Message("Leave the property out.")
                )
            pending.extend(item)
        elif isinstance(item, str):
            if item.startswith(RESERVED_SCHEME):
                raise UnsafeJsonLd(Message("a value uses a reserved IRI scheme"), found=repr(item[:80]))
        elif item is None:
            if refuse_unsigned:
                raise UnsafeJsonLd(Message("null says nothing in a graph"), hint=Message("Leave the property out."))
        elif isinstance(item, float):
            if refuse_floats:
                raise UnsafeJsonLd(
                    Message("a number with a fraction has no lexical form that all processors share"),
                    expected=Message("a decimal written as a JSON string"),
                    found=repr(item),
                    hint=None,
                )
        elif isinstance(item, int) and abs(item) > MAX_INTEGER:
            raise UnsafeJsonLd(
                Message("an integer is too large for JSON"), expected=Message("at most 2**53 - 1"), found=str(item)[:40]
            )


def _check_contexts(value: Any, loader: ContextLoader) -> None:
    urls = value if isinstance(value, list) else [value]
    for url in urls:
        if not isinstance(url, str):
            raise UnsafeJsonLd(
                Message("the document contains an inline context"),
                expected=Message("@context to hold URLs of pinned contexts only"),
                found=type(url).__name__,
                hint=Message(
                    "An inline context can change the meaning of what was signed. Publish the context and pin it."
                ),
            )
        loader.load(url)


# --- expansion ------------------------------------------------------------------------------------------------------


def _expand(document: Any, loader: ContextLoader, refuse_floats: bool, refuse_unsigned: bool) -> list[Any]:
    _check_source(document, loader, refuse_floats, refuse_unsigned)
    dropped: list[str | None] = []
    expanded: list[Any] = guarded(
        lambda options: pyld.expand(document, options, on_property_dropped=dropped.append), loader
    )
    if dropped:
        unnamed = Message("a keyword or a term mapped to null")
        names = sorted({name.removeprefix(BASE)[:60] if name else unnamed for name in dropped})
        raise UnsafeJsonLd(Message("terms that no context defines: {terms}", terms=names[:8]))
    return expanded


# --- from the expanded form to quads --------------------------------------------------------------------------------


class _Quads:
    """One walk over an expanded document."""

    def __init__(self, refuse_unsigned: bool, allow_blank_node_ids: bool) -> None:
        self.refuse_unsigned = refuse_unsigned
        self.allow_blank_node_ids = allow_blank_node_ids
        self.quads: dict[Quad, None] = {}  # ordered, without duplicates: a dataset is a set
        self.labels: dict[str, str] = {}
        self.iris: dict[str, str] = {}
        self.count = 0

    def document(self, expanded: list[Any]) -> tuple[Quad, ...]:
        for item in expanded:
            self.node(item, "")
        return tuple(self.quads)

    def add(self, subject: str, predicate: str, object_: str, graph: str) -> None:
        self.quads[Quad(subject, predicate, object_, graph)] = None

    def node(self, node: JsonObject, graph: str) -> str:
        """Quads of a node object; gives back its term."""
        subject = self.resource(node["@id"]) if "@id" in node else self.fresh()
        for key, values in node.items():
            if key[0] != "@":
                predicate = self.predicate(key)
                for value in values:
                    self.add(subject, predicate, self.object(value, graph), graph)
            elif key == "@type":
                for name in values:
                    self.add(subject, RDF_TYPE, self.resource(name, "type"), graph)
            elif key == "@graph":
                for item in values:
                    self.node(item, subject)
            elif key == "@reverse":
                for name, items in values.items():
                    predicate = self.predicate(name)
                    for item in items:
                        self.add(self.node(item, graph), predicate, subject, graph)
            elif key == "@included":
                for item in values:
                    self.node(item, graph)
            elif key not in ("@id", "@index"):
                raise UnsafeJsonLd(Message("the keyword {key} has no place here", key=key))
        return subject

    def object(self, item: JsonObject, graph: str) -> str:
        if "@value" in item:
            return self.literal(item)
        if "@list" in item:
            return self.list(item["@list"], graph)
        return self.node(item, graph)

    def list(self, items: list[Any], graph: str) -> str:
        rest = RDF_NIL
        cells = [self.fresh() for _ in items]
        for i, (cell, item) in enumerate(zip(cells, items, strict=True)):
            rest = cells[i + 1] if i + 1 < len(cells) else RDF_NIL
            self.add(cell, RDF_FIRST, self.object(item, graph), graph)
            self.add(cell, RDF_REST, rest, graph)
        return cells[0] if cells else RDF_NIL

    def literal(self, item: JsonObject) -> str:
        value, datatype, language = item["@value"], item.get("@type"), item.get("@language")
        if self.refuse_unsigned and "@direction" in item:
            raise UnsafeJsonLd(
                Message("a base direction leaves no trace in a graph"), hint=Message("Leave @direction out.")
            )
        if datatype == "@json":
            return literal(jcs.canonicalize(value).decode("utf-8"), datatype=RDF + "JSON")
        if datatype is not None and (datatype.startswith(RESERVED_SCHEME) or not is_iri(datatype)):
            raise UnsafeJsonLd(Message("a datatype is not an absolute IRI"), found=repr(datatype)[:80])
        if isinstance(value, bool):
            return literal("true" if value else "false", datatype=datatype or XSD + "boolean")
        if isinstance(value, int | float):
            return _number(value, datatype)
        if not isinstance(value, str):
            raise UnsafeJsonLd(Message("a value is neither text, number nor boolean"), found=type(value).__name__)
        if language is not None and not _LANGUAGE.fullmatch(language):
            raise UnsafeJsonLd(
                Message("a language tag is malformed"), expected=Message("BCP 47"), found=repr(language)[:80]
            )
        return literal(value, datatype=datatype, language=language)

    def predicate(self, iri: str) -> str:
        term = self.resource(iri, "property")
        if term[0] == "_":
            raise UnsafeJsonLd(Message("a property is a blank node, which RDF has no place for"), found=iri[:80])
        return term

    def resource(self, iri: Any, role: str = "id") -> str:
        """Term of an IRI or blank node identifier."""
        term = self.iris.get(iri) if isinstance(iri, str) else None
        if term is not None:
            return term
        if not isinstance(iri, str):
            raise UnsafeJsonLd(Message("the value of an {role} is no IRI", role=role), found=repr(iri)[:80])
        if iri.startswith("_:"):
            if not self.allow_blank_node_ids:
                raise UnsafeJsonLd(Message("the document contains a blank node identifier"), found=repr(iri)[:80])
            term = self.labels.get(iri) or self.labels.setdefault(iri, self.fresh())
        elif iri.startswith(RESERVED_SCHEME):
            written = repr(iri.removeprefix(BASE)[:80])
            if role == "type":
                raise UnsafeJsonLd(Message("a type that no context defines: {written}", written=written))
            raise UnsafeJsonLd(Message("a relative IRI"), expected=Message("an absolute IRI"), found=written)
        elif not is_iri(iri):
            # Spaces and angle brackets in an IRI would let one statement pass for two.
            raise UnsafeJsonLd(Message("the value of an {role} is no absolute IRI", role=role), found=repr(iri[:80]))
        else:
            term = f"<{iri}>"
        self.iris[iri] = term
        return term

    def fresh(self) -> str:
        label = f"_:b{self.count}"
        self.count += 1
        return label


def _number(value: int | float, datatype: str | None) -> str:
    """JSON-LD 1.1 API, section 8.6, steps 9 to 11."""
    whole = isinstance(value, int) or value.is_integer()
    if whole and abs(value) < 1e21 and datatype != XSD_DOUBLE:
        return literal(str(int(value)), datatype=datatype or XSD + "integer")
    mantissa, exponent = f"{value:.15E}".split("E")
    mantissa = mantissa.rstrip("0")
    return literal(
        f"{mantissa}0E{int(exponent)}" if mantissa.endswith(".") else f"{mantissa}E{int(exponent)}",
        datatype=datatype or XSD_DOUBLE,
    )
