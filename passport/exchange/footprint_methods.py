"""Methods of the carbon footprint in peers' files.

A figure is the EU's by a method of the EU, and the Chinese one by a Chinese method. Another method makes it neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passport.footprint.declared import CHINESE, EUROPEAN
from passport.vocabulary.strict_turtle import CODES
from passport.vocabulary.vocabulary import load


def eu_method(*names: Any) -> str | None:
    """The code of the method of the EU that one of some names is: a code, its IRI or a label; None for any other."""
    return next(_codes_named(EUROPEAN.method, names), None)


def chinese_method(*names: Any) -> str | None:
    """The same of the Chinese methods."""
    return next(_codes_named(CHINESE.method, names), None)


def method_iri(code: str) -> str:
    """The IRI of a method of the EU."""
    return f"{CODES}{EUROPEAN.method}.{code}"


def method_label(code: str) -> str | None:
    """The English name of a method of the EU; None for a code that is none."""
    listed = load().indicators[EUROPEAN.method].enumeration
    entry = listed.get(code) if listed else None
    return entry.label["en"] if entry else None


def _codes_named(indicator: str, names: tuple[Any, ...]) -> Iterator[str]:
    wanted = {name.strip().casefold() for name in names if isinstance(name, str)}
    listed = load().indicators[indicator].enumeration
    for entry in listed.codes if listed else ():
        own = {entry.code, f"{CODES}{indicator}.{entry.code}", *entry.label.values()}
        if wanted & {name.casefold() for name in own}:
            yield entry.code
