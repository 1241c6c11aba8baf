"""Every cross-field rule: a whole pack keeps it, and each has a change that breaks it and nothing else.

The table below must name every rule: a rule that no test breaks might be one that never speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from rdflib import Graph, Literal, URIRef

from passport.battery import record_graph as graphs
from passport.battery.record import Record
from passport.battery.record_graph import BP
from passport.errors import MalformedOntology
from passport.texts import by_language, say
from passport.validation import rules, shacl
from passport.validation.rule_functions import CHECKS
from passport.vocabulary.vocabulary import load
from tests.conftest import share
from tests.each import each

ON = date(2027, 2, 18)
PRODUCTION = "/events/production"
CODE = "ZZZPE10A7K2M05G6J0000317"
OTHER = "ZZZPE10A7K2M05G6J0000318"
USCC = "91000000EXAMPLE03X"
RETIREMENT = {
    "code": CODE, "component": "pack", "batteryType": "E", "mass": "540", "retiredAt": "2027-01-10",
    "retiringUnitCode": USCC, "retiringUnitName": "X", "destinationCode": USCC, "destinationName": "Y",
}  # fmt: skip
RECOVERY = {
    "code": CODE, "receivedAt": "2027-01-10", "processedAt": "2027-01-12", "mass": "540", "unitCode": USCC,
    "unitName": "X",
}  # fmt: skip
SCRAP = {
    "code": CODE, "removedAt": "2027-01-10", "handedOverAt": "2027-01-12", "dismantlerCode": USCC,
    "destinationCode": USCC, "destinationName": "Y",
}  # fmt: skip
REPAIR = {
    "replacedAt": "2027-01-10", "component": "pack", "removedCode": CODE, "installedCode": OTHER,
    "destinationCode": USCC, "destinationName": "Y",
}  # fmt: skip
SWAP = {
    "removedPackCode": CODE, "installedPackCode": OTHER, "swappedAt": "2027-01-10T10:00:00Z", "operatorCode": USCC,
    "operatorName": "X",
}  # fmt: skip

# rule -> pack, changes that break it, the indicator at which it is shown, its entry and field term
BROKEN: dict[str, tuple[str, dict[str, Any], str, int | None, str | None]] = {
    "minimum-voltage": ("EV", {"/model/minimumVoltage": "710.4"}, "minimumVoltage", None, None),
    "maximum-voltage": ("EV", {"/model/maximumVoltage": "710.4"}, "maximumVoltage", None, None),
    "rated-energy": ("LMT", {"/model/ratedEnergy": "0.68", "/model/powerToEnergyRatio": ...}, "ratedEnergy", None,
                     None),
    "light-means-of-transport-mass": ("LMT", {"/model/batteryMass": "25.01"}, "batteryCategory", None, None),
    "two-kilowatt-hours": ("LMT", {"/model/batteryCategory": "industrial"}, "batteryCategory", None, None),
    "permitted-power": ("EV", {"/model/maximumPermittedPower": "349999"}, "originalPowerCapability", 0,
                        "powerAtStateOfCharge"),
    "power-at-80-percent": ("EV", {"/model/originalPowerCapability/0/stateOfCharge": "81"}, "originalPowerCapability",
                            None, None),
    "power-at-20-percent": ("EV", {"/model/originalPowerCapability/2/stateOfCharge": "21"}, "originalPowerCapability",
                            None, None),
    "power-to-energy-ratio": ("EV", {"/model/powerToEnergyRatio": "3.1"}, "powerToEnergyRatio", None, None),
    "round-trip-efficiency": ("ST", {"/model/roundTripEnergyEfficiencyAt50PercentCycleLife": "95.1"},
                              "roundTripEnergyEfficiencyAt50PercentCycleLife", None, None),
    "idle-temperature": ("EV", {"/model/idleTemperatureUpperBoundary": "-40"}, "idleTemperatureUpperBoundary", None,
                         None),
    "voltage-temperature-range": ("EV", {"/model/voltageTemperatureRange/maximum": "-20"}, "voltageTemperatureRange",
                                  None, "maximumTemperature"),
    "power-temperature-range": ("EV", {"/model/powerTemperatureRange/minimum": "45"}, "powerTemperatureRange", None,
                                "maximumTemperature"),
    "component-mass": ("EV", {"/model/componentMass/1/mass": "540"}, "componentMass", 1, "massPerComponent"),
    "composition-mass": ("EV", {"/model/batteryMass": "321.7"}, "detailedComposition", None, None),
    "composition-cathode": ("LMT", {f"/model/detailedComposition/{n}/componentName": "other" for n in range(4)},
                            "detailedComposition", None, None),
    "composition-anode": ("ST", {f"/model/detailedComposition/{n}/componentName": "other" for n in range(4, 8)},
                          "detailedComposition", None, None),
    "composition-electrolyte": ("ST", {f"/model/detailedComposition/{n}/componentName": "other" for n in (8, 9, 10)},
                                "detailedComposition", None, None),
    "composition-views": ("EV", {"/model/separatorMaterial/1/mass": "2501"}, "separatorMaterial", 1, None),
    "critical-raw-materials-share": ("EV", {"/model/criticalRawMaterials/0/massFraction": "99"},
                                     "criticalRawMaterials", None, None),
    "no-critical-raw-materials": ("EV", {"/model/criticalRawMaterials/-": {"name": "none"}}, "criticalRawMaterials",
                                  None, None),
    "no-hazardous-substances": ("EV", {"/model/hazardousSubstances/-": {"name": "none"}}, "hazardousSubstances", None,
                                None),
    "hazardous-substance": ("EV", {"/model/hazardousSubstances/1/concentration": ...}, "hazardousSubstances", 1, None),
    "hazardous-substance-not-metal": ("EV", {"/model/hazardousSubstances/2/identifier": "7439-92-1"},
                                      "hazardousSubstances", 2, "substanceIdentifier"),
    "recycled-shares": ("EV", {"/model/recycledLeadShare": "0.2"}, "recycledLeadShare", None, None),
    "footprint-stages": ("EV", {"/model/carbonFootprintEndOfLife": "-0.002"}, "batteryCarbonFootprint", None, None),
    "china-footprint-stages": ("EV", {
        "/model/chinaCarbonFootprint": "0.154", "/model/chinaCarbonFootprintRawMaterials": "0.127",
        "/model/chinaCarbonFootprintProduction": "0.022", "/model/chinaCarbonFootprintDistribution": "0.05",
    }, "chinaCarbonFootprint", None, None),
    "footprint-absolute": ("EV", {"/model/absoluteCarbonFootprint": "7500"}, "batteryCarbonFootprint", None, None),
    "service-life-energy": ("EV", {"/model/totalEnergyOverServiceLife": "100", "/model/absoluteCarbonFootprint": ...},
                            "totalEnergyOverServiceLife", None, None),
    "manufacturer-contact": ("EV", {"/model/manufacturerContact": {}}, "manufacturerContact", None, None),
    "cadmium-lead-symbol": ("EV", {"/model/cadmiumLeadSymbol": ["none", "Pb"]}, "cadmiumLeadSymbol", None, None),
    "part-number-once": ("EV", {"/model/componentPartNumbers/3/partNumber": "LH-M16-141"}, "componentPartNumbers", 3,
                         "partNumber"),
    "carrier-payload": ("ST", {"/pack/dataCarrier/payload": "https://passport.example.com/id/VO-HV13/1"},
                        "dataCarrier", None, "carrierPayload"),
    "passport-identifier": ("ST", {"/pack/previousPassport": ["urn:uuid:b0a6d7f4-2f7e-4a0c-8a4d-61c9d3e51742"]},
                            "previousPassport", None, None),
    "previous-passport": ("ST", {"/condition/batteryStatus": "remanufactured"}, "previousPassport", None, None),
    "personal-number": ("ST", {"/model/manufacturerName": "Lanhu 1M8GDM9AXKP042788"}, "manufacturerName", None,
                        None),
    "personal-number-suspected": ("ST", {"/model/manufacturerName": "Lanhu 13812345678"}, "manufacturerName", None,
                                  None),
    "placing-on-the-market": ("ST", {"/pack/placingOnMarketDate": "2026-03-08"}, "placingOnMarketDate", None,
                              None),
    "putting-into-service": ("ST", {"/condition/puttingIntoServiceDate": "2026-03-08"}, "puttingIntoServiceDate", None,
                             None),
    "status-change": ("ST", {"/condition/statusChangedAt": "2026-11-16T00:00:00Z"}, "statusChangedAt", None, None),
    "state-of-certified-energy": ("EV", {"/condition/stateOfCertifiedEnergy/value": "98.2"}, "stateOfCertifiedEnergy",
                                  None, None),
    "capacity-at-most-rated": ("ST", {"/condition/ratedCapacityAtStatusChange/value": "54.7"},
                               "ratedCapacityAtStatusChange", None, None),
    "capacity-fade": ("ST", {"/condition/capacityFade/value": "3.4"}, "capacityFade", None, None),
    "time-charging-above": ("ST", {"/condition/timeChargingAboveTemperatureBoundary/value": "9000"},
                            "timeChargingAboveTemperatureBoundary", None, None),
    "time-charging-below": ("ST", {"/condition/timeChargingBelowTemperatureBoundary/value": "9000"},
                            "timeChargingBelowTemperatureBoundary", None, None),
    "production-pack-code": ("EV", {f"{PRODUCTION}/batteryProductionRecord/packCode": OTHER},
                             "batteryProductionRecord", None, "packCode"),
    "production-date": ("EV", {f"{PRODUCTION}/batteryProductionRecord/producedAt": "2026-06-19"},
                        "batteryProductionRecord", None, "productionDate"),
    "production-modules": ("EV", {f"{PRODUCTION}/batteryProductionRecord/moduleCodes/3": ...},
                           "batteryProductionRecord", None, "containedModuleCodes"),
    "module-cells": ("EV", {f"{PRODUCTION}/moduleSpecification/parallelCount": 2}, "moduleSpecification", None,
                     "cellCount"),
    "pack-voltage": ("EV", {f"{PRODUCTION}/packSpecification/seriesCount": 188}, "packSpecification", None,
                     "specifiedNominalVoltage"),
    "repair-codes": ("EV", {"/events/repair": {"repairRecord": [REPAIR, REPAIR | {"installedCode": CODE}]}},
                     "repairRecord", 1, "installedBatteryCode"),
    "swap-codes": ("EV", {"/events/swap": {"swapRecord": [SWAP | {"removedPackCode": OTHER}]}}, "swapRecord", 0,
                   "installedPackCode"),
    "recovery-dates": (
        "EV", {"/events/recycling": {"materialRecoveryRecord": [RECOVERY | {"processedAt": "2027-01-09"}]}},
        "materialRecoveryRecord", 0, "processingDate",
    ),
    "scrap-dates": (
        "EV", {"/events/scrapping": {"scrapBatteryOutboundRecord": [SCRAP | {"handedOverAt": "2027-01-09"}]}},
        "scrapBatteryOutboundRecord", 0, "handoverDate",
    ),
    "gtin-check-digit": ("EV", {"/model/gtin": "9529999001009"}, "gtin", None, None),
    "cas-check-digit": ("EV", {"/model/criticalRawMaterials/2/identifier": "7439-96-6"}, "criticalRawMaterials", 2,
                        "substanceIdentifier"),
    "traction-battery-code": ("EV", {"/events/repair": {"repairRecord": [REPAIR | {"installedCode": OTHER[:-1]}]}},
                              "repairRecord", 0, "installedBatteryCode"),
    "not-in-the-future": ("ST", {"/condition/temperatureInformation/0/recordedAt": "2027-02-19T12:00:00Z"},
                          "temperatureInformation", 0, "recordedAt"),
    "code-date": ("EV", {"/pack/manufacturingDate": "2026-06-17",
                         f"{PRODUCTION}/batteryProductionRecord/producedAt": "2026-06-17"},
                  "manufacturingDate", None, None),
    "code-chemistry": ("EV", {"/model/batteryChemistry/shortName": "LMFP"}, "batteryChemistry", None,
                       "chemistryShortName"),
    "battery-type-letter": ("EV", {"/events/swap": {"swapRetirementRecord": [RETIREMENT | {"batteryType": "B"}]}},
                            "swapRetirementRecord", 0, "batteryTypeCode"),
    "cell-once": ("EV", {f"{PRODUCTION}/cellTractionBatteryCodes/1/cellCode": "ZZYCE12C4R9T21G5T0018401"},
                  "cellTractionBatteryCodes", 1, "cellCode"),
    "module-listed": ("EV", {f"{PRODUCTION}/cellTractionBatteryCodes/1/moduleCode": "ZZZME11A7K2M05G6G0003799"},
                      "cellTractionBatteryCodes", 1, "moduleCode"),
    "made-before-whole": ("EV", {f"{PRODUCTION}/cellTractionBatteryCodes/191/cellCode": "ZZYCE12C4R9T21G6H0000001"},
                          "cellTractionBatteryCodes", 191, "cellCode"),
    "cells-counted": ("EV", {f"{PRODUCTION}/cellTractionBatteryCodes/191": ...}, "cellTractionBatteryCodes", None,
                      None),
    "dates-in-order": ("LMT", {"/condition/accidentInformation/0/occurredAt": "2026-01-20T16:05:00Z"},
                       "accidentInformation", 0, "occurredAt"),
}  # fmt: skip


def findings(record: Record, on: date | None = ON) -> tuple[rules.RuleFinding, ...]:
    data = graphs.graph(record, load())
    found, unchecked = rules.run(data, malformed=frozenset(), on=on)
    assert not unchecked
    return (*rules.single_values(data, on=on), *found)


def empty_contact(record: Record) -> Record:
    # A reader refuses an empty object; a graph from elsewhere may hold a node with nothing on it.
    return Record(record.category, {**record.model, "manufacturerContact": {}}, record.pack)


@each("name", ["EV", "ST", "LMT"])
def test_a_whole_pack_keeps_every_rule(name: str, pack_record: Callable[..., Record]):
    assert findings(pack_record(name)) == ()


@pytest.mark.product
@pytest.mark.parametrize("name", BROKEN)
def test_a_rule_speaks_where_it_is_broken_and_only_it(name: str, pack_record: Callable[..., Record], monkeypatch):
    # Beside it, a share of the others: each is silent while another one is broken.
    others = share([other for other in rules.rules() if other != name], list(BROKEN).index(name), of=9)
    asked = {each: rules.rules()[each] for each in (name, *others)}
    monkeypatch.setattr(rules, "rules", lambda: asked)
    pack, changes, indicator, entry, term = BROKEN[name]
    record = empty_contact(pack_record(pack)) if name == "manufacturer-contact" else pack_record(pack, changes)
    found = findings(record)
    assert {(one.rule.name, one.place.indicator, one.place.entry, one.place.term) for one in found} == {
        (name, indicator, entry, term)
    }
    for one in found:
        texts = [text for message in (one.expected, one.found, one.message) for text in by_language(message).values()]
        assert all(text and "{" not in text and "rdflib" not in text for text in texts)
        assert one.expected in say(one.message, "en") and one.found in say(one.message, "en")


def test_every_rule_is_broken_by_a_test():
    assert set(BROKEN) == set(rules.rules())


@each("name", rules.rules())
def test_a_rule_speaks_chinese_and_english(name: str):
    rule = rules.rules()[name]
    for texts in (rule.message, rule.expected, rule.found):
        assert set(texts) == {"en", "zh"} and all(texts.values())
    assert rule.message["en"] != rule.message["zh"]
    assert rule.programmed == (name in CHECKS)


def test_a_rule_that_nobody_programmed_stops_the_start(monkeypatch):
    rules.rules.cache_clear()
    monkeypatch.delitem(CHECKS, "cell-once")
    with pytest.raises(MalformedOntology, match="cell-once"):
        rules.rules()
    rules.rules.cache_clear()


# --- limits of single rules -----------------------------------------------------------------------------------------


def names(found: tuple[rules.RuleFinding, ...]) -> set[str]:
    return {one.rule.name for one in found}


@each(
    ("name", "pack", "changes"),
    [
        ("rated-energy", "EV", {"/model/ratedEnergy": "110"}),
        ("recycled-shares", "EV", {"/model/recycledLeadShare": "0.1"}),
        ("footprint-stages", "EV", {"/model/carbonFootprintDistribution": "0.0066"}),
        ("state-of-certified-energy", "EV", {"/condition/stateOfCertifiedEnergy/value": "98.3"}),
        ("capacity-fade", "ST", {"/condition/capacityFade/value": "3.3"}),
        ("time-charging-above", "LMT", {"/condition/timeChargingAboveTemperatureBoundary/value": "42"}),
        ("power-at-20-percent", "EV", {"/model/originalPowerCapability/2/stateOfCharge": "20.0"}),
        ("composition-views", "EV", {"/model/separatorMaterial/1/mass": "2500.0"}),
        ("footprint-stages", "EV", {"/model/carbonFootprintDistribution": ...}),
        ("putting-into-service", "ST", {"/condition/puttingIntoServiceDate": "2026-03-09"}),
        ("no-hazardous-substances", "EV", {"/model/hazardousSubstances": [{"name": "none"}]}),
        ("two-kilowatt-hours", "LMT", {"/model/batteryCategory": "industrial", "/model/ratedEnergy": "2.01"}),
        ("light-means-of-transport-mass", "LMT", {"/model/batteryMass": "25"}),
        ("light-means-of-transport-mass", "EV", {"/model/batteryMass": "600"}),
        ("placing-on-the-market", "ST", {"/pack/placingOnMarketDate": "2026-03-09"}),
    ],
)
def test_a_rule_is_silent_at_its_limit(name, pack, changes, pack_record):
    assert name not in names(findings(pack_record(pack, changes)))


def test_the_day_of_an_instant_is_judged_wherever_on_earth_it_is_that_day_already(pack_record):
    early = pack_record("ST", {"/condition/temperatureInformation/0/recordedAt": "2027-02-19T11:59:00Z"})
    assert "not-in-the-future" not in names(findings(early))
    made = pack_record("LMT", {"/condition/accidentInformation/0/occurredAt": "2026-01-21T10:00:00Z"})
    assert "dates-in-order" not in names(findings(made))


def test_a_code_of_tomorrow_is_refused_and_without_a_day_nothing_is_in_the_future(pack_record):
    record = pack_record("EV")
    before = names(findings(record, date(2026, 6, 17)))
    assert {"traction-battery-code", "not-in-the-future"} <= before
    assert findings(record, None) == ()


@each("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_at_the_end_of_the_calendar_does_no_harm(instant, pack_record):
    record = pack_record("LMT", {"/condition/accidentInformation/0/occurredAt": instant})
    assert names(findings(record)) <= {"dates-in-order", "not-in-the-future"}


def test_a_code_with_blanks_and_a_module_where_a_pack_belongs_are_refused(pack_record):
    blanks = pack_record("EV", {"/pack/packTractionBatteryCode": "ZZZPE10A7K2M05 G6J0000317"})
    (finding,) = [one for one in findings(blanks) if one.rule.name == "traction-battery-code"]
    assert finding.expected == "no blanks"
    module = pack_record("EV", {"/pack/packTractionBatteryCode": "ZZZME10A7K2M05G6J0000317"})
    (finding,) = [one for one in findings(module) if one.rule.name == "traction-battery-code"]
    assert (finding.expected, finding.found) == ("P for a pack (position 4, product type)", "M")


# --- malformed values -----------------------------------------------------------------------------------------------


def test_a_rule_never_meets_a_malformed_value_and_says_that_it_was_not_checked(pack_record):
    data = graphs.graph(pack_record("EV", {"/model/ratedCapacity": "17,0"}), load())
    found, unchecked = rules.run(data, malformed=frozenset({"ratedCapacity"}), on=ON)
    assert found == ()
    assert {one.rule.name for one in unchecked} == {"rated-energy", "capacity-fade", "capacity-at-most-rated"}
    assert {one.because for one in unchecked} == {frozenset({"ratedCapacity"})}


def test_a_malformed_share_of_one_metal_hides_no_fault_of_another(pack_record):
    record = pack_record("EV", {"/model/recycledCobaltShare": "much", "/model/recycledNickelShare": "9"})
    data = graphs.graph(record, load())
    found, _ = rules.run(data, malformed=frozenset({"recycledCobaltShare"}), on=ON)
    assert [(one.rule.name, one.place.indicator) for one in found] == [("recycled-shares", "recycledNickelShare")]


def test_what_the_engine_cannot_evaluate_is_named_and_hides_no_other_fault(pack_record, monkeypatch):
    whole, culprit = shacl.run, rules.rules()["rated-energy"].iri

    def run(data: Graph, shapes: Graph, use: list[URIRef]):
        if culprit in use:
            raise shacl.ShaclFailure("no arithmetic with this")
        return whole(data, shapes, use)

    monkeypatch.setattr(shacl, "run", run)
    data = graphs.graph(pack_record("EV", {"/model/maximumVoltage": "700"}), load())
    found, unchecked = rules.run(data, malformed=frozenset(), on=ON)
    assert names(found) == {"maximum-voltage"}
    assert [(one.rule.name, one.failure) for one in unchecked] == [("rated-energy", "no arithmetic with this")]


def test_pyshacl_raising_is_a_failure_and_never_a_pass():
    data = Graph()
    data.add((URIRef("urn:x"), BP.gtin, Literal("1")))
    shapes = Graph().parse(
        data="""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix bp: <https://w3id.org/battery-passport/ns#> .
        <urn:shape> sh:targetSubjectsOf bp:gtin ; sh:sparql [ sh:select "SELECT $this WHERE { VALUES ?x { 1 } }" ] .""",
        format="turtle",
    )
    with pytest.raises(shacl.ShaclFailure):
        shacl.run(data, shapes)
