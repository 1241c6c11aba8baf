"""Mapping tables between the OpenEPCIS battery vocabulary and our vocabulary.

Paths are compact IRIs with dots between, from the battery inwards. Quantities are values of GS1 with a unit of
UN/CEFACT Recommendation 20; shares and counts are plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.exchange.aas.aas_values import DECIMAL, TRUTH, lexical
from passport.exchange.converters import DAY, INSTANT, LINK, TEXT, ValueConverter, codes
from passport.exchange.correspondences import Many, Member, Rule, Single
from passport.texts import Message

PREFIXES: Mapping[str, str] = {
    "eubat": "https://ref.openepcis.io/extensions/eu/battery/",
    "oec": "https://ref.openepcis.io/extensions/common/core/",
    "gs1": "https://ref.gs1.org/voc/",
    "schema": "https://schema.org/",
    "cccev": "http://data.europa.eu/m8g/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
BATTERY, QUANTITY = "eubat:Battery", "gs1:QuantitativeValue"
_TECHNICAL, FOOTPRINT = "eubat:hasTechnicalSpecifications", "eubat:hasCarbonFootprintDeclaration"
_RECYCLED, _END, SUPPLY = "eubat:hasRecycledContent", "eubat:hasEndOfLifeInfo", "eubat:hasSupplyChainDueDiligence"
CHEMISTRY = "eubat:hasBatteryChemistry"
MATERIALS, HAZARDS = "eubat:hasMaterialComposition", "eubat:hasHazardousSubstances"
#: Path of power by state of charge -> the indicator.
POWERS: Mapping[str, str] = {
    f"{_TECHNICAL}.eubat:hasOriginalPowerCapability": "originalPowerCapability",
    "eubat:hasRemainingPowerCapability": "remainingPowerCapability",
}
#: Path of the names of substances -> the indicator.
SUBSTANCES: Mapping[str, str] = {
    f"{CHEMISTRY}.eubat:{name}": name
    for name in ("cathodeActiveMaterial", "anodeActiveMaterial", "electrolyteComposition")
}
#: Whether a symbol is on the battery, by the code of the symbol.
SYMBOLS: Mapping[str, str] = {"Cd": "eubat:cadmiumSymbolRequired", "Pb": "eubat:leadSymbolRequired"}
C_RATE = f"{_TECHNICAL}.eubat:cRateLifeCycleTest"
SUPPLIERS, PARTS = "eubat:hasSparePartSources", "eubat:spareParts"
_OPERATOR, MAKER, _PLANT = "eubat:hasOperatorInformation", "gs1:manufacturer", "eubat:hasManufacturingPlace"
_USE, _DECLARATION = "oec:hasPerformanceInfo", "eubat:hasEuDeclarationOfConformity"
_IDLE = f"{_TECHNICAL}.eubat:hasTemperatureRangeIdleState"
_ADDRESSES = {_OPERATOR: "operatorInformation", MAKER: "manufacturerAddress", _PLANT: "manufacturingPlace"}
_CONTACTS = {_OPERATOR: "operatorInformation", MAKER: "manufacturerContact"}
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
    **dict.fromkeys(POWERS, "eubat:PowerCapabilityAtSoC"),
    _IDLE: "eubat:TemperatureRange",
    _USE: "oec:PerformanceInfo",
    f"{_USE}.eubat:hasNegativeEvents": "eubat:NegativeEvent",
    _DECLARATION: "cccev:Evidence",
    SUPPLIERS: "gs1:Organization",
    _OPERATOR: "oec:OperatorInformation",
    MAKER: "gs1:Organization",
    _PLANT: "oec:FacilityInformation",
    **{f"{path}.gs1:address": "gs1:PostalAddress" for path in _ADDRESSES},
    **{f"{path}.gs1:address.gs1:addressCountry": "gs1:Country" for path in _ADDRESSES},
    **{f"{path}.gs1:contactPoint": "gs1:ContactPoint" for path in _CONTACTS},
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
#: Members of entries that are nodes: path of the entry -> member -> class.
ENTRY_CLASSES: Mapping[str, Mapping[str, str]] = {
    MATERIALS: {"eubat:hasComponentLocation.@id": "eubat:ComponentLocation"},
    HAZARDS: {"eubat:hasSubstanceLocation.@id": "eubat:ComponentLocation"},
    SUPPLIERS: {
        "gs1:address": "gs1:PostalAddress", "gs1:address.gs1:addressCountry": "gs1:Country",
        "gs1:contactPoint": "gs1:ContactPoint",
    },
}  # fmt: skip


def _words(value: Any) -> str:
    """A text, or one in a language."""
    if isinstance(value, Mapping) and len(value) == 1:
        (value,) = value.values()
    text: str = TEXT.read(value)
    return text


WORDS = ValueConverter(_words, TEXT.write)
_ADDRESS = (
    ("gs1:address.gs1:streetAddress", "streetAddress"), ("gs1:address.gs1:postalCode", "postalCode"),
    ("gs1:address.gs1:addressLocality", "addressLocality"),
    ("gs1:address.gs1:addressCountry.gs1:countryCode", "addressCountry"),
)  # fmt: skip


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
    (f"{_TECHNICAL}.eubat:hasInitialInternalResistance", "initialInternalResistancePack", "OHM", _SAME["OHM"]),
    ("eubat:hasInternalResistance", "ohmicResistance", "OHM", _SAME["OHM"]),
    ("eubat:hasInternalResistanceIncrease", "internalResistanceIncreasePack", "P1", _SAME["P1"]),
    (f"{_IDLE}.eubat:hasMinimumTemperature", "idleTemperatureLowerBoundary", "CEL", {"CEL": "1"}),
    (f"{_IDLE}.eubat:hasMaximumTemperature", "idleTemperatureUpperBoundary", "CEL", {"CEL": "1"}),
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
    _plain("gs1:productionDate", "manufacturingDate", DAY),
    _plain(f"{MAKER}.gs1:organizationName", "manufacturerName", WORDS),
    _plain(f"{_OPERATOR}.gs1:organizationName", "operatorInformation", WORDS, "name"),
    _plain(f"{_OPERATOR}.eubat:operatorIdentifier", "operatorIdentifier"),
    _plain(f"{_PLANT}.eubat:facilityIdentifier", "facilityIdentifier"),
    *(
        _plain(f"{path}.{inner}", indicator, WORDS, field)
        for path, indicator in _ADDRESSES.items()
        for inner, field in _ADDRESS
    ),
    *(
        _plain(f"{path}.gs1:contactPoint.gs1:email", indicator, TEXT, "email")
        for path, indicator in _CONTACTS.items()
    ),
    _plain(f"{_DECLARATION}.eubat:declarationOfConformity", "euDeclarationOfConformity", LINK),
    Many("eubat:resultOfTestReport", "testReportResults", kind=LINK),
    _plain(f"{_USE}.eubat:numberOfFullCycles", "numberOfFullCycles", COUNT),
    Many(f"{_USE}.eubat:hasNegativeEvents", "negativeEvents", (
        Member("schema:description", "description", WORDS),
        Member("eubat:eventDate", "recordedAt", INSTANT, required=False),
    )),
    Many(SUPPLIERS, "sparePartSources", (
        Member("gs1:organizationName", "name", WORDS),
        *(
            Member(inner, field, WORDS, required=False) for inner, field in _ADDRESS if field != "addressLocality"
        ),
        Member("gs1:contactPoint.gs1:email", "email", TEXT, required=False),
    )),
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
    _plain(f"{_TECHNICAL}.eubat:expectedLifetimeYears", "expectedLifetimeYears", COUNT),
    _plain(f"{_TECHNICAL}.eubat:lifetimeReferenceTest", "cycleLifeReferenceTest"),
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
    Many(f"{_END}.eubat:extinguishingAgent", "extinguishingAgent", kind=WORDS),
    Many(f"{_END}.eubat:hasDismantlingInstructions", "disassemblyManual", (Member("@id", "documentUrl", LINK),)),
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
    *(
        Many(path, indicator, (Member("eubat:stateOfChargeLevel", "stateOfCharge", DECIMAL),))
        for path, indicator in POWERS.items()
    ),
)  # fmt: skip
#: Types of literals that are written, by property.
LITERALS: Mapping[str, str] = {
    **{f"eubat:{name}": "xsd:anyURI" for name in (
        "batteryPassportIdentifier", "separateCollectionSymbolUrl", "carbonFootprintStudyUrl", "wastePrevention",
        "separateCollection", "informationOnCollection", "safetyInstructions", "dueDiligenceReportUrl",
        "thirdPartyAssurancesUrl", "declarationOfConformity", "resultOfTestReport",
    )},
    **{f"eubat:{name}": "xsd:decimal" for name in (
        "roundTripEfficiency", "roundTripEfficiencyAt50PercentCycleLife", "initialSelfDischarge",
        "powerCapabilityRatio", "capacityThresholdForExhaustion", "depthOfDischargeInCycleLifeTest",
        "renewableContent", "concentration", "stateOfChargeLevel", "cRateLifeCycleTest",
        *(f"{metal}{kind}Share" for metal in ("nickel", "cobalt", "lithium", "lead")
          for kind in ("Recycled", "PreConsumer", "PostConsumer")),
    )},
    **{f"eubat:{name}": "xsd:integer" for name in (
        "expectedCycleLife", "expectedLifetimeYears", "numberOfFullCycles", "numberOfDeepDischargeEvents",
        "timeSpentInExtremeTemperaturesAboveBoundary", "timeSpentInExtremeTemperaturesBelowBoundary",
        "timeSpentChargingDuringExtremeTemperaturesAboveBoundary",
        "timeSpentChargingDuringExtremeTemperaturesBelowBoundary",
    )},
    "gs1:value": "xsd:decimal", "eubat:isCriticalRawMaterial": "xsd:boolean", "oec:lastUpdated": "xsd:dateTime",
    "eubat:puttingIntoService": "xsd:date", "gs1:productionDate": "xsd:date", "eubat:eventDate": "xsd:dateTime",
    **dict.fromkeys(SYMBOLS.values(), "xsd:boolean"),
}  # fmt: skip
REASONS: Mapping[str, Message] = {
    "detailedComposition": Message("the format has no mass of a material"),
    "hazardousSubstances": Message("the format has other hazard classes and places"),
    "originalPowerCapability": Message("the format does not hold the duration of a pulse"),
    "batteryChemistry": Message("the format has names and no code"),
    "componentPartNumbers": Message("the format has numbers of parts without names, below a supplier"),
    **dict.fromkeys(SUBSTANCES.values(), Message("the format has the names of the substances")),
    "negativeEvents": Message("the format has no severity of an event"),
    "remainingPowerCapability": Message("the format has the time of the passport's update"),
    "disassemblyManual": Message("the format has the address of the document"),
    "cycleLifeTestCRate": Message("the format has one rate for charging and discharging"),
    "recordedAt": Message("the format has the time of the passport's update"),
}
