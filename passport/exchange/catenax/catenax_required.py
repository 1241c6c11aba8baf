"""Members that the schema of the Catena-X battery passport 6.1.0 requires, and their placeholders for missing values.

Paths are those of the format, without ``$.``, in the order of its schema. A list need not have entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.exchange import peer_format
from passport.exchange.catenax.catenax_mapping import CRITICAL, NO_SHARE
from passport.texts import Message


def _paths(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NUMBERS = _paths("""
characteristics.warranty.lifeValue characteristics.physicalDimension.weight.value
performance.rated.voltage.min performance.rated.voltage.max performance.rated.voltage.nominal
performance.rated.roundTripEfficiency.depthOfDischarge performance.rated.roundTripEfficiency.initial
performance.rated.roundTripEfficiency.50PercentLife performance.rated.resistance.cell performance.rated.resistance.pack
performance.rated.power.value performance.rated.power.at20SoC performance.rated.power.at80SoC
performance.rated.capacity.value performance.rated.capacity.thresholdExhaustion performance.rated.temperature.lower
performance.rated.temperature.upper performance.rated.selfDischargingRate performance.rated.lifetime.expectedYears
performance.rated.lifetime.cycleLifeTesting.temperature performance.rated.lifetime.cycleLifeTesting.cycles
performance.rated.lifetime.cycleLifeTesting.depthOfDischarge
performance.rated.lifetime.cycleLifeTesting.appliedChargeRate
performance.rated.lifetime.cycleLifeTesting.appliedDischargeRate performance.dynamic.selfDischargingRate
""")
_READINGS = _paths("""
stateOfCharge fullCycles power.fade power.remaining capacity.fade capacity.throughput capacity.capacity
roundTripEfficiency.fade roundTripEfficiency.remaining resistance.increase.pack resistance.increase.cell
resistance.remaining.pack resistance.remaining.cell energy.soce energy.remaining
""")
_TEXTS = _paths("""
identification.idDmc identification.chemistry identification.identification.type.manufacturerPartId
identification.identification.type.nameAtManufacturer identification.identification.dataCarrier.carrierType
identification.identification.dataCarrier.carrierLayout metadata.version
""")
_LISTS = _paths("""
identification.identification.codes identification.identification.classification operation.manufacturer.facility
sustainability.documents.separateCollection sustainability.documents.wastePrevention sustainability.carbonFootprint
materials.composition performance.rated.lifetime.report conformity.declarationOfConformity
conformity.resultOfTestReport conformity.thirdPartyAssurance conformity.dueDiligencePolicy
safety.usableExtinguishAgent safety.safetyMeasures safety.meaningOfLabels safety.dismantling commercial.purpose
handling.content.producer handling.content.sparePart
""")

#: Path -> placeholder for a missing value.
REQUIRED: Mapping[str, Any] = {
    **dict.fromkeys(_TEXTS, peer_format.NO_TEXT),
    "operation.manufacturer.manufacturer": peer_format.NO_COMPANY,
    "metadata.economicOperatorId": peer_format.NO_COMPANY,
    "metadata.passportIdentifier": peer_format.NO_UUID,
    "metadata.backupReference": peer_format.NO_LINK,
    "metadata.expirationDate": peer_format.NO_DAY,
    "metadata.issueDate": peer_format.NO_DAY,
    **dict.fromkeys(_NUMBERS, peer_format.NO_NUMBER),
    **{f"performance.dynamic.{name}.value": peer_format.NO_NUMBER for name in _READINGS},
}
#: Path -> what belongs there whether or not there is a value: units, empty lists, the format's own dummy.
CONSTANT: Mapping[str, Any] = {
    "characteristics.warranty.lifeUnit": "unit:month",
    "characteristics.physicalDimension.weight.unit": "unit:kilogram",
    # The format asks for a dummy where there is no predecessor.
    "metadata.predecessor": peer_format.NO_UUID,
    **dict.fromkeys(_LISTS),
    **{f"performance.dynamic.{name}.time": peer_format.NO_INSTANT for name in _READINGS},
}
#: Members without a possible placeholder: their code list has no code for "unknown", or every number of theirs means
#: something. A document without one of them is not valid by the schema, and says nothing false.
UNFILLED: tuple[str, ...] = (
    "identification.category",
    "sustainability.status",
    *(f"materials.active.{metal}.recycled" for metal in ("nickel", "cobalt", "lithium", "lead")),
    "materials.hazardous.lead.recycled",
)

_SUBSTANCE: Mapping[str, Any] = {"location": peer_format.NO_TEXT, "documentation": []}
_AMOUNT: Mapping[str, Any] = {
    **_SUBSTANCE, "impactOfSubstances": [], "concentration": NO_SHARE, "materialUnit": "unit:percent",
}  # fmt: skip
#: Substances that must be there, with a placeholder for an unknown place and share.
SUBSTANCES: Mapping[str, Mapping[str, Any]] = {
    f"materials.{member}": {
        **(_SUBSTANCE if member in ("active.nickel", "active.lithium", "active.cobalt") else _AMOUNT),
        "critical": critical,
    }
    for member, critical in CRITICAL.items()
}
#: Why some indicators are not in the document, where "no place" would say too little.
REASONS: Mapping[str, str] = {
    "criticalRawMaterials": Message(
        "the format asks for the recycled and the renewable share of each material, which are not known"
    ),
    "registeredTrademark": Message("the format has a name of the part, which is no trademark"),
    "detailedComposition": Message("the format asks for shares, and grams of the battery's mass have no exact share"),
    "batteryChemistry": Message("the format has one text for it"),
    "batteryCarbonFootprint": Message("the format gives the footprint by stage of the life cycle"),
    "remainingPowerCapability": Message("the format does not say at which state of charge"),
    "originalPowerCapability": Message("the format has a power at 80 % and at 20 % state of charge, without duration"),
    "hazardousSubstances": Message("the format does not say which hazard a substance is"),
    "manufacturerIdentifier": Message("the format takes a Catena-X number of a company (BPNL…)"),
    "operatorIdentifier": Message("the format takes a Catena-X number of a company (BPNL…)"),
    "facilityIdentifier": Message("the format takes a Catena-X number of a site (BPNA…)"),
    "cycleLifeReferenceTest": Message("the format takes a link to a document"),
    "cadmiumLeadSymbol": Message("the format asks for shares of cadmium and lead"),
    "removalManual": Message("the format does not say the language of a document"),
    "disassemblyManual": Message("the format does not say the language of a document"),
    "labelMeaning": Message("the format takes a link to a document"),
    "negativeEvents": Message("the format takes a link to a document"),
    "accidentInformation": Message("the format takes a link to a document"),
    "temperatureInformation": Message("the format takes a link to a document"),
    "internalResistanceAtStatusChange": Message("the format has one remaining resistance, that of the last read-out"),
    "operatorInformation": Message("the format knows the operator by a Catena-X number alone"),
    "manufacturingPlace": Message("the format knows sites by a Catena-X number alone"),
    "renewableContentShare": Message("the format gives it for each material"),
    "carbonFootprintPerformanceClass": Message("the format has it below a stage of the footprint, and there is none"),
    "carbonFootprintDeclaration": Message("the format has it below a stage of the footprint, and there is none"),
    "substanceImpact": Message("the format takes a link to a document"),
    "sparePartSources": Message("the format takes a Catena-X number of a company (BPNL…)"),
    "dismantlingInformation": Message("the format takes links to documents: see disassemblyManual"),
    "statusChangedAt": Message("the format dates read-outs alone"),
}  # fmt: skip
