"""Pictures without scripts: inline SVG, each with the same figures in a table under it.

x and width are percentages and there is no viewBox: bars stretch, text keeps its size from a phone to paper. Each mark
carries its own name and value, so there is no legend, and nothing hangs on a colour: solid, hatch, dots, and a dashed
outline for what is left over. A legal minimum is a tick with its value and year, solid for the next, dashed for later
ones; whether it is met stands in words. Only what this reader may read is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation

from markupsafe import Markup

from passport.battery.regime import LegalMinimum
from resolver.page.wording import Words

Number = Callable[[object], str]
_PITCH = 36
_FILLS = ("b1", "b2", "b3", "rest")
_METALS = ("recycledCobaltShare", "recycledNickelShare", "recycledLithiumShare", "recycledLeadShare")


@dataclass(frozen=True)
class Figure:
    """A picture, its caption and its table.

    :ivar drawing: SVG with a label that tells all values.
    :ivar rows: of the table: the row's name, then a cell for each further heading.
    """

    title: Markup
    note: Markup
    drawing: Markup
    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    total: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Bar:
    """:ivar shown: the value with its unit; :ivar rest: True for what is left over."""

    name: str
    value: Decimal
    shown: str
    rest: bool = False


def decimal(value: object) -> Decimal | None:
    """A signed quantity as a number, None where it is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e12") else None


def share(part: Decimal, whole: Decimal) -> str:
    """A share in per cent with one decimal."""
    return str((part * 100 / whole).quantize(Decimal("0.1")))


def _percent(words: Words) -> str:
    return "%" if words.language == "zh" else "\u202f%"


def _svg(height: int, label: str, *parts: Markup) -> Markup:
    return Markup('<svg width="100%" height={} role=img aria-label="{}">{}</svg>').format(
        height, label, Markup("").join(parts)
    )


def _patterns(key: str) -> Markup:
    """Hatch and dots. Ids are the document's, so each picture has its own."""
    return Markup(
        '<defs><pattern id={0}2 width=6 height=6 patternUnits=userSpaceOnUse patternTransform="rotate(45)">'
        "<path class=pp d=M0,0h6v6H0z /><path class=pl d=M0,0v6 /></pattern>"
        "<pattern id={0}3 width=5 height=5 patternUnits=userSpaceOnUse><path class=pp d=M0,0h5v5H0z />"
        "<circle class=pd cx=2.5 cy=2.5 r=1.35 /></pattern></defs>"
    ).format(key)


def _text(x: object, y: float, text: object, style: str = "") -> Markup:
    return Markup('<text x="{}" y={}{}>{}</text>').format(
        x, f"{y:g}", Markup(' class="{}"').format(style) if style else "", text
    )


def _rect(x: str, y: int, width: str, height: int, key: str, fill: str) -> Markup:
    paint = Markup(' fill="url(#{}{})"').format(key, fill[1]) if fill in ("b2", "b3") else ""
    return Markup('<rect x="{}" y={} width="{}" height={} class={}{} />').format(x, y, width, height, fill, paint)


def _line(x: str, top: float, bottom: float, style: str) -> Markup:
    return Markup('<line x1="{0}" x2="{0}" y1={1:g} y2={2:g} class={3} />').format(x, top, bottom, style)


# --- carbon footprint -------------------------------------------------------------------------------------------------


def footprint(claims: Mapping, words: Words, number: Number) -> Figure | None:
    """Carbon footprint by life-cycle stage, where the total and at least two stages are there and add up."""
    total = decimal(claims.get("batteryCarbonFootprint"))
    stages = (
        ("stage-raw", "carbonFootprintRawMaterials"), ("stage-production", "carbonFootprintProduction"),
        ("stage-distribution", "carbonFootprintDistribution"), ("stage-end", "carbonFootprintEndOfLife"),
    )
    parts = [(words(key), decimal(claims[id_]), claims[id_]) for key, id_ in stages if id_ in claims]
    if not total or total <= 0 or len(parts) < 2 or any(value is None or value < 0 for _, value, _ in parts):
        return None
    bars, rows = [], []
    for name, value, signed in parts:
        percent = share(value, total)
        bars.append(Bar(str(name), value, f"{number(signed)} · {percent}{_percent(words)}"))
        rows.append((name, number(signed), f"{percent}{_percent(words)}"))
    mass, energy = claims.get("absoluteCarbonFootprint"), claims.get("totalEnergyOverServiceLife")
    summed = words("chart-footprint-sum", mass=number(mass), energy=number(energy)) if mass and energy else ""
    whole = sum(bar.value for bar in bars)
    adds_up = whole == total
    return Figure(
        words("chart-footprint", total=number(claims["batteryCarbonFootprint"])),
        words("chart-footprint-note", sum=summed),
        # Stages that do not add up to the total are no parts of one bar.
        _stacked(bars, whole) if adds_up else _bars(bars),
        (str(words("chart-stage")), "kg CO₂e/kWh", str(words("chart-share"))),
        tuple(rows),
        (str(words("chart-total")), number(claims["batteryCarbonFootprint"]), "100" + _percent(words))
        if adds_up else None,
    )


def _stacked(bars: Sequence[Bar], whole: Decimal) -> Markup:
    """One bar in parts: the first and the last are named below it, those between above, each in a lane of its own."""
    lanes = max(0, len(bars) - 2)
    top = lanes * 36 + (6 if lanes else 0)
    marks, left = [_patterns("cf")], Decimal(0)
    for index, bar in enumerate(bars):
        width = bar.value * 100 / whole
        middle, right = left + width / 2, left + width
        fill = _FILLS[min(index, 3)]
        marks.append(_rect(f"{left:.2f}%", top, f"{width:.2f}%", 36, "cf", fill))
        if index:
            marks.append(_line(f"{left:.2f}%", top, top + 36, "gap"))
        first, last = index == 0, index == len(bars) - 1
        if first or last:
            x, end = ("0", "") if first else ("100%", "e ")
            if last and middle < 97:
                marks.append(_line(f"{middle:.2f}%", top + 36, top + 42, "ln"))
            marks += [_text(x, top + 57, bar.name, f"{end}b"), _text(x, top + 74, bar.shown, end.strip())]
        else:
            base = top - 6 - 36 * (index - 1)
            x, end = (f"{right:.2f}%", "e ") if right > 45 else (f"{left:.2f}%", "")
            marks.append(_line(f"{middle:.2f}%", base, top, "ln"))
            marks += [_text(x, base - 20, bar.name, f"{end}b"), _text(x, base - 4, bar.shown, end.strip())]
        left = right
    return _svg(top + 80, "; ".join(f"{bar.name} {bar.shown}" for bar in bars), *marks)


# --- materials --------------------------------------------------------------------------------------------------------


def raw_materials(claims: Mapping, words: Words, number: Number) -> Figure | None:
    """Critical raw materials by share of the pack's mass, and the rest."""
    entries = claims.get("criticalRawMaterials")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        value = decimal(entry.get("massFraction")) if isinstance(entry, dict) else None
        if value is not None and value >= 0:
            found.append((str(entry.get("substanceName", "—")), value, str(entry["massFraction"])))
    if len(found) < 2:
        return None
    gap = _percent(words)
    found.sort(key=lambda item: -item[1])
    bars = [Bar(name, value, f"{number(text)}{gap}") for name, value, text in found]
    left = Decimal(100) - sum(value for _, value, _ in found)
    total = None
    if 0 < left < 100:
        bars.append(Bar(str(words("other-materials")), left, f"{number(left)}{gap}", rest=True))
        total = (str(words("chart-total")), f"100{gap}")
    return Figure(
        words("chart-crm"),
        words("chart-crm-note-role" if "detailedComposition" in claims else "chart-crm-note"),
        _bars(bars),
        (str(words("chart-material")), str(words("chart-mass-share"))),
        tuple((bar.name, bar.shown) for bar in bars),
        total,
    )


def _bars(bars: Sequence[Bar]) -> Markup:
    longest = max((bar.value for bar in bars), default=Decimal(0)) or Decimal(1)
    marks = []
    for index, bar in enumerate(bars):
        y = index * _PITCH
        width = f"{max(bar.value, Decimal(0)) / longest * 94:.1f}%"
        marks += [
            _text(0, y + 12, bar.name),
            _text("100%", y + 12, bar.shown, "e b"),
            _rect("0", y + 19, width, 7, "", "rest" if bar.rest else "b1"),
        ]
    return _svg(len(bars) * _PITCH - 4, "; ".join(f"{bar.name} {bar.shown}" for bar in bars), *marks)


def recycled(
    claims: Mapping,
    words: Words,
    number: Number,
    *,
    minima: Mapping[str, Sequence[LegalMinimum]],
    on: date,
    day: Callable[[date], str],
) -> Figure | None:
    """Recycled share of each metal, with the least shares that the law names as ticks on the bar.

    :param minima: by indicator id, by their first days; of one regime.
    :param day: a date for people.
    """
    shown = []
    for id_ in _METALS:
        value = decimal(claims.get(id_)) if id_ in claims else None
        # A metal that is not in the battery has a share of 0; a bar of no length says nothing.
        if value is not None and 0 < value <= 100:
            shown.append((id_, str(words(f"metal-{id_}")), value, number(claims[id_])))
    if not shown:
        return None
    gap = _percent(words)
    days = sorted({least.due_from for id_, *_ in shown for least in minima.get(id_, ())})
    top = max([value for _, _, value, _ in shown] + [m.value for id_, *_ in shown for m in minima.get(id_, ())])
    scale = min(Decimal(100), top * Decimal("1.15"))
    marks, labels, rows = [_patterns("rc")], [], []
    pitch = 62 if days else _PITCH + 8
    for index, (id_, name, value, text) in enumerate(shown):
        y, ticks = index * pitch, minima.get(id_, ())
        following = next((least for least in ticks if least.due_from >= on), ticks[-1] if ticks else None)
        below = following is not None and value < following.value
        marks.append(_text(0, y + 12, f"{name} {text}{gap}", "b"))
        if following is not None:
            key = "below-minimum" if below else "above-minimum"
            marks.append(_text("100%", y + 12, words(key, year=following.due_from.year), "e q"))
        marks += [
            _rect("0", y + 20, "100%", 12, "", "track"),
            _rect("0", y + 20, f"{value * 100 / scale:.2f}%", 12, "rc", "b2" if below else "b1"),
        ]
        marks += _ticks(ticks, scale, y, number, gap)
        told = "; ".join(f"{_least(m, number, gap)} {m.due_from.year}" for m in ticks)
        labels.append(f"{name} {text}{gap}" + (f" ({words('minimum')} {told})" if told else ""))
        by_day = {m.due_from: f"≥ {_least(m, number, gap)}" for m in ticks}
        rows.append((name, f"{text}{gap}", *(by_day.get(one, "—") for one in days)))
    if days:
        note = words("chart-recycled-note") + words.space + words(
            "chart-minima", days=words.join([Markup("{}").format(day(one)) for one in days])
        )
    else:
        note = words("chart-recycled-note")
    return Figure(
        words("chart-recycled-minimum" if days else "chart-recycled"), note,
        _svg(len(shown) * pitch - (4 if days else 8), ", ".join(labels), *marks),
        (str(words("chart-metal")), str(words("chart-share")), *(str(words("from-day", date=day(d))) for d in days)),
        tuple(rows),
    )


def _least(least: LegalMinimum, number: Number, gap: str) -> str:
    return number(f"{least.value.normalize():f}") + gap


def _ticks(ticks: Sequence[LegalMinimum], scale: Decimal, y: int, number: Number, gap: str) -> list[Markup]:
    places = [float(least.value * 100 / scale) for least in ticks]
    marks = []
    for index, (least, place) in enumerate(zip(ticks, places, strict=True)):
        if index and place == places[index - 1]:
            continue  # the same value again; the table names both days
        x = f"{place:.2f}%"
        marks += [_line(x, y + 16, y + 37, "gap5"), _line(x, y + 16, y + 37, "tk2" if index else "tk1")]
        near = len(places) > 1 and 0 < abs(places[1] - places[0]) < 26
        style = "q e" if (near and not index) or place > 88 else "q" if near or place < 12 else "q mid"
        marks.append(_text(x, y + 50, f"{_least(least, number, gap)} {least.due_from.year}", f"{style} k"))
    return marks


# --- state of health --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """One read-out: when, the value drawn, and the cells of the table."""

    at: datetime
    value: Decimal
    cells: tuple[str, ...]


def over_time(
    readings: Sequence[Reading],
    words: Words,
    *,
    title: Markup,
    note: Markup,
    unit: str,
    headings: tuple[str, ...],
    threshold: tuple[Decimal, str] | None = None,
    marks: Sequence[tuple[datetime, str]] = (),
    day: Callable[[date], object],
    number: Number,
) -> Figure | None:
    """A line through the read-outs, where there are at least two of different times.

    The line does not start at zero, so its lowest gridline is labelled and the threshold drawn with its name.

    :param threshold: a value and what it is called. :param marks: what happened, on the line where it happened.
    """
    readings = sorted(readings, key=lambda reading: reading.at)
    if len(readings) < 2 or readings[0].at == readings[-1].at:
        return None
    start, end = readings[0].at.timestamp(), readings[-1].at.timestamp()
    values = [reading.value for reading in readings] + ([threshold[0]] if threshold else [])
    step = _step(max(values) - min(values))
    low = (min(values) / step).to_integral_value(ROUND_FLOOR) * step
    high = (max(values) / step).to_integral_value(ROUND_CEILING) * step
    if high == low:
        high += step

    def x(at: datetime) -> str:
        return f"{8 + 84 * (at.timestamp() - start) / (end - start):.2f}%"

    def y(value: Decimal) -> float:
        return float(22 + 150 * (high - value) / (high - low))

    drawn, grid = [], low
    while grid <= high:
        at = y(grid)
        drawn.append(Markup('<line x2="100%" y1={0:.1f} y2={0:.1f} class=gr />').format(at))
        drawn.append(_text(0, at - 5, number(f"{grid.normalize():f}"), "q"))
        grid += step
    if threshold:
        at = y(threshold[0])
        drawn.append(Markup('<line x2="100%" y1={0:.1f} y2={0:.1f} class=th />').format(at))
        drawn.append(_text("100%", at - 6, threshold[1], "e"))
    for one, two in zip(readings, readings[1:], strict=False):
        drawn.append(
            Markup('<line x1="{}" y1={:.1f} x2="{}" y2={:.1f} class=pl2 />').format(
                x(one.at), y(one.value), x(two.at), y(two.value)
            )
        )
    drawn += [
        Markup('<circle cx="{}" cy={:.1f} r=4 class=pt />').format(x(reading.at), y(reading.value))
        for reading in readings
    ]
    last = readings[-1]
    drawn.append(_text("100%", y(last.value) + 18, f"{number(last.value)}{unit}", "e b"))
    for at, text in marks:
        if readings[0].at <= at <= last.at:
            after = next(reading for reading in readings if reading.at >= at)
            place = y(after.value)
            drawn += [_line(x(at), place - 30, place - 6, "ln"), _text(x(at), place - 35, text, "mid")]
    years = list(dict.fromkeys((readings[0].at.year, last.at.year)))
    drawn.append(_text(x(readings[0].at), 196, years[0], "mid q"))
    if len(years) > 1:
        drawn.append(_text(x(last.at), 196, years[-1], "mid q"))
    label = words(
        "chart-line-label", first=f"{number(readings[0].value)}{unit}", last=f"{number(last.value)}{unit}",
        start=day(readings[0].at.date()), end=day(last.at.date()),
    )
    rows = tuple((day(reading.at.date()), *reading.cells) for reading in readings)
    return Figure(title, note, _svg(202, str(label), *drawn), headings, rows)


def _step(spread: Decimal) -> Decimal:
    """Distance of the gridlines: three to five of them."""
    for size in (Decimal(p).scaleb(e) for e in range(-2, 7) for p in (1, 2, 5)):
        if spread <= size * 4:
            return size
    return Decimal(10) ** 7
