"""What a company does next in a negotiation or transfer: the decision, apart from the protocol.

:class:`StandingDecider` agrees to its own offers as they are, and to nothing else. Another decision, a person's say, is
another class with the same method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from passport.connector.data.data_offer import DataOffer
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState, Side
from passport.connector.usage_policy import UsagePolicy
from passport.errors import RefusedUsage
from passport.linked_data.json_types import JsonObject


class StepKind(StrEnum):
    """The messages that a party may choose to send."""

    REQUEST = "request"
    OFFER = "offer"
    ACCEPT = "accept"
    AGREE = "agree"
    VERIFY = "verify"
    FINALIZE = "finalize"
    START = "start"
    SUSPEND = "suspend"
    COMPLETE = "complete"
    TERMINATE = "terminate"


@dataclass(frozen=True)
class ExchangeStep:
    """What is sent next.

    :ivar offer: of a request or offer, instead of the one on the table.
    :ivar code: why, of a termination or suspension.
    :ivar after: how long it waits.
    """

    kind: StepKind
    offer: JsonObject | None = field(default=None, hash=False)
    code: str | None = None
    after: timedelta = timedelta()


class Decider(Protocol):
    """Says what a company does next."""

    def next_step(self, process: ExchangeProcess, *, at: datetime) -> ExchangeStep | None:
        """What to send now; None: wait for the other side. Asked again after a restart, so it answers the same."""


@dataclass(frozen=True)
class StandingDecider:
    """Agrees to the offers of its own catalogue, and as a consumer to what it asked for, word for word.

    :ivar offer: the own offer of a dataset, None where there is none (any more).
    """

    offer: Callable[[str], DataOffer | None]

    def next_step(self, process: ExchangeProcess, *, at: datetime) -> ExchangeStep | None:
        if process.kind is ExchangeKind.TRANSFER:
            return self._of_transfer(process)
        if process.side is Side.PROVIDER:
            return self._of_provider(process, at)
        if process.state is ProcessState.OFFERED:
            # The offer on the table was compared with the one asked for when it came.
            return (
                ExchangeStep(StepKind.ACCEPT)
                if process.reason is None
                else ExchangeStep(StepKind.TERMINATE, code=process.reason)
            )
        return ExchangeStep(StepKind.VERIFY) if process.state is ProcessState.AGREED else None

    def _of_provider(self, process: ExchangeProcess, at: datetime) -> ExchangeStep | None:
        if process.state is ProcessState.VERIFIED:
            return ExchangeStep(StepKind.FINALIZE)
        if process.state not in (ProcessState.REQUESTED, ProcessState.ACCEPTED):
            return None
        offer = self.offer(process.dataset)
        if offer is None:
            return ExchangeStep(StepKind.TERMINATE, code="no-offer")
        if next(offer.policy.refusals(process.participant, at=at), None) is not None:
            return ExchangeStep(StepKind.TERMINATE, code="policy-not-fulfilled")
        if same_terms(process.offer or {}, offer.odrl()):
            return ExchangeStep(StepKind.AGREE)
        # One counter-offer, the own one; a party that asks for other terms once more will not agree.
        if process.sent == 0:
            return ExchangeStep(StepKind.OFFER, offer=offer.odrl(target=True))
        return ExchangeStep(StepKind.TERMINATE, code="other-terms")

    def _of_transfer(self, process: ExchangeProcess) -> ExchangeStep | None:
        starts = process.side is Side.PROVIDER and process.state is ProcessState.REQUESTED
        return ExchangeStep(StepKind.START) if starts else None


def same_terms(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether two policies have the same terms, all of them known here."""
    try:
        return UsagePolicy.from_odrl(left) == UsagePolicy.from_odrl(right)
    except RefusedUsage:
        return False
