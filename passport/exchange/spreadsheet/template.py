"""Import templates: a workbook to fill in, derived from the vocabulary and the regimes alone.

* One column for each indicator that a chosen regime asks for in this battery category, and no other; what is mandatory
  is bold and tinted. Row 1 says both names, row 2 the unit.
* A comment on each heading says what to fill in: definition, expected value, filling rule, and per regime the status
  with its legal basis.
* Code lists are drop-downs. Their codes are listed with both labels on the sheet ``notes``, which is for people.
* Row 3 is an example. The template reads back as that example, so it can be tried before it is filled in.

    write(None, Category.EV, [regimes()["eu"], regimes()["cn"]], example=record)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from passport.battery.batch import identifier_of
from passport.battery.record import Record
from passport.errors import UsageError
from passport.exchange.spreadsheet.layout import (
    FIRST_ROW,
    HEADING_ROW,
    MODEL_KEY,
    PACK_KEYS,
    UNIT_ROW,
    Column,
    Layout,
    SheetLayout,
    both,
)
from passport.exchange.spreadsheet.record_writer import fill, tables
from passport.exchange.spreadsheet.workbook_writer import empty, put, saved
from passport.texts import ENGLISH, Message, Text, by_language
from passport.validation.completeness import STATUSES, stage_label
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.expectation import phrase
from passport.vocabulary.vocabulary import (
    Category,
    Datatype,
    Enumeration,
    Indicator,
    ObligationStatus,
    Regime,
    Vocabulary,
    load,
)

#: Always included: without these it is unknown what a row is about and what is due.
ALWAYS = (MODEL_KEY, *PACK_KEYS, "batteryCategory")
#: Last row that a drop-down reaches.
_LAST_ROW = 5000
_MANDATORY = PatternFill("solid", fgColor="FFDCE6F5")
_HEADING = PatternFill("solid", fgColor="FFF2F5F8")
_EXAMPLE = Font(color="FF4D5B69")
_BOOLEANS = ("TRUE", "FALSE")


def write(
    path: Path | str | None,
    category: Category,
    regimes: Sequence[Regime],
    *,
    example: Record | None = None,
    vocabulary: Vocabulary | None = None,
) -> bytes:
    """Write a template.

    :param path: the file; None writes none.
    :param category: of the batteries that it is for.
    :param regimes: whose obligations decide the columns.
    :param example: fills row 3, as far as it says something that is asked for; None leaves it empty.
    :returns: the bytes of the workbook.
    :raises UsageError: none of the regimes speaks of this category, or the file cannot be written.
    """
    vocabulary = vocabulary or load()
    obligations = _asked(category, regimes)
    record = _example(example, category, set(obligations)) if example is not None else None
    book = empty()
    lists = _Lists()
    for layout, columns, rows in tables(Layout(vocabulary), (record,) if record else (), True):
        wanted = [column for column in columns if _is_wanted(column, obligations, layout)]
        if any(not column.key and column.indicator not in READING_TIMES for column in wanted):
            _sheet(book.create_sheet(layout.name), layout, wanted, rows, obligations, regimes, category, lists)
    _notes(book.create_sheet("notes"), category, regimes, lists)
    return saved(book, path)


def _asked(category: Category, regimes: Sequence[Regime]) -> Mapping[str, ObligationStatus]:
    """Indicators that a column is for, with the strictest status that any regime gives them."""
    if not any(regime.applies_to(category) for regime in regimes):
        names = ", ".join(regime.code for regime in regimes)
        raise UsageError(
            Message("no regime of {regimes} speaks of {category} batteries", regimes=names, category=category.value),
            expected=Message("another regime"),
        )
    order = list(ObligationStatus)
    statuses: dict[str, ObligationStatus] = {}
    for regime in regimes:
        for identifier, obligation in regime.obligations(category).items():
            if obligation.status is not ObligationStatus.EXCLUDED:
                known = statuses.get(identifier, ObligationStatus.EXCLUDED)
                statuses[identifier] = min(known, obligation.status, key=order.index)
    return statuses


def _example(record: Record, category: Category, obligations: set[str]) -> Record:
    """The example with what the template has columns for."""

    def kept(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in obligations or name in ALWAYS}

    read_out = record.condition or {}
    condition = kept(read_out)
    if condition:
        times = {name: read_out[name] for name in READING_TIMES if name in read_out}
        condition = {**times, **condition}
    events = {event: kept(values) for event, values in record.events.items() if event == "production"}
    return replace(
        record,
        category=category,
        model={**kept(record.model), "batteryCategory": category.value},
        batch=kept(record.batch),
        batch_identifier=identifier_of(record),
        pack=kept(record.pack),
        condition=condition or None,
        events={event: values for event, values in events.items() if values},
    )


def _is_wanted(column: Column, obligations: Mapping[str, ObligationStatus], layout: SheetLayout) -> bool:
    return (
        column.key
        or column.indicator in obligations
        or column.indicator in READING_TIMES
        or (column.indicator in ALWAYS and layout.entries_of is None)
    )


# --- sheets ---------------------------------------------------------------------------------------------------------


def _sheet(
    sheet: Any, layout: SheetLayout, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]],
    obligations: Mapping[str, ObligationStatus], regimes: Sequence[Regime], category: Category, lists: _Lists,
) -> None:  # fmt: skip
    sheet.freeze_panes = f"A{FIRST_ROW}"
    for number, column in enumerate(columns, 1):
        letter, mandatory = (
            get_column_letter(number),
            obligations.get(column.indicator) is ObligationStatus.MANDATORY or column.key,
        )
        heading, unit = sheet.cell(HEADING_ROW, number), sheet.cell(UNIT_ROW, number)
        put(heading, _heading(layout, column), "@")
        heading.font = Font(bold=mandatory)
        heading.fill = unit.fill = _MANDATORY if mandatory else _HEADING
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        heading.comment = _comment(column, layout, regimes, category)
        put(unit, column.unit or None, "@")
        sheet.column_dimensions[letter].width = 24
        for row, values in enumerate(rows, FIRST_ROW):
            if column.heading in values:
                fill(sheet.cell(row, number), values[column.heading], column)
                sheet.cell(row, number).font = _EXAMPLE
        _drop_down(sheet, letter, column, lists)


def _heading(layout: SheetLayout, column: Column) -> str:
    label = column.kind.label
    names = {language: label[language] for language in ("zh", "en")}
    if column.field is not None and layout.entries_of is None:
        indicator = next(indicator for indicator in layout.indicators if indicator.id == column.indicator)
        names = {language: f"{indicator.label[language]}.{label[language]}" for language in names}
    heading = both(names["zh"], names["en"])
    return f"{heading}.{column.language}" if column.language else heading


def _said(text: Text) -> list[str]:
    """A text in each language, English last."""
    texts = by_language(text)
    english = texts.pop(ENGLISH)
    return [*(text for text in texts.values() if text != english), english]


def _comment(column: Column, layout: SheetLayout, regimes: Sequence[Regime], category: Category) -> Comment:
    kind = column.kind
    lines = [*_said(kind.definition), *_said(Message("Value: {expected}", expected=phrase(kind)))]
    if kind.repeatable and layout.entries_of is None and kind.datatype is not Datatype.LANG_STRING:
        lines.append("".join(_said(Message("Several values: one a line."))))
    indicator = (
        kind
        if isinstance(kind, Indicator)
        else next((indicator for indicator in layout.indicators if indicator.id == column.indicator), None)
    )
    if indicator is not None:
        lines += _said(Message("Rule: {rule}", rule=indicator.fill_rule))
        for regime in regimes:
            obligation = regime.obligations(category).get(indicator.id)
            if obligation is not None:
                name, status = " ".join(_said(regime.label)), " ".join(_said(STATUSES[obligation.status]))
                stage = "" if obligation.stage.order == 0 else f" ({stage_label(obligation.stage, ENGLISH)})"
                lines.append(f"{name}: {status}{stage}; {obligation.basis[ENGLISH]}")
    comment = Comment("\n".join(lines), "passport")
    comment.width, comment.height = 420, 40 + 22 * len(lines)
    return comment


# --- code lists -----------------------------------------------------------------------------------------------------


class _Lists:
    """The places of the codes of each list on the sheet ``notes``."""

    first_row = 8

    def __init__(self) -> None:
        self.columns: dict[tuple[str, tuple[str, ...]], tuple[int, Enumeration]] = {}

    def range_of(self, enumeration: Enumeration, codes: tuple[str, ...]) -> str:
        number = self.columns.setdefault((enumeration.id, codes), (1 + 4 * len(self.columns), enumeration))[0]
        letter = get_column_letter(number)
        return f"notes!${letter}${self.first_row}:${letter}${self.first_row + len(codes) - 1}"


def _drop_down(sheet: Any, letter: str, column: Column, lists: _Lists) -> None:
    kind = column.kind
    if kind.enumeration is not None:
        codes = kind.range.one_of or tuple(code.code for code in kind.enumeration.codes)
        formula = lists.range_of(kind.enumeration, codes)
    elif kind.datatype is Datatype.BOOLEAN:
        formula = f'"{",".join(_BOOLEANS)}"'
    else:
        return
    # A cell with several codes, one a line, is right as well: there the list proposes and refuses nothing.
    choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=not kind.repeatable)
    choice.error, choice.errorTitle = "".join(_said(Message("Choose from the list."))), "passport"
    choice.add(f"{letter}{FIRST_ROW}:{letter}{_LAST_ROW}")
    sheet.add_data_validation(choice)


def _notes(sheet: Any, category: Category, regimes: Sequence[Regime], lists: _Lists) -> None:
    about = load().enumerations["batteryCategory"].get(category.value)
    label = about.label if about else category.value
    lines = [
        f"{' / '.join(_said(label))}: " + "; ".join(" / ".join(_said(regime.label)) for regime in regimes),
        *_said(
            Message(
                "Row 1 names the indicator (its comment says how to fill it in), row 2 the unit, row 3 is an example: "
                "replace it. Bold columns are mandatory."
            )
        ),
        " ".join(_said(Message("This sheet is for people; it is not read."))),
    ]
    for row, line in enumerate(lines, 1):
        put(sheet.cell(row, 1), line, "@")
    for (_, codes), (number, enumeration) in lists.columns.items():
        put(sheet.cell(lists.first_row - 1, number), both(enumeration.label["zh"], enumeration.label["en"]), "@",
            bold=True)  # fmt: skip
        for row, text in enumerate(codes, lists.first_row):
            code = enumeration.get(text)
            put(sheet.cell(row, number), text, "@")
            put(sheet.cell(row, number + 1), code.label["zh"] if code else "", "@")
            put(sheet.cell(row, number + 2), code.label["en"] if code else "", "@")
        sheet.column_dimensions[get_column_letter(number)].width = 24
