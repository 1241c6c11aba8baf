"""Who attested which value of a passport: a page for people, JSON, and the passport with its attestations, signed.

    GET /attestations/{path of a pack}      page, JSON; application/vp is the public passport with its attestations

What everybody may read, and nothing else. The page verifies what it shows with this site's trust list, and says for
each value by whom it was attested, until when, and whether the attestation still fits.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from passport.attestation.attested_standing import STANDING_TEXTS, attested
from passport.battery.identifiers.address import parse_path
from passport.belonging import passport_verifier
from passport.linked_data import strict_json
from passport.presenting.attestations import with_attestations
from passport.texts import Message, day
from passport.vocabulary.certification import LEVELS, schemes
from passport.vocabulary.vocabulary import Audience
from resolver.addresses import PREFIX
from resolver.forms.negotiation import HTML, JSON, JSONLD, VP, choose_form, choose_language
from resolver.page.wording import Words
from resolver.tombstone import refuse_ceased
from resolver.views import public, services
from resolver.views.passports import subject_at

blueprint = Blueprint("attestations", __name__)
FORMS = (HTML, JSON, VP, JSONLD)
VARY = "Accept, Accept-Language"
PLACE = "/attestations"
_TEXTS = {
    "title": Message("Who examined these values"),
    "about": Message(
        "Third parties state that they examined the values below. This site verified their signatures and compared "
        "each with the value in the passport."
    ),
    "none": Message("No third party attested a value of this passport here."),
    "value": Message("Value"),
    "standing": Message("Standing"),
    "by": Message("Attested by"),
    "until": Message("Until"),
    "how": Message("How"),
    "report": Message("Report"),
    "back": Message("The passport"),
    "signed": Message("Passport and attestations, signed"),
}


@blueprint.get(f"{PLACE}/<path:rest>")
def attestations(rest: str) -> Response:
    """The attestations of one passport."""
    here, at = services(), services().now()
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    path = request.path.removeprefix(PLACE)
    subject = subject_at(parse_path(path, decoded=True))
    refuse_ceased(here.store, subject)
    view = here.presenter.present(subject, Audience.PUBLIC)
    if form in (VP, JSONLD):
        file = with_attestations(here.store, view, here.vocabulary, at)
        return public(strict_json.dumps(file), form.media_type, vary=VARY)
    trust = here.config.trust_list
    result = passport_verifier(trust).verify(
        with_attestations(here.store, view, here.vocabulary, at, ended=True), at=at
    )  # fmt: skip
    values = attested(result, trust)
    if form is JSON:
        document = {"subject": subject, "attested": [each.to_json() for each in values]}
        return public(strict_json.dumps(document), "application/json", vary=VARY)
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    known = schemes()
    rows = [
        {
            "label": here.vocabulary.indicators[each.indicator].label,
            "standing": STANDING_TEXTS[each.standing],
            "fits": each.standing.value == "fits",
            "by": each.issuer if (issuer := trust.issuer(each.issuer)) is None else issuer.named(language),
            "until": each.until,
            "scheme": known[each.statement.scheme].label if each.statement.scheme in known else each.statement.scheme,
            "statement": each.statement,
        }
        for each in values
        if each.indicator in here.vocabulary.indicators
    ]
    html = render_template(
        "attestations.html", words=words, language=language, rows=rows, levels=here.vocabulary.enumerations[LEVELS],
        t={key: words.say(message) for key, message in _TEXTS.items()}, passport=here.config.root + PREFIX + path,
        day=lambda instant: day(instant, language),
    )  # fmt: skip
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", vary=VARY)
    response.headers["Content-Language"] = language
    return response
