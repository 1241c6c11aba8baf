"""The catalogues of translations: one gettext file a language beside this module (``zh.po``), read when first needed.

A ``.po`` file is read as it is: nothing has to be compiled after a translator has saved it. English is the source and
has no file. An entry that is fuzzy or empty is not used; the English sentence is shown instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from gettext import c2py
from pathlib import Path

from passport.errors import MalformedCatalogue

ENGLISH = "en"
#: Where the catalogues are. Another language is one more file.
FOLDER = Path(__file__).resolve().parent

#: (context or None, English) -> translation, by the forms of the plural.
Entries = Mapping[tuple[str | None, str], tuple[str, ...]]


@cache
def languages() -> tuple[str, ...]:
    """Codes (BCP 47) of the languages there are: English, then those with a catalogue."""
    return (ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po")))


@cache
def read(language: str) -> tuple[Entries, Callable[[int], int]]:
    """What is translated into ``language``, and which plural form a number takes (the header ``Plural-Forms``).

    :raises MalformedCatalogue: the file is no gettext catalogue.
    """
    # Only other languages need it, and it takes a tenth of a second.
    from babel.core import UnknownLocaleError
    from babel.messages.pofile import PoFileError, read_po

    path = FOLDER / f"{language}.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, ignore_obsolete=True, abort_invalid=True)
    except (OSError, ValueError, PoFileError, UnknownLocaleError) as error:
        raise MalformedCatalogue(f"{path.name} is no catalogue of translations: {error}") from error
    entries = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        source = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if forms and all(forms):
            entries[message.context, source] = forms
    return entries, c2py(catalogue.plural_expr)


def translation(language: str, source: str, *, context: str | None = None, number: int | None = None) -> str | None:
    """The translation of an English text, its places in braces unfilled; None where there is none.

    :param number: for a text with plural forms, the number that chooses one.
    :raises MalformedCatalogue: the file of the language cannot be read.
    """
    if language == ENGLISH or language not in languages():
        return None
    entries, form_of = read(language)
    forms = entries.get((context, source))
    if forms is None:
        return None
    return forms[min(form_of(number), len(forms) - 1) if number is not None else 0]
