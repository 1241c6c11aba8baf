"""Records from a workbook (.xlsx). :mod:`passport.exchange.spreadsheet.layout` defines the sheets and columns.

Every value keeps the cell that it came from, and every fault names file, sheet, row, column, what was expected and what
was found. All faults of a workbook are reported at once, in two passes:

1. :mod:`passport.exchange.spreadsheet.sheet_tables` reads each sheet: its headings, its units and the values below
   them;
2. :mod:`passport.exchange.spreadsheet.row_records` puts the rows of all sheets together to models and packs.

Whether a value is right (a proper decimal, a date, a code of its list) is for validation.
"""

from __future__ import annotations

from pathlib import Path

from passport.battery.fault import Fault, count, of_severity
from passport.battery.record import Record
from passport.errors import FaultyRecord
from passport.exchange.spreadsheet import row_records, sheet_tables
from passport.exchange.spreadsheet.layout import Layout
from passport.exchange.spreadsheet.opening.workbook import Sheet, open_workbook
from passport.exchange.spreadsheet.opening.workbook_guard import Limits
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module

#: Faults of the file's structure, not of the battery's data: the input is unusable.
_STRUCTURAL = frozenset(
    {
        "unknown-sheet",
        "missing-sheet",
        "duplicate-sheet",
        "unknown-column",
        "ambiguous-column",
        "missing-column",
        "duplicate-column",
        "missing-language",
        "no-heading",
        "merged-cells",
    }
)


def read(path: Path | str | bytes, *, name: str | None = None, limits: Limits | None = None) -> tuple[Record, ...]:
    """The packs of a workbook, in the order of their rows.

    :param path: the file, or its bytes.
    :param name: the file's name for messages; by default that of the path.
    :raises UnreadableInput: it is no workbook, or beyond the limits.
    :raises FaultyRecord: with every fault. Its exit code is 2 where all of them are of the workbook's make.
    """
    records, faults = read_tolerantly(path, name=name, limits=limits)
    violations = of_severity("violation", faults)
    if violations:
        raise _faulty(violations[0].location.file, violations)
    return records


def read_tolerantly(
    path: Path | str | bytes, *, name: str | None = None, limits: Limits | None = None, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The packs of known models as far as they could be placed, and every fault: all of a faulty file can be judged.

    :param partial: whether the file may say only a part, to be merged with others: models without packs, packs whose
        models are described elsewhere, lists alone.
    :raises UnreadableInput: it is no workbook, or beyond the limits.
    :raises FaultyRecord: nothing could be placed. Its exit code is 2 where all faults are of the workbook's make.
    """
    source = path if isinstance(path, bytes) else Path(path)
    name = name or (source.name if isinstance(source, Path) else "workbook")
    return from_sheets(open_workbook(source, name, limits), name, partial=partial)


def from_sheets(
    sheets: tuple[Sheet, ...], name: str, *, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The same from sheets, wherever they come from; see :func:`read_tolerantly`.

    :raises FaultyRecord: nothing could be placed.
    """
    records, faults = placed(sheets, name, partial=partial)
    if faults and (not records or all(fault.code in _STRUCTURAL for fault in faults)):
        raise _faulty(name, faults)
    return records, faults


def placed(
    sheets: tuple[Sheet, ...], name: str, *, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The same for one who corrects the sheets: what could be placed, however faulty the sheets are."""
    vocabulary = vocabulary_module.load()
    tables, faults_of_tables = sheet_tables.read(sheets, name, Layout(vocabulary), vocabulary, partial=partial)
    records, faults_of_rows = row_records.put_together(tables, name, vocabulary, partial=partial)
    faults = (*faults_of_tables, *faults_of_rows)
    return records if partial else tuple(record for record in records if record.model), faults


def _faulty(name: str, faults: tuple[Fault, ...]) -> FaultyRecord:
    first = faults[0]
    if len(faults) == 1 and first.code in _STRUCTURAL:
        error = FaultyRecord(
            Message("{fault} in {place}", fault=first.message, place=first.location.text),
            faults,
            expected=first.expected,
            found=first.found,
            hint=first.hint,
        )
    else:
        error = FaultyRecord(Message("{name} has {count}", name=name, count=count(faults)), faults, hint=first.hint)
    if all(fault.code in _STRUCTURAL for fault in faults):
        error.exit_code = 2
    return error
