"""The fields of upload records: names, and where a value is taken from (``ontology/supervision/fields.ttl``). Pure.

field = upload_fields()["reratedCapacity"]
field.value(row)                      # "90", or None where nothing states it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

import rdflib

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.linked_data import resources
from passport.supervision.pack_facts import DETAILS, LOCALITY
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import BASE, RDFS, SKOS, OntologyNode, OntologySource
from passport.vocabulary.vocabulary import load

SV = rdflib.Namespace(BASE + "supervision#")
FILE = "ontology/supervision/fields.ttl"
#: Statements of a passport that say to which model and batch a pack belongs.
MODEL, BATCH = "batteryModel", "batteryBatch"
#: Keys of fields in a record that differ from their codes: masses name their unit.
_KEYS = {"mass": "massGrams", "recovered": "recoveredGrams", "residue": "residueGrams"}


class RecordRow(Protocol):
    """An event with what its record is made of: :class:`passport.store.facts.reports.report_records.ReportedRow`."""

    @property
    def actor(self) -> str: ...
    @property
    def packCode(self) -> str | None: ...  # noqa: N802 (the name of the field)
    @property
    def batch(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def province(self) -> str | None: ...
    @property
    def facility(self) -> str | None: ...
    @property
    def counterpart(self) -> str | None: ...
    @property
    def destination(self) -> str | None: ...
    @property
    def mass(self) -> int | None: ...
    @property
    def object(self) -> str | None: ...
    @property
    def code(self) -> str | None: ...
    @property
    def choice(self) -> str | None: ...
    @property
    def vehicle(self) -> str | None: ...
    @property
    def details(self) -> Mapping[str, str]: ...
    @property
    def parts(self) -> Sequence[str]: ...
    @property
    def masses(self) -> Mapping[str, int]: ...
    @property
    def statements(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class UploadField:
    """One field.

    :param column: of the facts of the event and its pack, a key of :data:`COLUMNS`; None where it has none.
    :param details: fields of the event; :param statements: paths into signed statements, an indicator first.
    :param many: whether a record can have several values.
    """

    code: str
    label: Texts
    column: str | None
    details: tuple[str, ...]
    statements: tuple[tuple[str, ...], ...]
    many: bool

    @property
    def key(self) -> str:
        """Its name in a record."""
        return _KEYS.get(self.code, self.code)

    def value(self, row: RecordRow) -> Any:
        """The first value that is stated: text, a number, a list, or masses by material. None where there is none."""
        if self.column is not None:
            return COLUMNS[self.column](row) or None
        for name in self.details:
            if name in row.details:
                return row.details[name].split("\n") if self.many else row.details[name]
        for path in self.statements:
            if values := list(dict.fromkeys(_stated(row.statements, path))):
                return values if self.many else "; ".join(values)
        return None


@cache
def upload_fields() -> Mapping[str, UploadField]:
    """All fields by code, in their order.

    :raises MalformedOntology: the file contradicts itself, the facts or the vocabulary; the message names the term.
    """
    return read_fields(resources.path(FILE).read_text(encoding="utf-8"))


def read_fields(text: str) -> Mapping[str, UploadField]:
    """The fields that a text in Turtle states; see :func:`upload_fields`."""
    source = OntologySource(text, FILE)
    fields: dict[str, tuple[int, UploadField]] = {}
    for node in source.of_type(SV.UploadField):
        field = _field(node)
        if field.code in fields:
            raise node.wrong(f"has the notation {field.code}, which another has too")
        fields[field.code] = (node.integer(SV.order) or 0, field)
    ordered = sorted(fields.values(), key=lambda entry: entry[0])
    return MappingProxyType({field.code: field for _, field in ordered})


@cache
def statement_names() -> frozenset[str]:
    """The indicators that records take from signed statements, and those that name model and batch."""
    return frozenset({MODEL, BATCH, *(path[0] for field in upload_fields().values() for path in field.statements)})


def _field(node: OntologyNode) -> UploadField:
    field = UploadField(
        code=node.required_text(SKOS.notation),
        label=node.texts(RDFS.label),
        column=node.text(SV.column),
        details=_listed(node, SV.detail),
        statements=tuple(tuple(path.split(".")) for path in _listed(node, SV.statement)),
        many=node.flag(SV.many, False),
    )
    if field.column is not None and field.column not in COLUMNS:
        raise node.wrong(f"has the column {field.column}, which records do not have")
    for name in field.details:
        if name not in (*DETAILS, LOCALITY):
            raise node.wrong(f"has the detail {name}, which facts do not have")
    for path in field.statements:
        if path[0] not in load().indicators:
            raise node.wrong(f"has the statement {path[0]}, which is no indicator")
    if field.column is None and not field.details and not field.statements:
        raise node.wrong("is stated nowhere")
    return field


def _listed(node: OntologyNode, predicate: rdflib.URIRef) -> tuple[str, ...]:
    head = node.one(predicate)
    return () if head is None else tuple(str(value) for value in node.source.graph.items(head))


def _stated(value: Any, path: Sequence[str]) -> Iterator[str]:
    """The scalars at a path; a list on the way gives those of each entry."""
    if isinstance(value, list):
        for entry in value:
            yield from _stated(entry, path)
    elif not path:
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield str(value)
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _stated(value[path[0]], path[1:])


def _parsed(code: str | None) -> TractionBatteryCode | None:
    try:
        return None if code is None else TractionBatteryCode.parse(code)
    except MalformedIdentifier:
        return None


def _of_code(member: str) -> Any:
    return lambda row: getattr(_parsed(row.packCode), member, None)


#: How each column is read of a row.
COLUMNS: Mapping[str, Any] = {
    "packCode": lambda row: row.packCode,
    "makerCode": _of_code("manufacturer"),
    "productType": _of_code("product_type"),
    "batteryType": _of_code("battery_type"),
    "specificationCode": _of_code("specification"),
    "model": lambda row: row.model,
    "batch": lambda row: row.batch,
    "parts": lambda row: list(row.parts),
    "vehicle": lambda row: row.vehicle,
    "actor": lambda row: row.actor,
    "province": lambda row: row.province,
    "facility": lambda row: row.facility,
    "outlet": lambda row: row.facility or row.actor,
    "choice": lambda row: row.choice,
    "replacementCode": lambda row: row.code,
    "newCode": lambda row: row.code,
    "counterpart": lambda row: row.counterpart,
    "destination": lambda row: row.destination,
    "mass": lambda row: row.mass,
    "certificate": lambda row: row.object,
    "quantity": lambda row: len(row.details.get("foundPackCodes", "").split()),
    "recovered": lambda row: {name: mass for name, mass in row.masses.items() if name != "residue"},
    "residue": lambda row: row.masses.get("residue"),
}
