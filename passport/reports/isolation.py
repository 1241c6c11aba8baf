"""Values in HTML: escaped, and kept apart by ``<bdi>`` where their writing direction could move what is around them.

:func:`isolated` is what pages and reports use in the place of ``escape``. Templates need not think of it: with
:class:`IsolatedValues` every expression of a template is isolated, as the place in the page requires:

* in text by ``<bdi>``;
* in an attribute that people read or hear, in a title, and in SVG, which know no ``<bdi>``, by characters of Unicode;
* in any other attribute, such as an address, and in a script or style sheet not at all.

    environment = Environment(autoescape=True, extensions=[IsolatedValues])
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from passport.texts.isolation import CLOSING, OPENING, isolated_text, turns

_ISOLATED, _PLAIN = "isolated", "isolated_plainly"
_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)|(>)|(<)", re.DOTALL)
#: Elements without markup inside, those that people do not read, and the one whose elements are not HTML's.
_WITHOUT_MARKUP, _RAW, _FOREIGN = ("title", "option"), ("script", "style", "textarea"), "svg"
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)=")
_READ = ("title", "aria-label", "alt", "placeholder")


def isolated(value: Any) -> Markup:
    """A value as markup: markup as it is, text escaped and isolated."""
    if hasattr(value, "__html__"):
        return escape(value)
    text = str(value)
    return Markup("<bdi>{}</bdi>").format(text) if turns(text) else escape(text)


def isolated_plainly(value: Any) -> Markup:
    """The same where no element can be: isolates of markup become characters."""
    if hasattr(value, "__html__"):
        text = str(escape(value)).replace("<bdi>", OPENING).replace("</bdi>", CLOSING)
        return Markup(text)  # noqa: S704 - it was markup before
    return escape(isolated_text(str(value)))


class IsolatedValues(Extension):
    """Isolates the value of each expression of a template."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters[_ISOLATED] = isolated
        environment.filters[_PLAIN] = isolated_plainly

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        place = _TemplatePlace()
        before = ""
        for token in stream:
            if token.type == "data":
                place.read(token.value)
            elif token.type == "name":
                place.note(before, token.value)
                before = token.value
            if token.type == "variable_begin":
                yield token
                # The whole expression is filtered: a filter binds closer than "if … else" or "~".
                if place.filter is not None:
                    yield Token(token.lineno, "lparen", "(")
                continue
            if token.type == "variable_end" and place.filter is not None:
                yield Token(token.lineno, "rparen", ")")
                yield Token(token.lineno, "pipe", "|")
                yield Token(token.lineno, "name", place.filter)
            if token.type == "block_begin":
                before = token.type
            yield token


class _TemplatePlace:
    """Where in the page the text of a template has come to."""

    def __init__(self) -> None:
        self._in_tag = False
        self._name = self._attribute = ""
        self._within: list[str] = []
        self._blocks: list[str] = []

    @property
    def filter(self) -> str | None:
        """The filter of an expression at this place."""
        if self._within and self._within[-1] in _RAW:
            return None
        if self._in_tag:
            return _PLAIN if self._attribute in _READ else None
        return _PLAIN if self._within or "title" in self._blocks else _ISOLATED

    def note(self, before: str, name: str) -> None:
        """A name of the template language: the block of a title is part of a title in each file.

        :param before: the name before it, or the sign of a statement's beginning.
        """
        if before == "block":
            self._blocks.append(name)
        elif (before, name) == ("block_begin", "endblock") and self._blocks:
            self._blocks.pop()

    def read(self, text: str) -> None:
        for mark in _TAG.finditer(text):
            closing, name, end, _ = mark.groups()
            if name is not None and not self._in_tag:
                self._in_tag, self._name, self._attribute = True, closing + name.lower(), ""
            elif end is not None and self._in_tag:
                self._in_tag = False
                self._enter(self._name)
        if self._in_tag and (attributes := _ATTRIBUTE.findall(text)):
            self._attribute = attributes[-1].lower()

    def _enter(self, name: str) -> None:
        if name.startswith("/"):
            if self._within and self._within[-1] == name[1:]:
                self._within.pop()
        elif name in (*_WITHOUT_MARKUP, *_RAW, _FOREIGN):
            self._within.append(name)
