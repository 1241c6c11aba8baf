"""A forked call ends as a process of its own would."""

from __future__ import annotations

import os
import sys

from tests.each import each
from tests.forked import Ended, Forked, forked_passport


def leave(code):
    print("said")
    print("told", file=sys.stderr)
    raise SystemExit(code)


@each(("code", "returned"), [(None, 0), (0, 0), (3, 3), ("words", 1)])
def test_its_code_and_its_words_come_back(code, returned):
    assert Forked(lambda: leave(code)).finish() == Ended(returned, "said\n", "told\n")


def test_an_error_is_told_and_nothing_of_the_tests_goes_on_in_it():
    ended = Forked(lambda: 1 / 0).finish()
    assert ended.returncode == 1 and ended.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_it_has_the_environment_that_is_given():
    ended = Forked(lambda: print(dict(os.environ)), environ={"ONLY": "this"}).finish()
    assert ended.stdout == "{'ONLY': 'this'}\n" and os.environ.get("ONLY") is None


def test_a_command_is_called():
    ended = forked_passport("--version").finish()
    assert ended.returncode == 0 and "passport" in ended.stdout
