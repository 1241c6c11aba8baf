"""An asker shows an accreditation from a wallet, by OpenID for Verifiable Presentations 1.0.

    GET  /wallet/did.json                DID document of the workspace as a verifier
    GET  /wallet/requests/{challenge}    the signed request, for the wallet
    POST /wallet/responses/{challenge}   the wallet's answer: form field vp_token, or response where it is encrypted

The request for access says who asks in its own words. An accreditation from a wallet says it in the words of an
authority. It opens nothing: the person who decides sees it. It is kept when, in this order:

1. The challenge is ours, for this request, has not expired, and the request is not decided.
2. The answer is one ``BatteryActorCredential`` that verifies, its issuer and its status included. A status that is not
   known is refused.
3. The presentation is signed by the actor, for us and this challenge.
4. The challenge was never used.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from issuer import answers
from issuer.wallets.accreditation_check import RefusedAccreditation, verified_accreditation
from passport.credentials.unwrapping import of_text, of_vp_token
from passport.errors import AccessDenied, MalformedDocument, PassportError, ProofError, UsageError
from passport.linked_data import strict_json
from passport.linked_data.json_types import as_list
from passport.presenting.wallet_requests import REQUEST_TYPE, AnswerWay, WalletRequest
from passport.store.workspace.requests import AccessRequest
from passport.texts import Message, error_text

blueprint = Blueprint("accreditations", __name__)
_MAX_ANSWER = 200_000


# --- endpoints for wallets --------------------------------------------------------------------------------------------


@blueprint.errorhandler(PassportError)
def _refused(error: PassportError) -> Response:
    if not isinstance(error, AccessDenied | MalformedDocument | ProofError | UsageError):
        return answers.problem(503, error.code, Message("nothing was stored; try again"))
    title = Message("the answer of the wallet is not accepted")
    return answers.problem(400, error.code, title, {"detail": error_text(error)})


@blueprint.get("/wallet/did.json")
def did_document() -> Response:
    """The DID document of the workspace; it signs requests to wallets and nothing else."""
    document = _workspace().wallet_requests.document()
    if document is None:
        raise NotFound
    return answers.answer(document, 200, "application/did+json")


@blueprint.get("/wallet/requests/<challenge>")
def request_object(challenge: str) -> Response:
    """The request that belongs to a challenge. :raises RefusedAccreditation: it is not ours, or has expired."""
    here, at, way = _workspace(), _workspace().now(), _way()
    _, expires = here.accreditation_challenges.read(challenge, at, encrypted=way.encrypted)
    token = here.wallet_requests.request_object(challenge, way, at, expires)
    response = Response(token, content_type=f"application/{REQUEST_TYPE}")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/wallet/responses/<challenge>")
def wallet_response(challenge: str) -> Response:
    """A wallet's answer to a request. (OpenID4VP 1.0, sections 8.2 and 8.3)"""
    here, at, way = _workspace(), _workspace().now(), _way()
    request.max_content_length = _MAX_ANSWER
    # 1.
    request_id, expires = here.accreditation_challenges.read(challenge, at, encrypted=way.encrypted)
    access_request = here.access.get(request_id)
    if access_request is None or access_request.state != "open":
        raise RefusedAccreditation(Message("the request was decided already"))
    shown = here.wallet_requests.answer(challenge, way, request.form.to_dict(flat=False))
    if shown is None:
        return answers.answer({}, 200)
    domain = here.wallet_requests.client_id(challenge, way)
    # 2., 3.
    accreditation = verified_accreditation(_presentation(shown), here.company_check, at, challenge, domain)
    # 4.
    if not here.offers.use_nonce(challenge, until=expires, at=at):
        raise RefusedAccreditation(Message("the challenge was used before"))
    here.access.keep_accreditation(access_request, strict_json.dumps(accreditation), at=at)
    return answers.answer({}, 200)


def new_wallet_request(access_request: AccessRequest) -> WalletRequest:
    """A request for the accreditation of the asker of an access request."""
    here, way = _workspace(), _way()
    challenge = here.accreditation_challenges.new(access_request.id, here.now(), encrypted=way.encrypted)
    made: WalletRequest = here.wallet_requests.request(challenge, way)
    return made


def _way() -> AnswerWay:
    """``?client=uri``: unsigned, for wallets that resolve no DID; ``?answer=encrypted``: the answer is encrypted."""
    way = AnswerWay.of(request.args)
    return AnswerWay(unsigned=way.unsigned, encrypted=way.encrypted)


def _presentation(shown: Any) -> Any:
    """The one presentation in what a wallet shows."""
    presentations = as_list(of_vp_token(shown))
    if len(presentations) != 1:
        raise MalformedDocument(Message("answer of a wallet"), expected=Message("one presentation"))
    only = presentations[0]
    return of_text(only) if isinstance(only, str) else only


def _workspace() -> Any:
    from issuer.workspace.frame import workspace

    return workspace()
