"""Progress of work on many rows, on a terminal: what is done, how much of it, the rate, and the time left.

Silent where stderr is no terminal, and for what is done in a moment.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from passport.commands.terminal import console
from passport.commands.terminal.text import takes_colour
from passport.texts import Message

#: Rows below which the work is over before its progress can be read.
_LEAST = 1_000


class RowProgress:
    """Used as a context: the line is gone when it ends."""

    def __init__(self) -> None:
        self._shown = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=Console(file=sys.stderr, highlight=False, markup=False),
            transient=True,
            disable=not takes_colour(sys.stderr),
        )
        self._task: TaskID | None = None
        self._what: str | None = None
        self._done = 0

    def __enter__(self) -> RowProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def add(self, what: Message, rows: int, total: int) -> None:
        """So many rows more of ``what``, of so many. Another name of the work begins another line."""
        if total < _LEAST:
            return
        if self._task is None or what != self._what:
            if self._task is not None:
                self._shown.remove_task(self._task)
            self._what, self._done = what, 0
            self._task = self._shown.add_task(console.spoken(what), total=total, rate="")
            self._shown.start()
        self._done += rows
        task = self._shown.tasks[self._shown.task_ids.index(self._task)]
        rate = Message("{rate:.0f}/s", rate=self._done / task.elapsed) if task.elapsed else ""
        self._shown.update(self._task, advance=rows, rate=console.spoken(rate))
