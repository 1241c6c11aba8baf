import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from tests.each import each

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_what_is_written_is_read_back(value):
    assert strict_json.loads(strict_json.dumps(value)) == value


@each(
    ("text", "complaint"),
    [
        (b'{"a":1,"b":{"x":1,"x":2}}', '"x" occurs twice'),
        (b'{"a":1,"\\u0061":2}', '"a" occurs twice'),
        (b"[NaN]", "not finite"),
        (b"[-Infinity]", "not finite"),
        (b"[1e400]", "beyond the range"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\udc00":1}', "surrogate"),
        (b'["\\ud83d","\\ude00"]', "surrogate"),
        (b'["\xff"]', "not UTF-8"),
        (b'\xef\xbb\xbf{"a":1}', "byte order mark"),
        (b'{"a":1,}', "not JSON"),
        (b"{} {}", "not JSON"),
        (b"", "not JSON"),
        (b"[" + b"9" * 5000 + b"]", "too many digits"),
        (b"[" * 65 + b"]" * 65, "too deeply"),
        (b"[" * 100_000, "too deeply"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "too deeply"),
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(text, complaint):
    with pytest.raises(MalformedDocument, match=complaint):
        strict_json.loads(text)


def test_a_document_beyond_the_size_limit_is_refused():
    with pytest.raises(MalformedDocument, match="too large"):
        strict_json.loads(b'"0123456789"', max_bytes=11)
    assert strict_json.loads(b'"0123456789"', max_bytes=12) == "0123456789"


def test_depth_is_counted_up_to_the_limit():
    assert strict_json.loads("[" * 64 + "]" * 64)


@each("value", [{1: "a"}, {"a": {1, 2}}, [float("nan")], ["\ud800"], [b"x"]])
def test_a_value_that_is_not_json_is_refused(value):
    with pytest.raises(MalformedDocument):
        strict_json.check_value(value)


@each("value", [object(), float("inf"), "\ud800"])
def test_a_value_that_is_not_json_is_not_written(value):
    with pytest.raises(MalformedDocument):
        strict_json.dumps(value)


@given(st.text())
def test_any_text_either_parses_or_is_refused_in_our_words(text):
    try:
        value = strict_json.loads(text)
    except MalformedDocument:
        return
    assert json.loads(text) == value
