"""Labels of many packs as one file for a label printer, in ZPL II: one label for each pack.

* The symbol and the text are those of the SVG label (:mod:`passport.reports.qr_code`). The printer draws the symbol, so
  that a label is some hundred bytes.
* Text is UTF-8 (``^CI28``). Characters that begin commands are written by their codes, so no value is a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from passport.errors import UsageError
from passport.reports.qr_code import LEVELS, MODULE_MM, QUIET_ZONE, label_lines, matrix
from passport.texts import Message

#: Dots a millimetre of the usual printers: 203 dots an inch.
DOTS = 8


@dataclass(frozen=True)
class PackLabel:
    """:ivar address: text of the symbol; :ivar maker: name of the manufacturer; :ivar model: the model identifier.

    :ivar code: the GB/T 34014 code; :ivar serial: printed where there is no code.
    """

    address: str
    maker: str
    model: str
    code: str | None = None
    serial: str | None = None


def zpl(labels: Iterable[PackLabel], level: str = "Q") -> Iterator[bytes]:
    """One label after the other.

    :param level: error correction: ``L``, ``M``, ``Q`` or ``H``.
    :raises UsageError: unknown level.
    """
    if level not in LEVELS:
        raise UsageError(Message("unknown error correction level"), expected=", ".join(LEVELS), found=f'"{level}"')
    for label in labels:
        yield _label(label, level).encode()


def _label(label: PackLabel, level: str) -> str:
    module = round(MODULE_MM * DOTS)
    quiet = QUIET_ZONE * module
    side = len(matrix(label.address, level)) * module
    # Of a symbol in ZPL the printer leaves ten dots above it.
    parts = [f"^XA^CI28^FO{quiet},{quiet}^BQN,2,{module}^FH^FD{level}A,{_data(label.address)}^FS"]
    y = quiet
    for text, size, _ in label_lines(label.maker, label.model, label.code, label.serial, label.address):
        height = round(size * DOTS)
        parts.append(f"^FO{side},{y}^A0N,{height}^FH^FD{_data(text)}^FS")
        y += round(size * 1.45 * DOTS)
    parts.append("^XZ\n")
    return "".join(parts)


def _data(text: str) -> str:
    """Text as field data: what begins a command, or an escape, by its code; nothing that is not printed."""
    shown = "".join(character for character in text if character.isprintable())
    return "".join(f"_{ord(character):02X}" if character in "^~_\\" else character for character in shown)
