"""What is said during a run on a terminal has a line of its own."""

from __future__ import annotations

import io
import sys

from passport.commands.issuing.issue_progress import IssueProgress
from passport.commands.terminal import console
from passport.texts import Message
from tests.each import each

_ERASED = "\x1b[2K"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@each("says", [console.say, console.talk])
def test_a_line_that_rewrites_itself_is_gone_before_something_is_said(monkeypatch, says):
    terminal = _Terminal()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console.progress("1 of 2")
    console.progress("2 of 2")
    says("done")
    says("and more")
    assert terminal.getvalue() == f"1 of 2\r{_ERASED}2 of 2\r{_ERASED}done\nand more\n"


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
