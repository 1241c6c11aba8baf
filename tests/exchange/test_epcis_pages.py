"""Pages by key: every event once, whatever comes in meanwhile; tokens end, and a forged one is refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import UsageError
from passport.exchange.epcis.epcis_pages import LIFETIME, MAX_SIZE, first, following
from tests.each import each

NOW = datetime(2028, 1, 1, tzinfo=UTC)
KEYS = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=30).map(sorted)


def same(item):
    return item


def all_pages(items, size, *, between=lambda items: items):
    """Every item that a reader gets who follows the tokens."""
    page = first(items, key=same, size=size, now=NOW)
    yield from page.items
    while page.next_token is not None:
        items = between(items)
        page = following(items, page.next_token, key=same, size=size, now=NOW)
        yield from page.items


@given(KEYS, st.integers(1, 7))
def test_the_pages_are_the_sequence(items, size):
    assert list(all_pages(items, size)) == items


@given(KEYS, st.integers(1, 7), st.data())
def test_what_comes_in_meanwhile_neither_repeats_nor_hides_another(items, size, data):
    def insert(items):
        return sorted({*items, data.draw(st.text(min_size=1, max_size=8))})

    # Only a few times: a reader who is overtaken for ever has no last page.
    inserted = []

    def between(items):
        if len(inserted) > 5:
            return items
        inserted.append(1)
        return insert(items)

    read = list(all_pages(items, size, between=between))
    assert read == sorted(set(read)) and set(items) <= set(read)


@given(KEYS.filter(lambda items: len(items) > 3), st.data())
def test_a_page_goes_on_behind_an_item_that_is_gone(items, data):
    page = first(items, key=same, size=2, now=NOW)
    left = [item for item in items if item != page.items[-1]]
    assert following(left, page.next_token, key=same, size=99, now=NOW).items == tuple(items[2:])


def test_a_token_ends():
    token = first(["a", "b"], key=same, size=1, now=NOW).next_token
    assert following(["a", "b"], token, key=same, size=1, now=NOW + LIFETIME - timedelta(seconds=1)).items == ("b",)
    with pytest.raises(UsageError, match="expired"):
        following(["a", "b"], token, key=same, size=1, now=NOW + LIFETIME)


@each("size", [0, -1, MAX_SIZE + 1])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(UsageError, match="size"):
        first(["a"], key=same, size=size, now=NOW)


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@each(
    "token",
    ["", "?", "YQ", "a" * 3000, encoded([]), encoded(["a", 7]), encoded(["a", "soon"]), encoded({"a": 1}),
     encoded(["a", "2028-01-01T00:00:00"]), "[" * 1500],
)  # fmt: skip
def test_a_forged_token_is_refused(token):
    with pytest.raises(UsageError, match="no token"):
        following(["a"], token, key=same, size=1, now=NOW)


@given(st.text(max_size=40))
def test_any_text_is_a_token_or_refused(token):
    with pytest.raises(UsageError):
        following(["a"], token, key=same, size=1, now=NOW)
