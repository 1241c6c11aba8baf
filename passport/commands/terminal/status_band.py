"""The band of a passport's status in the terminal: each kind has its own word, mark and edge, with or without colour.

━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
✗ Withdrawn. Do not rely on it.
The issuer withdrew this passport on 4 February 2027: wrong date of manufacture.
→ Open the passport that replaces it, signed on 4 February 2027
  https://passport.example.com/01/…
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
"""

from __future__ import annotations

import sys
import textwrap

from passport.commands.terminal import console
from passport.commands.terminal.text import styled
from passport.presenting.standing import Standing, StandingKind
from passport.presenting.standing_words import Told
from passport.texts import Message

COLUMNS = 80
#: The edge above and below; each is told from the others by its form.
_EDGES = {
    StandingKind.WITHDRAWN: "━",
    StandingKind.SUSPENDED: "╌",
    StandingKind.SUPERSEDED: "═",
    StandingKind.ENDED: "■",
}
_COLOURS = {StandingKind.WITHDRAWN: "red", StandingKind.SUSPENDED: "yellow"}
_GRAINS = {
    "model": (
        Message("□ Model only, not one battery"),
        Message("This address is the same for every battery of the model."),
    ),
    "batch": (
        Message("□ Batch only, not one battery"),
        Message("This address is the same for every battery of the batch."),
    ),
}


def print_band(kind: StandingKind, wording: Told, standing: Standing) -> None:
    """The band of one standing, with an empty line behind it."""
    lines: list[str] = [styled(f"{wording.mark} {wording.headline}", fg=_COLOURS.get(kind), on=sys.stdout)]
    for sentence in wording.sentences:
        lines += wrapped(sentence)
    if wording.action is not None:
        lines += wrapped(f"→ {wording.action}" + (f", {wording.action_note}" if wording.action_note else ""))
        if standing.replacement is not None:
            # Whole, since it is there to be copied.
            lines.append(f"  {standing.replacement.subject}")
    _print(_EDGES[kind], lines)


def print_grain_band(grain: str) -> None:
    """The band of a passport that is of no single battery; :param grain: ``model`` or ``batch``."""
    _print("─", list(_GRAINS[grain]))


def _print(edge: str, lines: list[str]) -> None:
    rule = edge * (COLUMNS // console.width(edge))
    for line in (rule, *lines, rule, ""):
        console.say(line)


def wrapped(text: str) -> list[str]:
    """Lines of at most :data:`COLUMNS` columns; Chinese breaks between any two characters, but before no stop."""
    if console.width(text) == len(text):
        return textwrap.wrap(text, COLUMNS, break_long_words=False, break_on_hyphens=False) or [""]
    lines, line = [], ""
    for character in text:
        if console.width(line + character) > COLUMNS and character not in "，。；：、）”":
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]
