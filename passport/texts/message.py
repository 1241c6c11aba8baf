"""A translatable sentence: its English source and the values in it.

A :class:`Message` is a ``str``, the English sentence. So errors, logs and JSON documents, which know nothing of
languages, are in English; the code that lays out a page or a terminal line calls :func:`say`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any

from passport.errors import PassportError
from passport.texts.catalogue import ENGLISH, languages, translation
from passport.texts.isolation import isolated_text
from passport.texts.localised import day, listed, moment

#: What people read: a message, a text in several languages out of an ontology, or a value that is the same in all.
Text = str | Mapping[str, str]


class Message(str):
    """One sentence or label.

    :param source: the English text; values are in braces, by name, and ``{{`` is a brace. Extraction reads the
        literal, so it is never put together.
    :param plural: the English text for other numbers than one; ``n`` chooses.
    :param context: tells two texts apart that are the same in English and not elsewhere.
    :param values: texts, numbers, dates, instants, messages, mappings of languages, or lists of these. Without
        values the braces stay: an entry of a table, to be filled by :meth:`fill`.
    """

    source: str
    plural: str | None
    context: str | None
    values: Mapping[str, Any]

    def __new__(
        cls, source: str, /, *, plural: str | None = None, context: str | None = None, **values: Any
    ) -> Message:
        chosen = source if plural is None or values.get("n") == 1 else plural
        message = super().__new__(cls, _filled(chosen, values, ENGLISH) if values else chosen)
        message.source, message.plural, message.context, message.values = source, plural, context, values
        return message

    def fill(self, **values: Any) -> Message:
        """The same with these values in it."""
        return Message(self.source, plural=self.plural, context=self.context, **{**self.values, **values})

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.source, self.plural, self.context, dict(self.values))


def _restored(source: str, plural: str | None, context: str | None, values: dict[str, Any]) -> Message:
    return Message(source, plural=plural, context=context, **values)


def say(text: Text, language: str) -> str:
    """A text in ``language``; what is not translated is said in English.

    A ``str`` that is no :class:`Message` is a value and stays as it is.
    """
    if isinstance(text, Message):
        pattern = template(text, language)
        return _filled(pattern, text.values, language) if text.values else pattern
    return text if isinstance(text, str) else fallback(text, language)


def template(message: Message, language: str) -> str:
    """The translation with its places in braces, for one who fills them with something else than plain text."""
    number = message.values.get("n") if message.plural is not None else None
    translated = translation(language, message.source, context=message.context, number=number)
    if translated is not None:
        return translated
    return message.source if message.plural is None or number == 1 else message.plural


def error_text(error: PassportError) -> Message:
    """What happened, and what was expected and found, as one text."""
    message = error.message if isinstance(error.message, Message) else Message("{message}", message=error.message)
    detail = error_detail(error)
    return message if detail is None else Message("{message}; {detail}", message=message, detail=detail)


def error_detail(error: PassportError) -> Message | None:
    """The second line of an error: where, what was expected and what was found; None where nothing was said of that."""
    expected, found, where = error.expected, error.found, getattr(error, "where", None)
    if expected is not None and found is not None:
        detail = Message("expected {expected}; found {found}", expected=expected, found=found)
    elif expected is not None:
        detail = Message("expected {expected}", expected=expected)
    elif found is not None:
        detail = Message("found {found}", found=found)
    else:
        return None
    return detail if not where else Message("{where}: {detail}", where=where, detail=detail)


def error_hint(error: PassportError) -> str | None:
    """What to do about an error. The hint of a whole class of errors is its English source, to be looked up."""
    hint = error.hint
    return hint if hint is None or isinstance(hint, Message) else Message(hint)


def by_language(text: Text) -> dict[str, str]:
    """A text in every language there is, for a document that carries them all."""
    return {language: say(text, language) for language in languages()}


def fallback(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else the English one, else any there is."""
    return texts.get(language) or texts.get(ENGLISH) or next(iter(texts.values()), "")


def _filled(pattern: str, values: Mapping[str, Any], language: str) -> str:
    return _Filler(language).vformat(pattern, (), values)


class _Filler(Formatter):
    """Puts values into a pattern as the language writes them. A value is never read as a pattern itself."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        # Names only: a translation must not reach into the attributes of a value.
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, list | tuple):
            return listed((self.format_field(item, format_spec) for item in value), self._language)
        if isinstance(value, PassportError):
            return format(say(error_text(value), self._language), format_spec)
        if isinstance(value, str) and not isinstance(value, Message):
            return isolated_text(format(value, format_spec))
        if isinstance(value, str | Mapping):
            return format(say(value, self._language), format_spec)
        if isinstance(value, date) and format_spec in ("", "day"):
            if isinstance(value, datetime) and not format_spec:
                return moment(value, self._language)
            return day(value, self._language)
        return format(value, format_spec)
