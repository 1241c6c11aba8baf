"""A message of another company: which process it belongs to, and the process after it.

Checked are the identifiers of both sides, the state and, of an offer or agreement, the terms on the table. A message
that may follow only after one of ours says that ours has arrived, even where its answer was lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from passport.connector import dataspace_messages as dsp
from passport.connector.agreements import refuse_ended
from passport.connector.data.data_offer import PULL, DataOffer
from passport.connector.decider import same_terms
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState, Side, name_of
from passport.connector.exchange_process import after as step_after
from passport.connector.message_delivery import acknowledged
from passport.connector.peer_courier import PeerAnswer
from passport.connector.usage_policy import Participant, UsagePolicy
from passport.errors import IllegalStep, MalformedMessage, RefusedUsage, UnknownExchange
from passport.linked_data.json_types import JsonObject
from passport.store.state.exchange_reading import ExchangeQueries
from passport.store.state.exchange_state import ExchangeTurn
from passport.texts import Message


@dataclass(frozen=True)
class MessageIntake:
    """Reads messages for one company.

    :ivar did: of the company; :ivar offer: the own offer of a dataset, by dataset.
    """

    did: str
    offer: Callable[[str], DataOffer | None]

    def addressed(
        self, turn: ExchangeTurn, peer: Participant, kind: ExchangeKind, pid: str | None, message: JsonObject,
        digest: str,
    ) -> tuple[ExchangeProcess, bool | None]:  # fmt: skip
        """The process of a message, and whether it begins with it; None: the message came before."""
        if pid is not None:
            row = turn.process(pid)
            if row is None or row.body["kind"] != kind:
                raise unknown_process(pid)
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

    def after(self, turn: ExchangeTurn, before: ExchangeProcess, message: JsonObject, at: datetime) -> ExchangeProcess:
        """The process after a message of the other side."""
        name = name_of(message)
        try:
            state = step_after(before, name, before.side.other)
        except IllegalStep:
            waiting = turn.waiting(before.pid)
            if waiting is None or waiting.attempts == 0:
                raise
            # Our own message is on its way, and theirs may follow only after it: so it has arrived.
            state = step_after(before, name, before.side.other, ProcessState(waiting.target))
            before = acknowledged(before, waiting, PeerAnswer(200, b""))
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

    @staticmethod
    def _transfer_requested(
        turn: ExchangeTurn, process: ExchangeProcess, message: JsonObject, at: datetime
    ) -> ExchangeProcess:
        """The provider's side of a request for data: under an agreement with this very company, that is in force."""
        negotiation = negotiation_of(turn, message["agreementId"], Side.PROVIDER, process.peer)
        if message["format"] != PULL:
            raise MalformedMessage(Message("{name} of the message is wrong", name="format"), expected=PULL)
        refuse_ended(negotiation, at)
        return replace(process, dataset=negotiation.dataset, agreement=negotiation.agreement, format=PULL)


def negotiation_of(turn: ExchangeQueries, agreement: str, side: Side, peer: str | None) -> ExchangeProcess:
    """The negotiation that led to an agreement, on our side of it.

    :param peer: with this company; None: with any.
    :raises UnknownExchange: there is none.
    """
    row = turn.negotiation_of(agreement)
    negotiation = None if row is None else ExchangeProcess.from_json(row.body)
    if negotiation is None or negotiation.side is not side or peer not in (None, negotiation.peer):
        raise UnknownExchange(Message("no such agreement"), found=repr(agreement)[:120])
    return negotiation


def unknown_process(pid: str | None) -> UnknownExchange:
    """The refusal of a process that is not there, or is another company's."""
    return UnknownExchange(Message("no such process"), found=repr(pid)[:120])
