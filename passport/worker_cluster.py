"""Tasks on the workers of a Dask cluster (https://distributed.dask.org), answered in the order of the calls.

* Workers keep nothing that counts: a task of a worker that was lost runs on another one.
* Only so many tasks are on their way that memory does not grow with their number.
* Each worker runs the same release as the process that submits tasks, or refuses them.
* Tasks travel as pickles: who reaches the scheduler or a worker runs code there. Their ports belong into a network of
  their own, or behind ``tls://`` with a certificate authority of their own (docs/scale.md).

    cluster = WorkerCluster("tcp://10.0.0.5:8786", store=project.store_url)
    for call, answer in cluster.in_order(task, calls): ...
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any, TypeVar
from urllib.parse import urlsplit

from passport.errors import UsageError, WorkerLost
from passport.texts import Message

_Call = TypeVar("_Call", bound=tuple[Any, ...])
_Answer = TypeVar("_Answer")
#: Seconds until the scheduler has to answer.
PATIENCE = 10
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class WorkerCluster:
    """:param scheduler: address, such as ``tcp://10.0.0.5:8786``; :param store: address of the store that workers open.

    :raises UsageError: Dask is not installed, the scheduler does not answer or has no worker, or the store is a file
        and the scheduler on another machine.
    """

    def __init__(self, scheduler: str, store: str) -> None:
        distributed = _distributed()
        if store.startswith("sqlite:") and urlsplit(scheduler).hostname not in _HERE:
            raise UsageError(
                Message("the store is a file, which several machines cannot write"),
                expected=Message("a PostgreSQL database, or a scheduler on this machine"),
                found=scheduler,
                hint=Message("passport store move takes a project to PostgreSQL."),
            )
        try:
            self._client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise UsageError(
                Message("the scheduler {address} does not answer", address=scheduler), found=type(error).__name__
            ) from None
        #: How many tasks run at the same time.
        self.threads = sum(self._client.nthreads().values())
        if not self.threads:
            self._client.close()
            raise UsageError(
                Message("the scheduler {address} has no worker", address=scheduler),
                hint=Message("Start some: dask worker {address}", address=scheduler),
            )
        self._lost: tuple[type[Exception], ...] = (
            distributed.scheduler.KilledWorker,
            distributed.client.FutureCancelledError,
            distributed.comm.core.CommClosedError,
        )

    def in_order(self, task: Callable[..., _Answer], calls: Iterable[_Call]) -> Iterator[tuple[_Call, _Answer]]:
        """The answer of ``task(release, *call)`` for each call, beside it. What the task raises is raised here.

        :param task: a function of a module, which calls :func:`refuse_other_release` first.
        :raises WorkerLost: no worker could do a task, or the scheduler is gone.
        """
        # A worker that is slow holds back only what comes behind its task: the others work ahead.
        ahead = 4 * self.threads
        on_their_way: deque[tuple[_Call, Any]] = deque()
        release = this_release()
        try:
            for call in calls:
                # Not pure: the same call in a second pass is another task.
                on_their_way.append((call, self._client.submit(task, release, *call, pure=False)))
                if len(on_their_way) > ahead:
                    yield self._answered(*on_their_way.popleft())
            while on_their_way:
                yield self._answered(*on_their_way.popleft())
        except self._lost as error:
            raise WorkerLost(Message("no worker of the cluster could do a task"), found=type(error).__name__) from error

    @staticmethod
    def _answered(call: _Call, task: Any) -> tuple[_Call, Any]:
        answer = task.result()
        # The scheduler forgets the result, so that its memory does not grow with the input.
        task.release()
        return call, answer

    def close(self) -> None:
        """Leave the cluster. Tasks that were begun and not answered are cancelled."""
        self._client.close(timeout=PATIENCE)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise UsageError(
            Message("The engine dask is not installed"),
            hint=Message("Install it: pip install 'battery-passport[dask]'"),
        ) from None
    return distributed


def this_release() -> str:
    """The release of this program."""
    return version("battery-passport")


# --- in a worker ------------------------------------------------------------------------------------------------------


def refuse_other_release(release: str) -> None:
    """:raises UsageError: this worker runs another release, which may judge otherwise."""
    if release != this_release():
        raise UsageError(
            Message("a worker runs another release of this program"), expected=release, found=this_release()
        )
