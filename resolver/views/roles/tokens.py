"""Access tokens: a challenge, then a token for a role credential presented by its holder.

    GET  /token    -> {"challenge", "domain", "expires_in"}        (POST /challenge says the same)
    POST /token    {"presentation": {…signed over challenge and domain…}}
                   -> {"access_token", "token_type": "Bearer", "expires_in", "audience"}

    POST /revoke   token=…                                         (RFC 7009) -> 200, and the token counts no more

As a form it is an OAuth request (RFC 6749): ``grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`` with the
presentation as ``assertion`` (RFC 7523: a ``vp+jwt``; the signed JSON is taken too), or ``grant_type=vp_token`` with
``vp_token`` in any form of OpenID4VP (``{"query": ["eyJ…"]}``, an array of one, the presentation itself). Where a role
names several audiences, ``audience`` chooses one of them; it adds none.

The token goes into ``Authorization: Bearer`` of the same requests that the public makes. Its bearer may revoke it. A
reader in a browser does so by leaving the restricted page, and is redirected to the public page.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from passport.battery.identifiers.address import parse_iri
from passport.credentials import credential as vcdm
from passport.credentials.envelopes.enveloping import VP_JWT
from passport.credentials.unwrapping import of_vp_token
from passport.errors import MalformedDocument, SeveralDocuments
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from resolver.access.authorised_reader import Grant, InvalidGrant
from resolver.access.challenges import CHALLENGE_LIFETIME
from resolver.forms.negotiation import prefers_html
from resolver.views import services
from resolver.views.passports import redirect

blueprint = Blueprint("tokens", __name__)
#: The field that holds the presentation, by grant type.
GRANTS = {"urn:ietf:params:oauth:grant-type:jwt-bearer": "assertion", "vp_token": "vp_token"}


class UnsupportedGrant(InvalidGrant):
    """A ``grant_type`` that is not offered here."""

    code = "unsupported-grant-type"


class InvalidRequest(InvalidGrant):
    """An OAuth request that lacks a parameter, or has one twice."""

    code = "invalid-request"


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
    return token_answer(grant)


def token_answer(grant: Grant) -> Response:
    """A token as OAuth hands it out. (RFC 6749, section 5.1)"""
    return _answer(
        {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": grant.expires_in,
            "audience": grant.reader.audience.value,
        }
    )


@blueprint.post("/revoke")
def revoke() -> Response:
    """End a token. Whether it counted until now is not said. (RFC 7009 section 2.2)"""
    tokens = request.form.getlist("token")
    if len(tokens) != 1 or not tokens[0].strip():
        raise InvalidRequest(Message("form of a revocation request"), expected=Message("one token"))
    here = services()
    here.access.revoke(tokens[0].strip(), here.now())
    subject = request.form.get("passport", "").strip()[:300]
    if not subject or not prefers_html(request.headers.get("Accept")):
        return unkept(Response(content_type="text/plain; charset=utf-8"))
    # 303: what follows is a GET. The address is read and written anew, so it cannot lead away from here.
    response = redirect(parse_iri(subject, here.config.base_url).iri(here.config.base_url))
    response.status_code = 303
    return unkept(response)


def _presented() -> tuple[object, str | None]:
    """The presentation and, where one was chosen, the audience: from JSON, or from the fields of an OAuth request."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return _of_form(request.form), request.form.get("audience")
    if request.mimetype != "application/json":
        raise MalformedDocument(
            Message("body of a token request"),
            expected=Message("application/json, or a form"),
            found=repr(request.mimetype[:80]),
        )
    body = strict_json.loads(request.get_data(cache=False))
    names = [name for name in ("presentation", "vp_token") if name in body] if isinstance(body, dict) else []
    if len(names) != 1:
        raise MalformedDocument(
            Message("body of a token request"), expected=Message('{"presentation": {…}} or {"vp_token": {…}}')
        )
    audience = body.get("audience")
    if audience is not None and not isinstance(audience, str):
        raise MalformedDocument(Message("audience of a token request"), expected=Message("one code"))
    return only_presentation(body[names[0]]), audience


def _of_form(form: MultiDict[str, str]) -> object:
    grant_type = form.get("grant_type", "")
    if grant_type not in GRANTS:
        raise UnsupportedGrant(Message("grant_type"), expected=" or ".join(GRANTS), found=repr(grant_type[:80]))
    field = GRANTS[grant_type]
    values = form.getlist(field)
    if len(values) != 1 or not values[0].strip():
        # RFC 6749 section 3.2: no parameter more than once.
        raise InvalidRequest(
            Message("form of a token request"),
            expected=Message("grant_type={grant_type} and one {name}", grant_type=grant_type, name=field),
        )
    text = values[0].strip()
    return only_presentation(strict_json.loads(text) if text.startswith(("{", "[", '"')) else text)


def only_presentation(value: object) -> object:
    """The one presentation in what was handed in: the JSON of a signed one, or the text of a ``vp+jwt``.

    :raises InvalidRequest: none, or more than one. Nobody here chooses among them.
    """
    try:
        value = of_vp_token(value)
    except SeveralDocuments as error:
        raise InvalidRequest(str(error), hint=error.hint) from None
    if isinstance(value, list):
        if len(value) != 1:
            raise InvalidRequest(Message("vp_token"), expected=Message("one presentation"), found=str(len(value)))
        value = value[0]
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = strict_json.loads(value)
    if vcdm.is_enveloped_presentation(value):
        media_type, content = vcdm.check_enveloped(value)
        return content if media_type == VP_JWT else value
    return value


def _answer(document: JsonObject) -> Response:
    return unkept(Response(strict_json.dumps(document), content_type="application/json"))


def unkept(response: Response) -> Response:
    """The answer, not to be kept by any cache."""
    # RFC 6749 section 5.1: what carries a token or leads to one is never stored.
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Pragma"] = "no-cache"
    return response
