import json
from datetime import datetime
from uuid import UUID

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


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_it_is_written_as_the_interpreter_s_own_encoder_writes_it(value):
    assert strict_json.dumps(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.dictionaries(st.text(), json_values, min_size=1), st.sampled_from(["", " ", "\n", "\t\r "]), st.data())
def test_a_key_that_occurs_twice_is_refused_wherever_white_space_is(document, space, data):
    key = data.draw(st.sampled_from(sorted(document)))
    entries = [*document.items(), (key, data.draw(json_values))]
    text = ",".join(f"{json.dumps(name)}{space}:{space}{json.dumps(value)}{space}" for name, value in entries)
    with pytest.raises(MalformedDocument, match="occurs twice"):
        strict_json.loads(f"{{{text}}}")


@each("text", ["0.10", "1e2", "-0.0", "18446744073709551616", "-123456789012345678901234567890"])
def test_a_number_keeps_its_digits(text):
    for document in (text, f'[{{"a":"b"}},{text}]'):
        value = strict_json.loads(document)
        number = value if document is text else value[1]
        assert getattr(number, "text", None) == text or type(number) is int and str(number) == text


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


@each("value", [object(), float("inf"), [float("nan"), None], "\ud800", datetime(2026, 1, 1), {"a": UUID(int=1)}])
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
