"""``shapes/personal-data.ttl``: a shape that forbids personal data in published graphs. Derived from the vocabulary.

The shape is for the graphs of signed credentials, ours and those of other issuers. It targets every node with such a
property, whatever its class or credential type. (The graph of a record under validation only notes that personal data
is present, without its value.)
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
            message = Message("No credential may hold personal data: {term}", term=term.label)
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
