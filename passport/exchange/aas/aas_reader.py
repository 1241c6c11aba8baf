"""Reading an AAS environment with the submodels of IDTA 02035 and the metadata of IDTA 02099-1.

A submodel is known by its semantic id, an element by its idShort or semantic id. What needs more than the tables:

* headers are data: the metadata's status, granularity and schema version, the kind of the asset and of each submodel.
  A passport that is not active, is about another grain, or is a template is a fault;
* a figure of the footprint is known by the phases that it covers, its unit and its quantity;
* a document is found by the reference of a submodel, or by a classification in this vocabulary;
* a hazardous substance has one entry for each of its classes;
* texts without a language are Chinese where they have Han characters, else English.

Every other value is named with its place and, where there is one, the reason. Names, descriptions and concept
descriptions belong to the templates and are not data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from passport.battery.fault import found
from passport.exchange import converters, correspondences, headers, peer_format
from passport.exchange.aas import aas_elements
from passport.exchange.aas.aas_document_reader import read_documents, read_reference
from passport.exchange.aas.aas_documents import document_links
from passport.exchange.aas.aas_mapping import (
    C_RATE,
    COMPONENT,
    DOCUMENTS,
    FOOTPRINTS,
    HAZARD,
    HAZARD_CLASSES,
    HAZARDS,
    MARKING_NAMES,
    MARKINGS,
    METADATA,
    METALS,
    NAMES,
    NOT_READ,
    PER_KWH,
    PER_PIECE,
    PHASE_IRDIS,
    PHASES,
    PLATE,
    REASONS,
    RECYCLED,
    REFERENCES,
    REMAINING_CAPACITY,
    REMAINING_POWER,
    RULES,
    STATUS_IRDIS,
    SUPPLIERS,
)
from passport.exchange.aas.aas_templates import Template, templates
from passport.exchange.aas.aas_values import DECIMAL, FLOAT, number_of
from passport.exchange.converters import LINK, TEXT, UnreadableValue
from passport.exchange.correspondences import at, entries_at
from passport.exchange.footprint_methods import eu_method
from passport.exchange.leaves import LeafDocument
from passport.exchange.peer_format import PeerReading
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import RECORDED_AT

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PHASE = re.compile(r"([A-D][0-9]?)(?:-([A-D][0-9]))?")
_SHELLS = "assetAdministrationShells"
#: Texts that are names: the language that they are given in does not matter.
_NAME_TEXTS = frozenset({
    "ManufacturerName", "Street", "Zipcode", "CityTown", "NationalCode", "NameOfSupplier", "PostalCode",
})  # fmt: skip
_ASSET_IDS = ("packTractionBatteryCode", "gtin", "batteryModelIdentifier", "batchNumber", "serialNumber")


def read(document: Any, file: str = "passport.aas.json", *, on: date | None = None) -> PeerReading:
    """Map an environment.

    :raises FaultyRecord: it is none, or holds no submodel of a battery passport.
    """
    submodels = document.get("submodels") if isinstance(document, Mapping) else None
    known = [_template_of(each) for each in submodels] if isinstance(submodels, list) else []
    if not any(known):
        raise peer_format.other_format(
            file,
            Message("no AAS environment of a battery passport"),
            Message("submodels of IDTA 02035"),
            found(document),
        )
    source = LeafDocument(file)
    tree = value_tree(document, known, source)
    tree = peer_format.without_placeholders(tree)[0]
    _name_texts(tree)
    _read_headers(tree, source)
    correspondences.read(RULES, tree, source)
    _read_asset(tree, source)
    _read_c_rate(tree, source)
    _read_inexact(tree, source)
    _read_footprints(tree, source)
    _read_hazards(tree, source)
    _read_components(tree, source)
    _read_recycled(tree, source)
    _read_markings(tree, source, on)
    read_documents(tree, source)
    _take_last_update(tree, source)
    source.name_rest(tree, NOT_READ)
    record = source.record()
    places = correspondences.places(RULES) | {name: f"$.{path}" for name, path in REFERENCES.items()}
    places |= dict.fromkeys(PHASES, f"$.{FOOTPRINTS}") | {"carbonFootprintStudy": f"$.{FOOTPRINTS}"}
    places |= {name: f"$.{DOCUMENTS}.Documents" for name, _ in document_links() if name not in places}
    places |= {"hazardousSubstances": f"$.{HAZARDS}", "componentPartNumbers": f"$.{SUPPLIERS}"}
    return PeerReading(record, tuple(source.faults), peer_format.gaps(record, file, places))


def _template_of(submodel: Any) -> Template | None:
    ids = set(aas_elements.identifiers(submodel)[:1])
    for template in templates().values():
        if ids & set(template.ids[:1]):
            return template
    return None


def value_tree(document: Mapping[str, Any], known: list[Template | None], source: LeafDocument) -> dict[str, Any]:
    """The environment as plain values: submodels by name, shells as they are without what describes them."""
    tree: dict[str, Any] = {}
    for n, (submodel, template) in enumerate(zip(document["submodels"], known, strict=True)):
        own = submodel.get("idShort") if isinstance(submodel, Mapping) else None
        name = template.name if template else own if isinstance(own, str) else f"submodels[{n}]"
        elements = submodel.get("submodelElements") if isinstance(submodel, Mapping) else submodel
        values = aas_elements.plain(elements, template.elements if template else ())
        if template is None and name in templates():
            found_ids = ", ".join(aas_elements.identifiers(submodel)[:1])
            source.faulty(
                "unknown-version",
                f"{name}({n})",
                None,
                templates()[name].ids[0],
                found_ids,
                Message("the submodel is of another version"),
            )
        if isinstance(submodel, Mapping) and submodel.get("kind") == "Template":
            source.faulty(
                "template", f"{name}.kind", None, "Instance", "Template", Message("a template is no battery's data")
            )
        if name in tree or (template is None and name in templates()):
            name = f"{name}({n})"
            if template is not None:
                source.faulty(
                    "duplicate-element",
                    name,
                    None,
                    Message("one submodel of a kind"),
                    template.name,
                    Message("the file holds the submodel twice; the second is not taken over"),
                )
        tree[name] = values
    shells = document.get(_SHELLS)
    tree[_SHELLS] = [_shell(each) for each in shells] if isinstance(shells, list) else shells
    return tree


def _shell(shell: Any) -> Any:
    if not isinstance(shell, Mapping):
        return shell
    describing = ("modelType", "idShort", "id", "submodels", "administration", "displayName", "description", "category")
    values: dict[str, Any] = {name: value for name, value in shell.items() if name not in describing}
    asset = values.get("assetInformation")
    if isinstance(asset, Mapping) and isinstance(asset.get("specificAssetIds"), list):
        ids = [
            {name: held for name, held in each.items() if name in ("name", "value")}
            if isinstance(each, Mapping)
            else each
            for each in asset["specificAssetIds"]
        ]
        values["assetInformation"] = {**asset, "specificAssetIds": ids}
    return values


def _name_texts(value: Any) -> None:
    """Names that are given in another language only, as if they were given in :data:`NAMES`."""
    if isinstance(value, list):
        for each in value:
            _name_texts(each)
    elif isinstance(value, dict):
        for name, held in value.items():
            if name in _NAME_TEXTS and isinstance(held, dict) and held and NAMES not in held:
                held[NAMES] = held.pop(next(iter(held)))
            else:
                _name_texts(held)


# --- headers --------------------------------------------------------------------------------------------------------


def _read_headers(tree: JsonObject, source: LeafDocument) -> None:
    for path, expected, code, message in (
        (f"{METADATA}.dppStatus", "Active", "inactive-passport", Message("the passport is not in force")),
        (f"{METADATA}.granularity", "Item", "other-granularity", Message("the passport is not of one battery")),
    ):
        value = at(tree, path)[0]
        if isinstance(value, str) and value.strip().lower() == expected.lower():
            source.take(path)
        elif value is not None:
            source.faulty(code, path, None, expected, value, message)
    version_path = f"{METADATA}.dppSchemaVersion"
    version = at(tree, version_path)[0]
    if isinstance(version, str) and re.match(r"(fpr|pr)?en18223\b", version.replace(" ", "").lower()):
        source.take(version_path)
    elif version is not None:
        source.faulty(
            "unknown-version", version_path, None, "EN18223:v1.0", version, Message("the passport is of another schema")
        )
    for entry, place in entries_at(tree, f"{METADATA}.contentSpecificationIds", source):
        if entry == vocabulary_module.NS.rstrip("#"):
            source.take(place)
    for n, shell in enumerate(tree[_SHELLS] if isinstance(tree.get(_SHELLS), list) else ()):
        path = f"{_SHELLS}[{n}].assetInformation.assetKind"
        kind = at(shell, "assetInformation.assetKind")[0]
        if kind == "Instance":
            source.take(path)
        elif kind is not None:
            message = Message("the passport is not of one battery")
            source.faulty("other-granularity", path, None, "Instance", kind, message)
    status_path = f"{PLATE}.LifeCycleStage"
    status = at(tree, status_path)[0]
    if isinstance(status, str) and status in STATUS_IRDIS:
        tree[PLATE]["LifeCycleStage"] = STATUS_IRDIS[status]


def _take_last_update(tree: JsonObject, source: LeafDocument) -> None:
    """The time of the passport's update is a header where it is the time of the read-out; else it is named."""
    path = f"{METADATA}.lastUpdate"
    readings = source.raw["condition"].values()
    times = [each.get(RECORDED_AT) for each in readings if isinstance(each, Mapping)]
    if any(peer_format.same(at(tree, path)[0], time) for time in times if time is not None):
        source.take(path)


def _read_asset(tree: JsonObject, source: LeafDocument) -> None:
    for n, shell in enumerate(tree[_SHELLS] if isinstance(tree.get(_SHELLS), list) else ()):
        place = f"{_SHELLS}[{n}].assetInformation"
        identifier = at(shell, "assetInformation.globalAssetId")[0]
        if identifier in (peer_format.NO_UUID, source.raw["pack"].get("batteryIdentifier")):
            source.take(f"{place}.globalAssetId")
        ids = at(shell, "assetInformation.specificAssetIds")[0]
        for m, entry in enumerate(ids if isinstance(ids, list) else ()):
            name, value = at(entry, "name")[0], at(entry, "value")[0]
            if name in _ASSET_IDS:
                inner = f"{place}.specificAssetIds[{m}]"
                source.put(str(name), source.value(TEXT, value, f"{inner}.value", str(name)), f"{inner}.value")
                source.take(f"{inner}.name")


# --- values ---------------------------------------------------------------------------------------------------------


def _read_c_rate(tree: JsonObject, source: LeafDocument) -> None:
    value = at(tree, C_RATE)[0]
    if value is not None:
        rate = source.value(DECIMAL, value, C_RATE, "cycleLifeTestCRate")
        for field in ("chargeCRate", "dischargeCRate"):
            source.put("cycleLifeTestCRate", rate, C_RATE, field=field)


def _read_inexact(tree: JsonObject, source: LeafDocument) -> None:
    for path, inner, indicator in (
        (REMAINING_CAPACITY, "RemainingCapacityValue", "remainingCapacity"),
        (REMAINING_POWER, "RemainingPowerCapabilityDynamicAt.PowerCapabilityAt", "remainingPowerCapability"),
    ):
        value = at(tree, f"{path}.{inner}")[0]
        if value is not None:
            expected = Message("a value in the unit of the vocabulary")
            source.faulty("inexact-unit", f"{path}.{inner}", indicator, expected, value, REASONS[indicator], "loss")


def _read_footprints(tree: JsonObject, source: LeafDocument) -> None:
    for entry, place in entries_at(tree, FOOTPRINTS, source):
        phases = _phases(at(entry, "LifeCyclePhases")[0])
        unit, quantity = at(entry, "ReferenceImpactUnitForCalculation")[0], at(entry, "QuantityOfMeasureForCalculation")
        indicator = _footprint(phases, unit, quantity[0])
        value = at(entry, "PcfCO2eq")[0]
        methods = at(entry, "PcfCalculationMethods")[0]
        foreign = [text for text in methods or () if eu_method(text) is None]
        if foreign:
            if value is not None:
                # Without a method, the figure is what the template is for: that of Regulation (EU) 2023/1542.
                source.faulty(
                    "not-taken",
                    f"{place}.PcfCO2eq",
                    indicator,
                    Message("a figure by a method of the EU"),
                    value,
                    Message("the figure is by another method"),
                    "loss",
                )
            continue
        for n, text in enumerate(methods or ()):
            source.put("carbonFootprintMethod", eu_method(text), f"{place}.PcfCalculationMethods[{n}]")
        if indicator is None and value is not None:
            source.faulty(
                "inexact-unit",
                f"{place}.PcfCO2eq",
                None,
                Message("a figure per kWh or for the battery, over phases that the vocabulary has an indicator for"),
                value,
                Message("the figure has another scope"),
                "loss",
            )
        elif indicator is not None:
            figure = None if value is None else source.value(DECIMAL, value, f"{place}.PcfCO2eq", indicator)
            source.put(indicator, figure, f"{place}.PcfCO2eq")
            scope = ("LifeCyclePhases", "ReferenceImpactUnitForCalculation", "QuantityOfMeasureForCalculation")
            source.take(*(f"{place}.{name}" for name in scope))
        elif phases == set(PHASES["batteryCarbonFootprint"]):
            source.take(f"{place}.LifeCyclePhases")  # an entry for the class or the study alone
        grade = at(entry, "PerformanceClass")[0]
        if grade is not None:
            path, name = f"{place}.PerformanceClass", "carbonFootprintPerformanceClass"
            source.put(name, source.value(TEXT, grade, path, name), path)
        for link, path in entries_at(entry, "WebLinkToPublicCarbonFootprintStudy", source, f"{place}."):
            read_reference(link, path, "carbonFootprintStudy", tree, source)


def _phases(value: Any) -> set[str]:
    """Phases by their letters and numbers, ranges spelt out; empty where one is unknown."""
    found_phases: set[str] = set()
    for each in value if isinstance(value, list) else ():
        text = PHASE_IRDIS.get(each, each) if isinstance(each, str) else ""
        known = _PHASE.match(text)
        if known is None:
            return set()
        first, last = known[1], known[2] or known[1]
        if first[0] != last[0] or len(first) != len(last):
            return set()
        numbers = range(int(first[1:] or 0), int(last[1:] or 0) + 1)
        found_phases |= {f"{first[0]}{number or ''}" for number in numbers}
    return found_phases


def _footprint(phases: set[str], unit: Any, quantity: Any) -> str | None:
    """The indicator of a figure with this scope."""
    try:
        if quantity is None or number_of(quantity) != 1:
            return None
    except UnreadableValue:
        return None
    whole = set(PHASES["batteryCarbonFootprint"])
    # Transport to the factory and to the recycler belongs to the stages beside it.
    if whole <= phases and not phases - whole - {"A2", "C1", "C2", "C4"}:
        return {PER_KWH: "batteryCarbonFootprint", PER_PIECE: "absoluteCarbonFootprint"}.get(
            next((pair for pair in (PER_KWH, PER_PIECE) if unit in pair), PER_KWH if unit is None else ("", ""))
        )
    if unit not in PER_KWH:
        return None
    return next((name for name, own in PHASES.items() if set(own) == phases and len(own) == 1), None)


def _read_hazards(tree: JsonObject, source: LeafDocument) -> None:
    rows: list[JsonObject] = []
    classes: dict[int, list[str]] = {}
    places: dict[int, str] = {}
    impacts: dict[str, dict[str, str]] = {}
    texts: dict[str, str] = {}
    ours = {theirs: code for code, theirs in HAZARD_CLASSES.items()}
    for entry, place in entries_at(tree, HAZARDS, source):
        row, paths = {}, {}
        for member in HAZARD:
            held, inner = at(entry, member.path)
            path = f"{place}.{inner}"
            value = None if held is None else source.value(member.kind, held, path, "hazardousSubstances")
            if value is not None:
                row[member.field], paths[member.field] = value, path
        n = rows.index(row) if row in rows else len(rows)
        if n == len(rows):
            rows.append(row)
        for field, value in row.items():
            source.put("hazardousSubstances", value, paths[field], entry=n, field=field)
        given = at(entry, "HazardousSubstanceClass")[0]
        path = f"{place}.HazardousSubstanceClass"
        if isinstance(given, str) and given in ours:
            source.take(path)
            places.setdefault(n, path)
            classes.setdefault(n, []).append(ours[given])
        elif given is not None:
            source.not_taken("malformed-value", path, "hazardousSubstances", ", ".join(ours), given)
        name = row.get("name")
        for text, path in entries_at(entry, "HazardousSubstanceImpact", source, f"{place}."):
            if isinstance(text, str) and text.strip() and isinstance(name, str):
                _add_text(impacts.setdefault(name, {}), text)
                texts.setdefault(name, path)
                source.take(path)
    for n, codes in classes.items():
        source.put("hazardousSubstances", list(dict.fromkeys(codes)), places[n], entry=n, field="hazardClass")
    for n, (name, statement) in enumerate(impacts.items()):
        impact = {"substanceName": name, "impactStatement": statement}
        source.put("substanceImpact", impact, texts[name], entry=n)


def _add_text(texts: dict[str, str], text: str) -> None:
    language = "zh" if _HAN.search(text) else "en"
    if text not in texts.get(language, ""):
        texts[language] = f"{texts[language]} {text}" if language in texts else text


def _read_components(tree: JsonObject, source: LeafDocument) -> None:
    parts: list[JsonObject] = []
    for entry, place in entries_at(tree, SUPPLIERS, source):
        for component, inner in entries_at(entry, "Components", source, f"{place}."):
            part, paths = {}, {}
            for member in COMPONENT:
                held, path = at(component, member.path)
                value = (
                    None if held is None
                    else source.value(member.kind, held, f"{inner}.{path}", "componentPartNumbers")
                )  # fmt: skip
                if value is not None:
                    part[member.field], paths[member.field] = value, f"{inner}.{path}"
            if part and part not in parts:
                parts.append(part)
            for field, value in part.items():
                source.put("componentPartNumbers", value, paths[field], entry=parts.index(part), field=field)


def _read_recycled(tree: JsonObject, source: LeafDocument) -> None:
    for entry, place in entries_at(tree, RECYCLED, source):
        metal = at(entry, "RecycledMaterial")[0]
        if metal not in METALS:
            if metal is not None:
                path = f"{place}.RecycledMaterial"
                source.not_taken("malformed-value", path, None, ", ".join(METALS), metal)
            continue
        source.take(f"{place}.RecycledMaterial")
        shares = []
        for name, when in (("PreConsumerShare", "preConsumer"), ("PostConsumerShare", "postConsumer")):
            held, indicator = at(entry, name)[0], f"{when}Recycled{metal}Share"
            share = None if held is None else source.value(FLOAT, held, f"{place}.{name}", indicator)
            source.put(indicator, share, f"{place}.{name}")
            shares.append(share)
        if None not in shares:
            both = converters.total(Decimal(str(share)) for share in shares)
            source.derive(f"recycled{metal}Share", converters.written(both), place)


def _read_markings(tree: JsonObject, source: LeafDocument, on: date | None) -> None:
    for entry, place in entries_at(tree, MARKINGS, source):
        name = at(entry, "MarkingName")[0]
        if not isinstance(name, str) or name not in MARKING_NAMES:
            continue
        source.take(f"{place}.MarkingName")
        begins, ends = ((f"{place}.{limit}", at(entry, limit)[0]) for limit in ("IssueDate", "ExpiryDate"))
        headers.read_period(source, begins, ends, on, thing=Message("the marking"))
        indicator, subject = MARKING_NAMES[name]
        file, path = at(entry, "MarkingFile.value")[0], f"{place}.MarkingFile.value"
        if indicator is not None and file is not None:
            source.put(indicator, source.value(LINK, file, path, indicator), path)
        _take_content_type(entry, "MarkingFile", place, source)
        meaning: dict[str, str] = {}
        first = None
        for text, path in entries_at(entry, "MarkingAdditionalText", source, f"{place}."):
            if subject == "hazardousMaterial" and text in ("Cd", "Pb"):
                source.append("cadmiumLeadSymbol", text, path)
            elif isinstance(text, str) and text.strip():
                _add_text(meaning, text)
                source.take(path)
                first = first or path
        if meaning and first is not None:
            n = source.count("labelMeaning")
            source.put("labelMeaning", subject, f"{place}.MarkingName", entry=n, field="subject")
            source.put("labelMeaning", meaning, first, entry=n, field="meaning")


def _take_content_type(entry: Any, name: str, place: str, source: LeafDocument) -> None:
    if at(entry, f"{name}.contentType")[0] == aas_elements.NO_CONTENT_TYPE:
        source.take(f"{place}.{name}.contentType")
