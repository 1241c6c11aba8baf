"""``/dumps``: the public data of all packs as files, and what they are (DCAT)."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from passport.linked_data import strict_json, turtle
from resolver import dumps
from resolver.negotiation import JSONLD, TURTLE, choose_form
from resolver.views import public, services

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dumps")
def description() -> Response:
    """The description of the dumps, in Turtle or JSON-LD."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), (TURTLE, JSONLD))
    here = services()
    quads = dumps.description(here.config.base_url)
    if form is JSONLD:
        return public(strict_json.dumps(dumps.expanded(quads)), form.media_type, vary="Accept")
    body = turtle.serialize(quads, dumps.PREFIXES).encode("utf-8")
    return public(body, f"{form.media_type}; charset=utf-8", vary="Accept")


@blueprint.get("/dumps/<name>")
def file(name: str) -> Response:
    """One dump, streamed. It is made from public credentials alone, whoever asks."""
    if name not in dumps.FILES:
        raise NotFound
    here = services()
    lines = dumps.as_csv(here.store, here.vocabulary) if name.endswith(".csv") else dumps.as_nquads(here.store)
    media_type = dumps.FILES[name]
    response = Response(lines, content_type=f"{media_type}; charset=utf-8" if "text" in media_type else media_type)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
