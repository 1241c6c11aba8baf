"""Labels of the ontology in further languages: ``ontology/labels/LANGUAGE.ttl``, one file a language and no code.

English and Chinese are in the ontology itself, and complete. A file here adds texts in one language to terms, codes and
regimes that are there; what it leaves out is said in English. Values, units and signed documents name no language, so
nothing that is signed changes with it.

    ns:ratedEnergy rdfs:label "Nominale energie"@nl .        # ontology/labels/nl.ttl
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import rdflib
from rdflib.namespace import RDFS, SKOS

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.linked_data.graphs import empty_graph
from passport.texts import Message
from passport.vocabulary.indicator import LANGUAGES

FOLDER = "ontology/labels"
_IN_TEXT = rdflib.URIRef("https://w3id.org/battery-passport/meta#inText")
#: What a file may say of a term: how people call it, and what it means. No type, unit or audience.
_SAYS = frozenset({RDFS.label, RDFS.comment, SKOS.prefLabel, SKOS.altLabel, SKOS.definition, _IN_TEXT})
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII).fullmatch

Labels = Mapping[tuple[str, str], Mapping[str, str]]


@cache
def labels() -> Labels:
    """Texts by term and property, of all files.

    :raises MalformedOntology: as :func:`read`.
    """
    return read(resources.path(FOLDER))


def turtle() -> str:
    """The texts of all files as statements without prefixes, to be read behind the ontology; empty without files.

    :raises MalformedOntology: as :func:`read`.
    """
    lines = (
        f"<{term}> <{says}> {rdflib.Literal(text, lang=language).n3()} .\n"
        for (term, says), texts in sorted(labels().items())
        for language, text in texts.items()
    )
    return "".join(lines)


def read(folder: Path) -> Labels:
    """The texts of the files in a folder; none where there is no folder.

    :returns: by IRI of the term and IRI of the property: text by language.
    :raises MalformedOntology: a file is not Turtle, is named after no further language, says something else than texts,
        or says a text twice or in another language.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted(folder.glob("*.ttl")):
        language, name = path.stem, f"{FOLDER}/{path.name}"
        if not _LANGUAGE(language) or language in LANGUAGES:
            raise MalformedOntology(Message("{name} is named after no further language", name=name))
        graph = empty_graph()
        try:
            graph.parse(data=path.read_text(encoding="utf-8"), format="turtle")
        except Exception as error:  # rdflib's parser raises its own BadSyntax, but also IndexError and others
            raise MalformedOntology(Message("{name} is not Turtle: {error}", name=name, error=error)) from error
        for term, says, text in graph:
            if says not in _SAYS or not isinstance(text, rdflib.Literal):
                raise MalformedOntology(
                    Message("{name}: {term} has something else than a text", name=name, term=str(term)[-80:])
                )
            texts = found.setdefault((str(term), str(says)), {})
            if text.language != language.lower() or not str(text).strip() or language in texts:
                raise MalformedOntology(
                    Message("{name}: {term} has no single text in {language}", name=name, term=str(term)[-80:],
                            language=language)
                )  # fmt: skip
            texts[language] = str(text)
    return MappingProxyType(found)
