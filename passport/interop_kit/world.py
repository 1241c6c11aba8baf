"""The documents that the cases are made of, signed once.

The packs are the example packs of this project, with serial numbers of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from passport.battery.record import Record
from passport.credentials.credential import date_time
from passport.credentials.issuer import presentation
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION
from passport.exchange.records import record_files
from passport.footprint.declared import CHINESE
from passport.interop_kit.actors import MAKER_BASE, RIVAL_BASE, Actors
from passport.interop_kit.maker import Maker
from passport.linked_data import jcs, resources
from passport.publishing.footprint_declaration import digest_of
from passport.vocabulary.credential_types import (
    CONDITION,
    DECLARATION_TYPE,
    MODEL,
    PASSPORT,
    RECORDED_AT,
    ROLE,
    VERIFICATION_TYPE,
)
from passport.vocabulary.vocabulary import Audience

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
"""The instant of the set."""
ISSUED_AT = AT - timedelta(days=7)
LISTS_AT = AT - timedelta(days=1)
CHALLENGE, DOMAIN = "4f2c1d7a9be0", "verifier.example.net"

_FIGURES = {
    CHINESE.total: "0.154",
    "chinaCarbonFootprintRawMaterials": "0.1269",
    "chinaCarbonFootprintProduction": "0.022",
    "chinaCarbonFootprintDistribution": "0.0051",
    CHINESE.absolute: "7392",
    "totalEnergyOverServiceLife": "48000",
    "footprintMethod": "cn-mee-2024-63-draft-2025-03",
}


def _record(example: str) -> Record:
    return record_files.read_records(resources.path(f"examples/{example}.xlsx"))[0]


def _as(record: Record, serial: str, code: str) -> Record:
    """The same battery under another serial number."""
    pack = {key: value for key, value in record.pack.items() if key != "batteryPassportIdentifier"}
    return replace(record, pack=pack | {"serialNumber": serial, "packTractionBatteryCode": code}, events={})


@dataclass(frozen=True)
class World:
    """:ivar pack: address of the maker's first pack; :ivar model: of its model."""

    actors: Actors
    maker: Maker
    rival: Maker
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    other: dict[str, dict[str, Any]]
    foreign: dict[str, dict[str, Any]]
    older_read_out: dict[str, Any]

    @classmethod
    def make(cls) -> World:
        actors = Actors.make()
        maker = Maker(actors.maker, MAKER_BASE, issued_at=ISSUED_AT, lists_at=LISTS_AT)
        rival = Maker(actors.rival, RIVAL_BASE, issued_at=ISSUED_AT, lists_at=LISTS_AT)
        ev, bike, storage = (_record(name) for name in ("ev-ncm-100kwh", "lmt-ebike", "stationary-lfp"))
        earlier = {**(ev.condition or {}), RECORDED_AT: "2026-10-05T08:30:00Z", "stateOfCharge": "80"}
        first = maker.publish(replace(ev, condition=earlier))
        older_read_out = first[CONDITION]
        first |= maker.publish(ev)
        maker.withdraw(older_read_out, REFRESH)
        return cls(
            actors,
            maker,
            rival,
            first,
            maker.publish(_as(ev, "A7K2M05G6J0000318", "ZZZPE10A7K2M05G6J0000318")),
            maker.publish(bike),
            rival.publish(storage),
            older_read_out,
        )

    @property
    def pack(self) -> str:
        return str(self.first[PASSPORT]["credentialSubject"]["id"])

    @property
    def model(self) -> str:
        return str(self.first[MODEL]["credentialSubject"]["id"])

    def file(self, *documents: dict[str, Any], maker: Maker | None = None, **options: Any) -> dict[str, Any]:
        """A saved passport of these credentials, with the status lists that they name."""
        return presentation([*documents, *(maker or self.maker).lists_of(documents, **options)])

    @cached_property
    def public(self) -> dict[str, Any]:
        """The first pack's passport as everybody sees it."""
        return self.file(*self.maker.view(self.pack, Audience.PUBLIC))

    @cached_property
    def plain_passport(self) -> dict[str, Any]:
        """The first pack's credential without its proof."""
        return {key: value for key, value in self.first[PASSPORT].items() if key != "proof"}

    @cached_property
    def plain_model(self) -> dict[str, Any]:
        return {key: value for key, value in self.first[MODEL].items() if key != "proof"}

    def withdrawn(self, purpose: str) -> dict[str, Any]:
        """A pack of the same model whose credential was revoked, or suspended."""
        serial = {REVOCATION: "A7K2M05G6J0000401", SUSPENSION: "A7K2M05G6J0000402"}[purpose]
        document = self.passport_of(serial)
        self.maker.withdraw(document, purpose)
        return document

    def passport_of(self, serial: str, **more: Any) -> dict[str, Any]:
        """A short passport credential of another pack of the model."""
        subject = {
            "id": f"{self.model}/21/{serial}",
            "type": "BatteryPack",
            "batteryModel": self.model,
            "batteryIdentifier": f"{self.model}/21/{serial}",
            "serialNumber": serial,
        }
        status = [self.maker.entry(serial, purpose) for purpose in (REVOCATION, SUSPENSION)]
        return self.maker.sign(self.maker.unsigned(serial, PASSPORT, subject, status=status, **more))

    def role(self) -> dict[str, Any]:
        """A role of the holder for the first pack."""
        subject = {
            "id": self.actors.holder.id,
            "audience": ["legitimate-interest"],
            "purpose": "recycling",
            "packs": [self.pack],
        }
        until = date_time(AT + timedelta(days=23))
        entry = self.maker.entry("role", REVOCATION)
        return self.maker.sign(self.maker.unsigned("role", ROLE, subject, status=[entry], validUntil=until))

    def declaration(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A carbon footprint declaration of the model, and the auditor's countersignature."""
        name = self.first[MODEL]["credentialSubject"]["batteryModelIdentifier"]
        subject = {"id": self.model, "type": "BatteryModel", "batteryModelIdentifier": name, **_FIGURES}
        declared = self.maker.sign(self.maker.unsigned("declaration", DECLARATION_TYPE, subject))
        auditor = Maker(self.actors.auditor, "https://auditor.example.net", issued_at=LISTS_AT, lists_at=LISTS_AT)
        claims = {
            "id": declared["id"],
            "batteryModel": self.model,
            CHINESE.total: _FIGURES[CHINESE.total],
            "footprintMethod": _FIGURES["footprintMethod"],
            "declarationDigest": digest_of(jcs.canonicalize(declared)),
            "verificationStatement": "conforms",
        }
        return declared, auditor.sign(auditor.unsigned("countersignature", VERIFICATION_TYPE, claims))
