"""A cache that is bounded by bytes and forgets first what was asked for longest ago. Safe between threads.

It knows nothing of what it keeps: whoever puts something in says how large it is, and makes the key name everything
that the value depends on, the reader's audience first of all.

    cache = BoundedCache(16_000_000)
    cache.put((credential_id, audience), body, len(body))
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

#: What an entry costs besides its value: key, links and objects, in bytes. An estimate, on the safe side.
OVERHEAD = 1000


class BoundedCache:
    """:param max_bytes: of all values together with :data:`OVERHEAD` for each; 0 keeps nothing."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Any | None:
        """The value, or None where there is none any more."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep ``value`` (not None) of ``size`` bytes; what is too large for the whole cache is not kept."""
        size += OVERHEAD
        with self._lock:
            self._bytes -= self._entries.pop(key, (None, 0))[1]
            if size > self._max_bytes:
                return
            self._entries[key] = (value, size)
            self._bytes += size
            while self._bytes > self._max_bytes:
                self._bytes -= self._entries.popitem(last=False)[1][1]

    def __len__(self) -> int:
        return len(self._entries)
