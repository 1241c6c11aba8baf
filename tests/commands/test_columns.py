"""Help and printed commands fit into 80 columns, in both languages, and can be pasted as they are printed."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.testing import CliRunner

from passport.commands import main
from passport.commands.terminal import console
from passport.commands.terminal.command_lines import command_lines, help_lines, term_lines

LONG = (
    "TOKEN=$(curl -s http://127.0.0.1:8080/token -d grant_type=vp_token"
    """ --data-urlencode vp_token@out/vp.jsonld | sed 's/.*"access token": *"\\([^"]*\\)".*/\\1/')"""
)


def commands(command: click.Command, context: click.Context, *words: str):
    """The words of every command, groups included."""
    yield words
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            yield from commands(found, click.Context(found, info_name=name, parent=context), *words, name)


def too_wide(text: str) -> list[str]:
    """The lines of more than 80 columns that could be broken."""
    return [line for line in text.splitlines() if console.width(line) > 80 and " " in line.strip()]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_of_every_command_fits_into_80_columns(monkeypatch, language):
    monkeypatch.setenv("COLUMNS", "80")
    every = list(commands(main, click.Context(main, info_name="passport")))
    assert len(every) > 150
    wide = {}
    for words in every:
        done = CliRunner().invoke(main, ["--lang", language, *words, "--help"])
        assert done.exit_code == 0 and done.output, words
        if lines := too_wide(done.output):
            wide[words] = lines
    assert wide == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_demo_fits_into_80_columns_and_its_commands_are_whole(nursery, world, language):
    seen = nursery.seen(["demo", "--no-serve", "--lang", language], world.folder, columns=80)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen.text)
    assert seen.code == 0 and too_wide(plain) == []
    joined = plain.replace("\\\n", "")
    for command in ("--as cn-regulator", "verify", 'sed +\'s/.*"challenge"', 'Authorization: Bearer $TOKEN" +-L http'):
        assert re.search(command.replace("$", r"\$").replace(".*", r"\.\*"), joined), command


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_said_of_packs_that_are_judged_and_issued_fits_into_80_columns(shell, shop, monkeypatch, language):
    monkeypatch.setenv("COLUMNS", "80")
    packs = [shell.workbook(name) for name in ("ev-ncm-100kwh.xlsx", "lmt-ebike.xlsx")]
    for words in (("validate",), ("issue", "--project", shop), ("issue", "--project", shop)):
        said = shell.run(*words, *packs, "--lang", language).stdout
        # A path that is wider than the terminal stays whole, with what belongs to it.
        assert [line for line in too_wide(said) if str(shell.folder) not in line] == []


def test_a_command_to_go_on_with_can_be_pasted_also_where_a_file_has_a_blank_in_its_name(shell):
    path = shell.workbook("lmt-ebike.xlsx").rename(shell.folder / "my packs.xlsx")
    said = shell.run("validate", path).stdout
    command = said.partition("Ready to issue:\n")[2].replace("\\\n", " ")
    assert shlex.split(command)[-2:] == ["issue", str(path)]


@pytest.mark.parametrize("to", [40, 60, 80])
@pytest.mark.parametrize("command", [
    'passport accredit did:web:dealer.example --name "Dealer and Sons Ltd" --registration "HRB 1" -o dealer.jsonld',
    "passport log witness https://passport.example.com/log/events --log-key VKEY -o cosigned.txt --project witness",
    LONG,
])  # fmt: skip
def test_a_printed_command_says_the_same_when_it_is_pasted(command, to):
    lines = command_lines(command, to)
    assert len(lines) > 1 and all(line.endswith(" \\") for line in lines[:-1])
    assert shlex.split(" ".join(line.removesuffix(" \\") for line in lines)) == shlex.split(command)
    for line in lines:
        assert console.width(line) <= to or len(shlex.split(line.removesuffix("\\"), posix=False)) <= 2, line


def test_a_short_command_stays_one_line():
    assert command_lines("passport demo", 80) == ["passport demo"]
    assert help_lines("  passport demo", 80) == ["  passport demo"]


def test_an_option_stays_with_its_value_and_a_bar_with_its_command():
    lines = command_lines("passport connector offer part --kind record-part --role manufacturer | sort", 60)
    assert lines == ["passport connector offer part --kind record-part \\", "  --role manufacturer | sort"]


def test_what_explains_a_command_keeps_its_column_or_goes_below():
    line = "  passport demo --story      one pack from cell to recycled cathode powder, event by event"
    assert help_lines(line, 60) == [
        "  passport demo --story      one pack from cell to recycled",
        "                             cathode powder, event by event",
    ]
    assert help_lines(line, 40) == [
        "  passport demo --story", "      one pack from cell to recycled", "      cathode powder, event by event",
    ]  # fmt: skip


def test_choices_are_broken_behind_a_bar():
    assert term_lines("--as [public|legitimate-interest|commission]", 30) == [
        "--as [public|", "    legitimate-interest|", "    commission]",
    ]  # fmt: skip
