import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedDocument
from passport.linked_data import jcs, strict_json
from tests.each import each


def test_the_example_of_rfc_8785_section_3_2_2():
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert jcs.canonicalize(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_ordered_by_utf_16_code_units():
    # RFC 8785 section 3.2.3: U+1F600 is a surrogate pair and stands before U+FB33, although its code point is larger.
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(strict_json.loads(jcs.canonicalize(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


def _nested(depth, inner):
    for _ in range(depth):
        inner = [inner]
    return inner


@each(
    "value",
    [2**53, float("nan"), "\ud800", {"a": object()}, {1: 2}, {"\udc00": 1}, ["\ud83d", "\ude00"],
     _nested(strict_json.MAX_DEPTH + 1, 1), _nested(strict_json.MAX_DEPTH, []), _nested(strict_json.MAX_DEPTH, {})],
)  # fmt: skip
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(MalformedDocument):
        jcs.canonicalize(value)


@each("depth", [strict_json.MAX_DEPTH - 1, strict_json.MAX_DEPTH])
def test_what_is_as_deep_as_is_allowed_has_a_canonical_form(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    assert strict_json.loads(jcs.canonicalize(value)) == value


@given(st.dictionaries(st.text(), st.integers(-(2**53) + 1, 2**53 - 1) | st.text()))
def test_the_order_of_keys_does_not_matter(value):
    assert jcs.canonicalize(value) == jcs.canonicalize(dict(reversed(value.items())))
    assert strict_json.loads(jcs.canonicalize(value)) == value
