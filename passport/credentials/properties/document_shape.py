"""The shape of a document: its depth, its size, and keys that would hide a property from a reader of JSON.

A proof covers the graph, and programs read keys: a property under an IRI as its key, or under ``@included``, is in the
graph and not where a program looks for it. Everything is walked without recursion.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from itertools import chain
from typing import Any

from passport.credentials.checks.split_nodes import check_split_nodes
from passport.credentials.properties.property_values import show
from passport.errors import MalformedCredential
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

MAX_DEPTH = 64
MAX_NODES = 500_000
_HIDING_KEYWORDS = frozenset({"@included", "@reverse", "@graph", "@nest"})


def check_shape(document: JsonObject, *, apart: Container[str], as_graph: bool) -> None:
    """Refuse keys that hide something from a reader of JSON, and what is too deep or too large.

    :param apart: members that hold documents of their own, which are checked by themselves.
    :param as_graph: whether a suite that signs RDF has signed it, or is about to.
    :raises MalformedCredential: one of these; the message names it.
    :raises SplitNode: RDF is signed, and something that a verifier reads is described in two places.
    """
    outer = {key: value for key, value in document.items() if key not in apart}
    if keywords := [key for key in outer if key.startswith("@") and key != "@context"]:
        raise MalformedCredential(
            Message("{keyword} as a property of the document", keyword=show(keywords[0])),
            expected=Message("its plain name"),
        )
    # The whole walk comes first: values are compared below, and comparing recurses where the walk does not.
    # Proofs are graphs of their own (VC Data Integrity 1.0, section 2.1): what they say is said of no other node.
    described = _objects_in({key: value for key, value in outer.items() if key != "proof"})
    objects = [*described, *_objects_in({"proof": outer["proof"]})] if "proof" in outer else described
    _check_keys(objects)
    if as_graph:
        check_split_nodes(document, reversed(described))


def _check_keys(objects: Sequence[JsonObject]) -> None:
    # Most objects of a long list have the same keys.
    for keys in dict.fromkeys(map(tuple, objects)):
        if ":" in "".join(keys) or not _HIDING_KEYWORDS.isdisjoint(keys):
            hidden = next(key for key in keys if key in _HIDING_KEYWORDS or ":" in key)
            raise MalformedCredential(
                Message("{key} as a key", key=show(hidden)),
                expected=Message("names that the contexts define"),
                found=Message("an IRI or a keyword"),
            )


def check_proof_shape(proof: Any) -> None:
    """The same of the value of ``proof`` alone, where the rest of the document is known to be sound."""
    is_flat = type(proof) is dict and set(map(type, proof.values())) == {str}  # nearly all
    _check_keys([proof] if is_flat else _objects_in({"proof": proof}))


def _objects_in(root: JsonObject) -> list[JsonObject]:
    """Every JSON object in ``root``, level by level and without recursion."""
    objects: list[JsonObject] = []
    level: list[Any] = [root]
    count, depth, more = 1, 0, True
    while more:
        if depth > MAX_DEPTH:
            raise MalformedCredential(
                Message("nested too deep"), expected=Message("at most {max_depth} levels", max_depth=MAX_DEPTH)
            )
        if count > MAX_NODES:
            raise MalformedCredential(
                Message("too large"), expected=Message("at most {max_nodes} values", max_nodes=MAX_NODES)
            )
        members: list[Collection[Any]] = []
        for value in level:
            if isinstance(value, dict):
                objects.append(value)
                members.append(value.values())
            elif isinstance(value, list):
                members.append(value)
        sizes = sum(map(len, members))
        more = sizes > 0
        count += sizes
        # Texts are nearly all.
        level = [member for member in chain.from_iterable(members) if type(member) is not str]
        depth += 1
    return objects
