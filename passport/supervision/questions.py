"""The questions of each rule, as data: its query in words, in order, with the answer that makes the rule speak.

A question may name kinds of events that were looked for and not found, so that a page can show what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from passport.lifecycle import catalogue
from passport.linked_data import resources
from passport.supervision.rulebook import FOLDER, Rulebook, rulebook
from passport.supervision.upload_fields import SV
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import CODES, RDFS, OntologyNode, OntologySource

_FILE = "questions.ttl"
_KIND = f"{CODES}lifecycleEvent."
YES, NO = "yes", "no"
FIRST, LAST = "first", "last"
BEFORE, AFTER, BETWEEN = "before", "after", "between"


@dataclass(frozen=True)
class RuleQuestion:
    """:ivar answer: of :data:`YES`, :data:`NO`; :ivar shows: which event of the evidence answers, or None.

    :ivar looked_for: kinds that are missing; :ivar due: whether the missing kinds are those of the finding's duty.
    :ivar when: where they were looked for.
    """

    rule: str
    place: int
    label: Texts
    answer: str
    shows: str | None
    looked_for: tuple[str, ...]
    due: bool
    when: str | None

    def missing(self, values: tuple[str, ...], book: Rulebook) -> tuple[str, ...]:
        """The kinds that were looked for. :param values: of the finding, which name its duty."""
        if not self.due:
            return self.looked_for
        return tuple(kind for value in values if value in book.duties for kind in book.duties[value].done_by)


@cache
def questions() -> Mapping[str, tuple[RuleQuestion, ...]]:
    """The questions by rule, each list in its order.

    :raises MalformedOntology: the file contradicts itself or the rules; the message names the term.
    """
    name = f"{FOLDER}/{_FILE}"
    source = OntologySource(resources.path(name).read_text(encoding="utf-8"), name)
    by_rule: dict[str, list[RuleQuestion]] = {code: [] for code in rulebook().rules}
    for node in source.of_type(SV.Question):
        rule = node.required_text(SV.of)
        if rule not in by_rule:
            raise node.wrong(f"is of the unknown rule {rule!r}")
        by_rule[rule].append(_question(node, rule))
    return MappingProxyType(
        {rule: tuple(sorted(listed, key=lambda question: question.place)) for rule, listed in by_rule.items()}
    )


def _question(node: OntologyNode, rule: str) -> RuleQuestion:
    looked_for = tuple(sorted(str(value).removeprefix(_KIND) for value in node.all(SV.lookedFor)))
    unknown = sorted(set(looked_for) - set(catalogue().kinds))
    due = bool(node.all(SV.due))
    when = node.required_text(SV.when) if node.all(SV.when) else None
    shows = node.required_text(SV.shows) if node.all(SV.shows) else None
    answer = node.required_text(SV.answer)
    if unknown or answer not in (YES, NO) or when not in (None, BEFORE, AFTER, BETWEEN):
        raise node.wrong("has an unknown kind, answer or time")
    if (when is None) != (not looked_for and not due) or shows not in (None, FIRST, LAST):
        raise node.wrong("says when it looked exactly where it looked for something")
    return RuleQuestion(rule, node.integer(SV.place) or 0, node.texts(RDFS.label), answer, shows, looked_for, due, when)
