"""The front door: what this is, and finding a passport by what stands on a battery."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from passport.battery.address import parse_iri
from passport.battery.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier, UnknownPassport
from resolver.negotiation import choose_language
from resolver.page.wording import Words
from resolver.views import public, services
from resolver.views.passports import redirect

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    here = services()
    language = choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages
    )
    html = render_template("home.html", words=Words(language), language=language)
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", vary="Accept-Language")
    response.headers["Content-Language"] = language
    return response


@blueprint.get("/find")
def find() -> Response:
    """307 to the passport of a code as printed on the plate, or of an address of ours.

    :raises MalformedIdentifier: it is neither; the message names the position that is wrong.
    """
    response = redirect(subject_of(request.args.get("code", "").strip()[:300]))
    response.headers["Location"] = response.headers["Location"].split("?", 1)[0]
    return response


def subject_of(text: str) -> str:
    """The pack that a code on a plate or an address of ours means.

    :raises MalformedIdentifier: it is neither.
    :raises UnknownPassport: there is none.
    """
    base_url, store = services().config.base_url, services().store
    if text.startswith(base_url + "/"):
        pack = store.pack(parse_iri(text, base_url).iri(base_url))
    elif not text:
        raise MalformedIdentifier("nothing to look for", expected="the code on the plate, or a passport's address")
    else:
        pack = store.pack_of_code(str(TractionBatteryCode.parse(text, lenient=True)))
    if pack is None:
        raise UnknownPassport("no passport with this code", hint="Compare the code with the plate.")
    return pack.subject
