"""Checks of a sheet as a whole: hidden data, merged cells, and words beside the cells.

Hidden data and merged cells are refused. A comment, a text box, a picture or a chart is a warning: it is not read, and
only its author knows whether a value is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from passport.battery.fault import Fault, Location, found
from passport.exchange.spreadsheet.column_letters import column_letter
from passport.exchange.spreadsheet.opening.workbook import Sheet
from passport.exchange.spreadsheet.opening.workbook_annotations import Annotation, AnnotationKind
from passport.texts import Message

_NOT_READ: Mapping[AnnotationKind, Message] = MappingProxyType({
    AnnotationKind.COMMENT: Message("the comment on the cell is not read"),
    AnnotationKind.TEXT_BOX: Message("the text box is not read"),
    AnnotationKind.PICTURE: Message("the picture is not read"),
    AnnotationKind.CHART: Message("the chart is not read"),
})  # fmt: skip


def hidden_data(sheet: Sheet, file: str) -> Iterator[Fault]:
    """A fault for a hidden sheet, for each hidden row and column with data, and for merged cells."""
    if sheet.hidden:
        yield Fault(
            "hidden-sheet",
            Location(file, sheet.name),
            None,
            Message("the sheet is hidden"),
            Message("a sheet that can be seen"),
            Message("a hidden sheet"),
            hint=Message("show the sheet, or delete it"),
        )
    for row in sheet.rows:
        if row.hidden:
            yield Fault(
                "hidden-row",
                Location(file, sheet.name, row.number),
                None,
                Message("the row is hidden"),
                Message("a row that can be seen"),
                Message("data in a hidden row"),
                hint=Message("clear the filter and show all rows, or delete the row"),
            )
    held = {cell.column for row in sheet.rows for cell in row.cells}
    for column in sorted(held & sheet.hidden_columns):
        yield Fault(
            "hidden-column",
            Location(file, sheet.name, None, column_letter(column)),
            None,
            Message("the column is hidden"),
            Message("a column that can be seen"),
            Message("data in a hidden column"),
            hint=Message("show the column, or delete it"),
        )
    for merged in sheet.merged:
        yield Fault(
            "merged-cells",
            Location(file, sheet.name),
            None,
            Message("cells are merged"),
            Message("one value in each cell"),
            merged,
            hint=Message("unmerge them"),
        )


def not_read(sheet: Sheet, file: str, headings: Mapping[str, tuple[str | None, str]]) -> Iterator[Fault]:
    """A warning for each annotation beside the cells.

    :param headings: letters of a column -> the id of its indicator, if it has one, and its heading.
    """
    for annotation in sheet.annotations:
        indicator, heading = headings.get(annotation.column or "", (None, None))
        yield Fault(
            annotation.kind.value,
            Location(file, sheet.name, annotation.row, annotation.column, heading),
            indicator if annotation.kind is AnnotationKind.COMMENT else None,
            _NOT_READ[annotation.kind],
            Message("every value in a cell of its own"),
            _words(annotation),
            "warning",
            hint=Message("if it says a value, put that into its cell; if not, nothing needs to be done"),
        )


def _words(annotation: Annotation) -> str | None:
    return found(annotation.text) if annotation.text else None
