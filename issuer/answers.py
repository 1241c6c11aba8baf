"""Authentication, JSON answers and problem documents (RFC 9457), the same for all programs of the write face.

* Requests with a body are JSON. A page of another origin can post text or a form without asking, and cannot post this.
* A bearer token is compared by its hash, so that the comparison tells nothing about its length.
* No answer is cached, and no error of the program says more than that there was one.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from passport.errors import PassportError, StoreFailure, UnusableProject
from passport.linked_data import strict_json
from passport.texts import Message, error_text
from passport.web import hosts

logger = logging.getLogger("issuer")

#: Characters of a token, at least.
TOKEN_LENGTH = 32
_TOKEN = "ISSUER_TOKEN"  # noqa: S105  where the application keeps it, not its value


def application(name: str, *, token: str | None, max_body: int) -> Flask:
    """A WSGI application that answers errors, and lets in who has the token.

    :param token: None lets everybody in; :param max_body: bytes of a request.
    """
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_body
    app.extensions[_TOKEN] = token
    hosts.register(app)
    app.before_request(_let_in)
    app.register_error_handler(PassportError, _of_the_library)
    app.register_error_handler(HTTPException, _of_the_framework)
    app.register_error_handler(Exception, _of_nobody)
    return app


def check_token(token: str | None) -> None:
    """:raises UnusableProject: the token is too short."""
    if token is not None and len(token) < TOKEN_LENGTH:
        raise UnusableProject(
            Message("the bearer token is too short"), expected=Message("{count} characters", count=TOKEN_LENGTH)
        )


def _let_in() -> Response | None:
    token = current_app.extensions[_TOKEN]
    if token is not None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        same = hmac.compare_digest(*(hashlib.sha256(text.encode()).digest() for text in (given, token)))
        if scheme.lower() != "bearer" or not same:
            response = problem(401, "invalid-token", Message("no valid bearer token"))
            response.headers["WWW-Authenticate"] = f'Bearer realm="{current_app.name}"'
            return response
    if request.method == "POST" and request.mimetype != "application/json":
        return problem(415, "unsupported-media-type", Message("application/json only"))
    return None


def answer(document: Any, status: int, media_type: str = "application/json") -> Response:
    """A JSON answer."""
    response = Response(strict_json.dumps(document), status, content_type=media_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def problem(status: int, code: str, title: Message, members: Mapping[str, Any] | None = None) -> Response:
    """A problem document (RFC 9457); what became of a message is in ``outcome``."""
    document = {"type": "about:blank", "title": title, "status": status, "code": code}
    more = {("outcome" if name == "status" else name): value for name, value in (members or {}).items()}
    return answer({**document, **more}, status, "application/problem+json")


def _of_the_library(error: PassportError) -> Response:
    if isinstance(error, StoreFailure):
        logger.error("the store failed: %s", error.code)
        response = problem(503, error.code, Message("nothing was stored; try again"))
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    return problem(400, error.code, error_text(error))


def _of_the_framework(error: HTTPException) -> Response:
    status = HTTPStatus(error.code if error.code and error.code >= 400 else 500)
    return problem(status, status.phrase.lower().replace(" ", "-"), Message("{phrase}", phrase=status.phrase))


def _of_nobody(error: Exception) -> Response:
    logger.error("unexpected %s in %s", type(error).__name__, current_app.name)
    return problem(500, "internal", Message("internal error"))
