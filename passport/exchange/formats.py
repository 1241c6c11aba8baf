"""Every format that a record can be written in, in one table; and the peers' formats that one can be read from.

A format of ours (``json``, ``xlsx``, ``csv``) holds many records, each complete. A peer's format holds one battery a
document, and may have no place for some values; these losses are returned with the document. A further format is one
more entry.

    written = write("batterypass", records)
    written.files            # {"GeneralProductInformation.json": b"…", …}
    written.packs[0].losses  # what the data model has no place for, with the reason
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from passport.battery.record import Record
from passport.errors import UsageError
from passport.exchange.peer_format import Export, Loss, PeerReading
from passport.exchange.records.json_file import read_json
from passport.texts import Message
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import load

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class PackExport:
    """What became of one pack.

    :param pack: its code or serial number.
    :param missing: see :class:`passport.exchange.peer_format.Export`.
    """

    pack: str
    losses: tuple[Loss, ...] = ()
    filled: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"pack": self.pack, "losses": [loss.to_json() for loss in self.losses], "filled": list(self.filled),
                "missing": list(self.missing)}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """Files by name, to be put into one folder; or one file whose name the caller decides, under the name ``""``."""

    files: Mapping[str, bytes]
    packs: tuple[PackExport, ...]


class Format(Protocol):
    """One format."""

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    def write(self, records: Sequence[Record], *, one_file: bool) -> Written:
        """Write records.

        :param one_file: whether all has to be in one file.
        :raises UsageError: it cannot.
        """
        ...


class Peer(Protocol):
    """A peer's format as its module offers it."""

    def read(self, document: Any, file: str, *, on: date | None = None) -> PeerReading: ...

    def write(self, record: Record) -> Export: ...


def pack_name(record: Record) -> str:
    """What people call the pack: its code, else its serial number."""
    name = record.pack.get("packTractionBatteryCode") or record.pack.get("serialNumber") or record.file
    return str(name) or "pack"


@dataclass(frozen=True)
class OwnFormat:
    """A format that holds whole records."""

    title: str
    to_files: Callable[[Sequence[Record]], Mapping[str, bytes]]
    folder: bool = False

    def write(self, records: Sequence[Record], *, one_file: bool) -> Written:
        if one_file and self.folder:
            raise UsageError(
                Message("this format is a folder of files"),
                expected="-o FOLDER",
                found=Message("the name of a file"),
            )
        return Written(self.to_files(records), tuple(PackExport(pack_name(record)) for record in records))


@dataclass(frozen=True)
class PeerFormat:
    """A peer's format: one document for each battery.

    :param load: the document of a path.
    :param read: (document, file, on=day of checking) -> its record, faults and gaps.
    :param several: whether its document is several by name, each a file of its own in a folder.
    :param encode: the bytes of a document.
    :param suffix: of a file, with its stop.
    """

    title: str
    load: Callable[[Path], Any]
    read: Callable[..., PeerReading]
    export: Callable[[Record], Export]
    several: bool = False
    encode: Callable[[Any], bytes] = field(default=lambda document: as_json(document))
    suffix: str = ".json"

    def write(self, records: Sequence[Record], *, one_file: bool) -> Written:
        if one_file and len(records) != 1:
            raise UsageError(
                Message("this format holds one battery a file"),
                expected="-o FOLDER",
                found=Message("{n} pack", plural="{n} packs", n=len(records)),
            )
        files: dict[str, bytes] = {}
        packs = []
        for record in records:
            export, pack = self.export(record), pack_name(record)
            packs.append(PackExport(pack, export.losses, export.filled, export.missing))
            safe = _UNSAFE.sub("-", pack).strip(".-") or "pack"
            if one_file:
                files[""] = self.encode(export.document)
            elif self.several:
                below = f"{safe}/" if len(records) > 1 else ""
                files |= {f"{below}{name}.json": as_json(part) for name, part in export.document.items()}
            else:
                files[f"{safe}{self.suffix}"] = self.encode(export.document)
        if len(files) < len(records):
            raise UsageError(
                Message("two packs have the same name"), expected=Message("a code or serial number of its own for each")
            )
        return Written(files, tuple(packs))


def as_json(document: Any) -> bytes:
    """JSON as people read it, UTF-8."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


# --- the table; modules are loaded when they are needed -------------------------------------------------------------


def _json(records: Sequence[Record]) -> Mapping[str, bytes]:
    documents = []
    for record in records:
        document: dict[str, Any] = {"model": _in_order(record.model)}
        if record.batch or record.batch_identifier:
            name = {} if record.batch_identifier is None else {"identifier": record.batch_identifier}
            document["batch"] = {**name, **_in_order(record.batch)}
        document["pack"] = _in_order(record.pack)
        if record.condition:
            document["condition"] = _in_order(record.condition)
        if record.events:
            document["events"] = {name: _in_order(values) for name, values in record.events.items()}
        documents.append(document)
    return {"": as_json(documents[0] if len(documents) == 1 else documents)}


def _in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """In the vocabulary's order, so that the same record gives the same bytes wherever it came from."""
    order = {name: n for n, name in enumerate((*READING_TIMES, *load().indicators))}
    return {name: values[name] for name in sorted(values, key=lambda name: order.get(name, len(order)))}


def _xlsx(records: Sequence[Record]) -> Mapping[str, bytes]:
    from passport.exchange.spreadsheet import record_writer

    return {"": record_writer.write(None, records)}


def _csv(records: Sequence[Record]) -> Mapping[str, bytes]:
    from passport.exchange.spreadsheet import csv_writer

    return csv_writer.write(records)


def _batterypass(version: str) -> PeerFormat:
    def read(document: Any, file: str, *, on: date | None = None) -> PeerReading:
        from passport.exchange.batterypass import batterypass_reader

        return batterypass_reader.read(document, file, on=on)

    def load(path: Path) -> Any:
        from passport.exchange.batterypass import batterypass_reader

        return batterypass_reader.load(path)

    def export(record: Record) -> Export:
        from passport.exchange.batterypass import batterypass_writer

        return batterypass_writer.write(record, version=version)

    title = f"BatteryPass data model 1.2.0, PerformanceAndDurability {version}"
    return PeerFormat(title, load, read, export, several=True)


def _later(module: str, function: str, **options: Any) -> Callable[..., Any]:
    """A function of a module of this package, which is loaded at the first call."""

    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(import_module(f"passport.exchange.{module}"), function)(*arguments, **options, **named)

    return call


def _peer(
    title: str, reader: str, writer: str, *, load: Callable[[Path], Any] = read_json, **members: Any
) -> PeerFormat:
    """A peer's format whose documents one module reads and one writes."""
    return PeerFormat(title, load, _later(reader, "read"), _later(writer, "write"), **members)


def _as_aasx(document: Any) -> bytes:
    packed: bytes = _later("aas.aasx", "pack")(as_json(document))
    return packed


_AAS = ("aas.aas_reader", "aas.aas_writer")
_load_aas = _later("aas.aasx", "load")

PEERS: Mapping[str, PeerFormat] = {
    "catenax": _peer("Catena-X battery_pass 6.1.0", "catenax.catenax_reader", "catenax.catenax_writer"),
    "batterypass": _batterypass("1.2.1"),
    "batterypass-1.2.0": _batterypass("1.2.0"),
    "untp": _peer("UNTP Digital Product Passport 0.6.1, unsigned", "untp.untp", "untp.untp"),
    "untp-0.7.0": _peer("UNTP Digital Product Passport 0.7.0, unsigned", "untp.untp070", "untp.untp070"),
    "en18223": PeerFormat(
        "EN 18223, compressed JSON", read_json, _later("en18223", "read"), _later("en18223", "write", full=False)
    ),
    "en18223-full": PeerFormat(
        "EN 18223, full JSON", read_json, _later("en18223", "read"), _later("en18223", "write", full=True)
    ),
    "batterypass-ready": _peer(
        "BatteryPass-Ready 1.0", "batterypassready.ready_reader", "batterypassready.ready_writer"
    ),
    "openepcis": _peer(
        "OpenEPCIS battery vocabulary, JSON-LD",
        "openepcis.openepcis_reader",
        "openepcis.openepcis_writer",
        suffix=".jsonld",
    ),
    "aas": _peer("AAS environment of IDTA 02035 and 02099-1, JSON", *_AAS, load=_load_aas),
    "aasx": _peer("AASX package of IDTA 02035 and 02099-1", *_AAS, load=_load_aas, encode=_as_aasx, suffix=".aasx"),
}
FORMATS: Mapping[str, Format] = {
    "json": OwnFormat("records as JSON", _json),
    "xlsx": OwnFormat("workbook", _xlsx),
    "csv": OwnFormat("folder of .csv files", _csv, folder=True),
    **PEERS,
}


def write(name: str, records: Sequence[Record], *, one_file: bool = False) -> Written:
    """Write records in a format.

    :param name: one of :data:`FORMATS`.
    :raises UsageError: no such format, no records, or a value that the format's files cannot hold at all.
    """
    if name not in FORMATS:
        raise UsageError(Message("no format is called {name}", name=name), expected=", ".join(FORMATS), found=name)
    if not records:
        raise UsageError(
            Message("there is no record to write"), expected=Message("at least one pack"), found=Message("none")
        )
    return FORMATS[name].write(records, one_file=one_file)
