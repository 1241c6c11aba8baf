"""What holds for every sequence of reports: no accepted sequence reaches an inconsistent state."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from passport.lifecycle import Accepted, History, LegalState, PartChange, Predecessor, catalogue
from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.judging import objections
from passport.lifecycle.part_stays import overlaps, stays
from passport.lifecycle.state import PackState
from tests.conftest import example_count
from tests.lifecycle.life_world import (
    CABINET,
    CABINET_CODE,
    CAR_1,
    CAR_2,
    CELLS,
    CODE,
    MODULES,
    NEW_MODULE,
    OTHER_CODE,
    OTHER_PACK,
    PACK,
    ROLES,
    RULES,
    World,
    car,
    day,
    did,
    digest_of,
)
from tests.lifecycle.story import STORY

PACKS = {PACK: CODE, OTHER_PACK: OTHER_CODE, CABINET: CABINET_CODE}
KINDS = tuple(kind for kind in catalogue().kinds if kind != "correct")
EVERY_PART = frozenset((*MODULES, *CELLS, NEW_MODULE))
IN_VEHICLE = ("fit", "sell_vehicle", "remove", "replace", "repair", "swap_out", "swap_in", "scrap_vehicle")
RECEIVERS = ("carmaker", "dealer", "workshop", "utiliser", "swapper")
MODULES_OUT = tuple(PartChange(module, None, out=True) for module in MODULES)


class Life(RuleBasedStateMachine):
    """Anybody reports anything at any time about three packs and two vehicles."""

    @initialize(beginnings=st.lists(st.sampled_from(["", "produced", "sold", "assessed"]), min_size=2, max_size=2))
    def begin(self, beginnings):
        self.world = World()
        for (pack, code), beginning in zip(PACKS.items(), beginnings, strict=False):
            if beginning == "assessed" and pack == PACK:
                self.world.assessed()
            elif beginning in ("sold", "produced"):
                vin = CAR_1 if pack == PACK else CAR_2
                getattr(self.world, beginning)(pack, code, *((vin,) if beginning == "sold" else ()))

    def proposal(self, pack, kind, actor, at, draw):
        """An event of a kind with what it needs, where the facts leave a choice drawn."""
        state = self.world.state(pack)
        fields, members = {}, {}
        if kind == "register_code":
            fields = {"packCode": PACKS[pack], **({"derivedFromPacks": (PACK,)} if pack == CABINET else {})}
            if pack == CABINET:
                members["parts"] = tuple(PartChange(module, CABINET_CODE) for module in MODULES[:2])
        if kind == "produce" and pack == CABINET:
            fields = {"batteryStatus": "repurposed"}
        if kind in ("place_on_market", "export"):
            fields = {"market": draw(st.sampled_from(["CN", "EU"]))}
        if kind == "assess":
            fields = {"assessmentDecision": draw(st.sampled_from(["reuse", "repurpose", "recycling"]))}
        if kind in IN_VEHICLE:
            members["vehicle"] = state.vehicle or car(draw(st.sampled_from([CAR_1, CAR_2])))
        if kind == "scrap_vehicle":
            fields = {"foundPackCodes": (PACKS[pack],)}
        if kind == "repair":
            coming = [(PartChange(code, PACKS[pack]),) for code in (MODULES[0], NEW_MODULE)]
            members["parts"] = draw(st.sampled_from([(), MODULES_OUT[:1], *coming]))
        if kind == "transform":
            members["parts"] = draw(st.sampled_from([(), MODULES_OUT[:2]]))
            fields = {"handledMass": (state.mass or 2) / 2}
        if kind == "recycle":
            fields = {"handledMass": state.mass}
        if kind == "send_out":
            members["counterpart"] = did(draw(st.sampled_from(RECEIVERS)))
        return self.world.event(kind, actor, at, pack=pack, fields=fields, **members)

    def latest(self, pack):
        return max((event.instant for event in self.world.history(pack).timeline), default=day("2027-07-20"))

    @rule(pack=st.sampled_from([PACK, PACK, OTHER_PACK, CABINET]), hours=st.integers(1, 72), data=st.data())
    def go_on(self, pack, hours, data):
        """Something that may happen next does."""
        at = self.latest(pack) + timedelta(hours=hours)
        holder = self.world.state(pack).holder
        held_by = holder.did.removeprefix("did:web:").removesuffix(".example") if holder and holder.did else ""
        start = data.draw(st.integers(0, len(KINDS) - 1))
        for kind in (*KINDS[start:], *KINDS[:start]):
            able = [actor for actor, roles in ROLES.items() if {*roles} & {*catalogue().kinds[kind].roles}]
            for actor in sorted(able, key=lambda actor: actor != held_by)[:2]:
                if isinstance(self.world.take(self.proposal(pack, kind, actor, at, data.draw)), Accepted):
                    return

    @rule(
        pack=st.sampled_from([PACK, PACK, OTHER_PACK, CABINET]),
        kind=st.sampled_from(KINDS),
        actor=st.sampled_from(sorted(ROLES)),
        data=st.data(),
    )
    def report(self, pack, kind, actor, data):
        """Anybody reports anything, late as a rule."""
        able = [name for name, roles in ROLES.items() if {*roles} & {*catalogue().kinds[kind].roles}]
        actor = data.draw(st.sampled_from([actor, *able]))
        instants = [event.instant for event in self.world.history(pack).timeline] or [self.latest(pack)]
        at = data.draw(st.sampled_from(instants)) + timedelta(minutes=data.draw(st.integers(-30, 30)))
        self.world.take(self.proposal(pack, kind, actor, at, data.draw))

    @rule(pack=st.sampled_from([PACK, OTHER_PACK]), data=st.data())
    def report_late_what_changes_little(self, pack, data):
        """A repair, another market, a vehicle on its way: reported after what came later."""
        kind = data.draw(st.sampled_from(["repair", "place_on_market", "report_lost"]))
        actor = {"repair": "workshop", "place_on_market": "maker", "report_lost": "police"}[kind]
        instants = [event.instant for event in self.world.history(pack).timeline] or [self.latest(pack)]
        at = data.draw(st.sampled_from(instants)) + timedelta(minutes=data.draw(st.integers(0, 30)))
        vehicle = self.world.history(pack).state_at(at).vehicle
        event = self.proposal(pack, kind, actor, at, data.draw)
        self.world.take(replace(event, vehicle=vehicle) if kind == "repair" and vehicle else event)

    @rule(pack=st.sampled_from(sorted(PACKS)), hours=st.integers(-100, 100), withdrawn=st.booleans(), data=st.data())
    def correct(self, pack, hours, withdrawn, data):
        history = self.world.history(pack)
        if not history.timeline:
            return
        event = data.draw(st.sampled_from(history.timeline))
        actor = event.actor.removeprefix("did:web:").removesuffix(".example")
        fields = {"eventWithdrawn": True} if withdrawn else {"correctedInstant": event.instant + timedelta(hours=hours)}
        at = max(event.instant, history.timeline[-1].instant) + timedelta(hours=1)
        self.world.report("correct", actor, at, pack=pack, corrects=event.id, fields=fields)

    @invariant()
    def every_event_is_legal_at_its_place_in_time(self):
        for history in self.world.histories.values():
            state = PackState()
            for event, after in history.states():
                refused = objections(state, event, CheckContext(RULES))
                assert refused == (), (event.kind, [refusal.code for refusal in refused])
                state = after

    @invariant()
    def the_chain_is_whole_and_the_state_is_that_of_the_chain(self):
        for history in self.world.histories.values():
            before = None
            for link in history.links:
                assert link.event.predecessor == before
                before = Predecessor(link.event.id, link.digest)
            again = History(history.pack, history.links)
            assert (again.state, again.timeline) == (history.state, history.timeline)

    @invariant()
    def the_facts_agree_with_each_other(self):
        for history in self.world.histories.values():
            for _, state in history.states():
                consistent(state)

    @invariant()
    def no_part_is_in_two_packs_at_any_time(self):
        histories = list(self.world.histories.values())
        spent = {history.pack: stays(history.pack, history.timeline, EVERY_PART) for history in histories}
        for one, other in combinations(histories, 2):
            origins = {*one.state.predecessors, *other.state.predecessors}
            assert list(overlaps(spent[one.pack], spent[other.pack], origins)) == []
            assert list(overlaps(spent[other.pack], spent[one.pack], origins)) == []


def consistent(state: PackState) -> None:
    """The facts of one state exclude each other where they must."""
    assert state.fitted or not state.in_use
    assert state.produced is not None or not state.fitted
    assert (state.status == "waste") == (state.legal is LegalState.WASTE)
    assert state.transit is None or state.holder.did == state.transit.sender
    assert state.passport is not None or not state.markets
    assert state.decision is None or state.retired_by is not None or state.waste
    assert state.mass is None or state.mass >= 0
    assert (state.ending is None) == (state.ended_by is None)
    assert state.ending is None or not state.fitted
    assert state.label in {None, *(code.code for code in catalogue().states.codes)}
    assert set(state.parts.around.values()) <= {*state.parts, state.code}
    assert CELLS[0] not in state.parts or MODULES[0] in state.parts


def test_no_sequence_of_accepted_events_reaches_an_inconsistent_state():
    run_state_machine_as_test(
        Life, settings=settings(max_examples=example_count(15), stateful_step_count=25, deadline=None)
    )


@settings(max_examples=example_count(25), deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_reports_are_accepted_does_not_matter_for_the_state(shuffler: random.Random):
    in_order = World()
    events = []
    for step in STORY:
        event = step.event(in_order)
        assert isinstance(in_order.take(event), Accepted)
        events.append(event)
    waiting = [event for event in events if event.pack == PACK]
    late = [event for event in waiting if shuffler.random() < 0.3]
    # Some reports come late, in any order, and are sent again until nothing more is accepted.
    queue = [event for event in waiting if event not in late]
    shuffler.shuffle(late)
    world = World()
    while queue or late:
        left = []
        for event in queue:
            again = replace(event, predecessor=world.history().head)
            if not isinstance(world.take(again), Accepted):
                left.append(event)
        if len(left) == len(queue) and not late:
            break
        queue, late = [*left, *late], []
    if not queue:
        assert world.state() == in_order.state()
        assert [event.id for event in world.history().timeline] == [event.id for event in in_order.history().timeline]


@settings(max_examples=example_count(30), deadline=None)
@given(st.integers(0, 20), st.integers(-48, 48))
def test_a_late_report_keeps_the_chain_and_takes_its_place_in_time(position: int, hours: int):
    world = World().sold()
    events = world.history().timeline
    at = events[position % len(events)].instant + timedelta(hours=hours)
    event = world.event("place_on_market", "maker", at, fields={"market": "EU"})
    decision = world.take(event)
    if isinstance(decision, Accepted):
        history = world.history()
        assert history.links[-1].event is event
        assert history.links[-1].late == decision.late == (at < events[-1].instant)
        assert [each.instant for each in history.timeline] == sorted(each.instant for each in history.timeline)
        assert history.head.digest == digest_of(event)
        assert decision.state == history.state
    else:
        assert world.history().timeline == events


def test_independent_events_commute():
    for first, second in (("hold", "place_on_market"), ("place_on_market", "hold")):
        world = World().produced()
        world.accept("issue_passport", "maker")
        at = {"place_on_market": day("2027-08-02"), "hold": day("2027-08-03")}
        world.accept(first, "authority" if first == "hold" else "maker", at[first])
        world.accept(second, "authority" if second == "hold" else "maker", at[second])
        assert world.state().held_by and world.state().markets == {"CN"}
        history = world.history()
        assert history.links[-1].late == (first == "hold")
        read_again = History.of(history.pack, [(link.event, link.digest) for link in history.links])
        assert [link.late for link in read_again.links] == [link.late for link in history.links]
