"""The table of a compiled context: what each term means in each state of a list of pinned contexts.

* **pyld says what a term means.** The tables are made of the active contexts that its own context processing gives
  (type-scoped, property-scoped, protected, previous), asked for each state at first use.
* **What is in the table is finite.** Only terms of the contexts enter it, never words of a document, so that nobody
  can fill the memory by inventing words.
* :class:`NotMine` is raised for every term and every context that the fast path was not made for; the reference
  (:mod:`passport.linked_data.jsonld`) then answers.

Used by :mod:`~passport.linked_data.compiled`, which writes statements, and :mod:`~passport.linked_data.spelling`, which
says whether a document is spelled as this project spells it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from passport.errors import PassportError
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import as_list
from passport.linked_data.nquads import XSD, literal
from passport.linked_data.processor import RESERVED_SCHEME, ContextProcessor

MAX_CONTEXTS = 8  # in one document
MAX_COMPILED = 64  # lists of contexts kept for one loader
MAX_STATES = 128  # active contexts kept for one list, each with all its terms
MAX_TYPED = 512  # combinations of types kept for one active context

_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
_XSD_DOUBLE = XSD + "double"

# An absolute IRI of which no processor makes anything else: no white space of any kind, no half of a surrogate pair.
IRI = re.compile(rf'(?!{RESERVED_SCHEME})([A-Za-z][A-Za-z0-9+.-]*):[^\s\x00-\x20<>"{{}}|^`\\\ud800-\udfff]*').fullmatch
# Lower case only: upper case is folded by expansion, so the document would not be written as its graph says.
LANGUAGE = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*").fullmatch

_LINK_CHARACTERS = re.compile(r'[^\s\x00-\x20<>"{}|^`\\\ud800-\udfff]*').fullmatch

_PLAIN_KEYS = frozenset(
    {"@id", "@type", "@container", "@context", "reverse", "protected", "_prefix", "_term_has_colon"}
)
_PLAIN_CONTAINERS = frozenset({"@set", "@language"})
LITERAL, LINK, WORD, KEYWORD = range(4)
#: A view that shows one entry of these where another shows two is the same document.
ALWAYS_LISTED = frozenset({"credentialStatus", "relatedResource"})


class NotMine(Exception):
    """The reference has to do it."""


def are_links(names: Sequence[Any], prefixes: frozenset[str]) -> bool:
    """Whether all of many values are surely absolute IRIs of one scheme, which is no prefix of the context."""
    if set(map(type, names)) != {str}:
        return False
    match = IRI(names[0])
    if match is None or match[1] in prefixes:
        return False
    # Numbers of entries are at the end: the part before is parsed once.
    stem = names[0].rstrip("0123456789")
    # What the first and the last of them in order begin with, all begin with.
    ends = min(names), max(names)
    start = len(stem) if len(stem) > len(match[1]) and all(name.startswith(stem) for name in ends) else 0
    text = "".join([name[start:] for name in names])
    if not start and not all(name.startswith(f"{match[1]}:") for name in ends):
        return False
    return RESERVED_SCHEME not in text and _LINK_CHARACTERS(text) is not None


class CompiledTerm:
    """What a key means in a state.

    ``head`` is the predicate and a space; a string value goes between ``opening`` and ``closing``. ``form`` are the
    JSON types in which this project writes its values, ``listed`` says whether it writes them in a list also where
    there is one; ``single`` says that a text alone is a value of this term as this project writes it.
    """

    __slots__ = (
        "key", "state", "kind", "form", "listed", "single", "head", "opening", "closing", "whole", "truth", "words",
        "languages", "unique", "prefixes", "kept_prefixes", "child",
    )  # fmt: skip

    key: str
    state: ContextState
    kind: int
    form: frozenset[type]
    listed: bool
    single: bool
    head: str
    opening: str
    closing: str
    whole: str | None
    truth: str | None
    words: dict[str, str]
    languages: bool
    unique: bool
    prefixes: frozenset[str]
    kept_prefixes: frozenset[str]  # not set until :func:`enter` has set ``child``
    child: ContextState | None


class ContextState:
    """An active context, with what was asked of it so far."""

    __slots__ = ("table", "active", "mappings", "prefixes", "terms", "typed")

    def __init__(self, table: _Table, active: Mapping[str, Any]) -> None:
        self.table = table
        self.active = active
        self.mappings = active["mappings"]
        self.terms: dict[str, CompiledTerm] = {}
        self.typed: dict[Any, tuple[ContextState, tuple[str, ...]]] = {}
        if "@language" in active or "@direction" in active:
            raise NotMine
        aliases = {}
        for name, mapping in self.mappings.items():
            if mapping and mapping["@id"] in ("@id", "@type", "@value"):
                aliases[name] = mapping["@id"]
        # With another name for one of these, an object is read differently before its keys are looked at.
        if aliases != {"id": "@id", "type": "@type"}:
            raise NotMine
        self.prefixes = frozenset(name for name, mapping in self.mappings.items() if mapping and mapping["_prefix"])
        for name in aliases:
            term = self.terms[name] = CompiledTerm()
            term.kind = KEYWORD

    def term(self, key: Any) -> CompiledTerm:
        """Compile ``key``."""
        # A key with a colon could be read as an absolute IRI.
        mapping = self.mappings.get(key) if type(key) is str and ":" not in key else None
        if mapping is None or not _PLAIN_KEYS.issuperset(mapping) or mapping["reverse"]:
            raise NotMine
        containers = as_list(mapping.get("@container"))
        coercion, predicate = mapping.get("@type"), mapping["@id"]
        if not _PLAIN_CONTAINERS.issuperset(containers) or not _absolute(predicate):
            raise NotMine
        inner = self.active
        if mapping.get("@context") is not None:
            # A context of the property's own applies to its values, and may say something else of the property itself.
            inner = self.table.process(inner, mapping["@context"], propagate=True, override_protected=True)
            if inner["mappings"].get(key) != mapping or containers:
                raise NotMine
        term = CompiledTerm()
        term.key, term.state = key, self
        term.head = f"<{predicate}> "
        term.form, term.listed = _form(coercion), "@set" in containers or key in ALWAYS_LISTED
        term.languages = "@language" in containers
        term.single = str in term.form and not term.listed and not term.languages
        term.words = {}
        term.child = None
        term.unique = sum(1 for other in self.mappings.values() if other and other["@id"] == predicate) == 1
        values = self if inner is self.active else self.table.state(inner)
        term.prefixes = values.prefixes
        term.opening, term.whole, term.truth = f'{term.head}"', None, None
        if coercion is None or coercion == "@none":
            term.kind, term.closing = LITERAL, '" .\n'
            term.whole, term.truth = f'"^^<{XSD}integer> .\n', f'"^^<{XSD}boolean> .\n'
        elif coercion == "@id":
            term.kind, term.opening, term.closing = LINK, f"{term.head}<", "> .\n"
        elif coercion == "@vocab":
            term.kind, term.closing = WORD, ""
            for word, meaning in values.mappings.items():
                if meaning and _absolute(meaning["@id"]):
                    term.words[word] = f"{term.head}<{meaning['@id']}> .\n"
        elif _absolute(coercion):
            term.kind = LITERAL
            # The suffix of a literal of this type; xsd:string is not written.
            term.closing = literal("", datatype=coercion)[1:] + " .\n"
            term.truth = term.closing
            term.whole = term.closing if coercion != _XSD_DOUBLE else None
        else:
            raise NotMine
        self.terms[key] = term
        return term

    def with_types(self, types: Any) -> tuple[ContextState, tuple[str, ...]]:
        """The state that an object of these types is read in, and what its types say of it."""
        names = [types] if type(types) is str else types
        if type(names) is not list or not names:
            raise NotMine
        tails: dict[str, None] = {}
        for name in names:
            mapping = self.mappings.get(name) if type(name) is str else None
            if not mapping or not _absolute(mapping["@id"]):
                raise NotMine
            tails[f"{_RDF_TYPE}<{mapping['@id']}> .\n"] = None
        if len(tails) < len(names):
            raise NotMine  # the same twice: without end, if each were kept
        if len(self.typed) >= MAX_TYPED:
            self.typed.clear()
        active = self.active
        for name in sorted(names):
            scoped = self.mappings[name].get("@context")
            if scoped is not None and scoped is not False:
                active = self.table.process(active, scoped, propagate=False)
        typed = (self if active is self.active else self.table.state(active)), tuple(tails)
        self.typed[tuple(types) if type(types) is list else types] = typed
        return typed


def enter(term: CompiledTerm) -> ContextState:
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
    term.child = child = table.state(outer)
    return child


class _Table:
    """All states that one list of contexts leads to."""

    def __init__(self, loader: ContextLoader, urls: tuple[str, ...]) -> None:
        self._processor = ContextProcessor(loader)
        self._forget = loader.compiled.clear
        self.states: dict[int, ContextState] = {}
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
                raise NotMine from error
            made = self._made[key] = (result, (active, local))
        return made[0]

    def state(self, active: Mapping[str, Any]) -> ContextState:
        state = self.states.get(id(active))
        if state is None:
            if len(self.states) >= MAX_STATES:
                self._forget()  # another table begins from nothing with the next document
                raise NotMine
            state = self.states[id(active)] = ContextState(self, active)
        return state


def root_state(context: Any, loader: ContextLoader) -> ContextState | None:
    if type(context) is str:
        urls: tuple[Any, ...] = (context,)
    elif type(context) is list and 0 < len(context) <= MAX_CONTEXTS:
        urls = tuple(context)
    else:
        return None
    try:
        known: ContextState | None = loader.compiled[urls]
        return known
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
    except (NotMine, PassportError):
        root = None
    loader.compiled[urls] = root
    return root


def _form(coercion: str | None) -> frozenset[type]:
    """JSON types for values of a term that the context coerces so; a decimal or a date is a text."""
    if coercion is None or coercion == "@none":
        return frozenset({str, int, bool})
    if coercion.endswith(("#integer", "#positiveInteger", "#nonNegativeInteger")):
        return frozenset({int})
    return frozenset({bool if coercion.endswith("#boolean") else str})


def _absolute(iri: Any) -> bool:
    return type(iri) is str and IRI(iri) is not None
