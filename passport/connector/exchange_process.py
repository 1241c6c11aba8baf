"""One negotiation or transfer as this side knows it, and which message may follow in which state.

* The tables are those of the Dataspace Protocol 2025-1, sections on the states of negotiations and transfers. What is
  not in them is illegal, from either side, for good: a terminal state is never left.
* A message moves a process when the other side has acknowledged it, so a process is in one state on both sides.
* A process is named by two identifiers: ``pid`` is ours, ``peer_pid`` theirs.

    after(process, "ContractOfferMessage", Side.PROVIDER)      # ProcessState.OFFERED, or IllegalStep
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from passport.connector import dataspace_messages as dsp
from passport.connector.usage_policy import Participant
from passport.errors import IllegalStep
from passport.linked_data.json_types import JsonObject
from passport.texts import Message


class Side(StrEnum):
    """Which of the two parties of an exchange."""

    PROVIDER = "provider"
    CONSUMER = "consumer"

    @property
    def other(self) -> Side:
        return Side.CONSUMER if self is Side.PROVIDER else Side.PROVIDER


class ExchangeKind(StrEnum):
    """What a process does: agree on terms, or hand data over."""

    NEGOTIATION = "negotiation"
    TRANSFER = "transfer"


class ProcessState(StrEnum):
    """The states of both machines, as they are written in messages; ``BEGUN`` is ours, before the first answer."""

    BEGUN = "BEGUN"
    REQUESTED = "REQUESTED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    AGREED = "AGREED"
    VERIFIED = "VERIFIED"
    FINALIZED = "FINALIZED"
    STARTED = "STARTED"
    SUSPENDED = "SUSPENDED"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


_S = ProcessState
TERMINAL = frozenset({_S.FINALIZED, _S.COMPLETED, _S.TERMINATED})
ACCEPTED_EVENT = f"{dsp.EVENT}:ACCEPTED"
FINALIZED_EVENT = f"{dsp.EVENT}:FINALIZED"

_OPEN_NEGOTIATION = (_S.REQUESTED, _S.OFFERED, _S.ACCEPTED, _S.AGREED, _S.VERIFIED)
_OPEN_TRANSFER = (_S.REQUESTED, _S.STARTED, _S.SUSPENDED)
_P, _C = Side.PROVIDER, Side.CONSUMER
#: Message and sender -> state before -> state after.
_STEPS: Mapping[tuple[str, Side], Mapping[ProcessState, ProcessState]] = {
    (dsp.CONTRACT_REQUEST, _C): {_S.BEGUN: _S.REQUESTED, _S.OFFERED: _S.REQUESTED},
    (dsp.CONTRACT_OFFER, _P): {_S.BEGUN: _S.OFFERED, _S.REQUESTED: _S.OFFERED},
    (ACCEPTED_EVENT, _C): {_S.OFFERED: _S.ACCEPTED},
    (dsp.AGREEMENT, _P): {_S.REQUESTED: _S.AGREED, _S.ACCEPTED: _S.AGREED},
    (dsp.VERIFICATION, _C): {_S.AGREED: _S.VERIFIED},
    (FINALIZED_EVENT, _P): {_S.VERIFIED: _S.FINALIZED},
    **{(dsp.NEGOTIATION_END, side): dict.fromkeys(_OPEN_NEGOTIATION, _S.TERMINATED) for side in Side},
    (dsp.TRANSFER_REQUEST, _C): {_S.BEGUN: _S.REQUESTED},
    (dsp.TRANSFER_START, _P): {_S.REQUESTED: _S.STARTED, _S.SUSPENDED: _S.STARTED},
    (dsp.TRANSFER_START, _C): {_S.SUSPENDED: _S.STARTED},
    **{(dsp.TRANSFER_COMPLETION, side): {_S.STARTED: _S.COMPLETED} for side in Side},
    **{(dsp.TRANSFER_SUSPENSION, side): {_S.STARTED: _S.SUSPENDED} for side in Side},
    **{(dsp.TRANSFER_END, side): dict.fromkeys(_OPEN_TRANSFER, _S.TERMINATED) for side in Side},
}


@dataclass(frozen=True)
class ExchangeProcess:
    """A negotiation or transfer.

    :ivar pid: our identifier of it; :ivar peer_pid: theirs, None before they answered.
    :ivar side: which party we are.
    :ivar peer: DID of the other company; :ivar peer_address: where it takes messages, without a closing slash.
    :ivar dataset: what is negotiated, or handed over.
    :ivar offer: the offer on the table, the consumer's or the provider's; of a negotiation.
    :ivar agreement: the ODRL agreement, once there is one; of a transfer, the agreement that permits it.
    :ivar format: of a transfer, such as ``HttpData-PULL``.
    :ivar data_address: of a transfer, where the data is to be had, on the consumer's side.
    :ivar sent: how many messages we had acknowledged after the first.
    :ivar reason: why it was terminated, in the code of the party that did.
    :ivar claims: what trusted issuers said of the other company when it sent its last message.
    """

    pid: str
    kind: ExchangeKind
    side: Side
    peer: str
    peer_address: str
    dataset: str
    state: ProcessState = ProcessState.BEGUN
    peer_pid: str | None = None
    offer: JsonObject | None = None
    agreement: JsonObject | None = None
    format: str | None = None
    data_address: JsonObject | None = None
    sent: int = 0
    reason: str | None = None
    claims: JsonObject | None = None

    @property
    def participant(self) -> Participant:
        """The other company, as far as it proved itself with its last message."""
        return Participant.of_claims(self.peer, self.claims or {})

    @property
    def provider_pid(self) -> str | None:
        return self.pid if self.side is Side.PROVIDER else self.peer_pid

    @property
    def consumer_pid(self) -> str | None:
        return self.pid if self.side is Side.CONSUMER else self.peer_pid

    @property
    def is_open(self) -> bool:
        return self.state not in TERMINAL

    @property
    def agreement_id(self) -> str | None:
        return None if self.agreement is None else str(self.agreement["@id"])

    def report(self) -> JsonObject:
        """The process as the protocol reports it to the other side."""
        type_ = "ContractNegotiation" if self.kind is ExchangeKind.NEGOTIATION else "TransferProcess"
        state = ProcessState.REQUESTED if self.state is ProcessState.BEGUN else self.state
        return dsp.acknowledgement(type_, self.provider_pid or "", self.consumer_pid or "", state)

    def to_json(self) -> JsonObject:
        """For the store."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ExchangeProcess:
        kinds: dict[str, Any] = {"kind": ExchangeKind, "side": Side, "state": ProcessState}
        return cls(**{name: kinds[name](each) if name in kinds else each for name, each in value.items()})

    def moved(self, state: ProcessState, **members: Any) -> ExchangeProcess:
        return replace(self, state=state, **members)


def name_of(message: Mapping[str, Any]) -> str:
    """The type of a message, with the event where it is one."""
    type_ = str(message["@type"])
    return f"{type_}:{message['eventType']}" if type_ == dsp.EVENT else type_


def after(process: ExchangeProcess, name: str, sender: Side, state: ProcessState | None = None) -> ProcessState:
    """The state that a message leads to.

    :param name: as :func:`name_of` gives it.
    :param state: instead of the state of the process.
    :raises IllegalStep: it may not follow here, or is not this party's.
    """
    now = process.state if state is None else state
    following = _STEPS.get((name, sender), {}).get(now)
    if following is None:
        raise IllegalStep(
            Message("{name} by the {side} may not follow in state {state}", name=name, side=sender, state=now)
        )
    return following
