"""Records from a file of any format that is known, chosen by its name or by the caller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from passport.battery.fault import Fault, count
from passport.battery.record import Record, many_from_json_tolerantly
from passport.errors import FaultyRecord, UsageError
from passport.exchange.json_file import read_json

Records = tuple[tuple[Record, ...], tuple[Fault, ...]]


def read(path: Path | str, format: str | None = None) -> Records:
    """The records of a file as far as their values could be placed, and everything that is wrong in it.

    Faulty records are given back so that they can be judged too, and all faults come at once. Nothing may be issued
    from a file with a fault that is a violation.

    :param path: the file.
    :param format: one of :data:`FORMATS`; None goes by the suffix (``.xlsx``, ``.json``).
    :raises UnreadableInput: the file is missing, too large, or not of its format.
    :raises MalformedDocument: it is no JSON.
    :raises FaultyRecord: nothing could be placed.
    """
    path = Path(path)
    reader = _READERS.get(format or _SUFFIXES.get(path.suffix.lower(), ""))
    if reader is None:
        raise UsageError(
            f"{path.name} is of no known format", expected=" or ".join(_SUFFIXES),
            found=f'"{format or path.suffix}"', hint=f"name the format with --from: {', '.join(FORMATS)}",
        )
    return reader(path)


def read_records(path: Path | str, format: str | None = None) -> tuple[Record, ...]:
    """The records of a file without fault; see :func:`read`.

    :raises FaultyRecord: with every violation.
    """
    records, faults = read(path, format)
    violations = tuple(fault for fault in faults if fault.severity == "violation")
    if violations:
        raise FaultyRecord(f"{Path(path).name} has {count(violations)}", violations)
    return records


def _workbook(path: Path) -> Records:
    from passport.exchange import spreadsheet

    return spreadsheet.read_tolerantly(path)


def _json(path: Path) -> Records:
    return many_from_json_tolerantly(read_json(path), path.name)


def _catenax(path: Path) -> Records:
    from passport.exchange import catenax

    reading = catenax.read(read_json(path), path.name)
    return (reading.record,), (*reading.faults, *reading.gaps)


_READERS: dict[str, Callable[[Path], Records]] = {"xlsx": _workbook, "json": _json, "catenax": _catenax}
_SUFFIXES = {".xlsx": "xlsx", ".json": "json"}
FORMATS = tuple(_READERS)
