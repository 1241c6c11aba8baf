"""Negotiations and transfers of one company, with their state in SQL and their messages sent by a courier.

* A message that comes in is checked against its schema, its sender, the identifiers of both sides, the state and, of
  an offer or agreement, the terms on the table (:mod:`.message_intake`). Then process, log and next message
  (:mod:`.exchange_steps`) are stored in one transaction.
* A message that goes out waits in the outbox and is sent without a lock (:mod:`.message_delivery`).

    service.receive(peer, ExchangeKind.NEGOTIATION, pid, body, names, at=now)
    service.send_due(at=now)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from passport.connector import dataspace_messages as dsp
from passport.connector.agreements import refuse_ended
from passport.connector.data.data_offer import PULL, DataOffer
from passport.connector.decider import Decider, ExchangeStep
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState, Side, name_of
from passport.connector.exchange_steps import ExchangeSteps
from passport.connector.message_delivery import MessageDelivery
from passport.connector.message_intake import MessageIntake, negotiation_of, unknown_process
from passport.connector.peer_courier import Courier
from passport.connector.usage_policy import Participant, UsagePolicy
from passport.errors import IllegalStep, MalformedMessage, RefusedUsage
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_reading import QueuedMessage
from passport.store.state.exchange_state import ExchangeState


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

    @property
    def _steps(self) -> ExchangeSteps:
        return ExchangeSteps(self.did, self.decider, self.data_access)

    @property
    def _intake(self) -> MessageIntake:
        return MessageIntake(self.did, self.offer)

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
                turn.record(self._steps.record(process, "in", "?", f"refused {code}", digest, at, token=token))

    def _received(
        self, peer: Participant, kind: ExchangeKind, pid: str | None, body: bytes, message: JsonObject, digest: str,
        at: datetime, token: str,
    ) -> tuple[ExchangeProcess, bool]:  # fmt: skip
        with self.state.turn() as turn:
            before, new = self._intake.addressed(turn, peer, kind, pid, message, digest)
            if before.peer != peer.did:
                # Whose process it is, is no news for others.
                raise unknown_process(pid)
            if new is None:
                return before, False
            process = replace(self._intake.after(turn, before, message, at), claims=peer.claims())
            self._steps.put(turn, process, at)
            turn.record(
                self._steps.record(process, "in", name_of(message), "accepted", digest, at, token=token, body=body)
            )
            turn.drop(process.pid)
            self._steps.plan(turn, process, at)
        return process, new

    def process_for(self, peer: Participant, kind: ExchangeKind, pid: str) -> ExchangeProcess:
        """A process as the other side may see it.

        :raises UnknownExchange: there is none, or it is another company's.
        """
        row = self.state.process(pid)
        if row is None or row.body["kind"] != kind or row.body["peer"] != peer.did:
            raise unknown_process(pid)
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
        negotiation = negotiation_of(self.state, agreement, Side.CONSUMER, None)
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
                raise unknown_process(pid)
            process = ExchangeProcess.from_json(row.body)
            self._steps.queue(turn, process, step, at)
        return process

    def _begin(self, process: ExchangeProcess, path: str, request: JsonObject, at: datetime) -> ExchangeProcess:
        with self.state.turn() as turn:
            self._steps.put(turn, process, at)
            body = strict_json.dumps(request)
            turn.queue(QueuedMessage(process.pid, path, body, ProcessState.REQUESTED, at, 0))
        return process

    # --- what goes out ----------------------------------------------------------------------------------------------

    def resume(self, *, at: datetime) -> int:
        """After a restart: decide again in each open process that has nothing to send. :returns: how many."""
        with self.state.turn() as turn:
            rows = turn.idle()
            for row in rows:
                self._steps.plan(turn, ExchangeProcess.from_json(row.body), at)
        return len(rows)

    def send_due(self, *, at: datetime) -> int:
        """Send the messages whose time has come, once each. :returns: how many."""
        return MessageDelivery(self.state, self.courier, self._steps).send_due(at=at)
