"""The full pass of supervision on a cluster: its workers judge portions of the packs, this process settles the alerts.

* A worker opens the project's store itself and judges all rules about packs over one portion of them, or all rules
  about actors. It writes nothing, so a task of a worker that was lost runs on another one.
* The result is that of one process: the answers of portions make up the full answer, and each task says in which state
  it saw the facts. Alerts are settled in a writer's transaction, and only if the facts are still in that state.
* Facts that change all the time are judged by this process in the end, in the writers' turn.

    checked = check_on_cluster(project, store, book, at, cluster)
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from passport.oversight.supervisor import Checked, check, settle, values_of, with_names
from passport.project import Project
from passport.store import Store
from passport.store.facts.alert_rows import AlertRows
from passport.store.facts.fact_state import analyse_facts, fact_state, pack_bounds
from passport.store.facts.rule_queries import RuleRow, judging
from passport.supervision.rulebook import Rulebook, RuleInputs, SupervisionRule
from passport.worker_cluster import WorkerCluster, refuse_other_release

_log = logging.getLogger(__name__)
#: Portions for each thread of the cluster: a worker that is slow or lost holds back little.
PORTIONS = 4
#: How often the cluster judges anew because the facts have changed meanwhile.
_ATTEMPTS = 3


@dataclass(frozen=True)
class RuleTask:
    """What a worker judges.

    :ivar folder: of the project; :ivar queries: code, query and named values of each rule.
    :ivar portion: first and last number of its packs; None: all actors.
    """

    folder: str
    inputs: RuleInputs
    queries: tuple[tuple[str, str, Mapping[str, int]], ...]
    portion: tuple[int, int] | None


@dataclass(frozen=True)
class RuleAnswers:
    """:ivar state: of the facts that were judged; :ivar rows: answers of each rule, by its code."""

    state: str
    rows: Mapping[str, tuple[RuleRow, ...]]


def check_on_cluster(project: Project, store: Store, book: Rulebook, at: datetime, cluster: WorkerCluster) -> Checked:
    """As :func:`passport.oversight.supervisor.check`.

    :raises WorkerLost: no worker could do a task, or the scheduler is gone.
    :raises UnusableStore: the database engine of a worker would answer wrongly.
    """
    rules = book.concerning(None)
    for _ in range(_ATTEMPTS):
        analyse_facts(store)
        tasks = tuple(_tasks(project, store, book, at, cluster.threads * PORTIONS))
        answered = [answer for _, answer in cluster.in_order(judge_portion, ((task,) for task in tasks))]
        with judging(store, writes=True) as (judge, connection):
            if {answer.state for answer in answered} <= {fact_state(connection)}:
                rows = {rule.code: _rows_of(rule, answered) for rule in rules}
                findings = with_names(judge, [(rule, rows[rule.code]) for rule in rules])
                return settle(AlertRows(connection), rules, findings, at, cause="")
        _log.info("the facts have changed while the cluster judged them")
    return check(store, book, at)


def _rows_of(rule: SupervisionRule, answered: list[RuleAnswers]) -> tuple[RuleRow, ...]:
    return tuple(row for answers in answered for row in answers.rows.get(rule.code, ()))


def _tasks(project: Project, store: Store, book: Rulebook, at: datetime, portions: int) -> Iterator[RuleTask]:
    """Rules about actors first, since they take as long as several portions."""
    folder, inputs = str(project.folder.resolve()), book.inputs()
    by_subject = {
        subject: tuple(
            (rule.code, rule.query, values_of(rule, at)) for rule in book.concerning(None) if rule.subject == subject
        )
        for subject in ("actor", "pack")
    }
    if by_subject["actor"]:
        yield RuleTask(folder, inputs, by_subject["actor"], None)
    bounds = pack_bounds(store)
    if bounds is None or not by_subject["pack"]:
        return
    first, last = bounds
    width = -(-(last - first + 1) // portions)
    for start in range(first, last + 1, width):
        yield RuleTask(folder, inputs, by_subject["pack"], (start, min(start + width - 1, last)))


# --- in a worker ------------------------------------------------------------------------------------------------------


class _Stores(threading.local):
    """The store of a thread: its connections are no other thread's."""

    folder: str | None = None
    store: Store | None = None


_stores = _Stores()


def judge_portion(release: str, task: RuleTask) -> RuleAnswers:
    """The answers of a task; runs in a worker.

    :param release: of the program that submitted it.
    :raises UsageError: this worker runs another release.
    :raises PassportError: the project or its store cannot be used.
    """
    refuse_other_release(release)
    if _stores.store is None or _stores.folder != task.folder:
        _stores.store, _stores.folder = Project.find(task.folder).open_store(), task.folder
    with judging(_stores.store, snapshot=True) as (judge, connection):
        judge.prepare(task.inputs)
        if task.portion is None:
            judge.actors()
        else:
            judge.portion(*task.portion)
        rows = {code: judge.answer(query, values) for code, query, values in task.queries}
        return RuleAnswers(fact_state(connection), {code: answer for code, answer in rows.items() if answer})
