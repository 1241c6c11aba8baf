"""``passport serve``: several processes answer, and Ctrl-C ends all of them."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from tests.conftest import free_port

BASE = "https://passport.example.com"


@pytest.mark.product(of=3)
@pytest.mark.parametrize(("workers", "more"), [(2, ["--preview"]), (1, []), (2, [])])
def test_it_answers_and_ends_with_ctrl_c(tmp_path: Path, workers: int, more: list[str]):
    project = make_project(tmp_path / "shop", BASE, names={"en": "Operator", "zh": "运营者"})
    project.open_store().close()
    port = free_port()
    command = ["-c", "from passport.commands import main; main()", "serve", "--project", str(project.folder)]
    options = ["--port", str(port), "--workers", str(workers), *more]
    running = subprocess.Popen(
        [sys.executable, *command, *options], stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    try:
        assert status(f"http://127.0.0.1:{port}/passports/id/M/1", running) == 404
        assert status(f"http://127.0.0.1:{port}/ns", running) == 200
        home = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=120).read().decode()
        assert ("Preview of" in home) == bool(more)
        running.send_signal(signal.SIGINT)
        assert running.wait(120) == 0
        assert "Traceback" not in running.stderr.read()
        # The one that cleans up after the others notices last that they have gone.
        deadline = time.monotonic() + 120
        while alive(running.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert alive(running.pid) == []
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)


def test_the_commands_that_the_demo_prints_work_one_after_the_other(tmp_path: Path):
    port = free_port()
    program = [sys.executable, "-c", "from passport.commands import main; main()"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def call(*words: str) -> str:
        return subprocess.run(
            [*program, *words], cwd=tmp_path, env=environ, check=True, capture_output=True, text=True
        ).stdout

    commands = json.loads(call("demo", "--no-serve", "--port", str(port), "--json"))["commands"]
    running = subprocess.Popen(
        [*program, "serve", "--project", "demo", "--port", str(port)], cwd=tmp_path, env=environ,
        stderr=subprocess.PIPE, start_new_session=True, text=True,
    )  # fmt: skip
    try:
        assert status(f"http://127.0.0.1:{port}/ns", running) == 200
        printed = "\n".join((*commands["verify"].values(), *commands["http"].values()))
        script = f'passport() {{ {shlex.join(program)} "$@"; }}\nset -e\n{printed}\n'
        shown = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        view = json.loads(shown.stdout[shown.stdout.index('{"@context"') :])
        assert "BatteryConditionCredential" in json.dumps(view), "the token opens what the public does not read"
    finally:
        os.killpg(running.pid, signal.SIGKILL)


def alive(group: int) -> list[int]:
    """The processes of a group that still run; one that has ended may wait for its parent to notice."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(entry.name))
    return found


def status(address: str, running: subprocess.Popen) -> int:
    """The status of an answer, once there is one."""
    deadline = time.monotonic() + 300
    while True:
        try:
            request = urllib.request.Request(address, headers={"Accept": "application/vp, */*;q=0.1"})
            return urllib.request.urlopen(request, timeout=120).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            assert running.poll() is None, running.stderr.read()
            assert time.monotonic() < deadline, "no answer within five minutes"
            time.sleep(0.1)
