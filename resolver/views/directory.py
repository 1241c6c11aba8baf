"""The directory of enterprises: as pages, as JSON, as a signed file, and as a feed of changes.

    GET /directory                      ?name=&code=&role=&region=      page, JSON; application/vp is the signed file
    GET /directory/changes              ?after=                         what changed, oldest first
    GET /directory/enterprises/{did}    one enterprise with its keys over time

The signed file carries all that its verification needs. What the pages show is the same; a program that decides by the
directory takes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, render_template, request

from passport.credentials import credential as vcdm
from passport.directory.directory_file import directory_file
from passport.directory.directory_search import DirectoryQuery, find_identities
from passport.directory.enterprise import registered_lines
from passport.directory.listing import VALID, Directory, ListedIdentity, directory_of
from passport.errors import MalformedDocument, UnknownPassport
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, day
from resolver.forms.negotiation import HTML, JSON, JSONLD, VP, Form, choose_form, choose_language
from resolver.page.wording import Words
from resolver.views import public, services

blueprint = Blueprint("directory", __name__)
FORMS = (HTML, JSON, VP, JSONLD)
VARY = "Accept, Accept-Language"
#: Changes in one answer.
FEED = 200
_TEXTS = {
    "directory": Message("Directory of enterprises"),
    "about": Message("Who issues, moves, examines and recovers batteries, as far as this registrar states it."),
    "none-here": Message("No enterprise is listed here."),
    "name": Message("Name"),
    "code": Message("Code, GTIN or DID"),
    "role": Message("Role"),
    "region": Message("Country, market or province"),
    "any": Message("any"),
    "find": Message("Find"),
    "found": Message("Enterprises"),
    "none": Message("No enterprise fits."),
    "next": Message("Next page"),
    "signed": Message("Signed list"),
    "feed": Message("Changes"),
    "identifiers": Message("Identifiers"),
    "roles": Message("Roles"),
    "regions": Message("Where it is active"),
    "own": Message("Its own"),
    "resolvers": Message("Its passports"),
    "keys": Message("Keys"),
    "key": Message("Key"),
    "standing": Message("Standing"),
    "since": Message("Known since"),
    "identity": Message("Identity"),
    "document": Message("Signed identity"),
    "until": Message("Valid until"),
    "back": Message("All enterprises"),
}


@blueprint.get("/directory")
def directory() -> Response:
    """Enterprises that fit, or the signed file of all of them."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    listing = _listing()
    if form in (VP, JSONLD):
        return _file(listing, form)
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise MalformedDocument(Message("parameter"), expected=Message("each of them once"))
    query = DirectoryQuery.parse(request.args)
    found, at = find_identities(listing, query), services().now()
    following = None
    if found.next is not None:
        kept = {name: value for name in ("name", "code", "role", "region", "format", "lang")
                if (value := request.args.get(name))}  # fmt: skip
        following = f"{services().config.base_url}/directory?{urlencode({**kept, 'after': found.next})}"
    if form is JSON:
        document = {"number": listing.number, "items": [described(each, at) for each in found.items], "next": following}
        return public(strict_json.dumps(document), "application/json", vary=VARY)
    switch = urlencode({name: value for name, value in vars(query).items() if value})
    return _page(
        "directory.html", query=query, listed=bool(listing.identities), next=following,
        roles=services().vocabulary.enumerations["actorRole"],
        items=[(each, _address(each.enterprise.did), _standing(each, at)) for each in found.items],
        switch_query=f"&{switch}" if switch else "",
    )  # fmt: skip


@blueprint.get("/directory/changes")
def changes() -> Response:
    """What changed, oldest first; a reader goes on behind the last number that it saw."""
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) <= 18):
        raise MalformedDocument(Message("after"), expected=Message("the number of a change"))
    rows = list(services().store.directory_changes(after=int(after), limit=FEED))
    base_url = services().config.base_url
    items = [
        {"number": row.sequence, "at": vcdm.date_time(row.at), "kind": row.kind.value, "did": row.did,
         "credential": row.credential, "standing": row.standing, "enterprise": base_url + _address(row.did)}
        for row in rows
    ]  # fmt: skip
    following = f"{base_url}/directory/changes?after={rows[-1].sequence}" if len(rows) == FEED else None
    body = strict_json.dumps({"items": items, "next": following, "last": rows[-1].sequence if rows else int(after)})
    return public(body, "application/json")


@blueprint.get("/directory/enterprises/<path:did>")
def enterprise(did: str) -> Response:
    """One enterprise: its identity, its standing, its keys over time.

    :raises UnknownPassport: it is not listed.
    """
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), (HTML, JSON))
    listed, at = _listing().identities.get(did), services().now()
    if listed is None:
        raise UnknownPassport(Message("no enterprise of this DID is listed"))
    if form is JSON:
        return public(strict_json.dumps(described(listed, at)), "application/json", vary=VARY)
    vocabulary = services().vocabulary.enumerations
    return _page(
        "enterprise.html", listed=listed, enterprise=listed.enterprise, standing=_standing(listed, at),
        roles=vocabulary["actorRole"], key_standings=vocabulary["keyStanding"],
        identifiers=registered_lines(listed.enterprise), until=vcdm.valid_until(listed.document),
        own=(*listed.enterprise.manufacturer_codes, *listed.enterprise.gtin_prefixes),
        regions=sorted({*listed.enterprise.markets, *listed.enterprise.provinces}),
    )  # fmt: skip


def described(listed: ListedIdentity, at: datetime) -> JsonObject:
    """One enterprise as JSON: its signed identity as it is, and what the list says of it."""
    return {
        "did": listed.enterprise.did,
        "address": services().config.base_url + _address(listed.enterprise.did),
        "standing": _standing(listed, at),
        "since": vcdm.date_time(listed.since),
        "identity": listed.document,
        "keys": [
            {"method": key.method, "publicKeyMultibase": key.multikey, "standing": key.standing,
             "since": vcdm.date_time(key.since), "standingSince": vcdm.date_time(key.standing_since)}
            for key in listed.keys
        ],
    }  # fmt: skip


# --- inside -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _KeptDirectory:
    """A directory that was read, and for which state of the store."""

    number: int
    directory: Directory


def _listing() -> Directory:
    """The directory; read again when there is something new."""
    store = services().store
    number = store.directory_head()
    kept: _KeptDirectory | None = current_app.extensions.get("resolver-directory")
    if kept is None or kept.number != number:
        kept = current_app.extensions["resolver-directory"] = _KeptDirectory(
            number, directory_of(store.directory_changes())
        )
    return kept.directory


def _file(listing: Directory, form: Form) -> Response:
    file = directory_file(services().store, listing, services().now())
    if file is None:
        raise UnknownPassport(Message("no directory was signed here"))
    return public(strict_json.dumps(file), form.media_type, vary=VARY)


def _standing(listed: ListedIdentity, at: datetime) -> str:
    return listed.standing if listed.standing != VALID or listed.counts(at) else "ended"


def _address(did: str) -> str:
    return f"/directory/enterprises/{quote(did, safe=':')}"


_ENDED = Message("past its time")


def _page(template: str, **values: object) -> Response:
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    standings = {
        code.code: words.say(code.label) for code in here.vocabulary.enumerations["identityStanding"].codes
    }  # fmt: skip
    html = render_template(
        template, words=words, language=language, t={key: words.say(message) for key, message in _TEXTS.items()},
        standings={**standings, "ended": words.say(_ENDED)}, day=lambda at: day(at, language), **values,
    )  # fmt: skip
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", vary=VARY)
    response.headers["Content-Language"] = language
    return response
