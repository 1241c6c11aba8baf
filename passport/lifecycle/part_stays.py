"""A part is in one pack at a time: its stays in this pack, with the event, and in others must not overlap.

Stays are compared over all time, since a late report or a correction changes the past. A module of a pack that was
transformed as a whole belongs to the successors of that pack; one of a recycled pack is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from passport.lifecycle.effects import after
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import Ending, PackState
from passport.lifecycle.surroundings import PartStay
from passport.texts import Message


def stays(pack: str, events: Iterable[LifecycleEvent], codes: frozenset[str]) -> Mapping[str, tuple[PartStay, ...]]:
    """The stays of parts in one pack.

    :param events: of the pack by event time, with corrections applied.
    :param codes: of the parts; those that were never in it are left out.
    """
    state = PackState()
    since: dict[str, datetime] = {}
    by_part: dict[str, list[PartStay]] = {}
    for event in events:
        state = after(state, event)
        for code in codes:
            if code in state.parts:
                since.setdefault(code, event.instant)
            elif code in since:
                by_part.setdefault(code, []).append(PartStay(pack, since.pop(code), event.instant))
    for code, start in since.items():
        by_part.setdefault(code, []).append(PartStay(pack, start, None, state.ending))
    return {code: tuple(listed) for code, listed in by_part.items()}


def overlaps(
    own: Mapping[str, tuple[PartStay, ...]], others: Mapping[str, tuple[PartStay, ...]], origins: Iterable[str]
) -> Iterator[Refusal]:
    """Every part that would be in two packs at once.

    :param origins: packs that this one was made from.
    """
    known = set(origins)
    for code in sorted(own):
        for other in others.get(code, ()):
            if other.ending is Ending.TRANSFORMED and other.pack in known:
                continue
            if not any(_overlap(stay, other) for stay in own[code]):
                continue
            if other.ending is Ending.RECYCLED and other.until is None:
                yield Refusal(
                    "part-of-recycled-pack",
                    Message("Part {code} was recycled with {pack}.", code=code, pack=other.pack),
                    Message("Compare the code with the plate of the part."),
                )
            else:
                yield Refusal(
                    "part-in-another-pack",
                    Message("Part {code} is in {pack} at that time.", code=code, pack=other.pack),
                    Message("Report first that it went out of that pack."),
                )


def _overlap(stay: PartStay, other: PartStay) -> bool:
    return (stay.until is None or other.since < stay.until) and (other.until is None or stay.since < other.until)
