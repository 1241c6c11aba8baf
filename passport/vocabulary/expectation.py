"""What a value should be, in words: the one place that says "a number of volts greater than 0", in both languages.

The derived shapes carry these phrases as messages, and readers and reports use them, so that a cell in a workbook, a
SHACL result and a page speak alike. A phrase completes "expected …" / "应为…" and has no closing stop.
"""

from __future__ import annotations

import re
from decimal import Decimal

from passport.texts import Message
from passport.vocabulary.indicator import Datatype, Field, Indicator, Range, Term, Unit

_PLAIN = {
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


def expected(term: Indicator | Field | Term, language: str = "en") -> str:
    """What a single value of ``term`` should be, in ``en`` or ``zh``."""
    zh = language == "zh"
    if term.datatype is Datatype.ENUM:
        return _code(term, zh)
    if term.datatype is Datatype.STRUCTURED:
        return _entry(term, zh)
    if term.datatype in (Datatype.DECIMAL, Datatype.INTEGER):
        return _number(term.datatype, term.unit, term.range, zh)
    if term.range.form is not None:
        return term.range.form[language]
    return _PLAIN[term.datatype][zh]


_SEPARATED = re.compile(r"[+-]?[0-9]{1,3}(?:[,.'’\u00a0\u2009\u202f ][0-9]{3})*(?:[,.][0-9]+)?")


def advice(term: Indicator | Field | Term, text: object) -> str | None:
    """What to do with a number that is written in a way that nobody can read for sure; None where that is not it.

    ``17,0`` is 17 in Germany and 170 to a careless program; ``48,000`` is 48 in one country and 48000 in another.
    Neither is converted: the sentence says what to type.
    """
    if term.datatype not in (Datatype.DECIMAL, Datatype.INTEGER) or not isinstance(text, str):
        return None
    said = text.strip()
    unit = term.unit.symbol if term.unit is not None else ""
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]{1,2}|[+-]?[0-9]+,[0-9]{4,}|[+-]?[0-9]{4,},[0-9]+", said):
        return f"write a decimal point: {said.replace(',', '.')}"
    if re.search(r"[,'’\u00a0\u2009\u202f ]", said) and _SEPARATED.fullmatch(said):
        return "write the number without separators between thousands, and with a point before decimals"
    if re.fullmatch(r"[+-]?[0-9][0-9.,]*\s*[^0-9.,\s].*", said):
        return f"write the number alone, in {unit}" if unit and unit != "1" else "write the number alone"
    if re.match(r"[约~≈<>≤≥]", said):
        return "write one exact number"
    return None


def _code(term: Indicator | Field | Term, zh: bool) -> str:
    assert term.enumeration is not None
    codes = term.range.one_of or tuple(code.code for code in term.enumeration.codes)
    if len(codes) > _MANY_CODES:
        label = term.enumeration.label["zh" if zh else "en"]
        return f"“{label}”代码表中的代码" if zh else f"a code of the list “{label}”, such as {codes[0]}"
    if zh:
        return "以下代码之一：" + "、".join(codes)
    return f"one of {', '.join(codes)}" if len(codes) > 2 else " or ".join(codes)


def _entry(term: Indicator | Field | Term, zh: bool) -> str:
    known = term.fields if isinstance(term, Indicator) else ()
    fields = [field for field in known if field.required] or known
    if zh:
        return "结构化条目，含" + "、".join(field.label["zh"] for field in fields)
    return "an entry with " + ", ".join(field.name for field in fields)


def _number(datatype: Datatype, unit: Unit | None, bounds: Range, zh: bool) -> str:
    counted = unit is not None and unit.code == "1"
    if zh:
        kind = "整数" if datatype is Datatype.INTEGER else "数值"
        limits = "且".join(
            f"{word}{_plain(bound)}"
            for word, bound in (
                ("不小于", bounds.minimum),
                ("大于", bounds.min_exclusive),
                ("不大于", bounds.maximum),
                ("小于", bounds.max_exclusive),
            )
            if bound is not None
        )
        number = f"{limits}的{kind}" if limits else kind
        return number if unit is None or counted else f"{number}，单位为{_named(unit)}"
    kind = "a whole number" if datatype is Datatype.INTEGER else "a number"
    if unit is not None and not counted:
        # "a number of volts", but "a number in per cent": what has no plural is not counted.
        kind += f" of {unit.plural}" if unit.plural != unit.label["en"] else f" in {unit.plural}"
    if bounds.minimum is not None and bounds.maximum is not None:
        return f"{kind} from {_plain(bounds.minimum)} to {_plain(bounds.maximum)}"
    limits = " and ".join(
        f"{word} {_plain(bound)}"
        for word, bound in (
            ("at least", bounds.minimum),
            ("greater than", bounds.min_exclusive),
            ("at most", bounds.maximum),
            ("less than", bounds.max_exclusive),
        )
        if bound is not None
    )
    if not limits:
        return kind
    # "a number of volts greater than 0", but "a number of minutes, at least 0".
    return f"{kind}, {limits}" if limits.startswith("at") else f"{kind} {limits}"


def _named(unit: Unit) -> str:
    return unit.label["zh"] if unit.code in ("{cycle}", "{event}") else f"{unit.label['zh']}（{unit.symbol}）"


def _plain(number: Decimal) -> str:
    return format(number, "f")
