"""The one search for people, and the page that scans a code with the camera where the browser can.

GET  /look?q=…     leads to the passport that is meant, or lists what fits, or says what to compare
GET  /scan         the same with a camera; the only page with a script, which does nothing but read the code
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, render_template, request

from passport.battery.identifiers.address import parse_iri
from passport.texts import Message
from resolver.addresses import PREFIX
from resolver.forms.negotiation import choose_language
from resolver.looking_up import LookUp, look_up
from resolver.page.wording import Words
from resolver.views import public, services
from resolver.views.passports import redirect, subject_at
from resolver.views.search import index

blueprint = Blueprint("look", __name__)
VARY = "Accept-Language"
_HTML = "text/html; charset=utf-8"
_SCRIPT = (Path(__file__).resolve().parent.parent / "static" / "scan.js").read_text(encoding="utf-8")
#: Of the one page that may use the camera and runs one script of ours.
_SCANNING = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}
_TEXTS = {
    "models": Message("Models that fit"),
    "more": Message("There are more: search by maker, model and category"),
    "by-field": Message("Search by maker, model and category"),
    "scan": Message("Scan the code"),
    "scan-text": Message("The camera reads the code here, in the browser; no picture leaves your device."),
    "scan-start": Message("Start the camera"),
    "scan-none": Message(
        "This browser cannot read codes itself. The camera app of a phone can: the code holds the address of the "
        "passport."
    ),
    "scan-refused": Message("The camera cannot be used here. Allow it, or type the code."),
    "scan-looking": Message("Hold the code in front of the camera."),
}


@blueprint.get("/look")
def look() -> Response:
    """307 to the passport that is meant; else the page with what fits.

    :raises UnissuedPack: no passport is issued for the code or address.
    """
    typed = request.args.get("q", "")
    here = services()
    result = look_up(here.store, index(), here.config.base_url, typed)
    if result.address is not None:
        response = redirect(subject_at(result.address))
        response.headers["Location"] = response.headers["Location"].split("?", 1)[0]
        if request.args.get("lang") in here.config.languages:
            response.headers["Location"] += f"?lang={request.args['lang']}"
        return response
    return _page("look.html", result=result, typed=typed[:300], items=_items(result))


@blueprint.get("/scan")
def scan() -> Response:
    """The page with the camera; without a script it says how else to scan."""
    response = _page("scan.html")
    for name, value in _SCANNING.items():
        response.headers[name] = value
    return response


@blueprint.get("/static/scan.js")
def script() -> Response:
    """What reads a code with ``BarcodeDetector``."""
    return public(_SCRIPT.encode("utf-8"), "text/javascript; charset=utf-8", max_age=7 * 24 * 3600)


def _path(subject: str) -> str:
    """Where the page of a passport is on this site."""
    config = services().config
    return config.root + PREFIX + parse_iri(subject, config.base_url).path


def _items(result: LookUp) -> list[dict[str, str | None]]:
    return [
        {
            "path": _path(pack.subject),
            "model": model.identifier, "maker": model.maker, "code": pack.code or pack.serial,
            "category": pack.category,
        }
        for pack, model in result.items
    ]  # fmt: skip


def _page(template: str, **values: object) -> Response:
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    texts = {key: words.say(message) for key, message in _TEXTS.items()}
    models = getattr(values.get("result"), "models", ())
    html = render_template(
        template, words=words, language=language, t=texts,
        categories=here.vocabulary.enumerations["batteryCategory"],
        models=[
            (_path(model.subject), model.identifier, model.maker)
            for model in models
        ],
        **values,
    )  # fmt: skip
    response = public(html.encode("utf-8"), _HTML, vary=VARY)
    response.headers["Content-Language"] = language
    return response
