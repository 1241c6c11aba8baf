"""Exit codes and buffered output: the code is decided before anything is printed, and does not depend on the reader.

* A command's results are collected while it runs and written when it has ended. Its messages on stderr are written at
  once, unless results wait before them.
* 0 good, 1 the document is at fault, 2 the call or the input file is unusable, 3 it could not be determined.
* A closed pipe (``| head -1``) changes no code, and neither does a failure of stderr.
* Results that cannot be written (a full disk, a closed stdout) change no code where the command answers a question or
  has done something; stderr says what happened. Where the output is what the command makes (a presentation, a page, a
  QR code), 0 becomes 2. A settled 1, 2 or 3 stays in any case.
* A fault of the program itself is 3, never 1: a crash has not judged a document. Ctrl-C is 130.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TextIO

import click

from passport.commands.terminal import text
from passport.errors import PassportError

INTERRUPTED = 130
UNDETERMINED = 3
UNWRITTEN = 2


@dataclass
class Collected:
    """What waits to be written.

    :ivar entries: whether for stdout, and what; in the order in which it was said.
    :ivar settled: the answer, where the command has given one before its end.
    :ivar is_product: whether the output is what the command makes.
    :ivar lost: why stdout could not be written.
    """

    entries: list[tuple[bool, str | bytes]] = field(default_factory=list)
    settled: int = 0
    is_product: bool = False
    lost: OSError | None = None


_collected: ContextVar[Collected | None] = ContextVar("collected", default=None)


#: What takes the present line of a terminal away.
_ERASED = "\r\x1b[2K"
#: The stream whose last line is one of :func:`rewrite`, if there is one.
_rewritten: TextIO | None = None


class _HelpUnwritten(Exception):
    """Help or version could not be written. Not an OSError, which click turns into exit code 1."""


# --- what commands say ------------------------------------------------------------------------------------------------


def put(what: str | bytes) -> None:
    """Results for stdout: text, or bytes as they are."""
    collected = _collected.get()
    if collected is None:
        _write_out([what])
    else:
        collected.entries.append((True, what))


def put_aside(what: str) -> None:
    """Talk for stderr; it never fails."""
    collected = _collected.get()
    if collected is not None and collected.entries:
        collected.entries.append((False, what))
    else:
        _write_aside(what)


def rewrite(what: str) -> None:
    """A line on stderr, a terminal. What is written next, there or to stdout, takes its place."""
    global _rewritten
    _write_aside(what)
    _rewritten = sys.stderr


def settle(code: int) -> None:
    """The answer of a command that has files to write yet. A write that fails leaves 1 and 3 as they are."""
    if (collected := _collected.get()) is not None:
        collected.settled = code


def is_product() -> None:
    """The output is what the command makes: where it cannot be written, the command has failed."""
    if (collected := _collected.get()) is not None:
        collected.is_product = True


def release() -> None:
    """Write what waits, now: before serving until Ctrl-C."""
    if (collected := _collected.get()) is not None:
        _release(collected)


# --- the life of a command --------------------------------------------------------------------------------------------


def answer(function: Callable[[], None], report: Callable[[PassportError], None]) -> None:
    """Run a command, write its output, and leave with its code.

    :param report: prints an error of the library.
    :raises SystemExit: the code is not 0. A fault of the program itself is its cause.
    """
    collected = Collected()
    token = _collected.set(collected)
    fault: BaseException | None = None
    try:
        code, fault = _run(function, report)
        code = collected.settled or code
        _release(collected)
        if collected.lost is not None and collected.is_product:
            code = code or UNWRITTEN
    finally:
        _collected.reset(token)
    if code or fault:
        raise SystemExit(code) from fault


def _run(function: Callable[[], None], report: Callable[[PassportError], None]) -> tuple[int, BaseException | None]:
    try:
        function()
    except SystemExit as ended:
        return (ended.code if isinstance(ended.code, int) else int(ended.code is not None)), None
    except PassportError as error:
        report(error)
        return error.exit_code, error
    except KeyboardInterrupt as error:
        put_aside("\n")
        return INTERRUPTED, error
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        _put_traceback(error)
        return UNDETERMINED, error
    return 0, None


def run_program(call: Callable[[], Any]) -> None:
    """Run the whole program, with what click itself prints: help, version, errors of the call.

    :raises SystemExit: always.
    """
    _keep_descriptors()
    try:
        code = call()
        code = code if isinstance(code, int) else 0
    except SystemExit:
        _flush()
        raise
    except click.ClickException as error:
        buffer = io.StringIO()
        error.show(buffer)
        _write_aside(text.shown(buffer.getvalue()))
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except _HelpUnwritten as error:
        code = 0 if _tell_lost(error.__cause__) else UNWRITTEN
    except Exception as error:
        _put_traceback(error)
        _flush()
        raise SystemExit(UNDETERMINED) from error
    _flush()
    raise SystemExit(code)


@contextmanager
def printing_help() -> Iterator[None]:
    """Where click prints by itself."""
    try:
        yield
    except OSError as error:
        raise _HelpUnwritten from error


def _put_traceback(error: BaseException) -> None:
    put_aside("".join(traceback.format_exception(error)))
    put_aside("error: a fault of this program; nothing was determined\n")


# --- the streams ------------------------------------------------------------------------------------------------------


def _release(collected: Collected) -> None:
    entries, collected.entries = collected.entries, []
    waiting: list[str | bytes] = []
    for is_result, what in [*entries, (False, "")]:
        if is_result:
            waiting.append(what)
            continue
        if waiting and collected.lost is None:
            collected.lost = _write_out(waiting)
            if collected.lost is not None and (collected.is_product or not isinstance(collected.lost, _Closed)):
                _tell_lost(collected.lost)
        waiting = []
        if what:
            _write_aside(what)
    if isinstance(collected.lost, BrokenPipeError):
        # The reader has seen enough: nothing has failed.
        collected.is_product = False


class _Closed(OSError):
    """There is no stdout (``>&-``): the caller wants no output."""


def _write_out(parts: list[str | bytes]) -> OSError | None:
    _erase()
    stream = sys.stdout
    try:
        if stream is None or stream.closed:
            return _Closed(9, "stdout is closed")
        _write(stream, b"".join(_encoded(part, stream) for part in parts))
    except OSError as error:
        _discard(stream)
        return error
    return None


def _write_aside(what: str | bytes) -> None:
    """Stderr. A failure to write to it does not change the exit code."""
    _erase()
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        _write(stream, _encoded(what, stream))
    except OSError:
        _discard(stream)


def _erase() -> None:
    global _rewritten
    if _rewritten is not None and _rewritten is sys.stderr:
        _rewritten = None
        _write_aside(_ERASED)


def _encoded(what: str | bytes, stream: TextIO) -> bytes:
    if isinstance(what, bytes):
        return what
    # A terminal without our characters (LC_ALL=C, GBK) gets them written out: that is no reason to fail.
    return what.encode(getattr(stream, "encoding", None) or "utf-8", "backslashreplace")


def _write(stream: TextIO, data: bytes) -> None:
    buffer = getattr(stream, "buffer", None)
    stream.flush()
    if buffer is None:
        stream.write(data.decode(getattr(stream, "encoding", None) or "utf-8"))
    else:
        buffer.write(data)
        buffer.flush()
    stream.flush()


def _tell_lost(error: BaseException | None) -> bool:
    """Say on stderr that the output is lost; True where only its reader has left."""
    if isinstance(error, BrokenPipeError):
        return True
    _write_aside("error: the output could not be written\n")
    if isinstance(error, OSError) and error.strerror:
        _write_aside(f"       found {error.strerror}\n")
    return False


def _discard(stream: TextIO) -> None:
    """What a stream still holds goes nowhere, else the interpreter tries again at its end and leaves with 120."""
    with suppress(OSError, ValueError, AttributeError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError:
            _discard(stream)


def _keep_descriptors() -> None:
    """Descriptors 0 to 2 that the caller closed (``>&-``) are opened on nothing.

    Otherwise the next file gets that number, such as the store, and what a library or a child process writes to its
    stdout ends in that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                opened = os.open(os.devnull, os.O_RDWR)
                if opened != number:
                    os.dup2(opened, number)
                    os.close(opened)
                os.set_inheritable(number, True)
