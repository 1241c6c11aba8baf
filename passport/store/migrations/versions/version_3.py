"""Version 3: how far a signed list goes, and which lists are of roles.

How far an older list goes stays unknown: it is made again from all changes when it is signed the next time.
"""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op

from passport.store.migrations.steps import big, fill, index, integer, make

revision = "3"
down_revision = "2"

_lists = sql.table("role_status_lists", sql.column("list"))
_roles = sql.table("roles", sql.column("list", sql.Integer))


def upgrade() -> None:
    if make("role_status_lists", integer("list", key=True)):
        numbers = op.get_bind().execute(sql.select(_roles.c.list).distinct()).scalars().all()
        fill(_lists, [{"list": each} for each in numbers])
    make("status_list_coverage", big("signed", key=True), big("last_change"))
    index("status_changes", "status_changes_of_list", "list", "sequence")
