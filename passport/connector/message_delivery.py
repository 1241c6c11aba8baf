"""Sending what waits in the outbox, without a lock, until the other side acknowledges it or refuses it.

* The state of a process changes when the other side has acknowledged the message.
* An answer can be lost. So a message that was refused at a second attempt is compared with the state that the other
  side reports: where that is the state the message leads to, it had arrived.
* No answer for good, or a refusal, ends the process here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from passport.connector import dataspace_messages as dsp
from passport.connector.exchange_process import ExchangeProcess, ProcessState, Side, name_of
from passport.connector.exchange_steps import ExchangeSteps
from passport.connector.peer_courier import Courier, PeerAnswer
from passport.errors import PassportError, PeerFailed
from passport.linked_data import strict_json
from passport.store.state.exchange_reading import QueuedMessage
from passport.store.state.exchange_state import ExchangeState

#: Attempts to send one message, and the wait after the first; it doubles.
ATTEMPTS = 10
_FIRST_WAIT = timedelta(seconds=2)
_TOO_MANY = 429
#: Longest that one sender keeps a message for itself.
_CLAIM = timedelta(minutes=1)


@dataclass(frozen=True)
class MessageDelivery:
    """Sends the messages of one company."""

    state: ExchangeState
    courier: Courier
    steps: ExchangeSteps

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
            # A server that fails for the moment, or has too many requests, is asked again; one that refuses is not.
            final = arrived or (400 <= answer.status < 500 and answer.status != _TOO_MANY)
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
            turn.record(
                self.steps.record(process, "out", name, outcome, digest, at, token=answer.token, body=waiting.body)
            )
            if now is None or now.body != waiting.body:
                # The other side went on meanwhile, which says that it had our message; or ended the process.
                return True
            if not final:
                turn.queue(replace(now, due=at + _FIRST_WAIT * 2**waiting.attempts))
                return True
            turn.drop(waiting.pid)
            process = acknowledged(process, waiting, answer) if arrived else given_up(process, outcome)
            self.steps.put(turn, process, at)
            self.steps.plan(turn, process, at)
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


def acknowledged(process: ExchangeProcess, waiting: QueuedMessage, answer: PeerAnswer) -> ExchangeProcess:
    """A process after the other side acknowledged a message of ours."""
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
            return given_up(process, "malformed-answer")
        moved = replace(moved, peer_pid=theirs)
    if (agreement := message.get("agreement")) is not None:
        moved = replace(moved, agreement=agreement)
    if message["@type"] in (dsp.CONTRACT_OFFER, dsp.CONTRACT_REQUEST):
        moved = replace(moved, offer=message["offer"])
    if message["@type"] == dsp.TRANSFER_START and message.get("dataAddress"):
        moved = replace(moved, data_address=message["dataAddress"])
    return replace(moved, reason=message.get("code", moved.reason))


def given_up(process: ExchangeProcess, reason: str) -> ExchangeProcess:
    """A process that ends here without the other side's say."""
    return process.moved(ProcessState.TERMINATED, reason=reason)
