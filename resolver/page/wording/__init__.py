"""Every sentence that a page says, in English and Chinese side by side. Labels of indicators, code lists, sections and
kinds of credentials come from the ontology.

* Say what is so, then what to do. Full sentences for judgements, bare nouns for labels.
* Never claim more than was checked: "nothing was changed since … signed", not "the data are correct".
* English: sentence case, British spelling, "withdrawn" for people where the data say revoked.
* Chinese: 书面而平实，称“您”。

A text may hold markup of our own and ``{fields}``; what is put into a field is escaped. The texts stand in a module for
each part of a page; words that the manual and the reports say too come from :mod:`passport.reports.report_words`.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from passport.reports.report_words import COMMON
from passport.texts import Message
from resolver.page.wording import charts, entries, frame, refusals, roles, standing, trust, verify

TEXTS: dict[str, Message] = {
    **COMMON, **frame.TEXTS, **trust.TEXTS, **entries.TEXTS, **roles.TEXTS, **charts.TEXTS, **verify.TEXTS,
    **standing.TEXTS,
}  # fmt: skip

#: For what a person with a legitimate interest reads. (Article 77(2))
PURPOSES: dict[str, Message] = {
    "repair": Message("repair"),
    "remanufacturing": Message("remanufacturing"),
    "second-life": Message("second life"),
    "recycling": Message("recycling"),
    "purchase": Message("purchase"),
    "aggregation": Message("aggregation"),
}

LANGUAGES = ("en", "zh")


class Words:
    """All texts in one language.

    :param language: ``en`` or ``zh``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._index = LANGUAGES.index(language)

    @property
    def other(self) -> str:
        """The other language."""
        return LANGUAGES[1 - self._index]

    def __call__(self, key: str, **fields: object) -> Markup:
        """The text ``key`` with its fields filled in; what is filled in is escaped."""
        text = Markup(TEXTS[key][self._index])  # noqa: S704 - our own text
        return text.format(**fields) if fields else text

    @property
    def comma(self) -> Markup:
        """Between clauses."""
        return Markup("，") if self.language == "zh" else Markup(", ")

    @property
    def pause(self) -> Markup:
        """Between the parts of an enumeration."""
        return Markup("、") if self.language == "zh" else Markup(", ")

    @property
    def space(self) -> Markup:
        """Between sentences."""
        return Markup("") if self.language == "zh" else Markup(" ")

    def why(self, code: str) -> str | None:
        """Why something was refused, by the code of its error; None where there is no more to say than the heading."""
        return refusals.BY_CODE[code][self._index] if code in refusals.BY_CODE else None

    def has(self, key: str) -> bool:
        return key in TEXTS

    def of(self, table: dict[str, Message], key: str) -> str:
        """An entry of one of the small tables; the key itself where there is none."""
        return table[key][self._index] if key in table else key

    def join(self, parts: list[Any], *, pause: str | None = None) -> Markup:
        """A list in a sentence: commas, and in English an "and" before the last; ``pause`` replaces the Chinese one."""
        if self.language == "zh":
            return (self.pause if pause is None else escape(pause)).join(parts)
        if len(parts) < 2:
            return Markup("").join(parts)
        return Markup(" and ").join([Markup(", ").join(parts[:-1]), parts[-1]])

    def clauses(self, parts: list[Any]) -> Markup:
        """Clauses one after the other: semicolons in Chinese, "and" in English."""
        return self.comma.join(parts) if self.language == "zh" else self.join(parts)
