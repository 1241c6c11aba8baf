"""The table of the directory of enterprises, append-only like all others (part of store version 6).

``directory_changes`` has a row for each thing that became known of an enterprise: a signed identity, a change of its
standing, a DID document, and a row for each signed directory. The present directory, the keys over time and the feed
of changes are all read from it.
"""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.tables import Text, metadata, sequence

directory_changes = sql.Table(
    "directory_changes",
    metadata,
    sequence(),
    #: Of whom; of a signed directory its registrar.
    sql.Column("did", Text, nullable=False),
    sql.Column("kind", Text, nullable=False),
    #: Id of the credential that came, or whose standing changed; None for a DID document.
    sql.Column("credential", Text, nullable=True),
    sql.Column("standing", Text, nullable=True),
    sql.Column("body", sql.LargeBinary, nullable=True),
    sql.Column("at", Text, nullable=False),
    sql.Index("directory_changes_of_did", "did", "sequence"),
    sql.Index("directory_changes_of_kind", "kind", "sequence"),
)
