"""A small world of actors that sign: real keys, an authority that accredits them, an inbox over a real store."""

from __future__ import annotations

import copy
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.identity import DidResolver, KeySigner, PrivateKey
from passport.lifecycle import LifecycleEvent, Permit, to_json
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.event_check import EventCheck
from passport.publishing.events.event_credentials import unsigned_detail, unsigned_event
from passport.publishing.events.inbox import Inbox, InboxOutcome, Status
from passport.publishing.events.message import EventMessage
from passport.publishing.status.status_lists import StatusLists
from passport.store import Store
from tests.lifecycle.life_world import LONG_AGO, MANUFACTURER_CODES, NOW, PERMITS, ROLES, RULES, World, did
from tests.remembered_stores import copy_of

BASE_URL = "https://battery.example"
AUTHORITY_URL = "https://authority.example"


def did_document(name: str, key: PrivateKey) -> dict[str, Any]:
    method = f"{name}#key-1"
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": name,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": name, "publicKeyMultibase": key.public_key.multikey}
        ],
        "assertionMethod": [method],
    }


#: Values of the pure world that are no values of the vocabulary.
FORMED: dict[str, dict[str, Any]] = {"issue_passport": {"carrierType": "QR"}}


class Actors:
    """Keys and pinned DID documents of everybody, made once."""

    def __init__(self) -> None:
        self.keys = {name: PrivateKey.generate() for name in (*ROLES, "regulator")}
        self.documents = {did(name): did_document(did(name), key) for name, key in self.keys.items()}
        self.resolver = DidResolver(self.documents)
        self._issuers: dict[str, Issuer] = {}

    def issuer(self, name: str) -> Issuer:
        if name not in self._issuers:
            signer = KeySigner(self.keys[name], f"{did(name)}#key-1")
            self._issuers[name] = Issuer(did(name), signer, self.resolver)
        return self._issuers[name]

    def trusted(self) -> list[dict[str, Any]]:
        """Entries of a trust list: the regulator accredits; of all others only the keys are pinned."""
        return [
            {
                "id": name,
                "name": {"en": name},
                "trustedFor": ["BatteryActorCredential"] if name == did("regulator") else [],
                "didDocument": document,
            }
            for name, document in self.documents.items()
        ]

    def trust_list(self) -> TrustList:
        return TrustList.from_json({"issuers": self.trusted()})


ACTORS = Actors()


def statement(actor: str, **changes: Any) -> ActorStatement:
    members: dict[str, Any] = {
        "holder": did(actor),
        "legal_name": {"en": actor, "zh": f"{actor}公司"},
        "roles": ROLES[actor],
        "registration_number": "HRB 1",
        "manufacturer_codes": tuple(sorted(MANUFACTURER_CODES.get(actor, ()))),
        "permits": (Permit(PERMITS[actor], "P-1", LONG_AGO),) if actor in PERMITS else (),
    }
    return ActorStatement(**{**members, **changes})


class Authority:
    """An authority with a store of its own that accredits actors."""

    def __init__(self, at=NOW, store: Store | None = None) -> None:
        self.store = store or Store.open("sqlite://")
        self.issuer = ACTORS.issuer("regulator")
        self.grants = ActorGrants(self.store, self.issuer, AUTHORITY_URL)
        self.lists = StatusLists(self.store, self.issuer, AUTHORITY_URL)
        self.now = at
        self.accreditations: dict[str, dict[str, Any]] = {}

    def accreditation(self, actor: str) -> dict[str, Any]:
        if actor not in self.accreditations:
            self.accredit(actor)
        return self.accreditations[actor]

    def accredit(self, actor: str, *, valid_from=LONG_AGO, valid_until=NOW + timedelta(days=3650), **changes: Any):
        signed = self.grants.grant(statement(actor, **changes), valid_from=valid_from, valid_until=valid_until)
        self.accreditations[actor] = signed
        return signed

    def status_lists(self, at=None) -> tuple[dict[str, Any], ...]:
        """The lists, signed at ``at``."""
        self.lists.sign_all(at or self.now)
        return tuple(
            self.store.status_list(number) for number in self.store.list_numbers() if number in self.store.role_lists()
        )


class SigningWorld(World):
    """A :class:`World` whose events are signed and handed in, with the history of the inbox."""

    def __init__(self, store: Store | None = None, authority: Authority | None = None) -> None:
        self.store = store or Store.open("sqlite://")
        self.authority = authority or Authority()
        self.inbox = self.new_inbox()
        super().__init__()

    def new_inbox(self) -> Inbox:
        """An inbox that remembers nothing, as another process has it."""
        return Inbox(self.store, EventCheck(self.store, ACTORS.trust_list(), BASE_URL), RULES)

    def event(self, kind: str, actor: str, at=None, **members: Any) -> LifecycleEvent:
        """As the world reports it, with values that the vocabulary knows."""
        fields = {**FORMED.get(kind, {}), **members.pop("fields", {})}
        return super().event(kind, actor, at, fields=fields, **members)

    def history(self, pack=None):
        return self.inbox.history(pack) if pack else self.inbox.history("https://battery.example/id/EV1/1")

    def message(self, event: LifecycleEvent, *, signer: str | None = None, status_lists=None) -> EventMessage:
        actor = event.actor.removeprefix("did:web:").removesuffix(".example")
        issuer = ACTORS.issuer(signer or actor)
        document = {**to_json(event), "actor": issuer.id}
        detail = unsigned_detail(document)
        signed_detail = detail and issuer.issue(detail, created=self.now)
        signed = issuer.issue(unsigned_event(document, signed_detail), created=self.now)
        accreditation = self.authority.accreditation(actor)
        if status_lists is None:
            status_lists = self.lists
        return EventMessage(signed, signed_detail, accreditation, tuple(status_lists))

    @property
    def lists(self):
        if getattr(self, "_lists_at", None) != (self.now, len(self.authority.accreditations)):
            self._lists = self.authority.status_lists(self.now)
            self._lists_at = (self.now, len(self.authority.accreditations))
        return self._lists

    def hand_in(self, message: EventMessage) -> InboxOutcome:
        (outcome,) = self.inbox.accept([message], now=self.now)
        return outcome

    def take(self, event: LifecycleEvent, **changes: Any) -> InboxOutcome:
        return self.hand_in(self.message(event))

    def accept(self, kind: str, actor: str, at=None, **members: Any) -> LifecycleEvent:
        event = self.event(kind, actor, at, **members)
        outcome = self.take(event)
        assert outcome.status is Status.ACCEPTED, [(fault.pointer, str(fault.message)) for fault in outcome.faults]
        return event


@cache
def _once_produced() -> SigningWorld:
    return SigningWorld().produced()


def produced_world() -> SigningWorld:
    """A world in which the pack is produced, with stores of its own: a copy of one that is made once."""
    once = _once_produced()
    authority = Authority(store=copy_of(once.authority.store))
    authority.accreditations = copy.deepcopy(once.authority.accreditations)
    world = SigningWorld(copy_of(once.store), authority)
    world._clock, world._numbers = once._clock, count(world.store.event_number() + 1)
    return world
