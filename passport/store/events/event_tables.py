"""Tables of life-cycle events (store version 4), append-only like all others.

* ``events`` is the index: one row an event, numbered over all packs, with its place in the chain of its pack. Of two
  events at one place the database refuses the second.
* ``event_documents`` holds the signed bytes by their digest: events, details, accreditations, and the status lists by
  which an accreditation was judged. Several events share an accreditation.
* ``event_keys`` finds the histories that bear on an event of another pack: by hash of a vehicle, by code of a part or
  pack, by predecessor. It is a projection of the documents, and can be made from them again.
* ``refused_events`` keeps what an accredited actor handed in and was refused, with the reasons.

The content of an event is in its documents alone.
"""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.tables import Text, metadata, sequence

events = sql.Table(
    "events",
    metadata,
    sequence(),
    sql.Column("id", Text, nullable=False, unique=True),
    sql.Column("pack", Text, nullable=False),
    sql.Column("position", sql.Integer, nullable=False),
    sql.Column("kind", Text, nullable=False),
    #: Kind whose audiences may read it: that of the corrected event for a correction.
    sql.Column("audience_kind", Text, nullable=False),
    sql.Column("instant", Text, nullable=False),
    sql.Column("actor", Text, nullable=False),
    sql.Column("roles", Text, nullable=False),
    sql.Column("digest", Text, nullable=False, unique=True),
    sql.Column("detail", Text, nullable=True),
    sql.Column("accreditation", Text, nullable=False),
    sql.Column("status_list", Text, nullable=True),
    sql.Column("late", sql.Boolean, nullable=False),
    sql.Column("accepted_at", Text, nullable=False),
    sql.Column("log_index", sql.BigInteger, nullable=True),
    sql.Index("events_of_pack", "pack", "position", unique=True),
    sql.Index("events_of_pack_and_kind", "pack", "audience_kind", "position"),
)
event_documents = sql.Table(
    "event_documents",
    metadata,
    sequence(),
    sql.Column("digest", Text, nullable=False, unique=True),
    sql.Column("id", Text, nullable=False),
    sql.Column("kind", Text, nullable=False),
    sql.Column("holder", Text, nullable=True),
    sql.Column("body", sql.LargeBinary, nullable=False),
    sql.Index("event_documents_of_id", "id", "sequence"),
    sql.Index("event_documents_of_holder", "kind", "holder", "sequence"),
)
event_keys = sql.Table(
    "event_keys",
    metadata,
    sql.Column("event", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("kind", Text, primary_key=True),
    sql.Column("value", Text, primary_key=True),
    sql.Column("pack", Text, nullable=False),
    sql.Index("event_keys_of_value", "kind", "value", "event"),
)
refused_events = sql.Table(
    "refused_events",
    metadata,
    sequence(),
    sql.Column("digest", Text, nullable=False, unique=True),
    sql.Column("actor", Text, nullable=False, index=True),
    sql.Column("pack", Text, nullable=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
    sql.Column("reasons", Text, nullable=False),
    sql.Column("refused_at", Text, nullable=False),
)
