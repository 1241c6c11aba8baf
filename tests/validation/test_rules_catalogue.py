"""The catalogue of cross-field rules: enough of them, each with a pack that keeps it while it is asked, and one that
breaks it, in both languages. What breaks each of them is in test_rules.py."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rdflib.plugins.sparql import prepareQuery

from passport.battery import record_graph as graphs
from passport.battery.record import Record
from passport.battery.record_json import from_json
from passport.texts import say
from passport.validation import rules
from passport.validation.shacl import SH
from passport.vocabulary.vocabulary import NS, load
from tests.conftest import share
from tests.each import each
from tests.packs import PACKS as FILES
from tests.validation.test_rules import BROKEN, CODE, OTHER, RECOVERY, REPAIR, RETIREMENT, SCRAP, SWAP, findings

# Changes after which a pack says what these rules read, and keeps them; the others are kept by the packs as they are.
KEPT: dict[str, tuple[str, dict[str, Any]]] = {
    "battery-type-letter": ("EV", {"/events/swap": {"swapRetirementRecord": [RETIREMENT]}}),
    "footprint-stages": ("EV", {"/model/carbonFootprintEndOfLife": "0.001"}),
    "china-footprint-stages": ("EV", {
        "/model/chinaCarbonFootprint": "0.152", "/model/chinaCarbonFootprintRawMaterials": "0.127",
        "/model/chinaCarbonFootprintProduction": "0.022", "/model/chinaCarbonFootprintDistribution": "0.005",
        "/model/chinaCarbonFootprintEndOfLife": "-0.002",
    }),
    "passport-identifier": ("ST", {"/pack/previousPassport": ["urn:uuid:7d0f1b52-5a52-4a2c-b7a4-8f6d33c5a111"]}),
    "placing-on-the-market": ("ST", {"/pack/placingOnMarketDate": "2026-03-09"}),
    "previous-passport": ("ST", {"/pack/previousPassport": ["urn:uuid:7d0f1b52-5a52-4a2c-b7a4-8f6d33c5a111"],
                                 "/condition/batteryStatus": "remanufactured"}),
    "recovery-dates": ("EV", {"/events/recycling": {"materialRecoveryRecord": [RECOVERY]}}),
    "repair-codes": ("EV", {"/events/repair": {"repairRecord": [REPAIR]}}),
    "scrap-dates": ("EV", {"/events/scrapping": {"scrapBatteryOutboundRecord": [SCRAP]}}),
    "swap-codes": ("EV", {"/events/swap": {"swapRecord": [SWAP]}}),
    "traction-battery-code": ("EV", {"/events/repair": {"repairRecord": [REPAIR | {"installedCode": OTHER}]}}),
}  # fmt: skip

# Rules about every date that a pack says, whichever these are.
OF_DATES, ANY_DATE = {"dates-in-order", "not-in-the-future"}, {"manufacturingDate", "recordedAt"}

# Rules about every free text that a pack says.
OF_TEXTS, ANY_TEXT = {"personal-number", "personal-number-suspected"}, {"manufacturerName"}

# What the catalogue must speak about, and the rules that do.
SUBJECTS = {
    "voltages": {"minimum-voltage", "maximum-voltage", "pack-voltage"},
    "energy is capacity times voltage": {"rated-energy"},
    "efficiency": {"round-trip-efficiency"},
    "recycled shares": {"recycled-shares"},
    "composition": {"component-mass", "composition-mass", "critical-raw-materials-share", "composition-views"},
    "carbon footprint": {"footprint-stages", "footprint-absolute", "service-life-energy"},
    "temperature ranges": {"idle-temperature", "voltage-temperature-range", "power-temperature-range"},
    "dates in order": {"dates-in-order", "placing-on-the-market", "putting-into-service", "status-change",
                       "production-date", "not-in-the-future"},
    "personal data": {"personal-number", "personal-number-suspected"},
    "category": {"two-kilowatt-hours", "light-means-of-transport-mass"},
    "the code against the date": {"code-date"},
    "the code against the chemistry": {"code-chemistry", "battery-type-letter"},
}  # fmt: skip


def given(record: Record) -> set[str]:
    return {str(predicate).removeprefix(NS) for predicate in graphs.graph(record, load()).predicates(unique=True)}


def test_there_are_at_least_twenty_five_rules_and_each_is_in_both_languages():
    found = rules.rules()
    assert len(found) == 66
    for rule in found.values():
        for texts in (rule.message, rule.expected, rule.found):
            assert set(texts) == {"en", "zh"} and all(texts.values()), rule.name
        assert any("\u4e00" <= character <= "\u9fff" for character in rule.message["zh"]), rule.name


def test_a_shape_reads_no_indicator_that_its_rule_does_not_name():
    """Where nothing is stated that a rule reads, the compiled shapes leave it out."""
    shapes, known = rules.shapes(), {*load().indicators, "recordedAt", "statusChangedAt"}
    for rule in rules.rules().values():
        nodes, pending, names = set(), [rule.iri], set()
        while pending and not rule.programmed:
            node = pending.pop()
            nodes.add(node)
            for predicate, value in shapes.predicate_objects(node):
                if predicate == SH.select:
                    names |= set(re.findall(r"bp:(\w+)", str(value)))
                elif str(value).startswith(NS):
                    names.add(str(value).removeprefix(NS))
                elif (value, None, None) in shapes and value not in nodes:
                    pending.append(value)
        assert names & known <= rule.reads | rule.needs | rule.present, rule.name


def _required(part: Any) -> set[str]:
    """IRIs of the predicates without which a part of a query's algebra has no solution."""
    if part.name == "BGP":
        return {str(step) for _, path, _ in part.triples for step in getattr(path, "args", [path])}
    if part.name == "Union":
        return _required(part.p1) & _required(part.p2)
    if part.name == "LeftJoin":
        return _required(part.p1)
    return set().union(*(_required(part[name]) for name in ("p", "p1", "p2") if name in part))


def test_a_query_is_asked_only_where_all_is_there_without_which_it_finds_nothing():
    asked = {rule.name: rule for rule in rules.rules().values() if rule.select is not None}
    required = {
        name: {iri.removeprefix(NS) for iri in _required(prepareQuery(rule.select, initNs={"bp": NS}).algebra)}
        for name, rule in asked.items()
    }
    for name, rule in asked.items():
        target = rules.shapes().value(rule.iri, SH.targetObjectsOf)
        without_which = required[name] | ({str(target).removeprefix(NS)} if target else set())
        assert rule.needs | rule.present == without_which & load().indicators.keys(), name
    # Its query has a part for each of four metals, and no indicator is in all of them.
    assert [name for name, rule in asked.items() if not rule.needs] == ["recycled-shares"]


def test_every_rule_has_a_case_that_keeps_it_and_one_that_breaks_it():
    assert set(BROKEN) == set(rules.rules())
    assert set(KEPT) <= set(BROKEN)


@dataclass(frozen=True)
class Judged:
    """What a pack says, and the rules that it breaks."""

    given: set[str]
    broken: set[str]

    @classmethod
    def of(cls, record: Record) -> Judged:
        return cls(given(record), {finding.rule.name for finding in findings(record)})


@pytest.fixture(scope="module")
def packs(examples: Path) -> dict[str, Judged]:
    """The example packs as they are, judged once for all rules."""
    return {
        name: Judged.of(from_json(json.loads((examples / file).read_text(encoding="utf-8")), "pack.json"))
        for name, file in FILES.items()
    }


@pytest.mark.product
@each("name", share(rules.rules(), 0, of=4))
def test_a_rule_is_kept_by_a_pack_that_says_all_that_it_reads(
    name: str, packs: dict[str, Judged], pack_record: Callable[..., Record]
):
    rule = rules.rules()[name]
    pack, changes = KEPT.get(name, (None, {}))
    asked = []
    for judged in [Judged.of(pack_record(pack, changes))] if pack else packs.values():
        present = judged.given
        assert name not in judged.broken
        # What several kinds of record may say, a pack need not say in every kind.
        reads = rule.reads & present if name in KEPT else ANY_DATE if name in OF_DATES else rule.reads
        reads = ANY_TEXT if name in OF_TEXTS else reads
        if reads and reads <= present and rule.needs <= present and rule.present <= present:
            asked.append(judged)
    assert asked, "no pack says what this rule reads, so its silence would mean nothing"


@each("name", KEPT)
def test_a_kept_case_says_what_no_pack_says_by_itself(name: str, pack_record: Callable[..., Record]):
    pack, changes = KEPT[name]
    new = given(pack_record(pack, changes)) - given(pack_record(pack))
    assert new & rules.rules()[name].reads


@each("subject", SUBJECTS)
def test_the_catalogue_speaks_about(subject: str):
    assert SUBJECTS[subject] <= set(rules.rules())


def test_a_field_that_the_category_excludes_is_a_fault_in_both_languages(pack_record: Callable[..., Record]):
    from passport.validation.validator import validate
    from passport.vocabulary.vocabulary import regimes

    for pack, broken in (("LMT", {"/model/capacityThresholdForExhaustion": "80"}), ("EV", {})):
        report = validate(pack_record(pack, broken), [regimes()["eu"]], on=date(2027, 2, 18))
        assert [fault.code for fault in report.faults] == (["excluded"] if broken else [])
        assert all(say(fault.message, "en") != say(fault.message, "zh") for fault in report.faults)


def test_the_code_that_all_cases_use_is_that_of_the_pack(pack_record: Callable[..., Record]):
    assert pack_record("EV").pack["packTractionBatteryCode"] == CODE
