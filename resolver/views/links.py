"""Addresses in QR codes and their links: the answer is a redirect, a choice, or the linkset itself.

``/01/…`` (GS1 Digital Link), ``/id/…`` and ``/gbt34014/…`` are parsed by their scheme and then treated alike. A plain
request is redirected to the default link; ``?linkType=`` chooses another and ``Accept: application/linkset+json`` gets
the linkset (:mod:`resolver.forms.linksets`). A pack without a passport has the links of its model, where that is known;
but a request for the passport itself, in one of its forms, is not redirected to the model (:mod:`resolver.unissued`).
Redirects may change, so caches may not keep them.
"""

from __future__ import annotations

import json
from urllib.parse import unquote_plus, urlsplit

from flask import Blueprint, Response, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from passport.battery.identifiers.address import SCHEMES, PassportAddress, parse_iri, parse_path
from passport.errors import MalformedIdentifier, UnknownPassport
from passport.linked_data import strict_json
from passport.presenting.presenter import batch_of
from passport.presenting.successors import predecessors, successors
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, MODEL
from resolver.access.authorised_reader import ScopeExceeded, opens
from resolver.addresses import PREFIX
from resolver.forms import linksets
from resolver.forms.linksets import Level
from resolver.forms.negotiation import FORMS, choose_language, media_weight, names_a_form, prefers_html
from resolver.page.wording import Words
from resolver.tombstone import has_ceased, refuse_ceased
from resolver.unissued import unissued
from resolver.views import coarser, public, reader, services
from resolver.views.passports import refuse_other_batch


class _Compressed(BaseConverter):
    """Base 64 of a GTIN in 47 bits behind its application identifier, or behind a code for it and its qualifiers."""

    regex = "(?:A[Q-Za-f]|[CD][A-Za-z0-9_-])[A-Za-z0-9_-]{8,}"


blueprint = Blueprint("links", __name__)
VARY = "Accept, Accept-Language, Authorization"
_CONTEXT = "/contexts/linkset"
_OURS = ("linkType", "context")


@blueprint.record_once
def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["compressed"] = _Compressed


class NoSuchLink(UnknownPassport):
    """No link of the type asked for, at this level or above."""

    code = "no-such-link"
    hint = "Ask for ?linkType=linkset to see what there is."


def lead_on(**_: str) -> Response:
    """307 to the one link that fits, 300 where several fit equally, 200 with the linkset where that is asked for."""
    if request.method == "OPTIONS":
        response = _bare(204)
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
        response.headers["Link"] = _to_linkset(services().config.base_url + _path())
        return response
    address = parse_path(request.path, decoded=True)
    levels = _levels(address)
    link_type = request.args.get("linkType")
    accept, languages = request.headers.get("Accept"), request.headers.get("Accept-Language")
    relation = linksets.relation_of(link_type) if link_type else None
    if relation == linksets.LINKSET or request.args.get("format") == "linkset" or _wants_linkset(accept):
        return _linkset(levels)
    if relation is None and _wants_the_passport(accept) and not _is_issued(address):
        # The model's page or data would pass for those of the battery that was asked for.
        raise unissued(services().store, address, services().config.base_url)
    # The form and language that the passport would be shown in choose among links to them too.
    form = next((form.media_type for form in FORMS if form.name == request.args.get("format")), accept)
    fitting = linksets.choose(levels, relation, accept=form, languages=request.args.get("lang") or languages)
    if not fitting:
        raise NoSuchLink(Message("no link of this type"))
    response = _choice(levels[0], fitting, relation or "") if len(fitting) > 1 else _redirect(fitting[0])
    response.headers["Link"] = _to_linkset(levels[0].anchor)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = VARY
    return response


for _scheme in SCHEMES.values():
    blueprint.add_url_rule(
        f"/{_scheme.prefix}/<path:rest>", f"lead_on_{_scheme.prefix}", lead_on,
        methods=["GET", "OPTIONS"], provide_automatic_options=False,
    )  # fmt: skip


@blueprint.get(f"/<any({json.dumps(linksets.OTHER_KEYS)[1:-1]}):key>/<path:rest>")
def other_key(key: str, rest: str) -> Response:
    """A GS1 Digital Link that begins with another key, or with a name that the syntax gave up."""
    if key.isdecimal():
        raise UnknownPassport(
            Message("no battery is known by the GS1 key {key}", key=key), hint=Message("Batteries have a GTIN: /01/….")
        )
    raise MalformedIdentifier(
        Message("/{key}/ is not GS1 Digital Link syntax", key=key),
        expected=Message("/01/ and a GTIN of 14 digits"),
        hint=Message("Names in place of numbers were given up in 2022."),
    )


@blueprint.get("/<compressed:text>")
def compressed(text: str) -> Response:
    """A compressed GS1 Digital Link: recognised, and not resolved."""
    raise MalformedIdentifier(
        Message("this looks like a compressed GS1 Digital Link, which is not resolved here"),
        expected=Message("/01/… in plain text"),
        hint=Message("Use the address as it was before it was compressed."),
    )


@blueprint.get("/.well-known/gs1resolver")
def description() -> Response:
    """The resolver description file."""
    here = services().config
    document = linksets.description_file(here.base_url, "Battery passport resolver")
    return public(strict_json.dumps(document), "application/json", max_age=3600)


@blueprint.get(_CONTEXT)
def context() -> Response:
    """The JSON-LD context that makes a linkset a graph."""
    return public(strict_json.dumps(dict(linksets.LINKSET_CONTEXT)), "application/ld+json", max_age=3600)


def _levels(address: PassportAddress) -> tuple[Level, ...]:
    """The levels above an address, the most specific first.

    :raises UnknownPassport: neither the pack nor its model is known, nor a batch of that address.
    :raises PassportCeased: the pack was recycled, and the public asks.
    """
    here = services()
    base_url, store = here.config.base_url, here.store
    pack = None
    if address.is_alias:
        code = address.model + (address.serial or "")
        pack = store.pack_of_code(code)
        if pack is None:
            raise unissued(store, address, base_url)
    elif address.serial:
        pack = store.pack(address.iri(base_url))
        if pack is not None:
            refuse_other_batch(store, address, base_url)
    if pack is not None and has_ceased(store, pack.subject):
        _refuse_those_without_a_role(pack.subject)
    model = pack.model if pack else address.of_model.iri(base_url)
    stored = store.current(model, MODEL)
    if stored is None and address.serial:
        raise unissued(store, address, base_url)
    if stored is None:
        raise UnknownPassport(
            Message("no passport at this address"), hint=Message("Compare the address with the plate.")
        )
    # The model's own public credential, so that nothing restricted can become a link or a title.
    claims = stored.document["credentialSubject"]
    name = " ".join(
        value for key in ("manufacturerName", "batteryModelIdentifier") if isinstance(value := claims.get(key), str)
    )
    levels = [
        linksets.level(
            model, _page(model), f"Battery model {name}".rstrip(), linksets.documents_of(claims, here.vocabulary)
        )
    ]
    batch = batch_of(store, pack.subject) if pack is not None else None
    if address.is_batch:
        batch = address.iri(base_url)
    if batch is not None:
        stored = store.current(batch, BATCH)
        if stored is None and pack is None:
            raise UnknownPassport(
                Message("no passport at this address"), hint=Message("Compare the address with the plate.")
            )
        documents = linksets.documents_of(stored.document["credentialSubject"] if stored else {}, here.vocabulary)
        described = f"Battery {name}, batch {parse_iri(batch, base_url).batch}".replace(" ,", ",")
        levels.insert(0, linksets.level(batch, _page(batch), described, documents))
    if pack is not None:
        described = f"Battery {name}, serial number {pack.serial}".replace(" ,", ",")
        page = _page(pack.subject)
        events = linksets.events_of(page, f"{base_url}/events")
        asking = linksets.asking_of(pack.subject, here.config.ask_url)
        lives = linksets.lives_of(predecessors(store, pack.subject), successors(store, pack.subject))
        levels.insert(0, linksets.level(pack.subject, page, described, (*events, *lives, *asking)))
    return tuple(levels)


def _refuse_those_without_a_role(pack: str) -> None:
    """Of a recycled pack, only a reader whose role opens its passport is led on. Any other request needs no token here.

    :raises PassportCeased: the request has no token; :raises ScopeExceeded: the role does not open this passport.
    """
    who = reader()
    if who is None:
        refuse_ceased(services().store, pack)
    elif not opens(who, pack, coarser):
        raise ScopeExceeded(Message("your role does not open this passport"))


def _wants_the_passport(accept: str | None) -> bool:
    """True where a reader asks for the passport in a form of it, and not for where the address leads."""
    wanted = request.args.get("format")
    return any(form.name == wanted for form in FORMS) if wanted is not None else names_a_form(accept)


def _is_issued(address: PassportAddress) -> bool:
    """False for a pack that only its model is known of; a plate's code without a pack was refused before."""
    here = services()
    return not address.serial or address.is_alias or here.store.pack(address.iri(here.config.base_url)) is not None


def _page(subject: str) -> str:
    base_url = services().config.base_url
    return base_url + PREFIX + parse_iri(subject, base_url).path


def _path() -> str:
    """The canonical path of the address in the request; refuses what is none."""
    return parse_path(request.path, decoded=True).path


def _wants_linkset(accept: str | None) -> bool:
    named = accept is not None and "linkset+json" in accept.lower()
    return named and media_weight(linksets.MEDIA_TYPE, accept) > media_weight("text/html", accept) - 0.001


def _linkset(levels: tuple[Level, ...]) -> Response:
    response = public(strict_json.dumps(linksets.linkset(levels)), linksets.MEDIA_TYPE, vary=VARY)
    context = f"{services().config.base_url}{_CONTEXT}"
    response.headers["Link"] = (
        f'{_to_linkset(levels[0].anchor)}, <{context}>; rel="{linksets.CONTEXT_RELATION}"; type="application/ld+json"'
    )
    return response


def _to_linkset(anchor: str) -> str:
    return f'<{anchor}?linkType=linkset>; rel="linkset"; type="{linksets.MEDIA_TYPE}"'


def _bare(status: int) -> Response:
    """An answer without content, which has no type either."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def _redirect(link: linksets.Link) -> Response:
    response = _bare(307)
    location, query = link.href, _passed_on(link) if link.pass_query else ""
    if query:
        location += ("&" if "?" in location else "?") + query
    response.headers["Location"] = location
    return response


def _choice(level: Level, fitting: tuple[linksets.Link, ...], relation: str) -> Response:
    """300: the links that fit equally, as a page or as a linkset with only these."""
    if prefers_html(request.headers.get("Accept")):
        language = choose_language(
            request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
        )
        html = render_template(
            "choices.html", words=Words(language), language=language, links=fitting, name=level.description
        )
        response = Response(html, 300, mimetype="text/html")
        response.headers["Content-Language"] = language
        return response
    only = Level(level.anchor, level.description, {relation: fitting})
    return Response(strict_json.dumps(linksets.linkset([only])), 300, content_type=linksets.MEDIA_TYPE)


def _passed_on(link: linksets.Link) -> str:
    """The query without what was meant for us and what the link itself says, as it came: still percent-encoded, so it
    cannot break a header."""
    query = request.query_string.decode("ascii", "ignore")
    if not query.isprintable():
        return ""
    names = {*_OURS, *_names(urlsplit(link.href).query)}
    return "&".join(part for part in query.split("&") if part and not names.intersection(_names(part)))


def _names(query: str) -> list[str]:
    return [unquote_plus(part.split("=")[0]) for part in query.split("&")]
