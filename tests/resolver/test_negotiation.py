"""Which form and language an answer takes: the table of Accept and ?format=."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.forms.negotiation import FORMS, NotAcceptable, choose_form, choose_language, prefers_html
from tests.each import each

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@each(
    ("accept", "wanted", "expected"),
    [
        (None, None, "html"),
        ("", None, "html"),
        ("*/*", None, "html"),
        (BROWSER, None, "html"),
        ("application/vp", None, "vp"),
        ("application/ld+json", None, "jsonld"),
        ("application/json", None, "json"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', None, "jsonld"),
        ("application/*", None, "vp"),
        ("application/vp;q=0.2, application/ld+json;q=0.9", None, "jsonld"),
        ("text/html;q=0, application/*", None, "vp"),
        ("text/html;q=0, */*", None, "vp"),
        ("TEXT/HTML", None, "html"),
        ("application/vp, nonsense, ;;;", None, "vp"),
        ("text/html", "vp", "vp"),
        ("application/vp", "html", "html"),
        ("image/png", "jsonld", "jsonld"),
    ],
)
def test_the_form_follows_format_then_accept(accept, wanted, expected):
    assert choose_form(accept, wanted).name == expected


@each("accept", ["image/png", "text/html;q=0", "text/html;q=nan", "application/pdf, text/calendar"])
def test_a_form_that_nobody_has_is_refused_with_what_there_is(accept):
    with pytest.raises(NotAcceptable) as caught:
        choose_form(accept)
    assert "application/vp" in str(caught.value)


@each("wanted", ["", "HTML", "pdf", "../html", "vp "])
def test_an_unknown_format_parameter_is_refused_and_not_guessed(wanted):
    with pytest.raises(NotAcceptable):
        choose_form(BROWSER, wanted)


@each(
    ("header", "wanted", "expected"),
    [
        (None, None, "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", None, "zh"),
        ("de,en;q=0.5,zh;q=0.4", None, "en"),
        ("de, zh;q=0.1", None, "zh"),
        ("fr", None, "en"),
        ("zh;q=0", None, "en"),
        ("*", None, "en"),
        ("*, zh;q=0.5", None, "en"),
        ("en", "zh", "zh"),
        ("en", "zh-Hans", "zh"),
        ("zh", "xx", "en"),
    ],
)
def test_the_language_follows_lang_then_accept_language(header, wanted, expected):
    assert choose_language(header, wanted, ("en", "zh")) == expected


@each(
    ("accept", "page"),
    [
        (None, False),
        ("*/*", False),
        (BROWSER, True),
        ("application/json", False),
        ("text/html;q=0.5,application/json", False),
    ],
)
def test_errors_are_pages_only_for_those_who_name_html(accept, page):
    assert prefers_html(accept) is page


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=20)))
def test_no_header_whatsoever_breaks_the_choice(accept, wanted):
    with suppress(NotAcceptable):
        assert choose_form(accept, wanted) in FORMS
    assert choose_language(accept, wanted, ("en", "zh")) in ("en", "zh")
