"""Attestations on the write side: a third party signs them, and a maker takes those about its own batteries.

* :class:`Attestor` is the third party's: signed, stored, with a place in its lists of revocations and suspensions.
* :func:`take` is the maker's: what verifies and is about a subject in the store is stored as it was signed, with the
  status lists that came along. Newer lists are taken the same way.

Both keep attestations among the credentials of a subject, so every version stays readable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.attestation.attested_values import AttestationStatement, read_attestation, unsigned_attestation
from passport.belonging import passport_verifier
from passport.credentials.digests import canonical_bytes, digest_of
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult
from passport.errors import FaultyRecord, UnknownRole, UsageError
from passport.linked_data.json_types import JsonObject
from passport.publishing.commit import change_status
from passport.publishing.places import PURPOSES, Places
from passport.publishing.status.status_lists import StatusLists
from passport.store import DocumentKind, EventDocument, Store, StoredCredential
from passport.texts import Message
from passport.vocabulary.credential_types import ATTESTATION, BATCH, MODEL, PASSPORT


class Attestor:
    """:param issuer: signs attestations and their status lists; :param base_url: all are named under it."""

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._places = Places(store, issuer.id, base_url)
        self._lists = StatusLists(store, issuer, base_url)

    def attest(
        self, statement: AttestationStatement, *, valid_from: datetime, valid_until: datetime, at: datetime
    ) -> JsonObject:
        """A signed attestation, stored.

        :raises UsageError: it attests nothing, or ends before it begins.
        """
        reserved = self._places.take(PURPOSES, for_roles=True)
        unsigned = unsigned_attestation(
            reserved.id, self._issuer.id, statement, valid_from, valid_until, reserved.status
        )  # fmt: skip
        signed = self._issuer.issue(unsigned, created=at.replace(microsecond=0))
        first = self._lists.first_versions(reserved.lists, at)
        with self._store.transaction() as transaction:
            transaction.add_credential(_stored(signed, at))
            self._lists.store(transaction, first)
        return signed

    def change(self, credential: str, purpose: str, value: bool, reason: str, at: datetime) -> bool:
        """Revoke or suspend an attestation, or lift a suspension. :returns: whether it changed.

        :raises UnknownRole: no attestation of that id was signed here.
        """
        if not reason.strip():
            raise UsageError(Message("a change of status needs a reason"))
        with self._store.transaction() as transaction:
            known = transaction.credential(credential)
            if known is None or known.type != ATTESTATION or not transaction.places_of(credential):
                raise UnknownRole(Message("no attestation {id} was signed here", id=credential[:200]), hint=None)
            changed = change_status(transaction, self._issuer.id, credential, purpose, value, reason, at)
        self._lists.catch_up(at)
        return changed

    def lists_of(self, documents: Iterable[JsonObject]) -> tuple[JsonObject, ...]:
        """The signed status lists that attestations name."""
        return _lists(self._store, documents)


def _stored(signed: JsonObject, at: datetime) -> StoredCredential:
    body = canonical_bytes(signed)
    return StoredCredential(signed["id"], ATTESTATION, signed["credentialSubject"]["id"], body, digest_of(body), at)


@dataclass(frozen=True)
class TakenAttestation:
    """What became of one attestation of a file. :ivar reason: why it was not taken; None where it was."""

    credential: str
    subject: str
    new: bool
    reason: Message | None = None


def take(store: Store, document: Any, trust: TrustList, at: datetime) -> tuple[TakenAttestation, ...]:
    """Take the attestations of a file, and their status lists.

    :param document: a presentation of attestations and lists, or one attestation.
    :raises FaultyRecord: there is no attestation in it.
    """
    result = passport_verifier(trust).verify(document, at=at)
    found = [each for each in result.credentials if ATTESTATION in each.types]
    if not found:
        raise FaultyRecord(Message("there is no attestation in the file"))
    taken = [_judged(store, each) for each in found]
    documents = [dict(each.document) for each, answer in zip(found, taken, strict=True)
                 if answer.new and each.document is not None]  # fmt: skip
    members = document.get("verifiableCredential", []) if isinstance(document, dict) else []
    good = {each.id for each in result.lists if each.verified is True}
    lists = [each for each in members if isinstance(each, dict) and each.get("id") in good]
    with store.transaction() as transaction:
        transaction.add_credentials([(_stored(each, at), None) for each in documents])
        transaction.add_event_documents(
            EventDocument(
                digest_of(canonical_bytes(each)),
                each["id"],
                DocumentKind.STATUS_LIST,
                canonical_bytes(each),
                each["id"],
            )
            for each in lists
        )
    return tuple(taken)


def _judged(store: Store, result: CredentialResult) -> TakenAttestation:
    name = result.id or ""
    if result.verified is not True or result.document is None:
        failed = next((check.detail for check in result.checks if not check.passed), "")
        return TakenAttestation(name, "", False, Message("it does not verify: {detail}", detail=failed))
    statement = read_attestation(result.document)
    if store.credential(name) is not None:
        return TakenAttestation(name, statement.subject, False)
    if all(store.current(statement.subject, kind) is None for kind in (PASSPORT, BATCH, MODEL)):
        return TakenAttestation(name, statement.subject, False, Message("nothing of this subject is in the store"))
    return TakenAttestation(name, statement.subject, True)


def _lists(store: Store, documents: Iterable[JsonObject]) -> tuple[JsonObject, ...]:
    addresses = {
        entry["statusListCredential"] for document in documents for entry in document.get("credentialStatus", ())
    }
    signed = (store.status_list(number) for number in sorted(store.list_numbers()))
    return tuple(each for each in signed if each is not None and each["id"] in addresses)
