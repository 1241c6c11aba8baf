"""Quick reading of public views: constant statements over a connection of each thread, without SQLAlchemy.

A database finds a row in a tenth of the time that SQLAlchemy needs to build the query, and the resolver reads often.
:mod:`passport.store.direct_sqlite` and :mod:`passport.store.direct_postgresql` know the connections; what is asked is
here, once for both.

    is_mine = direct.hold()
    try:
        version, body = direct.version(), direct.current(subject, type_)      # of one moment
    finally:
        if is_mine:
            direct.release()
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from passport.store.log.log_reading import cosigned_note

#: The numbers of :meth:`passport.store.Store.version`.
VERSION = """
SELECT (SELECT max(sequence) FROM credentials), (SELECT max(sequence) FROM status_lists),
  (SELECT max(sequence) FROM status_changes), (SELECT max(sequence) FROM log_checkpoints),
  (SELECT max(sequence) FROM log_cosignatures), (SELECT max(sequence) FROM events)"""
# All that is a pack's own, in one statement: it is one moment, and each statement gives other threads their turn.
_CURRENT_BESIDE = """
SELECT body, EXISTS (SELECT 1 FROM credentials WHERE subject = ?1 AND type = ?3),
  EXISTS (SELECT 1 FROM events WHERE pack = ?1 AND audience_kind = ?4)
FROM credentials WHERE subject = ?1 AND type = ?2
  AND NOT EXISTS (SELECT 1 FROM read_outs WHERE read_outs.sequence = credentials.sequence AND late)
ORDER BY sequence DESC LIMIT 1"""
_KNOWN = "SELECT 1 FROM packs WHERE subject = ?1 UNION ALL SELECT 1 FROM credentials WHERE subject = ?1 AND type = ?2"
_CURRENT = """
SELECT body FROM credentials WHERE subject = ?1 AND type = ?2
  AND NOT EXISTS (SELECT 1 FROM read_outs WHERE read_outs.sequence = credentials.sequence AND late)
ORDER BY sequence DESC LIMIT 1"""
_HISTORY = "SELECT body FROM credentials WHERE subject = ?1 AND type = ?2"
_LIST = "SELECT body FROM status_lists WHERE list = ?1 ORDER BY sequence DESC LIMIT 1"
_CHECKPOINT = "SELECT note, sequence FROM log_checkpoints WHERE log = ?1 ORDER BY sequence DESC LIMIT 1"
_COSIGNATURES = "SELECT line FROM log_cosignatures WHERE checkpoint = ?1 ORDER BY sequence"


class DirectReading(ABC):
    """Documents of a store, as they are stored. It never writes; each thread has a connection of its own.

    Every method raises :class:`StoreFailure` where the store cannot be read.
    """

    # --- the connection of this thread ------------------------------------------------------------------------------

    @abstractmethod
    def prepare(self) -> None:
        """Begin to make ready what a thread will need that never waits."""

    @abstractmethod
    def never_wait(self) -> None:
        """Let this thread fail at once where the store is not ready: an event loop would keep all its clients
        waiting."""

    @abstractmethod
    def version(self) -> tuple[int, ...]:
        """As :meth:`passport.store.Store.version`; while one moment is held, that of this moment."""

    @abstractmethod
    def hold(self) -> bool:
        """Read nothing but this moment until :meth:`release`, in this thread; False where one is held already.

        All that is read then belongs to one version.
        """

    @abstractmethod
    def release(self) -> None:
        """Let the moment go that this thread holds, where it holds one."""

    @abstractmethod
    def _row(self, statement: str, *values: str | int) -> tuple[Any, ...] | None:
        """The first row of a statement of this module; None where there is none."""

    @abstractmethod
    def _rows(self, statement: str, *values: str | int) -> Iterable[tuple[Any, ...]]:
        """All rows."""

    # --- documents, as they are stored ------------------------------------------------------------------------------

    def knows(self, subject: str, type_: str) -> bool:
        """Whether there is a pack of that address, or a credential of that type about it."""
        return self._row(_KNOWN, subject, type_) is not None

    def current(self, subject: str, type_: str) -> bytes | None:
        """The newest credential of that type about ``subject``, late read-outs aside."""
        row = self._row(_CURRENT, subject, type_)
        return None if row is None else row[0]

    def current_beside(self, pack: str, type_: str, other: str, kind: str) -> tuple[bytes, bool, bool] | None:
        """The same of a pack, and whether there are credentials of the type ``other`` about it besides.

        The third member is whether there are life-cycle events with the audiences of ``kind``.
        """
        row = self._row(_CURRENT_BESIDE, pack, type_, other, kind)
        return None if row is None else (row[0], bool(row[1]), bool(row[2]))

    def history(self, subject: str, type_: str) -> Iterator[bytes]:
        """All credentials of that type about ``subject``, in no particular order."""
        for (body,) in self._rows(_HISTORY, subject, type_):
            yield body

    def status_list(self, number: int) -> bytes | None:
        """The newest signed status list of that number."""
        row = self._row(_LIST, number)
        return None if row is None else row[0]

    def log_checkpoint_note(self, log: str) -> bytes | None:
        """The newest checkpoint of a log with its cosignatures, as a signed note."""
        row = self._row(_CHECKPOINT, log)
        if row is None:
            return None
        note, sequence = row
        return bytes(cosigned_note(note, [line for (line,) in self._rows(_COSIGNATURES, sequence)]))
