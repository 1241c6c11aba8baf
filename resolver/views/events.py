"""The events of a pack, by role: ``GET /passports/…/events?after=&limit=``.

JSON, a verifiable presentation (``application/vp``) that verifies offline, a page for people (``text/html``), EPCIS 2.0
(``application/ld+json``, with ``perPage`` and ``nextPageToken``), or PROV-O in RDF. The next page of events is in the
``Link`` header, of JSON also in the member ``next``. A reader sees the events that its audience may read
(:mod:`passport.presenting.pack_events`).
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from passport.battery.identifiers.address import PassportAddress, parse_iri, parse_path
from passport.errors import MalformedDocument, MalformedIdentifier
from passport.linked_data import strict_json
from passport.presenting.pack_events import LARGEST_PAGE, event_page
from passport.store.log.access_log import AccessRecord
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import AuthorisedReader, ScopeExceeded, opens
from resolver.addresses import EVENTS, PREFIX, address_of_events
from resolver.forms.event_forms import EPCIS, EXPIRES, VERSIONS, as_rdf, epcis_page, per_page
from resolver.forms.negotiation import HTML, JSON, NQUADS, TURTLE, VP, choose_form, choose_language
from resolver.page.life.life_page import build_life_page
from resolver.page.page import file_name
from resolver.page.view_model import PageRequest
from resolver.page.wording import Words
from resolver.readable_events import documents_of, event_of, readable_events
from resolver.tombstone import refuse_ceased
from resolver.views import coarser, passports, public, reader, services

blueprint = Blueprint("events", __name__)
VARY = "Accept, Authorization"
_FORMS = (JSON, VP, HTML, EPCIS, TURTLE, NQUADS)
_ENDINGS = {TURTLE: "events.ttl", NQUADS: "events.nq"}


@blueprint.get(f"{PREFIX}/<path:rest>{EVENTS}")
def events(rest: str) -> Response:
    """A page of events, as this reader may see them."""
    address = _address()
    if address is None:
        return passports.show(f"{rest}{EVENTS}")
    return _answer(address, reader())


@blueprint.post(f"{PREFIX}/<path:rest>{EVENTS}")
def events_to_holder(rest: str) -> Response:
    """The same for a reader in a browser, whose form posts the token (RFC 6750 section 2.2)."""
    address = _address()
    if address is None:
        return passports.show_to_holder(f"{rest}{EVENTS}")
    who, token = passports.holder_of_form()
    return _answer(address, who, token)


def _address() -> PassportAddress | None:
    """Of the pack whose events are asked for; None where the path ends with a serial number "events"."""
    path = request.path.removeprefix(PREFIX)
    try:
        address = parse_path(path.removesuffix(EVENTS), decoded=True)
    except MalformedIdentifier:
        return None
    return address if address.serial is not None else None


def _answer(address: PassportAddress, who: AuthorisedReader | None, token: str | None = None) -> Response:
    here = services()
    subject = address.iri(here.config.base_url)
    if address.is_alias or here.store.event_head(subject) is None:
        subject = passports.subject_at(address)
    if who is None:
        refuse_ceased(here.store, subject)
    elif not opens(who, subject, coarser):
        raise ScopeExceeded(Message("your role does not open this passport"))
    accept = "text/html" if token else request.headers.get("Accept")
    form = choose_form(accept, request.args.get("format"), _FORMS)
    if form is HTML:
        return _page(subject, who, token)
    audience = Audience.PUBLIC if who is None else who.audience
    if form is EPCIS:
        return _as_file(_epcis(subject, who, audience), subject, token, "epcis.jsonld")
    page = event_page(here.store, subject, audience, after=_number("after", 0), limit=_number("limit", LARGEST_PAGE))
    if who is not None:
        _log(who, page.pack, [row.position for row in page.rows])
    if form in (TURTLE, NQUADS):
        documents = documents_of(here.store, page.rows, audience)
        body = as_rdf((event_of(row, documents, audience) for row in page.rows), form)
    else:
        body = strict_json.dumps(page.presentation() if form is VP else page.to_json())
    charset = "; charset=utf-8" if form.media_type.startswith("text/") else ""
    response = public(body, f"{form.media_type}{charset}", vary=VARY)
    _as_file(response, subject, token, _ENDINGS.get(form, "events.jsonld"))
    if page.next is not None:
        response.headers["Link"] = f'<{_at(subject)}?after={page.next}&format={form.name}>; rel="next"'
    return response


def _as_file(response: Response, subject: str, token: str | None, ending: str) -> Response:
    """The answer to a form as a file: a browser shows none of these forms."""
    if token is not None:
        name = file_name(subject.rsplit("/", 1)[-1])
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _at(subject: str) -> str:
    """The address of the events of a pack."""
    base_url = services().config.base_url
    return address_of_events(parse_iri(subject, base_url).iri(base_url), base_url)


def _epcis(subject: str, who: AuthorisedReader | None, audience: Audience) -> Response:
    """A page of the events as an EPCIS query document."""
    here = services()
    page = epcis_page(
        readable_events(here.store, subject, audience), audience, size=per_page(request.args.get("perPage")),
        token=request.args.get("nextPageToken"), now=here.now(),
    )  # fmt: skip
    if who is not None:
        _log(who, subject, page.positions)
    response = public(strict_json.dumps(page.document), EPCIS.media_type, vary=VARY)
    response.headers.update(VERSIONS)
    if page.next_query is not None and page.expires is not None:
        response.headers["Link"] = f'<{_at(subject)}?{page.next_query}>; rel="next"'
        response.headers[EXPIRES] = page.expires.isoformat()
    return response


def _page(subject: str, who: AuthorisedReader | None, token: str | None) -> Response:
    """The life line as a page."""
    here = services()
    if who is not None:
        _log(who, subject, [row.position for row in event_page(here.store, subject, who.audience).rows])
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    page_request = PageRequest(language=language, regime=None, reader=who, at=here.now(), token=token)
    page = build_life_page(subject, page_request, here)
    html = render_template("life.html", page=page, words=Words(language), language=language)
    response = public(html.encode(), "text/html; charset=utf-8", vary=f"{VARY}, Accept-Language")
    response.headers["Content-Language"] = language
    return response


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise MalformedDocument(Message("{name} of the request", name=name), expected=Message("a whole number"))
    return int(text)


def _log(who: AuthorisedReader, pack: str, positions: Sequence[int]) -> None:
    """Write down which events of which pack this reader is about to get."""
    elements = tuple(f"event:{position}" for position in positions)
    services().state.log(
        AccessRecord(services().now(), who.token_id, who.holder, who.audience.value, who.purpose, pack, elements)
    )
