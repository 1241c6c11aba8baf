"""A project's connector: its settings, its keys, and the parts that answer, send and pull.

connector/settings.json   :mod:`passport.connector.connector_settings`
connector/offers.json     what is offered (:mod:`passport.connector.data.data_offer`)
connector/agreement.pem   the key to which others encrypt
connector.db              processes, outbox, log
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passport.battery.privacy.release_policy import ReleasePolicy
from passport.connector import dataspace_messages as dsp
from passport.connector.claims.claims_messages import scope_of
from passport.connector.claims.company_identity import KnownDocuments, exchange_document
from passport.connector.claims.credential_service import HolderService
from passport.connector.claims.issuer_service import IssuanceService, service_of
from passport.connector.claims.membership_request import MembershipRequester
from passport.connector.claims.peer_verifier import ClaimsAuthenticator, ClaimsCourier
from passport.connector.claims.self_issued import SelfIssuer, TokenValidator
from passport.connector.claims.status_lists import PeerStatus
from passport.connector.connector_endpoint import BASE, ConnectorAnswer, ConnectorEndpoint, ConnectorRequest
from passport.connector.connector_settings import KEY, MEMBERSHIP, OFFERS, ConnectorSettings, read_json
from passport.connector.data.data_offer import DataOffer, read_offers
from passport.connector.data.handover import DataConsumer, DataProvider
from passport.connector.data.offered_data import OfferedData
from passport.connector.decider import StandingDecider
from passport.connector.exchange_service import ExchangeService
from passport.credentials.trust import TrustList
from passport.errors import PeerFailed, UnusableProject
from passport.identity import did_web
from passport.identity.did_web_fetch import DidWebFetcher
from passport.identity.http_client import GuardedClient
from passport.identity.keys import PrivateKey
from passport.identity.signer import Signer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.store.state.exchange_state import ExchangeState
from passport.texts import Message
from passport.vocabulary import vocabulary

STATE = "connector.db"
DID_DOCUMENT = "/.well-known/did.json"
_MAX_CATALOGUE = 4_000_000


@dataclass(frozen=True)
class ConnectorNode:
    """A company's connector, ready to answer, send and pull.

    :ivar documents: of companies, as they are published now: where their services are may change each day.
    :ivar issuers: the same, of issuers of credentials: those that the trust list pins first.
    """

    project: Project
    settings: ConnectorSettings
    signer: Signer = field(repr=False)
    key: PrivateKey = field(repr=False)
    state: ExchangeState
    client: GuardedClient
    documents: KnownDocuments
    issuers: KnownDocuments
    trust: TrustList

    @classmethod
    def open(
        cls, project: Project, passphrase: bytes | None, *, client: GuardedClient | None = None, loopback: bool = False
    ) -> ConnectorNode:
        """The connector of a project.

        :param client: makes all requests; :param loopback: development on one machine, over plain http.
        :raises UnusableProject: the project has no connector, or no did:web.
        """
        settings = ConnectorSettings.load(project.folder)
        if not project.issuer.startswith(did_web.PREFIX):
            raise UnusableProject(
                Message("the project's issuer has no address"), expected="did:web:…", found=project.issuer[:80],
                hint=Message("A did:key names no services. passport init --did-web makes a project with a did:web."),
            )  # fmt: skip
        issuer = project.issuer_with_key(passphrase)
        key = PrivateKey.load(project.folder / KEY, None)
        client = client or GuardedClient()
        if loopback:
            client = client.naming(settings.address)
        trust = project.trust_list()
        pinned = {did: dict(document) for did, document in trust.did_documents().items()}
        fetcher = DidWebFetcher(client, loopback=loopback)
        state = ExchangeState(project.folder.resolve() / STATE)
        documents, issuers = KnownDocuments(fetcher=fetcher), KnownDocuments(pinned, fetcher)
        return cls(project, settings, issuer.signer, key, state, client, documents, issuers, trust)

    @property
    def did(self) -> str:
        return self.project.issuer

    @property
    def document(self) -> JsonObject:
        """Our DID document, with what others need of it."""
        own = self.project.own_documents()
        if not own:
            raise UnusableProject(Message("no DID document of {issuer} is at hand", issuer=self.did))
        return exchange_document(
            own[0], self.signer.verification_method, self.key.public_key, self.settings.address,
            issues=bool(self.settings.memberships),
        )  # fmt: skip

    def offers(self) -> tuple[DataOffer, ...]:
        """What is offered now. The file is read each time, so an offer that is taken back is gone at once.

        :raises UnusableProject: the file is malformed.
        """
        path = self.project.folder / OFFERS
        return read_offers(read_json(path), self.did) if path.exists() else ()

    def offer(self, dataset: str) -> DataOffer | None:
        return next((offer for offer in self.offers() if offer.dataset == dataset), None)

    @property
    def own(self) -> SelfIssuer:
        return SelfIssuer(self.did, self.signer)

    @property
    def courier(self) -> ClaimsCourier:
        return ClaimsCourier(self.own, self.client, [scope_of(type_) for type_ in self._types])

    @property
    def _types(self) -> Sequence[str]:
        held = {credential.type for credential in self.state.held_credentials()}
        return sorted({*self.settings.required, *held})

    @property
    def provider(self) -> DataProvider:
        words, store = vocabulary.load(), self.project.open_store()
        presenter = Presenter(store, words, policy=self.project.access_policy)
        data = OfferedData(store, presenter, words, self.settings.country, self._release(), self.project.folder)
        return DataProvider(
            self.did, self.signer, self.settings.address, self.state, self.documents, self.offer, data.contents
        )

    @property
    def consumer(self) -> DataConsumer:
        return DataConsumer(self.did, self.key, self.state, self.documents, self.client)

    @property
    def service(self) -> ExchangeService:
        return ExchangeService(
            self.did, f"{self.settings.address}{BASE}", self.state, StandingDecider(self.offer), self.courier,
            self.offer, self.provider.address,
        )  # fmt: skip

    @property
    def issuance(self) -> IssuanceService:
        members = self.settings.memberships
        return IssuanceService(
            self.own, self._validator, self.state, (MEMBERSHIP,), lambda holder, type_: members.get(holder),
            self.client, self.settings.address, PeerStatus(self.issuers, self.client, self.trust).revoked,
        )  # fmt: skip

    @property
    def requester(self) -> MembershipRequester:
        return MembershipRequester(self.own, self.documents, self.client, self.state)

    def catalogue_of(self, peer: str, *, at: datetime) -> JsonObject:
        """What another company offers us.

        :raises PeerFailed: it does not answer, or refuses.
        """
        body = strict_json.dumps(dsp.message(dsp.CATALOG_REQUEST, {}))
        answer = self.courier.send(f"{self.address_of(peer, at=at)}/catalog/request", body, audience=peer, at=at)
        if not answer.accepted:
            raise PeerFailed(Message("the other company refuses"), found=str(answer.status))
        catalogue = strict_json.loads(answer.body, max_bytes=_MAX_CATALOGUE)
        if not isinstance(catalogue, dict) or not isinstance(catalogue.get("dataset", []), list):
            raise PeerFailed(Message("the other company's answer cannot be read: {error}", error="dataset"))
        return catalogue

    def address_of(self, peer: str, *, at: datetime) -> str:
        """Where another company takes messages of the Dataspace Protocol."""
        return service_of(self.documents.document(peer, at=at), "DataService")

    @property
    def _validator(self) -> TokenValidator:
        def use(token: str, until: datetime, at: datetime) -> bool:
            with self.state.turn() as turn:
                return turn.use_token(token, until=until, at=at)

        return TokenValidator(self.did, self.documents, use)

    @property
    def authenticator(self) -> ClaimsAuthenticator:
        return ClaimsAuthenticator(
            self.own, self._validator, self.issuers, self.trust, self.client, self.settings.required,
            PeerStatus(self.issuers, self.client, self.trust).revoked,
        )  # fmt: skip

    def answerer(self, service: ExchangeService, wake: Any = None) -> _Answerer:
        """What answers all requests to this connector."""
        return _Answerer((
            _dsp(ConnectorEndpoint(service, self.authenticator, self.offers, wake)),
            HolderService(self.own, self._validator, self.state).answer,
            *((self.issuance.answer,) if self.settings.memberships else ()),
            self.provider.answer,
            self._document_answer,
        ))  # fmt: skip

    def _document_answer(self, request: ConnectorRequest, at: datetime) -> ConnectorAnswer | None:
        """Our DID document, for a company whose connector has the host of its DID."""
        if request.path != DID_DOCUMENT or request.method != "GET":
            return None
        return ConnectorAnswer(200, self.document)

    def _release(self) -> ReleasePolicy | None:
        if self.settings.release is None:
            return None
        return ReleasePolicy.from_json(read_json(self.project.folder / self.settings.release), vocabulary.load())


@dataclass(frozen=True)
class _Answerer:
    parts: Sequence[Any]

    def __call__(self, request: ConnectorRequest, at: datetime) -> ConnectorAnswer | None:
        for part in self.parts:
            answer: ConnectorAnswer | None = part(request, at)
            if answer is not None:
                return answer
        return None


def _dsp(endpoint: ConnectorEndpoint) -> Any:
    return lambda request, at: endpoint.answer(request, at=at)
