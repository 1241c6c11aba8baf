"""A life-cycle event as its JSON document, and the extension members that carry the document in EPCIS.

    extension_of(document)           # {"bp:lifecycleEvent": "fit", "lc:actor": {"id": "did:web:…"}, …}
    document_from(members)           # and back

Time and pack are members of EPCIS and not part of the extension.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from passport.lifecycle.event_catalogue import LC, catalogue
from passport.linked_data.json_types import JsonObject
from passport.vocabulary.indicator import Term
from passport.vocabulary.strict_turtle import NS

#: Prefixes of our names in an EPCIS document.
NAMESPACES: Mapping[str, str] = {"bp": NS, "lc": str(LC)}
KIND, EVENT, ACTOR, CORRECTION_OF = "bp:lifecycleEvent", "lc:event", "lc:actor", "lc:correction"
VEHICLE, PARTS = "bp:vehicleHashes", "bp:partChanges"
#: Path in the document -> member that holds an IRI.
_LINKS = {
    ("id",): EVENT, ("actor",): ACTOR, ("predecessor", "id"): "bp:previousEvent", ("counterpart",): "bp:counterpart",
    ("corrects",): "bp:correctedEvent",
}  # fmt: skip
#: Path in the document -> member that holds text.
_TEXTS = {
    ("event",): KIND, ("predecessor", "digest"): "bp:previousEventDigest", ("place", "country"): "bp:eventCountry",
    ("place", "province"): "bp:eventProvince", ("place", "locality"): "bp:eventLocality",
    ("place", "facility"): "bp:eventFacility",
}  # fmt: skip
_LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "vehicle": (VEHICLE, {"keyId": "bp:hashKeyId", "hash": "bp:vehicleHash"}),
    "parts": (PARTS, {"code": "bp:partCode", "within": "bp:withinCode", "out": "bp:partRemoved"}),
}
_STEP = re.compile(r"/([^/]*)")


def extension_of(document: JsonObject) -> JsonObject:
    """The members that carry a document, without its pack and its instant."""
    members: JsonObject = {}
    for path, name in (*_LINKS.items(), *_TEXTS.items()):
        value: Any = document
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            members[name] = {"id": value} if path in _LINKS else value
    for name, (member, names) in _LISTS.items():
        if name in document:
            members[member] = [{names[key]: held for key, held in entry.items()} for entry in document[name]]
    return members | {f"bp:{name}": value for name, value in document.get("fields", {}).items()}


def document_from(members: Mapping[str, Any]) -> JsonObject:
    """The document that members carry, as far as they do; what is not of the right shape is left for its reader."""
    document: JsonObject = {}
    for path, name in (*_LINKS.items(), *_TEXTS.items()):
        if name in members:
            holder = document
            for step in path[:-1]:
                holder = holder.setdefault(step, {})
            holder[path[-1]] = iri_of(members[name]) if path in _LINKS else members[name]
    for name, (member, names) in _LISTS.items():
        if member in members:
            own = {theirs: ours for ours, theirs in names.items()}
            entries = members[member] if isinstance(members[member], list) else [members[member]]
            document[name] = [
                {own.get(key, key): held for key, held in entry.items()} if isinstance(entry, Mapping) else entry
                for entry in entries
            ]
    fields = {}
    for name, term in fields_of_every_kind().items():
        if (value := members.get(f"bp:{name}")) is not None:
            # A list of one entry is its entry in compacted JSON-LD.
            fields[name] = [value] if term.repeatable and not isinstance(value, list) else value
    return document | ({"fields": fields} if fields else {})


def iri_of(value: Any) -> Any:
    """The IRI of a node, written as a text or as an object with nothing but its id."""
    if isinstance(value, Mapping) and len(value) == 1:
        return value.get("id", value.get("@id", value))
    return value


@cache
def fields_of_every_kind() -> Mapping[str, Term]:
    """The fields that any event may have; a correction may have all of them."""
    return {name: term for kind in catalogue().kinds.values() for name, term in kind.fields.items()}


def place_of(pointer: str, pack: str) -> str:
    """The place in an EPCIS event of what a document has at a JSON pointer.

    :param pack: member that names the pack.
    """
    path = tuple(_STEP.findall(pointer))
    if path in _LINKS or path in _TEXTS:
        return f"/{_LINKS.get(path) or _TEXTS[path]}"
    match path:
        case ("occurredAt",):
            return "/eventTime"
        case ("pack",):
            return f"/{pack}"
        case ("place", *_):
            return "/bp:eventCountry"
        case ("predecessor", *_):
            return "/bp:previousEvent"
        case ("fields", name, *rest):
            return "".join(f"/{step}" for step in (f"bp:{name}", *rest))
        case (name, *rest) if name in _LISTS:
            member, names = _LISTS[name]
            return "".join(f"/{step}" for step in (member, *(names.get(step, step) for step in rest)))
    return pointer
