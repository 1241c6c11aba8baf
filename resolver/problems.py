"""Every error as one document, in one place: RFC 9457 for programs, a page for people, EN 18222's envelope below /v1.

The library's errors carry a stable code, a message and a hint; here they get the matching HTTP status. Any other
exception becomes a bare 500 without path, value or stack.

404 means that the resource does not exist, or that this reader may not know that it exists; 401 that the token is not
valid; 403 that a valid token does not open this passport.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask, Response, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException

from passport.errors import (
    AccessDenied,
    DocumentError,
    MalformedCredential,
    MalformedDocument,
    MalformedIdentifier,
    PassportError,
    StoreFailure,
    StoreReadOnly,
    StoreUnavailable,
    Undetermined,
    UnknownPassport,
    UsageError,
)
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.web.hosts import InvalidHost
from resolver import tombstone, unissued
from resolver.access.authorised_reader import InvalidGrant, InvalidToken, ScopeExceeded
from resolver.forms import en18222
from resolver.forms.negotiation import HTML, NotAcceptable, choose_language, prefers_html
from resolver.forms.sparql import QueryTooMuch
from resolver.page.wording import Words
from resolver.services import services_of
from resolver.tombstone import PassportCeased
from resolver.unissued import UnissuedPack, model_page

TYPES = "https://w3id.org/battery-passport/problems#"

#: Which status an error of the library gets; the first class that fits.
STATUS: tuple[tuple[type[PassportError], int], ...] = (
    (MalformedIdentifier, 400),
    (PassportCeased, 410),
    (UnknownPassport, 404),
    (NotAcceptable, 406),
    (InvalidToken, 401),
    (ScopeExceeded, 403),
    (InvalidGrant, 400),
    (AccessDenied, 403),
    (MalformedDocument, 400),
    (QueryTooMuch, 400),
    # Locked, full or away passes without a repair, or with one that keeps the data: the same request may be sent again.
    (StoreUnavailable, 503),
    (StoreReadOnly, 503),
    # Damaged, missing, foreign, older or newer does not: a client that tries again would do so for ever.
    (StoreFailure, 500),
    (InvalidHost, 400),
    (MalformedCredential, 400),  # of what was handed in; the store's own documents are not read anew
)

logger = logging.getLogger("resolver")


@dataclass(frozen=True)
class Problem:
    """One problem document. ``code`` is stable; ``detail`` is for people and may change."""

    status: int
    code: str
    detail: str | None = None
    hint: str | None = None
    challenge: str | None = None
    location: str | None = None
    allow: str | None = None
    retry_after: int | None = None
    unissued: UnissuedPack | None = None
    ceased: PassportCeased | None = None

    def document(self) -> JsonObject:
        members = {
            "type": TYPES + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
            "code": self.code,
        }
        if self.code in _OAUTH_ERRORS:
            members["error"] = _OAUTH_ERRORS[self.code]
        if self.unissued is not None:
            # RFC 9457 section 3.2: what a program needs to go on with.
            members["packCode" if self.unissued.kind == "code" else "serial"] = self.unissued.number
            members["model"] = self.unissued.model and model_page(self.unissued.model)
        return {name: value for name, value in members.items() if value is not None}


# RFC 6749 section 5.2 and RFC 6750 section 3.1 name these; clients of token endpoints look for them.
_OAUTH_ERRORS = {
    "invalid-grant": "invalid_grant",
    "authorization-pending": "authorization_pending",
    "invalid-request": "invalid_request",
    "unsupported-grant-type": "unsupported_grant_type",
    "invalid-token": "invalid_token",
    "insufficient-scope": "insufficient_scope",
}


def of_error(error: PassportError) -> Problem:
    """The problem that an error of the library is."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    if isinstance(error, StoreFailure):
        # Which kind of failure is for everybody; where the store is and what the database said, for the log alone.
        logger.error("the store failed: %s, %s", error.code, error.found or "no details")
        return Problem(status, error.code, retry_after=error.retry_after if status == 503 else None)
    if status == 500:
        # The configuration is at fault, or we are: the reader can do nothing and is told nothing.
        kinds = (DocumentError, UsageError, Undetermined)
        logger.error("internal fault: %s", type(error).__name__ if isinstance(error, kinds) else "error")
        return Problem(500, "internal")
    challenge = None
    if status in (401, 403) and error.code in _OAUTH_ERRORS:
        challenge = f'Bearer realm="battery passport", error="{_OAUTH_ERRORS[error.code]}"'
    return Problem(
        status, error.code, str(error), error.hint, challenge,
        unissued=error if isinstance(error, UnissuedPack) else None,
        ceased=error if isinstance(error, PassportCeased) else None,
    )  # fmt: skip


def of_http(error: HTTPException) -> Problem:
    """The problem that an error of the framework is: no route, wrong method, body too large, …"""
    status = error.code if error.code and error.code >= 400 else 500
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    methods = getattr(error, "valid_methods", None)
    allow = ", ".join(sorted(methods)) if methods else None
    detail = f"this address takes {allow}" if allow else _DETAILS.get(status)
    return Problem(status, code, detail, allow=allow, retry_after=getattr(error, "retry_after", None))


#: What people are told of the framework's errors. Its own words may quote the request.
_DETAILS = {
    404: "nothing is published at this address",
    413: "the request is larger than this site takes",
    414: "the address is longer than any of this site",
    503: "too many are asking for this at once",
}


def respond(problem: Problem) -> Response:
    """The answer, never stored: the envelope below ``/v1``, else a page where the reader names HTML, else
    ``application/problem+json``."""
    if f"{request.path}/".startswith(f"{en18222.ROOT}/"):
        detail, correlation = problem.detail or problem.code.replace("-", " "), str(uuid4())
        if problem.status >= 500:
            logger.error("told as %s", correlation)
        now = services_of(current_app).now()
        body = en18222.envelope(problem.status, detail, correlation=correlation, at=now)
        response = Response(strict_json.dumps(body), problem.status, content_type="application/json")
    elif _wants_page(problem):
        languages = current_app.config["LANGUAGES"]
        language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), languages)
        if problem.unissued is not None:
            page = unissued.render(problem.unissued, language, request.args.get("regime"))
        else:
            band = tombstone.band(problem.ceased, language) if problem.ceased else None
            # What was searched for, and nothing else of the address: the page is kept by people who ask for help.
            # An address that is not there answers each method alike.
            is_read = request.method in ("GET", "HEAD") or problem.status == HTTPStatus.NOT_FOUND
            search = {name: value[:300] for name in ("q", "code") if (value := request.args.get(name))}
            page = render_template(
                "problem.html", problem=problem, words=Words(language), language=language, band=band,
                typed=next(iter(search.values()), ""),
                switch_query=(f"&{urlencode(search)}" if search else "") if is_read else None,
            )  # fmt: skip
        response = Response(page, problem.status, mimetype="text/html")
        response.headers["Content-Language"] = language
    else:
        response = Response(
            strict_json.dumps(problem.document()), problem.status, content_type="application/problem+json"
        )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Accept-Language, Authorization"
    if problem.unissued is not None and problem.unissued.model is not None:
        model = problem.unissued.model
        response.headers["Link"] = (
            f'<{model_page(model)}>; rel="up", <{model}?linkType=linkset>; rel="linkset"; '
            f'type="application/linkset+json"'
        )
    if problem.challenge:
        response.headers["WWW-Authenticate"] = problem.challenge
    if problem.allow:
        response.headers["Allow"] = problem.allow
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _wants_page(problem: Problem) -> bool:
    """Whether a person reads. ``?format=`` wins over ``Accept`` here where it does for the passport asked for."""
    form = request.args.get("format")
    if form is not None and (problem.unissued or problem.ceased):
        return form == HTML.name
    return prefers_html(request.headers.get("Accept"))


def register(app: Flask) -> None:
    """Let every error of the application end here."""

    @app.errorhandler(PassportError)
    def of_the_library(error: PassportError) -> Response:
        return respond(of_error(error))

    @app.errorhandler(HTTPException)
    def of_the_framework(error: HTTPException) -> Response:
        return respond(of_http(error))

    @app.errorhandler(Exception)
    def of_nobody(error: Exception) -> Response:
        # The stack goes to the log, where it holds code and no values; messages may quote a document, so they stay out.
        g.pop("reader", None)
        frames = [f"{frame.filename}:{frame.lineno}" for frame in _frames(error)]
        logger.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(frames[-4:])))
        return respond(Problem(500, "internal"))


def _frames(error: Exception) -> list[Any]:
    import traceback

    return list(traceback.extract_tb(error.__traceback__))
