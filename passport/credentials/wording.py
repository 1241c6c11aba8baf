"""Dates and lists as people read them, for the details of checks. Machines take the values beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

# Written out here: strftime would follow the locale of the machine, and the words belong to the report's language.
# fmt: off
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on


#: Chinese readers are told the time of their own clocks.
_CHINA = timezone(timedelta(hours=8))


def day(at: datetime, language: str = "en") -> str:
    """21 July 2026, in UTC; 2026年7月21日, at UTC+8."""
    if language == "zh":
        at = at.astimezone(_CHINA)
        return f"{at.year}年{at.month}月{at.day}日"
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime, language: str = "en") -> str:
    """8 March 2027, 09:00 UTC; 2027年3月8日17:00（UTC+8）."""
    if language == "zh":
        return f"{day(at, 'zh')}{at.astimezone(_CHINA):%H:%M}（UTC+8）"
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def listed(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; each item once, in order."""
    *head, last = dict.fromkeys(items)
    return f"{', '.join(head)} and {last}" if head else last


def validity(starts: Iterable[datetime | None], ends: Iterable[datetime | None]) -> str:
    """``from 3 July 2026 and 21 July 2026, no end``; of several ends, the first."""
    begun = sorted({start for start in starts if start is not None})
    ending = [end for end in ends if end is not None]
    closed = f"until {moment(min(ending))}" if ending else "no end"
    return f"from {listed(day(start) for start in begun)}, {closed}" if begun else closed


def shortened(did: str) -> str:
    """A did:key, or a method of one, for prose: ``did:key:zDnaeU…q7Kf``. Whatever may be copied is shown whole."""
    return f"{did[:14]}…{did[-4:]}" if did.startswith("did:key:") and len(did) > 20 else did
