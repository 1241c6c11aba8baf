"""The functions that shapes are compiled into: checks of one node, of many at once, and of the values of a path.

No graph is read here. What a shape says was looked up when it was compiled (:mod:`passport.validation.compiled.shape`).
An answer of None is "not decided"; the loops call nothing needless, since they have most of the work of validation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from weakref import WeakKeyDictionary, WeakSet

from passport.battery.statements import Nodes, Term, Value, table_of
from passport.validation.compiled.comparisons import Answer, number, order

#: Whether a node conforms, among the statements by subject.
Check = Callable[[Nodes, Term], Answer]
# The same for all values of a path at once.
SetCheck = Callable[[Nodes, Term, list[Term]], Answer]
Path = Callable[[Nodes, Term], list[Term]]
# Whether all of many nodes surely conform. False leaves them to the check of one node.
ManyCheck = Callable[[Nodes, list[Term]], bool]

#: For some checks the same about many nodes at once, which costs less for each.
OF_MANY: WeakKeyDictionary[Check, ManyCheck] = WeakKeyDictionary()
#: Checks of sets that ask only how many values there are.
_COUNTS: WeakSet[SetCheck] = WeakSet()
#: Checks whose answer depends on the value alone, and on nothing that is said of it.
OF_VALUE: WeakSet[Check] = WeakSet()
#: Fewer nodes are judged one by one.
MANY = 8
#: Answers that a property shape keeps; packs of a model have most values in common.
_KEPT = 256
NO_TERMS: list[Term] = []
NOTHING: Mapping[str, list[Term]] = {}


def counting(check: SetCheck) -> SetCheck:
    """A check whose answer depends on how many values there are."""
    _COUNTS.add(check)
    return check


def objects_of(nodes: Nodes, focus: Term, predicate: str) -> list[Term]:
    """The values of a predicate; a literal has none."""
    return NO_TERMS if isinstance(focus, Value) else nodes.get(focus, NOTHING).get(predicate, NO_TERMS)


def conjunction(checks: list[Check]) -> Check:
    """Whether all of some checks hold."""
    if len(checks) == 1:
        return checks[0]

    def every(nodes: Nodes, term: Term) -> Answer:
        for check in checks:
            answer = check(nodes, term)
            if answer is not True:
                return answer
        return True

    OF_MANY[every] = lambda nodes, terms: all(all_conform(check, nodes, terms) for check in checks)
    return every


def of_values(sets: list[SetCheck], each: list[Check]) -> SetCheck:
    """Whether the values of a path conform, together and each of them."""

    def judged(nodes: Nodes, focus: Term, values: list[Term]) -> Answer:
        for of_all in sets:
            answer = of_all(nodes, focus, values)
            if answer is not True:
                return answer
        if len(values) >= MANY and all(all_conform(of_one, nodes, values) for of_one in each):
            return True
        for value in values:
            for of_one in each:
                answer = of_one(nodes, value)
                if answer is not True:
                    return answer
        return True

    return judged


def of_predicate(predicate: str, sets: list[SetCheck], each: list[Check]) -> Check:
    """A property shape whose path is one predicate. It has most of the work: its loops call nothing needless."""
    only_counts = all(of_all in _COUNTS for of_all in sets)
    is_kept = only_counts and all(of_one in OF_VALUE for of_one in each)
    kept: dict[Term, Answer] = {}
    judged = of_values(sets, each)

    def check(nodes: Nodes, focus: Term) -> Answer:
        # No literal is a subject, so it is not among the nodes.
        stated = nodes.get(focus)  # type: ignore[arg-type]
        values = NO_TERMS if stated is None else stated.get(predicate, NO_TERMS)
        if not is_kept or len(values) != 1:
            return judged(nodes, focus, values)
        try:
            return kept[values[0]]
        except KeyError:
            if len(kept) >= _KEPT:
                kept.clear()
            answer = kept[values[0]] = judged(nodes, focus, values)
            return answer

    def all_of(nodes: Nodes, terms: list[Term]) -> bool:
        table = table_of(nodes, terms)
        column = table.values.get(predicate) if table is not None else None
        if column is not None and only_counts:
            if not all(of_all(nodes, terms[0], column[:1]) is True for of_all in sets):
                return False
            return all(all_conform(of_one, nodes, list(dict.fromkeys(column))) for of_one in each)
        try:
            # All of many nodes have it, usually: then no loop but the interpreter's own.
            own = list(map(itemgetter(predicate), map(nodes.__getitem__, terms)))  # type: ignore[arg-type]
        except KeyError:
            own = [nodes.get(term, NOTHING).get(predicate, NO_TERMS) for term in terms]  # type: ignore[arg-type]
        sizes = dict(zip(map(len, own), own, strict=True))
        for of_all in sets:
            # A count depends on the values alone.
            if of_all in _COUNTS:
                if not all(of_all(nodes, terms[0], values) is True for values in sizes.values()):
                    return False
            elif not all(of_all(nodes, term, values) is True for term, values in zip(terms, own, strict=True)):
                return False
        distinct = list(dict.fromkeys(chain.from_iterable(own)))
        return all(all_conform(of_one, nodes, distinct) for of_one in each)

    OF_MANY[check] = all_of
    return check


def all_conform(check: Check, nodes: Nodes, terms: list[Term]) -> bool:
    """Whether all of many nodes or values surely conform."""
    of_many = OF_MANY.get(check)
    return of_many(nodes, terms) if of_many is not None else all(check(nodes, term) is True for term in terms)


def sequence(steps: list[Path]) -> Path:
    """SHACL 1.0, section 2.3.1.2."""

    def values(nodes: Nodes, focus: Term) -> list[Term]:
        reached: list[Term] = [focus]
        for step in steps:
            reached = step(nodes, reached[0]) if len(reached) == 1 else _union(step, nodes, reached)
        return reached

    return values


def _union(path: Path, nodes: Nodes, terms: list[Term]) -> list[Term]:
    return list(dict.fromkeys(value for term in terms for value in path(nodes, term)))


def alternative(choices: list[Path]) -> Path:
    """SHACL 1.0, section 2.3.1.3."""
    return lambda nodes, focus: list(dict.fromkeys(value for choice in choices for value in choice(nodes, focus)))


def qualified(check: Check, least: int) -> SetCheck:
    """Whether so many values conform to a shape (``sh:qualifiedMinCount``)."""

    def enough(nodes: Nodes, focus: Term, values: list[Term]) -> Answer:
        answers = [check(nodes, value) for value in values]
        if answers.count(True) >= least:
            return True
        return None if answers.count(True) + answers.count(None) >= least else False

    return enough


def ordered(predicate: str, allowed: frozenset[int]) -> SetCheck:
    """Whether each value lies to each value of another predicate as :func:`order` says it may."""

    def check(nodes: Nodes, focus: Term, values: list[Term]) -> Answer:
        others = objects_of(nodes, focus, predicate)
        # pySHACL gives up on a blank node, also where there is nothing to compare it with.
        if not all(isinstance(term, Value) for term in (*values, *others)):
            return None
        orders = {order(value, other) for value in values for other in others}
        return None if None in orders else orders <= allowed

    return check


def bounded(limit: Decimal, allowed: frozenset[int]) -> Check:
    """Whether a number lies to a limit as :func:`order` says it may: below zero, zero or above."""

    def check(nodes: Nodes, term: Term) -> Answer:
        value = number(term)
        return None if value is None else (value > limit) - (value < limit) in allowed

    return check
