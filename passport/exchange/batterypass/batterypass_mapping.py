"""Mapping tables between the BatteryPass data model 1.2.0 / 1.2.1 and our vocabulary.

The data model's own names are kept as they are, misspellings included: ``warrentyPeriod``, ``thirdPartyAussurances``,
``batteryTechicalProperties``, ``supplyChainIndicies``, and in version 1.2.0 ``remainingEnergyalue``. Units are those of
the aspect models: kilowatts for the rated power, per cent for the ratio of power to energy.
"""

from __future__ import annotations

from collections.abc import Mapping

from passport.exchange.converters import (
    CAS,
    COMPACT_UUID,
    INSTANT,
    LINK,
    MIDNIGHT,
    MONTHS,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    ValueConverter,
    codes,
    matching,
    number,
)
from passport.exchange.correspondences import Many, Member, Rule, Single
from passport.exchange.peer_format import NO_EMAIL, NO_TEXT
from passport.texts import Message

_PARTY_EMAIL = matching(
    "^[w.-]+@[w.-]+.[A-Za-z]{2,}$",
    Message("the schema allows no letter but w in this address (a slip in its pattern)"),
    None,
)
_SUPPLIER_EMAIL = matching(
    "^[\\w.-]+@[\\w.-]+\\.[A-Za-z]{2,}$", Message("the schema does not allow this address"), NO_EMAIL
)
_CATEGORY = codes({name: name for name in ("lmt", "ev", "industrial", "stationary")})
_STATUS = codes({
    "original": "Original", "repurposed": "Repurposed", "re-used": "Reused", "remanufactured": "Remanufactured",
    "waste": "Waste",
})  # fmt: skip
#: Their places of materials are text; these spellings are those of the aspect's descriptions, the others our codes.
LOCATION = codes({
    "cathode": "Cathode", "anode": "Anode", "electrolyte": "Electrolyte", "separator": "Separator",
}, placeholder=NO_TEXT, others=True)  # fmt: skip
HAZARD_CLASSES: Mapping[str, str] = {
    "acuteToxicity": "AcuteToxicity", "skinCorrosionOrIrritation": "SkinCorrosionOrIrritation",
    "eyeDamageOrIrritation": "EyeDamageOrIrritation",
}  # fmt: skip
LABEL_SUBJECTS: Mapping[str, str] = {
    "separateCollection": "SeparateCollection", "hazardousMaterial": "HazardousMaterial",
    "carbonFootprint": "CarbonFootPrint", "extinguishingAgent": "ExtinguishingAgent",
}  # fmt: skip
#: Our three indicators for one recycled metal end in the same word.
METALS = ("Nickel", "Cobalt", "Lithium", "Lead")
STAGES: Mapping[str, str] = {
    "RawMaterialExtraction": "carbonFootprintRawMaterials", "MainProduction": "carbonFootprintProduction",
    "Distribution": "carbonFootprintDistribution", "Recycling": "carbonFootprintEndOfLife",
}  # fmt: skip


def _address(path: str, indicator: str) -> tuple[Single, ...]:
    return tuple(
        Single(f"{path}.{field}", indicator, TEXT, field) for field in ("addressCountry", "postalCode", "streetAddress")
    )


def _document(kind: str, indicator: str) -> Many:
    return Many("dismantlingAndRemovalInformation", indicator, (
        Member("mimeType", "mimeType", TEXT), Member("documentURL", "documentUrl", LINK),
    ), where=("documentType", kind))  # fmt: skip


_GENERAL: tuple[Rule, ...] = (
    Single("productIdentifier", "batteryIdentifier", TEXT),
    Single("batteryPassportIdentifier", "batteryPassportIdentifier", COMPACT_UUID),
    Single("batteryCategory", "batteryCategory", _CATEGORY),
    Single("manufacturerInformation.contactName", "manufacturerName", TEXT),
    *_address("manufacturerInformation.postalAddress", "manufacturerAddress"),
    Single("manufacturerInformation.identifier", "manufacturerIdentifier", TEXT),
    Single("manufacturerInformation.emailAddress", "manufacturerContact", _PARTY_EMAIL, "email", required=False),
    Single("manufacturerInformation.webAddress", "manufacturerContact", LINK, "webAddress", required=False),
    Single("manufacturingDate", "manufacturingDate", MIDNIGHT),
    Single("batteryStatus", "batteryStatus", _STATUS),
    Single("batteryMass", "batteryMass", NUMBER),
    *_address("manufacturingPlace", "manufacturingPlace"),
    Single("operatorInformation.contactName", "operatorInformation", TEXT, "name"),
    *_address("operatorInformation.postalAddress", "operatorInformation"),
    Single("operatorInformation.identifier", "operatorInformation", TEXT, "identifier"),
    Single("operatorInformation.emailAddress", "operatorInformation", _PARTY_EMAIL, "email", required=False),
    Single("operatorInformation.webAddress", "operatorInformation", LINK, "webAddress", required=False),
    Single("puttingIntoService", "puttingIntoServiceDate", MIDNIGHT),
    Single("warrentyPeriod", "warrantyPeriod", MONTHS),
)

_FOOTPRINT: tuple[Rule, ...] = (
    Single("batteryCarbonFootprint", "batteryCarbonFootprint", NUMBER),
    *(
        Single(
            f"carbonFootprintPerLifecycleStage[lifecycleStage={stage}].carbonFootprint",
            indicator,
            NUMBER,
            required=False,
        )
        for stage, indicator in STAGES.items()
    ),
    Single("carbonFootprintPerformanceClass", "carbonFootprintPerformanceClass", TEXT),
    Single("carbonFootprintStudy", "carbonFootprintStudy", LINK),
    Single("absoluteCarbonFootprint", "absoluteCarbonFootprint", NUMBER, required=False),
)

_CIRCULARITY: tuple[Rule, ...] = (
    _document("RemovalManual", "removalManual"),
    _document("DismantlingManual", "disassemblyManual"),
    Many("sparePartSources", "sparePartSources", (
        Member("nameOfSupplier", "name", TEXT), Member("addressOfSupplier.addressCountry", "addressCountry", TEXT),
        Member("addressOfSupplier.postalCode", "postalCode", TEXT),
        Member("addressOfSupplier.streetAddress", "streetAddress", TEXT),
        Member("emailAddressOfSupplier", "email", _SUPPLIER_EMAIL), Member("supplierWebAddress", "webAddress", LINK),
    )),
    Single("safetyMeasures.safetyInstructions", "wasteBatterySafetyInstructions", LINK),
    Many("safetyMeasures.extinguishingAgent", "extinguishingAgent", kind=TEXT),
    Single("endOfLifeInformation.wastePrevention", "wastePreventionInformation", LINK),
    Single("endOfLifeInformation.separateCollection", "separateCollectionInformation", LINK),
    Single("endOfLifeInformation.informationOnCollection", "collectionAndTreatmentInformation", LINK),
    Single("renewableContent", "renewableContentShare", NUMBER),
)  # fmt: skip
#: Members of a supplier's ``components``.
COMPONENT = (Member("partName", "partName", TEXT), Member("partNumber", "partNumber", TEXT))

_LABELING: tuple[Rule, ...] = (
    Single("declarationOfConformity", "euDeclarationOfConformity", LINK),
    Single("resultOfTestReport", "testReportResults", LINK),
)

_MATERIALS: tuple[Rule, ...] = (
    Single("batteryChemistry.shortName", "batteryChemistry", TEXT, "shortName"),
    Single("batteryChemistry.clearName", "batteryChemistry", TEXT, "clearName"),
    Many("batteryMaterials", "detailedComposition", (
        Member("batteryMaterialLocation.componentName", "componentName", LOCATION),
        Member("batteryMaterialLocation.componentId", "componentId", TEXT, required=False),
        Member("batteryMaterialIdentifier", "identifier", CAS), Member("batteryMaterialName", "name", TEXT),
        Member("batteryMaterialMass", "mass", NUMBER),
        Member("isCriticalRawMaterial", "isCriticalRawMaterial", TRUTH),
    )),
)  # fmt: skip
#: Of a hazardous substance, besides its class and impact.
HAZARD = (
    Member("hazardousSubstanceName", "name", TEXT), Member("hazardousSubstanceConcentration", "concentration", NUMBER),
    Member("hazardousSubstanceLocation.componentName", "componentName", LOCATION),
    Member("hazardousSubstanceLocation.componentId", "componentId", TEXT, required=False),
    Member("hazardousSubstanceIdentifier", "identifier", CAS),
)  # fmt: skip

_SUPPLY: tuple[Rule, ...] = (
    Single("supplyChainDueDiligenceReport", "dueDiligenceReport", LINK),
    Single("thirdPartyAussurances", "thirdPartyAssurances", LINK, required=False),
    Single("supplyChainIndicies", "supplyChainIndices", NUMBER, required=False),
)

#: The two halves of PerformanceAndDurability, and the one number that 1.2.0 has for a range.
TECHNICAL, CONDITION = "batteryTechicalProperties", "batteryCondition"
IDLE_120 = f"{TECHNICAL}.temperatureRangeIdleState"
_T, _C = f"{TECHNICAL}.", f"{CONDITION}."


def _reading(name: str, indicator: str, kind: ValueConverter = NUMBER, value: str | None = None) -> Single:
    inner = f"{_C}{name}"
    return Single(f"{inner}.{value or name + 'Value'}", indicator, kind, time=f"{inner}.lastUpdate")


def _increase(part: str, indicator: str) -> Single:
    entry = f"{_C}internalResistanceIncrease[batteryComponent={part}]"
    return Single(
        f"{entry}.internalResistanceIncreaseValue", indicator, NUMBER, required=False, time=f"{entry}.lastUpdate"
    )


_PERFORMANCE: tuple[Rule, ...] = (
    # 1.2.1 and 1.2.0 alike; ratedMaximumPower is in kilowatts and powerCapabilityRatio in per cent of 1/h.
    Single(f"{_T}ratedMaximumPower", "maximumPermittedPower", number("1000")),
    Single(f"{_T}powerCapabilityRatio", "powerToEnergyRatio", number("0.01")),
    Single(f"{_T}cRate", "powerToEnergyRatio", NUMBER, required=False),
    Single(f"{_T}ratedEnergy", "certifiedUsableBatteryEnergy", NUMBER),
    Single(f"{_T}expectedNumberOfCycles", "expectedNumberOfCycles", WHOLE),
    Single(f"{_T}initialSelfDischarge", "initialSelfDischargeRate", NUMBER),
    Single(f"{_T}roundtripEfficiency", "initialRoundTripEnergyEfficiency", NUMBER),
    Single(f"{_T}ratedCapacity", "ratedCapacity", NUMBER),
    *(
        Single(f"{_T}initialInternalResistance[batteryComponent={part}].ohmicResistance",
               f"initialInternalResistance{part.capitalize()}", NUMBER, required=False)
        for part in ("pack", "module", "cell")
    ),
    Single(f"{_T}expectedLifetime", "expectedLifetimeYears", NUMBER),
    Single(f"{_T}nominalVoltage", "nominalVoltage", NUMBER),
    Single(f"{_T}minimumVoltage", "minimumVoltage", NUMBER),
    Single(f"{_T}maximumVoltage", "maximumVoltage", NUMBER),
    Single(f"{_T}capacityThresholdForExhaustion", "capacityThresholdForExhaustion", NUMBER),
    Single(f"{_T}lifetimeReferenceTest", "cycleLifeReferenceTest", LINK),
    _reading("capacityThroughput", "capacityThroughput"),
    _reading("numberOfFullCycles", "numberOfFullCycles", WHOLE),
    _reading("stateOfCertifiedEnergy", "stateOfCertifiedEnergy"),
    _reading("capacityFade", "capacityFade"),
    _reading("remainingRoundTripEnergyEfficiency", "remainingRoundTripEnergyEfficiency"),
    _reading("stateOfCharge", "stateOfCharge"),
    *(_increase(part, f"internalResistanceIncrease{part.capitalize()}") for part in ("pack", "module", "cell")),
    Many(f"{_C}negativeEvents", "negativeEvents", (
        Member("negativeEvent", "description", TEXT), Member("lastUpdate", "recordedAt", INSTANT),
    )),
    *(
        Single(f"{_C}temperatureInformation.{name}", indicator, NUMBER, time=f"{_C}temperatureInformation.lastUpdate")
        for name, indicator in (
            ("timeExtremeHighTemp", "timeAboveTemperatureBoundary"),
            ("timeExtremeLowTemp", "timeBelowTemperatureBoundary"),
            ("timeExtremeHighTempCharging", "timeChargingAboveTemperatureBoundary"),
            ("timeExtremeLowTempCharging", "timeChargingBelowTemperatureBoundary"),
        )
    ),
)  # fmt: skip

_PERFORMANCE_121: tuple[Rule, ...] = (
    *_PERFORMANCE,
    Single(f"{_T}temperatureRangeIdleState.minimum", "idleTemperatureLowerBoundary", NUMBER),
    Single(f"{_T}temperatureRangeIdleState.maximum", "idleTemperatureUpperBoundary", NUMBER),
    Single(f"{_T}roundTripEfficiencyat50PerCentCycleLife", "roundTripEnergyEfficiencyAt50PercentCycleLife", NUMBER),
    Single(f"{_T}roundTripEfficiencyFade", "roundTripEnergyEfficiencyFade", NUMBER),
    Single(f"{_T}powerFade", "powerFade", NUMBER),
    _reading("energyThroughput", "energyThroughput"),
    _reading("remainingEnergy", "remainingUsableBatteryEnergy"),
    _reading("evolutionOfSelfDischarge", "evolutionOfSelfDischarge"),
    _reading("currentSelfDischargingRate", "currentSelfDischargeRate"),
)

_PERFORMANCE_120: tuple[Rule, ...] = (
    *_PERFORMANCE,
    Single(f"{_C}roundTripEfficiencyat50PerCentCycleLife", "roundTripEnergyEfficiencyAt50PercentCycleLife", NUMBER),
    Single(f"{_C}roundTripEfficiencyFade", "roundTripEnergyEfficiencyFade", NUMBER),
    Single(f"{_C}powerFade", "powerFade", NUMBER),
    Single(f"{_C}energyThroughput", "energyThroughput", NUMBER),
    _reading("remainingEnergy", "remainingUsableBatteryEnergy", value="remainingEnergyalue"),
    Single(f"{_C}evolutionOfSelfDischarge.evolutionOfSelfDischargeEntityValue", "evolutionOfSelfDischarge", NUMBER),
    _reading("currentSelfDischargingRate", "currentSelfDischargeRate", value="currentSelfDischargingRateEntity"),
)

#: Aspect -> its rules, in the data model's names and order.
ASPECTS: Mapping[str, tuple[Rule, ...]] = {
    "GeneralProductInformation": _GENERAL,
    "CarbonFootprintForBatteries": _FOOTPRINT,
    "Circularity": _CIRCULARITY,
    "Labeling": _LABELING,
    "MaterialComposition": _MATERIALS,
    "SupplyChainDueDiligence": _SUPPLY,
    "PerformanceAndDurability": _PERFORMANCE_121,
}
PERFORMANCE: Mapping[str, tuple[Rule, ...]] = {"1.2.1": _PERFORMANCE_121, "1.2.0": _PERFORMANCE_120}
#: What tells an aspect from the others: members that it alone has.
MARKS: Mapping[str, frozenset[str]] = {
    "GeneralProductInformation": frozenset({"productIdentifier", "batteryCategory"}),
    "CarbonFootprintForBatteries": frozenset({"batteryCarbonFootprint", "carbonFootprintPerLifecycleStage"}),
    "Circularity": frozenset({"dismantlingAndRemovalInformation", "recycledContent"}),
    "Labeling": frozenset({"labels", "declarationOfConformity"}),
    "MaterialComposition": frozenset({"batteryMaterials", "batteryChemistry"}),
    "SupplyChainDueDiligence": frozenset({"supplyChainDueDiligenceReport"}),
    "PerformanceAndDurability": frozenset({TECHNICAL, CONDITION}),
}
#: Why some indicators are not in the document, where "no place" would say too little.
REASONS: Mapping[str, Message] = {
    "originalPowerCapability": Message("the format asks for per cent and does not say of which power"),
    "remainingPowerCapability": Message("the format asks for per cent and does not say of which power"),
    "remainingCapacity": Message("the format asks for kWh, and ampere-hours cannot be converted exactly"),
    "accidentInformation": Message("the format does not tell accidents from other negative events"),
    "operatorIdentifier": Message("the format has one identifier for the operator: that of operatorInformation"),
    "cathodeActiveMaterial": Message("the format names materials by place, not which of them is active"),
    "anodeActiveMaterial": Message("the format names materials by place, not which of them is active"),
    "electrolyteComposition": Message("the format has one list of materials: see detailedComposition"),
    "separatorMaterial": Message("the format has one list of materials: see detailedComposition"),
    "criticalRawMaterials": Message("the format marks materials as critical and gives no shares"),
    "safetyMeasures": Message("the format has one link for safety: that of wasteBatterySafetyInstructions"),
    "cadmiumLeadSymbol": Message("the format asks for a picture of the symbol"),
    "cycleLifeTestCRate": Message("the format has one rate for charging and discharging"),
    "manufacturerAddress": Message("the format has no town beside street and code"),
    "manufacturingPlace": Message("the format has no town beside street and code"),
    "removalManual": Message("the format does not say the language of a document"),
    "disassemblyManual": Message("the format does not say the language of a document"),
    "testReportResults": Message("the format has one link"),
    "thirdPartyAssurances": Message("the format has one link"),
    "negativeEvents": Message("the format does not say how serious an event was"),
    "statusChangedAt": Message("the format dates each value by its last update"),
}  # fmt: skip
