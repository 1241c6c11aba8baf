"""Records with the digests of the linked documents that a folder holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from passport.battery.linked_documents import linked_documents
from passport.battery.record import Record
from passport.exchange.records.document_folder import digests


def with_documents(records: Iterable[Record], folder: Path | None) -> tuple[Record, ...]:
    """The records with the digests of their linked documents, as far as the folder holds these; None: as they are.

    :raises UsageError: there is no such folder; :raises UnreadableInput: a document cannot be read.
    """
    records = tuple(records)
    if folder is None:
        return records
    held = digests(folder, (url for record in records for url in linked_documents(record)))
    return tuple(
        replace(record, documents={url: held[url] for url in linked_documents(record) if url in held})
        for record in records
    )
