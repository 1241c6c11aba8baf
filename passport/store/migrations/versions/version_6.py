"""Version 6: which pack a module is in, when a read-out was read, to which issuer a status list belongs, and what is
known of enterprises. Credentials are found by their type, packs by their model and category in the order of their
addresses, those of a holder by their state, events of a time with their province. Facts have the batch of a pack, and
what upload records state of an event, a pack, a batch and a model: they are made again from signed documents when they
are next read."""

from __future__ import annotations

from alembic import op

from passport.store.derived_rows import fill_issuers, fill_modules, fill_read_outs
from passport.store.migrations.steps import add_column, data, flag, index, integer, make, number, text

revision = "6"
down_revision = "5"


def upgrade() -> None:
    index("credentials", "credentials_of_type", "type", "sequence")
    index("packs", "packs_of_model", "model", "subject")
    index("packs", "packs_of_category", "category", "subject")
    if make("pack_modules", text("code", key=True), text("credential", key=True), text("pack")):
        fill_modules(op.get_bind())
    if make("read_outs", number("sequence", key=True), text("subject"), text("instant"), flag("late")):
        fill_read_outs(op.get_bind())
    index("read_outs", "read_outs_of_subject", "subject", "instant", "sequence")
    if make("status_list_issuers", integer("list", key=True), text("issuer")):
        fill_issuers(op.get_bind())
    make(
        "directory_changes", number("sequence", key=True), text("did"), text("kind"), text("credential", nullable=True),
        text("standing", nullable=True), data("body", nullable=True), text("at"),
    )  # fmt: skip
    index("directory_changes", "directory_changes_of_did", "did", "sequence")
    index("directory_changes", "directory_changes_of_kind", "kind", "sequence")
    index("fact_packs", "fact_packs_stock", "holder", "state", "latest", where="ended IS NULL")
    op.drop_index("fact_packs_holder", "fact_packs", if_exists=True)
    index("fact_events", "fact_events_when", "kind", "time", "province")
    op.drop_index("fact_events_kind", "fact_events", if_exists=True)
    add_column("fact_outlets", text("city", nullable=True))
    added = add_column("fact_packs", text("batch", nullable=True))
    added |= make(
        "fact_details", number("number", key=True), number("pack"), text("name", key=True), text("value"),
        append_only=False,
    )  # fmt: skip
    index("fact_details", "fact_details_pack", "pack")
    added |= make(
        "fact_statements", text("subject", key=True), text("name", key=True), text("value"), text("issuer"),
        append_only=False,
    )  # fmt: skip
    if added:
        # Without a source they count as never made.
        op.execute("DELETE FROM fact_settings WHERE name IN ('source', 'reached') AND NOT EXISTS"
                   " (SELECT 1 FROM fact_settings WHERE name = 'source' AND value = 'benchmark')")  # fmt: skip
