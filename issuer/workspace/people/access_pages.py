"""Requests for access: grant for a time, refuse with a reason, take back. Offers of roles and accreditations."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.wallets.accreditation_check import withdrawn_here
from issuer.wallets.foreign_lists import CheckedStanding
from issuer.workspace.frame import Colleague, WorkPage, field_of, page, step, to, workspace
from passport.credentials import credential as vcdm
from passport.errors import MalformedDocument
from passport.lifecycle import catalogue
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.accreditation import legal_name, read_accreditation
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.role_grants import VALIDITY, RoleGrants
from passport.reports import qr_code
from passport.store.workspace.people import WorkRole
from passport.store.workspace.requests import AccessRequest
from passport.texts import Message
from passport.texts.message import fallback
from passport.vocabulary.vocabulary import Audience

_MOST_DAYS = 366


@page("/access")
def access(who: Colleague) -> WorkPage:
    return _access_page(who)


def _access_page(who: Colleague, *, code: str | None = None) -> WorkPage:
    """:param code: a transaction code, shown this once."""
    here, requests = workspace(), workspace().access.all()
    return WorkPage("access.html", "/access", {
        "requests": requests, "days": VALIDITY.days, "most": _MOST_DAYS, "store": here.store, "code": code,
        "roles_given": [role for role in here.store.roles() if role.valid_until > here.now()][:100],
        "shown": {each.id: shown_by(each, who.language) for each in requests},
        "withdrawn": {each.id for each in requests if is_withdrawn(each)},
        "accreditations": _accreditations(who.language),
    })  # fmt: skip


@dataclass(frozen=True)
class OfferLink:
    """An offer as a link for wallets. :ivar needs_transaction_code: whether the wallet asks for one."""

    link: str
    needs_transaction_code: bool


def is_withdrawn(request_: AccessRequest) -> bool:
    """Whether the role of a granted request was taken back elsewhere: by the command, or with its holder's identity."""
    if request_.state != "granted" or request_.credential is None:
        return False
    return withdrawn_here(strict_json.loads(request_.credential), workspace().store)


def offer_of(request_: AccessRequest) -> OfferLink | None:
    """A new offer of the role of a granted request; an offer before ends. None: none is left."""
    return _offer(request_.id, "role") if request_.state == "granted" else None


def _offer(id_: str, name: str) -> OfferLink | None:
    here = workspace()
    made = here.offers.offer(id_, at=here.now())
    if made is None:
        return None
    link = here.issuance.offer_link(made.code, name, transaction_code=made.needs_transaction_code)
    return OfferLink(link, made.needs_transaction_code)


def link_picture(link: str) -> str:
    """The QR code of a link for wallets, as an address of kind ``data:``."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr_code.svg(link, "M").encode()).decode()


@dataclass(frozen=True)
class ShownActor:
    """An accreditation as a page names it.

    :ivar roles: their labels; :ivar authority: name of its issuer.
    :ivar is_holder: whether the actor is the holder for whom the role is asked; None where none is named.
    :ivar standing: whether it still counts, or that this could not be checked; None once the request is decided.
    """

    name: str
    roles: tuple[str, ...]
    authority: str
    at: datetime
    is_holder: bool | None
    standing: CheckedStanding | None


def shown_by(request_: AccessRequest, language: str) -> ShownActor | None:
    """The actor whose accreditation the asker of a request showed."""
    here = workspace()
    kept = here.access.accreditation(request_)
    if kept is None:
        return None
    at, document = kept[0], strict_json.loads(kept[1])
    holder = document["credentialSubject"]["id"]
    return ShownActor(
        fallback(legal_name(document), language), actor_roles(document, language),
        here.named(document["issuer"], language), at, None if not request_.holder else request_.holder == holder,
        here.company_check.standing(document, here.now()) if request_.state == "open" else None,
    )  # fmt: skip


def is_in_force(accreditation: JsonObject) -> bool:
    """Whether an accreditation of ours has neither ended nor been revoked, nor the identity on which it rests."""
    here = workspace()
    until = vcdm.valid_until(accreditation)
    return (until is None or until > here.now()) and not withdrawn_here(accreditation, here.store)


def actor_roles(document: JsonObject, language: str) -> tuple[str, ...]:
    """The labels of the roles of an accreditation."""
    roles = sorted(read_accreditation(document).roles)
    return tuple(catalogue().roles.label_of(role, language) for role in roles)


@step("/access/<id_>", WorkRole.SIGN)
def decide_access(who: Colleague, id_: str) -> Response | WorkPage:
    """Grant: sign a role for the pack that was named, for some days. Refuse or take back: with a reason.

    With ``code``, the asker needs a transaction code, which the person who decides tells on another way.
    """
    here, at = workspace(), workspace().now()
    request_ = here.access.get(id_)
    deed = field_of("step", 20, required=True)
    if request_ is None or deed not in ("grant", "refuse", "revoke", "code"):
        raise NotFound
    if deed == "grant":
        _grant(request_, _days(), who)
        if field_of("code", 1):
            return _access_page(who, code=here.offers.ask_transaction_code(request_.id))
    elif deed == "code":
        return _access_page(who, code=here.offers.ask_transaction_code(request_.id))
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
        _grants().revoke(signed["id"], "decided by another person in this moment", at)
        raise
    here.offers.allow(request_.id, until)


def _accreditations(language: str) -> list[tuple[int, str, tuple[str, ...], datetime | None]]:
    """Number, name, roles and end of each accreditation that was granted here and is in force."""
    granted = enumerate(ActorGrants.granted(workspace().store))
    return [
        (number, fallback(legal_name(document), language), actor_roles(document, language), vcdm.valid_until(document))
        for number, document in granted
        if is_in_force(document)
    ]


@step("/access/accreditations/<int:number>", WorkRole.SIGN)
def offer_accreditation(who: Colleague, number: int) -> WorkPage:
    """An offer of an accreditation for the wallet of its actor: a link, a QR code, and a transaction code apart."""
    here, granted = workspace(), ActorGrants.granted(workspace().store)
    if number >= len(granted) or not is_in_force(granted[number]):
        raise NotFound
    document = granted[number]
    until = vcdm.valid_until(document) or here.now() + timedelta(days=_MOST_DAYS)
    here.offers.allow(document["id"], until)
    code = here.offers.ask_transaction_code(document["id"])
    offer = _offer(document["id"], "actor")
    assert offer is not None, "it was allowed just now"
    name = fallback(legal_name(document), who.language)
    here.journal.add(here.now(), who.id, "offer-accreditation", document["id"], name)
    values = {"name": name, "code": code, "link": offer.link, "picture": link_picture(offer.link)}
    return WorkPage("accreditation-offer.html", "/access", values)


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
