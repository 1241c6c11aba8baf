"""Values of Annex I and Annex XII of Regulation (EU) 2023/1542, with their days and sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from passport.vocabulary.annexes import LimitKind, annex_limits, limit
from tests.each import each


@each(
    ("kind", "subject", "day", "share"),
    [
        (LimitKind.CONTENT, "Hg", date(2027, 2, 18), "0.0005"),
        (LimitKind.CONTENT, "Cd", date(2027, 2, 18), "0.002"),
        (LimitKind.RECYCLING_EFFICIENCY, "lithium-based", date(2030, 12, 30), "65"),
        (LimitKind.RECYCLING_EFFICIENCY, "lithium-based", date(2030, 12, 31), "70"),
        (LimitKind.MATERIAL_RECOVERY, "Li", date(2027, 12, 31), "50"),
        (LimitKind.MATERIAL_RECOVERY, "Li", date(2031, 12, 31), "80"),
        *((LimitKind.MATERIAL_RECOVERY, metal, date(2027, 12, 31), "90") for metal in ("Co", "Cu", "Pb", "Ni")),
        *((LimitKind.MATERIAL_RECOVERY, metal, date(2031, 12, 31), "95") for metal in ("Co", "Cu", "Pb", "Ni")),
    ],
)
def test_a_value_of_an_annex_is_in_force_from_its_day(kind, subject, day, share):
    found = limit(kind, subject, day)
    assert found is not None and found.share == Decimal(share)


def test_before_its_day_a_value_is_not_in_force():
    assert limit(LimitKind.MATERIAL_RECOVERY, "Co", date(2027, 12, 30)) is None


def test_every_value_names_its_source_in_both_languages_and_none_claims_to_be_verified():
    for one in annex_limits():
        assert "Annex" in one.source["en"] and "附件" in one.source["zh"] and one.label["zh"]
        assert not one.verified
