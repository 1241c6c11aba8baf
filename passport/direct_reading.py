"""The quick way into a store that is a file: for whoever answers strangers all day."""

from __future__ import annotations

import sqlite3
import threading

_VERSION = """
SELECT (SELECT max(sequence) FROM credentials), (SELECT max(sequence) FROM status_lists),
  (SELECT max(sequence) FROM status_changes)"""


class DirectReading:
    """An embedded store's file, read past the toolkit: a connection for each thread, which never writes.

    Finding a row takes a tenth of the time that the toolkit needs to ask for it; the resolver asks often.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()

    def version(self) -> tuple[int, ...]:
        """As :meth:`Store.version`. Within a transaction of this connection: that of its moment."""
        connection = self.connection()
        # Changes when another connection has committed, and this one never writes. It costs no look into a table.
        (seen,) = connection.execute("PRAGMA data_version").fetchone()
        if self._local.seen != seen:
            self._local.version = tuple(number or 0 for number in connection.execute(_VERSION).fetchone())
            self._local.seen = seen
        return self._local.version

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; it begins no transaction of its own accord."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
            connection.execute("PRAGMA query_only=ON")
            # In KiB: the upper levels of the indexes of a million packs.
            connection.execute("PRAGMA cache_size=-32000")
            self._local.connection, self._local.seen = connection, None
        return connection
