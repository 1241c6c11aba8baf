"""Files that a command writes where it is told to: none is overwritten unasked, none gets an ending that lies."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.commands import main
from passport.commands.terminal.destination import Destination, OutputOption, replace_file
from passport.errors import UsageError
from tests.commands.calls import CODE
from tests.each import each

#: Options whose folder has to be new or empty in any case.
FOLDERS = {("release", "output")}
NAMES = {"-o", "--output", "--out", "--save", "--fill"}


def commands() -> dict[str, click.Command]:
    found = {}
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(None, name)
        subs = getattr(command, "commands", None)
        found |= {f"{name} {sub}": each for sub, each in subs.items()} if subs else {name: command}
    return found


@each("name", commands())
def test_every_option_that_names_a_file_to_write_refuses_to_overwrite(name):
    options = [option for option in commands()[name].params if NAMES & set(option.opts)]
    for option in options:
        if (name, option.name) not in FOLDERS:
            assert isinstance(option, OutputOption), f"{option.opts}: console.output_option"
            assert any("--force" in other.opts for other in commands()[name].params)


#: A command line of each such option without the name of its file, an ending that it can write, and one that it cannot.
WRITING = [
    ("template --category lmt -o", ".xlsx", ".csv"),
    ("report good.xlsx --regime eu -o", ".html", ".pdf"),
    ("report good.xlsx --regime eu --json -o", ".json", ".html"),
    ("report good.xlsx --regime eu --html -o", ".htm", ".txt"),
    ("convert good.xlsx --to json -o", ".json", ".xlsx"),
    ("convert good.xlsx --to xlsx -o", ".xlsx", ".json"),
    ("convert good.xlsx --to untp -o", ".jsonld", ".csv"),
    (f"show {CODE} --project shop --save", ".jsonld", ".html"),
    (f"qr {CODE} --project shop -o", ".svg", ".jpg"),
    (f"qr {CODE} --project shop --format png -o", ".png", ".svg"),
    (f"qr {CODE} --project shop --label -o", ".svg", ".png"),
    ("grant <holder> --audience commission --purpose oversight --project shop -o", ".jsonld", ".xlsx"),
    ("present role.jsonld --key recycler.pem --challenge c --domain https://p.example -o", ".jsonld", ".pem"),
    ("footprint template -o", ".xlsx", ".csv"),
    ("footprint report inventory.xlsx -o", ".html", ".pdf"),
    ("footprint declare inventory.xlsx --packs good.xlsx --project shop -o", ".jsonld", ".xlsx"),
    ("footprint declare inventory.xlsx --packs good.xlsx --project shop -o never.jsonld --fill", ".xlsx", ".json"),
    ("footprint countersign declared.jsonld --key verifier.pem -o", ".jsonld", ".html"),
    ("manual -o", ".html", ".pdf"),
    ("manual --json -o", ".json", ".html"),
]  # fmt: skip
LINES = [line for line, _, _ in WRITING]


def split(world, line: str) -> list[str]:
    return line.replace("<holder>", world.holder).split()


@each(("line", "ending", "_"), WRITING, ids=LINES)
def test_a_file_that_exists_is_replaced_only_by_force(nursery, world, line, ending, _):
    path = world.folder / f"kept{ending}"
    path.write_text("years of work")
    for more in ([], ["--json"] if "--json" not in line and "--html" not in line and ".htm" not in ending else []):
        code, out, err = nursery.said([*split(world, line), path, *more], world.folder)
        assert code == 2 and b"exists already" in out + err and b"--force" in out + err, out + err
        assert path.read_text() == "years of work"
    if "never.jsonld" in line:
        assert not (world.folder / "never.jsonld").exists(), "refused before anything was written"
    code, _, said = nursery.said([*split(world, line), path, "--force"], world.folder)
    assert code == 0, said
    assert path.read_bytes() != b"years of work" and path.stat().st_size > 100
    assert not [name for name in os.listdir(world.folder) if name.endswith(".tmp")]
    path.unlink()
    (world.folder / "never.jsonld").unlink(missing_ok=True)


@each(("line", "_", "ending"), WRITING, ids=LINES)
def test_an_ending_that_cannot_be_written_is_refused(nursery, world, line, _, ending):
    for name in (f"new{ending}", *(() if line.startswith("convert") else ("new",))):
        code, out, err = nursery.said([*split(world, line), name, "--force"], world.folder)
        assert code == 2 and b"error" in out + err, out + err
        assert not (world.folder / name).exists() and not (world.folder / "never.jsonld").exists()


def dump(path: Path) -> list[str]:
    """Everything in an SQLite file. The connection is closed at once: none is left to the collector."""
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


@each(
    ("name", "reason"),
    [("declared.jsonld", b"exists already"), ("declared.pdf", b"form"), ("good.xlsx/declared.jsonld", b"no folder")],
)
def test_what_is_refused_was_not_begun(nursery, world, name, reason):
    """The declaration would be signed and stored before its file is written."""
    store = world.folder / "shop" / "passports.db"
    before = dump(store)
    declare = "footprint declare inventory.xlsx --packs good.xlsx --project shop -o"
    code, _, err = nursery.said([*declare.split(), name], world.folder)
    assert code == 2 and reason in err, (code, err)
    assert dump(store) == before


def test_a_folder_with_something_in_it_is_filled_only_by_force(nursery, world):
    folder = world.folder / "tables"
    words = ["convert", "good.xlsx", "--to", "csv", "-o", "tables"]
    assert nursery.run(words, world.folder) == 0
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, _, said = nursery.said(words, world.folder)
    assert code == 2 and b"new or empty folder" in said and b"--force" in said
    assert nursery.run([*words, "--force"], world.folder) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made
    code, _, said = nursery.said([*words[:-1], "tables.csv"], world.folder)
    assert code == 2 and b"folder of files" in said


def test_the_demo_runs_twice_and_its_own_lines_name_force(nursery, world):
    save = ["show", CODE, "--project", "demo", "--save", "demo/out/ev.jsonld"]
    for code in (0, 2):
        assert nursery.run(["demo", "--no-serve"], world.folder) == 0
        assert nursery.run(save, world.folder) == code
    assert b"--force" in nursery.said(save, world.folder)[2]
    assert nursery.run([*save, "--force"], world.folder) == 0


# --- files ------------------------------------------------------------------------------------------------------------


def destination(path, *, force=False) -> Destination:
    return Destination(path, (), force=force, is_required=False)


def test_a_device_is_written_to_and_never_replaced(nursery, world, tmp_path):
    fifo, read = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    assert nursery.run(["manual", "-o", fifo], world.folder) == 0
    reader.join(timeout=30)
    assert read[0].lower().startswith(b"<!doctype html>")
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    for force in ([], ["--force"]):
        assert nursery.run(["manual", "-o", os.devnull, *force], world.folder) == 0
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_an_ending_that_is_none_of_the_commands_is_refused_and_one_of_them_is_not(tmp_path):
    for name in ("a.pdf", "a", "a.json.txt"):
        with pytest.raises(UsageError, match="cannot be written in this form"):
            Destination(tmp_path / name, (".json", ".html"), force=False, is_required=False).check()
    for name in ("a.json", "a.HTML"):
        Destination(tmp_path / name, (".json", ".html"), force=False, is_required=False).check()


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path):
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    link.symlink_to(target)
    with pytest.raises(UsageError, match="exists already"):
        destination(link).check()
    with pytest.raises(UsageError, match="exists already"):
        destination(link).write(b"{}")
    assert not target.exists() and link.is_symlink()


def test_force_replaces_a_link_and_not_the_file_behind_it(tmp_path):
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    target.write_bytes(b"theirs")
    link.symlink_to(target)
    destination(link, force=True).write(b"ours")
    assert target.read_bytes() == b"theirs" and link.read_bytes() == b"ours" and not link.is_symlink()


def test_of_two_calls_at_once_the_second_is_refused(tmp_path):
    first, second = destination(tmp_path / "a.json"), destination(tmp_path / "a.json")
    first.check()
    second.check()
    first.write(b"first")
    with pytest.raises(UsageError, match="exists already"):
        second.write(b"second")
    assert (tmp_path / "a.json").read_bytes() == b"first" and os.listdir(tmp_path) == ["a.json"]


@each("force", [False, True])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, force):
    path = tmp_path / "a.json"
    if force:
        path.write_bytes(b"before")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(UsageError, match="No space left"):
        destination(path, force=force).write(b"after")
    assert [name.read_bytes() for name in tmp_path.iterdir()] == ([b"before"] if force else [])


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        destination(tmp_path, force=True).check()


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="no folder"):
        destination(tmp_path / "file" / "a.json").check()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused_at_once(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot be written"):
        destination(tmp_path / "deeper" / "a.json").check()


@given(st.binary(max_size=2000))
def test_a_file_of_the_project_is_replaced_as_a_whole(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("own") / "trusted-issuers.json"
    for item in (b"before", data):
        replace_file(path, item, private=True)
    assert path.read_bytes() == data and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]
