"""The life line: what each reader is told of the story of one pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from passport.lifecycle import catalogue
from passport.vocabulary.vocabulary import load
from resolver.page.life.life_line import SeenEvent, life_line
from resolver.page.wording import Words
from tests.each import each
from tests.lifecycle.life_world import CAR_1, CAR_2, PACK, ROLES, did
from tests.lifecycle.test_story import STORY, event_of, world_before

NAMES = {did(actor): f"{actor} & Co." for actor in ROLES}


@pytest.fixture(scope="module")
def history():
    before = world_before(len(STORY) - 1)
    world = type(before)()
    world.histories = dict(before.histories)
    world.take(event_of(len(STORY) - 1))
    return world.history(PACK)


def seen_by(history, audience):
    """The chain as one audience may read it."""
    kinds = catalogue().kinds
    return [
        SeenEvent(n, link.event, NAMES[link.event.actor], tuple(sorted(link.event.roles)), link.event.instant,
                  link.late, True)
        if audience in kinds[link.event.kind].audiences or "public" in kinds[link.event.kind].audiences
        else SeenEvent(n, None)
        for n, link in enumerate(history.links, 1)
    ]  # fmt: skip


def told(seen, history=None, language="en", **options):
    return life_line(seen, history, Words(language), load(), catalogue(), NAMES, **options)


@each("language", ["en", "zh"])
def test_the_regulator_is_told_everything_but_names_of_persons_and_vehicles(history, language):
    life = told(seen_by(history, "cn-regulator"), history, language)
    assert len(life.items) == len(history) and life.tone == "good"
    text = repr(life)
    assert CAR_1 not in text and CAR_2 not in text
    assert life.hands and life.parts and life.masses
    assert life.items[-1].kind == "end"


def test_a_life_of_which_the_reader_may_read_nothing_is_not_called_verified():
    for seen in ([], [SeenEvent(1, None), SeenEvent(2, None)]):
        life = told(seen)
        assert (life.headline, life.tone) == ("No event that you may read", "")


def test_a_closed_event_keeps_its_place_and_tells_nothing(history):
    seen = seen_by(history, "legitimate-interest")
    life = told(seen)
    shut = [item for item in life.items if item.kind == "shut"]
    assert shut and len(life.items) < len(seen)
    assert all(not (item.when or item.by or item.facts or item.mark or item.reported) for item in shut)
    numbers = [item.number for item in life.items if item.kind != "shut"]
    assert numbers == [str(each.position) for each in seen if each.event is not None]
    assert (life.hands, life.parts, life.masses) == ((), (), ())


def test_the_public_is_not_told_how_many_events_are_closed(history):
    seen = seen_by(history, "public")
    life, fewer = (
        told(seen, counted=False),
        told([each for each in seen if each.event or each.position % 2], counted=False),
    )
    assert life == fewer
    assert [item.number for item in life.items if item.kind != "shut"] == [
        str(n) for n in range(1, 1 + sum(each.event is not None for each in seen))
    ]
    assert "26" not in repr(life.looks)


def test_an_event_that_does_not_verify_needs_a_look(history):
    seen = seen_by(history, "cn-regulator")
    seen[5] = replace(seen[5], verified=False, remark={"en": "signed <by> another", "zh": "由他人签名"})
    seen[6] = replace(seen[6], verified=None, remark={"en": "no key", "zh": "没有密钥"})
    life = told(seen, history)
    assert life.tone == "warn" and len(life.looks) == 2
    assert "signed &lt;by&gt; another" in life.looks[0] and 'href="#e6"' in life.looks[0]
    assert [life.items[n].tone for n in (4, 5, 6)] == ["good", "bad", "warn"]


def test_a_late_report_needs_a_look_and_stands_where_it_happened(history):
    seen = seen_by(history, "cn-regulator")
    first = seen[0].event.instant
    seen[8] = replace(seen[8], late=True, event=replace(seen[8].event, instant=first + timedelta(minutes=1)))
    life = told(seen, history)
    assert [item.number for item in life.items[:3]] == ["1", "9", "2"]
    assert len(life.looks) == 1 and "#e9" in life.looks[0]


def test_what_an_actor_wrote_is_escaped(history):
    seen = seen_by(history, "cn-regulator")
    at = next(n for n, each in enumerate(seen) if each.event.kind == "repair")
    event = replace(seen[at].event, fields={"eventReason": "<script>alert(1)</script>"})
    seen[at] = replace(seen[at], event=event, actor="<b>Workshop</b>")
    text = repr(told(seen, history))
    assert "<script>" not in text and "<b>Workshop" not in text


def test_nothing_to_read_says_so_and_claims_nothing(history):
    life = told([SeenEvent(1, None)], counted=False)
    assert life.facts == () and [item.kind for item in life.items] == ["shut"]
    assert told([]).items == ()


def test_a_person_is_never_named(history):
    life = told(seen_by(history, "cn-regulator"), history)
    assert any("a person, not named" in str(row.holder) for row in life.hands)


def test_masses_add_up_and_the_rest_is_said(history):
    masses = dict(told(seen_by(history, "cn-regulator"), history).masses)
    assert "Not accounted for" in masses


def test_the_health_that_was_measured_is_drawn_for_who_reads_the_whole_history(history):
    life = told(seen_by(history, "cn-regulator"), history)
    reported = [event.number("assessedStateOfHealth") for event in history.timeline]
    measured = [value for value in reported if value is not None]
    assert len(measured) > 1 and len(life.health.rows) == len(measured)
    assert [row[-1] for row in life.health.rows] == [Words("en").percent(value) for value in measured]
    facts = {str(name): str(value) for name, value in life.facts}
    assert facts["Last state of health"] == Words("en").percent(measured[-1])
    assert told(seen_by(history, "legitimate-interest")).health is None


@each("withdrawn", [False, True])
def test_a_corrected_event_stays_and_leads_to_its_correction(history, withdrawn):
    seen = seen_by(history, "cn-regulator")
    repair = next(each for each in seen if each.event.kind == "repair")
    fields = {"eventWithdrawn": True} if withdrawn else {}
    correction = replace(
        repair.event, id="urn:correction", kind="correct", corrects=repair.event.id, fields=fields,
        instant=seen[-1].event.instant + timedelta(days=1), vehicle=(), parts=(),
    )  # fmt: skip
    position = len(seen) + 1
    life = told([*seen, replace(repair, position=position, event=correction)], None)
    items = {item.number: item for item in life.items}
    name = "Withdrawn by" if withdrawn else "Corrected by"
    assert dict(items[str(repair.position)].facts)[name] == f'<a href="#e{position}">{position}</a>'
    assert items[str(repair.position)].kind == ("withdrawn" if withdrawn else "")
    assert dict(items[str(position)].facts)["Corrects"] == f'<a href="#e{repair.position}">{repair.position}</a>'
