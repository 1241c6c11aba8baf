"""The number at which a key came first, for many millions of keys: some bytes a key, whatever its length."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence

#: Keys in the dictionary of the newest ones.
_NEWEST = 500_000


class FirstNumbers:
    """Keys by their digests. The newest are in a dictionary, the others in sorted arrays."""

    def __init__(self, newest: int = _NEWEST) -> None:
        self._limit = newest
        self._newest: dict[int, int] = {}
        self._older: list[tuple[array[int], array[int]]] = []

    def get(self, key: Sequence[str]) -> int | None:
        """The number of a key; None where it is new."""
        return self._get(digest_number(*key))

    def first(self, key: Sequence[str], number: int) -> int | None:
        """The number at which a key came before. None where this is the first time, and ``number`` is kept."""
        digest = digest_number(*key)
        known = self._get(digest)
        if known is None:
            self._newest[digest] = number
            if len(self._newest) >= self._limit:
                self._put_away()
        return known

    def _get(self, digest: int) -> int | None:
        known = self._newest.get(digest)
        if known is not None:
            return known
        for digests, numbers in self._older:
            at = bisect_left(digests, digest)
            if at < len(digests) and digests[at] == digest:
                return numbers[at]
        return None

    def _put_away(self) -> None:
        ordered = sorted(self._newest.items())
        self._older.append((array("Q", (key for key, _ in ordered)), array("Q", (number for _, number in ordered))))
        self._newest.clear()


def digest_number(*texts: str) -> int:
    """Texts as a number of 64 bits: of ten million inputs of a million packs, one has two texts of one number."""
    return int.from_bytes(hashlib.blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=8).digest())
