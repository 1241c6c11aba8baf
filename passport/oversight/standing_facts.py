"""Facts out of signed accreditations and status lists: who was accredited and permitted when.

* Accreditations are those that events brought along or that were granted here.
* A revocation ends an accreditation at the ``validFrom`` of the first list that states it: a list of this store, or one
  that came with an event and was verified then. So does that of the identity on which it rests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passport.lifecycle import Accreditation
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.accreditation import read_accreditation
from passport.publishing.events.accreditation_status import ListVersions, credential_of, revocation_entries
from passport.store import Transaction
from passport.store.events.event_rows import DocumentKind, EventDocument
from passport.store.facts import standing_rows as rows
from passport.store.facts.fact_writing import FactWriter
from passport.supervision.pack_facts import FOREVER, seconds


def follow_standing(transaction: Transaction, facts: FactWriter) -> set[int]:
    """Renew the facts of accreditations and permits, where a document bears on them that is new.

    :returns: numbers of the packs whose events lie in a time for which they have changed.
    """
    documents, lists = facts.reached_standing()
    newest, new = rows.documents_since(transaction.connection, documents)
    newest_list = rows.newest_list(transaction.connection)
    if (newest, newest_list) != (documents, lists):
        facts.reach_standing(newest, newest_list)
    if not new and newest_list == lists:
        return set()
    changed = renew_all(transaction)
    return {
        pack for actor, since in changed.items() for pack in rows.packs_of_actor(transaction.connection, actor, since)
    }


def renew_all(transaction: Transaction) -> dict[str, int]:
    """Make the facts of all accreditations and permits again. :returns: see :func:`rows.renew_standing`."""
    accreditations: dict[tuple[str, str, int], dict[str, Any]] = {}
    permits: dict[tuple[str, str, int], dict[str, Any]] = {}
    lists = _StatusListsAtHand(transaction)
    for document in transaction.documents_of_kind(DocumentKind.ACCREDITATION):
        signed = strict_json.loads(document.body)
        accreditation = read_accreditation(signed, revoked_at=lists.revoked_since(signed))
        for row in _accredited(accreditation):
            accreditations[row["actor"], row["role"], row["since"]] = row
        for row in _permitted(accreditation):
            permits[row["actor"], row["kind"], row["since"]] = row
    return rows.renew_standing(transaction.connection, accreditations=accreditations.values(), permits=permits.values())


class _StatusListsAtHand:
    """The status lists at hand in a store."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._kept: dict[str, list[EventDocument]] = {}
        for document in transaction.documents_of_kind(DocumentKind.STATUS_LIST):
            self._kept.setdefault(document.holder or "", []).append(document)
        self._foreign: dict[str, ListVersions] = {}
        self._own: dict[int, ListVersions] = {}

    def revoked_since(self, accreditation: JsonObject) -> datetime | None:
        """The first instant at which a list states its revocation."""
        entries = tuple(revocation_entries(accreditation))
        known = [
            version.revoked_since(entry, accreditation.get("issuer"))
            for address, entry in entries
            for version in (self._at(address), *self._own_versions(entry, str(accreditation["id"])))
        ]
        return min((at for at in known if at is not None), default=None)

    def _own_versions(self, entry: JsonObject, accreditation: str) -> Iterator[ListVersions]:
        """The list of this store in which an entry is, if it is in one."""
        own = self._transaction.places_of(credential_of(entry, accreditation)).get("revocation")
        if own is not None:
            yield self._numbered(own.list)

    def _at(self, address: str) -> ListVersions:
        if address not in self._foreign:
            kept = self._kept.get(address, [])
            self._foreign[address] = ListVersions(range(len(kept)), lambda n: _read(kept[n].body))
        return self._foreign[address]

    def _numbered(self, number: int) -> ListVersions:
        if number not in self._own:
            connection = self._transaction.connection
            versions = rows.versions_of_list(connection, number)
            self._own[number] = ListVersions(versions, lambda n: _read(rows.list_body(connection, n)))
        return self._own[number]


def _read(body: bytes) -> JsonObject:
    document = strict_json.loads(body)
    return document if isinstance(document, dict) else {}


def _accredited(accreditation: Accreditation) -> Iterator[dict[str, Any]]:
    ends = [end for end in (accreditation.valid_until, accreditation.revoked_at) if end is not None]
    for role in sorted(accreditation.roles):
        yield {
            "actor": accreditation.holder, "role": role, "since": seconds(accreditation.valid_from),
            "until": min(map(seconds, ends), default=FOREVER),
        }  # fmt: skip


def _permitted(accreditation: Accreditation) -> Iterator[dict[str, Any]]:
    for permit in accreditation.permits:
        until = FOREVER if permit.valid_until is None else seconds(permit.valid_until)
        yield {
            "actor": accreditation.holder, "kind": permit.kind, "since": seconds(permit.valid_from), "until": until,
        }  # fmt: skip
