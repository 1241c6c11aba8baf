import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import UsageError
from passport.proofs import pointers
from tests.each import each

DOCUMENT = {
    "@context": "https://example.org/c",
    "id": "urn:x:1",
    "type": ["A"],
    "first": {"id": "urn:x:2", "type": "B", "x": 1, "y": {"z": [1, 2, {"id": "urn:x:3", "q": 5, "r": 6}]}},
    "second": "s",
    "a/b": {"m~n": 1, "": 2},
}
ROOT = {"@context": "https://example.org/c", "id": "urn:x:1", "type": ["A"]}


@each(
    ("pointer", "tokens"),
    [
        ("", ()),
        ("/", ("",)),
        ("/a~1b/m~0n", ("a/b", "m~n")),
        ("/first/y/z/0", ("first", "y", "z", "0")),
        ("/~01", ("~1",)),
    ],
)
def test_the_examples_of_rfc_6901(pointer, tokens):
    assert pointers.parse(pointer) == tokens
    assert pointers.write(tokens) == pointer


@each("pointer", ["first", "/~", "/~2", "/a~", None, 5, "#/first"])
def test_what_is_no_pointer_is_refused(pointer):
    with pytest.raises(UsageError):
        pointers.parse(pointer)


@each(
    "pointer", ["/absent", "/first/y/z/3", "/first/y/z/-1", "/first/y/z/-", "/first/y/z/01", "/second/0", "/first/x/a"]
)
def test_a_pointer_that_names_nothing_is_refused(pointer):
    with pytest.raises(UsageError, match="names nothing"):
        pointers.select(DOCUMENT, [pointer])


@each(
    ("selection", "expected"),
    [
        ([], {}),
        (["/second"], {"second": "s"}),
        (["/first/id"], {"first": {"id": "urn:x:2", "type": "B"}}),
        (["/first/x"], {"first": {"id": "urn:x:2", "type": "B", "x": 1}}),
        (["/first"], {"first": DOCUMENT["first"]}),
        (["/first", "/first/x"], {"first": DOCUMENT["first"]}),
        (["/first/x", "/first"], {"first": DOCUMENT["first"]}),
        (["/first/y/z/1"], {"first": {"id": "urn:x:2", "type": "B", "y": {"z": [2]}}}),
        (
            ["/first/y/z/2/q", "/first/y/z/0"],
            {"first": {"id": "urn:x:2", "type": "B", "y": {"z": [1, {"id": "urn:x:3", "q": 5}]}}},
        ),
        (["/a~1b/m~0n"], {"a/b": {"m~n": 1}}),
        (["/a~1b/"], {"a/b": {"": 2}}),
        (["/id"], {}),
    ],
)  # fmt: skip
def test_a_selection_holds_what_is_named_and_what_identifies_the_way_there(selection, expected):
    assert pointers.select(DOCUMENT, selection) == {**ROOT, **expected}


def test_the_whole_document_can_be_selected():
    assert pointers.select(DOCUMENT, [""]) == DOCUMENT
    assert pointers.select(DOCUMENT, ["/second", ""]) == DOCUMENT


def test_the_order_of_the_document_is_kept():
    selection = pointers.select(DOCUMENT, ["/second", "/first/x"])
    assert list(selection) == ["@context", "id", "type", "first", "second"]


def test_a_context_on_the_way_comes_along():
    document = {"@context": "urn:x:c", "inner": {"@context": "urn:x:d", "a": 1, "b": 2}}
    assert pointers.select(document, ["/inner/a"])["inner"] == {"@context": "urn:x:d", "a": 1}


def test_a_selection_is_a_copy():
    before = copy.deepcopy(DOCUMENT)
    pointers.select(DOCUMENT, ["/first"])["first"]["y"]["z"].append(1)
    assert before == DOCUMENT


def test_more_pointers_than_anybody_needs_are_refused():
    with pytest.raises(UsageError, match="too many"):
        pointers.select(DOCUMENT, ["/second"] * 10_001)


@given(st.lists(st.text(), min_size=1))
def test_any_tokens_survive_writing_and_parsing(tokens):
    assert pointers.parse(pointers.write(tokens)) == tuple(tokens)
