"""Pieces of a picture: SVG whose x and width are percentages and that has no viewBox.

Bars stretch with the page, text keeps its size from a phone to paper. The elements are in ``templates/drawing.html``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from markupsafe import Markup

from passport.reports.isolation import isolated
from passport.reports.standalone_page import environment


@cache
def _macros() -> Any:
    return environment().get_template("drawing.html").module


def picture(height: int, label: str, *parts: Markup) -> Markup:
    """The whole of it, as wide as the page. ``label`` tells all values to those who do not see it."""
    return isolated(_macros().picture(height, label, parts))


def patterns(key: str) -> Markup:
    """Hatch and dots. Ids are the document's, so each picture has its own."""
    return isolated(_macros().patterns(key))


def text(x: object, y: float, words: object, style: str = "") -> Markup:
    """Words at a place; ``style``: classes ``b`` bold, ``q`` quiet, ``e`` ends there, ``mid`` centred, ``k`` small."""
    return isolated(_macros().text(x, f"{y:g}", words, style))


def rect(x: str, y: int, width: str, height: int, key: str, fill: str) -> Markup:
    """A bar. ``fill``: ``b1`` solid, ``b2`` hatch, ``b3`` dots, ``rest`` dashed outline; ``key`` names its patterns."""
    return isolated(_macros().rect(x, y, width, height, fill, f"{key}{fill[1]}" if fill in ("b2", "b3") else ""))


def line(x: str, top: float, bottom: float, style: str) -> Markup:
    """An upright stroke."""
    return isolated(_macros().upright(x, f"{top:g}", f"{bottom:g}", style))


def level(y: float, style: str) -> Markup:
    """A line across the picture."""
    return isolated(_macros().level(f"{y:.1f}", style))


def stroke(x1: str, y1: float, x2: str, y2: float) -> Markup:
    """A stroke from one point of a curve to the next."""
    return isolated(_macros().stroke(x1, f"{y1:.1f}", x2, f"{y2:.1f}"))


def point(x: str, y: float) -> Markup:
    """A point of a curve."""
    return isolated(_macros().point(x, f"{y:.1f}"))


def symbol(side: int, label: object, path: str) -> Markup:
    """A square symbol of black modules on white. ``path`` is its outline; one unit is one module."""
    return isolated(_macros().symbol(side, label, path))
