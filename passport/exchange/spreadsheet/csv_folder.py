"""Records from a folder of ``.csv`` files: one file a sheet, named as the sheets of a workbook, with the same rows.

    packs/
        models.csv          row 1 headings, row 2 units (or an empty line), data from row 3
        packs.csv
        componentMass.csv   … one file for each list

:mod:`passport.exchange.spreadsheet.layout` defines files and columns. The rows are read as in a workbook, and faults
name file, row and column in the same way. The properties that a text file leaves open are decided as follows:

* *Encoding*. UTF-8, with or without a byte order mark; else GB18030, if that reading is beyond doubt: at least nine in
  ten of its two-byte characters are among the common ones of GB 2312. Western text in an old encoding becomes rare
  characters when read as GB18030, so it is refused instead of garbled. UTF-16, as spreadsheet programs write "Unicode
  text", is read where its byte order mark says so, and refused without one.
* *Separator*. That of a first line such as ``sep=;``, else comma, semicolon or tab: the most frequent in the heading
  line, outside quotes.
* *Values* are text, taken unchanged. A decimal comma is refused by validation, never converted.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.errors import UnreadableInput
from passport.exchange.spreadsheet.opening.workbook import Sheet, StreamedSheet, WorkbookCell, WorkbookRow, trimmed
from passport.exchange.spreadsheet.opening.workbook_guard import Limits, size
from passport.exchange.spreadsheet.workbook_reader import from_sheets
from passport.texts import Message

_SEPARATORS = ",;\t"
#: The line by which a file names its separator.
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=([,;\t|])\"?[ \t]*(?:\r?\n|\r|$)", re.IGNORECASE)
#: Most files that a folder may hold, and longest cell in characters.
_FILES, _CELL = 200, 131_072
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Bytes by which encoding and separator of a long file are decided.
_SAMPLE = 1_000_000


def read_tolerantly(
    folder: Path | str, *, limits: Limits | None = None, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The packs of a folder as far as they could be placed, and every fault.

    :param partial: as in :func:`passport.exchange.spreadsheet.workbook_reader.read_tolerantly`.
    :raises UnreadableInput: there is no such folder or no ``.csv`` file in it, or one cannot be read.
    :raises FaultyRecord: nothing could be placed.
    """
    folder = Path(folder)
    return from_sheets(sheets(folder, limits), folder.name, partial=partial)


@contextmanager
def streamed(folder: Path) -> Iterator[tuple[StreamedSheet, ...]]:
    """The files of a folder as sheets of any length, whose rows are read one after the other.

    :raises UnreadableInput: as :func:`sheets`, also while rows are read.
    """
    with ExitStack() as open_files:

        def opened(path: Path) -> StreamedSheet:
            stream = open_files.enter_context(open(path, "rb"))
            head = Sheet(path.stem, False, (), (), frozenset())
            return StreamedSheet(head, lambda: rows_of(stream, f"{folder.name}/{path.name}"))

        yield tuple(opened(path) for path in _paths(folder))


def sheets(folder: Path, limits: Limits | None = None) -> tuple[Sheet, ...]:
    """The files of a folder as sheets of text cells.

    :raises UnreadableInput: as :func:`read_tolerantly`.
    """
    limits = limits or Limits()
    read, left = [], limits.file
    for path in _paths(folder):
        data = _bytes(path, f"{folder.name}/{path.name}", left, limits)
        left -= len(data)
        read.append(sheet(data, path.stem, f"{folder.name}/{path.name}", limits))
    return tuple(read)


def _paths(folder: Path) -> list[Path]:
    """The tables of a folder, in the order of their names.

    :raises UnreadableInput: there is no such folder, no table in it, or too many.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=folder.name), found=error.strerror or type(error).__name__
        ) from None
    if not paths:
        raise UnreadableInput(
            Message("{name} holds no table", name=folder.name),
            expected=Message("files such as models.csv and packs.csv"),
            found=Message("no .csv file"),
        )
    if len(paths) > _FILES:
        raise UnreadableInput(
            Message("{name} holds too many tables", name=folder.name),
            expected=Message("at most {count}", count=_FILES),
            found=Message("more"),
        )
    return paths


def sheet(data: bytes, name: str, file: str, limits: Limits | None = None) -> Sheet:
    """One file as a sheet of text cells.

    :param name: the sheet's name.
    :param file: name of the file, for messages.
    :raises UnreadableInput: its encoding is not known beyond doubt, its quotes do not close, or it is too large.
    """
    text = decoded(data, file)
    return Sheet(name, False, tuple(_rows(text, file, limits or Limits())), (), frozenset())


def decoded(data: bytes, file: str) -> str:
    """The text of a file, by the rules above.

    :raises UnreadableInput: neither UTF-8, UTF-16 with its mark, nor GB18030 beyond doubt.
    """
    return data.decode(_encoding(data, file))


def rows_of(stream: IO[bytes], file: str) -> Iterator[WorkbookRow]:
    """The rows of a file of any length, one after the other; encoding and separator are those of its beginning.

    :param stream: that can go back to its beginning.
    :raises UnreadableInput: as :func:`sheet`; also where a later part is in another encoding.
    """
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    if len(sample) == _SAMPLE:
        # A character may be cut in two at the end of the sample, and no line ends within one.
        sample = _whole_lines(sample)
    encoding = _encoding(sample, file)
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        yield from _records(text, _separator(sample.decode(encoding), file), file, Limits().columns)
    except UnicodeDecodeError:
        raise UnreadableInput(
            Message("{file} is no text in a known encoding", file=file),
            expected=Message("one encoding from beginning to end"),
            found=Message("bytes that are not {encoding}", encoding=encoding.upper()),
            hint=Message("save it as CSV UTF-8"),
        ) from None
    finally:
        text.detach()


def _whole_lines(sample: bytes) -> bytes:
    """The sample up to its last line end; in UTF-16 that is two bytes, at an even place."""
    for mark, end in zip(_UTF16, (b"\n\x00", b"\x00\n"), strict=True):
        if sample.startswith(mark):
            at = sample.rfind(end)
            while at % 2 and at > 0:
                at = sample.rfind(end, 0, at + 1)
            return sample[: at + 2]
    return sample[: sample.rfind(b"\n") + 1]


def _encoding(data: bytes, file: str) -> str:
    if data.startswith(_UTF16):
        try:
            if "\x00" not in data.decode("utf-16"):
                return "utf-16"
        except UnicodeDecodeError:
            pass
    if data.startswith(_UTF16) or b"\x00" in data:
        raise UnreadableInput(
            Message("{file} is no text in a known encoding", file=file),
            expected=Message("UTF-8 or GB18030"),
            found=Message("UTF-16 or binary data"),
            hint=Message("save it as CSV UTF-8"),
        )
    try:
        data.decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError as error:
        broken = error.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    wide = [character for character in text if character > "\x7f"]
    common = sum(_is_common(character) for character in wide)
    if not wide or common < 0.9 * len(wide):
        raise UnreadableInput(
            Message("{file} is no text in a known encoding", file=file),
            expected=Message("UTF-8, or GB18030 beyond doubt"),
            found=Message("byte {position} is not UTF-8", position=broken + 1),
            hint=Message("save it as CSV UTF-8"),
        )
    return "gb18030"


def _is_common(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _bytes(path: Path, file: str, most: int, limits: Limits) -> bytes:
    try:
        with open(path, "rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise UnreadableInput(
            Message("{file} cannot be read", file=file), found=error.strerror or type(error).__name__
        ) from None
    if len(data) > most:
        raise UnreadableInput(
            Message("{file} is too large", file=file),
            expected=Message("at most {size} in all files", size=size(limits.file)),
            found=Message("more"),
            hint=Message("divide it into several folders"),
        )
    return data


def _separator(text: str, file: str) -> str:
    marked = _SEPARATOR_LINE.match(text)
    if marked is not None:
        heading_line = text[marked.end() :].partition("\n")[0]
        if marked[1] not in heading_line and any(mark in heading_line for mark in _SEPARATORS):
            raise UnreadableInput(
                Message("{file} names a separator in its first line that its rows do not have", file=file),
                expected=Message("rows separated by “{mark}”", mark=marked[1]),
                found=Message("rows separated by “{mark}”", mark=max(_SEPARATORS, key=heading_line.count)),
                hint=Message("correct the line sep=, or delete it"),
            )
        return marked[1]
    heading, quoted = dict.fromkeys(_SEPARATORS, 0), False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character == "\n" and not quoted:
            break
        elif not quoted and character in heading:
            heading[character] += 1
    return max(heading, key=lambda separator: heading[separator])


def _rows(text: str, file: str, limits: Limits) -> Iterator[WorkbookRow]:
    filled = cells = 0
    for row in _records(io.StringIO(text, newline=""), _separator(text, file), file, limits.columns):
        filled, cells = filled + 1, cells + len(row.cells)
        if filled > limits.rows or cells > limits.cells:
            raise UnreadableInput(
                Message("{file} holds too much", file=file),
                expected=Message("at most {rows} rows and {cells} cells", rows=limits.rows, cells=limits.cells),
                found=Message("more"),
            )
        yield row


def _records(text: Iterable[str], separator: str, file: str, columns: int) -> Iterator[WorkbookRow]:
    """Rows that hold something, with their numbers."""
    csv.field_size_limit(_CELL)
    lines = iter(text)
    first = next(lines, "")
    # A spreadsheet program obeys the line "sep=;" and does not count it.
    lines = lines if _SEPARATOR_LINE.match(first) else chain([first], lines)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    try:
        for number, values in enumerate(reader, 1):
            if len(values) > columns:
                raise UnreadableInput(
                    Message("{file}, row {number} is too wide", file=file, number=number),
                    expected=Message("at most {count} columns", count=columns),
                    found=str(len(values)),
                )
            held = tuple(
                WorkbookCell(column, content) for column, value in enumerate(values, 1) if (content := trimmed(value))
            )
            if held:
                yield WorkbookRow(number, held)
    except csv.Error as error:
        raise UnreadableInput(
            Message("{file}, row {number} is no CSV", file=file, number=number + 1),
            expected=Message("cells in closed quotes"),
            found=str(error)[:80],
        ) from None
