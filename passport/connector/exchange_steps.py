"""The next message of a process: decided, written, and queued in the turn that stores the process.

A message waits in the outbox with the state that it leads to. Nothing is sent here (:mod:`.message_delivery`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from passport.connector import dataspace_messages as dsp
from passport.connector.agreements import agreement_digest, agreement_of
from passport.connector.decider import Decider, ExchangeStep, StepKind
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, Side, after, name_of
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_reading import ExchangeRecord, QueuedMessage
from passport.store.state.exchange_state import ExchangeTurn

_PATHS = {
    dsp.CONTRACT_REQUEST: "request", dsp.CONTRACT_OFFER: "offers", dsp.AGREEMENT: "agreement",
    dsp.VERIFICATION: "agreement/verification", dsp.EVENT: "events", dsp.NEGOTIATION_END: "termination",
    dsp.TRANSFER_START: "start", dsp.TRANSFER_COMPLETION: "completion", dsp.TRANSFER_SUSPENSION: "suspension",
    dsp.TRANSFER_END: "termination",
}  # fmt: skip


@dataclass(frozen=True)
class ExchangeSteps:
    """What a company writes into its state for each step of an exchange.

    :ivar did: of the company. :ivar data_access: a data address for a transfer that starts, with its token.
    """

    did: str
    decider: Decider
    data_access: Callable[[ExchangeProcess, datetime], JsonObject | None]

    def plan(self, turn: ExchangeTurn, process: ExchangeProcess, at: datetime) -> None:
        """Let the next message wait, where we have one to send."""
        step = self.decider.next_step(process, at=at) if process.is_open and process.peer_pid is not None else None
        if step is not None:
            self.queue(turn, process, step, at)

    def queue(self, turn: ExchangeTurn, process: ExchangeProcess, step: ExchangeStep, at: datetime) -> None:
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
                return dsp.message(dsp.AGREEMENT, {**pids, "agreement": agreement_of(process, self.did, at)})
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

    @staticmethod
    def put(turn: ExchangeTurn, process: ExchangeProcess, at: datetime) -> None:
        turn.put(process.to_json(), at, agreement=process.agreement_id)

    @staticmethod
    def record(
        process: ExchangeProcess, direction: str, name: str, outcome: str, digest: str, at: datetime,
        *, token: str = "", body: bytes | None = None,
    ) -> ExchangeRecord:  # fmt: skip
        agreed = "" if process.agreement is None else agreement_digest(process.agreement)
        return ExchangeRecord(at, direction, process.peer, process.pid, name, outcome, digest, agreed, token, body)
