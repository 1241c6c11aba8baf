"""Mapping tables between the Catena-X battery passport 6.1.0 and our vocabulary.

Paths are those of the format's documents, without ``$.``; the ontology has the same paths as ``catenax_paths``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

#: (path, indicator, field, kind): a value that only changes its name.
VALUES: tuple[tuple[str, str, str | None, str], ...] = (
    ("operation.manufacturer.manufacturer", "manufacturerIdentifier", None, "code"),
    ("operation.manufacturer.facility[0].facility", "facilityIdentifier", None, "code"),
    ("operation.manufacturer.manufacturingDate", "manufacturingDate", None, "date"),
    ("commercial.placedOnMarket", "placingOnMarketDate", None, "date"),
    ("operation.intoServiceDate", "puttingIntoServiceDate", None, "date"),
    ("identification.identification.type.manufacturerPartId", "batteryModelIdentifier", None, "text"),
    ("identification.identification.dataCarrier.carrierType", "dataCarrier", "carrierType", "text"),
    ("identification.identification.dataCarrier.carrierLayout", "dataCarrier", "position", "text"),
    ("metadata.economicOperatorId", "operatorIdentifier", None, "code"),
    ("metadata.registrationIdentifier", "registrationIdentifier", None, "link"),
    ("metadata.passportIdentifier", "batteryPassportIdentifier", None, "uuid"),
    ("metadata.predecessor", "previousPassport", None, "uuid"),
    ("sustainability.status", "batteryStatus", None, "text"),
    ("conformity.declarationOfConformityId", "euDeclarationOfConformityId", None, "text"),
    ("performance.rated.voltage.min", "minimumVoltage", None, "number"),
    ("performance.rated.voltage.nominal", "nominalVoltage", None, "number"),
    ("performance.rated.voltage.max", "maximumVoltage", None, "number"),
    ("performance.rated.capacity.value", "ratedCapacity", None, "number"),
    ("performance.rated.capacity.thresholdExhaustion", "capacityThresholdForExhaustion", None, "number"),
    ("performance.rated.energy.value", "ratedEnergy", None, "number"),
    ("performance.rated.roundTripEfficiency.initial", "initialRoundTripEnergyEfficiency", None, "number"),
    (
        "performance.rated.roundTripEfficiency.50PercentLife",
        "roundTripEnergyEfficiencyAt50PercentCycleLife",
        None,
        "number",
    ),
    ("performance.rated.selfDischargingRate", "initialSelfDischargeRate", None, "number"),
    ("performance.rated.resistance.pack", "initialInternalResistancePack", None, "number"),
    ("performance.rated.resistance.cell", "initialInternalResistanceCell", None, "number"),
    ("performance.rated.resistance.module", "initialInternalResistanceModule", None, "number"),
    ("performance.rated.temperature.lower", "idleTemperatureLowerBoundary", None, "number"),
    ("performance.rated.temperature.upper", "idleTemperatureUpperBoundary", None, "number"),
    ("performance.rated.lifetime.expectedYears", "expectedLifetimeYears", None, "number"),
    ("performance.rated.lifetime.cycleLifeTesting.cycles", "expectedNumberOfCycles", None, "integer"),
    ("performance.rated.lifetime.cycleLifeTesting.depthOfDischarge", "cycleLifeTestDepthOfDischarge", None, "number"),
    ("performance.rated.lifetime.cycleLifeTesting.appliedChargeRate", "cycleLifeTestCRate", "chargeCRate", "number"),
    (
        "performance.rated.lifetime.cycleLifeTesting.appliedDischargeRate",
        "cycleLifeTestCRate",
        "dischargeCRate",
        "number",
    ),
    ("performance.dynamic.selfDischargingRate", "currentSelfDischargeRate", None, "number"),
    ("materials.active.nickel.recycled", "recycledNickelShare", None, "number"),
    ("materials.active.cobalt.recycled", "recycledCobaltShare", None, "number"),
    ("materials.active.lithium.recycled", "recycledLithiumShare", None, "number"),
    ("materials.active.lead.recycled", "recycledLeadShare", None, "number"),
)

#: (path, indicator, kind): ``{value, time}`` of a read-out.
READINGS: tuple[tuple[str, str, str], ...] = (
    ("performance.dynamic.stateOfCharge", "stateOfCharge", "number"),
    ("performance.dynamic.fullCycles", "numberOfFullCycles", "integer"),
    ("performance.dynamic.capacity.capacity", "remainingCapacity", "number"),
    ("performance.dynamic.capacity.fade", "capacityFade", "number"),
    ("performance.dynamic.capacity.throughput", "capacityThroughput", "number"),
    ("performance.dynamic.energy.remaining", "remainingUsableBatteryEnergy", "number"),
    ("performance.dynamic.energy.soce", "stateOfCertifiedEnergy", "number"),
    ("performance.dynamic.energy.throughput", "energyThroughput", "number"),
    ("performance.dynamic.power.fade", "powerFade", "number"),
    ("performance.dynamic.resistance.increase.pack", "internalResistanceIncreasePack", "number"),
    ("performance.dynamic.resistance.increase.module", "internalResistanceIncreaseModule", "number"),
    ("performance.dynamic.resistance.increase.cell", "internalResistanceIncreaseCell", "number"),
    ("performance.dynamic.resistance.remaining.pack", "ohmicResistance", "number"),
    ("performance.dynamic.roundTripEfficiency.remaining", "remainingRoundTripEnergyEfficiency", "number"),
    ("performance.dynamic.roundTripEfficiency.fade", "roundTripEnergyEfficiencyFade", "number"),
)

#: (path to a list of documents, indicator, field): their links.
DOCUMENTS: tuple[tuple[str, str, str | None], ...] = (
    ("safety.removalFromAppliance", "removalManual", "documentUrl"),
    ("safety.dismantling", "disassemblyManual", "documentUrl"),
    ("safety.safetyMeasures", "safetyMeasures", None),
    ("sustainability.documents.wastePrevention", "wastePreventionInformation", None),
    ("sustainability.documents.separateCollection", "separateCollectionInformation", None),
    ("conformity.declarationOfConformity", "euDeclarationOfConformity", None),
    ("conformity.resultOfTestReport", "testReportResults", None),
    ("conformity.thirdPartyAssurance", "thirdPartyAssurances", None),
    ("conformity.dueDiligencePolicy", "dueDiligenceReport", None),
    ("performance.rated.lifetime.report", "cycleLifeReferenceTest", None),
    ("materials.active.nickel.documentation", "recycledContentDocumentation", None),
)

CATEGORIES: Mapping[str, str] = {"EV": "ev", "LMT": "lmt", "industrial": "industrial"}
CHEMISTRIES: Mapping[str, str] = {
    "NCM": "NMC",
    "NMC": "NMC",
    "NCA": "NCA",
    "NMCA": "NMCA",
    "NCMA": "NMCA",
    "LFP": "LFP",
    "LMFP": "LMFP",
    "LMO": "LMO",
    "LCO": "LCO",
    "LTO": "LTO",
    "NIMH": "NiMH",
    "NICD": "NiCd",
}
STAGES: Mapping[str, str] = {
    "raw material acquisition and pre-processing": "carbonFootprintRawMaterials",
    "main product production": "carbonFootprintProduction",
    "distribution": "carbonFootprintDistribution",
    "end of life and recycling": "carbonFootprintEndOfLife",
}

MILLIMETRES = {
    "millimetre": "1",
    "centimetre": "10",
    "metre": "1000",
    "kilometre": "1000000",
    "inch": "25.4",
    "foot": "304.8",
    "yard": "914.4",
}
KILOGRAMS = {
    "gram": "0.001",
    "kilogram": "1",
    "tonneMetricTon": "1000",
    "tonUsOrShortTonUkorus": "907.18474",
    "ounceAvoirdupois": "0.028349523125",
    "pound": "0.45359237",
}
#: A volume per cent is no share of the mass, and a day or a cycle no number of months: these have no factor.
PER_CENT = {
    "percent": "1",
    "partPerThousand": "0.1",
    "partPerMillion": "0.0001",
    "partPerBillionUs": "0.0000001",
    "partPerTrillionUs": "0.0000000001",
}
MONTHS = {"month": "1", "year": "12"}

#: Shares of the mass in per cent, Regulation (EU) 2023/1542: Annex I entry 1 (mercury); Article 13 (symbols Cd and Pb).
MERCURY_LIMIT = Decimal("0.0005")
SYMBOLS = {"cadmium": ("Cd", Decimal("0.002")), "lead": ("Pb", Decimal("0.004"))}
#: Heavy metals with a member of their own, and their CAS numbers.
HEAVY_METALS: Mapping[str, str] = {"cadmium": "7440-43-9", "mercury": "7439-97-6", "lead": "7439-92-1"}
#: Whether a metal with a member of its own is a critical raw material: Regulation (EU) 2024/1252, Annex II, section 1,
#: read in a reprint. It lists lithium, cobalt, and nickel in battery grade; lead, cadmium and mercury are not on it.
CRITICAL: Mapping[str, bool] = {
    "active.nickel": True, "active.lithium": True, "active.cobalt": True, "active.lead": False,
    "hazardous.cadmium": False, "hazardous.mercury": False, "hazardous.lead": False,
}  # fmt: skip
#: A share that cannot have been measured, where the schema leaves no number below zero free.
NO_SHARE = 9999
