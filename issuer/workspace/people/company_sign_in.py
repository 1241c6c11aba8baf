"""Signing in with the company's own OpenID provider, and linking an account of it with an invitation.

    GET /sign-in/company[?invitation=…]   to the provider
    GET /sign-in/company/back             from the provider: a new session, or a refusal

Who may do what is decided here, by the roles of the person in this workspace; the provider says only who it is. A
subject that belongs to no person is refused, unless ``new_people`` of ``sign-in.toml`` names roles for it.
"""

from __future__ import annotations

from flask import request, session
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, open_page, to, workspace
from issuer.workspace.people.company_provider import CompanyProvider, CompanyUser, RefusedSignIn
from issuer.workspace.people.sign_in import (
    BY_COMPANY,
    MOST_OF_ADDRESS,
    browser_address,
    browser_session,
    locked_out,
    sessions,
)
from passport.errors import PassportError, UsageError
from passport.store.workspace.people import Person
from passport.store.workspace.workspace_file import token_digest
from passport.texts import Message

_MAX_INVITATION = 100


@open_page("/sign-in/company")
def company_start(who: Colleague) -> Response:
    here, at = workspace(), workspace().now()
    invitation = request.args.get("invitation", "")[:_MAX_INVITATION]
    if here.people.is_locked_out(*browser_address(), at=at, most=MOST_OF_ADDRESS):
        raise locked_out()
    # Only the digest is kept, so a copy of the file cannot be used to enrol.
    digest = token_digest(invitation).hex() if invitation else None
    try:
        return redirect(_provider().start(session, at, invitation=digest), 303)
    except RefusedSignIn:
        raise
    except PassportError as error:
        raise RefusedSignIn(Message("the provider cannot be reached"), found=error.code) from error


@open_page("/sign-in/company/back")
def company_back(who: Colleague) -> Response:
    """Steps: 1. not locked out; 2. the answer is the provider's, to this browser; 3. a person with this subject who is
    not disabled, or who holds the invitation that the sign-in began with. Then a new session."""
    here, at = workspace(), workspace().now()
    address = browser_address()
    # 1.
    if here.people.is_locked_out(*address, at=at, most=MOST_OF_ADDRESS):
        raise locked_out()
    # 2.
    try:
        user, invitation = _provider().finish(session, request.args.to_dict(), at)
    except RefusedSignIn:
        here.people.failed(*address, at=at)
        raise
    # 3.
    linked = invitation is not None
    person = _invited(user, bytes.fromhex(invitation)) if invitation is not None else _known(user)
    if person is None or person.disabled is not None:
        here.people.failed(*address, at=at)
        raise RefusedSignIn(
            Message("no person of this workspace has this account"),
            found=user.subject[:100],
            hint=Message("Ask a person who administers for an invitation."),
        )
    here.subjects.signed_in(person, at=at)
    sessions().sign_in(browser_session(), person.id)
    session[BY_COMPANY] = True
    return to("/", "enrolled-company" if linked else None)


def _provider() -> CompanyProvider:
    provider = workspace().provider
    if provider is None:
        raise NotFound
    return provider


def _invited(user: CompanyUser, invitation: bytes) -> Person | None:
    here = workspace()
    try:
        return here.subjects.link_invited(invitation, user.issuer, user.subject, at=here.now())
    except UsageError as error:
        raise RefusedSignIn(Message("the account cannot be linked: {error}", error=error)) from error


def _known(user: CompanyUser) -> Person | None:
    here = workspace()
    person = here.subjects.person(user.issuer, user.subject)
    roles = _provider().config.new_people
    if person is not None or not roles:
        return person
    # The short name is for the command line; it need not be what the provider calls the person.
    name = "".join(user.login.split("@")[0].split()) or f"p-{token_digest(user.subject).hex()[:12]}"
    try:
        return here.subjects.add(name[:64], user.name, roles, user.issuer, user.subject, at=here.now())
    except UsageError:
        name = f"{name[:50]}-{token_digest(user.subject).hex()[:12]}"
        return here.subjects.add(name, user.name, roles, user.issuer, user.subject, at=here.now())
