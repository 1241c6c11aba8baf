"""How long a large inventory takes, against summing its numbers alone.

    python benchmarks/footprint.py [LINES]

An inventory of 10,000 lines (materials with recycled content in 200 components, parts, energy, transport) is calculated
by the full boundary with cut-off and data quality. The ratio is to one pass over the same lines that multiplies each
quantity by its factor and adds up, with the same exact decimals: what no calculator can do without. Best of five.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter

from passport.footprint import calculate
from passport.footprint import footprint_report as reports
from passport.footprint.facts import facts
from passport.footprint.formulas import exactly
from passport.footprint.inventory.inventory import BoughtPart, Energy, Inventory, Leg, Material, Provenance, Quality

LIMIT = 1.0
_RATED = Provenance("a database", "CN", 2024, "secondary", "primary", Quality(1, 2, 3))


def inventory(lines: int) -> Inventory:
    """An inventory of so many lines; the same at every call."""
    materials = tuple(
        Material(
            f"component {n % 200}",
            f"material {n % 37}",
            Decimal(n % 97 + 1) / 8,
            Decimal(n % 23 + 1) / 4,
            Decimal(n % 11 + 1) / 8,
            Decimal(n % 5) / 10,
            Decimal(n % 7) / 10,
            provenance=_RATED,
        )
        for n in range(lines * 7 // 10)
    )
    tenth = lines // 10
    return Inventory(
        "M",
        "cn-mee-2024-63-draft-2025-03",
        "full",
        Decimal(100),
        Decimal(8),
        vehicle_class="light-non-commercial",
        end_of_life=Decimal(50),
        end_of_life_provenance=Provenance(factor_data="primary"),
        electricity="grid",
        materials=materials,
        parts=tuple(
            BoughtPart("c", f"part {n}", Decimal(n), "kg", Decimal("1.5"), provenance=_RATED) for n in range(tenth)
        ),
        energy=tuple(
            Energy("p", "cell", "heat", Decimal(n), "kWh", Decimal("0.5"), provenance=_RATED) for n in range(tenth)
        ),
        transport=tuple(Leg("leg", Decimal(n), Decimal(500), "road") for n in range(tenth)),
    )


@exactly
def summed(given: Inventory) -> Decimal:
    """One multiplication and one addition a line."""
    road = facts().number("mode", "road")
    total = Decimal(0)
    for line in given.materials:
        total += line.mass * line.virgin
    for line in given.parts:
        total += line.quantity * line.factor
    for line in given.energy:
        total += line.amount * line.factor
    for line in given.transport:
        total += line.mass * road
    return total


def best(function: Callable[[], object]) -> float:
    """Seconds of the fastest of five calls."""
    times = []
    for _ in range(5):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return min(times)


def main(lines: int) -> int:
    given = inventory(lines)
    summing = best(lambda: summed(given))
    calculating = best(lambda: calculate(given, software="benchmark"))
    explaining = best(lambda: reports.make(given, software="benchmark"))
    print(f"{lines:,} lines")
    print(f"summing alone      {summing * 1000:8.1f} ms")
    print(f"calculated         {calculating * 1000:8.1f} ms   {calculating / summing:6.1f} x summing")
    print(f"with explanations  {explaining * 1000:8.1f} ms   {explaining / summing:6.1f} x summing")
    kept = calculating < LIMIT or lines > 10_000
    print(f"limit              {LIMIT * 1000:8.1f} ms   {'kept' if kept else 'passed over'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
