"""Descriptions of expected values, such as "a number of volts greater than 0". No other module words them.

The derived shapes carry these phrases as messages, and readers and reports use them, so that a cell in a workbook, a
SHACL result and a page speak alike. A phrase completes "expected …" and has no closing stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches

from passport.texts import ENGLISH, Message, Text, by_language, say
from passport.vocabulary.indicator import Datatype, Field, Indicator, Range, Term, Unit

_PLAIN: Mapping[Datatype, Message] = {
    Datatype.STRING: Message("text"),
    Datatype.BOOLEAN: Message("true or false"),
    Datatype.DATE: Message("a day written YYYY-MM-DD"),
    Datatype.DATE_TIME: Message("an instant with its time zone, such as 2026-11-16T08:30:00Z"),
    Datatype.DURATION: Message("a duration, such as PT10S"),
    Datatype.ANY_URI: Message("an absolute IRI"),
    Datatype.LANG_STRING: Message("text with its language, one text per language"),
}
# More codes than this are not read out one by one.
_MANY_CODES = 16


#: The end of the messages of the derived shapes where a value may occur once.
ONCE = Message(", given once")


def expected(term: Indicator | Field | Term, language: str = ENGLISH) -> str:
    """What a single value of ``term`` should be, in a language."""
    return say(phrase(term), language)


def phrase(term: Indicator | Field | Term) -> Text:
    """What a single value of ``term`` should be, not yet said in a language."""
    if term.datatype is Datatype.ENUM:
        return _code(term)
    if term.datatype is Datatype.STRUCTURED:
        return _entry(term)
    if term.datatype in (Datatype.DECIMAL, Datatype.INTEGER):
        return _number(term.datatype, term.unit, term.range)
    if term.range.form is not None:
        return term.range.form
    return _PLAIN[term.datatype]


_SEPARATED = re.compile(r"[+-]?[0-9]{1,3}(?:[,.'’\u00a0\u2009\u202f ][0-9]{3})*(?:[,.][0-9]+)?")


def advice(term: Indicator | Field | Term, text: object) -> str | None:
    """What to do with a value that is written ambiguously; None where that is not it.

    ``17,0`` is 17 in Germany and 170 to a careless program; ``48,000`` is 48 in one country and 48000 in another.
    Neither is converted: the sentence says what to type. For a code the nearest one of its list is named.
    """
    if term.datatype is Datatype.ENUM and isinstance(text, str):
        return _nearest_code(term, text)
    if term.datatype is Datatype.DATE and isinstance(text, str) and _OTHER_DAY.match(text.strip()):
        return Message("write the day as year-month-day: 2026-06-18")
    if term.datatype not in (Datatype.DECIMAL, Datatype.INTEGER) or not isinstance(text, str):
        return None
    given = text.strip()
    if re.fullmatch(r"[\u2010-\u2015\u2212\ufe63\uff0d][0-9]+(\.[0-9]+)?", given):
        return Message("write a hyphen as the minus sign: {number}", number=f"-{given[1:]}")
    if re.fullmatch(r"\+[0-9]+(\.[0-9]+)?", given):
        return Message("leave out the plus sign: {number}", number=given[1:])
    unit = term.unit.symbol if term.unit is not None else ""
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]{1,2}|[+-]?[0-9]+,[0-9]{4,}|[+-]?[0-9]{4,},[0-9]+", given):
        return Message("write a decimal point: {number}", number=given.replace(",", "."))
    if re.search(r"[,'’\u00a0\u2009\u202f ]", given) and _SEPARATED.fullmatch(given):
        return Message("write the number without separators between thousands, and with a point before decimals")
    if re.fullmatch(r"[+-]?[0-9][0-9.,]*\s*[^0-9.,\s].*", given):
        if unit and unit != "1":
            return Message("write the number alone, in {unit}", unit=unit)
        return Message("write the number alone")
    if re.match(r"[约~≈<>≤≥]", given):  # data: recognised in input
        return Message("write one exact number")
    return None


#: Days as people write them: 18.06.2026, 6/18/2026, 2026/6/18, 2026年6月18日, 20260618.
_OTHER_DAY = re.compile(
    r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}|[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}|[0-9]{8}$"
    r"|[0-9]{4}年"  # data: recognised in input
)


def _nearest_code(term: Indicator | Field | Term, text: str) -> Message | None:
    """The code whose name looks most like a text; None where nothing is near."""
    names = {
        name.casefold(): code.code
        for code in (term.enumeration.codes if term.enumeration is not None else ())
        for name in (code.code, *code.label.values())
    }
    near = get_close_matches(text.strip().casefold(), names, 1, 0.6)
    return Message("did you mean {code}?", code=names[near[0]]) if near else None


def _code(term: Indicator | Field | Term) -> Message:
    assert term.enumeration is not None
    codes = term.range.one_of or tuple(code.code for code in term.enumeration.codes)
    if len(codes) > _MANY_CODES:
        return Message("a code of the list “{label}”, such as {code}", label=term.enumeration.label, code=codes[0])
    if len(codes) > 2:
        return Message("one of {codes}", context="code", codes=in_a_row(codes))
    if len(codes) == 2:
        return Message("{first} or {second}", context="code", first=codes[0], second=codes[1])
    return Message("{code}", context="code", code=codes[0])


def _entry(term: Indicator | Field | Term) -> Message:
    known = term.fields if isinstance(term, Indicator) else ()
    fields = [field for field in known if field.required] or known
    # English readers are told the names that they write into files.
    names = in_a_row({**field.label, ENGLISH: field.name} for field in fields)
    return Message("an entry with {fields}", fields=names)


def in_a_row(items: Iterable[Text]) -> Text:
    """``a, b, c``, with the comma of the language."""
    row: Text = ""
    for item in items:
        row = Message("{items}, {item}", items=row, item=item) if row else item
    return row


def _number(datatype: Datatype, unit: Unit | None, bounds: Range) -> Message:
    kind = (
        Message("a whole number", context="value")
        if datatype is Datatype.INTEGER
        else Message("a number", context="value")
    )
    limits = _limits(bounds)
    # "a number of volts greater than 0", but "a number of minutes, at least 0".
    apart = limits is not None and limits.startswith("at")
    if unit is None or unit.code == "1":
        if limits is None:
            return kind
        if apart:
            return Message("{kind}, {limits}", kind=kind, limits=limits)
        return Message("{kind} {limits}", kind=kind, limits=limits)
    name = _unit_name(unit)
    # "a number of volts", but "a number in per cent": what has no plural is not counted.
    if unit.plural != unit.label[ENGLISH]:
        if limits is None:
            return Message("{kind} of {unit}", kind=kind, unit=name)
        if apart:
            return Message("{kind} of {unit}, {limits}", kind=kind, unit=name, limits=limits)
        return Message("{kind} of {unit} {limits}", kind=kind, unit=name, limits=limits)
    if limits is None:
        return Message("{kind} in {unit}", kind=kind, unit=name)
    if apart:
        return Message("{kind} in {unit}, {limits}", kind=kind, unit=name, limits=limits)
    return Message("{kind} in {unit} {limits}", kind=kind, unit=name, limits=limits)


def _unit_name(unit: Unit) -> Text:
    """The plural in English, elsewhere the label with the symbol behind it."""
    name: Text = unit.label
    if unit.code not in ("{cycle}", "{event}"):
        name = Message("{unit} ({symbol})", unit=unit.label, symbol=unit.symbol)
    return {**by_language(name), ENGLISH: unit.plural}


def _limits(bounds: Range) -> Message | None:
    if bounds.minimum is not None and bounds.maximum is not None:
        return Message("from {minimum} to {maximum}", minimum=_plain(bounds.minimum), maximum=_plain(bounds.maximum))
    limits = [
        message.fill(bound=_plain(bound))
        for message, bound in (
            (Message("at least {bound}", context="limit"), bounds.minimum),
            (Message("greater than {bound}", context="limit"), bounds.min_exclusive),
            (Message("at most {bound}", context="limit"), bounds.maximum),
            (Message("less than {bound}", context="limit"), bounds.max_exclusive),
        )
        if bound is not None
    ]
    if not limits:
        return None
    return (
        limits[0]
        if len(limits) == 1
        else Message("{first} and {second}", context="limit", first=limits[0], second=limits[1])
    )


def _plain(number: Decimal) -> str:
    return format(number, "f")
