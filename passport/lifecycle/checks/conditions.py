"""The conditions that ``ontology/lifecycle.ttl`` names: the test of each, and the refusal where it does not hold.

A condition looks at the facts of the pack just before the event, in the order of event times, and at the event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import PackState, Party
from passport.texts import Message

POLICE = "police"


@dataclass(frozen=True)
class Condition:
    """One condition.

    :param holds: the test.
    :param code: of the refusal.
    :param problem: with places for ``holder``, ``receiver``, ``responsible`` and ``state``.
    """

    holds: Callable[[PackState, LifecycleEvent], bool]
    code: str
    problem: Message
    remedy: Message

    def objection(self, state: PackState, event: LifecycleEvent) -> Refusal | None:
        """The refusal where the condition does not hold."""
        if self.holds(state, event):
            return None
        values = _values(state)
        return Refusal(self.code, self.problem.fill(**values), self.remedy.fill(**values), event=_cause(self, state))


def party_name(party: Party) -> Message | str:
    """A party as a sentence names it."""
    return party.did or Message("a person who is not named")


def _values(state: PackState) -> dict[str, Any]:
    return {
        "holder": party_name(state.holder) if state.holder else "",
        "receiver": state.transit.receiver if state.transit else "",
        "responsible": state.responsible or "",
    }


def _cause(condition: Condition, state: PackState) -> str | None:
    causes = {
        "in-transit": state.transit.event if state.transit else None,
        "retired": state.retired_by,
        "already-retired": state.retired_by,
        "already-lost": state.lost_by,
        "already-held": state.held_by,
    }
    return causes.get(condition.code)


def _concerned(state: PackState, event: LifecycleEvent) -> bool:
    owner = state.owner is not None and state.owner.did == event.actor
    return POLICE in event.roles or state.held_by_actor(event) or owner


#: Code in the ontology -> condition. In this order the refusals are given.
CONDITIONS: Mapping[str, Condition] = {
    "unregistered": Condition(
        lambda state, event: state.code is None,
        "already-registered",
        Message("The pack has its code already."),
        Message("A code is registered once; correct the registration if it was wrong."),
    ),
    "unproduced": Condition(
        lambda state, event: state.produced is None,
        "already-produced",
        Message("The pack is produced already."),
        Message("Code and production are reported once, the code first; correct the report if it was wrong."),
    ),
    "produced": Condition(
        lambda state, event: state.produced is not None,
        "not-produced",
        Message("The pack is not produced at that time."),
        Message("The production is reported first, and every other event lies after it."),
    ),
    "without-passport": Condition(
        lambda state, event: state.passport is None,
        "already-issued",
        Message("The pack has its passport already."),
        Message("A passport is issued once; a new version of it is no event."),
    ),
    "product": Condition(
        lambda state, event: not state.waste,
        "is-waste",
        Message("The pack is waste."),
        Message("A waste battery is assessed, prepared for another life as a new product, or recycled."),
    ),
    "waste": Condition(
        lambda state, event: state.waste,
        "not-waste",
        Message("The pack is not waste."),
        Message("Only waste is recycled: declare it waste first."),
    ),
    "fitted": Condition(
        lambda state, event: state.fitted,
        "not-fitted",
        Message("The pack is in no vehicle at that time."),
        Message("Report first that it was fitted."),
    ),
    "not-fitted": Condition(
        lambda state, event: not state.fitted,
        "already-fitted",
        Message("The pack is in a vehicle at that time."),
        Message("Report first that it was removed from it."),
    ),
    "in-use": Condition(
        lambda state, event: state.in_use or not state.fitted,
        "not-sold",
        Message("The vehicle with the pack is not sold at that time."),
        Message("Report the sale first."),
    ),
    "not-in-use": Condition(
        lambda state, event: not state.in_use,
        "in-use",
        Message("The pack is in use with its vehicle, which is sold."),
        Message("Report first that it was removed, or that the vehicle was scrapped."),
    ),
    "in-pool": Condition(
        lambda state, event: state.fitted or state.in_pool,
        "not-in-pool",
        Message("The pack is not in the pool of a swap operator."),
        Message("Report first that it was swapped out or received into the pool."),
    ),
    "on-market": Condition(
        lambda state, event: bool(state.markets),
        "not-on-market",
        Message("The pack was not placed on the market."),
        Message("Its responsible operator reports the placing on the market first."),
    ),
    "usable": Condition(
        lambda state, event: state.retired_by is None or state.reusable,
        "retired",
        Message("The pack is retired and not assessed as fit for re-use."),
        Message("Only a pack that an assessment found fit for re-use is used again."),
    ),
    "not-retired": Condition(
        lambda state, event: state.retired_by is None,
        "already-retired",
        Message("The pack is retired already."),
        Message("An assessment comes next."),
    ),
    "retired": Condition(
        lambda state, event: state.retired_by is not None or state.waste,
        "not-retired",
        Message("The pack is neither retired nor waste."),
        Message("Report the retirement before the assessment."),
    ),
    "assessed": Condition(
        lambda state, event: state.decision is not None,
        "not-assessed",
        Message("The pack is not assessed."),
        Message("An assessment decides on the next life; report it first."),
    ),
    "decided": Condition(
        lambda state, event: state.retired_by is None or state.decision is not None,
        "not-decided",
        Message("The pack is retired and waits for its assessment."),
        Message("The assessment decides whether it is waste; a destroyed pack is declared waste without a retirement."),
    ),
    "held-by-actor": Condition(
        lambda state, event: state.held_by_actor(event),
        "held-by-another",
        Message("The pack is in the hands of {holder}."),
        Message("The party that has it reports this event, or hands it over first: sent out and received."),
    ),
    "answered-by-actor": Condition(
        lambda state, event: state.responsible in (None, event.actor),
        "not-responsible",
        Message("{responsible} is responsible for this pack."),
        Message("The operator that issued the passport places the pack on the market."),
    ),
    "concerns-actor": Condition(
        _concerned,
        "not-concerned",
        Message("The reporter neither holds nor owns the pack."),
        Message("Holder, owner or police report a loss."),
    ),
    "not-in-transit": Condition(
        lambda state, event: state.transit is None,
        "in-transit",
        Message("The pack is on its way to {receiver}, who has not reported the receipt."),
        Message("The receiver reports it first; a hand-over that did not happen is withdrawn by its sender."),
    ),
    "not-lost": Condition(
        lambda state, event: state.lost_by is None,
        "already-lost",
        Message("The pack is reported lost already."),
        Message("An authority releases it when it is found."),
    ),
    "not-held": Condition(
        lambda state, event: state.held_by is None,
        "already-held",
        Message("The pack is held by an authority already."),
        Message("It is released before it can be held again."),
    ),
    "stopped": Condition(
        lambda state, event: state.lost_by is not None or state.held_by is not None,
        "not-stopped",
        Message("The pack is neither lost nor held."),
        Message("Only a pack that is lost or held is released."),
    ),
}
