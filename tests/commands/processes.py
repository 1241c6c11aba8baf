"""Real processes with the standard streams that a test decides: closed, full, a reader who has left, a terminal.

Starting Python for each of hundreds of calls would take minutes. One process loads the program and forks for each
call; the child sets its streams up as Python does at its start, and ends as any program does, with the interpreter's
own flush, which may change the exit code. Where nothing is left to flush, the memory of most children is not taken
apart: that copies every page which they share, and takes longer than most commands.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import io
import json
import os
import pty
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: What stands for a stream: nothing, a pipe whose reader has left. Anything else is the path of a file.
CLOSED, LEFT = "closed", "left"
FULL = "/dev/full"
#: One child in so many is taken apart to the end also where its streams could be flushed.
WHOLE_END_ONE_IN = 8
#: What the forking process does first. A child then finds parsed what every call would load and build again: the
#: ontology, the contexts, the shapes of each category, the queries of the rules, the templates of pages and workbooks.
WARM_UP = (
    "--help",
    "demo --no-serve",
    "validate {examples}/stationary-lfp.xlsx",
    "validate {examples}/ev-ncm-100kwh.xlsx --lang zh",
    "convert {examples}/ev-ncm-100kwh.xlsx --to json -o pack.json",
    "report {examples}/ev-ncm-100kwh.xlsx --html",
    "template --category lmt -o form.xlsx",
    "footprint report {examples}/footprint-ev-ncm.xlsx -o footprint.html",
    "vectors --out vectors",
    "verify vectors/cases/passport-public.jsonld --offline --regime eu --trust vectors/trust/namespaces.json",
    "manual",
    "show RS260122-04417 --project demo",
    "doctor --project demo",
    "event template fit -o fit.xlsx",
    "supervise check --project demo",
    "duties --project demo",
    "serve --project demo --port {port}",
    "inbox --project demo --port {port}",
    "vc-api --dev --port {port}",
)


class Nursery:
    """The process that forks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )  # fmt: skip

    def run(
        self, words: Sequence[object], folder: Path, *, stdin: str = os.devnull, stdout: str = os.devnull,
        stderr: str = os.devnull, environ: Mapping[str, str] | None = None, encoding: str = "utf-8",
    ) -> int:  # fmt: skip
        """The exit code of ``passport`` with these words in ``folder``."""
        job = {
            "words": [str(word) for word in words], "folder": str(folder), "streams": [stdin, stdout, stderr],
            "environ": dict(environ or {}), "encoding": encoding,
        }  # fmt: skip
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def said(self, words: Sequence[object], folder: Path, **streams) -> tuple[int, bytes, bytes]:
        """The exit code with what stood on stdout and stderr."""
        out, err = folder / ".stdout", folder / ".stderr"
        code = self.run(words, folder, **{"stdout": str(out), "stderr": str(err), **streams})
        return code, *(path.read_bytes() if path.exists() else b"" for path in (out, err))

    def seen(self, words: Sequence[object], folder: Path, *, columns: int = 80, **environ: str) -> Seen:
        """What a terminal of so many columns gets."""
        with terminal(columns) as (path, read):
            given = {"TERM": "xterm-256color", **environ}
            code = self.run(words, folder, stdin=path, stdout=path, stderr=path, environ=given)
        return Seen(code, read().decode("utf-8").replace("\r\n", "\n"))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


@dataclass(frozen=True)
class Seen:
    code: int
    text: str


@contextmanager
def terminal(columns: int) -> Iterator[tuple[str, callable]]:
    """A pseudo-terminal: the path of its program's side, and what was written to it, once it is closed."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 200, columns, 0, 0))
    pieces: list[bytes] = []

    def drain() -> None:
        while True:
            try:
                piece = os.read(master, 65_536)
            except OSError:
                return
            if not piece:
                return
            pieces.append(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    try:
        yield os.ttyname(slave), lambda: b"".join(pieces)
    finally:
        os.close(slave)
        reader.join(timeout=30)
        os.close(master)


# --- the process that forks -------------------------------------------------------------------------------------------


def _open(number: int, what: str) -> None:
    os.close(number)
    if what == CLOSED:
        return
    if what == LEFT:
        reading, writing = os.pipe()
        os.close(reading if reading != number else os.dup(reading))
        os.dup2(writing, number)
        if writing != number:
            os.close(writing)
        return
    opened = os.open(what, os.O_RDWR if os.path.exists(what) and not os.path.isfile(what) else
                     (os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 0o644)  # fmt: skip
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def _become(job: dict) -> None:
    """Streams as the interpreter makes them at its start."""
    os.chdir(job["folder"])
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE", "NO_COLOR", "COLUMNS", "TERM"):
        os.environ.pop(name, None)
    os.environ.update(job["environ"])
    # From above: a number that stays closed is not taken by the next one.
    for number in (2, 1, 0):
        _open(number, job["streams"][number])
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = None
        if job["streams"][number] != CLOSED:
            errors = "backslashreplace" if number == 2 else "strict"
            stream = open(number, mode, encoding=job["encoding"], errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["passport", *job["words"]]


def _end(end: SystemExit) -> None:
    """What the interpreter does first at its end; then the process is over, unless a flush failed.

    A failed flush is left to the interpreter, which repeats it, reports it and changes the exit code.
    """
    threading._shutdown()
    atexit.unregister(sys.modules.clear)
    atexit._run_exitfuncs()
    atexit.register(sys.modules.clear)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            try:
                stream.flush()
            except (OSError, ValueError):
                return
    if end.code is None or isinstance(end.code, int):
        os._exit((end.code or 0) & 0xFF)


def _serve() -> None:
    import click

    from passport import commands
    from passport.exchange import formats  # noqa: F401
    from passport.exchange.records import record_files  # noqa: F401
    from passport.validation import validator

    # The reference is warmed up too: the children's records are seldom without a fault.
    usual, validator.CHECKED_ONE_IN = validator.CHECKED_ONE_IN, 1
    context = click.Context(commands.main)
    for name in commands.main.list_commands(context):
        commands.main.get_command(context, name)
    # The servers are built up to the port, which is taken.
    with tempfile.TemporaryDirectory() as folder, chdir(folder), socket.create_server(("127.0.0.1", 0)) as taken:
        values = {"examples": CHECKOUT / "examples", "port": taken.getsockname()[1]}
        for line in WARM_UP:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), suppress(SystemExit):
                commands.main(line.format_map(values).split())
    validator.CHECKED_ONE_IN = usual
    gc.collect()
    # A child does not look through all of this again at its end, and does not take it apart: that would copy every page
    # of memory that it shares. Its streams are its own, and are flushed and closed as ever.
    gc.freeze()
    for module in list(sys.modules.values()):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(module))
        for value in list(getattr(module, "__dict__", {}).values()):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))
    jobs, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    for number, line in enumerate(iter(jobs.readline, "")):
        child = os.fork()
        if child == 0:
            # The objects too: since Python 3.14 one whose file was closed under it is reported at the end.
            jobs.close()
            answers.close()
            _become(json.loads(line))
            try:
                commands.main()
            except SystemExit as end:
                if number % WHOLE_END_ONE_IN:
                    _end(end)
                raise
            return
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


if __name__ == "__main__":
    # The last thing that runs before the interpreter flushes: with no modules left in the table it takes none apart.
    atexit.register(sys.modules.clear)
    sys.path.insert(0, str(CHECKOUT))
    sys.path.remove(str(Path(__file__).parent))
    _serve()
