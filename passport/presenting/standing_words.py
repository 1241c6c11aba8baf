"""How a standing is said, in English and Chinese: the same sentences on the page, on paper and in the terminal.

Word, mark, fill and edge of each kind differ; the word and the mark are here, fill and edge are the reader's medium's.
A text is plain: whoever shows it escapes it. What is not published is said to be not published, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.credentials.wording import LANGUAGES, day
from passport.presenting.standing import About, Ageing, Standing, StandingKind
from passport.texts import Message
from passport.vocabulary.vocabulary import Vocabulary

#: Marks, which are read as decoration beside the word.
MARKS = {
    StandingKind.ENDED: "■",
    StandingKind.WITHDRAWN: "✗",
    StandingKind.SUSPENDED: "!",
    StandingKind.SUPERSEDED: "↺",
}

# fmt: off
TEXTS: dict[str, Message] = {
    "withdrawn-passport": Message("Withdrawn. Do not rely on it."),
    "withdrawn-model": Message("Model data withdrawn. Do not rely on them."),
    "withdrawn-read-out": Message("Read-out withdrawn. Do not rely on it."),
    "by-withdrawn-passport": Message("The issuer withdrew this passport on {day}"),
    "by-withdrawn-model": Message("The issuer withdrew the data of the model on {day}"),
    "by-withdrawn-read-out": Message("The issuer withdrew this read-out on {day}"),
    "suspended-passport": Message("Suspended since {day}"),
    "suspended-model": Message("Model data suspended since {day}"),
    "suspended-read-out": Message("Read-out suspended since {day}"),
    "by-suspended-passport": Message("The issuer suspended this passport"),
    "by-suspended-model": Message("The issuer suspended the data of the model"),
    "by-suspended-read-out": Message("The issuer suspended this read-out"),
    "because": ("{said}: {reason}", "{said}：{reason}"),
    "no-reason": Message("{said}. No reason was published."),
    "until-lifted": Message("Take the data as unconfirmed until the suspension is lifted. No end is set."),
    "open-replacement": Message("Open the passport that replaces it"),
    "open-current": Message("Open the version in force"),
    "signed-on": Message("signed on {day}"),
    "no-replacement": Message("No replacement is named. Ask the issuer."),
    "superseded": Message("An older read-out"),
    "superseded-of": Message("You are reading the condition of {then}. A newer one was read on {now}."),
    "superseded-values": Message("{label}: {then} then, {now} now."),
    "open-latest": Message("Read the latest"),
    "ended": Message("Ended: this battery no longer exists"),
    "ended-on": Message("It was recycled; the record of that was signed on {day}."),
    "ended-unseen": Message("It was recycled."),
    "ended-address": Message("The public passport has ceased to exist, and its address will never name another battery."),
    "ended-found": Message("Found this code on a battery? Tell the maker: the code may have been copied."),
}
# fmt: on


@dataclass(frozen=True)
class Told:
    """:ivar sentences: in order; :ivar action: what to open instead, with a note of its day; None where there is
    nothing to open."""

    mark: str
    headline: str
    sentences: tuple[str, ...]
    action: str | None = None
    action_note: str | None = None


def told(standing: Standing, language: str, vocabulary: Vocabulary) -> Told:
    """What a standing says.

    :param language: ``en`` or ``zh``.
    :param vocabulary: names and units of the figures of read-outs.
    """
    return _Teller(language, vocabulary).told(standing)


class _Teller:
    def __init__(self, language: str, vocabulary: Vocabulary) -> None:
        self._language = language
        self._vocabulary = vocabulary

    def say(self, key: str, **fields: object) -> str:
        return TEXTS[key][LANGUAGES.index(self._language)].format(**fields)

    def told(self, standing: Standing) -> Told:
        mark = MARKS[standing.kind]
        if standing.kind is StandingKind.ENDED:
            first = (
                self.say(Message("ended-on"), day=self._day(standing))
                if standing.since
                else self.say(Message("ended-unseen"))
            )
            return Told(
                mark,
                self.say(Message("ended")),
                (first, self.say(Message("ended-address")), self.say(Message("ended-found"))),
            )
        if standing.kind is StandingKind.SUPERSEDED:
            return self._superseded(standing, mark)
        headline = self.say(f"{standing.kind}-{standing.about}", day=self._day(standing))
        who = self.say(Message("by-{kind}-{about}", kind=standing.kind, about=standing.about), day=self._day(standing))
        because = self._because(who, standing.reason)
        if standing.kind is StandingKind.SUSPENDED:
            return Told(mark, headline, (because, self.say(Message("until-lifted"))))
        replacement = standing.replacement
        if replacement is None:
            return Told(mark, headline, (because, self.say(Message("no-replacement"))))
        action = "open-replacement" if standing.about is About.PASSPORT else "open-current"
        signed = self.say(Message("signed-on"), day=day(replacement.issued_at, self._language))
        return Told(mark, headline, (because,), self.say(action), signed)

    def _because(self, who: str, reason: str | None) -> str:
        if reason is None:
            return self.say(Message("no-reason"), said=who)
        return self.say(Message("because"), said=who, reason=_ended_with_stop(reason, self._language))

    def _superseded(self, standing: Standing, mark: str) -> Told:
        then = day(standing.read_at, self._language) if standing.read_at else "?"
        sentences = [self.say(Message("superseded-of"), then=then, now=self._day(standing))]
        if standing.ageing is not None:
            sentences.append(self._ageing(standing.ageing))
        return Told(mark, self.say(Message("superseded")), tuple(sentences), self.say(Message("open-latest")))

    def _ageing(self, ageing: Ageing) -> str:
        indicator = self._vocabulary.indicators[ageing.indicator]
        symbol = indicator.unit.symbol if indicator.unit and indicator.unit.code != "1" else ""
        gap = "" if symbol == "%" and self._language == "zh" or not symbol else "\u202f"

        def value(of: Any) -> str:
            return f"{of}{gap}{symbol}"

        label = indicator.label[self._language]
        return self.say(Message("superseded-values"), label=label, then=value(ageing.then), now=value(ageing.now))

    def _day(self, standing: Standing) -> str:
        return day(standing.since, self._language) if standing.since else "?"


def _ended_with_stop(text: str, language: str) -> str:
    """An issuer's sentence with a full stop of the reader's language, where it has none."""
    return text if text.endswith((".", "!", "?", "。", "！", "？")) else text + ("。" if language == "zh" else ".")
