"""The foreign stack as a fixture: ``peer`` hands jobs to peer.mjs and gives back its results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import skip_unless
from tests.web_server import make_certificate

FOLDER = Path(__file__).resolve().parent


class Peer:
    """Digital Bazaar's packages in a Node process; a result is ``{"ok": True, …}`` or ``{"ok": False, "error": …}``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def all(self, jobs: list[dict]) -> list[dict]:
        """The results of several jobs, in their order."""
        # readline waits for ever where the process does: a job that hangs ends the process, and with it the wait.
        watchdog = threading.Timer(120, self._process.kill)
        watchdog.start()
        try:
            self._process.stdin.write(json.dumps(jobs) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        assert answer, "the Node process ended without an answer"
        results = json.loads(answer)
        assert len(results) == len(jobs)
        return results

    def __call__(self, op: str, **arguments: Any) -> dict:
        (result,) = self.all([{"op": op, **arguments}])
        return result


@pytest.fixture(scope="session")
def peer() -> Iterator[Peer]:
    yield from _started("peer.mjs")


@pytest.fixture(scope="session")
def wallet(certificate: Path) -> Iterator[Peer]:
    """Foreign wallets, see wallet.mjs. They trust the certificate of this machine's name."""
    yield from _started("wallet.mjs", NODE_EXTRA_CA_CERTS=str(certificate))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key for localhost."""
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost")


def _started(script: str, **environment: str) -> Iterator[Peer]:
    node = shutil.which("node")
    skip_unless(node is not None, "node", "node is not installed")
    skip_unless((FOLDER / "node_modules").is_dir(), "node", "no packages in tests/interop: run `make interop`")
    command = [node, script]
    with subprocess.Popen(
        command,
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:  # fmt: skip
        yield Peer(process)
        process.stdin.close()
