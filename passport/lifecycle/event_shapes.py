"""What is derived from ``ontology/lifecycle.ttl``: ``shapes/events.ttl``, and who may report which event.

    python -m passport.lifecycle.event_shapes            writes what is stale, and names it
    python -m passport.lifecycle.event_shapes --check    writes nothing; leaves with 1 where something is stale

``shapes/events.ttl`` says what an event of each kind must say. ``ontology/derived/event-reporters.json`` is for readers
that load no ontology (:mod:`passport.vocabulary.event_reporters`).

One node shape for each kind, named by the code of the kind: its required fields and members, and no other. The form
of a value is stated once for all kinds. The graph is that of an event credential with that of its detail: both have
the pack as their subject. A run uses the shape of one kind. The output depends on the ontology alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from passport.lifecycle.event import CORRECTION
from passport.lifecycle.event_catalogue import EventKind, LifecycleCatalogue, catalogue
from passport.linked_data import resources
from passport.texts import Message, by_language
from passport.vocabulary.derivation.derived_shapes import (
    SHAPES,
    constraints,
    expectation,
    head,
    literals,
    property_shape,
    quoted,
)
from passport.vocabulary.event_reporters import FILE as REPORTERS_FILE
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


def reporters(facts: LifecycleCatalogue) -> str:
    """The roles that may report each kind of event, and the permits that the rule of a country asks of a role."""
    rule = facts.rules["permit"]
    document = {
        "kinds": {code: list(kind.roles) for code, kind in facts.kinds.items()},
        "names": {
            "kinds": {code: dict(kind.label) for code, kind in facts.kinds.items()},
            "roles": {role.code: dict(role.label) for role in facts.roles.codes},
            "permits": {code: dict(permit.label) for code, permit in facts.permits.items()},
        },
        "permits": {
            "country": rule.profile.upper(),
            "from": rule.in_force_from.isoformat(),
            "roles": {
                role.code: needed
                for role in facts.roles.codes
                if (needed := [permit.code for permit in facts.permits.values() if permit.role == role.code])
            },
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def files() -> dict[str, str]:
    """Every derived file by its name, with the content that it should have."""
    return {FILE: event_shapes(catalogue(), load()), REPORTERS_FILE: reporters(catalogue())}


def stale() -> tuple[str, ...]:
    """Names of files that are missing or differ from what the ontology says."""
    return tuple(name for name, content in files().items() if _current(name) != content)


def _current(name: str) -> str | None:
    try:
        return resources.path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m passport.lifecycle.event_shapes", description="Derive the shapes of events from the ontology."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is stale")
    options = parser.parse_args(arguments)
    names, made = stale(), files()
    for name in names:
        if options.check:
            print(f"stale: {name}; run python -m passport.lifecycle.event_shapes", file=sys.stderr)
        else:
            resources.path(name).write_text(made[name], encoding="utf-8", newline="\n")
            print(f"written: {name}")
    return 1 if options.check and names else 0


if __name__ == "__main__":
    sys.exit(main())
