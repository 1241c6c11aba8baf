"""A cache that stays within its bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passport.presenting.bounded_cache import OVERHEAD, BoundedCache


def test_what_was_asked_for_longest_ago_goes_first():
    cache = BoundedCache(3 * (OVERHEAD + 10))
    for key in "abc":
        cache.put(key, key.upper(), 10)
    assert cache.get("a") == "A"
    cache.put("d", "D", 10)
    assert [cache.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_what_is_too_large_is_not_kept_and_takes_its_older_self_with_it():
    cache = BoundedCache(OVERHEAD + 10)
    cache.put("a", "old", 10)
    cache.put("a", "new", 11)
    assert cache.get("a") is None
    assert len(cache) == 0


def test_a_cache_of_nothing_keeps_nothing():
    cache = BoundedCache(0)
    cache.put("a", "A", 0)
    assert cache.get("a") is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=60))
def test_it_never_holds_more_than_it_may(puts):
    cache, sizes = BoundedCache(12_000), {}
    for key, size in puts:
        cache.put(key, size, size)
        sizes[key] = size
        held = [k for k in sizes if cache.get(k) is not None]
        assert all(cache.get(k) == sizes[k] for k in held)
        assert sum(sizes[k] + OVERHEAD for k in held) <= 12_000
