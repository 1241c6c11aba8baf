"""The fields of an inventory: one table for the workbook, its template, JSON and the documentation.

A field has one name everywhere; a workbook may also use its label, in any language. A quantity whose unit is fixed
may be given in a multiple of it, which row 2 of the workbook says; JSON always uses the unit itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from passport.texts import Message, by_language

_MASS = {"kg": Decimal(1), "g": Decimal("0.001"), "t": Decimal(1000)}
_ENERGY = {"kWh": Decimal(1), "Wh": Decimal("0.001"), "MWh": Decimal(1000)}
_DISTANCE = {"km": Decimal(1), "m": Decimal("0.001")}
_CO2E = {"kg CO2e": Decimal(1), "t CO2e": Decimal(1000)}
_PER_KG = {"kg CO2e/kg": Decimal(1), "t CO2e/t": Decimal(1)}
_PER_UNIT = {"kg CO2e/unit": Decimal(1)}
_PER_TKM = {"kg CO2e/(t·km)": Decimal(1), "g CO2e/(t·km)": Decimal("0.001")}
_SHARE = {"1": Decimal(1), "%": Decimal("0.01")}
_NONE: Mapping[str, Decimal] = {}


@dataclass(frozen=True)
class InventoryField:
    """One field.

    :param kind: ``text``, ``decimal``, ``share``, ``level``, ``year``, ``code`` or ``flag``.
    :param units: accepted unit -> how much of the field's own unit it is; the first is the field's own.
    :param codes: list of :mod:`.facts` that a code is of.
    """

    name: str
    label: Message
    kind: str = "text"
    required: bool = False
    units: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    codes: str | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """What a workbook may call the field: its name, or its label in any language."""
        return (self.name, *by_language(self.label).values())

    @property
    def unit(self) -> str:
        """The field's own unit, empty where it has none."""
        return next(iter(self.units), "")


def _provenance(*, rated: bool = True) -> tuple[InventoryField, ...]:
    activity = (InventoryField("activityData", Message("Activity data"), "code", codes="data-kind"),)
    if not rated:
        return activity
    return (
        *activity,
        InventoryField("factorData", Message("Factor data"), "code", codes="data-kind"),
        InventoryField("source", Message("Source of the factor")),
        InventoryField("geography", Message("Geography")),
        InventoryField("year", Message("Year"), "year"),
        InventoryField("timeLevel", Message("Level: time"), "level"),
        InventoryField("technologyLevel", Message("Level: technology"), "level"),
        InventoryField("geographyLevel", Message("Level: geography"), "level"),
        InventoryField("method", Message("Method of the factor")),
        InventoryField("databaseYear", Message("Release year of the database"), "year"),
        InventoryField("processCountry", Message("Country of the process")),
    )


#: Fields of the sheet ``inventory``, one a row; in JSON the members of ``inventory``.
GENERAL = (
    InventoryField("model", Message("Battery model identifier"), required=True),
    InventoryField("method", Message("Method"), required=True),
    InventoryField("boundary", Message("System boundary"), "code", required=True, codes="boundary"),
    InventoryField("plant", Message("Manufacturing plant")),
    InventoryField("period", Message("Period of the data")),
    InventoryField("usableEnergy", Message("Usable energy"), "decimal", required=True, units=_ENERGY),
    InventoryField("ratedEnergy", Message("Rated energy"), "decimal", units=_ENERGY),
    InventoryField("vehicleClass", Message("Vehicle class"), "code", codes="vehicle-class"),
    InventoryField(
        "cyclesPerYear",
        Message("Full equivalent cycles per year, by the maker"),
        "decimal",
        units={"cycles": Decimal(1)},
    ),
    InventoryField("cyclesSource", Message("Basis of the maker's cycles")),
    InventoryField("warrantyYears", Message("Warranty"), "decimal", required=True, units={"a": Decimal(1)}),
    InventoryField("allocationFactor", Message("Allocation factor A"), "decimal"),
    InventoryField("allocationProof", Message("Reference to the proof of another A")),
    InventoryField("endOfLifeCounting", Message("End of life is counted"), "code", codes="end-of-life"),
    InventoryField("endOfLife", Message("Treatment of one battery at end of life"), "decimal", units=_CO2E),
    InventoryField("endOfLifeData", Message("Data of the treatment"), "code", codes="data-kind"),
    InventoryField("endOfLifeSource", Message("Source of the treatment's figure")),
    InventoryField("endOfLifeTimeLevel", Message("Treatment, level: time"), "level"),
    InventoryField("endOfLifeTechnologyLevel", Message("Treatment, level: technology"), "level"),
    InventoryField("endOfLifeGeographyLevel", Message("Treatment, level: geography"), "level"),
    InventoryField("cutOff", Message("Apply the cut-off"), "flag"),
    InventoryField("electricityTreatment", Message("How electricity was treated")),
    InventoryField("gwpSet", Message("Greenhouse-gas potentials"), "code", codes="gwp-set"),
    InventoryField("manufacturer", Message("Manufacturer")),
    InventoryField("plantCountry", Message("Country of the plant")),
    InventoryField("studyYear", Message("Year of the study"), "year"),
    InventoryField("uncertainty", Message("Uncertainty, in words")),
    InventoryField("limitations", Message("Conclusions and limitations")),
    InventoryField("separateEmissions", Message("Biogenic carbon, land use change and aircraft, in words")),
)

_FACTOR = InventoryField("factor", Message("Factor"), "decimal", units=_PER_UNIT)
#: The stage is production where none is given. Only there a step is due: parts are made in other plants.
_STEP = (
    InventoryField("process", Message("Process"), required=True),
    InventoryField("step", Message("Production step"), "code", codes="step"),
)
_STAGE = InventoryField("stage", Message("Stage"), "code", codes="stage")

#: Sheet (and JSON member) -> its fields, one line a row.
TABLES: Mapping[str, tuple[InventoryField, ...]] = {
    "materials": (
        InventoryField("component", Message("Component"), required=True),
        InventoryField("name", Message("Material"), required=True),
        InventoryField("mass", Message("Mass"), "decimal", required=True, units=_MASS),
        InventoryField("recycledShare", Message("Share of recycled material"), "share", units=_SHARE),
        InventoryField("virginFactor", Message("Factor of virgin material"), "decimal", units=_PER_KG),
        InventoryField("recycledFactor", Message("Factor of recycled material"), "decimal", units=_PER_KG),
        InventoryField("recoveredShare", Message("Share recovered at end of life"), "share", units=_SHARE),
        InventoryField("endOfLife", Message("Treatment of this material"), "decimal", units=_CO2E),
        InventoryField("keyPart", Message("Key part"), "flag"),
        *_provenance(),
    ),
    "parts": (
        InventoryField("component", Message("Component"), required=True),
        InventoryField("name", Message("Part"), required=True),
        InventoryField("quantity", Message("Quantity"), "decimal", required=True),
        InventoryField("unit", Message("Unit"), "code", required=True, codes="unit"),
        _FACTOR,
        InventoryField("keyPart", Message("Key part"), "flag"),
        *_provenance(),
    ),
    "energy": (
        *_STEP,
        InventoryField("name", Message("Energy carrier"), required=True),
        InventoryField("amount", Message("Amount"), "decimal", required=True),
        InventoryField("unit", Message("Unit"), "code", required=True, codes="unit"),
        _FACTOR,
        InventoryField("treatment", Message("Treatment of electricity"), "code", codes="electricity"),
        *_provenance(),
        _STAGE,
    ),
    "emissions": (
        *_STEP,
        InventoryField("gas", Message("Gas"), "code", required=True, codes="gas"),
        InventoryField("mass", Message("Mass of the gas"), "decimal", required=True, units=_MASS),
        *_provenance(rated=False),
        _STAGE,
    ),
    "transport": (
        InventoryField("name", Message("Leg"), required=True),
        InventoryField("mass", Message("Mass carried"), "decimal", required=True, units=_MASS),
        InventoryField("distance", Message("Distance"), "decimal", required=True, units=_DISTANCE),
        InventoryField("mode", Message("Mode"), "code", required=True, codes="mode"),
        InventoryField("stage", Message("Stage"), "code", codes="stage"),
        InventoryField("factor", Message("Factor"), "decimal", units=_PER_TKM),
        *_provenance(),
    ),
}
LABELS: Mapping[str, Message] = {
    "inventory": Message("Inventory"),
    "materials": Message("Materials"),
    "parts": Message("Parts"),
    "energy": Message("Energy"),
    "emissions": Message("Direct emissions"),
    "transport": Message("Transport"),
}
