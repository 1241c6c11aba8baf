"""Our credential service: verifiers ask for presentations, issuers deliver credentials that we asked for.

    POST /holder/presentations/query     a verifier, with the access token that we gave it in our own token
    POST /holder/credentials             an issuer, for a request of ours that it names
    POST /holder/offers                  an issuer tells that it has something for us; nothing is fetched for it

An access token of fewer scopes gets fewer credentials, as the protocol has it. Credentials that were not requested are
refused: a stranger fills no wallet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.connector.claims import claims_messages as dcp
from passport.connector.claims.jwt_credentials import FORMATS, open_credential, present
from passport.connector.claims.self_issued import IdToken, SelfIssuer, TokenValidator
from passport.connector.connector_endpoint import ConnectorAnswer, ConnectorRequest
from passport.errors import MalformedMessage, PassportError, UnauthenticatedPeer, UnknownExchange
from passport.identity.did import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_reading import HeldCredential
from passport.store.state.exchange_state import ExchangeState
from passport.texts import Message

BASE: Final = "/holder"
_PATHS = ("/presentations/query", "/credentials", "/offers")


@dataclass(frozen=True)
class HolderService:
    """The credential service of one company.

    :ivar issuer: makes our tokens; its key signs the presentations too.
    """

    issuer: SelfIssuer
    validator: TokenValidator
    state: ExchangeState

    def answer(self, request: ConnectorRequest, at: datetime) -> ConnectorAnswer | None:
        """The answer; None where the path is not one of these."""
        path = request.path.removeprefix(BASE)
        if not request.path.startswith(f"{BASE}/") or path not in _PATHS:
            return None
        if request.method != "POST":
            return ConnectorAnswer(405, {"code": "method-not-allowed"})
        handlers: dict[str, Callable[[IdToken, bytes, datetime], ConnectorAnswer]] = {
            "/presentations/query": self._presentations, "/credentials": self._store, "/offers": self._offered,
        }  # fmt: skip
        return answered(lambda: handlers[path](
            self.validator.validate(request.authorization, request.body, at=at), request.body, at
        ))  # fmt: skip

    def _presentations(self, sender: IdToken, body: bytes, at: datetime) -> ConnectorAnswer:
        granted = self.issuer.scopes(sender.access, sender.did, at=at)
        query = dcp.read(body, dcp.QUERY)
        if "presentationDefinition" in query:
            if not isinstance(query["presentationDefinition"], dict) or not query["presentationDefinition"]:
                raise MalformedMessage(Message("{name} of the message is wrong", name="presentationDefinition"))
            return ConnectorAnswer(501, {"code": "not-implemented"})
        wanted = [scope for scope in query["scope"] if scope in granted]
        held = [each for each in self.state.held_credentials() if each.valid_until is None or at < each.valid_until]
        chosen = [each for each in held if any(_covers(scope, each) for scope in wanted)]
        presentations = present(
            ((each.body, each.format) for each in chosen), self.issuer.signer, self.issuer.did, sender.did, at=at
        )
        return ConnectorAnswer(200, dcp.message(dcp.RESPONSE, {"presentation": presentations}))

    def _store(self, sender: IdToken, body: bytes, at: datetime) -> ConnectorAnswer:
        message = dcp.read(body, dcp.CREDENTIALS)
        asked = self.state.credential_request(message["holderPid"])
        if asked is None or asked[:2] != ("holder", sender.did):
            raise UnknownExchange(Message("no such request for credentials"))
        resolver = DidResolver({sender.did: sender.document})
        held = [] if message["status"] == "REJECTED" else [
            self._held(container, sender.did, resolver, at) for container in message.get("credentials", [])
        ]  # fmt: skip
        with self.state.turn() as turn:
            for credential in held:
                turn.hold(credential)
            turn.keep_credential_request(
                message["holderPid"], "holder", sender.did, message["issuerPid"], message["status"], asked[4]
            )
        return ConnectorAnswer(200, {})

    def _held(self, container: JsonObject, issuer: str, resolver: DidResolver, at: datetime) -> HeldCredential:
        profile = FORMATS.get(container["format"])
        if profile is None:
            raise MalformedMessage(
                Message("{name} of the message is wrong", name="format"), expected=", ".join(FORMATS)
            )
        opened = open_credential(container["payload"], profile, resolver, at=at)
        type_ = container["credentialType"]
        if opened.issuer != issuer or opened.subject != self.issuer.did or type_ not in opened.types:
            raise MalformedMessage(Message("the credential is another's, or of another type"))
        # One of a type and issuer: the newer one replaces the older one.
        return HeldCredential(f"{issuer} {type_} {profile}", type_, issuer, profile, opened.text, opened.valid_until)

    @staticmethod
    def _offered(sender: IdToken, body: bytes, at: datetime) -> ConnectorAnswer:
        message = dcp.read(body, dcp.OFFER)
        if message["issuer"] != sender.did:
            raise MalformedMessage(Message("{name} of the message is wrong", name="issuer"))
        return ConnectorAnswer(200, {})


def answered(handle: Callable[[], ConnectorAnswer]) -> ConnectorAnswer:
    """What a handler answers, or its error as a status: 401, 404 or 400, without what is stored."""
    try:
        return handle()
    except UnauthenticatedPeer as error:
        return ConnectorAnswer(401, {"code": error.code}, of_stranger=True)
    except UnknownExchange as error:
        return ConnectorAnswer(404, {"code": error.code})
    except PassportError as error:
        if error.exit_code != 1:
            raise
        return ConnectorAnswer(400, {"code": error.code, "title": str(error)})


def _covers(scope: str, credential: HeldCredential) -> bool:
    if scope.startswith(dcp.BY_ID):
        return credential.id == scope.removeprefix(dcp.BY_ID)
    return scope.removeprefix(dcp.BY_TYPE).removesuffix(":read") == credential.type and scope.startswith(dcp.BY_TYPE)
