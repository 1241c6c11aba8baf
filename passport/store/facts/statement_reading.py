"""Reading signed statements for the facts: read-outs that came since, and what a maker says of the models of packs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sql

from passport.store.tables import credentials, packs, read_outs

#: Values in one statement.
_AT_ONCE = 500


@dataclass(frozen=True)
class Statement:
    """A signed statement. :ivar number: in the order of the store; :ivar subject: IRI; :ivar body: signed bytes."""

    number: int
    id: str
    subject: str
    body: bytes


def newest_read_out(connection: sql.Connection) -> int:
    """The number of the newest read-out; 0 for none."""
    return int(connection.execute(sql.select(sql.func.coalesce(sql.func.max(read_outs.c.sequence), 0))).scalar_one())


def read_outs_since(connection: sql.Connection, number: int) -> Iterator[Statement]:
    """Read-outs after one of that number, the oldest first."""
    columns = (credentials.c.sequence, credentials.c.id, credentials.c.subject, credentials.c.body)
    joined = read_outs.join(credentials, credentials.c.sequence == read_outs.c.sequence)
    while True:
        query = sql.select(*columns).select_from(joined).where(read_outs.c.sequence > number)
        rows = connection.execute(query.order_by(read_outs.c.sequence).limit(_AT_ONCE)).all()
        for row in rows:
            yield Statement(row[0], row[1], row[2], bytes(row[3]))
        if len(rows) < _AT_ONCE:
            return
        number = rows[-1][0]


def models_of(connection: sql.Connection, subjects: Sequence[str]) -> dict[str, str]:
    """IRI of the model of each pack that has a passport here."""
    models: dict[str, str] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        query = sql.select(packs.c.subject, packs.c.model).where(
            packs.c.subject.in_(subjects[start : start + _AT_ONCE])
        )
        models |= {row[0]: row[1] for row in connection.execute(query)}
    return models


def newest_statement(connection: sql.Connection, subject: str, type_: str) -> Statement | None:
    """The newest statement of a type about a subject."""
    query = (
        sql.select(credentials.c.sequence, credentials.c.id, credentials.c.subject, credentials.c.body)
        .where(credentials.c.subject == subject, credentials.c.type == type_)
        .order_by(credentials.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Statement(row[0], row[1], row[2], bytes(row[3]))


def newest_credential(connection: sql.Connection) -> int:
    """The number of the newest credential; 0 for none."""
    return int(connection.execute(sql.select(sql.func.max(credentials.c.sequence))).scalar_one() or 0)


def subjects_since(connection: sql.Connection, types: Sequence[str], number: int) -> set[str]:
    """The subjects of credentials of some types after one of that number."""
    query = sql.select(credentials.c.subject).distinct()
    rows = connection.execute(query.where(credentials.c.sequence > number, credentials.c.type.in_(types)))
    return {row[0] for row in rows}


def statements_of(connection: sql.Connection, subject: str, types: Sequence[str]) -> Iterator[Statement]:
    """What credentials of some types say of a subject, the newest first. Of a model and a pack there are few."""
    query = (
        sql.select(credentials.c.sequence, credentials.c.id, credentials.c.subject, credentials.c.body)
        .where(credentials.c.subject == subject, credentials.c.type.in_(types))
        .order_by(credentials.c.sequence.desc())
    )
    for row in connection.execute(query).all():
        yield Statement(row[0], row[1], row[2], bytes(row[3]))
