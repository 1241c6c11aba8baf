"""The packs of one or several files as chunks that any process can read, whatever the format.

* A file of JSON lines is read chunk by chunk, so that its length does not matter. Each line is one record.
* A Parquet file is staged on disk as JSON lines (:mod:`.parquet_rows`).
* Large workbooks and folders of tables are staged on disk by pack (:mod:`.spreadsheet.staged_tables`).
* Other files are read as a whole, once in each process, within the limits of their formats.
* Each fault belongs to the pack whose rows, line or document it is in. What belongs to none is common to all.

    records = open_input([Path("packs.jsonl")], None, merge=False, on=today)
    for chunk in records.chunks(): chunk.read()
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.battery.record_chunks import CHUNK, ChunkContent, Item, Position
from passport.errors import UnreadableInput
from passport.exchange.records import json_lines, parquet_rows, record_files
from passport.exchange.records.json_lines import MAX_LINE
from passport.exchange.records.linked_files import with_documents
from passport.exchange.spreadsheet import csv_folder, staged_tables
from passport.exchange.spreadsheet.opening import workbook
from passport.exchange.spreadsheet.opening.workbook_guard import STAGED
from passport.texts import Message

#: Bytes of a workbook, or of a folder of tables, from which its rows are staged on disk.
STAGED_FROM = 4 * 1024 * 1024

_PlainChunk: TypeAlias = "LineChunk | WholeChunk | TableChunk"
InputChunk: TypeAlias = "_PlainChunk | DocumentedChunk"
_Source: TypeAlias = "LineSource | ParquetSource | WholeSource | TableSource"


@dataclass(frozen=True)
class RecordInput:
    """:ivar name: of all files, for messages; :ivar sources: parts of the input, one after the other.

    :ivar documents: folder with the documents that the packs link; None: their digests are not known.
    """

    name: str
    sources: tuple[_Source, ...]
    documents: Path | None = None

    def chunks(self, start: Position = Position()) -> Iterator[InputChunk]:  # noqa: B008 (frozen)
        """The chunks in their order, numbered through.

        :param start: where to begin; what is before is not read.
        :raises PassportError: a file cannot be read at all.
        """
        for chunk in self.plain_chunks(start):
            yield chunk if self.documents is None else DocumentedChunk(chunk, self.documents)

    def plain_chunks(self, start: Position = Position()) -> Iterator[_PlainChunk]:  # noqa: B008 (frozen)
        """The same without the digests of linked documents: what the files themselves say."""
        at = start
        for number in range(start.source, len(self.sources)):
            at = replace(at, source=number) if number == start.source else Position(number, at.number, at.first)
            for chunk in self.sources[number].chunks(at):
                yield chunk
                at = chunk.end

    def clear(self) -> None:
        """Remove what was staged on disk: the input was issued, or is to be corrected."""
        for source in self.sources:
            if isinstance(source, TableSource):
                shutil.rmtree(source.folder, ignore_errors=True)
            elif isinstance(source, ParquetSource):
                source.staged.unlink(missing_ok=True)

    def state(self) -> tuple[tuple[str, int, int], ...]:
        """Name, size and time of each file: what tells whether an input is still the same."""
        return tuple(state for source in self.sources for state in source.state)


def open_input(
    paths: Sequence[Path], format: str | None, *, merge: bool, on: date, staging: Path | None = None
) -> RecordInput:
    """The input that several files are.

    :param staging: a folder, in which large tables are staged on disk; None: they are refused.
    :param merge: make one record of all that is about the same pack; each file may then say only a part.
    :param on: the day on which a peer's document has to be in force.
    :raises UsageError: a file is of no known format.
    """
    name = record_files.names_of(paths)
    formats = [record_files.format_of(path, format) for path in paths]
    whole: list[Path] = []
    sources: list[_Source] = []

    def close() -> None:
        if whole:
            sources.append(WholeSource(tuple(whole), format, merge, on, _state(whole)))
            whole.clear()

    for path, kind in zip(paths, formats, strict=True):
        if kind == "jsonl" and not merge:
            close()
            sources.append(LineSource(path, _state([path])))
        elif kind == "parquet" and staging is not None and not merge:
            close()
            sources.append(ParquetSource(path, staging, _state([path])))
        elif staging is not None and not merge and kind in ("xlsx", "csv") and _size(path) > STAGED_FROM:
            close()
            sources.append(TableSource(path, kind, staging, _state([path])))
        else:
            whole.append(path)
    close()
    return RecordInput(name, tuple(sources))


def _state(paths: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    """:raises UnreadableInput: there is no such file."""
    states = []
    for path in paths:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in files:
            try:
                status = file.stat()
            except OSError as error:
                raise UnreadableInput(
                    Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
                ) from None
            states.append((str(file.absolute()), status.st_size, status.st_mtime_ns))
    return tuple(states)


def _size(path: Path) -> int:
    """Bytes of a file, or of the files of a folder; of a workbook as they are packed, to a tenth or so."""
    return sum(size for _, size, _ in _state([path]))


# --- files that are read as a whole -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class WholeSource:
    """:ivar state: of the files, so that one that has changed is read again."""

    paths: tuple[Path, ...]
    format: str | None
    merge: bool
    on: date
    state: tuple[tuple[str, int, int], ...]

    def chunks(self, at: Position) -> Iterator[WholeChunk]:
        items, _ = _items(self)
        # A file without a pack has a chunk, which holds what is wrong with it.
        for start in range(at.offset, len(items), CHUNK) or range(at.offset == len(items) == 0):
            chunk = WholeChunk(replace(at, offset=start), min(CHUNK, len(items) - start), self)
            yield chunk
            at = chunk.end


@dataclass(frozen=True)
class WholeChunk:
    begin: Position
    size: int
    source: WholeSource

    @property
    def end(self) -> Position:
        """Where the next one begins."""
        at = self.begin
        return replace(at, number=at.number + 1, first=at.first + self.size, offset=at.offset + self.size)

    def read(self) -> ChunkContent:
        items, common = _items(self.source)
        # The files are as they were, or the source is another one.
        start = self.begin.offset
        digest = hashlib.sha256(repr((self.source.state, start)).encode()).digest()
        return ChunkContent(items[start : start + self.size], () if start else common, digest)


@lru_cache(maxsize=1)
def _items(source: WholeSource) -> tuple[tuple[Item, ...], tuple[Fault, ...]]:
    records, faults = record_files.read_many(source.paths, source.format, merge=source.merge, on=source.on)
    # That a pack is described twice is asked of the whole input, which may have other sources.
    return assigned(records, tuple(fault for fault in faults if fault.code != "duplicate-pack"))


def assigned(records: Sequence[Record], faults: Sequence[Fault]) -> tuple[tuple[Item, ...], tuple[Fault, ...]]:
    """An item for each record, with the faults that are in its rows or its part of a document; and all others.

    A fault of a model or batch belongs to each of its packs.
    """
    owners: dict[tuple[str, ...], list[int]] = {}
    for n, record in enumerate(records):
        for place in record.own_places():
            owners.setdefault(place, []).append(n)
    of_items: list[list[Fault]] = [[] for _ in records]
    common: list[Fault] = []
    lost: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        named = owners.get(_owner_key(fault.location), [])
        if not named and len(records) == 1 and fault.location.sheet is None:
            named = [0]
        for n in named:
            of_items[n].append(fault)
        if not named:
            pointer = fault.location.pointer
            entry = pointer.split("/")[1] if pointer and pointer.startswith("/") else ""
            if entry.isdecimal():
                lost.setdefault((fault.location.file, entry), []).append(fault)
            else:
                common.append(fault)
    items = [Item(record, tuple(own)) for record, own in zip(records, of_items, strict=True)]
    items += [Item(None, tuple(own)) for own in lost.values()]
    return tuple(items), tuple(common)


def _owner_key(place: Location) -> tuple[str, ...]:
    if place.sheet is not None:
        return place.file, place.sheet, str(place.row)
    entry = (place.pointer or "").split("/")[1:2]
    return (place.file, *entry) if entry and entry[0].isdecimal() else (place.file,)


# --- JSON lines -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LineSource:
    """:ivar name: of the input, for messages; None: that of the file."""

    path: Path
    state: tuple[tuple[str, int, int], ...]

    name: str | None = None

    def chunks(self, at: Position) -> Iterator[LineChunk]:
        try:
            with open(self.path, "rb") as stream:
                stream.seek(at.offset)
                while lines := list(islice(iter(lambda: stream.readline(MAX_LINE + 1), b""), CHUNK)):
                    if any(len(line) > MAX_LINE for line in lines):
                        raise UnreadableInput(
                            Message("{name} has a line that is too long", name=self.path.name),
                            expected=Message("at most {count} bytes", count=MAX_LINE),
                            found=Message("more"),
                        )
                    length, size = sum(map(len, lines)), sum(not line.isspace() for line in lines)
                    chunk = LineChunk(at, size, self.path, length, len(lines), self.name or self.path.name)
                    yield chunk
                    at = chunk.end
        except OSError as error:
            raise UnreadableInput(
                Message("{name} cannot be read", name=self.path.name), found=error.strerror or type(error).__name__
            ) from None


@dataclass(frozen=True)
class LineChunk:
    """:ivar length: in bytes; :ivar lines: blank ones too; :ivar name: of the file, for messages."""

    begin: Position
    size: int
    path: Path
    length: int
    lines: int
    name: str

    @property
    def end(self) -> Position:
        """Where the next one begins."""
        at = self.begin
        return Position(at.source, at.number + 1, at.first + self.size, at.offset + self.length, at.line + self.lines)

    def read(self) -> ChunkContent:
        data = self._data()
        return ChunkContent(json_lines.items(data, self.name, self.begin.line), (), hashlib.sha256(data).digest())

    def line_of(self, index: int) -> bytes:
        """The line of its item of that number, with its end."""
        lines = [line for line in self._data().split(b"\n") if line and not line.isspace()]
        return lines[index] + b"\n"

    def _data(self) -> bytes:
        """:raises UnreadableInput: the file is gone."""
        try:
            with open(self.path, "rb") as stream:
                stream.seek(self.begin.offset)
                return stream.read(self.length)
        except OSError as error:
            raise UnreadableInput(
                Message("{name} cannot be read", name=self.path.name), found=error.strerror or type(error).__name__
            ) from None


@dataclass(frozen=True)
class ParquetSource:
    """Read as the lines that it is staged as. :ivar staging: the folder of all staged inputs."""

    path: Path
    staging: Path
    state: tuple[tuple[str, int, int], ...]

    @property
    def staged(self) -> Path:
        """The lines; another file where the input has changed."""
        return self.staging / f"rows-{hashlib.sha256(repr(self.state).encode()).hexdigest()[:16]}.jsonl"

    def chunks(self, at: Position) -> Iterator[LineChunk]:
        parquet_rows.stage(self.path, self.staged)
        yield from LineSource(self.staged, self.state, self.path.name).chunks(at)


# --- large tables -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TableSource:
    """:ivar staging: the folder of all staged inputs."""

    path: Path
    format: str
    staging: Path
    state: tuple[tuple[str, int, int], ...]

    @property
    def folder(self) -> Path:
        """Where its rows are staged; another one where the file has changed."""
        return self.staging / f"rows-{hashlib.sha256(repr(self.state).encode()).hexdigest()[:16]}"

    def chunks(self, at: Position) -> Iterator[TableChunk]:
        def sheets() -> AbstractContextManager[tuple[workbook.StreamedSheet, ...]]:
            if self.format == "csv":
                return csv_folder.streamed(self.path)
            return workbook.streamed(self.path, self.path.name, STAGED)

        staged_tables.stage(self.folder, self.path.name, sheets)
        for size in staged_tables.tables_of(self.folder).sizes[at.offset :]:
            chunk = TableChunk(at, size, self)
            yield chunk
            at = chunk.end


@dataclass(frozen=True)
class TableChunk:
    begin: Position
    size: int
    source: TableSource

    @property
    def end(self) -> Position:
        """Where the next one begins."""
        at = self.begin
        return replace(at, number=at.number + 1, first=at.first + self.size, offset=at.offset + 1)

    def read(self) -> ChunkContent:
        items, common, data = staged_tables.read_chunk(self.source.folder, self.source.path.name, self.begin.offset)
        return ChunkContent(items, common, hashlib.sha256(data).digest())


# --- with linked documents --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentedChunk:
    """A chunk whose records know the digests of the documents that they link, as far as a folder holds these."""

    chunk: _PlainChunk
    folder: Path

    @property
    def begin(self) -> Position:
        return self.chunk.begin

    @property
    def size(self) -> int:
        return self.chunk.size

    @property
    def end(self) -> Position:
        """Where the next one begins."""
        return self.chunk.end

    def read(self) -> ChunkContent:
        content = self.chunk.read()
        items = tuple(
            item if item.record is None else replace(item, record=with_documents([item.record], self.folder)[0])
            for item in content.items
        )
        # Another document is another input: an interrupted run does not go on with it.
        known = sorted({pair for item in items if item.record for pair in item.record.documents.items()})
        digest = hashlib.sha256(content.digest + repr(known).encode()).digest()
        return replace(content, items=items, digest=digest)
