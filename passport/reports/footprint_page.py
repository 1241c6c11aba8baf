"""The report of a footprint as one HTML file: no script, no request, charts as SVG with their tables beside them.

What a person asks, in this order: the figure and its method; what to be careful about; where it comes from, by stage
and by material; which inputs move it; what other readings give; what was cut off; how good the data are; every line.
Here the figures are put into words; ``templates/footprint.html`` lays them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from passport.footprint.declared import names_of
from passport.footprint.facts import facts
from passport.footprint.footprint_report import FootprintReport
from passport.footprint.result import FootprintLine, plain
from passport.reports import svg
from passport.reports.report_words import COMMON
from passport.reports.standalone_page import render
from passport.texts import Message, Text, listed, say
from passport.texts.isolation import isolated_text

#: Rows of the table of lines. An auditor of a longer inventory takes the workbook, which holds all.
MOST_LINES = 2000
_MATERIALS = 12
#: Height of a bar with its name, in pixels; characters of a name above it.
_PITCH, _NAME = 44, 48
_KG, _PER_KWH = "kg CO2e", "kg CO2e/kWh"
_PERCENTAGE = Message("{number}\u202f%")

TEXTS: dict[str, Text] = {
    "title": Message("Carbon footprint"),
    "figure": Message("kg CO2e per kWh delivered over the service life"),
    "not": Message("Not to be compared with figures per kWh of capacity, or by another method."),
    "battery": Message("One battery"),
    "energy": Message("Energy over the service life"),
    "method": Message("Method"),
    "boundary": Message("Boundary"),
    "unit": Message("Functional unit"),
    "plant": Message("Plant"),
    "period": Message("Period of the data"),
    "software": Message("Calculated with"),
    "allocation": Message("Allocation factor A"),
    "electricity": Message("Electricity"),
    "capacity": Message("Per kWh of capacity, for plausibility"),
    "careful": Message("To be careful about"),
    "nothing": Message("Nothing."),
    "stages": Message("Where it comes from, by stage"),
    "materials": Message("Materials and parts"),
    "others": Message("others"),
    "significant": Message("Materials and parts that make up 95 %"),
    "significant-note": Message("Largest first, with their cumulative share of what materials and parts bring in."),
    "cumulative": Message("Cumulative share"),
    "items": Message("What ISO 14067 asks a report to state"),
    "items-note": Message("In the order of clause 7. What the inventory does not say is named as such."),
    "stated": Message("Stated"),
    "unstated": Message("not stated in the inventory"),
    "manufacturer": Message("Manufacturer"),
    "country": Message("Country of the plant"),
    "influence": Message("Which inputs move the result most"),
    "influence-note": Message("What the result does when one input rises by a tenth."),
    "readings": Message("What other readings would give"),
    "readings-note": Message("The draft is ambiguous in places; each line changes one reading and leaves the rest."),
    "cuts": Message("What was cut off"),
    "cuts-note": Message("Below 1 % of the component's mass; the mass was moved to the input with the highest factor."),
    "quality": Message("Data quality"),
    "rating": Message("Rating of secondary data"),
    "rated": Message("rated"),
    "unrated": Message("defaults, not rated"),
    "primary": Message("primary data"),
    "rating-of": Message("{rating}, {quality} (should be at most {limit})"),
    "sources": Message("Sources of the factors"),
    "lines": Message("Every line, from datum to result"),
    "more": Message(
        "{n:,} more line is in the workbook and in the JSON form of this report.",
        plural="{n:,} more lines are in the workbook and in the JSON form of this report.",
    ),
    "name": Message("Name"),
    "input": Message("Input"),
    "change": Message("Change"),
    "difference": Message("Difference"),
    "item": Message("Item"),
    "working": Message("Working"),
    "data": Message("Data"),
    "place": Message("Place"),
    "component": Message("Component"),
    "mass": Message("Mass"),
    "to": Message("Moved to"),
    "none": Message("none rated"),
    "reading": Message("Reading"),
    "maker": Message("maker's value"),
    "maker-by": Message("maker's value: {basis}"),
    "energy-of": Message("{total} = {usable} × {cycles} cycles a year ({origin}) × {years} years"),
    "capacity-of": Message("{figure} ({low}–{high}, ⌀ {mean})"),
    "allocation-of": Message("{factor} ({proof})"),
    "values-of": Message("{label}: {figures}"),
}


@dataclass(frozen=True)
class FootprintBar:
    """One bar: its value in words, and its share of the total."""

    name: str
    value: str
    share: str


@dataclass(frozen=True)
class Chart:
    """Bars from a common zero.

    :ivar drawing: SVG with a label that tells all values.
    """

    bars: tuple[FootprintBar, ...]
    drawing: Markup
    total: str


@dataclass(frozen=True)
class FootprintTable:
    """:ivar key: of the texts: what it is called; :ivar numbers: places of the columns that hold numbers."""

    key: str
    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    numbers: frozenset[int]


def html(report: FootprintReport, language: str = "en") -> str:
    """The report as one HTML document.

    :param language: the reader's.
    """
    return render(
        "footprint.html", TEXTS, language, result=report.result, figure=_grouped(_indicators(report)),
        facts=tuple(_facts(report, language)), stages=_stages(report, language),
        materials=_by_material(report, language), significant=_significant(report, language),
        items=_items(report, language), kinds=tuple(
            (say(facts().named("data-kind", kind), language), _unit(value, _KG, 1))
            for kind, value in report.result.by_data_kind.items()
        ), influence=_influence(report, language),
        readings=_readings(report, language), cuts=_cuts(report, language), rating=_rating(report, language),
        quality=tuple(
            (key, _unit(getattr(report.result.quality, key), _KG, 1)) for key in ("primary", "rated", "unrated")
        ),
        sources=[facts().source(name) for name in report.result.factor_sources],
        lines=_lines(report, language), left_out=max(0, len(report.result.lines) - MOST_LINES),
    )  # fmt: skip


def _indicators(report: FootprintReport) -> str:
    return str(report.to_json()["indicators"][names_of(report.result.method).total])


def _facts(report: FootprintReport, language: str) -> Iterator[tuple[str, str, str | None]]:
    """What the figure rests on: name, text, and a code where there is one. What is not known is left out."""
    result, known, energy = report.result, facts(), report.result.energy
    origin = known.named("vehicle-class", energy.cycles_from)
    if energy.cycles_from == "maker":
        origin = _text("maker-by", basis=energy.basis) if energy.basis else _text("maker")
    low, high, mean = (plain(known.number("setting", f"capacity-{end}")) for end in ("low", "high", "mean"))
    proof, factor = result.allocation_proof, plain(result.allocation)
    particulars: tuple[tuple[str, Text | None, str | None], ...] = (
        ("battery", _unit(result.total, _KG), None),
        ("energy", _text("energy-of", total=_unit(energy.total, "kWh"), usable=_unit(energy.usable, "kWh"),
                         cycles=_number(energy.cycles), origin=origin, years=_number(energy.years)), None),
        ("boundary", known.named("boundary", result.boundary), None),
        ("unit", result.functional_unit, None),
        ("method", report.method.label, result.method),
        ("manufacturer", result.manufacturer, None),
        ("plant", result.plant, None),
        ("country", result.plant_country, None),
        ("period", result.period, None),
        ("allocation", _text("allocation-of", factor=factor, proof=proof) if proof else factor, None),
        ("electricity", result.electricity, None),
        ("capacity", _text("capacity-of", figure=_unit(result.per_capacity.value, _PER_KWH, 2), low=low, high=high,
                           mean=mean), None),
        ("software", result.software, None),
    )  # fmt: skip
    yield from ((key, say(text, language), code) for key, text, code in particulars if text)


def _stages(report: FootprintReport, language: str) -> Chart:
    named = [(facts().label("stage", stage, language), value) for stage, value in report.result.stages.items()]
    return _chart("stages", named, _say("stages", language), report.result.total, language)


def _by_material(report: FootprintReport, language: str) -> Chart | None:
    rows = list(report.by_material)
    if not rows:
        return None
    rest = sum((value for _, value in rows[_MATERIALS:]), Decimal(0))
    shown = rows[:_MATERIALS] + ([(_say("others", language), rest)] if rest else [])
    return _chart("materials", shown, _say("materials", language), report.result.total, language)


def _chart(key: str, rows: Sequence[tuple[str, Decimal]], label: str, total: Decimal, language: str) -> Chart:
    """:param key: of the section; the picture's patterns are named after it."""
    values = [value for _, value in rows]
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    span = (high - low) or Decimal(1)
    zero = f"{-low / span * 100:.3f}%"
    bars, marks = [], [svg.patterns(key)]
    for number, (name, value) in enumerate(rows):
        share = _percent(value * 100 / total, language) if total else ""
        bars.append(FootprintBar(name, _number(value), share))
        top, start, width = number * _PITCH, (min(value, Decimal(0)) - low) / span, abs(value) / span
        rounded = _unit(value, _KG, 1)
        marks += [
            svg.text(0, top + 14, name[:_NAME]),
            svg.text("100%", top + 14, f"{rounded} · {share}" if share else rounded, "e"),
            svg.rect(f"{start * 100:.3f}%", top + 20, f"{width * 100:.3f}%", 14, key, "b2" if value < 0 else "b1"),
            svg.line(zero, top + 17, top + 37, "ln"),
        ]
    named = [f"{isolated_text(bar.name)} {_number(value, 1)} {_KG}" for bar, value in zip(bars, values, strict=True)]
    text = _say("values-of", language, label=label, figures=named)
    drawing = svg.picture(len(bars) * _PITCH + 4, text, *marks)
    return Chart(tuple(bars), drawing, _number(sum(values, Decimal(0))))


def _significant(report: FootprintReport, language: str) -> FootprintTable:
    return FootprintTable(
        "significant", (_say("name", language), _KG, _say("cumulative", language)),
        tuple(
            (name, _number(value, 1), _percent(share * 100, language)) for name, value, share in report.significant
        ), frozenset({1, 2}),
    )  # fmt: skip


def _items(report: FootprintReport, language: str) -> FootprintTable:
    return FootprintTable(
        "items", (_say("item", language), _say("stated", language)),
        tuple(
            (say(item.label, language),
             listed([say(text, language) for text in item.texts], language) or _say("unstated", language))
            for item in report.items
        ), frozenset(),
    )  # fmt: skip


def _influence(report: FootprintReport, language: str) -> FootprintTable:
    return FootprintTable(
        "influence", (_say("input", language), _PER_KWH, _say("change", language)),
        tuple(
            (say(each.input, language), _signed(each.effect, 6), _percentage(_signed(each.per_cent, 2), language))
            for each in report.influences
        ), frozenset({1, 2}),
    )  # fmt: skip


def _readings(report: FootprintReport, language: str) -> FootprintTable:
    return FootprintTable(
        "readings", (_say("reading", language), _KG, _PER_KWH, _say("difference", language)),
        tuple(
            (say(each.label, language), _number(each.total, 3), _number(each.per_functional_unit, 6),
             _signed(each.difference, 6))
            for each in report.readings
        ), frozenset({1, 2, 3}),
    )  # fmt: skip


def _cuts(report: FootprintReport, language: str) -> FootprintTable:
    headings = ("name", "component", "mass", "share", "to", "difference")
    return FootprintTable(
        "cuts", tuple(_say(key, language) for key in headings),
        tuple(
            (cut.name, cut.component, _unit(cut.mass, "kg"), _percent(cut.mass * 100 / cut.share_of, language, 2),
             cut.receiver, _unit(cut.difference, _KG, 3))
            for cut in report.result.cut_offs
        ), frozenset({2, 3, 5}),
    )  # fmt: skip


def _rating(report: FootprintReport, language: str) -> str:
    quality = report.result.quality
    if quality.rating is None:
        return _say("none", language)
    return _say(
        "rating-of", language, rating=_number(quality.rating, 2),
        quality=facts().named("quality-class", quality.category or ""), limit=plain(quality.limit),
    )  # fmt: skip


def _lines(report: FootprintReport, language: str) -> FootprintTable:
    headings = (*(_say(key, language) for key in ("item", "component", "stage", "working")), _KG,
                *(_say(key, language) for key in ("data", "place")))  # fmt: skip
    return FootprintTable(
        "lines", headings,
        tuple(
            (say(facts().item(line.key[0], line.item), language), line.group,
             facts().label("stage", line.stage, language), line.working, _number(line.emissions, 4),
             _provenance(line, language), say(line.place.at().text, language))
            for line in report.result.lines[:MOST_LINES]
        ), frozenset({4}),
    )  # fmt: skip


def _provenance(line: FootprintLine, language: str) -> str:
    of = line.provenance
    kind, source = facts().named("data-kind", of.factor_data), facts().source(of.source or "")
    return " · ".join(say(each, language) for each in (kind, source, of.geography, of.year and str(of.year)) if each)


def _text(key: str, **values: object) -> Text:
    text = TEXTS[key] if key in TEXTS else COMMON[key]
    return text.fill(**values) if isinstance(text, Message) else text


def _say(key: str, language: str, **values: object) -> str:
    return say(_text(key, **values), language)


def _percentage(number: str, language: str) -> str:
    return say(_PERCENTAGE.fill(number=number), language)


def _percent(value: Decimal, language: str, places: int = 1) -> str:
    return _percentage(_number(value, places), language)


def _unit(value: Decimal, unit: str, places: int | None = None) -> str:
    return f"{_number(value, places)}\u202f{unit}"


def _number(value: Decimal, places: int | None = None) -> str:
    return _grouped(plain(value) if places is None else f"{value:.{places}f}")


def _signed(value: Decimal, places: int) -> str:
    return ("+" if value > 0 else "") + _number(value, places)


def _grouped(text: str) -> str:
    whole, point, rest = text.removeprefix("-").partition(".")
    return ("\u2212" if text.startswith("-") else "") + f"{int(whole):,}" + point + rest
