"""The parts of a pack: which module and cell is inside which, by GB/T 34014 codes.

A tree is a value. A module that goes out takes its cells with it. What a tree cannot know, that a part is in another
pack too, is a fact that the caller brings (see :class:`passport.lifecycle.surroundings.Surroundings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.lifecycle.event import PartChange
from passport.lifecycle.refusal import Refusal
from passport.texts import Message

#: Product type of a code -> what it may be directly inside.
_INSIDE: Mapping[str, tuple[str, ...]] = {"M": ("P",), "C": ("M", "P"), "P": ()}


@dataclass(frozen=True)
class PartsTree:
    """Part code -> code of what is around it.

    :param root: code of the pack, None before it has one.
    """

    root: str | None = None
    around: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __contains__(self, code: object) -> bool:
        return code in self.around

    def __iter__(self) -> Iterator[str]:
        return iter(self.around)

    def __len__(self) -> int:
        return len(self.around)

    def within(self, code: str) -> frozenset[str]:
        """Everything inside a part, at any depth, without the part itself."""
        inside: set[str] = set()
        level = {code}
        while level:
            level = {part for part, parent in self.around.items() if parent in level} - inside
            inside |= level
        return frozenset(inside)

    def taken_out(self, changes: Iterable[PartChange]) -> frozenset[str]:
        """All parts that leave with these changes."""
        gone: set[str] = set()
        for change in changes:
            if change.out and change.code in self.around:
                gone |= {change.code, *self.within(change.code)}
        return frozenset(gone)

    def changed(self, changes: Iterable[PartChange]) -> PartsTree:
        """The tree after the changes: first what goes out, then what comes in."""
        listed = tuple(changes)
        if not listed:
            return self
        gone = self.taken_out(listed)
        around = {code: parent for code, parent in self.around.items() if code not in gone}
        around.update((change.code, change.within) for change in listed if not change.out and change.within)
        return PartsTree(self.root, MappingProxyType(around))

    def objections(self, changes: Iterable[PartChange], *, new_pack: bool) -> tuple[Refusal, ...]:
        """The reasons against the changes; empty where they are allowed.

        :param new_pack: whether the pack is being made: then a part cannot be younger than the pack.
        """
        listed = tuple(changes)
        if not listed:
            return ()
        after = self.changed(change for change in listed if change.out)
        known = {*after.around, *([self.root] if self.root else [])}
        coming = [change for change in listed if not change.out]
        known |= {change.code for change in coming}
        refusals: list[Refusal] = []
        seen: set[str] = set()
        for change in listed:
            if change.out:
                if change.code not in self.around:
                    refusals.append(_not_inside(change.code))
                continue
            if change.code in after.around or change.code in seen or change.code == self.root:
                refusals.append(_twice(change.code))
            elif change.within is None or change.within not in known:
                refusals.append(_nowhere(change.code, change.within))
            else:
                refusals += _misplaced(change.code, change.within, self.root if new_pack else None)
            seen.add(change.code)
        return tuple(refusals)


def parsed_code(code: str) -> TractionBatteryCode:
    """A GB/T 34014 code, which several checks of one event ask for.

    :raises MalformedIdentifier: it is none.
    """
    return _parsed(code) if len(code) <= _LONGEST_CODE else TractionBatteryCode.parse(code)


_LONGEST_CODE = 24


@lru_cache(maxsize=4096)
def _parsed(code: str) -> TractionBatteryCode:
    return TractionBatteryCode.parse(code)


def code_objection(code: str) -> Refusal | None:
    """Why a text is no GB/T 34014 code; None where it is one."""
    try:
        parsed_code(code)
    except MalformedIdentifier as error:
        return Refusal(
            "malformed-code",
            Message("{code} is no GB/T 34014 code.", code=code),
            Message("Compare it with the plate: {detail}.", detail=error.detail),
        )
    return None


def _misplaced(code: str, within: str, pack: str | None) -> Iterator[Refusal]:
    malformed = [refusal for refusal in map(code_objection, (code, within)) if refusal is not None]
    if malformed:
        yield from malformed
        return
    part, parent = parsed_code(code), parsed_code(within)
    if parent.product_type not in _INSIDE[part.product_type]:
        yield Refusal(
            "part-above-its-parent",
            Message("{code} cannot be inside {within}.", code=code, within=within),
            Message("A cell is inside a module or a pack, a module inside a pack."),
        )
    if pack is not None and part.production_date > parsed_code(pack).production_date:
        yield Refusal(
            "part-younger-than-pack",
            Message(
                "Part {code} was made on {day}, after the pack {pack}.", code=code, day=part.production_date, pack=pack
            ),
            Message("Give the part that the pack was made with; report a later one as a repair."),
        )


def _twice(code: str) -> Refusal:
    return Refusal(
        "part-twice",
        Message("Part {code} is in this pack already.", code=code),
        Message("Name each part once; report that it went out before it comes in again."),
    )


def _nowhere(code: str, within: str | None) -> Refusal:
    if within is None:
        return Refusal(
            "part-without-parent",
            Message("Nothing says what part {code} is inside.", code=code),
            Message("Name the code of the pack or module around it."),
        )
    return Refusal(
        "unknown-parent",
        Message("Part {code} is said to be inside {within}, which is not in this pack.", code=code, within=within),
        Message("Name the pack, or a module that is in it."),
    )


def _not_inside(code: str) -> Refusal:
    return Refusal(
        "part-not-in-pack",
        Message("Part {code} is not in this pack.", code=code),
        Message("Name a part that is in it, or report first that it came in."),
    )
