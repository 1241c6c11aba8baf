"""Values that are hardly right together are warned of, and stop nothing."""

from __future__ import annotations

from passport.battery.plausibility import SHARES, implausible
from passport.battery.record_json import from_json
from tests.each import each


def found(condition=None, **model):
    document = {"model": {"batteryModelIdentifier": "M", **model}, "pack": {"serialNumber": "S"}}
    faults = implausible(from_json(document, "x"))
    assert {(fault.code, fault.severity) for fault in faults} <= {("implausible", "warning")}
    return [fault.indicator for fault in faults]


@each("name", ["initialRoundTripEnergyEfficiency", "cycleLifeTestDepthOfDischarge",
                                  "capacityThresholdForExhaustion"])  # fmt: skip
def test_a_per_cent_value_that_no_battery_has_is_a_fraction(name):
    assert found(**{name: "0.96"}) == [name] == found(**{name: "1"})
    assert found(**{name: "96"}) == [] == found(**{name: "0"})


def test_shares_that_are_all_below_one_are_fractions():
    assert found(**dict.fromkeys(SHARES[:3], "0.12")) == [SHARES[0]]
    assert found(**dict.fromkeys(SHARES[:2], "0.12")) == [], "two small shares may be right"
    assert found(**{**dict.fromkeys(SHARES[:3], "0.12"), SHARES[3]: "4"}) == []
    assert found(**dict.fromkeys(SHARES, "0")) == []


@each(
    ("mass", "energy", "warned"),
    [("540", "100", False), ("540000", "100", True), ("0.54", "100", True), ("3.1", "0.5", False), ("35", "1", False)],
)
def test_kilograms_for_a_kilowatt_hour(mass, energy, warned):
    assert (found(batteryMass=mass, ratedEnergy=energy) == ["batteryMass"]) is warned


def test_litres_for_a_kilowatt_hour_and_kilograms_for_a_litre():
    size = {"length": "2090", "width": "1290", "height": "145"}
    assert found(batteryMass="540", ratedEnergy="100", batteryDimensions=size) == []
    metres = {"length": "2.09", "width": "1.29", "height": "0.145"}
    assert found(batteryMass="540", ratedEnergy="100", batteryDimensions=metres) == ["batteryDimensions"] * 2


@each("value", ["x", "NaN", "1e400", "", True, "-5", "0"])
def test_no_content_makes_the_comparison_fail(value):
    found(batteryMass=value, ratedEnergy="100", batteryDimensions={"length": "1", "width": "1", "height": "1"})
    found(batteryMass="1", ratedEnergy=value)
