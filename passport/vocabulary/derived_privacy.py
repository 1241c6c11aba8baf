"""``shapes/personal-data.ttl``: what may stand on no node of a published graph. Derived from the vocabulary.

Validation states personal data in its own graph as being there and nothing more; this shape is for the graphs of what
was signed, ours and anybody's. It targets whatever carries such a property, so no class or credential type gets past
it.
"""

from __future__ import annotations

from passport.texts import Message, by_language
from passport.vocabulary.strict_turtle import NS
from passport.vocabulary.vocabulary import Vocabulary

FILE = "shapes/personal-data.ttl"
#: A salted hash in base64 has at least this many characters; a VIN has 17.
HASH_LENGTH = 43

_ONLY_HASHED = Message("Only a salted hash of the vehicle identification number may be said")
_HEAD = f"""\
# Derived from the ontology by `python -m passport.vocabulary.derived`. Edit ontology/, not this file.
#
# Personal data enters no passport credential: vehicle identification number, licence plate, owner.

@prefix bp:    <{NS}> .
@prefix shape: <https://w3id.org/battery-passport/shapes/personal-data#> .
@prefix sh:    <http://www.w3.org/ns/shacl#> .
"""


def personal_data(vocabulary: Vocabulary) -> str:
    """The shapes as Turtle: one for each term of personal data, and one for what only a hash of may be said."""
    parts = [_HEAD]
    for term in sorted(vocabulary.terms.values(), key=lambda term: term.id):
        if term.personal_data:
            message = Message("Personal data may stand in no credential: {term}", term=term.label)
            parts.append(
                f"shape:{term.id} a sh:NodeShape ;\n    sh:targetSubjectsOf bp:{term.id} ;\n"
                f"    sh:property [ sh:path bp:{term.id} ; sh:maxCount 0 ;\n"
                f"        sh:message {_texts(message)} ] .\n"
            )
    parts.append(
        "shape:vinHash a sh:NodeShape ;\n    sh:targetSubjectsOf bp:vinHash ;\n"
        f"    sh:property [ sh:path bp:vinHash ; sh:minLength {HASH_LENGTH} ;\n"
        f"        sh:message {_texts(_ONLY_HASHED)} ] .\n"
    )
    return "\n".join(parts)


def _texts(message: Message) -> str:
    """The message as Turtle literals, one a line."""
    return " ,\n            ".join(f'"{text}"@{language}' for language, text in by_language(message).items())
