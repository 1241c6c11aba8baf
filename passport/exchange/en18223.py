"""EN 18223 data model as JSON: the compressed form, which is the default, and the full form; both ways.

    {"digitalProductPassportId": …, "uniqueProductIdentifier": …, "granularity": "item", …,
     "performance": {"nominalVoltage": 710.4, …}, …}                                     compressed
    {…, "elements": [{"elementId": "performance", "elements": [
        {"elementId": "nominalVoltage", "dictionaryReference": "…ns#nominalVoltage", …}]}]}     full

* The header says which passport of which product this is; its names are those of the standard.
* Elements are our indicators, gathered by dimension; in the full form each carries its term's IRI as
  ``dictionaryReference``, which tells type, unit and both names.
* The date of manufacture is written as year and month, as the EU asks for it: the day stays behind.
* Records of the Chinese platform and personal data are no part of it.

The text of the standard is not public and neither is a schema; header and forms follow published accounts of it: names
of members as in its table 1, codes in lower case (4.1.2.2). Reading also takes the spelling of earlier accounts:
``lastUpdate``, ``Item``, ``Active``, ``EN 18223:2026``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from passport.battery.fault import found
from passport.battery.record import Record
from passport.battery.value_reader import part_of
from passport.exchange import converters, peer_format
from passport.exchange.converters import UnreadableValue, Unwritable
from passport.exchange.correspondences import PeerDocument
from passport.exchange.peer_format import Export, Notes, PeerReading
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import READING_TIMES, RECORDED_AT
from passport.vocabulary.vocabulary import Carrier, Datatype, Field, Indicator, Term

SCHEMA_VERSION = "EN18223:v1.0"
#: Versions that are read: ours, and that of earlier accounts and earlier exports of this project.
_VERSIONS = (SCHEMA_VERSION, "EN 18223:2026")
GRANULARITIES = ("item", "batch", "model")
STATUSES = ("active", "inactive")
#: Header member -> where the record has it.
HEADER: Mapping[str, str] = {
    "digitalProductPassportId": "batteryPassportIdentifier",
    "uniqueProductIdentifier": "batteryIdentifier",
    "economicOperatorId": "operatorIdentifier",
    "facilityId": "facilityIdentifier",
}
_REST = ("granularity", "dppSchemaVersion", "dppStatus", "lastUpdate", "lastUpdated", "contentSpecificationIds")
#: Header members that the standard does not ask for.
_OPTIONAL = frozenset({"facilityId"})
_XSD = {kind: f"xsd:{kind.value}" for kind in Datatype} | {Datatype.ENUM: "xsd:string", Datatype.ANY_URI: "xsd:anyURI"}
_NUMBERS = (Datatype.DECIMAL, Datatype.INTEGER)


# --- writing --------------------------------------------------------------------------------------------------------


def write(record: Record, *, full: bool = False) -> Export:
    """A passport of the record.

    :param full: the full form; else the compressed one.
    """
    notes = Notes(reasons={"manufacturingDate": Message("the EU asks for year and month; the day stays behind")})
    document = _header(record, notes)
    vocabulary = vocabulary_module.load()
    elements: list[dict[str, Any]] = []
    for dimension in vocabulary.dimensions.values():
        held = [i for i in vocabulary.indicators.values() if i.dimension is dimension and _belongs(i, notes)]
        pairs: list[tuple[Indicator | Term, Any]] = [
            (indicator, value) for indicator in held if (value := record.value(indicator.id)) is not None
        ]
        if dimension.id == "dynamic" and record.condition:
            times = [(vocabulary.terms[name], record.condition.get(name)) for name in READING_TIMES]
            pairs = [(term, value) for term, value in times if value is not None] + pairs
        if not pairs:
            continue
        if full:
            elements.append(
                {
                    "elementId": dimension.id,
                    "objectType": "DataElementCollection",
                    "elements": [_element(kind, kind.id, kind.iri, value) for kind, value in pairs],
                }
            )
        else:
            document[dimension.id] = {kind.id: _compressed(kind, value) for kind, value in pairs}
    if full:
        document["elements"] = elements
    return peer_format.exported(document, record, read(document).record, notes)


def _belongs(indicator: Indicator, notes: Notes) -> bool:
    if indicator.carrier is Carrier.EVENT or indicator.personal_data:
        notes.reasons[indicator.id] = Message("a record of the Chinese platform, no part of an EU passport")
        return False
    return True


def _header(record: Record, notes: Notes) -> dict[str, Any]:
    header: dict[str, Any] = {}
    for name, indicator in HEADER.items():
        value = record.value(indicator)
        if value is None and name == "economicOperatorId":
            operator = record.value("operatorInformation")
            value = operator.get("identifier") if isinstance(operator, Mapping) else None
        if value is None and name not in _OPTIONAL:
            value = peer_format.NO_TEXT
            notes.filled.append(f"$.{name}")
        if value is not None:
            header[name] = value
    update = (record.condition or {}).get(RECORDED_AT)
    if update is None:
        update = peer_format.NO_INSTANT
        notes.filled.append("$.lastUpdated")
    return {
        **header,
        "granularity": "item",
        "dppSchemaVersion": SCHEMA_VERSION,
        "dppStatus": "active",
        "lastUpdated": update,
        "contentSpecificationIds": [vocabulary_module.NS.rstrip("#")],
    }


def _month(kind: Indicator | Field | Term, value: Any) -> Any:
    if getattr(kind, "id", None) == "manufacturingDate" and isinstance(value, str):
        return value[:7]
    return value


def _compressed(kind: Indicator | Field | Term, value: Any) -> Any:
    if isinstance(value, list):
        return [_compressed(kind, item) for item in value]
    if isinstance(value, Mapping) and isinstance(kind, Indicator) and kind.fields:
        return {name: _compressed(field, held) if (field := kind.field(name)) else held for name, held in value.items()}
    if kind.datatype in _NUMBERS:
        try:
            return converters.json_number(converters.our_decimal(value))
        except Unwritable:
            return value  # a string carries every digit
    return _month(kind, value)


def _element(kind: Indicator | Field | Term, name: str, iri: str, value: Any) -> dict[str, Any]:
    element: dict[str, Any] = {"elementId": name, "dictionaryReference": iri}
    if isinstance(kind, Indicator) and kind.fields:
        entries = value if isinstance(value, list) else [value]
        collections = [
            [_element(field, field.name, field.iri, entry[field.name]) for field in kind.fields if field.name in entry]
            for entry in entries
            if isinstance(entry, Mapping)
        ]
        if not isinstance(value, list):
            return {**element, "objectType": "DataElementCollection", "elements": collections[0] if collections else []}
        return {**element, "objectType": "MultiValuedDataElement", "value": [
            {"elementId": f"{name}-{n}", "objectType": "DataElementCollection", "elements": entry}
            for n, entry in enumerate(collections, 1)
        ]}  # fmt: skip
    if kind.datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
        return {
            **element,
            "objectType": "MultiLanguageDataElement",
            "value": [{"language": tag, "value": text} for tag, text in value.items()],
        }
    several = isinstance(value, list)
    return {
        **element,
        "objectType": "MultiValuedDataElement" if several else "SingleValuedDataElement",
        "valueDataType": _XSD[kind.datatype],
        "value": _compressed(kind, value),
    }


# --- reading --------------------------------------------------------------------------------------------------------


def read(document: Any, file: str = "passport.json", *, on: date | None = None) -> PeerReading:
    """Map a passport in either form.

    :raises FaultyRecord: it has none of the header's members.
    """
    if not isinstance(document, Mapping) or not set(HEADER) & document.keys():
        raise peer_format.other_format(
            file,
            Message("no passport of EN 18223"),
            Message("a header with one of {members}", members=", ".join(HEADER)),
            found(document),
        )
    document = peer_format.without_placeholders(document)[0]
    source = PeerDocument(file)
    _read_version(document.get("dppSchemaVersion"), source)
    elements = document.get("elements")
    for name, content in (
        [(f"elements[{n}]", entry) for n, entry in enumerate(elements)] if isinstance(elements, list)
        else [(name, content) for name, content in document.items() if name not in (*HEADER, *_REST)]
    ):  # fmt: skip
        _top(content, name, source)
    _read_headers(document, source)
    record = source.record()
    places = {
        i.id: f"$.{i.dimension.id}.{i.id}"
        for i in vocabulary_module.load().indicators.values()
        if i.carrier is not Carrier.EVENT
    }
    return PeerReading(record, tuple(source.faults), peer_format.gaps(record, file, places))


def _read_version(version: Any, source: PeerDocument) -> None:
    """Report an unknown version of the schema; the elements are taken as far as they are known."""
    if version is not None and version not in _VERSIONS:
        source.fault(
            "unknown-schema-version",
            "dppSchemaVersion",
            None,
            Message("one of {codes}", codes=", ".join(_VERSIONS)),
            found(version),
            Message("the passport follows another version of the schema"),
            "warning",
        )


def _read_headers(document: Mapping[str, Any], source: PeerDocument) -> None:
    for name, expected, code, message in (
        ("dppStatus", STATUSES[0], "inactive-passport", Message("the passport is not in force")),
        ("granularity", GRANULARITIES[0], "other-granularity", Message("the passport is not of one battery")),
    ):
        value = document.get(name)
        if value is not None and not (isinstance(value, str) and value.strip().lower() == expected):
            source.fault(code, name, None, expected, found(value), message)
    operator = source.raw["pack"].get("operatorInformation")
    known = operator.get("identifier") if isinstance(operator, Mapping) else None
    for name, indicator in HEADER.items():
        value = document.get(name)
        if value is None or (name == "economicOperatorId" and value == known):
            continue
        if isinstance(value, str):
            _take(indicator, value, value, name, source)
        else:
            source.not_taken("wrong-type", name, indicator, Message("text"), value)


def _top(content: Any, path: str, source: PeerDocument) -> None:
    """What is below the header: a collection, or an element that is in none."""
    if isinstance(content, Mapping) and "elementId" in content:
        known = _known(content)
        if _is_ours(known) or not isinstance(content.get("elements"), list):
            _indicator(known, _plain(content), path, source)
            return
    elif _is_ours(path) or not isinstance(content, Mapping):
        _indicator(path, content, path, source)
        return
    _collection(content, path, source)


def _known(element: Mapping[str, Any]) -> Any:
    """The name by which the vocabulary may know an element."""
    reference = element.get("dictionaryReference")
    if isinstance(reference, str) and reference.startswith(vocabulary_module.NS):
        return reference.removeprefix(vocabulary_module.NS)
    return element.get("elementId")


def _is_ours(name: Any) -> bool:
    return isinstance(name, str) and name in vocabulary_module.load().indicators


def _collection(content: Any, path: str, source: PeerDocument) -> None:
    """The elements of one collection, in either form. A collection in it that is no element of ours is opened too."""
    if isinstance(content, Mapping) and isinstance(content.get("elements"), list):
        for n, element in enumerate(content["elements"]):
            if isinstance(element, Mapping):
                known = _known(element)
                if not _is_ours(known) and isinstance(element.get("elements"), list):
                    _collection(element, f"{path}.elements[{n}]", source)
                    continue
                _indicator(known, _plain(element), f"{path}.elements[{n}]", source)
        return
    if not isinstance(content, Mapping):
        source.not_taken("wrong-type", path, None, Message("a collection of elements"), content)
        return
    for name, value in content.items():
        if not _is_ours(name) and isinstance(value, Mapping) and value:
            _collection(value, f"{path}.{name}", source)
        else:
            _indicator(name, value, f"{path}.{name}", source)


def _indicator(name: Any, value: Any, path: str, source: PeerDocument) -> None:
    known = vocabulary_module.load().indicators.get(name) if isinstance(name, str) else None
    if name in READING_TIMES:
        _take(name, value, value, path, source)
    elif known is None or known.carrier is Carrier.EVENT:
        source.fault(
            "unknown-element",
            path,
            None,
            Message("an element that the vocabulary knows"),
            found(name),
            Message("the element is not taken over"),
            "loss",
        )
    elif name == "manufacturingDate" and isinstance(value, str) and len(value) == 7:
        source.fault(
            "no-day",
            path,
            name,
            Message("a day, from another source"),
            found(value),
            Message("year and month are there, the day is not"),
            "loss",
        )
    else:
        _take(name, _ours(known, value), value, path, source)


def _take(name: str, ours: Any, theirs: Any, path: str, source: PeerDocument) -> None:
    held = source.raw[part_of(name)].get(name)
    if held is not None:
        # The header says again what the elements say; two that differ would have the later one win in silence.
        if not peer_format.same(held, ours):
            indicator = None if name in READING_TIMES else name
            source.fault(
                "duplicate-element",
                path,
                indicator,
                Message("one content for an element"),
                found(theirs),
                Message("the element occurs twice, with two contents"),
            )
    elif isinstance(ours, list) and name not in READING_TIMES and vocabulary_module.load().indicators[name].repeatable:
        for n, entry in enumerate(ours):
            source.put(name, entry, f"{path}[{n}]", entry=n)
    else:
        source.put(name, ours, path)


def _plain(element: Mapping[str, Any]) -> Any:
    """An element of the full form as the compressed form has it."""
    if isinstance(element.get("elements"), list):
        inner = [each for each in element["elements"] if isinstance(each, Mapping)]
        return {str(each.get("elementId")): _plain(each) for each in inner}
    value = element.get("value")
    if element.get("objectType") == "MultiLanguageDataElement" and isinstance(value, list):
        return {str(each.get("language")): each.get("value") for each in value if isinstance(each, Mapping)}
    if isinstance(value, list):
        return [_plain(each) if isinstance(each, Mapping) else each for each in value]
    return value


def _ours(kind: Indicator | Field, value: Any) -> Any:
    if isinstance(value, list):
        return [_ours(kind, item) for item in value]
    if isinstance(value, Mapping) and isinstance(kind, Indicator) and kind.fields:
        return {name: _ours(field, held) if (field := kind.field(name)) else held for name, held in value.items()}
    if kind.datatype is Datatype.DECIMAL and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return converters.written(converters.decimal_of(value))
        except UnreadableValue:
            return value
    return value
