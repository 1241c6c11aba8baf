"""Pictures without scripts: inline SVG of horizontal bars, each with the same figures in a table under it.

x and width are percentages and there is no viewBox: bars stretch, text keeps its size from a phone to paper. Each mark
carries its own name and value, so there is no legend, and nothing hangs on a colour: what is left over is a dashed
outline. Only what this reader may read is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from markupsafe import Markup

from resolver.page.wording import Words

_PITCH = 36


@dataclass(frozen=True)
class Bar:
    """:ivar shown: the value with its unit; :ivar rest: True for what is left over."""

    name: str
    value: Decimal
    shown: str
    cells: tuple[str, ...] = ()
    rest: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture, its caption and its table."""

    title: Markup
    note: Markup
    bars: tuple[Bar, ...]
    headings: tuple[str, ...]
    total: tuple[str, ...] | None = None
    language: str = "en"
    names_language: str | None = None

    def svg(self) -> Markup:
        """The drawing, with a label that tells all values."""
        return _bars(self.bars)


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


def _bars(bars: Sequence[Bar]) -> Markup:
    longest = max((bar.value for bar in bars), default=Decimal(0)) or Decimal(1)
    label = "; ".join(f"{bar.name} {bar.shown}" for bar in bars)
    marks = []
    for index, bar in enumerate(bars):
        y = index * _PITCH
        width = f"{max(bar.value, Decimal(0)) / longest * 94:.1f}%"
        style = "rest" if bar.rest else "bar1"
        marks.append(
            Markup(
                '<text x="0" y="{}">{}</text><text x="100%" y="{}" class="e b">{}</text>'
                '<rect x="0" y="{}" width="{}" height="7" class="{}"/>'
            ).format(y + 12, bar.name, y + 12, bar.shown, y + 19, width, style)
        )
    return Markup('<svg width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        len(bars) * _PITCH - 4, label, Markup("").join(marks)
    )


def footprint(claims: dict, words: Words, number) -> Figure | None:
    """Carbon footprint by life-cycle stage, where the total and at least two stages are there."""
    total = decimal(claims.get("batteryCarbonFootprint"))
    stages = (
        ("stage-raw", "carbonFootprintRawMaterials"), ("stage-production", "carbonFootprintProduction"),
        ("stage-distribution", "carbonFootprintDistribution"), ("stage-end", "carbonFootprintEndOfLife"),
    )
    parts = [(words(key), decimal(claims[id_]), claims[id_]) for key, id_ in stages if id_ in claims]
    if not total or total <= 0 or len(parts) < 2 or any(value is None or value < 0 for _, value, _ in parts):
        return None
    bars = []
    for name, value, signed in parts:
        percent = share(value, total)
        shown = f"{number(signed)} · {percent}\u202f%" if words.language == "en" else f"{number(signed)} · {percent}%"
        bars.append(Bar(str(name), value, shown, (number(signed), f"{percent} %")))
    mass, energy = claims.get("absoluteCarbonFootprint"), claims.get("totalEnergyOverServiceLife")
    summed = words("chart-footprint-sum", mass=number(mass), energy=number(energy)) if mass and energy else ""
    adds_up = sum(value for _, value, _ in parts) == total
    return Figure(
        words("chart-footprint", total=number(claims["batteryCarbonFootprint"])),
        words("chart-footprint-note", sum=summed),
        tuple(bars),
        (str(words("chart-stage")), "kg CO₂e/kWh", str(words("chart-share"))),
        (str(words("chart-total")), number(claims["batteryCarbonFootprint"]), "100 %") if adds_up else None,
        words.language,
    )


def raw_materials(claims: dict, words: Words, number) -> Figure | None:
    """Critical raw materials by share of the pack's mass, and the rest."""
    entries = claims.get("criticalRawMaterials")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        value = decimal(entry.get("massFraction")) if isinstance(entry, dict) else None
        if value is not None and value >= 0:
            found.append((str(entry.get("substanceName", "—")), value, str(entry["massFraction"])))
    if len(found) < 2:
        return None
    gap = "" if words.language == "zh" else "\u202f"
    found.sort(key=lambda item: -item[1])
    bars = [Bar(name, value, f"{number(text)}{gap}%", (f"{number(text)} %",)) for name, value, text in found]
    left = Decimal(100) - sum(value for _, value, _ in found)
    total = None
    if 0 < left < 100:
        bars.append(
            Bar(str(words("other-materials")), left, f"{number(left)}{gap}%", (f"{number(left)} %",), rest=True)
        )
        total = (str(words("chart-total")), "100 %")
    return Figure(
        words("chart-crm"),
        words("chart-crm-note-role" if "detailedComposition" in claims else "chart-crm-note"),
        tuple(bars),
        (str(words("chart-material")), str(words("chart-mass-share"))), total, words.language,
    )


def recycled(claims: dict, words: Words, number) -> Figure | None:
    """Recycled share of each metal. The scale is 0 to the largest; a share is also said in figures."""
    gap = "" if words.language == "zh" else "\u202f"
    bars = []
    for id_ in ("recycledCobaltShare", "recycledNickelShare", "recycledLithiumShare", "recycledLeadShare"):
        value = decimal(claims.get(id_)) if id_ in claims else None
        # A metal that is not in the battery has a share of 0; a bar of no length says nothing.
        if value is not None and value > 0:
            text = number(claims[id_])
            bars.append(Bar(str(words(f"metal-{id_}")), value, f"{text}{gap}%", (f"{text} %",)))
    if len(bars) < 2:
        return None
    return Figure(
        words("chart-recycled"), words("chart-recycled-note"), tuple(bars),
        (str(words("chart-metal")), str(words("chart-share"))), None, words.language,
    )
