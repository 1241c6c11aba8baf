"""Version 5: passports are found under the identifier that their maker gave them."""

from __future__ import annotations

from alembic import op

from passport.store.derived_rows import fill_identifiers
from passport.store.migrations.steps import make, text

revision = "5"
down_revision = "4"


def upgrade() -> None:
    if make("passport_identifiers", text("identifier", key=True), text("subject", key=True)):
        fill_identifiers(op.get_bind())
