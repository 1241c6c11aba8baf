"""One value of an input file as it may enter a record: empty and impossible values are refused by name.

* A text that says "no value" (``TBD``, ``N/A``, 待定, a placeholder of our own exports) is no value.
* What a spreadsheet program leaves of a long number (``2.60122E+15``) is no identifier.
* A text with a control character, with marks of writing direction that do not close, or of excessive length is refused:
  it would be signed, and shown as something else than it is.
* A number stays exact: a JSON number becomes its decimal, ``96.0`` the whole number 96, midnight of a day the day.

Whether what remains is right is for validation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from passport.texts import Message
from passport.vocabulary.vocabulary import Datatype, Field, Indicator

#: Longest text of a value, characters.
LONGEST = 5_000
#: Texts that say that there is no value, folded; the closed list.
NO_VALUE = frozenset({
    "tbd", "t.b.d.", "tba", "tbc", "t.b.c.", "to be determined", "to be defined", "to be announced", "to be confirmed",
    "n/a", "n.a.", "#n/a", "#value!", "#ref!", "#name?", "#div/0!", "#num!", "#null!",
    "nan", "null", "nil", "none", "undefined", "[object object]", "unknown", "not known", "not available",
    "not yet available", "not applicable", "not specified", "not provided", "no value", "pending",
    "no data", "no value was given", "xxx", "xxxx", "todo", "?", "??", "???", "-", "--", "---", "–", "—", "——",
    "/", "//", "\\", ".", "...", "…", "k.a.", "n. v.", "entfällt", "about:blank",
    "待定", "待补充", "待填", "待填写", "待确认", "待确定", "待提供", "待更新",  # data: recognised in input
    "未知", "不详", "不适用", "无", "暂无", "无数据", "空", "未提供", "未填", "未填写",  # data: recognised in input
    "not-available@not-available.invalid", "0001-01-01", "0001-01-01t00:00:00z",
    "urn:uuid:00000000-0000-0000-0000-000000000000", "urn:uuid:00000000000000000000000000000000", "00-00-0",
    "bpnl000000000000", "bpna000000000000",
})  # fmt: skip
#: Its one entry "none" says that there is no such substance (shapes/rules-model.ttl), which is a statement.
_SUBSTANCE = "substanceName"
_NO_NUMBERS = frozenset({Decimal("-9999"), Decimal("-9.999")})
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+?[0-9]{1,3}")
_NUMBERS = (Datatype.DECIMAL, Datatype.INTEGER)
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00:00(?:\.0+)?")
_WHOLE = re.compile(r"([+-]?[0-9]{1,18})\.0+")
_OPENING, _CLOSING = {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069", "\u202a": "\u202c",
                      "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}, "\u2069\u202c"  # fmt: skip
#: Beyond this many digits arithmetic that is exact has no end.
_DIGITS = 40


@dataclass(frozen=True)
class ValueRefusal:
    """Why a value does not enter a record; the members are those of a fault."""

    code: str
    message: Message
    expected: Message
    hint: Message | None = None


def plain(value: Any, kind: Indicator | Field) -> Any:
    """A value in its plain form, where another form says exactly the same; else the value itself."""
    if type(value) is int and kind.datatype is Datatype.INTEGER:
        return value
    if kind.datatype in _NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        text = _decimal_text(value)
        if kind.datatype is Datatype.DECIMAL or text is None:
            return text or value
        whole = re.fullmatch(r"(-?[0-9]{1,18})(?:\.0+)?", text)
        return int(whole[1]) if whole else value
    # A postal code or the like; an identifier of its own stays refused, for a number has lost its leading zeros.
    if isinstance(kind, Field) and kind.datatype is Datatype.STRING and type(value) is int:
        return str(value) if 0 <= value < 10**15 else value
    if not isinstance(value, str):
        return value
    if kind.datatype is Datatype.INTEGER and (written := _WHOLE.fullmatch(value.strip())):
        return int(written[1])
    if kind.datatype is Datatype.DATE and (midnight := _MIDNIGHT.fullmatch(value.strip())):
        return midnight[1]
    return value


def _decimal_text(number: int | float) -> str | None:
    # A number read from JSON keeps its digits (passport.linked_data.strict_json.ExactFloat).
    try:
        exact = Decimal(getattr(number, "text", None) or repr(number))
    except (InvalidOperation, ValueError):
        return None
    if not exact.is_finite() or abs(exact.adjusted()) > _DIGITS or len(exact.as_tuple().digits) > _DIGITS:
        return None
    return format(exact, "f")


def refusal(value: Any, kind: Indicator | Field) -> ValueRefusal | None:
    """Why a value must not enter a record; None where nothing speaks against it."""
    if _is_no_value(value, kind):
        return ValueRefusal(
            "placeholder", Message("the text says that there is no value"), Message("a value, or none at all")
        )
    if not isinstance(value, str):
        return None
    if kind.datatype is Datatype.STRING and _SHORTENED.fullmatch(value.strip()):
        return ValueRefusal(
            "shortened-number",
            Message("a spreadsheet program has shortened a long number; its digits are lost"),
            Message("all digits, as text"),
            Message("format the column as text before the number is entered, and export again"),
        )
    if len(value) > LONGEST:
        return ValueRefusal("text-too-long", Message("the text is too long"),
                       Message("at most {count} characters", count=LONGEST))  # fmt: skip
    if (position := _control(value)) is not None:
        return ValueRefusal(
            "control-character",
            Message("the text has a control character ({name}) at character {position}",
                    name=f"U+{ord(value[position]):04X}", position=position + 1),
            Message("a text without control characters"),
        )  # fmt: skip
    if not _closes(value):
        return ValueRefusal(
            "writing-direction",
            Message("the text turns the direction of writing and does not turn it back: it looks like another text"),
            Message("a text without such marks, or with each of them closed"),
        )
    return None


#: Longer than every text of letters and digits that says "no value", and than every number that was shortened.
_LONG_ENOUGH = max(max(len(text) for text in NO_VALUE if text.isalnum()), 5) + 1
_CODES = re.compile(rf"(?:[0-9A-Za-z]{{{_LONG_ENOUGH},{LONGEST}}}\n)+").fullmatch


def are_codes(values: Sequence[Any], kind: Indicator | Field) -> bool:
    """Whether all of many values are surely plain and not refused: long texts of ASCII letters and digits."""
    if kind.datatype is not Datatype.STRING or kind.enumeration is not None or set(map(type, values)) != {str}:
        return False
    text = "\n".join(values) + "\n"
    return text.count("\n") == len(values) and _CODES(text) is not None


def _is_no_value(value: Any, kind: Indicator | Field) -> bool:
    if kind.datatype in _NUMBERS and not isinstance(value, bool):
        try:
            number = Decimal(str(value)) if isinstance(value, int | float | str) else None
        except InvalidOperation:
            number = None
        if number is not None:
            return number.is_finite() and number in _NO_NUMBERS
    if not isinstance(value, str):
        return False
    # Compatible forms are those of other scripts.
    folded = " ".join((value if value.isascii() else unicodedata.normalize("NFKC", value)).split()).casefold()
    if folded not in NO_VALUE or (folded == "none" and getattr(kind, "term", None) == _SUBSTANCE):
        return False
    # A code list may have a code or a word of its own for it, such as "none" for the symbols of cadmium and lead.
    return kind.enumeration is None or not _is_word_of(folded, kind)


def _is_word_of(folded: str, kind: Indicator | Field) -> bool:
    for code in kind.enumeration.codes if kind.enumeration is not None else ():
        words = [code.code, *code.label.values(), *(word for words in code.alternatives.values() for word in words)]
        if folded in (word.casefold() for word in words):
            return True
    return False


#: The categories Cc and Cs of Unicode but line end and tab, and the separators of lines and paragraphs.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _control(text: str) -> int | None:
    control = _CONTROL.search(text)
    return None if control is None else control.start()


def _closes(text: str) -> bool:
    """Whether every mark that turns the direction of writing is closed (UAX 9); an override belongs into no value."""
    if text.isascii():
        return True
    if "\u202d" in text or "\u202e" in text:
        return False
    stack: list[str] = []
    for character in text:
        if character in _OPENING:
            stack.append(_OPENING[character])
        elif character in _CLOSING and (not stack or stack.pop() != character):
            return False
    return not stack
