"""Writing a battery passport in the vocabulary of OpenEPCIS, as expanded JSON-LD: whole IRIs, and no context to fetch.

A value that the record lacks is left out: an open vocabulary asks for nothing. What its shapes ask for and the record
has not is named as missing. The passport's own header says item, active, and the time of the last read-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.battery.record import Record
from passport.exchange import correspondences, peer_format
from passport.exchange.aas.aas_values import DECIMAL, lexical
from passport.exchange.converters import Unwritable
from passport.exchange.correspondences import at, put
from passport.exchange.openepcis import openepcis_reader
from passport.exchange.openepcis.openepcis_mapping import (
    BATTERY,
    C_RATE,
    CHEMISTRY,
    CLASSES,
    ENTRY_CLASSES,
    FOOTPRINT,
    INDIVIDUALS,
    LITERALS,
    PARTS,
    POWERS,
    PREFIXES,
    QUANTITIES,
    QUANTITY,
    REASONS,
    RULES,
    SUBSTANCES,
    SUPPLIERS,
    SUPPLY,
    SYMBOLS,
)
from passport.exchange.peer_format import Export, Notes
from passport.linked_data.json_types import JsonObject
from passport.vocabulary.credential_types import RECORDED_AT

SCHEMA_VERSION, ACTIVE, ITEM = "1.3", "active", "oec:ItemLevel"
#: What the shapes ask for: of every battery, and of nodes where they are there.
_ASKED = ("eubat:batteryModelIdentifier", "oec:lastUpdated", "gs1:hasSerialNumber")
_ASKED_OF: Mapping[str, tuple[str, ...]] = {
    FOOTPRINT: (
        "eubat:hasCarbonFootprintTotal", "eubat:hasCarbonFootprintPerformanceClass", "eubat:carbonFootprintStudyUrl",
    ),
    SUPPLY: ("eubat:dueDiligenceReportUrl",),
}  # fmt: skip


def write(record: Record) -> Export:
    """The passport of a record."""
    notes = Notes(reasons=dict(REASONS))
    document: JsonObject = {
        "@type": [BATTERY, "gs1:Product"],
        "schema:schemaVersion": SCHEMA_VERSION,
        "oec:passportStatus": ACTIVE,
        "oec:hasReportingGranularity": {"@id": ITEM, "@type": "oec:DPPGranularity"},
    }
    values: JsonObject = {}
    correspondences.write(RULES, record, values, notes)
    _write_quantities(record, values, notes)
    _write_individuals(record, values)
    _write_chemistry(record, values)
    _write_powers(record, values, notes)
    _write_parts(record, values)
    _write_symbols(record, values)
    _write_c_rate(record, values, notes)
    updated = (record.condition or {}).get(RECORDED_AT)
    if isinstance(updated, str):
        values["oec:lastUpdated"] = updated
    values = _without_empty(values)
    for path, members in ENTRY_CLASSES.items():
        for entry in at(values, path)[0] or ():
            for member, kind in members.items():
                node = at(entry, member.removesuffix(".@id"))[0]
                if isinstance(node, dict):
                    node["@type"] = kind
    for path, kind in CLASSES.items():
        node = at(values, path)[0]
        for each in node if isinstance(node, list) else [node]:
            if isinstance(each, dict) and each:
                each["@type"] = kind
    document |= values
    notes.missing += [f"$.{name}" for name in _ASKED if name not in document]
    for path, names in _ASKED_OF.items():
        notes.missing += [f"$.{path}.{name}" for name in names if path in document and name not in document[path]]
    expanded: JsonObject = {_iri(name): _expanded(name, value) for name, value in document.items()}
    return peer_format.exported(expanded, record, openepcis_reader.read(expanded).record, notes)


def _iri(name: str) -> str:
    prefix, colon, rest = name.partition(":")
    return f"{PREFIXES[prefix]}{rest}" if colon and prefix in PREFIXES else name


def _expanded(name: str, value: Any) -> Any:
    """A value of a property in expanded form."""
    if name == "@id":
        return _iri(value)
    if name == "@type":
        return [_iri(each) for each in (value if isinstance(value, list) else [value])]
    items = []
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, Mapping):
            literal: JsonObject = {"@value": each if isinstance(each, str) else str(each)}
            items.append({**literal, "@type": _iri(LITERALS[name])} if name in LITERALS else literal)
        elif "@value" in each:
            items.append(dict(each))
        else:
            items.append(
                {(key if key.startswith("@") else _iri(key)): _expanded(key, held) for key, held in each.items()}
            )
    return items


def _write_quantities(record: Record, values: JsonObject, notes: Notes) -> None:
    for path, indicator, unit, factors in QUANTITIES:
        value = record.value(indicator)
        if value is None:
            continue
        try:
            amount = lexical("decimal", factors[unit]).write(value)
        except Unwritable as error:
            notes.reasons[indicator] = error.reason
            continue
        put(values, path, {"@type": QUANTITY, "gs1:value": amount, "gs1:unitCode": unit})


def _write_individuals(record: Record, values: JsonObject) -> None:
    for path, indicator in openepcis_reader.INDIVIDUAL_INDICATORS.items():
        kind, individuals = INDIVIDUALS[path]
        value = record.value(indicator)
        if isinstance(value, str) and value in individuals:
            put(values, path, {"@id": individuals[value], "@type": kind})


def _without_empty(value: Any) -> Any:
    """The same without empty lists and nodes."""
    if isinstance(value, dict):
        kept = {name: _without_empty(held) for name, held in value.items()}
        return {name: held for name, held in kept.items() if held not in (None, {}, [])}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


def _write_chemistry(record: Record, values: JsonObject) -> None:
    chemistry = record.value("batteryChemistry")
    if isinstance(chemistry, Mapping) and isinstance(chemistry.get("clearName"), str):
        put(values, f"{CHEMISTRY}.schema:name", {"@value": chemistry["clearName"], "@language": "en"})
    for path, indicator in SUBSTANCES.items():
        names = [entry.get("name") for entry in peer_format.entries(record, indicator)]
        put(values, path, [name for name in names if isinstance(name, str)])


def _write_powers(record: Record, values: JsonObject, notes: Notes) -> None:
    for path, indicator in POWERS.items():
        written = at(values, path)[0] or []
        for entry, power in zip(written, peer_format.entries(record, indicator), strict=False):
            try:
                amount = DECIMAL.write(power.get("power"))
            except Unwritable as error:
                notes.reasons[indicator] = error.reason
                continue
            entry["eubat:hasPowerCapability"] = {"@type": QUANTITY, "gs1:value": amount, "gs1:unitCode": "WTT"}


def _write_parts(record: Record, values: JsonObject) -> None:
    """Numbers of parts under every supplier: our vocabulary does not say who supplies which."""
    numbers = [entry.get("partNumber") for entry in peer_format.entries(record, "componentPartNumbers")]
    for supplier in values.get(SUPPLIERS, ()):
        supplier[PARTS] = [number for number in numbers if isinstance(number, str)]


def _write_symbols(record: Record, values: JsonObject) -> None:
    symbols = record.value("cadmiumLeadSymbol")
    for code, path in SYMBOLS.items():
        if isinstance(symbols, list) and symbols:
            put(values, path, "true" if code in symbols else "false")


def _write_c_rate(record: Record, values: JsonObject, notes: Notes) -> None:
    rates = record.value("cycleLifeTestCRate")
    rates = list(rates.values()) if isinstance(rates, Mapping) else []
    if len(rates) == 2 and peer_format.same(*rates):
        try:
            put(values, C_RATE, DECIMAL.write(rates[0]))
        except Unwritable as error:
            notes.reasons["cycleLifeTestCRate"] = error.reason
