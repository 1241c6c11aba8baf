"""Every sentence that people read: written in English where it is said, said in the reader's language at the roof.

    wrong = Message("sheet {sheet} has no column {column}", sheet="packs", column="serial")
    wrong                   # 'sheet packs has no column serial': a str, for logs, --json and other programs
    say(wrong, "zh")        # the same from the catalogue passport/texts/zh.po

The English source is the key of the catalogue (gettext), the values stay apart, and a language is one file. What an
ontology or a shape says is data: it comes as a mapping of languages, and :func:`say` takes that too.
"""

from passport.texts.catalogue import ENGLISH, languages
from passport.texts.formats import day, listed, moment, month
from passport.texts.message import Message, Text, by_language, fallback, say, template
from passport.texts.reader import language_of_locale

__all__ = [
    "ENGLISH", "Message", "Text", "by_language", "day", "fallback", "language_of_locale", "languages", "listed", "moment", "month",
    "say", "template",
]  # fmt: skip
