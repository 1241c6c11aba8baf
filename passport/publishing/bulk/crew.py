"""Who works on the chunks: this process, or several others. The result is the same, in the order of the input.

* A worker process has a workbench of its own, with a connection to the store and the issuer's key, which it loads
  itself. The passphrase reaches it through the pipe by which it is started, never through an argument or a file.
* Chunks and answers go through :mod:`passport.worker_pool`.
"""

from __future__ import annotations

import copyreg
import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from passport.battery.record_chunks import Chunk
from passport.project import Project
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import IssueOrder, WorkedChunk
from passport.publishing.write_path import WritePath
from passport.vocabulary.vocabulary import chosen_regimes, due_on, load
from passport.worker_pool import WorkerPool

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
        self._pool = WorkerPool(jobs, _begin, plan)

    def work(self, chunks: Iterable[Chunk], *, sign: bool, judged: Judged) -> Iterator[tuple[Chunk, WorkedChunk]]:
        """:raises WorkerLost: a worker process ended before its time."""
        calls = ((chunk, sign, judged(chunk.begin.number)) for chunk in chunks)
        for (chunk, *_), worked in self._pool.in_order(_work, calls):
            yield chunk, worked

    def close(self) -> None:
        self._pool.close()


def spare_collections() -> None:
    """Look for cycles in memory less often: what is loaded stays, and packs leave hardly any behind."""
    gc.collect()
    gc.freeze()
    # A chunk of packs with hundreds of cells makes some 100,000 objects, nearly all of which live as long as the chunk.
    gc.set_threshold(200_000, 20, 20)


# --- in a worker process ----------------------------------------------------------------------------------------------

_bench: Callable[[], Workbench] | None = None


def _begin(plan: WorkbenchPlan) -> None:
    global _bench
    made: list[Workbench] = []

    def bench() -> Workbench:
        # Made with the first chunk: an error is then the answer to that chunk, and reaches the caller as it is.
        if not made:
            made.append(plan.make())
            spare_collections()
        return made[0]

    _bench = bench


def _work(chunk: Chunk, sign: bool, judged: bytes | None) -> WorkedChunk:
    assert _bench is not None, "a worker begins with _begin"
    return _bench().work(chunk, sign=sign, judged=judged)
