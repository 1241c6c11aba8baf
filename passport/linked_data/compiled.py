"""Compiled contexts: from JSON straight to statements, for the documents that everybody writes.

The reference (:mod:`passport.linked_data.jsonld`) asks pyld to expand a document, term by term, each time anew. But a
list of pinned contexts never changes: what a term means in it is asked once and kept in a table, and a walk over the
JSON writes the statements.

* **It answers "the same" or "not mine"**, and nothing else. :func:`walk` gives ``None`` for everything that it was not
  made for, and for everything that is to be refused; the reference then runs, and answers or refuses in its own words.
* **pyld says what a term means.** The tables are made of the active contexts that its own context processing gives
  (type-scoped, property-scoped, protected, previous), asked for each state at first use.
* **What is in the table is finite.** Only terms of the contexts enter it, never words of a document, so that nobody
  can fill the memory by inventing words.

Not mine, among others: any key that starts with ``@`` except the one ``@context`` at the top, keys and types that are
not terms (absolute IRIs too), null, arrays in arrays and empty ones, fractions, value and list objects, JSON literals,
lists, graphs, reversed, nested and indexed properties, compact and relative IRIs, default languages and directions.

(JSON-LD 1.1 API, sections 5.1 and 8.1, for this part of the language)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from passport.errors import PassportError
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.nquads import XSD, literal
from passport.linked_data.processor import RESERVED_SCHEME, ContextProcessor
from passport.linked_data.walked import Node, Walked

MAX_INTEGER = 2**53 - 1
MAX_NESTING = 28  # objects; with arrays between them still less than strict_json.MAX_DEPTH
MAX_CONTEXTS = 8  # in one document
MAX_COMPILED = 64  # lists of contexts kept for one loader
MAX_STATES = 128  # active contexts kept for one list, each with all its terms
MAX_TYPED = 512  # combinations of types kept for one active context

_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
_XSD_DOUBLE = XSD + "double"

# An absolute IRI of which no processor makes anything else: no white space of any kind, no half of a surrogate pair.
_IRI = re.compile(
    rf'(?!{RESERVED_SCHEME})([A-Za-z][A-Za-z0-9+.-]*):[^\s\x00-\x20<>"{{}}|^`\\\ud800-\udfff]*'
).fullmatch
# A literal that stands as it is; and one that needs escapes.
_CLEAN = re.compile(rf'(?!{RESERVED_SCHEME})[^\x00-\x1f\x7f"\\\ud800-\udfff]*').fullmatch
_FOREIGN = re.compile(rf"\A{RESERVED_SCHEME}|[\ud800-\udfff]").search
# Lower case only: upper case is folded by expansion, so the document would not be written as its graph says.
_LANGUAGE = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*").fullmatch

_PLAIN_KEYS = frozenset(
    {"@id", "@type", "@container", "@context", "reverse", "protected", "_prefix", "_term_has_colon"}
)
_PLAIN_CONTAINERS = frozenset({"@set", "@language"})
_LITERAL, _LINK, _WORD, _KEYWORD = range(4)
_ABSENT = object()


class _NotMine(Exception):
    """The reference has to do it."""


def walk(
    document: Any, *, loader: ContextLoader = PINNED, places: Mapping[int, str] | None = None
) -> Walked | None:
    """The graph of ``document``, or ``None``: then it is not for the fast path.

    :param places: for a part of a document that was walked before: ``id()`` of a JSON object -> label of the blank
        node that it is in the whole. Every blank node of the part must be among them.
    """
    if type(document) is not dict:
        return None
    state = _root_state(document.get("@context"), loader)
    if state is None:
        return None
    try:
        return _Walk(places).document(document, state)
    except _NotMine:
        return None


# --- the table ------------------------------------------------------------------------------------------------------


class _Term:
    """What a key means in a state.

    ``head`` is the predicate and a space; a string value goes between ``opening`` and ``closing``.
    """

    __slots__ = (
        "key", "state", "kind", "head", "opening", "closing", "whole", "truth", "words", "languages", "unique",
        "prefixes", "kept_prefixes", "child",
    )  # fmt: skip


class _State:
    """An active context, with what was asked of it so far."""

    __slots__ = ("table", "active", "mappings", "prefixes", "terms", "typed")

    def __init__(self, table: _Table, active: Mapping[str, Any]) -> None:
        self.table = table
        self.active = active
        self.mappings = active["mappings"]
        self.terms: dict[str, _Term] = {}
        self.typed: dict[Any, tuple[_State, tuple[str, ...]]] = {}
        if "@language" in active or "@direction" in active:
            raise _NotMine
        aliases = {}
        for name, mapping in self.mappings.items():
            if mapping and mapping["@id"] in ("@id", "@type", "@value"):
                aliases[name] = mapping["@id"]
        # With another name for one of these, an object is read differently before its keys are looked at.
        if aliases != {"id": "@id", "type": "@type"}:
            raise _NotMine
        self.prefixes = frozenset(name for name, mapping in self.mappings.items() if mapping and mapping["_prefix"])
        for name in aliases:
            term = self.terms[name] = _Term()
            term.kind = _KEYWORD

    def term(self, key: Any) -> _Term:
        """Compile ``key``."""
        mapping = self.mappings.get(key) if type(key) is str else None
        if mapping is None or not _PLAIN_KEYS.issuperset(mapping) or mapping["reverse"]:
            raise _NotMine
        containers = _listed(mapping.get("@container"))
        coercion, predicate = mapping.get("@type"), mapping["@id"]
        if not _PLAIN_CONTAINERS.issuperset(containers) or not _absolute(predicate):
            raise _NotMine
        inner = self.active
        if mapping.get("@context") is not None:
            # A context of the property's own applies to its values, and may say something else of the property itself.
            inner = self.table.process(inner, mapping["@context"], propagate=True, override_protected=True)
            if inner["mappings"].get(key) != mapping or containers:
                raise _NotMine
        term = _Term()
        term.key, term.state = key, self
        term.head = f"<{predicate}> "
        term.languages = "@language" in containers
        term.words = {}
        term.child = term.kept_prefixes = None
        term.unique = sum(1 for other in self.mappings.values() if other and other["@id"] == predicate) == 1
        values = self if inner is self.active else self.table.state(inner)
        term.prefixes = values.prefixes
        term.opening, term.whole, term.truth = f'{term.head}"', None, None
        if coercion is None or coercion == "@none":
            term.kind, term.closing = _LITERAL, '" .\n'
            term.whole, term.truth = f'"^^<{XSD}integer> .\n', f'"^^<{XSD}boolean> .\n'
        elif coercion == "@id":
            term.kind, term.opening, term.closing = _LINK, f"{term.head}<", "> .\n"
        elif coercion == "@vocab":
            term.kind, term.closing = _WORD, ""
            for word, meaning in values.mappings.items():
                if meaning and _absolute(meaning["@id"]):
                    term.words[word] = f"{term.head}<{meaning['@id']}> .\n"
        elif _absolute(coercion):
            term.kind = _LITERAL
            # What stands behind the text in a literal of this type; xsd:string is not written.
            term.closing = literal("", datatype=coercion)[1:] + " .\n"
            term.truth = term.closing
            term.whole = term.closing if coercion != _XSD_DOUBLE else None
        else:
            raise _NotMine
        self.terms[key] = term
        return term

    def with_types(self, types: Any) -> tuple[_State, tuple[str, ...]]:
        """The state that an object of these types is read in, and what its types say of it."""
        names = [types] if type(types) is str else types
        if type(names) is not list or not names:
            raise _NotMine
        tails = {}
        for name in names:
            mapping = self.mappings.get(name) if type(name) is str else None
            if not mapping or not _absolute(mapping["@id"]):
                raise _NotMine
            tails[f"{_RDF_TYPE}<{mapping['@id']}> .\n"] = None
        if len(tails) < len(names):
            raise _NotMine  # the same twice: without end, if each were kept
        if len(self.typed) >= MAX_TYPED:
            self.typed.clear()
        active = self.active
        for name in sorted(names):
            scoped = self.mappings[name].get("@context")
            if scoped is not None and scoped is not False:
                active = self.table.process(active, scoped, propagate=False)
        found = (self if active is self.active else self.table.state(active)), tuple(tails)
        self.typed[tuple(types) if type(types) is list else types] = found
        return found


def _enter(term: _Term) -> _State:
    """The state in which an object under ``term`` is read, before its types. Keeps it with the term."""
    table, active = term.state.table, term.state.active
    scoped = term.state.mappings[term.key].get("@context")
    inner = active
    if scoped is not None:
        inner = table.process(active, scoped, propagate=True, override_protected=True)
    # What a type brought along ends with the object of that type, except that a bare reference is read before that.
    outer = inner.get("previousContext", inner)
    again = inner["mappings"][term.key].get("@context")
    kept = inner
    if again is not None:
        outer = table.process(outer, again, override_protected=True)
        kept = table.process(kept, again, override_protected=True)
    term.kept_prefixes = table.state(kept).prefixes
    term.child = table.state(outer)
    return term.child


class _Table:
    """All states that one list of contexts leads to."""

    def __init__(self, loader: ContextLoader, urls: tuple[str, ...]) -> None:
        self._processor = ContextProcessor(loader)
        self._forget = loader.compiled.clear
        self._states: dict[int, _State] = {}
        self._made: dict[tuple[int, int, bool], tuple[Any, Any]] = {}
        self.root = self.state(self.process(self._processor.initial(), list(urls)))

    def process(self, active: Mapping[str, Any], local: Any, **arguments: bool) -> Mapping[str, Any]:
        # By identity: both are objects that pyld keeps for as long as the table does, and the entry keeps them too.
        key = (id(active), id(local), arguments.get("propagate", True))
        made = self._made.get(key)
        if made is None:
            try:
                result = self._processor.process(active, local, **arguments)
            except Exception as error:  # pyld may raise anything; the reference will say what is wrong
                raise _NotMine from error
            made = self._made[key] = (result, (active, local))
        return made[0]

    def state(self, active: Mapping[str, Any]) -> _State:
        state = self._states.get(id(active))
        if state is None:
            if len(self._states) >= MAX_STATES:
                self._forget()  # another table begins from nothing with the next document
                raise _NotMine
            state = self._states[id(active)] = _State(self, active)
        return state


def _root_state(context: Any, loader: ContextLoader) -> _State | None:
    if type(context) is str:
        urls: tuple = (context,)
    elif type(context) is list and 0 < len(context) <= MAX_CONTEXTS:
        urls = tuple(context)
    else:
        return None
    try:
        return loader.compiled[urls]
    except KeyError:
        pass
    except TypeError:  # something in the list is no text
        return None
    if not all(type(url) is str and url in loader for url in urls):
        return None
    if len(loader.compiled) >= MAX_COMPILED:
        loader.compiled.clear()
    try:
        root = _Table(loader, urls).root
    except (_NotMine, PassportError):
        root = None
    loader.compiled[urls] = root
    return root


def _absolute(iri: Any) -> bool:
    return type(iri) is str and _IRI(iri) is not None


def _listed(value: Any) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]


# --- the walk -------------------------------------------------------------------------------------------------------


class _Walk:
    """One walk over a document, or over a part of one (``places``)."""

    __slots__ = ("nodes", "blank", "places", "known", "ambiguous")

    def __init__(self, known: Mapping[int, str] | None) -> None:
        self.nodes: list[Node] = []
        self.blank: list[Node] = []
        self.places: dict[int, str] = {}
        self.known = known
        self.ambiguous = False

    def document(self, document: dict, state: _State) -> Walked:
        self.node({key: value for key, value in document.items() if key != "@context"}, state, 1, document)
        return Walked(self.nodes, self.blank, self.places, self.ambiguous, document)

    def node(self, element: dict, state: _State, depth: int, place: dict) -> Node:
        """The node that ``element`` describes, and those below it. ``place`` is the object in the document."""
        if depth > MAX_NESTING:
            raise _NotMine
        identifier = element.get("id", _ABSENT)
        types = element.get("type", _ABSENT)
        type_tails: tuple[str, ...] = ()
        if types is not _ABSENT:
            try:
                state, type_tails = state.typed[tuple(types) if type(types) is list else types]
            except (KeyError, TypeError):
                state, type_tails = state.with_types(types)
        if identifier is _ABSENT:
            node = Node("", self.label(place))
            self.blank.append(node)
        else:
            node = Node(f"<{_iri(identifier, state.prefixes)}> ", "")
        self.nodes.append(node)
        tails = node.tails
        tails += type_tails
        terms = state.terms
        for key, value in element.items():
            term = terms.get(key)
            if term is None:
                term = state.term(key)
            kind = term.kind
            if kind == _KEYWORD:
                continue
            if not term.unique:
                self.ambiguous = True
            if type(value) is str:
                if kind == _LITERAL and _CLEAN(value) is not None:
                    tails.append(f"{term.opening}{value}{term.closing}")
                else:
                    tails.append(_text(term, value))
            elif type(value) is list:
                if not value:
                    raise _NotMine  # says nothing, and some callers refuse it
                for item in value:
                    if type(item) is dict and not term.languages:
                        self.child(node, term, item, depth)
                    else:
                        tails.append(_scalar(term, item))
            elif type(value) is dict:
                if term.languages:
                    _language_map(term, value, tails)
                else:
                    self.child(node, term, value, depth)
            else:
                tails.append(_scalar(term, value))
        return node

    def child(self, node: Node, term: _Term, element: dict, depth: int) -> None:
        state = term.child or _enter(term)
        if len(element) == 1 and "id" in element:
            # A bare reference, read with what the types of its parent brought along.
            node.tails.append(f"{term.head}<{_iri(element['id'], term.kept_prefixes)}> .\n")
            return
        child = self.node(element, state, depth + 1, element)
        if child.subject:
            node.tails.append(f"{term.head}{child.subject}.\n")
            return
        child.parent = (node, term.head)
        if node.children is None:
            node.children = []
        node.children.append((term.head, child))

    def label(self, place: dict) -> str:
        if self.known is not None:
            label = self.known.get(id(place))
            if label is None:
                raise _NotMine
            return label
        label = f"b{len(self.blank)}"
        if self.places.setdefault(id(place), label) != label:
            raise _NotMine  # one object of Python in two places of the document: two nodes, and one name for them
        return label


def _iri(value: Any, prefixes: frozenset[str]) -> str:
    match = _IRI(value) if type(value) is str else None
    if match is None or match[1] in prefixes:
        raise _NotMine
    return value


def _scalar(term: _Term, value: Any) -> str:
    """The tail of a value that is neither an array nor an object."""
    if type(value) is str:
        return _text(term, value)
    if term.kind == _LITERAL:
        if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER and term.whole is not None:
            return f"{term.opening}{value}{term.whole}"
        if type(value) is bool:
            return f"{term.opening}{'true' if value else 'false'}{term.truth}"
    raise _NotMine


def _text(term: _Term, value: str) -> str:
    if term.kind == _LITERAL:
        if _FOREIGN(value):
            raise _NotMine
        return f"{term.head}{literal(value)}{term.closing[1:]}"
    if term.kind == _LINK:
        return f"{term.opening}{_iri(value, term.prefixes)}{term.closing}"
    tail = term.words.get(value)
    if tail is None:
        raise _NotMine
    return tail


def _language_map(term: _Term, values: dict, tails: list[str]) -> None:
    """JSON-LD 1.1 API, section 5.1.2, step 13.7: one literal for each text, in the language that is its key."""
    for language, texts in values.items():
        # A term may stand for @none here, which is no language.
        if type(language) is not str or _LANGUAGE(language) is None or language in term.state.mappings:
            raise _NotMine
        if texts == []:
            raise _NotMine  # says nothing, and some callers refuse it
        for text in texts if type(texts) is list else (texts,):
            if type(text) is not str or _FOREIGN(text):
                raise _NotMine
            tails.append(f"{term.head}{literal(text, language=language)} .\n")
