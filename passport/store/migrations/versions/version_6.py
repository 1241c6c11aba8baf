"""Version 6: which pack a module is in, when a read-out was read, and to which issuer a status list belongs."""

from __future__ import annotations

from alembic import op

from passport.store.derived_rows import fill_issuers, fill_modules, fill_read_outs
from passport.store.migrations.steps import flag, index, integer, make, number, text

revision = "6"
down_revision = "5"


def upgrade() -> None:
    if make("pack_modules", text("code", key=True), text("credential", key=True), text("pack")):
        fill_modules(op.get_bind())
    if make("read_outs", number("sequence", key=True), text("subject"), text("instant"), flag("late")):
        fill_read_outs(op.get_bind())
    index("read_outs", "read_outs_of_subject", "subject", "instant", "sequence")
    if make("status_list_issuers", integer("list", key=True), text("issuer")):
        fill_issuers(op.get_bind())
