"""Reading with a role from a wallet, by OpenID for Verifiable Presentations 1.0.

    GET  /wallet?passport=…             a link and a QR code for wallets, and the button that fetches the answer
    POST /wallet/open                   the restricted page, once the wallet has answered
    GET  /wallet/done?code=…            where a wallet on the same device leads its user: the same button
    GET  /wallet/requests/{challenge}   the signed request, for the wallet
    POST /wallet/responses/{challenge}  the wallet's answer: form field vp_token, or response where it is encrypted
                                        -> {} or {"redirect_uri"}
    GET  /wallet/did.json               DID document of the read face as a verifier

For programs that show the link themselves:

    POST /wallet/requests               -> {"request", "request_uri", "secret", "expires_in"}; ?client=uri is unsigned,
                                        ?answer=encrypted asks for an encrypted answer
    POST /wallet/token  {"secret": …} or {"code": …}
                                        -> as POST /token; "authorization_pending" while there is no answer (RFC 8628)

There is no cookie. The button posts the secret of the page; the answer to it is the restricted page, as with
``POST /present``. An answer is fetched once.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import NotFound

from passport.errors import MalformedDocument, PassportError, StoreFailure
from passport.identity.jwe import UnopenedMessage
from passport.linked_data import strict_json
from passport.presenting.wallet_requests import ENCRYPTED, MAX_PASSPORT, REQUEST_TYPE, AnswerWay
from passport.texts import Message, say
from resolver.access.authorised_reader import AuthorisedReader, Grant, InvalidGrant
from resolver.access.challenges import CHALLENGE_LIFETIME
from resolver.desk.sign_in import signed_in
from resolver.forms.negotiation import choose_language
from resolver.page import formatting as f
from resolver.page.heads.header import symbol
from resolver.page.wording import Words, refusal_texts
from resolver.views import public, services
from resolver.views.home import subject_of
from resolver.views.passports import answer, same_site_only
from resolver.views.roles.tokens import InvalidRequest, only_presentation, token_answer, unkept

blueprint = Blueprint("wallet", __name__)
_MAX_SECRET = 200


class NoAnswerYet(InvalidGrant):
    """No wallet has answered a request, or its answer was fetched already."""

    code = "authorization-pending"
    hint = "Ask again when the wallet has answered. A request is good for five minutes, an answer is fetched once."


# --- pages ------------------------------------------------------------------------------------------------------------


@blueprint.get("/wallet")
def wallet_page() -> Response:
    """Two requests, one for each way: this device, or another one that scans."""
    way = AnswerWay.of(request.args)
    return _page(way.passport or "", encrypted=way.encrypted)


@blueprint.get("/wallet/done")
def wallet_done() -> Response:
    """A wallet has led its user here. Nothing is opened before the button is pressed."""
    passport = request.args.get("passport", "").strip()[:MAX_PASSPORT]
    return _answered(passport, request.args.get("code", "")[:_MAX_SECRET])


@blueprint.post("/wallet/open")
def wallet_open() -> Response:
    """The restricted view for the answer of a wallet; the same page where there is no answer yet."""
    same_site_only()
    passport = request.form.get("passport", "").strip()[:MAX_PASSPORT]
    secret, code = (request.form.get(name, "")[:_MAX_SECRET] for name in ("secret", "code"))
    try:
        # First the passport, which a typing error must not cost an answer.
        subject = subject_of(passport) if passport else None
        grant = _grant(secret, code)
        g.reader = grant.reader
        if subject is None:
            return signed_in(grant)
        return answer(subject, grant.reader, grant.access_token)
    except StoreFailure:
        raise
    except PassportError as error:
        sentence = say(refusal_texts.of_error(error.code, error.message), _language())
        waiting = isinstance(error, NoAnswerYet)
        if code:
            return _answered(passport, code, answer=sentence, fault=error, waiting=waiting)
        encrypted = request.form.get("answer") == ENCRYPTED
        return _page(passport, answer=sentence, fault=error, secret=secret, waiting=waiting, encrypted=encrypted)


# --- for wallets ------------------------------------------------------------------------------------------------------


@blueprint.get("/wallet/did.json")
def did_document() -> Response:
    """The DID document of the read face; it signs requests to wallets and nothing else."""
    document = services().wallets.document()
    if document is None:
        raise NotFound
    return public(strict_json.dumps(document), "application/did+json", max_age=300)


@blueprint.get("/wallet/requests/<challenge>")
def request_object(challenge: str) -> Response:
    """The request that belongs to a challenge.

    :raises InvalidGrant: the challenge is not ours, or has expired.
    """
    here, way = services(), AnswerWay.of(request.args)
    expires = here.access.challenge_end(challenge, encrypted=way.encrypted)
    if expires <= here.now():
        raise InvalidGrant(Message("the challenge has expired"))
    token = here.wallets.request_object(challenge, way, here.now(), expires)
    return unkept(Response(token, content_type=f"application/{REQUEST_TYPE}"))


@blueprint.post("/wallet/responses/<challenge>")
def wallet_response(challenge: str) -> Response:
    """A wallet's answer to a request. (OpenID4VP 1.0, sections 8.2 and 8.3)

    :raises InvalidGrant: the presentation earns no role, or answers another request.
    """
    here, at, way = services(), services().now(), AnswerWay.of(request.args)
    expires = here.access.challenge_end(challenge, encrypted=way.encrypted)
    try:
        shown = here.wallets.answer(challenge, way, request.form.to_dict(flat=False))
    except (MalformedDocument, UnopenedMessage) as error:
        raise InvalidRequest(Message("the answer of the wallet is not accepted: {error}", error=error)) from error
    if shown is None:
        # The holder declined, or the wallet has no such credential. There is nothing to keep.
        return unkept(Response(b"{}", content_type="application/json"))
    presentation = only_presentation(shown)
    reader = here.access.admit(
        presentation, at, domain=here.wallets.client_id(challenge, way), answers=challenge, encrypted=way.encrypted
    )
    code = here.wallets.code() if way.same_device else here.wallets.secret_of(challenge)
    here.state.keep_wallet_answer(
        code, strict_json.dumps(reader.claims()).decode(), expires=expires + CHALLENGE_LIFETIME, at=at
    )
    body = {"redirect_uri": here.wallets.landing(code, way.passport)} if way.same_device else {}
    return unkept(Response(strict_json.dumps(body), content_type="application/json"))


# --- for programs -----------------------------------------------------------------------------------------------------


@blueprint.post("/wallet/requests")
def new_request() -> Response:
    """A request to show, and the secret that fetches its answer."""
    here, way = services(), AnswerWay.of(request.args)
    made = here.wallets.request(here.access.challenge(here.now(), encrypted=way.encrypted), way)
    document = {
        "request": made.link, **({} if made.request_uri is None else {"request_uri": made.request_uri}),
        "secret": made.secret, "expires_in": int(CHALLENGE_LIFETIME.total_seconds()),
    }  # fmt: skip
    return unkept(Response(strict_json.dumps(document), content_type="application/json"))


@blueprint.post("/wallet/token")
def wallet_token() -> Response:
    """The token that the answer of a wallet earned.

    :raises NoAnswerYet: there is no answer.
    """
    if request.mimetype == "application/json":
        body = strict_json.loads(request.get_data(cache=False))
        fields = body if isinstance(body, dict) else {}
    else:
        fields = request.form.to_dict()
    secret, code = fields.get("secret", ""), fields.get("code", "")
    if not isinstance(secret, str) or not isinstance(code, str) or bool(secret) is bool(code):
        raise MalformedDocument(Message("body of a token request"), expected=Message("secret, or code"))
    return token_answer(_grant(secret[:_MAX_SECRET], code[:_MAX_SECRET]))


def _grant(secret: str, code: str) -> Grant:
    """:raises NoAnswerYet: there is no answer to what was asked with ``secret``, or under ``code``."""
    here, at = services(), services().now()
    found = None
    if code or secret.isascii() and here.wallets.is_ours(secret):
        found = here.state.take_wallet_answer(code or secret, at=at)
    reader = AuthorisedReader.of_claims(strict_json.loads(found.encode())) if found is not None else None
    if reader is None or reader.until <= at:
        raise NoAnswerYet(Message("no wallet has answered yet"))
    return here.access.token_for(reader, at)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _language() -> str:
    return choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
    )


def _page(passport: str, *, secret: str = "", waiting: bool = False, encrypted: bool = False, **parts: Any) -> Response:
    """The two requests. While the page waits for an answer, they stay those that the wallet was shown."""
    here, at, language = services(), services().now(), _language()
    words = Words(language)
    waiting = waiting and here.wallets.is_ours(secret) and _still_open(secret, encrypted)
    challenge = secret.partition(".")[0] if waiting else here.access.challenge(at, encrypted=encrypted)
    scanned = here.wallets.request(challenge, AnswerWay(encrypted=encrypted))
    plain = here.wallets.request(challenge, AnswerWay(unsigned=True, encrypted=encrypted))
    tapped = here.wallets.request(
        here.access.challenge(at, encrypted=encrypted),
        AnswerWay(passport or None, same_device=True, encrypted=encrypted),
    )
    return _html(
        "wallet.html", language, bool(parts) and not waiting,
        words=words, wanted=passport, tapped=tapped, scanned=scanned, plain=plain, waiting=waiting,
        encrypted=encrypted, picture=symbol(scanned.link, words),
        until=f.moment(here.access.challenge_end(challenge, encrypted=encrypted), language),
        minutes=here.config.token_lifetime // 60, **parts,
    )  # fmt: skip


def _still_open(secret: str, encrypted: bool) -> bool:
    try:
        return services().access.challenge_end(secret.partition(".")[0], encrypted=encrypted) > services().now()
    except InvalidGrant:
        return False


def _answered(passport: str, code: str, **parts: Any) -> Response:
    language = _language()
    return _html("wallet-done.html", language, bool(parts), words=Words(language), wanted=passport, code=code, **parts)


def _html(template: str, language: str, refused: bool, **values: Any) -> Response:
    g.pop("reader", None)
    html = render_template(template, language=language, **values)
    response = Response(html, 400 if refused else 200, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = language
    return response
