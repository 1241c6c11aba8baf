"""Records from a file of any format that is known, chosen by its name or by the caller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from passport.battery.fault import Fault
from passport.battery.record import Record, many_from_json
from passport.errors import UsageError
from passport.exchange.json_file import read_json

Records = tuple[tuple[Record, ...], tuple[Fault, ...]]


def read(path: Path | str, format: str | None = None) -> Records:
    """The records of a file, and what is wrong in it although a record could be made.

    :param path: the file.
    :param format: one of :data:`FORMATS`; None goes by the suffix (``.xlsx``, ``.json``).
    :raises UnreadableInput: the file is missing, too large, or not of its format.
    :raises MalformedDocument: it is no JSON.
    :raises FaultyRecord: with every fault that keeps a value from being placed.
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
    """The records of a file whose format makes no difference between reading and judging; see :func:`read`."""
    return read(path, format)[0]


def _workbook(path: Path) -> Records:
    from passport.exchange import spreadsheet

    return spreadsheet.read_tolerantly(path)


def _json(path: Path) -> Records:
    return many_from_json(read_json(path), path.name), ()


def _catenax(path: Path) -> Records:
    from passport.exchange import catenax

    reading = catenax.read(read_json(path), path.name)
    return (reading.record,), reading.faults


_READERS: dict[str, Callable[[Path], Records]] = {"xlsx": _workbook, "json": _json, "catenax": _catenax}
_SUFFIXES = {".xlsx": "xlsx", ".json": "json"}
FORMATS = tuple(_READERS)
