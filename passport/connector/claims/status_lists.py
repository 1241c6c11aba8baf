"""The status of a peer's credential: its list is fetched, verified and read; what cannot be told is refused.

The list is at an address in a credential whose signature and issuer were checked before. It is in force, and signed as
``vc+jwt`` or with a proof of its own. Its signer is its ``issuer``: the issuer of the credential, or an issuer whom the
trust list names for identities, accreditations or roles, since a membership has the status places of such a credential
(:mod:`~passport.connector.claims.credential_twin`). By Bitstring Status List 1.0 the issuer of a list may be another
than that of the credential, and the verifier makes sure that it trusts both; no member names the signer besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.connector.claims.credential_twin import ORIGINALS
from passport.connector.claims.self_issued import PeerDocuments
from passport.credentials import status_list
from passport.credentials.credential import VERIFIABLE_CREDENTIAL
from passport.credentials.trust import Policy, UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.errors import MalformedDocument, MalformedStatusList, UnauthenticatedPeer
from passport.identity.did import DidResolver
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.texts import Message

_MAX_BYTES = 4_000_000
_ACCEPT = "application/vc, application/vc+jwt, application/json;q=0.8"


@dataclass(frozen=True)
class PeerStatus:
    """Looks up status entries of other companies' credentials.

    :ivar policy: whose lists count for the credentials of others.
    """

    documents: PeerDocuments
    client: GuardedClient
    policy: Policy

    def revoked(self, entry: JsonObject, issuer: str, at: datetime) -> bool:
        """Whether a credential is revoked or suspended.

        :param entry: of a credential that verified; :param issuer: of the credential.
        :raises PassportError: that cannot be told.
        """
        if entry.get("type") != status_list.ENTRY or entry.get("statusPurpose") not in (
            status_list.REVOCATION, status_list.SUSPENSION, status_list.REFRESH,
        ):  # fmt: skip
            raise MalformedStatusList(Message("a status entry of another kind"), found=repr(entry.get("type"))[:80])
        address = entry.get("statusListCredential")
        if not isinstance(address, str):
            raise MalformedStatusList("statusListCredential")
        body = _read(self.client.get(address, accept=_ACCEPT, max_bytes=_MAX_BYTES).body)
        signer = _issuer_of(body)
        if signer != issuer and not self._speaks_of_originals(signer):
            raise UnauthenticatedPeer(Message("the status list is of another issuer"), found=signer[:200])
        resolver = DidResolver({signer: self.documents.document(signer, at=at)})
        return status_list.check_status(entry, _verified(body, signer, resolver, at))

    def _speaks_of_originals(self, signer: str) -> bool:
        return any(self.policy.accepts(signer, (VERIFIABLE_CREDENTIAL, type_)).accepted is True for type_ in ORIGINALS)


def _issuer_of(document: Any) -> str:
    """Whom a list names as its signer; nothing of it is believed yet."""
    claims = document if isinstance(document, dict) else jose.parse(document, typ="vc+jwt", cty="vc").claims()
    issuer = claims.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer, str):
        raise MalformedStatusList("issuer")
    return issuer


def _verified(document: Any, issuer: str, resolver: DidResolver, at: datetime) -> JsonObject:
    """The list, if ``issuer`` signed it and it is in force."""
    if isinstance(document, dict):
        # Whose it is was settled before.
        result = Verifier(UnsafeAnyIssuer(), resolver).verify(document, at=at)
        good = result.credentials and all(check.passed for check in result.credentials[0].checks if check.number <= 3)
        if not good or result.credentials[0].issuer != issuer:
            raise UnauthenticatedPeer(Message("the status list does not verify"))
        return document
    token = jose.parse(document, typ="vc+jwt", cty="vc")
    claims = token.claims()
    method = resolver.verification_method(token.kid or "", "assertionMethod", at=at)
    jose.verify(token, method.public_key)
    if method.controller != issuer or claims.get("issuer") != issuer:
        raise UnauthenticatedPeer(Message("the status list does not verify"))
    until = claims.get("validUntil")
    if until is not None and datetime.fromisoformat(str(until)) <= at:
        raise UnauthenticatedPeer(Message("the status list does not verify"))
    return claims


def _read(body: bytes) -> Any:
    """A JSON object, or the text of a token."""
    if body[:1] == b"{":
        return strict_json.loads(body, max_bytes=_MAX_BYTES)
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise MalformedDocument(Message("not a status list")) from None
