"""The statements of :mod:`passport.store.reading`, built once in a process.

Building a statement, and the key under which its SQL is kept, takes twice as long as SQLite takes to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sql

from passport.store.log.log_tables import VERSIONED
from passport.store.tables import (
    base_proofs,
    credentials,
    packs,
    passport_identifiers,
    read_outs,
    role_status_lists,
    roles,
    status_changes,
    status_entries,
    status_list_coverage,
    status_list_issuers,
    status_list_purposes,
    status_lists,
    status_notices,
)

Statement: TypeAlias = "sql.Select[*tuple[Any, ...]]"


def value(name: str) -> sql.BindParameter[Any]:
    """A value that the caller gives under that name."""
    return sql.bindparam(name)


def one_of(column: sql.ColumnElement[Any], name: str) -> sql.ColumnElement[bool]:
    """Whether a column has one of the values that the caller gives as a list under that name."""
    return column.in_(sql.bindparam(name, expanding=True))


def _newest_of_list(table: sql.Table) -> sql.ScalarSelect[Any]:
    """The newest number of the rows in ``table`` that belong to the list of the enclosing query."""
    newest = sql.select(sql.func.max(table.c.sequence)).where(table.c.list == status_list_purposes.c.list)
    return newest.correlate(status_list_purposes).scalar_subquery()


# --- credentials ------------------------------------------------------------------------------------------------------

_credential = credentials.c
#: Whether a row of ``credentials`` is a read-out that came after a newer one.
_late = sql.exists().where(read_outs.c.sequence == _credential.sequence, read_outs.c.late)
_about = sql.select(credentials).where(_credential.subject == value("subject"), _credential.type == value("type"))
_among_numbers = one_of(_credential.sequence, "numbers")

CREDENTIAL: Statement = sql.select(credentials).where(_credential.id == value("id"))
CURRENT: Statement = _about.where(~_late).order_by(_credential.sequence.desc()).limit(1)
HISTORY: Statement = _about.order_by(_credential.sequence)
NUMBERED: Statement = sql.select(credentials, _late.label("late")).where(_among_numbers)
NUMBERED_IDS: Statement = sql.select(_credential.subject, _credential.id).where(_among_numbers)
NUMBERED_CONTENTS: Statement = sql.select(_credential.sequence, _credential.content).where(_among_numbers)
_newest_of_pack = (
    sql.select(sql.func.max(_credential.sequence))
    .where(_credential.subject == packs.c.subject, _credential.type == value("type"))
    .scalar_subquery()
)
NEWEST_OF_PACKS: Statement = sql.select(packs.c.subject, _newest_of_pack.label("newest")).where(
    one_of(packs.c.subject, "subjects")
)
NEWEST_OF_EACH: Statement = (
    sql.select(_credential.subject, _credential.type, sql.func.max(_credential.sequence).label("newest"))
    .where(one_of(_credential.subject, "subjects"), one_of(_credential.type, "types"))
    .group_by(_credential.subject, _credential.type)
)
BASE_PROOF: Statement = sql.select(base_proofs.c.body).where(base_proofs.c.id == value("id"))

# --- packs ------------------------------------------------------------------------------------------------------------

PACK: Statement = sql.select(packs).where(packs.c.subject == value("subject"))
PACK_OF_CODE: Statement = sql.select(packs).where(packs.c.code == value("code"))
KNOWN_PACKS: Statement = sql.select(packs.c.subject).where(one_of(packs.c.subject, "subjects"))
IDENTIFIERS: Statement = sql.select(passport_identifiers).where(
    one_of(passport_identifiers.c.identifier, "identifiers")
)
PACKS_OF_IDENTIFIER: Statement = (
    sql.select(passport_identifiers.c.subject)
    .where(passport_identifiers.c.identifier == value("identifier"))
    .order_by(passport_identifiers.c.subject)
)

# --- status lists -----------------------------------------------------------------------------------------------------

_purpose = status_list_purposes.c
_newest_signed = status_lists.c.sequence.desc()

STATUS_LIST: Statement = (
    sql.select(status_lists.c.body).where(status_lists.c.list == value("list")).order_by(_newest_signed).limit(1)
)
SIGNED_LIST: Statement = (
    sql.select(status_lists.c.sequence, status_lists.c.body, status_list_coverage.c.last_change)
    .select_from(status_lists.outerjoin(status_list_coverage, status_list_coverage.c.signed == status_lists.c.sequence))
    .where(status_lists.c.list == value("list"))
    .order_by(_newest_signed)
    .limit(1)
)
SIGNED_NUMBER: Statement = sql.select(sql.func.max(status_lists.c.sequence).label("newest")).where(
    status_lists.c.list == value("list")
)
UNSIGNED_LISTS: Statement = (
    sql.select(_purpose.list)
    .where(~sql.exists().where(status_lists.c.list == _purpose.list))
    .order_by(_purpose.list)
)  # fmt: skip
_signed_up_to = (
    sql.select(status_list_coverage.c.last_change)
    .where(status_list_coverage.c.signed == _newest_of_list(status_lists))
    .correlate(status_list_purposes)
    .scalar_subquery()
)
LISTS_BEHIND: Statement = (
    sql.select(_purpose.list)
    .where(sql.func.coalesce(_newest_of_list(status_changes), 0) > sql.func.coalesce(_signed_up_to, -1))
    .order_by(_purpose.list)
)
PURPOSES: Statement = sql.select(status_list_purposes).order_by(_purpose.list)
PURPOSES_OF_ISSUER: Statement = PURPOSES.where(
    _purpose.list.in_(
        sql.select(status_list_issuers.c.list).where(status_list_issuers.c.issuer == value("issuer"))
    )
)  # fmt: skip
LIST_ISSUERS: Statement = sql.select(status_list_issuers)

# --- places and their bits --------------------------------------------------------------------------------------------

_entry, _changed = status_entries.c, status_changes.c
_of_list = _changed.list == value("list")
_at_place = (_of_list, _changed.position == value("position"))

ENTRIES: Statement = sql.select(status_entries).where(_entry.credential == value("credential"))
PLACES: Statement = (
    sql.select(status_entries, _purpose.purpose)
    .select_from(status_entries.join(status_list_purposes, _purpose.list == _entry.list))
    .where(one_of(_entry.credential, "credentials"))
    .order_by(_entry.list)
)
ALL_TAKEN: Statement = (
    sql.select(_entry.position).where(_entry.list == value("list")).order_by(_entry.position)
)  # fmt: skip
TAKEN: Statement = sql.select(_entry.position).where(_entry.list == value("list"), one_of(_entry.position, "positions"))
COUNT_TAKEN: Statement = sql.select(sql.func.count().label("taken")).where(_entry.list == value("list"))
CHANGES: Statement = sql.select(status_changes).where(_of_list).order_by(_changed.sequence)
BITS_SINCE: Statement = (
    sql.select(_changed.sequence, _changed.position, _changed.value)
    .where(_of_list, _changed.sequence > value("after"))
    .order_by(_changed.sequence)
    .limit(sql.bindparam("limit", type_=sql.Integer))
)
BIT: Statement = sql.select(_changed.value).where(*_at_place).order_by(_changed.sequence.desc()).limit(1)
BITS: Statement = sql.select(_changed.position, _changed.sequence, _changed.value).where(
    _of_list, one_of(_changed.position, "positions")
)
PUBLIC_STATUS: Statement = (
    sql.select(_changed.value, _changed.changed_at, status_notices.c.reason, status_notices.c.replaced_by)
    .select_from(status_changes.outerjoin(status_notices, status_notices.c.change == _changed.sequence))
    .where(*_at_place)
    .order_by(_changed.sequence.desc())
    .limit(1)
)

# --- roles, and what changes with every row ---------------------------------------------------------------------------

ROLES: Statement = sql.select(roles).order_by(roles.c.sequence)
ROLES_OF_HOLDER: Statement = ROLES.where(roles.c.holder == value("holder"))
ROLE: Statement = sql.select(roles).where(roles.c.id == value("id"))
ROLE_LISTS: Statement = sql.select(role_status_lists.c.list)
_newest: Sequence[sql.ScalarSelect[Any]] = [
    sql.select(sql.func.max(table.c.sequence)).scalar_subquery() for table in VERSIONED
]
VERSION: Statement = sql.select(*_newest)
