"""Version 2: the purpose of a status list is a row, notices of changes are published, and roles are known.

Version 1 kept no purpose: lists with odd numbers were of revocation, those with even numbers of suspension.
"""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op

from passport.store.migrations.steps import big, fill, index, integer, make, number, text

revision = "2"
down_revision = "1"

_purposes = sql.table("status_list_purposes", sql.column("list"), sql.column("purpose"))
_entries = sql.table("status_entries", sql.column("list", sql.Integer))


def upgrade() -> None:
    if make("status_list_purposes", integer("list", key=True), text("purpose")):
        numbers = op.get_bind().execute(sql.select(_entries.c.list).distinct()).scalars().all()
        fill(_purposes, [{"list": each, "purpose": "revocation" if each % 2 else "suspension"} for each in numbers])
    make("status_notices", big("change", key=True), text("reason", nullable=True), text("replaced_by", nullable=True))
    make(
        "roles",
        number("sequence", key=True), text("id", unique=True), text("holder"), text("audience"), text("purpose"),
        text("packs"), text("valid_from"), text("valid_until"), integer("list"),
    )  # fmt: skip
    index("roles", "ix_roles_holder", "holder")
    index("status_changes", "status_changes_of_place", "list", "position", "sequence")
