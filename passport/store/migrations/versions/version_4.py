"""Version 4: life-cycle events, transparency logs, and the facts of supervision, all of them empty.

``passport supervise rebuild`` fills the facts from events that come later.
"""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.migrations.steps import big, data, flag, index, integer, make, number, text
from passport.store.tables import Text

revision = "4"
down_revision = "3"


def upgrade() -> None:
    _events()
    _logs()
    _facts()


def _events() -> None:
    make(
        "events",
        number("sequence", key=True), text("id", unique=True), text("pack"), integer("position"), text("kind"),
        text("audience_kind"), text("instant"), text("actor"), text("roles"), text("digest", unique=True),
        text("detail", nullable=True), text("accreditation"), text("status_list", nullable=True), flag("late"),
        text("accepted_at"), big("log_index", nullable=True),
    )  # fmt: skip
    index("events", "events_of_pack", "pack", "position", unique=True)
    index("events", "events_of_pack_and_kind", "pack", "audience_kind", "position")
    make(
        "event_documents",
        number("sequence", key=True), text("digest", unique=True), text("id"), text("kind"),
        text("holder", nullable=True), data("body"),
    )  # fmt: skip
    index("event_documents", "event_documents_of_id", "id", "sequence")
    index("event_documents", "event_documents_of_holder", "kind", "holder", "sequence")
    make("event_keys", big("event", key=True), text("kind", key=True), text("value", key=True), text("pack"))
    index("event_keys", "event_keys_of_value", "kind", "value", "event")
    make(
        "refused_events",
        number("sequence", key=True), text("digest", unique=True), text("actor"), text("pack"), data("body"),
        text("reasons"), text("refused_at"),
    )  # fmt: skip
    index("refused_events", "ix_refused_events_actor", "actor")


def _logs() -> None:
    make("log_entries", text("log", key=True), big("position", key=True), data("entry"))
    index("log_entries", "log_entries_of_digest", "log", "entry")
    make(
        "log_tiles",
        text("log", key=True), integer("level", key=True), big("number", key=True), data("hashes"), data("root"),
    )  # fmt: skip
    make("log_checkpoints", number("sequence", key=True), text("log"), big("size"), data("root"), data("note"))
    index("log_checkpoints", "log_checkpoints_of_log", "log", "sequence")
    make("log_cosignatures", number("sequence", key=True), big("checkpoint"), text("line"))
    index("log_cosignatures", "ix_log_cosignatures_checkpoint", "checkpoint")


def _facts() -> None:
    def table(name: str, *columns: sql.Column[int] | sql.Column[str]) -> None:
        make(f"fact_{name}", *columns, append_only=False)

    def on(name: str, about: str, *columns: str, unique: bool = False, where: str | None = None) -> None:
        index(f"fact_{name}", f"fact_{name}_{about}", *columns, unique=unique, where=where)

    def maybe(name: str) -> sql.Column[str]:
        return sql.Column(name, Text, nullable=True)

    table(
        "packs",
        number("number", key=True), text("pack"), maybe("code"), maybe("model"), maybe("maker"),
        number("produced", nullable=True), maybe("state"), text("legal"), maybe("status"), maybe("holder"),
        maybe("responsible"), maybe("province"), number("mass", nullable=True), number("first"), number("latest"),
        number("last"), number("ended", nullable=True),
    )  # fmt: skip
    on("packs", "pack", "pack", unique=True)
    on("packs", "code", "code")
    on("packs", "holder", "holder", "latest", where="ended IS NULL")
    table(
        "events",
        number("number", key=True), text("event"), text("credential"), text("digest"), number("pack"), text("kind"),
        number("time"), number("reported"), number("accepted"), text("actor"), maybe("role"), maybe("country"),
        maybe("province"), maybe("facility"), number("present"), maybe("counterpart"), number("mass", nullable=True),
        number("soh", nullable=True), maybe("code"), maybe("object"), maybe("choice"),
        number("found", nullable=True), maybe("state"),
    )  # fmt: skip
    on("events", "event", "event", unique=True)
    on("events", "pack", "pack", "kind", "time")
    on("events", "actor", "actor", "kind", "time", "province")
    on("events", "kind", "kind", "time")
    on("events", "code", "code", where="code IS NOT NULL")
    on("events", "object", "object", where="object IS NOT NULL")
    on("events", "counterpart", "counterpart", "kind", "time", where="counterpart IS NOT NULL")
    on("events", "soh", "pack", "time", where="soh IS NOT NULL")
    on("events", "present", "pack", "time", "province", where="present = 1")
    table(
        "corrections",
        number("number", key=True), text("event"), text("credential"), text("digest"), number("pack"), text("actor"),
        number("time"), number("accepted"), text("corrects"), number("withdrawn"),
    )  # fmt: skip
    on("corrections", "actor", "actor", "accepted")
    on("corrections", "pack", "pack")
    table(
        "vehicles",
        number("number", key=True), text("key_id", key=True), text("hash"), number("pack"), text("kind"),
        number("time"),
    )  # fmt: skip
    on("vehicles", "hash", "hash", "kind", "time")
    on("vehicles", "pack", "pack", "kind")
    table(
        "stays",
        text("sort", key=True), text("object", key=True), number("pack", key=True), number("since"), number("until"),
        number("first", key=True), number("last", nullable=True),
    )  # fmt: skip
    on("stays", "pack", "pack", "sort")
    table("recoveries", number("number", key=True), number("pack"), text("material", key=True), number("mass"))
    on("recoveries", "pack", "pack")
    table("origins", number("number", key=True), number("pack"), text("origin", key=True))
    on("origins", "pack", "pack")
    on("origins", "origin", "origin")
    table(
        "volumes",
        text("actor", key=True), text("kind", key=True), number("month", key=True), text("province", key=True),
        number("n"),
    )  # fmt: skip
    table(
        "alerts",
        number("sequence", key=True), text("rule"), text("subject"), text("evidence"), number("pack", nullable=True),
        maybe("actor"), maybe("other"), number("first"), number("last", nullable=True), number("span", nullable=True),
        maybe("value"), number("due", nullable=True), number("opened"), number("returned", nullable=True),
        number("closed", nullable=True), maybe("cause"),
    )  # fmt: skip
    on("alerts", "key", "rule", "subject", "evidence")
    on("alerts", "pack", "pack")
    on("alerts", "actor", "actor")
    table("settings", text("name", key=True), text("value"))
    table(
        "readouts",
        text("pack", key=True), number("time", key=True), number("soh", nullable=True),
        number("cycles", nullable=True), text("credential"),
    )  # fmt: skip
    table("contents", text("pack", key=True), text("material", key=True), number("mass"))
    table("accreditations", text("actor", key=True), text("role", key=True), number("since", key=True), number("until"))
    table("permits", text("actor", key=True), text("kind", key=True), number("since", key=True), number("until"))
    table("outlets", text("maker", key=True), text("province", key=True), text("outlet", key=True), number("since"),
          number("until"))  # fmt: skip
