"""One spelling: whether a document of our own context is written as this project writes it.

A proof over RDF covers the graph. Programs read JSON keys, and JSON-LD has many spellings for one graph: ``"false"``
for ``false``, ``"7"`` for ``7``, ``{"id": X}`` for ``X``, a list of one for a value, a null that says nothing. Each
would pass the proof and tell a program something else. In documents that use a context marked ``own`` in
``contexts/pins.json`` each value therefore has one form, under any signature:

* ``@context`` is the list of VC Data Model 2.0 and the own context, and no key but it begins with ``@``.
* Numbers with a fraction, dates and links are strings; whole numbers and truth values are JSON numbers and literals.
* A term that the context declares a set holds a list, also of one; any other holds a list only of two or more. ``type``
  of the document, ``credentialStatus`` and ``relatedResource`` are always lists.
* A link is a string; an object says more of its node than its id, and does so in one place. A link may lead to the
  document, its subject or a related resource, and to no other node that is described.
* Types and words of code lists are terms of the context, links are absolute IRIs, language tags are lower case.
* Nothing is null, empty, or said twice in one list.
* One proof is an object, several are a list. What a proof says of itself is text, or a list of two or more texts; it
  has a context only under a suite that signs JSON and no graph, and then the document's. No suite over RDF covers it.

The order of keys and of the entries of a set, white space, and what a derived view leaves out are no spelling.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

from passport.linked_data.columns import columns
from passport.linked_data.compiled_context import (
    IRI,
    KEYWORD,
    LANGUAGE,
    LINK,
    LITERAL,
    MAX_COMPILED,
    WORD,
    CompiledTerm,
    ContextState,
    NotMine,
    are_links,
    enter,
    root_state,
)
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Walked
from passport.texts import Message

MAX_NODES = 500_000
"""Values looked at in one document; a larger one is refused elsewhere for its size."""
#: Places of the nodes that the whole document is about, and of the documents that it links; others may link to them.
_ABOUT = re.compile(r"(/credentialSubject(/[0-9]+)?|/relatedResource/[0-9]+)?")


def respelled(document: JsonObject, *, loader: ContextLoader = PINNED, walked: Walked | None = None) -> Message | None:
    """Where ``document`` deviates from the spelling of this project, and what was expected there.

    :param document: a JSON-LD document, signed or not.
    :param walked: the graph of ``document`` without its proofs, where the caller has made it: the walk over it saw
        most of what is asked here. None: the document is walked here.
    :return: ``None`` for the one spelling, for a document without an own context, and for terms and contexts that no
        table is made of: expansion refuses or reads those.
    """
    context: Any = document.get("@context")
    key = tuple(context) if type(context) is list and set(map(type, context)) == {str} else None
    if key not in loader.spelled:
        fault = _context_fault(context, loader)
        if fault is not None:
            return fault or None
        if len(loader.spelled) >= MAX_COMPILED:
            loader.spelled.clear()
        loader.spelled.add(tuple(context))
    state = root_state(context, loader)
    if state is None:
        return None
    if not isinstance(document.get("type"), list):
        return _fault("type", Message("a list"))
    try:
        if walked is None or not walked.spelled:
            content = {key: value for key, value in document.items() if key not in ("@context", "proof")}
            _Spelling().document(content, state)
        if "proof" in document:
            check_proofs(document["proof"], context)
    except _Respelled as fault:
        return _fault(fault.place[:200], fault.expected)
    return None


def _context_fault(context: Any, loader: ContextLoader) -> Message | None:
    """What is wrong with the contexts of a document; None where nothing is. Empty: they are none of ours."""
    urls = context if isinstance(context, list) else [context]
    if not any(isinstance(url, str) and loader.own(url) for url in urls):
        return Message("")
    if not all(isinstance(url, str) and url in loader for url in urls):
        return Message("")  # a context that is not known here, or an inline one
    if not isinstance(context, list) or context != list(loader.spelled_with(urls)):
        return _fault("@context", Message("the list of VC Data Model 2.0 and the passport's own context"))
    return None


def _fault(place: str, expected: str) -> Message:
    return Message("{place}: expected {expected}", place=place, expected=expected)


class _Respelled(Exception):
    """A value in another spelling. ``place`` is a JSON pointer."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(place)
        self.place, self.expected = place, expected


class _Spelling:
    """One look at one document, without recursion."""

    def __init__(self) -> None:
        self._described: set[str] = set()
        self._subjects: set[str] = set()
        self._links: dict[str, str] = {}
        self._pending: list[tuple[JsonObject, ContextState, str]] = []

    def document(self, document: JsonObject, state: ContextState) -> None:
        """:raises _Respelled: at the first value in another spelling."""
        self._pending.append((document, state, ""))
        seen = 0
        while self._pending:
            element, state, place = self._pending.pop()
            seen += len(element)
            if seen > MAX_NODES:
                return
            try:
                self._node(element, state, place)
            except NotMine:
                continue  # expansion refuses it, or reads a context of others
        for link in self._described & self._links.keys() - self._subjects:
            raise _Respelled(self._links[link], Message("no link to a node that is described elsewhere"))

    def _node(self, element: JsonObject, state: ContextState, place: str) -> None:
        if "id" in element:
            name = element["id"]
            if not _is_link(name, state.prefixes):
                raise _Respelled(f"{place}/id", Message("an absolute IRI"))
            if name in self._described:
                raise _Respelled(f"{place}/id", Message("each node in one place"))
            self._described.add(name)
            if _ABOUT.fullmatch(place):
                self._subjects.add(name)
        if "type" in element:
            types = element["type"]
            if place and isinstance(types, list) and len(types) == 1:
                raise _Respelled(f"{place}/type", Message("one type as a text"))
            try:
                state, _ = state.typed.get(types if type(types) is str else tuple(types)) or state.with_types(types)
            except (NotMine, TypeError):
                raise _Respelled(f"{place}/type", Message("terms of the context, each once")) from None
        terms = state.terms
        for key, value in element.items():
            term = terms.get(key)
            if term is None:
                if type(key) is str and key.startswith("@"):
                    raise _Respelled(f"{place}/{key[:80]}", Message("its plain name"))
                try:
                    term = state.term(key)
                except NotMine:
                    continue  # no term of the context, which expansion refuses, or one of a kind that is not ours
            kind = term.kind
            if kind == KEYWORD:
                continue
            if type(value) is str and kind == LITERAL and term.single:
                continue  # nearly all values
            self._values(term, value, f"{place}/{key}")

    def _values(self, term: CompiledTerm, value: Any, place: str) -> None:
        if term.languages:
            _check_languages(value, place)
            return
        if not isinstance(value, list):
            if term.listed:
                raise _Respelled(place, Message("a list"))
            self._value(term, value, place)
            return
        if not value:
            raise _Respelled(place, Message("at least one entry, or nothing"))
        if len(value) == 1 and not term.listed:
            raise _Respelled(place, Message("the value itself, not a list of one"))
        if self._are_rows(term, value, place):
            return
        distinct: set[tuple[type, Any]] = set()
        for number, item in enumerate(value):
            self._value(term, item, f"{place}/{number}")
            if not isinstance(item, dict):
                if (type(item), item) in distinct:
                    raise _Respelled(f"{place}/{number}", Message("each value once"))
                distinct.add((type(item), item))

    def _are_rows(self, term: CompiledTerm, entries: list[Any], place: str) -> bool:
        """Whether the entries of a list are nodes of one form, each with an id of its own and texts, spelled well."""
        by_key = columns(entries)
        if by_key is None or len(by_key) < 2 or _ABOUT.fullmatch(f"{place}/0"):
            return False
        state = term.child or enter(term)
        names = by_key.get("id", ())
        if not are_links(names, state.prefixes):
            return False
        distinct = set(names)
        if len(distinct) < len(names) or not distinct.isdisjoint(self._described):
            return False
        for key, values in by_key.items():
            if key == "id":
                continue
            try:
                of_key = state.terms.get(key) or state.term(key)
            except NotMine:
                return False
            if of_key.kind != LITERAL or not of_key.single or set(map(type, values)) != {str}:
                return False
        self._described |= distinct
        return True

    def _value(self, term: CompiledTerm, value: Any, place: str) -> None:
        if isinstance(value, dict):
            if term.kind == LINK and value.keys() == {"id"}:
                raise _Respelled(place, Message("the link as a text"))
            if not _VALUE_OBJECTS.isdisjoint(value):
                if not _is_text_in_a_language(term, value):
                    raise _Respelled(place, Message("the value itself"))
                return
            self._pending.append((value, term.child or enter(term), place))
        elif type(value) not in term.form:
            raise _Respelled(place, _expected(term))
        elif term.kind == LINK:
            if not _is_link(value, term.prefixes):
                raise _Respelled(place, Message("an absolute IRI"))
            self._links[value] = place
        elif term.kind == WORD and value not in term.words:
            raise _Respelled(place, Message("a term of the context"))


_NAMES = {str: Message("a text"), int: Message("a whole number"), bool: Message("true or false")}
_VALUE_OBJECTS = frozenset({"@value", "@list", "@set"})


def _expected(term: CompiledTerm) -> Message:
    """The forms that a value of this term may have, as people call them."""
    names = sorted(_NAMES[form] for form in term.form)
    return reduce(lambda left, right: Message("{left} or {right}", left=left, right=right), names)


def _is_link(value: Any, prefixes: frozenset[str]) -> bool:
    match = IRI(value) if type(value) is str else None
    return match is not None and match[1] not in prefixes


def _is_text_in_a_language(term: CompiledTerm, value: JsonObject) -> bool:
    """VC Data Model 2.0, section 11.1, for terms without a map of languages: ``name`` and ``description``."""
    return (
        value.keys() == {"@value", "@language"}
        and term.form >= {str, int}
        and isinstance(value["@value"], str)
        and isinstance(value["@language"], str)
        and LANGUAGE(value["@language"]) is not None
    )


def check_proofs(value: Any, context: list[Any]) -> None:
    """Proofs as they are written here; that they hold is for others to say."""
    if isinstance(value, list) and len(value) < 2:
        raise _Respelled("/proof", Message("the proof itself, not a list of one"))
    seen = []
    for number, proof in enumerate(value if isinstance(value, list) else [value]):
        place = f"/proof/{number}" if isinstance(value, list) else "/proof"
        if not isinstance(proof, dict):
            raise _Respelled(place, Message("a proof"))
        # A second ECDSA signature can be computed from one without the key: the value does not tell two proofs apart.
        options = {key: statement for key, statement in proof.items() if key != "proofValue"}
        if options in seen:
            raise _Respelled(place, Message("each proof once"))
        seen.append(options)
        for key, statement in proof.items():
            if type(statement) is str and not key.startswith("@"):
                continue  # nearly all
            if key == "@context" and statement == context and "-jcs-" in str(proof.get("cryptosuite")):
                continue
            texts = statement if isinstance(statement, list) and len(statement) > 1 else [statement]
            if key.startswith("@") or not all(isinstance(text, str) for text in texts):
                raise _Respelled(f"{place}/{key[:80]}", Message("a text, or a list of two or more under a plain name"))
            if len(set(texts)) < len(texts):
                raise _Respelled(f"{place}/{key[:80]}", Message("each text once"))


def _check_languages(value: Any, place: str) -> None:
    """A text in several languages: ``{"en": "…", "zh": "…"}``."""
    if not isinstance(value, dict) or not value:
        raise _Respelled(place, Message("texts by language"))
    for language, text in value.items():
        if LANGUAGE(language) is None:
            raise _Respelled(place, Message("language tags in lower case"))
        texts = text if isinstance(text, list) else [text]
        if isinstance(text, list) and len(text) < 2 or not all(isinstance(each, str) for each in texts):
            raise _Respelled(f"{place}/{language}", Message("a text"))
        if len(set(texts)) < len(texts):
            raise _Respelled(f"{place}/{language}", Message("texts, each once"))
