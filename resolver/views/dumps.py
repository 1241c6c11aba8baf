"""``/dumps``: the public data of all packs as files, and what they are (DCAT)."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from passport.linked_data import strict_json, turtle_writer
from resolver.forms import public_dumps
from resolver.forms.negotiation import JSONLD, TURTLE, choose_form
from resolver.views import MAX_AGE, public, services

blueprint = Blueprint("dumps", __name__)
blueprint.record_once(lambda state: state.app.extensions.setdefault("resolver-dumps", public_dumps.Turns()))


@blueprint.get("/dumps")
def description() -> Response:
    """The description of the dumps, in Turtle or JSON-LD."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), (TURTLE, JSONLD))
    here = services()
    quads = public_dumps.description(here.config.base_url)
    if form is JSONLD:
        return public(strict_json.dumps(public_dumps.expanded(quads)), form.media_type, vary="Accept")
    body = turtle_writer.serialize(quads, public_dumps.PREFIXES).encode("utf-8")
    return public(body, f"{form.media_type}; charset=utf-8", vary="Accept")


@blueprint.get("/dumps/<name>")
def file(name: str) -> Response:
    """One dump, streamed. It is made from public credentials alone, for every reader."""
    if name not in public_dumps.FILES:
        raise NotFound
    here = services()
    media_type = public_dumps.FILES[name]
    content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    response = Response(iter(()), content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if "Authorization" not in request.headers:
        # Weak: of one version of the store, but pages may be read while it changes.
        tag = public_dumps.tag(name, here.store)
        response.set_etag(tag, weak=True)
        if request.if_none_match.contains_weak(tag):
            response.status_code = 304
    if request.method == "GET" and response.status_code == 200:
        chunks = (
            public_dumps.as_csv(here.store, here.vocabulary)
            if name.endswith(".csv")
            else public_dumps.as_nquads(here.store)
        )
        # From our own server (:mod:`passport.web.server`); others close what they send when its reader has left.
        gone = request.environ.get("asgi.scope", {}).get("passport.gone", lambda: False)
        dump = current_app.extensions["resolver-dumps"].take(chunks, gone)
        if dump is None:
            raise ServiceUnavailable(retry_after=public_dumps.COME_BACK)
        response.response = dump
    return response
