"""Mapping tables between the OpenEPCIS battery vocabulary and our vocabulary.

Paths are compact IRIs with dots between, from the battery inwards. Quantities are values of GS1 with a unit of
UN/CEFACT Recommendation 20; shares and counts are plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

from passport.exchange.aas.aas_values import DECIMAL, TRUTH, lexical
from passport.exchange.converters import DAY, LINK, TEXT, ValueConverter, codes
from passport.exchange.correspondences import Many, Member, Rule, Single
from passport.texts import Message

PREFIXES: Mapping[str, str] = {
    "eubat": "https://ref.openepcis.io/extensions/eu/battery/",
    "oec": "https://ref.openepcis.io/extensions/common/core/",
    "gs1": "https://ref.gs1.org/voc/",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
BATTERY, QUANTITY = "eubat:Battery", "gs1:QuantitativeValue"
_TECHNICAL, FOOTPRINT = "eubat:hasTechnicalSpecifications", "eubat:hasCarbonFootprintDeclaration"
_RECYCLED, _END, SUPPLY = "eubat:hasRecycledContent", "eubat:hasEndOfLifeInfo", "eubat:hasSupplyChainDueDiligence"
CHEMISTRY = "eubat:hasBatteryChemistry"
MATERIALS, HAZARDS = "eubat:hasMaterialComposition", "eubat:hasHazardousSubstances"
POWERS = f"{_TECHNICAL}.eubat:hasOriginalPowerCapability"
#: Classes of the nodes at these paths.
CLASSES: Mapping[str, str] = {
    _TECHNICAL: "eubat:TechnicalSpecification",
    FOOTPRINT: "eubat:CarbonFootprintDeclaration",
    _RECYCLED: "eubat:RecycledContent",
    _END: "eubat:EndOfLifeInfo",
    SUPPLY: "eubat:SupplyChainDueDiligence",
    CHEMISTRY: "eubat:BatteryChemistry",
    MATERIALS: "eubat:BatteryMaterial",
    HAZARDS: "eubat:HazardousSubstance",
    POWERS: "eubat:PowerCapabilityAtSoC",
}
#: Path of an individual -> its class, and our codes -> individuals.
INDIVIDUALS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "schema:category": ("eubat:BatteryCategory", {
        "ev": "eubat:EVBattery", "lmt": "eubat:LMTBattery", "industrial": "eubat:IndustrialBattery",
        "stationary": "eubat:StationaryBattery",
    }),
    "schema:status": ("eubat:BatteryStatus", {
        "original": "eubat:Original", "repurposed": "eubat:Repurposed", "re-used": "eubat:Reused",
        "remanufactured": "eubat:Remanufactured", "waste": "eubat:Waste",
    }),
    f"{FOOTPRINT}.eubat:hasCarbonFootprintPerformanceClass": ("eubat:CarbonFootprintClass", {
        letter: f"eubat:CFClass{letter}" for letter in "ABCDE"
    }),
}  # fmt: skip
_LOCATIONS = codes({
    "cathode": "eubat:Cathode", "anode": "eubat:Anode", "electrolyte": "eubat:Electrolyte",
    "separator": "eubat:Separator", "currentCollector": "eubat:CurrentCollector",
    "batteryManagementSystem": "eubat:BMS",
})  # fmt: skip
#: Members of entries that are individuals: path of the entry -> member -> class.
ENTRY_INDIVIDUALS: Mapping[str, Mapping[str, str]] = {
    MATERIALS: {"eubat:hasComponentLocation.@id": "eubat:ComponentLocation"},
    HAZARDS: {"eubat:hasSubstanceLocation.@id": "eubat:ComponentLocation"},
}


def _plain(path: str, indicator: str, kind: ValueConverter = TEXT, field: str | None = None) -> Single:
    return Single(path, indicator, kind, field, required=False)


#: (path, indicator, unit that is written, unit -> factor to ours)
_SAME = {"P1": {"P1": "1"}, "VLT": {"VLT": "1"}, "AMH": {"AMH": "1"}, "OHM": {"OHM": "1"}}
_ENERGY, _POWER, _MASS = {"KWH": "1", "WHR": "0.001"}, {"WTT": "1", "KWT": "1000"}, {"KGM": "1", "GRM": "0.001"}
QUANTITIES: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("eubat:hasBatteryMass", "batteryMass", "KGM", _MASS),
    (f"{_TECHNICAL}.eubat:hasRatedCapacity", "ratedCapacity", "AMH", _SAME["AMH"]),
    (f"{_TECHNICAL}.eubat:hasRatedEnergy", "ratedEnergy", "KWH", _ENERGY),
    (f"{_TECHNICAL}.eubat:hasNominalVoltage", "nominalVoltage", "VLT", _SAME["VLT"]),
    (f"{_TECHNICAL}.eubat:hasMinimumVoltage", "minimumVoltage", "VLT", _SAME["VLT"]),
    (f"{_TECHNICAL}.eubat:hasMaximumVoltage", "maximumVoltage", "VLT", _SAME["VLT"]),
    (f"{_TECHNICAL}.eubat:hasMaximumPermittedBatteryPower", "maximumPermittedPower", "WTT", _POWER),
    ("eubat:hasCertifiedUsableEnergy", "certifiedUsableBatteryEnergy", "KWH", _ENERGY),
    ("eubat:hasExpectedLifetime", "expectedLifetimeYears", "ANN", {"ANN": "1"}),
    ("eubat:hasCapacityFade", "capacityFade", "P1", _SAME["P1"]),
    ("eubat:hasPowerFade", "powerFade", "P1", _SAME["P1"]),
    ("eubat:hasStateOfCharge", "stateOfCharge", "P1", _SAME["P1"]),
    ("eubat:hasStateOfCertifiedEnergy", "stateOfCertifiedEnergy", "P1", _SAME["P1"]),
    ("eubat:hasRemainingCapacity", "remainingCapacity", "AMH", _SAME["AMH"]),
    ("eubat:hasRemainingUsableEnergy", "remainingUsableBatteryEnergy", "KWH", _ENERGY),
    ("eubat:hasRemainingRoundTripEfficiency", "remainingRoundTripEnergyEfficiency", "P1", _SAME["P1"]),
    ("eubat:hasRoundTripEfficiencyFade", "roundTripEnergyEfficiencyFade", "P1", _SAME["P1"]),
    ("eubat:hasEvolutionOfSelfDischarge", "evolutionOfSelfDischarge", "P1", _SAME["P1"]),
    ("eubat:hasEnergyThroughput", "energyThroughput", "KWH", _ENERGY),
    ("eubat:hasCapacityThroughput", "capacityThroughput", "AMH", _SAME["AMH"]),
    *(
        (f"{FOOTPRINT}.eubat:{name}", indicator, "KGM", {"KGM": "1"})
        for name, indicator in (
            ("hasCarbonFootprintTotal", "batteryCarbonFootprint"),
            ("hasCarbonFootprintRawMaterialExtraction", "carbonFootprintRawMaterials"),
            ("hasCarbonFootprintProduction", "carbonFootprintProduction"),
            ("hasCarbonFootprintDistribution", "carbonFootprintDistribution"),
            ("hasCarbonFootprintRecycling", "carbonFootprintEndOfLife"),
            ("hasAbsoluteCarbonFootprint", "absoluteCarbonFootprint"),
        )
    ),
)
COUNT = lexical("integer", whole=True)
RULES: tuple[Rule, ...] = (
    _plain("@id", "batteryIdentifier", LINK),
    _plain("eubat:batteryPassportIdentifier", "batteryPassportIdentifier"),
    _plain("eubat:batteryModelIdentifier", "batteryModelIdentifier"),
    _plain("gs1:hasSerialNumber", "serialNumber"),
    _plain("gs1:gtin", "gtin"),
    _plain("eubat:facilityIdentifier", "facilityIdentifier"),
    _plain("eubat:operatorIdentifier", "operatorIdentifier"),
    _plain("eubat:manufacturerIdentifier", "manufacturerIdentifier"),
    _plain("eubat:puttingIntoService", "puttingIntoServiceDate", DAY),
    _plain("eubat:separateCollectionSymbolUrl", "separateCollectionSymbol", LINK),
    _plain("eubat:numberOfFullCycles", "numberOfFullCycles", COUNT),
    _plain("eubat:numberOfDeepDischargeEvents", "deepDischargeEvents", COUNT),
    *(
        _plain(f"eubat:{name}", indicator, DECIMAL)
        for name, indicator in (
            ("timeSpentInExtremeTemperaturesAboveBoundary", "timeAboveTemperatureBoundary"),
            ("timeSpentInExtremeTemperaturesBelowBoundary", "timeBelowTemperatureBoundary"),
            ("timeSpentChargingDuringExtremeTemperaturesAboveBoundary", "timeChargingAboveTemperatureBoundary"),
            ("timeSpentChargingDuringExtremeTemperaturesBelowBoundary", "timeChargingBelowTemperatureBoundary"),
        )
    ),
    _plain(f"{_TECHNICAL}.eubat:expectedCycleLife", "expectedNumberOfCycles", COUNT),
    _plain(f"{_TECHNICAL}.eubat:roundTripEfficiency", "initialRoundTripEnergyEfficiency", DECIMAL),
    _plain(f"{_TECHNICAL}.eubat:roundTripEfficiencyAt50PercentCycleLife",
           "roundTripEnergyEfficiencyAt50PercentCycleLife", DECIMAL),
    _plain(f"{_TECHNICAL}.eubat:initialSelfDischarge", "initialSelfDischargeRate", DECIMAL),
    _plain(f"{_TECHNICAL}.eubat:powerCapabilityRatio", "powerToEnergyRatio", DECIMAL),
    _plain(f"{_TECHNICAL}.eubat:capacityThresholdForExhaustion", "capacityThresholdForExhaustion", DECIMAL),
    _plain(f"{_TECHNICAL}.eubat:depthOfDischargeInCycleLifeTest", "cycleLifeTestDepthOfDischarge", DECIMAL),
    _plain(f"{FOOTPRINT}.eubat:carbonFootprintStudyUrl", "carbonFootprintStudy", LINK),
    *(
        _plain(f"{_RECYCLED}.eubat:{metal.lower()}{name}Share", indicator.format(metal=metal), DECIMAL)
        for metal in ("Nickel", "Cobalt", "Lithium", "Lead")
        for name, indicator in (
            ("Recycled", "recycled{metal}Share"), ("PreConsumer", "preConsumerRecycled{metal}Share"),
            ("PostConsumer", "postConsumerRecycled{metal}Share"),
        )
    ),
    _plain(f"{_END}.eubat:renewableContent", "renewableContentShare", DECIMAL),
    _plain(f"{_END}.eubat:wastePrevention", "wastePreventionInformation", LINK),
    _plain(f"{_END}.eubat:separateCollection", "separateCollectionInformation", LINK),
    _plain(f"{_END}.eubat:informationOnCollection", "collectionAndTreatmentInformation", LINK),
    _plain(f"{_END}.eubat:safetyInstructions", "wasteBatterySafetyInstructions", LINK),
    _plain(f"{SUPPLY}.eubat:dueDiligenceReportUrl", "dueDiligenceReport", LINK),
    _plain(f"{SUPPLY}.eubat:thirdPartyAssurancesUrl", "thirdPartyAssurances", LINK),
    Many(MATERIALS, "detailedComposition", (
        Member("schema:name", "name", TEXT), Member("eubat:casNumber", "identifier", TEXT, required=False),
        Member("eubat:hasComponentLocation.@id", "componentName", _LOCATIONS, required=False),
        Member("eubat:isCriticalRawMaterial", "isCriticalRawMaterial", TRUTH, required=False),
    )),
    Many(HAZARDS, "hazardousSubstances", (
        Member("schema:name", "name", TEXT), Member("eubat:substanceCasNumber", "identifier", TEXT, required=False),
        Member("eubat:concentration", "concentration", DECIMAL, required=False),
        Member("eubat:hasSubstanceLocation.@id", "componentName", _LOCATIONS, required=False),
    )),
    Many(POWERS, "originalPowerCapability", (Member("eubat:stateOfChargeLevel", "stateOfCharge", DECIMAL),)),
)  # fmt: skip
#: Types of literals that are written, by property.
LITERALS: Mapping[str, str] = {
    **{f"eubat:{name}": "xsd:anyURI" for name in (
        "batteryPassportIdentifier", "separateCollectionSymbolUrl", "carbonFootprintStudyUrl", "wastePrevention",
        "separateCollection", "informationOnCollection", "safetyInstructions", "dueDiligenceReportUrl",
        "thirdPartyAssurancesUrl",
    )},
    **{f"eubat:{name}": "xsd:decimal" for name in (
        "roundTripEfficiency", "roundTripEfficiencyAt50PercentCycleLife", "initialSelfDischarge",
        "powerCapabilityRatio", "capacityThresholdForExhaustion", "depthOfDischargeInCycleLifeTest",
        "renewableContent", "concentration", "stateOfChargeLevel",
        *(f"{metal}{kind}Share" for metal in ("nickel", "cobalt", "lithium", "lead")
          for kind in ("Recycled", "PreConsumer", "PostConsumer")),
    )},
    **{f"eubat:{name}": "xsd:integer" for name in (
        "expectedCycleLife", "numberOfFullCycles", "numberOfDeepDischargeEvents",
        "timeSpentInExtremeTemperaturesAboveBoundary", "timeSpentInExtremeTemperaturesBelowBoundary",
        "timeSpentChargingDuringExtremeTemperaturesAboveBoundary",
        "timeSpentChargingDuringExtremeTemperaturesBelowBoundary",
    )},
    "gs1:value": "xsd:decimal", "eubat:isCriticalRawMaterial": "xsd:boolean", "oec:lastUpdated": "xsd:dateTime",
    "eubat:puttingIntoService": "xsd:date",
}  # fmt: skip
REASONS: Mapping[str, Message] = {
    "detailedComposition": Message("the format has no mass of a material"),
    "hazardousSubstances": Message("the format has other hazard classes and places"),
    "originalPowerCapability": Message("the format does not hold the duration of a pulse"),
    "batteryChemistry": Message("the format has names and no code"),
    "recordedAt": Message("the format has the time of the passport's update"),
}
