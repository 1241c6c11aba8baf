"""The connector's answers to requests of other companies, without a web server.

    GET  /.well-known/dspace-version               versions; the only one that needs no proof
    POST /dsp/catalog/request                      GET /dsp/catalog/datasets/ID
    POST /dsp/negotiations/request                 GET /dsp/negotiations/PID
    POST /dsp/negotiations/PID/{request,offers,agreement,agreement/verification,events,termination}
    POST /dsp/transfers/request                    GET /dsp/transfers/PID
    POST /dsp/transfers/PID/{start,completion,suspension,termination}

* A process is shown to the two parties only. For others, and for those who did not prove who they are, there is none:
  404, as the protocol has it (sections on unauthorized access); 401 for the catalogue.
* An error is in the protocol's own form; it says what is wrong with the message, never what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from passport.connector import dataspace_messages as dsp
from passport.connector.data.data_offer import DataOffer, catalogue
from passport.connector.exchange_process import ExchangeKind
from passport.connector.exchange_service import ExchangeService
from passport.connector.usage_policy import Participant
from passport.errors import PassportError, UnauthenticatedPeer, UnknownExchange
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

#: Where the protocol's endpoints are, from the connector's root.
BASE: Final = "/dsp"
VERSIONS: Final = "/.well-known/dspace-version"

_NEGOTIATION_PATHS = {
    "request": (dsp.CONTRACT_REQUEST,), "offers": (dsp.CONTRACT_OFFER,), "agreement": (dsp.AGREEMENT,),
    "agreement/verification": (dsp.VERIFICATION,), "events": (dsp.EVENT,), "termination": (dsp.NEGOTIATION_END,),
}  # fmt: skip
_TRANSFER_PATHS = {
    "start": (dsp.TRANSFER_START,), "completion": (dsp.TRANSFER_COMPLETION,),
    "suspension": (dsp.TRANSFER_SUSPENSION,), "termination": (dsp.TRANSFER_END,),
}  # fmt: skip
_KINDS = {
    "negotiations": (ExchangeKind.NEGOTIATION, _NEGOTIATION_PATHS, "ContractNegotiationError"),
    "transfers": (ExchangeKind.TRANSFER, _TRANSFER_PATHS, "TransferError"),
}


@dataclass(frozen=True)
class ConnectorRequest:
    """A request to the connector.

    :ivar path: from the connector's root, without a query.
    :ivar authorization: the header, or None.
    """

    method: str
    path: str
    body: bytes = b""
    authorization: str | None = None


@dataclass(frozen=True)
class ConnectorAnswer:
    """An answer: JSON, or bytes of another media type.

    :ivar location: address of what was made, or None.
    :ivar of_stranger: the request had no valid proof or token. Counted, never told.
    """

    status: int
    json: JsonObject | None = None
    body: bytes = b""
    media_type: str = "application/json"
    location: str | None = None
    of_stranger: bool = False


class Authenticator(Protocol):
    """Finds out who sent a request."""

    def authenticate(self, authorization: str | None, body: bytes, *, at: datetime) -> tuple[Participant, str]:
        """The company, and the token that proves it.

        :raises UnauthenticatedPeer: it is not proved.
        """


@dataclass(frozen=True)
class ConnectorEndpoint:
    """Answers requests.

    :ivar offers: all own offers.
    :ivar accepted: called after a message was taken, before the answer; it must not wait.
    """

    service: ExchangeService
    authenticator: Authenticator
    offers: Callable[[], Iterable[DataOffer]]
    accepted: Callable[[], None] | None = None

    def answer(self, request: ConnectorRequest, *, at: datetime) -> ConnectorAnswer | None:
        """The answer; None where the path is not one of these."""
        if request.path == VERSIONS:
            return ConnectorAnswer(200, versions()) if request.method == "GET" else _not_here("CatalogError")
        parts = request.path.removeprefix(f"{BASE}/").rstrip("/").split("/")
        if not request.path.startswith(f"{BASE}/"):
            return None
        if parts[0] == "catalog":
            return self._catalogue(request, parts[1:], at)
        if parts[0] in _KINDS:
            return self._exchange(request, parts, at)
        return _not_here("CatalogError")

    def _catalogue(self, request: ConnectorRequest, parts: list[str], at: datetime) -> ConnectorAnswer:
        try:
            peer, _ = self.authenticator.authenticate(request.authorization, request.body, at=at)
        except UnauthenticatedPeer:
            fault = dsp.fault("CatalogError", UnauthenticatedPeer.code, "no proof of identity")
            return ConnectorAnswer(401, fault, of_stranger=True)
        own: dict[str, Any] = {"provider": self.service.did, "address": self.service.address, "at": at}
        try:
            if parts == ["request"] and request.method == "POST":
                message = dsp.read(request.body, dsp.CATALOG_REQUEST)
                if message.get("filter"):
                    return ConnectorAnswer(400, dsp.fault("CatalogError", "no-filters", "filters are not supported"))
                return ConnectorAnswer(200, catalogue(self.offers(), peer, **own))
            if len(parts) == 2 and parts[0] == "datasets" and request.method == "GET":
                offer = next((each for each in self.offers() if each.dataset == parts[1]), None)
                if offer is None or not offer.visible_to(peer, at):
                    raise UnknownExchange(Message("no such dataset"))
                only = catalogue([offer], peer, **own)
                return ConnectorAnswer(200, {"@context": [dsp.CONTEXT], **only["dataset"][0]})
        except PassportError as error:
            return _refusal("CatalogError", error)
        return _not_here("CatalogError")

    def _exchange(self, request: ConnectorRequest, parts: list[str], at: datetime) -> ConnectorAnswer:
        kind, paths, fault = _KINDS[parts[0]]
        try:
            peer, token = self.authenticator.authenticate(request.authorization, request.body, at=at)
            if request.method == "GET" and len(parts) == 2:
                return ConnectorAnswer(200, self.service.process_for(peer, kind, parts[1]).report())
            if request.method != "POST" or len(parts) < 2:
                return _not_here(fault)
            pid: str | None = parts[1]
            names = paths.get("/".join(parts[2:]))
            if len(parts) == 2:
                first = {"request": dsp.CONTRACT_REQUEST, "offers": dsp.CONTRACT_OFFER}
                begins = first if kind is ExchangeKind.NEGOTIATION else {"request": dsp.TRANSFER_REQUEST}
                pid, names = None, (begins[parts[1]],) if parts[1] in begins else None
            if names is None:
                return _not_here(fault)
            process, new = self.service.receive(peer, kind, pid, request.body, names, at=at, token=token)
        except PassportError as error:
            return _refusal(fault, error)
        if self.accepted is not None:
            self.accepted()
        return ConnectorAnswer(201 if new else 200, process.report())


def versions() -> JsonObject:
    """The versions of the protocol that are spoken here, and where."""
    auth = {"protocol": "DCP", "version": "1.0.1", "profile": ["vc20-bssl/jwt"]}
    version = {"version": dsp.VERSION, "path": BASE, "binding": "HTTPS", "identifierType": "did:web", "auth": auth}
    return {"protocolVersions": [version]}


def _refusal(fault: str, error: PassportError) -> ConnectorAnswer:
    hidden = isinstance(error, UnknownExchange | UnauthenticatedPeer)
    if hidden:
        # The same for what is not there and for what belongs to another party.
        stranger = isinstance(error, UnauthenticatedPeer)
        return ConnectorAnswer(404, dsp.fault(fault, UnknownExchange.code, "not found"), of_stranger=stranger)
    status = 400 if error.exit_code == 1 else 500
    return ConnectorAnswer(status, dsp.fault(fault, error.code, str(error) if status == 400 else "not possible now"))


def _not_here(fault: str) -> ConnectorAnswer:
    return ConnectorAnswer(404, dsp.fault(fault, UnknownExchange.code, "not found"))
