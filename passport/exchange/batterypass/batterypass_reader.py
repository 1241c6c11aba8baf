"""Reading the BatteryPass data model 1.2.0 / 1.2.1: seven aspects, each a document of its own.

The input is a folder of aspect files, one file with all aspects by name, or a single aspect, which is recognised by its
distinctive members. Files may be UTF-8 or UTF-16, with or without a byte order mark, like the published ones.

Conversions beyond the tables of :mod:`passport.exchange.batterypass.batterypass_mapping`:

* a metal's recycled share is the sum of its shares from before and after use; the format has only these two;
* a hazardous substance is listed once for each of its classes, and three classes are known;
* the impacts of a substance are texts without a language: those with Han characters are read as Chinese;
* spare parts are listed under each supplier: our vocabulary does not say who supplies which;
* the format has one rate for the cycle test: it is taken for both directions.

A CAS number with a blank at its end, as in the published sample, is a fault that is reported and corrected in reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from passport.battery.fault import found
from passport.errors import MalformedDocument, UnreadableInput
from passport.exchange import converters, correspondences, peer_format
from passport.exchange.batterypass.batterypass_mapping import (
    ASPECTS,
    COMPONENT,
    CONDITION,
    HAZARD,
    HAZARD_CLASSES,
    IDLE_120,
    LABEL_SUBJECTS,
    MARKS,
    METALS,
    PERFORMANCE,
    REASONS,
    TECHNICAL,
)
from passport.exchange.converters import LINK, NUMBER
from passport.exchange.correspondences import at, entries_at
from passport.exchange.leaves import LeafDocument, leaves
from passport.exchange.peer_format import PeerReading
from passport.exchange.records.json_file import MAX_JSON
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CAS = re.compile(r"\d{2,7}-\d{2}-\d")


def load(path: Path) -> dict[str, Any]:
    """The aspects of a folder or file, by name.

    :raises UnreadableInput: it cannot be read, or is too large.
    :raises MalformedDocument: no JSON.
    :raises FaultyRecord: no aspect of the data model is in it.
    """
    try:
        paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
        left, documents = MAX_JSON, {}
        for each in paths:
            with open(each, "rb") as stream:
                data = stream.read(left + 1)
            left -= len(data)
            if left < 0:
                raise UnreadableInput(
                    Message("{name} is too large", name=path.name),
                    expected=Message("at most {count} MB in all files", count=MAX_JSON // 1024 // 1024),
                    found=Message("more"),
                )
            documents[each.name] = strict_json.loads(decoded(data, each.name), max_bytes=2 * MAX_JSON)
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
        ) from None
    aspects: dict[str, Any] = {}
    for name, document in documents.items():
        for aspect, content in by_aspect(document).items():
            if aspect in aspects:
                raise UnreadableInput(
                    Message("{name} has the aspect {aspect} twice", name=path.name, aspect=aspect),
                    expected=Message("one file for each aspect"),
                    found=name,
                )
            aspects[aspect] = content
    if not aspects:
        raise peer_format.other_format(path.name, Message("no BatteryPass data model"),
                                Message("aspects such as GeneralProductInformation"),
                                found(", ".join(documents)) if documents else Message("no .json file"))  # fmt: skip
    return aspects


def decoded(data: bytes, name: str) -> bytes:
    """JSON in UTF-8, from UTF-8 or UTF-16 with or without a byte order mark.

    :raises MalformedDocument: neither.
    """
    encoding = "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data[1:2] == b"\x00":
        encoding = "utf-16-le"
    elif data[:1] == b"\x00":
        encoding = "utf-16-be"
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError:
        raise MalformedDocument(Message("{name} is neither UTF-8 nor UTF-16", name=name)) from None


def by_aspect(document: Any) -> dict[str, Any]:
    """The aspects in one document, which is a bundle of aspects or a single aspect."""
    if not isinstance(document, Mapping):
        return {}
    bundle = {name: document[name] for name in ASPECTS if name in document}
    if bundle:
        return bundle
    return {name: document for name, marks in MARKS.items() if marks & document.keys()}


def read(aspects: Mapping[str, Any], file: str = "batterypass.json", *, on: date | None = None) -> PeerReading:
    """Map the aspects of one battery.

    :param aspects: documents by aspect name; see :func:`load`.
    :param file: name for messages.
    """
    source = LeafDocument(file)
    read_aspects: dict[str, Any] = {}
    known: dict[str, str] = {}
    for aspect, rules in ASPECTS.items():
        document, prefix = peer_format.without_placeholders(aspects.get(aspect))[0], f"{aspect}."
        if aspect == "PerformanceAndDurability":
            rules = PERFORMANCE[version_of(document)]
        known |= correspondences.places(rules, prefix)
        if document is None:
            continue
        if not isinstance(document, Mapping):
            source.not_taken("wrong-type", aspect, None, Message("an object"), document)
            continue
        if aspect == "MaterialComposition":
            document = _with_clean_cas(document, source)
        read_aspects[aspect] = document
        correspondences.read(rules, document, source, prefix)
        _SPECIAL_READERS.get(aspect, _nothing)(document, source, prefix)
    for metal in METALS:
        known[f"recycled{metal}Share"] = "$.Circularity.recycledContent"
    source.name_rest(read_aspects)
    record = source.record()
    return PeerReading(record, tuple(source.faults), peer_format.gaps(record, file, known))


def version_of(performance: Any) -> str:
    """The version of a PerformanceAndDurability document, by the members that tell them apart."""
    condition = performance.get(CONDITION) if isinstance(performance, Mapping) else None
    old = {"powerFade", "roundTripEfficiencyFade", "roundTripEfficiencyat50PerCentCycleLife"}
    return "1.2.0" if isinstance(condition, Mapping) and old & condition.keys() else "1.2.1"


def _nothing(document: Any, source: LeafDocument, prefix: str) -> None:
    pass


def _with_clean_cas(document: Mapping[str, Any], source: LeafDocument) -> dict[str, Any]:
    """The document with CAS numbers without blanks, each of which is a fault."""
    clean = dict(document)
    for path, name in (
        ("batteryMaterials", "batteryMaterialIdentifier"),
        ("hazardousSubstances", "hazardousSubstanceIdentifier"),
    ):
        entries = document.get(path)
        if not isinstance(entries, list):
            continue
        clean[path] = entries = [dict(entry) if isinstance(entry, Mapping) else entry for entry in entries]
        for n, entry in enumerate(entries):
            given = entry.get(name) if isinstance(entry, dict) else None
            if isinstance(given, str) and not _CAS.fullmatch(given):
                place = f"MaterialComposition.{path}[{n}].{name}"
                source.fault(
                    "malformed-cas",
                    place,
                    None,
                    Message("a CAS number such as 7439-93-2, without blanks"),
                    found(given),
                    Message("no CAS number as the schema asks for"),
                )
                if _CAS.fullmatch(given.strip()):
                    entry[name] = given.strip()
    return clean


def _read_circularity(document: Any, source: LeafDocument, prefix: str) -> None:
    parts: list[JsonObject] = []
    for entry, place in entries_at(document, "sparePartSources", source, prefix):
        components, _ = at(entry, "components")
        for n, component in enumerate(components if isinstance(components, list) else ()):
            part = {}
            for member in COMPONENT:
                held = at(component, member.path)[0]
                inner = f"{place}.components[{n}].{member.path}"
                value = None if held is None else source.value(member.kind, held, inner, "componentPartNumbers")
                if value is not None:
                    source.take(inner)
                    part[member.field] = value
            if part and part not in parts:
                source.gather("componentPartNumbers", part, f"{place}.components[{n}]", len(parts))
                parts.append(part)
    for entry, place in entries_at(document, "recycledContent", source, prefix):
        metal = at(entry, "recycledMaterial")[0]
        if not isinstance(metal, str) or metal not in METALS:
            source.not_taken(
                "malformed-value",
                f"{place}.recycledMaterial",
                None,
                Message("one of {codes}", codes=", ".join(METALS)),
                metal,
            )
            continue
        source.take(f"{place}.recycledMaterial")
        shares = []
        for name, indicator in (("preConsumerShare", "preConsumer"), ("postConsumerShare", "postConsumer")):
            held = at(entry, name)[0]
            indicator = f"{indicator}Recycled{metal}Share"
            share = None if held is None else source.value(NUMBER, held, f"{place}.{name}", indicator)
            source.put(indicator, share, f"{place}.{name}")
            shares.append(share)
        both = [Decimal(share) for share in shares if share is not None]
        if len(both) == len(shares):
            source.derive(f"recycled{metal}Share", converters.written(converters.total(both)), place)


def _read_labels(document: Any, source: LeafDocument, prefix: str) -> None:
    ours = {theirs: code for code, theirs in LABEL_SUBJECTS.items()}
    symbols = {"SeparateCollection": "separateCollectionSymbol", "CarbonFootPrint": "carbonFootprintLabel"}
    count = 0
    for entry, place in entries_at(document, "labels", source, prefix):
        subject, symbol, meaning = (at(entry, f"labeling{name}")[0] for name in ("Subject", "Symbol", "Meaning"))
        if not isinstance(subject, str) or subject not in ours:
            source.not_taken(
                "malformed-value",
                f"{place}.labelingSubject",
                "labelMeaning",
                Message("one of {codes}", codes=", ".join(ours)),
                subject,
            )
            continue
        if subject in symbols and symbol is not None:
            indicator = symbols[subject]
            value = source.value(LINK, symbol, f"{place}.labelingSymbol", indicator)
            source.put(indicator, value, f"{place}.labelingSymbol")
            source.take(f"{place}.labelingSubject")
        if isinstance(meaning, Mapping) and meaning:
            source.put("labelMeaning", ours[subject], f"{place}.labelingSubject", entry=count, field="subject")
            source.put("labelMeaning", dict(meaning), f"{place}.labelingMeaning", entry=count, field="meaning")
            count += 1


def _read_hazards(document: Any, source: LeafDocument, prefix: str) -> None:
    rows: list[dict[str, Any]] = []
    impacts: dict[str, dict[str, str]] = {}
    ours = {theirs: code for code, theirs in HAZARD_CLASSES.items()}
    for entry, place in entries_at(document, "hazardousSubstances", source, prefix):
        row: dict[str, Any] = {}
        for member in HAZARD:
            held, inner = at(entry, member.path)
            value = None if held is None else source.value(member.kind, held, f"{place}.{inner}", "hazardousSubstances")
            if value is not None:
                source.take(f"{place}.{inner}")
                row[member.field] = value
        given = at(entry, "hazardousSubstanceClass")[0]
        known_class = isinstance(given, str) and given in ours
        if given is not None and not known_class:
            source.not_taken(
                "malformed-value",
                f"{place}.hazardousSubstanceClass",
                "hazardousSubstances",
                Message("one of {codes}", codes=", ".join(ours)),
                given,
            )
        same = next((known for known in rows if {**known, "hazardClass": None} == {**row, "hazardClass": None}), None)
        if same is None:
            rows.append(row)
            same = row
            source.gather("hazardousSubstances", row, place, len(rows) - 1)
        if known_class:
            source.take(f"{place}.hazardousSubstanceClass")
        if known_class and ours[given] not in same.setdefault("hazardClass", []):
            same["hazardClass"].append(ours[given])
        texts = at(entry, "hazardousSubstanceImpact")[0]
        for n, text in enumerate(texts if isinstance(texts, list) and "name" in row else ()):
            if isinstance(text, str) and text.strip():
                source.take(f"{place}.hazardousSubstanceImpact[{n}]")
                statement = impacts.setdefault(row["name"], {})
                language = "zh" if _HAN.search(text) else "en"
                if text not in statement.get(language, ""):
                    statement[language] = f"{statement[language]} {text}" if language in statement else text
                source.gather(
                    "substanceImpact",
                    {"substanceName": row["name"], "impactStatement": statement},
                    f"{place}.hazardousSubstanceImpact",
                    list(impacts).index(row["name"]),
                )


def _read_performance(document: Any, source: LeafDocument, prefix: str) -> None:
    path = f"{TECHNICAL}.cRateLifeCycleTest"
    value, place = at(document, path)
    if value is not None:
        rate = source.value(NUMBER, value, prefix + place, "cycleLifeTestCRate")
        for field in ("chargeCRate", "dischargeCRate"):
            source.put("cycleLifeTestCRate", rate, prefix + place, field=field)
    for path, indicator in (
        (f"{TECHNICAL}.originalPowerCapability", "originalPowerCapability"),
        (f"{CONDITION}.remainingPowerCapability", "remainingPowerCapability"),
        (f"{CONDITION}.remainingCapacity", "remainingCapacity"),
        (IDLE_120, "idleTemperatureLowerBoundary"),
    ):
        value = at(document, path)[0]
        if value in (None, [], {}) or (path == IDLE_120 and isinstance(value, Mapping)):
            continue
        reason = REASONS.get(indicator, Message("one number is no range"))
        for leaf, held in leaves(value, prefix + path):
            source.faulty(
                "inexact-unit",
                leaf,
                indicator,
                Message("a value in the unit of the vocabulary"),
                held,
                reason,
                "loss",
            )


_SPECIAL_READERS = {
    "Circularity": _read_circularity, "Labeling": _read_labels, "MaterialComposition": _read_hazards,
    "PerformanceAndDurability": _read_performance,
}  # fmt: skip
