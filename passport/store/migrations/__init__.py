"""Upgrades of a store that an earlier version of this software made, with Alembic: one revision for each version.

* The version of a store is the number in the head of the file, or in the comment on a table
  (:mod:`passport.store.versions`). Alembic keeps no table of its own, so that there are no two numbers to disagree.
* Where a table of an older version is missing, be it that the store is older than the number or that the table was
  lost, the revisions from that version on are run. Each leaves alone what is there already.
* All revisions run in one transaction, in the writers' turn. No row of the record is changed.
* A new store gets the tables of today; a test holds that an upgraded store of every version has the same.

    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        upgrade(connection)
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sql

from passport.errors import UnusableProject
from passport.store import tables, versions
from passport.store.facts import fact_tables
from passport.texts import Message

_FOLDER = Path(__file__).parent
#: The tables that a version added; all others are of version 1, other facts of version 4.
_ADDED = {
    2: ("status_list_purposes", "status_notices", "roles"),
    3: ("role_status_lists", "status_list_coverage"),
    4: (
        "events", "event_documents", "event_keys", "refused_events",
        "log_entries", "log_tiles", "log_checkpoints", "log_cosignatures",
    ),
    5: ("passport_identifiers",),
    6: (
        "pack_modules", "read_outs", "status_list_issuers", "directory_changes", "fact_details", "fact_statements",
    ),
}  # fmt: skip
_SINCE = {name: version for version, names in _ADDED.items() for name in names}


def missing(connection: sql.Connection) -> list[sql.Table]:
    """The tables that the store lacks, those of facts among them."""
    return tables.absent(connection, tables.metadata, fact_tables.facts)


def version_of(connection: sql.Connection, lacking: list[sql.Table] | None = None) -> int | None:
    """The version of the store: that whose tables are all there. None for a database without a store.

    :param lacking: the tables that are missing, where that is known.
    """
    lacking = missing(connection) if lacking is None else lacking
    if any(table is tables.credentials for table in lacking):
        return None
    # A copy for the read side has no base proofs, in any version.
    return min((_since(table) - 1 for table in lacking if table is not tables.base_proofs), default=versions.VERSION)


def upgrade(connection: sql.Connection) -> tuple[int | None, int]:
    """Make a store in an empty database, or bring an older one up to date; a store of today stays as it is.

    :param connection: in a writer's transaction.
    :returns: the version before, None where there was no store; and the version now.
    :raises StoreNewer: a later version of this software made it.
    :raises UnusableProject: the database cannot hold every text.
    """
    versions.check(connection)
    _refuse_encoding(connection)
    # Asked under the lock: another process may have made them while this one waited for its turn.
    lacking = missing(connection)
    if not lacking:
        if versions.number(connection) is None:
            versions.write(connection)
        return versions.VERSION, versions.VERSION
    before = version_of(connection, lacking)
    if before is None:
        tables.make_missing(connection)
        fact_tables.make_missing(connection)
    else:
        _run(connection, min(_since(table) for table in lacking))
    versions.write(connection)
    return before, versions.VERSION


def _since(table: sql.Table) -> int:
    return _SINCE.get(table.name, 4 if table.metadata is fact_tables.facts else 1)


def _run(connection: sql.Connection, first: int) -> None:
    """Run the revisions from version ``first`` on."""
    # Loaded for an upgrade only: every command opens a store.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = {int(script.revision): script for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    with Operations.context(MigrationContext.configure(connection)):
        for version in range(first, versions.VERSION + 1):
            scripts[version].module.upgrade()


def _refuse_encoding(connection: sql.Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise UnusableProject(
            Message("the store's database cannot hold Chinese"),
            expected=Message("encoding UTF8"),
            found=encoding,
            hint=Message(
                "Make one that can: {command}",
                command="CREATE DATABASE passports TEMPLATE template0 ENCODING 'UTF8'",
            ),
        )
