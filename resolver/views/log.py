"""``/log/events``: the log of events as monitors and witnesses read it: checkpoint, tiles, entries. (C2SP tlog-tiles)

Everything here is public and signed. An entry is a digest: it says that something was accepted, not what. Tiles are
served up to the newest checkpoint; what is not in it yet is not there.
"""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from passport.errors import MalformedLogData
from passport.store.log.log_writing import EVENTS
from passport.transparency.tiles import Tile
from resolver.views import public, services

blueprint = Blueprint("log", __name__)

#: Seconds that a checkpoint may be kept: there is a newer one soon. A tile never changes.
_MOMENT = 5
_YEAR = 365 * 24 * 3600


@blueprint.get("/log/events/checkpoint")
def checkpoint() -> Response:
    """The newest signed checkpoint, with the cosignatures of witnesses.

    :raises NotFound: nothing was signed yet.
    """
    stored = services().store.log_checkpoint(EVENTS)
    if stored is None:
        raise NotFound
    return public(bytes(stored.note), "text/plain; charset=utf-8", max_age=_MOMENT)


@blueprint.get("/log/events/tile/<path:place>")
def tile(place: str) -> Response:
    """A tile of hashes, or a bundle of entries.

    :raises NotFound: not a tile of the newest checkpoint's tree.
    """
    try:
        wanted = Tile.parse(f"tile/{place}")
    except MalformedLogData:
        raise NotFound from None
    store = services().store
    stored = store.log_checkpoint(EVENTS)
    if stored is None or wanted.end > stored.size:
        raise NotFound
    response = public(store.log_tile(EVENTS, wanted), "application/octet-stream", max_age=_YEAR)
    if response.cache_control.public:
        response.headers["Cache-Control"] += ", immutable"
    return response
