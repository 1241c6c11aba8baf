"""Short documents as PDF: headings, lines, pairs of name and value, a QR code. No network, no font of the machine.

Latin letters are set in Bitstream Vera, which is embedded; Chinese in the Adobe font STSong-Light, which every PDF
viewer has or replaces. The same content gives the same bytes.

    data = document("Summary", [Heading("Product"), Pairs([("Energy", "100 kWh")])], language="en", footer="…")
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from passport.reports import qr_code

_CHINESE = re.compile(r"([\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]+)")
#: Signs that the Latin font lacks, and how they are written instead.
_SUBSTITUTES = {"\u202f": "\u00a0", "₂": "<sub>2</sub>", "\u2068": "", "\u2069": "", "✓": "+", "✗": "×", "·": "·"}
_INK, _MUTED, _RULE, _BAD = "#15202b", "#4d5b69", "#d3dbe3", "#a01f2b"
_MARGIN = 16.0


@dataclass(frozen=True)
class Title:
    """The name of the document's subject, large, with lines below it."""

    text: str
    lines: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True)
class Heading:
    """The heading of what follows; it stays with it."""

    text: str


@dataclass(frozen=True)
class Line:
    """One sentence. ``tone``: empty, ``muted`` or ``bad``."""

    text: str
    tone: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Pairs:
    """Names and values, a row each. ``columns``: pairs beside each other."""

    rows: Sequence[tuple[str, str]]
    columns: int = 1


Block = Title | Heading | Line | Pairs


def document(title: str, blocks: Sequence[Block], *, language: str, footer: str, one_page: bool = False) -> bytes:
    """The PDF of ``blocks``, on A4.

    :param title: of the document, for viewers and screen readers.
    :param footer: at the end of each page.
    :param one_page: whether all has to be on one page; what does not fit is set smaller.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import KeepInFrame, SimpleDocTemplate

    out, styles = io.BytesIO(), _styles()
    width, height = A4[0] - 2 * _MARGIN * mm, A4[1] - 2 * _MARGIN * mm - 14

    def foot(canvas: Any, template: Any) -> None:
        from reportlab.platypus import Paragraph

        canvas.saveState()
        note = Paragraph(_marked(footer), styles["muted"])
        _, tall = note.wrap(width - 40, 40)
        note.drawOn(canvas, _MARGIN * mm, _MARGIN * mm - tall)
        if not one_page:
            canvas.setFont("Vera", 7)
            canvas.drawRightString(A4[0] - _MARGIN * mm, _MARGIN * mm - 8, str(template.page))
        canvas.restoreState()

    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN * mm, rightMargin=_MARGIN * mm, topMargin=_MARGIN * mm,
        bottomMargin=_MARGIN * mm + 6, title=title, author="", lang=language, invariant=1,
    )  # fmt: skip
    story = list(_flowables(blocks, styles, width))
    if one_page:
        story = [KeepInFrame(width, height - 12, story, mode="shrink")]
    template.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in (("Vera", "Vera.ttf"), ("VeraBd", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFontFamily("Vera", normal="Vera", bold="VeraBd", italic="Vera", boldItalic="VeraBd")
    latin = {"fontName": "Vera", "fontSize": 8.5, "leading": 11.5, "textColor": HexColor(_INK)}
    bold = {**latin, "fontName": "VeraBd"}
    small = {**latin, "fontSize": 7.5, "leading": 10, "textColor": HexColor(_MUTED)}
    return {
        "title": ParagraphStyle("title", **{**bold, "fontSize": 20, "leading": 25}),
        "heading": ParagraphStyle(
            "heading", **{**bold, "fontSize": 11, "leading": 15, "spaceBefore": 7, "keepWithNext": 1}
        ),
        "": ParagraphStyle("text", **latin),
        "muted": ParagraphStyle("muted", **small),
        "bad": ParagraphStyle("bad", **{**latin, "textColor": HexColor(_BAD)}),
    }


def _marked(text: str, *, bold: bool = False) -> str:
    """Text as the markup of a paragraph: escaped, Chinese runs in the Chinese font."""
    parts = []
    for at, part in enumerate(_CHINESE.split(text)):
        safe = escape(part)
        if at % 2:
            parts.append(f'<font name="STSong-Light">{safe}</font>')
            continue
        for sign, other in _SUBSTITUTES.items():
            safe = safe.replace(sign, other)
        parts.append(f"<b>{safe}</b>" if bold and safe else safe)
    return "".join(parts)


def _flowables(blocks: Sequence[Block], styles: dict[str, Any], width: float) -> Iterator[Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import HRFlowable, Paragraph, Table, TableStyle

    for block in blocks:
        match block:
            case Title(text, lines, address):
                words = [Paragraph(_marked(text), styles["title"])]
                words += [Paragraph(_marked(line), styles[""]) for line in lines]
                side = 92.0 if address else 0.0
                row = [words, _symbol(address, side)] if address else [words]
                table = Table([row], colWidths=[width - side - 6, side + 6] if address else [width], hAlign="LEFT")
                table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
                yield table
            case Heading(text):
                yield Paragraph(_marked(text), styles["heading"])
                yield HRFlowable(width="100%", thickness=1, color=HexColor(_INK), spaceBefore=1, spaceAfter=2)
            case Line(text, tone, bold):
                yield Paragraph(_marked(text, bold=bold), styles[tone])
            case Pairs(rows, columns):
                if rows:
                    yield _pairs(rows, columns, styles, width)


def _pairs(rows: Sequence[tuple[str, str]], columns: int, styles: dict[str, Any], width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, Table, TableStyle

    cells = [[Paragraph(_marked(name), styles["muted"]), Paragraph(_marked(value), styles[""])] for name, value in rows]
    while len(cells) % columns:
        cells.append(["", ""])
    lines = [sum(cells[at : at + columns], []) for at in range(0, len(cells), columns)]
    each = width / columns
    table = Table(lines, colWidths=[each * 0.34, each * 0.66] * columns, hAlign="LEFT")
    table.setStyle(
        TableStyle([
            ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_RULE)),
        ])
    )  # fmt: skip
    return table


def _symbol(address: str, side: float) -> Any:
    """The QR code of an address, black on white with its quiet zone."""
    from reportlab.graphics.shapes import Drawing, Rect
    from reportlab.lib.colors import black, white

    rows = qr_code.matrix(address, "M")
    module = side / len(rows)
    drawing = Drawing(side, side)
    drawing.add(Rect(0, 0, side, side, fillColor=white, strokeColor=None))
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                drawing.add(
                    Rect(x * module, side - (y + 1) * module, module, module, fillColor=black, strokeColor=None)
                )
    return drawing
