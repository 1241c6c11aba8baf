"""Records from a file of any format that is known, chosen by its name or by the caller; and from several files at once.

Several files are read one after the other, each as a whole. With ``merge`` each may hold a part of a record, and the
parts about the same pack become one record (see :mod:`passport.battery.merge`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from passport.battery.fault import Fault, count, of_severity
from passport.battery.merge import merge as merged
from passport.battery.not_issued import not_issued
from passport.battery.record import Record, duplicate_packs
from passport.battery.record_json import many_from_json_tolerantly
from passport.errors import FaultyRecord, UsageError
from passport.exchange.formats import PEERS
from passport.exchange.records import json_lines
from passport.exchange.records.json_file import read_json
from passport.texts import Message

if TYPE_CHECKING:
    from passport.exchange.spreadsheet.opening.workbook import Sheet

Records = tuple[tuple[Record, ...], tuple[Fault, ...]]


@dataclass(frozen=True)
class Inputs:
    """Records, and the faults of the files they come from.

    :param name: of all files, for messages.
    :param faults: what kept something from being read or merged.
    :param unusable: the files themselves are at fault, not what they say.
    """

    name: str
    records: tuple[Record, ...]
    faults: tuple[Fault, ...] = ()
    unusable: bool = False

    @property
    def losses(self) -> tuple[Fault, ...]:
        """What was read and would not be issued."""
        events = (fault for record in self.records for fault in not_issued(record))
        return tuple(dict.fromkeys((*of_severity("loss", self.faults), *events)))


def read_inputs(paths: Sequence[Path], format: str | None, *, merge: bool, on: date) -> Inputs:
    """The records of all files; a fault in them is part of the result, not an error.

    :param merge: as in :func:`read_many`; :param on: as in :func:`read`.
    :raises PassportError: a file cannot be read at all.
    """
    name = names_of(paths)
    try:
        records, faults = read_many(paths, format, merge=merge, on=on)
    except FaultyRecord as error:
        return Inputs(name, (), error.faults, error.exit_code == 2)
    return Inputs(name, records, faults)


def names_of(paths: Sequence[Path]) -> str:
    """The names of all files, for messages."""
    return " + ".join(path.name or str(path) for path in paths)


def read(path: Path | str, format: str | None = None, *, on: date | None = None) -> Records:
    """The records of a file as far as their values could be placed, and everything that is wrong in it.

    Faulty records are given back so that they can be judged too, and all faults come at once. Nothing may be issued
    from a file with a fault that is a violation.

    :param path: the file; for ``csv`` the folder.
    :param format: one of :data:`FORMATS`; None goes by the suffix (``.xlsx``, ``.json``), a folder is ``csv``.
    :param on: the day on which a peer's document has to be in force; None: its period of validity is not judged.
    :raises UnreadableInput: the file is missing, too large, or not of its format.
    :raises MalformedDocument: it is no JSON.
    :raises FaultyRecord: nothing could be placed.
    """
    path = Path(path)
    return _read(path, format_of(path, format), on)


def format_of(path: Path, format: str | None = None) -> str:
    """The format of a file, one of :data:`FORMATS`.

    :raises UsageError: it is of no known format.
    """
    chosen = format or _SUFFIXES.get(path.suffix.lower(), "") or ("csv" if path.is_dir() else "")
    if (chosen == "csv" or (not chosen and path.suffix.lower() == ".csv")) and path.is_file():
        raise UsageError(
            Message("{name} is one table, and a pack has several", name=path.name),
            expected=Message("a folder with models.csv, packs.csv and the other tables"),
            found=Message("one file"),
            hint=Message("put the tables into one folder and name the folder: {folder}", folder=str(path.parent)),
        )
    if chosen not in FORMATS:
        raise UsageError(
            Message("{name} is of no known format", name=path.name),
            expected=Message("{suffixes}, or a folder of .csv files", suffixes=" or ".join(_SUFFIXES)),
            found=f'"{format or path.suffix}"',
            hint=Message("name the format with --from: {formats}", formats=", ".join(FORMATS)),
        )
    return chosen


def read_many(
    paths: Sequence[Path], format: str | None = None, *, merge: bool = False, on: date | None = None
) -> Records:
    """The records of several files, and everything that is wrong in them.

    :param merge: make one record of all that is about the same pack; each file may then say only a part.
    :param on: as in :func:`read`.
    :raises FaultyRecord: nothing could be placed, or with ``merge`` a value has two contents.
    """
    if not merge:
        read_one_by_one = [read(path, format, on=on) for path in paths]
        records = tuple(record for part, _ in read_one_by_one for record in part)
        faults = tuple(fault for _, part in read_one_by_one for fault in part)
        twice = duplicate_packs(records) if len(paths) > 1 else ()
        return records, faults + tuple(fault for fault in twice if fault not in faults)
    parts, faults = [], ()
    for path in paths:
        name = format_of(path, format)
        partial = _PARTIAL.get(name)
        records, part = partial(path) if partial else _read(path, name, on)
        parts.append(records)
        faults += part
    return merged(parts), faults


def read_records(path: Path | str, format: str | None = None) -> tuple[Record, ...]:
    """The records of a file without fault; see :func:`read`.

    :raises FaultyRecord: with every violation.
    """
    records, faults = read(path, format)
    violations = of_severity("violation", faults)
    if violations:
        raise FaultyRecord(Message("{name} has {count}", name=Path(path).name, count=count(violations)), violations)
    return records


def sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a workbook or of a folder of CSV files, as they are.

    :raises UnreadableInput: it cannot be read.
    """
    if path.is_dir():
        from passport.exchange.spreadsheet import csv_folder

        return csv_folder.sheets(path)
    from passport.exchange.spreadsheet.opening.workbook import open_workbook

    return open_workbook(path, path.name)


def _workbook(path: Path, partial: bool = False) -> Records:
    from passport.exchange.spreadsheet import workbook_reader

    return workbook_reader.read_tolerantly(path, partial=partial)


def _csv(path: Path, partial: bool = False) -> Records:
    from passport.exchange.spreadsheet import csv_folder

    return csv_folder.read_tolerantly(path, partial=partial)


def _json(path: Path) -> Records:
    return many_from_json_tolerantly(read_json(path), path.name)


def _json_lines(path: Path) -> Records:
    return json_lines.read_tolerantly(path)


def _parquet(path: Path, partial: bool = False) -> Records:
    from passport.exchange.records import parquet_rows

    return parquet_rows.read_tolerantly(path, partial=partial)


def _part_of_json(path: Path) -> Records:
    """What a supplier hands in: a record that may lack its model or its pack."""
    return many_from_json_tolerantly(read_json(path), path.name, partial=True)


def _read(path: Path, format: str, on: date | None) -> Records:
    if format in _OWN:
        return _OWN[format](path)
    peer = PEERS[format]
    reading = peer.read(peer.load(path), path.name, on=on)
    return (reading.record,), (*reading.faults, *reading.gaps)


_OWN: dict[str, Callable[[Path], Records]] = {
    "xlsx": _workbook, "csv": _csv, "json": _json, "jsonl": _json_lines, "parquet": _parquet,
}  # fmt: skip
#: The same where a file need not say everything; what is not named here is always whole.
_PARTIAL: dict[str, Callable[[Path], Records]] = {
    "xlsx": lambda path: _workbook(path, partial=True),
    "csv": lambda path: _csv(path, partial=True),
    "json": _part_of_json,
    "jsonl": lambda path: json_lines.read_tolerantly(path, partial=True),
    "parquet": lambda path: _parquet(path, partial=True),
}
_SUFFIXES = {".xlsx": "xlsx", ".json": "json", ".jsonl": "jsonl", ".parquet": "parquet"}
FORMATS = (*_OWN, *PEERS)
