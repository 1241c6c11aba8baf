"""The interface for programs as a page for people, at ``/docs/api``: rendered here, without a script."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from passport.texts import Message
from resolver.forms import openapi
from resolver.forms.negotiation import choose_language
from resolver.forms.openapi_page import api_page
from resolver.page.wording import Words
from resolver.views import public, services

blueprint = Blueprint("api", __name__)
_TEXTS = {
    "title": Message("What programs can ask here"),
    "server": Message("Address"),
    "version": Message("Version of the software"),
    "role": Message("Restricted data"),
    "contents": Message("All requests"),
    "parameters": Message("Parameters"),
    "parameter": Message("Parameter"),
    "value": Message("Value"),
    "required": Message("required"),
    "optional": Message("optional"),
    "body": Message("The body is JSON:"),
    "answers": Message("Answers"),
    "answer": Message("Status"),
    "what": Message("Content"),
    "schemas": Message("Objects"),
    "members": Message("Members"),
    "member": Message("Member"),
    "open": Message("Further members are possible."),
}


@blueprint.get("/docs/api")
def api() -> Response:
    """The requests of ``/openapi.json``, in the language asked for."""
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    html = render_template(
        "api.html", words=words, language=language, t={key: words.say(text) for key, text in _TEXTS.items()},
        page=api_page(openapi.document(here.config.base_url)),
    )  # fmt: skip
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", max_age=3600, vary="Accept-Language")
    response.headers["Content-Language"] = language
    return response
