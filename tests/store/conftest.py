"""The store itself is tested as the program makes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.remembered_stores import forget_stores, remember_stores


@pytest.fixture(autouse=True, scope="module")
def _made_as_ever() -> Iterator[None]:
    forget_stores()
    yield
    remember_stores()
