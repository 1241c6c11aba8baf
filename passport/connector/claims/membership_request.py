"""Asking an issuer for a membership: what a new company does once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from passport.connector.claims import claims_messages as dcp
from passport.connector.claims.issuer_service import service_of
from passport.connector.claims.jwt_credentials import V20
from passport.connector.claims.self_issued import PeerDocuments, SelfIssuer
from passport.errors import MalformedDocument, PeerFailed
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_state import ExchangeState
from passport.texts import Message


@dataclass(frozen=True)
class MembershipRequester:
    """Asks issuers for credentials, which they deliver to our credential service."""

    own: SelfIssuer
    documents: PeerDocuments
    client: GuardedClient
    state: ExchangeState

    def request(self, issuer: str, types: tuple[str, ...], *, at: datetime) -> str:
        """Ask for credentials of these types. :returns: our identifier of the request.

        :raises PeerFailed: the issuer does not answer, does not issue them, or refuses.
        """
        service = service_of(self.documents.document(issuer, at=at), "IssuerService")
        metadata = self._answer(issuer, f"{service}/metadata", None, at)
        ids = {
            entry.get("credentialType"): entry.get("id")
            for entry in metadata.get("credentialsSupported", [])
            if isinstance(entry, dict) and entry.get("profile") == V20
        }
        missing = [type_ for type_ in types if not isinstance(ids.get(type_), str)]
        if missing:
            raise PeerFailed(Message("the issuer issues no {type}", type=missing[0]), expected=V20)
        pid = f"urn:uuid:{uuid.uuid4()}"
        # Kept first: the credentials may come before the answer does.
        with self.state.turn() as turn:
            turn.keep_credential_request(pid, "holder", issuer, "", "RECEIVED", strict_json.dumps(list(types)))
        members = {"holderPid": pid, "credentials": [{"id": ids[type_]} for type_ in types]}
        self._answer(issuer, f"{service}/credentials", strict_json.dumps(dcp.message(dcp.REQUEST, members)), at)
        return pid

    def _answer(self, issuer: str, url: str, body: bytes | None, at: datetime) -> JsonObject:
        token = self.own.token(issuer, at=at, body=body or b"")
        answer = self.client.exchange(url, body, authorization=f"Bearer {token}")
        if not 200 <= answer.status < 300:
            raise PeerFailed(Message("the other company refuses"), found=str(answer.status))
        try:
            value = strict_json.loads(answer.body or b"{}", max_bytes=dcp.MAX_BYTES)
        except MalformedDocument as error:
            raise PeerFailed(Message("the other company's answer cannot be read: {error}", error=error)) from error
        return value if isinstance(value, dict) else {}
