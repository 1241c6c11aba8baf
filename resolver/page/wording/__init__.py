"""Every sentence that a page says, in English; catalogues hold the other languages. Labels of indicators, code lists,
sections and kinds of credentials come from the ontology.

* Say what is so, then what to do. Full sentences for judgements, bare nouns for labels.
* Never claim more than was checked: "nothing was changed since … signed", not "the data are correct".
* English: sentence case, British spelling, "withdrawn" for people where the data say revoked.
* Chinese: written style and plain words, with the polite form of address.

A text may hold markup of our own and ``{fields}``; what is put into a field is escaped. There is a module for each part
of a page; words that the manual and the reports say too come from :mod:`passport.reports.report_words`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from markupsafe import Markup

from passport import texts
from passport.reports.isolation import isolated
from passport.reports.report_words import COMMON
from passport.texts import Message, Text
from resolver.page import formatting
from resolver.page.wording import (
    chart_texts,
    desk_alert_texts,
    desk_dossier_texts,
    desk_flow_texts,
    desk_overview_texts,
    desk_query_texts,
    desk_texts,
    entry_texts,
    frame_texts,
    life_texts,
    needs_texts,
    refusal_texts,
    role_texts,
    standing_texts,
    trust_texts,
    verification_texts,
    wallet_texts,
)

TEXTS: Mapping[str, Text] = {
    **COMMON, **frame_texts.TEXTS, **trust_texts.TEXTS, **entry_texts.TEXTS, **role_texts.TEXTS, **chart_texts.TEXTS,
    **verification_texts.TEXTS, **standing_texts.TEXTS, **life_texts.TEXTS,
    **needs_texts.TEXTS,
    **wallet_texts.TEXTS,
    **desk_texts.TEXTS,
    **desk_alert_texts.TEXTS,
    **desk_dossier_texts.TEXTS,
    **desk_flow_texts.TEXTS,
    **desk_overview_texts.TEXTS,
    **desk_query_texts.TEXTS,
}  # fmt: skip

# How two parts are put side by side. A joiner is what is left of the pattern when its places are empty.
_COMMA = Message("{a}, {b}", context="clauses")
_PAUSE = Message("{a}, {b}", context="enumeration")
_SPACE = Message("{a} {b}", context="sentences")
_LAST_CLAUSE = Message("{a} and {b}", context="clauses")
_COUNTS = Message("{a} and {b}", context="counts")


class Words:
    """All texts in one language.

    :param language: one of :func:`passport.texts.languages`.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **fields: object) -> Markup:
        """The text ``key`` with its fields filled in; what is filled in is escaped.

        A field that is a message or a label of the ontology is said in the language. ``n`` chooses a plural.
        """
        message = TEXTS[key]
        if not isinstance(message, Message):
            return isolated(self.say(message))
        if message.plural is not None:
            message = message.fill(**fields)
        text = Markup(texts.template(message, self.language))  # noqa: S704 - our own text
        if not fields:
            return text
        return text.format(**{name: self._field(value) for name, value in fields.items()})

    def _field(self, value: object) -> object:
        value = self.say(value) if isinstance(value, Message | Mapping) else value
        return isolated(value) if isinstance(value, str) else value

    def say(self, text: Text) -> str:
        """A message or a label of the ontology in the language; other text as it is. No markup."""
        return texts.say(text, self.language)

    def number(self, value: object) -> str:
        """A number as it was signed, its thousands in groups."""
        return formatting.number(value, self.language)

    def percent(self, value: object) -> str:
        """A number of per cent."""
        return formatting.percent(value, self.language)

    @cached_property
    def comma(self) -> Markup:
        """Between clauses."""
        return self._joiner(_COMMA)

    @cached_property
    def pause(self) -> Markup:
        """Between the parts of an enumeration."""
        return self._joiner(_PAUSE)

    @cached_property
    def space(self) -> Markup:
        """Between sentences."""
        return self._joiner(_SPACE)

    def _joiner(self, pattern: Message) -> Markup:
        return Markup(texts.template(pattern, self.language)).format(a="", b="")  # noqa: S704 - our own text

    def why(self, code: str) -> str | None:
        """Why something was refused, by the code of its error; None where there is no more to say than the heading."""
        return self.say(refusal_texts.BY_CODE[code]) if code in refusal_texts.BY_CODE else None

    def has(self, key: str) -> bool:
        return key in TEXTS

    def join(self, parts: Sequence[Any]) -> Markup:
        """A list in a sentence."""
        pattern = texts.listed((f"{{{at}}}" for at in range(len(parts))), self.language)
        return Markup(pattern).format(*map(self._field, parts))  # noqa: S704 - of places and joiners

    def clauses(self, parts: Sequence[Any]) -> Markup:
        """Clauses one after the other: in English with an "and" before the last."""
        return self._last(self.comma.join(parts[:-1]), _LAST_CLAUSE, parts)

    def counts(self, parts: Sequence[Any]) -> Markup:
        """Counts one after the other, each of which holds a comma or could."""
        return self._last(self.comma.join(parts[:-1]), _COUNTS, parts)

    def _last(self, head: Markup, pattern: Message, parts: Sequence[Any]) -> Markup:
        if len(parts) < 2:
            return Markup("").join(parts)
        return Markup(texts.template(pattern, self.language)).format(a=head, b=parts[-1])  # noqa: S704 - our own text
