"""Attestations on the read side: the public ones about a pack, its batch and its model, with their status lists.

Shown to everybody are those over public indicators alone (:mod:`passport.attestation.attested_values`). One that ended
is left out of a file, since the file would not verify; a page names it all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from passport.attestation.attested_values import read_attestation
from passport.credentials import credential as vcdm
from passport.credentials.issuer import presentation
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import PassportView
from passport.store import DocumentKind, Store
from passport.vocabulary.credential_types import ATTESTATION
from passport.vocabulary.vocabulary import Audience, Vocabulary


def attestations_of(store: Store, subjects: Sequence[str], vocabulary: Vocabulary) -> tuple[JsonObject, ...]:
    """The public attestations about these subjects, oldest first."""
    documents = [stored.document for subject in subjects for stored in store.history(subject, ATTESTATION)]
    return tuple(document for document in documents if is_public(document, vocabulary))


def is_public(document: JsonObject, vocabulary: Vocabulary) -> bool:
    """Whether everybody may read each indicator that it attests."""
    indicators = vocabulary.indicators
    return all(
        name in indicators and Audience.PUBLIC in indicators[name].audiences
        for name in read_attestation(document).values
    )


def with_attestations(
    store: Store, view: PassportView, vocabulary: Vocabulary, at: datetime, *, ended: bool = False
) -> JsonObject:
    """A view of a passport with its attestations, as a file that verifies by itself.

    :param ended: also those whose validity is over.
    """
    saved = view.presentation()
    members = list(saved["verifiableCredential"])
    subjects = {
        subject["id"] for document in members for subject in vcdm.subjects(document)
        if isinstance(subject.get("id"), str)
    }  # fmt: skip
    attested = [
        document
        for document in attestations_of(store, sorted(subjects), vocabulary)
        if ended or (until := vcdm.valid_until(document)) is None or at <= until
    ]
    known = {document["id"] for document in members}
    lists = [each for each in _lists(store, attested) if each["id"] not in known]
    return {**presentation([*members, *attested, *lists]), **_others(saved)}


def _others(saved: JsonObject) -> JsonObject:
    return {name: value for name, value in saved.items() if name != "verifiableCredential"}


def _lists(store: Store, documents: Sequence[JsonObject]) -> list[JsonObject]:
    """The newest list of each address, own or taken."""
    addresses = {
        entry["statusListCredential"] for document in documents for entry in document.get("credentialStatus", ())
    }
    found: list[JsonObject] = []
    own = {each["id"]: each for number in store.list_numbers() if (each := store.status_list(number)) is not None}
    for address in sorted(addresses):
        held = store.held_documents(DocumentKind.STATUS_LIST, address, limit=1)
        if address in own:
            found.append(own[address])
        elif held:
            found.append(strict_json.loads(held[0].body))
    return found
