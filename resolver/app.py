"""The application factory, and the headers and limits that hold for every answer.

* The base URL comes from the configuration; the Host header decides nothing.
* Request bodies have at most one megabyte. Pages have no cookies, no scripts and no requests to other sites; the
  content security policy tells the browser so. The form that asks for access is the one exception: it goes to the
  workspace of the operator, since this face signs nothing.
* Other origins may read public data (CORS for public GETs), and no answer to a request with a token.

    app = create_app(ResolverConfig.from_environ(os.environ), store=store, now=lambda: datetime.now(UTC))
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flask
from flask import Flask, Response, g, request

from passport.errors import UnusableProject
from passport.identity.http_client import GuardedClient
from passport.presenting.presenter import Presenter
from passport.presenting.role_tokens import ROLE_KIND
from passport.presenting.wallet_requests import WalletRequests
from passport.reports.isolation import IsolatedValues
from passport.store import Store
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from passport.texts.localised import language_name
from passport.vocabulary import vocabulary as vocabulary_module
from passport.web import hosts
from passport.web.server import MAX_BODY
from resolver import problems
from resolver.access.access_control import AccessControl
from resolver.config import ResolverConfig
from resolver.desk import pages as desk_pages
from resolver.role_status import RoleListFetcher, RoleStatuses
from resolver.running_trust import RunningTrust
from resolver.services import Services, services_of
from resolver.views import (
    api,
    attestations,
    directory,
    documents,
    dpp,
    dumps,
    events,
    home,
    links,
    log,
    look,
    operation,
    passports,
    register,
    search,
    sparql,
    terms,
    verify,
)
from resolver.views.roles import present, tokens, wallet

#: No page of another origin may ask for a token or for what leads to one.
TOKEN_PATHS = frozenset({"/token", "/challenge", "/present", "/revoke", "/wallet", "/wallet/done"})
#: That of every page, that of pages with forms, that of the life line, and that of the desk.
STYLE_SHEETS = ("passport", "site", "life", "desk")

#: Forms go to this site, and to the one address of the workspace that takes requests for access, where there is one.
_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'{ask}; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Request(flask.Request):
    """A request whose query is ASCII. A server hands on bytes that are not percent-encoded, and not all are UTF-8."""

    def __init__(self, environ: dict[str, Any], *rest: Any, **more: Any) -> None:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            # What a browser would have sent. From here on such a byte is a value like any other.
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=string.punctuation)
        super().__init__(environ, *rest, **more)


#: What a page of another origin may read of a public answer; the rate limit's are added outside the application.
_EXPOSED = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After"


def _style(name: str) -> str:
    # Comments and line ends are for us; a page has a budget.
    source = (Path(__file__).parent / "static" / f"{name}.css").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/|\n", "", source, flags=re.DOTALL)


def create_app(config: ResolverConfig, *, store: Store | None = None, now: Callable[[], datetime]) -> Flask:
    """The resolver as a WSGI application.

    :param store: an open store; None opens ``config.store_url``.
    :param now: the clock, giving aware instants.
    :raises UnusableProject: the configuration names no store, or an unknown regime, or the state cannot be opened.
    """
    if store is None:
        if config.store_url is None:
            raise UnusableProject(Message("the resolver has no store"), expected=Message("store_url, or an open store"))
        store = Store.open(config.store_url)
    known = vocabulary_module.regimes()
    unknown = [code for code in config.regimes if code not in known]
    if unknown:
        raise UnusableProject(Message("unknown regime"), expected=", ".join(known), found=unknown[0])
    vocabulary = vocabulary_module.load()
    state = ResolverState(config.state_path)
    statuses = RoleStatuses(config.base_url, store, state)
    trust = RunningTrust(config)

    styles = {name: _style(name) for name in STYLE_SHEETS}
    app = Flask("resolver", static_folder=None)
    app.request_class = Request
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    app.config["LANGUAGES"] = config.languages
    app.url_map.strict_slashes = False
    # A path with doubled slashes is a bad address, not an invitation to be redirected somewhere else.
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(IsolatedValues)
    app.jinja_env.globals.update(
        style_sheets={
            name: f"{config.root}/static/{name}.css?v={sha256(style.encode()).hexdigest()[:12]}"
            for name, style in styles.items()
        },
        root=config.root,
        language_names=tuple((language, language_name(language)) for language in config.languages),
        site=config.base_url.split("://", 1)[1],
    )
    app.extensions["role-lists"] = RoleListFetcher(statuses, state, trust.current, now, GuardedClient())
    app.extensions["resolver"] = Services(
        trust=trust,
        store=store,
        presenter=Presenter(store, vocabulary, policy=config.access_policy),
        vocabulary=vocabulary,
        regimes=tuple(known[code] for code in config.regimes),
        access=AccessControl(
            config.base_url,
            trust.current,
            state,
            lifetime=config.token_lifetime,
            statuses=statuses,
        ),
        state=state,
        wallets=WalletRequests(config.base_url, state.secret, "role", ROLE_KIND),
        now=now,
        style_sheets=styles,
    )
    parts = (
        home,
        links,
        events,
        passports,
        attestations,
        dpp,
        search,
        look,
        sparql,
        directory,
        register,
        dumps,
        documents,
        log,
        terms,
        tokens,
        verify,
        present,
        wallet,
        operation,
        api,
    )
    for part in parts:
        app.register_blueprint(part.blueprint)
    app.register_blueprint(desk_pages.blueprint)
    problems.register(app)
    hosts.register(app)
    app.after_request(_finish)
    return app


def _finish(response: Response) -> Response:
    ask = services_of(flask.current_app).config.ask_url
    response.headers.setdefault("Content-Security-Policy", _CSP.format(ask=f" {ask}" if ask else ""))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    private = g.get("reader") is not None or "Authorization" in request.headers
    if private:
        # A request with a token, even a bad one, gets an answer that no cache may keep for the next reader.
        if g.get("feed", False):
            # A feed is asked for again and again: its reader may keep it, and asks whether it has changed.
            response.headers["Cache-Control"] = "private, no-cache"
            return response
        response.headers["Cache-Control"] = "private, no-store"
        response.headers.pop("ETag", None)
        response.headers.pop("Last-Modified", None)
    elif request.path not in TOKEN_PATHS and request.method in ("GET", "HEAD", "OPTIONS"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-None-Match"
            response.headers["Access-Control-Max-Age"] = "86400"
    return response
