"""Lines of an inventory that seem to lie outside of the system boundary, found by the words of ``fp:Exclusion``.

A word proves nothing: the result names such a line and keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from passport.footprint.facts import MethodFact, facts
from passport.footprint.inventory.inventory import BoughtPart, Inventory, InventoryLocation, Material


def outside_lines(inventory: Inventory) -> Iterator[tuple[str, MethodFact, InventoryLocation]]:
    """Name, kind of exclusion and place of each line that seems not to belong."""
    for name, place in _named_lines(inventory):
        kind = next((fact for fact in facts().lists["exclusion"].values() if _speaks_of(fact, name)), None)
        if kind is not None:
            yield name, kind, place


def _named_lines(inventory: Inventory) -> Iterator[tuple[str, InventoryLocation]]:
    goods: tuple[Material | BoughtPart, ...] = (*inventory.materials, *inventory.parts)
    for item in goods:
        yield f"{item.component}, {item.name}", item.place
    for line in inventory.energy:
        yield f"{line.process}, {line.name}", line.place
    for emission in inventory.emissions:
        yield emission.process, emission.place
    for leg in inventory.transport:
        yield leg.name, leg.place


def _speaks_of(fact: MethodFact, name: str) -> bool:
    folded = name.casefold()
    # A word of a script that sets no spaces is searched for as it is.
    return any(
        re.search(rf"\b{re.escape(word.casefold())}", folded) if word.isascii() else word in folded
        for word in fact.synonyms
    )
