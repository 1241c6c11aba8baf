"""Records from JSON lines: one record in each line, whose number every fault names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from passport.battery.fault import Fault, Location, count
from passport.battery.record import PlaceKey, Record, duplicate_packs
from passport.battery.record_chunks import Item
from passport.battery.record_json import many_from_json_tolerantly
from passport.errors import FaultyRecord, MalformedDocument
from passport.exchange.records.json_file import MAX_JSON, read_bytes
from passport.linked_data import strict_json
from passport.texts import Message

#: Longest line, bytes: a record with some thousand cells.
MAX_LINE = 8 * 1024 * 1024


def read_tolerantly(path: Path, *, partial: bool = False) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records of a whole file as far as their values could be placed, and every fault.

    :param partial: whether a record may lack its model or its pack, since another file has it.
    :raises UnreadableInput: the file is missing, or cannot be opened.
    :raises MalformedDocument: it is larger than :data:`MAX_JSON`; such files are issued, and not read as a whole.
    :raises FaultyRecord: nothing could be placed.
    """
    data = read_bytes(path)
    if len(data) > MAX_JSON:
        raise MalformedDocument(
            Message("{name} is too large to be read as a whole", name=path.name),
            expected=Message("at most {max_bytes} bytes", max_bytes=MAX_JSON),
        )
    return whole(data, path.name, partial=partial)


def whole(data: bytes, file: str, *, partial: bool = False) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records of all lines, and every fault.

    :param file: name for messages; :param partial: as in :func:`read_tolerantly`.
    :raises FaultyRecord: nothing could be placed.
    """
    read = items(data, file, partial=partial)
    records = tuple(item.record for item in read if item.record is not None)
    faults = (*(fault for item in read for fault in item.faults), *duplicate_packs(records))
    if not read:
        place, message = Location(file), Message("there is no record")
        found = Message("an empty file")
        faults = (Fault("malformed-record", place, None, message, Message("at least one record"), found),)
    if faults and not records:
        raise FaultyRecord(Message("{file} has {count}", file=file, count=count(faults)), faults)
    return records, faults


def items(data: bytes, file: str, first: int = 1, *, partial: bool = False) -> tuple[Item, ...]:
    """The records of some lines, and of each line what is wrong with it. Blank lines are none.

    :param file: name for messages; :param first: number of the first line.
    """
    lines = enumerate(data.split(b"\n"), first)
    return tuple(_item(line, number, file, partial) for number, line in lines if line and not line.isspace())


def _item(line: bytes, number: int, file: str, partial: bool) -> Item:
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")
    try:
        document = strict_json.loads(line, max_bytes=MAX_LINE)
    except MalformedDocument as error:
        place = Location(file, row=number)
        fault = Fault("malformed-json", place, None, error.message, error.expected, error.found, hint=error.hint)
        return Item(None, (fault,))
    # A list would be several packs in one line, of which one could be lost: a string is no record either.
    document = "[…]" if isinstance(document, list) else document
    try:
        records, faults = many_from_json_tolerantly(document, file, partial=partial)
    except FaultyRecord as error:
        records, faults = (), error.faults
    at_line = tuple(replace(fault, location=replace(fault.location, row=number)) for fault in faults)
    if not records:
        return Item(None, at_line)
    return Item(replace(records[0], places=_PlacesInLine(records[0].places, number)), at_line)


class _PlacesInLine(Mapping[PlaceKey, Location]):
    """Places of a record that know their line."""

    def __init__(self, places: Mapping[PlaceKey, Location], line: int) -> None:
        self._places, self._line = places, line

    def __getitem__(self, key: PlaceKey) -> Location:
        return replace(self._places[key], row=self._line)

    def __iter__(self) -> Iterator[PlaceKey]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
