"""Pictures without scripts: inline SVG, each with the same figures in a table under it.

Each mark carries its own name and value, so there is no legend. No meaning depends on a colour: fills are solid,
hatched or dotted, and the remainder has a dashed outline. A legal minimum is a tick with its value and year, solid for
the next one, dashed for later ones; a sentence says whether it is met. Only values that this reader may read are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

from passport.footprint.declared import ENERGY, EUROPEAN, FigureNames
from passport.reports import svg
from passport.texts import Text
from passport.texts.isolation import isolated_text
from passport.vocabulary.regime import LegalMinimum
from passport.vocabulary.vocabulary import Enumeration
from resolver.page import formatting as f
from resolver.page.indicators import value_cells
from resolver.page.wording import Words

_PITCH = 36
_SCALES = tuple(Decimal(end) for end in (10, 20, 30, 40, 50, 100))
_FILLS = ("b1", "b2", "b3", "rest")
#: Indicators of the metals, in the order of the law.
_METALS = ("recycledCobaltShare", "recycledNickelShare", "recycledLithiumShare", "recycledLeadShare")


@dataclass(frozen=True)
class Figure:
    """A picture, its caption and its table.

    :ivar drawing: SVG with a label that tells all values.
    :ivar rows: of the table: the row's name, then a cell for each further heading.
    :ivar tells: ids of the entries of which the table tells every part; they have no row elsewhere.
    """

    title: Markup
    note: Markup
    drawing: Markup
    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    total: tuple[str, ...] | None = None
    tells: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartBar:
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


def shares(parts: Sequence[Decimal], whole: Decimal) -> list[str]:
    """Shares in per cent with one decimal; those of parts that make up the whole add up to 100.0."""
    exact = [part * 1000 / whole for part in parts]
    tenths = [int(each.to_integral_value()) for each in exact]
    if sum(parts) == whole:
        tenths = [int(each.to_integral_value(ROUND_FLOOR)) for each in exact]
        # What rounding down took goes to the parts that lost most.
        order = sorted(range(len(parts)), key=lambda at: tenths[at] - exact[at])
        for at in order[: 1000 - sum(tenths)]:
            tenths[at] += 1
    return [f"{tenth // 10}.{tenth % 10}" for tenth in tenths]


# --- carbon footprint -------------------------------------------------------------------------------------------------


def footprint(
    claims: Mapping[str, Any],
    words: Words,
    *,
    names: Mapping[str, Text],
    of: FigureNames = EUROPEAN,
    codes: Mapping[str, Enumeration] | None = None,
) -> Figure | None:
    """Carbon footprint by life-cycle stage, where the total and at least two stages are there and add up.

    The note says by which method, within which boundary; the figures of two regimes are two pictures.

    :param names: of the stages, by the id of their indicators.
    :param of: the indicators of one regime's footprint.
    :param codes: the lists of methods and of boundaries, by the id of their indicators.
    """
    total = decimal(claims.get(of.total))
    signed_parts = [(words.say(names[id_]), decimal(claims[id_]), claims[id_]) for id_ in of.stages if id_ in claims]
    parts = [(name, value, signed) for name, value, signed in signed_parts if value is not None and value >= 0]
    if not total or total <= 0 or len(parts) < 2 or len(parts) < len(signed_parts):
        return None
    bars, rows = [], []
    for (name, value, signed), percent in zip(parts, shares([value for _, value, _ in parts], total), strict=True):
        shown, share = words.number(signed), words.percent(percent)
        bars.append(ChartBar(name, value, f"{shown} · {share}"))
        rows.append((name, shown, share))
    # The energy is the base of one regime's figures: it divides no other's mass.
    mass, energy = claims.get(of.absolute), claims.get(ENERGY) if of.fills_energy else None
    summed = (
        words("chart-footprint-sum", mass=words.number(mass), energy=words.number(energy)) if mass and energy else ""
    )
    whole = sum((bar.value for bar in bars), Decimal(0))
    adds_up = whole == total
    largest = max(bars, key=lambda bar: bar.value)
    most = adds_up and largest.value * 2 > whole
    key = ("chart-footprint", "chart-footprint-most") if of is EUROPEAN else (
        "chart-footprint-cn", "chart-footprint-cn-most",
    )  # fmt: skip
    return Figure(
        words(key[most], total=words.number(claims[of.total]), stage=largest.name),
        words("chart-footprint-note", sum=summed) + words.space + method_and_boundary(claims, words, of, codes or {}),
        # Stages that do not add up to the total are no parts of one bar.
        _stacked(bars, whole, "cf" if of is EUROPEAN else "cn") if adds_up else _bars(bars),
        (str(words("stage")), "kg CO₂e/kWh", str(words("share"))),
        tuple(rows),
        (str(words("total")), words.number(claims[of.total]), words.percent("100")) if adds_up else None,
        (*of.stages, of.method, of.boundary),
    )


def method_and_boundary(
    claims: Mapping[str, Any], words: Words, of: FigureNames, codes: Mapping[str, Enumeration]
) -> Markup:
    """By which method and within which boundary one regime's figures were calculated, or that it is not stated."""
    basis = []
    for id_ in (of.method, of.boundary):
        value = claims.get(id_)
        entry = codes[id_].get(value) if id_ in codes and isinstance(value, str) else None
        basis.append(words.say(entry.label) if entry else value if isinstance(value, str) else words("not-stated"))
    return words("chart-footprint-by", method=basis[0], boundary=basis[1])


def _stacked(bars: Sequence[ChartBar], whole: Decimal, key: str) -> Markup:
    """One bar in parts: the first and the last are named below it, those between above, each in a lane of its own."""
    lanes = max(0, len(bars) - 2)
    top = lanes * 36 + (6 if lanes else 0)
    marks, left = [svg.patterns(key)], Decimal(0)
    for index, bar in enumerate(bars):
        width = bar.value * 100 / whole
        middle, right = left + width / 2, left + width
        fill = _FILLS[min(index, 3)]
        marks.append(svg.rect(f"{left:.2f}%", top, f"{width:.2f}%", 36, key, fill))
        if index:
            marks.append(svg.line(f"{left:.2f}%", top, top + 36, "gap"))
        first, last = index == 0, index == len(bars) - 1
        if first or last:
            x, end = ("0", "") if first else ("100%", "e ")
            if last and middle < 97:
                marks.append(svg.line(f"{middle:.2f}%", top + 36, top + 42, "ln"))
            marks += [svg.text(x, top + 57, bar.name, f"{end}b"), svg.text(x, top + 74, bar.shown, end.strip())]
        else:
            base = top - 6 - 36 * (index - 1)
            x, end = (f"{right:.2f}%", "e ") if right > 45 else (f"{left:.2f}%", "")
            marks.append(svg.line(f"{middle:.2f}%", base, top, "ln"))
            marks += [svg.text(x, base - 20, bar.name, f"{end}b"), svg.text(x, base - 4, bar.shown, end.strip())]
        left = right
    return svg.picture(top + 80, _in_words(bars), *marks)


def _in_words(bars: Sequence[ChartBar]) -> str:
    """All values of a picture, for those who do not see it."""
    return "; ".join(f"{isolated_text(bar.name)} {bar.shown}" for bar in bars)


# --- materials --------------------------------------------------------------------------------------------------------


def raw_materials(claims: Mapping[str, Any], words: Words) -> Figure | None:
    """Critical raw materials by share of the pack's mass, and the rest."""
    claimed = claims.get("criticalRawMaterials")
    entries = claimed if isinstance(claimed, list) else []
    shares = []
    for entry in entries:
        value = decimal(entry.get("massFraction")) if isinstance(entry, dict) else None
        if value is not None and value >= 0:
            shares.append((value, entry))
    if len(shares) < 2:
        return None
    shares.sort(key=lambda item: -item[0])
    bars = [
        ChartBar(
            Markup(value_cells.substance(entry, words).split(" <small")[0]).striptags(), value,  # noqa: S704 - escaped
            words.percent(entry["massFraction"]),
        )
        for value, entry in shares
    ]  # fmt: skip
    names: list[object] = [value_cells.substance(entry, words) for _, entry in shares]
    numbers = [str(entry.get("substanceIdentifier", "—")) for _, entry in shares]
    left = Decimal(100) - sum(value for value, _ in shares)
    total = None
    if 0 < left < 100:
        bars.append(ChartBar(str(words("other-materials")), left, words.percent(left), rest=True))
        names.append(str(words("other-materials")))
        numbers.append("")
        total = (str(words("total")), "", words.percent("100"))
    return Figure(
        words("chart-crm"),
        words("chart-crm-note-role" if "detailedComposition" in claims else "chart-crm-note"),
        _bars(bars),
        (str(words("chart-material")), str(words("chart-cas")), str(words("chart-mass-share"))),
        tuple((name, number, bar.shown) for name, bar, number in zip(names, bars, numbers, strict=True)),
        total,
        ("criticalRawMaterials",) if len(shares) == len(entries) else (),
    )


def _bars(bars: Sequence[ChartBar]) -> Markup:
    longest = max((bar.value for bar in bars), default=Decimal(0)) or Decimal(1)
    marks = []
    for index, bar in enumerate(bars):
        y = index * _PITCH
        width = f"{max(bar.value, Decimal(0)) / longest * 94:.1f}%"
        marks += [
            svg.text(0, y + 12, bar.name),
            svg.text("100%", y + 12, bar.shown, "e b"),
            svg.rect("0", y + 19, width, 7, "", "rest" if bar.rest else "b1"),
        ]
    return svg.picture(
        len(bars) * _PITCH - 4, "; ".join(f"{isolated_text(bar.name)} {bar.shown}" for bar in bars), *marks
    )


def recycled(
    claims: Mapping[str, Any],
    words: Words,
    *,
    names: Mapping[str, Text],
    minima: Mapping[str, Sequence[LegalMinimum]],
    on: date,
) -> Figure | None:
    """Recycled share of each metal, with the least shares that the law names as ticks on the bar.

    :param names: of the metals, by the id of their indicators.
    :param minima: by indicator id, by their first days; of one regime.
    """
    shown = []
    for id_ in _METALS:
        value = decimal(claims.get(id_)) if id_ in claims else None
        # A metal that is not in the battery has a share of 0; a bar of no length says nothing.
        if value is not None and 0 < value <= 100:
            shown.append((id_, words.say(names[id_]), value, words.percent(claims[id_])))
    if not shown:
        return None
    days = sorted({least.due_from for id_, *_ in shown for least in minima.get(id_, ())})
    top = max([value for _, _, value, _ in shown] + [m.value for id_, *_ in shown for m in minima.get(id_, ())])
    # A bar of 12 per cent in a frame of 14 would look like nearly all: the scale has round ends, which are named.
    scale = next(end for end in _SCALES if end >= top)
    marks, labels, rows = [svg.patterns("rc")], [], []
    met: list[str] = []
    unmet: list[str] = []
    years: set[int] = set()
    pitch = 62 if days else _PITCH + 8
    for index, (id_, name, value, text) in enumerate(shown):
        y, ticks = index * pitch, minima.get(id_, ())
        following = next((least for least in ticks if least.due_from >= on), ticks[-1] if ticks else None)
        below = following is not None and value < following.value
        marks.append(svg.text(0, y + 12, f"{name} {text}", "b"))
        if following is not None:
            years.add(following.due_from.year)
            (unmet if below else met).append(name)
            key = "below-minimum" if below else "above-minimum"
            marks.append(svg.text("100%", y + 12, words(key, year=following.due_from.year), "e q"))
        marks += [
            svg.level(y + 32, "gr"),
            svg.rect("0", y + 20, f"{value * 100 / scale:.2f}%", 12, "rc", "b2" if below else "b1"),
        ]
        marks += _ticks(ticks, scale, y, words)
        minima_text = "; ".join(f"{_least(m, words)} {m.due_from.year}" for m in ticks)
        labels.append(f"{name} {text}" + (f" ({words('minimum')} {minima_text})" if minima_text else ""))
        by_day = {m.due_from: f"≥ {_least(m, words)}" for m in ticks}
        rows.append((name, text, *(by_day.get(day, "—") for day in days)))
    if days:
        note = (
            words("chart-recycled-note")
            + words.space
            + words("chart-minima", days=words.join([f.day(day, words.language) for day in days]))
        )
    else:
        note = words("chart-recycled-note")
    foot = len(shown) * pitch + (10 if days else 6)
    marks += [svg.text(0, foot, "0", "q k"), svg.text("100%", foot, words.percent(f"{scale}"), "e q k")]
    # A metal that is not in the battery is told in the table alone.
    rows += [
        (words.say(names[id_]), words.percent(claims[id_]), *("—" for _ in days))
        for id_ in _METALS
        if id_ in claims and decimal(claims[id_]) == 0
    ]
    told = [id_ for id_ in _METALS if id_ in claims]
    told += [f"{kind}{id_[0].upper()}{id_[1:]}" for id_ in told for kind in ("preConsumer", "postConsumer")]
    return Figure(
        _recycled_title(words, met, unmet, years),
        note,
        svg.picture(foot + 4, ", ".join(labels), *marks),
        (
            str(words("chart-metal")),
            str(words("share")),
            *(str(words("from-day", date=f.day(day, words.language))) for day in days),
        ),
        tuple(rows),
        tells=tuple(told),
    )


def _recycled_title(words: Words, met: Sequence[str], unmet: Sequence[str], years: set[int]) -> Markup:
    """What the picture shows, as the figures prove it; the plain noun where no year is the same for all."""
    if len(years) != 1:
        return words("chart-recycled-minimum" if years else "chart-recycled")
    year = next(iter(years))
    if met and unmet:
        return words("chart-recycled-some", met=words.join(met), unmet=words.join(unmet), year=year)
    return words("chart-recycled-all" if met else "chart-recycled-none", year=year)


def capacity_range(
    absolute: object, energy: object, words: Words, *, low: Decimal, high: Decimal, source: str
) -> Figure | None:
    """The footprint per kWh of capacity beside the range in which figures of such batteries lie; None without figures.

    :param absolute: kg CO2e of the battery; :param energy: its rated energy, kWh.
    :param low: from, :param high: to, kg CO2e per kWh of capacity; :param source: who says so.
    """
    mass, capacity = decimal(absolute), decimal(energy)
    if mass is None or capacity is None or mass <= 0 or capacity <= 0:
        return None
    value = (mass / capacity).quantize(Decimal("0.1"))
    end = max(high, value) * Decimal("1.2")
    at, left, right = (float(each * 100 / end) for each in (value, low, high))
    key = "chart-range-within" if low <= value <= high else "chart-range-above" if value > high else "chart-range-below"
    shown, bounds = words.number(f"{value}"), words("range", low=words.number(low), high=words.number(high))
    drawing = svg.picture(
        58, f"{shown}; {bounds}",
        svg.patterns("cr"),
        svg.level(36, "gr"),
        svg.rect(f"{left:.2f}%", 24, f"{right - left:.2f}%", 12, "cr", "b3"),
        svg.line(f"{at:.2f}%", 18, 42, "gap5"), svg.line(f"{at:.2f}%", 16, 44, "tk1"),
        svg.text(f"{at:.2f}%", 12, shown, "b mid"),
        svg.text(f"{left:.2f}%", 52, words.number(low), "q mid k"),
        svg.text(f"{right:.2f}%", 52, words.number(high), "q mid k"),
        svg.text(0, 52, "0", "q k"),
    )  # fmt: skip
    return Figure(
        words(key), words("chart-range-note", source=source), drawing,
        ("kg CO₂e/kWh", str(words("chart-range-capacity"))),
        ((str(words("chart-range-this")), shown), (str(words("chart-range-usual")), bounds)),
    )  # fmt: skip


def _least(least: LegalMinimum, words: Words) -> str:
    return words.percent(f"{least.value.normalize():f}")


def _ticks(ticks: Sequence[LegalMinimum], scale: Decimal, y: int, words: Words) -> list[Markup]:
    places = [float(least.value * 100 / scale) for least in ticks]
    marks = []
    for index, (least, place) in enumerate(zip(ticks, places, strict=True)):
        if index and place == places[index - 1]:
            continue  # the same value again; the table names both days
        x = f"{place:.2f}%"
        marks += [svg.line(x, y + 16, y + 37, "gap5"), svg.line(x, y + 16, y + 37, "tk2" if index else "tk1")]
        near = len(places) > 1 and 0 < abs(places[1] - places[0]) < 26
        style = "q e" if (near and not index) or place > 88 else "q" if near or place < 12 else "q mid"
        marks.append(svg.text(x, y + 50, f"{_least(least, words)} {least.due_from.year}", f"{style} k"))
    return marks
