"""A page for each term of ours, in Chinese and English, as HTML, Turtle or JSON-LD; and a list of all indicators.

The IRIs are ``https://w3id.org/battery-passport/{ns,meta,codes,units,sources}#{term}``; here each term is at
``/{space}/{term}``, and each namespace without a term is the ontology itself, which defines them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from passport.battery.identifiers.address import parse_iri
from passport.texts import Message, say
from passport.vocabulary import term_description
from passport.vocabulary.vocabulary import Audience, Indicator
from resolver.addresses import PREFIX
from resolver.forms.negotiation import HTML, JSONLD, TURTLE, choose_form, choose_language
from resolver.page.indicators import value_cells
from resolver.page.wording import Words
from resolver.tombstone import has_ceased
from resolver.views import public, services
from resolver.views.documents import ontology

blueprint = Blueprint("terms", __name__)
FORMS = (HTML, TURTLE, JSONLD)
VARY = "Accept, Accept-Language"
_DAY = 24 * 3600
#: Packs in which an example is looked for.
_EXAMPLES = 5
_TEXTS = {
    "terms": Message("Terms"),
    "terms-text": Message(
        "Every data point of the battery passport and of the Chinese digital ID, by dimension and category."
    ),
    "also": Message("Also as"),
    "iri": Message("IRI"),
    "all": Message("All terms"),
    "value": Message("Its value"),
    "law": Message("Under both laws"),
    "reading": Message("Where it is, and who may read it"),
    "elsewhere": Message("In other vocabularies and files"),
    "more": Message("More", context="facts of a term"),
    "example": Message("Example"),
    "example-of": Message("as signed in"),
    "example-none": Message("No passport of this site holds a value that everybody may read."),
    "history": Message("History"),
    "history-now": Message("In the vocabulary, version"),
    "history-former": Message("Called before"),
    "history-rule": Message("The meaning of an issued term never changes: what differs gets a term of its own."),
    "find-term": Message("Find a term"),
    "find-button": Message("Show"),
    "none": Message("No term fits."),
}


@blueprint.get("/terms")
def index() -> Response:
    """All indicators, by dimension and category; with ``?q=`` those in whose names or meaning the words are."""
    language = _language()
    vocabulary = services().vocabulary
    wanted = request.args.get("q", "")[:100].casefold().split()
    groups: dict[str, list[Any]] = {}
    for indicator in vocabulary.indicators.values():
        if wanted and not _says(indicator, wanted):
            continue
        heading = f"{say(indicator.dimension.label, language)} · {say(indicator.category.label, language)}"
        groups.setdefault(heading, []).append(indicator)
    return _page("terms.html", language, groups=groups, typed=request.args.get("q", "")[:100])


def _says(indicator: Indicator, wanted: Sequence[str]) -> bool:
    """Whether each word is in a name of the indicator or in its meaning, in any language."""
    sides = [side.label for side in (indicator.eu, indicator.cn) if side]
    texts = [
        *indicator.label.values(),
        *indicator.definition.values(),
        *(text for each in sides for text in each.values()),
    ]
    whole = " ".join((indicator.id, *texts)).casefold()
    return all(word in whole for word in wanted)


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
        language = _language()
        indicator = services().vocabulary.indicators.get(name) if space == "ns" else None
        response = _page(
            "term.html", language, term=known, href=_href, groups=_grouped(known), indicator=indicator,
            example=_example(indicator, language) if indicator else None, version=term_description.version(),
        )  # fmt: skip
    response.headers["Link"] = f'<{known.iri}>; rel="about"'
    return response


def _grouped(known: term_description.Description) -> list[tuple[str, list[term_description.TermFact]]]:
    """The facts by what they belong to, in the order of the page."""
    groups = [(group, [fact for fact in known.facts if fact.group == group]) for group in term_description.GROUPS]
    return [(group, facts) for group, facts in groups if facts]


def _example(indicator: Indicator, language: str) -> tuple[Markup, str, str] | None:
    """A value as it was signed in a passport of this site: value, name of the battery, its page. Public values only."""
    here = services()
    if Audience.PUBLIC not in indicator.audiences:
        return None
    for pack in here.store.find_packs(models=None, category=None, named=None, after="", limit=_EXAMPLES):
        if has_ceased(here.store, pack.subject):
            continue
        claims = here.presenter.present(pack.subject, Audience.PUBLIC).claims
        if indicator.id in claims:
            cell = value_cells.render(indicator, claims[indicator.id], Words(language))
            name = str(claims.get("batteryModelIdentifier") or pack.serial)
            path = parse_iri(pack.subject, here.config.base_url).path
            return cell.html + (cell.extra or ""), name, f"{here.config.root}{PREFIX}{path}"
    return None


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
