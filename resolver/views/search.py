"""Finding passports by public data, and who issues them: as a page for people, as JSON for programs."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request

from passport.battery.identifiers.address import parse_iri
from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from passport.presenting.presenter import batch_of
from passport.store import Pack
from passport.texts import Message
from resolver.addresses import PREFIX
from resolver.forms.negotiation import HTML, JSON, choose_form, choose_language
from resolver.pack_search import Found, Index, Model, Query
from resolver.page.wording import Words
from resolver.views import public, services

blueprint = Blueprint("search", __name__)
FORMS = (HTML, JSON)
VARY = "Accept, Accept-Language"
_TEXTS = {
    "search": Message("Search"),
    "search-text": Message("By what everybody may read. Leave a field empty where it does not matter."),
    "code": Message("Code on the plate, or serial number"),
    "maker": Message("Maker"),
    "model": Message("Model or GTIN"),
    "category": Message("Category"),
    "any": Message("any"),
    "none": Message("No passport fits."),
    "not-yet": Message("No passport fits so far; there are more to look through."),
    "found": Message("Passports found"),
    "next": Message("Next page"),
    "issuers": Message("Issuers"),
    "issuers-text": Message(
        "Whose signature this site accepts, and for what. Your own trust list decides on your computer."
    ),
    "no-issuers": Message("The trust list of this site is empty."),
    "accepted-for": Message("Accepted for"),
}


@blueprint.get("/search")
def search() -> Response:
    """Passports whose public data fit. Without anything to look for, the page is a form and the list is of all."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise MalformedDocument(Message("parameter"), expected=Message("each of them once"))
    query = Query.parse(request.args)
    results = None if form is HTML and query.is_empty else index().find(query)
    if form is JSON and results is not None:
        document = {"items": [_item(*pair) for pair in results.items], "next": _next(results)}
        return public(strict_json.dumps(document), "application/json", vary=VARY)
    items = [{**_item(*pair), "path": services().config.root + PREFIX + _path(pair[0].subject)}
             for pair in results.items] if results else None  # fmt: skip
    switch = urlencode(_asked("code", "maker", "model", "batch", "category", "limit", "after"))
    return _page(
        "search.html", query=query, items=items, next=_next(results) if results else None,
        categories=services().vocabulary.enumerations["batteryCategory"], switch_query=f"&{switch}" if switch else "",
    )  # fmt: skip


@blueprint.get("/issuers")
def issuers() -> Response:
    """Whose signature counts here, and for what."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    entries = [
        {
            "id": issuer.id,
            "name": dict(issuer.name),
            "trustedFor": sorted(issuer.trusted_for),
            "regimes": sorted(issuer.regimes),
        }
        for issuer in services().config.trust_list.issuers
    ]
    if form is JSON:
        return public(strict_json.dumps({"issuers": entries}), "application/json", vary=VARY)
    return _page("issuers.html", issuers=entries)


@blueprint.get("/trusted-issuers.json")
def trust_list() -> Response:
    """The trust list of this site, as ``passport verify --trust`` reads it."""
    response = public(strict_json.dumps(services().config.trust_list.to_json()), "application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="trusted-issuers.json"'
    return response


def index() -> Index:
    # Made when it is first asked for; it reads itself again when the store has changed.
    known: Index | None = current_app.extensions.get("resolver-search")
    if known is None:
        known = current_app.extensions["resolver-search"] = Index(services().store)
    return known


def _item(pack: Pack, model: Model) -> dict[str, str | None]:
    base_url = services().config.base_url
    return {
        "subject": pack.subject, "passport": base_url + PREFIX + _path(pack.subject), "model": pack.model,
        "category": pack.category, "serial": pack.serial, "code": pack.code, "maker": model.maker,
        "modelIdentifier": model.identifier, "batch": batch_of(services().store, pack.subject),
    }  # fmt: skip


def _path(subject: str) -> str:
    return parse_iri(subject, services().config.base_url).path


def _next(page: Found) -> str | None:
    """The address of the next page, made of parameters that we know and of nothing else."""
    if page.next is None:
        return None
    kept = _asked("code", "maker", "model", "batch", "category", "limit", "format", "lang")
    return f"{services().config.base_url}/search?{urlencode({**kept, 'after': page.next})}"


def _asked(*names: str) -> dict[str, str]:
    return {name: value for name in names if (value := request.args.get(name))}


def _page(template: str, **values: object) -> Response:
    language = choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
    )
    words = Words(language)
    texts = {key: words.say(message) for key, message in _TEXTS.items()}
    html = render_template(template, words=words, language=language, t=texts, **values)
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", vary=VARY)
    response.headers["Content-Language"] = language
    return response
