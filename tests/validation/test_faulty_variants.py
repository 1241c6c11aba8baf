"""Twenty packs with one fault each: exactly that fault is found, at its place, with what was expected and found.

The table is that of the examples' own README, and a test holds the two together. Side effects that the README names are
listed here as faults of the variant; nothing else may arise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from passport.battery.record import Record
from passport.texts import say
from passport.validation.validator import IndicatorState, validate
from passport.vocabulary.vocabulary import Stage, regimes
from tests.each import each

ON = date(2027, 2, 18)


@dataclass(frozen=True)
class Expected:
    code: str
    pointer: str
    expected: str
    found: str

    @property
    def indicator(self) -> str:
        parts = self.pointer.split("/")
        return parts[3] if parts[1] == "events" else parts[2]


@dataclass(frozen=True)
class Variant:
    number: int
    pack: str
    pointer: str
    value: Any
    faults: tuple[Expected, ...]
    stage: Stage = Stage.PRODUCTION


RECORD = "/events/production/batteryProductionRecord"
VARIANTS = (
    Variant(1, "EV", "/model/gtin", "09529999001000", (
        Expected("gtin-check-digit", "/model/gtin", "9 (position 14, check digit)", "0"),
    )),
    Variant(2, "EV", "/pack/packTractionBatteryCode", "ZZZPE10A7K2M05G6U0000317", (
        Expected("traction-battery-code", "/pack/packTractionBatteryCode",
                 "0-9 or A-Y without I, O, Q, U (position 17, day)", "U"),
        Expected("production-pack-code", f"{RECORD}/packCode", "the code of the pack, ZZZPE10A7K2M05G6U0000317",
                 "ZZZPE10A7K2M05G6J0000317"),
    )),
    Variant(3, "EV", "/pack/packTractionBatteryCode", "ZZZPE10A7K2M05G2Y0000317", (
        Expected("traction-battery-code", "/pack/packTractionBatteryCode", "a calendar date in positions 15-17",
                 "G2Y, 30 February 2026"),
        Expected("production-pack-code", f"{RECORD}/packCode", "the code of the pack, ZZZPE10A7K2M05G2Y0000317",
                 "ZZZPE10A7K2M05G6J0000317"),
    )),
    Variant(4, "EV", "/pack/manufacturingDate", "2026-06-17", (
        Expected("code-date", "/pack/manufacturingDate", "2026-06-18, positions 15-17 of ZZZPE10A7K2M05G6J0000317",
                 "2026-06-17"),
        Expected("production-date", f"{RECORD}/producedAt", "the manufacturing date, 2026-06-17", "2026-06-18"),
    )),
    Variant(5, "EV", "/model/batteryChemistry/shortName", "LFP", (
        Expected("code-chemistry", "/model/batteryChemistry/shortName",
                 "NMC, NCA, NMCA, as position 5 of the code is E", "LFP"),
    )),
    Variant(6, "EV", "/model/maximumVoltage", "700", (
        Expected("maximum-voltage", "/model/maximumVoltage", "more than the nominal voltage, 710.4 V", "700 V"),
    )),
    Variant(7, "EV", "/model/ratedEnergy", "150", (
        Expected("rated-energy", "/model/ratedEnergy", "about 100.17 kWh, which is 141 Ah times 710.4 V", "150 kWh"),
        Expected("power-to-energy-ratio", "/model/powerToEnergyRatio",
                 "about 2.3333 W/Wh, which is 350000 W over 150 kWh", "3.5 W/Wh"),
    )),
    Variant(8, "EV", "/model/recycledCobaltShare", ..., (
        Expected("missing", "/model/recycledCobaltShare",
                 "a value, mandatory under Chinese battery digital ID", "nothing"),
    )),
    Variant(9, "EV", "/model/postConsumerRecycledNickelShare", "3.5", (
        Expected("recycled-shares", "/model/recycledNickelShare",
                 "7.5 %, which is 4 % pre-consumer plus 3.5 % post-consumer", "6.5 %"),
    )),
    Variant(10, "EV", "/model/batteryCarbonFootprint", "73.92", (
        Expected("footprint-stages", "/model/batteryCarbonFootprint", "0.154 kg CO2e/kWh, the sum of the stages",
                 "73.92 kg CO2e/kWh"),
        Expected("footprint-absolute", "/model/batteryCarbonFootprint",
                 "0.154 kg CO2e/kWh, which is 7392 kg over 48000 kWh of the service life", "73.92 kg CO2e/kWh"),
    )),
    Variant(11, "EV", "/condition/stateOfCertifiedEnergy/value", "93", (
        Expected("state-of-certified-energy", "/condition/stateOfCertifiedEnergy/value",
                 "about 99.271 %, which is 95.3 kWh of 96 kWh", "93 %"),
    )),
    Variant(12, "EV", "/events/production/cellTractionBatteryCodes/20/cellCode", "ZZYCE12C4R9T21G5T0018405", (
        Expected("cell-once", "/events/production/cellTractionBatteryCodes/20/cellCode", "a cell code of its own",
                 "ZZYCE12C4R9T21G5T0018405, already entry 4 in module ZZZME11A7K2M05G6G0003785"),
    )),
    Variant(13, "ST", "/model/detailedComposition/8/identifier", "21324-40-4", (
        Expected("cas-check-digit", "/model/detailedComposition/8/identifier", "check digit 3", "4 in 21324-40-4"),
        Expected("composition-views", "/model/electrolyteComposition/0",
                 "an entry with the same in the detailed composition",
                 "Lithium hexafluorophosphate, CAS 21324-40-3, 1700 g, only here"),
    )),
    Variant(14, "ST", "/condition/batteryStatus", "reused", (
        Expected("malformed", "/condition/batteryStatus",
                 "one of original, repurposed, re-used, remanufactured, waste", '"reused"'),
    )),
    Variant(15, "ST", "/model/capacityThresholdForExhaustion", "70", (
        Expected("excluded", "/model/capacityThresholdForExhaustion",
                 "no value in this battery category under EU battery passport", '"70"'),
    )),
    Variant(16, "ST", "/model/originalPowerCapability/1/stateOfCharge", "30", (
        Expected("power-at-20-percent", "/model/originalPowerCapability", "an entry for 20 % state of charge",
                 "entries for 80, 30 %"),
    )),
    Variant(17, "LMT", "/model/batteryCategory", "stationary", (
        Expected("two-kilowatt-hours", "/model/batteryCategory", "ev or lmt for a rated energy of 0.612 kWh",
                 "stationary"),
    )),
    Variant(18, "LMT", "/model/ratedCapacity", "17,0", (
        Expected("malformed", "/model/ratedCapacity", "a number of ampere-hours greater than 0", '"17,0"'),
    )),
    Variant(19, "LMT", "/condition/timeChargingAboveTemperatureBoundary/value", "60", (
        Expected("time-charging-above", "/condition/timeChargingAboveTemperatureBoundary/value",
                 "at most the time above the boundary, 42 min", "60 min"),
    )),
    Variant(20, "LMT", "/condition/deepDischargeEvents", ..., (
        Expected("missing", "/condition/deepDischargeEvents", "a value, mandatory under EU battery passport",
                 "nothing"),
    ), Stage.USE),
)  # fmt: skip


@each("variant", VARIANTS, ids=lambda variant: f"{variant.number}-{variant.pack}")
def test_a_faulty_variant_has_exactly_its_faults(variant: Variant, pack_record: Callable[..., Record]):
    faulty = pack_record(variant.pack, {variant.pointer: variant.value})
    report = validate(faulty, tuple(regimes().values()), on=ON, at_stage=variant.stage)
    assert {
        (fault.code, fault.location.pointer, fault.indicator, fault.expected, fault.found) for fault in report.faults
    } == {(fault.code, fault.pointer, fault.indicator, fault.expected, fault.found) for fault in variant.faults}
    assert len(report.faults) == len(variant.faults)
    assert not report.conforms
    for fault in report.faults:
        assert fault.location.file == "pack.json"
        assert re.search(r"[\u4e00-\u9fff]", say(fault.message, "zh")) and say(fault.message, "en").isascii()


def test_the_table_is_that_of_the_examples(examples: Path):
    stated = []
    for line in (examples / "README.md").read_text(encoding="utf-8").splitlines():
        if re.match(r"\| [0-9]+ \|", line):
            number, pack, pointer, value, _ = (cell.strip() for cell in line.strip("|").split("|"))
            new = ... if "removed" in value else json.loads(value.strip("`"))
            stated.append((int(number), pack, pointer.strip("`"), new))
    assert stated == [(one.number, one.pack, one.pointer, one.value) for one in VARIANTS]


def test_what_is_missing_in_use_is_not_yet_due_at_production(pack_record: Callable[..., Record]):
    record = pack_record("LMT", {"/condition/deepDischargeEvents": ...})
    report = validate(record, [regimes()["eu"]], on=ON)
    assert report.conforms and not report.faults
    assert report.regimes["eu"].states["deepDischargeEvents"] is IndicatorState.NOT_YET_DUE


def test_two_faults_are_reported_at_once(pack_record: Callable[..., Record]):
    record = pack_record("EV", {"/model/gtin": "09529999001000", "/model/maximumVoltage": "700"})
    report = validate(record, [regimes()["eu"]], on=ON)
    assert [fault.indicator for fault in report.faults] == ["gtin", "maximumVoltage"]
