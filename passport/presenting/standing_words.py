"""How a standing is said, in English and Chinese: the same sentences on the page, on paper and in the terminal.

Word, mark, fill and edge of each kind differ; the word and the mark are here, fill and edge are the reader's medium's.
A text is plain: whoever shows it escapes it. What is not published is said to be not published, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.credentials.wording import LANGUAGES, day
from passport.presenting.standing import About, Ageing, Standing, StandingKind
from passport.vocabulary.vocabulary import Vocabulary

#: Marks, which are read as decoration beside the word.
MARKS = {
    StandingKind.ENDED: "■",
    StandingKind.WITHDRAWN: "✗",
    StandingKind.SUSPENDED: "!",
    StandingKind.SUPERSEDED: "↺",
}

# fmt: off
TEXTS: dict[str, tuple[str, str]] = {
    "withdrawn-passport": ("Withdrawn. Do not rely on it.", "已撤销，请勿采信"),
    "withdrawn-model": ("Model data withdrawn. Do not rely on them.", "型号数据已撤销，请勿采信"),
    "withdrawn-read-out": ("Read-out withdrawn. Do not rely on it.", "本次读数已撤销，请勿采信"),
    "by-withdrawn-passport": ("The issuer withdrew this passport on {day}", "签发方于{day}撤销本护照"),
    "by-withdrawn-model": ("The issuer withdrew the data of the model on {day}", "签发方于{day}撤销型号数据"),
    "by-withdrawn-read-out": ("The issuer withdrew this read-out on {day}", "签发方于{day}撤销本次读数"),
    "suspended-passport": ("Suspended since {day}", "已暂停（自{day}起）"),
    "suspended-model": ("Model data suspended since {day}", "型号数据已暂停（自{day}起）"),
    "suspended-read-out": ("Read-out suspended since {day}", "本次读数已暂停（自{day}起）"),
    "by-suspended-passport": ("The issuer suspended this passport", "签发方已暂停本护照"),
    "by-suspended-model": ("The issuer suspended the data of the model", "签发方已暂停型号数据"),
    "by-suspended-read-out": ("The issuer suspended this read-out", "签发方已暂停本次读数"),
    "because": ("{said}: {reason}", "{said}：{reason}"),
    "no-reason": ("{said}. No reason was published.", "{said}，未公布原因。"),
    "until-lifted": (
        "Take the data as unconfirmed until the suspension is lifted. No end is set.",
        "在解除暂停之前，请将数据视为未经确认。暂停未设期限。",
    ),
    "open-replacement": ("Open the passport that replaces it", "打开替代它的护照"),
    "open-current": ("Open the version in force", "打开现行版本"),
    "signed-on": ("signed on {day}", "{day}签署"),
    "no-replacement": ("No replacement is named. Ask the issuer.", "未指明替代护照，请询问签发方。"),
    "superseded": ("An older read-out", "非最新读数"),
    "superseded-of": (
        "You are reading the condition of {then}. A newer one was read on {now}.",
        "您所看到的是{then}的状况，最新一次读取于{now}。",
    ),
    "superseded-values": ("{label}: {then} then, {now} now.", "{label}：当时{then}，现为{now}。"),
    "open-latest": ("Read the latest", "查看最新读数"),
    "ended": ("Ended: this battery no longer exists", "已终止：该电池已不复存在"),
    "ended-on": (
        "It was recycled; the record of that was signed on {day}.",
        "该电池已回收，回收记录签署于{day}。",
    ),
    "ended-unseen": ("It was recycled.", "该电池已回收。"),
    "ended-address": (
        "The public passport has ceased to exist, and its address will never name another battery.",
        "其公开护照已终止，地址不会再用于其他电池。",
    ),
    "ended-found": (
        "Found this code on a battery? Tell the maker: the code may have been copied.",
        "如在电池上见到此编码，请告知制造商：该编码可能被复制。",
    ),
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
            first = self.say("ended-on", day=self._day(standing)) if standing.since else self.say("ended-unseen")
            return Told(mark, self.say("ended"), (first, self.say("ended-address"), self.say("ended-found")))
        if standing.kind is StandingKind.SUPERSEDED:
            return self._superseded(standing, mark)
        headline = self.say(f"{standing.kind}-{standing.about}", day=self._day(standing))
        who = self.say(f"by-{standing.kind}-{standing.about}", day=self._day(standing))
        because = self._because(who, standing.reason)
        if standing.kind is StandingKind.SUSPENDED:
            return Told(mark, headline, (because, self.say("until-lifted")))
        replacement = standing.replacement
        if replacement is None:
            return Told(mark, headline, (because, self.say("no-replacement")))
        action = "open-replacement" if standing.about is About.PASSPORT else "open-current"
        signed = self.say("signed-on", day=day(replacement.issued_at, self._language))
        return Told(mark, headline, (because,), self.say(action), signed)

    def _because(self, who: str, reason: str | None) -> str:
        if reason is None:
            return self.say("no-reason", said=who)
        return self.say("because", said=who, reason=_ended_with_stop(reason, self._language))

    def _superseded(self, standing: Standing, mark: str) -> Told:
        then = day(standing.read_at, self._language) if standing.read_at else "?"
        sentences = [self.say("superseded-of", then=then, now=self._day(standing))]
        if standing.ageing is not None:
            sentences.append(self._ageing(standing.ageing))
        return Told(mark, self.say("superseded"), tuple(sentences), self.say("open-latest"))

    def _ageing(self, ageing: Ageing) -> str:
        indicator = self._vocabulary.indicators[ageing.indicator]
        symbol = indicator.unit.symbol if indicator.unit and indicator.unit.code != "1" else ""
        gap = "" if symbol == "%" and self._language == "zh" or not symbol else "\u202f"

        def value(of: Any) -> str:
            return f"{of}{gap}{symbol}"

        label = indicator.label[self._language]
        return self.say("superseded-values", label=label, then=value(ageing.then), now=value(ageing.now))

    def _day(self, standing: Standing) -> str:
        return day(standing.since, self._language) if standing.since else "?"


def _ended_with_stop(text: str, language: str) -> str:
    """An issuer's sentence with a full stop of the reader's language, where it has none."""
    return text if text.endswith((".", "!", "?", "。", "！", "？")) else text + ("。" if language == "zh" else ".")
