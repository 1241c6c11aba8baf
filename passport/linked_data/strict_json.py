"""Strict reading of JSON: input with more than one possible meaning is refused.

Two parsers that disagree about a document make a signature worthless: one reads the first of two equal keys, the
other the last. So duplicate keys, NaN and Infinity, numbers beyond a double, lone surrogates, invalid UTF-8, a byte
order mark, and anything deeper or larger than the bounds are refused. (RFC 8259 section 4; I-JSON, RFC 7493 section
2)

Everything that comes in from outside goes through :func:`loads` first.
"""

from __future__ import annotations

import json
import marshal
import math
import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

import orjson

from passport.errors import MalformedDocument
from passport.texts import Message

MAX_BYTES = 4_000_000
MAX_DEPTH = 64

JsonValue = Any


def loads(data: bytes | bytearray | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JsonValue:
    """Parse one JSON document.

    :param max_bytes: refuse more than this many bytes (characters of a ``str``).
    :param max_depth: refuse arrays and objects nested deeper than this.
    :raises MalformedDocument: for everything that is not strict JSON, with the line where that is known.
    """
    if len(data) > max_bytes:
        raise MalformedDocument(
            Message("the JSON document is too large"),
            expected=Message("at most {max_bytes} bytes", max_bytes=max_bytes),
        )
    if isinstance(data, str):
        text = data
    else:
        try:
            text = bytes(data).decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedDocument(Message("the document is not UTF-8 (byte {start})", start=error.start)) from error
    if text.startswith("\ufeff"):
        raise MalformedDocument(Message("the document begins with a byte order mark"), expected=Message("plain UTF-8"))
    try:
        value = _parsed(text, max_depth)
        if value is not _UNDECIDED:
            return value
        value = json.loads(
            text, object_pairs_hook=_object_of_pairs, parse_constant=_refuse_constant, parse_float=_finite_float
        )
    except json.JSONDecodeError as error:
        raise MalformedDocument(
            Message(
                "not JSON: {problem} (line {line}, column {column})",
                problem=error.msg,
                line=error.lineno,
                column=error.colno,
            )
        ) from error
    except RecursionError as error:
        raise _too_deep(max_depth) from error
    except ValueError as error:  # an integer of thousands of digits
        raise MalformedDocument(Message("a number has too many digits")) from error
    check_value(value, max_depth=max_depth)
    return value


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]").search
#: Twice as fast as the operator ``in``.
_NULL = re.compile(b"null").search
_UNDECIDED: Any = object()


def _parsed(text: str, max_depth: int, *, exact: bool = False) -> JsonValue:
    """The value of a text without a duplicate key, half of a surrogate pair or a fault; else perhaps not decided.

    A parser makes objects several times as fast where no function is called for each. Without white space, each key is
    followed by a colon at once. So the text has as many of ``":`` as it has keys, or more: where it has as many as the
    objects have members, no object has lost one to an equal key.

    :param exact: whether it has numbers with a fraction, which keep their digits.
    """
    if "\\" in text and _SURROGATE(text):
        return _UNDECIDED
    if exact:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite_float)
    else:
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return _UNDECIDED  # the interpreter's own parser says what is wrong, in words that can be translated
    members, depth = 0, 0
    level: Iterable[Any] = (value,)
    # Level by level, in loops of the interpreter's own: nearly all values are texts, of which none is looked at.
    while True:
        nested = [item for item in level if type(item) is not str]
        objects = [item for item in nested if type(item) is dict]
        lists = [item for item in nested if type(item) is list]
        if not exact and len(objects) + len(lists) < len(nested) and float in set(map(type, nested)):
            return _parsed(text, max_depth, exact=True)  # to orjson an integer beyond 64 bits is one of these, too
        if not objects and not lists:
            break
        depth += 1
        if depth > max_depth:
            raise _too_deep(max_depth)
        members += sum(map(len, objects))
        level = chain(chain.from_iterable(map(dict.values, objects)), chain.from_iterable(lists))
    without_space = text.encode("utf-8").translate(None, b" \t\n\r")
    return value if without_space.count(b'":') == members else _UNDECIDED


def dumps(value: JsonValue) -> bytes:
    """Compact UTF-8 JSON in the order given. For signing use :mod:`passport.linked_data.jcs` instead.

    :raises MalformedDocument: the value is not JSON.
    """
    try:
        marshal.dumps(value)  # refuses what is no value of JSON, of which orjson would write some kinds
        data = orjson.dumps(value)
        if _NULL(data) is None:  # which it writes for a number that is not finite
            return data
    except (TypeError, ValueError):
        pass  # an integer beyond 64 bits, a subclass, or no JSON: for the interpreter's own encoder to say
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedDocument(Message("cannot be written as JSON: {error}", error=error)) from error


def check_value(value: JsonValue, *, max_depth: int = MAX_DEPTH) -> None:
    """Check that a Python value is JSON, not too deep, and free of lone surrogates.

    Values that a caller built, rather than :func:`loads`, come this way too.

    :raises MalformedDocument: it is not.
    """
    strings: list[str] = []
    level: list[Any] = [value]
    depth = 0
    while level:  # level by level: no recursion, so depth cannot exhaust the stack
        below: list[Any] = []
        nested = False
        for item in level:
            kind = type(item)
            if kind is str:
                strings.append(item)
            elif kind is int or kind is bool:
                continue
            elif isinstance(item, str):
                strings.append(item)
            elif isinstance(item, dict):
                nested = True
                for key in item:
                    if not isinstance(key, str):
                        raise MalformedDocument(
                            Message("a JSON object has a key that is not a string"), found=repr(key)[:80]
                        )
                strings.extend(item)
                below.extend(item.values())
            elif isinstance(item, list | tuple):
                nested = True
                below.extend(item)
            elif isinstance(item, float):
                if not math.isfinite(item):
                    raise MalformedDocument(Message("a number is not finite"), found=repr(item))
            elif item is not None and not isinstance(item, int):
                raise MalformedDocument(Message("a value is not JSON"), found=type(item).__name__)
        if nested:
            depth += 1
            if depth > max_depth:
                raise _too_deep(max_depth)
        level = below
    _refuse_surrogates(strings)


def _refuse_surrogates(strings: Iterable[str]) -> None:
    try:
        # Not joined to nothing: a high surrogate at the end of one string must not pair with the start of the next.
        "\n".join(strings).encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedDocument(Message("a string holds half of a surrogate pair, which is no character")) from error


def _too_deep(max_depth: int) -> MalformedDocument:
    return MalformedDocument(
        Message("the JSON document is nested too deeply"),
        expected=Message("at most {max_depth} levels", max_depth=max_depth),
    )


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise MalformedDocument(
                    Message("the key {key} occurs twice in one JSON object", key=json.dumps(key)[:80])
                )
            seen.add(key)
    return result


def _refuse_constant(name: str) -> Any:
    raise MalformedDocument(Message("a number is not finite"), found=name)


class ExactFloat(float):
    """A JSON number with a fraction or an exponent, which keeps its digits in ``text``."""

    text: str


def _finite_float(text: str) -> float:
    number = ExactFloat(text)
    number.text = text
    if not math.isfinite(number):
        raise MalformedDocument(Message("a number is beyond the range of a double"), found=text[:40])
    return number
