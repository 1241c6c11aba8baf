"""Who works on the chunks: this process, or several others. The result is the same, in the order of the input.

* A worker process has a workbench of its own, with a connection to the store and the issuer's key, which it loads
  itself. The passphrase reaches it through the pipe by which it is started, never through an argument or a file.
* Only so many chunks are on their way that memory does not grow with the input.
* Workers take no notice of Ctrl-C: the process that started them ends them. They end by themselves when it is gone.
"""

from __future__ import annotations

import copyreg
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from passport.battery.record_chunks import Chunk
from passport.errors import WorkerLost
from passport.project import Project
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import IssueOrder, WorkedChunk
from passport.publishing.write_path import WritePath
from passport.texts import Message
from passport.vocabulary.vocabulary import chosen_regimes, due_on, load

# Texts in several languages are read-only mappings, and part of faults and reports.
copyreg.pickle(MappingProxyType, lambda mapping: (_read_only, (dict(mapping),)))

#: What a chunk was judged as before: its digest, by its number.
Judged = Callable[[int], bytes | None]


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


class Crew(Protocol):
    def work(self, chunks: Iterable[Chunk], *, sign: bool, judged: Judged) -> Iterator[tuple[Chunk, WorkedChunk]]:
        """The chunks and what was found of each, in their order; see :meth:`Workbench.work`."""

    def close(self) -> None:
        """End what was started."""


class OwnCrew:
    """This process alone."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def work(self, chunks: Iterable[Chunk], *, sign: bool, judged: Judged) -> Iterator[tuple[Chunk, WorkedChunk]]:
        for chunk in chunks:
            yield chunk, self._bench.work(chunk, sign=sign, judged=judged(chunk.begin.number))

    def close(self) -> None:
        return


@dataclass(frozen=True)
class WorkbenchPlan:
    """What a worker process makes its workbench of.

    :ivar day: whose obligations apply, as :func:`passport.vocabulary.vocabulary.due_on` reads it.
    :ivar order: all but the day, which a function gives by regime.
    """

    folder: Path
    passphrase: bytes | None
    day: date
    order: IssueOrder

    def make(self) -> Workbench:
        """:raises PassportError: the project, its store or its key cannot be used."""
        project = Project.find(str(self.folder))
        store = project.open_store()
        path = WritePath(store, project.issuer_with_key(self.passphrase), project.base_url)
        order = IssueOrder(**{**vars(self.order), "on": due_on(self.day)})
        return Workbench(path, store, load(), chosen_regimes(project.regimes), order, kept=0)


class ProcessCrew:
    """Several processes.

    :param jobs: how many.
    """

    def __init__(self, plan: WorkbenchPlan, jobs: int) -> None:
        self._ahead = 2 * jobs
        # Not forked: a fork would share the connection to the store and the threads of libraries.
        self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (plan,))

    def work(self, chunks: Iterable[Chunk], *, sign: bool, judged: Judged) -> Iterator[tuple[Chunk, WorkedChunk]]:
        """:raises WorkerLost: a worker process ended before its time."""
        on_their_way: deque[tuple[Chunk, Future[WorkedChunk]]] = deque()
        try:
            for chunk in chunks:
                on_their_way.append((chunk, self._pool.submit(_work, chunk, sign, judged(chunk.begin.number))))
                if len(on_their_way) > self._ahead:
                    yield _finished(*on_their_way.popleft())
            while on_their_way:
                yield _finished(*on_their_way.popleft())
        except BrokenProcessPool as error:
            raise WorkerLost(Message("a worker process ended before its time")) from error

    def close(self) -> None:
        # What was begun and not stored yet is of no use any more.
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(timeout=10)


def spare_collections() -> None:
    """Look for cycles in memory less often: what is loaded stays, and packs leave hardly any behind."""
    gc.collect()
    gc.freeze()
    # A chunk of packs with hundreds of cells makes some 100,000 objects, nearly all of which live as long as the chunk.
    gc.set_threshold(200_000, 20, 20)


def _finished(chunk: Chunk, future: Future[WorkedChunk]) -> tuple[Chunk, WorkedChunk]:
    return chunk, future.result()


# --- in a worker process ----------------------------------------------------------------------------------------------

_bench: Callable[[], Workbench] | None = None


def _begin(plan: WorkbenchPlan) -> None:
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    made: list[Workbench] = []

    def bench() -> Workbench:
        # Made with the first chunk: an error is then the answer to that chunk, and reaches the caller as it is.
        if not made:
            made.append(plan.make())
            spare_collections()
        return made[0]

    _bench = bench


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(chunk: Chunk, sign: bool, judged: bytes | None) -> WorkedChunk:
    assert _bench is not None, "a worker begins with _begin"
    return _bench().work(chunk, sign=sign, judged=judged)
