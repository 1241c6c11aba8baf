"""Feeds of alerts that readers of the desk keep open: name, choices and end by holder, in the state file.

The token of a feed is not kept; its id is, by which it can be ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passport.errors import MalformedDocument
from passport.store.rows import stored_instant
from passport.store.state.state_file import StateFile
from passport.texts import Message

_NAME = "the feeds of alerts"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS alert_feeds (id TEXT PRIMARY KEY, holder TEXT NOT NULL, name TEXT NOT NULL,"
    " query TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID"
)
MOST = 20
MAX_NAME = 60


@dataclass(frozen=True)
class AlertFeed:
    """:ivar id: of its token; :ivar query: the choices, as the query of an address; :ivar until: when it ends."""

    id: str
    name: str
    query: str
    until: datetime


class AlertFeeds:
    """The feeds of all holders.

    :param path: of the state file, which exists.
    """

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path, _NAME)
        with self._file.reading() as connection:
            connection.execute(_SCHEMA)

    def of(self, holder: str, at: datetime) -> tuple[AlertFeed, ...]:
        """Those of one holder that have not ended by themselves, by name."""
        query = "SELECT id, name, query, until FROM alert_feeds WHERE holder = ? AND until > ? ORDER BY name, id"
        with self._file.reading() as connection:
            rows = connection.execute(query, (holder, at.isoformat())).fetchall()
        return tuple(AlertFeed(id_, name, kept, stored_instant(until, _NAME)) for id_, name, kept, until in rows)

    def keep(self, holder: str, feed: AlertFeed, at: datetime) -> None:
        """Note a feed. Those that have ended are forgotten.

        :raises MalformedDocument: it has no name, or there are too many.
        """
        if not feed.name.strip() or len(feed.name) > MAX_NAME or not feed.name.isprintable():
            raise MalformedDocument(
                Message("name of a feed"), expected=Message("1 to {count} printable characters", count=MAX_NAME)
            )
        with self._file.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute("DELETE FROM alert_feeds WHERE until <= ?", (at.isoformat(),))
                others = connection.execute("SELECT count(*) FROM alert_feeds WHERE holder = ?", (holder,)).fetchone()
                if others[0] >= MOST:
                    raise MalformedDocument(Message("feeds"), expected=Message("at most {count}", count=MOST))
                connection.execute(
                    "INSERT INTO alert_feeds VALUES (?, ?, ?, ?, ?)",
                    (feed.id, holder, feed.name, feed.query, feed.until.isoformat()),
                )
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def forget(self, holder: str, id_: str) -> AlertFeed | None:
        """Forget a feed of a holder. :returns: the feed; None where the holder has none of that id."""
        with self._file.reading() as connection:
            row = connection.execute(
                "DELETE FROM alert_feeds WHERE holder = ? AND id = ? RETURNING id, name, query, until", (holder, id_)
            ).fetchone()
        return None if row is None else AlertFeed(row[0], row[1], row[2], stored_instant(row[3], _NAME))
