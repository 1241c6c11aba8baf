"""Quick reading of a store in PostgreSQL; see :mod:`passport.store.direct_reading`.

* Each thread has a connection of its own, with the statements prepared once.
* A moment is a transaction (``REPEATABLE READ``, read only), and its version is read in it. So what is composed of
  several answers is of one version, whatever is published meanwhile.
* Each answer is waited for no longer than :data:`PATIENCE`, in an event loop :data:`AT_ONCE`. A connection that does
  not answer in time, or answers with an error, is given up.
* An event loop never connects, which takes several ways to the server and back. Another thread does, and until it has,
  the loop's requests take the usual way.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from passport.store.direct_reading import VERSION, DirectReading
from passport.store.failures import STORE, failure_of
from passport.store.sqlite import PATIENCE
from passport.store.tables import is_storable

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn, PGresult

_Answer = TypeVar("_Answer")
#: Opens a connection; raises ``psycopg.Error``.
Connect = Callable[[], "psycopg.Connection[Any]"]
#: Seconds that an event loop waits for one answer. A server near by needs a thousandth of that.
AT_ONCE = 0.25
#: Seconds between two attempts to connect for an event loop.
_BETWEEN = 1.0
_BINARY = 1
_SQLSTATE = ord("C")
#: By the numbers that PostgreSQL gives its types (pg_type.dat): bool, bytea, int8, int4, text.
_VALUES: dict[int, Callable[[bytes], Any]] = {
    16: lambda value: value != b"\0",
    17: bytes,
    20: lambda value: int.from_bytes(value, "big", signed=True),
    23: lambda value: int.from_bytes(value, "big", signed=True),
    25: lambda value: value.decode("utf-8"),
}


class NoAnswer(Exception):
    """The server answered with an error, or not in time.

    :ivar sqlstate: of the error; None where there was no answer.
    """

    def __init__(self, sqlstate: str | None = None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class ServerLine:
    """A connection by the functions of libpq, which let an answer be waited for with an end.

    :raises NoAnswer: the server does not know the tables, or has none to show.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._server: PGconn = connection.pgconn
        self._server.nonblocking = 1
        self._poll = select.poll()
        self._poll.register(self._server.socket, select.POLLIN)
        self._names: dict[str, bytes] = {}
        self._is_ending = False
        self.rows(VERSION, (), PATIENCE)

    def rows(self, statement: str, values: Sequence[str | int], patience: float) -> list[tuple[Any, ...]]:
        """:raises NoAnswer: to a statement."""
        deadline = time.monotonic() + patience
        self._finish(deadline)
        name = self._names.get(statement)
        if name is None:
            name = b"passport_%d" % len(self._names)
            # ?1 of the statements is $1 here.
            self._server.send_prepare(name, statement.replace("?", "$").encode())
            self._answers(deadline)
            self._names[statement] = name
        self._server.send_query_prepared(name, [str(value).encode() for value in values], result_format=_BINARY)
        answer = self._answers(deadline)[-1]
        kinds = [_VALUES[answer.ftype(column)] for column in range(answer.nfields)]
        return [
            tuple([None if (value := answer.get_value(row, column)) is None else kind(value)
                   for column, kind in enumerate(kinds)])
            for row in range(answer.ntuples)
        ]  # fmt: skip

    def begin(self, patience: float) -> tuple[int | None, ...]:
        """Begin a moment, with one way to the server and back. :returns: the numbers of its version.

        :raises NoAnswer: to a statement.
        """
        deadline = time.monotonic() + patience
        self._finish(deadline)
        self._server.send_query(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; EXECUTE %b" % self._names[VERSION])
        answer = self._answers(deadline)[-1]
        # Several statements in one: values come as text.
        return tuple([int(answer.get_value(0, column) or 0) for column in range(answer.nfields)])

    def commit(self) -> None:
        """End a moment. The answer is taken before the next statement is sent: nothing depends on it."""
        self._server.send_query(b"COMMIT")
        self._server.flush()
        self._is_ending = True

    def close(self) -> None:
        self._connection.close()

    def _finish(self, deadline: float) -> None:
        if self._is_ending:
            self._answers(deadline)
            self._is_ending = False

    def _answers(self, deadline: float) -> list[PGresult]:
        """The answers to what was sent last; at least one."""
        while self._server.flush():
            self._wait(select.POLLIN | select.POLLOUT, deadline)
            self._server.consume_input()
        answers: list[PGresult] = []
        while True:
            while self._server.is_busy():
                self._wait(select.POLLIN, deadline)
                self._server.consume_input()
            answer = self._server.get_result()
            if answer is None:
                return answers
            if answer.error_message:
                sqlstate = answer.error_field(_SQLSTATE)
                raise NoAnswer(sqlstate.decode("ascii", "replace") if sqlstate else None)
            answers.append(answer)

    def _wait(self, events: int, deadline: float) -> None:
        left = deadline - time.monotonic()
        self._poll.modify(self._server.socket, events)
        if left <= 0 or not self._poll.poll(left * 1000):
            raise NoAnswer


class _ThreadLine(threading.local):
    """What belongs to one thread. :ivar held: the version of the moment that is held; None where none is."""

    line: ServerLine | None = None
    held: tuple[int, ...] | None = None
    never_waits = False


class PostgresqlReading(DirectReading):
    """:param connect: opens a connection without transactions of its own accord."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._local = _ThreadLine()
        self._spare: ServerLine | None = None
        self._lock = threading.Lock()
        self._tried = 0.0

    def prepare(self) -> None:
        threading.Thread(target=self._make_spare, name="connecting", daemon=True).start()

    def never_wait(self) -> None:
        self._local.never_waits = True

    def version(self) -> tuple[int, ...]:
        if self._local.held is not None:
            return self._local.held
        row = self._row(VERSION)
        assert row is not None, "a SELECT without FROM has one row"
        return tuple([number or 0 for number in row])

    def hold(self) -> bool:
        if self._local.held is not None:
            return False
        self._local.held = self._asked(lambda line, patience: tuple([number or 0 for number in line.begin(patience)]))
        return True

    def release(self) -> None:
        local = self._local
        if local.held is None:
            return
        local.held = None
        if local.line is not None:
            self._asked(lambda line, _: line.commit())

    def _row(self, statement: str, *values: str | int) -> tuple[Any, ...] | None:
        return next(iter(self._rows(statement, *values)), None)

    def _rows(self, statement: str, *values: str | int) -> Sequence[tuple[Any, ...]]:
        if not all(is_storable(str(value)) for value in values):
            return []
        return self._asked(lambda line, patience: line.rows(statement, values, patience))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _asked(self, question: Callable[[ServerLine, float], _Answer]) -> _Answer:
        """:raises StoreFailure: there is no answer; the connection is given up."""
        import psycopg

        local = self._local
        try:
            line = self._line()
            return question(line, AT_ONCE if local.never_waits else PATIENCE)
        except (NoAnswer, psycopg.Error) as error:
            if local.line is not None:
                local.line.close()
                local.line = None
            raise failure_of(error, STORE) from error

    def _line(self) -> ServerLine:
        """This thread's connection.

        :raises NoAnswer: a moment is held whose connection is lost, or there is none yet for an event loop.
        :raises psycopg.Error: the server cannot be reached.
        """
        local = self._local
        if local.line is None:
            if local.held is not None:
                # Another connection would show another moment.
                raise NoAnswer
            local.line = self._spare_line() if local.never_waits else ServerLine(self._connect())
        return local.line

    def _spare_line(self) -> ServerLine:
        """The connection that another thread has made; where there is none, one is asked for."""
        with self._lock:
            line, self._spare = self._spare, None
            now = time.monotonic()
            is_due = line is None and now - self._tried >= _BETWEEN
            if is_due:
                self._tried = now
        if line is not None:
            return line
        if is_due:
            self.prepare()
        raise NoAnswer

    def _make_spare(self) -> None:
        import psycopg

        try:
            line = ServerLine(self._connect())
        except (NoAnswer, psycopg.Error):
            return  # the next request asks again, and the usual way tells what is wrong
        with self._lock:
            before, self._spare = self._spare, line
        if before is not None:
            before.close()
