"""The inventory of one battery, from which its footprint is calculated, as values.

An :class:`Inventory` without faults (:mod:`passport.footprint.inventory.inventory_checks`) need not be checked again.
Quantities are exact decimals in the unit of the field's name: masses in kg, distances in km, energies in kWh, shares as
fractions of one, factors in kg CO2e per unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from passport.battery.fault import Fault, Location


@dataclass(frozen=True, slots=True)
class InventoryLocation:
    """The place of a line in its file. The places of its fields are computed from it on demand.

    :param columns: field -> (column letter, heading), shared by the rows of a sheet.
    """

    file: str
    sheet: str | None = None
    row: int | None = None
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict, compare=False, repr=False)
    pointer: str | None = None

    def at(self, name: str | None = None) -> Location:
        """The place of a field; the place of the line where the field is absent."""
        if self.pointer is not None:
            return Location(self.file, pointer=f"{self.pointer}/{name}" if name else self.pointer)
        column, heading = self.columns.get(name or "", (None, name))
        return Location(self.file, self.sheet, self.row, column, heading)


NOWHERE = InventoryLocation("inventory")


def known(factor: Decimal | None) -> Decimal:
    """The factor of a line in an inventory without faults: a missing one is a fault, and nothing is calculated."""
    assert factor is not None, "an inventory with a missing factor must not be calculated"
    return factor


@dataclass(frozen=True, slots=True)
class Quality:
    """Levels of a secondary datum from 1 (best) to 5: how well it fits in time, technology and geography."""

    time: int
    technology: int
    geography: int

    @property
    def total(self) -> int:
        """Three times the rating; kept whole, so that nothing is rounded before the end."""
        return self.time + self.technology + self.geography


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a line's numbers come from.

    :param geography: what the factor is valid for: ISO 3166 code of a country, or a region.
    :param factor_data: ``primary``, ``secondary`` or ``default`` (the method's own factor).
    :param activity_data: ``primary`` or ``secondary``: mass, energy, distance.
    :param method: id of the method by which its source calculated the factor, where the source names it.
    :param database_year: in which the database was released.
    :param process_country: ISO 3166 code of the country where the process takes place.
    """

    source: str | None = None
    geography: str | None = None
    year: int | None = None
    factor_data: str = "secondary"
    activity_data: str = "primary"
    quality: Quality | None = None
    method: str | None = None
    database_year: int | None = None
    process_country: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """A raw material in a component.

    :param mass: kg in one battery, before any cut-off.
    :param virgin: kg CO2e/kg of primary material (E_v); :param recycled: of recycled material (E_r).
    :param recycled_share: share of recycled material going in (R_r).
    :param recovered_share: share recovered for the next product system (R*_r).
    :param end_of_life: kg CO2e of treatment, where end of life is counted for each material; else None.
    :param key_part: the method asks for primary data here.
    """

    component: str
    name: str
    mass: Decimal
    virgin: Decimal | None
    recycled: Decimal | None = None
    recycled_share: Decimal = Decimal(0)
    recovered_share: Decimal = Decimal(0)
    end_of_life: Decimal | None = None
    key_part: bool = False
    provenance: Provenance = Provenance()
    place: InventoryLocation = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BoughtPart:
    """A bought part: so many units, each with a factor."""

    component: str
    name: str
    quantity: Decimal
    unit: str
    factor: Decimal | None
    key_part: bool = False
    provenance: Provenance = Provenance()
    place: InventoryLocation = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy used in a process. ``treatment`` says how electricity is treated; None for other carriers.

    :param step: of production; None for the making of parts.
    :param stage: ``production`` or ``parts``.
    """

    process: str
    step: str | None
    name: str
    amount: Decimal
    unit: str
    factor: Decimal | None
    treatment: str | None = None
    provenance: Provenance = Provenance()
    place: InventoryLocation = field(default=NOWHERE, compare=False)
    stage: str = "production"


@dataclass(frozen=True, slots=True)
class Emission:
    """A greenhouse gas that a process gives off: kg of the gas. Step and stage are those of :class:`Energy`."""

    process: str
    step: str | None
    gas: str
    mass: Decimal
    provenance: Provenance = Provenance()
    place: InventoryLocation = field(default=NOWHERE, compare=False)
    stage: str = "production"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of transport: kg over km. ``factor`` is kg CO2e/(t·km), None for the mode's default.

    :param stage: ``distribution``, or the stage whose inbound transport it is.
    """

    name: str
    mass: Decimal
    distance: Decimal
    mode: str
    factor: Decimal | None = None
    stage: str = "distribution"
    provenance: Provenance = Provenance()
    place: InventoryLocation = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Inventory:
    """One battery model's inventory, per battery.

    :param usable_energy: kWh that the battery gives when new.
    :param rated_energy: kWh on the plate, for the reading that takes this instead.
    :param cycles_per_year: the maker's full equivalent cycles for the vehicle type; None takes the class's default.
    :param vehicle_class: code, None where the maker's value is given.
    :param allocation: A; None takes the method's.
    :param allocation_proof: reference to the proof that another A needs.
    :param end_of_life: kg CO2e of treatment of one battery, counted once.
    :param electricity: how electricity was treated, in words.
    :param study_year: year of the study, from which the age of a database counts.
    :param plant_country: ISO 3166 code of the country of the plant.
    :param statements: what a report states in words, by name: ``uncertainty``, ``limitations``, ``separate-emissions``.
    :param remarks: what the file holds beside its values, such as a comment; none of it counts.
    """

    model: str
    method: str
    boundary: str
    usable_energy: Decimal
    warranty_years: Decimal
    rated_energy: Decimal | None = None
    cycles_per_year: Decimal | None = None
    cycles_source: str | None = None
    vehicle_class: str | None = None
    allocation: Decimal | None = None
    allocation_proof: str | None = None
    end_of_life_counting: str = "once"
    end_of_life: Decimal | None = None
    end_of_life_provenance: Provenance = Provenance()
    cut_off: bool = True
    electricity: str | None = None
    gwp_set: str = "ar6"
    plant: str | None = None
    period: str | None = None
    materials: tuple[Material, ...] = ()
    parts: tuple[BoughtPart, ...] = ()
    energy: tuple[Energy, ...] = ()
    emissions: tuple[Emission, ...] = ()
    transport: tuple[Leg, ...] = ()
    manufacturer: str | None = None
    plant_country: str | None = None
    study_year: int | None = None
    statements: Mapping[str, str] = field(default_factory=dict)
    file: str = "inventory"
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)
    remarks: tuple[Fault, ...] = field(default=(), compare=False, repr=False)

    def place(self, name: str) -> Location:
        """The place of a general field."""
        return self.places.get(name) or Location(self.file, heading=name)
