"""Sessions of the workspace, on the server. The browser has a random text, the file its hash.

* A session ends when it was not used for :data:`IDLE`, and after :data:`LONGEST` in any case.
* Signing in begins a new one under a new text; the one before is deleted. So a text that was planted gains nothing.
* Sessions of people who did not sign in hold a challenge and a form's token. There are only so many of them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from passport.store.workspace.workspace_file import WorkspaceFile, token_digest

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=10)
#: Of people who did not sign in: how long, and how many.
BEFORE_SIGN_IN, MOST_BEFORE_SIGN_IN = timedelta(minutes=15), 2000


@dataclass(frozen=True)
class WorkSession:
    """:ivar person: id of who signed in; None before that; :ivar data: what the frame keeps there."""

    token: str
    person: str | None
    data: Mapping[str, Any]


class Sessions:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def read(self, token: str, *, at: datetime) -> WorkSession | None:
        """The session of a text; None where there is none (any more)."""
        now = at.timestamp()
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM sessions WHERE digest = ?", (token_digest(token),)).fetchone()
            if row is None:
                return None
            idle, longest = (IDLE, LONGEST) if row["user"] else (BEFORE_SIGN_IN, BEFORE_SIGN_IN)
            if now > row["seen"] + idle.total_seconds() or now > row["begun"] + longest.total_seconds():
                connection.execute("DELETE FROM sessions WHERE digest = ?", (token_digest(token),))
                return None
            if row["user"] and now - row["seen"] > 60:
                # Not at each request: a page with pictures would wait for the disk again and again.
                connection.execute("UPDATE sessions SET seen = ? WHERE digest = ?", (now, token_digest(token)))
        return WorkSession(token, row["user"], json.loads(row["data"]))

    def begin(self, person: str | None, data: Mapping[str, Any], *, at: datetime) -> str:
        """A new session. :returns: the text for the browser."""
        token, now = secrets.token_urlsafe(32), at.timestamp()
        with self._file.turn() as connection:
            connection.execute(
                "DELETE FROM sessions WHERE begun < ? OR (user IS NULL AND begun < ?)",
                (now - LONGEST.total_seconds(), now - BEFORE_SIGN_IN.total_seconds()),
            )
            if person is None:
                connection.execute(
                    "DELETE FROM sessions WHERE user IS NULL AND digest IN (SELECT digest FROM sessions"
                    " WHERE user IS NULL ORDER BY begun DESC LIMIT -1 OFFSET ?)",
                    (MOST_BEFORE_SIGN_IN - 1,),
                )
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", (token_digest(token), person, json.dumps(data), now, now)
            )
        return token

    def keep(self, token: str, data: Mapping[str, Any]) -> None:
        """Other data of a session that still is."""
        with self._file.reading() as connection:
            connection.execute("UPDATE sessions SET data = ? WHERE digest = ?", (json.dumps(data), token_digest(token)))

    def end(self, token: str) -> None:
        with self._file.reading() as connection:
            connection.execute("DELETE FROM sessions WHERE digest = ?", (token_digest(token),))
