"""Workers on other machines: the chunks of a run as tasks of a Dask cluster (https://distributed.dask.org).

* A worker is stateless. It reads a chunk, judges it and signs it; nothing is stored there. This process is the one
  writer, and stores chunks in the order of the input. So each pack is stored once, however often a task runs: a task
  of a worker that was lost runs on another one, and the places in status lists that it had reserved stay empty.
* Each worker opens the project itself: its folder and the files of the input are at the same path on every machine,
  and the store is one that several machines may open (PostgreSQL).
* No passphrase travels. A worker takes it from the file that its own environment names (:data:`PASSPHRASE_FILE`).
* Who reaches the scheduler runs code with the issuer's key. Its ports belong into a network of their own, or behind
  ``tls://`` with a certificate authority of their own (docs/scale.md).
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from passport.battery.record_chunks import Chunk
from passport.errors import UsageError, WorkerLost
from passport.publishing.bulk.crew import Judged, WorkbenchPlan, spare_collections
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import WorkedChunk
from passport.texts import Message

#: Of a worker: the file with the passphrase of the issuer's key.
PASSPHRASE_FILE = "PASSPORT_PASSPHRASE_FILE"  # noqa: S105 (no secret)
#: Seconds until the scheduler has to answer.
PATIENCE = 10
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class DaskCrew:
    """:param scheduler: address, such as ``tcp://10.0.0.5:8786``.

    :raises UsageError: Dask is not installed, the scheduler does not answer or has no worker, or the store is a file
        and the scheduler on another machine.
    """

    def __init__(self, plan: WorkbenchPlan, scheduler: str, store: str) -> None:
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
        threads = sum(self._client.nthreads().values())
        if not threads:
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
        # A worker that is slow holds back only what comes behind its chunk: the others work ahead.
        self._ahead = 4 * threads
        self._plan = replace(plan, passphrase=None)

    def work(self, chunks: Iterable[Chunk], *, sign: bool, judged: Judged) -> Iterator[tuple[Chunk, WorkedChunk]]:
        """:raises WorkerLost: no worker could work on a chunk, or the scheduler is gone."""
        on_their_way: deque[tuple[Chunk, Any]] = deque()
        release = _release()
        try:
            for chunk in chunks:
                # Not pure: the same chunk in the second pass is another task.
                task = self._client.submit(
                    work_on, self._plan, release, chunk, sign, judged(chunk.begin.number), pure=False
                )
                on_their_way.append((chunk, task))
                if len(on_their_way) > self._ahead:
                    yield self._finished(*on_their_way.popleft())
            while on_their_way:
                yield self._finished(*on_their_way.popleft())
        except self._lost as error:
            raise WorkerLost(
                Message("no worker of the cluster could work on a chunk"), found=type(error).__name__
            ) from error

    def _finished(self, chunk: Chunk, task: Any) -> tuple[Chunk, WorkedChunk]:
        worked: WorkedChunk = task.result()
        # The scheduler forgets the result, so that its memory does not grow with the input.
        task.release()
        return chunk, worked

    def close(self) -> None:
        # Tasks that were begun and are not stored yet are cancelled with the client.
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


def _release() -> str:
    return version("battery-passport")


# --- in a worker ------------------------------------------------------------------------------------------------------


class _Benches(threading.local):
    """The workbench of a thread: it has a connection to the store, and is no other thread's."""

    plan: WorkbenchPlan | None = None
    bench: Workbench | None = None


_benches = _Benches()


def work_on(plan: WorkbenchPlan, release: str, chunk: Chunk, sign: bool, judged: bytes | None) -> WorkedChunk:
    """What is to be said of a chunk; runs in a worker.

    :param release: of the program that submitted the chunk.
    :raises UsageError: this worker runs another release, which may judge otherwise.
    :raises PassportError: as :meth:`Workbench.work`.
    """
    if release != _release():
        raise UsageError(Message("a worker runs another release of this program"), expected=release, found=_release())
    if _benches.bench is None or _benches.plan != plan:
        _benches.bench = replace(plan, passphrase=_passphrase()).make()
        _benches.plan = plan
        spare_collections()
    return _benches.bench.work(chunk, sign=sign, judged=judged)


def _passphrase() -> bytes | None:
    """:raises UsageError: the file that the environment names cannot be read."""
    path = os.environ.get(PASSPHRASE_FILE)
    if path is None:
        return None
    try:
        return Path(path).read_bytes().split(b"\n", 1)[0].strip(b"\r")
    except OSError as error:
        raise UsageError(
            Message("the passphrase file {path} cannot be read", path=path), found=error.strerror
        ) from error
