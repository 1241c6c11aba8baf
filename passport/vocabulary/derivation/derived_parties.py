"""``shapes/parties.ttl``: what an identity, a directory and an attestation say. Derived from the vocabulary.

One node shape for each kind of subject: its members, those that must be there, and no other. A role or an accreditation
that rests on an identity names it with its digest. Check characters of identifiers are no matter of a shape
(:mod:`passport.battery.identifiers.party_identifier`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from passport.vocabulary.derivation.derived_shapes import constraints, expectation, head, literals, property_shape
from passport.vocabulary.indicator import Datatype, Term
from passport.vocabulary.party_members import (
    ATTESTATION_MEMBERS,
    DIRECTORY_MEMBERS,
    ENTERPRISE,
    NESTED,
    REGISTERED,
    RESTS_ON,
)
from passport.vocabulary.vocabulary import Vocabulary

FILE = "shapes/parties.ttl"


def parties(vocabulary: Vocabulary) -> str:
    """The file as Turtle."""
    terms = vocabulary.terms
    parts = [head("parties", "What an identity, a directory and an attestation say.")]
    parts.append(_node("enterprise", "sh:targetClass bp:Enterprise", ENTERPRISE, closed=True))
    registered = " ".join(f"[ sh:path bp:{name} ; sh:minCount 1 ]" for name in REGISTERED)
    parts.append(f":registered a sh:NodeShape ;\n    sh:targetClass bp:Enterprise ;\n    sh:or ( {registered} ) .\n")
    parts.append(_node("directory", "sh:targetSubjectsOf bp:directoryNumber", DIRECTORY_MEMBERS, closed=True))
    parts.append(_node("attestation", "sh:targetSubjectsOf bp:attestedValues", ATTESTATION_MEMBERS, closed=True))
    parts.append(_node("rests-on", "sh:targetSubjectsOf bp:identityDigest", RESTS_ON, closed=False))
    for members in (ENTERPRISE, DIRECTORY_MEMBERS, ATTESTATION_MEMBERS, *NESTED.values()):
        for name, required in members.items():
            parts.append(_value(terms[name], required, NESTED.get(name)))
    return "\n".join(parts)


def _node(name: str, target: str, members: Iterable[str], *, closed: bool) -> str:
    listed = " ,\n        ".join(f":{member}" for member in members)
    only = "    sh:closed true ; sh:ignoredProperties ( rdf:type ) ;\n" if closed else ""
    return f":{name} a sh:NodeShape ;\n    {target} ;\n{only}    sh:property\n        {listed} .\n"


def _value(term: Term, required: bool, nested: Mapping[str, bool] | None) -> str:
    single = None if term.repeatable else 1
    return property_shape(term.id, list(_statements(term, required, nested, single)))


def _statements(
    term: Term, required: bool, nested: Mapping[str, bool] | None, single: int | None
) -> Iterator[str]:  # fmt: skip
    yield f"sh:path bp:{term.id}"
    yield literals("sh:name", term.label)
    yield from constraints(term)
    if required:
        yield "sh:minCount 1"
    if single is not None and term.datatype is not Datatype.LANG_STRING:
        yield f"sh:maxCount {single}"
    if nested is not None:
        yield "sh:property " + " , ".join(f":{name}" for name in nested)
    yield expectation(term.label, term, single)
