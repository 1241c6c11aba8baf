"""The vectors of the draft, and what must hold for every inventory."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import FaultyRecord, MixedMethods, UnknownMethod
from passport.footprint import METHODS, FootprintResult, average, calculate, compare, register
from passport.footprint.data_quality import class_of
from passport.footprint.facts import facts
from passport.footprint.formulas import lifetime_energy, per_functional_unit, raw_and_end_of_life
from passport.footprint.inventory.inventory import BoughtPart, Emission, Energy, Leg, Quality
from passport.footprint.result import Basis, Intensity, plain, rounded_parts
from passport.footprint.transport import emissions
from passport.texts import say
from tests.each import each

from .conftest import METHOD, PRIMARY, inventory, material

# --- the published example and the vectors made from the formulas -----------------------------------------------------


def test_the_worked_example_of_the_carbon_footprint_standard(result_of):
    energy = lifetime_energy(usable_kwh=Decimal(100), cycles_per_year=Decimal(60), years=Decimal(8))
    assert energy == 48000
    assert per_functional_unit(Decimal(7392), energy) == Decimal("0.154")
    result = result_of(
        inventory(
            material(mass="1", virgin="6091.008"),
            energy=(Energy("assembly", "pack", "gas", Decimal(1), "kWh", Decimal("1057.056"), provenance=PRIMARY),),
            transport=(Leg("to the maker", Decimal(1000), Decimal(1), "road", Decimal("243.936"), provenance=PRIMARY),),
            rated_energy=Decimal(100),
        )
    )
    assert (result.total, result.energy.total, result.per_functional_unit) == (7392, 48000, Decimal("0.154"))
    assert round(result.share("raw-materials"), 1) == Decimal("82.4")
    assert round(result.share("production"), 1) == Decimal("14.3")
    assert result.per_capacity == Intensity(Decimal("73.92"), Basis.CAPACITY)
    assert "implausible" not in {finding.code for finding in result.findings}
    parts = [stage / result.energy.total for stage in result.stages.values()]
    assert rounded_parts(parts, 3) == (
        (Decimal("0.127"), 0, Decimal("0.022"), Decimal("0.005")),
        Decimal("0.154"),
    )


@pytest.fixture
def formula_3():
    return inventory(
        material(recycled="3", recycled_share="0.2", recovered_share="0.9"), boundary="full", end_of_life=Decimal(50)
    )


def test_formula_3_counts_the_mass_and_the_treatment_once(result_of, formula_3):
    result = result_of(formula_3)
    assert result.total == 560
    assert result.stages["raw-materials"] == 960
    assert result.stages["end-of-life"] == -400
    assert raw_and_end_of_life([(Decimal(100), Decimal("5.1"))], Decimal(50)) == 560


def test_formula_3_as_printed_and_the_partial_boundary_are_other_figures(result_of, formula_3):
    result = result_of(formula_3)
    literal = METHODS[METHOD].readings(formula_3, result)[0]
    assert (literal.code, literal.total) == ("a-no-mass", Decimal("55.1"))
    assert literal.difference == literal.per_functional_unit - result.per_functional_unit
    assert result_of(replace(formula_3, boundary="partial")).total == 860


def test_treatment_per_material_is_an_option(result_of):
    two = inventory(
        material(end_of_life="20"),
        material(name="B", end_of_life="30"),
        boundary="full",
        end_of_life_counting="per-material",
    )
    assert result_of(two).stages["end-of-life"] == 50


def test_the_cut_off_moves_the_mass_to_the_highest_factor(result_of):
    given_ = inventory(
        material(mass="60", virgin="2"), material(name="B", mass="39.2"), material(name="C", mass="0.8", virgin="1")
    )
    result = result_of(given_)
    assert result.total == 520
    (cut,) = result.cut_offs
    assert (cut.name, cut.receiver, cut.mass, cut.difference) == ("C", "B", Decimal("0.8"), Decimal("7.2"))
    assert result_of(replace(given_, cut_off=False)).total == Decimal("512.8")
    (reading,) = METHODS[METHOD].readings(given_, result)
    assert (reading.code, reading.total) == ("h-no-cut-off", Decimal("512.8"))


def test_a_material_with_the_highest_factor_is_not_dropped(result_of):
    result = result_of(inventory(material(mass="99.5"), material(name="B", mass="0.5", virgin="100")))
    assert (result.total, result.cut_offs) == (1045, ())


def test_one_per_cent_exactly_is_not_dropped(result_of):
    assert result_of(inventory(material(mass="99"), material(name="B", mass="1", virgin="1"))).cut_offs == ()


def test_a_material_on_two_rows_is_not_dropped_for_being_divided(result_of):
    rows = [material(name="B", mass="0.6", virgin="1") for _ in range(2)]
    assert result_of(inventory(material(mass="98.8"), *rows)).cut_offs == ()


def test_transport_by_road_and_sea():
    legs = [Leg("road", Decimal(500), Decimal(300), "road"), Leg("sea", Decimal(500), Decimal(20000), "water")]
    assert emissions(legs) == Decimal("211.4")


@each(
    ("mode", "factor"),
    [("road", "0.076"), ("rail", "0.003"), ("water", "0.020"), ("air", "1.404")],
)
def test_each_mode_has_the_default_of_the_draft(mode, factor):
    assert emissions([Leg("leg", Decimal(1000), Decimal(1), mode)]) == Decimal(factor)


@each(("vehicle_class", "cycles"), [("light-non-commercial", 60), ("light-commercial", 360), ("medium-heavy", 250)])
def test_each_vehicle_class_has_its_cycles(result_of, vehicle_class, cycles):
    energy = result_of(inventory(material(), vehicle_class=vehicle_class)).energy
    assert (energy.cycles, energy.cycles_from, energy.total) == (cycles, vehicle_class, 800 * cycles)


def test_the_makers_cycles_go_before_those_of_the_class(result_of):
    given_ = inventory(material(), cycles_per_year=Decimal(80))
    result = result_of(given_)
    assert (result.energy.cycles, result.energy.cycles_from) == (80, "maker")
    (reading,) = METHODS[METHOD].readings(given_, result)
    assert (reading.code, reading.energy) == ("i-default-cycles", 48000)


def test_the_makers_cycles_without_a_basis_are_pointed_out(result_of):
    def codes(**more) -> set[str]:
        return {finding.code for finding in result_of(inventory(cycles_per_year=Decimal(80), **more)).findings}

    given_ = {"materials": (material(),)}
    assert "cycles-without-basis" in codes(**given_)
    assert "cycles-without-basis" not in codes(cycles_source="test report 12", **given_)


def test_rated_energy_is_another_reading(result_of):
    given_ = inventory(material(), rated_energy=Decimal(110))
    (reading,) = METHODS[METHOD].readings(given_, result_of(given_))
    assert (reading.code, reading.energy) == ("f-rated-energy", 52800)


def test_direct_emissions_count_by_their_potential(result_of):
    gas = Emission("coating", "cell", "n2o", Decimal(2))
    assert result_of(inventory(emissions=(gas,))).total == 546
    assert result_of(inventory(emissions=(gas,), gwp_set="ar5")).total == 530


@each(
    ("name", "factor"),
    [
        ("LFP cathode material", "7.9"),
        ("磷酸铁锂", "7.9"),
        ("三元正极材料", "22.5"),
        ("镍钴锰酸锂", "22.5"),
        ("NMC cathode material", "22.5"),
        ("ncm", "22.5"),
    ],
)
def test_the_cathode_materials_have_defaults_by_name(name, factor):
    assert facts().default_material(name).value == Decimal(factor)


# --- plausibility ----------------------------------------------------------------------------------


def test_per_kwh_of_capacity_is_never_compared_with_per_kwh_of_service_life(result_of):
    result = result_of(inventory(material(mass="835")))
    assert result.per_capacity.difference(Intensity(Decimal("83.5"), Basis.CAPACITY)) == 0
    with pytest.raises(MixedMethods):
        result.intensity.difference(result.per_capacity)


@each(("mass", "implausible"), [("599", True), ("600", False), ("980", False), ("981", True)])
def test_a_figure_outside_60_to_98_per_kwh_of_capacity_is_pointed_out(result_of, mass, implausible):
    codes = {finding.code for finding in result_of(inventory(material(mass=mass))).findings}
    assert ("implausible" in codes) is implausible


@each(
    ("unit", "factor", "points_out"),
    [
        ("kWh", "0.5777", False), ("MWh", "577.7", False), ("GJ", "25.2564", False), ("MJ", "0.5", False),
        ("MWh", "0.5777", True), ("kWh", "577.7", True), ("GJ", "0.0252564", True), ("MJ", "0.6", True),
        ("kWh", "0", False), ("kWh", "0.001", False), ("kWh", "0.0009", True), ("kWh", "2", False),
        ("m3", "2090", False),
    ],
)  # fmt: skip
def test_a_factor_that_was_left_at_another_unit_is_pointed_out(result_of, unit, factor, points_out):
    line = energy_line(unit=unit, factor=Decimal(factor))
    findings = result_of(inventory(material(), energy=(line,))).findings
    assert ("implausible-factor" in {finding.code for finding in findings}) is points_out


@each("name", ["virgin", "recycled"])
@each(
    ("factor", "points_out"),
    [("22.5", False), ("1000", False), ("22500", True), ("0", False), ("0.0001", False), ("0.00002", True)],
)
def test_a_factor_of_a_material_in_another_unit_is_pointed_out(result_of, name, factor, points_out):
    line = replace(material(), **{name: Decimal(factor)})
    findings = result_of(inventory(line)).findings
    assert ("implausible-factor" in {finding.code for finding in findings}) is points_out


@each(("factor", "points_out"), [("0.0001", True), ("0.05", False), ("50", True)])
def test_a_factor_of_transport_in_another_unit_is_pointed_out(result_of, factor, points_out):
    leg = Leg("to the maker", Decimal(1000), Decimal(1), "road", Decimal(factor), provenance=PRIMARY)
    findings = result_of(inventory(material(), transport=(leg,))).findings
    assert ("implausible-factor" in {finding.code for finding in findings}) is points_out


# --- data quality ----------------------------------------------------------------------------------


def secondary(*levels: int):
    return replace(PRIMARY, factor_data="secondary", source="a database", quality=Quality(*levels))


def test_only_secondary_data_are_rated_and_by_what_they_contribute(result_of):
    result = result_of(
        inventory(
            material(mass="300", provenance=secondary(1, 2, 3)),
            material(name="B", provenance=secondary(5, 5, 5)),
            material(name="C", mass="1000"),
        )
    )
    assert result.quality.rating == Decimal("2.75")
    assert (result.quality.category, result.quality.within_limit) == ("good", True)
    assert (result.quality.rated, result.quality.primary) == (4000, 10000)


def test_a_rating_above_three_is_pointed_out(result_of):
    result = result_of(inventory(material(provenance=secondary(3, 3, 4))))
    assert result.quality.within_limit is False
    assert "data-quality" in {finding.code for finding in result.findings}


@each(
    ("rating", "expected"),
    [
        ("1.4999", "excellent"),
        ("1.5", "very-good"),
        ("2.0", "very-good"),
        ("2.0001", "good"),
        ("3.0", "good"),
        ("3.5", "fair"),
        ("4.0", "fair"),
        ("4.0001", "poor"),
        ("5", "poor"),
    ],
)
def test_an_upper_bound_belongs_to_its_class_except_that_of_the_best(rating, expected):
    assert class_of(Decimal(rating)) == expected


def test_a_key_part_on_secondary_data_is_pointed_out(result_of):
    result = result_of(inventory(material(key_part=True, provenance=secondary(1, 1, 1))))
    assert "primary-data-raw-materials" in {finding.code for finding in result.findings}


def test_recycled_content_that_raises_the_result_is_pointed_out(result_of):
    def codes(recycled: str) -> set[str]:
        given_ = inventory(material(recycled=recycled, recycled_share="0.5"), boundary="full", end_of_life=Decimal(0))
        return {finding.code for finding in result_of(given_).findings}

    assert "recycled-content-raises" in codes("5.1")
    assert "recycled-content-raises" not in codes("5")


# --- a figure and its method ----------------------------------------------------------------------------------


class Toy:
    """Counts nothing but mass: a method is one more class behind the same interface."""

    id = "toy"
    label = {"en": "toy", "zh": "示例"}
    regime = "cn"
    boundaries = ("partial",)

    def calculate(self, inventory, *, software: str) -> FootprintResult:
        real = METHODS[METHOD].calculate(inventory, software=software)
        return replace(real, method=self.id, total=sum(line.mass for line in inventory.materials))


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setitem(METHODS, "unused", None)
    monkeypatch.delitem(METHODS, "unused")
    register(Toy())
    yield Toy()
    del METHODS["toy"]


def test_a_second_method_is_one_more_class(result_of, toy):
    assert result_of(inventory(material(mass="7"), method="toy")).total == 7


def test_results_of_different_methods_are_not_compared(result_of, toy):
    ours, toys = result_of(inventory(material())), result_of(inventory(material(), method="toy"))
    with pytest.raises(MixedMethods, match=METHOD):
        compare(ours, toys)
    with pytest.raises(MixedMethods):
        average([(ours, 1), (toys, 1)])


def test_results_of_different_boundaries_are_not_compared(result_of):
    partial = inventory(material())
    full = replace(partial, boundary="full", end_of_life=Decimal(0))
    with pytest.raises(MixedMethods, match="boundar"):
        compare(result_of(partial), result_of(full))


def test_results_of_one_method_are_compared_and_averaged(result_of):
    small, large = result_of(inventory(material())), result_of(inventory(material(mass="300")))
    assert compare(large, small) == large.per_functional_unit - small.per_functional_unit
    assert average([(small, 3), (large, 1)]) == per_functional_unit(Decimal(6000), Decimal(192000))


def test_a_result_says_how_it_came_about(result_of):
    result = result_of(inventory(material(provenance=secondary(2, 2, 2))))
    assert (result.method, result.boundary, result.software) == (METHOD, "partial", "test 1")
    assert result.functional_unit.startswith("1 kWh")
    assert result.factor_sources == ("a database",)


@each("changes", [{"method": "eu-pef"}, {"boundary": "cradle-to-grave"}])
def test_an_unknown_method_or_boundary_is_refused(changes):
    with pytest.raises(UnknownMethod):
        calculate(inventory(material(), **changes), software="test")


# --- for every inventory ----------------------------------------------------------------------------------

numbers = st.decimals(min_value=0, max_value=10000, places=3)
shares = st.decimals(min_value=0, max_value=1, places=3)
materials = st.lists(
    st.builds(
        lambda component, name, mass, virgin, recycled, share, recovered: material(
            component, name, mass, virgin, recycled=recycled, recycled_share=share, recovered_share=recovered
        ),
        st.sampled_from("xy"),
        st.sampled_from("ABCDE"),
        numbers,
        numbers,
        numbers,
        shares,
        shares,
    ),
    min_size=1,
    max_size=8,
)


def run(given_) -> FootprintResult:
    return METHODS[METHOD].calculate(given_, software="test")


@given(materials)
def test_mass_is_conserved(some):
    kept = [line for line in run(inventory(*some)).lines if line.stage == "raw-materials"]
    assert sum(line.quantity for line in kept) == sum(each.mass for each in some)


@given(materials, st.integers(2, 9))
def test_the_result_is_linear_in_masses(some, times):
    more = [replace(each, mass=each.mass * times) for each in some]
    full = {"boundary": "full", "end_of_life": Decimal(0)}
    assert run(inventory(*more, **full)).total == times * run(inventory(*some, **full)).total


@given(materials, st.integers(0, 7), numbers)
def test_the_result_does_not_fall_when_a_factor_rises(some, index, rise):
    index %= len(some)
    higher = [*some]
    higher[index] = replace(some[index], virgin=some[index].virgin + rise)
    assert run(inventory(*higher)).total >= run(inventory(*some)).total


@given(materials, numbers)
def test_partial_is_at_most_full_when_nothing_is_credited(some, treatment):
    plain_ = [replace(each, recovered_share=Decimal(0)) for each in some]
    full = inventory(*plain_, boundary="full", end_of_life=treatment)
    assert run(inventory(*plain_)).total <= run(full).total


@given(materials, st.randoms(use_true_random=False))
def test_the_order_of_inputs_is_irrelevant(some, chance: random.Random):
    shuffled = list(some)
    chance.shuffle(shuffled)
    first, second = run(inventory(*some)), run(inventory(*shuffled))
    assert (first.total, first.stages) == (second.total, second.stages)
    assert sorted(map(str, first.cut_offs)) == sorted(map(str, second.cut_offs))


@given(materials)
def test_a_cut_never_lowers_the_result(some):
    result, uncut = run(inventory(*some)), run(inventory(*some, cut_off=False))
    assert result.total >= uncut.total
    assert result.total - uncut.total == sum(cut.difference for cut in result.cut_offs)


@given(materials)
def test_every_line_is_its_quantity_times_its_terms_and_the_lines_add_up(some):
    result = run(inventory(*some, boundary="full", end_of_life=Decimal(3)))
    assert all(line.quantity * line.per_unit == line.emissions for line in result.lines)
    assert sum(line.emissions for line in result.lines) == result.total == sum(result.stages.values())


@given(materials)
def test_the_effect_of_an_input_is_what_a_tenth_more_of_it_does(some):
    given_ = inventory(*some, boundary="full", end_of_life=Decimal(3), cut_off=False)
    result = run(given_)
    effect = {say(each.input, "en"): each.effect for each in METHODS[METHOD].influences(given_, result, 99)}
    risen = run(replace(given_, allocation=Decimal("0.55"), allocation_proof="p"))
    moved = risen.per_functional_unit - result.per_functional_unit
    assert abs(effect.get("allocation factor A", Decimal(0)) - moved) < Decimal("1e-14")
    longer = run(replace(given_, warranty_years=Decimal("8.8"))).per_functional_unit - result.per_functional_unit
    assert abs(effect["warranty years"] - longer) < Decimal("1e-14")


@given(st.lists(st.decimals(min_value=-100, max_value=100, places=6), min_size=1, max_size=6), st.integers(0, 4))
def test_rounded_parts_add_up_and_are_off_by_less_than_a_unit(parts, places):
    rounded, whole = rounded_parts(parts, places)
    assert sum(rounded) == whole
    assert all(abs(one - other) < Decimal(1).scaleb(-places) for one, other in zip(rounded, parts, strict=True))


# --- bad input -------------------------------------------------------------------------------------------------------


def energy_line(**more):
    fields = {
        "process": "p",
        "step": "cell",
        "name": "heat",
        "amount": Decimal(1),
        "unit": "kWh",
        "factor": Decimal(1),
        "provenance": PRIMARY,
        **more,
    }
    return Energy(**fields)


BAD = {
    "a negative mass": (inventory(material(mass="-1")), "negative-mass"),
    "a recycled share above one": (inventory(material(recycled="1", recycled_share="1.2")), "share-above-one"),
    "a recovered share above one": (inventory(material(recovered_share="20")), "share-above-one"),
    "an unknown unit": (
        inventory(parts=(BoughtPart("b", "BMS", Decimal(1), "box", Decimal(1), provenance=PRIMARY),)),
        "unknown-unit",
    ),
    "an unknown mode": (inventory(transport=(Leg("l", Decimal(1), Decimal(1), "pipeline"),)), "unknown-mode"),
    "an unknown gas": (inventory(emissions=(Emission("p", "cell", "xenon", Decimal(1)),)), "unknown-gas"),
    "a missing factor": (inventory(replace(material(), virgin=None)), "missing-factor"),
    "recycled content without its factor": (inventory(material(recycled_share="0.1")), "missing-factor"),
    "zero lifetime energy": (inventory(material(), usable_energy=Decimal(0)), "zero-lifetime-energy"),
    "no number of cycles": (inventory(material(), vehicle_class=None), "missing-cycles"),
    "a factor by another method": (inventory(material(provenance=replace(PRIMARY, method="eu-pef"))), "mixed-methods"),
    "another A without a reference": (inventory(material(), allocation=Decimal("0.2")), "allocation-without-proof"),
    "electricity without a treatment": (
        inventory(energy=(energy_line(name="electricity"),)),
        "missing-electricity-treatment",
    ),
    "electricity that nobody explains": (
        inventory(energy=(energy_line(treatment="national-mix"),)),
        "missing-electricity-treatment",
    ),
    "a secondary factor without levels": (
        inventory(material(provenance=replace(PRIMARY, factor_data="secondary", source="s"))),
        "missing-quality",
    ),
    "a level of six": (inventory(material(provenance=secondary(1, 6, 1))), "level-out-of-range"),
    "end of life twice": (
        inventory(material(end_of_life="1"), boundary="full", end_of_life=Decimal(1)),
        "end-of-life-twice",
    ),
    "a full boundary without end of life": (inventory(material(), boundary="full"), "missing-end-of-life"),
    "an infinite mass": (inventory(material(mass="Infinity")), "malformed-number"),
    "a mass of a hundred digits": (inventory(material(mass="9" * 100)), "number-too-long"),
    "nothing at all": (inventory(), "empty-inventory"),
}


@each("case", BAD)
def test_bad_input_has_one_clear_fault(case):
    given_, code = BAD[case]
    with pytest.raises(FaultyRecord) as caught:
        calculate(given_, software="test")
    (fault,) = caught.value.faults
    assert fault.code == code
    assert fault.expected and fault.found
    assert say(fault.message, "zh") != say(fault.message, "en")


def test_another_a_with_a_reference_is_taken(result_of, formula_3):
    result = result_of(replace(formula_3, allocation=Decimal("0.2"), allocation_proof="report 7, annex B"))
    assert result.total == 100 * (Decimal("0.4") + Decimal("0.6") + 8 - Decimal("1.8")) + 50
    assert (plain(result.allocation), result.allocation_proof) == ("0.2", "report 7, annex B")
