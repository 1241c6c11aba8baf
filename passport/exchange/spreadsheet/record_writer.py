"""A workbook from records: the examples, and the empty forms that makers fill in.

What is written reads back to equal records. The bytes depend on the records alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from passport.battery.batch import identifier_of
from passport.battery.fault import found
from passport.battery.record import Record
from passport.errors import UsageError
from passport.exchange.spreadsheet.cells import content_of
from passport.exchange.spreadsheet.column_letters import column_letter
from passport.exchange.spreadsheet.layout import (
    BATCH_KEY,
    FIRST_ROW,
    HEADING_ROW,
    MODEL_KEY,
    PACK_KEYS,
    UNIT_ROW,
    Column,
    Layout,
    SheetLayout,
)
from passport.exchange.spreadsheet.workbook_writer import empty, put, saved
from passport.texts import Message, say
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.vocabulary import Datatype, Vocabulary

#: Languages of the columns that a form offers for text.
_LANGUAGES = ("en", "zh")


def write(
    path: Path | str | None,
    records: Iterable[Record],
    vocabulary: Vocabulary | None = None,
    *,
    language: str | None = None,
    form: bool = False,
) -> bytes:
    """Write a workbook.

    :param path: the file; None writes none.
    :param language: of headings that people read; None for ids.
    :param form: True writes every column of every sheet of the first stage, filled or not: a form.
    :returns: the bytes of the workbook.
    :raises UsageError: a value that no cell can hold, two contents for one model, or the file cannot be written.
    """
    vocabulary = vocabulary or vocabulary_module.load()
    book = empty()
    for layout, columns, rows in tables(Layout(vocabulary), tuple(records), form):
        sheet = book.create_sheet(layout.name)
        sheet.freeze_panes = f"A{FIRST_ROW}"
        for number, column in enumerate(columns, 1):
            put(sheet.cell(HEADING_ROW, number), _heading(layout, column, language), "@", bold=True)
            if column.unit:
                put(sheet.cell(UNIT_ROW, number), column.unit, "@")
            sheet.column_dimensions[column_letter(number)].width = max(12, min(40, len(column.heading) + 2))
            for row, values in enumerate(rows, FIRST_ROW):
                if column.heading in values:
                    fill(sheet.cell(row, number), values[column.heading], column)
    return saved(book, path)


Rows = list[dict[str, Any]]


def tables(layout: Layout, records: Sequence[Record], form: bool) -> list[tuple[SheetLayout, list[Column], Rows]]:
    """The content of each sheet: its columns, and its rows with values by heading id.

    :param form: whether every column of every sheet of the first stage is there, filled or not.
    """
    rows: dict[str, Rows] = {name: [] for name in layout.sheets}
    apart = _with_batches(records)
    models: dict[str, Mapping[str, Any]] = {}
    batches: dict[tuple[str, str], Mapping[str, Any]] = {}
    for record in records:
        key = str(record.model.get(MODEL_KEY))
        if key not in models:
            models[key] = record.model
            beside = record.batch if key not in apart else {}
            _add(layout, rows, "models", {}, {MODEL_KEY: key}, {**record.model, **beside})
        elif models[key] != record.model:
            raise UsageError(
                Message("two models are called {key}", key=key),
                expected=Message("one content for a model"),
                found=Message("two"),
            )
        of_batch = _batch(rows, key, record, batches) if key in apart else {}
        own = {MODEL_KEY: key, **{name: record.pack[name] for name in PACK_KEYS if name in record.pack}}
        _add(layout, rows, "packs", {MODEL_KEY: key, **of_batch}, own, record.pack)
        if record.condition:
            _add(layout, rows, "conditions", own, own, record.condition)
        for event, values in record.events.items():
            _add(layout, rows, event, own, own, values)
    made = []
    for name, sheet in layout.sheets.items():
        wanted = form and sheet.event in (None, "production")
        if rows[name] or wanted:
            made.append((sheet, _columns(sheet, rows[name], wanted), rows[name]))
    return made


def _with_batches(records: Sequence[Record]) -> set[str]:
    """Identifiers of the models whose batches have rows of their own: those that are named, or are several."""
    of_model: dict[str, list[Record]] = {}
    for record in records:
        of_model.setdefault(str(record.model.get(MODEL_KEY)), []).append(record)
    return {
        key
        for key, group in of_model.items()
        if any(record.batch_identifier is not None or record.batch != group[0].batch for record in group)
    }


def _batch(
    rows: dict[str, Rows], model: str, record: Record, batches: dict[tuple[str, str], Mapping[str, Any]]
) -> dict[str, str]:
    """Add the row of a record's batch, once; returns how the pack names it."""
    identifier = identifier_of(record)
    if identifier is None:
        return {}
    known = batches.get((model, identifier))
    if known is None:
        batches[model, identifier] = record.batch
        keys = {MODEL_KEY: model, BATCH_KEY: identifier}
        flat = [_flat(indicator, value) for indicator, value in record.batch.items()]
        rows["batches"].append(keys | {heading: item for cells in flat for heading, item in cells.items()})
    elif known != record.batch:
        raise UsageError(
            Message("two batches are called {key}", key=identifier),
            expected=Message("one content for a batch"),
            found=Message("two"),
        )
    return {BATCH_KEY: identifier}


def _add(
    layout: Layout,
    rows: dict[str, Rows],
    name: str,
    keys: Mapping[str, Any],
    owner: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    """One row on the part's own sheet, and one for each entry on the sheets of its lists."""
    row: dict[str, Any] = dict(keys)
    for indicator, value in values.items():
        entries = layout.sheets.get(indicator[:31])
        if entries is not None and entries.entries_of is not None:
            if not isinstance(value, list):
                raise UsageError(
                    Message("{indicator} has a value that no cell can hold", indicator=indicator),
                    expected=Message("a list of entries"),
                    found=found(value),
                )
            rows[entries.name] += [
                {key: owner[key] for key in entries.keys if key in owner} | _flat(indicator, entry) for entry in value
            ]
        else:
            row |= _flat(indicator, value)
    if set(row) - set(keys):
        rows[name].append(row)


def _flat(heading: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {heading: value}
    return {inner: item for key, held in value.items() for inner, item in _flat(f"{heading}.{key}", held).items()}


def _columns(sheet: SheetLayout, rows: Rows, all_of_them: bool) -> list[Column]:
    used = dict.fromkeys(heading for row in rows for heading in row)
    columns = []
    for column in sheet.columns.values():
        if column.kind.datatype is Datatype.LANG_STRING:
            tags = {heading.rpartition(".")[2] for heading in used if heading.startswith(f"{column.heading}.")}
            tags |= set(_LANGUAGES) if all_of_them and column.indicator not in sheet.elsewhere else set()
            columns += [Column(column.kind, column.indicator, column.field, tag) for tag in sorted(tags)]
        elif column.heading in used or (all_of_them and column.indicator not in sheet.elsewhere):
            columns.append(column)
    unknown = set(used) - {column.heading for column in columns}
    if unknown:
        raise UsageError(
            Message("sheet {name} has no column for {headings}", name=sheet.name, headings=", ".join(sorted(unknown)))
        )
    return columns


def _heading(sheet: SheetLayout, column: Column, language: str | None) -> str:
    if language is None:
        return sheet.spelled(column)
    names = (
        []
        if sheet.entries_of is not None and column.field
        else [say(kind.label, language) for kind in sheet.indicators if kind.id == column.indicator]
    )
    names += [say(column.kind.label, language)] if column.field or not names else []
    return ".".join([*names, *([column.language] if column.language else [])])


def fill(cell: Any, value: Any, column: Column) -> None:
    """Put a value into a cell so that it reads back.

    :raises UsageError: no cell can hold it.
    """
    from openpyxl.utils.exceptions import IllegalCharacterError

    try:
        content, number_format = content_of(value, column.kind)
        put(cell, content, number_format)
    except (ValueError, IllegalCharacterError) as error:
        raise UsageError(
            Message("{heading} has a value that no cell can hold", heading=column.heading), found=str(error)[:80]
        ) from None
