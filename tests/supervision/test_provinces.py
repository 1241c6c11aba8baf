"""The provinces of China: each has both names and a tile of its own."""

from __future__ import annotations

from passport.population.life import PROVINCES
from passport.supervision.provinces import provinces


def test_every_province_has_two_names_and_a_tile_of_its_own():
    known = provinces()
    assert len(known) == 34
    assert set(PROVINCES) <= set(known)
    assert len({(province.column, province.row) for province in known.values()}) == 34
    assert all(province.label["zh"] and province.label["en"] for province in known.values())
