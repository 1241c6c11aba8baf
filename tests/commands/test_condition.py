"""``passport condition``: read-outs added and listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from passport.credentials.status_list import REFRESH, BitString
from passport.publishing.condition.known_packs import KnownPacks
from passport.store import Store

HEAD = "serialNumber,recordedAt,numberOfFullCycles\n,,cycles\n"


@pytest.fixture
def readings(shell, issued):
    """A function that writes a file of read-outs for the one pack of a project."""
    serial = issued.rsplit("/", 1)[1]

    def write(*rows: str) -> Path:
        path = shell.folder / "readings.csv"
        path.write_text(HEAD + "".join(f"{serial},{row}\n" for row in rows))
        return path

    write.serial = serial
    return write


def test_read_outs_are_added_and_listed_newest_first(shell, readings):
    path = readings("2026-11-20T08:00:00Z,400", "2026-11-21T08:00:00Z,401")
    added = shell.json("condition", "add", path, "--project", "shop")
    assert (added["added"], added["refused"], added["faults"]) == (2, 0, [])
    listed = shell.json("condition", "list", readings.serial, "--project", "shop")["readOuts"]
    assert [(row["recordedAt"][:10], row["status"]) for row in listed[:2]] == [
        ("2026-11-21", "newest"), ("2026-11-20", "superseded"),
    ]  # fmt: skip
    assert listed[0]["credential"] == added["entries"][1]["credential"]
    lines = shell.run("condition", "list", readings.serial, "--project", "shop").stdout.splitlines()
    assert "newest" in lines[0] and "401" in lines[0]
    again = shell.json("condition", "add", path, "--project", "shop")
    assert (again["added"], again["same"]) == (0, 2)


def test_a_late_read_out_is_added_and_listed_as_late_in_its_place(shell, readings):
    shell.run("condition", "add", readings("2026-11-20T08:00:00Z,400", "2026-11-22T08:00:00Z,402"), "--project", "shop")
    result = shell.run("condition", "add", readings("2026-11-21T08:00:00Z,401"), "--project", "shop")
    assert result.stdout.rstrip().endswith("1 added, 1 of them late, 0 stored already, 0 refused, 0 flagged.")
    listed = shell.json("condition", "list", readings.serial, "--project", "shop")["readOuts"]
    assert [(row["recordedAt"][:10], row["status"], row["late"]) for row in listed[:3]] == [
        ("2026-11-22", "newest", False), ("2026-11-21", "superseded", True), ("2026-11-20", "superseded", False),
    ]  # fmt: skip
    lines = shell.run("condition", "list", readings.serial, "--project", "shop").stdout.splitlines()
    assert "superseded, came late" in lines[1] and "late" not in lines[0] + lines[2]


def test_a_refused_row_leaves_with_1_and_the_others_are_added(shell, readings):
    path = readings("2026-11-20T08:00:00Z,400", "2026-11-21T08:00:00Z,399", "2026-11-22T08:00:00Z,401")
    result = shell.run("condition", "add", path, "--project", "shop", code=1)
    assert "row 4" in result.stdout and "never falls" in result.stdout
    assert result.stdout.rstrip().endswith("2 added, 0 of them late, 0 stored already, 1 refused, 0 flagged.")


def test_a_file_that_is_interrupted_says_what_is_done_and_is_handed_in_again(shell, readings, monkeypatch):
    path, more = readings("2026-11-20T08:00:00Z,400"), shell.folder / "more.csv"
    more.write_text(HEAD + f"{readings.serial},2026-11-21T08:00:00Z,401\n")

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        # Just behind a commit, in the middle of a block.
        patched.setattr(KnownPacks, "committed", interrupt)
        result = shell.run("condition", "add", path, more, "--project", "shop", code=130)
    assert "Stopped: 1 read-out was added. Run the same command again" in result.stderr
    assert not result.stdout
    newest, before = shell.json("condition", "list", readings.serial, "--project", "shop")["readOuts"][:2]
    assert (newest["recordedAt"][:10], before["status"]) == ("2026-11-20", "superseded")
    store = Store.open(f"sqlite:///{shell.folder / 'shop' / 'passports.db'}")
    place = store.places_of(before["credential"])[REFRESH]
    signed = store.status_list(place.list)["credentialSubject"]["encodedList"]
    assert BitString.decode(signed).get(place.position), "the lists were signed before the end"
    added = shell.json("condition", "add", path, more, "--project", "shop")
    assert (added["added"], added["same"]) == (1, 1)


def test_a_flagged_row_leaves_with_0(shell, readings):
    result = shell.run("condition", "add", readings("2026-11-20T08:00:00Z,9000000"), "--project", "shop")
    assert "(warning)" in result.stdout


def test_a_file_with_an_unknown_heading_adds_nothing_and_leaves_with_2(shell, readings):
    path = readings("2026-11-20T08:00:00Z,400")
    path.write_text(path.read_text().replace("numberOfFullCycles", "cyclesNumber"))
    shell.run("condition", "add", path, "--project", "shop", code=2)
    listed = shell.json("condition", "list", readings.serial, "--project", "shop")["readOuts"]
    assert len(listed) == 1


def test_the_lists_say_which_read_outs_are_superseded_right_after_the_command(shell, readings):
    from passport.project import Project

    shell.run("condition", "add", readings("2026-11-20T08:00:00Z,400"), "--project", "shop")
    store = Project.find("shop").open_store()
    assert not store.lists_behind() and not store.unsigned_lists()
