"""Runs of ``passport issue`` that are killed at random moments and resumed: nothing is lost, nothing is there twice.

``make torture`` kills 200 times on the way through 10,000 packs. PASSPORT_KILLS and PASSPORT_KILLED_PACKS say how many.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.identity import DidResolver
from passport.publishing.stored_signatures import refuse_unverified
from passport.texts import Message
from tests.issued_packs import hold_each_once, pack_of_number, serials, store_of, write_lines

CHECKOUT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("PASSPORT_KILLS", "2"))
PACKS = int(os.environ.get("PASSPORT_KILLED_PACKS", "200"))
CALL = "import sys; from passport.commands import main; sys.argv[0] = 'passport'; main()"


def begun(project: Path, path: Path, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", CALL, "issue", str(path), "--project", str(project), "--jobs", "2", *words],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def stored(project: Path) -> int:
    with sqlite3.connect(f"file:{project / 'passports.db'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*) FROM packs").fetchone()[0]


def children(process: subprocess.Popen) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in path.read_text().split()] if path.exists() else []


def has_ended(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.torture
@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_run_that_is_killed_again_and_again_issues_every_pack_once(tmp_path):
    dice = random.Random(20261129)  # noqa: S311 (no secret)
    project = tmp_path / "shop"
    make_project(project, "https://passport.example.com", names={"en": "Operator", "zh": None})
    store_of(project).close()
    path = write_lines(tmp_path / "packs.jsonl", [pack_of_number(number) for number in range(PACKS)])
    for _ in range(KILLS):
        # So many more, and a random moment later: while something is signed, committed, or written to the journal.
        goal = stored(project) + dice.randint(1, max(1, PACKS // (KILLS + 1) - 50))
        process = begun(project, path, "--resume")
        while stored(project) < goal and process.poll() is None:
            time.sleep(0.01)
        time.sleep(dice.random() * 0.3)
        workers = children(process)
        process.kill()
        process.communicate()
        while not all(map(has_ended, workers)):
            time.sleep(0.05)
        hold_whole_packs(project)
    last = begun(project, path, "--resume")
    said = last.communicate()[1].decode()
    assert last.returncode == 0, said
    assert serials(project) == [f"EB{number:06}" for number in range(PACKS)]
    hold_each_once(project)
    runs = [folder for folder in (project / "out" / "issue").iterdir() if not (folder / "run.json").exists()]
    assert len(runs) == 1, "the run that came to its end keeps its results and nothing else"
    assert sorted(file.name for file in runs[0].iterdir()) == ["results.jsonl"]
    lines = (runs[0] / "results.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == PACKS
    hold_signatures(project)


def hold_whole_packs(project: Path) -> None:
    """After any end: each pack that is there has all of its credentials."""
    with sqlite3.connect(f"file:{project / 'passports.db'}?mode=ro", uri=True) as connection:
        half = "SELECT subject FROM credentials WHERE subject IN (SELECT subject FROM packs) GROUP BY subject"
        assert connection.execute(f"{half} HAVING count(*) <> 2").fetchall() == []
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]


def hold_signatures(project: Path) -> None:
    """Of each hundredth credential the signature holds."""
    store, number = store_of(project), 0
    while block := store.numbered(number, limit=1000):
        for number, credential in block:  # noqa: B007 (goes on behind the last one)
            if number % 100 == 0:
                refuse_unverified(credential.document, DidResolver(), credential.issued_at, Message("it must hold"))
