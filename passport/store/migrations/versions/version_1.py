"""Version 1: credentials, packs, and status lists whose purpose is the parity of their number."""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.migrations.steps import data, flag, index, integer, make, number, text

revision = "1"
down_revision = None


def upgrade() -> None:
    make(
        "credentials",
        number("sequence", key=True), text("id", unique=True), text("type"), text("subject"), data("body"),
        text("content"), text("issued_at"),
    )  # fmt: skip
    index("credentials", "credentials_of_subject", "subject", "type", "sequence")
    make("base_proofs", text("id", key=True), data("body"))
    make(
        "packs",
        text("subject", key=True), text("model"), text("category"), text("serial"),
        sql.Column("code", text("code").type, nullable=True, unique=True),
    )  # fmt: skip
    index("packs", "ix_packs_serial", "serial")
    make("status_entries", integer("list", key=True), integer("position", key=True), text("credential"))
    index("status_entries", "ix_status_entries_credential", "credential")
    make(
        "status_changes",
        number("sequence", key=True), integer("list"), integer("position"), flag("value"), text("reason"),
        text("changed_at"),
    )  # fmt: skip
    make("status_lists", number("sequence", key=True), integer("list"), data("body"))
    index("status_lists", "ix_status_lists_list", "list")
