"""What all pages of the workspace share: who is let in, what a role may do, the answer and its headers.

* A page is for people who signed in. Others are led to sign in; what they asked for is not looked at.
* A page or step has a role that may do it. Without the role, the page says who has it; the step is refused.
* After a step, the browser is sent to a page (303), so that a reload repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request, session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from issuer.workspace.people.session_cookie import KeptSession
from issuer.workspace.services import Workspace
from issuer.workspace.words import WorkWords
from passport.errors import MalformedDocument
from passport.store.workspace.drafts import Draft
from passport.store.workspace.people import Person, WorkRole
from passport.texts import Message

blueprint = Blueprint("workspace", __name__)
_MAX_TEXT = 2000

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True)
class WorkPage:
    """An answer. :ivar template: under ``templates/``; :ivar place: entry of the navigation.

    :ivar script: a script of ours that the page needs; every other page forbids scripts.
    """

    template: str
    place: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    script: str | None = None


@dataclass(frozen=True)
class Colleague:
    """Who uses the page. :ivar person: None before signing in."""

    person: Person | None
    language: str

    def may(self, role: str) -> bool:
        return self.person is not None and self.person.may(WorkRole(role))

    @property
    def id(self) -> str:
        assert self.person is not None, "the page is for people who signed in"
        return self.person.id


def workspace() -> Workspace:
    made: Workspace = current_app.extensions["workspace"]
    return made


def colleague() -> Colleague:
    """The signed-in person of this request. The session of a disabled person counts as signed out."""
    assert isinstance(session, KeptSession) or hasattr(session, "person")
    here = workspace()
    person = here.people.get(session.person) if session.person else None
    return Colleague(person if person is not None and person.disabled is None else None, _language())


def _language() -> str:
    languages = workspace().config.languages
    chosen = request.args.get("lang")
    if chosen in languages:
        session["lang"] = chosen
        return chosen
    if session.get("lang") in languages:
        return str(session["lang"])
    return request.accept_languages.best_match(languages) or languages[0]


# --- pages ------------------------------------------------------------------------------------------------------------

View = Callable[..., WorkPage | AnyResponse]


def page(rule: str, role: WorkRole | None = None) -> Callable[[View], View]:
    """Register a page (GET) for people who signed in. :param role: that it is for; None: any."""
    return _registered(rule, "GET", role, signed_in=True)


def step(rule: str, role: WorkRole | None = None) -> Callable[[View], View]:
    """Register a step (POST) for people who signed in."""
    return _registered(rule, "POST", role, signed_in=True)


def open_page(rule: str, method: str = "GET") -> Callable[[View], View]:
    """Register what needs no sign-in."""
    return _registered(rule, method, None, signed_in=False)


def _registered(rule: str, method: str, role: WorkRole | None, *, signed_in: bool) -> Callable[[View], View]:
    def enter(view: View) -> View:
        @wraps(view)
        def answer(**places: Any) -> AnyResponse:
            who = colleague()
            if signed_in and who.person is None:
                return redirect("/sign-in", 303)
            if role is not None and not who.may(role):
                return respond(who, WorkPage("not-yours.html", values={"role": role}, status=403))
            made = view(who, **places)
            return respond(who, made) if isinstance(made, WorkPage) else made

        blueprint.add_url_rule(rule, endpoint=view.__name__, view_func=answer, methods=[method])
        return view

    return enter


def respond(who: Colleague, made: WorkPage) -> Response:
    """The page in its frame."""
    here, words = workspace(), WorkWords(who.language)
    notice = session.pop("notice", None)
    html = render_template(
        made.template, w=words, who=who, place=made.place, here=here, notice=notice, script=made.script,
        navigation=_navigation(who), company=here.company_name(who.language), path=request.path,
        here_path=_again(),
        languages=here.config.languages, roles=tuple(WorkRole), **made.values,
    )  # fmt: skip
    response = Response(html, made.status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = who.language
    response.headers["Content-Security-Policy"] = _CSP + ("; script-src 'self'" if made.script else "")
    return response


def _again() -> str:
    """This page with its choices, for the link to another language; after a step, the first page of the reader."""
    if request.method != "GET":
        return "/ask/answer?" if request.path.startswith("/ask") else "/?"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode(kept)}{'&' if kept else ''}"


def finish(response: Response) -> Response:
    """The headers of every answer."""
    response.headers.setdefault("Content-Security-Policy", _CSP)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def to(address: str, notice: str | None = None, **fields: Any) -> AnyResponse:
    """Lead on to a page, with a notice there. :param notice: key of its text."""
    if notice is not None:
        session["notice"] = [notice, fields]
    return redirect(address, 303)


def download(body: bytes, name: str, media_type: str) -> Response:
    """A file to keep."""
    response = Response(body, content_type=media_type)
    safe = "".join(each if each.isascii() and (each.isalnum() or each in "-_.") else "-" for each in name)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response


def _navigation(who: Colleague) -> list[tuple[str, str, int | None]]:
    """Address, key of the text, and a count."""
    if who.person is None:
        return []
    here = workspace()
    entries: list[tuple[str, str, int | None]] = [
        ("/", "nav-todo", None),
        ("/bring", "nav-bring", None),
        ("/passports", "nav-passports", None),
        ("/events", "nav-events", None),
        ("/suppliers", "nav-suppliers", None),
        ("/access", "nav-access", here.access.count_open()),
        ("/keys", "nav-keys", None),
    ]
    return [*entries, ("/people", "nav-people", None)] if who.may(WorkRole.ADMINISTER) else entries


# --- what was sent ----------------------------------------------------------------------------------------------------


def field_of(name: str, most: int = _MAX_TEXT, *, required: bool = False) -> str:
    """A field of the form, without outer blanks.

    :raises MalformedDocument: it is too long, or missing where it is required.
    """
    text = request.form.get(name, "").strip()
    if len(text) > most or "\0" in text or (required and not text):
        raise MalformedDocument(
            Message("{name} of the form", name=name),
            expected=Message("one text of at most {count} characters", count=most),
        )
    return text


def draft_or_404(id_: str) -> Draft:
    draft = workspace().drafts.get(id_)
    if draft is None:
        raise NotFound
    return draft
