"""The sentences about a standing: the same on the page, on paper and in the terminal, in any language.

Word, mark, fill and edge of each kind differ; the word and the mark are here, fill and edge are the medium's. The texts
are plain, so a page has to escape them. What is not published is said to be not published, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.presenting.standing import About, Ageing, Standing, StandingKind
from passport.texts import Message, Text, day, say
from passport.vocabulary.vocabulary import Vocabulary

#: Marks, which are read as decoration beside the word.
MARKS = {
    StandingKind.ENDED: "■",
    StandingKind.WITHDRAWN: "✗",
    StandingKind.SUSPENDED: "!",
    StandingKind.SUPERSEDED: "↺",
}

_HEADLINES: dict[tuple[StandingKind, About], Message] = {
    (StandingKind.WITHDRAWN, About.PASSPORT): Message("Withdrawn. Do not rely on it."),
    (StandingKind.WITHDRAWN, About.BATCH): Message("Batch data withdrawn. Do not rely on them."),
    (StandingKind.WITHDRAWN, About.MODEL): Message("Model data withdrawn. Do not rely on them."),
    (StandingKind.WITHDRAWN, About.READ_OUT): Message("Read-out withdrawn. Do not rely on it."),
    (StandingKind.SUSPENDED, About.PASSPORT): Message("Suspended since {day}"),
    (StandingKind.SUSPENDED, About.BATCH): Message("Batch data suspended since {day}"),
    (StandingKind.SUSPENDED, About.MODEL): Message("Model data suspended since {day}"),
    (StandingKind.SUSPENDED, About.READ_OUT): Message("Read-out suspended since {day}"),
}
_ACTS: dict[tuple[StandingKind, About], Message] = {
    (StandingKind.WITHDRAWN, About.PASSPORT): Message("The issuer withdrew this passport on {day}"),
    (StandingKind.WITHDRAWN, About.BATCH): Message("The issuer withdrew the data of the batch on {day}"),
    (StandingKind.WITHDRAWN, About.MODEL): Message("The issuer withdrew the data of the model on {day}"),
    (StandingKind.WITHDRAWN, About.READ_OUT): Message("The issuer withdrew this read-out on {day}"),
    (StandingKind.SUSPENDED, About.PASSPORT): Message("The issuer suspended this passport"),
    (StandingKind.SUSPENDED, About.BATCH): Message("The issuer suspended the data of the batch"),
    (StandingKind.SUSPENDED, About.MODEL): Message("The issuer suspended the data of the model"),
    (StandingKind.SUSPENDED, About.READ_OUT): Message("The issuer suspended this read-out"),
}


@dataclass(frozen=True)
class Told:
    """A standing in words.

    :ivar sentences: in order.
    :ivar action: what to open instead, None where there is nothing to open; :ivar action_note: the day of that.
    """

    mark: str
    headline: str
    sentences: tuple[str, ...]
    action: str | None = None
    action_note: str | None = None


def told(standing: Standing, language: str, vocabulary: Vocabulary) -> Told:
    """The sentences about a standing.

    :param language: a code of :func:`passport.texts.languages`.
    :param vocabulary: names and units of the figures of read-outs.
    """
    return _StandingTeller(language, vocabulary).told(standing)


class _StandingTeller:
    def __init__(self, language: str, vocabulary: Vocabulary) -> None:
        self._language = language
        self._vocabulary = vocabulary

    def told(self, standing: Standing) -> Told:
        if standing.kind is StandingKind.ENDED:
            return self._ended(standing)
        if standing.kind is StandingKind.SUPERSEDED:
            return self._superseded(standing)
        which = standing.kind, standing.about
        headline = _HEADLINES[which].fill(day=self._day(standing.since))
        reason = _with_reason(_ACTS[which].fill(day=self._day(standing.since)), standing.reason)
        if standing.kind is StandingKind.SUSPENDED:
            lifted = Message("Take the data as unconfirmed until the suspension is lifted. No end is set.")
            return self._told(standing, headline, reason, lifted)
        replacement = standing.replacement
        if replacement is None:
            return self._told(standing, headline, reason, Message("No replacement is named. Ask the issuer."))
        passport = standing.about is About.PASSPORT
        return self._told(
            standing,
            headline,
            reason,
            action=Message("Open the passport that replaces it") if passport else Message("Open the version in force"),
            action_note=Message("signed on {day}", day=self._day(replacement.issued_at)),
        )

    def _told(
        self,
        standing: Standing,
        headline: Message,
        *sentences: Message,
        action: Message | None = None,
        action_note: Message | None = None,
    ) -> Told:
        return Told(
            MARKS[standing.kind],
            say(headline, self._language),
            tuple(say(sentence, self._language) for sentence in sentences),
            None if action is None else say(action, self._language),
            None if action_note is None else say(action_note, self._language),
        )

    def _ended(self, standing: Standing) -> Told:
        since = standing.since
        return self._told(
            standing,
            Message("Ended: this battery no longer exists"),
            Message("It was recycled; the record of that was signed on {day}.", day=self._day(since))
            if since
            else Message("It was recycled."),
            Message("The public passport has ceased to exist, and its address will never name another battery."),
            Message("Found this code on a battery? Tell the maker: the code may have been copied."),
        )

    def _superseded(self, standing: Standing) -> Told:
        sentences = [
            Message(
                "You are reading the condition of {then}. A newer one was read on {now}.",
                then=self._day(standing.read_at),
                now=self._day(standing.since),
            )
        ]
        if standing.ageing is not None:
            sentences.append(self._ageing(standing.ageing))
        return self._told(standing, Message("An older read-out"), *sentences, action=Message("Read the latest"))

    def _ageing(self, ageing: Ageing) -> Message:
        indicator = self._vocabulary.indicators[ageing.indicator]
        symbol = indicator.unit.symbol if indicator.unit and indicator.unit.code != "1" else ""
        then, now = _quantity(ageing.then, symbol), _quantity(ageing.now, symbol)
        return Message("{label}: {then} then, {now} now.", label=indicator.label, then=then, now=now)

    def _day(self, at: datetime | None) -> str:
        return day(at, self._language) if at else "?"


def _quantity(value: Any, symbol: str) -> Text:
    if symbol == "%":
        return Message("{value}\u202f%", value=value)
    return f"{value}\u202f{symbol}" if symbol else str(value)


def _with_reason(act: Message, reason: str | None) -> Message:
    """What the issuer did, and the published reason for it."""
    if reason is None:
        return Message("{act}. No reason was published.", act=act)
    # An issuer's sentence may lack its full stop, whose form is the reader's language's.
    if reason.endswith((".", "!", "?", "\u3002", "\uff01", "\uff1f")):
        return Message("{act}: {reason}", act=act, reason=reason)
    return Message("{act}: {reason}.", act=act, reason=reason)
