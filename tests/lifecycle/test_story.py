"""The story is accepted step by step; no event of it can be left out, doubled, moved or reported by another actor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

import pytest

from passport.lifecycle import Accepted, Ending, LifecycleEvent, mass_balance
from tests.each import each
from tests.lifecycle.life_world import (
    CABINET,
    MODULES,
    NEW_MODULE,
    PACK,
    ROLES,
    World,
    accreditation,
    codes,
    did,
    digest_of,
)
from tests.lifecycle.story import ACTORS, STORY

STEPS = range(len(STORY))
#: The last event of a pack: when it is left out nothing contradicts that, but the passport has not ended.
LAST = {max(n for n in STEPS if STORY[n].pack == pack) for pack in (PACK, CABINET)}


def name(n: int) -> str:
    return f"{n}-{STORY[n].kind}-{STORY[n].actor}"


@cache
def world_before(n: int) -> World:
    world = World()
    if n:
        world.histories = dict(world_before(n - 1).histories)
        world.take(event_of(n - 1))
    return world


@cache
def event_of(n: int) -> LifecycleEvent:
    """The event of a step as it was signed."""
    event = STORY[n].event(world_before(n))
    return replace(event, id=f"urn:story:{n}")


def copy_before(n: int) -> World:
    world = World()
    world.histories = dict(world_before(n).histories)
    return world


def relinked(world: World, event: LifecycleEvent) -> LifecycleEvent:
    """The event signed anew behind the head that there is."""
    return replace(event, predecessor=world.history(event.pack).head)


@each("n", STEPS, ids=name)
def test_the_story_is_accepted_step_by_step(n):
    decision = copy_before(n).decide(event_of(n))
    assert isinstance(decision, Accepted), [str(refusal.message) for refusal in decision.refusals]
    assert not decision.late


def test_nine_actors_take_part():
    assert {step.actor for step in STORY} == set(ACTORS)
    assert len(ACTORS) == 9


def test_where_the_story_ends():
    world = copy_before(len(STORY))
    pack, cabinet = world.state(PACK), world.state(CABINET)
    assert (pack.ending, cabinet.ending) == (Ending.RECYCLED, Ending.RECYCLED)
    assert (pack.status, cabinet.status) == ("waste", "waste")
    assert pack.successors == (CABINET,)
    assert cabinet.predecessors == (PACK,)
    assert set(pack.parts) == {NEW_MODULE}
    assert set(cabinet.parts) == set(MODULES[:2])
    assert pack.holder.did == did("recycler")
    assert pack.owner.did == did("dismantler")


def test_labels_and_status_along_the_way():
    world = copy_before(len(STORY))
    labels = list(dict.fromkeys(state.label for _, state in world.history().states()))
    assert labels == [
        "Registered", "Produced", "Fitted", "InUse", "Removed", "Retired", "PreparedForReuse", "Assessed",
        "InRecycling", "Recycled",
    ]  # fmt: skip
    statuses = list(dict.fromkeys(state.status for _, state in world.history().states()))
    assert statuses == [None, "original", "re-used", "waste"]


def test_the_mass_balance_closes():
    balance = mass_balance(copy_before(len(STORY)).history())
    assert (balance.produced, balance.weighed, balance.recycled) == (Decimal(540), Decimal("540.4"), Decimal("196.4"))
    assert balance.successors == {CABINET: Decimal(344)}
    assert balance.unaccounted == 0
    assert balance.recovered == Decimal(62)


# --- left out -------------------------------------------------------------------------------------------------------


def without(n: int) -> tuple[World, list[str]]:
    """The world that the rest of the story makes without a step, signed anew, and the codes of what is refused."""
    world = copy_before(n)
    refused: list[str] = []
    for m in range(n + 1, len(STORY)):
        refused += codes(world.take(relinked(world, event_of(m))))
    return world, refused


@each("n", STEPS, ids=name)
def test_no_event_is_left_out(n):
    world, refused = without(n)
    if n in LAST:
        assert world.state(STORY[n].pack).ending is None
    else:
        assert refused


@each("n", sorted(set(STEPS) - LAST), ids=name)
def test_no_event_is_left_out_of_the_signed_chain(n):
    world = copy_before(n)
    following = next(m for m in range(n + 1, len(STORY)) if STORY[m].pack == STORY[n].pack)
    assert "not-the-head" in codes(world.decide(event_of(following)))


# --- doubled --------------------------------------------------------------------------------------------------------


@each("n", STEPS, ids=name)
def test_no_event_is_sent_twice(n):
    assert codes(copy_before(n + 1).decide(event_of(n))) == ("already-accepted",)


@each("n", STEPS, ids=name)
def test_no_event_is_reported_a_second_time_under_another_id(n):
    world = copy_before(n + 1)
    again = replace(event_of(n), id="urn:again", instant=event_of(n).instant + timedelta(hours=1))
    assert codes(world.decide(relinked(world, again)))


# --- moved ----------------------------------------------------------------------------------------------------------

#: Neighbours that do not depend on each other: the order of their times may be the other one.
INDEPENDENT = {("place_on_market", "send_out")}


def neighbours() -> list[tuple[int, int]]:
    """Each step with the next one of the same pack."""
    found = []
    for n in STEPS:
        following = [m for m in range(n + 1, len(STORY)) if STORY[m].pack == STORY[n].pack]
        if following:
            found.append((n, following[0]))
    return found


@each(("n", "m"), neighbours(), ids=lambda n: name(n))
def test_no_event_changes_places_with_the_next(n, m):
    world = copy_before(n)
    refused: list[str] = []
    first = replace(event_of(m), instant=event_of(n).instant)
    second = replace(event_of(n), instant=event_of(m).instant)
    for event in (first, second, *(event_of(k) for k in range(n + 1, len(STORY)) if k != m)):
        refused += codes(world.take(relinked(world, event)))
    assert bool(refused) != ((STORY[n].kind, STORY[m].kind) in INDEPENDENT)


@each(("n", "m"), neighbours(), ids=lambda n: name(n))
def test_no_event_changes_places_in_the_signed_chain(n, m):
    assert "not-the-head" in codes(copy_before(n).decide(event_of(m)))


@each("n", [n for n in STEPS if n], ids=name)
def test_an_altered_predecessor_is_refused(n):
    event = event_of(n)
    if event.predecessor is None:
        return
    altered = replace(event, predecessor=replace(event.predecessor, digest="u" + "A" * 43))
    assert codes(copy_before(n).decide(altered)) == ("predecessor-altered",)


# --- another actor --------------------------------------------------------------------------------------------------

#: Who else may report it by law: the table of events names both roles.
ALLOWED_TOO = {("remove", "dismantler")}


@each("n", STEPS, ids=name)
def test_no_event_is_reported_by_another_actor(n):
    for actor in ACTORS:
        if actor == STORY[n].actor or (STORY[n].kind, actor) in ALLOWED_TOO:
            continue
        event = replace(event_of(n), actor=did(actor), roles=frozenset(ROLES[actor]))
        if not codes(copy_before(n).decide(event)):
            pytest.fail(f"{STORY[n].kind} by {actor} was accepted")


@each("n", STEPS, ids=name)
def test_no_event_is_signed_by_another_actor(n):
    for actor in ACTORS:
        if actor != STORY[n].actor:
            decision = copy_before(n).decide(event_of(n), accreditation=accreditation(actor))
            assert "not-the-accredited-actor" in codes(decision)


def test_every_digest_of_the_story_is_another():
    assert len({digest_of(event_of(n)) for n in STEPS}) == len(STORY)
