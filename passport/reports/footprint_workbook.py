"""The report of a footprint as a workbook: one sheet each for the figure, stages, lines, cuts, readings and inputs.

Numbers stand as numbers where the program shows them as they are, else as text. What somebody's data says is text,
never a formula. The bytes depend on the report alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError

from passport.errors import UsageError
from passport.exchange.spreadsheet.workbook import shown_number
from passport.exchange.spreadsheet.workbook_writer import empty, saved
from passport.footprint.facts import facts
from passport.footprint.footprint_report import FootprintReport
from passport.footprint.result import plain
from passport.texts import Message


def workbook(report: FootprintReport, language: str = "en") -> bytes:
    """The bytes of the workbook.

    :raises UsageError: a text that no cell can hold.
    """
    zh = language == "zh"
    book = empty()
    result, said = report.result, report.to_json()

    def stage(code: str) -> str:
        return facts().label("stage", code, language)

    energy, quality = said["energyOverServiceLife"], said["dataQuality"]
    _sheet(
        book,
        "结果" if zh else "result",
        ("项目", "值") if zh else ("item", "value"),
        [
            ("model", result.model),
            ("plant", result.plant),
            ("period", result.period),
            ("method", result.method),
            ("method name", report.method.label[language]),
            ("boundary", facts().label("boundary", result.boundary, language)),
            ("functional unit", result.functional_unit[language]),
            ("kg CO2e", result.total),
            ("kWh over the service life", result.energy.total),
            *energy.items(),
            *said["indicators"].items(),
            ("kg CO2e per kWh of capacity", result.per_capacity.value),
            ("allocation factor A", result.allocation),
            ("proof of A", result.allocation_proof),
            ("electricity", result.electricity),
            ("potentials", result.gwp_set),
            *((f"data quality: {name}", value) for name, value in quality.items()),
            ("software", result.software),
            *((f"finding: {each.code}", each.message[language]) for each in result.findings),
            *(("source", source) for source in result.factor_sources),
        ],
    )
    _sheet(
        book,
        "阶段" if zh else "stages",
        ("阶段", "kg CO2e", "%") if zh else ("stage", "kg CO2e", "%"),
        [(stage(code), value, result.share(code)) for code, value in result.stages.items()],
    )
    _sheet(
        book, "材料" if zh else "materials", ("材料", "kg CO2e") if zh else ("material", "kg CO2e"), report.by_material
    )
    _sheet(
        book,
        "明细" if zh else "lines",
        (
            "stage",
            "group",
            "item",
            "quantity",
            "unit",
            "moved in",
            "formula",
            "working",
            "kg CO2e per unit",
            "kg CO2e",
            "activity data",
            "factor data",
            "source",
            "geography",
            "year",
            "place",
        ),
        (
            (
                stage(line.stage),
                line.group,
                line.item,
                line.quantity,
                line.unit,
                line.moved_in or None,
                line.formula,
                line.working,
                line.per_unit,
                line.emissions,
                line.provenance.activity_data,
                line.provenance.factor_data,
                line.provenance.source,
                line.provenance.geography,
                line.provenance.year,
                str(line.place.at()),
            )
            for line in result.lines
        ),
    )
    _sheet(
        book,
        "取舍" if zh else "cut-offs",
        (
            "component",
            "material",
            "mass kg",
            "component mass kg",
            "moved to",
            "difference kg CO2e",
        ),
        ((cut.component, cut.name, cut.mass, cut.share_of, cut.receiver, cut.difference) for cut in result.cut_offs),
    )
    _sheet(
        book,
        "其他理解" if zh else "readings",
        (
            "reading",
            "kg CO2e",
            "kWh",
            "kg CO2e/kWh",
            "difference",
        ),
        (
            (each.label[language], each.total, each.energy, each.per_functional_unit, each.difference)
            for each in report.readings
        ),
    )
    _sheet(
        book,
        "敏感性" if zh else "influences",
        ("input, a tenth more", "kg CO2e/kWh", "%"),
        ((each.input[language], each.effect, each.per_cent) for each in report.influences),
    )
    return saved(book)


def _sheet(book: Any, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.create_sheet(name)
    widths = [len(heading) for heading in headings]
    for number, heading in enumerate(headings, 1):
        sheet.cell(1, number, heading).font = Font(bold=True)
    for row, values in enumerate(rows, 2):
        for number, value in enumerate(values, 1):
            if value is None:
                continue
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
