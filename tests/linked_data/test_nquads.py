import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedDocument
from passport.linked_data import nquads
from passport.linked_data.nquads import Quad
from tests.each import each

terms_text = st.text(st.characters(exclude_categories=["Cs"]))


@given(terms_text)
def test_any_text_survives_writing_and_reading(text):
    quad = Quad("<https://example.org/s>", "<https://example.org/p>", nquads.literal(text, language="en"))
    assert nquads.parse(quad.line()) == (quad,)
    assert nquads.unescape(quad.object[1:-4]) == text


def test_control_characters_are_escaped_as_the_canonical_form_asks():
    assert nquads.literal('\b\t\n\x0b\f\r"\\\x00\x1f\x7f') == '"\\b\\t\\n\\u000B\\f\\r\\"\\\\\\u0000\\u001F\\u007F"'
    assert nquads.literal("\x80\u0085\u2028\ud7ff\U0001f50b") == '"\x80\u0085\u2028\ud7ff\U0001f50b"'


def test_lines_are_cut_at_line_feeds_only():
    text = '<x:s> <x:p> "a\u0085b\u2028c\x1cd" .\n'
    assert len(nquads.parse(text)) == 1


def test_escapes_are_read_and_written_canonically():
    text = '<x:\\u0073> <x:p> "\\u0041\\U0001F50B\\n\\\'"^^<http://www.w3.org/2001/XMLSchema#string> <x:g> .\r\n'
    assert nquads.serialize(nquads.parse(text)) == '<x:s> <x:p> "A\U0001f50b\\n\'" <x:g> .\n'


def test_comments_and_empty_lines_are_passed_over():
    assert nquads.parse("# a comment\n\n  \n<x:s> <x:p> _:b.c . # more\n") == (Quad("<x:s>", "<x:p>", "_:b.c"),)


@each(
    "line",
    [
        "<x:s> <x:p> <x:o>",
        '"literal" <x:p> <x:o> .',
        "<x:s> _:p <x:o> .",
        "<x:s> <x:p> <relative> .",
        "<x:s> <x:p> <x:with space> .",
        "<x:s> <x:p> <x:\\u0020> .",
        '<x:s> <x:p> "\\ud800" .'.replace("ud800", "uD800"),
        '<x:s> <x:p> "\\U00110000" .',
        '<x:s> <x:p> "\\q" .',
        '<x:s> <x:p> "a" "b" .',
        '<x:s> <x:p> "a"@ .',
        "<x:s> <x:p> <x:o> <x:g> <x:h> .",
        "<x:s> <x:p> _:b. .x",
    ],
)
def test_what_is_no_statement_is_refused_with_its_line(line):
    with pytest.raises(MalformedDocument, match="line 2"):
        nquads.parse(f"<x:s> <x:p> <x:o> .\n{line}\n")


def test_blank_nodes_are_renamed_in_every_place():
    quads = [Quad("_:a", "<x:p>", "_:b", "_:a"), Quad("<x:s>", "<x:p>", '"_:a"', "<x:g>")]
    assert nquads.relabel(quads, {"a": "1", "b": "2"}) == ["_:1 <x:p> _:2 _:1 .\n", '<x:s> <x:p> "_:a" <x:g> .\n']
