"""Reading BatteryPass-Ready 1.0 of any of its five categories.

* Headers are data: a passport that is not active, of another grain or of another schema is a fault.
* A number counts with the unit beside it; another unit than the member's own is a fault.
* The format has one time, that of the passport's update: it is taken for the time of the read-out, and that is said.
* Every leaf that is not taken is named with its place and reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from passport.battery.fault import found
from passport.exchange import correspondences, peer_format
from passport.exchange.batterypassready.ready_mapping import (
    ACTIVE,
    BOUNDS,
    C_RATE,
    CATEGORIES,
    CATEGORY,
    CHEMISTRIES,
    CHEMISTRY,
    DISMANTLING,
    EXTINGUISHING,
    HEADER,
    ITEM,
    MASS,
    NOT_READ,
    OUR_CATEGORIES,
    POWERS,
    RANGES,
    RATED_CAPACITY,
    ROOT,
    SCHEMA_VERSION,
    SCHEMAS,
    UNITS,
    UNREAD_UNITS,
    WITHOUT_BMS,
    rules,
)
from passport.exchange.converters import INSTANT, LINK, NUMBER, TEXT, number
from passport.exchange.correspondences import at
from passport.exchange.leaves import LeafDocument
from passport.exchange.peer_format import PeerReading
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import RECORDED_AT

_VERSION = re.compile(r"(fpr|pr)?en18223(\b|:).*|(batterypass-?ready)?v?1(\.[0-9]+)*")


def read(document: Any, file: str = "batterypass-ready.json", *, on: date | None = None) -> PeerReading:
    """Map a passport.

    :raises FaultyRecord: it is none.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get(ROOT), Mapping):
        raise peer_format.other_format(
            file, Message("no BatteryPass-Ready passport"), Message("an object {name}", name=ROOT), found(document)
        )
    tree: JsonObject = peer_format.without_placeholders(document)[0]
    source = LeafDocument(file)
    schema = _read_category(tree, source)
    _read_header(tree, source)
    _read_units(tree, source)
    table = rules(schema) if schema else _all_rules()
    correspondences.read(table, tree, source)
    _read_measures(tree, source)
    _read_powers(tree, source)
    _read_ranges(tree, source)
    _read_composition(tree, source)
    _read_time(tree, source)
    source.name_rest(tree, NOT_READ)
    record = source.record()
    places = correspondences.places(table) | {
        "batteryCategory": f"$.{CATEGORY}", "ratedCapacity": f"$.{RATED_CAPACITY}", "batteryMass": f"$.{MASS}",
        "batteryChemistry": f"$.{CHEMISTRY}", "extinguishingAgent": f"$.{EXTINGUISHING}",
    }  # fmt: skip
    return PeerReading(record, tuple(source.faults), peer_format.gaps(record, file, places))


def _all_rules() -> tuple[correspondences.Single, ...]:
    table = {rule.path: rule for schema in SCHEMAS for rule in rules(schema)}
    return tuple(table.values())


def _read_category(tree: JsonObject, source: LeafDocument) -> str | None:
    value = at(tree, CATEGORY)[0]
    schema = next((name for name, word in CATEGORIES.items() if word == value), None)
    if schema is not None:
        source.put("batteryCategory", OUR_CATEGORIES[schema], CATEGORY)
    elif value is not None:
        source.not_taken("malformed-value", CATEGORY, "batteryCategory", ", ".join(CATEGORIES.values()), value)
    if schema == WITHOUT_BMS:
        source.fault(
            "not-taken", CATEGORY, "batteryCategory", Message("a category of the vocabulary"), found(value),
            Message("that the battery has no battery management system is not taken over"), "loss",
        )  # fmt: skip
    return schema


def _read_header(tree: JsonObject, source: LeafDocument) -> None:
    for name, expected, code, message in (
        ("status", ACTIVE, "inactive-passport", Message("the passport is not in force")),
        ("granularity", ITEM, "other-granularity", Message("the passport is not of one battery")),
    ):
        value = at(tree, HEADER[name])[0]
        if isinstance(value, str) and value.strip().lower() == expected.lower():
            source.take(HEADER[name])
        elif value is not None:
            source.faulty(code, HEADER[name], None, expected, value, message)
    version = at(tree, HEADER["version"])[0]
    if isinstance(version, str) and _VERSION.fullmatch(version.replace(" ", "").lower()):
        source.take(HEADER["version"])
    elif version is not None:
        message = Message("the passport is of another schema")
        source.faulty("unknown-version", HEADER["version"], None, SCHEMA_VERSION, version, message)


def _read_units(tree: JsonObject, source: LeafDocument) -> None:
    """Units beside numbers; a number with another unit is taken out, and its fault says so."""
    for path, unit in UNITS.items():
        value = at(tree, path)[0]
        if value == unit:
            source.take(path)
        elif value is not None:
            source.faulty("inexact-unit", path, None, unit, value, Message("the unit cannot be converted exactly"))
            outer, _, name = path.rpartition(".")[0].rpartition(".")
            source.take(f"{outer}.{name}")
            at(tree, outer)[0].pop(name)


def _read_measures(tree: JsonObject, source: LeafDocument) -> None:
    for path, inner, unit_name in UNREAD_UNITS:
        if at(tree, f"{path}.{inner}")[0] is None:
            source.take(f"{path}.{unit_name}")  # a unit of no number
    for path, inner, unit_name, indicator, factors in (
        (RATED_CAPACITY, "amperehourMiliamperehourValue", "ampereHourMiliamperehour", "ratedCapacity",
         {"Ah": "1", "mAh": "0.001"}),
        (MASS, "gramKgValue", "gramKg", "batteryMass", {"kg": "1", "g": "0.001"}),
        (C_RATE, "amperePerAmpereHourValue", "amperePerAmpereHour", "cycleLifeTestCRate", {"A/Ah": "1"}),
    ):  # fmt: skip
        value, unit = at(tree, f"{path}.{inner}")[0], at(tree, f"{path}.{unit_name}")[0]
        if value is None:
            source.take(f"{path}.{unit_name}")
            continue
        if not isinstance(unit, str) or unit not in factors:
            message = Message("the unit cannot be converted exactly")
            source.faulty("inexact-unit", path, indicator, ", ".join(factors), unit, message)
            continue
        source.take(f"{path}.{unit_name}")
        ours = source.value(number(factors[unit]), value, f"{path}.{inner}", indicator)
        if indicator == "cycleLifeTestCRate":
            for field in ("chargeCRate", "dischargeCRate"):
                source.put(indicator, ours, f"{path}.{inner}", field=field)
        else:
            source.put(indicator, ours, f"{path}.{inner}")


def _read_powers(tree: JsonObject, source: LeafDocument) -> None:
    for path, indicator in POWERS:
        unit = at(tree, f"{path}.watt")[0]
        if unit not in (None, "W"):
            source.faulty("inexact-unit", path, indicator, "W", unit, Message("the unit cannot be converted exactly"))
            continue
        source.take(f"{path}.watt")
        for charge in ("80", "20"):
            place = f"{path}.wattValueAt{charge}SoC"
            value = at(tree, place)[0]
            power = None if value is None else source.value(NUMBER, value, place, indicator)
            if power is not None:
                n = source.count(indicator)
                source.put(indicator, charge, place, entry=n, field="stateOfCharge")
                source.put(indicator, power, place, entry=n, field="power")


def _read_ranges(tree: JsonObject, source: LeafDocument) -> None:
    for indicator, paths in RANGES.items():
        for path in (*paths, *(p for p, name in POWERS if name == "remainingPowerCapability" and "power" in indicator)):
            for field, name in BOUNDS:
                place = f"{path}.{name}Value"
                value, unit = at(tree, place)[0], at(tree, f"{path}.{name}")[0]
                if unit == "°C":
                    source.take(f"{path}.{name}")
                if value is not None and unit in (None, "°C"):
                    source.put(indicator, source.value(NUMBER, value, place, indicator), place, field=field)


def _read_composition(tree: JsonObject, source: LeafDocument) -> None:
    ours = {theirs: code for code, theirs in CHEMISTRIES.items()}
    path = f"{CHEMISTRY}.chemicalCodeValue"
    code = at(tree, path)[0]
    if isinstance(code, str) and code in ours:
        source.put("batteryChemistry", ours[code], path, field="shortName")
    elif code is not None:
        source.not_taken("malformed-value", path, "batteryChemistry", ", ".join(ours), code)
    path = f"{CHEMISTRY}.additionallyPossibleValue"
    other = at(tree, path)[0]
    known = vocabulary_module.load().indicators["batteryChemistry"].field("shortName")
    listed = known is not None and known.enumeration is not None and other in known.enumeration
    if other is not None:
        text = source.value(TEXT, other, path, "batteryChemistry")
        source.put("batteryChemistry", text, path, field="shortName" if listed and code is None else "clearName")
    path = f"{EXTINGUISHING}.extinguishingAgent"
    agent = at(tree, path)[0]
    if agent is not None:
        source.put("extinguishingAgent", source.value(TEXT, agent, path, "extinguishingAgent"), path, entry=0)
    manual = at(tree, DISMANTLING)[0]
    if manual is not None:
        link = source.value(LINK, manual, DISMANTLING, "disassemblyManual")
        source.put("disassemblyManual", link, DISMANTLING, entry=0, field="documentUrl")


def _read_time(tree: JsonObject, source: LeafDocument) -> None:
    path = HEADER["updated"]
    value = at(tree, path)[0]
    time = None if value is None else source.value(INSTANT, value, path, None)
    if time is None:
        return
    if source.raw["condition"]:
        source.put(RECORDED_AT, time, path)
        source.fault(
            "time-of-update", path, None, Message("the time of the read-out"), found(time),
            Message("the time of the passport's update is taken for that of the read-out"), "warning",
        )  # fmt: skip
    else:
        source.take(path)
