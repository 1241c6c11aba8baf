"""``shapes/events.ttl``: what an event of each kind must say, derived from ``ontology/lifecycle.ttl``.

    python -m passport.lifecycle.event_shapes            writes the file where it is stale, and names it
    python -m passport.lifecycle.event_shapes --check    writes nothing; leaves with 1 where it is stale

One node shape for each kind, named by the code of the kind: its required fields and members, and no other. The form
of a value is stated once for all kinds. The graph is that of an event credential with that of its detail: both have
the pack as their subject. A run uses the shape of one kind. The output depends on the ontology alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence

from passport.lifecycle.event import CORRECTION
from passport.lifecycle.event_catalogue import EventKind, LifecycleCatalogue, catalogue
from passport.linked_data import resources
from passport.texts import Message, by_language
from passport.vocabulary.derived_shapes import SHAPES, constraints, expectation, head, literals, property_shape, quoted
from passport.vocabulary.indicator import Term
from passport.vocabulary.vocabulary import Vocabulary, load

FILE = "shapes/events.ttl"
#: Beginning of the IRIs of the node shapes; the code of a kind completes one.
KINDS = f"{SHAPES}events#"
#: Members of an event with the term that must be there for each.
MEMBER_TERMS: Mapping[str, str] = {
    "place": "eventCountry",
    "counterpart": "counterpart",
    "vehicle": "vehicleHashes",
    "parts": "partChanges",
    "corrects": "correctedEvent",
}
_PLACE = ("eventCountry", "eventProvince", "eventLocality", "eventFacility")
_FRAME = ("occurredAt",)
_LINKS = ("previousEvent", "previousEventDigest", "eventDetail", "eventDetailDigest", "detailOf")
_NESTED: Mapping[str, Mapping[str, bool]] = {
    "vehicleHashes": {"hashKeyId": True, "vehicleHash": True},
    "partChanges": {"partCode": True, "withinCode": False, "partRemoved": False},
}


def event_shapes(facts: LifecycleCatalogue, vocabulary: Vocabulary) -> str:
    """The file as Turtle."""
    terms = vocabulary.terms
    used = [
        *_FRAME, *_LINKS, *_PLACE, *(term for member, term in MEMBER_TERMS.items() if member != "place"),
        *dict.fromkeys(name for kind in facts.kinds.values() for name in kind.fields),
    ]  # fmt: skip
    text = head("events", "What an event of each kind says: event and detail credential in one graph.")
    parts = [text.replace("passport.vocabulary.derived", "passport.lifecycle.event_shapes")]
    for kind in facts.kinds.values():
        parts += _kind_shapes(kind, facts, terms)
    for name in used:
        parts.append(_value_shape(terms[name], _NESTED.get(name)))
        for inner, required in _NESTED.get(name, {}).items():
            parts.append(_value_shape(terms[inner], None, required=required))
    return "\n".join(parts)


def _kind_shapes(kind: EventKind, facts: LifecycleCatalogue, terms: Mapping[str, Term]) -> Iterator[str]:
    required = [*kind.required, *(MEMBER_TERMS[member] for member in kind.members_required)]
    optional = [MEMBER_TERMS[member] for member in kind.members_optional]
    fields = list(kind.fields)
    if kind.code == CORRECTION:
        # A correction says what was wrong, which can be a field of any kind.
        fields = list(dict.fromkeys(name for other in facts.kinds.values() for name in other.fields))
    has_place = "place" in (*kind.members_required, *kind.members_optional)
    given = dict.fromkeys([*_FRAME, *_LINKS, *(_PLACE if has_place else ()), *required, *optional, *fields])
    properties = [":" + name for name in given]
    needed = {name: f":{kind.code}.{name}" for name in (*_FRAME, *required)}
    closed = Message("{event} has no such field", event=dict(kind.label))
    yield (
        f":{kind.code} a sh:NodeShape ;\n    sh:targetSubjectsOf bp:lifecycleEvent ;\n"
        f"    {literals('sh:name', kind.label)} ;\n    sh:closed true ; sh:ignoredProperties ( rdf:type ) ;\n"
        f"    {literals('sh:message', by_language(closed))} ;\n"
        "    sh:property\n        "
        + " ,\n        ".join([f":{kind.code}.lifecycleEvent", *properties, *needed.values()])
        + " .\n"
    )
    yield property_shape(
        f"{kind.code}.lifecycleEvent",
        ["sh:path bp:lifecycleEvent", f"sh:hasValue {quoted(kind.code)}", "sh:maxCount 1"],
    )
    for name, identifier in needed.items():
        message = Message("{event} needs the field {field}", event=dict(kind.label), field=dict(terms[name].label))
        yield property_shape(
            identifier.removeprefix(":"),
            [f"sh:path bp:{name}", "sh:minCount 1", literals("sh:message", by_language(message))],
        )  # fmt: skip


def _value_shape(term: Term, nested: Mapping[str, bool] | None, *, required: bool = False) -> str:
    single = None if term.repeatable else 1
    statements = [f"sh:path bp:{term.id}", literals("sh:name", term.label), *constraints(term)]
    if required:
        statements.append("sh:minCount 1")
    if single is not None:
        statements.append(f"sh:maxCount {single}")
    if nested is not None:
        statements.append("sh:property " + " , ".join(f":{name}" for name in nested))
    statements.append(expectation(term.label, term, single))
    return property_shape(term.id, statements)


def stale() -> bool:
    """Whether the file is missing or differs from what the ontology says."""
    try:
        return resources.path(FILE).read_text(encoding="utf-8") != event_shapes(catalogue(), load())
    except (OSError, UnicodeDecodeError):
        return True


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m passport.lifecycle.event_shapes", description="Derive the shapes of events from the ontology."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file is stale")
    options = parser.parse_args(arguments)
    if not stale():
        return 0
    if options.check:
        print(f"stale: {FILE}; run python -m passport.lifecycle.event_shapes", file=sys.stderr)
        return 1
    resources.path(FILE).write_text(event_shapes(catalogue(), load()), encoding="utf-8", newline="\n")
    print(f"written: {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
