"""The register over HTTP (EN 18222, RegisterProductDPP): operators hand in signed requests. No key of theirs is here.

    POST /v1/registerDPP              one DppRegistryEntry, Idempotency-Key    202 {"correlationId", "state", "receipt"}
    POST /v1/registerDPPs             {"entries": […]}, at most 500            200 {"outcomes": […]}
    POST /v1/registrations            {"correlationIds": […]}                  200 {"outcomes": […]}
    POST /v1/registrations/changes    {"after": 0}                             200 {"outcomes": […], "newest", "more"}
    POST /v1/registrations/release    {"registrationId", "to"}                 200

Each request has a bearer token that its sender signed over its body (:mod:`passport.directory.register.submission`).
Errors have the envelope of EN 18222. 400: the entry or the body is faulty; 401: the token does not count, or the
sender's passports are not registered here; 409: the idempotency key was used for another entry.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from issuer import answers
from passport.credentials.credential import date_time
from passport.directory.register.register_service import RegisterService, SubmissionOutcome
from passport.directory.register.submission import MAX_BODY
from passport.errors import AccessDenied, FaultyRecord, MalformedTrustList, PassportError, StoreFailure
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, error_text

logger = logging.getLogger("issuer")
_NAME = "register"
#: EN 18222's names of results.
_RESULTS = {
    400: "ClientErrorBadRequest", 401: "ClientNotAuthorized", 403: "ClientForbidden",
    404: "ClientErrorResourceNotFound", 405: "ClientMethodNotAllowed", 409: "ClientResourceConflict",
    500: "ServerInternalError",
}  # fmt: skip


@dataclass(frozen=True)
class RegisterApi:
    """Everything that the register's face is told.

    :ivar submitted: called after entries were taken, before the answer; it must not wait.
    """

    service: RegisterService
    now: Callable[[], datetime]
    submitted: Callable[[], None] | None = None


def create_register(api: RegisterApi) -> Flask:
    """The register as a WSGI application."""
    app = answers.application(_NAME, token=None, max_body=MAX_BODY)
    app.extensions[_NAME] = api
    app.add_url_rule("/v1/registerDPP", "one", _one, methods=["POST"])
    app.add_url_rule("/v1/registerDPPs", "several", _several, methods=["POST"])
    app.add_url_rule("/v1/registrations", "asked", _asked, methods=["POST"])
    app.add_url_rule("/v1/registrations/changes", "changes", _changes, methods=["POST"])
    app.add_url_rule("/v1/registrations/release", "release", _release, methods=["POST"])
    app.register_error_handler(PassportError, _of_the_library)
    app.register_error_handler(HTTPException, _of_the_framework)
    return app


def _one() -> Response:
    api = _api()
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _messages(400, "idempotency-key", [Message("an Idempotency-Key is missing")])
    (outcome,) = api.service.submit(_token(), request.get_data(), api.now(), key=key.strip('"'))
    if outcome.conflict:
        return _messages(409, "idempotency-conflict", [Message("{text}", text=outcome.fault or "")])
    if outcome.correlation is None:
        texts = [Message("{member}: {what}", member=each.member, what=each.message) for each in outcome.faults]
        return _messages(400, "faulty-entry", texts or [Message("{text}", text=outcome.fault or "")])
    _taken(api, [outcome])
    return answers.answer(outcome.to_json(), 202)


def _several() -> Response:
    api = _api()
    outcomes = api.service.submit(_token(), request.get_data(), api.now())
    _taken(api, outcomes)
    return _outcomes(outcomes)


def _asked() -> Response:
    api = _api()
    return _outcomes(api.service.outcomes_of(_token(), request.get_data(), api.now()))


def _changes() -> Response:
    api = _api()
    return answers.answer(api.service.changes_of(_token(), request.get_data(), api.now()).to_json(), 200)


def _release() -> Response:
    api = _api()
    known = api.service.release(_token(), request.get_data(), api.now())
    return answers.answer({"registrationId": known.registration, "uniqueProductIdentifier": known.product}, 200)


def _api() -> RegisterApi:
    api: RegisterApi = current_app.extensions[_NAME]
    return api


def _taken(api: RegisterApi, outcomes: Sequence[SubmissionOutcome]) -> None:
    if api.submitted is not None and any(outcome.correlation is not None for outcome in outcomes):
        api.submitted()


def _token() -> str:
    """:raises AccessDenied: there is no bearer token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AccessDenied(Message("a request needs a signed bearer token"))
    return token.strip()


# --- answers ----------------------------------------------------------------------------------------------------------


def _outcomes(outcomes: Sequence[SubmissionOutcome]) -> Response:
    return answers.answer({"outcomes": [outcome.to_json() for outcome in outcomes]}, 200)


def _messages(status: int, code: str, texts: Sequence[Message]) -> Response:
    correlation = str(uuid.uuid4())
    at = date_time(_api().now())
    messages: list[JsonObject] = [
        {"messageType": "Error", "text": str(text), "code": code, "correlationId": correlation, "timestamp": at}
        for text in texts
    ]
    response = answers.answer({"messages": messages, "statusCode": _RESULTS.get(status, _RESULTS[400])}, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="register"'
    return response


def _of_the_library(error: PassportError) -> Response:
    if isinstance(error, StoreFailure):
        logger.error("the register's store failed: %s", error.code)
        return _messages(500, error.code, [Message("nothing was stored; try again")])
    if isinstance(error, MalformedTrustList):
        logger.error("the register's trust list cannot be used: %s", error)
        return _messages(500, error.code, [Message("the register's trust list cannot be used")])
    if isinstance(error, AccessDenied):
        return _messages(401, error.code, [error_text(error)])
    if isinstance(error, FaultyRecord) and error.faults:
        return _messages(400, error.code, [_fault(each) for each in error.faults])
    return _messages(400, error.code, [error_text(error)])


def _fault(fault: Any) -> Message:
    return Message("{member}: {what}", member=fault.member, what=fault.message)


def _of_the_framework(error: HTTPException) -> Response:
    status = error.code if error.code and error.code >= 400 else 500
    return _messages(status, str(status), [Message("{phrase}", phrase=error.name)])
