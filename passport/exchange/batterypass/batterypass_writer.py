"""Writing the BatteryPass data model 1.2.0 / 1.2.1: the seven aspects by name, by the same tables as reading.

PerformanceAndDurability is in 1.2.1, or in 1.2.0, whose schema differs. Conversions beyond the tables:

* a metal is written with its shares from before and after use, or not at all; its sum is not written;
* a hazardous substance is listed once for each of its classes, and three classes are known;
* spare parts are listed under every supplier: our vocabulary does not say who supplies which;
* the rate of the cycle test is written where it is the same in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.battery.record import Record
from passport.exchange import correspondences, peer_format
from passport.exchange.batterypass.batterypass_mapping import (
    ASPECTS,
    COMPONENT,
    CONDITION,
    HAZARD,
    HAZARD_CLASSES,
    IDLE_120,
    LABEL_SUBJECTS,
    METALS,
    PERFORMANCE,
    REASONS,
    TECHNICAL,
)
from passport.exchange.batterypass.batterypass_reader import read
from passport.exchange.converters import NUMBER, Unwritable
from passport.exchange.correspondences import Many, put
from passport.exchange.peer_format import Export, Notes
from passport.linked_data.json_types import JsonValue
from passport.texts import Message


def write(record: Record, *, version: str = "1.2.1") -> Export:
    """The seven aspects of a record, by name, each valid against the schema of its version.

    :param version: of PerformanceAndDurability: ``1.2.1`` or ``1.2.0``.
    """
    notes = Notes(reasons=dict(REASONS))
    documents: dict[str, Any] = {}
    for aspect, rules in ASPECTS.items():
        document: dict[str, Any] = {}
        if aspect == "PerformanceAndDurability":
            rules = PERFORMANCE[version]
        correspondences.write(rules, record, document, notes, f"{aspect}.")
        documents[aspect] = document
    documents["CarbonFootprintForBatteries"].setdefault("carbonFootprintPerLifecycleStage", [])
    _write_circularity(record, documents["Circularity"], notes)
    _write_labels(record, documents["Labeling"], notes)
    _write_hazards(record, documents["MaterialComposition"], notes)
    _write_performance(record, documents["PerformanceAndDurability"], notes, version)
    again = read(documents).record
    return peer_format.exported(documents, record, again, notes)


def _write_circularity(record: Record, document: dict[str, Any], notes: Notes) -> None:
    rule = Many("components", "componentPartNumbers", COMPONENT)
    parts = peer_format.entries(record, "componentPartNumbers")
    for n, supplier in enumerate(document["sparePartSources"]):
        place = f"$.Circularity.sparePartSources[{n}].components"
        entries = [correspondences.written_entry(rule, part, notes, f"{place}[{m}]") for m, part in enumerate(parts)]
        supplier["components"] = [entry for entry in entries if entry]
    if parts and not document["sparePartSources"]:
        notes.reasons["componentPartNumbers"] = Message("the format names parts below a supplier, and there is none")
    content = document["recycledContent"] = []
    for metal in METALS:
        shares = [record.value(f"{when}Recycled{metal}Share") for when in ("preConsumer", "postConsumer")]
        notes.reasons[f"recycled{metal}Share"] = Message(
            "the format has only the shares from before and after use, both"
        )
        try:
            before, after = (NUMBER.write(share) for share in shares)
        except Unwritable:
            continue
        content.append({"recycledMaterial": metal, "preConsumerShare": before, "postConsumerShare": after})


def _write_labels(record: Record, document: dict[str, Any], notes: Notes) -> None:
    symbols = {
        "separateCollection": record.value("separateCollectionSymbol"),
        "carbonFootprint": record.value("carbonFootprintLabel"),
    }
    meanings: dict[str, JsonValue] = {}
    for entry in peer_format.entries(record, "labelMeaning"):
        subject = entry.get("subject")
        if isinstance(subject, str) and subject in LABEL_SUBJECTS:
            meanings.setdefault(subject, entry.get("meaning"))
        else:
            notes.reasons["labelMeaning"] = Message(
                "the format knows four subjects of labels: {subjects}", subjects=", ".join(LABEL_SUBJECTS.values())
            )
    labels = document["labels"] = []
    for code, theirs in LABEL_SUBJECTS.items():
        symbol, meaning = symbols.get(code), meanings.get(code)
        if symbol is None and meaning is None:
            continue
        if not isinstance(symbol, str):
            notes.filled.append(f"$.Labeling.labels[{len(labels)}].labelingSymbol")
            symbol = peer_format.NO_LINK
        labels.append({"labelingSubject": theirs, "labelingSymbol": symbol, "labelingMeaning": meaning or {}})


def _write_hazards(record: Record, document: dict[str, Any], notes: Notes) -> None:
    rule = Many("hazardousSubstances", "hazardousSubstances", HAZARD)
    impacts = {}
    for entry in peer_format.entries(record, "substanceImpact"):
        if isinstance(entry.get("impactStatement"), Mapping):
            impacts[str(entry.get("substanceName"))] = entry["impactStatement"]
    entries = document["hazardousSubstances"] = []
    for substance in peer_format.entries(record, "hazardousSubstances"):
        classes = substance.get("hazardClass")
        classes = [code for code in classes if isinstance(code, str)] if isinstance(classes, list) else []
        if set(classes) - HAZARD_CLASSES.keys():
            reason = Message(
                "the format knows three hazard classes: {classes}", classes=", ".join(HAZARD_CLASSES.values())
            )
            notes.reasons["hazardousSubstances"] = reason
            notes.reasons["substanceImpact"] = Message("it belongs to the substance, and {reason}", reason=reason)
        for code in classes:
            if code in HAZARD_CLASSES:
                place = f"$.MaterialComposition.hazardousSubstances[{len(entries)}]"
                entry = correspondences.written_entry(rule, substance, notes, place)
                entry["hazardousSubstanceClass"] = HAZARD_CLASSES[code]
                texts = impacts.get(str(substance.get("name")), {})
                entry["hazardousSubstanceImpact"] = [texts[tag] for tag in ("en", "zh") if tag in texts]
                entries.append(entry)


def _write_performance(record: Record, document: dict[str, Any], notes: Notes, version: str) -> None:
    prefix = "$.PerformanceAndDurability."

    def fill(path: str, value: Any) -> None:
        put(document, path, value)
        if value != []:
            notes.filled.append(prefix + path)

    technical, condition = document.setdefault(TECHNICAL, {}), document.setdefault(CONDITION, {})
    technical.setdefault("initialInternalResistance", [])
    condition.setdefault("internalResistanceIncrease", [])
    rates = record.value("cycleLifeTestCRate")
    rates = list(rates.values()) if isinstance(rates, Mapping) else []
    try:
        if len(rates) != 2 or not peer_format.same(*rates):
            raise Unwritable(Message("the format has one rate for charging and discharging"))
        technical["cRateLifeCycleTest"] = NUMBER.write(rates[0])
    except Unwritable:
        fill(f"{TECHNICAL}.cRateLifeCycleTest", peer_format.NO_NUMBER)
    fill(f"{TECHNICAL}.originalPowerCapability", [])
    never = peer_format.NO_INSTANT
    fill(f"{CONDITION}.remainingCapacity", {"remainingCapacityValue": peer_format.NO_NUMBER, "lastUpdate": never})
    if version == "1.2.0":
        # The schema holds this one number between -20 and 60.
        fill(IDLE_120, peer_format.NO_TEMPERATURE)
        fill(f"{CONDITION}.remainingPowerCapability", [])
        return
    fill(f"{CONDITION}.remainingPowerCapability", {
        "lastUpdate": never,
        "remainingPowerCapabilityValue": {
            "atSoC": peer_format.NO_NUMBER, "powerCapabilityAt": peer_format.NO_NUMBER, "rPCLastUpdated": never,
        },
    })  # fmt: skip
