"""The context of an EPCIS document, as far as it gives names of ours: nothing is loaded and nothing is fetched.

GS1's context protects its own terms, so a document cannot give them another meaning. What a document may add here are
prefixes. Any other context could rename a member, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passport.exchange.epcis.epcis_writer import CONTEXT
from passport.exchange.epcis.event_document import NAMESPACES
from passport.texts import Message

#: Where GS1 publishes the context of EPCIS 2.0.
EPCIS_CONTEXTS = frozenset({
    CONTEXT,
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    "https://gs1.github.io/EPCIS/epcis-context.jsonld",
})  # fmt: skip
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
#: Prefixes that GS1's context protects.
_GS1: Mapping[str, str] = {
    "epcis": "https://ref.gs1.org/epcis/", "cbv": "https://ref.gs1.org/cbv/", "gs1": "https://gs1.org/voc/",
    "cbvmda": "urn:epcglobal:cbv:mda:", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Prefixes of a document.

    :param epcis: whether GS1's context is named.
    :param faults: what cannot be read of the context, each with what is there.
    """

    prefixes: Mapping[str, str] = field(default_factory=dict)
    epcis: bool = False
    faults: tuple[tuple[Any, Message], ...] = ()

    def own(self, name: str) -> str:
        """A member's name with our prefix where it is in a namespace of ours, else as it is."""
        prefix, colon, local = name.partition(":")
        # What follows a scheme begins with two slashes; JSON-LD takes no prefix there.
        is_compact = colon and prefix in self.prefixes and not local.startswith("//")
        iri = self.prefixes[prefix] + local if is_compact else name
        for ours, namespace in NAMESPACES.items():
            if iri.startswith(namespace):
                return f"{ours}:{iri[len(namespace) :]}"
        # A name that only looks like one of ours must not be taken for it.
        return iri if prefix in NAMESPACES and colon else name


def names_of(context: Any, *, outer: Names | None = None, given: bool = False) -> Names:
    """The names of a context.

    :param outer: names of the document around it.
    :param given: whether names of EPCIS and ours are meant without a context, as in a bare list of events.
    """
    if context is None and given:
        return Names(dict(NAMESPACES), epcis=True)
    prefixes = dict(outer.prefixes) if outer else {}
    epcis, faults = bool(outer and outer.epcis), []
    for each in context if isinstance(context, list) else [context]:
        if isinstance(each, str) and each in EPCIS_CONTEXTS:
            epcis = True
        elif isinstance(each, Mapping):
            for name, value in each.items():
                if not (_PREFIX.fullmatch(name) and isinstance(value, str) and _NAMESPACE.fullmatch(value)):
                    faults.append((name, Message("the context defines more than prefixes")))
                elif _GS1.get(name, value) != value:
                    faults.append((name, Message("the context gives a protected prefix another meaning")))
                elif not value.endswith(("/", "#", ":", "?", "=", "-", "_")):
                    faults.append((name, Message("the context defines more than prefixes")))
                else:
                    prefixes[name] = value
        else:
            faults.append((each, Message("the context is not known, and contexts are never fetched")))
    return Names(prefixes, epcis, tuple(faults))
