"""How a verification speaks: phrases in the reader's language, dates and lists as people read them.

A :class:`Phrase` names a sentence of :mod:`~passport.credentials.sentences` and the values in it, so that a check that
was made once can be told in both languages::

    found = Phrase("revoked", {"index": 4711, "at": signed_at})
    found.text("zh")        # 已撤销（状态序号4711，列表签署于2027年3月8日17:00（UTC+8））
    found.detail            # the English one, for the report for machines

Where an error of the library stands behind it, :attr:`Phrase.exact` keeps its message to the letter. That is machine
detail (a pointer, a term, an offset), in English alone: pages and terminal show it beside the sentence, as code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from string import Formatter
from typing import Any

from passport.credentials.sentences import HINTS, PHRASES
from passport.errors import PassportError

LANGUAGES = ("en", "zh")

# Written out here: strftime would follow the locale of the machine, and the words belong to the report's language.
# fmt: off
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on

#: Chinese readers are told the time of their own clocks.
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Phrase:
    """Something to say, before it is said in a language.

    :param key: of :data:`~passport.credentials.sentences.PHRASES`.
    :param values: what its braces stand for: texts, numbers, instants, other phrases, names by language, or lists
        of these.
    :param exact: what the library's error says to the letter, in English; None where no error is behind it.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    exact: str | None = None

    @classmethod
    def of(cls, error: PassportError, key: str | None = None) -> Phrase:
        """What ``error`` is for people, by its code or ``key``; its own message is kept."""
        known = key or (error.code if error.code in PHRASES else "passport-error")
        return cls(known, exact=str(error))

    def text(self, language: str = "en") -> str:
        """The phrase in ``language``, ``en`` or ``zh``."""
        template = PHRASES[self.key][LANGUAGES.index(language)]
        return _Told(language).vformat(template, (), self.values)

    @property
    def detail(self) -> str:
        """For machines: in English, and with the exact message where there is one."""
        if self.exact is not None:
            return self.exact
        return _Told("en", exact=True).vformat(PHRASES[self.key][0], (), self.values)

    @property
    def machine_detail(self) -> tuple[str, ...]:
        """The exact messages in it, each once, as they are; without those that say what the phrase says."""
        found = [] if self.exact in (None, PHRASES[self.key][0]) else [self.exact]
        for value in self.values.values():
            for part in value if isinstance(value, list | tuple) else (value,):
                found += part.machine_detail if isinstance(part, Phrase) else ()
        return tuple(dict.fromkeys(found))

    def hint(self, language: str = "en") -> str | None:
        """What a reader can do about it, a sentence; None where there is nothing."""
        found = HINTS.get(self.key)
        return None if found is None else found[LANGUAGES.index(language)]


class _Told(Formatter):
    """Puts values into a phrase as the language writes them."""

    def __init__(self, language: str, *, exact: bool = False) -> None:
        self._language = language
        self._exact = exact

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list | tuple):
            return listed((self.format_field(item, format_spec) for item in value), self._language)
        if isinstance(value, Phrase):
            return value.detail if self._exact else value.text(self._language)
        if isinstance(value, datetime):
            return (day if format_spec == "day" else moment)(value, self._language)
        if isinstance(value, Mapping):
            return str(value.get(self._language) or value["en"])
        return str(value)


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


def listed(items: Iterable[str], language: str = "en") -> str:
    """``a``, ``a and b``, ``a, b and c``; ``a、b、c``; each item once, in order."""
    found = list(dict.fromkeys(items))
    if language == "zh" or len(found) < 2:
        return "、".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


def validity(starts: Iterable[datetime | None], ends: Iterable[datetime | None]) -> Phrase:
    """``from 3 July 2026 and 21 July 2026, no end``; of several ends, the first."""
    begun = sorted({start for start in starts if start is not None})
    ending = [end for end in ends if end is not None]
    values = {"starts": begun} if begun else {}
    if not ending:
        return Phrase("from" if begun else "no-end", values)
    return Phrase("from-until" if begun else "until", {**values, "end": min(ending)})


def shortened(did: str) -> str:
    """A did:key or did:jwk for prose: ``did:key:zDnaeU…q7Kf``, methods too. Whatever may be copied is shown whole."""
    return f"{did[:14]}…{did[-4:]}" if did.startswith(("did:key:", "did:jwk:")) and len(did) > 20 else did
