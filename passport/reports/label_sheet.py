"""Labels of many packs as a PDF for sheets of paper: one label after the other, in rows, on A4.

* Symbol and text are those of the SVG label (:mod:`passport.reports.qr_code`); the symbol is drawn, not an image.
* A text in Chinese is set in a face that every PDF reader has; nothing is embedded.
* Pages are written one by one, so that a run of any length fits into memory but for what a PDF itself lists.

Making one takes the extra ``labels`` (reportlab).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from passport.errors import UsageError
from passport.reports.label_run import PackLabel
from passport.reports.qr_code import LEVELS, MODULE_MM, label_lines, matrix
from passport.texts import Message

#: Millimetres of a page, and of the margin that printers leave blank.
PAGE, MARGIN = (210.0, 297.0), 8.0
#: Millimetres between labels.
GAP = 4.0
#: Labels of one file; a PDF lists all of its pages, and no program shows more at ease.
MOST = 20_000
_POINTS = 72 / 25.4
_LATIN, _LATIN_BOLD, _CHINESE = "Courier", "Courier-Bold", "STSong-Light"


def pdf(labels: Iterable[PackLabel], level: str = "Q") -> bytes:
    """A sheet, or several.

    :param level: error correction: ``L``, ``M``, ``Q`` or ``H``.
    :raises UsageError: unknown level, more than :data:`MOST` labels, none, or reportlab is not installed.
    """
    if level not in LEVELS:
        raise UsageError(Message("unknown error correction level"), expected=", ".join(LEVELS), found=f'"{level}"')
    buffer = io.BytesIO()
    sheet = _Sheet(_canvas(buffer), level)
    for number, label in enumerate(labels, 1):
        if number > MOST:
            raise UsageError(
                Message("too many labels for one PDF"), expected=Message("at most {count}", count=MOST),
                hint=Message("For a label printer: -o labels.zpl"),
            )  # fmt: skip
        sheet.add(label)
    sheet.end()
    return buffer.getvalue()


def _canvas(buffer: io.BytesIO) -> Any:
    try:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise UsageError(
            Message("PDF labels are made with reportlab, which is not installed"),
            hint=Message("Install it: pip install 'battery-passport[labels]'. Or write a .zpl file."),
        ) from None
    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    # Two runs over the same packs give the same file.
    canvas = Canvas(buffer, pagesize=(PAGE[0] * _POINTS, PAGE[1] * _POINTS), invariant=1, pageCompression=1)
    canvas.setTitle("Battery passports")
    return canvas


class _Sheet:
    """Where the next label goes. Millimetres from the top left."""

    def __init__(self, canvas: Any, level: str) -> None:
        self._canvas, self._level = canvas, level
        self._x = self._y = MARGIN
        self._row = 0.0

    def add(self, label: PackLabel) -> None:
        rows = matrix(label.address, self._level)
        lines = label_lines(label.maker, label.model, label.code, label.serial, label.address)
        side = len(rows) * MODULE_MM
        # A character of the face is 0.6 of its size wide, a Chinese one as wide as high.
        width = side + 1 + max((_width(text) * size for text, size, _ in lines), default=0.0)
        height = max(side, sum(size * 1.45 for _, size, _ in lines))
        if self._x > MARGIN and self._x + width > PAGE[0] - MARGIN:
            self._x, self._y, self._row = MARGIN, self._y + self._row + GAP, 0.0
        if self._y > MARGIN and self._y + height > PAGE[1] - MARGIN:
            self._canvas.showPage()
            self._x, self._y, self._row = MARGIN, MARGIN, 0.0
        self._draw(rows, lines, side)
        self._x += width + GAP
        self._row = max(self._row, height)

    def _draw(self, rows: tuple[tuple[bool, ...], ...], lines: list[tuple[str, float, str]], side: float) -> None:
        canvas = self._canvas
        canvas.saveState()
        canvas.transform(_POINTS, 0, 0, _POINTS, self._x * _POINTS, (PAGE[1] - self._y) * _POINTS)
        path = canvas.beginPath()
        for y, row in enumerate(rows):
            start = None
            for x, dark in enumerate((*row, False)):
                if dark and start is None:
                    start = x
                elif not dark and start is not None:
                    path.rect(start * MODULE_MM, -(y + 1) * MODULE_MM, (x - start) * MODULE_MM, MODULE_MM)
                    start = None
        canvas.drawPath(path, stroke=0, fill=1)
        top = 0.0
        for text, size, weight in lines:
            top += size * 1.45
            _write(canvas, text.strip(), side + 1, -(top - size * 0.35), size, bold=weight == "bold")
        canvas.restoreState()

    def end(self) -> None:
        if self._x == self._y == MARGIN:
            raise UsageError(Message("there is no label to print"), expected=Message("a run that issued a pack"))
        self._canvas.save()


def _write(canvas: Any, text: str, x: float, y: float, size: float, *, bold: bool) -> None:
    """Text in as many runs as it changes its face; what is not printed is left out."""
    drawn = canvas.beginText(x, y)
    run, is_latin = "", True
    for character in (*(each for each in text if each.isprintable()), ""):
        latin = ord(character) < 0x250 if character else not is_latin
        if run and latin is not is_latin:
            drawn.setFont((_LATIN_BOLD if bold else _LATIN) if is_latin else _CHINESE, size)
            drawn.textOut(run)
            run = ""
        run, is_latin = run + character, latin
    canvas.drawText(drawn)


def _width(text: str) -> float:
    return sum(0.6 if ord(character) < 0x250 else 1.0 for character in text)
