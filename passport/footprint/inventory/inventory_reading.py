"""Reading of an inventory from rows of text, which come from a workbook or a JSON document.

A row is read field by field. An unreadable value is a fault at its place, and reading continues, so that all faults are
reported at once. A code may be given by its name in any language of the ontology. Nothing is guessed: an empty field is
absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from passport.battery.fault import Fault, Location, count, found, pointer_token
from passport.errors import FaultyRecord
from passport.footprint import quality_scores
from passport.footprint.facts import facts
from passport.footprint.inventory import inventory_checks
from passport.footprint.inventory.inventory import (
    BoughtPart,
    Emission,
    Energy,
    Inventory,
    InventoryLocation,
    Leg,
    Material,
    Provenance,
    Quality,
)
from passport.footprint.inventory.inventory_columns import GENERAL, TABLES, InventoryField
from passport.texts import ENGLISH, Message

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_FLAGS = {
    **dict.fromkeys(("yes", "true", "1", "是"), True),  # data: recognised in input
    **dict.fromkeys(("no", "false", "0", "否"), False),  # data: recognised in input
}
_ZERO = Decimal(0)
_OF_A_SHEET = ("unknown-column", "duplicate-column", "merged-cells")
#: What a report states in words -> its field.
_STATEMENTS = {
    "uncertainty": "uncertainty",
    "limitations": "limitations",
    "separate-emissions": "separateEmissions",
}
#: Stands for a value that could not be read, where the fault is told already.
UNREAD = object()


@dataclass(frozen=True)
class InventoryRow:
    """One line as text.

    :param values: field name -> text or truth value; empty fields are left out.
    :param scales: field name -> what its numbers are multiplied by, where the file uses another unit.
    """

    values: Mapping[str, Any]
    place: InventoryLocation
    scales: Mapping[str, Decimal] = field(default_factory=dict)


class _Values:
    """The fields of one row, read. What cannot be read is noted and absent."""

    def __init__(
        self,
        row: InventoryRow,
        fields: Sequence[InventoryField],
        faults: list[Fault],
        places: Mapping[str, Location] | None,
    ):
        self._row, self._faults, self._places = row, faults, places or {}
        self.good = True
        self.read: dict[str, Any] = {}
        for each in fields:
            value = row.values.get(each.name)
            if value is UNREAD:
                self.good = False
                continue
            if value is None or isinstance(value, str) and not value.strip():
                if each.required:
                    self._fault(
                        "missing-value",
                        each,
                        each.label,
                        Message("nothing"),
                        Message("{field} is missing", field=each.label),
                    )
                continue
            read = self._one(each, value)
            if read is not None:
                self.read[each.name] = read

    def get(self, name: str, otherwise: Any = None) -> Any:
        return self.read.get(name, otherwise)

    def _one(self, each: InventoryField, value: Any) -> Any:
        text = str(value).strip()
        if each.kind in ("decimal", "share"):
            if isinstance(value, bool) or not _NUMBER.fullmatch(text):
                return self._fault(
                    "malformed-number",
                    each,
                    Message("a decimal number without exponent"),
                    found(value),
                    Message("{field} is no number", field=each.label),
                )
            return Decimal(text) * self._row.scales.get(each.name, Decimal(1))
        if each.kind in ("level", "year"):
            if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,4}", text):
                return self._fault(
                    "malformed-number",
                    each,
                    Message("a whole number"),
                    found(value),
                    Message("{field} is no whole number", field=each.label),
                )
            return int(text)
        if each.kind == "flag":
            flag = value if isinstance(value, bool) else _FLAGS.get(text.casefold())
            if flag is None:
                return self._fault(
                    "malformed-flag",
                    each,
                    Message("yes or no"),
                    found(value),
                    Message("{field} is neither yes nor no", field=each.label),
                )
            return flag
        if not isinstance(value, str):
            return self._fault(
                "malformed-text",
                each,
                Message("text"),
                found(value),
                Message("{field} is no text", field=each.label),
            )
        return _code(each.codes, text) if each.kind == "code" else text

    def _fault(self, code: str, each: InventoryField, expected: str, shown: str, message: Message) -> None:
        self.good = False
        place = self._places.get(each.name) or self._row.place.at(each.name)
        self._faults.append(inventory_checks.fault(code, place, expected, shown, message))


def _code(listed: str | None, text: str) -> str:
    """The code of a name in any language; an unknown name stays, for the checks to refuse."""
    known = facts().lists[listed or ""]
    return next((code for code, fact in known.items() if fact.is_called(text)), text)


def inventory(
    general: InventoryRow,
    tables: Mapping[str, Iterable[InventoryRow]],
    file: str,
    *,
    places: Mapping[str, Location] | None = None,
    faults: Iterable[Fault] = (),
) -> Inventory:
    """The inventory that rows describe.

    :param places: the places of the general fields.
    :param faults: found before, when the file was read.
    :raises FaultyRecord: with every fault, those found before among them.
    """
    before = list(faults)
    all_faults = list(before)
    general_values = _Values(general, GENERAL, all_faults, places)
    study = _Study(general_values.get("studyYear"), general_values.get("plantCountry"))

    def rows(name: str) -> Iterator[tuple[_Values, InventoryLocation]]:
        """The rows of a table of which every field could be read."""
        for row in tables.get(name, ()):
            values = _Values(row, TABLES[name], all_faults, None)
            if values.good:
                yield values, row.place

    # In the order of the tables, in which their faults are told.
    materials = tuple(_material(values, place, study) for values, place in rows("materials"))
    parts = tuple(_part(values, place, study) for values, place in rows("parts"))
    energy = tuple(_energy(values, place, study) for values, place in rows("energy"))
    emissions = tuple(_emission(values, place, study) for values, place in rows("emissions"))
    transport = tuple(_leg(values, place, study) for values, place in rows("transport"))
    unread = len(all_faults) > len(before) or bool(before)
    made = Inventory(
        general_values.get("model", ""),
        general_values.get("method", ""),
        general_values.get("boundary", "partial"),
        general_values.get("usableEnergy", Decimal(1)),
        general_values.get("warrantyYears", Decimal(1)),
        general_values.get("ratedEnergy"),
        general_values.get("cyclesPerYear"),
        general_values.get("cyclesSource"),
        general_values.get("vehicleClass"),
        general_values.get("allocationFactor"),
        general_values.get("allocationProof"),
        general_values.get("endOfLifeCounting", "once"),
        general_values.get("endOfLife"),
        Provenance(
            source=general_values.get("endOfLifeSource"),
            factor_data=general_values.get("endOfLifeData", "secondary"),
            quality=_quality(
                general_values,
                ("endOfLifeTimeLevel", "endOfLifeTechnologyLevel", "endOfLifeGeographyLevel"),
                Provenance(),
                study,
            ),
        ),
        general_values.get("cutOff", True),
        general_values.get("electricityTreatment"),
        general_values.get("gwpSet", "ar6"),
        general_values.get("plant"),
        general_values.get("period"),
        materials,
        parts,
        energy,
        emissions,
        transport,
        general_values.get("manufacturer"),
        general_values.get("plantCountry"),
        general_values.get("studyYear"),
        {name: general_values.get(field) for name, field in _STATEMENTS.items() if general_values.get(field)},
        file,
        places or {field.name: general.place.at(field.name) for field in GENERAL},
    )
    all_faults += [
        fault
        for fault in inventory_checks.faults(made)
        # What could not be read is not missing on top of it.
        if not (unread and fault.code in ("empty-inventory", "missing-cycles", "missing-end-of-life"))
    ]
    # A misspelt heading leaves every row of its sheet without that value: one fault says it.
    damaged = {fault.location.sheet for fault in before if fault.code in _OF_A_SHEET}
    all_faults = [
        fault for fault in all_faults if fault.code != "missing-value" or fault.location.sheet not in damaged - {None}
    ]
    if all_faults:
        raise FaultyRecord(Message("{file} has {count}", file=file, count=count(all_faults)), tuple(all_faults))
    return made


@dataclass(frozen=True)
class _Study:
    """What the scores of every line rest on: the year of the study, and the country of the plant."""

    year: int | None
    country: str | None


def _provenance(values: _Values, study: _Study) -> Provenance:
    provenance = Provenance(
        values.get("source"),
        values.get("geography"),
        values.get("year"),
        values.get("factorData", "secondary"),
        values.get("activityData", "primary"),
        None,
        values.get("method"),
        values.get("databaseYear"),
        values.get("processCountry"),
    )
    quality = _quality(values, ("timeLevel", "technologyLevel", "geographyLevel"), provenance, study)
    return replace(provenance, quality=quality)


def _quality(values: _Values, names: tuple[str, str, str], of: Provenance, study: _Study) -> Quality | None:
    time, technology, geography = (values.get(name) for name in names)
    return quality_scores.completed((time, technology, geography), of, study.year, study.country)


def _material(values: _Values, place: InventoryLocation, study: _Study) -> Material:
    virgin, provenance = values.get("virginFactor"), _provenance(values, study)
    # The method's own value applies only where nothing says that the factor is another one.
    may_default = virgin is None and values.get("factorData", "default") == "default"
    default = facts().default_material(values.get("name")) if may_default else None
    if default is not None and default.source is not None:
        virgin = default.value
        provenance = Provenance(
            default.source.label[ENGLISH], "CN", default.source.day.year, "default", provenance.activity_data
        )
    return Material(
        values.get("component"),
        values.get("name"),
        values.get("mass"),
        virgin,
        values.get("recycledFactor"),
        values.get("recycledShare", _ZERO),
        values.get("recoveredShare", _ZERO),
        values.get("endOfLife"),
        values.get("keyPart", False),
        provenance,
        place,
    )


def _part(values: _Values, place: InventoryLocation, study: _Study) -> BoughtPart:
    return BoughtPart(
        values.get("component"),
        values.get("name"),
        values.get("quantity"),
        values.get("unit"),
        values.get("factor"),
        values.get("keyPart", False),
        _provenance(values, study),
        place,
    )


def _energy(values: _Values, place: InventoryLocation, study: _Study) -> Energy:
    return Energy(
        values.get("process"),
        values.get("step"),
        values.get("name"),
        values.get("amount"),
        values.get("unit"),
        values.get("factor"),
        values.get("treatment"),
        _provenance(values, study),
        place,
        values.get("stage", "production"),
    )


def _emission(values: _Values, place: InventoryLocation, study: _Study) -> Emission:
    return Emission(
        values.get("process"),
        values.get("step"),
        values.get("gas"),
        values.get("mass"),
        _provenance(values, study),
        place,
        values.get("stage", "production"),
    )


def _leg(values: _Values, place: InventoryLocation, study: _Study) -> Leg:
    return Leg(
        values.get("name"),
        values.get("mass"),
        values.get("distance"),
        values.get("mode"),
        values.get("factor"),
        values.get("stage", "distribution"),
        _provenance(values, study),
        place,
    )


# --- JSON -------------------------------------------------------------------------------------------------------------


def from_json(document: Any, file: str) -> Inventory:
    """The inventory of ``{"inventory": {…}, "materials": [{…}], "parts": […], "energy": […], …}``.

    :param document: parsed JSON; numbers as text, or as JSON numbers, which are taken as they are written.
    :raises FaultyRecord: with every fault and its JSON pointer.
    """
    faults: list[Fault] = []

    def wrong(code: str, pointer: str, expected: str, shown: str, message: Message) -> None:
        faults.append(inventory_checks.fault(code, Location(file, pointer=pointer), expected, shown, message))

    members = ("inventory", *TABLES)
    if not isinstance(document, Mapping):
        wrong(
            "malformed-inventory",
            "",
            Message("an object with {names}", names=", ".join(members)),
            found(document),
            Message("this is no inventory"),
        )
        document = {}
    for name in document:
        if name not in members:
            wrong(
                "unknown-table",
                f"/{pointer_token(name)}",
                ", ".join(members),
                found(name),
                Message("an inventory has no such part"),
            )
    general = _json_row(document.get("inventory", {}), GENERAL, file, "/inventory", wrong)
    tables: dict[str, list[InventoryRow]] = {}
    for name, fields in TABLES.items():
        listed = document.get(name, [])
        if not isinstance(listed, list):
            wrong(
                "malformed-inventory",
                f"/{name}",
                Message("a list of objects"),
                found(listed),
                Message("{name} is no list", name=name),
            )
            continue
        tables[name] = [_json_row(item, fields, file, f"/{name}/{number}", wrong) for number, item in enumerate(listed)]
    return inventory(general, tables, file, faults=faults)


def _json_row(item: Any, fields: Sequence[InventoryField], file: str, pointer: str, wrong: Any) -> InventoryRow:
    place = InventoryLocation(file, pointer=pointer)
    if not isinstance(item, Mapping):
        wrong("malformed-inventory", pointer, Message("an object"), found(item), Message("this is no line"))
        return InventoryRow({}, place)
    known = {each.name for each in fields}
    for name in item:
        if name not in known:
            wrong(
                "unknown-column",
                f"{pointer}/{pointer_token(name)}",
                Message("one of {codes}", codes=", ".join(sorted(known))),
                found(name),
                Message("there is no such field"),
            )
    values = {}
    for name in known & set(item):
        value = item[name]
        if isinstance(value, float):
            # repr is the shortest text that gives this number: what was typed, as far as 15 digits go.
            value = format(Decimal(repr(value)), "f") if value == value and abs(value) < 1e40 else str(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if value.bit_length() < 130 else "a very large number"
        values[name] = value
    return InventoryRow(values, place)
