"""``passport issue --engine dask``: the chunks of a run on a cluster, of which one worker is killed and one is slow."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from passport import worker_cluster
from passport.publishing.bulk import dask_crew, journal, workbench
from tests.issued_packs import hold_each_once, pack_of_number, results, serials, write_lines

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")

PACKS = 24


def slow_down() -> int:
    """In a worker: each chunk takes a second longer. :returns: its process."""
    usual = workbench.Workbench.work

    def slow(self, *words, **options):
        time.sleep(1)
        return usual(self, *words, **options)

    workbench.Workbench.work = slow  # type: ignore[method-assign]
    return os.getpid()


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Three workers of a thread each; the third one is slow."""
    with distributed.LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


@pytest.fixture
def path(shell, monkeypatch):
    monkeypatch.setattr("passport.exchange.records.record_input.CHUNK", 2)
    return write_lines(shell.folder / "packs.jsonl", [pack_of_number(number) for number in range(PACKS)])


@pytest.mark.torture
def test_a_run_with_a_killed_and_a_slow_worker_issues_each_pack_once(shell, shop, path, cluster, monkeypatch):
    with distributed.Client(cluster, set_as_default=False) as client:
        workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
        client.run(slow_down, workers=workers[2:])
        (doomed,) = client.run(os.getpid, workers=workers[:1]).values()
    usual, done = journal.RunJournal.chunk_done, []

    def chunk_done(self, *words):
        usual(self, *words)
        done.append(self)
        if len(done) == 2:
            os.kill(doomed, signal.SIGKILL)

    monkeypatch.setattr(journal.RunJournal, "chunk_done", chunk_done)
    shell.run("issue", path, "--project", shop, "--keep-going", "--engine", "dask",
              "--scheduler", cluster.scheduler_address)  # fmt: skip
    assert len(done) == PACKS // 2
    with pytest.raises(ProcessLookupError):
        os.kill(doomed, 0)
    assert serials(shop) == [f"EB{number:06}" for number in range(PACKS)]
    assert [each["number"] for each in results(shop)] == list(range(1, PACKS + 1))
    hold_each_once(shop)
    # The same input again, all or none, changes nothing.
    again = shell.run("issue", path, "--project", shop, "--engine", "dask", "--scheduler", cluster.scheduler_address)
    assert again.exit_code == 0
    hold_each_once(shop)


@pytest.mark.torture
def test_a_faulty_pack_is_told_as_by_one_process(shell, shop, path, cluster):
    path.write_text(path.read_text("utf-8").replace('"EB000003"', '"EB 3/"'), encoding="utf-8")
    words = ("issue", path, "--project", shop, "--dry-run", "--json")
    alone = shell.run(*words, code=1).stdout
    scheduler = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
    assert shell.run(*words, *scheduler, code=1).stdout == alone


def test_a_scheduler_that_does_not_answer_is_named(shell, shop, path, monkeypatch):
    monkeypatch.setattr(worker_cluster, "PATIENCE", 0.2)
    refused = shell.run("issue", path, "--project", shop, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:1",
                        code=2)  # fmt: skip
    assert "does not answer" in refused.stderr


def test_a_store_that_is_a_file_is_not_for_several_machines(shell, shop, path):
    refused = shell.run("issue", path, "--project", shop, "--engine", "dask", "--scheduler", "tcp://10.0.0.5:8786",
                        code=2)  # fmt: skip
    assert "several machines cannot write" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "dask"), "go together"),
        (("--scheduler", "tcp://127.0.0.1:1"), "go together"),
        (("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"), "processes of this machine"),
    ],
)
def test_options_that_contradict_the_engine_are_refused(shell, shop, path, words, said):
    assert said in shell.run("issue", path, "--project", shop, *words, code=2).stderr


def test_a_worker_of_another_release_refuses_the_chunk(monkeypatch):
    monkeypatch.setattr(worker_cluster, "this_release", lambda: "0.0.1")
    with pytest.raises(dask_crew.UsageError, match="another release"):
        dask_crew.work_on("9.9.9", None, None, True, None)  # type: ignore[arg-type]


def test_the_passphrase_of_a_worker_comes_from_the_file_that_its_environment_names(tmp_path, monkeypatch):
    assert dask_crew._passphrase() is None
    (tmp_path / "secret").write_bytes(b"open sesame\r\nmore")
    monkeypatch.setenv(dask_crew.PASSPHRASE_FILE, str(tmp_path / "secret"))
    assert dask_crew._passphrase() == b"open sesame"
    monkeypatch.setenv(dask_crew.PASSPHRASE_FILE, str(tmp_path / "none"))
    with pytest.raises(dask_crew.UsageError, match="cannot be read"):
        dask_crew._passphrase()
