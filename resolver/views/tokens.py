"""Seeing more than the public: a challenge, then a token for a role credential presented by its holder.

    GET  /token    -> {"challenge", "domain", "expires_in"}        (POST /challenge says the same)
    POST /token    {"presentation": {…signed over challenge and domain…}}
                   -> {"access_token", "token_type": "Bearer", "expires_in", "audience"}

The token goes into ``Authorization: Bearer`` of the same requests that the public makes. ``grant_type=vp_token`` with
``vp_token`` as form fields says the same, for clients that speak it.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from resolver.access import CHALLENGE_LIFETIME
from resolver.views import services

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/token")
@blueprint.post("/challenge")
def challenge() -> Response:
    """A single-use challenge, to be signed by the holder of a role credential."""
    here = services()
    return _answer(
        {
            "challenge": here.access.challenge(here.now()),
            "domain": here.config.base_url,
            "expires_in": int(CHALLENGE_LIFETIME.total_seconds()),
        }
    )


@blueprint.post("/token")
def token() -> Response:
    """An access token for the role that was presented."""
    presentation, audience = _presented()
    grant = services().access.grant(presentation, services().now(), audience=audience)
    return _answer(
        {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": grant.expires_in,
            "audience": grant.reader.audience.value,
        }
    )


def _presented() -> tuple[object, str | None]:
    """The presentation and, where one was chosen, the audience: from JSON, or from the form fields of ``vp_token``."""
    if request.mimetype == "application/x-www-form-urlencoded":
        if request.form.get("grant_type") != "vp_token" or "vp_token" not in request.form:
            raise MalformedDocument("form of a token request", expected="grant_type=vp_token and vp_token")
        return strict_json.loads(request.form["vp_token"]), request.form.get("audience")
    if request.mimetype != "application/json":
        raise MalformedDocument(
            "body of a token request", expected="application/json", found=repr(request.mimetype[:80])
        )
    body = strict_json.loads(request.get_data(cache=False))
    if not isinstance(body, dict) or "presentation" not in body:
        raise MalformedDocument("body of a token request", expected='{"presentation": {…}}')
    audience = body.get("audience")
    if audience is not None and not isinstance(audience, str):
        raise MalformedDocument("audience of a token request", expected="one code")
    return body["presentation"], audience


def _answer(document: dict) -> Response:
    response = Response(strict_json.dumps(document), content_type="application/json")
    # RFC 6749 section 5.1: what carries a token or leads to one is never stored.
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Pragma"] = "no-cache"
    return response
