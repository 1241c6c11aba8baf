"""``passport condition``: read-outs of packs that have a passport, added and listed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from time import perf_counter

import click

from passport.battery.fault import Fault
from passport.battery.read_out_course import followed
from passport.commands.events.event_intake import Supervision
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_faults
from passport.errors import PassportError
from passport.exchange.event_tables import read_out_files
from passport.linked_data.json_types import JsonObject
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.publishing.bulk.crew import spare_collections
from passport.publishing.condition.read_outs import AddedReadOut, ReadOutLoader
from passport.publishing.status.status_lists import purposes_set
from passport.store import ReadOutRow, Store
from passport.texts import Message
from passport.vocabulary.credential_types import READING_TIMES, RECORDED_AT
from passport.vocabulary.vocabulary import Indicator

#: Refused read-outs that are printed one by one; the rest is counted, and all of them are in ``--json``.
_SHOWN = 200


@click.group()
def condition() -> None:
    """Add read-outs of issued packs, as a battery management system delivers them, and list them.

    \b
    Examples:
      passport condition add readings.csv --project shop
      passport condition add readings.jsonl --project shop --json
      passport condition list ZZZPE10A7K2M05G6J0000317 --project shop
    """


@condition.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--from", "source_format", type=click.Choice(read_out_files.FORMATS), help="Format (default: by the name)."
)
@console.project_option
@console.passphrase_option
@console.command
def add(
    paths: tuple[Path, ...],
    source_format: str | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Sign and store the read-outs in FILE... (CSV, JSON or JSON lines) for packs that have a passport.

    Each row is one read-out: the pack by code or serial number, recordedAt, and values under the headings of the sheet
    "conditions". The newest is served, older ones are kept and marked as superseded. A value that falls although it
    cannot, such as a number of cycles, is refused, and one that jumps is flagged; the other rows are added. A read-out
    that comes after a newer one is late: it joins the history and is never served as the newest. The same read-out
    again changes nothing. Leaves with 1 where a row was refused.

    The rules of supervision about read-outs are judged afterwards, for packs with life-cycle events.

    \b
    Examples:
      passport condition add readings.csv --project shop
      passport condition add gateway.jsonl --project shop --json
    """
    project = Project.find(project_folder)
    store = project.open_store()
    loader = ReadOutLoader(
        store,
        project.issuer_with_key(console.read_passphrase(passphrase_file)),
        project.base_url,
    )
    spare_collections()
    progress, counts, at = _ReadOutProgress(), Counter[str](), console.now()
    faults: list[Fault] = []
    entries: list[AddedReadOut] = []
    try:
        for path in paths:
            for block, reading_faults in read_out_files.read_blocks(path, source_format):
                report = loader.add(block, at=at)
                all_faults = (*reading_faults, *report.faults)
                counts.update(entry.outcome for entry in report.entries)
                counts.update("refused" if fault.severity == "violation" else "flagged" for fault in all_faults)
                if as_json:
                    entries += report.entries
                faults += all_faults if as_json else all_faults[: max(0, _SHOWN - len(faults))]
                progress.add(len(block))
    except (PassportError, KeyboardInterrupt):
        _tell_stopped(loader.stored)
        raise
    finally:
        # Also where a file ends in the middle: what was added is told by the lists.
        if loader.stored:
            loader.finish(at=at)
            Supervision(project, store).follow(at)
    if as_json:
        console.say_json(_document(counts, entries, faults))
    else:
        _print(paths, counts, faults)
    if counts["refused"]:
        raise SystemExit(1)


def _tell_stopped(done: int) -> None:
    """What is done, and how to go on. On stderr: an error, or the end by Ctrl-C, follows."""
    if done:
        console.talk(
            Message("Stopped: {n} read-out was added.", plural="Stopped: {n} read-outs were added.", n=done), " ",
            Message("Run the same command again: what is stored is left alone."),
        )  # fmt: skip


def _document(counts: Counter[str], entries: list[AddedReadOut], faults: list[Fault]) -> JsonObject:
    return {
        **{name: counts[name] for name in ("added", "late", "same", "refused", "flagged")},
        "entries": [entry.to_json() for entry in entries],
        "faults": [fault.to_json() for fault in faults],
    }


def _print(paths: tuple[Path, ...], counts: Counter[str], faults: list[Fault]) -> None:
    if faults:
        print_faults(" + ".join(path.name for path in paths), faults)
        more = counts["refused"] + counts["flagged"] - len(faults)
        if more:
            console.say(Message("and {count} more; all of them are in --json", count=more))
            console.say()
    console.say(
        Message(
            "{added} added, {late} of them late, {same} stored already, {refused} refused, {flagged} flagged.",
            added=counts["added"] + counts["late"],
            late=counts["late"],
            same=counts["same"],
            refused=counts["refused"],
            flagged=counts["flagged"],
        )
    )


@condition.command(name="list")
@click.argument("identifier")
@console.project_option
@console.command
def list_(identifier: str, project_folder: str | None, as_json: bool) -> None:
    """List the read-outs of IDENTIFIER (address, pack code or serial number), the newest first.

    One that came after a newer one is marked as late.

    \b
    Examples:
      passport condition list ZZZPE10A7K2M05G6J0000317 --project shop
      passport condition list VO26090001742 --project shop --json
    """
    project = Project.find(project_folder)
    store = project.open_store()
    subject = find_subject(store, identifier, project.base_url)
    read = [_row(store, each) for each in store.read_outs(subject)]
    newest = next((row for row in read if row["status"] != "revoked" and not row["late"]), None)
    if newest is not None:
        newest["status"] = "newest"
    if as_json:
        console.say_json({"id": subject, "readOuts": read})
        return
    if not read:
        console.say(Message("no read-out of {subject}", subject=subject))
        return
    console.say(console.table([(row[RECORDED_AT], _status(row), _values(row["values"])) for row in read]))


_STATUS = {
    "newest": Message("newest"),
    "superseded": Message("superseded"),
    "revoked": Message("revoked"),
}


def _status(row: JsonObject) -> Message:
    status = _STATUS[row["status"]]
    return Message("{status}, came late", status=status) if row["late"] else status


def _row(store: Store, read_out: ReadOutRow) -> JsonObject:
    credential, subject = read_out.stored.id, read_out.stored.document["credentialSubject"]
    values = {name: value for name, value in subject.items() if name not in ("id", "type", *READING_TIMES)}
    status = "revoked" if "revocation" in purposes_set(store, credential) else "superseded"
    members = {"status": status, "late": read_out.late, "credential": credential, "values": values}
    return {RECORDED_AT: subject[RECORDED_AT], **members}


def _values(values: JsonObject) -> str:
    """What is followed from read-out to read-out, counters of minutes left out, in a line."""
    return ", ".join(
        f"{console.spoken(indicator.in_text)} {values[indicator.id]}{_unit(indicator)}"
        for indicator in followed()
        if indicator.id in values and not (indicator.unit and indicator.unit.code == "min")
    )


def _unit(indicator: Indicator) -> str:
    if indicator.unit is None or indicator.unit.code.startswith(("1", "{")):
        return ""
    return f" {indicator.unit.symbol}"


class _ReadOutProgress:
    """One line that rewrites itself, on a terminal, for long files only."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self._done = 0

    def add(self, read_outs: int) -> None:
        """So many read-outs more were judged, whatever became of them."""
        self._done += read_outs
        if self._done >= read_out_files.BLOCK:
            rate = self._done / max(perf_counter() - self._started, 1e-6)
            console.progress(console.spoken(Message("{done:,} read-outs   {rate:.0f}/s", done=self._done, rate=rate)))
