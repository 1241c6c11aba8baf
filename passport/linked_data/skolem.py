"""Names for the blank nodes of a document, so that parts of it can be found again in the whole.

Two expansions of the same document number its blank nodes independently. Selective disclosure compares a part with
the whole, so each blank node first gets an IRI of a reserved kind (``urn:bnid:…``); in the quads it is taken off
again and is the label of the blank node. Documents that have no blank nodes are left as they are, and nothing is
computed.

(VC Data Integrity ECDSA Cryptosuites 1.0, sections 3.4.5 to 3.4.9)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from passport.errors import UnsafeJsonLd
from passport.linked_data import jsonld, rdfc10, strict_json
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.nquads import Quad
from passport.texts import Message

PREFIX = "urn:bnid:"
_OPENING = f"<{PREFIX}"


class Named(NamedTuple):
    """A document whose blank nodes have names, and its quads, in which the names are blank-node labels again.

    ``issued`` maps these labels to the canonical ones; it is empty where there are no blank nodes.
    """

    document: JsonObject
    quads: tuple[Quad, ...]
    issued: Mapping[str, str]


def name_blank_nodes(document: JsonObject, *, loader: ContextLoader = PINNED) -> Named:
    """Give every blank node of a document a name.

    :raises UnsafeJsonLd: something in the document would get lost, or it uses the reserved kind of IRI, or it has blank
        nodes that JSON-LD cannot name: the cells of lists, the names of graphs.
    """
    if PREFIX.encode() in strict_json.dumps(document):
        raise UnsafeJsonLd(Message("the document uses a reserved kind of IRI"), found=PREFIX)
    expanded = jsonld.expand(document, loader=loader)
    quads = jsonld.from_expanded(expanded)
    if not any(term.startswith("_:") for quad in quads for term in (quad.subject, quad.object, quad.graph)):
        return Named(document, quads, {})
    _name(expanded, count())
    named = jsonld.compact(expanded, document["@context"], loader=loader)
    result = quads_of(named, loader=loader)
    canonical = rdfc10.canonicalize(result)
    if canonical.lines != rdfc10.canonicalize(quads).lines:
        raise UnsafeJsonLd(
            Message("the blank nodes of this document cannot be named"), hint=Message("Give its nodes ids.")
        )
    return Named(named, result, canonical.issued)


def _name(value: Any, numbers: Iterator[int]) -> None:
    if isinstance(value, list):
        for item in value:
            _name(item, numbers)
    elif isinstance(value, dict) and "@value" not in value:
        if "@list" not in value and "@id" not in value:
            value["@id"] = f"{PREFIX}b{next(numbers)}"
        for key, child in value.items():
            if key == "@reverse":
                for nodes in child.values():
                    _name(nodes, numbers)
            elif key not in ("@id", "@type", "@index"):
                _name(child, numbers)


def quads_of(named: JsonObject, *, loader: ContextLoader = PINNED) -> tuple[Quad, ...]:
    """Quads of a document with names, or of a part of it: names are blank-node labels again.

    :raises UnsafeJsonLd: a blank node has no name.
    """
    return tuple(Quad(*map(_label, quad)) for quad in jsonld.to_dataset(named, loader=loader))


def _label(term: str) -> str:
    if term.startswith("_:"):
        # Numbered anew in each expansion: in a part it would pass for another node of the whole.
        raise UnsafeJsonLd(
            Message("a list or an unnamed graph cannot be disclosed selectively"),
            hint=Message("Let a property say the order."),
        )
    return f"_:{term[len(_OPENING) : -1]}" if term.startswith(_OPENING) else term
