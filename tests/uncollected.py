"""Objects of this program that nothing holds but each other, so that they wait in memory for the collector of cycles.

What is made a million times has to go with its last reference: otherwise memory grows between two collections, and
each of them looks through everything that was made since.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from gc import collect  # tests/conftest.py takes the name in gc away
from types import FunctionType

_PACKAGES = ("passport", "issuer", "resolver")


@contextmanager
def uncollected() -> Iterator[Counter[str]]:
    """Counts, at the end of the block, what waits for the collector: instances and functions, by their names."""
    waiting: Counter[str] = Counter()
    collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield waiting
        collect()
        waiting.update(name for name in map(_name, gc.garbage) if name.split(".")[0] in _PACKAGES)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _name(found: object) -> str:
    named = found if isinstance(found, FunctionType) else type(found)
    return f"{named.__module__}.{named.__qualname__}"
