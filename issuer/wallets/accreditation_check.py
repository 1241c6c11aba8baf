"""Whether an accreditation that a wallet shows counts, and the challenges for it.

A challenge is for one access request: its id, a dot, and a nonce whose MAC is over the id too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issuer.wallets.foreign_lists import CheckedStanding, FetchedList, ForeignLists, standing_of, together
from passport.credentials import credential as vcdm
from passport.credentials.identity_status import identity_of
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import Outcome
from passport.credentials.verifier import Verifier
from passport.errors import AccessDenied, PassportError, ProofError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.publishing.events.accreditation import read_accreditation
from passport.store import DocumentKind, Store
from passport.texts import Message
from passport.vocabulary.credential_types import ACTOR
from passport.web.timed_nonces import TimedNonces

LIFETIME = timedelta(minutes=5)


class RefusedAccreditation(AccessDenied):
    """What a wallet showed is no accreditation that counts, or not for this request."""

    code = "refused-accreditation"
    hint = "Open the answer to your request again: it shows a new request for the wallet."


@dataclass(frozen=True)
class AccreditationChallenges:
    """:ivar secret: gives the secret of the workspace's file."""

    secret: Callable[[], bytes]

    def new(self, request_id: str, at: datetime, *, encrypted: bool) -> str:
        """A new challenge for an access request, good for five minutes.

        :param encrypted: whether its answer has to be encrypted.
        """
        return f"{request_id}.{jose.encode(self._nonces(request_id, encrypted).new(at + LIFETIME))}"

    def read(self, challenge: str, at: datetime, *, encrypted: bool) -> tuple[str, datetime]:
        """The id of the access request, and when the challenge expires.

        :param encrypted: whether it is one whose answer has to be encrypted.
        :raises RefusedAccreditation: it is not ours, or has expired.
        """
        request_id, _, nonce = challenge.partition(".")
        try:
            expires = self._nonces(request_id, encrypted).end(jose.decode(nonce)) if len(challenge) < 200 else None
        except ProofError:
            expires = None
        if expires is None or expires <= at:
            raise RefusedAccreditation(Message("the challenge is not one of ours, or has expired"))
        return request_id, expires

    def _nonces(self, request_id: str, encrypted: bool) -> TimedNonces:
        purpose = b"accreditation challenge, encrypted answer\0" if encrypted else b"accreditation challenge\0"
        return TimedNonces(self.secret, purpose + request_id.encode("utf-8", "replace"))


def verified_accreditation(
    presentation: Any, check: CompanyCredentialCheck, at: datetime, challenge: str, domain: str
) -> JsonObject:
    """The accreditation in a presentation.

    :raises RefusedAccreditation: it does not verify, or another than its actor signed the presentation.
    """
    document, presenter = check.verified(presentation, (ACTOR,), at, challenge=challenge, domain=domain)
    try:
        accreditation = read_accreditation(document)
    except PassportError as error:
        raise RefusedAccreditation(Message("the accreditation cannot be read: {error}", error=error)) from error
    # A dc+sd-jwt is bound by the key in it: its issuer signs the subject together with that key.
    if presenter is not None and presenter != accreditation.holder:
        raise RefusedAccreditation(Message("the accreditation is of another actor"))
    return document


@dataclass(frozen=True)
class CompanyCredentialCheck:
    """Verifies a credential about a company.

    :ivar status_lists: at hand besides those of the store; :ivar foreign: fetches those of other authorities.
    """

    trust_list: TrustList
    store: Store
    foreign: ForeignLists
    status_lists: tuple[JsonObject, ...] = ()

    def verified(
        self, document: Any, types: Collection[str], at: datetime, **occasion: str
    ) -> tuple[JsonObject, str | None]:
        """The one credential in a document, and who signed the presentation, if it is one.

        :param types: of which it has to be one; :param occasion: ``challenge`` and ``domain`` of a presentation.
        :raises RefusedAccreditation: a check fails or cannot be made; the message says which.
        """
        first = Verifier(self.trust_list).verify(document, at=at, **occasion)
        only = first.credentials[0].document if len(first.members) == len(first.credentials) == 1 else None
        # A list that the holder encloses is not believed: an old one would hide a revocation.
        if only is None:
            raise RefusedAccreditation(Message("nothing to go by"), expected=Message("one credential"))
        result = Verifier(self.trust_list, status_lists=self._lists(dict(only), at)).verify(document, at=at, **occasion)
        (shown,) = result.credentials
        if result.verified is not True or shown.document is None:
            # What a check found may name a file of ours.
            check = next(each for each in result.checks if not each.passed)
            if check.number == 4 and check.outcome is Outcome.UNDETERMINED:
                raise RefusedAccreditation(
                    Message("whether the credential was withdrawn could not be checked"),
                    hint=Message("Its issuer's status list could not be had. Try again in a few minutes."),
                )
            raise RefusedAccreditation(
                Message("the credential is not accepted (check {number}, {name})", number=check.number, name=check.name)
            )
        if not set(types) & set(shown.types):
            raise RefusedAccreditation(
                Message("nothing to go by"), expected=Message("one {type}", type=", ".join(types))
            )
        return dict(shown.document), None if result.presentation is None else result.presentation.issuer

    def standing(self, credential: JsonObject, at: datetime) -> CheckedStanding:
        """Whether a credential that was accepted before still counts."""
        lists = self._lists(credential, at)
        (result,) = Verifier(self.trust_list, status_lists=lists).verify(credential, at=at).credentials
        return standing_of(result)

    def _lists(self, credential: JsonObject, at: datetime) -> dict[str, FetchedList]:
        at_hand = {each["id"]: each for each in self.status_lists} | lists_at_hand(credential, self.store)
        return together(at_hand, self.foreign.of(credential, self.trust_list, at))


def lists_at_hand(credential: JsonObject, store: Store) -> dict[str, JsonObject]:
    """The status lists of a credential by address, signed here or taken in with events.

    Those of the identity on which it rests are among them.
    """
    lists: dict[str, JsonObject] = {}
    identities = {name for entry in vcdm.status_entries(credential) if (name := identity_of(entry)) is not None}
    for name in (str(credential.get("id")), *sorted(identities)):
        for place in store.status_entries(name):
            if (own := store.status_list(place.list)) is not None:
                lists[own["id"]] = own
    for entry in vcdm.status_entries(credential):
        address = str(entry.get("statusListCredential"))
        if address not in lists and (held := store.held_documents(DocumentKind.STATUS_LIST, address, limit=1)):
            lists[address] = strict_json.loads(held[0].body)
    return lists


def withdrawn_here(credential: JsonObject, store: Store) -> bool:
    """Whether a credential of ours was withdrawn, or the identity on which it rests, where it is one of ours."""
    identities = {name for entry in vcdm.status_entries(credential) if (name := identity_of(entry)) is not None}
    return any(store.is_flagged(name) for name in (str(credential.get("id")), *sorted(identities)))
