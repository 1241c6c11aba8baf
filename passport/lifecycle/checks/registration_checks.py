"""Checks of registration: code, production, placing on the market, and the parts of a pack."""

from __future__ import annotations

from collections.abc import Iterator

from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.parts import PartsTree, code_objection, parsed_code
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import PackState
from passport.lifecycle.surroundings import fingerprint
from passport.texts import Message


def registration(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """A pack code, of this pack alone, with parts that fit."""
    code = event.text("packCode") or ""
    malformed = code_objection(code)
    if malformed is not None:
        yield malformed
        return
    parsed = parsed_code(code)
    if parsed.product_type != "P" and parsed.second_life is None:
        yield Refusal(
            "not-a-pack-code",
            Message("{code} is the code of a module or cell.", code=code),
            Message("The history is that of a pack: position 4 of its code is P."),
        )
    claim = context.surroundings.codes.get(code) if context.surroundings is not None else None
    if claim is not None and claim.fingerprint != fingerprint(event):
        yield Refusal(
            "code-cloned",
            Message("{code} was registered before with another content, for {pack}.", code=code, pack=claim.pack),
            Message("A code names one pack; compare code, maker, model and parts with the plate."),
        )
    elif claim is not None and claim.pack != event.pack:
        yield Refusal(
            "code-of-another-pack",
            Message("{code} is the code of {pack}.", code=code, pack=claim.pack),
            Message("A code names one pack: report to the history of that one."),
        )
    yield from PartsTree(code).objections(event.parts, new_pack=True)


def production(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """After the code, where that is the rule, with parts that fit."""
    rule = context.rule("code-before-production", event)
    if rule is not None and state.code is None:
        yield Refusal(
            "produced-without-code",
            Message("The pack has no registered code at that time."),
            Message("Its code is registered before it is produced."),
        ).by(rule)
    yield from state.parts.objections(event.parts, new_pack=True)


def changed_parts(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Parts that go out are in it, parts that come in are not."""
    yield from state.parts.objections(event.parts, new_pack=False)


def placing_on_market(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Once on each market, and with a passport where that is the rule."""
    market = event.text("market") or ""
    if market in state.markets:
        yield Refusal(
            "already-on-market",
            Message("The pack was placed on the market {market} before.", market=market),
            Message("It is placed on each market once."),
        )
    rule = context.rule("market-needs-passport", event)
    if rule is not None and state.passport is None:
        yield Refusal(
            "market-without-passport",
            Message("The pack has no passport at that time."),
            Message("The passport is issued before the pack is placed on the market."),
        ).by(rule)


def export(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Once to each market."""
    market = event.text("market") or ""
    if market in state.exported_to:
        yield Refusal(
            "already-exported",
            Message("The pack was exported to {market} before.", market=market),
            Message("An export is reported once."),
        )
