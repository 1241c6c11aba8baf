"""Signing in and out, and enrolling a passkey with an invitation."""

from __future__ import annotations

import logging
from ipaddress import ip_address

from flask import current_app, request, session
from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, WorkPage, field_of, open_page, respond, step, to, workspace
from issuer.workspace.people.passkeys import RefusedPasskey
from issuer.workspace.people.session_cookie import KeptSession, ServerSessions
from passport.errors import PassportError
from passport.texts import Message

logger = logging.getLogger("issuer")
#: In the session of a person who came from the company's own sign-in.
BY_COMPANY = "by-company"
_SCRIPT, _MAX_ANSWER = "passkey.js", 20_000
#: Failed attempts of one address that lock it out: more than of one person, since several may share it.
MOST_OF_ADDRESS = 20


@open_page("/sign-in")
def sign_in(who: Colleague) -> WorkPage | Response:
    if who.person is not None:
        return to("/")
    options = workspace().ceremonies.sign_in(session, workspace().now())
    return WorkPage("sign-in.html", values={"options": options}, script=_SCRIPT)


@open_page("/sign-in", "POST")
def do_sign_in(who: Colleague) -> Response:
    """Steps: 1. not locked out; 2. the challenge of this session, once; 3. a known passkey of a person who is not
    disabled; 4. its signature over the challenge, for this site, with the user verified. Then a new session."""
    here, at = workspace(), workspace().now()
    address = browser_address()
    # 1.
    if here.people.is_locked_out(*address, at=at, most=MOST_OF_ADDRESS):
        raise locked_out()
    answer = field_of("answer", _MAX_ANSWER, required=True)
    # 2.
    challenge = here.ceremonies.challenge_of(session, at)
    # 3.
    passkey = here.people.passkey(here.ceremonies.credential_of(answer))
    person = here.people.get(passkey.person) if passkey is not None else None
    if passkey is None or person is None or person.disabled is not None:
        here.people.failed(*address, at=at)
        raise RefusedPasskey(Message("the passkey was not accepted"))
    if here.people.is_locked_out(person.id, at=at):
        raise locked_out()
    # 4.
    try:
        count = here.ceremonies.signed_in(answer, passkey, challenge)
    except RefusedPasskey:
        here.people.failed(person.id, *address, at=at)
        raise
    here.people.used_passkey(passkey, count, at=at)
    sessions().sign_in(browser_session(), person.id)
    return to("/")


@open_page("/enrol/<token>")
def enrol(who: Colleague, token: str) -> WorkPage:
    here, at = workspace(), workspace().now()
    person = here.people.invited(token, at=at)
    if person is None:
        return WorkPage("enrol.html", values={"person": None}, status=404)
    options = here.ceremonies.enrolment(person, here.people.passkeys(person), session, at)
    return WorkPage("enrol.html", values={"person": person, "options": options, "token": token}, script=_SCRIPT)


@open_page("/enrol/<token>", "POST")
def do_enrol(who: Colleague, token: str) -> WorkPage | Response:
    """Keep a passkey for the invited person, and sign in with it: who has it just proved that."""
    here, at = workspace(), workspace().now()
    if here.people.invited(token, at=at) is None:
        return WorkPage("enrol.html", values={"person": None}, status=404)
    key = here.ceremonies.enrolled(field_of("answer", _MAX_ANSWER, required=True), session, at)
    person = here.people.enrol(token, key.credential, key.public_key, key.sign_count, at=at)
    if person is None:
        return WorkPage("enrol.html", values={"person": None}, status=404)
    sessions().sign_in(browser_session(), person.id)
    return to("/", "enrolled")


@step("/sign-out")
def sign_out(who: Colleague) -> Response:
    """End the session. A person who came from the company's own sign-in is led on to sign out there.

    By a link and not by a redirect: browsers hold the answer to a form to the policy ``form-action``.
    """
    by_company = session.get(BY_COMPANY) is True
    sessions().sign_out(browser_session())
    address = _company_sign_out() if by_company else None
    if address is None:
        return to("/sign-in")
    return respond(Colleague(None, who.language), WorkPage("signed-out.html", values={"address": address}))


def _company_sign_out() -> str | None:
    here = workspace()
    try:
        return None if here.provider is None else here.provider.sign_out_address(here.now())
    except PassportError as error:
        # The session here has ended all the same.
        logger.warning("the company's provider gives no address for signing out: %s", error.code)
        return None


def browser_address() -> tuple[str, ...]:
    """Whose failures count together. Behind a proxy everybody has its address, and strangers would lock all out."""
    address = request.remote_addr or ""
    try:
        return () if ip_address(address).is_loopback else (f"address {address}",)
    except ValueError:
        return ()


def locked_out() -> RefusedPasskey:
    """The refusal of an address or person of which too many attempts failed."""
    return RefusedPasskey(Message("too many attempts failed"), hint=Message("Try again in a quarter of an hour."))


def browser_session() -> KeptSession:
    """The session of this request."""
    kept = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(kept, KeptSession)
    return kept


def sessions() -> ServerSessions:
    """The sessions of the application."""
    interface = current_app.session_interface
    assert isinstance(interface, ServerSessions)
    return interface
