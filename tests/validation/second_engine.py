"""A second SHACL engine: Rudof, which is written in Rust and shares no code with pySHACL.

It judges ``shapes/datatypes.ttl``, ``shapes/rules-*.ttl`` with all their SPARQL constraints, and the shapes of each
regime. Rules that are functions of the program have no shape, so no engine judges them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, cached_property

import pyrudof
from rdflib import URIRef

from passport.battery.record import Record
from passport.battery.record_statements import BATCH, MODEL, PACK, statements
from passport.battery.statements import Blank, Statements, Term, Value
from passport.linked_data import resources
from passport.validation import rules, shacl
from passport.validation.battery_facts import BatteryFacts
from passport.validation.obligations import duty_day, is_due
from passport.validation.shacl import SH
from passport.vocabulary.vocabulary import NS, Category, Regime, Stage, load

FORM = "https://w3id.org/battery-passport/shapes/datatypes#"
INDICATOR = URIRef("https://w3id.org/battery-passport/meta#indicator")
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def n_triples(stated: Statements) -> str:
    """Statements as N-Triples, written without rdflib, which takes as long for them as the engine takes to judge."""
    return "".join(f"{_term(subject)} <{predicate}> {_term(term)} .\n" for subject, predicate, term in stated)


def _term(term: Term) -> str:
    if isinstance(term, Value):
        suffix = f"@{term.language}" if term.language else f"^^<{term.datatype}>" if term.datatype else ""
        return f'"{term.text.translate(_ESCAPED)}"{suffix}'
    return f"_:{term.label}" if isinstance(term, Blank) else f"<{term}>"


class SecondEngine:
    """Rudof with some shapes.

    :param turtle: shapes, one text for each file.
    """

    def __init__(self, turtle: Iterable[str]) -> None:
        self._session = pyrudof.Rudof(pyrudof.RudofConfig())
        strict = {"reader_mode": pyrudof.ReaderMode.Strict}
        self._session.read_shacl("\n".join(turtle), pyrudof.ShaclFormat.Turtle, **strict)
        # Something has to be loaded before data can be staged, and taken back, which is faster than loading them.
        self._session.read_data("<urn:a> <urn:b> <urn:c> .", pyrudof.RDFFormat.NTriples)

    def violated(self, triples: str) -> frozenset[str]:
        """IRIs of the shapes that N-Triples break, warnings included; of a nameless shape its label."""
        self._session.begin_staging()
        try:
            self._session.read_data(
                triples, pyrudof.RDFFormat.NTriples, merge=True, reader_mode=pyrudof.ReaderMode.Strict
            )
            return frozenset(str(entry.source_shape) for entry in self._session.validate_shacl())
        finally:
            self._session.rollback_staging()


def rule_files() -> list[str]:
    """Names of the files of rules."""
    return sorted(file.name for file in resources.path("shapes").glob("rules-*.ttl"))


def shape_files(regimes: Iterable[Regime], category: Category | None) -> tuple[str, ...]:
    """Names of the files by which a battery is judged."""
    asked = [f"{regime.code}-{category.value}.ttl" for regime in regimes if category and regime.applies_to(category)]
    return ("datatypes.ttl", *rule_files(), *asked)


@cache
def _engine(names: tuple[str, ...]) -> SecondEngine:
    return SecondEngine(resources.read_text(f"shapes/{name}") for name in names)


class SecondJudgement:
    """What the second engine finds in the graph of a record, less what is not asked of it.

    :param days: the day of checking by regime.
    """

    def __init__(self, record: Record, days: Mapping[Regime, date], at_stage: Stage) -> None:
        self.stated, self._category = statements(record, load()), record.category
        self._days, self._stage = days, at_stage
        files, triples = shape_files(days, record.category), n_triples(self.stated)
        try:
            self.violated = _engine(files).violated(triples)
        except pyrudof.ShaclError:
            # The engine writes a focus node into the query of a rule, also a blank one, which no query may have there.
            # A blank node is a value of a wrong form, so the shapes of form must say enough.
            self.violated = _engine(tuple(name for name in files if name not in rule_files())).violated(triples)
            if not self.of_form:
                raise

    @cached_property
    def of_form(self) -> frozenset[str]:
        """Shapes of ``datatypes.ttl``."""
        return frozenset(iri for iri in self.violated if iri.startswith(FORM))

    @cached_property
    def of_rules(self) -> frozenset[str]:
        """Rules that have what they need."""
        given = {predicate.removeprefix(NS) for predicate in self.stated.by_predicate}
        return frozenset(
            str(rule.iri)
            for rule in rules.rules().values()
            if str(rule.iri) in self.violated and rule.needs | rule.present <= given
        )

    @cached_property
    def of_regimes(self) -> frozenset[str]:
        """Property shapes of regimes that forbid something, or ask for what is due."""
        return frozenset(iri for regime in self._days for iri in self._of_regime(regime))

    def _of_regime(self, regime: Regime) -> Iterable[str]:
        if self._category is None or not regime.applies_to(self._category):
            return
        graph = shacl.shapes(f"shapes/{regime.code}-{self._category.value}.ttl")
        obligations = regime.obligations(self._category)
        facts = BatteryFacts(self.stated, [each for each in (PACK, BATCH, MODEL) if each in self.stated.nodes])
        day = duty_day(facts.placed_on_market(), self._days[regime]).day
        free = facts.spared(obligations.values())
        for iri in map(URIRef, self.violated):
            if (indicator := graph.value(iri, INDICATOR)) is None:
                continue
            name = str(indicator).removeprefix(NS)
            if graph.value(iri, SH.minCount) is None or (
                is_due(obligations[name], day, self._stage) and name not in free
            ):
                yield str(iri)

    @property
    def conforms(self) -> bool:
        return not (self.of_form or self.of_rules or self.of_regimes)
