"""Code, production, market, and the parts of a pack."""

from __future__ import annotations

from collections.abc import Iterator

from passport.battery.identifier import TractionBatteryCode
from passport.lifecycle.check_context import CheckContext
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.parts import PartsTree, code_objection
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import Ending, PackState
from passport.lifecycle.surroundings import fingerprint
from passport.texts import Message


def registration(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """A pack code, of this pack alone, with parts that fit."""
    code = event.text("packCode") or ""
    malformed = code_objection(code)
    if malformed is not None:
        yield malformed
        return
    parsed = TractionBatteryCode.parse(code)
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
    yield from _parts(PartsTree(code), event, context, new_pack=True)


def production(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """After the code, where that is the rule, with parts that fit."""
    rule = context.rules.get("code-before-production")
    if rule is not None and state.code is None:
        yield Refusal(
            "produced-without-code",
            Message("The pack has no registered code at that time."),
            Message("Its code is registered before it is produced."),
        ).by(rule)
    yield from _parts(state.parts, event, context, new_pack=True)


def changed_parts(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Parts that went out were in it, parts that came in are in no other pack."""
    yield from _parts(state.parts, event, context, new_pack=False)


def placing_on_market(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Once on each market, and with a passport where that is the rule."""
    market = event.text("market") or ""
    if market in state.markets:
        yield Refusal(
            "already-on-market",
            Message("The pack was placed on the market {market} before.", market=market),
            Message("It is placed on each market once."),
        )
    rule = context.rules.get("market-needs-passport")
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


def _parts(tree: PartsTree, event: LifecycleEvent, context: CheckContext, *, new_pack: bool) -> Iterator[Refusal]:
    yield from tree.objections(event.parts, new_pack=new_pack)
    if context.surroundings is None:
        return
    origins = set(event.texts("derivedFromPacks"))
    for change in event.parts:
        other = context.surroundings.parts.get(change.code)
        if change.out or other is None or other.pack == event.pack:
            continue
        if other.ending is Ending.RECYCLED:
            yield Refusal(
                "part-of-recycled-pack",
                Message("Part {code} was recycled with {pack}.", code=change.code, pack=other.pack),
                Message("Compare the code with the plate of the part."),
            )
        elif other.pack not in origins or other.ending is None:
            yield Refusal(
                "part-in-another-pack",
                Message("Part {code} is in {pack}.", code=change.code, pack=other.pack),
                Message("Report first that it went out of that pack."),
            )
