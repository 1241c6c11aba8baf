"""The registrar of a directory: identities are issued, replaced, suspended and revoked, and the list is signed.

* An identity needs a DID whose keys are known: a did:key, or a did:web with its DID document. Whether the enterprise is
  who it says is the registrar's to find out; here its codes are checked, and that no two have one.
* Its places are in the status lists of roles, of revocations and of suspensions. A revocation is for good.
* Each change ends with the list signed anew, so that a reader of the directory sees it at once. A list is valid as long
  as a status list; ``passport refresh`` signs it each day.
* What becomes known is one row each, in the transaction that stores it (:mod:`passport.store.directory`).

    registrar = Registrar(store, issuer, base_url)
    signed = registrar.issue(enterprise, did_document, valid_from=now)
    registrar.change(enterprise.did, REVOCATION, True, "struck off", now)
    registrar.signed_directory()
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passport.credentials.credential import date_time
from passport.credentials.digests import canonical_bytes
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.directory.enterprise import Enterprise, check_enterprise, unsigned_identity
from passport.directory.listing import (
    PATH,
    REVOKED,
    SUSPENDED,
    VALID,
    Directory,
    ListedIdentity,
    directory_of,
    unsigned_directory,
)
from passport.errors import AlreadyIssued, PassportError, UnknownRole, UsageError
from passport.identity import did_web
from passport.identity.did import DidResolver, is_computed, methods_for
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.commit import change_status
from passport.publishing.places import PURPOSES, Places
from passport.publishing.status.status_lists import FRESH, StatusLists
from passport.publishing.status.status_lists import VALIDITY as LIST_VALIDITY
from passport.store import Store, Transaction
from passport.store.directory.directory_rows import ChangeKind, DirectoryChange
from passport.texts import Message

#: How long an identity is valid where nothing else is said.
VALIDITY = timedelta(days=730)
_STANDINGS = {(REVOCATION, True): REVOKED, (SUSPENSION, True): SUSPENDED, (SUSPENSION, False): VALID}


class Registrar:
    """:param issuer: signs identities, their status lists and the list; :param base_url: all are named under it."""

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._base_url = base_url
        self._places = Places(store, issuer.id, base_url)
        self._lists = StatusLists(store, issuer, base_url)

    def issue(
        self,
        enterprise: Enterprise,
        did_document: JsonObject | None,
        *,
        valid_from: datetime,
        valid_until: datetime | None = None,
        replace: str | None = None,
        at: datetime | None = None,
    ) -> JsonObject:
        """A signed identity, stored and listed. The same identity again changes nothing.

        :param did_document: of a did:web; None for a DID whose document is computed.
        :param replace: reason for which the identity in force is replaced; it is revoked.
        :param valid_until: by default :data:`VALIDITY` after ``valid_from``; :param at: instant of signing.
        :raises UsageError: the enterprise is not what it should be, or its keys are not known.
        :raises MalformedIdentifier: an identifier fails its check.
        :raises AlreadyIssued: it has an identity that counts, and no reason was given; or another has one of its codes.
        """
        valid_until = valid_from + VALIDITY if valid_until is None else valid_until
        at = valid_from if at is None else at
        if valid_until <= valid_from:
            raise UsageError(Message("the identity ends before it begins"), found=date_time(valid_until))
        check_enterprise(enterprise)
        keys = self._keys(enterprise.did, did_document, at)
        directory = directory_of(self._store.directory_changes())
        known = directory.identities.get(enterprise.did)
        counts = known is not None and known.standing != REVOKED
        if known is not None and known.counts(at) and _says(known.enterprise, enterprise) and replace is None:
            self._store_keys(keys, directory, at)
            return known.document
        if counts and replace is None:
            raise AlreadyIssued(
                Message("the enterprise has an identity, with other content"),
                hint=Message("Replace it: --replace with a reason. The identity in force is revoked."),
            )
        _refuse_codes_of_others(directory, enterprise)
        reserved = self._places.take(PURPOSES, for_roles=True)
        signed = self._issuer.issue(
            unsigned_identity(
                reserved.id, self._issuer.id, enterprise, valid_from, valid_until, reserved.status
            ),
            created=at.replace(microsecond=0),
        )  # fmt: skip
        first = self._lists.first_versions(reserved.lists, at)
        with self._store.transaction() as transaction:
            if transaction.directory_head() != directory.number:
                raise AlreadyIssued(
                    Message("another change of the directory came first"), hint=Message("Read it and try again.")
                )
            if known is not None and counts:
                self._withdraw(transaction, known, REVOCATION, True, replace or "", at)
            if keys is not None and (known is None or known.did_document != did_document):
                transaction.add_directory_change(keys)
            transaction.add_directory_change(
                DirectoryChange(enterprise.did, ChangeKind.IDENTITY, at, reserved.id, VALID, canonical_bytes(signed))
            )
            self._lists.store(transaction, first)
        self._lists.catch_up(at)
        self.sign(at)
        return signed

    def take_keys(self, did: str, did_document: JsonObject, at: datetime) -> bool:
        """Take the newest DID document of a listed enterprise.

        :returns: whether it says something new.
        :raises UnknownRole: the enterprise is not listed; :raises UsageError: it is no document of it.
        """
        directory = directory_of(self._store.directory_changes())
        if did not in directory.identities:
            raise _unknown(did)
        return self._store_keys(self._keys(did, did_document, at), directory, at)

    def change(self, name: str, purpose: str, value: bool, reason: str, at: datetime) -> bool:
        """Revoke an identity for good, suspend it, or let a suspended one count again.

        :param name: DID of the enterprise, or id of its identity.
        :returns: False where nothing changed.
        :raises UnknownRole: no identity of that name is listed here.
        """
        if not reason.strip():
            raise UsageError(Message("a change of status needs a reason"))
        directory = directory_of(self._store.directory_changes())
        listed = next((each for each in directory.identities.values() if name in _names(each)), None)
        if listed is None:
            raise _unknown(name)
        with self._store.transaction() as transaction:
            changed = self._withdraw(transaction, listed, purpose, value, reason, at)
        # Also where nothing changed: the command before may have been interrupted just here.
        self._lists.catch_up(at)
        self.sign(at)
        return changed

    def sign(self, at: datetime) -> JsonObject:
        """The list signed as it is now, and stored."""
        at = at.replace(microsecond=0)
        while True:
            directory = self.directory()
            unsigned = unsigned_directory(
                self._base_url + PATH, self._issuer.id, directory, at, at + LIST_VALIDITY
            )  # fmt: skip
            signed = self._issuer.issue(unsigned, created=at)
            change = DirectoryChange(
                self._issuer.id, ChangeKind.DIRECTORY, at, signed["id"], body=canonical_bytes(signed)
            )  # fmt: skip
            with self._store.transaction() as transaction:
                # A list is never followed by one that knows less.
                if transaction.directory_head() == directory.number:
                    transaction.add_directory_change(change)
                    return signed

    def refresh(self, at: datetime) -> JsonObject | None:
        """The list signed anew, where one was signed more than :data:`FRESH` before ``at``.

        :returns: None where it is fresh, or nothing is listed.
        """
        known = self._store.signed_directory()
        if known is None or at - FRESH < known.at <= at:
            return None
        return self.sign(at)

    def directory(self) -> Directory:
        """What is listed now."""
        return directory_of(self._store.directory_changes())

    # --- inside -------------------------------------------------------------------------------------------------------

    def _withdraw(
        self, transaction: Transaction, listed: ListedIdentity, purpose: str, value: bool, reason: str, at: datetime
    ) -> bool:
        changed = change_status(transaction, self._issuer.id, listed.credential, purpose, value, reason, at)
        if changed:
            standing = _STANDINGS[(purpose, value)]
            if standing == VALID and listed.standing == REVOKED:
                standing = REVOKED
            transaction.add_directory_change(
                DirectoryChange(listed.enterprise.did, ChangeKind.STANDING, at, listed.credential, standing)
            )
        return changed

    def _keys(self, did: str, document: JsonObject | None, at: datetime) -> DirectoryChange | None:
        if is_computed(did):
            if document is not None:
                raise UsageError(Message("the document of this DID is computed"), expected=Message("none"))
            return None
        if document is None:
            raise UsageError(
                Message("the keys of the enterprise are not known"),
                expected=Message("the DID document of {did}", did=did[:120]),
            )
        did_web.url_for(did)
        if document.get("id") != did:
            raise UsageError(
                Message("this is the DID document of another"), expected=did[:120], found=str(document.get("id"))[:120]
            )
        # Refused here, with its place: what no verifier can use must not be listed.
        resolver = DidResolver({did: document})
        usable = [url for url in sorted(methods_for(document, "assertionMethod")) if _is_usable(resolver, url)]
        if not usable:
            raise UsageError(Message("the DID document has no key for assertions that can be used"))
        return DirectoryChange(did, ChangeKind.KEYS, at, body=canonical_bytes(document))

    def _store_keys(self, change: DirectoryChange | None, directory: Directory, at: datetime) -> bool:
        if change is None or change.body is None:
            return False
        known = directory.identities.get(change.did)
        if known is not None and known.did_document == strict_json.loads(change.body):
            return False
        with self._store.transaction() as transaction:
            transaction.add_directory_change(change)
        self.sign(at)
        return True


def _is_usable(resolver: DidResolver, url: str) -> bool:
    try:
        resolver.verification_method(url, "assertionMethod")
    except PassportError:
        return False
    return True


def _says(one: Enterprise, other: Enterprise) -> bool:
    """Whether two statements are the same once they are signed."""
    at = datetime(2000, 1, 1, tzinfo=UTC)
    first, second = (unsigned_identity("", "", each, at, at)["credentialSubject"] for each in (one, other))
    return bool(first == second)


def _names(listed: ListedIdentity) -> tuple[str, str]:
    return listed.enterprise.did, listed.credential


def _unknown(name: str) -> UnknownRole:
    return UnknownRole(
        Message("no identity of {name} is listed here", name=name[:200]),
        hint=Message("passport identity list shows what is listed."),
    )


def _refuse_codes_of_others(directory: Directory, enterprise: Enterprise) -> None:
    """:raises AlreadyIssued: another enterprise that counts has one of the codes."""
    for other in directory.identities.values():
        if other.enterprise.did == enterprise.did or other.standing == REVOKED:
            continue
        shared = set(other.enterprise.codes) & set(enterprise.codes) - {enterprise.registration_number}
        if shared:
            raise AlreadyIssued(
                Message("{code} belongs to another enterprise of the directory", code=sorted(shared)[0]),
                found=other.enterprise.did[:120],
                hint=Message("Revoke that identity first, if it is the same enterprise under another DID."),
            )
