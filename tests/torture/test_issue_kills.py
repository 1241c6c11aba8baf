"""Runs of ``passport issue`` that are killed at random moments and resumed: nothing is lost, nothing is there twice.

``make torture`` kills 200 times in runs of 10,000 packs. A kill counts only where the run still had packs to issue.
Once a run has ended, the next one begins behind it. PASSPORT_KILLS and PASSPORT_KILLED_PACKS say how many.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
#: So many of the kills come in the first seconds, whatever was stored by then.
IN_ITS_START = 0.15
CALL = "import sys; from passport.commands import main; sys.argv[0] = 'passport'; main()"


def begun(project: Path, path: Path, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", CALL, "issue", str(path), "--project", str(project), "--jobs", "2", *words],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def stored(project: Path) -> int:
    with _opened(project) as connection:
        return int(connection.execute("SELECT count(*) FROM packs").fetchone()[0])


@contextmanager
def _opened(project: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{project / 'passports.db'}?mode=ro", uri=True)) as connection:
        yield connection


def children(process: subprocess.Popen) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in path.read_text().split()] if path.exists() else []


def has_ended(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def killed_at_work(project: Path, path: Path, chance: random.Random) -> bool:
    """Kill a run at a random moment, mostly after it has stored some more packs. Whether it was still at work then."""
    goal = stored(project) + chance.randint(1, max(1, PACKS // 200))
    process = begun(project, path, "--resume")
    if chance.random() < IN_ITS_START:
        # While it reads the journal, looks for what is done, or starts its workers.
        time.sleep(chance.random() * 4)
    else:
        while stored(project) < goal and process.poll() is None:
            time.sleep(0.01)
        # And a moment later: while something is signed, committed, or written to the journal.
        time.sleep(chance.random() * 0.3)
    workers = children(process)
    at_work = process.poll() is None
    process.kill()
    process.communicate()
    while not all(map(has_ended, workers)):
        time.sleep(0.05)
    return at_work


def hold_run(project: Path, path: Path, before: set[Path]) -> set[Path]:
    """Resume a run to its end. It keeps a result for each of its packs and nothing else.

    :param before: folders of the runs before; :returns: them and that of this run.
    """
    last = begun(project, path, "--resume")
    said = last.communicate()[1].decode()
    assert last.returncode == 0, said
    folders = set((project / "out" / "issue").iterdir())
    (folder,) = folders - before
    assert sorted(file.name for file in folder.iterdir()) == ["results.jsonl"]
    assert len((folder / "results.jsonl").read_text("utf-8").splitlines()) == PACKS
    return folders


@pytest.mark.torture
@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_run_that_is_killed_again_and_again_issues_every_pack_once(tmp_path):
    chance = random.Random(20261129)  # noqa: S311 (no secret)
    project = tmp_path / "shop"
    make_project(project, "https://passport.example.com", names={"en": "Operator", "zh": None})
    store_of(project).close()
    kills = runs = 0
    folders: set[Path] = set()
    while kills < KILLS:
        numbers = range(runs * PACKS, (runs + 1) * PACKS)
        path = write_lines(tmp_path / f"packs-{runs}.jsonl", [pack_of_number(number) for number in numbers])
        runs += 1
        while kills < KILLS and stored(project) < runs * PACKS:
            kills += killed_at_work(project, path, chance)
            hold_whole_packs(project)
        folders = hold_run(project, path, folders)
    assert serials(project) == [f"EB{number:06}" for number in range(runs * PACKS)]
    hold_each_once(project)
    hold_signatures(project)
    print(f"{kills} kills in {runs} runs of {PACKS:,} packs")


def hold_whole_packs(project: Path) -> None:
    """After any end: each pack that is there has all of its credentials."""
    with _opened(project) as connection:
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
