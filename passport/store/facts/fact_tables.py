"""The tables of facts for supervision: a projection of accepted events, made again from them at any time.

They are no record: their rows may change, and no trigger keeps them. The columns of a projected row are those of its
class in ``passport.supervision.pack_facts``. What comes from elsewhere (read-outs, contents, accreditations, permits,
outlets) has tables of its own, which a rebuild leaves alone.
"""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.tables import Text, absent, make

facts = sql.MetaData()


def _number(name: str, *, key: bool = False, nullable: bool = False) -> sql.Column[int]:
    # INTEGER and nothing else makes the key of an SQLite table its row number.
    type_ = sql.BigInteger().with_variant(sql.Integer(), "sqlite")
    return sql.Column(name, type_, primary_key=key, nullable=nullable, autoincrement=False)


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sql.Column[str]:
    return sql.Column(name, Text, nullable=nullable, primary_key=key)


packs = sql.Table(
    "fact_packs", facts,
    _number("number", key=True), _text("pack"), _text("code", nullable=True), _text("model", nullable=True),
    _text("maker", nullable=True), _number("produced", nullable=True), _text("state", nullable=True), _text("legal"),
    _text("status", nullable=True), _text("holder", nullable=True), _text("responsible", nullable=True),
    _text("province", nullable=True), _number("mass", nullable=True), _number("first"), _number("latest"),
    _number("last"), _number("ended", nullable=True), _text("batch", nullable=True),
    sql.Index("fact_packs_pack", "pack", unique=True),
    sql.Index("fact_packs_code", "code"),
)  # fmt: skip
sql.Index(
    "fact_packs_stock", packs.c.holder, packs.c.state, packs.c.latest,
    sqlite_where=packs.c.ended.is_(None), postgresql_where=packs.c.ended.is_(None),
)  # fmt: skip
events = sql.Table(
    "fact_events", facts,
    _number("number", key=True), _text("event"), _text("credential"), _text("digest"), _number("pack"), _text("kind"),
    _number("time"), _number("reported"), _number("accepted"), _text("actor"), _text("role", nullable=True),
    _text("country", nullable=True), _text("province", nullable=True), _text("facility", nullable=True),
    _number("present"), _text("counterpart", nullable=True), _number("mass", nullable=True),
    _number("soh", nullable=True), _text("code", nullable=True), _text("object", nullable=True),
    _text("choice", nullable=True), _number("found", nullable=True), _text("state", nullable=True),
    sql.Index("fact_events_event", "event", unique=True),
    sql.Index("fact_events_pack", "pack", "kind", "time"),
    sql.Index("fact_events_actor", "actor", "kind", "time", "province"),
    sql.Index("fact_events_when", "kind", "time", "province"),
)  # fmt: skip
for _name, _columns, _where in (
    ("fact_events_code", ("code",), events.c.code.is_not(None)),
    ("fact_events_object", ("object",), events.c.object.is_not(None)),
    ("fact_events_counterpart", ("counterpart", "kind", "time"), events.c.counterpart.is_not(None)),
    ("fact_events_soh", ("pack", "time"), events.c.soh.is_not(None)),
    ("fact_events_present", ("pack", "time", "province"), events.c.present == sql.literal_column("1")),
):
    sql.Index(_name, *(events.c[column] for column in _columns), sqlite_where=_where, postgresql_where=_where)
corrections = sql.Table(
    "fact_corrections", facts,
    _number("number", key=True), _text("event"), _text("credential"), _text("digest"), _number("pack"), _text("actor"),
    _number("time"), _number("accepted"), _text("corrects"), _number("withdrawn"),
    sql.Index("fact_corrections_actor", "actor", "accepted"),
    sql.Index("fact_corrections_pack", "pack"),
)  # fmt: skip
vehicles = sql.Table(
    "fact_vehicles", facts,
    _number("number", key=True), _text("key_id", key=True), _text("hash"), _number("pack"), _text("kind"),
    _number("time"),
    sql.Index("fact_vehicles_hash", "hash", "kind", "time"),
    sql.Index("fact_vehicles_pack", "pack", "kind"),
)  # fmt: skip
stays = sql.Table(
    "fact_stays", facts,
    _text("sort", key=True), _text("object", key=True), _number("pack", key=True), _number("since"), _number("until"),
    _number("first", key=True), _number("last", nullable=True),
    sql.Index("fact_stays_pack", "pack", "sort"),
)  # fmt: skip
recoveries = sql.Table(
    "fact_recoveries", facts,
    _number("number", key=True), _number("pack"), _text("material", key=True), _number("mass"),
    sql.Index("fact_recoveries_pack", "pack"),
)  # fmt: skip
origins = sql.Table(
    "fact_origins", facts,
    _number("number", key=True), _number("pack"), _text("origin", key=True),
    sql.Index("fact_origins_pack", "pack"), sql.Index("fact_origins_origin", "origin"),
)  # fmt: skip
details = sql.Table(
    "fact_details", facts,
    _number("number", key=True), _number("pack"), _text("name", key=True), _text("value"),
    sql.Index("fact_details_pack", "pack"),
)  # fmt: skip
#: Events counted by actor, kind, month of 30 days since 1970 and province (empty where there is none); all events of an
#: actor, under an empty kind in month 0.
volumes = sql.Table(
    "fact_volumes", facts,
    _text("actor", key=True), _text("kind", key=True), _number("month", key=True), _text("province", key=True),
    _number("n"),
)  # fmt: skip
#: The opening of an alert and its closing by cause.
alerts = sql.Table(
    "fact_alerts", facts,
    _number("sequence", key=True), _text("rule"), _text("subject"), _text("evidence"), _number("pack", nullable=True),
    _text("actor", nullable=True), _text("other", nullable=True), _number("first"), _number("last", nullable=True),
    _number("span", nullable=True), _text("value", nullable=True), _number("due", nullable=True), _number("opened"),
    _number("returned", nullable=True), _number("closed", nullable=True), _text("cause", nullable=True),
    sql.Index("fact_alerts_key", "rule", "subject", "evidence"),
    sql.Index("fact_alerts_pack", "pack"), sql.Index("fact_alerts_actor", "actor"),
)  # fmt: skip
#: Where the facts come from, and up to which event.
settings = sql.Table("fact_settings", facts, _text("name", key=True), _text("value"))

#: What signed credentials of this store say of a pack, its batch and its model, each value as JSON.
statements = sql.Table(
    "fact_statements", facts, _text("subject", key=True), _text("name", key=True), _text("value"), _text("issuer")
)  # fmt: skip

#: Facts that come from elsewhere: a rebuild from events leaves them as they are.
readouts = sql.Table(
    "fact_readouts", facts,
    _text("pack", key=True), _number("time", key=True), _number("soh", nullable=True),
    _number("cycles", nullable=True), _text("credential"),
)  # fmt: skip
contents = sql.Table("fact_contents", facts, _text("pack", key=True), _text("material", key=True), _number("mass"))
accreditations = sql.Table(
    "fact_accreditations", facts,
    _text("actor", key=True), _text("role", key=True), _number("since", key=True), _number("until"),
)  # fmt: skip
permits = sql.Table(
    "fact_permits", facts,
    _text("actor", key=True), _text("kind", key=True), _number("since", key=True), _number("until"),
)  # fmt: skip
outlets = sql.Table(
    "fact_outlets", facts,
    _text("maker", key=True), _text("province", key=True), _text("outlet", key=True), _number("since"),
    _number("until"), _text("city", nullable=True),
)  # fmt: skip

#: Tables with rows of one pack, and what is counted from them.
PROJECTED = (packs, events, corrections, vehicles, stays, recoveries, origins, details)
COUNTED = (volumes,)
REFERENCES = (readouts, contents, accreditations, permits, outlets)


def make_missing(connection: sql.Connection) -> None:
    """The step to version 4: make the fact tables, empty. ``passport supervise rebuild`` fills them."""
    for table in absent(connection, facts):
        make(connection, table)
