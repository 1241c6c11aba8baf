"""A restart in each state, on either side: all that is in memory is gone, and the exchange goes on from the state file.

One dataspace serves all cases; each case is an exchange of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from passport.connector.decider import ExchangeStep, StepKind
from passport.connector.exchange_process import ExchangeKind, ExchangeProcess, ProcessState, Side
from passport.errors import IllegalStep
from tests.connector.companies import asked_for
from tests.connector.conftest import PART, copied
from tests.each import each

NEGOTIATION, TRANSFER = ExchangeKind.NEGOTIATION, ExchangeKind.TRANSFER
S = ProcessState


class Crash(RuntimeError):
    """The process ends here."""


@dataclass(frozen=True)
class OfferingFirst:
    """A provider that answers each request with its own offer, so that all states are passed."""

    standing: Any

    def next_step(self, process, *, at):
        first = process.kind is NEGOTIATION and process.side is Side.PROVIDER and process.state is S.REQUESTED
        if first and process.sent == 0:
            offer = self.standing.offer(process.dataset)
            return ExchangeStep(StepKind.OFFER, offer=offer.odrl(target=True))
        return self.standing.next_step(process, at=at)


class World:
    """Two companies; restarts keep the provider's way to negotiate."""

    def __init__(self, space):
        self.space, self.network = space, space.network
        self.sides = {Side.CONSUMER: space.members["packs"], Side.PROVIDER: space.members["cells"]}
        self.restart(Side.PROVIDER, Side.CONSUMER)

    def restart(self, *sides):
        for side in sides:
            company = self.sides[side]
            company.restart()
            if side is Side.PROVIDER:
                company.service = replace(company.service, decider=OfferingFirst(company.service.decider))
                company.answerer = company.node.answerer(company.service)
            company.service.resume(at=self.network.now)

    def process(self, side, pid):
        """The process of a side that the consumer calls ``pid``, or None."""
        state = self.sides[side].node.state
        row = state.process(pid)
        if side is Side.PROVIDER:
            consumer = self.sides[Side.CONSUMER].did
            rows = (state.process_of_peer(consumer, kind, side, pid) for kind in ExchangeKind)
            row = next((each for each in rows if each is not None), None)
        return None if row is None else ExchangeProcess.from_json(row.body)

    def state(self, side, pid):
        process = self.process(side, pid)
        return None if process is None else process.state

    def negotiation(self):
        return asked_for(self.sides[Side.CONSUMER], self.sides[Side.PROVIDER]).pid

    def transfer(self):
        pid = self.negotiation()
        self.go_on(pid, S.FINALIZED)
        agreement = self.process(Side.CONSUMER, pid).agreement_id
        return self.sides[Side.CONSUMER].service.begin_transfer(agreement, at=self.network.now).pid

    def send(self, side):
        return self.sides[side].service.send_due(at=self.network.now)

    def until(self, side, state, pid):
        """Send message by message until a side is in a state."""
        for number in range(20):
            if self.state(side, pid) is state:
                return
            self.send((Side.CONSUMER, Side.PROVIDER)[number % 2])
        raise AssertionError((side, state, self.state(side, pid)))

    def go_on(self, pid, end):
        """Let time pass and both send what they have, until both are at the end."""
        for _ in range(6):
            self.space.settle()
            if all(self.state(side, pid) is end for side in Side):
                return
            self.space.later(seconds=90)
        raise AssertionError({side: self.state(side, pid) for side in Side})

    def choose(self, side, pid, kind):
        company = self.sides[side]
        company.service.choose(self.process(side, pid).pid, ExchangeStep(kind), at=self.network.now)


@pytest.fixture(scope="module")
def world(joined, tmp_path_factory):
    return World(copied(joined, tmp_path_factory.mktemp("restarts")))


@each("side", list(Side))
@each("state", [S.BEGUN, S.REQUESTED, S.OFFERED, S.ACCEPTED, S.AGREED, S.VERIFIED, S.FINALIZED], ids=str)
def test_a_negotiation_goes_on_after_a_restart_in_each_state(world, side, state):
    pid = world.negotiation()
    if (side, state) == (Side.PROVIDER, S.BEGUN):
        # The provider knows nothing of it yet.
        assert world.state(side, pid) is None
    else:
        world.until(side, state, pid)
    world.restart(side)
    world.go_on(pid, S.FINALIZED)
    assert len({world.process(each, pid).agreement_id for each in Side}) == 1


@each("side", list(Side))
@each("state", [S.BEGUN, S.REQUESTED, S.STARTED, S.SUSPENDED, S.COMPLETED], ids=str)
def test_a_transfer_goes_on_after_a_restart_in_each_state(world, side, state):
    pid = world.transfer()
    if state is S.SUSPENDED:
        world.go_on(pid, S.STARTED)
        world.choose(side, pid, StepKind.SUSPEND)
    if state is S.COMPLETED:
        world.go_on(pid, S.STARTED)
        world.choose(side, pid, StepKind.COMPLETE)
    if (side, state) != (Side.PROVIDER, S.BEGUN):
        world.until(side, state, pid)
    world.restart(side)
    if state is S.COMPLETED:
        world.go_on(pid, S.COMPLETED)
        return
    if state is S.SUSPENDED:
        world.go_on(pid, S.SUSPENDED)
        world.choose(Side.PROVIDER, pid, StepKind.START)
    world.go_on(pid, S.STARTED)
    consumer = world.sides[Side.CONSUMER]
    assert consumer.node.consumer.pull(pid, at=world.network.now).content == PART
    world.choose(Side.CONSUMER, pid, StepKind.COMPLETE)
    world.go_on(pid, S.COMPLETED)


@each("side", list(Side))
@each("kind", list(ExchangeKind))
def test_a_terminated_process_stays_so_after_a_restart(world, kind, side):
    pid = world.negotiation() if kind is NEGOTIATION else world.transfer()
    world.send(Side.CONSUMER)
    world.choose(side, pid, StepKind.TERMINATE)
    world.send(side)
    world.restart(*Side)
    world.go_on(pid, S.TERMINATED)
    assert world.send(Side.CONSUMER) == world.send(Side.PROVIDER) == 0
    for item in Side:
        with pytest.raises(IllegalStep):
            world.choose(item, pid, StepKind.TERMINATE)


@each("arrived", [False, True], ids=["before", "after"])
@each(
    ("kind", "ending"),
    [
        (NEGOTIATION, "/negotiations/request"), (NEGOTIATION, "/offers"), (NEGOTIATION, "ACCEPTED"),
        (NEGOTIATION, "/agreement"), (NEGOTIATION, "/verification"), (NEGOTIATION, "FINALIZED"),
        (TRANSFER, "/transfers/request"), (TRANSFER, "/start"),
    ],
)  # fmt: skip
def test_a_sender_that_dies_before_or_after_its_message_arrived_goes_on(world, kind, ending, arrived):
    """The answer is never stored, so the restarted sender does not know whether its message came."""
    died = []

    def die(forward, method, url, body, authorization):
        if not died and (url.endswith(ending) or ending.encode() in body):
            died.append(url)
            if arrived:
                forward(method, url, body, authorization)
            raise Crash
        return forward(method, url, body, authorization)

    pid = world.negotiation() if kind is NEGOTIATION else world.transfer()
    world.network.intercept = die
    for number in range(12):
        side = (Side.CONSUMER, Side.PROVIDER)[number % 2]
        try:
            world.send(side)
        except Crash:
            world.restart(side)
            break
    assert len(died) == 1
    world.network.intercept = None
    world.go_on(pid, S.FINALIZED if kind is NEGOTIATION else S.STARTED)
    if kind is TRANSFER:
        assert world.sides[Side.CONSUMER].node.consumer.pull(pid, at=world.network.now).content == PART
