"""Checks of an inventory before calculation. Every fault has its place; an inventory without faults is trusted.

1. Quantities and factors are not negative, shares lie between 0 and 1, levels between 1 and 5.
2. Codes are of their lists.
3. Every line has a factor, its own or a default; recycled content has the factor of the recycled material.
4. The lifetime energy is above zero, and its number of cycles comes from somewhere.
5. Another allocation factor than the method's has a reference to its proof.
6. Secondary factors have a source and levels of quality; a default is the method's own value; electricity says how it
   is treated.
7. No line was calculated by another method.
8. End of life is counted in one way only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.footprint.facts import facts
from passport.footprint.inventory.inventory import Emission, Energy, Inventory, InventoryLocation, Material, Provenance
from passport.texts import Message, Text

LARGEST = Decimal(10) ** 12
_ZERO, _ONE = Decimal(0), Decimal(1)
#: Fields of a line -> their names on the line for the treatment of the whole battery.
_OWN: Mapping[str, str] = {}
_END_OF_LIFE = {
    "factorData": "endOfLifeData",
    "activityData": "endOfLifeData",
    "source": "endOfLifeSource",
    "timeLevel": "endOfLifeTimeLevel",
    "method": "method",
}
_ELECTRICITY = ("electricity", "电力", "电")  # data: recognised in input
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_STAGES = ("raw-materials", "parts", "production", "distribution")
_PROCESS_STAGES = ("parts", "production")


def faults(inventory: Inventory) -> tuple[Fault, ...]:
    """All faults, in the order of the inventory."""
    return (*_general(inventory), *_materials(inventory), *_other_lines(inventory))


#: A place, or a line and the name of its field: worked out only where there is a fault.
Where = Location | tuple[InventoryLocation, str]


def fault(code: str, place: Where, expected: str, shown: str, message: Text, hint: str | None = None) -> Fault:
    """A fault of an inventory."""
    if isinstance(place, tuple):
        place = place[0].at(place[1])
    return Fault(code, place, None, message, expected, shown, hint=hint)


def quantity(name: str, value: Any, place: Where) -> Iterator[Fault]:
    """A finite, non-negative decimal of at most 12 digits before and after the point."""
    if not isinstance(value, Decimal) or not value.is_finite():
        yield fault(
            "malformed-number",
            place,
            Message("a number"),
            found(value),
            Message("{name} is no number", name=name),
        )
    elif value < 0:
        code = "negative-mass" if name == "mass" else "negative-number"
        yield fault(code, place, Message("0 or more"), f"{value:f}"[:40], Message("{name} is negative", name=name))
    elif value >= LARGEST or _places(value) > 12:
        yield fault(
            "number-too-long",
            place,
            Message("at most 12 digits before and 12 after the point"),
            f"{value:f}"[:40],
            Message("{name} is out of range", name=name),
        )


def _places(value: Decimal) -> int:
    """Digits after the point of a finite number."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def share(name: str, value: Any, place: Where) -> Iterator[Fault]:
    """A number from 0 to 1."""
    wrong = list(quantity(name, value, place))
    yield from wrong
    if not wrong and value > _ONE:
        yield fault(
            "share-above-one",
            place,
            Message("a share from 0 to 1"),
            f"{value:f}"[:40],
            Message("{name} is above 1", name=name),
            Message("write 20 % as 0.2, or in a cell of the percent format"),
        )


def code_of(listed: str, value: Any, place: Where, fault_code: str, message: Message) -> Iterator[Fault]:
    """A code of one of the lists."""
    known = facts().lists[listed]
    if value not in known:
        yield fault(
            fault_code,
            place,
            Message("one of {codes}", codes=", ".join(known)),
            found(value),
            message,
        )


def _general(inventory: Inventory) -> Iterator[Fault]:
    place = inventory.place
    yield from code_of(
        "boundary", inventory.boundary, place("boundary"), "unknown-boundary", Message("unknown boundary")
    )
    yield from code_of(
        "gwp-set", inventory.gwp_set, place("gwpSet"), "unknown-gwp-set", Message("unknown set of potentials")
    )
    yield from code_of(
        "end-of-life",
        inventory.end_of_life_counting,
        place("endOfLifeCounting"),
        "unknown-counting",
        Message("unknown way to count end of life"),
    )
    if inventory.plant_country is not None and not _COUNTRY.fullmatch(inventory.plant_country):
        yield fault(
            "unknown-country",
            place("plantCountry"),
            Message("a country code of ISO 3166 such as CN, or with its part such as CN-AH"),
            found(inventory.plant_country),
            Message("this is no country code"),
        )
    # 4. Lifetime energy.
    energy = [("usableEnergy", inventory.usable_energy), ("warrantyYears", inventory.warranty_years)]
    if inventory.cycles_per_year is not None:
        energy.append(("cyclesPerYear", inventory.cycles_per_year))
    elif inventory.vehicle_class is None:
        yield fault(
            "missing-cycles",
            place("vehicleClass"),
            Message("the maker's cycles per year, or a vehicle class"),
            Message("neither"),
            Message("nothing says how many cycles a year has"),
        )
    if inventory.vehicle_class is not None:
        yield from code_of(
            "vehicle-class",
            inventory.vehicle_class,
            place("vehicleClass"),
            "unknown-vehicle-class",
            Message("unknown vehicle class"),
        )
    for name, value in energy:
        wrong = list(quantity(name, value, place(name)))
        yield from wrong
        if not wrong and not value:
            yield fault(
                "zero-lifetime-energy",
                place(name),
                Message("more than 0"),
                "0",
                Message("the lifetime energy would be zero"),
            )
    if inventory.rated_energy is not None:
        yield from quantity("ratedEnergy", inventory.rated_energy, place("ratedEnergy"))
    # 5. Allocation.
    if inventory.allocation is not None:
        wrong = list(share("allocationFactor", inventory.allocation, place("allocationFactor")))
        yield from wrong
        usual = facts().number("setting", "allocation-factor")
        if not wrong and inventory.allocation != usual and not (inventory.allocation_proof or "").strip():
            yield fault(
                "allocation-without-proof",
                place("allocationFactor"),
                Message("{factor}, or a reference to the proof of another value in allocationProof", factor=usual),
                Message("{factor:f} without a reference", factor=inventory.allocation),
                Message("another allocation factor needs a proof"),
            )
    # 8. End of life.
    per_material = inventory.end_of_life_counting == "per-material"
    if inventory.end_of_life is not None:
        yield from quantity("endOfLife", inventory.end_of_life, place("endOfLife"))
        if per_material:
            yield fault(
                "end-of-life-twice",
                place("endOfLife"),
                Message("nothing, since it is counted for each material"),
                f"{inventory.end_of_life:f}",
                Message("end of life would be counted twice"),
            )
    elif inventory.boundary == "full" and not per_material:
        yield fault(
            "missing-end-of-life",
            place("endOfLife"),
            Message("kg CO2e of the treatment of one battery"),
            Message("nothing"),
            Message("the full boundary needs the end of life"),
        )
    if inventory.end_of_life and not per_material and inventory.boundary == "full":
        yield from _provenance(
            inventory.end_of_life_provenance, InventoryLocation(inventory.file), inventory, _END_OF_LIFE
        )
        yield from _default(inventory.end_of_life_provenance, inventory.end_of_life, None, place("endOfLifeData"))
    if any(line.treatment for line in inventory.energy) and not (inventory.electricity or "").strip():
        yield fault(
            "missing-electricity-treatment",
            place("electricityTreatment"),
            Message("how electricity was treated, in words"),
            Message("nothing"),
            Message("the treatment of electricity is not explained"),
        )
    if not (inventory.materials or inventory.parts or inventory.energy or inventory.emissions or inventory.transport):
        yield fault(
            "empty-inventory",
            Location(inventory.file),
            Message("at least one line"),
            Message("none"),
            Message("the inventory is empty"),
        )


def _materials(inventory: Inventory) -> Iterator[Fault]:
    per_material = inventory.end_of_life_counting == "per-material"
    for line in inventory.materials:
        yield from quantity("mass", line.mass, (line.place, "mass"))
        yield from share("recycledShare", line.recycled_share, (line.place, "recycledShare"))
        yield from share("recoveredShare", line.recovered_share, (line.place, "recoveredShare"))
        yield from _virgin(line)
        if line.recycled is not None:
            yield from quantity("recycledFactor", line.recycled, (line.place, "recycledFactor"))
        elif line.recycled_share:
            yield from _factor("recycledFactor", None, line.name, (line.place, "recycledFactor"))
        if line.end_of_life is not None:
            yield from quantity("endOfLife", line.end_of_life, (line.place, "endOfLife"))
            if not per_material:
                yield fault(
                    "end-of-life-twice",
                    (line.place, "endOfLife"),
                    Message("nothing, since it is counted once for the battery"),
                    f"{line.end_of_life:f}",
                    Message("end of life would be counted twice"),
                )
        elif per_material and inventory.boundary == "full":
            yield fault(
                "missing-end-of-life",
                (line.place, "endOfLife"),
                Message("kg CO2e of the treatment of this material"),
                Message("nothing"),
                Message("end of life is counted for each material"),
            )
        yield from _provenance(line.provenance, line.place, inventory)


def _virgin(line: Material) -> Iterator[Fault]:
    """The factor of virgin material: there, and as its kind of data says."""
    place = (line.place, "virginFactor")
    alike = facts().material_without_default(line.name) if line.virgin is None else None
    if alike is None:
        yield from _factor("virginFactor", line.virgin, line.name, place)
    else:
        yield fault(
            "missing-factor",
            place,
            Message("{name}: kg CO2e per unit of {item}", name="virginFactor", item=line.name[:80]),
            Message("nothing"),
            Message("{item}: the factor is missing", item=line.name[:80]),
            Message("the method has a default for other cathode materials, not for {material}", material=alike.label),
        )
    default = facts().default_material(line.name)
    if line.virgin is not None:
        yield from _default(line.provenance, line.virgin, default.value if default else None, place)


def _default(provenance: Provenance, value: Decimal, own: Decimal | None, place: Where) -> Iterator[Fault]:
    """A factor called the default of the method is the method's own value.

    :param own: that value; None where the method has none here.
    """
    if provenance.factor_data == "default" and value != own:
        yield fault(
            "not-the-default",
            place,
            Message("no default here") if own is None else f"{own:f}",
            f"{value:f}"[:40],
            Message("the factor is called a default and is not the method's own value"),
            Message("call it primary or secondary, or leave the factor empty to take the default"),
        )


def _process(line: Energy | Emission) -> Iterator[Fault]:
    """Stage and step of a process: production has steps, the making of parts may have none."""
    if line.stage not in _PROCESS_STAGES:
        yield fault(
            "unknown-stage",
            (line.place, "stage"),
            Message("one of {codes}", codes=", ".join(_PROCESS_STAGES)),
            found(line.stage),
            Message("unknown stage"),
        )
    elif line.step is None and line.stage == "production":
        yield fault(
            "missing-value",
            (line.place, "step"),
            Message("one of {codes}", codes=", ".join(facts().lists["step"])),
            Message("nothing"),
            Message("the production step is missing"),
        )
    if line.step is not None:
        yield from code_of("step", line.step, (line.place, "step"), "unknown-step", Message("unknown production step"))


def _other_lines(inventory: Inventory) -> Iterator[Fault]:
    for part in inventory.parts:
        yield from quantity("quantity", part.quantity, (part.place, "quantity"))
        yield from code_of("unit", part.unit, (part.place, "unit"), "unknown-unit", Message("unknown unit"))
        yield from _factor("factor", part.factor, part.name, (part.place, "factor"))
        if part.factor is not None:
            yield from _default(part.provenance, part.factor, None, (part.place, "factor"))
        yield from _provenance(part.provenance, part.place, inventory)
    for line in inventory.energy:
        yield from quantity("amount", line.amount, (line.place, "amount"))
        yield from code_of("unit", line.unit, (line.place, "unit"), "unknown-unit", Message("unknown unit"))
        yield from _process(line)
        yield from _factor("factor", line.factor, line.name, (line.place, "factor"))
        if line.factor is not None:
            yield from _default(line.provenance, line.factor, None, (line.place, "factor"))
        if line.treatment is not None:
            yield from code_of(
                "electricity",
                line.treatment,
                (line.place, "treatment"),
                "unknown-treatment",
                Message("unknown treatment of electricity"),
            )
        elif line.name.strip().casefold() in _ELECTRICITY:
            yield fault(
                "missing-electricity-treatment",
                (line.place, "treatment"),
                Message("one of {codes}", codes=", ".join(facts().lists["electricity"])),
                Message("nothing"),
                Message("the electricity has no treatment"),
            )
        yield from _provenance(line.provenance, line.place, inventory)
    for emission in inventory.emissions:
        yield from quantity("mass", emission.mass, (emission.place, "mass"))
        yield from code_of("gas", emission.gas, (emission.place, "gas"), "unknown-gas", Message("unknown gas"))
        yield from _process(emission)
    for leg in inventory.transport:
        yield from quantity("mass", leg.mass, (leg.place, "mass"))
        yield from quantity("distance", leg.distance, (leg.place, "distance"))
        yield from code_of("mode", leg.mode, (leg.place, "mode"), "unknown-mode", Message("unknown mode of transport"))
        if leg.stage not in _STAGES:
            yield fault(
                "unknown-stage",
                (leg.place, "stage"),
                Message("one of {codes}", codes=", ".join(_STAGES)),
                found(leg.stage),
                Message("unknown stage"),
            )
        if leg.factor is not None:
            yield from quantity("factor", leg.factor, (leg.place, "factor"))
            mode = facts().lists["mode"].get(leg.mode)
            yield from _default(leg.provenance, leg.factor, mode.value if mode else None, (leg.place, "factor"))
            yield from _provenance(leg.provenance, leg.place, inventory)


def _factor(name: str, value: Any, item: str, place: Where) -> Iterator[Fault]:
    if value is None:
        yield fault(
            "missing-factor",
            place,
            Message("{name}: kg CO2e per unit of {item}", name=name, item=item[:80]),
            Message("nothing"),
            Message("{item}: the factor is missing", item=item[:80]),
        )
    else:
        yield from quantity(name, value, place)


def _provenance(
    provenance: Provenance, line: InventoryLocation, inventory: Inventory, names: Mapping[str, str] = _OWN
) -> Iterator[Fault]:
    def at(name: str) -> Where:
        return inventory.place(names[name]) if names else (line, name)

    kind = provenance.factor_data
    yield from code_of("data-kind", kind, at("factorData"), "unknown-data-kind", Message("unknown kind of data"))
    if provenance.activity_data not in ("primary", "secondary"):
        yield fault(
            "unknown-data-kind",
            at("activityData"),
            Message("primary or secondary"),
            found(provenance.activity_data),
            Message("unknown kind of activity data"),
        )
    if kind == "secondary":
        if not (provenance.source or "").strip():
            yield fault(
                "missing-source",
                at("source"),
                Message("where the factor was read"),
                Message("nothing"),
                Message("a secondary factor has no source"),
            )
        if provenance.quality is None:
            yield fault(
                "missing-quality",
                at("timeLevel"),
                Message(
                    "three levels from 1 to 5: time, technology, geography; time may come from the release year of the "
                    "database and the year of the study, geography from that of the factor and the country"
                ),
                Message("not all"),
                Message("a secondary factor is not rated"),
            )
    quality = provenance.quality
    if quality is not None and not all(
        type(level) is int and 1 <= level <= 5 for level in (quality.time, quality.technology, quality.geography)
    ):
        yield fault(
            "level-out-of-range",
            at("timeLevel"),
            Message("levels from 1 to 5"),
            f"{quality.time}, {quality.technology}, {quality.geography}"[:40],
            Message("a level of data quality does not exist"),
        )
    if provenance.method is not None and provenance.method != inventory.method:
        yield fault(
            "mixed-methods",
            at("method"),
            inventory.method,
            found(provenance.method),
            Message("the factor was calculated by another method"),
            Message("ask for the figure by the same method, or for the data behind it"),
        )
