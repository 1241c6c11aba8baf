"""Documents that programs read: credentials, status lists, vocabulary, context, shapes, the issuer's DID document."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from passport.errors import UnknownPassport, UnusableProject
from passport.linked_data import graphs, resources, strict_json
from passport.publishing import footprint_declaration
from passport.texts import Message
from passport.vocabulary import label_files
from passport.vocabulary.credential_types import BATCH, DECLARATION_TYPE, MODEL, PASSPORT
from resolver import problems
from resolver.access.authorised_reader import opens
from resolver.config import current_document
from resolver.forms.negotiation import Form, choose_form
from resolver.tombstone import refuse_ceased
from resolver.views import coarser, log_access, public, reader, right_of, services

blueprint = Blueprint("documents", __name__)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}\Z")
_TURTLE = Form("turtle", "text/turtle", ("text/plain",))
_ONTOLOGY_JSON = Form("jsonld", "application/ld+json", ("application/json",))
_WEEK = 7 * 24 * 3600


@blueprint.get("/credentials/<uuid>")
def credential(uuid: str) -> Response:
    """One signed credential: a public one byte for byte, a restricted one as this reader may see it.

    What this reader may not know to exist is 404, like what does not exist.
    """
    who = reader()
    name = f"{services().config.base_url}/credentials/{uuid}"
    stored = services().store.credential(name) if _UUID.match(uuid) else None
    if stored is None:
        listed = services().store.identity_change(name) if _UUID.match(uuid) else None
        if listed is not None and listed.body is not None:
            return public(listed.body, "application/vc", vary="Authorization")
        raise UnknownPassport(Message("no such credential"))
    if stored.type in (MODEL, BATCH, PASSPORT, DECLARATION_TYPE):
        if who is None:
            refuse_ceased(services().store, stored.subject)
        return public(stored.body, "application/vc", vary="Authorization")
    allowed = who is not None and opens(who, stored.subject, coarser)
    view = services().presenter.present(stored.subject, right_of(who)) if allowed else None
    shown = tuple(document for document in (view.credentials if view else ()) if document["id"] == stored.id)
    if who is None or view is None or not shown:
        raise UnknownPassport(Message("no such credential"))
    log_access(who, stored.subject, replace(view, credentials=shown))  # what goes out, not the passport around it
    return public(strict_json.dumps(shown[0]), "application/vc", vary="Authorization")


@blueprint.get("/credentials/<uuid>/countersignature")
def countersignature(uuid: str) -> Response:
    """The third party's credential about a footprint declaration, as it was signed."""
    store = services().store
    stored = store.credential(f"{services().config.base_url}/credentials/{uuid}") if _UUID.match(uuid) else None
    countersigned = footprint_declaration.published(store, stored.subject) if stored is not None else None
    if (
        stored is None
        or countersigned is None
        or countersigned.countersignature is None
        or countersigned.declaration["id"] != stored.id
    ):
        raise UnknownPassport(Message("no such credential"))
    return public(strict_json.dumps(countersigned.countersignature), "application/vc")


@blueprint.get("/status/<number>")
def status_list(number: str) -> Response:
    """A signed Bitstring Status List credential, the newest of that number."""
    document = services().store.status_list(int(number)) if _NUMBER.match(number) else None
    if document is None:
        raise UnknownPassport(Message("no such status list"))
    return public(strict_json.dumps(document), "application/vc")


@blueprint.get("/ns")
def ontology() -> Response:
    """The vocabulary that ``https://w3id.org/battery-passport/ns#`` leads to."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), (_TURTLE, _ONTOLOGY_JSON))
    if form is _ONTOLOGY_JSON:
        return public(_ontology_as_json(), form.media_type, max_age=3600, vary="Accept")
    body = resources.read_bytes("ontology/battery.ttl") + label_files.turtle().encode()
    return public(body, f"{form.media_type}; charset=utf-8", max_age=3600, vary="Accept")


@cache
def _ontology_as_json() -> bytes:
    return graphs.turtle_as_jsonld(resources.read_text("ontology/battery.ttl") + label_files.turtle())


@blueprint.get("/contexts/battery/v1")
def context() -> Response:
    """The JSON-LD context of our credentials. Consumers pin it and need not fetch it."""
    return public(resources.read_bytes("contexts/battery-v1.jsonld"), "application/ld+json", max_age=_WEEK)


@blueprint.get("/shapes/<name>")
def shapes(name: str) -> Response:
    """One SHACL file. Only names of files that are there are looked for, so no path can lead elsewhere."""
    files = {entry.name: entry for entry in resources.path("shapes").iterdir() if entry.suffix == ".ttl"}
    if name not in files:
        raise NotFound
    return public(files[name].read_bytes(), "text/turtle; charset=utf-8", max_age=3600)


@blueprint.get("/.well-known/did.json")
@blueprint.get("/did.json")
def did_document() -> Response:
    """The operator's did:web document, where this is its place, as its file says now."""
    try:
        document = current_document(services().config)
    except UnusableProject as error:
        # An older document may hold a key that was revoked since.
        problems.logger.error("did.json cannot be served: %s", error.code)
        raise ServiceUnavailable from error
    if document is None:
        raise NotFound
    return public(strict_json.dumps(document), "application/did+json", max_age=300)


@blueprint.get("/static/passport.css")
def style_sheet() -> Response:
    """The style sheet of every page; its address changes with its content."""
    return _style("passport")


@blueprint.get("/static/site.css")
def site_style_sheet() -> Response:
    """What pages with forms, and the verifier, need besides."""
    return _style("site")


@blueprint.get("/static/life.css")
def life_style_sheet() -> Response:
    """What the life line needs besides."""
    return _style("life")


@blueprint.get("/static/desk.css")
def desk_style_sheet() -> Response:
    """What the supervision desk needs besides."""
    return _style("desk")


def _style(name: str) -> Response:
    return public(services().style_sheets[name].encode("utf-8"), "text/css; charset=utf-8", max_age=_WEEK)


@blueprint.get("/healthz")
def health() -> Response:
    """200 while the store answers; says nothing else."""
    services().store.status_list(1)
    response = Response("ok\n", content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
