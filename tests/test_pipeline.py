"""The pipeline runs every folder of tests once, counts what ran, and fails where one of its steps does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.each import each

CHECKOUT = Path(__file__).resolve().parent.parent
STEPS = ("test", "test-browser", "test-interop")
GREEN = {
    "test": "13998 passed, 2 skipped in 290.11s (0:04:50)",
    "test-browser": "97 passed in 120.00s (0:02:00)",
    "test-interop": "301 passed, 1 skipped in 60.12s (0:01:00)",
}


def recipe(target: str) -> str:
    return re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (CHECKOUT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]


def test_what_one_target_leaves_out_another_runs():
    left_out = re.findall(r"--ignore=(\S+)", recipe("test"))
    assert left_out == ["tests/browser", "tests/interop"]
    for step, folder in zip(STEPS[1:], left_out, strict=True):
        assert f"$(PYTEST) {folder} " in recipe(step) and list((CHECKOUT / folder).glob("test_*.py"))
    assert "ignore" not in recipe("test-all")


def run_tests(folder: Path, closing: dict[str, str], broken: dict[str, int]) -> tuple[int, str]:
    """Exit status and last line of the part that runs the tests, with a ``make`` that prints these lines."""
    script = (CHECKOUT / ".ci" / "run").read_text("utf-8")
    head, tests = script[: script.index("missing_packages()")], script[script.index("\nlog=") :]
    cases = "".join(f"{step}) echo '{line}'; exit {broken.get(step, 0)} ;;\n" for step, line in closing.items())
    (folder / "make").write_text(f'#!/bin/sh\ncase "$2" in\n{cases}esac\n')
    (folder / "make").chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", head + tests, str(CHECKOUT / ".ci" / "run")], capture_output=True, text=True,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert all(f"--- {step} " in done.stderr for step in STEPS), done.stderr
    return done.returncode, done.stdout.splitlines()[-1]


def test_the_last_line_adds_up_what_the_steps_ran(tmp_path):
    assert run_tests(tmp_path, GREEN, {}) == (0, "14396 passed, 0 failed, 3 skipped")


@each("step", STEPS)
def test_a_step_that_fails_fails_the_pipeline_after_the_others_ran(tmp_path, step):
    red = GREEN | {step: "2 failed, 3 passed, 1 error in 1.00s"}
    passed = {"test": 401, "test-browser": 14302, "test-interop": 14098}[step]
    status, line = run_tests(tmp_path, red, {step: 2})
    assert status == 2 and line.startswith(f"{passed} passed, 3 failed, ")


def test_a_step_that_ends_without_a_word_of_pytest_fails_the_pipeline(tmp_path):
    status, line = run_tests(tmp_path, GREEN | {"test": "make: *** No rule to make target"}, {"test": 2})
    assert status == 2 and line == "398 passed, 0 failed, 1 skipped"
