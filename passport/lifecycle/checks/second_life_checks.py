"""Checks of a second life: assessment, transformation, and the origin of the new product.

Predecessors and successors are many on both sides. A transformation names one successor; without parts it takes the
whole pack, with parts these alone. The successor names the packs it was made from, and each of them names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.checks.handover_checks import heavier
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import ORIGINAL, REPURPOSED, WASTE, PackState
from passport.lifecycle.surroundings import MadeInto
from passport.texts import Message

#: Roles that may register a battery that is made from no other.
_MAKERS = {"batteryMaker", "economicOperator"}
#: Operation -> decision of the assessment that it follows.
_DECISIONS: Mapping[str, str] = {
    "repurposing": "repurpose",
    "preparation-for-repurposing": "repurpose",
    "remanufacturing": "remanufacture",
    "preparation-for-reuse": "reuse",
}
_PREPARATION = ("preparation-for-repurposing", "preparation-for-reuse")


@lru_cache(maxsize=1024)  # asked several times of the code of one event
def is_second_life_code(code: str | None) -> bool:
    """Whether a code has the second-life form of GB/T 34014 (19 characters, ``R`` and a letter)."""
    try:
        return TractionBatteryCode.parse(code).second_life is not None
    except MalformedIdentifier:
        return False


def assessment(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Once by each assessor, and no other life for what failed the safety test."""
    if state.decision is not None and state.assessor == event.actor:
        yield Refusal(
            "already-assessed",
            Message("{actor} assessed the pack already.", actor=event.actor),
            Message("Correct that assessment, or have another enterprise assess the pack."),
        )
    if event.text("safetyResult") == "failed" and event.text("assessmentDecision") != "recycling":
        yield Refusal(
            "unsafe",
            Message("The pack failed the safety test."),
            Message("The decision can only be recycling."),
        )


def transformation(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """A new code, another pack, an allowed use, and no more than is there."""
    successor = event.text("successorPack")
    if successor == event.pack or successor in state.predecessors:
        yield Refusal(
            "own-successor",
            Message("The successor is the pack itself, or one that it was made from."),
            Message("Another life is a new product with an address of its own."),
        )
    elif successor in state.successors:
        yield Refusal(
            "successor-named-already",
            Message("{pack} is named as a successor already.", pack=successor or ""),
            Message("Name all parts that went into it in one report; correct that report if parts are missing."),
        )
    operation, code = event.text("transformOperation") or "", event.text("newBatteryCode")
    if code == state.code:
        yield Refusal(
            "no-new-code",
            Message("The new code is the old one."),
            Message("A second-life product has a new code; the old code is kept beside it."),
        )
    elif _DECISIONS.get(operation) == "repurpose":
        yield from _second_life_form(code, event, context)
    if state.decision is not None and state.decision != _DECISIONS.get(operation):
        yield Refusal(
            "decision-says-otherwise",
            Message("The assessment decided otherwise."),
            Message("The operation follows the decision; another assessment can change it."),
        )
    yield from _by_legal_state(state, event, context)
    banned = context.rule("banned-use", event)
    if banned is not None and event.text("intendedUse") in banned.banned_uses:
        yield Refusal(
            "banned-use",
            Message("The intended use is banned for second-life products."),
            Message("Choose another use, or recycle the pack."),
        ).by(banned)
    yield from heavier("mass-grew", event.number("handledMass"), state.mass)
    for change in event.parts:
        if not change.out:
            yield Refusal(
                "part-comes-in",
                Message("Part {code} is said to come into the old pack.", code=change.code),
                Message("A transformation names the parts that go out; the new pack names those that come in."),
            )
    yield from state.parts.objections((change for change in event.parts if change.out), new_pack=False)


def origin(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Code form, status and link to the old packs agree, and each old pack names this one."""
    code = event.text("packCode") or state.code
    origins = tuple(dict.fromkeys((*state.predecessors, *event.texts("derivedFromPacks"))))
    if is_second_life_code(code) and not origins:
        yield Refusal(
            "second-life-without-origin",
            Message("{code} is a second-life code, and no old pack is named.", code=code or ""),
            Message("Name the packs that this one was made from."),
        )
    if not origins and not event.roles & _MAKERS:
        yield Refusal(
            "new-battery-by-utiliser",
            Message("A comprehensive utiliser makes no new batteries."),
            Message("Name the packs that this one was made from, or have its maker report it."),
        )
    if event.kind == "produce":
        yield from _stated_status(event, code, origins, context)
    if context.surroundings is not None:
        for pack in event.texts("derivedFromPacks"):
            yield from _named_by(pack, code, event, context.surroundings.predecessors.get(pack))


def _stated_status(
    event: LifecycleEvent, code: str | None, origins: tuple[str, ...], context: CheckContext
) -> Iterator[Refusal]:
    status = event.text("batteryStatus") or ORIGINAL
    if status == WASTE:
        yield Refusal(
            "produced-as-waste",
            Message("Nothing is produced as waste."),
            Message("Waste is declared by an event of its own."),
        )
    elif status == ORIGINAL and (is_second_life_code(code) or origins):
        yield Refusal(
            "second-life-declared-original",
            Message("A second-life product is declared original."),
            Message("Its status is re-used, repurposed or remanufactured."),
        )
    elif status != ORIGINAL and not origins:
        yield Refusal(
            "status-without-origin",
            Message("The status says that it had a life before, and no old pack is named."),
            Message("Name the packs that this one was made from, or declare it original."),
        )
    if status == REPURPOSED and code is not None and origins:
        yield from _second_life_form(code, event, context)


def _second_life_form(code: str | None, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    rule = context.rule("second-life-code", event)
    if rule is not None and not is_second_life_code(code):
        yield Refusal(
            "no-second-life-code",
            Message("{code} is no second-life code.", code=code or ""),
            Message("The code of a second-life product has 19 characters and ends in R and P, M or C."),
        ).by(rule)


def _by_legal_state(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    operation = event.text("transformOperation")
    rule = context.rule("operation-by-legal-state", event)
    if rule is None:
        return
    if operation in _PREPARATION and not state.waste:
        yield Refusal(
            "preparation-of-a-product",
            Message("The pack is not waste, so nothing is prepared."),
            Message("The operation is repurposing or remanufacturing."),
        ).by(rule)
    if operation == "repurposing" and state.waste:
        yield Refusal(
            "repurposing-of-waste",
            Message("The pack is waste."),
            Message("The operation is preparation for repurposing."),
        ).by(rule)


def _named_by(pack: str, code: str | None, event: LifecycleEvent, link: MadeInto | None) -> Iterator[Refusal]:
    if pack == event.pack or link is None or not link.successor:
        yield Refusal(
            "origin-does-not-name-it",
            Message("The history of {pack} does not say that this pack was made from it.", pack=pack),
            Message("Its holder reports the transformation first, and names this pack as the successor."),
        )
        return
    if link.operator is not None and link.operator != event.actor:
        yield Refusal(
            "not-the-operator-of-the-successor",
            Message("{pack} names {operator} as the operator of the successor.", pack=pack, operator=link.operator),
            Message("That operator registers the new product."),
        )
    if link.code is not None and link.code != code:
        yield Refusal(
            "another-code-was-announced",
            Message("{pack} announced the code {code} for the successor.", pack=pack, code=link.code),
            Message("Register that code, or have the transformation corrected."),
        )
