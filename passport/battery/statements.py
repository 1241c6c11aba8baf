"""Statements of RDF as plain values: subject -> predicate -> terms. Quick to make and search; no RDF library is loaded.

    statements = Statements({PACK: {NS + "serialNumber": [Value("A-1")]}})
    statements.objects(PACK, NS + "serialNumber")        # [Value("A-1", None, None)]

* IRIs are ``str``, literals :class:`Value`, blank nodes :class:`Blank`. Terms are equal as RDF terms are: ``1.0`` and
  ``1.00`` are two.
* RDF has sets: no list of terms holds one twice.
* Statements are not changed once they are made. Two that share no subject can be joined (:meth:`Statements.joined`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count, repeat
from typing import Any, NamedTuple

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
DATE, DATE_TIME = XSD + "date", XSD + "dateTime"
_DATED = frozenset((DATE, DATE_TIME))


class Value(NamedTuple):
    """A literal.

    :param text: the lexical form.
    :param datatype: IRI; None for ``xsd:string``, and for a text in a language.
    :param language: language tag, or None.
    """

    text: str
    datatype: str | None = None
    language: str | None = None


class Blank(NamedTuple):
    """A blank node: equal to no other."""

    label: str


Node = str | Blank
Term = Node | Value
Nodes = Mapping[Node, Mapping[str, list[Term]]]


@dataclass(frozen=True)
class TextTable:
    """Many nodes that state the same predicates and nothing else, each with one plain text: the cells of a pack.

    :ivar names: the nodes; :ivar texts: the text of each, by predicate.
    """

    names: tuple[Node, ...]
    texts: Mapping[str, tuple[str, ...]]

    @cached_property
    def values(self) -> Mapping[str, list[Term]]:
        """The same as literals, made by the interpreter's own loop."""
        none = repeat(None)
        return {
            predicate: list(map(tuple.__new__, repeat(Value), zip(texts, none, none, strict=False)))
            for predicate, texts in self.texts.items()
        }

    @cached_property
    def nodes(self) -> Nodes:
        """Each as a node like any other."""
        made: dict[Node, dict[str, list[Term]]] = {name: {} for name in self.names}
        for predicate, column in self.values.items():
            for stated, value in zip(made.values(), column, strict=True):
                stated[predicate] = [value]
        return made


class NodesWithTables(Mapping[Node, Mapping[str, list[Term]]]):
    """Nodes, and those of tables beside them, which are made when one is looked up: most are judged together.

    :ivar single: the nodes that are in no table.
    """

    def __init__(self, single: Nodes, tables: tuple[TextTable, ...]) -> None:
        self.single = single
        self.tables = tables

    @cached_property
    def _all(self) -> Nodes:
        return dict(chain(self.single.items(), *[table.nodes.items() for table in self.tables]))

    def get(self, node: object, default: Any = None) -> Any:
        stated = self.single.get(node)  # type: ignore[call-overload]  # as any mapping: what is no node is not found
        return self._all.get(node, default) if stated is None else stated  # type: ignore[call-overload]

    def __getitem__(self, node: Node) -> Mapping[str, list[Term]]:
        return self._all[node]

    def __iter__(self) -> Iterator[Node]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def table_of(nodes: Nodes, some: Sequence[Term]) -> TextTable | None:
    """The table of which some nodes are the rows, all of them and in their order."""
    tables = _tables(nodes)
    names = tuple(some) if tables else ()
    return next((table for table in tables if table.names == names), None)


_LABELS = count()
_NOTHING: Mapping[str, list[Term]] = {}
_NO_TERMS: list[Term] = []
_NO_NODES: list[Node] = []


def new_blank() -> Blank:
    return Blank(f"n{next(_LABELS)}")


def text_of(term: Term) -> str:
    """An IRI, a lexical form or a label."""
    return term if isinstance(term, str) else term[0]


class Statements:
    """Some statements.

    :ivar nodes: predicates and terms by subject.
    """

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes

    @classmethod
    def with_tables(cls, single: Nodes, tables: tuple[TextTable, ...]) -> Statements:
        """Statements of which many are alike. No node of a table is in another one, or among the single ones."""
        made, alone = cls(NodesWithTables(single, tables)), cls(single)
        index = alone.by_predicate
        for table in tables:
            index = _joined(
                index, {name: list(zip(table.names, each, strict=True)) for name, each in table.values.items()}
            )
        made.__dict__.update(by_predicate=index, dated=alone.dated)
        return made

    @classmethod
    def of(cls, triples: Iterable[tuple[Node, str, Term]]) -> Statements:
        """Statements from triples, in which none occurs twice."""
        nodes: dict[Node, dict[str, list[Term]]] = {}
        for subject, predicate, term in triples:
            nodes.setdefault(subject, {}).setdefault(predicate, []).append(term)
        return cls(nodes)

    def joined(self, other: Statements) -> Statements:
        """Both together. They have no subject in common."""
        nodes = {**_single(self.nodes), **_single(other.nodes)}
        tables = (*_tables(self.nodes), *_tables(other.nodes))
        both = Statements(NodesWithTables(nodes, tables) if tables else nodes)
        # What a cached property holds: neither index is made anew.
        index = _joined(self.by_predicate, other.by_predicate)
        both.__dict__.update(by_predicate=index, dated=self.dated + other.dated)
        return both

    def objects(self, subject: Node, predicate: str) -> list[Term]:
        return self.nodes.get(subject, _NOTHING).get(predicate, _NO_TERMS)

    @cached_property
    def by_predicate(self) -> Mapping[str, list[tuple[Node, Term]]]:
        """Subjects and terms by predicate."""
        index: dict[str, list[tuple[Node, Term]]] = {}
        for subject, stated in self.nodes.items():
            for predicate, terms in stated.items():
                pairs = index.get(predicate)
                if pairs is None:
                    pairs = index[predicate] = []
                if len(terms) == 1:
                    pairs.append((subject, terms[0]))
                else:
                    pairs.extend([(subject, term) for term in terms])
        return index

    def table(self, predicate: str) -> TextTable | None:
        """The table that has all statements of a predicate; None: there is none."""
        having = [table for table in _tables(self.nodes) if predicate in table.texts]
        return having[0] if len(having) == 1 and len(having[0].names) == len(self.by_predicate[predicate]) else None

    def subject_objects(self, predicate: str) -> list[tuple[Node, Term]]:
        return self.by_predicate.get(predicate, [])

    def instances(self, class_iri: str) -> list[Node]:
        """The nodes of a class."""
        return self._by_class.get(class_iri, _NO_NODES)

    @property
    def classes(self) -> frozenset[str]:
        """The classes that nodes are said to be of."""
        return frozenset(self._by_class)

    @cached_property
    def _by_class(self) -> Mapping[str, list[Node]]:
        index: dict[str, list[Node]] = {}
        for subject, term in self.subject_objects(RDF_TYPE):
            if isinstance(term, str):
                index.setdefault(term, []).append(subject)
        return index

    @cached_property
    def dated(self) -> list[tuple[Node, str, Value]]:
        """The statements whose value is a day or an instant."""
        return [
            (subject, predicate, term)
            for predicate, pairs in self.by_predicate.items()
            for subject, term in pairs
            if type(term) is Value and term[1] in _DATED
        ]

    def __iter__(self) -> Iterator[tuple[Node, str, Term]]:
        return chain.from_iterable(
            ((subject, predicate, term) for subject, term in pairs) for predicate, pairs in self.by_predicate.items()
        )


def _single(nodes: Nodes) -> Nodes:
    return nodes.single if type(nodes) is NodesWithTables else nodes


def _tables(nodes: Nodes) -> tuple[TextTable, ...]:
    return nodes.tables if type(nodes) is NodesWithTables else ()


_Index = Mapping[str, list[tuple[Node, Term]]]


def _joined(one: _Index, other: _Index) -> _Index:
    index = dict(one)
    for predicate, pairs in other.items():
        index[predicate] = index[predicate] + pairs if predicate in index else pairs
    return index
