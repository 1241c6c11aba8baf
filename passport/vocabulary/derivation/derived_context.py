"""The JSON-LD context of our credentials, derived from the vocabulary.

* One name, one meaning: every term is defined at the top, protected, and none of the W3C credentials context is defined
  again, so that any credential can use both contexts.
* A quantity is a string that becomes ``xsd:decimal``, a link is an IRI node, a nested entry is a node with an ``id``, a
  repeatable term is a set, text for people is a language map. A code is a plain string.
* Personal data has no term, so safe expansion refuses it before anything is signed.
"""

from __future__ import annotations

from typing import Any

from passport.vocabulary.vocabulary import Datatype, Term, Vocabulary

CONTEXT = "https://w3id.org/battery-passport/contexts/battery/v1"

_XSD = "http://www.w3.org/2001/XMLSchema#"
_COERCIONS = {
    Datatype.DECIMAL: _XSD + "decimal",
    Datatype.INTEGER: _XSD + "integer",
    Datatype.BOOLEAN: _XSD + "boolean",
    Datatype.DATE: _XSD + "date",
    Datatype.DATE_TIME: _XSD + "dateTime",
    Datatype.DURATION: _XSD + "duration",
    Datatype.ANY_URI: "@id",
    Datatype.STRUCTURED: "@id",
}


def context(vocabulary: Vocabulary) -> dict[str, Any]:
    """The context document: classes first, then every term allowed in a credential, in vocabulary order."""
    defined: dict[str, Any] = {"@version": 1.1, "@protected": True}
    for class_term in vocabulary.classes.values():
        defined[class_term.id] = class_term.iri
    for term in vocabulary.terms.values():
        if term.own and not term.personal_data:
            defined[term.id] = _definition(term)
    return {"@context": defined}


def _definition(term: Term) -> str | dict[str, str]:
    definition = {"@id": term.iri}
    if term.datatype in _COERCIONS:
        definition["@type"] = _COERCIONS[term.datatype]
    if term.datatype is Datatype.LANG_STRING:
        definition["@container"] = "@language"
    elif term.repeatable:
        definition["@container"] = "@set"
    return definition if len(definition) > 1 else term.iri
