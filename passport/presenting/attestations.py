"""Attestations on the read side: those about a pack, its batch and its model, with their status lists, by role.

A reader gets an attestation only where each indicator that it names is one that this reader may read. An attestation of
a restricted indicator is hidden from everybody else, since its digest of a value could be guessed, and since the
attestation alone says that there is a value (:mod:`passport.attestation.attested_values`).

An attestation that ended is left out of a file, since the file would not verify; a page names it all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from passport.attestation.attested_values import read_attestation
from passport.battery.privacy import rights
from passport.credentials import credential as vcdm
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import PassportView
from passport.store import DocumentKind, Store
from passport.vocabulary.credential_types import ATTESTATION
from passport.vocabulary.vocabulary import Audience, Vocabulary


def attestations_of(store: Store, subjects: Sequence[str], readable: frozenset[str]) -> tuple[JsonObject, ...]:
    """The attestations about these subjects that a reader may have, oldest first.

    :param readable: ids of the indicators that the reader may read.
    """
    documents = [stored.document for subject in subjects for stored in store.history(subject, ATTESTATION)]
    return tuple(document for document in documents if readable.issuperset(read_attestation(document).values))


def attestations_beside(
    store: Store, view: PassportView, readable: frozenset[str], at: datetime, *, ended: bool = False
) -> tuple[JsonObject, ...]:
    """The attestations of what a view shows, followed by their status lists that are not in the view.

    :param readable: ids of the indicators that the reader of the view may read.
    :param ended: also attestations whose validity is over.
    """
    members = (*view.credentials, *view.status_lists)
    subjects = {
        subject["id"] for document in members for subject in vcdm.subjects(document)
        if isinstance(subject.get("id"), str)
    }  # fmt: skip
    attested = [
        document
        for document in attestations_of(store, sorted(subjects), readable)
        if ended or (until := vcdm.valid_until(document)) is None or at <= until
    ]
    known = {document["id"] for document in members}
    return (*attested, *(each for each in _lists(store, attested) if each["id"] not in known))


def with_attestations(
    store: Store,
    view: PassportView,
    vocabulary: Vocabulary,
    at: datetime,
    *,
    reader: Audience | rights.Right = Audience.PUBLIC,
    policy: str = rights.DEFAULT_POLICY,
    ended: bool = False,
) -> JsonObject:
    """A view of a passport with its attestations, as a file that verifies by itself.

    :param reader: of the view; :param policy: the access policy by which the view was made.
    :param ended: also attestations whose validity is over.
    """
    readable = rights.readable(vocabulary, reader, policy=policy)
    return beside(view, attestations_beside(store, view, readable, at, ended=ended))


def beside(view: PassportView, more: Sequence[JsonObject]) -> JsonObject:
    """The saved passport of a view with more signed documents in it."""
    saved = view.presentation()
    return {**saved, "verifiableCredential": [*saved["verifiableCredential"], *more]}


def _lists(store: Store, documents: Sequence[JsonObject]) -> list[JsonObject]:
    """The newest status list of each address, signed here or taken."""
    lists: dict[str, JsonObject] = {}
    for document in documents:
        for entry in store.status_entries(document["id"]):
            own = store.status_list(entry.list)
            if own is not None:
                lists[own["id"]] = own
        for entry in document.get("credentialStatus", ()):
            address = entry["statusListCredential"]
            if address not in lists and (held := store.held_documents(DocumentKind.STATUS_LIST, address, limit=1)):
                lists[address] = strict_json.loads(held[0].body)
    return [lists[address] for address in sorted(lists)]
