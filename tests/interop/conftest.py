"""The foreign stack as a fixture: ``peer`` hands jobs to peer.mjs and gives back its results."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import skip_unless

FOLDER = Path(__file__).resolve().parent


class Peer:
    """Digital Bazaar's packages in a Node process; a result is ``{"ok": True, …}`` or ``{"ok": False, "error": …}``."""

    def __init__(self, node: str) -> None:
        self._node = node

    def all(self, jobs: list[dict]) -> list[dict]:
        """The results of several jobs, done in one process."""
        done = subprocess.run(
            [self._node, "peer.mjs"], cwd=FOLDER, input=json.dumps(jobs), capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout)
        assert len(results) == len(jobs)
        return results

    def __call__(self, op: str, **arguments: Any) -> dict:
        (result,) = self.all([{"op": op, **arguments}])
        return result


@pytest.fixture(scope="session")
def peer() -> Peer:
    node = shutil.which("node")
    skip_unless(node is not None, "node", "node is not installed")
    skip_unless((FOLDER / "node_modules").is_dir(), "node", "no packages in tests/interop: run `make interop`")
    return Peer(node)
