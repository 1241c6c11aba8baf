"""What the connector remembers, as it is read: processes, waiting messages, the log, credentials of our own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.log.log_reading import LogQueries

_BATCH = 1_000


@dataclass(frozen=True)
class ProcessRow:
    """A process as it is stored.

    :ivar body: the process, in the form of :mod:`passport.connector.exchange_process`.
    """

    pid: str
    begun: datetime
    changed: datetime
    body: JsonObject


@dataclass(frozen=True)
class QueuedMessage:
    """A message that waits to be sent.

    :ivar path: absolute address, or from the peer's address on.
    :ivar target: the state that it leads to when it was acknowledged.
    """

    pid: str
    path: str
    body: bytes
    target: str
    due: datetime
    attempts: int


@dataclass(frozen=True)
class ExchangeRecord:
    """One line of the log.

    :ivar direction: ``in``, ``out``, ``data``, or ``release`` of what left the country.
    :ivar name: type of the message, kind of the data, or name of the release policy.
    :ivar outcome: ``accepted``, ``refused CODE``, ``unanswered``; of a release ``whole`` or ``part``.
    :ivar digest: SHA-256 of the message or of the data, in hex; :ivar agreement: that of the agreement, or empty.
    :ivar token: the token that the sender signed over the digest, or empty.
    :ivar body: the message, or what was stated of a release; None of data, which is not kept.
    """

    at: datetime
    direction: str
    peer: str
    pid: str
    name: str
    outcome: str
    digest: str
    agreement: str = ""
    token: str = ""
    body: bytes | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """What is salted and logged."""
        return (
            self.at.isoformat(), self.direction, self.peer, self.pid, self.name, self.outcome, self.digest,
            self.agreement, self.token,
        )  # fmt: skip


@dataclass(frozen=True)
class HeldCredential:
    """A credential of our own that we may present.

    :ivar type: its own type, such as ``MembershipCredential``; :ivar format: profile, such as ``vc20-bssl/jwt``.
    """

    id: str
    type: str
    issuer: str
    format: str
    body: str
    valid_until: datetime | None = None


class ExchangeQueries(LogQueries):
    """What can be asked, in a transaction or outside."""

    def _rows(self, statement: str, parameters: tuple[object, ...] = ()) -> Sequence[tuple[Any, ...]]:
        with self._connected() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement, parameters)]

    def process(self, pid: str) -> ProcessRow | None:
        return _first(self._rows(f"{_PROCESS} WHERE pid = ?", (pid,)))

    def process_of_peer(self, peer: str, kind: str, side: str, peer_pid: str) -> ProcessRow | None:
        """The process that a peer calls by this identifier."""
        where = "WHERE peer = ? AND kind = ? AND side = ? AND peer_pid = ?"
        return _first(self._rows(f"{_PROCESS} {where}", (peer, kind, side, peer_pid)))

    def negotiation_of(self, agreement: str) -> ProcessRow | None:
        """The negotiation that ended in an agreement of this id."""
        return _first(
            self._rows(f"{_PROCESS} WHERE agreement = ? AND kind = 'negotiation' AND state = 'FINALIZED'", (agreement,))
        )

    def processes_of_agreement(self, agreement: str) -> tuple[ProcessRow, ...]:
        """The negotiation of an agreement and the transfers under it, in the order in which they began."""
        return tuple(
            map(_process, self._rows(f"{_PROCESS} WHERE agreement = ? ORDER BY begun, kind, pid", (agreement,)))
        )

    def processes(self, kind: str, *, limit: int = 100) -> tuple[ProcessRow, ...]:
        """The newest of a kind, newest first."""
        rows = self._rows(f"{_PROCESS} WHERE kind = ? ORDER BY changed DESC, pid LIMIT ?", (kind, limit))
        return tuple(map(_process, rows))

    def idle(self) -> tuple[ProcessRow, ...]:
        """Processes that are open and have nothing to send."""
        open_ = "state NOT IN ('FINALIZED', 'COMPLETED', 'TERMINATED')"
        rows = self._rows(f"{_PROCESS} WHERE {open_} AND pid NOT IN (SELECT pid FROM outbox) ORDER BY pid")  # noqa: S608
        return tuple(map(_process, rows))

    def waiting(self, pid: str) -> QueuedMessage | None:
        rows = self._rows(f"{_WAITING} WHERE pid = ?", (pid,))
        return _waiting(rows[0]) if rows else None

    def due(self, at: datetime, *, limit: int = 50) -> tuple[QueuedMessage, ...]:
        """Messages whose time has come, the longest due first."""
        return tuple(
            map(_waiting, self._rows(f"{_WAITING} WHERE due <= ? ORDER BY due LIMIT ?", (at.timestamp(), limit)))
        )

    def next_due(self) -> datetime | None:
        row = self._rows("SELECT min(due) FROM outbox")[0]
        return None if row[0] is None else datetime.fromtimestamp(float(str(row[0])), UTC)

    def records(self, pid: str | None = None, *, limit: int = 1_000) -> tuple[tuple[int, ExchangeRecord, bytes], ...]:
        """Lines of the log, oldest first: position in the transparency log, line, salt."""
        # The columns are ours; what is asked for is a parameter.
        query = f"SELECT {_LOGGED} FROM exchange_log WHERE pid = ? OR ? IS NULL ORDER BY sequence LIMIT ?"  # noqa: S608
        return tuple(_logged(row) for row in self._rows(query, (pid, pid, limit)))

    def logged(self) -> Iterator[tuple[int, int, ExchangeRecord, bytes]]:
        """Each line of the log, oldest first: its entry in the transparency log, its number, line, salt."""
        last = 0
        while True:
            rows = self._rows(
                f"SELECT sequence, {_LOGGED} FROM exchange_log WHERE sequence > ? ORDER BY sequence LIMIT ?",  # noqa: S608
                (last, _BATCH),
            )
            for number, *row in rows:
                last = int(number)
                entry, record, salt = _logged(tuple(row))
                yield entry, last, record, salt
            if len(rows) < _BATCH:
                return

    def held_credentials(self) -> tuple[HeldCredential, ...]:
        rows = self._rows("SELECT id, type, issuer, format, body, valid_until FROM held_credentials ORDER BY id")
        return tuple(_held(row) for row in rows)

    def credential_request(self, id_: str) -> tuple[str, str, str, str, bytes] | None:
        """Side, peer, the peer's id, status and body of a request for credentials."""
        rows = self._rows("SELECT side, peer, peer_id, status, body FROM credential_requests WHERE id = ?", (id_,))
        if not rows:
            return None
        side, peer, peer_id, status, body = rows[0]
        return str(side), str(peer), str(peer_id), str(status), bytes(body)

    def credential_requests(self, side: str, status: str, *, limit: int = 50) -> tuple[str, ...]:
        """Ids of the requests of a side in a state."""
        rows = self._rows(
            "SELECT id FROM credential_requests WHERE side = ? AND status = ? ORDER BY id LIMIT ?",
            (side, status, limit),
        )
        return tuple(str(row[0]) for row in rows)

    def credential_request_of(self, side: str, peer: str, peer_id: str) -> str | None:
        """The id of a request that the peer calls so."""
        rows = self._rows(
            "SELECT id FROM credential_requests WHERE side = ? AND peer = ? AND peer_id = ?", (side, peer, peer_id)
        )
        return str(rows[0][0]) if rows else None


def salted(salt: bytes, record: ExchangeRecord) -> bytes:
    """The bytes whose SHA-256 is the entry of the transparency log."""
    return salt + strict_json.dumps(list(record.row))


_LOGGED = "entry, salt, at, direction, peer, pid, name, outcome, digest, agreement, token, body"
_PROCESS = "SELECT pid, begun, changed, body FROM processes"
_WAITING = "SELECT pid, path, body, target, due, attempts FROM outbox"


def _logged(row: tuple[Any, ...]) -> tuple[int, ExchangeRecord, bytes]:
    entry, salt, at, direction, peer, pid, name, outcome, digest, agreement, token, body = row
    record = ExchangeRecord(
        datetime.fromisoformat(at), direction, peer, pid, name, outcome, digest, agreement, token,
        None if body is None else bytes(body),
    )  # fmt: skip
    return int(entry), record, bytes(salt)


def _held(row: tuple[Any, ...]) -> HeldCredential:
    id_, type_, issuer, format_, body, until = row
    end = None if until is None else datetime.fromtimestamp(until, UTC)
    return HeldCredential(id_, type_, issuer, format_, bytes(body).decode(), end)


def _first(rows: Sequence[tuple[Any, ...]]) -> ProcessRow | None:
    return _process(rows[0]) if rows else None


def _process(row: tuple[Any, ...]) -> ProcessRow:
    pid, begun, changed, body = row
    return ProcessRow(
        str(pid),
        datetime.fromisoformat(str(begun)),
        datetime.fromisoformat(str(changed)),
        strict_json.loads(bytes(body)),
    )


def _waiting(row: tuple[Any, ...]) -> QueuedMessage:
    pid, path, body, target, due, attempts = row
    at = datetime.fromtimestamp(float(str(due)), UTC)
    return QueuedMessage(str(pid), str(path), bytes(body), str(target), at, int(str(attempts)))
