"""Which indicators change state on which day, per regime and battery category, and why; and a third regime as a file.

Written down here as figures and names, so that a change of the obligations is a change of this table too.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from passport.battery.record import Record
from passport.texts import say
from passport.validation.completeness import reports
from passport.validation.obligations import is_due
from passport.validation.validation_report import IndicatorState
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import Category, ObligationStatus, Stage, load, regimes
from tests.conftest import CHECKOUT, skip_unless
from tests.each import each

BEFORE, FIRST, LATER = date(2026, 12, 1), date(2027, 2, 18), date(2027, 8, 18)


def words(text: str) -> set[str]:
    return set(text.split())


# (regime, category) -> day -> how many fall in question as mandatory, conditional, optional at production
DUE: dict[tuple[str, str], dict[date, tuple[int, int, int]]] = {
    ("eu", "ev"): {BEFORE: (0, 0, 0), FIRST: (57, 15, 36), LATER: (57, 16, 36)},
    ("eu", "lmt"): {BEFORE: (0, 0, 0), FIRST: (60, 14, 36), LATER: (60, 15, 36)},
    ("eu", "industrial"): {BEFORE: (0, 0, 0), FIRST: (42, 32, 34), LATER: (42, 33, 34)},
    ("eu", "stationary"): {BEFORE: (0, 0, 0), FIRST: (60, 14, 36), LATER: (60, 15, 36)},
    ("cn", "ev"): {BEFORE: (19, 5, 14), FIRST: (20, 10, 14), LATER: (20, 10, 14)},
}

# What is mandatory in every EU category when a battery is made, and what each category adds.
COMMON = words("""
manufacturerName manufacturerAddress manufacturerIdentifier operatorInformation batteryPassportIdentifier
batteryIdentifier batteryModelIdentifier manufacturingPlace manufacturingDate batteryCategory batteryMass ratedCapacity
minimumVoltage nominalVoltage maximumVoltage originalPowerCapability maximumPermittedPower
initialInternalResistancePack initialInternalResistanceCell idleTemperatureLowerBoundary idleTemperatureUpperBoundary
batteryChemistry detailedComposition criticalRawMaterials hazardousSubstances substanceImpact renewableContentShare
removalManual disassemblyManual
componentPartNumbers sparePartSources safetyMeasures wasteBatterySafetyInstructions wastePreventionInformation
separateCollectionInformation collectionAndTreatmentInformation separateCollectionSymbol extinguishingAgent labelMeaning
euDeclarationOfConformity testReportResults batteryStatus
""")  # fmt: skip
TESTED = words("""
initialRoundTripEnergyEfficiency roundTripEnergyEfficiencyAt50PercentCycleLife expectedLifetimeYears
expectedNumberOfCycles cycleLifeReferenceTest cycleLifeTestCRate ratedCapacityAtStatusChange capacityFade
powerCapabilityAtStatusChange powerFade internalResistanceAtStatusChange internalResistanceIncreasePack
expectedLifetimeCyclesAtStatusChange
""")  # fmt: skip
BMS = {"remainingCapacity", "remainingPowerCapability", "remainingRoundTripEnergyEfficiency",
       "evolutionOfSelfDischarge", "ohmicResistance"}  # fmt: skip
MANDATORY = {
    ("eu", "ev"): COMMON | TESTED | {"capacityThresholdForExhaustion", "stateOfCertifiedEnergy"},
    ("eu", "lmt"): COMMON | TESTED | BMS,
    ("eu", "industrial"): COMMON,
    ("eu", "stationary"): COMMON | TESTED | BMS,
    ("cn", "ev"): words("""
        cellManufacturerName operatorIdentifier batteryIdentifier packTractionBatteryCode manufacturingDate
        batteryCategory nominalVoltage batteryChemistry recycledNickelShare recycledCobaltShare recycledLithiumShare
        recycledContentDocumentation chinaCarbonFootprint removalManual
        moduleTractionBatteryCodes cellTractionBatteryCodes cellSpecification moduleSpecification packSpecification
        batteryProductionRecord
    """),
}  # fmt: skip

# The table has one footprint for both sides.
OWN_FOOTPRINT = {("cn", "batteryCarbonFootprint"): "chinaCarbonFootprint"}

# Why a thing is not due although its day has come.
FOOTPRINT = words("""
batteryCarbonFootprint carbonFootprintRawMaterials carbonFootprintProduction carbonFootprintDistribution
carbonFootprintEndOfLife carbonFootprintStudy carbonFootprintDeclaration carbonFootprintMethod
carbonFootprintBoundary
""")  # fmt: skip
FOOTPRINT_CLASS = {"carbonFootprintPerformanceClass", "carbonFootprintLabel"}
RECYCLED = words("""
recycledNickelShare recycledCobaltShare recycledLithiumShare recycledLeadShare recycledContentDocumentation
""")  # fmt: skip
PENDING = FOOTPRINT | FOOTPRINT_CLASS | {"instructionsForUse"}
# The days of Art. 7(1), 7(2) and 8(1): declaration, class, recycled content.
DAYS = {
    "ev": (date(2025, 2, 18), date(2026, 8, 18), date(2028, 8, 18)),
    "lmt": (date(2028, 8, 18), date(2030, 2, 18), date(2033, 8, 18)),
    "industrial": (date(2026, 2, 18), date(2027, 8, 18), date(2028, 8, 18)),
    "stationary": (date(2026, 2, 18), date(2027, 8, 18), date(2028, 8, 18)),
}
IN_USE = words("""
puttingIntoServiceDate numberOfFullCycles temperatureInformation timeAboveTemperatureBoundary
timeBelowTemperatureBoundary timeChargingAboveTemperatureBoundary timeChargingBelowTemperatureBoundary
deepDischargeEvents overchargeEvents negativeEvents accidentInformation
""")  # fmt: skip
THROUGHPUT = {"energyThroughput", "capacityThroughput"}
EU_LATER = {"placing-on-market": {"registrationIdentifier", "placingOnMarketDate", "importerInformation"},
            "second-life": {"previousPassport"}, "use": IN_USE}  # fmt: skip
LATER_STAGES: dict[tuple[str, str], dict[str, set[str]]] = {
    ("eu", "ev"): EU_LATER,
    ("eu", "lmt"): EU_LATER | {"use": IN_USE | THROUGHPUT},
    ("eu", "industrial"): EU_LATER,
    ("eu", "stationary"): EU_LATER | {"use": IN_USE | THROUGHPUT},
    ("cn", "ev"): {
        "placing-on-market": {"placingOnMarketDate"},
        "fitting": {"vehicleIdentificationNumber", "vehicleModel", "vehicleBrandAndName", "vehicleProductionRecord"},
        "sale": {"vehicleSaleRecord", "licensePlateNumber"},
        "repair": {"repairRecord"},
        "swap": {"swapOperator", "swapInboundRecord", "swapRecord", "swapRepairRecord", "swapOutboundRecord",
                 "swapRetirementRecord"},
        "recycling": {"recyclingOutlet", "recyclingLocation", "recyclingInboundRecord", "recyclingOutboundRecord",
                      "factoryRetirementRecord", "secondLifeRecord", "materialRecoveryRecord"},
        "scrapping": {"vehicleScrapRecord", "vehicleBatteryIntegrity", "scrapBatteryOutboundRecord"},
    },
}  # fmt: skip
NOT_STATIONARY = {"certifiedUsableBatteryEnergy", "capacityThresholdForExhaustion", "stateOfCertifiedEnergy",
                  "remainingUsableBatteryEnergy"}  # fmt: skip
EXCLUDED = {
    ("eu", "ev"): {"initialSelfDischargeRate", "remainingRoundTripEnergyEfficiency", "evolutionOfSelfDischarge",
                   "currentSelfDischargeRate", "ohmicResistance"} | THROUGHPUT,
    ("eu", "lmt"): NOT_STATIONARY,
    ("eu", "industrial"): NOT_STATIONARY | {"initialSelfDischargeRate", "currentSelfDischargeRate"} | THROUGHPUT,
    ("eu", "stationary"): NOT_STATIONARY,
    ("cn", "ev"): set(),
}  # fmt: skip

ASKED = list(DUE)


def obligations(regime: str, category: str):
    return regimes()[regime].obligations(Category(category))


def due(regime: str, category: str, on: date, at_stage: Stage = Stage.PRODUCTION) -> set[str]:
    return {
        identifier
        for identifier, one in obligations(regime, category).items()
        if is_due(one, on, at_stage)
        and one.status not in (ObligationStatus.EXCLUDED, ObligationStatus.NOT_TO_BE_FILLED)
    }


def test_the_table_names_every_regime_and_category():
    assert [(regime.code, category) for regime in regimes().values() for category in regime.categories] == ASKED


@each("on", [BEFORE, FIRST, LATER], ids=str)
@each("asked", ASKED, ids="-".join)
def test_how_many_indicators_fall_due_on_each_day(asked, on):
    found, stated = due(*asked, on), obligations(*asked)
    counted = tuple(
        sum(stated[identifier].status is status for identifier in found)
        for status in (ObligationStatus.MANDATORY, ObligationStatus.CONDITIONAL, ObligationStatus.OPTIONAL)
    )
    assert counted == DUE[asked][on]


@each("asked", ASKED, ids="-".join)
def test_what_is_mandatory_when_a_battery_is_made(asked):
    stated = obligations(*asked)
    assert {name for name in due(*asked, LATER) if stated[name].status is ObligationStatus.MANDATORY} == MANDATORY[
        asked
    ]


@each("category", ["ev", "lmt", "industrial", "stationary"])
def test_what_changes_on_18_february_2027_is_all_that_production_asks_for_and_on_18_august_one_thing(category):
    assert due("eu", category, BEFORE) == due("eu", category, date(2027, 2, 17)) == set()
    first, later = due("eu", category, FIRST), due("eu", category, LATER)
    assert first == due("eu", category, date(2027, 8, 17))
    assert later - first == {"dueDiligenceReport"} and first <= later
    obligation = obligations("eu", category)["dueDiligenceReport"]
    assert obligation.due_from == LATER and "2025/1561" in obligation.basis["en"]


def test_china_begins_in_april_2026_and_asks_for_the_footprint_in_four_stages_from_2027():
    assert due("cn", "ev", date(2026, 3, 31)) == set() != due("cn", "ev", date(2026, 4, 1))
    assert due("cn", "ev", BEFORE) == due("cn", "ev", date(2026, 12, 31))
    parts = {f"chinaCarbonFootprint{part}" for part in (
        "RawMaterials", "Production", "Distribution", "EndOfLife", "Method", "Boundary",
    )}  # fmt: skip
    new = due("cn", "ev", date(2027, 1, 1)) - due("cn", "ev", BEFORE)
    # Method and boundary belong to a figure on any day, so that one without them is noticed.
    basis_of_figure = {"chinaCarbonFootprintMethod", "chinaCarbonFootprintBoundary"}
    assert new == parts - basis_of_figure | {"chinaCarbonFootprint", "carbonFootprintAccountingStatement"}
    assert due("cn", "ev", date(2027, 1, 1)) == due("cn", "ev", LATER)
    stated = obligations("cn", "ev")
    assert {stated[name].part_of for name in parts} == {"chinaCarbonFootprint"}
    assert {stated[name].above_energy for name in new | parts} == {Decimal(2)}
    assert not {"batteryCarbonFootprint", "carbonFootprintProduction"} & set(stated), "the EU's are none of China's"
    basis = stated["chinaCarbonFootprint"].basis
    assert "2025/551" in basis["en"] and "551号" in basis["zh"], "not from a brochure row alone"


@each("category", DAYS)
def test_footprint_and_recycled_content_have_days_of_their_own_in_each_category(category):
    declaration, label, recycled = DAYS[category]
    stated = obligations("eu", category)
    assert {stated[name].due_from for name in FOOTPRINT} == {declaration}
    assert {stated[name].due_from for name in FOOTPRINT_CLASS} == {label}
    assert {stated[name].due_from for name in RECYCLED} == {recycled}
    assert {stated[name].status for name in RECYCLED} == {
        ObligationStatus.CONDITIONAL if category == "lmt" else ObligationStatus.PENDING
    }
    assert not RECYCLED & due("eu", category, FIRST)


def test_what_the_guidance_says_not_to_fill_in():
    for category in DAYS:
        stated = obligations("eu", category)
        found = {name for name, one in stated.items() if one.status is ObligationStatus.NOT_TO_BE_FILLED}
        assert found == ({"remainingCapacity", "remainingPowerCapability"} if category == "ev" else set())


def test_where_we_ask_for_more_than_the_sources_it_is_said_to_be_our_reading():
    own = {
        asked: {
            name for name, one in obligations(*asked).items() if one.own_reading and one.basis["en"] and one.basis["zh"]
        }
        for asked in ASKED
    }
    timers = {name for name in IN_USE if name.startswith("time")}
    assert own["eu", "stationary"] == TESTED | BMS | timers
    assert own["eu", "lmt"] == timers and own["eu", "ev"] == own["eu", "industrial"] == set()
    # On the Chinese side: what is mandatory and has no legal text behind it.
    assert {"cellManufacturerName", "nominalVoltage", "removalManual"} <= own["cn", "ev"]
    assert not {"chinaCarbonFootprint", "packTractionBatteryCode"} & own["cn", "ev"]
    for asked, names in own.items():
        assert all("reading by this project" in obligations(*asked)[name].basis["en"] for name in names)
        assert all("本项目" in obligations(*asked)[name].basis["zh"] for name in names)


def test_reports_of_utilisers_are_due_within_30_days_and_the_working_days_of_2018_are_gone():
    limits = {name: one.report_within_days for name, one in obligations("cn", "ev").items() if one.report_within_days}
    assert limits == {
        "recyclingInboundRecord": 30, "recyclingOutboundRecord": 30, "secondLifeRecord": 30,
        "materialRecoveryRecord": 30,
    }  # fmt: skip
    for name in limits:
        assert "Art. 24(7)" in obligations("cn", "ev")[name].basis["en"]
        assert "30日内" in load().indicators[name].fill_rule["zh"]
    for indicator in load().indicators.values():
        assert "working days under" not in indicator.fill_rule["en"], indicator.id


def test_second_life_is_exempt_from_recycled_content():
    second = {"re-used", "repurposed", "remanufactured"}
    for category in DAYS:
        stated = obligations("eu", category)
        assert {name for name, one in stated.items() if one.exempts == second} == RECYCLED
        for metal in ("Nickel", "Cobalt", "Lithium", "Lead"):
            minima = regimes()["eu"].minima(f"recycled{metal}Share", Category(category))
            assert minima and all(least.exempts == second for least in minima)
    known = {code.code for code in load().enumerations["batteryStatus"].codes}
    assert second <= known


def test_every_basis_is_said_in_chinese_too():
    for asked in ASKED:
        for name, one in obligations(*asked).items():
            assert set(one.basis) == {"en", "zh"} and one.basis["zh"] != one.basis["en"] or "GB/T" in one.basis["zh"], (
                name
            )
            assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", one.basis["zh"]), one.basis["zh"]


@each("asked", ASKED, ids="-".join)
def test_what_is_not_due_on_the_last_of_these_days_and_why(asked):
    pending, dated, stages, excluded = set(), set(), {}, set()
    for identifier, one in obligations(*asked).items():
        if one.status is ObligationStatus.EXCLUDED:
            excluded.add(identifier)
        elif one.status is ObligationStatus.NOT_TO_BE_FILLED:
            continue
        elif one.status is ObligationStatus.PENDING:
            pending.add(identifier)
        elif one.due_from > LATER:
            dated.add(identifier)
        elif not is_due(one, LATER, Stage.PRODUCTION):
            stages.setdefault(one.stage.value, set()).add(identifier)
    recycled = RECYCLED if asked[0] == "eu" else set()
    assert pending == (PENDING | (recycled if asked[1] != "lmt" else set()) if asked[0] == "eu" else set())
    assert dated == (recycled if asked[1] == "lmt" else set())
    assert stages == LATER_STAGES[asked]
    assert excluded == EXCLUDED[asked]


@each("asked", ASKED, ids="-".join)
def test_each_stage_brings_its_own_and_takes_nothing_back(asked):
    before: set[str] = set()
    for stage in Stage:
        now = due(*asked, LATER, stage)
        assert before <= now
        new = LATER_STAGES[asked].get(stage.value, set())
        assert now - before == (new if stage is not Stage.PRODUCTION else due(*asked, LATER))
        before = now


@each(
    ("pack", "category", "on", "counts"),
    [
        # present, missing, not yet due, not applicable, excluded: of the example packs as they are
        ("EV", "eu", BEFORE, (0, 0, 143, 0, 7)), ("EV", "eu", FIRST, (107, 0, 33, 3, 7)),
        ("EV", "eu", LATER, (107, 0, 32, 4, 7)),
        ("EV", "cn", BEFORE, (36, 0, 30, 2, 0)), ("EV", "cn", LATER, (41, 0, 24, 3, 0)),
    ],
)  # fmt: skip
def test_the_states_of_a_whole_pack_follow_the_day(pack, category, on, counts, pack_record: Callable[..., Record]):
    (report,) = reports(pack_record(pack), validate(pack_record(pack), [regimes()[category]], on=on))
    order = (
        IndicatorState.PRESENT,
        IndicatorState.MISSING,
        IndicatorState.NOT_YET_DUE,
        IndicatorState.NOT_APPLICABLE,
        IndicatorState.EXCLUDED,
    )
    assert tuple(report.counts[state] for state in order) == counts
    assert report.counts[IndicatorState.MALFORMED] == 0


@each("pack", ["EV", "ST", "LMT"])
def test_the_one_that_changes_in_august_is_told_with_its_day_and_then_is_present(pack, pack_record):
    record = pack_record(pack, {"/model/dueDiligenceReport": "https://docs.example.com/due-diligence.pdf"})
    for on, state in (
        (BEFORE, IndicatorState.NOT_YET_DUE),
        (FIRST, IndicatorState.NOT_YET_DUE),
        (LATER, IndicatorState.PRESENT),
    ):
        (report,) = reports(record, validate(record, [regimes()["eu"]], on=on))
        line = next(one for one in report.lines if one.indicator.id == "dueDiligenceReport")
        assert line.state is state
        if state is IndicatorState.NOT_YET_DUE:
            assert "2027-08-18" in say(line.why, "en") and "2027-08-18" in say(line.why, "zh")


def test_every_obligation_has_its_basis_and_every_indicator_is_asked_for_by_somebody():
    named = set()
    for regime in regimes().values():
        for category in regime.categories:
            for identifier, one in regime.obligations(category).items():
                named.add(identifier)
                assert one.basis and one.indicator == identifier
    assert named == set(load().indicators)


def test_mandatory_agrees_with_the_master_table(vectors: Path):
    table = vectors.parent / "domain" / "indicators.csv"
    skip_unless(table.is_file(), "vectors", f"no {table}")
    with open(table, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for regime, category in ASKED:
        column = "applies_cn" if regime == "cn" else f"applies_{category}"
        stated = obligations(regime, category)
        mandatory = {name for name, one in stated.items() if one.status is ObligationStatus.MANDATORY}
        corrected = (
            RECYCLED - {"recycledContentDocumentation"} if regime == "eu" else {"carbonFootprintAccountingStatement"}
        )
        tabled = {OWN_FOOTPRINT.get((regime, row["id"]), row["id"]) for row in rows if row[column] == "M"}
        assert mandatory == tabled - corrected, (regime, category)


# --- a third regime ---------------------------------------------------------------------------------------------------

TOY = """
@prefix bp: <https://w3id.org/battery-passport/ns#> .
@prefix meta: <https://w3id.org/battery-passport/meta#> .
@prefix battery: <https://w3id.org/battery-passport/codes#batteryCategory.> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:toy:> .

:toy a meta:Regime ; meta:code "toy" ; rdfs:label "Toyland"@en , "玩具国"@zh ; rdfs:comment "A toy."@en , "玩具。"@zh ;
    meta:inForceFrom "2026-01-01"^^xsd:date ; meta:appliesTo battery:ev , battery:lmt .
:mass a meta:Obligation ; meta:indicator bp:batteryMass ; meta:mandatoryFor battery:ev , battery:lmt ;
    meta:basis "Toy act, article 1"@en .
:batch a meta:Obligation ; meta:indicator bp:registrationIdentifier ; meta:mandatoryFor battery:ev ;
    meta:stage <https://w3id.org/battery-passport/codes#stage.production> ; meta:basis "Toy act, article 2"@en .
:code a meta:Obligation ; meta:indicator bp:packTractionBatteryCode ; meta:excludedFor battery:ev ;
    meta:basis "Toy act, article 3"@en .
"""


@pytest.fixture(scope="module")
def toyland(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is, in a folder of its own, with one more file and what is derived from it."""
    folder = tmp_path_factory.mktemp("toyland")
    for name in ("passport", "ontology", "shapes", "contexts", "examples"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    (folder / "ontology" / "regimes" / "toy.ttl").write_text(TOY, encoding="utf-8")
    done = run(folder, "-m", "passport.vocabulary.derived")
    assert done.returncode == 0, done.stderr
    written = {line.removeprefix("written: ") for line in done.stdout.splitlines()}
    assert {"shapes/toy-ev.ttl", "shapes/toy-lmt.ttl"} == written, "a regime brings its shapes and changes nothing else"
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True)


def passport(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return run(folder, "-c", "from passport.commands import main; main()", *words)


def test_a_third_regime_validates_without_a_line_of_code(toyland):
    done = passport(toyland, "validate", "examples/ev-ncm-100kwh.xlsx", "--regime", "toy", "--regime", "eu", "--json")
    document = json.loads(done.stdout)
    toy = document["packs"][0]["regimes"]["toy"]
    assert done.returncode == 1 and (toy["due"], toy["present"], toy["missing"]) == (2, 1, 1)
    assert toy["states"] == {
        "packTractionBatteryCode": "excluded", "registrationIdentifier": "missing", "batteryMass": "present",
    }  # fmt: skip
    messages = " ".join(fault["message"]["zh"] for fault in document["faults"])
    assert "玩具国" in messages and "Toy act, article 2" in messages


@pytest.mark.torture
def test_a_third_regime_has_its_report_template_and_place_in_the_manual(toyland):
    done = passport(toyland, "report", "examples/lmt-ebike.xlsx", "--regime", "toy", "--lang", "zh")
    assert done.returncode == 0 and "玩具国" in done.stdout and "应填1项" in done.stdout
    done = passport(toyland, "template", "--category", "lmt", "--regime", "toy", "--no-example", "-o", "toy.xlsx")
    assert done.returncode == 0, done.stderr
    assert "Toy act, article 1" in passport(toyland, "manual").stdout


@each(
    ("metal", "from_2031", "from_2036"), [("Cobalt", 16, 26), ("Lead", 85, 85), ("Lithium", 6, 12), ("Nickel", 6, 15)]
)
def test_the_least_recycled_shares_of_article_8(metal, from_2031, from_2036):
    found = regimes()["eu"].minima(f"recycled{metal}Share", Category.EV)
    assert [(int(least.value), least.due_from) for least in found] == [
        (from_2031, date(2031, 8, 18)),
        (from_2036, date(2036, 8, 18)),
    ]
    assert [least.basis["en"][:8] for least in found] == ["Art. 8(2", "Art. 8(3"]
    assert [least.basis["zh"][:7] for least in found] == ["第8条第2款(", "第8条第3款("]


def test_light_means_of_transport_have_least_recycled_shares_from_2036_only():
    found = regimes()["eu"].minima("recycledCobaltShare", Category.LMT)
    assert [least.due_from.year for least in found] == [2036]
    assert regimes()["eu"].minima("batteryMass", Category.EV) == ()
