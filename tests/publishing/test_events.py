"""Acceptance of events: what is stored, and each refusal by its name."""

from __future__ import annotations

from tests.lifecycle.life_world import CABINET, PACK
from tests.lifecycle.story import STORY
from tests.publishing.event_world import SigningWorld


def test_the_story_is_accepted_event_by_event():
    world = SigningWorld()
    for step in STORY:
        event = step.event(world)
        outcome = world.take(event)
        assert outcome.status == "accepted", [(f.pointer, str(f.message)) for f in outcome.faults]
    assert len(world.history(PACK)) + len(world.history(CABINET)) == len(STORY)
    assert world.history(PACK).state.label == "Recycled"
    fresh = world.new_inbox()
    assert fresh.history(PACK).links == world.history(PACK).links
