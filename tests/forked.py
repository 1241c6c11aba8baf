"""Commands in processes of their own that are forked from the tests: what these have loaded is not loaded again.

Starting Python and loading the ontology takes two seconds, of which most tests of several processes are not. Tests of
the start itself, or of what is loaded by it, begin real processes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """:ivar returncode: as the interpreter would end; negative for a signal."""

    returncode: int
    stdout: str
    stderr: str


class Forked:
    """A call in a child process, which begins at once.

    :param environ: replaces the environment.
    """

    def __init__(self, call: Callable[[], object], *, environ: Mapping[str, str] | None = None) -> None:
        self._files = [tempfile.TemporaryFile("w+", encoding="utf-8") for _ in range(2)]  # noqa: SIM115
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                code = self._run(call, environ)
            finally:
                os._exit(code)

    def _run(self, call: Callable[[], object], environ: Mapping[str, str] | None) -> int:
        for number, file in enumerate(self._files, 1):
            os.dup2(file.fileno(), number)
        sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
        if environ is not None:
            os.environ.clear()
            os.environ.update(environ)
        code = 0
        try:
            call()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        return code

    def finish(self) -> Ended:
        """Waits for the end."""
        _, status = os.waitpid(self._pid, 0)
        told = []
        for file in self._files:
            with file:
                file.seek(0)
                told.append(file.read())
        return Ended(os.waitstatus_to_exitcode(status), *told)


def forked_passport(*words: str | Path, environ: Mapping[str, str] | None = None, folder: str | Path = ".") -> Forked:
    """``passport`` with these words in a folder."""
    from passport.commands import main

    def call() -> None:
        os.chdir(folder)
        main([str(word) for word in words])

    return Forked(call, environ=environ)
