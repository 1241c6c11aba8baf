"""Faults as a list that one works through: in the order of sheet and row, each fault once.

* The same fault in several rows of one column is one entry that names the rows.
* Missing values of one row are one entry that names them all; packs that lack the same values share it.
* What was expected and found is added where the sentence does not hold it.
* Input that is not issued (severity ``loss``) is a list of its own, by reason.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from passport.battery.fault import Fault, Location, of_severity
from passport.battery.identifiers.identifier import shown
from passport.commands.terminal import console, text
from passport.exchange.records.fault_order import in_order
from passport.texts import ENGLISH, Message, say
from passport.vocabulary import vocabulary

_SUMS = {
    "violation": Message("{n} fault", plural="{n} faults"),
    "warning": Message("{n} warning", plural="{n} warnings"),
}
#: What is said where input would be lost and the caller has not allowed it.
LOSING = Message("Something that was read would not be issued: see above. Correct it, or allow it with --allow-loss.")
#: Rows or packs of one entry that are named before the rest is counted.
_NAMED = 8


def print_faults(name: str, faults: Sequence[Fault]) -> None:
    """All violations and warnings with their places."""
    faults = in_order(fault for fault in faults if fault.severity in _SUMS)
    if not faults:
        return
    counts = Counter(fault.severity for fault in faults)
    sums = [words.fill(n=counts[severity]) for severity, words in _SUMS.items() if counts[severity]]
    console.say(Message("{name} has {sums}", name=name, sums=sums))
    console.say()
    several_files = len({fault.location.file for fault in faults}) > 1
    done: set[int] = set()
    missing = _missing_together(faults)
    for fault in faults:
        if id(fault) in done:
            continue
        if fault.code == "missing":
            places, lists = missing[_row_key(fault)]
            if places:
                _print_missing(places, lists, several_files)
            missing[_row_key(fault)] = ([], lists)
            continue
        if fault.code == "gap" and fault.indicator is not None:
            gaps = [other for other in faults if other.code == "gap" and other.indicator is not None]
            done |= {id(other) for other in gaps}
            _print_gaps(gaps)
            continue
        alike = [other for other in faults if _kind_key(other) == _kind_key(fault)]
        done |= {id(other) for other in alike}
        _print_alike(alike, several_files)
    console.say()


def print_losses(name: str, faults: Iterable[Fault]) -> None:
    """What was read and is not issued, by reason; each value with its place."""
    losses = in_order(of_severity("loss", faults))
    if not losses:
        return
    count = Message(
        "{name}: {n} value is read and not issued",
        plural="{name}: {n} values are read and not issued",
        name=name,
        n=len(losses),
    )
    console.say(count)
    by_reason: dict[str, list[Fault]] = {}
    for fault in losses:
        by_reason.setdefault(console.spoken(fault.message), []).append(fault)
    several_files = len({fault.location.file for fault in losses}) > 1
    for reason, alike in by_reason.items():
        _say(reason, 2)
        for fault in alike:
            parts = [_head(fault.location, fault.indicator, several_files), console.spoken(fault.found or "")]
            _say("  ".join(filter(None, parts)), 4)
    console.say()


# --- one entry --------------------------------------------------------------------------------------------------------


def _print_alike(alike: Sequence[Fault], several_files: bool) -> None:
    fault = alike[0]
    head = _head(fault.location, fault.indicator, several_files, rows=[other.location.row for other in alike])
    if fault.severity != "violation":
        head = console.spoken(Message("{place}  (warning)", place=head))
    _say(head, 0)
    if message := console.spoken(fault.message):
        _say(message, 4)
    sentence = say(fault.message, ENGLISH)
    for words, what in ((Message("expected {expected}"), fault.expected), (Message("found {found}"), fault.found)):
        if what is not None and "expected" not in sentence and say(what, ENGLISH) not in sentence:
            key = "expected" if what is fault.expected else "found"
            _say(console.spoken(words.fill(**{key: what})), 4)
    if fault.hint is not None:
        _say(console.spoken(Message("hint: {hint}", hint=fault.hint)), 4)


def _print_gaps(gaps: Sequence[Fault]) -> None:
    """What a peer's file could say and does not, by name."""
    head = Message("the file does not say {n} value that its format has a place for",
                   plural="the file does not say {n} values that its format has places for", n=len(gaps))  # fmt: skip
    _say(console.spoken(Message("{place}  (warning)", place=head)), 0)
    for fault in gaps:
        _say(f"{fault.location.pointer}  {_label(fault)}", 4)


def _print_missing(places: Sequence[Location], lists: Sequence[tuple[Fault, ...]], several_files: bool) -> None:
    first = places[0]
    if first.pack is not None:
        packs = _some([place.pack or "" for place in places])
        where = Message("no row for {n} pack: {packs}", plural="no row for {n} packs: {packs}", n=len(places),
                        packs=packs)  # fmt: skip
        _say("  ".join(filter(None, [_head(first, None, several_files), console.spoken(where)])), 0)
    elif first.sheet is not None:
        _say(_head(first, None, several_files, rows=[place.row for place in places]), 0)
    else:
        _say(_some([_head(place, None, several_files) for place in places]), 0)
    for faults in lists:
        expected = faults[0].expected
        regimes = expected.values.get("regimes") if isinstance(expected, Message) else None
        if regimes is None:
            for fault in faults:
                _say(console.spoken(fault.message), 4)
            continue
        due = Message("{n} value due under {regimes}: {names}", plural="{n} values due under {regimes}: {names}",
                      n=len(faults), regimes=regimes, names="; ".join(map(_label, faults)))  # fmt: skip
        _say(console.spoken(due), 4)


def _label(fault: Fault) -> str:
    known = vocabulary.load().indicators.get(fault.indicator or "")
    return f"{console.spoken(known.label)} ({known.id})" if known else str(fault.indicator)


def _head(place: Location, indicator: str | None, several_files: bool, rows: Sequence[int | None] = ()) -> str:
    """A place on one line: names of sheets, headings and keys are a stranger's, whatever is in them."""
    numbers = [row for row in dict.fromkeys(rows or [place.row]) if row is not None]
    row = [console.spoken(Message("row {row}", row=number)) for number in numbers[:1]]
    if len(numbers) > 1:
        row = [console.spoken(Message("rows {rows}", rows=_some([str(number) for number in numbers])))]
    if place.sheet is None:
        where = [*row, place.pointer or place.file]
    elif len(numbers) > 1:
        where = [place.sheet, *row, place.column or ""]
    else:
        where = [place.sheet, *row, place.cell or place.column or ""]
    where = [place.file, *where] if several_files and where != [place.file] else where
    heading = " ".join((place.heading or indicator or "").split())
    return "  ".join(shown(part, 200) for part in [*where, heading] if part)


def _some(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return ", ".join(names)
    rest = Message("and {number} more", number=len(names) - _NAMED + 1)
    return f"{', '.join(names[: _NAMED - 1])} {console.spoken(rest)}"


def _say(words: str, indent: int) -> None:
    """One entry's line, broken at the width of a terminal; in a file or a pipe it stays one line."""
    lead = " " * indent
    if not text.is_terminal(sys.stdout):
        console.say(lead + words)
        return
    for line in text.wrap(lead + words, text.columns(), indent=indent + 2 if indent else 4):
        console.say(line)


# --- what belongs together --------------------------------------------------------------------------------------------


def _kind_key(fault: Fault) -> tuple[object, ...]:
    place = fault.location
    whose = () if place.sheet else (place.pointer,)
    sentences = (say(fault.message, ENGLISH), str(fault.expected), str(fault.found), str(fault.hint))
    return (fault.severity, fault.code, place.file, place.sheet, place.column, place.heading, *whose, *sentences)


def _row_key(fault: Fault) -> tuple[object, ...]:
    place = fault.location
    return (place.file, place.sheet, place.row, place.pointer, place.pack)


def _missing_together(
    faults: Sequence[Fault],
) -> dict[tuple[object, ...], tuple[list[Location], tuple[tuple[Fault, ...], ...]]]:
    """For each row that lacks values: the rows that lack the same, under the first of them, and what they lack."""
    rows: dict[tuple[object, ...], dict[str, list[Fault]]] = {}
    for fault in faults:
        if fault.code == "missing":
            rows.setdefault(_row_key(fault), {}).setdefault(str(fault.expected), []).append(fault)
    together: dict[tuple[object, ...], tuple[list[Location], tuple[tuple[Fault, ...], ...]]] = {}
    first: dict[object, tuple[object, ...]] = {}
    for key, by_basis in rows.items():
        lists = tuple(tuple(each) for each in by_basis.values())
        place = lists[0][0].location
        alike = (place.file, place.sheet, place.pack is None, tuple(tuple(other.indicator for other in each)
                 for each in lists), tuple(by_basis), place.sheet is None and place.pointer)  # fmt: skip
        if alike in first:
            together[first[alike]][0].append(place)
            together[key] = ([], lists)
        else:
            first[alike] = key
            together[key] = ([place], lists)
    return together
