"""Progress of a long run on a terminal: read and checked, signed, refused, packs a second, time left.

Silent where stderr is no terminal, and for what is done in a moment. The time left is that of the packs still to come
at the rate of the run so far. It is left out where the number of packs is unknown.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from passport.commands.terminal import console
from passport.commands.terminal.text import takes_colour
from passport.texts import Message

#: Packs below which a run is over before its progress can be read.
_LEAST = 100


class IssueProgress:
    """Used as a context: the line is gone when it ends."""

    def __init__(self) -> None:
        self._shown = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[refused]}"),
            console=Console(file=sys.stderr, highlight=False, markup=False),
            transient=True,
            disable=not takes_colour(sys.stderr),
        )
        self._task: TaskID | None = None
        self._number = self._refused = 0
        self._begun = False

    def __enter__(self) -> IssueProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Take the line away, so that what is said next has one of its own. The next packs bring it back."""
        if self._begun:
            self._shown.stop()
            self._begun = False

    def step(self, what: Message, total: int | None) -> None:
        """A pass over the input begins. :param total: packs; None where the number is unknown."""
        self.end()
        if self._task is not None:
            self._shown.remove_task(self._task)
        self._number = 0
        self._task = self._shown.add_task(console.spoken(what), total=total, rate="", refused="")

    def add(self, packs: int, refused: int = 0) -> None:
        """So many packs more, of which some were refused."""
        self._number += packs
        self._refused += refused
        if not self._begun and self._number >= _LEAST:
            self._begun = True
            self._shown.start()
        if self._task is None:
            return
        task = self._shown.tasks[self._shown.task_ids.index(self._task)]
        rate = Message("{rate:.0f}/s", rate=self._number / task.elapsed) if task.elapsed else ""
        words = Message("{n} refused", plural="{n} refused", n=self._refused) if self._refused else ""
        self._shown.update(self._task, advance=packs, rate=console.spoken(rate), refused=console.spoken(words))
