"""Checks of vehicles: one pack is in one vehicle, a scrapped vehicle takes none, and both are scrapped together.

A vehicle that cannot be compared, for want of a common key, is refused as unknown, never as another vehicle.
"""

from __future__ import annotations

from collections.abc import Iterator

from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import PackState
from passport.lifecycle.vehicles import VehicleMatch, is_one_of, same_vehicle
from passport.texts import Message


def into_vehicle(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Fitting and swapping in: not into a scrapped vehicle."""
    if _scrapped(state, event, context):
        yield Refusal(
            "vehicle-scrapped",
            Message("The vehicle is scrapped."),
            Message("A pack is fitted to a vehicle that exists; correct the hash if it is another."),
        )


def same(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """The vehicle of the event is that which the pack is in."""
    if not state.fitted:
        return  # said by the condition "fitted"
    match = same_vehicle(state.vehicle, event.vehicle)
    if match is VehicleMatch.OTHER:
        yield _another()
    elif match is VehicleMatch.UNKNOWN:
        yield _unknown(state)


def sale(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """No sale of a scrapped vehicle, nor, where that is the rule, without a digital ID of the pack."""
    yield from into_vehicle(state, event, context)
    rule = context.rule("sale-needs-passport", event)
    if rule is not None and state.passport is None:
        yield Refusal(
            "sale-without-passport",
            Message("The pack in this vehicle has no digital ID."),
            Message("Its passport is issued before the vehicle is sold."),
        ).by(rule)


def replacement(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """A pack is not replaced by itself."""
    if state.code is not None and event.text("installedBatteryCode") == state.code:
        yield Refusal(
            "replaced-by-itself",
            Message("The new code is that of the pack that was removed."),
            Message("Name the code of the pack that was installed, or report a removal."),
        )


def scrapping(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Vehicle and battery together, unless the vehicle is a swap model or a recorded replacement explains it."""
    rule = context.rule("scrapped-together", event)
    match = same_vehicle(state.vehicle, event.vehicle) if state.fitted else None
    if match is VehicleMatch.OTHER:
        yield _another()
    elif match is VehicleMatch.UNKNOWN:
        yield _unknown(state)
    if rule is None or _is_swap_model(state, event, context):
        return
    if match is None and not _replacement_recorded(state, event, context):
        yield Refusal(
            "not-in-that-vehicle",
            Message("The pack is in no vehicle at that time, and no recorded replacement puts it into this one."),
            Message("Report the scrapping for the pack that is fitted, or have the replacement recorded first."),
        ).by(rule)
    if state.code is not None and state.code not in event.texts("foundPackCodes"):
        yield Refusal(
            "battery-missing",
            Message("The code of this pack was not found in the vehicle: the vehicle is incomplete."),
            Message("Name the codes that were found; a missing pack needs a recorded replacement, or a swap model."),
        ).by(rule)


def _scrapped(state: PackState, event: LifecycleEvent, context: CheckContext) -> bool:
    elsewhere = context.surroundings is not None and is_one_of(event.vehicle, context.surroundings.scrapped)
    return elsewhere or is_one_of(event.vehicle, state.scrapped)


def _is_swap_model(state: PackState, event: LifecycleEvent, context: CheckContext) -> bool:
    # Never by the word of the dismantler: maker, dealer or swap operator said so when the vehicle was in use.
    elsewhere = context.surroundings is not None and is_one_of(event.vehicle, context.surroundings.swap_models)
    return elsewhere or is_one_of(event.vehicle, state.swap_models)


def _replacement_recorded(state: PackState, event: LifecycleEvent, context: CheckContext) -> bool:
    if context.surroundings is None:
        return True
    return any(
        record.installed_code == state.code and same_vehicle(record.vehicle, event.vehicle) is VehicleMatch.SAME
        for record in context.surroundings.replacements
    )


def _another() -> Refusal:
    return Refusal(
        "another-vehicle",
        Message("The pack is in another vehicle at that time."),
        Message("Report first that it was removed from that one; correct the hash if it is wrong."),
    )


def _unknown(state: PackState) -> Refusal:
    keys = sorted(vehicle.key_id for vehicle in state.vehicle)
    return Refusal(
        "vehicle-unknown",
        Message("The vehicle cannot be compared with that of the pack: their hashes have no key in common."),
        Message("Give the hash under one of these keys as well: {keys}.", keys=keys),
    )
