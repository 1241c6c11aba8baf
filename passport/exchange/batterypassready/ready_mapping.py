"""Mapping tables between BatteryPass-Ready 1.0 and our vocabulary.

The data model has a schema for each of five categories. Its members are those of the longlist v1.3. A number has its
unit beside it, in a member of its own. Many members are one text or one link where the vocabulary has a structure:
what is written there is for people, and is not read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passport.exchange.converters import (
    DAY,
    LINK,
    NUMBER,
    TEXT,
    Unwritable,
    ValueConverter,
    codes,
    json_number,
    our_decimal,
)
from passport.exchange.correspondences import Single
from passport.exchange.peer_format import NO_NUMBER
from passport.texts import Message

EV, LMT, STATIONARY, INDUSTRIAL, WITHOUT_BMS = "ev", "lmt", "stationary", "industrial", "industrial-without-bms"
SCHEMAS = (EV, LMT, STATIONARY, INDUSTRIAL, WITHOUT_BMS)
#: Schema -> its word for the category.
CATEGORIES: Mapping[str, str] = {
    EV: "electric vehicle battery",
    LMT: "LMT battery",
    STATIONARY: "industrial/stationary battery",
    INDUSTRIAL: "industrial/non-stationary battery",
    WITHOUT_BMS: "industrial battery without BMS",
}
#: Schema -> our category.
OUR_CATEGORIES: Mapping[str, str] = {**{name: name for name in SCHEMAS}, WITHOUT_BMS: INDUSTRIAL}
ROOT = "Battery_Passport"
_LABELS, _SUPPLY = f"{ROOT}.SymbolsLabelsAndDocumentationOfConformity", f"{ROOT}.SupplyChainDueDiligence"
PERFORMANCE, PRODUCT = f"{ROOT}.PerformanceAndDurability", f"{ROOT}.IdentifiersAndProductData"
CIRCULARITY, MATERIALS = f"{ROOT}.CircularityAndResourceEfficiency", f"{ROOT}.BatteryMaterialsAndComposition"
_FOOTPRINT = f"{ROOT}.BatteryCarbonFootprint"


def _whole(value: Any) -> int:
    number = json_number(our_decimal(value))
    if not isinstance(number, int):
        raise Unwritable(Message("the format takes whole numbers"))
    return number


WHOLE = ValueConverter(lambda value: NUMBER.read(value), _whole, NO_NUMBER)


def _count(value: Any) -> Any:
    text = NUMBER.read(value)
    return int(text) if text.lstrip("-").isdigit() else text


COUNT = ValueConverter(_count, _whole, NO_NUMBER)


def _share(value: Any) -> int | float:
    number = our_decimal(value)
    if not 0 <= number <= 100:
        raise Unwritable(Message("the format takes 0 to 100 per cent"))
    return json_number(number)


#: The schemas hold these between 0 and 100: no number in there is a placeholder.
PERCENT = ValueConverter(NUMBER.read, _share, None)
_STATUS = codes({name: name for name in ("original", "re-used", "remanufactured", "repurposed", "waste")})
CHEMISTRIES: Mapping[str, str] = {
    "LCO": "Li-ion LCO", "LFP": "Li-ion LFP", "LMO": "Li-ion LMO", "NCA": "Li-ion NCA", "NMC": "Li-ion NMC",
    "Na-ion": "Na-ion", "NiMH": "Ni-MH", "Pb-acid": "Pb",
}  # fmt: skip
_PERCENT, _MONTHLY, _KWH, _WATT = ("percent", "%"), ("percentMonth", "%/month"), ("kilowattHour", "kWh"), ("watt", "W")
_CELSIUS, _VOLT = ("degreeCelsius", "°C"), ("volt", "V")
_PER_KWH = ("kgCO2-equivalentPerKilowattHour", "kgCO2-eq/kWh")


@dataclass(frozen=True)
class Row:
    """One member.

    :param unit: name and content of the member beside it that says the unit.
    :param has: schemas that have the member; :param need: those that ask for it.
    """

    path: str
    indicator: str
    kind: ValueConverter
    field: str | None = None
    unit: tuple[str, str] | None = None
    has: tuple[str, ...] = SCHEMAS
    need: tuple[str, ...] = SCHEMAS


_BMS = (EV, LMT, STATIONARY, INDUSTRIAL)
_STORED = (LMT, STATIONARY)


def _percent(path: str, indicator: str, has: tuple[str, ...] = SCHEMAS, need: tuple[str, ...] | None = None) -> Row:
    need = has if need is None else need
    return Row(f"{path}.percentageValue", indicator, PERCENT, unit=_PERCENT, has=has, need=need)


def _footprint(name: str, indicator: str) -> Row:
    return Row(f"{_FOOTPRINT}.{name}.kgCO2-equivalentPerKilowattHourValue", indicator, NUMBER, unit=_PER_KWH)


_P = f"{PERFORMANCE}."
ROWS: tuple[Row, ...] = (
    Row(f"{_LABELS}.SeparateCollectionSymbol", "separateCollectionSymbol", LINK),
    Row(f"{_LABELS}.CarbonFootprintLabel", "carbonFootprintLabel", LINK),
    Row(f"{_LABELS}.EUDeclarationOfConformity", "euDeclarationOfConformity", LINK),
    Row(f"{_LABELS}.ResultsOfTestReportsProvingCompliance", "testReportResults", LINK),
    Row(f"{_SUPPLY}.InformationOfDueDiligenceReport", "dueDiligenceReport", LINK),
    Row(f"{_SUPPLY}.ThirdPartyAssurancesOfRecognisedSchemes", "thirdPartyAssurances", LINK, need=()),
    _percent(f"{_P}CapacityFade", "capacityFade"),
    Row(f"{_P}CertifiedUsableBatteryEnergy.kilowattHourValue", "certifiedUsableBatteryEnergy", WHOLE, unit=_KWH,
        has=(EV,), need=()),
    Row(f"{_P}RemainingUsableBatteryEnergy.kilowattHourValue", "remainingUsableBatteryEnergy", WHOLE, unit=_KWH,
        has=(EV,), need=()),
    _percent(f"{_P}StateOfCertifiedEnergySOCE", "stateOfCertifiedEnergy", (EV,)),
    _percent(f"{_P}StateOfChargeSoC", "stateOfCharge"),
    *(
        Row(f"{_P}{name}Voltage.voltValue", f"{name.lower()}Voltage", NUMBER, unit=_VOLT)
        for name in ("Minimum", "Maximum", "Nominal")
    ),
    _percent(f"{_P}PowerFade", "powerFade"),
    Row(f"{_P}MaximumPermittedBatteryPower.wattValue", "maximumPermittedPower", WHOLE, unit=_WATT),
    Row(f"{_P}RatioBetweenNominalBatteryPowerAndBatteryEnergy.wattPerWattHourValue", "powerToEnergyRatio", WHOLE,
        unit=("wattPerWattHour", "W/Wh"), need=()),
    _percent(f"{_P}InitialRoundTripEnergyEfficiency", "initialRoundTripEnergyEfficiency"),
    _percent(f"{_P}RoundTripEnergyEfficiencyAt50OfCycleLife", "roundTripEnergyEfficiencyAt50PercentCycleLife"),
    _percent(f"{_P}RemainingRoundTripEnergyEfficiency", "remainingRoundTripEnergyEfficiency", _STORED),
    _percent(f"{_P}EnergyRoundTripEfficiencyFade", "roundTripEnergyEfficiencyFade"),
    Row(f"{_P}InitialSelf-dischargeRate.percentMonthValue", "initialSelfDischargeRate", PERCENT, unit=_MONTHLY,
        has=_STORED, need=()),
    Row(f"{_P}CurrentSelf-dischargeRate.percentMonthValue", "currentSelfDischargeRate", PERCENT, unit=_MONTHLY,
        has=_STORED, need=()),
    _percent(f"{_P}EvolutionOfSelf-dischargeRates", "evolutionOfSelfDischarge", _STORED),
    # The longlist asks for the pack's and recommends the others: the one number there is, is the pack's.
    _percent(f"{_P}InternalResistanceIncreaseOfPackCellAndModuleRecommended", "internalResistanceIncreasePack", _BMS),
    Row(f"{_P}ExpectedLifetimeInCalendarYears", "expectedLifetimeYears", NUMBER),
    Row(f"{_P}ExpectedLifetime-NumberOfCharge-dischargeCycles", "expectedNumberOfCycles", COUNT),
    Row(f"{_P}NumberOfFullChargingAndDischargingCycles", "numberOfFullCycles", COUNT, has=_BMS, need=_BMS),
    Row(f"{_P}Cycle-lifeReferenceTest", "cycleLifeReferenceTest", TEXT),
    _percent(f"{_P}CapacityThresholdForExhaustion", "capacityThresholdForExhaustion", (EV,)),
    Row(f"{_P}EnergyThroughput.kilowattHourValue", "energyThroughput", NUMBER, unit=_KWH, has=_STORED, need=_STORED),
    Row(f"{_P}CapacityThroughput.amperehourMiliamperehourValue", "capacityThroughput", NUMBER,
        unit=("amperehourMiliamperehour", "Ah"), has=_STORED, need=_STORED),
    *(
        Row(f"{_P}{name}", indicator, WHOLE, has=_STORED, need=_STORED)
        for name, indicator in (
            ("TimeSpentInExtremeTemperaturesAboveBoundary", "timeAboveTemperatureBoundary"),
            ("TimeSpentInExtremeTemperaturesBelowBoundary", "timeBelowTemperatureBoundary"),
            ("TimeSpentChargingDuringExtremeTemperaturesAboveBoundary", "timeChargingAboveTemperatureBoundary"),
            ("TimeSpentChargingDuringExtremeTemperaturesBelowBoundary", "timeChargingBelowTemperatureBoundary"),
        )
    ),
    *(
        Row(f"{_P}TemperatureRangeIdleState{bound}Boundary.celsiusValue", f"idleTemperature{bound}Boundary", WHOLE,
            unit=_CELSIUS)
        for bound in ("Lower", "Upper")
    ),
    Row(f"{_P}NumberOfDeepDischargeEvents", "deepDischargeEvents", COUNT, has=_BMS, need=_STORED),
    Row(f"{_P}NumberOfOverchargeEvents", "overchargeEvents", COUNT, has=_BMS, need=()),
    Row(f"{_P}RemainingCapacity.amperehourMiliamperehourValue", "remainingCapacity", WHOLE,
        unit=("ampereHourMiliamperehour", "Ah"), has=_BMS, need=_STORED),
    Row(f"{PRODUCT}.BatteryModelIdentifier", "batteryModelIdentifier", TEXT),
    Row(f"{PRODUCT}.UniqueBatteryPassportIdentifierUniqueDPPIdentifier", "batteryPassportIdentifier", LINK),
    Row(f"{PRODUCT}.UniqueBatteryIdentifierUniqueProductIdentifier", "batteryIdentifier", LINK),
    Row(f"{PRODUCT}.BatterySerialNumber", "serialNumber", TEXT),
    Row(f"{PRODUCT}.UniqueEconomicOperatorIdentifier", "operatorIdentifier", TEXT),
    Row(f"{PRODUCT}.UniqueManufacturerIdentifier", "manufacturerIdentifier", TEXT),
    Row(f"{PRODUCT}.UniqueFacilityIdentifier", "facilityIdentifier", TEXT),
    Row(f"{PRODUCT}.EconomicOperatorInformation.name", "operatorInformation", TEXT, "name"),
    Row(f"{PRODUCT}.EconomicOperatorInformation.registeredTradeNameOrRegisteredTrademark", "operatorInformation", TEXT,
        "tradeName"),
    Row(f"{PRODUCT}.EconomicOperatorInformation.webAddress", "operatorInformation", LINK, "webAddress", need=()),
    Row(f"{PRODUCT}.EconomicOperatorInformation.e-mailAddress", "operatorInformation", TEXT, "email", need=()),
    Row(f"{PRODUCT}.ManufacturerInformation.name", "manufacturerName", TEXT),
    Row(f"{PRODUCT}.ManufacturerInformation.registeredTradeNameOrRegisteredTrademark", "registeredTrademark", TEXT),
    Row(f"{PRODUCT}.ManufacturerInformation.webAddress", "manufacturerContact", LINK, "webAddress", need=()),
    Row(f"{PRODUCT}.ManufacturerInformation.e-mailAddress", "manufacturerContact", TEXT, "email", need=()),
    Row(f"{PRODUCT}.ManufacturingDate", "manufacturingDate", DAY, has=_BMS, need=_BMS),
    Row(f"{PRODUCT}.DateOfPuttingTheBatteryIntoService", "puttingIntoServiceDate", DAY, has=_BMS, need=_STORED),
    Row(f"{PRODUCT}.BatteryStatus.batteryStatusValues", "batteryStatus", _STATUS),
    Row(f"{CIRCULARITY}.SafetyMeasures", "safetyMeasures", LINK),
    *(
        _percent(f"{CIRCULARITY}.{when}-consumerRecycled{metal}Share", f"{when.lower()}ConsumerRecycled{metal}Share")
        for when in ("Pre", "Post")
        for metal in ("Nickel", "Cobalt", "Lithium")
    ),
    _percent(f"{CIRCULARITY}.RecycledLeadShare", "recycledLeadShare"),
    _percent(f"{CIRCULARITY}.RenewableContentShare", "renewableContentShare"),
    Row(f"{CIRCULARITY}.InformationOnTheRoleOfEnd-usersInContributingToWastePrevention", "wastePreventionInformation",
        LINK),
    Row(f"{CIRCULARITY}.InformationOnTheRoleOfEnd-usersInContributingToTheSeparateCollectionOfWasteBatteries",
        "separateCollectionInformation", LINK),
    Row(f"{CIRCULARITY}.InformationOnBatteryCollectionPreparationForSecondLifeAndOnTreatmentAtEndOfLife",
        "collectionAndTreatmentInformation", LINK),
    _footprint("ContributionOfRawMaterialAcquisitionAndPre-processingLifecycleStage", "carbonFootprintRawMaterials"),
    _footprint("BatteryCarbonFootprintPerFunctionalUnit", "batteryCarbonFootprint"),
    _footprint("ContributionOfMainProductProductionLifecycleStage", "carbonFootprintProduction"),
    _footprint("ContributionOfDistributionLifecycleStage", "carbonFootprintDistribution"),
    _footprint("ContributionOfEndOfLifeAndRecyclingLifecycleStage", "carbonFootprintEndOfLife"),
    Row(f"{_FOOTPRINT}.CarbonFootprintPerformanceClass", "carbonFootprintPerformanceClass", TEXT),
    Row(f"{_FOOTPRINT}.WebLinkToPublicCarbonFootprintStudy", "carbonFootprintStudy", LINK),
    Row(f"{_FOOTPRINT}.AbsoluteBatteryCarbonFootprint.kgCO2-equivalentValue", "absoluteCarbonFootprint", WHOLE,
        unit=("kgCO2-equivalent", "kgCO2-eq"), need=()),
)  # fmt: skip


def rules(schema: str) -> tuple[Single, ...]:
    """The members of a schema in one table."""
    return tuple(
        Single(row.path, row.indicator, row.kind, row.field, required=schema in row.need)
        for row in ROWS
        if schema in row.has
    )


#: Path of the member that says a unit -> what it has to say.
UNITS: Mapping[str, str] = {
    f"{row.path.rpartition('.')[0]}.{row.unit[0]}": row.unit[1] for row in ROWS if row.unit is not None
}

# --- what needs more than a row -------------------------------------------------------------------------------------

RATED_CAPACITY = f"{PERFORMANCE}.RatedCapacity"
MASS, CATEGORY = f"{PRODUCT}.BatteryMass", f"{PRODUCT}.BatteryCategory.batteryCategoryValue"
C_RATE = f"{PERFORMANCE}.C-rateOfRelevantCycle-lifeTest"
CHEMISTRY = f"{MATERIALS}.BatteryChemistry"
EXTINGUISHING = f"{_LABELS}.ExtinguishingAgent"
DISMANTLING = f"{CIRCULARITY}.DismantlingInformation-ManualsForTheRemovalAndTheDisassemblyOfTheBatteryPack"
TEMPERATURE = f"{PERFORMANCE}.TemperatureInformation"
RESISTANCE = f"{PERFORMANCE}.InitialInternalResistanceOfBatteryCellAndPackModuleRecommended"
#: Numbers that are not read: path, member of the number, member of its unit.
UNREAD_UNITS = ((TEMPERATURE, "celsiusValue", "degreeCelsius"), (RESISTANCE, "ohmValue", "ohm"))
#: Powers at 80 and 20 per cent of charge: path and indicator.
POWERS = (
    (f"{PERFORMANCE}.OriginalPowerCapability", "originalPowerCapability"),
    (f"{PERFORMANCE}.RemainingPowerCapability", "remainingPowerCapability"),
)
#: Indicator of a temperature range -> the members whose values hold within that range.
RANGES: Mapping[str, tuple[str, ...]] = {
    "voltageTemperatureRange": tuple(f"{PERFORMANCE}.{name}Voltage" for name in ("Minimum", "Maximum", "Nominal")),
    "powerTemperatureRange": (
        f"{PERFORMANCE}.OriginalPowerCapability",
        f"{PERFORMANCE}.MaximumPermittedBatteryPower",
    ),
}
BOUNDS = (("minimum", "temperatureRangeLowerBoundary"), ("maximum", "temperatureRangeUpperBoundary"))
HEADER = {
    "version": f"{PRODUCT}.DPPSchemaVersion",
    "status": f"{PRODUCT}.DPPStatus.dppStatusValue",
    "granularity": f"{PRODUCT}.DPPGranularity",
    "updated": f"{PRODUCT}.Date-timeOfLatestUpdateOfDPP",
}
SCHEMA_VERSION, ACTIVE, ITEM = "EN18223:v1.0", "Active", "Item"

_ONE_TEXT = Message("the format has one text for it, which says nothing in parts")
_ONE_LINK = Message("the format has one link for it")
REASONS: Mapping[str, Message] = {
    "manufacturerAddress": _ONE_TEXT, "manufacturingPlace": _ONE_TEXT, "operatorInformation": _ONE_TEXT,
    "labelMeaning": _ONE_TEXT, "criticalRawMaterials": _ONE_TEXT, "hazardousSubstances": _ONE_TEXT,
    "detailedComposition": _ONE_TEXT, "substanceImpact": _ONE_TEXT, "supplyChainIndices": _ONE_TEXT,
    "cathodeActiveMaterial": _ONE_TEXT, "anodeActiveMaterial": _ONE_TEXT, "electrolyteComposition": _ONE_TEXT,
    "cadmiumLeadSymbol": _ONE_LINK, "componentPartNumbers": _ONE_LINK, "sparePartSources": _ONE_LINK,
    "accidentInformation": _ONE_LINK, "removalManual": Message("the format has one link for both manuals"),
    "disassemblyManual": Message("the format has one link for both manuals"),
    "warrantyPeriod": Message("the format asks for a day and does not say which"),
    "initialInternalResistancePack": Message("the format takes whole ohms and does not say of which part"),
    "initialInternalResistanceCell": Message("the format takes whole ohms and does not say of which part"),
    "originalPowerCapability": Message("the format has the power at 80 and 20 per cent of charge, in whole watts"),
    "remainingPowerCapability": Message("the format has the power at 80 and 20 per cent of charge, in whole watts"),
    "temperatureInformation": Message("the format has one temperature, in whole degrees and without a time"),
    "cycleLifeTestCRate": Message("the format has one rate for both directions"),
    "batteryChemistry": Message("the format has a code of ten and no name"),
}  # fmt: skip
#: Members that hold one text or link for people: path -> why it is not taken.
NOT_READ: Mapping[str, Message] = {
    f"{_LABELS}.SymbolsForCadmiumAndLead": Message("a link does not say which symbol it shows"),
    f"{_LABELS}.ExtinguishingAgent.agentFireClass": Message("the vocabulary has no class of fires"),
    f"{_LABELS}.MeaningOfLabelsAndSymbols": Message("one text does not say of which label"),
    f"{_SUPPLY}.SupplyChainIndices": Message("a text is no number"),
    TEMPERATURE: Message("one temperature without a time is no record"),
    f"{PERFORMANCE}.InformationOnAccidents": Message("an accident has a description and a time of its own"),
    RESISTANCE: Message("the format does not say of which part"),
    f"{PRODUCT}.ManufacturerInformation.postalAddress": Message("one text is no address in parts"),
    f"{PRODUCT}.EconomicOperatorInformation.postalAddress": Message("one text is no address in parts"),
    f"{PRODUCT}.ManufacturingPlace": Message("one text is no address in parts"),
    f"{PRODUCT}.WarrantyPeriodOfTheBattery": Message("a day is no period"),
    f"{CIRCULARITY}.PartNumbersForComponents": Message("a link is no list of parts"),
    f"{CIRCULARITY}.InformationOnSourcesOfSpareParts": Message("a link is no supplier"),
    f"{MATERIALS}.CriticalRawMaterials": Message("one text is no list of materials"),
    f"{MATERIALS}.HazardousSubstances": Message("one text is no list of substances"),
    f"{MATERIALS}.MaterialsUsedInCathodeAnodeAndElectrolyte": Message("one text is no list of materials"),
    f"{MATERIALS}.ImpactOfSubstancesOnEnvironmentHumanHealthSafetyPersons": Message("one text does not say of which"),
}
