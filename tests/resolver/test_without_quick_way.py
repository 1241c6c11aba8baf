"""The resolver with the folder of the quick way deleted: plain Flask under uvicorn says the same."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.publishing.publisher import Publisher
from passport.vocabulary import vocabulary
from tests.conftest import CHECKOUT, free_port
from tests.packs import example_records

PACK = "/passports/id/VO-HV13/VO26090001742"
QUOTA = 25
_START = (
    "from resolver import quick_way; assert not quick_way.is_installed(); from passport.commands import main; main()"
)


def house_without(folder: Path) -> Path:
    """A checkout in ``folder``, complete but for the quick way."""
    for package in ("passport", "resolver"):
        shutil.copytree(CHECKOUT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(folder / "resolver" / "serving")
    for name in ("pyproject.toml", "ontology", "shapes", "contexts", "examples"):
        (folder / name).symlink_to(CHECKOUT / name)
    return folder


class Served:
    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to one request for the pack."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, PACK, headers=named)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house, port = house_without(tmp_path / "house"), free_port()
    project = make_project(tmp_path / "shop", f"http://127.0.0.1:{port}", names={"en": "Operator", "zh": "运营者"})
    store, regimes = project.open_store(), tuple(vocabulary.regimes().values())
    publisher = Publisher(store, project.issuer_with_key(None), project.base_url, vocabulary.load(), regimes)
    records = example_records("stationary-lfp.xlsx")
    publisher.issue(records, at=datetime.now(UTC) - timedelta(hours=1))
    store.close()
    environ = {**os.environ, "PYTHONPATH": str(house), "PASSPORT_RATE_LIMIT": f"{QUOTA}/100000"}
    words = ["serve", "--project", str(project.folder), "--port", str(port)]
    running = subprocess.Popen(
        [sys.executable, "-c", _START, *words], cwd=house, env=environ, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(port, running)
        yield Served(port)
    finally:
        running.terminate()
        running.communicate(timeout=60)


def wait_for(port: int, running: subprocess.Popen) -> None:
    deadline = time.monotonic() + 300
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.connect()
            return
        except OSError:
            assert running.poll() is None, running.stderr.read()
            assert time.monotonic() < deadline, "no answer within five minutes"
            time.sleep(0.1)
        finally:
            connection.close()


def test_every_kind_of_answer_is_given_without_the_quick_way(served):
    status, headers, page = served.ask(Accept="text/html", Accept_Language="zh")
    assert status == 200 and headers["content-type"].startswith("text/html")
    assert headers["content-language"] == "zh" and "VO26090001742" in page.decode()
    status, headers, body = served.ask(Accept="application/vp")
    assert status == 200 and "VerifiablePresentation" in json.loads(body)["type"]
    tag, length = headers["etag"], headers["content-length"]
    assert int(length) == len(body)
    # The second time is where the quick way would answer.
    assert served.ask(Accept="application/vp")[2] == body
    status, headers, nothing = served.ask(Accept="application/vp", If_None_Match=tag)
    assert (status, headers["etag"], nothing) == (304, tag, b"")
    status, headers, nothing = served.ask("HEAD", Accept="application/vp")
    assert (status, headers["etag"], headers["content-length"], nothing) == (200, tag, length, b"")
    assert served.ask(Accept="application/vp", Host="a,b")[0] == 400
    said = [served.ask(Accept="application/vp")[:2] for _ in range(QUOTA)]
    # Six requests came before, the one with the bad host among them.
    assert [status for status, _ in said] == [200] * (QUOTA - 6) + [429] * 6
    assert int(said[-1][1]["retry-after"]) > 0
