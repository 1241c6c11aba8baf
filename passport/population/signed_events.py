"""The events of a population, signed by their actors and handed in to the inbox of a store.

* An authority accredits every actor of the population, each with a key of its own.
* Each event is signed at the instant at which the population has it accepted, names the head of its pack as its
  predecessor, and is handed in at that instant.
* What the inbox refuses can be put into the log past it (:meth:`SignedEvents.record`), as a node does that runs other
  software or an older version of this one: signed and accredited all the same, but not decided.

    signed = SignedEvents(store, population)
    refused = signed.hand_in(population.reported)     # ids of refused events, with the codes of their faults
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.identity import DidResolver, KeySigner, PrivateKey
from passport.lifecycle import LifecycleEvent, LifecycleRule, Permit, catalogue, to_json
from passport.population.population import Population
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.event_check import EventCheck
from passport.publishing.events.event_credentials import unsigned_detail, unsigned_event
from passport.publishing.events.histories import keys_of
from passport.publishing.events.inbox import Inbox, Status
from passport.publishing.events.message import EventMessage
from passport.publishing.status.status_lists import VALIDITY, StatusLists
from passport.store import Store, StoredEvent
from passport.store.log.log_writing import EVENTS
from passport.supervision.pack_facts import FOREVER
from passport.vocabulary.credential_types import ACTOR

# The story of the demonstration has an authority of its own, and both may be in one store.
AUTHORITY = "did:web:accreditation.example"
AUTHORITY_URL = "https://accreditation.example"
#: An accreditation without an end in the population ends here.
_END = datetime(2040, 1, 1, tzinfo=UTC)


def did_document(did: str, key: PrivateKey) -> dict[str, Any]:
    """A DID document with one key, as a trust list pins it."""
    method = f"{did}#key-1"
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": key.public_key.multikey}
        ],
        "assertionMethod": [method],
    }


class SignedEvents:
    """:param store: where events go; :param names: legal names of actors by DID; others are named by their DID.

    :param rules: of the inbox.
    """

    def __init__(
        self,
        store: Store,
        population: Population,
        *,
        base_url: str = "https://battery.example",
        names: Mapping[str, Mapping[str, str]] | None = None,
        rules: Mapping[str, LifecycleRule] | None = None,
    ) -> None:
        self.store = store
        self._names = names or {}
        self._keys = {AUTHORITY: PrivateKey.generate()}
        stated = self._statements(population)
        self._keys |= {did: PrivateKey.generate() for did in stated}
        self._documents = {did: did_document(did, key) for did, key in self._keys.items()}
        resolver = DidResolver(self._documents)
        self._issuers = {did: Issuer(did, KeySigner(key, f"{did}#key-1"), resolver) for did, key in self._keys.items()}
        own = Store.open("sqlite://")
        grants = ActorGrants(own, self._issuers[AUTHORITY], AUTHORITY_URL)
        self.accreditations = {
            did: grants.grant(statement, valid_from=since, valid_until=until)
            for did, (statement, since, until) in stated.items()
        }
        self._lists = StatusLists(own, self._issuers[AUTHORITY], AUTHORITY_URL)
        self._own = own
        self._signed_lists: tuple[dict[str, Any], ...] = ()
        self._lists_until = datetime(1970, 1, 1, tzinfo=UTC)
        self._check = EventCheck(store, self.trust_list(), base_url)
        self._inbox = Inbox(store, self._check, rules if rules is not None else catalogue().profile("cn", "eu"))

    # --- who --------------------------------------------------------------------------------------------------------

    def trusted(self) -> list[dict[str, Any]]:
        """Entries of a trust list: the authority accredits; of all others only the keys are pinned."""
        return [
            {
                "id": did,
                "name": dict(self._names.get(did, {"en": did})),
                "trustedFor": [ACTOR] if did == AUTHORITY else [],
                "didDocument": document,
            }
            for did, document in self._documents.items()
        ]

    def trust_list(self) -> TrustList:
        """The trust list of the entries of :meth:`trusted`."""
        return TrustList.from_json({"issuers": self.trusted()})

    def _statements(self, population: Population) -> dict[str, tuple[ActorStatement, datetime, datetime]]:
        stated: dict[str, tuple[ActorStatement, datetime, datetime]] = {}
        permits: dict[str, list[Permit]] = {}
        for row in population.permits:
            until = None if row["until"] == FOREVER else _instant(row["until"])
            permits.setdefault(row["actor"], []).append(Permit(row["kind"], "P-1", _instant(row["since"]), until))
        for row in population.accreditations:
            did, until = row["actor"], row["until"]
            statement = ActorStatement(
                holder=did, legal_name=self._names.get(did, {"en": did[8:]}), roles=(row["role"],),
                registration_number="EXAMPLE-1", permits=tuple(permits.get(did, ())),
            )  # fmt: skip
            stated[did] = (statement, _instant(row["since"]), _END if until == FOREVER else _instant(until))
        return stated

    # --- events -----------------------------------------------------------------------------------------------------

    def hand_in(
        self,
        reported: Sequence[tuple[datetime, int, LifecycleEvent]],
        progress: Callable[[int, int], Any] = lambda done, total: None,
    ) -> dict[str, tuple[str, ...]]:
        """Sign events in the order of acceptance, hand each in, and record past the inbox what it refuses.

        :param progress: told how many are handed in, and how many there are.
        :returns: the codes of the faults of refused events, by id.
        :raises AssertionError: an event is not well formed, so that no node could have it.
        """
        refused: dict[str, tuple[str, ...]] = {}
        for done, (at, _, event) in enumerate(sorted(reported, key=lambda item: item[:2])):
            progress(done, len(reported))
            message = self.message(event, at)
            (outcome,) = self._inbox.accept([message], now=at)
            if outcome.status is not Status.ACCEPTED:
                refused[event.id] = outcome.codes
                self.record(message, at)
        return refused

    def record(self, message: EventMessage, at: datetime) -> None:
        """Put an event into store and log that is signed and accredited, and that nothing decided."""
        checked = self._check.check(message, now=at)
        event, proved = checked.event, checked.proved
        keys = keys_of(event, self._inbox.history(event.pack))
        with self.store.transaction() as transaction:
            transaction.add_event_documents(checked.documents)
            signed = [document for document in checked.documents if document.holder is None]
            place = transaction.append_to_log(EVENTS, [document.sha256 for document in signed])
            head = transaction.event_head(event.pack)
            row = StoredEvent(
                id=event.id, pack=event.pack, position=1 if head is None else head.position + 1, kind=event.kind,
                audience_kind=event.kind, instant=event.instant, actor=event.actor,
                roles=tuple(sorted(event.roles)), digest=checked.digest, detail=checked.detail_digest,
                accreditation=proved.document.digest,
                status_list=proved.status_lists[0].digest if proved.status_lists else None, late=False, accepted_at=at,
                log_index=place, sequence=transaction.event_number() + 1,
            )  # fmt: skip
            transaction.add_events([row], [keys])

    def message(self, event: LifecycleEvent, at: datetime) -> EventMessage:
        """An event signed by its actor as the next one of its pack."""
        head = self.store.event_head(event.pack)
        document = to_json(event)
        if head is not None:
            document["predecessor"] = {"id": head.id, "digest": head.digest}
        issuer = self._issuers[event.actor]
        detail = unsigned_detail(document)
        signed_detail = detail and issuer.issue(detail, created=at)
        signed = issuer.issue(unsigned_event(document, signed_detail), created=at)
        return EventMessage(signed, signed_detail, self.accreditations[event.actor], self._status_lists(at))

    def _status_lists(self, at: datetime) -> tuple[dict[str, Any], ...]:
        if at >= self._lists_until:
            self._lists.sign_all(at)
            self._signed_lists = tuple(
                document for number in sorted(self._own.role_lists())
                if (document := self._own.status_list(number)) is not None
            )  # fmt: skip
            self._lists_until = at + VALIDITY - timedelta(days=1)
        return self._signed_lists


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
