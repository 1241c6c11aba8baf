"""Compiled contexts: from JSON straight to statements, for the documents that everybody writes.

The reference (:mod:`passport.linked_data.jsonld`) asks pyld to expand a document, term by term, each time anew. But a
list of pinned contexts never changes: what a term means in it is asked once and kept in a table, and a walk over the
JSON writes the statements.

* **It answers "the same" or "not mine"**, and nothing else. :func:`walk` gives ``None`` for everything that it was not
  made for, and for everything that is to be refused; the reference then runs, and answers or refuses in its own words.
* **What a term means** is in the table of :mod:`~passport.linked_data.compiled_context`.
* **What it sees on its way** it tells: whether a node is described twice, and whether the spelling is surely ours
  (:attr:`Walked.once`, :attr:`Walked.spelled`). So a document is not walked again for either.

Not mine, among others: any key that starts with ``@`` except the one ``@context`` at the top, keys and types that are
not terms (absolute IRIs too), null, arrays in arrays and empty ones, fractions, value and list objects, JSON literals,
lists, graphs, reversed, nested and indexed properties, compact and relative IRIs, default languages and directions.

(JSON-LD 1.1 API, sections 5.1 and 8.1, for this part of the language)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from passport.linked_data.columns import columns
from passport.linked_data.compiled_context import (
    IRI,
    KEYWORD,
    LANGUAGE,
    LINK,
    LITERAL,
    CompiledTerm,
    ContextState,
    NotMine,
    are_links,
    enter,
    root_state,
)
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.nquads import literal
from passport.linked_data.processor import RESERVED_SCHEME
from passport.linked_data.walked import Walked, WalkedNode

MAX_INTEGER = 2**53 - 1
MAX_NESTING = 28  # objects; with arrays between them still less than strict_json.MAX_DEPTH

# A literal without escapes; and one that needs them.
_CLEAN = re.compile(rf'(?!{RESERVED_SCHEME})[^\x00-\x1f\x7f"\\\ud800-\udfff]*').fullmatch
_CLEAN_CHARACTERS = re.compile(r'[^\x00-\x1f\x7f"\\\ud800-\udfff]*').fullmatch
_FOREIGN = re.compile(rf"\A{RESERVED_SCHEME}|[\ud800-\udfff]").search
_ABSENT = object()
#: What a document is about, and what it links, is described under these.
_ABOUT = frozenset({"credentialSubject", "relatedResource"})


def walk(document: Any, *, loader: ContextLoader = PINNED, places: Mapping[int, str] | None = None) -> Walked | None:
    """The graph of ``document``, or ``None``: then it is not for the fast path.

    :param places: for a part of a document that was walked before: ``id()`` of a JSON object -> label of the blank
        node that it is in the whole. Every blank node of the part must be among them.
    """
    if type(document) is not dict:
        return None
    state = root_state(document.get("@context"), loader)
    if state is None:
        return None
    try:
        return _DocumentWalk(places).document(document, state)
    except NotMine:
        return None


# --- the walk -------------------------------------------------------------------------------------------------------


class _DocumentWalk:
    """One walk over a document, or over a part of one (``places``)."""

    __slots__ = ("nodes", "rows_of", "blank", "places", "known", "ambiguous", "spelled", "size", "links", "about")

    def __init__(self, known: Mapping[int, str] | None) -> None:
        self.nodes: list[WalkedNode] = []
        self.rows_of: dict[str, tuple[str, ...]] = {}
        self.blank: list[WalkedNode] = []
        self.places: dict[int, str] = {}
        self.known = known
        self.ambiguous = False
        self.spelled = True
        self.size = 1
        self.links: set[str] = set()  # the texts of links, as they are in the document
        self.about: set[str] = set()  # subjects that others may link to, see :mod:`passport.linked_data.spelling`

    def document(self, document: JsonObject, state: ContextState) -> Walked:
        root = self.node({key: value for key, value in document.items() if key != "@context"}, state, 1, document)
        if root.subject:
            self.about.add(root.subject)
        named = [node.subject for node in self.nodes if node.subject]
        subjects = {*named, *self.rows_of}
        once = len(subjects) == len(named) + len(self.rows_of)
        spelled = self.spelled and once
        if spelled and len(self.links) and len(subjects) > len(self.about):
            spelled = subjects.isdisjoint([f"<{link}> " for link in self.links if f"<{link}> " not in self.about])
        return Walked(
            self.nodes, self.blank, self.places, self.ambiguous, document,
            rows=self.rows_of, once=once, spelled=spelled, size=self.size,
        )  # fmt: skip

    def node(self, element: JsonObject, state: ContextState, depth: int, place: JsonObject) -> WalkedNode:
        """The node that ``element`` describes, and those below it. ``place`` is the object in the document."""
        if depth > MAX_NESTING:
            raise NotMine
        identifier = element.get("id", _ABSENT)
        types = element.get("type", _ABSENT)
        type_tails: tuple[str, ...] = ()
        prefixes = state.prefixes
        if types is not _ABSENT:
            try:
                state, type_tails = state.typed[tuple(types) if type(types) is list else types]
            except (KeyError, TypeError):
                state, type_tails = state.with_types(types)
            if type(types) is list and len(types) == 1 and depth > 1:
                self.spelled = False
        if identifier is _ABSENT:
            node = WalkedNode("", self.label(place))
            self.blank.append(node)
        else:
            node = WalkedNode(f"<{_iri(identifier, state.prefixes)}> ", "")
            if identifier.partition(":")[0] in prefixes:
                self.spelled = False
        self.nodes.append(node)
        tails = node.tails
        tails += type_tails
        self.size += len(element)
        terms = state.terms
        for key, value in element.items():
            term = terms.get(key)
            if term is None:
                term = state.term(key)
            kind = term.kind
            if kind == KEYWORD:
                continue
            if not term.unique:
                self.ambiguous = True
            if type(value) is str:
                if kind == LITERAL and _CLEAN(value) is not None:
                    tails.append(f"{term.opening}{value}{term.closing}")
                else:
                    tails.append(_text(term, value))
                    if kind == LINK:
                        self.links.add(value)
                if not term.single:
                    self.spelled = False
            elif type(value) is list:
                if not value:
                    raise NotMine  # says nothing, and some callers refuse it
                self.size += len(value)
                if term.languages or len(value) == 1 and not term.listed:
                    self.spelled = False
                if not term.languages and self.rows(node, term, value, depth):
                    continue
                self.entries(node, term, value, depth)
            elif type(value) is dict:
                if term.languages:
                    self.size += len(value)
                    self.spelled = self.spelled and _is_language_map(value)
                    _language_map(term, value, tails)
                else:
                    if term.listed:
                        self.spelled = False
                    self.child(node, term, value, depth)
            else:
                if term.listed or term.languages or type(value) not in term.form:
                    self.spelled = False
                tails.append(_scalar(term, value))
        return node

    def entries(self, node: WalkedNode, term: CompiledTerm, values: list[Any], depth: int) -> None:
        """The values in a list, one by one."""
        if term.kind == LITERAL and str in term.form and not term.languages and _are_clean(values):
            node.tails += [f"{term.opening}{value}{term.closing}" for value in values]
            self.spelled = self.spelled and len(set(values)) == len(values)
            return
        distinct: set[tuple[type, Any]] = set()
        single = 0
        for item in values:
            if type(item) is dict and not term.languages:
                self.child(node, term, item, depth)
                continue
            node.tails.append(_scalar(term, item))
            single += 1
            distinct.add((type(item), item))
            if type(item) not in term.form:
                self.spelled = False
            elif term.kind == LINK:
                self.links.add(item)
        if len(distinct) < single:
            self.spelled = False

    def child(self, node: WalkedNode, term: CompiledTerm, element: JsonObject, depth: int) -> None:
        state = term.child or enter(term)
        if len(element) == 1 and "id" in element:
            # A bare reference, read with what the types of its parent brought along.
            self.spelled = False
            self.size += 1
            node.tails.append(f"{term.head}<{_iri(element['id'], term.kept_prefixes)}> .\n")
            return
        child = self.node(element, state, depth + 1, element)
        if child.subject:
            if depth == 1 and term.key in _ABOUT:
                self.about.add(child.subject)
            node.tails.append(f"{term.head}{child.subject}.\n")
            return
        child.parent = (node, term.head)
        if node.children is None:
            node.children = []
        node.children.append((term.head, child))

    def rows(self, node: WalkedNode, term: CompiledTerm, entries: list[Any], depth: int) -> bool:
        """Many nodes of one form: with an id, and texts that need no escapes. Says whether ``entries`` were these."""
        by_key = columns(entries)
        if by_key is None or len(by_key) < 2 or depth >= MAX_NESTING:
            return False
        state = term.child or enter(term)
        names = by_key.get("id", ())
        if not are_links(names, state.prefixes):
            return False
        parts: list[tuple[CompiledTerm, tuple[str, ...]]] = []
        for key, texts in by_key.items():
            if key == "id":
                continue
            of_key = state.terms.get(key) or state.term(key)
            if of_key.kind != LITERAL or of_key.languages or not _are_clean(texts):
                return False
            self.ambiguous = self.ambiguous or not of_key.unique
            if not of_key.single:
                self.spelled = False
            parts.append((of_key, texts))
        if depth == 1 and term.key in _ABOUT:
            self.spelled = False
        subjects = [f"<{name}> " for name in names]
        # A tail begins with its predicate, which is no beginning of another: with their columns, tails are sorted.
        parts.sort(key=lambda part: part[0].opening)
        openings = {of_key.opening for of_key, _ in parts}
        if len(openings) < len(parts) or len(set(subjects)) < len(subjects):
            return False
        if not self.rows_of.keys().isdisjoint(subjects):
            return False
        opened = [[f"{of_key.opening}{text}{of_key.closing}" for text in texts] for of_key, texts in parts]
        self.rows_of.update(zip(subjects, zip(*opened, strict=True), strict=True))
        self.size += len(entries) * len(by_key)
        node.tails += [f"{term.head}{subject}.\n" for subject in subjects]
        return True

    def label(self, place: JsonObject) -> str:
        if self.known is not None:
            label = self.known.get(id(place))
            if label is None:
                raise NotMine
            return label
        label = f"b{len(self.blank)}"
        if self.places.setdefault(id(place), label) != label:
            raise NotMine  # one object of Python in two places of the document: two nodes, and one name for them
        return label


def _are_clean(values: Sequence[Any]) -> bool:
    """Whether all are texts that surely need no escapes."""
    if set(map(type, values)) != {str}:
        return False
    text = "".join(values)
    return RESERVED_SCHEME not in text and _CLEAN_CHARACTERS(text) is not None


def _iri(value: Any, prefixes: frozenset[str]) -> str:
    if type(value) is str:
        match = IRI(value)
        if match is not None and match[1] not in prefixes:
            return value
    raise NotMine


def _scalar(term: CompiledTerm, value: Any) -> str:
    """The tail of a value that is neither an array nor an object."""
    if type(value) is str:
        return _text(term, value)
    if term.kind == LITERAL:
        if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER and term.whole is not None:
            return f"{term.opening}{value}{term.whole}"
        if type(value) is bool:
            return f"{term.opening}{'true' if value else 'false'}{term.truth}"
    raise NotMine


def _text(term: CompiledTerm, value: str) -> str:
    if term.kind == LITERAL:
        if _FOREIGN(value):
            raise NotMine
        return f"{term.head}{literal(value)}{term.closing[1:]}"
    if term.kind == LINK:
        return f"{term.opening}{_iri(value, term.prefixes)}{term.closing}"
    tail = term.words.get(value)
    if tail is None:
        raise NotMine
    return tail


def _is_language_map(values: JsonObject) -> bool:
    """Whether each language has one text, as this project writes it; more than one may be well written, too."""
    return bool(values) and all(type(text) is str for text in values.values())


def _language_map(term: CompiledTerm, values: JsonObject, tails: list[str]) -> None:
    """JSON-LD 1.1 API, section 5.1.2, step 13.7: one literal for each text, in the language that is its key."""
    for language, texts in values.items():
        # A term may be an alias of @none here, which is no language.
        if type(language) is not str or LANGUAGE(language) is None or language in term.state.mappings:
            raise NotMine
        if texts == []:
            raise NotMine  # says nothing, and some callers refuse it
        for text in texts if type(texts) is list else (texts,):
            if type(text) is not str or _FOREIGN(text):
                raise NotMine
            tails.append(f"{term.head}{literal(text, language=language)} .\n")
