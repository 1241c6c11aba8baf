"""The exit code of every command is its answer, whoever reads what it prints: real processes, with their real end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from passport.commands import main
from tests.commands.calls import CALLS, TRUST, Call
from tests.commands.processes import CHECKOUT, CLOSED, FULL, LEFT
from tests.conftest import share
from tests.each import each

pytestmark = pytest.mark.skipif(not Path(FULL).exists(), reason="no /dev/full")
HELP = {call for call in CALLS if "help" in call.line or "version" in call.line}
SINKS = (FULL, CLOSED, LEFT)
#: Every call with one of the sinks, its neighbours (other answers of the same command) with the others; `make torture`
#: takes all. JSON is written by the same few lines for all commands: every second call with another sink.
WITH_JSON = [(number, call) for number, call in enumerate(CALLS) if call.has_json]
MODES = [
    *((call, False, share(SINKS, number, of=3)) for number, call in enumerate(CALLS)),
    *((call, True, share(SINKS, number + 1, of=3)) for number, call in share(WITH_JSON, 0, of=2)),
]  # fmt: skip


def expected(call: Call, sink: str) -> int:
    """What a lost output makes of an answer: nothing, except where the output is what the command makes."""
    if call.code or not call.is_product or sink == LEFT or (sink == CLOSED and call in HELP):
        return call.code
    return 2


def test_every_command_is_called():
    """A new command, or one of a group, has to join the table."""
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(None, name)
        for words in [f"{name} {sub}" for sub in command.commands] if hasattr(command, "commands") else [name]:
            assert any(f"{call.line} ".startswith(f"{words} ") for call in CALLS), words


def test_every_answer_is_in_the_table():
    assert {call.code for call in CALLS} == {0, 1, 2, 3}


@pytest.mark.product(of=4)
@pytest.mark.parametrize(
    ("call", "as_json", "sinks"), MODES, ids=lambda value: str(value) if isinstance(value, Call) else ""
)
def test_a_lost_output_changes_no_answer(nursery, world, call, as_json, sinks):
    for sink in sinks:
        if sink == LEFT:
            found, _, said = nursery.said(world.words(call, as_json=as_json), world.folder, stdout=LEFT)
            assert b"Traceback" not in said and b"BrokenPipe" not in said and b"Exception ignored" not in said
        else:
            # The same for stderr: nothing that is said there may matter either.
            found = nursery.run(world.words(call, as_json=as_json), world.folder, stdout=sink, stderr=sink)
        assert found == expected(call, sink), f"{sink}: {found}"


VERIFY = [call for call in CALLS if call.line.startswith("verify ") and "--trust" in call.line]


@pytest.mark.product(of=3)
@pytest.mark.parametrize("call", VERIFY, ids=str)
@pytest.mark.parametrize("stderr", [LEFT, FULL, CLOSED])
def test_a_lost_stderr_changes_no_answer_and_no_output(nursery, world, call, stderr):
    words = world.words(call)
    assert nursery.said(words, world.folder, stderr=stderr)[:2] == nursery.said(words, world.folder)[:2]


ENCODINGS = ("ascii", "latin-1", "gbk", "utf-16")
ENCODED = [*VERIFY, Call("validate bad.xlsx --lang zh", 1), Call("manual", 0)]


@pytest.mark.product(of=3)
@pytest.mark.parametrize(
    ("call", "encoding"), [(call, each) for turn, call in enumerate(ENCODED) for each in share(ENCODINGS, turn, of=2)],
    ids=str,
)  # fmt: skip
def test_a_terminal_of_another_encoding_changes_no_answer(nursery, world, call, encoding):
    assert nursery.run(world.words(call), world.folder, encoding=encoding) == call.code
    code, out, _ = nursery.said(world.words(call, as_json=True), world.folder, encoding=encoding)
    assert code == call.code
    json.loads(out.decode("utf-8"))


@each("name", ["doctor --project shop", "verify forged.jsonld --offline " + " ".join(TRUST)])
def test_a_full_disk_is_told_on_stderr_beside_the_answer(nursery, world, name):
    code, _, said = nursery.said(name.split(), world.folder, stdout=FULL)
    assert code == next(call.code for call in CALLS if call.line == name)
    assert "could not be written" in said.decode() and "No space left" in said.decode()


@each("line", ["key show recycler.pem", "show {} --project shop --json", "manual"])
def test_a_product_that_cannot_be_written_is_an_error_of_its_own(nursery, world, line):
    words = line.format("ZZZPE10A7K2M05G6J0000317").split()
    for sink, found in ((FULL, "No space left"), (CLOSED, "closed")):
        code, _, said = nursery.said(words, world.folder, stdout=sink)
        assert code == 2 and "could not be written" in said.decode() and found in said.decode()


def test_a_file_that_cannot_be_written_never_hides_a_fault(nursery, world):
    words = ["report", "bad.xlsx", "--html", "-o", FULL]
    assert nursery.said(words, world.folder)[0] == 1
    code, _, said = nursery.said(["manual", "-o", FULL], world.folder)
    assert code == 2 and "No space left" in said.decode()
    assert nursery.run(["convert", "good.xlsx", "--to", "json", "-o", FULL], world.folder) == 2


def test_a_closed_stdin_is_an_unusable_call(nursery, world):
    code, _, said = nursery.said(["verify", "-", *TRUST], world.folder, stdin=CLOSED)
    assert code == 2 and "stdin cannot be read" in said.decode()


def test_closed_streams_are_never_the_number_of_a_store(nursery, world):
    """Otherwise what is printed, here or in a child process, would be written into the database."""
    assert nursery.run(["refresh", "--project", "shop"], world.folder, stdin=CLOSED, stdout=CLOSED, stderr=CLOSED) == 0
    assert nursery.run(["doctor", "--project", "shop"], world.folder) == 0


# --- whole processes --------------------------------------------------------------------------------------------------


def passport(script: str, folder: Path) -> str:
    """What a shell prints for a script in which ``passport`` is this program."""
    run = f"passport() {{ '{sys.executable}' -c 'from passport.commands import main; main()' \"$@\"; }}\n"
    done = subprocess.run(
        ["bash", "-c", run + script], cwd=folder, capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_forged_file_is_forged_however_little_of_the_answer_is_read(world):
    trust = " ".join(TRUST)
    said = passport(
        f"""
        for i in 1 2
        do passport verify forged.jsonld --offline {trust} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}; done
        passport verify forged.jsonld --offline {trust} | true; echo ${{PIPESTATUS[0]}}
        passport verify forged.jsonld --offline {trust} >&-; echo $?
        passport verify forged.jsonld --offline {trust} >/dev/full 2>/dev/full; echo $?
        passport verify forged.jsonld --offline {trust} >&- 2>&- <&-; echo $?
        """,
        world.folder,
    )
    assert re.findall(r"^\d+$", said, re.MULTILINE) == ["1"] * 6
    assert "Traceback" not in said and "Exception ignored" not in said


# --- faults of the program --------------------------------------------------------------------------------------------


def test_a_fault_of_the_program_is_no_verdict_about_a_document(world, monkeypatch):
    from click.testing import CliRunner

    from passport.commands import verify

    def crash(*_):
        raise KeyError("a bug")

    monkeypatch.setattr(verify, "TrustList", type("Broken", (), {"load": crash}))
    monkeypatch.chdir(world.folder)
    result = CliRunner().invoke(main, ["verify", "view.jsonld", *TRUST])
    assert result.exit_code == 3
    assert "KeyError: 'a bug'" in result.stderr and "nothing was determined" in result.stderr


def test_an_interrupted_command_gives_no_answer(world, monkeypatch):
    from click.testing import CliRunner

    from passport.commands import verify

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(verify, "TrustList", type("Slow", (), {"load": interrupt}))
    monkeypatch.chdir(world.folder)
    assert CliRunner().invoke(main, ["verify", "view.jsonld", *TRUST]).exit_code == 130
