"""Documents of a battery: which indicators are links to one, and what a handover documentation says of each."""

from __future__ import annotations

from functools import cache

from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.vocabulary import Carrier, Datatype

#: The tag of ISO 639-2 for a language that is not known: each tag of two letters is a language.
NO_LANGUAGE = "und"
#: Links that lead to no document: addresses of passports, and symbols, which are markings.
_NO_DOCUMENTS = frozenset({
    "batteryIdentifier", "batteryPassportIdentifier", "previousPassport", "separateCollectionSymbol",
    "carbonFootprintLabel", "ceMarking",
})  # fmt: skip


@cache
def document_links() -> tuple[tuple[str, str | None], ...]:
    """Indicators that are links to documents, or have one as a field."""
    places: list[tuple[str, str | None]] = []
    for indicator in vocabulary_module.load().indicators.values():
        if indicator.carrier in (Carrier.EVENT, Carrier.CONDITION) or indicator.id in _NO_DOCUMENTS:
            continue
        if indicator.datatype is Datatype.ANY_URI:
            places.append((indicator.id, None))
        elif field := indicator.field("documentUrl"):
            places.append((indicator.id, field.name))
    return tuple(places)
