"""Lines for a terminal: text of this program is printed unchanged, all other text is escaped when it enters a line.

* A ``str`` is untrusted. Control characters, line ends and characters that turn the
  direction of writing are written out (``\\u001b``), so that no value moves the cursor, colours a word or fakes a line.
* :class:`Styled` is text that this program laid out itself: colours and line ends pass. It is made by the functions of
  this module from escaped parts, never by hand from a value. An f-string around it gives a ``str`` again, which is
  escaped: parts are handed over one by one.

    line(mark, " ", name)      # Styled: the mark keeps its colour, the name is escaped

A :class:`~passport.texts.Message` is said in the language of the run when it enters a line.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from itertools import zip_longest
from typing import TextIO

import click

from passport.texts import ENGLISH, say

#: The language of this run; set by :mod:`passport.commands.terminal.language`.
LANGUAGE: ContextVar[str] = ContextVar("language", default=ENGLISH)
#: Control characters but line end and tab, surrogates, and what turns the direction of writing or breaks a line
#: (Unicode TR 36, section 2.10).
_DANGEROUS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_IN_A_LINE = re.compile(rf"[\n\t]|{_DANGEROUS.pattern}")
#: Where nothing says how wide a terminal is.
COLUMNS = 80
#: The least width of text beside a picture. On narrower terminals the text is written under the picture.
_LEAST_BESIDE = 24


class Styled(str):
    """Text of our own, for :func:`passport.commands.terminal.console.say`."""

    __slots__ = ()


def language() -> str:
    """The language of this run."""
    return LANGUAGE.get()


def shown(text: str) -> str:
    """A text of several lines as a terminal may get it: line ends and tabs stay."""
    return _DANGEROUS.sub(_written_out, say(text, language()))


def one_line(text: str) -> str:
    """A value as it may be part of a line."""
    return _IN_A_LINE.sub(_written_out, say(text, language()))


def json_text(text: str) -> str:
    """JSON text in which no string holds what a terminal would obey; it says the same."""
    return _DANGEROUS.sub(_written_out, text)


def _written_out(control: re.Match[str]) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in control[0])


def line(*parts: str) -> Styled:
    """One line of these parts. Line ends before and behind the whole are blank lines of the caller's."""
    if not parts:
        return Styled()
    escaped = []
    for number, part in enumerate(parts):
        if isinstance(part, Styled):
            escaped.append(str(part))
            continue
        part = say(part, language())
        rest = part.lstrip("\n") if number == 0 else part
        inner = rest.rstrip("\n") if number == len(parts) - 1 else rest
        escaped.append("\n" * (len(part) - len(rest)) + one_line(inner) + "\n" * (len(rest) - len(inner)))
    return Styled("".join(escaped))


def lines(texts: Iterable[str]) -> Styled:
    """Several lines; each text is one, or is Styled."""
    return Styled("\n".join(text if isinstance(text, Styled) else one_line(text) for text in texts))


def styled(text: str, *, fg: str | None, on: TextIO | None) -> Styled:
    """A text in a colour, where the stream takes colour."""
    escaped = one_line(text)
    return Styled(click.style(escaped, fg=fg) if fg and takes_colour(on) else escaped)


def takes_colour(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that shows colour, and its owner wants it (``NO_COLOR``, ``TERM=dumb``)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; a closed one is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def columns() -> int:
    """Columns of the terminal (``COLUMNS``, else the terminal on stdout, else 80)."""
    return shutil.get_terminal_size((COLUMNS, 24)).columns


def width(text: str) -> int:
    """Columns that a text takes: wide East Asian characters take two, combining ones none, colours none."""
    return sum(_columns_of(character) for character in _COLOUR.sub("", say(text, language())))


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, to: int) -> str:
    text = say(text, language())
    return text + " " * max(0, to - width(text))


def table(rows: Sequence[Sequence[str]], *, indent: str = "", right: frozenset[int] = frozenset()) -> Styled:
    """Rows as aligned columns, two blanks between them; columns in ``right`` are flush right."""
    if not rows:
        return Styled()
    rows = [[cell if isinstance(cell, Styled) else one_line(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    drawn = []
    for row in rows:
        cells = [
            " " * (widths[column] - width(cell)) + cell if column in right else pad(cell, widths[column])
            for column, cell in enumerate(row)
        ]
        drawn.append((indent + "  ".join(cells)).rstrip())
    return Styled("\n".join(drawn))


def wrap(text: str, to: int, *, indent: int = 0) -> list[str]:
    """Lines of at most ``to`` columns, with nothing left out; those after the first begin with ``indent`` blanks.

    A line ends at a blank where there is one, else between two wide characters, else anywhere: an address is as
    readable in two pieces as it is pushed out of the window.
    """
    text = one_line(text)
    indent = min(indent, max(0, to // 2))
    made: list[str] = []
    while True:
        lead = " " * indent if made else ""
        room = max(2, to - len(lead))
        if width(text) <= room:
            return [*made, lead + text]
        end = _fitting(text, room)
        blank = text.rfind(" ", 1, end + 1)
        if blank > 0 and text[:blank].strip():
            end = blank
        elif (joint := _joint(text, end)) is not None:
            end = joint
        made.append((lead + text[:end]).rstrip())
        text = text[end:].lstrip(" ")
        if not text:
            return made


def _fitting(text: str, room: int) -> int:
    """How many characters fit into ``room`` columns; at least one, and no combining mark is torn off."""
    taken = 0
    for end, character in enumerate(text):
        taken += _columns_of(character)
        if taken > room and end > 0:
            return end
    return len(text)


def _joint(text: str, end: int) -> int | None:
    """Where a line of wide characters may end: not before a mark that closes, nor after one that opens."""
    for at in range(end, max(1, end - 8), -1):
        wide = _columns_of(text[at - 1]) == 2 or _columns_of(text[at]) == 2
        if wide and text[at] not in "，。；：、）”》！？" and text[at - 1] not in "（“《":
            return at
    return None


def beside(picture: Sequence[str], facts: Sequence[tuple[str, str]], to: int) -> list[Styled]:
    """A picture of equal lines with facts beside it, or below it where beside it is no room; at most ``to`` columns.

    :param picture: lines of our own making, as wide as each other.
    :param facts: label and text. All labels take the width of the widest; a text without one begins at the left, and a
        blank repeats the label of the line before.
    """
    left = width(picture[0]) if picture else 0
    label = max((width(one_line(name)) for name, _ in facts), default=0)
    label = min(label + 1, to // 3) if label else 0
    is_beside = to - left - 5 >= label + _LEAST_BESIDE
    room = to - left - 5 if is_beside else to - 2
    texts: list[str] = []
    for name, text in facts:
        if not name or width(one_line(name)) < label:
            texts += wrap(pad(one_line(name), label if name else 0) + one_line(text), room, indent=label if name else 0)
        else:
            texts += [*wrap(name, room, indent=label), *wrap(" " * label + one_line(text), room, indent=label)]
    drawn = [Styled(f"  {row}") for row in picture]
    if not is_beside:
        return [*drawn, Styled(), *(line("  " + text if text else "") for text in texts)]
    gap = Styled(" " * (left + 2))
    joined = zip_longest(drawn, ["", *texts], fillvalue=None)
    return [
        Styled((line(row if row is not None else gap, "   ", text) if text else row or "").rstrip())
        for row, text in joined
    ]
