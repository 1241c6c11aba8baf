"""The accepted events of one pack: a chain in the order of acceptance, and a timeline in the order of event times.

* The chain only grows. Each link names the one before by id and digest.
* The state follows the timeline: event times, with corrections applied. Equal times keep the order of the chain.
* A history is a value; :meth:`History.with_event` gives another one. It judges nothing: what is accepted is decided by
  :func:`passport.lifecycle.decision.decide`.

    history = History.empty("https://battery.example/id/M1/1").with_event(register_code, digest)
    history.state.label                    # "Registered"
    history.head                           # Predecessor(id=…, digest=…)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from passport.lifecycle.effects import after
from passport.lifecycle.event import CORRECTION, LifecycleEvent, Predecessor
from passport.lifecycle.state import PackState

_START = PackState()


@dataclass(frozen=True)
class ChainLink:
    """One accepted event.

    :param digest: of its signed bytes.
    :param late: whether a later event had been accepted before it.
    """

    event: LifecycleEvent
    digest: str
    late: bool = False


class History:
    """The accepted events of one pack.

    :param pack: IRI.
    :param links: in the order of acceptance, all of that pack.
    """

    def __init__(self, pack: str, links: Iterable[ChainLink] = ()) -> None:
        self.pack = pack
        self.links = tuple(links)
        self._by_id: Mapping[str, ChainLink] = MappingProxyType({link.event.id: link for link in self.links})
        self.timeline = timeline(self.links)
        self.state = state_of(self.timeline)

    @classmethod
    def empty(cls, pack: str) -> History:
        """The history of a pack of which nothing was reported."""
        return cls(pack)

    @classmethod
    def of(cls, pack: str, events: Iterable[tuple[LifecycleEvent, str]]) -> History:
        """A history from accepted events with the digests of their signed bytes, in the order of acceptance.

        Which of them were late follows from their times.
        """
        links: list[ChainLink] = []
        latest: datetime | None = None
        for event, digest in events:
            late = event.kind != CORRECTION and latest is not None and event.instant < latest
            links.append(ChainLink(event, digest, late))
            if event.kind != CORRECTION:
                latest = event.instant if latest is None else max(latest, event.instant)
        return cls(pack, links)

    def with_event(self, event: LifecycleEvent, digest: str, state: PackState | None = None) -> History:
        """The history after an event that was accepted.

        :param state: after the event, as its decision has it; worked out where it is None.
        """
        link = ChainLink(event, digest, self.would_be_late(event))
        if event.kind == CORRECTION or link.late:
            return History(self.pack, (*self.links, link))
        # The usual case costs one step and no replay: a fleet's histories grow at their ends.
        grown = object.__new__(History)
        grown.pack = self.pack
        grown.links = (*self.links, link)
        grown._by_id = MappingProxyType({**self._by_id, event.id: link})
        grown.timeline = (*self.timeline, event)
        grown.state = after(self.state, event) if state is None else state
        return grown

    @property
    def head(self) -> Predecessor | None:
        """What the next event names as its predecessor; None where there is no event yet."""
        return Predecessor(self.links[-1].event.id, self.links[-1].digest) if self.links else None

    def __len__(self) -> int:
        return len(self.links)

    def get(self, id_: str) -> ChainLink | None:
        """The link of an event as it was reported, None where it is none of this history."""
        return self._by_id.get(id_)

    def effective(self, id_: str) -> LifecycleEvent | None:
        """An event with its corrections applied; None where it was withdrawn or is none of this history."""
        return next((event for event in self.timeline if event.id == id_), None)

    def would_be_late(self, event: LifecycleEvent) -> bool:
        """Whether the event happened before one that is accepted already."""
        return event.kind != CORRECTION and bool(self.timeline) and event.instant < self.timeline[-1].instant

    def states(self) -> Iterator[tuple[LifecycleEvent, PackState]]:
        """Each event with its corrections applied, and the state after it, by event time."""
        state = _START
        for event in self.timeline:
            state = after(state, event)
            yield event, state

    def state_at(self, instant: datetime) -> PackState:
        """The state just after all events of an instant or earlier."""
        return state_of(event for event in self.timeline if event.instant <= instant)


def timeline(links: Iterable[ChainLink]) -> tuple[LifecycleEvent, ...]:
    """The events of a chain by event time, with corrections applied, without withdrawn ones and corrections."""
    listed = tuple(links)
    happened: dict[str, LifecycleEvent] = {
        link.event.id: link.event for link in listed if link.event.kind != CORRECTION
    }
    for link in listed:
        corrected = happened.get(link.event.corrects or "") if link.event.kind == CORRECTION else None
        if corrected is not None:
            result = corrected.corrected_by(link.event)
            if result is None:
                del happened[corrected.id]
            else:
                happened[corrected.id] = result
    return tuple(sorted(happened.values(), key=lambda event: event.instant))


def state_of(events: Iterable[LifecycleEvent], start: PackState = _START) -> PackState:
    """The state after events in the order of their times."""
    state = start
    for event in events:
        state = after(state, event)
    return state
