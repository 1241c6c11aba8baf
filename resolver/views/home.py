"""The home page: what this site is, and a form that finds a passport by the code on a battery."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from passport.battery.identifiers.address import PassportAddress, parse_iri
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.texts import Message
from resolver.forms.negotiation import choose_language
from resolver.looking_up import look_up
from resolver.page.wording import Words
from resolver.views import public, services
from resolver.views.passports import redirect, subject_at
from resolver.views.search import index

blueprint = Blueprint("home", __name__)
#: What the front door leads to besides: address, names and what they are, forms for programs.
_PAGES = (
    ("/search", Message("Search"), Message("by maker, model or category")),
    ("/issuers", Message("Issuers"), Message("whose signature this site accepts")),
    ("/terms", Message("Terms"), Message("what each data point means")),
)
_DIRECTORY = ("/directory", Message("Directory"), Message("enterprises, with their keys"))
_REGISTER = ("/register", Message("Register"), Message("passports of all makers that are registered here"))
_MORE = Message("More")
_FILES = (
    ("/docs/api", Message("What programs can ask here"), "HTML"),
    ("/openapi.json", Message("What can be asked"), "OpenAPI 3.1"),
    ("/dumps", Message("All public data"), "DCAT"),
    ("/sparql", Message("Ask the public data (SPARQL)"), "SPARQL 1.1"),
)


@blueprint.get("/")
def home() -> Response:
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    path = here.config.register_path
    pages = (
        *_PAGES,
        *([_DIRECTORY] if here.store.directory_head() else []),
        *([_REGISTER] if path is not None and path.exists() else []),
    )
    html = render_template(
        "home.html", words=words, language=language, more=words.say(_MORE),
        pages=[(path, words.say(name), words.say(about)) for path, name, about in pages],
        files=[(path, words.say(name), kind) for path, name, kind in _FILES],
    )  # fmt: skip
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
    """The pack that a code on a plate, a serial number or an address of ours means, however it is typed.

    :raises MalformedIdentifier: it is none of these.
    :raises UnissuedPack: no passport is issued for it.
    """
    base_url = services().config.base_url
    if not text:
        raise MalformedIdentifier(
            Message("nothing to look for"), expected=Message("the code on the plate, or a passport's address")
        )
    if text.startswith(base_url + "/"):
        return subject_at(parse_iri(text, base_url))
    meant = look_up(services().store, index(), base_url, text).address
    if meant is not None:
        return subject_at(meant)
    # It is none: the message names the position that is wrong.
    code = TractionBatteryCode.parse(text, lenient=True)
    return subject_at(PassportAddress("gbt34014", code.model_part, code.item_part))
