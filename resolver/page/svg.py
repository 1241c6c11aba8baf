"""Pieces of a picture: SVG whose x and width are percentages and that has no viewBox.

Bars stretch with the page, text keeps its size from a phone to paper. Quotes are left out where HTML allows.
"""

from __future__ import annotations

from markupsafe import Markup


def picture(height: int, label: str, *parts: Markup) -> Markup:
    """The whole of it, as wide as the page. ``label`` tells all values to those who do not see it."""
    return Markup('<svg width=100% height={} role=img aria-label="{}">{}</svg>').format(
        height, label, Markup("").join(parts)
    )


def patterns(key: str) -> Markup:
    """Hatch and dots. Ids are the document's, so each picture has its own."""
    return Markup(
        '<defs><pattern id={0}2 width=6 height=6 patternUnits=userSpaceOnUse patternTransform="rotate(45)">'
        "<path class=pp d=M0,0h6v6H0z /><path class=pl d=M0,0v6 /></pattern>"
        "<pattern id={0}3 width=5 height=5 patternUnits=userSpaceOnUse><path class=pp d=M0,0h5v5H0z />"
        "<circle class=pd cx=2.5 cy=2.5 r=1.35 /></pattern></defs>"
    ).format(key)


def text(x: object, y: float, said: object, style: str = "") -> Markup:
    """Words at a place; ``style``: classes ``b`` bold, ``q`` quiet, ``e`` ends there, ``mid`` centred, ``k`` small."""
    if not style:
        return Markup("<text x={} y={:g}>{}</text>").format(x, y, said)
    return Markup('<text x={} y={:g} class="{}">{}</text>').format(x, y, style, said)


def rect(x: str, y: int, width: str, height: int, key: str, fill: str) -> Markup:
    """A bar. ``fill``: ``b1`` solid, ``b2`` hatch, ``b3`` dots, ``rest`` dashed outline; ``key`` names its patterns."""
    paint = Markup(" fill=url(#{}{})").format(key, fill[1]) if fill in ("b2", "b3") else ""
    return Markup("<rect x={} y={} width={} height={} class={}{} />").format(x, y, width, height, fill, paint)


def line(x: str, top: float, bottom: float, style: str) -> Markup:
    """An upright stroke."""
    return Markup("<line x1={0} x2={0} y1={1:g} y2={2:g} class={3} />").format(x, top, bottom, style)
