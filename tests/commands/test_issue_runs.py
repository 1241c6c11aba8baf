"""Runs of ``passport issue``: what is left out, what goes on after an interruption, and who works on it."""

from __future__ import annotations

import csv
import errno
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from passport.battery.fault import Location
from passport.commands import main
from passport.exchange.records import json_lines
from passport.publishing.bulk import journal
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.module_claims import in_another_pack
from passport.worker_pool import WorkerPool
from tests.issued_packs import hold_each_once, pack_of_number, results, serials, store_of, write_lines
from tests.store_faults import small_disk

PER_CHUNK = 3


@pytest.fixture
def lines(shell, monkeypatch):
    """Writes a file of JSON lines with so many packs, which is read in chunks of three."""
    monkeypatch.setattr("passport.exchange.records.record_input.CHUNK", PER_CHUNK)

    def write(number: int, change=lambda number, record: record, name: str = "packs.jsonl") -> Path:
        return write_lines(shell.folder / name, [change(n, pack_of_number(n)) for n in range(number)])

    return write


def of_no_day(number: int, record: dict) -> dict:
    """Every fourth pack has a date that is none."""
    return {**record, "pack": {**record["pack"], "manufacturingDate": "soon"}} if number % 4 == 1 else record


# --- all or none, or what is right ----------------------------------------------------------------------------------


def test_a_faulty_pack_anywhere_in_a_file_of_lines_and_nothing_is_issued(shell, shop, lines):
    said = shell.run("issue", lines(8, of_no_day), "--project", shop, code=1).stdout
    assert "rows 2, 6" in said and "/pack/manufacturingDate" in said and "Nothing was issued" in said
    assert serials(shop) == [] and not (shop / "out" / "issue").exists()


def test_with_keep_going_what_is_right_is_issued_and_the_rest_can_be_corrected_and_handed_in(shell, shop, lines):
    document = shell.json("issue", lines(8, of_no_day), "--project", shop, "--keep-going", code=1)
    assert document["packs"] == {"issued": 6, "refused": 2}
    assert {fault["code"] for fault in document["faults"]} == {"malformed"}
    left_out = Path(document["failures"])
    assert left_out.stat().st_mode & 0o077 == 0
    assert [each["outcome"] for each in results(shop)] == ["issued", "refused"] + ["issued"] * 3 + ["refused"] + [
        "issued"
    ] * 2
    corrected = shell.folder / "corrected.jsonl"
    corrected.write_text(left_out.read_text("utf-8").replace('"soon"', '"2026-01-22"'), encoding="utf-8")
    shell.run("issue", corrected, "--project", shop)
    assert serials(shop) == [f"EB{n:06}" for n in range(8)]
    hold_each_once(shop)


def test_packs_of_a_workbook_that_were_left_out_become_a_workbook_that_can_be_corrected(shell, shop):
    def spoil(book: openpyxl.Workbook) -> None:
        for sheet in book:
            headings = [cell.value for cell in sheet[1]]
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
            for n in range(2) if "serialNumber" in headings else ():
                for row in rows:
                    row[headings.index("serialNumber")] = f"X-{n}"
                    if "batteryPassportIdentifier" in headings:
                        identifier = f"urn:uuid:00000000-0000-4000-8000-00000000000{n}"
                        row[headings.index("batteryPassportIdentifier")] = identifier
                    sheet.append(row)
        day = [cell.value for cell in book["packs"][1]].index("manufacturingDate") + 1
        book["packs"].cell(5, day).value = "soon"

    path = shell.workbook("lmt-ebike.xlsx", spoil)
    document = shell.json("issue", path, "--project", shop, "--keep-going", code=1)
    assert document["packs"] == {"issued": 2, "refused": 1}, document["faults"]
    book = openpyxl.load_workbook(document["failures"])
    assert book["packs"].max_row == 3 and "soon" in str(list(book["packs"].values))
    assert any("soon" in str(row) for row in book["notes"].values)
    day = [cell.value for cell in book["packs"][1]].index("manufacturingDate") + 1
    book["packs"].cell(3, day).value = "2026-01-22"
    book.save(shell.folder / "corrected.xlsx")
    shell.run("issue", shell.folder / "corrected.xlsx", "--project", shop)
    assert len(serials(shop)) == 3
    hold_each_once(shop)


def test_a_line_that_is_no_json_is_refused_and_named(shell, shop, lines):
    path = lines(4)
    rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([rows[0], "{", "[]", "", *rows[1:]]) + "\n", encoding="utf-8")
    document = shell.json("issue", path, "--project", shop, "--keep-going", code=1)
    assert [(fault["code"], fault["location"]["row"]) for fault in document["faults"]] == [
        ("malformed-json", 2), ("malformed-record", 3),
    ]  # fmt: skip
    assert document["packs"] == {"issued": 4, "refused": 2}


@pytest.mark.parametrize("words", [(), ("--keep-going",)], ids=["all or none", "what is right"])
def test_a_pack_described_twice_in_different_chunks_is_refused(shell, shop, lines, words):
    path = lines(5, lambda number, record: pack_of_number(0) if number == 4 else record)
    answer = shell.json("issue", path, "--project", shop, *words, code=1)
    faults = answer["faults"] if words else answer["error"]["faults"]
    assert [(fault["code"], fault["location"]["row"], fault["found"]) for fault in faults] == [
        ("duplicate-pack", 5, "the serial number of row 1")
    ]
    assert len(serials(shop)) == (4 if words else 0)


@pytest.mark.parametrize("words", [(), ("--keep-going", "--replace", "--reason", "mass")], ids=["all", "what is right"])
def test_a_model_described_in_two_ways_in_different_chunks_is_refused(shell, shop, lines, words):
    def heavier(number: int, record: dict) -> dict:
        return {**record, "model": {**record["model"], "batteryMass": "2.9"}} if number == 4 else record

    answer = shell.json("issue", lines(5, heavier), "--project", shop, *words, code=1)
    faults = answer["faults"] if words else answer["error"]["faults"]
    assert {(fault["code"], fault["location"]["row"]) for fault in faults} == {("two-models", 5)}
    assert len(serials(shop)) == (4 if words else 0)


def test_with_keep_going_a_pack_of_which_something_would_be_lost_is_left_out_unless_that_is_allowed(shell, shop, lines):
    def fitted(number: int, record: dict) -> dict:
        return {**record, "events": {"fitting": {"vehicleModel": "B7"}}} if number == 1 else record

    path = lines(3, fitted)
    document = shell.json("issue", path, "--project", shop, "--keep-going", code=1)
    assert document["packs"] == {"issued": 2, "refused": 1}
    assert [loss["code"] for loss in document["notIssued"]] == ["event-not-issued"]
    allowed = shell.json("issue", path, "--project", shop, "--keep-going", "--allow-loss")
    assert allowed["packs"] == {"issued": 1, "same": 2}


def test_other_content_is_left_out_with_keep_going_and_replaced_where_that_is_asked_for(shell, shop, lines):
    shell.run("issue", lines(4), "--project", shop)

    def other_day(number: int, record: dict) -> dict:
        own = {**record["pack"], "manufacturingDate": "2026-01-10"}
        return {**record, "pack": own} if number == 2 else record

    path = lines(4, other_day)
    document = shell.json("issue", path, "--project", shop, "--keep-going", code=1)
    assert document["packs"] == {"same": 3, "refused": 1} and document["faults"][0]["code"] == "already-issued"
    words = ("--keep-going", "--replace", "--reason", "wrong day")
    assert shell.json("issue", path, "--project", shop, *words)["packs"] == {"same": 3, "replaced": 1}


def test_a_dry_run_says_what_would_be_issued_and_issues_nothing(shell, shop, lines, monkeypatch):
    monkeypatch.setenv("COLUMNS", "500")
    said = shell.run("issue", lines(8, of_no_day), "--project", shop, "--dry-run", code=1).stdout
    assert "Of 8 packs: 6 would be issued, 0 replaced, 0 left alone, 2 refused." in said
    assert store_of(shop).version() == (0, 0, 0, 0, 0, 0)
    assert store_of(shop).list_numbers() == () and not (shop / "out" / "issue").exists()


def test_json_lines_come_from_stdin(shell, shop, lines):
    text = lines(4).read_text("utf-8")
    shell.run("issue", "-", "--project", shop, stdin=text)
    assert len(serials(shop)) == 4
    assert (
        "stdin cannot be resumed" in shell.run("issue", "-", "--resume", "--project", shop, stdin=text, code=2).stderr
    )


def test_results_are_written_as_csv_whose_cells_are_no_formulas(shell, shop, lines):
    def formula(number: int, record: dict) -> dict:
        return of_no_day(number, {**record, "pack": {**record["pack"], "serialNumber": f"=1+{number}"}})

    shell.run("issue", lines(3, formula), "--project", shop, "--keep-going", "--results", "out.csv", code=1)
    rows = list(csv.DictReader((shell.folder / "out.csv").open(encoding="utf-8", newline="")))
    assert [row["outcome"] for row in rows] == ["issued", "refused", "issued"]
    assert [row["pack"] for row in rows] == ["'=1+0", "'=1+1", "'=1+2"]
    assert "manufacturingDate" in rows[1]["faults"] and rows[0]["credentials"].count("https://") == 2


# --- labels ---------------------------------------------------------------------------------------------------------


def test_the_labels_of_a_run_are_one_file_for_a_label_printer(shell, shop, lines):
    def maker(number: int, record: dict) -> dict:
        # One model, so one name: with characters that begin commands of the printer.
        return of_no_day(number, {**record, "model": {**record["model"], "manufacturerName": "A^XA~B_C"}})

    shell.run("issue", lines(4, maker), "--project", shop, "--keep-going", "--results", "out.jsonl", code=1)
    said = shell.run("qr", "--run", "out.jsonl", "-o", "labels.zpl", "--project", shop).stdout
    assert "3 labels: labels.zpl" in said
    text = (shell.folder / "labels.zpl").read_text("utf-8")
    assert text.count("^XA") == text.count("^XZ") == 3
    assert "^FDQA,https://passport.example.com/id/RS-IT612/EB000000^FS" in text
    assert "^FDA_5EXA_7EB_5FC^FS" in text and "EB000001" not in text
    said = shell.run("qr", "--run", "out.jsonl", "-o", "labels.pdf", "--project", shop).stdout
    assert "3 labels: labels.pdf" in said and (shell.folder / "labels.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("words", [("--run", "none.jsonl", "-o", "a.zpl"), ("--run", "none.jsonl"), ()])
def test_labels_of_no_run_are_refused(shell, shop, words):
    shell.run("qr", *words, "--project", shop, code=2)
    assert not (shell.folder / "a.zpl").exists()


# --- going on -------------------------------------------------------------------------------------------------------


@pytest.fixture
def interrupted(shell, shop, lines, monkeypatch):
    """A run of 8 packs that Ctrl-C ended after two chunks."""
    path = lines(8)
    usual, done = journal.RunJournal.chunk_done, []

    def interrupt(self, *words):
        usual(self, *words)
        done.append(words)
        if len(done) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journal.RunJournal, "chunk_done", interrupt)
        patch.setattr("passport.commands.issuing.issue_call.KEPT", 2)
        # Not by the shell, which takes the cause of this end for a fault of the program.
        ended = CliRunner().invoke(main, ["issue", str(path), "--project", str(shop)])
    assert ended.exit_code == 130
    assert "Stopped: 6 packs are done." in ended.stderr and "--resume" in ended.stderr
    assert len(serials(shop)) == 6
    return path


def test_ctrl_c_ends_with_what_was_done_and_resume_goes_on_there(shell, shop, interrupted, monkeypatch):
    read = []
    whole = json_lines.items
    monkeypatch.setattr(json_lines, "items", lambda data, *words, **more: read.append(words[1]) or whole(data, *words))
    result = shell.run("issue", interrupted, "--project", shop, "--resume")
    assert "Going on: 6 packs are done" in result.stderr and "8 issued, 0 unchanged" in result.stdout
    assert read == [7], "only what is left is read"
    assert [each["number"] for each in results(shop)] == list(range(1, 9))
    hold_each_once(shop)
    assert len(serials(shop)) == 8


def test_the_same_input_again_without_resume_changes_nothing_that_was_done(shell, shop, interrupted):
    shell.run("issue", interrupted, "--project", shop)
    assert len(serials(shop)) == 8
    hold_each_once(shop)


def test_a_run_does_not_go_on_in_a_store_that_lacks_what_it_stored(shell, shop, interrupted):
    for suffix in ("", "-wal", "-shm"):
        (shop / f"passports.db{suffix}").unlink(missing_ok=True)
    result = shell.run("issue", interrupted, "--project", shop, "--resume")
    assert "Going on" not in result.stderr
    assert len(serials(shop)) == 8


def test_a_run_does_not_go_on_with_a_file_that_has_changed(shell, shop, interrupted, lines):
    result = shell.run("issue", lines(9), "--project", shop, "--resume")
    assert "Going on" not in result.stderr
    assert len(serials(shop)) == 9
    hold_each_once(shop)


def test_a_journal_that_was_cut_off_anywhere_changes_no_result(shell, shop, interrupted):
    (folder,) = (shop / "out" / "issue").iterdir()
    for name, kept in (("progress.jsonl", 0.7), ("results.jsonl", 1.0)):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * kept)] + b'{"half')
    shell.run("issue", interrupted, "--project", shop, "--resume")
    assert [each["number"] for each in results(shop)] == list(range(1, 9))
    hold_each_once(shop)


def test_a_second_run_of_the_same_files_at_the_same_time_is_refused(shell, shop, lines, monkeypatch):
    path, usual, refused = lines(6), journal.RunJournal.chunk_done, []

    def second(self, *words):
        if not refused:
            refused.append(shell.run("issue", path, "--project", shop, "--keep-going", code=2))
        usual(self, *words)

    monkeypatch.setattr(journal.RunJournal, "chunk_done", second)
    shell.run("issue", path, "--project", shop, "--keep-going")
    assert "another run issues the same files" in refused[0].stderr
    assert [each["number"] for each in results(shop)] == list(range(1, 7))
    hold_each_once(shop)


def test_modules_that_another_process_issues_on_the_way_are_listed_and_what_is_issued_is_not_denied(
    shell, shop, lines, monkeypatch
):
    usual = Workbench.work

    def overtaken(self, chunk, *, sign, **more):
        worked = usual(self, chunk, sign=sign, **more)
        faults = tuple(in_another_pack(Location("packs.jsonl", row=row), f"module {row}") for row in (4, 5))
        items = tuple(replace(item, claimed=faults) for item in worked.items)
        return replace(worked, items=items) if sign and chunk.begin.number == 1 else worked

    monkeypatch.setattr(Workbench, "work", overtaken)
    result = shell.run("issue", lines(6), "--project", shop, code=1)
    assert "module 4" in result.stdout and "module 5" in result.stdout
    assert "Nothing was issued" not in result.stdout and "another process issued" in result.stderr
    assert "Stopped: 3 packs are done." in result.stderr and len(serials(shop)) == 3


# --- several processes ----------------------------------------------------------------------------------------------


def told(shop: Path) -> list[tuple[str, str, str]]:
    """What the store holds, in its order, without what is drawn at random."""
    return [(each.subject, each.type, each.content) for _, each in store_of(shop).numbered(limit=1000)]


@pytest.mark.torture
def test_one_and_two_jobs_store_the_same_in_the_same_order(shell, shop, lines):
    path = lines(8, of_no_day)
    shell.run("issue", path, "--project", shop, "--keep-going", code=1)
    alone, alone_results = told(shop), results(shop)
    other = shell.folder / "other"
    shell.run("init", other, "--base-url", "https://passport.example.com", "--name", "Example Operator")
    document = shell.json("issue", path, "--project", other, "--keep-going", "--jobs", "2", code=1)
    assert document["packs"] == {"issued": 6, "refused": 2}
    assert told(other) == alone
    for mine, theirs in zip(alone_results, results(other), strict=True):
        assert {**mine, "credentials": 0} == {**theirs, "credentials": 0}
    hold_each_once(other)


def test_a_worker_that_is_killed_ends_the_run_with_what_is_safe(shell, shop, lines, monkeypatch):
    path = lines(36)  # more than what is on its way when the first part is back
    usual = WorkerPool._answered
    killed = []

    def kill(pool, call, future):
        if call[0].begin.number == 1 and not killed:
            killed.append(pool.processes()[0])
            killed[0].kill()
        return usual(pool, call, future)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "_answered", kill)
        ended = shell.run("issue", path, "--project", shop, "--jobs", "2", "--keep-going", code=3)
    assert "a worker process ended before its time" in ended.stderr and "Stopped:" in ended.stderr
    assert "--resume" in ended.stderr
    hold_each_once(shop)
    shell.run("issue", path, "--project", shop, "--keep-going", "--resume")
    assert len(serials(shop)) == 36
    hold_each_once(shop)


# --- a disk that fails ----------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_ends_the_run_cleanly_and_it_goes_on_when_there_is_room(shell, lines, tmp_path):
    path = lines(40)
    with small_disk(tmp_path / "disk", 3_000_000) as disk:
        shop = disk.folder / "shop"
        shell.run("init", shop, "--base-url", "https://passport.example.com", "--name", "Example Operator")
        (disk.folder / "ballast").write_bytes(bytes(2_200_000))
        ended = shell.run("issue", path, "--project", shop, "--keep-going", code=None)
        assert ended.exit_code in (2, 3) and "is full" in ended.stderr and "Stopped:" in ended.stderr
        done = len(serials(shop))
        assert 0 < done < 40
        hold_each_once(shop)
        disk.make_room()
        shell.run("issue", path, "--project", shop, "--keep-going", "--resume")
        assert serials(shop) == [f"EB{n:06}" for n in range(40)]
        assert [each["number"] for each in results(shop)] == list(range(1, 41))
        hold_each_once(shop)
        store_of(shop).close()


@pytest.mark.parametrize("name", ["results.jsonl", "progress.jsonl"])
def test_a_journal_that_cannot_be_written_ends_the_run_with_what_is_safe(shell, shop, lines, monkeypatch, name):
    path, usual, writes = lines(9), journal._append, []

    def failing(file: Path, data: bytes) -> None:
        writes.append(file.name)
        if writes.count(name) == 2:
            raise OSError(errno.EIO, "Input/output error")
        usual(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_append", failing)
        ended = shell.run("issue", path, "--project", shop, "--keep-going", code=2)
    assert "cannot be written" in ended.stderr and "Input/output error" in ended.stderr and "--resume" in ended.stderr
    assert len(serials(shop)) == 6
    shell.run("issue", path, "--project", shop, "--keep-going", "--resume")
    assert [each["number"] for each in results(shop)] == list(range(1, 10))
    hold_each_once(shop)
