"""WebAuthn: enrolling a passkey and signing in with one, by the library ``webauthn``.

* The challenge of each ceremony is in the session, serves once, and for some minutes.
* A passkey verifies its user (PIN, finger, face), and is discoverable: no name is typed.
* Attestation is not asked for. Who gets a passkey is decided by the invitation, not by the make of the device.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from passport.errors import AccessDenied, UsageError
from passport.store.workspace.people import Passkey, Person
from passport.texts import Message

#: How long a challenge counts, and bytes of an authenticator's answer.
_CHALLENGE, _MAX_ANSWER = timedelta(minutes=5), 20_000
_KEY = "challenge"


@dataclass(frozen=True)
class EnrolledKey:
    credential: bytes
    public_key: bytes
    sign_count: int


class RefusedPasskey(AccessDenied):
    """The answer of an authenticator that does not sign in or enrol."""

    code = "refused-passkey"
    hint = "Open the page again, and use the passkey that was enrolled here."


@dataclass(frozen=True)
class Ceremonies:
    """:ivar origin: of the workspace, such as ``https://workspace.example.com``; :ivar name: of the company."""

    origin: str
    name: str

    @property
    def rp_id(self) -> str:
        return urlsplit(self.origin).hostname or ""

    # --- enrolling ----------------------------------------------------------------------------------------------------

    def enrolment(
        self, person: Person, known: Sequence[Passkey], session: MutableMapping[str, Any], at: datetime
    ) -> str:
        """What the browser is told, as JSON; the challenge is kept in the session."""
        options = webauthn.generate_registration_options(
            rp_id=self.rp_id,
            rp_name=self.name,
            user_name=person.name,
            user_id=person.handle,
            user_display_name=person.full_name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential) for each in known],
        )
        _keep(session, "enrol", options.challenge, at)
        return webauthn.options_to_json(options)

    def enrolled(self, answer: str, session: MutableMapping[str, Any], at: datetime) -> EnrolledKey:
        """:raises RefusedPasskey: it is no answer to the challenge of this session."""
        challenge = _used(session, "enrol", at)
        try:
            verified = webauthn.verify_registration_response(
                credential=parse_registration_credential_json(_bounded(answer)),
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _FOREIGN as error:
            raise RefusedPasskey(Message("the passkey was not enrolled")) from error
        return EnrolledKey(verified.credential_id, verified.credential_public_key, verified.sign_count)

    # --- signing in ---------------------------------------------------------------------------------------------------

    def sign_in(self, session: MutableMapping[str, Any], at: datetime) -> str:
        """What the browser is told, as JSON; the challenge is kept in the session."""
        options = webauthn.generate_authentication_options(
            rp_id=self.rp_id, user_verification=UserVerificationRequirement.REQUIRED
        )
        _keep(session, "sign-in", options.challenge, at)
        return webauthn.options_to_json(options)

    def credential_of(self, answer: str) -> bytes:
        """The id of the passkey that an answer is of. :raises RefusedPasskey: it is no answer."""
        try:
            return parse_authentication_credential_json(_bounded(answer)).raw_id
        except _FOREIGN as error:
            raise RefusedPasskey(Message("the passkey was not accepted")) from error

    def signed_in(self, answer: str, passkey: Passkey, challenge: bytes) -> int:
        """How far the authenticator has counted.

        :param challenge: from :meth:`challenge_of`.
        :raises RefusedPasskey: it is not signed with the passkey over the challenge, for this site, with the user
            verified; or the authenticator counted back, as a copy of it would.
        """
        try:
            verified = webauthn.verify_authentication_response(
                credential=parse_authentication_credential_json(_bounded(answer)),
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except _FOREIGN as error:
            raise RefusedPasskey(Message("the passkey was not accepted")) from error
        return verified.new_sign_count

    def challenge_of(self, session: MutableMapping[str, Any], at: datetime) -> bytes:
        """The challenge of a sign-in; it is used up. :raises RefusedPasskey: there is none (any more)."""
        return _used(session, "sign-in", at)


#: What hostile bytes make of the library and of what it is built on.
_FOREIGN = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, EOFError)


def _keep(session: MutableMapping[str, Any], purpose: str, challenge: bytes, at: datetime) -> None:
    session[_KEY] = [purpose, bytes_to_base64url(challenge), at.timestamp()]


def _used(session: MutableMapping[str, Any], purpose: str, at: datetime) -> bytes:
    kept = session.pop(_KEY, None)
    if not kept or kept[0] != purpose or at.timestamp() > kept[2] + _CHALLENGE.total_seconds():
        raise RefusedPasskey(Message("the page was open for too long, or was used already"))
    return base64url_to_bytes(kept[1])


def _bounded(answer: str) -> str:
    if len(answer) > _MAX_ANSWER:
        raise RefusedPasskey(Message("the answer of the passkey is too long"))
    json.loads(answer)
    return answer


def check_origin(origin: str) -> str:
    """An origin under which passkeys work: https, or http on localhost.

    :raises UsageError: another one. Browsers offer passkeys nowhere else.
    """
    parts = urlsplit(origin)
    local = parts.scheme == "http" and parts.hostname == "localhost"
    if (parts.scheme == "https" or local) and parts.hostname and origin == f"{parts.scheme}://{parts.netloc}":
        return origin
    raise UsageError(
        Message("passkeys do not work at this address"),
        expected=Message("https://…, or http://localhost with a port"),
        found=repr(origin)[:100],
    )
