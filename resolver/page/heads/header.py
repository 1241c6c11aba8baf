"""The head of the page: what battery this is, its code as printed on the plate, and the QR code of its address."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import PassportError
from passport.reports import qr_code, svg
from passport.reports.isolation import isolated
from passport.vocabulary.vocabulary import Vocabulary
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.indicators import value_cells
from resolver.page.macros import CELLS
from resolver.page.wording import Words

_FACTS = (
    ("chemistry", "batteryChemistry"), ("energy", "ratedEnergy"), ("made", "manufacturingDate"),
    ("voltage", "nominalVoltage"), ("mass", "batteryMass"),
)  # fmt: skip

Code = tuple[tuple[tuple[str, str], ...], ...]


def name(context: PageContext) -> str:
    """The model's designation, else the last part of its address."""
    return str(context.claims.get("batteryModelIdentifier") or context.view.model.rsplit("/", 1)[-1])


def serial(context: PageContext) -> str | None:
    """The serial number; None on the page of a model or batch."""
    if context.is_model:
        return None
    return str(context.claims.get("serialNumber") or context.view.subject.rsplit("/", 1)[-1])


def maker(context: PageContext) -> Markup:
    """The kind of battery and its maker; the maker's name in the reader's language first."""
    words, category = context.words, context.category
    kind = context.in_text("batteryCategory", category) if category else ""
    called, other = f.one_language(str(context.claims.get("manufacturerName", "")), words.language)
    line = words("maker-line", category=kind, maker=called) if called else isolated(kind)
    if other:
        return isolated(CELLS.maker(line, f.language_of(other), other))
    return line


def maker_name(context: PageContext) -> str:
    """The maker's name in the reader's language; empty where there is none."""
    return f.one_language(str(context.claims.get("manufacturerName", "")), context.words.language)[0]


def gtin(context: PageContext) -> str | None:
    """The GTIN of the model, where it has one."""
    value = context.claims.get("gtin")
    return value if isinstance(value, str) else None


def facts(context: PageContext) -> tuple[tuple[Markup, Markup], ...]:
    """The few figures that tell one battery from another."""
    indicators = context.here.vocabulary.indicators
    return tuple(
        (
            context.words(key),
            _short(id_, value_cells.render(indicators[id_], context.claims[id_], context.words).html, context),
        )
        for key, id_ in _FACTS
        if id_ in context.claims
    )


def _short(id_: str, html: Markup, context: PageContext) -> Markup:
    """A chemistry in its short name, everything else as it is."""
    value = context.claims[id_]
    short = value.get("chemistryShortName") if id_ == "batteryChemistry" and isinstance(value, dict) else None
    return isolated(short) if isinstance(short, str) else html


def code(context: PageContext) -> Code:
    """The GB/T 34014 code of the pack in its parts; empty where it has none."""
    return code_groups(str(context.claims.get("packTractionBatteryCode", "")), context.words, context.here.vocabulary)


def code_groups(text: str, words: Words, vocabulary: Vocabulary) -> Code:
    """A GB/T 34014 code in its parts, in two lines that break where the GTIN's part ends; empty for other texts."""
    try:
        parts = TractionBatteryCode.parse(text, lenient=True)
    except PassportError:
        return ()
    kinds, objects = vocabulary.enumerations["batteryTypeCode"], vocabulary.enumerations["codedObject"]
    design = (
        (parts.manufacturer, words("code-maker")),
        (parts.product_type, objects.in_text(parts.product_type, words.language)),
        (parts.battery_type, kinds.in_text(parts.battery_type, words.language)),
        (parts.specification, words("code-specification")),
    )  # fmt: skip
    item = [(parts.date_characters, f.day(parts.production_date, words.language)), (parts.serial, words("code-serial"))]
    if parts.traceability:
        item.insert(0, (parts.traceability, words("code-traceability")))
    if parts.second_life:
        item.append((f"R{parts.second_life}", words("code-second-life")))
    return tuple(tuple((text, str(caption)) for text, caption in group) for group in (design, item))


def symbol(address: str, words: Words) -> Markup:
    """The QR code of an address, black on white in both colour schemes."""
    rows = qr_code.matrix(address, "M")
    # A stroke one module high along the middle of each row: a third of the text that outlines take.
    path = "".join(_row(row, y) for y, row in enumerate(rows))
    return svg.symbol(len(rows), words("qr"), path)


def _row(row: Sequence[bool], y: int) -> str:
    """The dark runs of one row, each reached from the end of the one before."""
    marks, pen, x = [], None, 0
    while x < len(row):
        end = x
        while end < len(row) and row[end] == row[x]:
            end += 1
        if row[x]:
            marks.append(f"M{x} {y}.5h{end - x}" if pen is None else f"m{x - pen} 0h{end - x}")
            pen = end
        x = end
    return "".join(marks)
