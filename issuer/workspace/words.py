"""The texts of the workspace's pages in one language; templates name them by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from issuer.workspace.wording import TEXTS
from passport import texts
from passport.reports.isolation import isolated
from passport.texts import Message, Text, day, listed, moment, say
from passport.texts.localised import number


class WorkWords:
    """:param language: one of :func:`passport.texts.languages`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **fields: object) -> Markup:
        """The text of a key with its fields filled in and escaped. ``n`` chooses a plural."""
        message = TEXTS[key]
        if message.plural is not None:
            message = message.fill(**fields)
        text = Markup(texts.template(message, self.language))  # noqa: S704 - our own text
        return text.format(**{name: self._field(value) for name, value in fields.items()}) if fields else text

    def _field(self, value: object) -> object:
        if isinstance(value, Markup):
            return value
        if isinstance(value, Message | Mapping):
            return isolated(self.say(value))
        if isinstance(value, date):
            return self.moment(value) if isinstance(value, datetime) else self.day(value)
        return isolated(value) if isinstance(value, str) else self.number(value)

    def say(self, text: Text) -> str:
        """A message or a label of the ontology in the language; other text as it is."""
        return say(text, self.language)

    def other(self, label: Mapping[str, str]) -> str:
        """A label in the language that the reader did not choose: people who work together may read two."""
        return next((text for language, text in label.items() if language != self.language), "")

    def number(self, value: object) -> str:
        return number(str(value), self.language)

    def day(self, at: date) -> str:
        return day(at, self.language)

    def moment(self, at: datetime) -> str:
        return moment(at, self.language)

    def join(self, parts: Sequence[Any]) -> str:
        return listed((self.say(part) for part in parts), self.language)
