"""Whether a handed-in event is what its actor signed, and whether the actor is accredited.

1. Event and detail are credentials of our own context, in their one spelling.
2. The proof of each verifies (``ecdsa-rdfc-2019``), with a key of the actor that it names.
3. The accreditation, enclosed or stored, is about that actor; its proof verifies, and the trust list names its issuer
   for ``BatteryActorCredential``.
4. Its status is known: by a status list of the same issuer that is in force. A list that came with an earlier message
   counts too. Nothing is fetched. Where it rests on the identity of its actor, the status of the identity is known as
   well, by lists of a registrar on the trust list.
5. The event says what an event of its kind says (:mod:`passport.publishing.events.event_validation`).

Whether it is inside the accreditation, and whether it may happen, is decided afterwards
(:func:`passport.lifecycle.decide`). Verified accreditations are remembered with the digest of their list, so that a
thousand events of one actor verify it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from cachetools import LRUCache

from passport.credentials import credential as vcdm
from passport.credentials.checks.signature_check import check_signature
from passport.credentials.credential import CREDENTIALS_V2
from passport.credentials.identity_status import identity_of
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult, Outcome
from passport.credentials.verifier import Verifier
from passport.errors import FaultyRecord, PassportError, Undetermined
from passport.identity import DidResolver
from passport.lifecycle import Accreditation, LifecycleEvent
from passport.lifecycle.event_values import EventFault
from passport.linked_data import compiled, spelling, strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.accreditation import ACCREDITATION_PART, read_accreditation
from passport.publishing.events.event_credentials import DETAIL_PART, EVENT_PART, canonical_bytes, digest_of
from passport.publishing.events.event_validation import validated
from passport.publishing.events.message import LISTS_PART, EventMessage
from passport.publishing.places import list_address
from passport.store import DocumentKind, EventDocument, Store
from passport.texts import Message, error_text
from passport.vocabulary.derivation.derived_context import CONTEXT

#: The suite of events: they are shown whole or not at all.
SUITE = "ecdsa-rdfc-2019"
#: Accreditations that one process remembers.
_REMEMBERED = 10_000


@dataclass(frozen=True)
class ProvedAccreditation:
    """An accreditation that verified, with the status lists by which it was judged.

    :ivar status_lists: its own first, then those of the identity on which it rests.
    :ivar list_until: until when all of them are in force; None without an end.
    """

    accreditation: Accreditation
    document: EventDocument
    status_lists: tuple[EventDocument, ...]
    list_until: datetime | None


@dataclass(frozen=True)
class GroupAccreditation:
    """The accreditation of an actor in one group, with the members of the message by which it was found."""

    document: JsonObject | None
    lists: tuple[JsonObject, ...]
    proved: ProvedAccreditation


@dataclass(frozen=True)
class CheckedEvent:
    """An event that is what its actor signed, by an accredited actor, and well formed.

    :ivar documents: to be stored with it.
    """

    event: LifecycleEvent
    digest: str
    detail_digest: str | None
    proved: ProvedAccreditation
    documents: tuple[EventDocument, ...]


class RefusedMessage(FaultyRecord):
    """A message of which something does not hold. ``accredited`` tells whether an accredited actor signed it.

    ``undetermined`` tells whether all that is wrong is that something is not at hand here.
    """

    code = "event-refused"

    def __init__(self, faults: tuple[EventFault, ...], *, accredited: bool, undetermined: bool = False) -> None:
        super().__init__(Message("the event was refused"), faults)
        self.accredited = accredited
        self.undetermined = undetermined


class EventCheck:
    """:param policy: the trust list: whose accreditations count, and the pinned keys of did:web actors.

    :param base_url: status lists under it are this project's own.
    :param resolver: DID documents at hand besides those of the trust list.
    """

    def __init__(self, store: Store, policy: TrustList, base_url: str, resolver: DidResolver | None = None) -> None:
        self._store = store
        self._policy = policy
        self._base_url = base_url
        known = DidResolver(policy.did_documents())
        self._resolver = known if resolver is None else known.extended(resolver.documents)
        self._proved: LRUCache[tuple[str, tuple[str, ...]], ProvedAccreditation] = LRUCache(_REMEMBERED)
        self._lock = Lock()

    def check_all(
        self, messages: Mapping[int, EventMessage], *, now: datetime
    ) -> Iterator[tuple[int, CheckedEvent | RefusedMessage]]:
        """The events of messages that were received at the same instant, or why they are refused, in their order.

        The signatures of all of them are verified together, after everything else: that takes a tenth less time.

        :param now: aware instant of receipt.
        """
        group: dict[str, GroupAccreditation] = {}
        begun: dict[int, tuple[CheckedEvent, list[Callable[[], None]]]] = {}
        for place, message in messages.items():
            signatures: list[Callable[[], None]] = []
            with suppress(RefusedMessage):
                begun[place] = self.check(message, now=now, group=group, postponed=signatures), signatures
        for place, message in messages.items():
            try:
                checked, signatures = begun[place]
                for verify in signatures:
                    verify()
            except (KeyError, PassportError):
                # Again, one after the other: for every reason, and whether the actor signed it.
                try:
                    checked = self.check(message, now=now, group=group)
                except RefusedMessage as refused:
                    yield place, refused
                    continue
            yield place, checked

    def check(
        self,
        message: EventMessage,
        *,
        now: datetime,
        group: dict[str, GroupAccreditation] | None = None,
        postponed: list[Callable[[], None]] | None = None,
    ) -> CheckedEvent:
        """The event of a message.

        :param now: aware instant of receipt.
        :param group: accreditations of the messages before it that were received at the same instant; kept up to date.
        :param postponed: takes the verification of the actor's signatures: the event is none before all were called.
        :raises RefusedMessage: with every fault, and where it is in the message.
        """
        faults: list[EventFault] = []
        undetermined = False
        for part, document in ((EVENT_PART, message.event), (DETAIL_PART, message.detail)):
            fault, open_ = (None, False) if document is None else self._signed_by_actor(document, part, now, postponed)
            if fault is not None:
                faults.append(fault)
                undetermined |= open_
        signed = not faults
        actor = str(message.event.get("issuer"))
        proved: ProvedAccreditation | None = None
        try:
            proved = self._accredited(message, actor, now, {} if group is None else group)
        except RefusedMessage as refused:
            faults += refused.faults
            undetermined |= refused.undetermined
        event: LifecycleEvent | None = None
        try:
            roles = frozenset[str]() if proved is None else proved.accreditation.roles
            event = validated(message.event, message.detail, roles, message.detail_digest)
        except FaultyRecord as error:
            faults += error.faults
            undetermined = False
        except PassportError as error:
            faults.append(EventFault(f"/{EVENT_PART}", error.code, error_text(error)))
            undetermined = False
        if faults or event is None or proved is None:
            raise RefusedMessage(
                tuple(faults), accredited=signed and proved is not None, undetermined=undetermined
            )  # fmt: skip
        return _checked(message, event, proved)

    # --- the actor's signature --------------------------------------------------------------------------------------

    def _signed_by_actor(
        self, document: JsonObject, part: str, now: datetime, postponed: list[Callable[[], None]] | None
    ) -> tuple[EventFault | None, bool]:
        """Why a document is not what its issuer signed, and whether that could only not be found out here."""
        try:
            # Walked once for its form, its spelling and its proof. What cannot be walked is looked at by each of them.
            graph = compiled.walk({name: value for name, value in document.items() if name != "proof"})
            vcdm.check_credential(document, walked=graph)
            if document["@context"] != [CREDENTIALS_V2, CONTEXT]:
                message = Message("expected the contexts {names}", names=[CREDENTIALS_V2, CONTEXT])
                return EventFault(f"/{part}/@context", "other-context", message), False
            where = spelling.respelled(document, walked=graph)
            if where is not None:
                return EventFault(f"/{part}", "respelled", Message("{where}", where=where)), False
            controller = vcdm.issuer_id(document)
            proofs = check_signature(
                document, self._resolver, controller=controller, at=now, graph=graph, postponed=postponed
            )
        except Undetermined as error:
            return EventFault(f"/{part}/proof", error.code, error_text(error)), True
        except PassportError as error:
            return EventFault(f"/{part}", error.code, error_text(error)), False
        if [proof.cryptosuite for proof in proofs] != [SUITE]:
            message = Message("expected one proof of the suite {suite}", suite=SUITE)
            return EventFault(f"/{part}/proof", "other-proof", message), False
        return None, False

    # --- the accreditation ------------------------------------------------------------------------------------------

    def _accredited(
        self, message: EventMessage, actor: str, now: datetime, group: dict[str, GroupAccreditation]
    ) -> ProvedAccreditation:
        """The accreditation: looked up once for all messages of an actor in one group."""
        known = group.get(actor)
        if known is not None and (known.document, known.lists) == (message.accreditation, message.status_lists):
            return known.proved
        proved = self._found(message, actor, now)
        group[actor] = GroupAccreditation(message.accreditation, message.status_lists, proved)
        return proved

    def _found(self, message: EventMessage, actor: str, now: datetime) -> ProvedAccreditation:
        if message.accreditation is not None:
            holder = message.accreditation.get("credentialSubject")
            if not isinstance(holder, dict) or holder.get("id") != actor:
                text = Message("the accreditation is that of another actor")
                raise _refused(EventFault(f"/{ACCREDITATION_PART}", "not-the-accredited-actor", text))
            return self._proof_of(message.accreditation, message.status_lists, now)
        stored = self._store.held_documents(DocumentKind.ACCREDITATION, actor)
        if not stored:
            text = Message("no accreditation of {actor} is known here", actor=actor[:200])
            raise _refused(EventFault(f"/{ACCREDITATION_PART}", "not-accredited", text))
        first: ProvedAccreditation | None = None
        error: RefusedMessage | None = None
        for document in stored:
            try:
                proved = self._proof_of(strict_json.loads(document.body), message.status_lists, now)
            except RefusedMessage as refused:
                error = error or refused
                continue
            if proved.accreditation.in_force(now):
                return proved
            first = first or proved
        if first is None:
            raise error or _refused(EventFault(f"/{ACCREDITATION_PART}", "not-accredited", Message("not accredited")))
        return first  # the decision says why it is not in force

    def _proof_of(self, signed: JsonObject, lists: Iterable[JsonObject], now: datetime) -> ProvedAccreditation:
        """:raises RefusedMessage: the accreditation does not verify, or its status is not known."""
        try:
            vcdm.check_credential(signed)
            body = canonical_bytes(signed)
            chosen = self._lists_of(signed, tuple(lists))
        except PassportError as error:
            raise _refused(EventFault(f"/{ACCREDITATION_PART}", error.code, error_text(error))) from error
        digest = digest_of(body)
        key = (digest, tuple(each.digest for each, _ in chosen.values()))
        with self._lock:
            known = self._proved.get(key)
        if known is not None and (known.list_until is None or now <= known.list_until):
            return known
        proved = self._verified(signed, body, {name: document for name, (_, document) in chosen.items()}, now)
        until = [end for _, document in chosen.values() if (end := vcdm.valid_until(document)) is not None]
        own = {each.get("statusListCredential") for each in vcdm.status_entries(signed) if identity_of(each) is None}
        lists_used = tuple(chosen[address][0] for address in sorted(chosen, key=lambda address: address not in own))
        result = replace(proved, status_lists=lists_used, list_until=min(until) if until else None)
        with self._lock:
            self._proved[key] = result
        return result

    def _verified(
        self, signed: JsonObject, body: bytes, lists: dict[str, JsonObject], now: datetime
    ) -> ProvedAccreditation:
        (result,) = Verifier(self._policy, self._resolver, lists).verify(signed, at=now).credentials
        faults: list[EventFault] = []
        undetermined = True
        for number in (1, 2, 5):
            check = result.check(number)
            if not check.passed and check.outcome is not Outcome.NOT_REACHED:
                code = check.code or check.outcome.value
                faults.append(EventFault(f"/{ACCREDITATION_PART}", code, Message("{detail}", detail=check.detail)))
                undetermined &= check.outcome is Outcome.UNDETERMINED
        status = result.check(4)
        revoked_at, identity_ended_at = _withdrawn(signed, result, now)
        if status.outcome is Outcome.UNDETERMINED:
            text = Message("the status of the accreditation is not known: {detail}", detail=status.detail)
            faults.append(EventFault(f"/{LISTS_PART}", "accreditation-status-unknown", text))
        if faults:
            raise RefusedMessage(tuple(faults), accredited=False, undetermined=undetermined)
        try:
            accreditation = read_accreditation(signed, revoked_at=revoked_at, identity_ended_at=identity_ended_at)
        except FaultyRecord as error:
            raise RefusedMessage(error.faults, accredited=False) from error
        document = EventDocument(
            digest_of(body), signed["id"], DocumentKind.ACCREDITATION, body, accreditation.holder
        )  # fmt: skip
        return ProvedAccreditation(accreditation, document, (), None)

    def _lists_of(
        self, signed: JsonObject, enclosed: tuple[JsonObject, ...]
    ) -> dict[str, tuple[EventDocument, JsonObject]]:
        """By address the newest list at hand for each status entry: own, enclosed, or kept from before."""
        chosen: dict[str, tuple[EventDocument, JsonObject]] = {}
        for entry in vcdm.status_entries(signed):
            address = entry.get("statusListCredential")
            if not isinstance(address, str):
                continue
            own = self._own_list(address)
            if own is not None:
                candidates = [own]
            else:
                kept = self._store.held_documents(DocumentKind.STATUS_LIST, address, limit=1)
                candidates = [strict_json.loads(document.body) for document in kept]
                candidates += [document for document in enclosed if document.get("id") == address]
            dated = [(at, n) for n, each in enumerate(candidates) if (at := _signed_at(each)) is not None]
            if dated:
                newest = candidates[max(dated)[1]]
                body = canonical_bytes(newest)
                chosen[address] = (
                    EventDocument(digest_of(body), address, DocumentKind.STATUS_LIST, body, address), newest
                )  # fmt: skip
        return chosen

    def _own_list(self, address: str) -> JsonObject | None:
        number = address.rpartition("/")[2]
        if not number.isascii() or not number.isdigit() or address != list_address(self._base_url, int(number)):
            return None
        return self._store.status_list(int(number))


def _checked(message: EventMessage, event: LifecycleEvent, proved: ProvedAccreditation) -> CheckedEvent:
    documents = [
        EventDocument(message.event_digest, event.id, DocumentKind.EVENT, message.event_body), proved.document
    ]  # fmt: skip
    if message.detail is not None and message.detail_body is not None and message.detail_digest is not None:
        name = message.detail["id"]
        documents.append(EventDocument(message.detail_digest, name, DocumentKind.DETAIL, message.detail_body))
    documents += proved.status_lists
    return CheckedEvent(event, message.event_digest, message.detail_digest, proved, tuple(documents))


def _withdrawn(signed: JsonObject, result: CredentialResult, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Since when an accreditation is revoked, and since when the identity on which it rests is revoked or suspended."""
    if result.check(4).outcome is not Outcome.FAILED:
        return None, None
    of_identity = {
        (entry.get("statusListCredential"), str(entry.get("statusListIndex")))
        for entry in vcdm.status_entries(signed)
        if identity_of(entry) is not None
    }
    since: dict[bool, list[datetime]] = {False: [], True: []}
    for reading in result.statuses:
        if reading.value:
            since[(reading.list, str(reading.index)) in of_identity].append(reading.list_at or now)
    return min(since[False], default=None), min(since[True], default=None)


def _refused(fault: EventFault) -> RefusedMessage:
    return RefusedMessage((fault,), accredited=False)


def _signed_at(status_list: JsonObject) -> datetime | None:
    try:
        return vcdm.valid_from(status_list)
    except PassportError:
        return None
