"""Reading a Catena-X battery passport (``io.catenax.battery.battery_pass`` 6.1.0).

The format is another model of the same battery: SI units with the unit beside the value, documents in place of values,
and dummies where its schema asks for what nobody has. :mod:`passport.exchange.catenax_map` says what corresponds to
what. Beside the values that can be mapped there are

* *faults*, each with its JSONPath: a category that has no passport, a day that no calendar has, an example left in
  place, a unit that cannot be converted exactly, a substance above its limit. A file with faults is judged, never
  issued from;
* *gaps*: what our vocabulary asks for and the file or the format does not say. Nothing is made up for these;
* values that need the rules of a battery (energy is not capacity times voltage): they are mapped, so that validation
  can refuse them where they stand.

Numbers are converted as decimals, exactly or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from pathlib import Path
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.battery.reader import PARTS, Reader, part_of
from passport.battery.record import Record, category_of
from passport.battery.vocabulary import Carrier, load
from passport.errors import FaultyRecord
from passport.exchange.catenax_map import (
    CATEGORIES,
    CHEMISTRIES,
    DOCUMENTS,
    KILOGRAMS,
    MERCURY_LIMIT,
    MILLIMETRES,
    MONTHS,
    PER_CENT,
    READINGS,
    STAGES,
    SYMBOLS,
    VALUES,
)
from passport.exchange.json_file import read_json
from passport.exchange.peer import Reading, without_placeholders

ASPECT = "urn:io.catenax.battery.battery_pass:"
VERSION = "6.1.0"

_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])

_NIL_UUID = "00000000-0000-0000-0000-000000000000"
#: The UUID that most texts about UUIDs show.
_EXAMPLE_UUID = "550e8400-e29b-41d4-a716-446655440000"
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
_DUMMY_LINK = re.compile(r"https?://([^/]*\.)?(dummy\.|example\.(com|org|net)(/|$)|[^/]*\.invalid(/|$))", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DUMMY_CODE = re.compile(r"0123456789|1234567890")
_DUMMY_DAYS = frozenset({"2000-01-01", "1970-01-01", "1900-01-01", "9999-12-31"})


def read(document: Any, file: str = "battery_pass.json") -> Reading:
    """Map a Catena-X battery passport.

    :param document: parsed JSON, or the path of the file.
    :param file: its name, for messages.
    :raises FaultyRecord: it is no such document at all, or of another version.
    """
    if isinstance(document, str | Path):
        file = Path(document).name
        document = read_json(Path(document))
    if not isinstance(document, Mapping) or not {"identification", "performance"} <= set(document):
        raise FaultyRecord(
            f"{file} is no Catena-X battery passport",
            (Fault("malformed-record", Location(file, pointer="$"), None,
                   {"en": "no Catena-X battery passport", "zh": "不是Catena-X电池护照"},
                   "an object with identification and performance", found(document)),),
            hint="for records in the project's own form leave --from out",
        )
    return _Mapping(without_placeholders(document)[0], file).read()


class _Mapping:
    def __init__(self, document: Mapping[str, Any], file: str) -> None:
        self._document = document
        self._file = file
        self._raw: dict[str, dict[str, Any]] = {"model": {}, "pack": {}, "condition": {}}
        self._places: dict[tuple[str, int | None, str | None], Location] = {
            (part, None, None): Location(file, pointer="$") for part in PARTS
        }
        self._faults: list[Fault] = []

    def read(self) -> Reading:
        self._envelope()
        for path, indicator, field, kind in VALUES:
            self._put(indicator, self._value(path, kind, indicator), path, field=field)
        for path, indicator, kind in READINGS:
            self._reading(path, indicator, kind)
        for path, indicator, field in DOCUMENTS:
            self._documents(path, indicator, field)
        for special in (self._category, self._numbers, self._chemistry, self._warranty, self._size, self._power,
                        self._footprint, self._materials, self._heavy_metals, self._extinguishing, self._spare_parts,
                        self._order_of_days):
            special()
        parts = {}
        for part in ("model", "pack", "condition"):
            reader = Reader(self._place)
            parts[part] = reader.part(part, self._raw[part])
            self._faults += reader.faults
        record = Record(
            category_of(parts["model"]), parts["model"], parts["pack"], parts["condition"] or None, {}, self._file,
            self._places,
        )
        return Reading(record, tuple(self._faults), tuple(self._gaps(record)))

    def _gaps(self, record: Record) -> Iterator[Fault]:
        nowhere = []
        for indicator in load().indicators.values():
            # Events are records of their own, and the address of the pack is made when it is issued.
            if indicator.carrier is Carrier.EVENT or indicator.id in ("batteryIdentifier", "previousPassport"):
                continue
            if record.value(indicator.id) is not None:
                continue
            if not indicator.catenax_paths:
                nowhere.append(indicator.id)
                continue
            path = indicator.catenax_paths[0]
            value = None if "[?" in path else self._at(path.removeprefix("$.").replace("[*]", "[0]"))
            needed = ", ".join(each.name for each in indicator.fields if each.required)
            yield Fault(
                "gap", Location(self._file, pointer=path), indicator.id,
                {"en": f"the file does not say: {indicator.label['en']}", "zh": f"文件未给出：{indicator.label['zh']}"},
                needed or f"a value ({indicator.datatype})", "nothing" if value is None else found(value), "warning",
            )
        yield Fault(
            "gap", self._location(""), None,
            {"en": f"the format has no place for {len(nowhere)} data points",
             "zh": f"该格式无法表达{len(nowhere)}个指标"},
            "these from another source", ", ".join(nowhere), "warning",
        )

    # --- walking --------------------------------------------------------------------------------------------------

    def _at(self, path: str) -> Any:
        """The value at a path, None where there is none."""
        value: Any = self._document
        for step in re.findall(r"[^.\[\]]+", path):
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def _entries(self, path: str) -> Iterator[str]:
        """The paths of the entries of a list."""
        entries = self._at(path)
        if entries is not None and not isinstance(entries, list):
            self._wrong_type(path, "a list", entries)
        for n in range(len(entries) if isinstance(entries, list) else 0):
            yield f"{path}[{n}]"

    def _value(self, path: str, kind: str, indicator: str | None = None) -> Any:
        value = self._at(path)
        if value is None:
            return None
        convert: dict[str, Callable[[str, Any, str | None], Any]] = {
            "number": self._number, "integer": self._integer, "date": self._date, "uuid": self._uuid,
            "link": self._link, "code": self._code, "text": self._text,
        }
        return convert[kind](path, value, indicator)

    def _put(
        self, indicator: str, value: Any, path: str, *, entry: int | None = None, field: str | None = None
    ) -> None:
        if value is None:
            return
        part = self._raw[part_of(indicator)]
        if entry is not None and field is None:
            entries = part.setdefault(indicator, [])
            entry = len(entries)
            entries.append(value)
        elif entry is not None:
            entries = part.setdefault(indicator, [])
            while len(entries) <= entry:
                entries.append({})
            entries[entry][field] = value
        elif field is not None:
            part.setdefault(indicator, {})[field] = value
        else:
            part[indicator] = value
        self._places[indicator, entry, field] = self._location(path)
        self._places.setdefault((indicator, None, None), self._location(path))

    def _place(self, indicator: str, entry: int | None, field: str | None) -> Location:
        keys = ((indicator, entry, field), (indicator, entry, None), (indicator, None, None))
        return next((self._places[key] for key in keys if key in self._places), self._location(""))

    def _location(self, path: str) -> Location:
        return Location(self._file, pointer=f"$.{path}" if path else "$")

    def _fault(
        self, code: str, path: str, indicator: str | None, expected: str, instead: Any, en: str, zh: str,
        severity: str = "violation",
    ) -> None:
        self._faults.append(Fault(code, self._location(path), indicator, {"en": en, "zh": zh}, expected,
                                  instead if isinstance(instead, str) else found(instead), severity))

    # --- kinds of values ------------------------------------------------------------------------------------------

    def _wrong_type(self, path: str, expected: str, value: Any, indicator: str | None = None) -> None:
        self._fault("wrong-type", path, indicator, expected, found(value), "another kind of value", "值类型不符")

    def _text(self, path: str, value: Any, indicator: str | None) -> str | None:
        if isinstance(value, str) and value.strip():
            return value.strip()
        return self._wrong_type(path, "text", value, indicator)

    def _code(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        if text and _DUMMY_CODE.search(text):
            self._placeholder(path, "an identifier that was assigned", text, indicator, "warning")
        return text

    def _link(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        if text and _DUMMY_LINK.match(text):
            self._placeholder(path, "a link that leads somewhere", text, indicator)
        return text

    def _uuid(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        known = _UUID.fullmatch(text) if text else None
        if known is None:
            return text
        if known[1] == _NIL_UUID and indicator == "previousPassport":
            return None  # the format asks for a dummy where there is no predecessor
        if known[1].lower() in (_NIL_UUID, _EXAMPLE_UUID):
            self._placeholder(path, "an identifier of its own", text, indicator)
        return f"urn:uuid:{known[1].lower()}"

    def _date(self, path: str, value: Any, indicator: str | None) -> str | None:
        text = self._text(path, value, indicator)
        if text is None:
            return None
        if not _is_day(text):
            self._fault("impossible-date", path, indicator, "a day of the calendar, year-month-day", found(text),
                        "there is no such day", "日期不存在")
        elif text in _DUMMY_DAYS:
            self._placeholder(path, "the day itself", text, indicator)
        return text

    def _placeholder(
        self, path: str, expected: str, text: str, indicator: str | None, severity: str = "violation"
    ) -> None:
        self._fault("placeholder", path, indicator, expected, found(text), "an example was left in place", "仍为示例值",
                    severity)

    def _decimal(self, path: str, value: Any, indicator: str | None) -> Decimal | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = Decimal(repr(value))
            if number.is_finite() and abs(number.adjusted()) < 30:
                return number
        return self._wrong_type(path, "a number", value, indicator)

    def _number(self, path: str, value: Any, indicator: str | None) -> str | None:
        number = self._decimal(path, value, indicator)
        return None if number is None else _written(number)

    def _integer(self, path: str, value: Any, indicator: str | None) -> int | str | None:
        number = self._decimal(path, value, indicator)
        if number is None:
            return None
        return int(number) if number == number.to_integral_value() else _written(number)

    def _converted(
        self, path: str, value: Any, unit_path: str, factors: Mapping[str, str], indicator: str
    ) -> Decimal | None:
        """A number times the factor of its unit, exactly; None with a fault where that cannot be."""
        number = self._decimal(path, value, indicator)
        unit = self._at(unit_path)
        factor = factors.get(unit.removeprefix("unit:")) if isinstance(unit, str) else None
        if number is None:
            return None
        if factor is None:
            self._fault("inexact-unit", unit_path, indicator, "one of " + ", ".join(f"unit:{name}" for name in factors),
                        found(unit), "the unit cannot be converted exactly", "单位无法精确换算")
            return None
        return _times(number, factor)

    # --- what needs more than a table -----------------------------------------------------------------------------

    def _envelope(self) -> None:
        version = self._at("specVersion")
        if version is not None and version != ASPECT + VERSION:
            self._fault("other-version", "specVersion", None, ASPECT + VERSION, found(version),
                        "another version", "版本不同")
        status = self._at("metadata.status")
        if status is not None and status != "approved":
            self._fault("not-approved", "metadata.status", None, "approved", found(status),
                        "the file itself says that it is not released", "该护照未获批准")
        for path in ("commercial.placedOnMarket", "metadata.issueDate", "metadata.lastModification"):
            self._value(path, "date")

    def _category(self) -> None:
        path = "identification.category"
        value = self._text(path, self._at(path), "batteryCategory")
        known = CATEGORIES.get(value or "")
        purposes = self._at("commercial.purpose")
        if known == "industrial" and isinstance(purposes, list) and "stationary" in purposes:
            known = "stationary"  # the format has no category of its own for it
        self._put("batteryCategory", known or value, path)
        if known:
            return
        expected = "ev, lmt, industrial or stationary"
        self._fault("no-passport-category", path, "batteryCategory", expected, found(value),
                    "not a passport category", "该类别无需电池护照")
        for purpose in purposes if isinstance(purposes, list) else []:
            if isinstance(purpose, str) and purpose not in ("ev", "lmt", "industrial", "stationary"):
                self._fault("no-passport-category", "commercial.purpose", "batteryCategory", expected, found(purpose),
                            "not a passport category", "该用途不是电池护照类别")

    def _numbers(self) -> None:
        """Serial and batch number, GTIN and the address in the code, each among entries of several kinds."""
        root = "identification.identification"
        for group, key, indicator in (("serial", "partInstanceId", "serialNumber"), ("batch", "batchId", "batchNumber"),
                                      ("codes", "GTIN", "gtin")):
            for path in self._entries(f"{root}.{group}"):
                if self._at(f"{path}.key") == key:
                    self._put(indicator, self._value(f"{path}.value", "text", indicator), f"{path}.value")
                    break
        path = "identification.idDmc"
        self._put("dataCarrier", self._value(path, "text", "dataCarrier"), path, field="payload")

    def _chemistry(self) -> None:
        path = "identification.chemistry"
        text = self._value(path, "text", "batteryChemistry")
        if text is None:
            return
        words = re.findall(r"[A-Za-z]+", text)
        known = {CHEMISTRIES[word.upper()] for word in words if word.upper() in CHEMISTRIES}
        self._put("batteryChemistry", known.pop() if len(known) == 1 else text, path, field="shortName")
        self._put("batteryChemistry", text, path, field="clearName")

    def _warranty(self) -> None:
        path = "characteristics.warranty.lifeValue"
        value = self._at(path)
        if value is None:
            return
        months = self._converted(path, value, "characteristics.warranty.lifeUnit", MONTHS, "warrantyPeriod")
        if months is not None:
            whole = months == months.to_integral_value()
            self._put("warrantyPeriod", int(months) if whole else _written(months), path)

    def _size(self) -> None:
        root = "characteristics.physicalDimension"
        mass = self._measured(f"{root}.weight", KILOGRAMS, "batteryMass")
        self._put("batteryMass", mass, f"{root}.weight.value")
        for field in ("length", "width", "height"):
            size = self._measured(f"{root}.{field}", MILLIMETRES, "batteryDimensions")
            self._put("batteryDimensions", size, f"{root}.{field}.value", field=field)

    def _measured(self, path: str, factors: Mapping[str, str], indicator: str) -> str | None:
        value = self._at(f"{path}.value")
        if value is None:
            return None
        number = self._converted(f"{path}.value", value, f"{path}.unit", factors, indicator)
        return None if number is None else _written(number)

    def _power(self) -> None:
        for entry, (state, name) in enumerate((("80", "at80SoC"), ("20", "at20SoC"))):
            path = f"performance.rated.power.{name}"
            if self._at(path) is not None:
                power = self._value(path, "number", "originalPowerCapability")
                self._put("originalPowerCapability", power, path, entry=entry, field="power")
                self._put("originalPowerCapability", state, path, entry=entry, field="stateOfCharge")
        # The state of charge that this power belongs to is not said, so the entry stays incomplete.
        path = "performance.dynamic.power.remaining.value"
        power = self._value(path, "number", "remainingPowerCapability")
        self._put("remainingPowerCapability", power, path, entry=0, field="power")

    def _reading(self, path: str, indicator: str, kind: str) -> None:
        value = self._value(f"{path}.value", kind, indicator)
        if value is None:
            return
        self._put(indicator, {"value": value, "recordedAt": self._at(f"{path}.time")}, f"{path}.value")
        self._places[indicator, None, "recordedAt"] = self._location(f"{path}.time")
        self._places.setdefault(("recordedAt", None, None), self._location(f"{path}.time"))

    def _documents(self, path: str, indicator: str, field: str | None) -> None:
        for n, entry in enumerate(self._entries(path)):
            link = self._value(f"{entry}.content", "link", indicator)
            if load().indicators[indicator].repeatable:
                self._put(indicator, link, f"{entry}.content", entry=n, field=field)
            elif n == 0:
                self._put(indicator, link, f"{entry}.content", field=field)

    def _footprint(self) -> None:
        for path in self._entries("sustainability.carbonFootprint"):
            if self._at(f"{path}.type") not in (None, "Climate Change Total"):
                continue
            stage = STAGES.get(str(self._at(f"{path}.lifecycle")).strip().lower())
            unit = self._at(f"{path}.unit")
            if stage is None:
                said = found(self._at(f"{path}.lifecycle"))
                self._fault("unknown-stage", f"{path}.lifecycle", None, "one of " + ", ".join(STAGES), said,
                            "unknown stage of the life cycle", "未知的生命周期阶段")
            elif not isinstance(unit, str) or not re.fullmatch(r"kgCO2(e|eq)?/kWh", unit.replace(" ", "")):
                self._fault("inexact-unit", f"{path}.unit", stage, "kg CO2 / kWh", found(unit),
                            "the unit cannot be converted exactly", "单位无法精确换算")
            else:
                self._put(stage, self._value(f"{path}.value", "number", stage), f"{path}.value")
            name = "carbonFootprintPerformanceClass"
            self._put(name, self._value(f"{path}.performanceClass", "text", name), f"{path}.performanceClass")
            self._documents(f"{path}.declaration", "carbonFootprintDeclaration", None)

    def _materials(self) -> None:
        mass = self._raw["model"].get("batteryMass")
        critical = detailed = 0
        for path in self._entries("materials.composition"):
            share = self._share(path, "unit", "detailedComposition")
            # Without a place of the material an entry says only that a share of it is there.
            if self._at(f"{path}.location") is not None:
                n, detailed = detailed, detailed + 1
                for name, value, at in self._substance(f"{path}.id[0]"):
                    self._put("detailedComposition", value, at, entry=n, field=name)
                self._put("detailedComposition", self._value(f"{path}.location", "text"), f"{path}.location", entry=n,
                          field="componentName")
                self._put("detailedComposition", self._at(f"{path}.critical"), f"{path}.critical", entry=n,
                          field="isCriticalRawMaterial")
                if share is not None and mass is not None:
                    grams = _written(_times(_times(share, mass), "10"))  # per cent of kilograms, in grams
                    self._put("detailedComposition", grams, f"{path}.concentration", entry=n, field="mass")
            if self._at(f"{path}.critical") is True:
                for name, value, at in self._substance(f"{path}.id[0]"):
                    self._put("criticalRawMaterials", value, at, entry=critical, field=name)
                if share is not None:
                    self._put("criticalRawMaterials", _written(share), f"{path}.concentration", entry=critical,
                              field="massFraction")
                critical += 1
        for n, path in enumerate(self._entries("materials.hazardous.other")):
            share = self._share(path, "materialUnit", "hazardousSubstances")
            for name, value, at in self._substance(f"{path}.materialIdentification[0]"):
                self._put("hazardousSubstances", value, at, entry=n, field=name)
            self._put("hazardousSubstances", self._value(f"{path}.location", "text"), f"{path}.location", entry=n,
                      field="componentName")
            if share is not None:
                self._put("hazardousSubstances", _written(share), f"{path}.concentration", entry=n,
                          field="concentration")

    def _substance(self, path: str) -> Iterator[tuple[str, Any, str]]:
        yield "name", self._value(f"{path}.name", "text"), f"{path}.name"
        if self._at(f"{path}.type") == "CAS":
            yield "identifier", self._value(f"{path}.id", "text"), f"{path}.id"

    def _share(self, path: str, unit: str, indicator: str) -> Decimal | None:
        value = self._at(f"{path}.concentration")
        if value is None:
            return None
        return self._converted(f"{path}.concentration", value, f"{path}.{unit}", PER_CENT, indicator)

    def _heavy_metals(self) -> None:
        root = "materials.hazardous"
        share = self._share(f"{root}.mercury", "materialUnit", "hazardousSubstances")
        if share is not None and share > MERCURY_LIMIT:
            self._fault("restricted-substance", f"{root}.mercury.concentration", None,
                        f"at most {MERCURY_LIMIT} % of mercury (Annex I)", f"{_written(share)} %",
                        "more mercury than a battery may contain", "汞含量超过限值")
        symbols, known = [], 0
        for metal, (symbol, limit) in SYMBOLS.items():
            share = self._share(f"{root}.{metal}", "materialUnit", "cadmiumLeadSymbol")
            known += share is not None
            if share is not None and share > limit:
                symbols.append(symbol)
        if known == len(SYMBOLS):
            self._put("cadmiumLeadSymbol", symbols or ["none"], root)

    def _extinguishing(self) -> None:
        for n, path in enumerate(self._entries("safety.usableExtinguishAgent")):
            media = self._value(f"{path}.media", "text", "extinguishingAgent")
            self._put("extinguishingAgent", media, f"{path}.media", entry=n)

    def _spare_parts(self) -> None:
        if self._at("handling.applicable") is not True:
            return  # the format then allows dummies
        for n, path in enumerate(self._entries("handling.content.sparePart")):
            for field, name in (("partName", "nameAtManufacturer"), ("partNumber", "manufacturerPartId")):
                value = self._value(f"{path}.{name}", "text", "componentPartNumbers")
                self._put("componentPartNumbers", value, f"{path}.{name}", entry=n, field=field)

    def _order_of_days(self) -> None:
        made, sold = self._at("operation.manufacturer.manufacturingDate"), self._at("commercial.placedOnMarket")
        if _is_day(made) and _is_day(sold) and sold < made:
            self._fault("wrong-order", "commercial.placedOnMarket", None, f"a day not before its making, {made}", sold,
                        "placed on the market before it was made", "投放市场早于生产日期")


def _is_day(text: Any) -> bool:
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return False
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _times(number: Decimal, factor: str | Decimal) -> Decimal:
    return _EXACT.multiply(number, Decimal(factor))


def _written(number: Decimal) -> str:
    """A decimal as text, without exponent and without zeros at its end."""
    return format(number.normalize(_EXACT), "f") if number else "0"
