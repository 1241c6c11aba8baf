"""What wallets call, by OpenID for Verifiable Credential Issuance 1.0.

    GET  /.well-known/openid-credential-issuer     metadata of the credential issuer
    GET  /.well-known/oauth-authorization-server   metadata of its token endpoint
    POST /oid4vci/token        pre-authorized_code=…, tx_code=…    an access token for one credential
    POST /oid4vci/nonce                                            a nonce for a proof
    POST /oid4vci/credential   {credential_configuration_id, proofs}    the credential, for the key of the proof;
                               request and answer may be encrypted (issuer.wallets.sealed_exchange)

* There is no session and no cookie. The code came to the asker with their ticket.
* A role that was granted to a DID goes to the wallet with its key. A role that was granted to whichever wallet takes it
  is signed for the first key that proves itself, and for no other.
* An accreditation was signed when it was granted, and goes to the wallet with the key of its actor.
* A role that was taken back, an accreditation that was revoked, or a request that was never granted gives nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from issuer import answers
from issuer.wallets.accreditation_check import withdrawn_here
from issuer.wallets.issuance import GRANT, KINDS, PATH, SD_JWT, HolderProof, RefusedNonce, RefusedProof
from issuer.wallets.sealed_exchange import MEDIA_TYPE, AnswerKey, RefusedEncryption
from passport.credentials.envelopes.sd_jwt_vc import secure_as_sd_jwt_vc
from passport.errors import AccessDenied, PassportError, StoreFailure, UsageError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.role_grants import RoleGrants
from passport.store.workspace.offers import TOKEN, OfferedCredential
from passport.store.workspace.requests import AccessRequest
from passport.texts import Message, error_text, say
from passport.vocabulary.vocabulary import Audience

blueprint = Blueprint("oid4vci", __name__)
logger = logging.getLogger("issuer")
_MAX_BODY = 100_000
_NAMES = {"role": Message("Role for battery passports"), "actor": Message("Accreditation to report battery events")}
_CONFIGURATIONS = tuple(name + form for name in KINDS for form in ("", SD_JWT))
_TRANSACTION_CODE = 20


class RefusedRequest(AccessDenied):
    """A request that the protocol refuses. :ivar error: its code; :ivar status: of the answer."""

    code = "refused-request"

    def __init__(self, error: str, message: Message, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.status = error, status


@blueprint.errorhandler(PassportError)
def _refused(error: PassportError) -> Response:
    if isinstance(error, StoreFailure):
        logger.error("the store failed: %s", error.code)
        return _told({"error": "server_error"}, 503)
    name = error.code if isinstance(error, RefusedProof | RefusedEncryption) else "invalid_request"
    name = error.error if isinstance(error, RefusedRequest) else name
    status = error.status if isinstance(error, RefusedRequest) else 400
    response = _told({"error": name, "error_description": str(error_text(error))}, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer error="{name}"'
    return response


# --- metadata ---------------------------------------------------------------------------------------------------------


@blueprint.get("/.well-known/openid-credential-issuer")
def issuer_metadata() -> Response:
    """Metadata of the credential issuer."""
    here = _workspace()
    languages = here.config.languages
    names = {language: here.company_name(language) for language in languages}
    credential_names = {id_: {language: say(name, language) for language in languages} for id_, name in _NAMES.items()}
    return _told(here.issuance.metadata(names, credential_names))


@blueprint.get("/.well-known/oauth-authorization-server/")  # as a wallet is known to ask
@blueprint.get("/.well-known/oauth-authorization-server")
def server_metadata() -> Response:
    """Metadata of the token endpoint."""
    return _told(_workspace().issuance.server_metadata())


# --- the flow ---------------------------------------------------------------------------------------------------------


@blueprint.post(f"{PATH}/token")
def wallet_token() -> Response:
    """An access token for a pre-authorized code. (section 6)"""
    here = _workspace()
    if request.form.get("grant_type") != GRANT:
        raise RefusedRequest("unsupported_grant_type", Message("grant_type"))
    codes = request.form.getlist("pre-authorized_code")
    if len(codes) != 1 or not 0 < len(codes[0]) <= 100:
        raise RefusedRequest("invalid_request", Message("form of a token request"))
    details = _details(request.form.get("authorization_details"))
    transaction_code = request.form.get("tx_code")
    if transaction_code is not None and len(transaction_code) > _TRANSACTION_CODE:
        raise RefusedRequest("invalid_request", Message("form of a token request"))
    token = here.offers.exchange(codes[0], transaction_code, at=here.now())
    if token is None:
        # Which of the two codes is wrong is not said: a transaction code is short.
        raise RefusedRequest("invalid_grant", Message("the code was used, has ended, or never was"))
    body: JsonObject = {"access_token": token, "token_type": "bearer", "expires_in": int(TOKEN.total_seconds())}
    return _told({**body, "authorization_details": details} if details else body)


@blueprint.post(f"{PATH}/nonce")
def wallet_nonce() -> Response:
    """A nonce for a proof. (section 7)"""
    here = _workspace()
    return _told({"c_nonce": here.issuance.nonce(here.now())})


@blueprint.post(f"{PATH}/credential")
def wallet_credential() -> Response:
    """The credential that an access token opens. (section 8)"""
    here, at = _workspace(), _workspace().now()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    offered = here.offers.of_token(token.strip(), at=at) if scheme.lower() == "bearer" and len(token) <= 100 else None
    if offered is None:
        raise RefusedRequest("invalid_token", Message("the access token has ended, or never was"), 401)
    body, answer_key = here.issuance.sealed.read(request.get_data(cache=False), request.mimetype, most=_MAX_BODY)
    configuration, proof_text = _asked(body)
    name = configuration.removesuffix(SD_JWT)
    access_request = here.access.get(offered.request)
    if name != ("actor" if access_request is None else "role"):
        raise RefusedRequest("unknown_credential_configuration", Message("the offer is of another credential"))
    proof = here.issuance.holder(proof_text, at)
    if not here.offers.use_nonce(proof.nonce, until=proof.ends, at=at):
        raise RefusedNonce(Message("the nonce of the proof was used before"))
    if access_request is None:
        signed = _accreditation(offered, proof)
    else:
        signed = _role(access_request, offered, proof.holder, at)
    if configuration == name:
        return _handed_over(signed, answer_key)
    unsigned = {member: value for member, value in signed.items() if member != "proof"}
    token_text = secure_as_sd_jwt_vc(unsigned, KINDS[name], here.config.issuer, holder_key=proof.key, at=at)
    return _handed_over(token_text, answer_key)


def _handed_over(credential: JsonObject | str, answer_key: AnswerKey | None) -> Response:
    """The answer with a credential, encrypted where the request named a key."""
    document: JsonObject = {"credentials": [{"credential": credential}]}
    if answer_key is None:
        return _told(document)
    response = Response(answer_key.seal(document), content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(body: Mapping[str, Any]) -> tuple[str, Any]:
    """The configuration that is asked for, and the one proof."""
    names = [body[name] for name in ("credential_configuration_id", "credential_identifier") if name in body]
    if len(names) != 1 or names[0] not in _CONFIGURATIONS:
        raise RefusedRequest("unknown_credential_configuration", Message("the credential that is asked for"))
    proofs = body.get("proofs")
    given = proofs.get("jwt") if isinstance(proofs, dict) else None
    if given is not None and (not isinstance(given, list) or len(given) != 1):
        raise RefusedProof(Message("proofs of several keys"), expected=Message("one"))
    return str(names[0]), given[0] if given else None


def _accreditation(offered: OfferedCredential, proof: HolderProof) -> JsonObject:
    """The signed accreditation of an actor.

    :raises RefusedRequest: it was revoked meanwhile, or is of another actor.
    """
    store = _workspace().store
    kept = store.document_of_id(offered.request)
    accreditation: JsonObject = {} if kept is None else strict_json.loads(kept.body)
    if kept is None or withdrawn_here(accreditation, store):
        raise RefusedRequest("credential_request_denied", Message("the accreditation was revoked"))
    if kept.holder != proof.holder:
        raise RefusedRequest("credential_request_denied", Message("the accreditation is of another actor"))
    return accreditation


def _role(request_: AccessRequest, offered: OfferedCredential, holder: str, at: datetime) -> JsonObject:
    """The signed role for a holder.

    :raises RefusedRequest: it was taken back meanwhile, or belongs to another holder.
    """
    if request_.state != "granted":
        raise RefusedRequest("credential_request_denied", Message("the role was taken back"))
    if request_.credential is None:
        request_ = _signed(request_, offered, holder, at)
    if request_.holder != holder or request_.credential is None:
        raise RefusedRequest("credential_request_denied", Message("the role was granted to another holder"))
    role: JsonObject = strict_json.loads(request_.credential)
    if withdrawn_here(role, _workspace().store):
        raise RefusedRequest("credential_request_denied", Message("the role was taken back"))
    return role


def _signed(request_: AccessRequest, offered: OfferedCredential, holder: str, at: datetime) -> AccessRequest:
    """The request, its role signed for the first wallet that asks."""
    here = _workspace()
    signed = _grants().grant(
        holder, Audience(request_.audience), request_.purpose, (request_.pack,),
        valid_from=at.replace(microsecond=0), valid_until=offered.until,
    )  # fmt: skip
    try:
        kept: AccessRequest = here.access.hand_over(request_, holder, signed["id"], strict_json.dumps(signed), at=at)
        return kept
    except Exception as error:
        # Another key was first, or the role was taken back. This one was handed to no holder and is revoked again.
        _grants().revoke(signed["id"], "handed out to another holder in this moment", at)
        if isinstance(error, UsageError):
            raise RefusedRequest("credential_request_denied", Message("the role was handed out already")) from error
        raise


def _details(text: str | None) -> list[JsonObject]:
    """What a wallet asks for in advance, with the names under which it gets it. (section 6.2)"""
    if text is None:
        return []
    wanted = strict_json.loads(text.encode(), max_bytes=_MAX_BODY)
    ids = [
        each.get("credential_configuration_id")
        for each in (wanted if isinstance(wanted, list) else [])
        if isinstance(each, dict) and each.get("type") == "openid_credential"
    ]
    if not ids or not all(id_ in _CONFIGURATIONS for id_ in ids):
        raise RefusedRequest("invalid_request", Message("authorization_details of a token request"))
    return [
        {"type": "openid_credential", "credential_configuration_id": id_, "credential_identifiers": [id_]}
        for id_ in dict.fromkeys(ids)
    ]


def _grants() -> RoleGrants:
    here = _workspace()
    return RoleGrants(here.store, here.config.issuer, here.project.base_url)


def _workspace() -> Any:
    from issuer.workspace.frame import workspace

    return workspace()


def _told(document: JsonObject, status: int = 200) -> Response:
    return answers.answer(document, status)
