"""The stories of ``passport demo --exchange``, and the merging of a supplier's part."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import FaultyRecord, UnreadableInput
from passport.exchange.records.supplier_part import merged
from passport.project import Project
from resolver.commands.exchange_story import FOLDER, ExchangeStage

RECORD = {"model": {"batteryCategory": "lmt"}, "pack": {"serialNumber": "1"}}


def test_the_demonstration_plays_both_stories_to_their_end(tmp_path):
    stage = ExchangeStage(tmp_path, datetime(2027, 3, 8, 9, 30, tzinfo=UTC))
    stage.play()
    stage.close()
    document = stage.document()
    told = [(step["who"], bool(step["digest"])) for step in document["steps"]]
    assert told == [
        ("authority", False), ("cells", False), ("packs", True), ("packs", True), ("packs", False), ("packs", False),
        ("recycler", True), ("recycler", True), ("recycler", False),
    ]  # fmt: skip
    assert "ended" in document["steps"][-1]["what"]
    # The packs were issued with what the maker of the cells gave.
    store = Project.open(tmp_path / FOLDER / "packs").open_store()
    assert len(store.packs()) == 3
    # What was agreed is the same on both sides, and each side logged what it saw.
    assert all(size > 5 for size in document["logged"].values())


@given(
    st.dictionaries(st.sampled_from(["batteryChemistry", "ratedCapacity", "facilityIdentifier"]), st.text(max_size=3))
)
def test_a_part_goes_to_the_sections_of_its_indicators_and_changes_nothing_else(part):
    whole = merged(RECORD, part)
    assert {name: value for section in whole.values() for name, value in section.items()} == {
        **part, "batteryCategory": "lmt", "serialNumber": "1",
    }  # fmt: skip
    assert RECORD == {"model": {"batteryCategory": "lmt"}, "pack": {"serialNumber": "1"}}
    assert merged(whole, part) == whole


def test_a_part_that_contradicts_the_record_is_not_merged():
    with pytest.raises(FaultyRecord):
        merged(RECORD, {"batteryCategory": "ev"})


def test_a_part_with_something_that_is_no_indicator_is_not_merged():
    with pytest.raises(UnreadableInput):
        merged(RECORD, {"price": "9.99"})
