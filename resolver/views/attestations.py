"""Who attested which value of a passport: a page for people, JSON, and the passport with its attestations, signed.

    GET /attestations/{path of a pack}      page, JSON; application/vp is the passport with its attestations
    POST                                    the page, for a reader in a browser whose form has the token

A reader gets the attestations of the indicators that its role may read; without a token those of public ones. The page
verifies what it shows with this site's trust list, and says for each value by whom it was attested, until when, and
whether the attestation still fits.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from passport.attestation.attested_standing import attested
from passport.battery.identifiers.address import parse_path
from passport.belonging import passport_verifier
from passport.linked_data import strict_json
from passport.presenting.attestations import with_attestations
from passport.texts import Message
from resolver.access.authorised_reader import AuthorisedReader
from resolver.addresses import PREFIX
from resolver.forms.negotiation import HTML, JSON, JSONLD, VP, choose_form, choose_language
from resolver.page.attested_rows import attested_rows
from resolver.page.wording import Words
from resolver.tombstone import refuse_ceased
from resolver.views import public, reader, right_of, services
from resolver.views.passports import holder_of_form, subject_at, view_of

blueprint = Blueprint("attestations", __name__)
FORMS = (HTML, JSON, VP, JSONLD)
VARY = "Accept, Accept-Language, Authorization"
PLACE = "/attestations"
_TEXTS = {
    "about": Message(
        "Third parties state that they examined the values below. This site verified their signatures and compared "
        "each with the value in the passport."
    ),
    "none": Message("No third party attested a value of this passport here."),
    "back": Message("The passport"),
    "signed": Message("Passport and attestations, signed"),
}


@blueprint.get(f"{PLACE}/<path:rest>")
def attestations(rest: str) -> Response:
    """The attestations of one passport, as this reader may see them."""
    return _answer(reader())


@blueprint.post(f"{PLACE}/<path:rest>")
def attestations_to_holder(rest: str) -> Response:
    """The same for a reader in a browser, whose form posts the token (RFC 6750 section 2.2)."""
    return _answer(*holder_of_form())


def _answer(who: AuthorisedReader | None, token: str | None = None) -> Response:
    """:param token: the reader's access token, where it came in a form and the page must hand it on."""
    here, at = services(), services().now()
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    path = request.path.removeprefix(PLACE)
    subject = subject_at(parse_path(path, decoded=True))
    if who is None:
        refuse_ceased(here.store, subject)
    view = view_of(subject, who)
    options: Any = {"reader": right_of(who), "policy": here.config.access_policy}
    if form in (VP, JSONLD):
        file = with_attestations(here.store, view, here.vocabulary, at, **options)
        return public(strict_json.dumps(file), form.media_type, vary=VARY)
    trust = here.config.trust_list
    result = passport_verifier(trust).verify(
        with_attestations(here.store, view, here.vocabulary, at, ended=True, **options), at=at
    )  # fmt: skip
    values = attested(result, trust)
    if form is JSON:
        document = {"subject": subject, "attested": [each.to_json() for each in values]}
        return public(strict_json.dumps(document), "application/json", vary=VARY)
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    rows = attested_rows(values, trust, here.vocabulary, language)
    html = render_template(
        "attestations.html", words=words, language=language, rows=rows,
        t={key: words.say(message) for key, message in _TEXTS.items()},
        passport=here.config.root + PREFIX + path, is_public=who is None,
        token=token,
    )  # fmt: skip
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", vary=VARY)
    response.headers["Content-Language"] = language
    return response
