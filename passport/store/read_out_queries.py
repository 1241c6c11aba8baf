"""Queries of read-outs in the order of their times. Each is one statement over an index."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from passport.store.derived_rows import instant_text
from passport.store.reading import StoreQueries
from passport.store.rows import StoredCredential, stored_instant
from passport.store.tables import credentials, read_outs

_JOINED = read_outs.join(credentials, credentials.c.sequence == read_outs.c.sequence)
#: Values in one statement, twice: SQLite takes 32,766 parameters, older builds 999.
_AT_ONCE = 450


@dataclass(frozen=True)
class ReadOutRow:
    """A stored read-out.

    :ivar instant: when its values were read, aware; :ivar late: whether a newer one was stored before it.
    """

    instant: datetime
    late: bool
    stored: StoredCredential


class ReadOutQueries(StoreQueries):
    """What can be asked of read-outs."""

    def read_outs(
        self, subject: str, *, before: datetime | None = None, limit: int | None = None
    ) -> tuple[ReadOutRow, ...]:
        """The read-outs of a pack, the newest first; of one time the last stored first.

        :param before: only those of an earlier time.
        """
        columns = read_outs.c
        query = sql.select(columns.instant, columns.late, credentials).select_from(_JOINED)
        query = query.where(columns.subject == subject)
        if before is not None:
            query = query.where(columns.instant < instant_text(before))
        query = query.order_by(columns.instant.desc(), columns.sequence.desc())
        return tuple(_row(row) for row in self._all(query if limit is None else query.limit(limit)))

    def read_outs_after(self, subject: str, instant: datetime, *, limit: int) -> tuple[ReadOutRow, ...]:
        """The read-outs of a pack of a later time, the oldest first."""
        columns = read_outs.c
        query = sql.select(columns.instant, columns.late, credentials).select_from(_JOINED)
        query = query.where(columns.subject == subject, columns.instant > instant_text(instant))
        return tuple(_row(row) for row in self._all(query.order_by(columns.instant, columns.sequence).limit(limit)))

    def read_outs_at(
        self, moments: Collection[tuple[str, datetime]]
    ) -> dict[tuple[str, datetime], tuple[tuple[str, str], ...]]:
        """Id and content digest of the read-outs of these packs at these instants; moments without one are left out."""
        asked = {(subject, instant_text(instant)): (subject, instant) for subject, instant in moments}
        listed = sorted(asked)
        result: dict[tuple[str, datetime], tuple[tuple[str, str], ...]] = {}
        columns = read_outs.c
        for start in range(0, len(listed), _AT_ONCE):
            some = listed[start : start + _AT_ONCE]
            query = (
                sql.select(columns.subject, columns.instant, credentials.c.id, credentials.c.content)
                .select_from(_JOINED)
                .where(
                    columns.subject.in_({subject for subject, _ in some}),
                    columns.instant.in_({instant for _, instant in some}),
                )
                .order_by(columns.sequence)
            )
            for row in self._all(query):
                moment = asked.get((row.subject, row.instant))
                if moment is not None:
                    result[moment] = (*result.get(moment, ()), (row.id, row.content))
        return result

    def late_ids(self, subject: str) -> frozenset[str]:
        """The ids of the read-outs of a pack that came after a newer one."""
        query = sql.select(credentials.c.id).select_from(_JOINED)
        query = query.where(read_outs.c.subject == subject, read_outs.c.late)
        return frozenset(row.id for row in self._all(query))


def _row(row: sql.Row[Any]) -> ReadOutRow:
    what = f"the credential {row.id}"
    instant, issued_at = stored_instant(row.instant, what), stored_instant(row.issued_at, what)
    stored = StoredCredential(row.id, row.type, row.subject, bytes(row.body), row.content, issued_at)
    return ReadOutRow(instant, bool(row.late), stored)
