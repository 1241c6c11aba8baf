"""An issuer of memberships and roles: companies ask for a credential, and get it at their credential service.

    GET  /issuer/metadata           what is issued here; for everybody
    POST /issuer/credentials        a company asks; 201, and the credential comes later, or a refusal
    GET  /issuer/requests/ID        the company asks what became of it

Whom a credential is given is decided by the issuer (:attr:`IssuanceService.claims`): None refuses. A company whose
identity, accreditation or role was revoked meanwhile is refused too.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from passport.connector.claims import claims_messages as dcp
from passport.connector.claims.credential_service import answered
from passport.connector.claims.credential_twin import STATUS, UNTIL
from passport.connector.claims.jwt_credentials import V11, V20, sign_membership
from passport.connector.claims.self_issued import SelfIssuer, TokenValidator
from passport.connector.connector_endpoint import ConnectorAnswer, ConnectorRequest
from passport.errors import MalformedMessage, PassportError, UnauthenticatedPeer, UnknownExchange
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_state import ExchangeState
from passport.texts import Message

logger = logging.getLogger("passport.connector")

BASE: Final = "/issuer"
_LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class IssuanceService:
    """Issues credentials about other companies.

    :ivar types: the types of credentials that are issued.
    :ivar claims: what is said of a company in a credential of a type; None: it gets none. ``until`` and ``status`` are
        no claims: an instant that no credential outlives, and its status entries.
    :ivar address: of the connector's root.
    :ivar revoked: whether a credential is revoked, by an entry and our DID; raises where that cannot be told.
    """

    issuer: SelfIssuer
    validator: TokenValidator
    state: ExchangeState
    types: Sequence[str]
    claims: Callable[[str, str], Mapping[str, Any] | None]
    client: GuardedClient
    address: str
    revoked: Callable[[JsonObject, str, datetime], bool]

    def answer(self, request: ConnectorRequest, at: datetime) -> ConnectorAnswer | None:
        """The answer; None where the path is not one of these."""
        if not request.path.startswith(f"{BASE}/"):
            return None
        path = request.path.removeprefix(BASE)
        if path == "/metadata" and request.method == "GET":
            return ConnectorAnswer(200, self.metadata())
        if path == "/credentials" and request.method == "POST":
            return answered(lambda: self._requested(request, at))
        if path.startswith("/requests/") and request.method == "GET":
            return answered(lambda: self._status(request, path.removeprefix("/requests/"), at))
        return None

    def metadata(self) -> JsonObject:
        """What is issued here."""
        return dcp.message(
            "IssuerMetadata", {"issuer": self.issuer.did, "credentialsSupported": list(self._supported().values())}
        )

    def _supported(self) -> dict[str, JsonObject]:
        objects = {}
        for type_ in self.types:
            for profile in (V20, V11):
                id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.issuer.did} {type_} {profile}"))
                objects[id_] = {
                    "id": id_, "type": "CredentialObject", "credentialType": type_, "offerReason": "issuance",
                    "bindingMethods": ["did:web"], "profile": profile,
                    "credentialSchema": f"{self.address}{BASE}/schemas/{type_}",
                    "issuancePolicy": {"id": id_, "input_descriptors": []},
                }  # fmt: skip
        return objects

    def _requested(self, request: ConnectorRequest, at: datetime) -> ConnectorAnswer:
        sender = self.validator.validate(request.authorization, request.body, at=at)
        message = dcp.read(request.body, dcp.REQUEST)
        supported = self._supported()
        if any(entry["id"] not in supported for entry in message["credentials"]):
            raise MalformedMessage(Message("{name} of the message is wrong", name="credentials"))
        id_ = str(uuid.uuid4())
        with self.state.turn() as turn:
            kept = {**message, "access": sender.access, "service": service_of(sender.document, "CredentialService")}
            turn.keep_credential_request(
                id_, "issuer", sender.did, message["holderPid"], "RECEIVED", strict_json.dumps(kept)
            )
        return ConnectorAnswer(201, {}, location=f"{self.address}{BASE}/requests/{id_}")

    def _status(self, request: ConnectorRequest, id_: str, at: datetime) -> ConnectorAnswer:
        sender = self.validator.validate(request.authorization, request.body, at=at)
        asked = self.state.credential_request(id_)
        if asked is None or asked[:2] != ("issuer", sender.did):
            raise UnknownExchange(Message("no such request for credentials"))
        status = {"issuerPid": id_, "holderPid": asked[2], "status": asked[3]}
        return ConnectorAnswer(200, dcp.message("CredentialStatus", status))

    def deliver(self, *, at: datetime) -> int:
        """Issue what was asked for and send it, each request once. :returns: how many were delivered or refused.

        A request waits where it cannot be told whether a credential was revoked; the log says so.
        """
        done = 0
        for id_ in self.state.credential_requests("issuer", "RECEIVED"):
            asked = self.state.credential_request(id_)
            if asked is None:
                continue
            _, holder, holder_pid, _, kept = asked
            request = strict_json.loads(kept)
            try:
                issued = self._issued(request, holder, at)
            except PassportError as error:
                logger.warning("a request for a credential waits: %s", error.code)
                continue
            status = "REJECTED" if issued is None else "ISSUED"
            message = dcp.message(
                dcp.CREDENTIALS, {"issuerPid": id_, "holderPid": holder_pid, "status": status, "credentials": issued}
            )
            if not self._sent(request, holder, strict_json.dumps(message), at):
                continue
            with self.state.turn() as turn:
                turn.keep_credential_request(id_, "issuer", holder, holder_pid, status, kept)
            done += 1
        return done

    def _issued(self, request: JsonObject, holder: str, at: datetime) -> list[JsonObject] | None:
        issued = []
        supported = self._supported()
        for entry in request["credentials"]:
            object_ = supported[entry["id"]]
            given = self.claims(holder, object_["credentialType"])
            if given is None:
                return None
            claims = dict(given)
            end, places = _end(claims.pop(UNTIL, None), at), claims.pop(STATUS, [])
            if end is None or end <= at or not _are_entries(places):
                return None
            if any(self.revoked(place, self.issuer.did, at) for place in places):
                return None
            text = sign_membership(
                self.issuer.signer, self.issuer.did, holder, object_["credentialType"], claims, at=at,
                until=min(end, at + _LIFETIME), profile=object_["profile"],
                status=places,
            )  # fmt: skip
            issued.append({
                "credentialType": object_["credentialType"], "format": object_["profile"], "payload": text,
            })  # fmt: skip
        return issued

    def _sent(self, request: JsonObject, holder: str, body: bytes, at: datetime) -> bool:
        token = self.issuer.token(holder, at=at, body=body, access=request.get("access"))
        try:
            answer = self.client.exchange(f"{request['service']}/credentials", body, authorization=f"Bearer {token}")
        except PassportError:
            return False
        return answer.status < 500


def _end(until: Any, at: datetime) -> datetime | None:
    """The end of a credential; None where what is written down is no instant, so that nothing is issued."""
    if until is None:
        return at + _LIFETIME
    try:
        end = datetime.fromisoformat(until)
    except (TypeError, ValueError):
        return None
    return end if end.tzinfo is not None else None


def _are_entries(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def service_of(document: JsonObject, type_: str) -> str:
    """The address of a service that a DID document names, without a closing slash.

    :raises UnauthenticatedPeer: it names none.
    """
    services = document.get("service", [])
    for service in services if isinstance(services, list) else []:
        if isinstance(service, dict) and service.get("type") == type_:
            endpoint = service.get("serviceEndpoint")
            if isinstance(endpoint, str) and endpoint.startswith(("https://", "http://localhost")):
                return endpoint.rstrip("/")
    raise UnauthenticatedPeer(Message("the DID document names no {type}", type=type_))
