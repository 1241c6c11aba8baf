"""A consistent copy of a project's state files without their secrets, for a backup.

The resolver's secret signs access tokens, the workspace's signs sessions. Who has one can make what the program
accepts, so it is in no copy: a program that starts with the copy makes a new one; tokens and sessions of before end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from passport.store import sqlite
from passport.store.failures import answering
from passport.store.log.access_log import STATE

#: The state files of a project, each with the tables that its copy has empty.
STATE_FILES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "state.db": ("secret", "used_challenges", "revoked_tokens", "wallet_answers"),
    "workspace.db": ("secret", "sessions", "invitations", "failures", "used_nonces"),
    "register.db": (),
    "registrations.db": (),
    "connector.db": (),
})  # fmt: skip


def copy_state(path: Path, target: Path) -> None:
    """Copy the state file at ``path`` to a new file ``target``, mode 600, while its program goes on.

    :param path: its name is one of :data:`STATE_FILES`.

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
            # A file that no newer program has opened yet lacks the newer tables.
            there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in there.intersection(STATE_FILES[path.name]):
                copy.execute(f"DELETE FROM {table}")  # noqa: S608 (names of ours)
            # Deleted rows may still be in free pages.
            copy.execute("VACUUM")
        finally:
            copy.close()
            source.close()
