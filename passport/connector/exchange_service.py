"""Negotiations and transfers of one company, with their state in SQL and their messages sent by a courier.

* A message that comes in is checked against its schema, its sender, the identifiers of both sides, the state and, of
  an offer or agreement, the terms on the table. Then process, log and next message are stored in one transaction.
* A message that goes out waits in the outbox with the state that it leads to. It is sent without a lock. The state
  changes when the other side has acknowledged it.
* An answer can be lost. So a message that was refused at a second attempt is compared with the state that the other
  side reports: where that is the state the message leads to, it had arrived. A message from the other side that may
  follow only after ours says the same.
* No answer for good, or a refusal, ends the process here.

    service.receive(peer, ExchangeKind.NEGOTIATION, pid, body, at=now)
    service.send_due(at=now)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from passport.connector import dataspace_messages as dsp
from passport.connector.data_offer import PULL, DataOffer
from passport.connector.decider import Decider, ExchangeStep, StepKind, same_terms
from passport.connector.exchange_process import (
    ExchangeKind,
    ExchangeProcess,
    ProcessState,
    Side,
    after,
    name_of,
)
from passport.connector.usage_policy import Participant, UsagePolicy
from passport.errors import IllegalStep, MalformedMessage, PassportError, PeerFailed, RefusedUsage, UnknownExchange
from passport.linked_data import jcs, strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_state import ExchangeRecord, ExchangeState, ExchangeTurn, QueuedMessage
from passport.texts import Message

#: Attempts to send one message, and the wait after the first; it doubles.
ATTEMPTS = 10
_FIRST_WAIT = timedelta(seconds=2)
#: Longest that one sender keeps a message for itself.
_CLAIM = timedelta(minutes=1)
_PATHS = {
    dsp.CONTRACT_REQUEST: "request", dsp.CONTRACT_OFFER: "offers", dsp.AGREEMENT: "agreement",
    dsp.VERIFICATION: "agreement/verification", dsp.EVENT: "events", dsp.NEGOTIATION_END: "termination",
    dsp.TRANSFER_START: "start", dsp.TRANSFER_COMPLETION: "completion", dsp.TRANSFER_SUSPENSION: "suspension",
    dsp.TRANSFER_END: "termination",
}  # fmt: skip


@dataclass(frozen=True)
class PeerAnswer:
    """What the other side's connector answered.

    :ivar token: the token that was sent along, for the log.
    """

    status: int
    body: bytes
    token: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


class Courier(Protocol):
    """Carries requests to other companies, with a proof of who we are."""

    def send(self, url: str, body: bytes | None, *, audience: str, at: datetime) -> PeerAnswer:
        """POST a JSON message, or GET where there is none.

        :param audience: DID of the other company.
        :raises PeerFailed: there is no answer.
        """


@dataclass(frozen=True)
class ExchangeService:
    """One company's side of all its exchanges.

    :ivar did: its DID; :ivar address: where it takes messages, without a closing slash.
    :ivar offer: the own offer of a dataset, by dataset.
    :ivar data_access: a data address for a transfer that starts, with its token.
    """

    did: str
    address: str
    state: ExchangeState
    decider: Decider
    courier: Courier
    offer: Callable[[str], DataOffer | None]
    data_access: Callable[[ExchangeProcess, datetime], JsonObject | None] = field(default=lambda process, at: None)

    # --- what comes in ----------------------------------------------------------------------------------------------

    def receive(
        self, peer: Participant, kind: ExchangeKind, pid: str | None, body: bytes, names: tuple[str, ...],
        *, at: datetime, token: str = "",
    ) -> tuple[ExchangeProcess, bool]:  # fmt: skip
        """Take a message.

        :param pid: our identifier, from the address; None for a first message.
        :param names: types that may be handed in at this address.
        :returns: the process, and whether it is new.
        :raises MalformedMessage: against the schema. :raises UnknownExchange: no such process of this company.
        :raises IllegalStep: not now, or not by this side. :raises RefusedUsage: terms that are not understood.
        """
        digest = sha256(body).hexdigest()
        try:
            return self._received(peer, kind, pid, body, dsp.read(body, *names), digest, at, token)
        except (MalformedMessage, IllegalStep, RefusedUsage) as error:
            self._record_refused(peer, pid, error.code, digest, at, token)
            raise

    def _record_refused(
        self, peer: Participant, pid: str | None, code: str, digest: str, at: datetime, token: str
    ) -> None:
        """Log what a party of a process sent in vain; strangers fill no log."""
        with self.state.turn() as turn:
            row = None if pid is None else turn.process(pid)
            if row is not None and row.body["peer"] == peer.did:
                process = ExchangeProcess.from_json(row.body)
                turn.record(self._record(process, "in", "?", f"refused {code}", digest, at, token=token))

    def _received(
        self, peer: Participant, kind: ExchangeKind, pid: str | None, body: bytes, message: JsonObject, digest: str,
        at: datetime, token: str,
    ) -> tuple[ExchangeProcess, bool]:  # fmt: skip
        with self.state.turn() as turn:
            before, new = self._addressed(turn, peer, kind, pid, message, digest)
            if before.peer != peer.did:
                # Whose process it is, is no news for others.
                raise _unknown(pid)
            if new is None:
                return before, False
            process = replace(self._after_message(turn, before, message, at), claims=peer.claims())
            self._put(turn, process, at)
            turn.record(self._record(process, "in", name_of(message), "accepted", digest, at, token=token, body=body))
            turn.drop(process.pid)
            self._plan(turn, process, at)
        return process, new

    def _addressed(
        self, turn: ExchangeTurn, peer: Participant, kind: ExchangeKind, pid: str | None, message: JsonObject,
        digest: str,
    ) -> tuple[ExchangeProcess, bool | None]:  # fmt: skip
        """The process of a message, and whether it begins with it; None: the message came before."""
        if pid is not None:
            row = turn.process(pid)
            if row is None or row.body["kind"] != kind:
                raise _unknown(pid)
            process = ExchangeProcess.from_json(row.body)
            named = message["consumerPid"], message.get("providerPid")
            own, theirs = named if process.side is Side.CONSUMER else tuple(reversed(named))
            if own != process.pid or theirs is None or process.peer_pid not in (None, theirs):
                raise MalformedMessage(
                    Message("the message names another process"),
                    expected="consumerPid, providerPid",
                    found=repr(theirs)[:80],
                )
            return replace(process, peer_pid=theirs), False
        side = Side.CONSUMER if message["@type"] == dsp.CONTRACT_OFFER else Side.PROVIDER
        theirs = message["providerPid" if side is Side.CONSUMER else "consumerPid"]
        if (row := turn.process_of_peer(peer.did, kind, side, theirs)) is not None:
            first = turn.records(str(row.pid), limit=1)
            if first and first[0][1].digest == digest:
                return ExchangeProcess.from_json(row.body), None
            raise IllegalStep(Message("a process of this identifier exists already"), found=repr(theirs)[:80])
        address = self._callback(peer, message.get("callbackAddress"))
        begun = ExchangeProcess(
            f"urn:uuid:{uuid.uuid4()}", kind, side, peer.did, address, "", peer_pid=theirs, state=ProcessState.BEGUN
        )
        return begun, True

    @staticmethod
    def _callback(peer: Participant, address: Any) -> str:
        """Where messages to the other side go: only to an address that its DID document vouches for."""
        parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
        if f"{parts.scheme}://{parts.netloc}" not in peer.origins or parts.query or parts.fragment:
            raise MalformedMessage(
                Message("{name} of the message is wrong", name="callbackAddress"),
                expected=Message("an address that the sender's DID document names"),
            )
        return str(address).rstrip("/")

    def _after_message(
        self, turn: ExchangeTurn, before: ExchangeProcess, message: JsonObject, at: datetime
    ) -> ExchangeProcess:
        """The process after a message of the other side."""
        name = name_of(message)
        try:
            state = after(before, name, before.side.other)
        except IllegalStep:
            waiting = turn.waiting(before.pid)
            if waiting is None or waiting.attempts == 0:
                raise
            # Our own message is on its way, and theirs may follow only after it: so it has arrived.
            state = after(before, name, before.side.other, ProcessState(waiting.target))
            before = self._acknowledged(before, waiting, PeerAnswer(200, b""))
        process = before.moved(state)
        match message["@type"]:
            case dsp.CONTRACT_REQUEST:
                return self._requested(process, message["offer"], at)
            case dsp.CONTRACT_OFFER:
                return self._offered(process, message["offer"])
            case dsp.AGREEMENT:
                return self._agreed(process, message["agreement"])
            case dsp.TRANSFER_REQUEST:
                return self._transfer_requested(turn, process, message, at)
            case dsp.TRANSFER_START:
                return replace(process, data_address=message.get("dataAddress") or process.data_address)
            case dsp.NEGOTIATION_END | dsp.TRANSFER_END | dsp.TRANSFER_SUSPENSION:
                return replace(process, reason=message.get("code"))
        return process

    def _requested(self, process: ExchangeProcess, offer: JsonObject, at: datetime) -> ExchangeProcess:
        """The provider's side of a request. The offer has to be known, or the process on the way with it."""
        UsagePolicy.from_odrl(offer)
        known = self.offer(process.dataset or str(offer.get("target", "")))
        if (
            known is None
            or (not process.dataset and offer["@id"] != known.id)
            or offer.get("target", known.dataset) != known.dataset
        ):
            raise UnknownExchange(Message("no such offer"), found=repr(offer["@id"])[:120])
        return replace(process, dataset=known.dataset, offer=offer)

    @staticmethod
    def _offered(process: ExchangeProcess, offer: JsonObject) -> ExchangeProcess:
        """The consumer's side of an offer: what is on the table is compared with what was asked for."""
        if not process.dataset:
            raise IllegalStep(Message("no offer is taken that was not asked for"))
        same = same_terms(offer, process.offer or {}) and offer["target"] == process.dataset
        return replace(process, offer=offer if same else process.offer, reason=None if same else "other-terms")

    def _agreed(self, process: ExchangeProcess, agreement: JsonObject) -> ExchangeProcess:
        """The consumer's side of an agreement: the terms are those on the table, the parties those who talk."""
        for name, right in (("target", process.dataset), ("assigner", process.peer), ("assignee", self.did)):
            if agreement[name] != right:
                raise RefusedUsage(
                    Message("{name} of the agreement is another", name=name),
                    expected=right,
                    found=agreement[name][:120],
                )
        if not same_terms(agreement, process.offer or {}):
            raise RefusedUsage(Message("the agreement has other terms than the offer"))
        return replace(process, agreement=agreement)

    def _transfer_requested(
        self, turn: ExchangeTurn, process: ExchangeProcess, message: JsonObject, at: datetime
    ) -> ExchangeProcess:
        """The provider's side of a request for data: under an agreement with this very company, that is in force."""
        negotiation = self._negotiation(turn, message["agreementId"], Side.PROVIDER, process.peer)
        if message["format"] != PULL:
            raise MalformedMessage(Message("{name} of the message is wrong", name="format"), expected=PULL)
        refuse_ended(negotiation, at)
        return replace(process, dataset=negotiation.dataset, agreement=negotiation.agreement, format=PULL)

    @staticmethod
    def _negotiation(turn: Any, agreement: str, side: Side, peer: str | None) -> ExchangeProcess:
        row = turn.negotiation_of(agreement)
        negotiation = None if row is None else ExchangeProcess.from_json(row.body)
        if negotiation is None or negotiation.side is not side or peer not in (None, negotiation.peer):
            raise UnknownExchange(Message("no such agreement"), found=repr(agreement)[:120])
        return negotiation

    def process_for(self, peer: Participant, kind: ExchangeKind, pid: str) -> ExchangeProcess:
        """A process as the other side may see it.

        :raises UnknownExchange: there is none, or it is another company's.
        """
        row = self.state.process(pid)
        if row is None or row.body["kind"] != kind or row.body["peer"] != peer.did:
            raise _unknown(pid)
        return ExchangeProcess.from_json(row.body)

    # --- what we begin ----------------------------------------------------------------------------------------------

    def begin_negotiation(self, peer: str, address: str, offer: JsonObject, *, at: datetime) -> ExchangeProcess:
        """Ask another company for an agreement.

        :param offer: with ``@id``, ``target`` and the rules as in its catalogue.
        :raises RefusedUsage: terms that cannot be enforced here.
        """
        UsagePolicy.from_odrl(offer)
        process = ExchangeProcess(
            f"urn:uuid:{uuid.uuid4()}", ExchangeKind.NEGOTIATION, Side.CONSUMER, peer, address.rstrip("/"),
            str(offer["target"]), offer=offer,
        )  # fmt: skip
        request = dsp.message(
            dsp.CONTRACT_REQUEST, {"consumerPid": process.pid, "offer": offer, "callbackAddress": self.address}
        )
        return self._begin(process, "/negotiations/request", request, at)

    def begin_transfer(self, agreement: str, *, at: datetime) -> ExchangeProcess:
        """Ask for the data of an agreement.

        :raises UnknownExchange: we have none of this id. :raises RefusedUsage: it has ended.
        """
        negotiation = self._negotiation(self.state, agreement, Side.CONSUMER, None)
        refuse_ended(negotiation, at)
        process = ExchangeProcess(
            f"urn:uuid:{uuid.uuid4()}", ExchangeKind.TRANSFER, Side.CONSUMER, negotiation.peer,
            negotiation.peer_address, negotiation.dataset, agreement=negotiation.agreement, format=PULL,
        )  # fmt: skip
        request = dsp.message(
            dsp.TRANSFER_REQUEST,
            {"consumerPid": process.pid, "agreementId": agreement, "format": PULL, "callbackAddress": self.address},
        )
        return self._begin(process, "/transfers/request", request, at)

    def choose(self, pid: str, step: ExchangeStep, *, at: datetime) -> ExchangeProcess:
        """Send a message that a person or a program chose, instead of the one that waits.

        :raises UnknownExchange: there is no such process. :raises IllegalStep: it may not follow now.
        """
        with self.state.turn() as turn:
            row = turn.process(pid)
            if row is None:
                raise _unknown(pid)
            process = ExchangeProcess.from_json(row.body)
            self._queue(turn, process, step, at)
        return process

    def _begin(self, process: ExchangeProcess, path: str, request: JsonObject, at: datetime) -> ExchangeProcess:
        with self.state.turn() as turn:
            self._put(turn, process, at)
            body = strict_json.dumps(request)
            turn.queue(QueuedMessage(process.pid, path, body, ProcessState.REQUESTED, at, 0))
        return process

    # --- what goes out ----------------------------------------------------------------------------------------------

    def resume(self, *, at: datetime) -> int:
        """After a restart: decide again in each open process that has nothing to send. :returns: how many."""
        with self.state.turn() as turn:
            rows = turn.idle()
            for row in rows:
                self._plan(turn, ExchangeProcess.from_json(row.body), at)
        return len(rows)

    def send_due(self, *, at: datetime) -> int:
        """Send the messages whose time has come, once each. :returns: how many."""
        due = self.state.due(at)
        return sum(self._send(waiting, at) for waiting in due)

    def _send(self, waiting: QueuedMessage, at: datetime) -> bool:
        with self.state.turn() as turn:
            if not turn.postpone(waiting, at + _CLAIM):
                return False
            row = turn.process(waiting.pid)
        assert row is not None  # noqa: S101 (the outbox names stored processes)
        process = ExchangeProcess.from_json(row.body)
        try:
            answer = self.courier.send(process.peer_address + waiting.path, waiting.body, audience=process.peer, at=at)
            arrived = answer.accepted or (waiting.attempts > 0 and self._arrived(process, waiting, at))
            # A server that fails for the moment is asked again, one that refuses is not.
            final = arrived or 400 <= answer.status < 500
        except PeerFailed:
            answer, arrived, final = PeerAnswer(0, b""), False, False
        final = final or waiting.attempts + 1 >= ATTEMPTS
        with self.state.turn() as turn:
            row = turn.process(waiting.pid)
            now = turn.waiting(waiting.pid)
            assert row is not None  # noqa: S101 (processes are never deleted)
            process = ExchangeProcess.from_json(row.body)
            outcome = "accepted" if arrived else f"refused {answer.status}" if answer.status else "unanswered"
            name = name_of(strict_json.loads(waiting.body))
            digest = sha256(waiting.body).hexdigest()
            turn.record(self._record(process, "out", name, outcome, digest, at, token=answer.token, body=waiting.body))
            if now is None or now.body != waiting.body:
                # The other side went on meanwhile, which says that it had our message; or ended the process.
                return True
            if not final:
                turn.queue(replace(now, due=at + _FIRST_WAIT * 2**waiting.attempts))
                return True
            turn.drop(waiting.pid)
            process = self._acknowledged(process, waiting, answer) if arrived else _given_up(process, outcome)
            self._put(turn, process, at)
            self._plan(turn, process, at)
        return True

    def _arrived(self, process: ExchangeProcess, waiting: QueuedMessage, at: datetime) -> bool:
        """Whether the other side reports the state that our message leads to."""
        if process.peer_pid is None:
            return False
        plural = f"{process.kind}s"
        url = f"{process.peer_address}/{plural}/{quote(process.peer_pid, safe=':@')}"
        try:
            answer = self.courier.send(url, None, audience=process.peer, at=at)
            return answer.accepted and strict_json.loads(answer.body)["state"] == waiting.target
        except (PassportError, KeyError, TypeError):
            return False

    @staticmethod
    def _acknowledged(process: ExchangeProcess, waiting: QueuedMessage, answer: PeerAnswer) -> ExchangeProcess:
        message = strict_json.loads(waiting.body)
        sent = process.sent + (process.state is not ProcessState.BEGUN)
        moved = process.moved(ProcessState(waiting.target), sent=sent)
        if process.peer_pid is None:
            named = "providerPid" if process.side is Side.CONSUMER else "consumerPid"
            try:
                theirs = strict_json.loads(answer.body, max_bytes=dsp.MAX_MESSAGE).get(named)
            except (PassportError, AttributeError):
                theirs = None
            if not dsp.is_pid(theirs):
                return _given_up(process, "malformed-answer")
            moved = replace(moved, peer_pid=theirs)
        if (agreement := message.get("agreement")) is not None:
            moved = replace(moved, agreement=agreement)
        if message["@type"] in (dsp.CONTRACT_OFFER, dsp.CONTRACT_REQUEST):
            moved = replace(moved, offer=message["offer"])
        if message["@type"] == dsp.TRANSFER_START and message.get("dataAddress"):
            moved = replace(moved, data_address=message["dataAddress"])
        return replace(moved, reason=message.get("code", moved.reason))

    # --- both -------------------------------------------------------------------------------------------------------

    def _plan(self, turn: ExchangeTurn, process: ExchangeProcess, at: datetime) -> None:
        """Let the next message wait, where we have one to send."""
        step = self.decider.next_step(process, at=at) if process.is_open and process.peer_pid is not None else None
        if step is not None:
            self._queue(turn, process, step, at)

    def _queue(self, turn: ExchangeTurn, process: ExchangeProcess, step: ExchangeStep, at: datetime) -> None:
        message = self._message(process, step, at)
        target = after(process, name_of(message), process.side)
        path = f"/{process.kind}s/{quote(process.peer_pid or '', safe=':@')}/{_PATHS[message['@type']]}"
        turn.queue(QueuedMessage(process.pid, path, strict_json.dumps(message), target, at + step.after, 0))

    def _message(self, process: ExchangeProcess, step: ExchangeStep, at: datetime) -> JsonObject:
        pids = {"providerPid": process.provider_pid, "consumerPid": process.consumer_pid}
        transfer = process.kind is ExchangeKind.TRANSFER
        match step.kind:
            case StepKind.REQUEST:
                return dsp.message(dsp.CONTRACT_REQUEST, {**pids, "offer": step.offer or process.offer})
            case StepKind.OFFER:
                offer = {**(step.offer or process.offer or {}), "target": process.dataset}
                return dsp.message(dsp.CONTRACT_OFFER, {**pids, "offer": offer})
            case StepKind.AGREE:
                return dsp.message(dsp.AGREEMENT, {**pids, "agreement": self._agreement(process, at)})
            case StepKind.VERIFY:
                return dsp.message(dsp.VERIFICATION, pids)
            case StepKind.ACCEPT | StepKind.FINALIZE:
                event = "ACCEPTED" if step.kind is StepKind.ACCEPT else "FINALIZED"
                return dsp.message(dsp.EVENT, {**pids, "eventType": event})
            case StepKind.START:
                provided = self.data_access(process, at) if process.side is Side.PROVIDER else None
                return dsp.message(dsp.TRANSFER_START, {**pids, "dataAddress": provided})
            case StepKind.COMPLETE:
                return dsp.message(dsp.TRANSFER_COMPLETION, pids)
            case StepKind.SUSPEND:
                return dsp.message(dsp.TRANSFER_SUSPENSION, {**pids, "code": step.code or "suspended"})
        return dsp.message(
            dsp.TRANSFER_END if transfer else dsp.NEGOTIATION_END, {**pids, "code": step.code or "ended"}
        )

    def _agreement(self, process: ExchangeProcess, at: datetime) -> JsonObject:
        """The agreement that this provider makes of the offer on the table."""
        offer = process.offer or {}
        rules = {name: offer[name] for name in ("permission", "prohibition") if offer.get(name)}
        return {
            "@type": "Agreement",
            "@id": f"urn:uuid:{uuid.uuid4()}",
            "target": process.dataset,
            "assigner": self.did,
            "assignee": process.peer,
            "timestamp": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            **rules,
        }

    @staticmethod
    def _put(turn: ExchangeTurn, process: ExchangeProcess, at: datetime) -> None:
        turn.put(process.to_json(), at, agreement=process.agreement_id)

    @staticmethod
    def _record(
        process: ExchangeProcess, direction: str, name: str, outcome: str, digest: str, at: datetime,
        *, token: str = "", body: bytes | None = None,
    ) -> ExchangeRecord:  # fmt: skip
        agreed = "" if process.agreement is None else agreement_digest(process.agreement)
        return ExchangeRecord(at, direction, process.peer, process.pid, name, outcome, digest, agreed, token, body)


def agreement_digest(agreement: JsonObject) -> str:
    """SHA-256 of the canonical form (RFC 8785) of an agreement, in hex."""
    return sha256(jcs.canonicalize(agreement)).hexdigest()


def agreed_at(agreement: JsonObject) -> datetime:
    """When an agreement was made.

    :raises RefusedUsage: it does not say when.
    """
    try:
        instant = datetime.fromisoformat(str(agreement["timestamp"]))
    except (KeyError, ValueError):
        instant = datetime.min
    if instant.tzinfo is None:
        raise RefusedUsage(Message("the agreement does not say when it was made"))
    return instant


def end_of(agreement: JsonObject) -> datetime | None:
    """The instant from which on nothing is handed over under an agreement; None: it has no end.

    :raises RefusedUsage: its terms are not understood.
    """
    return UsagePolicy.from_odrl(agreement).ends(agreed_at(agreement))


def refuse_ended(negotiation: ExchangeProcess, at: datetime) -> None:
    """:raises RefusedUsage: the agreement has ended."""
    end = None if negotiation.agreement is None else end_of(negotiation.agreement)
    if negotiation.agreement is None or (end is not None and at >= end):
        raise RefusedUsage(Message("the agreement has ended"), found=str(end))


def _given_up(process: ExchangeProcess, reason: str) -> ExchangeProcess:
    return process.moved(ProcessState.TERMINATED, reason=reason)


def _unknown(pid: str | None) -> UnknownExchange:
    return UnknownExchange(Message("no such process"), found=repr(pid)[:120])
