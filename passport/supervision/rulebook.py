"""Duties, rules and limits of supervision: every file under ``ontology/supervision/``, read as data.

    book = rulebook()
    book.rules["cloned-code"].severity            # "high"
    book.profile("cn").duties["cn-utiliser-in"].days

A second country is one more file. The queries of rules are data too: the store runs them, this module never does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, cached_property
from string import Formatter
from types import MappingProxyType
from typing import Any

import rdflib

from passport.errors import MalformedOntology, UsageError
from passport.lifecycle import catalogue
from passport.linked_data import resources
from passport.supervision.upload_fields import SV, upload_fields
from passport.texts import Message
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import CODES, RDFS, SKOS, OntologyNode, OntologySource

FOLDER = "ontology/supervision"
SEVERITIES = ("high", "medium", "low")
SUBJECTS = ("pack", "actor")
REPORT, FOLLOW = "report", "follow"
ANY = "any"
#: What touches a rule besides kinds of events: a read-out.
READ_OUT = "read-out"
#: What the sentence of a rule can name.
NAMES = frozenset({"pack", "actor", "other", "days", "value", "due"})
DAY = 86400
_NUMBER = re.compile(r"([a-z]+)=(\d{1,12})")


@dataclass(frozen=True)
class SupervisionRule:
    """One thing that should not happen.

    :param severity: of :data:`SEVERITIES`; :param subject: of :data:`SUBJECTS`.
    :param profile: jurisdiction, or ``any``.
    :param sentence: with names of :data:`NAMES` in braces.
    :param verified: whether the text of the basis was read.
    :param numbers: named values of the query.
    :param touched_by: kinds of events, and :data:`READ_OUT`, after which the answer can be another one; empty: any.
    """

    code: str
    severity: str
    subject: str
    profile: str
    label: Texts
    sentence: Texts
    basis: Texts
    verified: bool
    query: str
    numbers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    touched_by: frozenset[str] = frozenset()

    def can_change(self, touched: Set[str] | None) -> bool:
        """Whether what arrived can change the answer, the clock aside.

        :param touched: kinds of the newest events, and :data:`READ_OUT`; None where what arrived is not the newest.
        """
        return touched is None or not self.touched_by or not self.touched_by.isdisjoint(touched)


@dataclass(frozen=True)
class Duty:
    """One duty to report.

    :param form: ``report``: the event itself is due; ``follow``: one of ``done_by`` is due after it.
    :param reporters: codes of the list ``actorRole``; :param events: codes of event kinds.
    :param days: time limit; :param since: first day of events that are bound.
    :param fields: what an upload record of it must state, :param also: what it states where that is known; codes of
        :func:`passport.supervision.upload_fields.upload_fields`.
    :param stage: stage of the upload records; :param was: limit of the repealed rules. None where there is none.
    :param verified: whether the text of the basis was read.
    """

    code: str
    profile: str
    form: str
    reporters: tuple[str, ...]
    events: tuple[str, ...]
    done_by: tuple[str, ...]
    days: int
    since: date
    label: Texts
    basis: Texts
    verified: bool
    fields: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    stage: Texts | None = None
    was: Texts | None = None


@dataclass(frozen=True)
class RecoveryLimit:
    """The least share of a material that recycling gives back, in hundredths of a percent. :param code: its own."""

    code: str
    profile: str
    material: str
    hundredths: int
    since: date
    basis: Texts
    verified: bool


@dataclass(frozen=True)
class RuleInputs:
    """Duties and lists as the rows that queries read."""

    duties: tuple[Mapping[str, Any], ...]
    done: tuple[Mapping[str, Any], ...]
    lists: tuple[Mapping[str, Any], ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rows, hex."""
        return hashlib.sha256(json.dumps([self.duties, self.done, self.lists]).encode()).hexdigest()


@dataclass(frozen=True)
class Rulebook:
    """Rules and duties by code, in the order of their codes."""

    rules: Mapping[str, SupervisionRule]
    duties: Mapping[str, Duty]
    limits: tuple[RecoveryLimit, ...]

    @property
    def profiles(self) -> tuple[str, ...]:
        """The jurisdictions that have rules or duties."""
        named = {rule.profile for rule in self.rules.values()} | {duty.profile for duty in self.duties.values()}
        return tuple(sorted(named - {ANY}))

    def profile(self, *codes: str) -> Rulebook:
        """What holds in these jurisdictions, and in any.

        :raises UsageError: a jurisdiction without rules and duties.
        """
        for code in codes:
            if code not in self.profiles:
                raise UsageError(
                    Message("there are no rules of supervision for {code}", code=code),
                    expected=Message("one of {codes}", codes=list(self.profiles)),
                    found=code,
                )
        held = {*codes, ANY}
        return Rulebook(
            MappingProxyType({code: rule for code, rule in self.rules.items() if rule.profile in held}),
            MappingProxyType({code: duty for code, duty in self.duties.items() if duty.profile in held}),
            tuple(limit for limit in self.limits if limit.profile in held),
        )

    def with_numbers(self, rule: str, **numbers: int) -> Rulebook:
        """The same with other numbers for one rule.

        :raises UsageError: the rule, or its number, is unknown.
        """
        known = self.rules.get(rule)
        unknown = sorted(set(numbers) - set(known.numbers)) if known else [rule]
        if known is None or unknown:
            raise UsageError(Message("there is no {name} to set", name=unknown[0]), found=unknown[0])
        changed = replace(known, numbers=MappingProxyType({**known.numbers, **numbers}))
        return replace(self, rules=MappingProxyType({**self.rules, rule: changed}))

    def concerning(self, touched: Set[str] | None) -> tuple[SupervisionRule, ...]:
        """The rules that :meth:`SupervisionRule.can_change`."""
        return tuple(rule for rule in self.rules.values() if rule.can_change(touched))

    def inputs(self) -> RuleInputs:
        """Duties and lists as the rows that queries read.

        Banned uses and needed permits are those of the life cycle, where they are stated.
        """
        return self._inputs

    @cached_property
    def _inputs(self) -> RuleInputs:
        duties = tuple(
            {
                "form": duty.form, "kind": kind, "role": role, "duty": duty.code, "seconds": duty.days * DAY,
                "since": _midnight(duty.since),
            }
            for duty in self.duties.values() for kind in duty.events for role in duty.reporters
        )  # fmt: skip
        done = tuple({"duty": duty.code, "kind": kind} for duty in self.duties.values() for kind in duty.done_by)
        lifecycle = catalogue()
        lists = [
            *(("banned-use", use, "", None, rule.in_force_from)
              for rule in lifecycle.rules.values() for use in sorted(rule.banned_uses)),
            *(("permit", permit.role, permit.code, None, lifecycle.rules["permit"].in_force_from)
              for permit in lifecycle.permits.values()),
            *(("recovery", limit.material, limit.code, limit.hundredths, limit.since) for limit in self.limits),
        ]  # fmt: skip
        names = ("list", "code", "text", "number")
        rows = tuple({**dict(zip(names, row[:4], strict=True)), "since": _midnight(row[4])} for row in lists)
        return RuleInputs(duties, done, rows)


@cache
def rulebook() -> Rulebook:
    """Everything under ``ontology/supervision/``.

    :raises MalformedOntology: a file contradicts itself or the vocabulary; the message names the term.
    """
    files = sorted(resources.path(FOLDER).glob("*.ttl"))
    return read([(path.name, path.read_text(encoding="utf-8")) for path in files])


def read(files: Iterable[tuple[str, str]]) -> Rulebook:
    """The rulebook of files, each a name and its Turtle; see :func:`rulebook`."""
    rules: dict[str, SupervisionRule] = {}
    duties: dict[str, Duty] = {}
    limits: list[RecoveryLimit] = []
    for name, text in files:
        source = OntologySource(text, f"{FOLDER}/{name}")
        for node in source.of_type(SV.Rule):
            _enter(rules, _rule(node), node)
        for node in source.of_type(SV.Duty):
            _enter(duties, _duty(node), node)
        limits += [_limit(node) for node in source.of_type(SV.RecoveryLimit)]
    if not rules:
        raise MalformedOntology(Message("{name} has no rules", name=FOLDER))
    return Rulebook(
        MappingProxyType(dict(sorted(rules.items()))),
        MappingProxyType(dict(sorted(duties.items()))),
        tuple(sorted(limits, key=lambda limit: (limit.profile, limit.material, limit.since))),
    )


def _enter(entries: dict[str, Any], entry: SupervisionRule | Duty, node: OntologyNode) -> None:
    if entry.code in entries:
        raise node.wrong(f"has the notation {entry.code}, which another has too")
    entries[entry.code] = entry


def _rule(node: OntologyNode) -> SupervisionRule:
    sentence = node.texts(SV.says)
    for text in sentence.values():
        for unknown in sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None} - NAMES):
            raise node.wrong(f"names {{{unknown}}}, which no answer has")
    return SupervisionRule(
        code=node.required_text(SKOS.notation),
        severity=_one_of(node, SV.severity, SEVERITIES),
        subject=_one_of(node, SV.subject, SUBJECTS),
        profile=node.required_text(SV.profile),
        label=node.texts(RDFS.label),
        sentence=sentence,
        basis=node.texts(SV.basis),
        verified=node.flag(SV.verified),
        query=node.required_text(SV.query).strip(),
        numbers=MappingProxyType(_numbers(node)),
        touched_by=_touched_by(node),
    )


def _duty(node: OntologyNode) -> Duty:
    kinds, roles = catalogue().kinds, {code.code for code in catalogue().roles.codes}
    duty = Duty(
        code=node.required_text(SKOS.notation),
        profile=node.required_text(SV.profile),
        form=_one_of(node, SV.form, (REPORT, FOLLOW)),
        reporters=_codes(node, SV.reporter, "actorRole", roles),
        events=_codes(node, SV.event, "lifecycleEvent", kinds),
        done_by=_codes(node, SV.doneBy, "lifecycleEvent", kinds),
        days=node.integer(SV.days) or 0,
        since=_day(node),
        label=node.texts(RDFS.label),
        basis=node.texts(SV.basis),
        verified=node.flag(SV.verified),
        fields=_fields(node, SV.field),
        also=_fields(node, SV.also),
        stage=node.texts(SV.stage) if node.all(SV.stage) else None,
        was=node.texts(SV.was) if node.all(SV.was) else None,
    )
    if not duty.reporters or not duty.events or duty.days < 1:
        raise node.wrong("has no reporter, no event or no days")
    if (duty.form == FOLLOW) != bool(duty.done_by):
        raise node.wrong("is done by an event exactly where its form is follow")
    for kind in duty.events:
        if not set(duty.reporters) & set(kinds[kind].roles):
            raise node.wrong(f"binds no role that may report {kind}")
    return duty


def _fields(node: OntologyNode, predicate: rdflib.URIRef) -> tuple[str, ...]:
    stated = node.sorted_texts(predicate)
    for unknown in sorted(set(stated) - set(upload_fields())):
        raise node.wrong(f"has the unknown field {unknown!r}")
    return tuple(name for name in upload_fields() if name in stated)


def _limit(node: OntologyNode) -> RecoveryLimit:
    percent = node.number(SV.percent)
    if percent is None or not 0 <= percent <= 100:
        raise node.wrong("has no percent between 0 and 100")
    return RecoveryLimit(
        node.id.rpartition(".")[2],
        node.required_text(SV.profile),
        node.required_text(SV.material),
        int(percent * 100),
        _day(node),
        node.texts(SV.basis),
        node.flag(SV.verified),
    )


def _numbers(node: OntologyNode) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for text in node.sorted_texts(getattr(SV, "with")):
        match = _NUMBER.fullmatch(text)
        if match is None or match[1] in numbers:
            raise node.wrong(f"has {text!r}, where name=number is meant, each name once")
        numbers[match[1]] = int(match[2])
    return numbers


def _touched_by(node: OntologyNode) -> frozenset[str]:
    read_out = {READ_OUT} if SV.readOut in node.all(SV.touchedBy) else set()
    return frozenset(_codes(node, SV.touchedBy, "lifecycleEvent", catalogue().kinds, besides=SV.readOut)) | read_out


def _codes(
    node: OntologyNode, predicate: rdflib.URIRef, name: str, known: Iterable[str], besides: rdflib.URIRef | None = None
) -> tuple[str, ...]:
    prefix = f"{CODES}{name}."
    stated = {str(value).removeprefix(prefix) for value in node.all(predicate) if value != besides}
    for unknown in sorted(stated - set(known)):
        raise node.wrong(f"has the unknown {name} {unknown!r}")
    return tuple(sorted(stated))


def _one_of(node: OntologyNode, predicate: rdflib.URIRef, known: tuple[str, ...]) -> str:
    value = node.required_text(predicate)
    if value not in known:
        raise node.wrong(f"has {value!r}, where one of {', '.join(known)} is meant")
    return value


def _day(node: OntologyNode) -> date:
    value = node.required(SV.since)
    day = value.toPython() if isinstance(value, rdflib.Literal) else value
    if type(day) is not date:
        raise node.wrong(f"has {value!r}, where a date is meant")
    return day


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
