"""Who sent a request, and what trusted issuers say of it: a self-issued token, then credentials.

1. The token is checked (:mod:`~passport.connector.claims.self_issued`); one without an access token is refused.
2. The sender's credential service, at the address in its DID document, is asked for exactly the credentials that are
   needed here. Its presentation has to be signed by the sender, for us, now.
3. Of each needed type there is one credential that verifies, is about the sender, is in force, is not revoked, and
   whose issuer the trust list accepts for it. What else is in the presentation has to verify too.
4. Roles, purposes and country are taken from those credentials alone.

Nothing is remembered: each message is believed by what its sender can show at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from passport.connector.claims import claims_messages as dcp
from passport.connector.claims.issuer_service import service_of
from passport.connector.claims.jwt_credentials import JwtCredential, open_credential, open_presentation
from passport.connector.claims.self_issued import IdToken, PeerDocuments, SelfIssuer, TokenValidator
from passport.connector.peer_courier import PeerAnswer
from passport.connector.usage_policy import Participant
from passport.credentials.trust import Policy
from passport.errors import FetchFailed, PassportError, PeerFailed, RefusedAddress, UnauthenticatedPeer
from passport.identity.did import DidResolver
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject, as_list
from passport.proofs import jose
from passport.texts import Message

_MAX_PRESENTATIONS = 10

#: Whether a credential is revoked or suspended, by its entry; raises where it cannot be told.
StatusCheck = Callable[[JsonObject, str, datetime], bool]


@dataclass(frozen=True)
class ClaimsAuthenticator:
    """Authenticates other companies.

    :ivar own: makes our token for their credential service.
    :ivar issuers: DID documents of issuers, those that the trust list pins first.
    :ivar policy: whose credentials count, for which types.
    :ivar required: types of credentials that a company has to have.
    :ivar revoked: see :data:`StatusCheck`.
    """

    own: SelfIssuer
    validator: TokenValidator
    issuers: PeerDocuments
    policy: Policy
    client: GuardedClient
    required: Sequence[str]
    revoked: StatusCheck

    def authenticate(self, authorization: str | None, body: bytes, *, at: datetime) -> tuple[Participant, str]:
        """The company, and its token.

        :raises UnauthenticatedPeer: it is not proved.
        """
        sender = self.validator.validate(authorization, body, at=at)
        if sender.access is None:
            raise _refused("token")
        try:
            return self._participant(sender, at), sender.text
        except UnauthenticatedPeer:
            raise
        except PassportError as error:
            raise _refused(error.code) from error

    def _participant(self, sender: IdToken, at: datetime) -> Participant:
        credentials = self._credentials(sender, at)
        for type_ in self.required:
            if not any(type_ in credential.types for credential in credentials):
                raise _refused(type_)
        roles, purposes, countries = set[str](), set[str](), set[str]()
        for credential in credentials:
            roles |= _texts(credential.claims.get("roles"))
            purposes |= _texts(credential.claims.get("purposes"))
            countries |= _texts(credential.claims.get("country"))
        if len(countries) > 1:
            raise _refused("country")
        return Participant(
            sender.did, frozenset(roles), frozenset(purposes), next(iter(countries), None), origins_of(sender.document)
        )

    def _credentials(self, sender: IdToken, at: datetime) -> list[JwtCredential]:
        """The credentials that the sender's credential service presents, each of them checked."""
        service = service_of(sender.document, "CredentialService")
        query = dcp.message(dcp.QUERY, {"scope": [dcp.scope_of(type_) for type_ in self.required]})
        body = strict_json.dumps(query)
        token = self.own.token(sender.did, at=at, body=body, access=sender.access)
        answer = self.client.exchange(f"{service}/presentations/query", body, authorization=f"Bearer {token}")
        if answer.status != 200:
            raise _refused(f"presentations: {answer.status}")
        presentations = as_list(dcp.read(answer.body, dcp.RESPONSE).get("presentation"))
        if not presentations or len(presentations) > _MAX_PRESENTATIONS:
            raise _refused("presentation")
        resolver = DidResolver({sender.did: sender.document})
        texts = [
            each
            for text in presentations
            for each in open_presentation(text, resolver, holder=sender.did, audience=self.own.did, at=at)
        ]
        return [self._checked(text, profile, sender, at) for text, profile in texts]

    def _checked(self, text: Any, profile: str, sender: IdToken, at: datetime) -> JwtCredential:
        issuer = _issuer_of(text)
        resolver = DidResolver({issuer: self.issuers.document(issuer, at=at)})
        credential = open_credential(text, profile, resolver, at=at)
        if credential.subject != sender.did:
            raise _refused("credentialSubject")
        if self.policy.accepts(credential.issuer, credential.types).accepted is not True:
            raise _refused("issuer")
        if any(self.revoked(entry, credential.issuer, at) for entry in credential.status):
            raise _refused("credentialStatus")
        return credential


@dataclass(frozen=True)
class ClaimsCourier:
    """Sends messages with a self-issued token, which gives the receiver access to our credentials.

    :ivar scopes: what the receiver may ask for.
    """

    own: SelfIssuer
    client: GuardedClient
    scopes: Sequence[str]

    def send(self, url: str, body: bytes | None, *, audience: str, at: datetime) -> PeerAnswer:
        """:raises PeerFailed: no answer, or the address is not called."""
        token = self.own.token(audience, at=at, scopes=self.scopes, body=body or b"")
        try:
            answer = self.client.exchange(url, body, authorization=f"Bearer {token}")
        except (FetchFailed, RefusedAddress) as error:
            raise PeerFailed(Message("no answer from the other company: {error}", error=error)) from error
        return PeerAnswer(answer.status, answer.body, token)


def origins_of(document: JsonObject) -> frozenset[str]:
    """The origins that a DID document vouches for: those of its services."""
    services = document.get("service", [])
    addresses = (
        [each.get("serviceEndpoint") for each in services if isinstance(each, dict)]
        if isinstance(services, list)
        else []
    )
    parts = [urlsplit(address) for address in addresses if isinstance(address, str)]
    return frozenset(f"{part.scheme}://{part.netloc}" for part in parts if part.netloc)


def _issuer_of(text: Any) -> str:
    """Whose document is needed to check a credential; nothing else of it is believed yet."""
    part = text.split(".")[1] if isinstance(text, str) and text.count(".") == 2 else ""
    payload = strict_json.loads(jose.decode(part), max_bytes=100_000)
    inner = payload.get("vc", payload) if isinstance(payload, dict) else {}
    issuer = inner.get("issuer", payload.get("iss")) if isinstance(inner, dict) else None
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer, str):
        raise _refused("issuer")
    return issuer


def _texts(value: Any) -> set[str]:
    return {each for each in as_list(value) if isinstance(each, str)}


def _refused(what: str) -> UnauthenticatedPeer:
    return UnauthenticatedPeer(Message("the sender of the request is not proved"), found=what)
