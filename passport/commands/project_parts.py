"""Parts of a project that several commands open in the same way: publisher, presenter, and the chosen passport."""

from __future__ import annotations

from passport.battery.identifier import TractionBatteryCode
from passport.commands.regimes import chosen_regimes
from passport.errors import MalformedIdentifier, UnknownPassport
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.texts import Message
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import BATCH, MODEL


def open_publisher(project: Project, store: Store, passphrase: bytes | None) -> Publisher:
    return Publisher(
        store,
        project.issuer_with_key(passphrase),
        project.base_url,
        vocabulary.load(),
        chosen_regimes(project.regimes),
    )


def open_presenter(project: Project, store: Store) -> Presenter:
    return Presenter(store, vocabulary.load(), policy=project.access_policy)


def find_subject(store: Store, text: str, base_url: str) -> str:
    """The address that a person means by an address, a path, a pack code or a serial number.

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
