"""A small world of actors and packs: it reports events to histories, with accreditations and a clock of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from types import MappingProxyType
from typing import Any

from passport.lifecycle import (
    Accepted,
    Accreditation,
    Decision,
    History,
    LifecycleEvent,
    PartChange,
    Permit,
    Place,
    catalogue,
    decide,
    vehicle_hash,
)
from passport.lifecycle.neighbours import surroundings_of

CHINA = timezone(timedelta(hours=8))
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
#: Numbers with a valid check digit.
CAR_1, CAR_2, CAR_3 = "LSVNV133922222222", "1M8GDM9AXKP042788", "11111111111111111"
RULES = catalogue().profile()

PACK, CABINET, OTHER_PACK = (f"https://battery.example/id/{name}" for name in ("EV1/1", "ESS1/1", "EV1/2"))
CODE, OTHER_CODE = "001PE01A1B2C3DH7L0000042", "001PE01A1B2C3DH7L0000043"
CABINET_CODE = "0ABPE01T560000007RP"
MODULES = tuple(f"001ME01A1B2C3DH7K{n:07}" for n in (1, 2, 3))
CELLS = tuple(f"001CE01A1B2C3DH7J{n:07}" for n in (1, 2, 3))
NEW_MODULE = "001ME01A1B2C3DM5C0000009"

ROLES: Mapping[str, tuple[str, ...]] = {
    "maker": ("batteryMaker", "economicOperator"),
    "other_maker": ("batteryMaker", "economicOperator"),
    "carmaker": ("vehicleMaker",),
    "dealer": ("dealer",),
    "workshop": ("repairShop",),
    "dismantler": ("dismantler",),
    "outlet": ("outlet",),
    "utiliser": ("utiliser", "economicOperator"),
    "recycler": ("utiliser",),
    "transporter": ("transporter",),
    "swapper": ("swapOperator",),
    "exporter": ("exporter",),
    "authority": ("regulator",),
    "police": ("police",),
    "gateway": ("bmsGateway",),
}
PERMITS = {"utiliser": "pollutant-permit", "recycler": "pollutant-permit", "dismantler": "dismantling-qualification"}
MANUFACTURER_CODES = {"maker": {"001"}, "other_maker": {"001", "002"}, "utiliser": {"0AB"}}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2050, 1, 1, tzinfo=UTC)

KG = Decimal
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "register_code": {"packCode": CODE, "batteryModel": "https://battery.example/id/EV1"},
    "produce": {"chemistryShortName": "NMC", "specifiedRatedCapacity": KG("141"), "handledMass": KG("540")},
    "issue_passport": {"issuedCredential": "https://battery.example/credentials/1", "carrierType": "qrCode"},
    "place_on_market": {"market": "CN"},
    "sell_vehicle": {"saleRegion": "CN-JS", "buyerType": "person"},
    "repair": {"eventReason": "cell fault"},
    "remove": {"removalReason": "fault"},
    "replace": {"removalReason": "fault", "installedBatteryCode": OTHER_CODE},
    "retire": {"eventReason": "worn", "assessedStateOfHealth": KG("78")},
    "assess": {
        "assessmentMethod": "GB/T 34015",
        "assessedStateOfHealth": KG("77"),
        "safetyResult": "passed",
        "assessmentDecision": "reuse",
    },
    "transform": {
        "transformOperation": "repurposing",
        "successorPack": CABINET,
        "newBatteryCode": CABINET_CODE,
        "reratedCapacity": KG("100"),
        "intendedUse": "stationaryStorage",
        "handledMass": KG("344"),
    },
    "declare_waste": {"wasteBasis": "not worth a repair"},
    "send_out": {"handledMass": KG("540")},
    "receive_in": {"handledMass": KG("540")},
    "scrap_vehicle": {"scrapCertificateNumber": "C-1", "foundPackCodes": (CODE,)},
    "recycle": {
        "recyclingProcess": "hydrometallurgical",
        "handledMass": KG("190"),
        "recoveredCathodePowderMass": KG("40"),
        "recoveredCopperMass": KG("22"),
        "residueMass": KG("14"),
    },
    "export": {"market": "EU"},
    "report_lost": {"eventReason": "stolen"},
    "hold": {"eventReason": "inspection"},
    "release": {"eventReason": "inspected"},
    "correct": {"eventReason": "typing error"},
}
ALL_PARTS = (
    *(PartChange(code, CODE) for code in MODULES),
    *(PartChange(cell, module) for cell, module in zip(CELLS, MODULES, strict=True)),
)
HEFEI = Place("CN", "CN-AH", "Hefei")


def did(actor: str) -> str:
    return f"did:web:{actor}.example"


def day(text: str, hour: int = 9) -> datetime:
    """``day("2027-07-20")``: that morning in China."""
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=CHINA)


def car(vin: str, key: bytes = KEY, key_id: str = "k1"):
    return (vehicle_hash(vin, key, key_id=key_id),)


def accreditation(actor: str, **changes: Any) -> Accreditation:
    permits = (Permit(PERMITS[actor], "P-1", LONG_AGO),) if actor in PERMITS else ()
    stated = Accreditation(did(actor), frozenset(ROLES[actor]), LONG_AGO, permits=permits)
    if actor in MANUFACTURER_CODES:
        stated = replace(stated, manufacturer_codes=frozenset(MANUFACTURER_CODES[actor]))
    return replace(stated, **changes)


def digest_of(event: LifecycleEvent) -> str:
    return "u" + hashlib.sha256(repr(event).encode()).hexdigest()[:43]


class World:
    """Histories by pack. :meth:`report` decides, and keeps what was accepted."""

    def __init__(self) -> None:
        self.histories: dict[str, History] = {}
        self.now = NOW
        self.rules = RULES
        self._numbers = count(1)
        self._clock = day("2027-07-20")

    def history(self, pack: str = PACK) -> History:
        return self.histories.get(pack) or History.empty(pack)

    def state(self, pack: str = PACK):
        return self.history(pack).state

    def event(
        self, kind: str, actor: str, at: datetime | str | None = None, *, pack: str = PACK, **members: Any
    ) -> LifecycleEvent:
        """An event with what its kind needs, chained to the head; ``fields`` are added, and ``...`` takes one out."""
        if at is None:
            self._clock = max([self._clock, *(event.instant for event in self.history(pack).timeline)])
            self._clock += timedelta(days=1)
            at = self._clock
        fields = {**FIELDS.get(kind, {}), **members.pop("fields", {})}
        if kind == "register_code":
            members.setdefault("parts", ALL_PARTS if fields["packCode"] == CODE else ())
        if kind in ("produce", "swap_in", "swap_out"):
            members.setdefault("place", HEFEI)
        transit = self.state(pack).transit
        if kind == "receive_in" and transit is not None:
            fields.setdefault("handoverEvent", transit.event)
        if kind in ("send_out", "receive_in") and fields.get("handledMass") == KG("540"):
            fields["handledMass"] = self.state(pack).mass
        return LifecycleEvent(
            id=f"urn:event:{next(self._numbers)}",
            pack=pack,
            kind=kind,
            instant=day(at) if isinstance(at, str) else at,
            actor=did(actor),
            roles=members.pop("roles", frozenset(ROLES[actor])),
            predecessor=members.pop("predecessor", self.history(pack).head),
            fields=MappingProxyType({name: value for name, value in fields.items() if value not in (..., None)}),
            **members,
        )

    def decide(self, event: LifecycleEvent, **changes: Any) -> Decision:
        history = self.history(event.pack)
        actor = event.actor.removeprefix("did:web:").removesuffix(".example")
        surroundings = surroundings_of(event, history, self.histories.values())
        return decide(
            history,
            event,
            changes.pop("accreditation", None) or accreditation(actor),
            now=changes.pop("now", self.now),
            rules=self.rules,
            surroundings=surroundings,
        )

    def take(self, event: LifecycleEvent, **changes: Any) -> Decision:
        """Decide, and keep the event if it is accepted."""
        decision = self.decide(event, **changes)
        if isinstance(decision, Accepted):
            self.histories[event.pack] = self.history(event.pack).with_event(event, digest_of(event))
        return decision

    def report(self, kind: str, actor: str, at: datetime | str | None = None, **members: Any) -> Decision:
        return self.take(self.event(kind, actor, at, **members))

    def accept(self, kind: str, actor: str, at: datetime | str | None = None, **members: Any) -> LifecycleEvent:
        """Report what must be accepted."""
        event = self.event(kind, actor, at, **members)
        decision = self.take(event)
        assert isinstance(decision, Accepted), [str(refusal.message) for refusal in decision.refusals]
        return event

    # --- the usual beginnings -------------------------------------------------------------------------------------

    def produced(self, pack: str = PACK, code: str = CODE, **fields: Any) -> World:
        self.accept("register_code", "maker", pack=pack, fields={"packCode": code, **fields})
        self.accept("produce", "maker", pack=pack)
        return self

    def marketed(self, pack: str = PACK, code: str = CODE) -> World:
        self.produced(pack, code)
        self.accept("issue_passport", "maker", pack=pack)
        self.accept("place_on_market", "maker", pack=pack)
        return self

    def handed(self, sender: str, receiver: str, pack: str = PACK, **fields: Any) -> World:
        self.accept("send_out", sender, pack=pack, counterpart=did(receiver))
        self.accept("receive_in", receiver, pack=pack, fields=fields)
        return self

    def fitted(self, pack: str = PACK, code: str = CODE, vin: str = CAR_1, **fields: Any) -> World:
        self.marketed(pack, code).handed("maker", "carmaker", pack)
        self.accept("fit", "carmaker", pack=pack, vehicle=car(vin), fields=fields)
        return self

    def sold(self, pack: str = PACK, code: str = CODE, vin: str = CAR_1, **fields: Any) -> World:
        self.fitted(pack, code, vin, **fields).handed("carmaker", "dealer", pack)
        self.accept("sell_vehicle", "dealer", pack=pack, vehicle=car(vin))
        return self

    def removed(self) -> World:
        self.sold()
        self.accept("remove", "workshop", vehicle=car(CAR_1))
        return self

    def retired(self) -> World:
        self.removed()
        self.accept("retire", "workshop")
        return self

    def assessed(self, decision: str = "repurpose") -> World:
        self.retired().handed("workshop", "utiliser")
        self.accept("assess", "utiliser", fields={"assessmentDecision": decision})
        return self

    def wasted(self) -> World:
        self.assessed("recycling")
        self.accept("declare_waste", "utiliser")
        return self

    def recycled(self) -> World:
        self.wasted()
        self.accept("recycle", "utiliser")
        return self


def codes(decision: Decision) -> tuple[str, ...]:
    """The codes of a refusal; empty where the event was accepted."""
    return () if isinstance(decision, Accepted) else decision.codes
