"""A consistent copy of the resolver's state without its secret, for a backup.

The secret signs access tokens. Who has it can make tokens that this resolver accepts, so it is in no copy: a resolver
that starts with the copy makes a new one, and tokens of before end.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from passport.store import sqlite
from passport.store.failures import answering
from passport.store.log.access_log import STATE


def copy_state(path: Path, target: Path) -> None:
    """Copy the file at ``path`` to a new file ``target``, mode 600, while the resolver goes on.

    :raises StoreFailure: the file cannot be read, or the copy cannot be written.
    :raises OSError: the copy cannot be made.
    """
    sqlite.make_file(target)
    with answering(STATE, path):
        source, copy = sqlite.connect(path), sqlite3.connect(target, isolation_level=None)
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchone()
            copy.execute("PRAGMA secure_delete=ON").fetchone()
            for table in ("secret", "used_challenges", "revoked_tokens"):
                copy.execute(f"DELETE FROM {table}")  # noqa: S608 (names of ours)
            # Deleted rows may still be in free pages.
            copy.execute("VACUUM")
        finally:
            copy.close()
            source.close()
