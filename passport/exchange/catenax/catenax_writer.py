"""Writing a Catena-X battery passport 6.1.0, by the same tables as reading.

* Units are those that the tables read with factor one: months, kilograms, millimetres, per cent.
* A document is named by the label of its indicator and given as a link.
* The format requires many members that a battery passport does not have.
  :mod:`passport.exchange.catenax.catenax_required` has their placeholders, and the export names every such member.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from passport.battery.record import Record
from passport.exchange import converters, peer_format
from passport.exchange.catenax.catenax_mapping import CATEGORIES, DOCUMENTS, HEAVY_METALS, READINGS, STAGES, VALUES
from passport.exchange.catenax.catenax_reader import ASPECT, VERSION, read
from passport.exchange.catenax.catenax_required import CONSTANT, REASONS, REQUIRED, SUBSTANCES, UNFILLED
from passport.exchange.converters import DAY, LINK, NUMBER, TEXT, Unwritable, ValueConverter
from passport.exchange.footprint_methods import method_iri, method_label
from passport.exchange.peer_format import Export, Notes
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import load

_STEP = re.compile(r"([^.\[\]]+)(\[0\])?")
_BPN = Message("the format takes a Catena-X number (BPN…)")
_KINDS: Mapping[str, ValueConverter] = {
    "number": NUMBER, "integer": NUMBER, "date": DAY, "link": TEXT, "text": TEXT, "code": TEXT,
    "uuid": converters.matching("^urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
                           Message("the format takes a UUID"), peer_format.NO_UUID),
}  # fmt: skip
#: Paths whose schema has a pattern.
_PATTERNS: Mapping[str, ValueConverter] = {
    "operation.manufacturer.manufacturer": converters.matching("^BPNL[a-zA-Z0-9]{12}$", _BPN, None),
    "metadata.economicOperatorId": converters.matching("^BPNL[a-zA-Z0-9]{12}$", _BPN, None),
    "operation.manufacturer.facility[0].facility": converters.matching("^BPNA[a-zA-Z0-9]{12}$", _BPN, None),
}
_SHARE = "unit:percent"


def write(record: Record) -> Export:
    """A battery passport of the record."""
    notes = Notes(reasons=dict(REASONS))
    document: dict[str, Any] = {"specVersion": ASPECT + VERSION}
    writer = _Writer(record, document, notes)
    for path, indicator, field, kind in VALUES:
        writer.value(path, indicator, field, _PATTERNS.get(path) or _KINDS[kind])
    for path, indicator, _ in READINGS:
        writer.reading(path, indicator)
    for path, indicator, field in DOCUMENTS:
        put(document, path, list(writer.documents(indicator, field)))
    for special in (writer.identity, writer.size, writer.power, writer.footprint, writer.materials, writer.spare_parts):
        special()
    for path, holder in SUBSTANCES.items():
        _complete(document, path, holder, notes)
    for path, placeholder in REQUIRED.items():
        if at(document, path) is None:
            put(document, path, placeholder)
            notes.filled.append(f"$.{path}")
    for path, constant in CONSTANT.items():
        if at(document, path) is None:
            put(document, path, [] if constant is None else constant)
    notes.missing += [f"$.{path}" for path in UNFILLED if at(document, path) is None]
    return peer_format.exported(document, record, read(document).record, notes)


def _complete(document: dict[str, Any], path: str, holder: Mapping[str, Any], notes: Notes) -> None:
    """A substance with what is known of it and placeholders for the rest."""
    known = at(document, path) or {}
    put(document, path, {**holder, **known})
    notes.filled += [
        f"$.{path}.{name}" for name in ("location", "concentration") if name in holder.keys() - known.keys()
    ]


def at(document: Any, path: str) -> Any:
    """The value at a path, None where there is none."""
    for name, entry in _STEP.findall(path):
        document = document.get(name) if isinstance(document, Mapping) else None
        if entry:
            document = document[0] if isinstance(document, list) and document else None
    return document


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path, making what is on the way; ``[0]`` is the one entry of a list."""
    steps = _STEP.findall(path)
    for n, (name, entry) in enumerate(steps):
        if n == len(steps) - 1:
            document[name] = value
        elif entry:
            document = document.setdefault(name, [{}])[0]
        else:
            document = document.setdefault(name, {})


class _Writer:
    def __init__(self, record: Record, document: dict[str, Any], notes: Notes) -> None:
        self._record, self._document, self._notes = record, document, notes

    def _written(self, kind: ValueConverter, value: Any, indicator: str) -> Any:
        if value is None:
            return None
        try:
            return kind.write(value)
        except Unwritable as error:
            self._notes.reasons.setdefault(indicator, error.reason)
            return None

    def _put(self, path: str, value: Any) -> None:
        if value is not None:
            put(self._document, path, value)

    def value(self, path: str, indicator: str, field: str | None, kind: ValueConverter) -> None:
        value = self._record.value(indicator)
        if field is not None:
            value = value.get(field) if isinstance(value, Mapping) else None
        elif isinstance(value, list):
            value = value[0] if value else None
        self._put(path, self._written(kind, value, indicator))

    def reading(self, path: str, indicator: str) -> None:
        value = self._written(NUMBER, self._record.value(indicator), indicator)
        time = (self._record.condition or {}).get(load().indicators[indicator].dated_by or RECORDED_AT)
        if value is not None and isinstance(time, str):
            self._put(path, {"value": value, "time": time})

    def documents(self, indicator: str, field: str | None) -> Iterator[dict[str, str]]:
        header = load().indicators[indicator].label["en"][:100]
        value = self._record.value(indicator)
        for item in value if isinstance(value, list) else [value]:
            link = item.get(field) if field and isinstance(item, Mapping) else item
            link = self._written(LINK, link, indicator)
            if link is not None:
                yield {"content": link, "contentType": "URL", "header": header}

    def identity(self) -> None:
        root, record = "identification.identification", self._record
        category = record.value("batteryCategory")
        if isinstance(category, str):
            theirs = {ours: theirs for theirs, ours in CATEGORIES.items()} | {"stationary": "industrial"}
            self._put("identification.category", theirs.get(category))
        self._put("commercial.purpose", [category] if isinstance(category, str) else [])
        for group, key, indicator in (("serial", "partInstanceId", "serialNumber"), ("batch", "batchId", "batchNumber"),
                                      ("codes", "GTIN", "gtin")):  # fmt: skip
            value = self._written(TEXT, record.value(indicator), indicator)
            self._put(f"{root}.{group}", [{"key": key, "value": value}] if value is not None else [])
        for name, path in (("carrierType", "carrierType"), ("position", "carrierLayout")):
            self.value(f"{root}.dataCarrier.{path}", "dataCarrier", name, TEXT)
        self.value("identification.idDmc", "dataCarrier", "payload", TEXT)
        chemistry = record.value("batteryChemistry")
        if isinstance(chemistry, Mapping):
            self._put(
                "identification.chemistry",
                self._written(TEXT, chemistry.get("clearName", chemistry.get("shortName")), "batteryChemistry"),
            )
        agents = record.value("extinguishingAgent")
        agents = [agent for agent in agents if isinstance(agent, str)] if isinstance(agents, list) else []
        self._put(
            "safety.usableExtinguishAgent", [{"media": agent, "fireClass": peer_format.NO_TEXT} for agent in agents]
        )
        self._notes.filled += [f"$.safety.usableExtinguishAgent[{n}].fireClass" for n in range(len(agents))]

    def size(self) -> None:
        root = "characteristics.physicalDimension"
        months = self._written(NUMBER, self._record.value("warrantyPeriod"), "warrantyPeriod")
        self._put("characteristics.warranty.lifeValue", months)
        mass = self._written(NUMBER, self._record.value("batteryMass"), "batteryMass")
        self._put(f"{root}.weight.value", mass)
        size = self._record.value("batteryDimensions")
        for name in ("length", "width", "height") if isinstance(size, Mapping) else ():
            value = self._written(NUMBER, size.get(name), "batteryDimensions")
            self._put(f"{root}.{name}", None if value is None else {"value": value, "unit": "unit:millimetre"})

    def power(self) -> None:
        for entry in peer_format.entries(self._record, "originalPowerCapability"):
            for state in ("80", "20"):
                if peer_format.same(entry.get("stateOfCharge"), state):
                    power = self._written(NUMBER, entry.get("power"), "originalPowerCapability")
                    self._put(f"performance.rated.power.at{state}SoC", power)

    def footprint(self) -> None:
        entries = []
        method = self._record.value("carbonFootprintMethod")
        name = method_label(method) if isinstance(method, str) else None
        rulebook = [{"content": method_iri(str(method)), "contentType": "URL", "header": name[:100]}] if name else []
        for lifecycle, indicator in STAGES.items():
            value = self._written(NUMBER, self._record.value(indicator), indicator)
            if value is not None and value >= 0:
                entry = {"lifecycle": lifecycle, "value": value, "unit": "kg CO2e / kWh", "rulebook": rulebook,
                         "type": "Climate Change Total", "manufacturingPlant": [],
                         "declaration": list(self.documents("carbonFootprintDeclaration", None))}  # fmt: skip
                grade = self._record.value("carbonFootprintPerformanceClass")
                entries.append(entry | ({"performanceClass": grade} if isinstance(grade, str) else {}))
        self._put("sustainability.carbonFootprint", entries)

    def materials(self) -> None:
        # Materials of the composition need a recycled and a renewable share, and no number means "not known".
        self._put("materials.composition", [])
        self._put("materials.hazardous.lead.recycled", at(self._document, "materials.active.lead.recycled"))
        metals = {code: metal for metal, code in HEAVY_METALS.items()}
        others: list[JsonObject] = []
        for entry in peer_format.entries(self._record, "hazardousSubstances"):
            share = self._written(NUMBER, entry.get("concentration"), "hazardousSubstances")
            if share is None or share < 0:
                continue
            location = {"location": entry["componentName"]} if isinstance(entry.get("componentName"), str) else {}
            metal = metals.get(str(entry.get("identifier")))
            if metal is not None and at(self._document, f"materials.hazardous.{metal}.concentration") is None:
                for name, value in {**location, "concentration": share, "materialUnit": _SHARE}.items():
                    self._put(f"materials.hazardous.{metal}.{name}", value)
                continue
            place = f"$.materials.hazardous.other[{len(others)}]"
            other = {
                "materialIdentification": [_substance(entry)], "concentration": share, "materialUnit": _SHARE,
                "location": peer_format.NO_TEXT, "impactOfSubstances": [], "documentation": [], **location,
            }  # fmt: skip
            if not location:
                self._notes.filled.append(f"{place}.location")
            critical = self._is_critical(entry)
            if critical is None:
                self._notes.missing.append(f"{place}.critical")
            else:
                other["critical"] = critical
            others.append(other)
        self._put("materials.hazardous.other", others)

    def _is_critical(self, substance: Mapping[str, Any]) -> bool | None:
        """Whether a substance is among the critical raw materials; None where the record does not list these."""
        listed = peer_format.entries(self._record, "criticalRawMaterials")
        held = (entry.get(name) for entry in listed for name in ("name", "identifier"))
        names = {name for name in held if isinstance(name, str)}
        own = (substance.get("name"), substance.get("identifier"))
        return any(name in names for name in own if isinstance(name, str)) if listed else None

    def spare_parts(self) -> None:
        parts = []
        for entry in peer_format.entries(self._record, "componentPartNumbers"):
            name, number = entry.get("partName"), entry.get("partNumber")
            if isinstance(name, str) and isinstance(number, str):
                parts.append({"manufacturerPartId": number, "nameAtManufacturer": name})
        # Without a part the lists are empty; "not applicable" would say that there are none.
        self._put("handling", {"applicable": True, "content": {"producer": [], "sparePart": parts}})
        if not parts:
            self._notes.filled.append("$.handling.applicable")


def _substance(entry: Mapping[str, Any]) -> dict[str, str]:
    name = entry["name"] if isinstance(entry.get("name"), str) else peer_format.NO_TEXT
    identifier = entry.get("identifier")
    return {"type": "CAS", "id": identifier if isinstance(identifier, str) else peer_format.NO_CAS, "name": name}
