"""Mapping tables between the submodels of IDTA 02035 and our vocabulary.

Paths begin with the idShort of a submodel. Names are kept as the templates have them, ``RatioNorminal…`` included.
Units are those of the templates' concepts: kilograms for the mass of a material, per cent for the ratio of power to
energy, hours and minutes as the vocabulary has them.
"""

from __future__ import annotations

from collections.abc import Mapping

from passport.exchange.aas.aas_values import COUNT, DURATION, FLOAT, INTEGER, LABEL, TRUTH, UNSIGNED, lexical
from passport.exchange.converters import DAY, INSTANT, LINK, TEXT, ValueConverter, codes
from passport.exchange.correspondences import Many, Member, Rule, Single
from passport.texts import Message

PLATE, TECHNICAL, CONDITION = "BatteryNameplate", "TechnicalData", "ProductCondition"
MATERIAL, CIRCULARITY, FOOTPRINT = "MaterialComposition", "Circularity", "CarbonFootprint"
METADATA, DOCUMENTS = "DppMetadata", "HandoverDocumentation"
#: The language that a name without one is written in.
NAMES = "en"
_STATUS = codes({name: name for name in ("original", "repurposed", "re-used", "remanufactured", "waste")})
#: The same states as values of the ECLASS dictionary.
STATUS_IRDIS: Mapping[str, str] = {
    f"0173-1#07-ACC0{20 + n}#001": name
    for n, name in enumerate(("original", "repurposed", "re-used", "remanufactured", "waste"))
}
_CATEGORY = codes({name: name for name in ("lmt", "ev", "industrial", "stationary")})


def _optional(path: str, indicator: str, kind: ValueConverter, field: str | None = None) -> Single:
    return Single(path, indicator, kind, field, required=False)


def _reading(name: str, indicator: str, kind: ValueConverter = FLOAT, value: str | None = None) -> Single:
    group = f"{CONDITION}.{name}"
    inner = value or f"{name}Value"
    return Single(f"{group}.{inner}", indicator, kind, required=False, time=f"{group}.LastUpdate")


_AREAS = f"{TECHNICAL}.TechnicalPropertyAreas"
_CAPACITY, _ROUND_TRIP = f"{_AREAS}.CapacityEnergyVoltage", f"{_AREAS}.RoundTripEnergyEfficiency"
_RESISTANCE, POWER = f"{_AREAS}.Resistance", f"{_AREAS}.PowerCapability"
_LIFETIME = f"{_AREAS}.Lifetime"
C_RATE = f"{_LIFETIME}.CRateOfRelevantCycleLifeTest"
_ADDRESS = f"{PLATE}.AddressInformation"
REMAINING_CAPACITY = f"{CONDITION}.RemainingCapacity"
REMAINING_POWER = f"{CONDITION}.RemainingPowerCapability"
SUPPLIERS = f"{CIRCULARITY}.SparePartSources"

#: What may be in more than one place: read from each, and two that differ are a fault.
RULES: tuple[Rule, ...] = (
    _optional(f"{METADATA}.digitalProductPassportId", "batteryPassportIdentifier", TEXT),
    _optional(f"{METADATA}.uniqueProductIdentifier", "batteryIdentifier", LINK),
    _optional(f"{METADATA}.economicOperatorId", "operatorIdentifier", TEXT),
    _optional(f"{METADATA}.facilityId", "facilityIdentifier", TEXT),
    _optional(f"{PLATE}.URIOfTheProduct", "batteryIdentifier", LINK),
    _optional(f"{PLATE}.ManufacturerName.{NAMES}", "manufacturerName", LABEL),
    _optional(f"{_ADDRESS}.Street.{NAMES}", "manufacturerAddress", LABEL, "streetAddress"),
    _optional(f"{_ADDRESS}.Zipcode.{NAMES}", "manufacturerAddress", LABEL, "postalCode"),
    _optional(f"{_ADDRESS}.CityTown.{NAMES}", "manufacturerAddress", LABEL, "addressLocality"),
    _optional(f"{_ADDRESS}.NationalCode.{NAMES}", "manufacturerAddress", LABEL, "addressCountry"),
    _optional(f"{_ADDRESS}.Email.EmailAddress", "manufacturerContact", TEXT, "email"),
    _optional(f"{_ADDRESS}.AddressOfAdditionalLink", "manufacturerContact", LINK, "webAddress"),
    _optional(f"{PLATE}.SerialNumber", "serialNumber", TEXT),
    _optional(f"{PLATE}.DateOfManufacture", "manufacturingDate", DAY),
    _optional(f"{PLATE}.DateOfPuttingIntoService", "puttingIntoServiceDate", DAY),
    _optional(f"{PLATE}.UniqueFacilityIdentifier", "facilityIdentifier", TEXT),
    _optional(f"{PLATE}.LifeCycleStage", "batteryStatus", _STATUS),
    _optional(f"{PLATE}.OperatorIdentifier", "operatorIdentifier", TEXT),
    _optional(f"{PLATE}.ManufacturerIdentifier", "manufacturerIdentifier", TEXT),
    _optional(f"{TECHNICAL}.GeneralInformation.ManufacturerName", "manufacturerName", TEXT),
    _optional(f"{TECHNICAL}.GeneralInformation.ManufacturerIdentifier", "manufacturerIdentifier", TEXT),
    _optional(f"{TECHNICAL}.GeneralInformation.BatteryCategory", "batteryCategory", _CATEGORY),
    _optional(f"{TECHNICAL}.GeneralInformation.BatteryMass", "batteryMass", FLOAT),
    _optional(f"{TECHNICAL}.GeneralInformation.WarrantyInformation.WarrantyPeriod", "warrantyPeriod", DURATION),
    _optional(f"{_CAPACITY}.NominalVoltage", "nominalVoltage", FLOAT),
    _optional(f"{_CAPACITY}.MinVoltage", "minimumVoltage", FLOAT),
    _optional(f"{_CAPACITY}.MaxVoltage", "maximumVoltage", FLOAT),
    _optional(f"{_CAPACITY}.RatedCapacity", "ratedCapacity", FLOAT),
    _optional(f"{_CAPACITY}.CapacityFade", "capacityFade", FLOAT),
    _optional(f"{_CAPACITY}.CertifiedUsableBatteryEnergy", "certifiedUsableBatteryEnergy", FLOAT),
    _optional(f"{_ROUND_TRIP}.InitialRoundTripEnergyEfficiency", "initialRoundTripEnergyEfficiency", INTEGER),
    _optional(f"{_ROUND_TRIP}.RoundTripEnergyEfficiencyAt50PercentOfCycleLife",
              "roundTripEnergyEfficiencyAt50PercentCycleLife", INTEGER),
    _optional(f"{_ROUND_TRIP}.EnergyRoundTripEfficiencyFade", "roundTripEnergyEfficiencyFade", FLOAT),
    _optional(f"{_ROUND_TRIP}.InitialSelfDischargingRate", "initialSelfDischargeRate", INTEGER),
    *(
        _optional(f"{_RESISTANCE}.InitialInternalResistanceOnBattery{part}Level",
                  f"initialInternalResistance{part}", FLOAT)
        for part in ("Cell", "Pack", "Module")
    ),
    *(
        _optional(f"{_RESISTANCE}.InternalResistanceIncreaseOfBattery{part}Level",
                  f"internalResistanceIncrease{part}", FLOAT)
        for part in ("Cell", "Pack", "Module")
    ),
    _optional(f"{POWER}.MaximumPermittedBatteryPower", "maximumPermittedPower", FLOAT),
    _optional(f"{POWER}.PowerFade", "powerFade", FLOAT),
    _optional(f"{POWER}.RatioNorminalBatteryPowerAndBatteryEnergy", "powerToEnergyRatio", lexical("float", "0.01")),
    Many(f"{POWER}.OriginalPowerCapability", "originalPowerCapability", (
        Member("atSoc", "stateOfCharge", UNSIGNED), Member("powerCapabilityAt", "power", FLOAT),
    )),
    _optional(f"{_AREAS}.Temperature.TemperatureRangeIdleState_LowerBoundary", "idleTemperatureLowerBoundary", FLOAT),
    _optional(f"{_AREAS}.Temperature.TemperatureRangeIdleState_UpperBoundary", "idleTemperatureUpperBoundary", FLOAT),
    _optional(f"{_LIFETIME}.ExpectedLifetimeInCalendarYears", "expectedLifetimeYears", UNSIGNED),
    _optional(f"{_LIFETIME}.ExpectedNumberOfCycles", "expectedNumberOfCycles", COUNT),
    _optional(f"{_LIFETIME}.CapacityThresholdExhaustion", "capacityThresholdForExhaustion", FLOAT),
    _reading("EnergyThroughput", "energyThroughput"),
    _reading("CapacityThroughput", "capacityThroughput"),
    _reading("NumberOfFullCycles", "numberOfFullCycles", COUNT),
    _reading("StateOfCertifiedEnergy", "stateOfCertifiedEnergy"),
    _reading("RemainingEnergy", "remainingUsableBatteryEnergy"),
    Many(f"{CONDITION}.NegativeEvents", "negativeEvents", (
        Member("NegativeEventValue", "description", TEXT), Member("LastUpdate", "recordedAt", INSTANT),
    )),
    *(
        _reading("TemperatureInformation", indicator, FLOAT, name)
        for name, indicator in (
            ("TimeExtremeHighTemp", "timeAboveTemperatureBoundary"),
            ("TimeExtremeLowTemp", "timeBelowTemperatureBoundary"),
            ("TimeExtremeHighTempCharging", "timeChargingAboveTemperatureBoundary"),
            ("TimeExtremeLowTempCharging", "timeChargingBelowTemperatureBoundary"),
        )
    ),
    _reading("EvolutionOfSelfDischarge", "evolutionOfSelfDischarge"),
    _reading("CurrentSelfDischargingRate", "currentSelfDischargeRate"),
    _reading("RemainingRoundTripEnergyEfficiency", "remainingRoundTripEnergyEfficiency"),
    _reading("StateOfCharge", "stateOfCharge"),
    _optional(f"{MATERIAL}.BatteryChemistry.ShortName", "batteryChemistry", TEXT, "shortName"),
    _optional(f"{MATERIAL}.BatteryChemistry.ClearName", "batteryChemistry", TEXT, "clearName"),
    Many(f"{MATERIAL}.BatteryMaterials", "detailedComposition", (
        Member("BatteryMaterialLocation.ComponentName", "componentName", TEXT, required=False),
        Member("BatteryMaterialLocation.ComponentId", "componentId", TEXT, required=False),
        Member("BatteryMaterialIdentifier", "identifier", TEXT, required=False),
        Member("BatteryMaterialName", "name", TEXT),
        Member("BatteryMaterialMass", "mass", lexical("float", "1000"), required=False),
        Member("IsCriticalRawMaterial", "isCriticalRawMaterial", TRUTH, required=False),
    )),
    Many(SUPPLIERS, "sparePartSources", (
        Member(f"NameOfSupplier.{NAMES}", "name", LABEL),
        Member(f"AddressOfSupplier.NationalCode.{NAMES}", "addressCountry", LABEL, required=False),
        Member(f"AddressOfSupplier.PostalCode.{NAMES}", "postalCode", LABEL, required=False),
        Member(f"AddressOfSupplier.Street.{NAMES}", "streetAddress", LABEL, required=False),
        Member("EmailAddressOfSupplier.EmailAddress", "email", TEXT, required=False),
        Member("SupplierWebAddress", "webAddress", LINK, required=False),
    )),
    Many(f"{CIRCULARITY}.SafetyMeasures.ExtinguishingAgents", "extinguishingAgent", kind=TEXT),
    _optional(f"{CIRCULARITY}.RenewableContent", "renewableContentShare", FLOAT),
)  # fmt: skip

#: Members of a supplier's ``Components``.
COMPONENT = (Member("PartName", "partName", TEXT), Member("PartNumber", "partNumber", TEXT))
#: Of a hazardous substance, besides its class and impact.
HAZARD = (
    Member("HazardousSubstanceName", "name", TEXT),
    Member("HazardousSubstanceConcentration", "concentration", lexical("double"), required=False),
    Member("HazardousSubstanceLocation.ComponentName", "componentName", TEXT, required=False),
    Member("HazardousSubstanceLocation.ComponentId", "componentId", TEXT, required=False),
    Member("HazardousSubstanceIdentifier", "identifier", TEXT, required=False),
)
HAZARDS = f"{MATERIAL}.HazardousSubstances"
HAZARD_CLASSES: Mapping[str, str] = {
    "acuteToxicity": "AcuteToxicity", "skinCorrosionOrIrritation": "SkinCorrosionOrIrritation",
    "eyeDamageOrIrritation": "EyeDamageOrIrritation",
}  # fmt: skip
#: Our three indicators for one recycled metal end in the same word.
METALS = ("Nickel", "Cobalt", "Lithium", "Lead")
RECYCLED = f"{CIRCULARITY}.RecycledContentInformation"

# --- carbon footprint -----------------------------------------------------------------------------------------------

FOOTPRINTS = f"{FOOTPRINT}.ProductCarbonFootprints"
#: Indicator -> the phases of the life cycle that it covers, as DIN DKE SPEC 99100 maps them to EN 15804.
PHASES: Mapping[str, tuple[str, ...]] = {
    "batteryCarbonFootprint": ("A1", "A3", "A4", "C3"),
    "carbonFootprintRawMaterials": ("A1",),
    "carbonFootprintProduction": ("A3",),
    "carbonFootprintDistribution": ("A4",),
    "carbonFootprintEndOfLife": ("C3",),
    "absoluteCarbonFootprint": ("A1", "A3", "A4", "C3"),
}
PHASE_NAMES: Mapping[str, str] = {
    "A1": "A1 - raw material supply (and upstream production)", "A3": "A3 - production",
    "A4": "A4 - transport to final destination", "C3": "C3 - recycling, waste treatment",
}  # fmt: skip
#: The same phases, and ranges of phases, as values of the ECLASS dictionary.
PHASE_IRDIS: Mapping[str, str] = {
    "0173-1#07-ABU208#003": "A1", "0173-1#07-ABU209#003": "A2", "0173-1#07-ABU210#003": "A3",
    "0173-1#07-ABZ789#003": "A1-A3", "0173-1#07-ABU211#003": "A4", "0173-1#07-ABU213#003": "C2",
    "0173-1#07-ABV503#003": "C3", "0173-1#07-ACC015#001": "C1-C4", "0173-1#07-ACC018#001": "C2-C4",
}  # fmt: skip
#: Unit of reference -> the same as a value of the ECLASS dictionary.
PER_KWH, PER_PIECE = ("kWh", "0173-1#07-ACB997#001"), ("piece", "0173-1#07-ABZ603#003")

# --- labels and documents -------------------------------------------------------------------------------------------

MARKINGS = f"{PLATE}.Markings"
#: Name of a marking -> indicator of its symbol, subject of its meaning.
MARKING_NAMES: Mapping[str, tuple[str | None, str]] = {
    "Separate collection symbol": ("separateCollectionSymbol", "separateCollection"),
    "Symbols for cadmium and lead": (None, "hazardousMaterial"),
    "Carbon footprint label": ("carbonFootprintLabel", "carbonFootprint"),
    "Extinguishing agent": (None, "extinguishingAgent"),
    "CE marking": ("ceMarking", "ceMarking"),
}
#: Indicator of a document -> the list of references that names it.
REFERENCES: Mapping[str, str] = {
    "euDeclarationOfConformity": f"{PLATE}.EUDeclarationOfConformity",
    "testReportResults": f"{PLATE}.ResultsOfTestReportsProvingCompliance",
    "removalManual": f"{CIRCULARITY}.DismantlingAndRemovalInformation",
    "disassemblyManual": f"{CIRCULARITY}.DismantlingAndRemovalInformation",
    "wasteBatterySafetyInstructions": f"{CIRCULARITY}.SafetyMeasures.SafetyInstructions",
    "wastePreventionInformation": f"{CIRCULARITY}.EndOfLifeInformation.WastePrevention",
    "separateCollectionInformation": f"{CIRCULARITY}.EndOfLifeInformation.SeparateCollection",
    "collectionAndTreatmentInformation": f"{CIRCULARITY}.EndOfLifeInformation.InformationOnCollection",
}
#: The class of VDI 2770 of each document: the handover documentation asks for one.
VDI_2770 = "VDI 2770 Blatt 1:2020"
_CERTIFICATE = ("02-04", "Certificates, declarations")
_END_OF_LIFE = ("03-01", "Commissioning, de-commissioning")
_SAFETY = ("03-03", "General safety")
VDI_CLASSES: Mapping[str, tuple[str, str]] = {
    "recycledContentDocumentation": _CERTIFICATE, "carbonFootprintStudy": _CERTIFICATE,
    "carbonFootprintDeclaration": _CERTIFICATE, "carbonFootprintAccountingStatement": _CERTIFICATE,
    "euDeclarationOfConformity": _CERTIFICATE, "testReportResults": _CERTIFICATE,
    "dueDiligenceReport": _CERTIFICATE, "thirdPartyAssurances": _CERTIFICATE,
    "removalManual": _END_OF_LIFE, "disassemblyManual": _END_OF_LIFE, "wastePreventionInformation": _END_OF_LIFE,
    "separateCollectionInformation": _END_OF_LIFE, "collectionAndTreatmentInformation": _END_OF_LIFE,
    "safetyMeasures": _SAFETY, "wasteBatterySafetyInstructions": _SAFETY,
    "instructionsForUse": ("03-02", "Operation"),
}  # fmt: skip

#: Why some indicators are not in the document, where "no place" would say too little.
REASONS: Mapping[str, Message] = {
    "remainingCapacity": Message("the format asks for kWh, and ampere-hours cannot be converted exactly"),
    "remainingPowerCapability": Message("the format asks for per cent and does not say of which power"),
    "originalPowerCapability": Message("the format does not hold the duration of a pulse"),
    "manufacturingPlace": Message("the format has the identifier of the facility"),
    "operatorInformation": Message("the format has the identifier of the operator"),
    "cathodeActiveMaterial": Message("the format names materials by place, not which of them is active"),
    "anodeActiveMaterial": Message("the format names materials by place, not which of them is active"),
    "electrolyteComposition": Message("the format has one list of materials: see detailedComposition"),
    "separatorMaterial": Message("the format has one list of materials: see detailedComposition"),
    "criticalRawMaterials": Message("the format marks materials as critical and gives no shares"),
    "cadmiumLeadSymbol": Message("the format lists the symbols that are there"),
    "negativeEvents": Message("the format does not grade events"),
    "accidentInformation": Message("the format has references to documents only"),
    "cycleLifeTestCRate": Message("the format has one rate for both directions"),
}
#: Why some leaves are not taken, by path without the places of entries.
NOT_READ: Mapping[str, Message] = {
    f"{FOOTPRINTS}.PcfCalculationMethods": Message("this is no method of the EU, which the figure is to be by"),
    f"{CONDITION}.InformationOnAccidents": Message("an accident has a description and a time of its own"),
    f"{CONDITION}.TemperatureInformation.MeasuredTemp": Message("one temperature without its sensor is no record"),
    f"{CIRCULARITY}.DismantlingAndRemovalInformation": Message(
        "the file does not say whether it is the manual for removal or for disassembly"
    ),
    DOCUMENTS: Message("the document is named in no list that the vocabulary knows"),
}
