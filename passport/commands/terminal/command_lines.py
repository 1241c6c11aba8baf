"""Commands as help and talk print them, fitted into the columns of a terminal.

* A command is continued on the next line behind a backslash, so that it can be pasted as it is printed. Quoted texts
  stay whole, and so does a word that is wider than the terminal.
* What a command is explained with, behind two blanks or more, keeps its column where there is room.
* A list of choices is broken behind a bar.
"""

from __future__ import annotations

import re

from passport.commands.terminal import text

#: Words of a command line; a quoted text is part of one.
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
#: A command, and behind a gap what it does.
_EXPLAINED = re.compile(r"(?P<command>\S.*?\S)(?P<gap> {2,})(?P<meaning>\S.*)")
_CONTINUED, _BACKSLASH = 2, " \\"
_LEAST_BESIDE = 24


def command_lines(command: str, to: int) -> list[str]:
    """A command for a shell in lines of ``to`` columns as far as its words allow.

    An option and its value stay together where that is not too wide. Each line but the last ends with a backslash.
    """
    lines, current = [], ""
    for unit in _units(command, to - _CONTINUED - len(_BACKSLASH)):
        longer = f"{current} {unit}" if current.strip() else current + unit
        if current.strip() and text.width(longer) > to - len(_BACKSLASH) and unit != _BACKSLASH.strip():
            lines.append(current + _BACKSLASH)
            longer = " " * _CONTINUED + unit
        current = longer
    return [*lines, current]


def _units(command: str, most: int) -> list[str]:
    units: list[str] = []
    for word in _WORD.findall(command):
        joined = f"{units[-1]} {word}" if units else word
        last = units[-1] if units else ""
        is_value = last.startswith("-") and " " not in last and not word.startswith("-")
        if (is_value or last == "|") and text.width(joined) <= most:
            units[-1] = joined
        else:
            units.append(word)
    return units


def help_lines(line: str, room: int) -> list[str]:
    """A line of a block of help that is laid out by hand, in as many lines as it needs.

    :param room: columns; lines that begin with a blank are commands.
    """
    said = line.lstrip()
    indent = " " * (len(line) - len(said))
    if text.width(line) <= room:
        return [line]
    if not indent:
        return text.wrap(line, room)
    explained = _EXPLAINED.fullmatch(said)
    if explained is None:
        return [indent + each for each in command_lines(said, room - len(indent))]
    command, meaning = explained["command"], explained["meaning"]
    beside = text.width(indent + command) + len(explained["gap"])
    if room - beside < _LEAST_BESIDE:
        below = indent + " " * 2 * _CONTINUED
        first = [indent + each for each in command_lines(command, room - len(indent))]
        return [*first, *(below + each for each in text.wrap(meaning, room - len(below)))]
    head, *rest = text.wrap(meaning, room - beside)
    return [indent + command + explained["gap"] + head, *(" " * beside + each for each in rest)]


def term_lines(term: str, room: int) -> list[str]:
    """An option with its choices, in as many lines as it needs."""
    lines, current = [], ""
    for part in re.findall(r"[^|]+\|?", term):
        if current.strip() and text.width(current + part) > room:
            lines.append(current)
            current = " " * 2 * _CONTINUED
        current += part
    return [*lines, current]
