"""New stores are copies of one whose tables were made once, and a store with documents is copied, too.

Making the tables, indexes and triggers of a store takes longer than most tests that begin with one. The tests of the
store itself (``tests/store``) make them each time.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from passport.store import Store
from passport.store.engines import engine_of, file_of

_IN_MEMORY = "sqlite://"
_open = Store.open


def copy_of(store: Store) -> Store:
    """A store in memory with everything that another one in memory holds."""
    engine = engine_of(_IN_MEMORY)
    with store.engine.connect() as source, engine.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)
    return Store(engine)


@cache
def _empty() -> Store:
    return _open(_IN_MEMORY)


@cache
def _empty_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "passports.db")
        _open(f"sqlite:///{path}").close()
        return path.read_bytes()


def _remembered(url: str) -> Store:
    if url == _IN_MEMORY:
        return copy_of(_empty())
    if url.startswith("sqlite:///"):
        path = file_of(engine_of(url).url)
        if path is not None and path.is_file() and path.stat().st_size == 0:
            path.write_bytes(_empty_file())
    return _open(url)


def remember_stores() -> None:
    """For this process, from now on. Done again it changes nothing."""
    Store.open = staticmethod(_remembered)


def forget_stores() -> None:
    """Stores are made as the program makes them."""
    Store.open = _open
