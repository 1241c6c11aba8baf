"""The directory as a file that carries all that its verification needs; served by the resolver and read by machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from passport.credentials.issuer import presentation
from passport.directory.listing import Directory
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.directory.directory_rows import DirectoryChange


class DirectorySource(Protocol):
    """What a directory is read from: a :class:`~passport.store.Store`."""

    def signed_directory(self) -> DirectoryChange | None: ...

    def list_numbers(self) -> Iterable[int]: ...

    def status_list(self, number: int) -> JsonObject | None: ...


def directory_file(store: DirectorySource, directory: Directory, at: datetime) -> JsonObject | None:
    """A presentation: the signed list, the identities in force, their status lists, and the DID documents.

    :param at: identities that have ended by then are left out; the list names them.
    :returns: None where no list was signed yet.
    """
    signed = store.signed_directory()
    if signed is None or signed.body is None:
        return None
    counting = [each for each in directory.identities.values() if each.counts(at)]
    lists = _status_lists(store, [each.document for each in counting])
    return presentation(
        [strict_json.loads(signed.body), *(each.document for each in counting), *lists],
        did_documents=[each.did_document for each in counting if each.did_document is not None],
    )


def _status_lists(store: DirectorySource, documents: Iterable[JsonObject]) -> Iterator[JsonObject]:
    addresses = {
        entry["statusListCredential"] for document in documents for entry in document.get("credentialStatus", ())
    }
    for number in sorted(store.list_numbers()):
        signed = store.status_list(number)
        if signed is not None and signed["id"] in addresses:
            yield signed
