"""Writing to transparency logs within a transaction, which is that of a store or of the resolver's state."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sql

from passport.store.log import log_writing
from passport.store.log.log_reading import LogQueries, StoredCheckpoint
from passport.store.log.log_tables import log_checkpoints, log_cosignatures
from passport.store.tables import is_behind_all
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.note import Note, NoteSignature


class LogTransaction(LogQueries):
    """What may be written to logs, and every question of them asked under the writer's own lock.

    :param connection: in the transaction of a writer.
    """

    def __init__(self, connection: sql.Connection) -> None:
        self._connection = connection

    def _connected(self) -> AbstractContextManager[sql.Connection]:
        return nullcontext(self._connection)

    def append_to_log(self, log: str, entries: Sequence[bytes]) -> int:
        """Append digests to a transparency log, see :func:`passport.store.log.log_writing.append`.

        :returns: the position of the first one.
        """
        return log_writing.append(self._connection, log, entries)

    def add_log_checkpoint(self, log: str, checkpoint: Checkpoint, note: Note) -> None:
        """Store a signed checkpoint of a log."""
        row = {"log": log, "size": checkpoint.size, "root": checkpoint.root, "note": bytes(note)}
        self._connection.execute(log_checkpoints.insert().values(is_behind_all(log_checkpoints)), row)

    def add_log_cosignature(self, checkpoint: StoredCheckpoint, signature: NoteSignature) -> None:
        """Store the cosignature of a witness under a stored checkpoint."""
        row = {"checkpoint": checkpoint.sequence, "line": str(signature)}
        self._connection.execute(log_cosignatures.insert().values(is_behind_all(log_cosignatures)), row)
