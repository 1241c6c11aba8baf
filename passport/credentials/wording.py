"""The findings of a verification, as phrases for people and for machines.

A :class:`Phrase` is a key of :mod:`~passport.credentials.sentences` and the values of its sentence. It is made once, by
the check, and said in any language by the page or the terminal::

    finding = Phrase("revoked", {"index": 4711, "at": signed_at})
    finding.text("zh")      # the sentence in Chinese, the instant as Chinese readers write it
    finding.detail          # the sentence in English, for the report for machines

Where an error of the library is the reason, :attr:`Phrase.exact` is its message to the letter. That is machine detail
(a pointer, a term, an offset) in English: pages and terminal show it beside the sentence, as code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

from passport.credentials.sentences import HINTS, PHRASES
from passport.errors import PassportError
from passport.texts import ENGLISH, Message, Text, say


@dataclass(frozen=True)
class Phrase:
    """A finding of a verification. A rule with sentences of its own is a subclass with tables of its own.

    :param key: of :attr:`sentences`.
    :param values: for the braces of the sentence: texts, numbers, instants, other phrases, names by language, or lists
        of these.
    :param exact: the message of the library's error, in English; None where no error is the reason.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    exact: str | None = None

    sentences: ClassVar[Mapping[str, Message]] = PHRASES
    hints: ClassVar[Mapping[str, Message]] = HINTS

    @classmethod
    def of(cls, error: PassportError, key: str | None = None) -> Self:
        """The phrase for ``error``, by its code or ``key``; the error's own message is kept."""
        known = key or (error.code if error.code in cls.sentences else "passport-error")
        return cls(known, exact=str(error))

    @cached_property
    def message(self) -> Message:
        """The sentence with its values."""
        return self._filled(lambda phrase: phrase.message)

    def text(self, language: str = ENGLISH) -> str:
        """The sentence in ``language``."""
        return say(self.message, language)

    @cached_property
    def detail(self) -> str:
        """For machines: in English, and the exact message instead of the sentence where there is one."""
        return self.exact if self.exact is not None else str(self._filled(lambda phrase: phrase.detail))

    @property
    def machine_detail(self) -> tuple[str, ...]:
        """The exact messages in it, each once. A message that repeats the sentence is left out."""
        exact = [] if self.exact in (None, self.sentences[self.key]) else [self.exact]
        for value in self.values.values():
            for part in value if isinstance(value, list | tuple) else (value,):
                exact += part.machine_detail if isinstance(part, Phrase) else ()
        return tuple(dict.fromkeys(exact))

    def hint(self, language: str = ENGLISH) -> str | None:
        """What a reader can do about it, a sentence; None where there is nothing."""
        hint = self.hints.get(self.key)
        return None if hint is None else say(hint, language)

    def _filled(self, inner: Callable[[Phrase], Text]) -> Message:
        """The sentence with its values; :param inner: gives the text of a phrase among them."""
        values = {
            name: [inner(each) if isinstance(each, Phrase) else each for each in value]
            if isinstance(value, list | tuple)
            else inner(value)
            if isinstance(value, Phrase)
            else value
            for name, value in self.values.items()
        }
        return self.sentences[self.key].fill(**values)


def validity(starts: Iterable[datetime | None], ends: Iterable[datetime | None]) -> Phrase:
    """``from 3 July 2026 and 21 July 2026, no end``; of several ends, the first."""
    begun = sorted({start for start in starts if start is not None})
    ending = [end for end in ends if end is not None]
    values = {"starts": begun} if begun else {}
    if not ending:
        return Phrase("from" if begun else "no-end", values)
    return Phrase("from-until" if begun else "until", {**values, "end": min(ending)})


def shortened(did: str) -> str:
    """A did:key or did:jwk for prose: ``did:key:zDnaeU…q7Kf``, methods too. A DID for copying is shown whole."""
    return f"{did[:14]}…{did[-4:]}" if did.startswith(("did:key:", "did:jwk:")) and len(did) > 20 else did
