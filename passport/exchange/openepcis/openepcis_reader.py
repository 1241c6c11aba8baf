"""Reading a battery passport in the vocabulary of OpenEPCIS: any JSON-LD whose contexts are at hand.

The document is expanded first, so that names and shape of the JSON do not matter. A passport that is not active, or not
of one battery, is a fault, and so is a unit that is not known. Every other value is named where it is not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from passport.battery.fault import found
from passport.errors import MalformedDocument, UnsafeJsonLd
from passport.exchange import correspondences, peer_format
from passport.exchange.aas.aas_values import DECIMAL, lexical
from passport.exchange.converters import INSTANT, TEXT
from passport.exchange.correspondences import Many, at, entries_at
from passport.exchange.leaves import LeafDocument
from passport.exchange.openepcis.openepcis_mapping import (
    BATTERY,
    C_RATE,
    CHEMISTRY,
    FOOTPRINT,
    INDIVIDUALS,
    POWERS,
    PREFIXES,
    QUANTITIES,
    RULES,
    SUBSTANCES,
    SYMBOLS,
    WORDS,
)
from passport.exchange.peer_format import PeerReading
from passport.linked_data import contexts, jsonld
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import RECORDED_AT

#: Path of an individual -> the indicator that it is a code of.
INDIVIDUAL_INDICATORS: Mapping[str, str] = {
    "schema:category": "batteryCategory",
    "schema:status": "batteryStatus",
    f"{FOOTPRINT}.eubat:hasCarbonFootprintPerformanceClass": "carbonFootprintPerformanceClass",
}
_LISTS = frozenset(
    [*(rule.path.rpartition(".")[2] for rule in RULES if isinstance(rule, Many)),
     *(path.rpartition(".")[2] for path in SUBSTANCES)]
)  # fmt: skip
_UPDATED = "oec:lastUpdated"
_UNITS = {"WTT": "1", "KWT": "1000"}


def read(
    document: Any,
    file: str = "openepcis.jsonld",
    *,
    on: date | None = None,
    loader: contexts.ContextLoader | None = None,
) -> PeerReading:
    """Map a passport.

    :param loader: contexts beside those that are pinned; nothing is fetched.
    :raises UnknownContext: a context is not at hand.
    :raises FaultyRecord: it holds no battery of the vocabulary, or more than one.
    """
    try:
        nodes = jsonld.expand(document, loader=loader or contexts.PINNED) if document else []
    except (MalformedDocument, UnsafeJsonLd) as error:
        raise peer_format.other_format(
            file, Message("no battery passport of OpenEPCIS"), Message("JSON-LD without loss"), str(error)
        ) from None
    batteries = [node for each in nodes for node in _nodes(each) if BATTERY in node.get("@type", [])]
    if len(batteries) != 1:
        raise peer_format.other_format(
            file, Message("no battery passport of OpenEPCIS"), Message("one {name}", name=BATTERY), found(document)
        )
    tree = batteries[0]
    source = LeafDocument(file)
    _take_types(tree, source)
    _read_headers(tree, source)
    correspondences.read(RULES, tree, source)
    for path, indicator, _, factors in QUANTITIES:
        _read_quantity(at(tree, path)[0], path, indicator, factors, source)
    for path, indicator in INDIVIDUAL_INDICATORS.items():
        _read_individual(tree, path, indicator, source)
    _read_chemistry(tree, source)
    _read_powers(tree, source)
    _read_symbols(tree, source)
    _read_c_rate(tree, source)
    _read_time(tree, source)
    source.name_rest(tree)
    record = source.record()
    places = correspondences.places(RULES) | {indicator: f"$.{path}" for path, indicator, _, _ in QUANTITIES}
    places |= {indicator: f"$.{path}" for path, indicator in INDIVIDUAL_INDICATORS.items()}
    return PeerReading(record, tuple(source.faults), peer_format.gaps(record, file, places))


def _nodes(node: Any) -> list[JsonObject]:
    """A top node, or those of its graph, with compact names and plain values."""
    if not isinstance(node, Mapping):
        return []
    inner = node.get("@graph")
    if isinstance(inner, list):
        return [each for part in inner for each in _nodes(part)]
    return [plain_json(node)]


def compact_name(iri: str) -> str:
    for prefix, base in PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}:{iri[len(base) :]}"
    return iri


def plain_json(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        items = [plain_json(each) for each in value]
        return items if len(items) != 1 or name in _LISTS or name == "@type" else items[0]
    if not isinstance(value, Mapping):
        return compact_name(value) if isinstance(value, str) else value
    if "@value" in value:
        content = value["@value"]
        if isinstance(content, bool):
            return "true" if content else "false"
        if isinstance(content, int | float):
            content = str(content)
        return {value["@language"]: content} if "@language" in value else content
    if "@list" in value:
        return plain_json(value["@list"])
    return {compact_name(key): plain_json(held, compact_name(key)) for key, held in value.items()}


def _take_types(value: Any, source: LeafDocument, path: str = "") -> None:
    if isinstance(value, Mapping):
        for name, held in value.items():
            inner = f"{path}.{name}" if path else str(name)
            if name == "@type":
                source.take(inner)
            else:
                _take_types(held, source, inner)
    elif isinstance(value, list):
        for n, held in enumerate(value):
            _take_types(held, source, f"{path}[{n}]")


def _read_headers(tree: JsonObject, source: LeafDocument) -> None:
    for path, expected, code, message in (
        ("oec:passportStatus", "active", "inactive-passport", Message("the passport is not in force")),
        ("oec:hasReportingGranularity.@id", "oec:ItemLevel", "other-granularity",
         Message("the passport is not of one battery")),
    ):  # fmt: skip
        value = at(tree, path)[0]
        if value == expected:
            source.take(path)
        elif value is not None:
            source.faulty(code, path, None, expected, value, message)
    version = at(tree, "schema:schemaVersion")[0]
    if isinstance(version, str) and version.split(".")[0] == "1":
        source.take("schema:schemaVersion")
    elif version is not None:
        message = Message("the passport is of another schema")
        source.faulty("unknown-version", "schema:schemaVersion", None, "1.3", version, message)


def _read_quantity(
    value: Any,
    path: str,
    indicator: str,
    factors: Mapping[str, str],
    source: LeafDocument,
    *,
    entry: int | None = None,
    field: str | None = None,
) -> None:
    amount, unit = at(value, "gs1:value")[0], at(value, "gs1:unitCode")[0]
    if amount is None:
        return
    place = f"{path}.gs1:value"
    if not isinstance(unit, str) or unit not in factors:
        message = Message("the unit cannot be converted exactly")
        source.faulty("inexact-unit", path, indicator, ", ".join(factors), unit, message)
        return
    source.take(f"{path}.gs1:unitCode")
    ours = source.value(lexical("decimal", factors[unit]), amount, place, indicator)
    source.put(indicator, ours, place, entry=entry, field=field)


def _read_individual(tree: JsonObject, path: str, indicator: str, source: LeafDocument) -> None:
    ours = {individual: code for code, individual in INDIVIDUALS[path][1].items()}
    value, place = at(tree, f"{path}.@id")[0], f"{path}.@id"
    if isinstance(value, str) and value in ours:
        source.put(indicator, ours[value], place)
    elif value is not None:
        source.not_taken("malformed-value", place, indicator, ", ".join(ours), value)


def _read_chemistry(tree: JsonObject, source: LeafDocument) -> None:
    path = f"{CHEMISTRY}.schema:name.en"
    name = at(tree, path)[0]
    if isinstance(name, str):
        source.put("batteryChemistry", source.value(TEXT, name, path, "batteryChemistry"), path, field="clearName")
    for path, indicator in SUBSTANCES.items():
        for n, (text, place) in enumerate(entries_at(tree, path, source)):
            source.put(indicator, source.value(WORDS, text, place, indicator), place, entry=n, field="name")


def _read_powers(tree: JsonObject, source: LeafDocument) -> None:
    time = at(tree, _UPDATED)[0]
    for path, indicator in POWERS.items():
        for n, (entry, place) in enumerate(entries_at(tree, path, source)):
            inner = "eubat:hasPowerCapability"
            value = at(entry, inner)[0]
            _read_quantity(value, f"{place}.{inner}", indicator, _UNITS, source, entry=n, field="power")
            if indicator == "remainingPowerCapability" and isinstance(time, str):
                source.put(indicator, source.value(INSTANT, time, _UPDATED, indicator), _UPDATED, entry=n,
                           field=RECORDED_AT)  # fmt: skip


def _read_symbols(tree: JsonObject, source: LeafDocument) -> None:
    stated = {code: at(tree, path)[0] for code, path in SYMBOLS.items()}
    for code, path in SYMBOLS.items():
        if stated[code] == "true":
            source.append("cadmiumLeadSymbol", code, path)
    # One symbol that is not there says nothing about the other.
    if all(value == "false" for value in stated.values()):
        source.append("cadmiumLeadSymbol", "none", SYMBOLS["Cd"])
    if None not in stated.values():
        source.take(*(path for code, path in SYMBOLS.items() if stated[code] == "false"))


def _read_c_rate(tree: JsonObject, source: LeafDocument) -> None:
    held = at(tree, C_RATE)[0]
    if held is None:
        return
    rate = source.value(DECIMAL, held, C_RATE, "cycleLifeTestCRate")
    for field in ("chargeCRate", "dischargeCRate"):
        source.put("cycleLifeTestCRate", rate, C_RATE, field=field)


def _read_time(tree: JsonObject, source: LeafDocument) -> None:
    path = _UPDATED
    value = at(tree, path)[0]
    time = None if value is None else source.value(INSTANT, value, path, None)
    if time is None:
        return
    source.take(path)
    if source.raw["condition"]:
        source.put(RECORDED_AT, time, path)
        source.fault(
            "time-of-update", path, None, Message("the time of the read-out"), found(time),
            Message("the time of the passport's update is taken for that of the read-out"), "warning",
        )  # fmt: skip
