"""Subscriptions to alerts, and the messages that go out for them, in the state file.

* A message is about one state of one alert. Subscription, alert and state are unique, so that no state is sent twice,
  whatever is interrupted.
* A message waits until its time, is claimed by one process, and is then delivered, put off, or dead after the last
  attempt. Dead messages stay, and can be made to wait again.
* When a subscription begins, the states of that moment are noted as known, and nothing is sent for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from passport.errors import UsageError
from passport.store.rows import stored_instant
from passport.store.state.state_file import StateFile
from passport.texts import Message

_NAME = "the subscriptions to alerts"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS alert_subscriptions (id TEXT PRIMARY KEY, url TEXT NOT NULL, query TEXT NOT NULL,"
    " audience TEXT NOT NULL, private INTEGER NOT NULL, at TEXT NOT NULL, person TEXT NOT NULL, ended TEXT)"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS alert_messages (id TEXT PRIMARY KEY, subscription TEXT NOT NULL, alert TEXT NOT NULL,"
    " state TEXT NOT NULL, body BLOB, status TEXT NOT NULL, due TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " fault TEXT, done TEXT, UNIQUE (subscription, alert, state)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS alert_messages_waiting ON alert_messages (status, due)",
)
MOST = 200


class MessageStatus(StrEnum):
    """What became of a message. ``known`` is a state that was there when the subscription began."""

    KNOWN = "known"
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True)
class Subscription:
    """:ivar url: where messages go; :ivar query: choices of alerts, as the query of an address.

    :ivar audience: whose alerts they are; :ivar private: whether ``url`` may be a private or loopback address.
    :ivar person: who made it; :ivar ended: None while it goes on.
    """

    id: str
    url: str
    query: str
    audience: str
    private: bool
    at: datetime
    person: str
    ended: datetime | None = None


@dataclass(frozen=True)
class AlertMessage:
    """:ivar id: the same on each attempt; :ivar state: of the alert; :ivar due: when it is tried next.

    :ivar fault: why the last attempt failed; :ivar done: when it was delivered, or given up.
    """

    id: str
    subscription: str
    alert: str
    state: str
    body: bytes | None
    status: MessageStatus
    due: datetime
    attempts: int = 0
    fault: str | None = None
    done: datetime | None = None


class AlertSubscriptions:
    """:param path: of the state file, which exists."""

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path, _NAME)
        with self._file.reading() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)

    # --- subscriptions ----------------------------------------------------------------------------------------------

    def begin(self, subscription: Subscription, known: Iterable[AlertMessage]) -> None:
        """Write a subscription down, with the states for which nothing is sent.

        :raises UsageError: there are too many.
        """
        with self._file.turn() as connection:
            live = connection.execute("SELECT count(*) FROM alert_subscriptions WHERE ended IS NULL").fetchone()[0]
            if live >= MOST:
                raise UsageError(Message("subscriptions"), expected=Message("at most {count}", count=MOST))
            connection.execute(
                "INSERT INTO alert_subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                (subscription.id, subscription.url, subscription.query, subscription.audience,
                 int(subscription.private), subscription.at.isoformat(), subscription.person),
            )  # fmt: skip
            _insert(connection, known)

    def all(self) -> tuple[Subscription, ...]:
        """Every subscription, the oldest first; ended ones too."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT id, url, query, audience, private, at, person, ended FROM alert_subscriptions ORDER BY at, id"
            ).fetchall()
        return tuple(_subscription(row) for row in rows)

    def end(self, id_: str, at: datetime) -> None:
        """End a subscription; what waits for it is given up."""
        with self._file.turn() as connection:
            connection.execute(
                "UPDATE alert_subscriptions SET ended = ? WHERE id = ? AND ended IS NULL", (at.isoformat(), id_)
            )
            connection.execute(
                "UPDATE alert_messages SET status = 'dead', done = ?, fault = 'ended'"
                " WHERE subscription = ? AND status = 'waiting'",
                (at.isoformat(), id_),
            )

    # --- messages ---------------------------------------------------------------------------------------------------

    def states(self, subscription: str) -> frozenset[tuple[str, str]]:
        """Alert and state of every message of a subscription."""
        query = "SELECT alert, state FROM alert_messages WHERE subscription = ?"
        with self._file.reading() as connection:
            return frozenset((row[0], row[1]) for row in connection.execute(query, (subscription,)))

    def add(self, messages: Iterable[AlertMessage]) -> int:
        """Write messages down; those whose state is there already are left out. :returns: how many are new."""
        with self._file.turn() as connection:
            return _insert(connection, messages)

    def due(self, at: datetime, limit: int) -> tuple[AlertMessage, ...]:
        """Messages that wait and whose time has come, the longest first."""
        return self._messages("WHERE status = 'waiting' AND due <= ? ORDER BY due, id LIMIT ?", (at.isoformat(), limit))

    def of_status(self, status: MessageStatus, limit: int = 1000) -> tuple[AlertMessage, ...]:
        """Messages of a status, the newest first."""
        return self._messages("WHERE status = ? ORDER BY coalesce(done, due) DESC, id LIMIT ?", (status.value, limit))

    def counts(self) -> dict[str, dict[str, int]]:
        """How many messages of each status a subscription has, by its id."""
        counted: dict[str, dict[str, int]] = {}
        with self._file.reading() as connection:
            for subscription, status, n in connection.execute(
                "SELECT subscription, status, count(*) FROM alert_messages GROUP BY subscription, status"
            ):
                counted.setdefault(subscription, {})[status] = n
        return counted

    def claim(self, message: AlertMessage, until: datetime) -> bool:
        """Whether this caller is the one to send a message now: of several processes, one is.

        :param until: when another one may try, if this one does not come back.
        """
        with self._file.reading() as connection:
            claimed = connection.execute(
                "UPDATE alert_messages SET due = ?, attempts = attempts + 1"
                " WHERE id = ? AND status = 'waiting' AND due = ?",
                (until.isoformat(), message.id, message.due.isoformat()),
            )
            return claimed.rowcount == 1

    def delivered(self, id_: str, at: datetime) -> None:
        """A message was taken."""
        self._settle(id_, MessageStatus.DELIVERED, at, None)

    def put_off(self, id_: str, due: datetime, fault: str) -> None:
        """A message was not taken, and is tried again."""
        with self._file.reading() as connection:
            connection.execute(
                "UPDATE alert_messages SET due = ?, fault = ? WHERE id = ? AND status = 'waiting'",
                (due.isoformat(), fault, id_),
            )

    def give_up(self, id_: str, at: datetime, fault: str) -> None:
        """A message was not taken, and is not tried again."""
        self._settle(id_, MessageStatus.DEAD, at, fault)

    def revive(self, at: datetime) -> int:
        """Let all dead messages of subscriptions that go on wait again. :returns: how many."""
        with self._file.turn() as connection:
            return connection.execute(
                "UPDATE alert_messages SET status = 'waiting', due = ?, attempts = 0, done = NULL"
                " WHERE status = 'dead' AND body IS NOT NULL AND subscription IN"
                " (SELECT id FROM alert_subscriptions WHERE ended IS NULL)",
                (at.isoformat(),),
            ).rowcount

    def _settle(self, id_: str, status: MessageStatus, at: datetime, fault: str | None) -> None:
        # The body of a delivered message is of no use here any more.
        with self._file.reading() as connection:
            connection.execute(
                "UPDATE alert_messages SET status = ?, done = ?, fault = ?,"
                " body = CASE WHEN ? = 'delivered' THEN NULL ELSE body END WHERE id = ? AND status = 'waiting'",
                (status.value, at.isoformat(), fault, status.value, id_),
            )

    def _messages(self, where: str, values: tuple[object, ...]) -> tuple[AlertMessage, ...]:
        # The condition is one of the constants above.
        query = f"SELECT id, subscription, alert, state, body, status, due, attempts, fault, done FROM alert_messages {where}"  # noqa: E501, S608
        with self._file.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(
            AlertMessage(
                id_, subscription, alert, state, None if body is None else bytes(body), MessageStatus(status),
                stored_instant(due, _NAME), attempts, fault, None if done is None else stored_instant(done, _NAME),
            )
            for id_, subscription, alert, state, body, status, due, attempts, fault, done in rows
        )  # fmt: skip


def _insert(connection: sqlite3.Connection, messages: Iterable[AlertMessage]) -> int:
    return connection.executemany(
        "INSERT INTO alert_messages VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL) ON CONFLICT DO NOTHING",
        [
            (message.id, message.subscription, message.alert, message.state, message.body, message.status.value,
             message.due.isoformat())
            for message in messages
        ],
    ).rowcount  # fmt: skip


def _subscription(row: tuple[str, str, str, str, int, str, str, str | None]) -> Subscription:
    id_, url, query, audience, private, at, person, ended = row
    return Subscription(
        id_, url, query, audience, bool(private), stored_instant(at, _NAME), person,
        None if ended is None else stored_instant(ended, _NAME),
    )  # fmt: skip
