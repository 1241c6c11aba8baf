"""What an auditor asks of a footprint: kinds of data, scores, gases, exclusions, the 95 % line, items of a report."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import replace
from decimal import Decimal

import pytest

from passport.errors import FaultyRecord, MalformedOntology
from passport.footprint import calculate, footprint_report, quality_scores
from passport.footprint.facts import FILE, facts, read
from passport.footprint.inventory import inventory_reading
from passport.footprint.inventory.inventory import BoughtPart, Emission, Energy, Leg, Provenance
from passport.linked_data import resources
from passport.texts import say
from tests.conftest import skip_unless
from tests.each import each

from .conftest import METHOD, PRIMARY, inventory, material

GENERAL = {
    "model": "M",
    "method": METHOD,
    "boundary": "partial",
    "usableEnergy": "100",
    "warrantyYears": "8",
    "vehicleClass": "light-non-commercial",
    "studyYear": 2026,
    "plantCountry": "CN",
}
LINE = {"component": "cell", "name": "graphite", "mass": "100", "virginFactor": "10", "source": "a database"}


DEFAULT = Provenance(factor_data="default")


def document(line: dict, **general) -> dict:
    return {"inventory": GENERAL | general, "materials": [LINE | line]}


def codes(error: pytest.ExceptionInfo) -> list[str]:
    return [fault.code for fault in error.value.faults]


def finding_codes(given_) -> set[str]:
    return {finding.code for finding in calculate(given_, software="test").findings}


# --- the parts stage -------------------------------------------------------------------------------------------------


def test_energy_and_direct_emissions_of_parts_count_in_their_stage(result_of):
    result = result_of(
        inventory(
            material(),
            energy=(
                Energy("die casting", None, "gas", Decimal(10), "kWh", Decimal(2), provenance=PRIMARY, stage="parts"),
            ),
            emissions=(Emission("anodising", None, "cf4", Decimal("0.001"), stage="parts"),),
        )
    )
    assert result.stages["parts"] == Decimal("27.38")
    assert result.stages["production"] == 0


def test_a_process_of_production_without_its_step_is_refused():
    with pytest.raises(FaultyRecord) as error:
        calculate(inventory(emissions=(Emission("coating", None, "co2", Decimal(1)),)), software="test")
    assert codes(error) == ["missing-value"]


def test_energy_of_another_stage_than_parts_and_production_is_refused():
    line = Energy("x", None, "gas", Decimal(1), "kWh", Decimal(1), provenance=PRIMARY, stage="distribution")
    with pytest.raises(FaultyRecord) as error:
        calculate(inventory(energy=(line,)), software="test")
    assert codes(error) == ["unknown-stage"]


# --- kinds of data, and the method's own value -----------------------------------------------------------------------


def test_the_order_of_preference_is_primary_secondary_default(result_of):
    assert list(facts().lists["data-kind"]) == ["primary", "secondary", "default"]
    taken = inventory_reading.from_json(document({"name": "磷酸铁锂", "virginFactor": None}), "f")
    (finding,) = [each for each in result_of(taken).findings if each.code == "default-taken"]
    assert "磷酸铁锂" in finding.message and "Primary" in finding.message
    assert result_of(taken).by_data_kind == {"default": 790}
    assert "default-taken" not in finding_codes(inventory(material()))


@each(
    "line",
    [
        {"name": "磷酸铁锂", "virginFactor": "6.0", "factorData": "default"},
        {"name": "graphite", "virginFactor": "6.0", "factorData": "default"},
    ],
)
def test_an_own_value_called_a_default_is_refused(line):
    with pytest.raises(FaultyRecord) as error:
        inventory_reading.from_json(document(line), "f")
    assert codes(error) == ["not-the-default"]


def test_the_methods_value_written_out_is_a_default():
    given_ = document({"name": "LFP", "virginFactor": "7.90", "factorData": "default"})
    assert inventory_reading.from_json(given_, "f").materials[0].provenance.factor_data == "default"


def test_no_default_is_taken_where_the_line_says_that_its_factor_is_primary():
    with pytest.raises(FaultyRecord) as error:
        inventory_reading.from_json(document({"name": "LFP", "virginFactor": None, "factorData": "primary"}), "f")
    assert codes(error) == ["missing-factor"]


@each(
    "more",
    [
        {"parts": (BoughtPart("pack", "BMS", Decimal(1), "piece", Decimal(5), provenance=DEFAULT),)},
        {"energy": (Energy("x", "pack", "gas", Decimal(1), "kWh", Decimal(1), provenance=DEFAULT),)},
        {"transport": (Leg("x", Decimal(1), Decimal(1), "road", Decimal("0.1"), provenance=DEFAULT),)},
        {"boundary": "full", "end_of_life": Decimal(5), "end_of_life_provenance": DEFAULT},
    ],
)  # fmt: skip
def test_a_default_is_refused_where_the_method_has_none(more):
    with pytest.raises(FaultyRecord) as error:
        calculate(inventory(material(), **more), software="test")
    assert codes(error) == ["not-the-default"]


@each("name", ["NCA", "nca-cathode", "镍钴铝酸锂", "NCA cathode material"])
def test_nca_does_not_take_the_factor_of_ncm(name):
    assert facts().default_material(name) is None
    with pytest.raises(FaultyRecord) as error:
        inventory_reading.from_json(document({"name": name, "virginFactor": None, "factorData": "primary"}), "f")
    (fault,) = error.value.faults
    assert fault.code == "missing-factor" and "NCA" in fault.hint


def test_materials_are_named_as_the_draft_names_them():
    assert [fact.label["zh"] for fact in facts().lists["material"].values()] == ["磷酸铁锂", "镍钴锰酸锂"]


# --- scores of data quality ------------------------------------------------------------------------------------------


@each(("released", "level"), [(2027, 1), (2026, 1), (2025, 2), (2024, 2), (2023, 3), (2022, 3), (2020, 4), (2019, 5)])
def test_time_is_scored_by_the_release_year_of_the_database(released, level):
    assert quality_scores.time_level(released, 2026) == level
    assert quality_scores.time_level(None, 2026) is None is quality_scores.time_level(released, None)


@each(
    ("valid_for", "country", "level"),
    [
        ("CN", "CN", 1), ("CN", "CN-AH", 1), ("cn-ah", "CN-AH", 1), ("RAS", "CN", 2), ("EU", "DE", 2), ("GLO", "CN", 3),
        ("RoW", "CN", 3), ("DE", "CN", 5), ("EU", "CN", 5), ("RER", "CN-AH", 5), ("CN-AH", "CN", None),
        ("??", "CN", None), (None, "CN", None), ("CN", None, None),
    ],
)  # fmt: skip
def test_geography_is_scored_by_region(valid_for, country, level):
    assert quality_scores.geography_level(valid_for, country) == level


def test_levels_left_out_come_from_the_tables():
    line = {"databaseYear": 2023, "geography": "RAS", "technologyLevel": 1}
    quality = inventory_reading.from_json(document(line), "f").materials[0].provenance.quality
    assert (quality.time, quality.technology, quality.geography) == (3, 1, 2)
    elsewhere = inventory_reading.from_json(document({**line, "processCountry": "DE"}), "f").materials[0]
    assert elsewhere.provenance.quality.geography == 5


def test_technology_is_never_scored_by_table():
    with pytest.raises(FaultyRecord) as error:
        inventory_reading.from_json(document({"databaseYear": 2023, "geography": "CN"}), "f")
    assert codes(error) == ["missing-quality"]


def test_a_stated_level_better_than_that_of_the_table_is_pointed_out():
    line = {"databaseYear": 2019, "geography": "DE", "timeLevel": 1, "technologyLevel": 1, "geographyLevel": 5}
    given_ = inventory_reading.from_json(document(line), "f")
    assert given_.materials[0].provenance.quality.time == 1
    found = [each for each in calculate(given_, software="t").findings if each.code == "level-better-than-table"]
    assert [each.place.pointer for each in found] == ["/materials/0/timeLevel"]


def test_a_country_that_is_no_code_is_refused():
    with pytest.raises(FaultyRecord) as error:
        inventory_reading.from_json(document({"factorData": "primary"}, plantCountry="China"), "f")
    assert codes(error) == ["unknown-country"]


def test_tables_that_were_not_read_are_marked():
    tables = (*facts().lists["time-level"].values(), *facts().lists["geography-level"].values())
    assert tables and not any(fact.verified for fact in tables)
    assert facts().lists["mode"]["road"].verified


# --- gases -----------------------------------------------------------------------------------------------------------

POTENTIALS = {
    "co2": ("1", "1"), "ch4-fossil": ("29.8", "30"), "ch4-biogenic": ("27.0", "28"), "ch4": ("27.9", "28"),
    "n2o": ("273", "265"), "hfc-32": ("771", "677"), "hfc-134a": ("1526", "1300"), "cf4": ("7380", "6630"),
    "sf6": ("25200", "23500"), "nf3": ("17400", "16100"), "hfc-23": ("14600", "12400"), "hfc-125": ("3740", "3170"),
    "hfc-143a": ("5810", "4800"), "hfc-152a": ("164", "138"), "hfc-227ea": ("3600", "3350"),
    "hfc-236fa": ("8690", "8060"), "hfc-245fa": ("962", "858"), "hfc-365mfc": ("914", "804"),
    "c2f6": ("12400", "11100"), "c3f8": ("9290", "8900"), "so2f2": ("4630", "4090"), "r-410a": ("2255.5", "1923.5"),
}  # fmt: skip


def test_every_gas_has_its_potentials_of_both_reports():
    assert set(facts().gwp("ar6")) == set(POTENTIALS)
    for gas, (ar6, ar5) in POTENTIALS.items():
        assert (facts().gwp("ar6")[gas], facts().gwp("ar5")[gas]) == (Decimal(ar6), Decimal(ar5)), gas


def test_the_potentials_are_those_of_a_package_that_others_maintain():
    present = importlib.util.find_spec("globalwarmingpotentials") is not None
    skip_unless(present, "potentials", "globalwarmingpotentials is not installed")
    package = importlib.import_module("globalwarmingpotentials")
    names = {"n2o": "N2O", "nf3": "NF3", "cf4": "CF4", "c2f6": "C2F6", "c3f8": "C3F8", "sf6": "SF6"}
    names |= {code: code.replace("hfc-", "HFC") for code in POTENTIALS if code.startswith("hfc-")}
    for ours, data in (("ar6", package.data["AR6GWP100"]), ("ar5", package.data["AR5GWP100"])):
        for code, name in names.items():
            # The package rounds HFC-134a, as table 7.SM.7 does; table 7.15 has 1526.
            own = Decimal(1530) if (ours, code) == ("ar6", "hfc-134a") else facts().gwp(ours)[code]
            assert own == Decimal(str(data[name])), (ours, code)


def test_a_blend_of_shares_that_are_no_whole_stops_the_load():
    text = resources.read_text(FILE)
    with pytest.raises(MalformedOntology, match="blend"):
        read(text.replace('"hfc-32 0.5"', '"hfc-32 0.4"'))


# --- outside of the boundary -----------------------------------------------------------------------------------------


@each(
    "more",
    [
        {"parts": (BoughtPart("pack", "packaging film", Decimal(1), "kg", Decimal(5), provenance=PRIMARY),)},
        {"energy": (Energy("office heating", "pack", "gas", Decimal(1), "kWh", Decimal(1), provenance=PRIMARY),)},
        {"energy": (Energy("研发中心", "pack", "gas", Decimal(1), "kWh", Decimal(1), provenance=PRIMARY),)},
        {"transport": (Leg("transport to recycling", Decimal(1), Decimal(1), "road", provenance=PRIMARY),)},
    ],
)
def test_an_excluded_item_is_warned_of(more):
    assert "excluded-item" in finding_codes(inventory(material(), **more))


def test_an_ordinary_line_is_not_taken_for_an_excluded_item():
    assert "excluded-item" not in finding_codes(inventory(material(name="graphite"), material(name="binder")))


# --- the report ------------------------------------------------------------------------------------------------------


def test_the_report_draws_the_line_at_95_per_cent():
    given_ = inventory(*(material(name=name, mass=mass) for name, mass in [("A", "80"), ("B", "15.5"), ("C", "4.5")]))
    made = footprint_report.make(given_, software="test")
    assert [(name, share) for name, _, share in made.significant] == [("A", Decimal("0.8")), ("B", Decimal("0.955"))]
    assert made.to_json()["significant"][-1] == {"item": "B", "emissions": "155", "cumulativeShare": "0.955"}


def test_every_item_of_iso_14067_is_stated_or_named_as_not_stated():
    bare = {item.code: item.texts for item in footprint_report.make(inventory(material()), software="t").items}
    assert list(bare) == list(facts().lists["report-item"])
    assert not bare["uncertainty"] and not bare["interpretation"] and not bare["period"]
    told = replace(
        inventory(material(), material(name="B")),
        manufacturer="Maker",
        period="2026",
        statements={"uncertainty": "5 %", "limitations": "none known", "separate-emissions": "none"},
    )
    full = {item.code: item.texts for item in footprint_report.make(told, software="t").items}
    assert (full["uncertainty"], full["interpretation"], full["biogenic"]) == (("5 %",), ("none known",), ("none",))
    assert full["product"][0] == "Maker" and full["period"] == ("2026",)
    assert all(say(label, "zh") for item in footprint_report.make(told, software="t").items for label in [item.label])
