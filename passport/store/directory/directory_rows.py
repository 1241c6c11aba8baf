"""Queries and writes of the directory of enterprises.

store.directory_changes(after=0)              # everything that became known, in its order
store.directory_head()                        # number of the last change
store.signed_directory()                      # the newest signed directory, as it was signed
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sql

from passport.store.directory.directory_tables import directory_changes
from passport.store.reading import StoreQueries
from passport.store.rows import stored_instant

#: Rows that one question asks for.
_AT_ONCE = 1000


class ChangeKind(StrEnum):
    """What became known of an enterprise."""

    IDENTITY = "identity"
    STANDING = "standing"
    KEYS = "keys"
    #: A signed directory; no matter of an enterprise.
    DIRECTORY = "directory"


@dataclass(frozen=True)
class DirectoryChange:
    """One change of the directory.

    :ivar did: of the enterprise; :ivar credential: id of the identity.
    :ivar standing: code of the list ``identityStanding``, of a change of it.
    :ivar body: the signed identity or directory in canonical JSON, or the DID document as JSON.
    :ivar sequence: its number; 0 before it is stored.
    """

    did: str
    kind: ChangeKind
    at: datetime
    credential: str | None = None
    standing: str | None = None
    body: bytes | None = None
    sequence: int = 0


class DirectoryQueries(StoreQueries):
    """What can be asked of the directory."""

    def directory_changes(
        self, *, after: int = 0, limit: int | None = None, did: str | None = None
    ) -> Iterator[DirectoryChange]:
        """Changes in their order, signed directories left out.

        :param after: number of the last one that was seen; :param did: only those of one enterprise.
        """
        left = limit
        while left is None or left > 0:
            query = (
                sql.select(directory_changes)
                .where(directory_changes.c.sequence > after, directory_changes.c.kind != ChangeKind.DIRECTORY.value)
                .order_by(directory_changes.c.sequence)
                .limit(_AT_ONCE if left is None else min(_AT_ONCE, left))
            )
            rows = self._all(query if did is None else query.where(directory_changes.c.did == did))
            if not rows:
                return
            yield from map(_change, rows)
            after = rows[-1].sequence
            left = None if left is None else left - len(rows)

    def directory_head(self) -> int:
        """The number of the last change, signed directories left out; 0 for none."""
        newest = sql.func.coalesce(sql.func.max(directory_changes.c.sequence), 0).label("newest")
        query = sql.select(newest).where(directory_changes.c.kind != ChangeKind.DIRECTORY.value)
        return int(self._all(query)[0].newest)

    def signed_directory(self) -> DirectoryChange | None:
        """The newest signed directory; None where none was signed."""
        query = (
            sql.select(directory_changes)
            .where(directory_changes.c.kind == ChangeKind.DIRECTORY.value)
            .order_by(directory_changes.c.sequence.desc())
            .limit(1)
        )
        row = self._first(query)
        return None if row is None else _change(row)

    def identity_change(self, credential: str) -> DirectoryChange | None:
        """The row of the identity of that id."""
        query = sql.select(directory_changes).where(
            directory_changes.c.kind == ChangeKind.IDENTITY.value, directory_changes.c.credential == credential
        )
        row = self._first(query)
        return None if row is None else _change(row)


def _change(row: sql.Row[Any]) -> DirectoryChange:
    return DirectoryChange(
        row.did,
        ChangeKind(row.kind),
        stored_instant(row.at, f"change {row.sequence} of the directory"),
        row.credential,
        row.standing,
        None if row.body is None else bytes(row.body),
        row.sequence,
    )


def change_row(change: DirectoryChange) -> dict[str, Any]:
    """The row of a change, without its number."""
    return {
        "did": change.did,
        "kind": change.kind.value,
        "credential": change.credential,
        "standing": change.standing,
        "body": change.body,
        "at": change.at.astimezone(UTC).isoformat(),
    }
