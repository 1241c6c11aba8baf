"""Flask's session over the workspace's server-side sessions: the browser has a random text and nothing else.

* The cookie is ``__Host-``, so it is Secure, of this host alone and of the whole path; and HttpOnly and SameSite=Lax,
  since an invitation is opened from a mail.
* A session begins when something is kept in it. A page that keeps nothing sets no cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from passport.store.workspace.sessions import Sessions

COOKIE = "__Host-workspace"
_MAX = 128


class KeptSession(CallbackDict[str, Any], SessionMixin):
    """:ivar token: the text in the browser; None where there is none yet. :ivar person: id of who signed in."""

    def __init__(self, data: dict[str, Any], token: str | None, person: str | None) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(data, changed)
        self.token, self.person = token, person
        self.modified, self.is_fresh = False, False


class ServerSessions(SessionInterface):
    """:param now: the clock."""

    def __init__(self, sessions: Sessions, now: Callable[[], datetime]) -> None:
        self._sessions, self._now = sessions, now

    def open_session(self, app: Flask, request: Request) -> KeptSession:
        token = request.cookies.get(COOKIE, "")
        kept = self._sessions.read(token, at=self._now()) if 0 < len(token) <= _MAX else None
        if kept is None:
            return KeptSession({}, None, None)
        return KeptSession(dict(kept.data), kept.token, kept.person)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, KeptSession)
        if session.modified and session.token is None and session:
            session.token, session.is_fresh = self._sessions.begin(None, dict(session), at=self._now()), True
        elif session.modified and session.token is not None:
            self._sessions.keep(session.token, dict(session))
        if session.is_fresh and session.token is not None:
            response.set_cookie(COOKIE, session.token, secure=True, httponly=True, samesite="Lax", path="/")

    def sign_in(self, session: KeptSession, person: str) -> None:
        """A new session under a new text; of the one before, only the language stays."""
        if session.token is not None:
            self._sessions.end(session.token)
        kept = {name: session[name] for name in ("lang",) if name in session}
        session.clear()
        session.update(kept)
        session.token = self._sessions.begin(person, kept, at=self._now())
        session.person, session.is_fresh = person, True

    def sign_out(self, session: KeptSession) -> None:
        if session.token is not None:
            self._sessions.end(session.token)
        session.clear()
        session.token, session.person, session.modified = None, None, False
