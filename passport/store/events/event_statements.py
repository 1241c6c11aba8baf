"""The statements of :mod:`passport.store.events.event_store`, built once in a process. Each is one over an index."""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.events.event_rows import KeyKind
from passport.store.events.event_tables import event_documents, event_keys, events, refused_events
from passport.store.reading_statements import Statement, one_of, value

_event, _document, _key, _refused = events.c, event_documents.c, event_keys.c, refused_events.c
_LIMIT = sql.bindparam("limit", type_=sql.Integer)

# --- events -----------------------------------------------------------------------------------------------------------

BY_ID: Statement = sql.select(events).where(one_of(_event.id, "ids"))
CHAIN: Statement = (
    sql.select(events)
    .where(_event.pack == value("pack"), _event.position > value("after"))
    .order_by(_event.position)
)  # fmt: skip
CHAIN_OF_KINDS: Statement = CHAIN.where(one_of(_event.audience_kind, "kinds"))
CHAINS: Statement = (
    sql.select(events)
    .where(one_of(_event.pack, "packs"), _event.position > value("after"))
    .order_by(_event.pack, _event.position)
)
HEAD: Statement = (
    sql.select(events).where(_event.pack == value("pack")).order_by(_event.position.desc()).limit(1)
)  # fmt: skip
_newest = (
    sql.select(_event.pack, sql.func.max(_event.position).label("position"))
    .where(one_of(_event.pack, "packs"))
    .group_by(_event.pack)
    .subquery()
)
HEADS: Statement = sql.select(_event.pack, _event.position, _event.digest).join(
    _newest, sql.and_(_newest.c.pack == _event.pack, _newest.c.position == _event.position)
)
LATEST: Statement = (
    sql.select(events).where(_event.sequence > value("after")).order_by(_event.sequence).limit(_LIMIT)
)  # fmt: skip
PACKS: Statement = (
    sql.select(_event.pack).distinct().where(_event.pack > value("after")).order_by(_event.pack).limit(_LIMIT)
)
NUMBER: Statement = sql.select(sql.func.coalesce(sql.func.max(_event.sequence), 0).label("newest"))

# --- documents --------------------------------------------------------------------------------------------------------

DOCUMENTS: Statement = sql.select(event_documents).where(one_of(_document.digest, "digests"))
DIGESTS: Statement = sql.select(_document.digest).where(one_of(_document.digest, "digests"))
_of_kind = _document.kind == value("kind")
HELD: Statement = (
    sql.select(event_documents)
    .where(_of_kind, _document.holder == value("holder"))
    .order_by(_document.sequence.desc())
    .limit(_LIMIT)
)
OF_KIND: Statement = sql.select(event_documents).where(_of_kind).order_by(_document.sequence)
OF_ID: Statement = (
    sql.select(event_documents).where(_document.id == value("id")).order_by(_document.sequence.desc()).limit(1)
)
DOCUMENT_NUMBER: Statement = sql.select(sql.func.coalesce(sql.func.max(_document.sequence), 0).label("newest"))

# --- keys -------------------------------------------------------------------------------------------------------------

SWAPPED: Statement = (
    sql.select(_key.pack)
    .where(_key.kind == KeyKind.SWAP_VEHICLE.value, _key.value == value("value"))
    .order_by(_key.event.desc())
    .limit(_LIMIT)
)
_among = (_key.kind == value("kind"), one_of(_key.value, "values"))
PACKS_BY_KEY: Statement = sql.select(_key.value, _key.pack).distinct().where(*_among)
OF_ANOTHER_PACK: Statement = (
    sql.select(_key.event).where(*_among, _key.event > value("number"), _key.pack != value("pack")).limit(1)
)
KEYS_OF_PACK: Statement = sql.select(event_keys).where(
    _key.event.in_(sql.select(_event.sequence).where(_event.pack == value("pack")))
)

# --- refused messages -------------------------------------------------------------------------------------------------

REFUSED: Statement = (
    sql.select(refused_events).where(_refused.sequence > value("after")).order_by(_refused.sequence).limit(_LIMIT)
)
REFUSED_BY_DIGEST: Statement = sql.select(_refused.sequence).where(_refused.digest == value("digest"))
