"""Events as people hand them in: JSON files, lines of JSON, workbooks and tables, and folders of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passport.battery.fault import Fault, Location
from passport.errors import FaultyRecord, MalformedDocument, UnreadableInput, UsageError
from passport.lifecycle import EventFault
from passport.linked_data import strict_json
from passport.texts import Message

_JSON, _LINES, _TABLES = (".json", ".jsonld"), (".jsonl", ".ndjson"), (".xlsx", ".csv")


@dataclass(frozen=True)
class InputEvent:
    """:ivar locate: the place in the file of a pointer into ``document``."""

    document: Any
    locate: Callable[[str], Location]


def read_inputs(paths: Iterable[str], read: Callable[[str], bytes]) -> list[InputEvent]:
    """The events of files and folders in their order; of a folder, the files by name.

    :param read: reads one file of JSON, or what ``-`` means to the caller.
    :raises UsageError: a file cannot be read, or is of no known kind.
    :raises FaultyRecord: a table has faults, with the cell of each.
    """
    return [event for path in paths for event in _events(path, read)]


def faults_of(error: FaultyRecord, event: InputEvent) -> list[Fault]:
    """The faults of an event at their places in the file."""
    return [
        Fault(fault.code, event.locate(fault.pointer), message=fault.message)
        for fault in error.faults
        if isinstance(fault, EventFault)
    ]


def files_of(path: str, endings: tuple[str, ...]) -> list[str]:
    """A file, or the files of a folder with these endings by name.

    :raises UsageError: there is no such file, or nothing in the folder.
    """
    if path == "-" or not Path(path).is_dir():
        return [path]
    files = sorted(str(each) for each in Path(path).iterdir() if each.suffix.lower() in endings and each.is_file())
    if not files:
        raise UsageError(
            Message("{path} holds no events", path=path),
            expected=Message("files with {endings}", endings=list(endings)),
        )
    return files


def _events(path: str, read: Callable[[str], bytes]) -> Iterator[InputEvent]:
    for name in files_of(path, (*_JSON, *_LINES, *_TABLES)):
        ending = Path(name).suffix.lower()
        if ending in _TABLES:
            yield from _of_table(name)
        elif ending in _LINES:
            for number, line in enumerate(read(name).splitlines(), 1):
                if line.strip():
                    yield InputEvent(_parsed(line, f"{name}:{number}"), _pointed(name, "", number))
        else:
            value = _parsed(read(name), name)
            if isinstance(value, list):
                for number, document in enumerate(value):
                    yield InputEvent(document, _pointed(name, f"/{number}"))
            else:
                yield InputEvent(value, _pointed(name, ""))


def _of_table(name: str) -> Iterator[InputEvent]:
    from passport.exchange.spreadsheet import event_sheets

    for row in event_sheets.read(Path(name)):
        yield InputEvent(row.document, row.locate)


def _parsed(data: bytes, name: str) -> Any:
    try:
        return strict_json.loads(data)
    except MalformedDocument as error:
        raise UnreadableInput(Message("{path}: {error}", path=name, error=error)) from error


def _pointed(name: str, prefix: str, row: int | None = None) -> Callable[[str], Location]:
    file = "stdin" if name == "-" else Path(name).name
    return lambda pointer: Location(file, row=row, pointer=f"{prefix}{pointer}" or None)
