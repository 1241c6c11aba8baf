"""Writing BatteryPass-Ready 1.0, by the schema of the battery's category.

* A member that the schema asks for and the record has no value of is a placeholder, and named. A share between 0 and
  100 has no placeholder that differs from a value: the member is left out and named as missing, and the
  document is not valid by its schema then.
* Texts and links for people are put together from what the record has in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from passport.battery.record import Record
from passport.errors import UsageError
from passport.exchange import correspondences, peer_format
from passport.exchange.batterypassready import ready_reader
from passport.exchange.batterypassready.ready_mapping import (
    ACTIVE,
    BOUNDS,
    C_RATE,
    CATEGORIES,
    CATEGORY,
    CHEMISTRIES,
    CHEMISTRY,
    CIRCULARITY,
    DISMANTLING,
    EXTINGUISHING,
    HEADER,
    INDUSTRIAL,
    ITEM,
    MASS,
    MATERIALS,
    PERFORMANCE,
    POWERS,
    PRODUCT,
    RANGES,
    RATED_CAPACITY,
    REASONS,
    RESISTANCE,
    SCHEMA_VERSION,
    TEMPERATURE,
    UNITS,
    WHOLE,
    WITHOUT_BMS,
    rules,
)
from passport.exchange.converters import LINK, NUMBER, Unwritable, our_decimal, times
from passport.exchange.correspondences import at, put
from passport.exchange.peer_format import NO_DAY, NO_INSTANT, NO_LINK, NO_NUMBER, NO_TEXT, Export, Notes
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, say
from passport.vocabulary.credential_types import RECORDED_AT

_LABELS, _SUPPLY = EXTINGUISHING.rpartition(".")[0], "Battery_Passport.SupplyChainDueDiligence"


def schema_of(record: Record, *, bms: bool = True) -> str:
    """The schema for a record, one of :data:`ready_mapping.SCHEMAS`.

    :param bms: whether the battery has a battery management system; asked for industrial batteries only.
    :raises UsageError: the record names no category, or one that always has such a system.
    """
    if record.category is None:
        raise UsageError(Message("the format has a schema for each category, and the record names none"))
    if bms:
        return record.category.value
    if record.category.value != INDUSTRIAL:
        raise UsageError(Message("the format knows no battery of this category without a battery management system"))
    return WITHOUT_BMS


def write(record: Record, *, bms: bool = True) -> Export:
    """The passport of a record.

    :param bms: see :func:`schema_of`.
    :raises UsageError: see :func:`schema_of`.
    """
    schema = schema_of(record, bms=bms)
    notes = Notes(reasons=dict(REASONS))
    document: JsonObject = {}
    correspondences.write(rules(schema), record, document, notes)
    put(document, CATEGORY, CATEGORIES[schema])
    _write_header(record, document, notes)
    _write_measures(record, document, notes)
    _write_powers(record, document, notes, schema)
    _write_ranges(record, document)
    _write_composition(record, document, notes)
    _write_texts(record, document, notes, schema)
    for path, unit in UNITS.items():
        if at(document, path.rpartition(".")[0])[0] is not None:
            put(document, path, unit)
    return peer_format.exported(document, record, ready_reader.read(document).record, notes)


def _fill(document: JsonObject, path: str, value: Any, placeholder: Any, notes: Notes) -> None:
    if value is None:
        value = placeholder
        notes.filled.append(f"$.{path}")
    put(document, path, value)


def _write_header(record: Record, document: JsonObject, notes: Notes) -> None:
    put(document, HEADER["version"], SCHEMA_VERSION)
    put(document, HEADER["status"], ACTIVE)
    put(document, HEADER["granularity"], ITEM)
    _fill(document, HEADER["updated"], (record.condition or {}).get(RECORDED_AT), NO_INSTANT, notes)


def _write_measures(record: Record, document: JsonObject, notes: Notes) -> None:
    capacity, unit = _capacity(record.value("ratedCapacity"), notes)
    _fill(document, f"{RATED_CAPACITY}.amperehourMiliamperehourValue", capacity, NO_NUMBER, notes)
    put(document, f"{RATED_CAPACITY}.ampereHourMiliamperehour", unit)
    mass = _written(NUMBER, record.value("batteryMass"), "batteryMass", notes)
    _fill(document, f"{MASS}.gramKgValue", mass, NO_NUMBER, notes)
    put(document, f"{MASS}.gramKg", "kg")
    rates = record.value("cycleLifeTestCRate")
    rates = list(rates.values()) if isinstance(rates, Mapping) else []
    same = len(rates) == 2 and peer_format.same(*rates)
    rate = _written(NUMBER, rates[0], "cycleLifeTestCRate", notes) if same else None
    _fill(document, f"{C_RATE}.amperePerAmpereHourValue", rate, NO_NUMBER, notes)
    put(document, f"{C_RATE}.amperePerAmpereHour", "A/Ah")


def _capacity(value: Any, notes: Notes) -> tuple[int | None, str]:
    """Whole ampere-hours, else whole milliampere-hours."""
    if value is None:
        return None, "Ah"
    try:
        return WHOLE.write(value), "Ah"
    except Unwritable:
        pass
    try:
        return WHOLE.write(times(our_decimal(value), "1000")), "mAh"
    except Unwritable as error:
        notes.reasons["ratedCapacity"] = error.reason
        return None, "Ah"


def _written(kind: Any, value: Any, indicator: str, notes: Notes) -> Any:
    try:
        return None if value is None else kind.write(value)
    except Unwritable as error:
        notes.reasons[indicator] = error.reason
        return None


def _write_powers(record: Record, document: JsonObject, notes: Notes, schema: str) -> None:
    for path, indicator in POWERS:
        required = indicator == "originalPowerCapability" or schema in ("lmt", "stationary")
        if schema == WITHOUT_BMS and indicator == "remainingPowerCapability":
            continue
        powers = {}
        for charge in ("80", "20"):
            entries = [
                entry.get("power")
                for entry in peer_format.entries(record, indicator)
                if peer_format.same(entry.get("stateOfCharge"), charge)
            ]
            powers[charge] = _written(WHOLE, entries[0], indicator, notes) if len(entries) == 1 else None
        if not required and None in powers.values():
            continue
        for charge, power in powers.items():
            _fill(document, f"{path}.wattValueAt{charge}SoC", power, NO_NUMBER, notes)
        put(document, f"{path}.watt", "W")


def _write_ranges(record: Record, document: JsonObject) -> None:
    for indicator, paths in RANGES.items():
        bounds = record.value(indicator)
        for path in paths:
            for field, name in BOUNDS if isinstance(bounds, Mapping) and at(document, path)[0] else ():
                try:
                    put(document, f"{path}.{name}Value", WHOLE.write(bounds.get(field)))
                except Unwritable:
                    continue
                put(document, f"{path}.{name}", "°C")


def _write_composition(record: Record, document: JsonObject, notes: Notes) -> None:
    chemistry = record.value("batteryChemistry")
    code = chemistry.get("shortName") if isinstance(chemistry, Mapping) else None
    put(document, CHEMISTRY, {})
    if isinstance(code, str) and code in CHEMISTRIES:
        put(document, f"{CHEMISTRY}.chemicalCodeValue", CHEMISTRIES[str(code)])
    elif isinstance(code, str):
        put(document, f"{CHEMISTRY}.additionallyPossibleValue", code)
    agents = [each for each in record.value("extinguishingAgent") or () if isinstance(each, str)]
    put(document, EXTINGUISHING, {"extinguishingAgent": "; ".join(agents)} if agents else {})
    for name, text in (
        ("CriticalRawMaterials", _listed(record, ("criticalRawMaterials",), "massFraction", "%")),
        ("HazardousSubstances", _listed(record, ("hazardousSubstances",), "concentration", "%")),
        ("MaterialsUsedInCathodeAnodeAndElectrolyte", _listed(
            record, ("cathodeActiveMaterial", "anodeActiveMaterial", "electrolyteComposition"), "mass", "g")),
        ("ImpactOfSubstancesOnEnvironmentHumanHealthSafetyPersons", _statements(
            record, "substanceImpact", "substanceName", "impactStatement")),
    ):  # fmt: skip
        _fill(document, f"{MATERIALS}.{name}", text, NO_TEXT, notes)


def _listed(record: Record, indicators: Iterable[str], number: str, unit: str) -> str | None:
    """Materials as a text: ``Nickel (7440-02-0) 12.7 %; …``."""
    texts = []
    for indicator in indicators:
        for entry in peer_format.entries(record, indicator):
            parts = [str(entry["name"])] if isinstance(entry.get("name"), str) else []
            parts += [f"({entry['identifier']})"] if isinstance(entry.get("identifier"), str) else []
            parts += [f"{entry[number]} {unit}"] if isinstance(entry.get(number), str | int) else []
            texts.append(" ".join(parts))
    return "; ".join(text for text in texts if text) or None


def _statements(record: Record, indicator: str, name: str, text: str) -> str | None:
    """Statements in English as one text, each with what it is about."""
    texts = [
        f"{entry.get(name)}: {say(held, 'en')}"
        for entry in peer_format.entries(record, indicator)
        if isinstance(held := entry.get(text), Mapping) and all(isinstance(each, str) for each in held.values())
    ]
    return " ".join(texts) or None


def _write_texts(record: Record, document: JsonObject, notes: Notes, schema: str) -> None:
    links = peer_format.entries(record, "disassemblyManual")
    manual = _written(LINK, links[0].get("documentUrl") if links else None, "disassemblyManual", notes)
    _fill(document, DISMANTLING, manual, NO_LINK, notes)
    suppliers = [entry.get("webAddress") for entry in peer_format.entries(record, "sparePartSources")]
    source = next((each for each in suppliers if isinstance(each, str)), None)
    accidents = [entry.get("documentUrl") for entry in peer_format.entries(record, "accidentInformation")]
    accident = next((each for each in accidents if isinstance(each, str)), None)
    operator, maker = (record.value(name) for name in ("operatorInformation", "manufacturerAddress"))
    for path, value, placeholder in (
        (f"{_LABELS}.SymbolsForCadmiumAndLead", None, NO_LINK),
        (f"{_LABELS}.MeaningOfLabelsAndSymbols", _statements(record, "labelMeaning", "subject", "meaning"), NO_TEXT),
        (
            f"{PRODUCT}.EconomicOperatorInformation.postalAddress",
            _address(operator),
            NO_TEXT,
        ),
        (f"{PRODUCT}.ManufacturerInformation.postalAddress", _address(maker), NO_TEXT),
        (f"{PRODUCT}.ManufacturingPlace", _address(record.value("manufacturingPlace")), NO_TEXT),
        (f"{PRODUCT}.WarrantyPeriodOfTheBattery", None, NO_DAY),
        (f"{CIRCULARITY}.PartNumbersForComponents", None, NO_LINK),
        (f"{CIRCULARITY}.InformationOnSourcesOfSpareParts", _written(LINK, source, "sparePartSources", notes), NO_LINK),
        (f"{PERFORMANCE}.InformationOnAccidents", _written(LINK, accident, "accidentInformation", notes), NO_LINK),
        (f"{TEMPERATURE}.celsiusValue", _temperature(record), NO_NUMBER),
    ):
        _fill(document, path, value, placeholder, notes)
    put(document, f"{TEMPERATURE}.degreeCelsius", "°C")
    if schema != WITHOUT_BMS:
        _fill(document, f"{RESISTANCE}.ohmValue", None, NO_NUMBER, notes)
        put(document, f"{RESISTANCE}.ohm", "Ohm")
    indices = [each for each in record.value("supplyChainIndices") or () if isinstance(each, str)]
    if indices:
        put(document, f"{_SUPPLY}.SupplyChainIndices", "; ".join(indices))


def _address(value: Any) -> str | None:
    names = ("streetAddress", "postalCode", "addressLocality", "addressCountry")
    parts = [value.get(name) for name in names] if isinstance(value, Mapping) else []
    return ", ".join(part for part in parts if isinstance(part, str)) or None


def _temperature(record: Record) -> int | None:
    entries = peer_format.entries(record, "temperatureInformation")
    try:
        return WHOLE.write(entries[0].get("temperature")) if len(entries) == 1 else None
    except Unwritable:
        return None
