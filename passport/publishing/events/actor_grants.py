"""Accreditations of actors: granting and revoking them.

* An accreditation says in which roles an actor may report life-cycle events. It counts where its issuer is on the trust
  list for ``BatteryActorCredential``.
* It is no bearer document: an event needs the key of the actor besides. So the store keeps it as it was signed.
* Its place is in a status list of roles, of which a pack never gets a place. A revocation is for good; it stops new
  events and leaves accepted ones.
* It rests on the identity of its actor, where that is given or where the directory of this store lists the actor: it
  names it by id and digest, has its status entries beside its own, and ends with it.

    grants = ActorGrants(store, issuer, base_url)
    signed = grants.grant(statement, valid_from=now)
    grants.revoke(signed["id"], "licence withdrawn", now)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from passport.credentials.credential import date_time
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION
from passport.directory.listed_identity import listed_identity
from passport.errors import UnknownRole, UsageError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.commit import change_status
from passport.publishing.events.accreditation import ActorStatement, check_statement, unsigned_accreditation
from passport.publishing.events.event_credentials import canonical_bytes, digest_of
from passport.publishing.places import Places
from passport.publishing.status.status_lists import StatusLists
from passport.store import DocumentKind, EventDocument, Store
from passport.texts import Message

#: How long an accreditation is valid by default.
VALIDITY = timedelta(days=365)


class ActorGrants:
    """:param issuer: signs accreditations and their status lists; :param base_url: both are named under it."""

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._places = Places(store, issuer.id, base_url)
        self._lists = StatusLists(store, issuer, base_url)

    def grant(
        self,
        statement: ActorStatement,
        *,
        valid_from: datetime,
        valid_until: datetime | None = None,
        at: datetime | None = None,
    ) -> JsonObject:
        """A signed accreditation, stored and with a place in a signed status list.

        :param valid_until: by default :data:`VALIDITY` after ``valid_from``.
        :param at: instant of signing; by default ``valid_from``.
        :raises UsageError: the statement is not what it should be, or the end is no end.
        """
        valid_until = valid_from + VALIDITY if valid_until is None else valid_until
        at = valid_from if at is None else at
        if statement.identity is None:
            statement = replace(statement, identity=listed_identity(self._store, statement.holder, at))
        if statement.identity is not None:
            valid_until = statement.identity.ends(valid_until)
        if valid_until <= valid_from:
            raise UsageError(Message("the accreditation ends before it begins"), found=date_time(valid_until))
        check_statement(statement)
        reserved = self._places.take((REVOCATION,), for_roles=True)
        signed = self._issuer.issue(
            unsigned_accreditation(
                reserved.id, self._issuer.id, statement, valid_from, valid_until, reserved.status
            ),
            created=at.replace(microsecond=0),
        )  # fmt: skip
        first = self._lists.first_versions(reserved.lists, at)
        with self._store.transaction() as transaction:
            transaction.add_event_documents([accreditation_document(signed)])
            self._lists.store(transaction, first)
        return signed

    def revoke(self, credential_id: str, reason: str, at: datetime) -> bool:
        """Revoke an accreditation, for good.

        :returns: False where it was revoked before.
        :raises UnknownRole: no accreditation of that id was granted here.
        """
        if not reason.strip():
            raise UsageError(Message("a change of status needs a reason"))
        with self._store.transaction() as transaction:
            document = transaction.document_of_id(credential_id)
            places = transaction.places_of(credential_id)
            if document is None or document.kind is not DocumentKind.ACCREDITATION or not places:
                raise UnknownRole(
                    Message("no accreditation {credential_id} was granted here", credential_id=credential_id[:200]),
                    hint=Message("passport accredit list shows what was granted."),
                )
            changed = change_status(transaction, self._issuer.id, credential_id, REVOCATION, True, reason, at)
        # Also where nothing changed: the command before may have been interrupted just here.
        self._lists.catch_up(at)
        return changed

    @staticmethod
    def granted(store: Store) -> tuple[JsonObject, ...]:
        """All accreditations that were granted in a store, oldest first; those of other authorities are left out."""
        return tuple(
            strict_json.loads(document.body)
            for document in store.documents_of_kind(DocumentKind.ACCREDITATION)
            if store.places_of(document.id)
        )


def accreditation_document(signed: JsonObject) -> EventDocument:
    """A signed accreditation as the store keeps it."""
    body = canonical_bytes(signed)
    return EventDocument(
        digest_of(body), signed["id"], DocumentKind.ACCREDITATION, body, signed["credentialSubject"]["id"]
    )
