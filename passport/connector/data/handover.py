"""The hand-over of data: the provider's answer to a pull, and the consumer's pull.

    GET /data/PID     with the token that the start of the transfer brought

An answer is given only while the transfer is started, the agreement is in force, the consumer's last proof fulfils the
policy, and the token is for this very transfer. Everything else is 403 without a reason. Each hand-over is a line of
the log on both sides, with the digest of what was signed and of the agreement; it is written before the data goes out.
Each credential that leaves the country is a line of its own, with the policy, what left and what stayed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from passport.connector.agreements import agreed_at, agreement_digest
from passport.connector.claims.company_identity import agreement_key
from passport.connector.claims.self_issued import PeerDocuments
from passport.connector.connector_endpoint import ConnectorAnswer, ConnectorRequest
from passport.connector.data.data_offer import DataOffer
from passport.connector.data.offered_data import OfferedContent
from passport.connector.data.sealed_data import PulledData, access_token, check_access, seal, unseal
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState, Side
from passport.connector.usage_policy import UsagePolicy
from passport.errors import AccessDenied, FetchFailed, PassportError, PeerFailed, RefusedUsage, UnknownExchange
from passport.identity.http_client import GuardedClient
from passport.identity.keys import PrivateKey
from passport.identity.signer import Signer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_reading import ExchangeRecord
from passport.store.state.exchange_state import ExchangeState
from passport.texts import Message

BASE: Final = "/data"
#: The endpoint type of data that is pulled over HTTP, as other connectors call it.
HTTP_ENDPOINT: Final = "https://w3id.org/idsa/v4.1/HTTP"
_MEDIA_TYPE = "application/jose"

#: The data of an offer, for the consumer of a transfer.
Contents = Callable[[DataOffer, ExchangeProcess, datetime], OfferedContent]


@dataclass(frozen=True)
class DataProvider:
    """Hands data over.

    :ivar did: our DID; :ivar signer: our key; :ivar root: address of the connector.
    :ivar offer: the own offer of a dataset.
    """

    did: str
    signer: Signer = field(repr=False)
    root: str
    state: ExchangeState
    documents: PeerDocuments
    offer: Callable[[str], DataOffer | None]
    contents: Contents

    def address(self, process: ExchangeProcess, at: datetime) -> JsonObject | None:
        """The data address of a transfer that starts, with its token."""
        if process.agreement is None:
            return None
        token = access_token(process, self.signer, at=at)
        properties = (("authorization", token), ("authType", "bearer"))
        return {
            "@type": "DataAddress",
            "endpointType": HTTP_ENDPOINT,
            "endpoint": f"{self.root}{BASE}/{process.pid}",
            "endpointProperties": [
                {"@type": "EndpointProperty", "name": name, "value": value} for name, value in properties
            ],
        }

    def answer(self, request: ConnectorRequest, at: datetime) -> ConnectorAnswer | None:
        """The answer to a pull; None where the path is not one of these."""
        if not request.path.startswith(f"{BASE}/"):
            return None
        try:
            if request.method != "GET":
                raise _denied()
            text = self._handed_over(request.path.removeprefix(f"{BASE}/"), request.authorization, at)
        except PassportError as error:
            status = 403 if error.exit_code in (1, 2) else 503
            code = AccessDenied.code if status == 403 else "not-possible-now"
            return ConnectorAnswer(status, {"code": code}, of_stranger=isinstance(error, AccessDenied))
        return ConnectorAnswer(200, body=text.encode("ascii"), media_type=_MEDIA_TYPE)

    def _handed_over(self, pid: str, authorization: str | None, at: datetime) -> str:
        row = self.state.process(pid)
        process = None if row is None else ExchangeProcess.from_json(row.body)
        if process is None or process.kind is not ExchangeKind.TRANSFER or process.side is not Side.PROVIDER:
            raise _denied()
        scheme, _, token = (authorization or "").partition(" ")
        check_access(token if scheme == "Bearer" else None, process, self.signer.public_key, at=at)
        agreement = process.agreement
        if process.state is not ProcessState.STARTED or agreement is None:
            raise _denied()
        policy = UsagePolicy.from_odrl(agreement)
        refusal = next(policy.refusals(process.participant, at=at, agreed=agreed_at(agreement)), None)
        offer = self.offer(process.dataset)
        if refusal is not None or offer is None:
            raise _denied()
        if offer.packs and not set(offer.packs) <= policy.products:
            # The offer was changed after the agreement: what is not in the agreement is not handed over.
            raise _denied()
        offered = self.contents(offer, process, at)
        recipient = agreement_key(self.documents.document(process.peer, at=at), at)
        text, digest = seal(offer.kind, offered.content, process, self.did, self.signer, recipient, at=at)
        agreed = agreement_digest(agreement)
        with self.state.turn() as turn:
            for release in offered.releases:
                statement = strict_json.dumps(release)
                turn.record(ExchangeRecord(
                    at, "release", process.peer, process.pid, str(release["policy"]), str(release["outcome"]),
                    sha256(statement).hexdigest(), agreed, body=statement,
                ))  # fmt: skip
            turn.record(ExchangeRecord(
                at, "data", process.peer, process.pid, offer.kind, "handed over", digest, agreed
            ))  # fmt: skip
        return text


@dataclass(frozen=True)
class DataConsumer:
    """Pulls data.

    :ivar did: our DID; :ivar key: our key agreement key.
    """

    did: str
    key: PrivateKey = field(repr=False)
    state: ExchangeState
    documents: PeerDocuments
    client: GuardedClient

    def pull(self, pid: str, *, at: datetime) -> PulledData:
        """The data of a transfer of ours that is started.

        :raises UnknownExchange: there is none. :raises PeerFailed: the provider gives nothing (any more).
        :raises PassportError: what it gave does not verify.
        """
        row = self.state.process(pid)
        process = None if row is None else ExchangeProcess.from_json(row.body)
        if process is None or process.kind is not ExchangeKind.TRANSFER or process.side is not Side.CONSUMER:
            raise UnknownExchange(Message("no such transfer"), found=repr(pid)[:120])
        endpoint, token = _endpoint(process)
        try:
            answer = self.client.exchange(endpoint, None, authorization=f"Bearer {token}", accept=_MEDIA_TYPE)
        except FetchFailed as error:
            raise PeerFailed(Message("no answer from the other company: {error}", error=error)) from error
        if answer.status != 200:
            raise PeerFailed(
                Message("the other company hands nothing over"), found=str(answer.status),
                hint=Message("The transfer or the agreement may have ended: passport connector transfers."),
            )  # fmt: skip
        document = self.documents.document(process.peer, at=at)
        data = unseal(answer.body.decode("ascii", "replace"), self.key, process, self.did, document, at=at)
        with self.state.turn() as turn:
            turn.record(ExchangeRecord(
                at, "data", process.peer, process.pid, data.kind, "received", data.digest,
                agreement_digest(process.agreement or {}), data.signed,
            ))  # fmt: skip
        return data


def _endpoint(process: ExchangeProcess) -> tuple[str, str]:
    """Address and token of a transfer that is started.

    :raises RefusedUsage: it is not, or leads to another host than the provider's.
    """
    address = process.data_address or {}
    endpoint = address.get("endpoint")
    properties = {each["name"]: each["value"] for each in address.get("endpointProperties", [])}
    if process.state is not ProcessState.STARTED or not isinstance(endpoint, str):
        raise RefusedUsage(Message("the transfer is not started"), found=str(process.state))
    own, other = urlsplit(process.peer_address), urlsplit(endpoint)
    if (own.scheme, own.netloc) != (other.scheme, other.netloc):
        # A token must not be sent to a third party.
        raise RefusedUsage(Message("the data lies with another company"), expected=own.netloc, found=other.netloc[:120])
    return endpoint, properties.get("authorization", "")


def _denied() -> AccessDenied:
    return AccessDenied(Message("no access to this data"))
