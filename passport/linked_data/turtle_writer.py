"""Quads written as Turtle, for people who read graphs. Never for signing.

Statements keep their order, grouped by subject; IRIs are shortened by their prefixes. Literals
keep their lexical form: ``"01"^^xsd:integer`` stays ``"01"^^xsd:integer``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from passport.linked_data.nquads import XSD, Quad

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
#: Local names that need no escape in any Turtle parser.
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


def serialize(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """Turtle text of the statements; their graph names are left out.

    :param prefixes: prefix (without its colon) -> namespace. ``xsd`` is added.
    """
    prefixes = {**prefixes, "xsd": XSD}
    subjects: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, value, _ in quads:
        values = subjects.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)
    lines = [f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items()]
    for subject, predicates in subjects.items():
        statements = [
            f"{'a' if predicate == RDF_TYPE else _short(predicate, prefixes)} "
            + " , ".join(_short(value, prefixes) for value in values)
            for predicate, values in predicates.items()
        ]
        lines.append(f"\n{_short(subject, prefixes)}\n    " + " ;\n    ".join(statements) + " .\n")
    return "".join(lines)


def _short(term: str, prefixes: Mapping[str, str]) -> str:
    if term[0] == '"':
        text, mark, datatype = term.rpartition("^^")
        # A literal's own text may hold ^^; a datatype is what follows the closing quotation mark.
        if mark and datatype.startswith("<") and text.endswith('"'):
            return f"{text}^^{_short(datatype, prefixes)}"
        return term
    if term[0] == "<":
        for prefix, namespace in prefixes.items():
            if term.startswith(f"<{namespace}") and _LOCAL.match(term[len(namespace) + 1 : -1]):
                return f"{prefix}:{term[len(namespace) + 1 : -1]}"
    return term
