"""Small inventories that a test states in a line."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from passport.footprint import FootprintResult, calculate
from passport.footprint.inventory.inventory import Inventory, Material, Provenance

PRIMARY = Provenance(factor_data="primary")
METHOD = "cn-mee-2024-63-draft-2025-03"


def material(component: str = "cell", name: str = "A", mass: str = "100", virgin: str = "10", **more) -> Material:
    for field in ("recycled", "recycled_share", "recovered_share", "end_of_life"):
        if field in more:
            more[field] = Decimal(more[field])
    return Material(component, name, Decimal(mass), Decimal(virgin), **{"provenance": PRIMARY, **more})


def inventory(*materials: Material, **more) -> Inventory:
    """100 kWh, a light vehicle not for hire, eight years: 48,000 kWh over the service life."""
    fields = {
        "model": "M",
        "method": METHOD,
        "boundary": "partial",
        "usable_energy": Decimal(100),
        "warranty_years": Decimal(8),
        "vehicle_class": "light-non-commercial",
        "materials": tuple(materials),
        "end_of_life_provenance": PRIMARY,
        **more,
    }
    return Inventory(**fields)


@pytest.fixture
def result_of() -> Callable[[Inventory], FootprintResult]:
    return lambda given: calculate(given, software="test 1")
