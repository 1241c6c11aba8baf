"""Writing an AAS environment: one shell of one battery with the metadata of its passport and the seven submodels.

What needs more than the tables:

* a footprint is one entry for each figure, with the phases of the life cycle that the figure covers;
* a document is described once in the handover documentation and named by its address where a submodel refers to it.
  One of its classifications is the indicator of this vocabulary, so that nothing of it is lost on the way back;
* a marking is its symbol and the texts of its meaning;
* spare parts are listed under every supplier: our vocabulary does not say who supplies which;
* a metal has only the shares that are known; their sum is not written.

An element that a template asks for and the record has no value of is written without a value, and named.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from passport.battery.record import Record
from passport.exchange import correspondences, peer_format
from passport.exchange.aas import aas_elements, aas_reader
from passport.exchange.aas.aas_documents import NO_LANGUAGE, document_links
from passport.exchange.aas.aas_mapping import (
    C_RATE,
    COMPONENT,
    DOCUMENTS,
    FOOTPRINT,
    FOOTPRINTS,
    HAZARD,
    HAZARD_CLASSES,
    HAZARDS,
    MARKING_NAMES,
    MARKINGS,
    METADATA,
    METALS,
    PER_KWH,
    PER_PIECE,
    PHASE_NAMES,
    PHASES,
    REASONS,
    RECYCLED,
    REFERENCES,
    RULES,
    SUPPLIERS,
    VDI_2770,
    VDI_CLASSES,
)
from passport.exchange.aas.aas_templates import templates
from passport.exchange.aas.aas_values import DECIMAL, FLOAT, LABEL
from passport.exchange.converters import Unwritable
from passport.exchange.correspondences import Many, put
from passport.exchange.peer_format import Export, Notes
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, say
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import RECORDED_AT

SCHEMA_VERSION, ITEM, ACTIVE = "EN18223:v1.0", "Item", "Active"
#: Asset ids beside the global one: record's indicators that the submodels have no place for.
ASSET_IDS = ("packTractionBatteryCode", "gtin", "batteryModelIdentifier", "batchNumber")


def write(record: Record) -> Export:
    """The environment of a record."""
    notes = Notes(reasons=dict(REASONS))
    values: dict[str, Any] = {}
    correspondences.write(RULES, record, values, notes)
    _write_metadata(record, values)
    _write_c_rate(record, values, notes)
    _write_footprints(record, values, notes)
    _write_hazards(record, values, notes)
    _write_recycled(record, values, notes)
    _write_components(record, values, notes)
    _write_markings(record, values, notes)
    _write_documents(record, values, notes)
    document = _environment(record, values, notes)
    return peer_format.exported(document, record, aas_reader.read(document).record, notes)


def _environment(record: Record, values: Mapping[str, Any], notes: Notes) -> JsonObject:
    own = record.value("batteryIdentifier")
    asset = own if isinstance(own, str) and own else peer_format.NO_UUID
    if asset == peer_format.NO_UUID:
        notes.filled.append("$.assetAdministrationShells[0].assetInformation.globalAssetId")
    # Derived from the battery's own identifier: the same record gives the same document, and two packs never share one.
    seed = "|".join(str(record.value(name)) for name in ("batteryIdentifier", *ASSET_IDS, "serialNumber"))
    names = {name: uuid.uuid5(uuid.NAMESPACE_URL, f"{seed}|{name}").urn for name in ("", *templates())}
    filled: list[str] = []
    submodels = [
        aas_elements.submodel(template, values.get(name, {}), names[name], filled)
        for name, template in templates().items()
    ]
    notes.filled += [f"$.{path}" for path in filled]
    asset_ids = [
        {
            "name": name,
            "value": value,
            "semanticId": {
                "type": "ExternalReference",
                "keys": [{"type": "GlobalReference", "value": vocabulary_module.load().indicators[name].iri}],
            },
        }
        for name in ASSET_IDS
        if isinstance(value := record.value(name), str) and value
    ]
    shell: JsonObject = {
        "modelType": "AssetAdministrationShell",
        "idShort": "BatteryPassport",
        "id": names[""],
        "assetInformation": {
            "assetKind": "Instance",
            "globalAssetId": asset,
            **({"specificAssetIds": asset_ids} if asset_ids else {}),
        },
        "submodels": [
            {"type": "ModelReference", "keys": [{"type": "Submodel", "value": names[name]}]} for name in templates()
        ],
    }
    return {"assetAdministrationShells": [shell], "submodels": submodels}


def _write_metadata(record: Record, values: dict[str, Any]) -> None:
    header = {
        "granularity": ITEM,
        "dppSchemaVersion": SCHEMA_VERSION,
        "dppStatus": ACTIVE,
        "lastUpdate": (record.condition or {}).get(RECORDED_AT),
        "contentSpecificationIds": [vocabulary_module.NS.rstrip("#")],
    }
    for name, value in header.items():
        if value is not None:
            put(values, f"{METADATA}.{name}", value)


def _write_c_rate(record: Record, values: dict[str, Any], notes: Notes) -> None:
    rates = record.value("cycleLifeTestCRate")
    rates = list(rates.values()) if isinstance(rates, Mapping) else []
    if len(rates) == 2 and peer_format.same(*rates):
        _try(notes, "cycleLifeTestCRate", lambda: put(values, C_RATE, DECIMAL.write(rates[0])))


def _try(notes: Notes, indicator: str, make: Any) -> None:
    try:
        make()
    except Unwritable as error:
        notes.reasons[indicator] = error.reason


def _write_footprints(record: Record, values: dict[str, Any], notes: Notes) -> None:
    entries: list[JsonObject] = []
    for indicator, phases in PHASES.items():
        value = record.value(indicator)
        if value is None:
            continue
        try:
            amount = DECIMAL.write(value)
        except Unwritable as error:
            notes.reasons[indicator] = error.reason
            continue
        unit = PER_PIECE if indicator == "absoluteCarbonFootprint" else PER_KWH
        entry: JsonObject = {
            "PcfCO2eq": amount,
            "ReferenceImpactUnitForCalculation": unit[0],
            "QuantityOfMeasureForCalculation": "1",
            "LifeCyclePhases": [PHASE_NAMES[phase] for phase in phases],
        }
        method = record.value("carbonFootprintMethod")
        if isinstance(method, str):
            entry["PcfCalculationMethods"] = [method]
        entries.append(entry)
    whole = next((entry for entry in entries if len(entry["LifeCyclePhases"]) > 1), None)
    performance, study = record.value("carbonFootprintPerformanceClass"), record.value("carbonFootprintStudy")
    if whole is None and (isinstance(performance, str) or isinstance(study, str)):
        whole = {"LifeCyclePhases": [PHASE_NAMES[phase] for phase in PHASES["batteryCarbonFootprint"]]}
        entries.insert(0, whole)
    if whole is not None:
        if isinstance(performance, str):
            whole["PerformanceClass"] = performance
        if isinstance(study, str):
            whole["WebLinkToPublicCarbonFootprintStudy"] = [study]
    put(values, FOOTPRINTS, entries)
    values.setdefault(FOOTPRINT, {})


def _write_hazards(record: Record, values: dict[str, Any], notes: Notes) -> None:
    rule = Many(HAZARDS, "hazardousSubstances", HAZARD)
    impacts = {
        str(entry.get("substanceName")): entry["impactStatement"]
        for entry in peer_format.entries(record, "substanceImpact")
        if isinstance(entry.get("impactStatement"), Mapping)
    }
    entries: list[JsonObject] = []
    for substance in peer_format.entries(record, "hazardousSubstances"):
        classes = substance.get("hazardClass")
        classes = [code for code in classes if isinstance(code, str)] if isinstance(classes, list) else []
        if set(classes) - HAZARD_CLASSES.keys():
            notes.reasons["hazardousSubstances"] = Message(
                "the format knows three hazard classes: {codes}", codes=", ".join(HAZARD_CLASSES.values())
            )
        for code in [code for code in classes if code in HAZARD_CLASSES] or [None]:
            place = f"$.{HAZARDS}[{len(entries)}]"
            entry = correspondences.written_entry(rule, substance, notes, place)
            if entry is None:
                continue
            statements = impacts.get(str(substance.get("name")), {})
            texts = [text for tag in ("en", "zh") if isinstance(text := statements.get(tag), str)]
            if code is not None:
                entry["HazardousSubstanceClass"] = HAZARD_CLASSES[code]
            if texts:
                entry["HazardousSubstanceImpact"] = texts
            entries.append(entry)
    put(values, HAZARDS, entries)


def _write_recycled(record: Record, values: dict[str, Any], notes: Notes) -> None:
    entries = []
    for metal in METALS:
        entry = {}
        for name, indicator in (("PreConsumerShare", "preConsumer"), ("PostConsumerShare", "postConsumer")):
            indicator = f"{indicator}Recycled{metal}Share"
            share = record.value(indicator)
            if share is not None:
                try:
                    entry[name] = FLOAT.write(share)
                except Unwritable as error:
                    notes.reasons[indicator] = error.reason
        notes.reasons[f"recycled{metal}Share"] = Message("the format has only the shares from before and after use")
        if entry:
            entries.append({**entry, "RecycledMaterial": metal})
    put(values, RECYCLED, entries)


def _write_components(record: Record, values: dict[str, Any], notes: Notes) -> None:
    rule = Many("Components", "componentPartNumbers", COMPONENT)
    suppliers = correspondences.at(values, SUPPLIERS)[0] or []
    parts = peer_format.entries(record, "componentPartNumbers")
    for n, supplier in enumerate(suppliers):
        place = f"$.{SUPPLIERS}[{n}].Components"
        entries = [correspondences.written_entry(rule, part, notes, f"{place}[{m}]") for m, part in enumerate(parts)]
        supplier["Components"] = [entry for entry in entries if entry]
    if parts and not suppliers:
        notes.reasons["componentPartNumbers"] = Message("the format names parts below a supplier, and there is none")


def _write_markings(record: Record, values: dict[str, Any], notes: Notes) -> None:
    meanings = {
        str(entry.get("subject")): entry.get("meaning") for entry in peer_format.entries(record, "labelMeaning")
    }
    if set(meanings) - {subject for _, subject in MARKING_NAMES.values()}:
        notes.reasons["labelMeaning"] = Message(
            "the format knows these labels: {names}", names=", ".join(MARKING_NAMES)
        )
    symbols = record.value("cadmiumLeadSymbol")
    markings = []
    for name, (indicator, subject) in MARKING_NAMES.items():
        symbol = record.value(indicator) if indicator else None
        meaning = meanings.get(subject)
        texts = []
        if subject == "hazardousMaterial" and isinstance(symbols, list):
            texts += [code for code in symbols if code in ("Cd", "Pb")]
        if isinstance(meaning, Mapping):
            texts += [text for tag in ("en", "zh") if isinstance(text := meaning.get(tag), str)]
        marking: JsonObject = {"MarkingName": name}
        if isinstance(symbol, str):
            marking["MarkingFile"] = {"value": symbol}
        if texts:
            marking["MarkingAdditionalText"] = texts
        if len(marking) > 1:
            markings.append(marking)
    put(values, MARKINGS, markings)


def _write_documents(record: Record, values: dict[str, Any], notes: Notes) -> None:
    documents: dict[str, JsonObject] = {}
    for indicator, link, entry in _linked(record):
        path = REFERENCES.get(indicator)
        if path is not None:
            references = correspondences.at(values, path)[0] or []
            if link not in references:
                references.append(link)
            put(values, path, references)
        known = documents.get(link)
        if known is None:
            known = documents[link] = _document(indicator, link, entry, notes, len(documents))
        known["DocumentClassifications"] += list(_classifications(indicator, known["DocumentClassifications"], notes))
    put(values, f"{DOCUMENTS}.Documents", list(documents.values()))


def _linked(record: Record) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every document of the record: indicator, address, and what else the record says of it."""
    for indicator, field in document_links():
        value = record.value(indicator)
        for item in value if isinstance(value, list) else [value]:
            link = item.get(field) if field and isinstance(item, Mapping) else item
            if isinstance(link, str) and link:
                yield indicator, link, item if isinstance(item, Mapping) else {}


def _document(indicator: str, link: str, entry: Mapping[str, Any], notes: Notes, n: int) -> JsonObject:
    label = vocabulary_module.load().indicators[indicator].label
    language, content_type = entry.get("language"), entry.get("mimeType")
    file: JsonObject = {"value": link}
    if isinstance(content_type, str):
        file["contentType"] = content_type
    version: JsonObject = {
        "Title": {language: say(label, language) for language in label},
        "DigitalFiles": [file],
    }
    if isinstance(language, str):
        version["Language"] = [language]
    else:
        version["Language"] = [NO_LANGUAGE]
        notes.filled.append(f"$.{DOCUMENTS}.Documents[{n}].DocumentVersions[0].Language[0]")
    return {
        "DocumentClassifications": [],
        "DocumentIds": [{"DocumentDomainId": vocabulary_module.NS, "DocumentIdentifier": link}],
        "DocumentVersions": [version],
    }


def _classifications(indicator: str, known: list[JsonObject], notes: Notes) -> Iterator[JsonObject]:
    if indicator in VDI_CLASSES and not any(each["ClassificationSystem"] == VDI_2770 for each in known):
        number, name = VDI_CLASSES[indicator]
        yield {"ClassName": {"en": name}, "ClassId": number, "ClassificationSystem": VDI_2770}
    term = vocabulary_module.load().indicators[indicator]
    names = {}
    for language, text in term.label.items():
        _try(notes, indicator, lambda language=language, text=text: names.update({language: LABEL.write(text)}))
    yield {"ClassName": names, "ClassId": indicator, "ClassificationSystem": vocabulary_module.NS}
