"""Which inputs move the result most: what it does when one of them rises by a tenth, all else left as it is.

The cuts are left as they are too. The formulas are linear in every quantity, factor and share, so the effect of a line
is exact. The lifetime energy stands under the fraction: a tenth more of it lowers the result by one eleventh.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from passport.footprint.facts import facts
from passport.footprint.formulas import ONE, exactly, quotient
from passport.footprint.inventory import Inventory, known
from passport.footprint.method import Influence
from passport.footprint.result import FootprintResult
from passport.texts import Message

STEP = Decimal("0.1")


def influences(inventory: Inventory, result: FootprintResult, most: int) -> tuple[Influence, ...]:
    """The strongest ``most`` inputs."""
    found = [*_energy(result), *_lines(inventory, result), *_shares(inventory, result)]
    found.sort(key=lambda entry: (-abs(entry.effect), entry.input["en"]))
    return tuple(found[:most])


def _influence(result: FootprintResult, en: str, zh: str, kilograms: Decimal) -> Influence:
    effect = quotient(kilograms, result.energy.total)
    return Influence({"en": en, "zh": zh}, effect, quotient(kilograms * 100, result.total) if result.total else effect)


def _energy(result: FootprintResult) -> Iterator[Influence]:
    lowered = quotient(result.total, ONE + STEP) - result.total
    yield _influence(result, Message("usable energy"), lowered)
    yield _influence(result, Message("full equivalent cycles per year"), lowered)
    yield _influence(result, Message("warranty years"), lowered)


@exactly
def _lines(inventory: Inventory, result: FootprintResult) -> list[Influence]:
    effects: dict[tuple[str, str], Decimal] = {}
    words = {
        "materials": Message("mass"),
        "parts": Message("quantity"),
        "energy": Message("amount"),
        "emissions": Message("mass of gas"),
        "transport": Message("distance"),
        "end-of-life": Message("treatment at end of life"),
    }
    for line in result.lines:
        en, zh = words[line.key[0]]
        if line.key[0] == "end-of-life":
            name = (en, zh)
        else:
            item = {"en": line.item, "zh": line.item}
            listed = {"emissions": "gas", "transport": "mode"}.get(line.key[0])
            if listed:
                item = {language: facts().label(listed, line.item, language) for language in item}
            name = (f"{en} of {item['en']}, {line.group}", f"{line.group}：{item['zh']}的{zh}")
        effects[name] = effects.get(name, Decimal(0)) + line.emissions * STEP
    return [_influence(result, en, zh, kilograms) for (en, zh), kilograms in effects.items()]


@exactly
def _shares(inventory: Inventory, result: FootprintResult) -> list[Influence]:
    """Recycled and recovered shares, and A."""
    full = result.boundary == "full"
    allocation = result.allocation
    recycled: dict[tuple[str, str], Decimal] = {}
    by_allocation = Decimal(0)
    for line in result.lines:
        if line.key[0] != "materials" or line.stage != "raw-materials":
            continue
        material = inventory.materials[line.key[1]]
        mass, share, virgin = line.quantity, material.recycled_share, known(material.virgin)
        if share:
            per_kg = (material.recycled or Decimal(0)) - virgin + (allocation * virgin if full else 0)
            name = Message("recycled share of {name}, {component}", name=material.name, component=material.component)
            recycled[name] = recycled.get(name, Decimal(0)) + mass * share * per_kg * STEP
        if full and material.recovered_share:
            name = Message("recovered share of {name}, {component}", name=material.name, component=material.component)
            credit = -mass * material.recovered_share * allocation * virgin * STEP
            recycled[name] = recycled.get(name, Decimal(0)) + credit
        if full:
            by_allocation += mass * (share - material.recovered_share) * allocation * virgin * STEP
    found = [_influence(result, en, zh, kilograms) for (en, zh), kilograms in recycled.items()]
    if full and by_allocation:
        found.append(_influence(result, Message("allocation factor A"), by_allocation))
    return found
