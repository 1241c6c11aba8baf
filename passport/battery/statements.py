"""Statements of RDF as plain values: subject -> predicate -> terms. Quick to make and search; no RDF library is loaded.

    statements = Statements({PACK: {NS + "serialNumber": [Value("A-1")]}})
    statements.objects(PACK, NS + "serialNumber")        # [Value("A-1", None, None)]

* IRIs are ``str``, literals :class:`Value`, blank nodes :class:`Blank`. Terms are equal as RDF terms are: ``1.0`` and
  ``1.00`` are two.
* RDF has sets: no list of terms holds one twice.
* Statements are not changed once they are made. Two that share no subject can be joined (:meth:`Statements.joined`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, count, repeat
from typing import NamedTuple

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


def plain_values(texts: Iterable[str]) -> list[Term]:
    """A text without datatype and language for each, made by the interpreter's own loop."""
    return list(map(tuple.__new__, repeat(Value), zip(texts, repeat(None), repeat(None), strict=False)))


class Blank(NamedTuple):
    """A blank node: equal to no other."""

    label: str


Node = str | Blank
Term = Node | Value
Nodes = Mapping[Node, Mapping[str, list[Term]]]

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
    def with_rows(cls, nodes: Nodes, rows: Nodes, columns: Mapping[str, list[tuple[Node, Term]]]) -> Statements:
        """Statements of which many are alike.

        :param rows: nodes as well, of which no other is one; :param columns: their statements by predicate, plain
            texts without datatype and language.
        """
        made, single = cls({**nodes, **rows}), cls(nodes)
        made.__dict__.update(by_predicate=_joined(single.by_predicate, columns), dated=single.dated)
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
        both = Statements({**self.nodes, **other.nodes})
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


_Index = Mapping[str, list[tuple[Node, Term]]]


def _joined(one: _Index, other: _Index) -> _Index:
    index = dict(one)
    for predicate, pairs in other.items():
        index[predicate] = index[predicate] + pairs if predicate in index else pairs
    return index
