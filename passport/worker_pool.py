"""Tasks in several processes, answered in the order in which they were given.

* Only so many tasks are on their way that memory does not grow with their number.
* A worker is not forked: a fork would share connections to the store and the threads of libraries.
* Workers take no notice of Ctrl-C: the process that started them ends them. They end by themselves when it is gone.
* A worker that ends before its time, killed or out of memory, ends the work with an error. The standard library's pool
  notices as well, unless the worker was killed while it sent an answer: then it waits for the rest for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from passport.errors import WorkerLost
from passport.texts import Message

_Call = TypeVar("_Call", bound=tuple[Any, ...])
_Answer = TypeVar("_Answer")
#: Seconds between two looks at whether all workers are still there.
_LOOK = 1.0


class WorkerPool:
    """Processes that begin alike.

    :param jobs: how many.
    :param begin: called once in each worker, with ``given``; both must be picklable.
    """

    def __init__(self, jobs: int, begin: Callable[..., None], *given: Any) -> None:
        self._ahead = 2 * jobs
        self._executor = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (begin, given))
        # Its end for writing is not public.
        self._answers: Any = self._executor._result_queue

    def in_order(self, task: Callable[..., _Answer], calls: Iterable[_Call]) -> Iterator[tuple[_Call, _Answer]]:
        """The answer of ``task(*call)`` for each call, beside it. What the task raises is raised here.

        :param task: a function of a module.
        :raises WorkerLost: a worker process ended before its time.
        """
        on_their_way: deque[tuple[_Call, Future[_Answer]]] = deque()
        try:
            for call in calls:
                on_their_way.append((call, self._executor.submit(task, *call)))
                if len(on_their_way) > self._ahead:
                    yield self._answered(*on_their_way.popleft())
            while on_their_way:
                yield self._answered(*on_their_way.popleft())
        except BrokenProcessPool as error:
            raise _lost() from error

    def _answered(self, call: _Call, future: Future[_Answer]) -> tuple[_Call, _Answer]:
        while True:
            try:
                return call, future.result(timeout=_LOOK)
            except TimeoutError:
                if future.done():  # meanwhile, or with an error of this kind
                    return call, future.result()
                if any(process.exitcode is not None for process in self.processes()):
                    raise _lost() from None

    def processes(self) -> list[multiprocessing.process.BaseProcess]:
        """The workers; those that have ended, too."""
        return list((self._executor._processes or {}).values())

    def close(self) -> None:
        """End the workers. What was begun and not taken is of no use any more."""
        processes = self.processes()
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(timeout=10)
        # The last end that could send: who waits for the rest of an answer learns that it never comes, so that the
        # interpreter does not wait for that thread when it ends.
        self._answers._writer.close()


def _lost() -> WorkerLost:
    return WorkerLost(Message("a worker process ended before its time"))


# --- in a worker process ----------------------------------------------------------------------------------------------


def _begin(begin: Callable[..., None], given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*given)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
