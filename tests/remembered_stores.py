"""New stores are copies of one whose tables were made once, and a store with documents is copied, too.

Making the tables, indexes and triggers of a store takes longer than most tests that begin with one. The tests of the
store itself (``tests/store``) make them each time.

All stores of a process share what SQLAlchemy has compiled. It is kept by engine, and a test that begins with a store of
its own would compile every statement anew, which takes three milliseconds for some.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from passport.store import Store, engines
from passport.store.engines import engine_of, file_of

_IN_MEMORY = "sqlite://"
_open = Store.open
_MAKERS = {"_sqlite": engines._sqlite, "_postgresql": engines._postgresql}


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


def _sharing(make: Callable[[sql.URL], sql.Engine]) -> Callable[[sql.URL], sql.Engine]:
    """Engines that share what was compiled for the first one that had connected."""
    known: list[sql.Dialect] = []
    compiled: dict[Any, Any] = {}

    @wraps(make)
    def made(url: sql.URL) -> sql.Engine:
        engine = make(url)
        if known:
            engine.dialect = known[0]
            engine.update_execution_options(compiled_cache=compiled)
        else:
            # A dialect learns from its first connection what the server can do.
            sql.event.listen(engine, "engine_connect", lambda _: known or known.append(engine.dialect), once=True)
        return engine

    return made


def remember_stores() -> None:
    """For this process, from now on. Done again it changes nothing."""
    Store.open = staticmethod(_remembered)
    for name, make in _MAKERS.items():
        setattr(engines, name, _sharing(make))


def forget_stores() -> None:
    """Tables are made as the program makes them."""
    Store.open = _open
