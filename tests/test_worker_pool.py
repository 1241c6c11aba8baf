"""Tasks in several processes: their order, their errors, and a worker that is killed at the worst moment."""

from __future__ import annotations

import os
import signal
import struct
import sys

import pytest

from passport.errors import WorkerLost
from passport.worker_pool import WorkerPool

_given = 0


def begin(number: int) -> None:
    global _given
    _given = number


def added(number: int) -> int:
    return _given + number


def late() -> None:
    raise TimeoutError("of the task itself")


def half_an_answer() -> None:
    """Killed while it sends: its answer's length is in the pipe, and a part of the answer."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    # As multiprocessing.connection writes a message: four bytes of length before it.
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1_000) + b"begun")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def pool():
    made = WorkerPool(2, begin, 100)
    yield made
    made.close()


def test_answers_come_in_the_order_of_the_calls_and_errors_as_they_are(pool):
    assert list(pool.in_order(added, ((number,) for number in range(20)))) == [((n,), 100 + n) for n in range(20)]
    with pytest.raises(TimeoutError, match="of the task itself"):
        list(pool.in_order(late, [()]))


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_worker_that_is_killed_while_it_sends_an_answer_ends_the_work(pool):
    with pytest.raises(WorkerLost):
        list(pool.in_order(half_an_answer, [()]))
    reading, workers = pool._executor._executor_manager_thread, pool.processes()
    pool.close()
    reading.join(timeout=30)
    assert not reading.is_alive(), "nothing waits for the rest when the interpreter ends"
    assert workers and all(process.exitcode is not None for process in workers)
