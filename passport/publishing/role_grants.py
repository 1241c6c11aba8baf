"""Role credentials: granting, recording and revoking them.

* A role credential says that a holder may see what an audience may see, for a purpose, some packs or all, for a time.
* Each has a place in a status list of roles, so that it can be taken back. The place is reserved first, the role is
  signed without a lock, and the row that remembers it is stored before it is handed out.
* The store keeps the content of a role but not the signed credential, so a copy of the store gives no one a role.
* A role rests on the identity of its holder, where that is given or where the directory of this store lists the holder:
  it names it by id and digest, and ends with it (:mod:`passport.credentials.identity_status`).

    grants = RoleGrants(store, issuer, base_url)
    role = grants.grant(holder, Audience.LEGITIMATE_INTEREST, "recycling", (), valid_from=now, valid_until=now + DAYS)
    grants.revoke(role["id"], "contract ended", now)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from passport.battery.privacy.rights import Right, check_right
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.envelopes.sd_jwt_vc import secure_as_sd_jwt_vc
from passport.credentials.identity_status import RestsOn
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION
from passport.directory.listed_identity import listed_identity
from passport.errors import MalformedKey, UnknownRole, UsageError
from passport.identity.did import DidResolver, is_computed
from passport.linked_data.json_types import JsonObject
from passport.presenting.role_tokens import ROLE_KIND
from passport.publishing.commit import change_status
from passport.publishing.places import Places
from passport.publishing.status.status_lists import StatusLists
from passport.store import Role, Store
from passport.texts import Message
from passport.vocabulary.credential_types import ROLE
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience

#: How long a role is valid by default. A role that is not revoked ends by itself.
VALIDITY = timedelta(days=30)


class RoleGrants:
    """:param issuer: signs roles and their status lists; :param base_url: roles and lists are named under it."""

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._places = Places(store, issuer.id, base_url)
        self._lists = StatusLists(store, issuer, base_url)

    def grant(
        self,
        holder: str,
        audience: Audience,
        purpose: str,
        packs: Sequence[str] = (),
        *,
        valid_from: datetime,
        valid_until: datetime | None = None,
        identity: RestsOn | None = None,
    ) -> JsonObject:
        """A signed role credential, remembered and with a place in a signed status list.

        :param holder: DID of who may see more; :param packs: addresses of the packs that it opens; empty: all.
        :param valid_from: instant of signing too; :param valid_until: by default after :data:`VALIDITY`.
        :param identity: of the holder, on which the role rests; by default that of the store's own directory.
        :raises MalformedKey: ``holder`` is no DID, or a did:key or did:jwk that holds no key.
        :raises UsageError: the policy knows no such purpose, or asks for packs to be named, or the end is no end, or
            the identity is of another, or does not count.
        """
        valid_until = valid_from + VALIDITY if valid_until is None else valid_until
        identity = identity or listed_identity(self._store, holder, valid_from)
        if identity is not None:
            if identity.holder != holder:
                raise UsageError(Message("the identity is of another"), expected=holder, found=identity.holder)
            valid_until = identity.ends(valid_until)
        if valid_until <= valid_from:
            raise UsageError(Message("the role ends before it begins"), found=date_time(valid_until))
        check_role(holder, audience, purpose, packs)
        reserved = self._places.take((REVOCATION,), for_roles=True)
        signed = self._issuer.issue(
            unsigned_role(
                reserved.id, self._issuer.id, holder, audience, purpose, packs, valid_from, valid_until,
                reserved.status, identity,
            ),
            created=valid_from.replace(microsecond=0),
        )  # fmt: skip
        first = self._lists.first_versions(reserved.lists, valid_from)
        with self._store.transaction() as transaction:
            transaction.add_role(
                Role(
                    reserved.id,
                    holder,
                    audience.value,
                    purpose,
                    tuple(packs),
                    valid_from,
                    valid_until,
                    reserved.places[REVOCATION].list,
                )
            )
            self._lists.store(transaction, first)
        return signed

    def as_sd_jwt(self, role: JsonObject, at: datetime) -> str:
        """The same role as ``dc+sd-jwt``, bound to the key of its holder's DID.

        :param role: as :meth:`grant` made it; :param at: when it is signed.
        :raises UnresolvableDid: the holder's DID is not one that is computed from its key.
        """
        holder = role["credentialSubject"]["id"]
        # The key that the DID is made of, by the DID itself or by the method that its document names.
        document = DidResolver().resolve(holder)
        method = DidResolver().verification_method(str(document["authentication"][0]), "authentication")
        unsigned = {name: value for name, value in role.items() if name != "proof"}
        return secure_as_sd_jwt_vc(unsigned, ROLE_KIND, self._issuer, holder_key=method.public_key, at=at)

    def revoke(self, credential_id: str, reason: str, at: datetime) -> bool:
        """Take a role back, for good.

        :returns: False where it was taken back before.
        :raises UnknownRole: no role of that id was given here.
        """
        with self._store.transaction() as transaction:
            if transaction.role(credential_id) is None:
                raise UnknownRole(Message("no role {credential_id} was given here", credential_id=credential_id[:200]))
            changed = change_status(transaction, self._issuer.id, credential_id, REVOCATION, True, reason, at)
        # Also where nothing changed: the command before may have been interrupted just here.
        self._lists.catch_up(at)
        return changed


def check_role(holder: str, audience: Audience, purpose: str, packs: Sequence[str]) -> None:
    """Refuse a role that :meth:`RoleGrants.grant` would refuse.

    :raises MalformedKey: the holder is no DID, or one whose key is malformed.
    :raises UsageError: as :meth:`RoleGrants.grant`.
    """
    check_right(Right(audience, purpose), names_packs=bool(packs))
    if not holder.startswith("did:"):
        raise MalformedKey(
            Message("the holder is not a DID"),
            expected=Message("did:key:…, did:jwk:… or did:web:…"),
            found=repr(holder),
        )
    if is_computed(holder):
        DidResolver().resolve(holder)


def unsigned_role(
    id_: str,
    issuer: str,
    holder: str,
    audience: Audience,
    purpose: str,
    packs: Sequence[str],
    valid_from: datetime,
    valid_until: datetime,
    entries: Sequence[JsonObject] = (),
    identity: RestsOn | None = None,
) -> JsonObject:
    """The credential, still unsigned.

    :param entries: its own ``credentialStatus``; :param identity: on which it rests.
    """
    subject: JsonObject = {"id": holder, "audience": [audience.value], "purpose": purpose}
    if packs:
        subject["packs"] = list(packs)
    if identity is not None:
        subject |= identity.members
        entries = (*entries, *identity.entries)
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": id_,
        "type": ["VerifiableCredential", ROLE],
        "issuer": issuer,
        "validFrom": date_time(valid_from),
        "validUntil": date_time(valid_until),
        **({"credentialStatus": list(entries)} if entries else {}),
        "credentialSubject": subject,
    }
