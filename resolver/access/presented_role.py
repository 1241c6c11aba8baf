"""The presentation of a role: signed JSON-LD, a token (``vp+jwt``) whose nonce is the challenge, or a role as
``dc+sd-jwt`` with a key binding whose nonce is the challenge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.envelopes import enveloping, sd_jwt_vc
from passport.errors import PassportError
from passport.identity.did import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.presenting.role_tokens import ROLE_KIND
from passport.proofs import jose, sd_jwt
from passport.proofs.data_integrity import verify_proof
from passport.texts import Message
from passport.vocabulary.credential_types import ROLE
from resolver.access.authorised_reader import InvalidGrant


@dataclass(frozen=True)
class PresentedRole:
    """What a presentation says before anything of it is verified: the challenge is used up first, whatever comes after.

    :ivar document: the presentation; of a ``dc+sd-jwt`` the envelope of the token, with the key binding in it.
    :ivar token: the presentation as a token, None where it is signed JSON-LD or a ``dc+sd-jwt``.
    :ivar holder: DID of the holder; :ivar role: the role credential.
    :ivar is_bound: whether the role is a ``dc+sd-jwt``, whose key binding is verified with the credential itself.
    """

    document: JsonObject
    token: str | None
    holder: str
    role: JsonObject
    challenge: str
    is_bound: bool = False

    @classmethod
    def of(cls, presentation: Any) -> PresentedRole:
        """The one role in a presentation, a JSON object or the text of a token.

        :raises InvalidGrant: it is no presentation of one role with a holder and a challenge.
        """
        if not isinstance(presentation, str):
            return _of_document(presentation)
        return _of_sd_jwt(presentation) if "~" in presentation else _of_token(presentation)

    def check_holder(self, dids: DidResolver, *, domain: str, at: datetime) -> None:
        """Check that the holder signed the presentation for us and this challenge.

        :raises InvalidGrant: the proof does not verify, or is of another key than the holder's.
        """
        if self.is_bound:
            # The issuer's signature names the key of the binding, so both are verified together, in step 4.
            return
        if self.token is not None:
            _check_token(self, self.token, dids, domain, at)
        else:
            _check_proofs(self, dids, domain, at)


def _holder_and_role(presentation: Any) -> tuple[str, JsonObject]:
    try:
        vcdm.check_presentation(presentation)
    except PassportError as error:
        raise InvalidGrant(Message("not a presentation: {error}", error=error)) from error
    credentials = presentation.get("verifiableCredential")
    credentials = credentials if isinstance(credentials, list) else [credentials]
    only = credentials[0] if len(credentials) == 1 and isinstance(credentials[0], dict) else {}
    if ROLE not in vcdm.types(only):
        raise InvalidGrant(Message("nothing to go by"), expected=Message("one {role} in the presentation", role=ROLE))
    holder = vcdm.holder_id(presentation)
    if not isinstance(holder, str) or not holder.startswith("did:"):
        raise InvalidGrant(Message("the presentation names no holder"), expected=Message("holder: a DID"))
    return holder, only


def _of_document(presentation: Any) -> PresentedRole:
    holder, only = _holder_and_role(presentation)
    proofs = presentation.get("proof")
    if not isinstance(proofs, dict):
        raise InvalidGrant(Message("the presentation is not signed"), expected=Message("one proof of its holder"))
    challenge = proofs.get("challenge")
    if not isinstance(challenge, str) or len(challenge) > 200:
        raise InvalidGrant(Message("the proof has no challenge of ours"), hint=Message("GET /token gives one."))
    return PresentedRole(presentation, None, holder, only, challenge)


def _of_token(text: str) -> PresentedRole:
    try:
        claims = jose.parse(text.strip(), typ="vp+jwt", cty="vp").claims()
    except PassportError as error:
        raise InvalidGrant(Message("not a presentation: {error}", error=error), hint=error.hint) from error
    challenge = claims.get("nonce")
    if not isinstance(challenge, str) or len(challenge) > 200:
        raise InvalidGrant(Message("the token has no nonce of ours"), hint=Message("GET /token gives a challenge."))
    registered = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf")
    presentation = {key: value for key, value in claims.items() if key not in registered}
    return PresentedRole(presentation, text, *_holder_and_role(presentation), challenge)


def _of_sd_jwt(text: str) -> PresentedRole:
    text = text.strip()
    try:
        presented = sd_jwt.split(text)
        role = sd_jwt_vc.read_as_credential(jose.parse(presented.issuer_token, typ=sd_jwt_vc.TYPE).claims())
        challenge = jose.parse(presented.binding, typ="kb+jwt").claims().get("nonce")
        vcdm.check_credential(role)
    except PassportError as error:
        raise InvalidGrant(Message("not a presentation: {error}", error=error), hint=error.hint) from error
    if ROLE_KIND.type not in vcdm.types(role):
        raise InvalidGrant(Message("nothing to go by"), expected=Message("one {role} in the presentation", role=ROLE))
    if not isinstance(challenge, str) or len(challenge) > 200:
        raise InvalidGrant(Message("the token has no nonce of ours"), hint=Message("GET /token gives a challenge."))
    # The holder is the subject: the issuer signs the subject together with the key that made the binding.
    holder = vcdm.subjects(role)[0].get("id")
    if not isinstance(holder, str) or not holder.startswith("did:"):
        raise InvalidGrant(Message("the presentation names no holder"), expected=Message("sub: a DID"))
    envelope = enveloping.envelope(enveloping.DC_SD_JWT, text)
    return PresentedRole(envelope, None, holder, role, challenge, is_bound=True)


def _check_token(presented: PresentedRole, token: str, dids: DidResolver, domain: str, at: datetime) -> None:
    try:
        opened = enveloping.open_token(
            enveloping.VP_JWT, token, dids, at=at, challenge=presented.challenge, domain=domain
        )
    except PassportError as error:
        raise InvalidGrant(
            Message("the presentation does not verify: {error}", error=error), hint=error.hint
        ) from error
    if opened.method.controller != presented.holder or opened.document != presented.document:
        raise InvalidGrant(Message("the presentation is not signed by its holder"))


def _check_proofs(presented: PresentedRole, dids: DidResolver, domain: str, at: datetime) -> None:
    try:
        proofs = verify_proof(
            presented.document,
            dids,
            expected_purpose="authentication",
            expected_challenge=presented.challenge,
            expected_domain=domain,
            at=at,
        )
    except PassportError as error:
        raise InvalidGrant(
            Message("the presentation does not verify: {error}", error=error), hint=error.hint
        ) from error
    if not proofs or any(proof.verification_method.controller != presented.holder for proof in proofs):
        raise InvalidGrant(Message("the presentation is not signed by its holder"))
