"""Changes to records that are valid, drawn from a seed: most of them small enough to leave the record valid."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Document = dict[str, Any]
#: An object or array, and a key or index in it.
Spot = tuple[Any, Any]

STRANGE: tuple[Any, ...] = (
    None, "", " ", "0", "-0", "+5", "1.", ".5", "00.10", "1e3", "NaN", "INF", "-1", "1" * 201, "\n", "5\n", "none",
    True, False, 0, 1, 2.5, -3, 10**40, [], {}, [[]], [{}], [None], {"en": "text", "EN": "text"},
    {"en": "a", "zh": "乙"}, {"no language": "x"}, {"en": 5}, "2026-02-30", "2026-06-18", "2026-06-18Z",
    "2026-06-18+14:00", "2026-06-18T09:40:00Z", "2026-06-18T09:40:00", "2026-06-18T09:40:00.1234567Z",
    "2026-06-18T24:00:00Z", "9999-12-31T23:59:59-14:00", "P1D", "PT5M", "https://a.example/x", "urn:x:y",
    "not an iri", "original", "repurposed", "lmt", "ev", "7439-92-1", "21324-40-3", "13800138000", "1M8GDM9AXKP042788",
    "７",
)  # fmt: skip


def spots(value: Any) -> Iterator[Spot]:
    """Every place of a value in a document."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from spots(value[key])


def _leaf(random: Random, document: Document) -> Spot:
    return random.choice([spot for spot in spots(document) if not isinstance(spot[0][spot[1]], dict | list)])


def _array(random: Random, document: Document) -> list[Any] | None:
    arrays = [spot[0][spot[1]] for spot in spots(document) if isinstance(spot[0][spot[1]], list)]
    return random.choice(arrays) if arrays else None


def remove(random: Random, document: Document) -> None:
    part = document[random.choice([name for name in ("model", "batch", "pack") if document[name]])]
    del part[random.choice(list(part))]


def remove_anything(random: Random, document: Document) -> None:
    owner, key = random.choice(list(spots(document)))
    del owner[key]


def nudge(random: Random, document: Document) -> None:
    """A number a little larger or smaller."""
    numbers = [
        (owner, key)
        for owner, key in spots(document)
        if isinstance(owner[key], str) and owner[key].replace(".", "", 1).isdigit() and len(owner[key]) < 8
    ]
    owner, key = random.choice(numbers)
    text = owner[key]
    at = random.randrange(len(text))
    if text[at].isdigit():
        owner[key] = text[:at] + str((int(text[at]) + random.choice((1, 9))) % 10) + text[at + 1 :]


def spell(random: Random, document: Document) -> None:
    """A number in another spelling."""
    owner, key = _leaf(random, document)
    if isinstance(owner[key], str):
        owner[key] = random.choice(("0{}", "{}.0", "{}0", "+{}", " {}", "{}\n", "-{}", "{}.")).format(owner[key])
    elif isinstance(owner[key], int):
        owner[key] = random.choice((float(owner[key]), str(owner[key]), bool(owner[key]), -owner[key]))


def strange(random: Random, document: Document) -> None:
    owner, key = _leaf(random, document)
    owner[key] = copy.deepcopy(random.choice(STRANGE))


def borrow(random: Random, document: Document) -> None:
    """A value from elsewhere in the document."""
    owner, key = random.choice(list(spots(document)))
    other, at = random.choice(list(spots(document)))
    owner[key] = copy.deepcopy(other[at])


def day(random: Random, document: Document) -> None:
    """A date or instant moved, or in another zone."""
    dated = [
        (owner, key)
        for owner, key in spots(document)
        if isinstance(owner[key], str) and owner[key][:2] == "20" and owner[key][4:5] == "-"
    ]
    if dated:
        owner, key = random.choice(dated)
        text = owner[key]
        year = random.choice((text[:4], "2025", "2027"))
        zone = random.choice((text[-1:], "+08:00", "-12:00", ".5Z", ".1234567Z", "", "Z"))
        owner[key] = f"{year}{text[4:-1]}{zone}"


def empty(random: Random, document: Document) -> None:
    array = _array(random, document)
    if array is not None:
        array.clear()


def repeat(random: Random, document: Document) -> None:
    array = _array(random, document)
    if array:
        array.append(copy.deepcopy(random.choice(array)))


def shorten(random: Random, document: Document) -> None:
    array = _array(random, document)
    if array:
        del array[random.randrange(len(array))]


def several(random: Random, document: Document) -> None:
    """An array where one value belongs, or one value where an array belongs."""
    owner, key = random.choice(list(spots(document)))
    value = owner[key]
    owner[key] = (value[0] if value else None) if isinstance(value, list) else [value] * random.choice((1, 2))


def move(random: Random, document: Document) -> None:
    """An indicator from one part of the record into another."""
    names = [name for name in ("model", "batch", "pack", "condition") if isinstance(document.get(name), dict)]
    source, target = (document[random.choice(names)] for _ in range(2))
    if source:
        key = random.choice(list(source))
        target[key] = source.pop(key)


def category(random: Random, document: Document) -> None:
    document["model"]["batteryCategory"] = random.choice(("ev", "lmt", "industrial", "stationary", "portable"))


CHANGES: tuple[Callable[[Random, Document], None], ...] = (
    *(remove, nudge, nudge, spell, day) * 3,
    *(remove_anything, strange, borrow, empty, repeat, shorten, several, move, category),
)


def mutant(random: Random, document: Document) -> Document:
    """A copy with one to three changes."""
    changed = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        random.choice(CHANGES)(random, changed)
        whole = all(isinstance(changed.get(name), dict) for name in document)
        if not whole or not changed["model"] or not changed["pack"]:
            return copy.deepcopy(document)
    return changed
