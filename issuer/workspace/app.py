"""The workspace as a WSGI application, and what holds for every request.

* The Host header must be that of the origin, so that a foreign name that points here (DNS rebinding) finds nothing.
* A form of another site is refused twice: by the Origin that browsers send, and by the token of the session
  (Flask-WTF). Paths of strangers and of programs have neither session nor token. They accept forms of other sites, and
  no cookie helps there.
* Bodies are bounded. Nothing is cached.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound

from issuer import answers
from issuer.wallets import endpoints, shown_accreditations
from issuer.workspace import pages as _pages  # noqa: F401 - registers them
from issuer.workspace.frame import WorkPage, blueprint, colleague, finish, respond
from issuer.workspace.people import strangers
from issuer.workspace.people.session_cookie import ServerSessions
from issuer.workspace.services import Workspace, WorkspaceConfig
from passport.errors import AccessDenied, PassportError, StoreFailure
from passport.reports.isolation import IsolatedValues
from passport.store.workspace.drafts import MOST_OF_DRAFT
from passport.texts import Message, error_hint, error_text
from passport.texts.localised import language_name
from passport.web import hosts

logger = logging.getLogger("issuer")
#: Bytes of a request: the files of a draft, and what surrounds them.
MAX_BODY = MOST_OF_DRAFT + 1_000_000
_MAX_PARTS = 4000


def create_workspace(config: WorkspaceConfig, *, now: Callable[[], datetime]) -> Flask:
    """:param now: the clock, giving aware instants."""
    app = Flask("issuer", static_folder=None)
    here = app.extensions["workspace"] = Workspace(config, now)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY, MAX_FORM_PARTS=_MAX_PARTS,
        SECRET_KEY=here.file.secret(), WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False,
    )  # fmt: skip
    app.session_interface = ServerSessions(here.sessions, now)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(IsolatedValues)
    static = {path.name: path.read_bytes() for path in (Path(__file__).parent.parent / "static").iterdir()}
    app.jinja_env.globals["language_name"] = language_name
    app.jinja_env.globals["static"] = {
        name: f"/static/{name}?v={sha256(body).hexdigest()[:12]}" for name, body in static.items()
    }
    hosts.register(app)
    app.before_request(_same_site)
    csrf = CSRFProtect(app)
    app.register_blueprint(blueprint)
    for without_session in (strangers.blueprint, endpoints.blueprint, shown_accreditations.blueprint):
        csrf.exempt(without_session)
        app.register_blueprint(without_session)
    app.add_url_rule("/static/<name>", "static", lambda name: _static(static, name))
    app.register_error_handler(PassportError, _of_the_library)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _of_the_framework)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(finish)
    return app


def _same_site() -> Response | None:
    """Refuse what was sent to another name, or from another site's page."""
    here: Workspace = _workspace()
    if request.host != urlsplit(here.config.origin).netloc:
        return answers.problem(421, "wrong-host", Message("this host is not served here"))
    # What a stranger sends has no session, and comes from the passport page of another site, whose policy hides its
    # address: the request uses no rights of a session, so there is nothing to forge.
    if request.method not in ("GET", "HEAD") and request.blueprint != strangers.blueprint.name:
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin not in (None, here.config.origin) or site not in (None, "same-origin", "none"):
            return answers.problem(403, "foreign-origin", Message("the form is not of this site"))
    return None


def _workspace() -> Workspace:
    from issuer.workspace.frame import workspace

    return workspace()


def _static(static: dict[str, bytes], name: str) -> Response:
    if name not in static:
        raise NotFound
    kinds = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
    response = Response(static[name], content_type=kinds[Path(name).suffix])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


# --- what went wrong --------------------------------------------------------------------------------------------------


def _problem(status: int, text: Message | str, hint: Message | str | None = None) -> Response:
    programs = (strangers.blueprint, endpoints.blueprint, shown_accreditations.blueprint)
    if request.blueprint in [each.name for each in programs]:
        return answers.problem(status, "refused", Message("{text}", text=text))
    return respond(colleague(), WorkPage("problem.html", values={"text": text, "hint": hint}, status=status))


def _of_the_library(error: PassportError) -> Response:
    if isinstance(error, StoreFailure):
        logger.error("the store failed: %s", error.code)
        return _problem(503, Message("Nothing was stored. Try again."))
    return _problem(403 if isinstance(error, AccessDenied) else 400, error_text(error), error_hint(error))


def _forged(error: CSRFError) -> Response:
    return _problem(400, Message("The form has ended, or is not of this site. Open the page again."))


def _of_the_framework(error: HTTPException) -> Response:
    code = error.code or 500
    known = {
        404: Message("There is no such page."),
        405: Message("There is no such step."),
        413: Message("The files are too large. The command passport issue takes files of any size."),
    }
    return _problem(code, known.get(code, Message("The request cannot be answered.")))


def _unexpected(error: Exception) -> Response:
    logger.error("unexpected %s in the workspace", type(error).__name__, exc_info=error)
    return answers.problem(500, "internal", Message("internal error"))
