"""The passport that a person means by an address, a path, a pack code or a serial number."""

from __future__ import annotations

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier, UnknownPassport
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, MODEL


def find_subject(store: Store, text: str, base_url: str) -> str:
    """The address of one passport of the store.

    :param text: an address, the path of one, a pack code or a serial number.
    :param base_url: of the project; a path is completed with it.
    :raises UnknownPassport: there is none, or several.
    :raises MalformedIdentifier: it has the length of a pack code but is none.
    """
    text = text.strip()
    iri = base_url + text if text.startswith("/") else text
    if store.current(iri, MODEL) is not None or store.current(iri, BATCH) is not None:
        return iri
    subjects = store.packs_named(iri) or store.packs_named("".join(text.split()).upper())
    if len(subjects) == 1:
        return subjects[0].subject
    if subjects:
        raise UnknownPassport(
            Message("{count} packs have the serial number {text}", count=len(subjects), text=text),
            hint=Message("Give the address: {subject}", subject=subjects[0].subject),
        )
    if len("".join(text.split())) in (19, 24) and "/" not in text:
        try:
            TractionBatteryCode.parse(text)
        except MalformedIdentifier as error:
            error.hint = "Compare it with the plate."
            raise
    raise UnknownPassport(
        Message("no passport of {text} in this project", text=text),
        hint=Message("Give its address, code or serial number."),
    )
