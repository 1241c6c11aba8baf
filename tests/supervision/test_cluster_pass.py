"""``passport supervise check --engine dask``: the full pass on three workers, of which one is killed midway."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sql

from passport import worker_cluster
from passport.errors import UsageError
from passport.oversight import cluster_pass
from passport.oversight.cluster_pass import RuleTask, judge_portion
from passport.population.population import NOW
from passport.project import Project
from passport.store.facts import fact_tables
from passport.store.facts.fact_writing import writing
from passport.supervision.rulebook import rulebook
from tests.commands.conftest import init

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
COLUMNS = [column for column in fact_tables.alerts.c if column.name != "sequence"]


@pytest.fixture(scope="module")
def workers() -> Iterator[object]:
    """Three workers of a thread each."""
    with distributed.LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


def alerts(project: str) -> set[tuple[object, ...]]:
    store = Project.open(project).open_store()
    with store.engine.connect() as connection:
        rows = {tuple(row) for row in connection.execute(sql.select(*COLUMNS))}
    store.close()
    return rows


def forget_alerts(project: str) -> None:
    store = Project.open(project).open_store()
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(fact_tables.alerts.delete())
    store.close()


@pytest.fixture(params=["file", "postgresql"])
def project(request: pytest.FixtureRequest, shell, planted) -> Path:
    """A project with a store of each kind. Its configuration names it: workers have an environment of their own."""
    if request.param == "file":
        return request.getfixturevalue("supervised")
    folder, url = init(shell), request.getfixturevalue("cluster").database()
    configuration = folder / "passport.toml"
    configuration.write_text(f'store = "{url}"\n' + configuration.read_text("utf-8"), encoding="utf-8")
    planted.store(url).close()
    assert Project.find(str(folder)).store_url == url
    return folder


@pytest.mark.torture
def test_the_pass_on_three_workers_of_which_one_is_killed_is_that_of_one_process(
    shell, project, planted, workers, monkeypatch
):
    alone = shell.json("supervise", "check", "--project", project, code=1)
    expected = alerts(project)
    forget_alerts(project)
    with distributed.Client(workers, set_as_default=False) as client:
        addresses = sorted(client.scheduler_info(n_workers=-1)["workers"])
        (doomed,) = client.run(os.getpid, workers=addresses[:1]).values()
    usual, answers = worker_cluster.WorkerCluster._answered, []

    def answered(call, task):
        answers.append(call)
        if len(answers) == 3:
            os.kill(doomed, signal.SIGKILL)
        return usual(call, task)

    monkeypatch.setattr(worker_cluster.WorkerCluster, "_answered", staticmethod(answered))
    words = ("supervise", "check", "--project", project, "--engine", "dask", "--scheduler",
             workers.scheduler_address)  # fmt: skip
    on_cluster = shell.json(*words, code=1)
    assert len(answers) > 3
    with pytest.raises(ProcessLookupError):
        os.kill(doomed, 0)
    assert (on_cluster["opened"], on_cluster["closed"]) == (alone["opened"], 0)
    assert sorted(map(str, on_cluster["findings"])) == sorted(map(str, alone["findings"]))
    assert {(finding["rule"], finding["subject"]) for finding in on_cluster["findings"]} == planted.all
    assert alerts(project) == expected
    # Judged again, nothing opens and nothing closes.
    again = shell.json(*words, code=1)
    assert (again["opened"], again["closed"], len(again["findings"])) == (0, 0, len(alone["findings"]))


class InTurn:
    """A cluster whose only worker is this process. :ivar before: called before each task."""

    threads = 3

    def __init__(self, before=lambda: None) -> None:
        self.before, self.judged = before, 0

    def in_order(self, task, calls):
        for call in calls:
            self.before()
            self.judged += 1
            yield call, task(worker_cluster.this_release(), *call)


def on_cluster(folder: str, cluster: InTurn, at):
    project = Project.find(str(folder))
    store = project.open_store()
    checked = cluster_pass.check_on_cluster(project, store, rulebook(), at, cluster)
    store.close()
    return checked


def test_the_answers_of_portions_make_up_the_full_answer(supervised, planted):
    cluster = InTurn()
    checked = on_cluster(supervised, cluster, planted.population.now)
    assert {(finding.rule, finding.subject) for finding in checked.findings} == planted.all
    assert cluster.judged == 1 + 3 * cluster_pass.PORTIONS


def test_the_same_holds_for_a_store_in_postgresql(shell, planted, cluster, monkeypatch):
    url = cluster.database()
    planted.store(url).close()
    folder = init(shell)
    monkeypatch.setenv("PASSPORT_STORE", url)
    assert Project.find(str(folder)).store_url == url
    checked = on_cluster(folder, InTurn(), NOW)
    assert {(finding.rule, finding.subject) for finding in checked.findings} == planted.all


def test_facts_that_change_while_they_are_judged_are_judged_again(supervised, planted):
    """An event that arrives between two tasks would give the answers of two moments."""
    store = Project.open(supervised).open_store()
    arrivals = iter(range(1, 100))

    def arrive() -> None:
        with writing(store) as facts:
            facts.reach(next(arrivals))

    changing = InTurn(arrive)
    checked = on_cluster(supervised, changing, planted.population.now)
    assert changing.judged == 3 * (1 + 3 * cluster_pass.PORTIONS)
    assert {(finding.rule, finding.subject) for finding in checked.findings} == planted.all
    store.close()


def test_facts_without_a_pack_are_judged(shell):
    assert on_cluster(init(shell), InTurn(), NOW).findings == ()


def test_a_worker_of_another_release_refuses_a_portion():
    with pytest.raises(UsageError, match="another release"):
        judge_portion("9.9.9", RuleTask("nowhere", rulebook().inputs(), (), None))


def test_a_scheduler_that_does_not_answer_is_named(shell, supervised, monkeypatch):
    monkeypatch.setattr(worker_cluster, "PATIENCE", 0.2)
    refused = shell.run("supervise", "check", "--project", supervised, "--engine", "dask",
                        "--scheduler", "tcp://127.0.0.1:1", code=2)  # fmt: skip
    assert "does not answer" in refused.stderr


def test_a_store_that_is_a_file_is_not_for_several_machines(shell, supervised):
    refused = shell.run("supervise", "check", "--project", supervised, "--engine", "dask",
                        "--scheduler", "tcp://10.0.0.5:8786", code=2)  # fmt: skip
    assert "several machines cannot write" in refused.stderr


@pytest.mark.parametrize("words", [("--engine", "dask"), ("--scheduler", "tcp://127.0.0.1:1")])
def test_engine_and_scheduler_go_together(shell, supervised, words):
    assert "go together" in shell.run("supervise", "check", "--project", supervised, *words, code=2).stderr
