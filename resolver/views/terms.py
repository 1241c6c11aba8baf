"""A page for each term of ours, in Chinese and English, as HTML, Turtle or JSON-LD; and a list of all indicators.

The IRIs are ``https://w3id.org/battery-passport/{ns,meta,codes,units,sources}#{term}``; here each term is at
``/{space}/{term}``, and each namespace without a term is the ontology itself, which defines them all.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from passport.texts import Message, say
from passport.vocabulary import term_description
from resolver.forms.negotiation import HTML, JSONLD, TURTLE, choose_form, choose_language
from resolver.page.wording import Words
from resolver.views import public, services
from resolver.views.documents import ontology

blueprint = Blueprint("terms", __name__)
FORMS = (HTML, TURTLE, JSONLD)
VARY = "Accept, Accept-Language"
_DAY = 24 * 3600
_TEXTS = {
    "terms": Message("Terms"),
    "terms-text": Message(
        "Every data point of the battery passport and of the Chinese digital ID, by dimension and category."
    ),
    "also": Message("Also as"),
    "iri": Message("IRI"),
    "all": Message("All terms"),
}


@blueprint.get("/terms")
def index() -> Response:
    """All indicators, by dimension and category."""
    language = _language()
    vocabulary = services().vocabulary
    groups: dict[str, list[Any]] = {}
    for indicator in vocabulary.indicators.values():
        heading = f"{say(indicator.dimension.label, language)} · {say(indicator.category.label, language)}"
        groups.setdefault(heading, []).append(indicator)
    return _page("terms.html", language, groups=groups)


@blueprint.get("/<any(meta,codes,units,sources):space>")
def namespace(space: str) -> Response:
    """The ontology, which defines the terms of this namespace too."""
    return ontology()


@blueprint.get("/<any(ns,meta,codes,units,sources):space>/<name>")
def term(space: str, name: str) -> Response:
    """One term.

    :raises NotFound: there is no such term.
    """
    known = term_description.describe(space, name) if len(name) <= 120 else None
    if known is None:
        raise NotFound
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    if form is TURTLE:
        response = public(known.turtle(), "text/turtle; charset=utf-8", max_age=_DAY, vary=VARY)
    elif form is JSONLD:
        response = public(known.jsonld(), "application/ld+json", max_age=_DAY, vary=VARY)
    else:
        response = _page("term.html", _language(), term=known, href=_href)
    response.headers["Link"] = f'<{known.iri}>; rel="about"'
    return response


def _href(value: term_description.TermValue) -> str | None:
    """Where a value leads: to a page here, to another's on the web, or nowhere."""
    if value.space is not None and value.name is not None:
        return f"{services().config.root}/{value.space}/{quote(value.name, safe='')}"
    if value.iri is not None and value.iri.startswith(("https://", "http://")):
        return value.iri
    return None


def _language() -> str:
    return choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
    )


def _page(template: str, language: str, **values: object) -> Response:
    words = Words(language)
    texts = {key: words.say(message) for key, message in _TEXTS.items()}
    html = render_template(template, words=words, language=language, t=texts, **values)
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", max_age=3600, vary=VARY)
    response.headers["Content-Language"] = language
    return response
