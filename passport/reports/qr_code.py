"""The QR code that leads from a battery to its passport, as SVG, PNG, terminal text and printable label.

* The symbol encodes the address and nothing else: no role, no secret, no personal data. Its text is exactly the text
  handed in, byte for byte.
* Error correction is Q (25 %) on labels, which wear, and L on a terminal, which does not and where room is short.
* The quiet zone is four modules on each side (ISO/IEC 18004); less is refused.
* A label says in plain text what the symbol says, for people and for the day the symbol can no longer be read.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier, UsageError
from passport.texts import Message

LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
QUIET_ZONE = 4
#: Width of one module on a label, millimetres. No law gives a number; 0.5 and more scans at arm's length.
MODULE_MM = 0.5


# Finding the best of eight masks is most of the time of a page, and a page is read more often than once.
@lru_cache(maxsize=128)
def matrix(text: str, level: str = "Q", border: int = QUIET_ZONE) -> tuple[tuple[bool, ...], ...]:
    """The symbol as rows of modules, True where dark, quiet zone included.

    :param text: what a scanner reads.
    :param level: error correction: ``L``, ``M``, ``Q`` or ``H``.
    :param border: quiet zone in modules, at least 4.
    :raises UsageError: unknown level, quiet zone too small, no text, or more text than a symbol holds.
    """
    if level not in LEVELS:
        raise UsageError(Message("unknown error correction level"), expected=", ".join(LEVELS), found=f'"{level}"')
    if border < QUIET_ZONE:
        raise UsageError(
            Message("the quiet zone is too small to scan"),
            expected=Message("at least {count} modules", count=QUIET_ZONE),
            found=str(border),
        )
    if not text:
        raise UsageError(
            Message("there is nothing to encode"), expected=Message("an address"), found=Message("no text")
        )
    symbol = qrcode.QRCode(error_correction=LEVELS[level], border=border)
    try:
        symbol.add_data(text.encode("utf-8"))
        symbol.make(fit=True)
    except (DataOverflowError, ValueError):
        raise UsageError(
            Message("the text is too long for a QR code"),
            expected=Message("an address of some hundred characters"),
            found=Message("{count} characters", count=len(text)),
            hint=Message("use a shorter base URL"),
        ) from None
    return tuple(tuple(bool(module) for module in row) for row in symbol.get_matrix())


def png(text: str, level: str = "Q", border: int = QUIET_ZONE, scale: int = 8) -> bytes:
    """The symbol as a PNG image, black on white, ``scale`` pixels a module."""
    from PIL import Image  # the only user of Pillow; a verifier need not load it

    rows = matrix(text, level, border)
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([0 if dark else 1 for row in rows for dark in row])
    buffer = io.BytesIO()
    image.resize((len(rows) * scale, len(rows) * scale), Image.Resampling.NEAREST).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def svg(text: str, level: str = "Q", border: int = QUIET_ZONE) -> str:
    """The symbol as an SVG document of its own, one unit a module, with its white ground."""
    rows = matrix(text, level, border)
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges">'
        f"<title>{_text(text)}</title>"
        f'<rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{_path(rows)}"/></svg>\n'
    )


def terminal(text: str, level: str = "L", *, colour: bool = False) -> str:
    """The symbol in half-block characters, two modules a line, quiet zone included.

    :param colour: True brings its own white on black, so that it scans on any theme; without it the light modules are
        drawn, which is right on a dark terminal.
    """
    rows = matrix(text, level)
    if len(rows) % 2:
        rows = (*rows, (False,) * len(rows[0]))
    glyphs = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    lines = (
        "".join(glyphs[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
    if colour:
        # White and black of the fixed cube of 256 colours: no theme changes them, and more terminals know them than
        # colours by their components.
        lines = (f"\x1b[38;5;231;48;5;16m{line}\x1b[0m" for line in lines)
    return "\n".join(lines)


# --- the label ------------------------------------------------------------------------------------------------------


def label(
    address: str, *, maker: str, model: str, code: str | None = None, serial: str | None = None, level: str = "Q"
) -> str:
    """A printable label as SVG, sized in millimetres: the symbol, and beside it the same in plain text.

    Text in OCR-B where the printer has it (EN 18220 asks for text next to the symbol). Long text is cut into lines and
    never left out: a code that is not whole is of no use.

    :param address: the pack's subject IRI, the text of the symbol.
    :param maker: name of the manufacturer.
    :param model: the model identifier.
    :param code: the GB/T 34014 code; it is printed in its parts.
    :param serial: the serial number, printed where there is no code.
    """
    rows = matrix(address, level)
    side = len(rows) * MODULE_MM
    lines = label_lines(maker, model, code, serial, address)
    left, gap = side + 1, 1.45
    # A character of a monospaced face is 0.6 of its size wide.
    width = left + max((_width(text) * size * 0.6 for text, size, _ in lines), default=0) + QUIET_ZONE * MODULE_MM
    height = max(side, sum(size * gap for _, size, _ in lines) + 2 * QUIET_ZONE * MODULE_MM)
    body, y = [], (height - sum(size * gap for _, size, _ in lines)) / 2
    for text, size, weight in lines:
        y += size * gap
        body.append(
            f'<text x="{left:g}" y="{y - size * 0.35:.2f}" font-size="{size:g}" font-weight="{weight}">'
            f"{_text(text)}</text>"
        )
    top = (height - side) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}mm" height="{height:.2f}mm" '
        f'viewBox="0 0 {width:.2f} {height:.2f}" role="img">'
        f"<title>{_text(address)}</title>"
        f'<rect width="{width:.2f}" height="{height:.2f}" fill="#fff"/>'
        f'<g transform="translate(0 {top:.2f}) scale({MODULE_MM:g})" shape-rendering="crispEdges">'
        f'<path fill="#000" d="{_path(rows)}"/></g>'
        f"<g fill=\"#000\" font-family=\"OCR-B, 'OCR B', 'Noto Sans Mono CJK SC', monospace\">"
        f"{''.join(body)}</g></svg>\n"
    )


def label_lines(
    maker: str, model: str, code: str | None, serial: str | None, address: str
) -> list[tuple[str, float, str]]:
    """The text of a label: each line with its size in millimetres and its weight. Parameters as :func:`label`."""
    lines: list[tuple[str, float, str]] = []
    for text, size, weight in ((maker, 3.0, "bold"), (model, 3.0, "normal")):
        lines += [(line, size, weight) for line in _cut(text, 32)]
    number = _grouped(_parts(code), 28) if code else _cut(serial or "", 28)
    lines += [(line, 3.6, "bold") for line in number]
    return lines + [(line, 2.2, "normal") for line in _cut(address, 44)]


def _path(rows: Sequence[Sequence[bool]]) -> str:
    """Runs of dark modules as an SVG path."""
    steps = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                steps.append(f"M{x} {y}h{run - x}v1h-{run - x}z")
            x = max(run, x + 1)
    return "".join(steps)


def _parts(code: str) -> Sequence[str]:
    try:
        return TractionBatteryCode.parse(code).groups
    except MalformedIdentifier:
        return _cut(code, 7)


def _cut(text: str, limit: int) -> list[str]:
    return [text[at : at + limit] for at in range(0, len(text), limit)]


def _grouped(parts: Sequence[str], limit: int) -> list[str]:
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + 1 + len(part) > limit:
            lines.append("")
        lines[-1] = f"{lines[-1]} {part}".strip()
    return lines


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _text(text: str) -> str:
    # XML 1.0 knows no control characters, escaped or not.
    return escape("".join(character for character in text if character.isprintable()))
