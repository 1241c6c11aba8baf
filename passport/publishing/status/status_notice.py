"""The published notice of a change of status: a reason in one sentence. All else stays in the issuer's own log."""

from __future__ import annotations

import unicodedata

from passport.errors import UsageError
from passport.texts import Message

#: Characters of a public reason at most: a sentence, not a report.
PUBLIC_REASON = 200
#: Unicode categories of what cannot be seen: controls, formats (marks of direction among them), surrogates, line ends.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def checked_reason(text: str | None) -> str | None:
    """A reason as it may be published; None where none is given.

    It is shown on the page and in terminals beside words of our own, so it must not be able to look like them.

    :raises UsageError: empty, over :data:`PUBLIC_REASON` characters, or with line breaks, other control characters or
        characters that turn the direction of writing (Unicode TR 36, section 2.10).
    """
    if text is None:
        return None
    reason = unicodedata.normalize("NFC", text.strip())
    expected = None
    if not reason or len(reason) > PUBLIC_REASON:
        expected = Message("1 to {count} characters", count=PUBLIC_REASON)
    elif any(unicodedata.category(character) in _UNPRINTABLE for character in reason):
        expected = Message("one line of text, without control characters and without marks of direction")
    if expected:
        raise UsageError(
            Message("this reason cannot be published"),
            expected=expected,
            found=Message("{count} characters", count=len(reason)),
        )
    return reason
