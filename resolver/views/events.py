"""The events of a pack, by role: ``GET /passports/…/events?after=&limit=``.

JSON, or a verifiable presentation (``application/vp``) that verifies offline. The next page is in the ``Link`` header
and in the member ``next``. A reader sees the events that its audience may read
(:mod:`passport.presenting.pack_events`).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from passport.battery.address import parse_iri, parse_path
from passport.errors import MalformedDocument, MalformedIdentifier
from passport.linked_data import strict_json
from passport.presenting.pack_events import LARGEST_PAGE, EventPage, event_page
from passport.store.access_log import AccessRecord
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience
from resolver.access import AuthorisedReader, ScopeExceeded, opens
from resolver.addresses import PREFIX
from resolver.negotiation import JSON, VP, choose_form
from resolver.tombstone import refuse_ceased
from resolver.views import coarser, passports, public, reader, services

blueprint = Blueprint("events", __name__)
ENDING = "/events"
VARY = "Accept, Authorization"


@blueprint.get(f"{PREFIX}/<path:rest>{ENDING}")
def events(rest: str) -> Response:
    """A page of events, as this reader may see them."""
    path = request.path.removeprefix(PREFIX)
    try:
        address = parse_path(path.removesuffix(ENDING), decoded=True)
    except MalformedIdentifier:
        address = None
    if address is None or address.serial is None:
        # A pack can have the serial number "events".
        return passports.show(f"{rest}{ENDING}")
    who = reader()
    here = services()
    subject = address.iri(here.config.base_url)
    if address.is_alias or here.store.event_head(subject) is None:
        subject = passports.subject_at(address)
    if who is None:
        refuse_ceased(here.store, subject)
    elif not opens(who, subject, coarser):
        raise ScopeExceeded(Message("your role does not open this passport"))
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), (JSON, VP))
    audience = Audience.PUBLIC if who is None else who.audience
    page = event_page(here.store, subject, audience, after=_number("after", 0), limit=_number("limit", LARGEST_PAGE))
    if who is not None:
        _log(who, page)
    document = page.presentation() if form is VP else page.to_json()
    response = public(strict_json.dumps(document), form.media_type, vary=VARY)
    if page.next is not None:
        address_of = here.config.base_url + PREFIX + parse_iri(subject, here.config.base_url).path + ENDING
        response.headers["Link"] = f'<{address_of}?after={page.next}&format={form.name}>; rel="next"'
    return response


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise MalformedDocument(Message("{name} of the request", name=name), expected=Message("a whole number"))
    return int(text)


def _log(who: AuthorisedReader, page: EventPage) -> None:
    """Write down which events of which pack this reader is about to get."""
    elements = tuple(f"event:{row.position}" for row in page.rows)
    services().state.log(
        AccessRecord(
            services().now(), who.token_id, who.holder, who.audience.value, who.purpose, page.pack, elements
        )
    )  # fmt: skip
