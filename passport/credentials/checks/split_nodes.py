"""One node described in two places: where it hides something from a reader of JSON.

A proof over RDF covers the *graph*, which does not say at which place of the JSON a property was. A holder could
move ``validUntil``, ``credentialStatus`` or the ``packs`` of a role to another object with the same ``id``; the graph,
and with it the proof, would stay the same, and this package, which reads keys, would no longer find the property.

VC Data Model 2.0 has no rule against that, and honest documents do describe one organisation in several places. So it
is refused only where it can mislead:

* under a proof whose suite signs RDF (``-rdfc-``, ``-sd-``, ``bbs``). A suite that signs JSON (``-jcs-``) and a token
  cover the places too; nothing can be moved;
* of the nodes that a verifier reads: the document itself, its status entries, its issuer, and the subject of a role or
  of a status list;
* if the other place says something that the place where the verifier reads does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from passport.errors import SplitNode
from passport.linked_data.json_types import JsonObject, as_list
from passport.texts import Message

_GRAPH_SUITES = ("-rdfc-", "-sd-", "bbs-")
# What is read of a subject decides who sees what, or which credentials still count.
_READ_SUBJECTS = ("RoleCredential", "StatusListCredential")
# Of an issuer only the id decides; these two are shown to people, and of a subject they decide nothing. So an issuer
# may describe itself: in `issuer` with its name, and in `credentialSubject` with its address.
_NAMES = frozenset({"name", "description"})


def signs_graph(cryptosuite: Any) -> bool:
    """Whether a cryptosuite of this name signs the RDF graph of a document, and not its JSON."""
    return isinstance(cryptosuite, str) and any(part in cryptosuite for part in _GRAPH_SUITES)


def is_signed_as_graph(document: JsonObject) -> bool:
    """Whether a proof of ``document`` names a suite that signs RDF."""
    return any(signs_graph(proof.get("cryptosuite")) for proof in _objects(document, "proof"))


def check_split_nodes(document: JsonObject, values: Iterable[Any]) -> None:
    """Return if no node that a verifier reads is described further in another place.

    :param document: a credential or presentation, whose members are walked apart.
    :param values: every value in it, without its proofs.
    :raises SplitNode: one is; the message names the node and the property.
    """
    places: dict[str, list[tuple[JsonObject, Callable[[str], bool]]]] = {}
    for place, is_read in _reading_places(document):
        if isinstance(node := _id(place), str):
            places.setdefault(node, []).append((place, is_read))
    for node, mentions in places.items():
        # A bare reference beside the description says nothing, so nothing is missing from it.
        places[node] = [each for each in mentions if len(each[0]) > 1] or mentions
    for value in values:
        if not isinstance(value, dict) or len(value) < 2:
            continue
        node = _id(value)
        for place, is_read in places.get(node, ()) if isinstance(node, str) else ():
            if place is value:
                continue
            for name, member in value.items():
                if name in ("id", "@id") or not is_read(name):
                    continue
                if name not in place or place[name] != member:
                    raise SplitNode(
                        Message(
                            "{name!r} of a node is said in another place than where a verifier reads it", name=name[:40]
                        ),
                        expected=Message("one place for all that is said of the document, its status, issuer and role"),
                        found=repr(node)[:80],
                    )


def _reading_places(document: JsonObject) -> Iterator[tuple[JsonObject, Callable[[str], bool]]]:
    """The objects that a verifier reads, and whether it reads a property of them."""
    yield document, lambda name: True
    for entry in _objects(document, "credentialStatus"):
        yield entry, lambda name: True
    issuer = document.get("issuer")
    if isinstance(issuer, dict) and _NAMES & issuer.keys():
        yield issuer, lambda name: name in _NAMES
    kinds = document.get("type")
    if any(isinstance(kind, str) and kind.endswith(_READ_SUBJECTS) for kind in as_list(kinds)):
        for subject in _objects(document, "credentialSubject"):
            yield subject, lambda name: name not in _NAMES


def _id(value: JsonObject) -> Any:
    return value.get("id", value.get("@id"))


def _objects(document: JsonObject, name: str) -> Iterator[JsonObject]:
    return (entry for entry in as_list(document.get(name)) if isinstance(entry, dict))
