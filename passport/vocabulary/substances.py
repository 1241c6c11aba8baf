"""Names of substances by CAS registry number, read from ``ontology/substances.ttl``.

A passport signs the name that its maker wrote. Where the number is known, a reader of another script gets the name in
their own language; the signed name stays beside it.

    name_of("7440-02-0")["zh"]        # the Chinese name of nickel
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rdflib import RDFS, Namespace

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import BASE, SKOS, OntologySource

FILE = "ontology/substances.ttl"
_SUBSTANCE = Namespace(BASE + "substances#")


def name_of(number: str) -> Texts | None:
    """The name of a substance by language; None where its number is not in the list.

    :param number: CAS registry number, such as ``7440-02-0``.
    """
    return _names().get(number)


@cache
def _names() -> Mapping[str, Texts]:
    """:raises MalformedOntology: the file names a number twice or is no Turtle."""
    source = OntologySource(resources.read_text(FILE), FILE)
    names: dict[str, Texts] = {}
    for node in source.of_type(_SUBSTANCE.Substance):
        number = str(node.one(SKOS.notation))
        if number in names:
            raise MalformedOntology(Message("{number} is in {name} twice", number=number, name=FILE))
        names[number] = node.texts(RDFS.label)
    return names
