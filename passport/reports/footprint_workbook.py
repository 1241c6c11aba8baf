"""The report of a footprint as a workbook: one sheet each for the figure, stages, lines, cuts, readings and inputs.

Numbers are written as numbers where the program shows them unchanged, else as text. Text from the data is never written
as a formula. The bytes depend on the report alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError

from passport.errors import UsageError
from passport.exchange.spreadsheet.opening.workbook import shown_number
from passport.exchange.spreadsheet.workbook_writer import empty, saved
from passport.footprint.facts import facts
from passport.footprint.footprint_report import FootprintReport
from passport.footprint.result import FootprintLine, plain
from passport.texts import Message, Text, say

#: What a sheet is called, by key.
SHEETS: Mapping[str, Message] = {
    "result": Message("result"),
    "stages": Message("stages"),
    "materials": Message("materials"),
    "lines": Message("lines"),
    "cut-offs": Message("cut-offs"),
    "readings": Message("readings"),
    "influences": Message("influences"),
    "significant": Message("95 per cent"),
    "items": Message("report items"),
}
_KG, _PER_KWH = "kg CO2e", "kg CO2e/kWh"
_HEADINGS: Mapping[str, tuple[Text, ...]] = {
    "result": (Message("item"), Message("value")),
    "stages": (Message("stage"), _KG, "%"),
    "materials": (Message("material"), _KG),
    "lines": (
        Message("stage"),
        Message("group"),
        Message("item"),
        Message("quantity"),
        Message("unit"),
        Message("moved in"),
        Message("formula"),
        Message("working"),
        Message("kg CO2e per unit"),
        _KG,
        Message("activity data"),
        Message("factor data"),
        Message("source"),
        Message("geography"),
        Message("year"),
        Message("place"),
    ),
    "cut-offs": (
        Message("component"),
        Message("material"),
        Message("mass kg"),
        Message("component mass kg"),
        Message("moved to"),
        Message("difference kg CO2e"),
    ),
    "readings": (Message("reading"), _KG, "kWh", _PER_KWH, Message("difference")),
    "influences": (Message("input, a tenth more"), _PER_KWH, "%"),
    "significant": (Message("material"), _KG, Message("cumulative share")),
    "items": (Message("item"), Message("stated")),
}


def workbook(report: FootprintReport, language: str = "en") -> bytes:
    """The bytes of the workbook.

    :param language: of sheet names, headings and labels.
    :raises UsageError: a text that no cell can hold.
    """
    book = empty()
    contents: dict[str, Iterable[Sequence[Any]]] = {
        "result": _result(report),
        "stages": (
            (facts().named("stage", code), value, report.result.share(code))
            for code, value in report.result.stages.items()
        ),
        "materials": report.by_material,
        "lines": (_line(line) for line in report.result.lines),
        "cut-offs": (
            (cut.component, cut.name, cut.mass, cut.share_of, cut.receiver, cut.difference)
            for cut in report.result.cut_offs
        ),
        "readings": (
            (each.label, each.total, each.energy, each.per_functional_unit, each.difference) for each in report.readings
        ),
        "influences": ((each.input, each.effect, each.per_cent) for each in report.influences),
        "significant": report.significant,
        "items": (
            (item.label, text)
            for item in report.items
            for text in item.texts or (Message("not stated in the inventory"),)
        ),
    }
    for key, rows in contents.items():
        _sheet(book, SHEETS[key], _HEADINGS[key], rows, language)
    return saved(book)


def _result(report: FootprintReport) -> list[tuple[Text, Any]]:
    """What the figure is and rests on; codes and names of the JSON form stay as they are."""
    result, document = report.result, report.to_json()
    return [
        (Message("model"), result.model),
        (Message("manufacturer"), result.manufacturer),
        (Message("plant"), result.plant),
        (Message("country of the plant"), result.plant_country),
        (Message("period"), result.period),
        (Message("method"), result.method),
        (Message("method name"), report.method.label),
        (Message("boundary"), facts().named("boundary", result.boundary)),
        (Message("functional unit"), result.functional_unit),
        (_KG, result.total),
        (Message("kWh over the service life"), result.energy.total),
        *document["energyOverServiceLife"].items(),
        *document["indicators"].items(),
        (Message("kg CO2e per kWh of capacity"), result.per_capacity.value),
        (Message("allocation factor A"), result.allocation),
        (Message("proof of A"), result.allocation_proof),
        (Message("electricity"), result.electricity),
        (Message("potentials"), result.gwp_set),
        *((Message("data quality: {name}", name=name), value) for name, value in document["dataQuality"].items()),
        (Message("software"), result.software),
        *((Message("finding: {code}", code=each.code), each.message) for each in result.findings),
        *((Message("source"), facts().source(name)) for name in result.factor_sources),
    ]


def _line(line: FootprintLine) -> tuple[Any, ...]:
    of = line.provenance
    return (
        facts().named("stage", line.stage), line.group, line.item, line.quantity, line.unit, line.moved_in or None,
        line.formula, line.working, line.per_unit, line.emissions, of.activity_data, of.factor_data,
        of.source and facts().source(of.source), of.geography, of.year, line.place.at().text,
    )  # fmt: skip


def _sheet(book: Any, name: Text, headings: Sequence[Text], rows: Iterable[Sequence[Any]], language: str) -> None:
    sheet = book.create_sheet(say(name, language))
    titles = [say(heading, language) for heading in headings]
    widths = [len(title) for title in titles]
    for number, title in enumerate(titles, 1):
        sheet.cell(1, number, title).font = Font(bold=True)
    for row, values in enumerate(rows, 2):
        for number, value in enumerate(values, 1):
            if value is None:
                continue
            if isinstance(value, str | Mapping):
                value = say(value, language)
            cell = sheet.cell(row, number)
            try:
                cell.value = _content(value)
            except IllegalCharacterError:
                raise UsageError(
                    Message("a text holds a character that no cell can hold"), found=repr(value)[:80]
                ) from None
            if isinstance(cell.value, str):
                cell.data_type = "s"
            widths[number - 1] = max(widths[number - 1], min(60, len(str(value))))
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(10, width + 2)
    sheet.freeze_panes = "A2"


def _content(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    text = plain(value)
    number = float(text)
    return number if shown_number(number) == text else text
