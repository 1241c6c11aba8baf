"""Requests for access: grant for a time, refuse with a reason, take back."""

from __future__ import annotations

import base64
from datetime import timedelta

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, WorkPage, field_of, page, step, to, workspace
from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from passport.publishing.role_grants import VALIDITY, RoleGrants
from passport.reports import qr_code
from passport.store.workspace.people import WorkRole
from passport.store.workspace.requests import AccessRequest
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience

_MOST_DAYS = 366


@page("/access")
def access(who: Colleague) -> WorkPage:
    here = workspace()
    return WorkPage("access.html", "/access", {
        "requests": here.access.all(), "days": VALIDITY.days, "most": _MOST_DAYS, "store": here.store,
        "roles_given": [role for role in here.store.roles() if role.valid_until > here.now()][:100],
    })  # fmt: skip


def offer_of(request_: AccessRequest) -> str | None:
    """A new offer of the role of a granted request, as a link for wallets; an offer before ends. None: none is left."""
    here = workspace()
    code = here.offers.offer(request_.id, at=here.now()) if request_.state == "granted" else None
    return None if code is None else here.issuance.offer_link(code)


def offer_picture(link: str) -> str:
    """The QR code of an offer, as an address of kind ``data:``."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr_code.svg(link, "M").encode()).decode()


@step("/access/<id_>", WorkRole.SIGN)
def decide_access(who: Colleague, id_: str) -> Response:
    """Grant: sign a role for the pack that was named, for some days. Refuse or take back: with a reason."""
    here, at = workspace(), workspace().now()
    request_ = here.access.get(id_)
    deed = field_of("step", 20, required=True)
    if request_ is None or deed not in ("grant", "refuse", "revoke"):
        raise NotFound
    if deed == "grant":
        _grant(request_, _days(), who)
    elif deed == "refuse":
        here.access.refuse(request_, field_of("answer", 300), at=at, by=who.id)
    else:
        reason = field_of("answer", 300, required=True)
        here.offers.forget(request_.id)
        if request_.state == "granted" and request_.credential_id is not None:
            _grants().revoke(request_.credential_id, reason, at)
        here.access.revoked(request_, reason, at=at, by=who.id)
    return to("/access", f"access-{deed}")


def _grant(request_: AccessRequest, days: int, who: Colleague) -> None:
    """:raises UsageError: it was decided meanwhile; the role that was signed is taken back then."""
    here, at = workspace(), workspace().now()
    if request_.state != "open":
        raise MalformedDocument(Message("the request was decided already"))
    until = at + timedelta(days=days)
    if not request_.holder:
        here.access.grant_to_wallet(request_, at=at, by=who.id)
        here.offers.allow(request_.id, until)
        return
    signed = _grants().grant(
        request_.holder, Audience(request_.audience), request_.purpose, (request_.pack,),
        valid_from=at, valid_until=until,
    )  # fmt: skip
    try:
        here.access.grant(request_, signed["id"], strict_json.dumps(signed), at=at, by=who.id)
    except Exception:
        # Another person decided in the same moment. This role was handed to no holder and is revoked again.
        _grants().revoke(signed["id"], "decided by somebody else in this moment", at)
        raise
    here.offers.allow(request_.id, until)


def _grants() -> RoleGrants:
    here = workspace()
    return RoleGrants(here.store, here.config.issuer, here.project.base_url)


def _days() -> int:
    text = field_of("days", 4, required=True)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _MOST_DAYS):
        raise MalformedDocument(
            Message("{name} of the form", name="days"), expected=Message("1 to {most} days", most=_MOST_DAYS)
        )
    return int(text)
