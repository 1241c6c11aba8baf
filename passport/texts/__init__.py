"""Texts for people: written in English in the code, translated into the reader's language when they are shown.

    wrong = Message("sheet {sheet} has no column {column}", sheet="packs", column="serial")
    wrong                   # 'sheet packs has no column serial': a str, for logs, --json and other programs
    say(wrong, "zh")        # the same from the catalogue passport/texts/zh.po

The English source is the key of the catalogue (gettext), the values are kept apart from it, and a language is one file.
Texts of an ontology or a shape are data: mappings from language to text, which :func:`say` accepts too.
"""

from passport.texts.catalogue import ENGLISH, languages
from passport.texts.locale_language import language_of_locale
from passport.texts.localised import day, listed, moment, month
from passport.texts.message import (
    Message,
    Text,
    by_language,
    error_detail,
    error_hint,
    error_text,
    fallback,
    say,
    template,
)

__all__ = [
    "ENGLISH", "Message", "Text", "by_language", "day", "error_detail", "error_hint", "error_text", "fallback",
    "language_of_locale", "languages", "listed", "moment", "month", "say", "template",
]  # fmt: skip
