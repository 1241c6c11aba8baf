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
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from passport.battery.record_chunks import Chunk
from passport.errors import UsageError
from passport.publishing.bulk.crew import Judged, WorkbenchPlan, spare_collections
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import WorkedChunk
from passport.texts import Message
from passport.worker_cluster import WorkerCluster, refuse_other_release

#: Of a worker: the file with the passphrase of the issuer's key.
PASSPHRASE_FILE = "PASSPORT_PASSPHRASE_FILE"  # noqa: S105 (no secret)


class DaskCrew:
    """:param scheduler: address, such as ``tcp://10.0.0.5:8786``; :param store: address of the store.

    :raises UsageError: see :class:`passport.worker_cluster.WorkerCluster`.
    """

    def __init__(self, plan: WorkbenchPlan, scheduler: str, store: str) -> None:
        self._cluster = WorkerCluster(scheduler, store)
        self._plan = replace(plan, passphrase=None)

    def work(self, chunks: Iterable[Chunk], *, sign: bool, judged: Judged) -> Iterator[tuple[Chunk, WorkedChunk]]:
        """:raises WorkerLost: no worker could work on a chunk, or the scheduler is gone."""
        calls = ((self._plan, chunk, sign, judged(chunk.begin.number)) for chunk in chunks)
        for (_, chunk, *_), worked in self._cluster.in_order(work_on, calls):
            yield chunk, worked

    def close(self) -> None:
        # Tasks that were begun and are not stored yet are cancelled with the client.
        self._cluster.close()


# --- in a worker ------------------------------------------------------------------------------------------------------


class _Benches(threading.local):
    """The workbench of a thread: it has a connection to the store, and is no other thread's."""

    plan: WorkbenchPlan | None = None
    bench: Workbench | None = None


_benches = _Benches()


def work_on(release: str, plan: WorkbenchPlan, chunk: Chunk, sign: bool, judged: bytes | None) -> WorkedChunk:
    """What is to be said of a chunk; runs in a worker.

    :param release: of the program that submitted the chunk.
    :raises UsageError: this worker runs another release.
    :raises PassportError: as :meth:`Workbench.work`.
    """
    refuse_other_release(release)
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
