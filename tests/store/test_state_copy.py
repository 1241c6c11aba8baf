"""A copy of a state file for a backup: also of a file that no newer program has opened yet."""

from __future__ import annotations

import sqlite3

from passport.store.state.state_copy import copy_state


def test_a_file_without_the_newer_tables_is_copied_without_its_secret(tmp_path):
    source, target = tmp_path / "state.db", tmp_path / "copy"
    with sqlite3.connect(source) as connection:
        connection.execute("CREATE TABLE secret (id INTEGER PRIMARY KEY, value BLOB)")
        connection.execute("INSERT INTO secret VALUES (1, x'00')")
        connection.execute("CREATE TABLE access_log (entry TEXT)")
        connection.execute("INSERT INTO access_log VALUES ('kept')")
    copy_state(source, target)
    with sqlite3.connect(target) as copy:
        assert copy.execute("SELECT count(*) FROM secret").fetchone() == (0,)
        assert copy.execute("SELECT entry FROM access_log").fetchone() == ("kept",)
