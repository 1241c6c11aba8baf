"""What all tests share: where other people's vectors lie, and when their absence is a failure.

``PASSPORT_VECTORS`` names the folder (default ``../shared/vectors`` beside the checkout). ``PASSPORT_REQUIRE`` is a
comma-separated list (``vectors,node,chromium,…``) of what must be present: with it, a skip becomes a failure.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine is slow, not wrong: no example has a deadline. The pipeline draws the same examples on every run.
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")

CHECKOUT = Path(__file__).resolve().parent.parent


def skip_unless(present: bool, name: str, reason: str) -> None:
    """Skip the calling test with ``reason`` unless ``present``; fail where ``PASSPORT_REQUIRE`` names ``name``."""
    if present:
        return
    if name in os.environ.get("PASSPORT_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, and PASSPORT_REQUIRE names {name!r}", pytrace=False)
    pytest.skip(reason)


def vectors_folder() -> Path:
    return Path(os.environ.get("PASSPORT_VECTORS", CHECKOUT.parent / "shared" / "vectors")).resolve()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of third-party test vectors (w3c, catenax, batterypass, untp), read in place."""
    folder = vectors_folder()
    skip_unless(folder.is_dir(), "vectors", f"no test vectors in {folder}")
    return folder


@pytest.fixture(scope="session")
def examples(vectors: Path) -> Path:
    """Folder of the three example packs as JSON, beside the vectors."""
    folder = vectors.parent / "examples"
    skip_unless(folder.is_dir(), "vectors", f"no example packs in {folder}")
    return folder
