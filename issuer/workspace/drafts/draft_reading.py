"""The records of a draft: its files are read by the readers of the commands, with the corrections in place.

* A workbook, JSON, JSON lines, a peer's document, a ``.zip`` of tables, or several ``.csv`` files that are one folder.
* Several inputs about the same packs become one record each; what a supplier sent keeps the name of its file.
* Everything is read from bytes within the limits of the readers. Files of a draft never get a name of their own on
  disk: peers' readers, which take paths, are given a folder that is removed at once.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from issuer.workspace.drafts.corrections import Corrections
from passport.battery.fault import Fault, Location
from passport.battery.merge import merge
from passport.battery.record import Record, duplicate_packs
from passport.battery.record_chunks import Item
from passport.battery.record_json import many_from_json_tolerantly
from passport.errors import FaultyRecord, PassportError, UnreadableInput
from passport.exchange.formats import PEERS
from passport.exchange.records import json_lines
from passport.exchange.records.record_input import assigned
from passport.exchange.spreadsheet import csv_folder
from passport.exchange.spreadsheet.opening.workbook import Sheet, open_workbook
from passport.exchange.spreadsheet.opening.workbook_guard import Limits
from passport.exchange.spreadsheet.workbook_reader import placed
from passport.linked_data import strict_json
from passport.store.workspace.drafts import MOST_OF_DRAFT, DraftFile
from passport.texts import Message, error_text

#: Packs of a draft; more are issued by the command.
MOST_PACKS = 1000
#: Name of the folder that several ``.csv`` files are.
TABLES = "tables"
_TABLE_FILES, _JSON_BYTES = 200, 16_000_000

Records = tuple[tuple[Record, ...], tuple[Fault, ...]]


@dataclass(frozen=True)
class DraftReading:
    """:ivar items: a pack each, with the faults of reading in its rows; :ivar common: faults of no single pack.

    :ivar unusable: nothing could be read at all.
    """

    items: tuple[Item, ...]
    common: tuple[Fault, ...] = ()
    unusable: bool = False

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(item.record for item in self.items if item.record is not None)


def read_draft(files: Sequence[DraftFile], format: str | None, corrections: Corrections, *, on: date) -> DraftReading:
    """The packs of a draft and everything that is wrong in its files. Never raises for what a file says.

    :param format: of the files that a person dropped, where their names do not tell.
    :param on: the day on which a peer's document has to be in force.
    """
    try:
        if len(files) == 1 and files[0].name.lower().endswith(".jsonl"):
            # A line is a pack, whatever is wrong in it.
            return _limited(_corrected(json_lines.items(files[0].body, files[0].name), corrections), (), files)
        records, faults = _read_all(files, format, corrections, on)
    except FaultyRecord as error:
        return DraftReading((), error.faults, True)
    except PassportError as error:
        place = Location(files[0].name if files else "")
        fault = Fault(error.code, place, None, error_text(error), hint=error.hint)
        return DraftReading((), (fault,), True)
    items, common = assigned(records, tuple(fault for fault in faults if fault.code != "duplicate-pack"))
    return _limited(_corrected(items, corrections), common, files)


def _corrected(items: Sequence[Item], corrections: Corrections) -> tuple[Item, ...]:
    """The packs with their corrected values; a fault of reading is settled where a value was put in its place."""
    settled = {(place.indicator, place.key) for place in corrections.values}
    return tuple(
        Item(
            None if item.record is None else corrections.of_record(item.record, number),
            tuple(fault for fault in item.faults if not _is_settled(fault, str(number), settled)),
        )
        for number, item in enumerate(items)
    )


def _limited(items: tuple[Item, ...], common: tuple[Fault, ...], files: Sequence[DraftFile]) -> DraftReading:
    if len(items) > MOST_PACKS:
        fault = Fault(
            "too-many-packs", Location(files[0].name), None,
            Message("the draft has {n} packs, and the workspace takes {most}", n=len(items), most=MOST_PACKS),
            hint=Message("passport issue takes files of any size."),
        )  # fmt: skip
        return DraftReading((), (fault,), True)
    twice = duplicate_packs(item.record for item in items if item.record is not None)
    return DraftReading(items, (*common, *twice))


def _is_settled(fault: Fault, number: str, settled: set[tuple[str, str]]) -> bool:
    """Whether a value was put in a form in the place of what could not be read."""
    return fault.indicator is not None and any(
        indicator == fault.indicator and (key == number or not key.isdecimal()) for indicator, key in settled
    )


def _read_all(files: Sequence[DraftFile], format: str | None, corrections: Corrections, on: date) -> Records:
    tables = [file for file in files if file.name.lower().endswith(".csv")]
    others = [file for file in files if file not in tables]
    several = bool(tables) + len(others) > 1
    inputs: list[Records] = []
    if tables:
        sheets = [csv_folder.sheet(file.body, _stem(file.name), f"{TABLES}/{file.name}", Limits()) for file in tables]
        inputs.append(placed(corrections.in_sheets(sheets, TABLES), TABLES, partial=several))
    inputs += [_read_one(file, format, corrections, several, on) for file in others]
    if not several:
        return inputs[0]
    faults = tuple(fault for _, own in inputs for fault in own)
    return merge([records for records, _ in inputs]), faults


def _read_one(file: DraftFile, format: str | None, corrections: Corrections, partial: bool, on: date) -> Records:
    kind = PurePosixPath(file.name.lower()).suffix
    if file.origin is None and format is not None and format in PEERS:
        return _read_peer(file, format, on)
    if kind == ".xlsx":
        sheets = open_workbook(file.body, file.name)
        return placed(corrections.in_sheets(sheets, file.name), file.name, partial=partial)
    if kind == ".zip":
        return placed(corrections.in_sheets(_unzipped(file), file.name), file.name, partial=partial)
    if kind == ".jsonl":
        # Beside other files its lines are parts, and their faults those of the file.
        read = json_lines.items(file.body, file.name, partial=partial)
        return tuple(each.record for each in read if each.record), tuple(
            fault for each in read for fault in each.faults
        )
    if kind in (".json", ".jsonld"):
        document = corrections.in_document(strict_json.loads(file.body, max_bytes=_JSON_BYTES), file.name)
        return many_from_json_tolerantly(document, file.name, partial=partial)
    raise UnreadableInput(
        Message("{name} is of no known format", name=file.name[:200]),
        expected=Message("a workbook (.xlsx), .csv files or a .zip of them, .json, .jsonl, or a peer's document"),
        hint=Message("Name the format of a peer's document when you bring it in."),
    )


def _read_peer(file: DraftFile, format: str, on: date) -> Records:
    peer = PEERS[format]
    with tempfile.TemporaryDirectory(prefix="passport-") as folder:
        # The name is the reader's, never the sender's: a path cannot leave the folder.
        path = Path(folder) / f"document{peer.suffix}"
        path.write_bytes(file.body)
        reading = peer.read(peer.load(path), file.name, on=on)
    return (reading.record,), (*reading.faults, *reading.gaps)


def _unzipped(file: DraftFile) -> list[Sheet]:
    """The tables of an archive. What a member unpacks to is counted while it unpacks, whatever its head says.

    :raises UnreadableInput: it is no archive, has no table, or unpacks to too much.
    """
    sheets: dict[str, Sheet] = {}
    left = MOST_OF_DRAFT
    try:
        with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
            members = [each for each in archive.infolist() if each.filename.lower().endswith(".csv")]
            for member in members[:_TABLE_FILES]:
                with archive.open(member) as stream:
                    data = stream.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise UnreadableInput(Message("{name} unpacks to too much", name=file.name))
                stem = _stem(member.filename)
                if not PurePosixPath(member.filename).name.startswith("._"):
                    sheets[stem] = csv_folder.sheet(data, stem, f"{file.name}/{stem}.csv", Limits())
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise UnreadableInput(Message("{name} is no archive that can be read", name=file.name)) from error
    if not sheets:
        raise UnreadableInput(
            Message("{name} holds no table", name=file.name),
            expected=Message("files such as models.csv and packs.csv"),
            found=Message("no .csv file"),
        )
    return list(sheets.values())


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem
