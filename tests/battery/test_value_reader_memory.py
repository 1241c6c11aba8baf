"""Values that were read before are read no second time, and read the same."""

from __future__ import annotations

from passport.battery import value_reader
from passport.battery.fault import Location
from passport.battery.value_reader import RecordBuilder
from passport.linked_data.strict_json import loads
from tests.each import each

VALUES: list[tuple[str, str, object]] = [
    ("pack", "serialNumber", "A-1"), ("pack", "serialNumber", "TBD"), ("pack", "serialNumber", "x\x00y"),
    ("pack", "serialNumber", None), ("pack", "serialNumber", ["A"]), ("pack", "serialNumber", ""),
    ("pack", "manufacturingDate", "2026-03-01"), ("pack", "manufacturingDate", "2026-03-01T00:00:00"),
    ("pack", "packTractionBatteryCode", "A-1"), ("pack", "no such indicator", "A-1"), ("pack", "gtin", "A-1"),
    ("model", "batteryMass", 1), ("model", "batteryMass", True), ("model", "batteryMass", loads("1.0")),
    ("model", "batteryMass", loads("1.00")), ("model", "batteryMass", "1"), ("model", "gtin", "9"),
    ("model", "labelMeaning", [{"subject": "qr code", "meaning": "Here"}]),
    ("model", "batteryChemistry", {"shortName": "LFP"}),
    ("model", "batteryChemistry", [{"shortName": "LFP", "other": 1}]), ("model", "batteryChemistry", []),
    ("model", "batteryChemistry", {"shortName": "N/A"}), ("condition", "stateOfCharge", "30.5"),
    ("condition", "stateOfCharge", {"value": "30.5", "recordedAt": "2026-03-01T00:00:00Z"}),
]  # fmt: skip


def read(part: str, name: str, value: object) -> tuple:
    builder = RecordBuilder(lambda *place: Location("f", pointer=str(place)))
    values = {"recordedAt": "2026-03-01T00:00:00Z", name: value} if part == "condition" else {name: value}
    return builder.part(part, values), builder.faults


def test_each_value_is_read_again_as_it_was_read_the_first_time(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(value_reader, "_remembered", lambda *_: None)
        patch.setattr(value_reader, "_usual_indicator", lambda *_: None)
        first = [repr(read(*each)) for each in VALUES]
    for _ in range(2):
        assert [repr(read(*each)) for each in VALUES] == first


def test_a_record_that_is_changed_changes_no_other():
    address = {"streetAddress": "1 Cell Road", "addressCountry": "DE"}
    one, other = (read("model", "manufacturerAddress", dict(address))[0]["manufacturerAddress"] for _ in range(2))
    one["streetAddress"] = "2 Cell Road"
    assert other == address == read("model", "manufacturerAddress", dict(address))[0]["manufacturerAddress"]


@each("text", ["A" * 501, "A" * 500])
def test_what_is_long_is_not_remembered(text):
    before = value_reader._placed_text.cache_info().currsize
    assert read("pack", "serialNumber", text)[0] == {"serialNumber": text}
    assert (value_reader._placed_text.cache_info().currsize > before) is (len(text) <= 500)
