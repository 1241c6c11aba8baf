"""What is said during a run on a terminal has a line of its own."""

from __future__ import annotations

import io
import sys

from passport.commands.issuing.issue_progress import IssueProgress
from passport.texts import Message

_ERASED = "\x1b[2K"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_of_progress_is_gone_before_something_is_said_and_comes_back(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with IssueProgress() as progress:
        progress.step(Message("checked"), 300)
        progress.add(150)
        assert "/300" in terminal.getvalue().split(_ERASED)[-1]
        progress.step(Message("signed"), 300)
        assert terminal.getvalue().endswith(_ERASED)
        progress.add(150)
        assert "/300" in terminal.getvalue().split(_ERASED)[-1]
        progress.end()
        assert terminal.getvalue().endswith(_ERASED)
    assert terminal.getvalue().endswith(_ERASED)
