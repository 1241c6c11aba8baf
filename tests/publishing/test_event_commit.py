"""The commit of events: races, groups, interruptions, and what the shapes say beside the reader."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord
from passport.lifecycle import from_json
from passport.publishing.events.event_validation import conforms
from passport.publishing.events.inbox import GROUP, Status
from passport.store import Store
from tests.conftest import example_count
from tests.lifecycle.life_world import (
    CABINET,
    CODE,
    MODULES,
    NOW,
    OTHER_CODE,
    OTHER_PACK,
    PACK,
    PartChange,
)
from tests.lifecycle.story import STORY
from tests.publishing.event_world import SigningWorld, produced_world
from tests.publishing.test_event_credentials import documents


def in_processes(*calls):
    """Exit codes of functions, each called in a process of its own, all at once."""
    context = multiprocessing.get_context("fork")
    running = [context.Process(target=function, args=arguments) for function, *arguments in calls]
    for process in running:
        process.start()
    for process in running:
        process.join(300)
    return [process.exitcode for process in running]


def _hand_in_each(url, messages, accepted):
    """Leaves with 0 if so many of the messages were accepted, and each other one was told the new head."""
    world = SigningWorld(Store.open(url))
    count = 0
    for message in messages:
        (outcome,) = world.inbox.accept([message], now=NOW)
        count += outcome.status is Status.ACCEPTED
        if outcome.status is not Status.ACCEPTED:
            assert outcome.codes[0] == "not-the-head" and outcome.head is not None, outcome.to_json()
    with accepted.get_lock():
        accepted.value += count


def test_of_two_events_on_one_head_exactly_one_wins_over_two_processes(shared_url):
    world = SigningWorld(Store.open(shared_url)).produced()
    rivals = [[world.message(world.event("issue_passport", "maker")) for _ in range(6)] for _ in range(2)]
    accepted = multiprocessing.get_context("fork").Value("i", 0)
    world.store.close()
    codes = in_processes(*((_hand_in_each, shared_url, side, accepted) for side in rivals))
    assert codes == [0, 0]
    assert accepted.value == 1
    fresh = SigningWorld(Store.open(shared_url))
    assert len(fresh.history(PACK)) == 3


def _grow(url, pack, code, accepted):
    """Registers a pack with modules that another process registers in another pack."""
    world = SigningWorld(Store.open(url))
    parts = tuple(PartChange(module, code) for module in MODULES)
    event = world.event("register_code", "maker", pack=pack, fields={"packCode": code}, parts=parts)
    (outcome,) = world.inbox.accept([world.message(replace(event, id=f"urn:{pack}"))], now=NOW)
    if outcome.status is Status.ACCEPTED:
        with accepted.get_lock():
            accepted.value += 1
    else:
        assert set(outcome.codes) == {"part-in-another-pack"}, outcome.to_json()


def test_of_two_packs_with_the_same_modules_exactly_one_is_registered_over_two_processes(shared_url):
    Store.open(shared_url).close()
    accepted = multiprocessing.get_context("fork").Value("i", 0)
    codes = in_processes(
        (_grow, shared_url, PACK, CODE, accepted), (_grow, shared_url, OTHER_PACK, OTHER_CODE, accepted)
    )
    assert codes == [0, 0] and accepted.value == 1
    assert Store.open(shared_url).event_number() == 1


class Interrupting:
    """An inbox whose store gets another event just before the commit."""

    def __init__(self, world, meanwhile):
        self.world, self.meanwhile = world, meanwhile
        self.inbox = world.new_inbox()
        decided = self.inbox._decided

        def interrupted(checked, now):
            result = decided(checked, now)
            if self.meanwhile:
                message = self.meanwhile.pop()
                (outcome,) = world.new_inbox().accept([message], now=now)
                assert outcome.status is Status.ACCEPTED
            return result

        self.inbox._decided = interrupted


def test_an_event_that_came_in_between_is_seen_at_the_commit():
    world = produced_world()
    first = world.message(world.event("issue_passport", "maker"))
    second = world.message(world.event("issue_passport", "maker"))
    (outcome,) = Interrupting(world, [first]).inbox.accept([second], now=NOW)
    assert "not-the-head" in outcome.codes and outcome.head.id == first.event["id"]


def test_a_module_that_another_pack_got_in_between_is_seen_at_the_commit():
    world = SigningWorld()
    parts = [tuple(PartChange(module, code) for module in MODULES) for code in (CODE, OTHER_CODE)]
    mine = world.message(world.event("register_code", "maker", parts=parts[0]))
    other = world.message(
        world.event("register_code", "maker", pack=OTHER_PACK, fields={"packCode": OTHER_CODE}, parts=parts[1])
    )
    (outcome,) = Interrupting(world, [other]).inbox.accept([mine], now=NOW)
    assert set(outcome.codes) == {"part-in-another-pack"} and world.store.event_number() == 1


def test_what_came_in_between_and_bears_on_nothing_costs_no_second_decision():
    world = SigningWorld()
    mine = world.message(world.event("register_code", "maker", parts=()))
    other = world.message(
        world.event("register_code", "maker", pack=OTHER_PACK, fields={"packCode": OTHER_CODE}, parts=())
    )
    rival = Interrupting(world, [other])
    (outcome,) = rival.inbox.accept([mine], now=NOW)
    assert outcome.status is Status.ACCEPTED and outcome.stored.sequence == 2
    assert world.store.event(mine.event["id"]).sequence == 2


def story_messages():
    """The whole story as signed messages, with the accreditations and the lists."""
    world = SigningWorld()
    messages = []
    for step in STORY:
        event = step.event(world)
        messages.append(world.message(event))
        assert world.hand_in(messages[-1]).status is Status.ACCEPTED
    return messages, world


def test_a_whole_story_in_one_call_is_one_transaction_and_the_same_history():
    messages, before = story_messages()
    world = SigningWorld(authority=before.authority)
    outcomes = world.inbox.accept([message.to_json() for message in messages], now=NOW)
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert [outcome.stored.sequence for outcome in outcomes] == list(range(1, len(STORY) + 1))
    for pack in (PACK, CABINET):
        assert world.history(pack).links == before.history(pack).links


@settings(max_examples=example_count(8))
@given(st.integers(0, len(STORY)), st.integers(1, 7))
def test_a_run_that_was_interrupted_is_handed_in_again(stopped, size):
    messages, before = MEMORY or MEMORY.extend(story_messages()) or MEMORY
    world = SigningWorld(authority=before.authority)
    world.inbox.accept(messages[:stopped], now=NOW)
    again = world.new_inbox()
    outcomes = [
        outcome for start in range(0, len(messages), size)
        for outcome in again.accept(messages[start : start + size], now=NOW)
    ]  # fmt: skip
    expected = [Status.DUPLICATE] * stopped + [Status.ACCEPTED] * (len(messages) - stopped)
    assert [outcome.status for outcome in outcomes] == expected
    assert again.history(PACK).links == before.history(PACK).links


MEMORY: list = []


def test_an_event_of_the_story_left_out_stops_the_chain():
    messages, before = story_messages()
    world = SigningWorld(authority=before.authority)
    left_out = messages[:5] + messages[6:]
    outcomes = world.inbox.accept(left_out, now=NOW)
    assert all(outcome.status is Status.ACCEPTED for outcome in outcomes[:5])
    assert outcomes[5].codes[0] == "not-the-head"
    assert len(world.history(PACK)) == 5


def test_more_events_than_one_group():
    world = SigningWorld()
    messages = [
        world.message(
            world.event("register_code", "maker", pack=f"{OTHER_PACK}{n}",
                        fields={"packCode": f"{CODE[:17]}{n + 1:07}"}, parts=())
        )
        for n in range(GROUP + 3)
    ]  # fmt: skip
    began = time.perf_counter()
    outcomes = world.inbox.accept(messages, now=NOW)
    print(f"{len(messages) / (time.perf_counter() - began):.0f} events a second")
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert world.store.event_number() == GROUP + 3


# --- the shapes, and the reader that stands in for them ---------------------------------------------------------------


@settings(max_examples=example_count(30))
@given(documents())
def test_what_the_reader_takes_conforms_to_the_shape_of_its_kind(document):
    from_json(document, roles=())
    assert conforms(document)


@settings(max_examples=example_count(30))
@given(documents(), st.data())
def test_what_lacks_a_required_field_is_refused_by_both(document, data):
    from passport.lifecycle import catalogue

    required = [name for name in catalogue().kinds[document["event"]].required if name in document.get("fields", {})]
    if not required:
        return
    name = data.draw(st.sampled_from(required))
    fields = {key: value for key, value in document["fields"].items() if key != name}
    broken = {**document, "fields": fields}
    with pytest.raises(FaultyRecord):
        from_json(broken, roles=())
    assert not conforms(broken)


def test_a_history_that_grows_while_it_is_read_is_read_up_to_the_head_that_was_seen():
    from passport.publishing.events.histories import Histories

    world = produced_world()

    class Growing:
        """A store in which another event is accepted between the look at the heads and the look at the chain."""

        def __getattr__(self, name):
            return getattr(world.store, name)

        def event_chains(self, *words, **options):
            if len(world.history(PACK)) == 2:
                world.accept("issue_passport", "maker")
            return world.store.event_chains(*words, **options)

    histories = Histories(Growing())
    assert len(histories.of(PACK)) == 2
    assert len(histories.of(PACK)) == 3


def test_every_accepted_document_is_in_the_log_of_events_in_its_order():
    from hashlib import sha256

    world = SigningWorld().marketed()
    rows = world.store.latest_events()
    entries = []
    for row in rows:
        assert row.log_index == len(entries)
        documents = [world.store.event_document(digest) for digest in (row.digest, row.detail) if digest is not None]
        entries += [sha256(document.body).digest() for document in documents]
    with world.store.engine.connect() as connection:
        from passport.store.log.log_writing import EVENTS, entries_between, size_of

        assert size_of(connection, EVENTS) == len(entries)
        assert entries_between(connection, EVENTS, 0, len(entries)) == entries
