"""The VC API over HTTP: issue, verify, derive, and verify presentations. A program of its own, apart from the resolver.

The resolver shows passports and holds no key. This application signs, so it has its own factory, its own process
(``passport vc-api``) and its own bearer token. (W3C CCG, VC API; the shapes are those of the W3C test suites.)

    POST [/{suite}]/credentials/issue   {credential, options: {mandatoryPointers}}           201 {verifiableCredential}
    POST /credentials/verify            {verifiableCredential, options: {checks}}            200 or 400 {verified, …}
    POST /credentials/derive            {verifiableCredential, options: {selectivePointers}} 201 the derived credential
    POST /presentations/verify          {verifiablePresentation, options: {challenge, domain}}  200 or 400
    GET  /status/{n}                    a signed status list of what was issued under /status

* Every POST needs the token. Without a configured token the application answers to loopback only, and only where the
  configuration says ``development``. Request headers (Host, X-Forwarded-For) have no influence on that.
* A document that breaks the data model is refused with 400, never repaired.
* ``verified`` is the conclusion of the checks that count (:attr:`VcApiConfig.decisive`, narrowed by
  ``options.checks``); the report beside it always shows all of them, *proof* and *controller* apart.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from issuer.vc_status import StatusBook
from passport.credentials import credential as vcdm
from passport.credentials.issuer import Issuer
from passport.credentials.trust import Policy
from passport.credentials.verification_result import CHECKS, CredentialResult, Outcome, VerificationResult
from passport.credentials.verifier import Verifier
from passport.errors import MalformedDocument, PassportError, UnusableProject
from passport.identity import DidResolver
from passport.linked_data import strict_json
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.proofs import ecdsa_sd_2023
from passport.texts import Message
from passport.web import hosts

MAX_BODY = 4_000_000

logger = logging.getLogger("issuer")

TOKEN_LENGTH = 32
#: What may be asked for in ``options.checks``, and the checks behind it.
ASKED = {"proof": ("model", "proof"), "credentialStatus": ("model", "status")}
ALL = ("model", "proof", "controller", "validity", "status", "issuer")


@dataclass(frozen=True)
class SuiteIssuer:
    """Who signs under one path, and how.

    :ivar status: adds status entries of the application's own lists to each credential.
    """

    issuer: Issuer
    cryptosuite: str
    status: bool = False


@dataclass(frozen=True)
class VcApiConfig:
    """Configuration of the VC API.

    :ivar issuers: by path (``ecdsa-sd-2023``); ``""`` is the one of ``/credentials/issue``. Empty: it only verifies.
    :ivar policy: whose credentials count; ``UnsafeAnyIssuer()`` for test suites.
    :ivar base_url: address under which status lists are named; never taken from a request.
    :ivar token: bearer token, at least 32 characters; None only in development.
    :ivar development: answer without a token, to loopback only. For test suites.
    :ivar decisive: checks that ``verified`` depends on: some of ``model``, ``proof``, ``controller``, ``validity``,
        ``status``, ``issuer``. Leave *controller* out only to reproduce published vectors, whose issuer is not the DID
        of the key.
    :ivar foreign: take credentials of VCDM 1.1, base directions and inline contexts, which passports never have.
    """

    issuers: Mapping[str, SuiteIssuer]
    policy: Policy
    base_url: str
    token: str | None = field(default=None, repr=False)
    development: bool = False
    decisive: tuple[str, ...] = ALL
    foreign: bool = False
    loader: ContextLoader = field(default_factory=lambda: PINNED)
    resolver: DidResolver = field(default_factory=DidResolver)

    def __post_init__(self) -> None:
        """:raises UnusableProject: no token where one is needed, or an unknown check."""
        if self.token is None and not self.development:
            raise UnusableProject(
                Message("the VC API has no token"), hint=Message("Set PASSPORT_VC_API_TOKEN to a long random text.")
            )
        if self.token is not None and len(self.token) < TOKEN_LENGTH:
            raise UnusableProject(
                Message("the token of the VC API is too short"),
                expected=Message("{count} characters", count=TOKEN_LENGTH),
            )
        if unknown := set(self.decisive) - set(ALL):
            raise UnusableProject(Message("unknown check"), expected=", ".join(ALL), found=min(unknown))
        needed = {"model", "proof"} if self.development else {"model", "proof", "controller"}
        if missing := needed - set(self.decisive):
            # A credential of another signer would be "verified".
            raise UnusableProject(Message("a check that always counts is left out"), expected=min(missing))


def create_vc_api(config: VcApiConfig, *, now: Callable[[], datetime]) -> Flask:
    """The VC API as a WSGI application.

    :param now: the clock, giving aware instants.
    """
    app = Flask("vc_api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    signer = next((each.issuer for each in config.issuers.values() if each.status), None)
    book = None if signer is None else StatusBook(config.base_url, signer, now)
    app.extensions["vc_api"] = (config, book, now)
    hosts.register(app)
    app.before_request(_let_in)
    app.add_url_rule("/credentials/issue", "issue", _issue, methods=["POST"], defaults={"path": ""})
    app.add_url_rule("/<path>/credentials/issue", "issue", _issue, methods=["POST"])
    app.add_url_rule("/credentials/verify", "verify", _verify, methods=["POST"])
    app.add_url_rule("/credentials/derive", "derive", _derive, methods=["POST"])
    app.add_url_rule("/presentations/verify", "verify_presentation", _verify_presentation, methods=["POST"])
    app.add_url_rule("/status/<int:number>", "status", _status, methods=["GET"])
    app.register_error_handler(PassportError, _of_the_library)
    app.register_error_handler(HTTPException, _of_the_framework)
    app.register_error_handler(Exception, _of_nobody)
    return app


# --- who may call ---------------------------------------------------------------------------------------------------


def _let_in() -> Response | None:
    config = current_app.extensions["vc_api"][0]
    if request.method == "GET":
        return None
    if config.token is None:
        # The address of the connection, not what a header says about it.
        if not _is_loopback(request.remote_addr):
            return _answer({"errors": [{"code": "access-denied", "detail": "loopback only in development"}]}, 403)
    else:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        # Hashed first, so that the comparison tells nothing about length either.
        same = hmac.compare_digest(*(hashlib.sha256(text.encode()).digest() for text in (given, config.token)))
        if scheme.lower() != "bearer" or not same:
            response = _answer({"errors": [{"code": "invalid-token", "detail": "no valid bearer token"}]}, 401)
            response.headers["WWW-Authenticate"] = 'Bearer realm="VC API"'
            return response
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        # A page of another origin can post text or a form to loopback without asking; it cannot post this.
        return _answer({"errors": [{"code": "unsupported-media-type", "detail": "application/json only"}]}, 415)
    return None


def _is_loopback(address: str | None) -> bool:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return parsed.is_loopback or (mapped is not None and mapped.is_loopback)


# --- what may be asked ----------------------------------------------------------------------------------------------


def _issue(path: str) -> Response:
    config, book, now = current_app.extensions["vc_api"]
    suite = config.issuers.get(path)
    if suite is None:
        return _answer({"errors": [{"code": "not-found", "detail": "no issuer under this path"}]}, 404)
    body, options = _body("credential")
    credential = body["credential"]
    if not isinstance(credential, dict):
        raise MalformedDocument(Message("the credential is not a JSON object"), found=type(credential).__name__)
    pointers = _texts(options, "mandatoryPointers")
    if suite.cryptosuite == ecdsa_sd_2023.NAME:
        pointers = pointers or ["/issuer"]
    if suite.status and book is not None:
        vcdm.check_credential(credential)
        credential = book.with_entries(credential)
    loader, context = config.loader, credential.get("@context")
    if config.foreign:
        credential, loader = _with_contexts_named(credential, loader)
    named = credential.get("@context")
    signed = suite.issuer.issue(
        credential,
        created=now(),
        cryptosuite=suite.cryptosuite,
        mandatory_pointers=pointers,
        allow_blank_nodes=True,
        foreign=config.foreign,
        loader=loader,
    )
    if named != context:
        if "@context" in signed["proof"]:
            raise MalformedDocument(
                Message("an inline context under a suite that signs JSON"), hint=Message("Publish the context.")
            )
        signed = {**signed, "@context": context + signed["@context"][len(named) :]}
    return _answer({"verifiableCredential": signed}, 201)


def _derive() -> Response:
    config = current_app.extensions["vc_api"][0]
    body, options = _body("verifiableCredential")
    credential = body["verifiableCredential"]
    pointers = _texts(options, "selectivePointers")
    if not isinstance(credential, dict):
        raise MalformedDocument(Message("the credential is not a JSON object"), found=type(credential).__name__)
    loader, context = config.loader, credential.get("@context")
    if config.foreign:
        credential, loader = _with_contexts_named(credential, loader)
    make = ecdsa_sd_2023.derive if ecdsa_sd_2023.is_base_proof(credential) else ecdsa_sd_2023.thin
    return _answer({**make(credential, pointers, loader=loader), "@context": context}, 201)


def _verify() -> Response:
    body, options = _body("verifiableCredential")
    document = body["verifiableCredential"]
    if vcdm.is_presentation(document):
        raise MalformedDocument(
            Message("a presentation where a credential belongs"), hint=Message("POST it to /presentations/verify.")
        )
    return _verdict(document, options)


def _verify_presentation() -> Response:
    body, options = _body("verifiablePresentation")
    document = body["verifiablePresentation"]
    if not vcdm.is_presentation(document) and not vcdm.is_enveloped_presentation(document):
        raise MalformedDocument(
            Message("not a presentation"),
            expected=Message("type {type}", type=vcdm.VERIFIABLE_PRESENTATION),
        )
    return _verdict(document, options, signed=True)


def _status(number: int) -> Response:
    book = current_app.extensions["vc_api"][1]
    document = None if book is None else book.credential(number)
    if document is None:
        return _answer({"errors": [{"code": "not-found", "detail": "no such status list"}]}, 404)
    kinds = ("application/vc", "application/ld+json", "application/json")
    return _answer(document, 200, request.accept_mimetypes.best_match(kinds, default=kinds[0]))


# --- the verdict ----------------------------------------------------------------------------------------------------


def _verdict(document: Any, options: JsonObject, *, signed: bool = False) -> Response:
    config, book, now = current_app.extensions["vc_api"]
    loader = config.loader
    if config.foreign:
        document, loader = _with_contexts_named(document, loader)
    lists = {} if book is None else book.lists()
    verifier = Verifier(config.policy, config.resolver, lists, loader, foreign=config.foreign)
    result = verifier.verify(document, at=now(), challenge=_text(options, "challenge"), domain=_text(options, "domain"))
    decisive = _decisive(config.decisive, options)
    errors = [
        error for member in result.members for error in _faults(member, decisive, allow_undetermined=config.foreign)
    ]
    if result.presentation is not None:
        errors += _faults(result.presentation, tuple({"model", "proof", "controller"} & {"model", *config.decisive}))
    elif signed:
        errors.append({"code": "unsigned", "detail": "the presentation is not signed"})
    if not signed and not result.credentials:
        errors.append({"code": "verification-failed", "detail": "nothing to verify"})
    return _answer(
        {"verified": not errors, **({"errors": errors} if errors else {}), "report": _report(result)},
        400 if errors else 200,
    )


def _decisive(configured: tuple[str, ...], options: JsonObject) -> tuple[str, ...]:
    checks = _texts(options, "checks")
    if not checks:
        return configured
    if unknown := [name for name in checks if name not in ASKED]:
        raise MalformedDocument(Message("unknown check"), expected=" or ".join(ASKED), found=repr(unknown[0])[:80])
    wanted = {name for key in checks for name in ASKED[key]}
    # A request to check the proof implies a check of its maker, wherever that counts.
    return tuple(name for name in configured if name in wanted or (name == "controller" and "proof" in checks))


def _faults(
    result: CredentialResult, decisive: tuple[str, ...], *, allow_undetermined: bool = False
) -> list[JsonObject]:
    """The problems of a credential: of the decisive checks, those that failed."""
    numbers = {"model": 1, "validity": 3, "status": 4, "issuer": 5}
    faults = []
    for check in result.checks:
        names = ("proof", "controller") if check.number == 2 else [n for n, c in numbers.items() if c == check.number]
        for name in names:
            outcome = check.part(name) if check.number == 2 else check.outcome
            if name not in decisive or outcome in (Outcome.PASSED, Outcome.NOT_REACHED, Outcome.NOT_APPLIED):
                continue
            if outcome is Outcome.UNDETERMINED and allow_undetermined and name == "status":
                continue  # a foreign status list, which is never fetched; the report says so
            faults.append(
                {"check": check.number, "code": check.code or name, "detail": check.detail, "subject": result.id}
            )
    return faults


def _report(result: VerificationResult) -> JsonObject:
    return result.to_json() | {"checkNames": {str(number): name for number, name in CHECKS.items()}}


def _with_contexts_named(document: Any, loader: ContextLoader) -> tuple[Any, ContextLoader]:
    """Replace each inline context by a name that identifies exactly this content.

    The graph stays the same, and so do RDF signatures. A published vector of ecdsa-sd-2023 has such a context. Never
    used for passports: the author of a context decides what the signed words mean.
    """
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, list) or not any(isinstance(entry, dict) for entry in context):
        return document, loader
    named, known = [], {}
    for entry in context:
        if isinstance(entry, dict):
            content = entry if "@context" in entry else {"@context": entry}
            name = "urn:sha256:" + hashlib.sha256(strict_json.dumps(content)).hexdigest()
            known[name] = content
            entry = name
        named.append(entry)
    return {**document, "@context": named}, loader.extended(known)


# --- bodies and answers ---------------------------------------------------------------------------------------------


def _body(required: str) -> tuple[JsonObject, JsonObject]:
    body = strict_json.loads(request.get_data(), max_bytes=MAX_BODY)
    if not isinstance(body, dict) or required not in body:
        raise MalformedDocument(
            Message("the body of the request"), expected=Message("an object with {member}", member=required)
        )
    options = body.get("options")
    if not isinstance(options, dict | None):
        raise MalformedDocument(
            Message("options of the request"), expected=Message("an object"), found=type(options).__name__
        )
    return body, options or {}


def _texts(options: JsonObject, name: str) -> list[str]:
    value = options.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise MalformedDocument(Message("options.{name}", name=name), expected=Message("a list of texts"))
    return value


def _text(options: JsonObject, name: str) -> str | None:
    value = options.get(name)
    if not isinstance(value, str | None):
        raise MalformedDocument(
            Message("options.{name}", name=name), expected=Message("a text"), found=type(value).__name__
        )
    return value


def _answer(document: Any, status: int, media_type: str = "application/json") -> Response:
    response = Response(strict_json.dumps(document), status, content_type=media_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _of_the_library(error: PassportError) -> Response:
    fault = {"code": error.code, "detail": str(error), **({"hint": error.hint} if error.hint else {})}
    verifying = request.path.endswith("/verify")
    return _answer({**({"verified": False} if verifying else {}), "errors": [fault]}, 400)


def _of_the_framework(error: HTTPException) -> Response:
    status = HTTPStatus(error.code if error.code and error.code >= 400 else 500)
    return _answer({"errors": [{"code": status.phrase.lower().replace(" ", "-"), "detail": status.phrase}]}, status)


def _of_nobody(error: Exception) -> Response:
    logger.error("unexpected %s in the VC API", type(error).__name__)
    return _answer({"errors": [{"code": "internal", "detail": "internal error"}]}, 500)
