"""Values of strangers in sentences of ours, kept apart where their writing direction could move what is around them.

A value with right-to-left letters or marks of direction is put between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE
(Unicode Annex 9), which is what ``<bdi>`` is in a page. Every other value stays as it is, byte for byte.
"""

from __future__ import annotations

import re

OPENING, CLOSING = "\u2068", "\u2069"
#: Hebrew, Arabic, Syriac, Thaana, N'Ko and their neighbours, with presentation forms; marks, embeddings and isolates.
_TURNING = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def turns(text: str) -> bool:
    """Whether a text could change the order of the text beside it in a line."""
    return not text.isascii() and _TURNING.search(text) is not None


def isolated_text(text: str) -> str:
    """A value for a line of plain text, an attribute or a title."""
    return f"{OPENING}{text}{CLOSING}" if turns(text) else text
