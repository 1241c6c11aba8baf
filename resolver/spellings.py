"""Under which names a typed number may be stored: with its dashes, without them, in capitals. Pure.

A store finds a name in an index, so the possible names are written out instead of comparing each stored one. A serial
number has at most 20 characters and rarely more than two separators, which makes a few hundred names.

    "RS260122-04417" in spellings("rs26012204417")
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import combinations

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier

#: What people leave out, add or replace between the parts of a number.
BETWEEN = re.compile(r"[\s\-_./·‐-―]+")
#: The separators of stored numbers: two of one number are alike.
_SEPARATORS = ("-", "/", "_", ".", " ")
#: Characters of a number whose separators are looked for (GS1 General Specifications: a serial number has 20).
_MOST = 24
#: What labels print before a serial number.
_LABEL = re.compile(
    r"(?:S\s?/\s?N|SN|SERIAL(?: (?:NUMBER|NO\.?))?|序列号|编号)\s*[:.#：]\s*",  # data: recognised in input
    re.IGNORECASE,
)


def compact(text: str) -> str:
    """The text without blanks and separators, in one case."""
    return BETWEEN.sub("", text).casefold()


def spellings(text: str) -> tuple[str, ...]:
    """The names that ``text`` may be stored under, the likeliest first.

    A name in small and capital letters is found as it is typed only.

    :param text: as it was typed, already without wide letters.
    """
    text = _LABEL.sub("", text, count=1)
    bare = BETWEEN.sub("", text)
    names = [text, text.upper(), bare.upper(), BETWEEN.sub("-", text).upper(), text.lower(), bare, bare.lower()]
    with suppress(MalformedIdentifier):
        names.append(str(TractionBatteryCode.parse(bare.upper(), lenient=True)))
    if 1 < len(bare) <= _MOST:
        plain = bare.upper()
        for number in (1, 2):
            for places in combinations(range(1, len(plain)), number):
                parts = [plain[a:b] for a, b in zip((0, *places), (*places, len(plain)), strict=True)]
                names += [separator.join(parts) for separator in _SEPARATORS]
    return tuple(dict.fromkeys(name for name in names if name))
