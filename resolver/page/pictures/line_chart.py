"""A line through the read-outs of a battery: how it aged, with its threshold, and what happened to it on the way.

Unlike a bar, a line does not start at zero, so its lowest gridline is labelled and the threshold drawn with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from markupsafe import Markup

from passport.reports import svg
from resolver.page import formatting as f
from resolver.page.pictures.charts import Figure
from resolver.page.wording import Words


@dataclass(frozen=True)
class ChartReading:
    """One read-out: when, the value drawn, the cells of the table, and whether it came after a newer one."""

    at: datetime
    value: Decimal
    cells: tuple[str, ...]
    late: bool = False


def over_time(
    readings: Sequence[ChartReading],
    words: Words,
    *,
    title: Markup,
    note: Markup,
    shown: Callable[[Decimal], str],
    headings: tuple[str, ...],
    threshold: tuple[Decimal, str] | None = None,
    marks: Sequence[tuple[datetime, str]] = (),
) -> Figure | None:
    """A line through the read-outs, where there are at least two of different times.

    The line does not start at zero, so its lowest gridline is labelled and the threshold drawn with its name.

    :param shown: a value with its unit.
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
        height = y(grid)
        drawn.append(svg.level(height, "gr"))
        drawn.append(svg.text(0, height - 5, words.number(f"{grid.normalize():f}"), "q"))
        grid += step
    if threshold:
        height = y(threshold[0])
        drawn.append(svg.level(height, "th"))
        drawn.append(svg.text("100%", height - 6, threshold[1], "e"))
    for earlier, later in zip(readings, readings[1:], strict=False):
        drawn.append(svg.stroke(x(earlier.at), y(earlier.value), x(later.at), y(later.value)))
    drawn += [svg.point(x(reading.at), y(reading.value)) for reading in readings]
    last = readings[-1]
    # Below its point, unless the names of the months are there.
    below = y(last.value) + 18
    drawn.append(svg.text("100%", below if below < 178 else y(last.value) - 10, shown(last.value), "e b"))
    for at, text in marks:
        if readings[0].at <= at <= last.at:
            place = y(_between(readings, at))
            drawn += [svg.line(x(at), place - 30, place - 6, "ln"), svg.text(x(at), place - 35, text, "mid")]
    drawn.append(svg.text(0, 196, f.month(readings[0].at, words.language), "q"))
    drawn.append(svg.text("100%", 196, f.month(last.at, words.language), "e q"))
    label = words(
        "chart-line-label",
        first=shown(readings[0].value),
        last=shown(last.value),
        start=f.day(readings[0].at.date(), words.language),
        end=f.day(last.at.date(), words.language),
    )
    rows = tuple((_read_on(reading, words), *reading.cells) for reading in readings)
    return Figure(title, note, svg.picture(202, str(label), *drawn), headings, rows)


def _read_on(reading: ChartReading, words: Words) -> str:
    day = f.day(reading.at.date(), words.language)
    return str(words("chart-late", day=day)) if reading.late else day


def _between(readings: Sequence[ChartReading], at: datetime) -> Decimal:
    """Where the line is at an instant between the first reading and the last."""
    after = next(index for index, reading in enumerate(readings) if reading.at >= at)
    earlier, later = readings[max(after - 1, 0)], readings[after]
    span = (later.at - earlier.at).total_seconds()
    passed = Decimal((at - earlier.at).total_seconds() / span) if span else Decimal(0)
    return earlier.value + (later.value - earlier.value) * passed


def _step(spread: Decimal) -> Decimal:
    """Distance of the gridlines: three to five of them."""
    for size in (Decimal(p).scaleb(e) for e in range(-2, 7) for p in (1, 2, 5)):
        if spread <= size * 4:
            return size
    return Decimal(10) ** 7
