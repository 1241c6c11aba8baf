"""Reading a Catena-X battery passport (``io.catenax.battery.battery_pass`` 6.1.0).

The format is another model of the same battery: SI units with the unit beside the value, documents in place of values,
and dummies where its schema requires a value that no maker has. :mod:`passport.exchange.catenax.catenax_mapping` has
the mapping tables, :mod:`passport.exchange.catenax.catenax_source` converts single values; this module does the rest.
Beside the values that can be mapped there are

* *faults*, each with its JSONPath: a category that has no passport, a day that no calendar has, an example left in
  place, a unit that cannot be converted exactly, a substance above its limit. A file with faults is judged, never
  issued from;
* *gaps*: what our vocabulary asks for and the file or the format does not say. Nothing is made up for these;
* values that need the rules of a battery (energy is not capacity times voltage): they are mapped, so that validation
  can refuse them with their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from passport.battery.fault import found
from passport.exchange import peer_format
from passport.exchange.catenax.catenax_mapping import (
    CATEGORIES,
    CHEMISTRIES,
    CRITICAL,
    DOCUMENTS,
    HEAVY_METALS,
    KILOGRAMS,
    MERCURY_LIMIT,
    MILLIMETRES,
    MONTHS,
    READINGS,
    STAGES,
    SYMBOLS,
    VALUES,
)
from passport.exchange.catenax.catenax_source import CatenaXSource, is_day
from passport.exchange.converters import times, written
from passport.exchange.footprint_methods import chinese_method, eu_method
from passport.exchange.headers import read_period
from passport.exchange.peer_format import PeerReading
from passport.exchange.records.json_file import read_json
from passport.texts import Message
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import load

ASPECT = "urn:io.catenax.battery.battery_pass:"
VERSION = "6.1.0"


def read(document: Any, file: str = "battery_pass.json", *, on: date | None = None) -> PeerReading:
    """Map a Catena-X battery passport.

    :param document: parsed JSON, or the path of the file.
    :param file: its name, for messages.
    :param on: the day on which the passport has to be in force.
    :raises FaultyRecord: it is no such document at all, or of another version.
    """
    if isinstance(document, str | Path):
        file = Path(document).name
        document = read_json(Path(document))
    if not isinstance(document, Mapping) or not {"identification", "performance"} <= set(document):
        raise peer_format.other_format(file, Message("no Catena-X battery passport"),
                                Message("an object with identification and performance"), found(document))  # fmt: skip
    content = peer_format.without_placeholders(document)[0]
    source = CatenaXSource(content, file)
    _read_envelope(source, on)
    for path, indicator, field, kind in VALUES:
        source.map(path, kind, indicator, field=field)
    for path, indicator, kind in READINGS:
        value, time = source.said(f"{path}.value", kind, indicator), source.at(f"{path}.time")
        source.timed(indicator, value, f"{path}.value", time, f"{path}.time")
    for path, indicator, field in DOCUMENTS:
        _read_documents(path, indicator, field, source)
    for special in (_read_remaining_power, _read_category,
                    _read_numbers, _read_chemistry, _read_size, _read_power, _read_footprint,
                    _read_composition, _read_hazards, _read_heavy_metals, _read_safety, _read_spare_parts,
                    _check_order_of_days):  # fmt: skip
        special(source)
    source.name_rest(content)
    record = source.record()

    def held(path: str) -> str:
        value = None if "[?" in path else source.at(path.removeprefix("$.").replace("[*]", "[0]"))
        return Message("nothing") if value is None else found(value)

    places = {
        indicator.id: indicator.catenax_paths[0] for indicator in load().indicators.values() if indicator.catenax_paths
    }
    return PeerReading(record, tuple(source.faults), peer_format.gaps(record, file, places, held))


def _read_envelope(source: CatenaXSource, on: date | None) -> None:
    source.take("specVersion", "metadata.version", "metadata.status")
    version = source.at("specVersion")
    if version is not None and version != ASPECT + VERSION:
        source.fault(
            "other-version",
            "specVersion",
            None,
            ASPECT + VERSION,
            found(version),
            Message("another version"),
        )
    status = source.at("metadata.status")
    if status is not None and status != "approved":
        source.fault(
            "not-approved",
            "metadata.status",
            None,
            "approved",
            found(status),
            Message("the file itself says that it is not released"),
        )
    issued, ends = (source.said(f"metadata.{name}", "date") for name in ("issueDate", "expirationDate"))
    if source.said("metadata.lastModification", "date") is not None:
        source.take("metadata.lastModification")
    read_period(source, ("metadata.issueDate", issued if is_day(issued) else None),
                ("metadata.expirationDate", ends if is_day(ends) else None), on)  # fmt: skip


def _read_documents(path: str, indicator: str, field: str | None, source: CatenaXSource) -> None:
    for n, entry in enumerate(source.entries(path)):
        place = f"{entry}.content"
        if source.at(f"{entry}.contentType") == "URL":
            source.take(f"{entry}.contentType")
        if source.at(f"{entry}.header") == load().indicators[indicator].label["en"][:100]:
            source.take(f"{entry}.header")
        if not load().indicators[indicator].repeatable:
            link = source.said(place, "link", indicator)
            # A second document is no contradiction: it is named as not taken over.
            if n == 0:
                source.put(indicator, link, place, field=field)
        elif field is None:
            source.append(indicator, source.said(place, "link", indicator), place)
        else:
            source.map(place, "link", indicator, entry=n, field=field)


def _read_category(source: CatenaXSource) -> None:
    path = "identification.category"
    value = source.said(path, "text", "batteryCategory")
    known = CATEGORIES.get(value or "")
    purposes = source.at("commercial.purpose")
    if known == "industrial" and isinstance(purposes, list) and "stationary" in purposes:
        known = "stationary"  # the format has no category of its own for it
    source.put("batteryCategory", known or value, path)
    for n, purpose in enumerate(purposes if isinstance(purposes, list) else []):
        if purpose == known:
            source.take(f"commercial.purpose[{n}]")
    if known:
        return
    expected = Message("ev, lmt, industrial or stationary")
    source.fault(
        "no-passport-category",
        path,
        "batteryCategory",
        expected,
        found(value),
        Message("not a passport category"),
    )
    for purpose in purposes if isinstance(purposes, list) else []:
        if isinstance(purpose, str) and purpose not in ("ev", "lmt", "industrial", "stationary"):
            source.fault(
                "no-passport-category",
                "commercial.purpose",
                "batteryCategory",
                expected,
                found(purpose),
                Message("not a passport category"),
            )


def _read_numbers(source: CatenaXSource) -> None:
    """Serial and batch number, GTIN and the address in the code, each among entries of several kinds."""
    root = "identification.identification"
    for group, key, indicator in (("serial", "partInstanceId", "serialNumber"), ("batch", "batchId", "batchNumber"),
                                  ("codes", "GTIN", "gtin")):  # fmt: skip
        for path in source.entries(f"{root}.{group}"):
            if source.at(f"{path}.key") == key:
                source.take(f"{path}.key")
                source.map(f"{path}.value", "text", indicator)
                break
    source.map("identification.idDmc", "text", "dataCarrier", field="payload")


def _read_chemistry(source: CatenaXSource) -> None:
    path = "identification.chemistry"
    text = source.said(path, "text", "batteryChemistry")
    if text is None:
        return
    words = re.findall(r"[A-Za-z]+", text)
    known = {CHEMISTRIES[word.upper()] for word in words if word.upper() in CHEMISTRIES}
    source.put("batteryChemistry", known.pop() if len(known) == 1 else text, path, field="shortName")
    source.put("batteryChemistry", text, path, field="clearName")


def _read_size(source: CatenaXSource) -> None:
    root = "characteristics.warranty"
    months = source.converted(f"{root}.lifeValue", f"{root}.lifeUnit", MONTHS, "warrantyPeriod")
    if months is not None:
        whole = months == months.to_integral_value()
        source.put("warrantyPeriod", int(months) if whole else written(months), f"{root}.lifeValue")
    root = "characteristics.physicalDimension"
    mass = source.measured(f"{root}.weight", KILOGRAMS, "batteryMass")
    source.put("batteryMass", mass, f"{root}.weight.value")
    for field in ("length", "width", "height"):
        size = source.measured(f"{root}.{field}", MILLIMETRES, "batteryDimensions")
        source.put("batteryDimensions", size, f"{root}.{field}.value", field=field)


def _read_power(source: CatenaXSource) -> None:
    for entry, (state, name) in enumerate((("80", "at80SoC"), ("20", "at20SoC"))):
        path = f"performance.rated.power.{name}"
        if source.at(path) is not None:
            source.map(path, "number", "originalPowerCapability", entry=entry, field="power")
            source.put("originalPowerCapability", state, path, entry=entry, field="stateOfCharge")


def _read_remaining_power(source: CatenaXSource) -> None:
    # The state of charge that this power belongs to is not said, so the entry stays incomplete.
    path = "performance.dynamic.power.remaining"
    source.map(f"{path}.value", "number", "remainingPowerCapability", entry=0, field="power")
    if source.at(f"{path}.value") is not None:
        source.map(f"{path}.time", "text", "remainingPowerCapability", entry=0, field=RECORDED_AT)


def _read_footprint(source: CatenaXSource) -> None:
    for path in source.entries("sustainability.carbonFootprint"):
        if source.at(f"{path}.type") not in (None, "Climate Change Total"):
            continue
        if not _read_rulebook(path, source):
            continue
        lifecycle, unit = source.at(f"{path}.lifecycle"), source.at(f"{path}.unit")
        stage = STAGES.get(str(lifecycle).strip().lower())
        if stage is None:
            source.fault(
                "unknown-stage",
                f"{path}.lifecycle",
                None,
                Message("one of {stages}", stages=", ".join(STAGES)),
                found(lifecycle),
                Message("unknown stage of the life cycle"),
            )
        elif not isinstance(unit, str) or not re.fullmatch(r"kgCO2(e|eq)?/kWh", unit.replace(" ", "")):
            source.inexact_unit(f"{path}.unit", stage, Message("kg CO2 / kWh"), unit)
        else:
            source.map(f"{path}.value", "number", stage)
            source.take(f"{path}.lifecycle", f"{path}.unit", f"{path}.type")
        source.map(f"{path}.performanceClass", "text", "carbonFootprintPerformanceClass")
        _read_documents(f"{path}.declaration", "carbonFootprintDeclaration", None, source)


def _read_rulebook(path: str, source: CatenaXSource) -> bool:
    """Whether a figure can be the EU's. The format means that one; a rulebook that is not known names no other."""
    for entry in source.entries(f"{path}.rulebook"):
        names = source.at(f"{entry}.header"), source.at(f"{entry}.content")
        method = eu_method(*names)
        if method is not None:
            source.put("carbonFootprintMethod", method, f"{entry}.content")
            source.take(f"{entry}.header", f"{entry}.content", f"{entry}.contentType")
        elif chinese_method(*names):
            value, expected = source.at(f"{path}.value"), Message("a figure by a method of the EU")
            message = Message("the figure is by another method")
            source.faulty("not-taken", f"{path}.value", None, expected, value, message, "loss")
            return False
    return True


# --- materials ------------------------------------------------------------------------------------------------------


def _read_substance(path: str, indicator: str, n: int, source: CatenaXSource) -> None:
    """Name and CAS number of a substance, into the ``n``-th entry of an indicator."""
    source.map(f"{path}.name", "text", indicator, entry=n, field="name")
    if source.at(f"{path}.type") == "CAS":
        source.take(f"{path}.type")
        source.map(f"{path}.id", "text", indicator, entry=n, field="identifier")


def _read_composition(source: CatenaXSource) -> None:
    mass = source.raw["model"].get("batteryMass")
    for path in source.entries("materials.composition"):
        share, share_path = source.share(path, "unit", "detailedComposition"), f"{path}.concentration"
        critical = source.at(f"{path}.critical")
        # Without a place of the material an entry says only that a share of it is there.
        if source.at(f"{path}.location") is not None:
            n = source.count("detailedComposition")
            _read_substance(f"{path}.id[0]", "detailedComposition", n, source)
            source.map(f"{path}.location", "text", "detailedComposition", entry=n, field="componentName")
            source.put("detailedComposition", critical, f"{path}.critical", entry=n, field="isCriticalRawMaterial")
            if share is not None and mass is not None:
                grams = written(times(times(share, mass), "10"))  # per cent of kilograms, in grams
                source.put("detailedComposition", grams, share_path, entry=n, field="mass")
        if critical is True:
            n = source.count("criticalRawMaterials")
            _read_substance(f"{path}.id[0]", "criticalRawMaterials", n, source)
            if share is not None:
                source.put("criticalRawMaterials", written(share), share_path, entry=n, field="massFraction")
            source.take(f"{path}.critical")
    for path in source.entries("materials.active.other"):
        _read_critical(path, source)


def _read_critical(path: str, source: CatenaXSource) -> None:
    """A material of another list that is critical: an entry of its own, unless the composition has it already."""
    critical, identity = source.at(f"{path}.critical"), f"{path}.materialIdentification[0]"
    indicator = "criticalRawMaterials"
    if critical is True:
        known = source.raw["model"].get(indicator, [])
        name, code = source.at(f"{identity}.name"), source.at(f"{identity}.id")
        if not any(entry.get("name") == name or entry.get("identifier") == code is not None for entry in known):
            _read_substance(identity, indicator, len(known), source)
    if critical in (True, False):
        # A material that is not critical is on no list of critical ones: nothing is lost.
        source.take(f"{path}.critical")


def _read_hazards(source: CatenaXSource) -> None:
    for n, path in enumerate(source.entries("materials.hazardous.other")):
        share = source.share(path, "materialUnit", "hazardousSubstances")
        _read_substance(f"{path}.materialIdentification[0]", "hazardousSubstances", n, source)
        source.map(f"{path}.location", "text", "hazardousSubstances", entry=n, field="componentName")
        if share is not None:
            source.put("hazardousSubstances", written(share), f"{path}.concentration", entry=n, field="concentration")
        _read_critical(path, source)


def _read_heavy_metals(source: CatenaXSource) -> None:
    """Cadmium, mercury and lead: the symbols of Article 13, the limit of Annex I, and an entry for each that is there.

    A share of zero makes no entry: a substance that is not there is not listed. It counts for symbol and limit.
    """
    indicator, symbols, known = "hazardousSubstances", [], 0
    for metal, code in HEAVY_METALS.items():
        path = f"materials.hazardous.{metal}"
        share = source.share(path, "materialUnit", indicator)
        if share is None:
            continue
        source.take(f"{path}.concentration")
        if share > 0:
            n = source.count(indicator)
            source.put(indicator, metal, f"{path}.concentration", entry=n, field="name")
            source.put(indicator, code, f"{path}.concentration", entry=n, field="identifier")
            source.put(indicator, written(share), f"{path}.concentration", entry=n, field="concentration")
            source.map(f"{path}.location", "text", indicator, entry=n, field="componentName")
        if metal == "mercury" and share > MERCURY_LIMIT:
            source.fault(
                "restricted-substance",
                f"{path}.concentration",
                None,
                Message("at most {limit} % of mercury (Annex I)", limit=MERCURY_LIMIT),
                f"{written(share)} %",
                Message("more mercury than a battery may contain"),
            )
        if metal in SYMBOLS:
            symbol, limit = SYMBOLS[metal]
            known += 1
            symbols += [symbol] if share > limit else []
    source.map("materials.hazardous.lead.recycled", "number", "recycledLeadShare")
    if known == len(SYMBOLS):
        source.derive("cadmiumLeadSymbol", symbols or ["none"], "materials.hazardous")
    for member, critical in CRITICAL.items():
        if source.at(f"materials.{member}.critical") is critical:
            source.take(f"materials.{member}.critical")  # the law says so of every battery
    active, hazardous = "materials.active.lead", "materials.hazardous.lead"
    for name in ("concentration", "materialUnit", "location"):
        if source.at(f"{active}.{name}") == source.at(f"{hazardous}.{name}") is not None:
            source.take(f"{active}.{name}")  # said twice


# --- safety, spare parts, days --------------------------------------------------------------------------------------


def _read_safety(source: CatenaXSource) -> None:
    for path in source.entries("safety.usableExtinguishAgent"):
        source.append("extinguishingAgent", source.said(f"{path}.media", "text", "extinguishingAgent"), f"{path}.media")


def _read_spare_parts(source: CatenaXSource) -> None:
    source.take("handling.applicable")
    if source.at("handling.applicable") is not True:
        source.take("handling.content")
        return  # the format then allows dummies
    for n, path in enumerate(source.entries("handling.content.sparePart")):
        for field, name in (("partName", "nameAtManufacturer"), ("partNumber", "manufacturerPartId")):
            source.map(f"{path}.{name}", "text", "componentPartNumbers", entry=n, field=field)


def _check_order_of_days(source: CatenaXSource) -> None:
    path = "commercial.placedOnMarket"
    made, sold = source.at("operation.manufacturer.manufacturingDate"), source.at(path)
    if is_day(made) and is_day(sold) and sold < made:
        source.fault(
            "wrong-order",
            path,
            None,
            Message("a day not before its making, {day}", day=made),
            sold,
            Message("placed on the market before it was made"),
        )
