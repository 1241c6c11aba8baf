"""Pages in one file: no script, no request, no font from elsewhere; they open from a disk and print.

Templates are beside this module. Every value in a template is escaped and isolated; a missing value is an error, not an
empty place.
In every template:

* ``t("name", field=…)`` is a text of the page in the reader's language;
* ``text|say(lang)`` is a message or label in a language, ``items|listed(lang)`` a list, ``date|day(lang)`` a day;
* ``lang`` is the reader's language, ``other`` the second one in which names and definitions are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from passport.reports.isolation import IsolatedValues
from passport.reports.report_words import COMMON
from passport.texts import Message, Text, day, listed, say
from passport.vocabulary.indicator import LANGUAGES

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> jinja2.Environment:
    """The templates beside this module, with filters for texts and days."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[IsolatedValues],
    )
    environment.filters["say"] = say
    environment.filters["listed"] = lambda texts, language: listed((say(text, language) for text in texts), language)
    environment.filters["day"] = lambda value, language: "—" if value is None else day(value, language)
    return environment


def render(template: str, texts: Mapping[str, Text], language: str, **values: Any) -> str:
    """A page as HTML.

    :param template: name of a file under ``templates/``.
    :param texts: what the page itself says, by name. Words that other pages say too are there without being given.
    :param language: the reader's.
    """
    known = {**COMMON, **texts}

    def text_of(key: str, /, **fields: Any) -> str:
        text = known[key]
        return say(text.fill(**fields) if isinstance(text, Message) else text, language)

    # Names in the ontology are read in two of its languages; the reader's need not be among them.
    other = next(each for each in LANGUAGES if each != language)
    return environment().get_template(template).render(t=text_of, lang=language, other=other, **values)
