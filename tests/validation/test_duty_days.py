"""Which day's obligations bind a battery, which batteries are spared, and least values that come into force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from passport.battery.record_json import from_json
from passport.texts import by_language, say
from passport.validation.completeness import reports
from passport.validation.validation_report import IndicatorState
from passport.validation.validator import validate
from passport.vocabulary.regime import read_regime
from passport.vocabulary.vocabulary import load, regimes
from tests.each import each
from tests.packs import CHINESE_FOOTPRINT

EU, CN = regimes()["eu"], regimes()["cn"]
ONTOLOGY = Path(__file__).resolve().parents[2] / "ontology"
CHECKED = date(2036, 9, 1)


def judged(record, *asked, on=CHECKED):
    return validate(record, asked or (EU, CN), on=on)


def placed(day: str, **changes):
    return {"/pack/placingOnMarketDate": day, **changes}


def codes(report) -> list[tuple[str, str | None, str]]:
    return [(fault.code, fault.indicator, fault.severity) for fault in report.faults]


# --- the day --------------------------------------------------------------------------------------------------------


def test_the_obligations_are_those_of_the_date_of_placing_on_the_market(pack_record):
    before = judged(pack_record("EV", placed("2027-02-17")), EU).regimes["eu"]
    after = judged(pack_record("EV", placed("2027-02-18")), EU).regimes["eu"]
    assert (before.on, before.placed, before.due) == (date(2027, 2, 17), True, 0)
    assert (after.on, after.placed, after.due) == (date(2027, 2, 18), True, 57)


def test_without_that_date_the_day_of_checking_stands_in_and_the_report_says_so(pack_record):
    given = judged(pack_record("EV", placed("2027-03-01")), EU, on=date(2027, 4, 1)).regimes["eu"]
    absent = judged(pack_record("EV"), EU, on=date(2027, 4, 1)).regimes["eu"]
    assert (given.on, absent.on) == (date(2027, 3, 1), date(2027, 4, 1))
    assert (given.to_json()["dayOf"], absent.to_json()["dayOf"]) == ("placing-on-market", "checking")
    assert say(given.day_in_words, "en") == "obligations of 1 March 2027, the date of placing on the market"
    assert "the date of placing on the market is not given" in say(absent.day_in_words, "en")
    assert "投放市场日期2027年3月1日" in say(given.day_in_words, "zh")
    assert "未填写投放市场日期" in say(absent.day_in_words, "zh")


def test_a_date_of_placing_on_the_market_after_the_day_of_checking_is_refused(pack_record):
    report = judged(pack_record("EV", placed("2028-01-01")), EU, on=date(2027, 12, 31))
    assert codes(report) == [("not-in-the-future", "placingOnMarketDate", "violation")]


def test_a_date_of_placing_on_the_market_before_the_battery_was_made_is_refused(pack_record):
    report = judged(pack_record("EV", placed("2020-01-01")), EU)
    assert codes(report) == [("placing-on-the-market", "placingOnMarketDate", "violation")]
    assert "不得早于生产日期" in say(report.faults[0].message, "zh")


def test_a_malformed_date_of_placing_on_the_market_moves_no_obligation(pack_record):
    report = judged(pack_record("EV", placed("2027-13-01")), EU, on=date(2027, 4, 1))
    assert codes(report) == [("malformed", "placingOnMarketDate", "violation")]
    assert (report.regimes["eu"].on, report.regimes["eu"].placed) == (date(2027, 4, 1), False)


# --- recycled content -----------------------------------------------------------------------------------------------


@each(
    ("day", "least", "severity"),
    [("2031-08-17", "16 %", "info"), ("2031-08-18", "16 %", "violation"), ("2036-08-18", "26 %", "violation")],
)
def test_a_recycled_share_below_the_minimum_is_a_fault_from_its_day_and_a_notice_before(
    day, least, severity, pack_record
):
    report = judged(pack_record("EV", placed(day)), EU)  # 12 % of the cobalt is recycled
    found = [*report.faults, *report.regimes["eu"].notices]
    (cobalt,) = [fault for fault in found if (fault.code, fault.indicator) == ("below-minimum", "recycledCobaltShare")]
    assert (cobalt.severity, cobalt.expected, cobalt.found) == (severity, f"at least {least}", "12 %")
    assert report.conforms is (severity == "info")
    message = by_language(cobalt.message)
    assert "Art. 8(" in message["en"] and "第8条第" in message["zh"] and least in message["zh"]


def test_light_means_of_transport_are_bound_by_the_later_step_only(pack_record):
    assert judged(pack_record("LMT", placed("2031-08-18")), EU).conforms
    assert not judged(pack_record("LMT", placed("2036-08-18")), EU).conforms


def test_a_metal_that_the_battery_does_not_hold_has_no_minimum(pack_record):
    report = judged(pack_record("ST", placed("2036-08-18")), EU)  # LFP: no cobalt, no nickel, no lead
    assert [fault.indicator for fault in report.faults] == ["recycledLithiumShare"]


@each("status", ["re-used", "repurposed", "remanufactured"])
def test_a_second_life_battery_is_exempt_from_recycled_content(status, pack_record):
    second = {"/condition/batteryStatus": status, "/pack/previousPassport": ["https://example.com/p/1"],
              "/model/recycledCobaltShare": ...}  # fmt: skip
    (report,) = reports(record := pack_record("LMT", placed("2036-08-18", **second)), judged(record, EU))
    assert "below-minimum" not in {code for code, _, _ in codes(judged(record, EU))}
    line = next(one for one in report.lines if one.indicator.id == "recycledCobaltShare")
    assert line.state is IndicatorState.NOT_APPLICABLE
    assert "exempt" in say(line.why, "en") and "豁免" in say(line.why, "zh")


# --- guidance, own readings -----------------------------------------------------------------------------------------


def test_points_62_and_63_are_not_to_be_filled_for_electric_vehicles_and_a_value_is_a_notice(pack_record):
    report = judged(pack_record("EV", placed("2027-02-18")), EU)
    notices = [one for one in report.regimes["eu"].notices if one.code == "not-to-be-filled"]
    assert [one.indicator for one in notices] == ["remainingCapacity", "remainingPowerCapability"]
    assert report.conforms and {one.severity for one in notices} == {"info"}
    assert "不填报、不展示" in say(notices[0].message, "zh")
    bare = pack_record("EV", placed("2027-02-18", **{"/condition/remainingCapacity": ...}))
    (made,) = reports(bare, judged(bare, EU))
    line = next(one for one in made.lines if one.indicator.id == "remainingCapacity")
    assert line.state is IndicatorState.NOT_APPLICABLE and "guidance" in say(line.why, "en")
    assert "指南" in say(line.why, "zh") and not line.to_do


def test_a_stricter_reading_of_ours_is_labelled_in_the_report(pack_record):
    record = pack_record("ST")
    (made,) = reports(record, judged(record, EU))
    line = next(one for one in made.lines if one.indicator.id == "expectedNumberOfCycles")
    assert line.to_json()["ownReading"] is True
    assert say(line.status, "en") == "Mandatory (stricter reading by this project)"
    assert "本项目更严格的解读" in say(line.status, "zh")
    other = next(one for one in made.lines if one.indicator.id == "batteryMass")
    assert "ownReading" not in other.to_json() and say(other.status, "en") == "Mandatory"


# --- China ----------------------------------------------------------------------------------------------------------


WITHOUT_CHINESE = {f"/model/{name}": ... for name in CHINESE_FOOTPRINT}


@each("name", ["Method", "Boundary"])
@each("day", ["2026-06-01", "2027-02-18"])
@each(("regime", "prefix"), [(EU, "carbonFootprint"), (CN, "chinaCarbonFootprint")], ids=["eu", "cn"])
def test_a_figure_without_its_method_or_boundary_is_noticed_on_any_day(pack_document, regime, prefix, day, name):
    stated = {"carbonFootprintMethod": "eu-jrc-2023", "carbonFootprintBoundary": "partial"} | {
        name: value for name, value in CHINESE_FOOTPRINT.items() if name.endswith(("Method", "Boundary"))
    }
    lacking_one = {key: value for key, value in stated.items() if key != f"{prefix}{name}"}
    document = pack_document("EV", placed(day))
    document["model"] = {key: value for key, value in document["model"].items() if key not in stated}
    for methods, noticed in ((stated, False), (lacking_one, True)):
        record = from_json({**document, "model": {**document["model"], **methods}}, "pack.json")
        report = judged(record, regime).regimes[regime.code]
        lacking = [one.indicator for one in report.notices if one.code == "part-missing"]
        assert (f"{prefix}{name}" in lacking) is noticed


@each("name", ["Method", "Boundary"])
def test_a_chinese_footprint_without_its_method_or_boundary_is_noticed(pack_record, name):
    gone = {f"/model/chinaCarbonFootprint{name}": ...}
    report = judged(pack_record("EV", placed("2027-01-01", **gone)), CN).regimes["cn"]
    assert f"chinaCarbonFootprint{name}" in [one.indicator for one in report.notices if one.code == "part-missing"]


def test_a_chinese_figure_is_none_of_the_eus(pack_record):
    record = pack_record("EV", placed("2027-03-01", **{"/model/batteryCarbonFootprint": ...}))
    assert ("missing", "chinaCarbonFootprint", "violation") not in codes(judged(record, CN))
    # The act of the EU is not adopted: as if it were, and in force.
    text = (ONTOLOGY / "regimes" / "eu.ttl").read_text("utf-8")
    pending = "meta:indicator bp:batteryCarbonFootprint ;\n    meta:pendingFor battery:ev"
    assert pending in text
    adopted = read_regime(text.replace(pending, pending.replace("pending", "mandatory")), "eu", load().indicators)
    states = [
        judged(one, adopted).regimes["eu"].states["batteryCarbonFootprint"]
        for one in (record, pack_record("EV", placed("2027-03-01")))
    ]
    assert states == [IndicatorState.MISSING, IndicatorState.PRESENT]


@each(
    ("indicator", "method"),
    [("carbonFootprintMethod", "cn-mee-2024-63-draft-2025-03"), ("chinaCarbonFootprintMethod", "eu-jrc-2023")],
)
def test_the_method_of_one_regime_is_refused_with_the_figure_of_the_other(pack_record, indicator, method):
    record = pack_record("EV", placed("2027-01-01", **{f"/model/{indicator}": method}))
    assert any(one == indicator and severity == "violation" for _, one, severity in codes(judged(record, CN)))


@each(("day", "due"), [("2026-12-31", False), ("2027-01-01", True)])
def test_china_asks_for_the_footprint_from_2027_and_before_it_is_on_trial(day, due, pack_record):
    record = pack_record("EV", placed(day, **WITHOUT_CHINESE))
    assert record.value("batteryCarbonFootprint"), "the EU's figure does not stand in for the Chinese one"
    assert (("missing", "chinaCarbonFootprint", "violation") in codes(judged(record, CN))) is due


@each(("energy", "due"), [("2", False), ("2.001", True)])
def test_china_asks_for_the_footprint_above_2_kwh_only(energy, due, pack_record):
    record = pack_record("EV", placed("2027-01-01", **WITHOUT_CHINESE | {"/model/ratedEnergy": energy}))
    report = judged(record, CN)
    assert (("missing", "chinaCarbonFootprint", "violation") in codes(report)) is due
    (made,) = reports(record, report)
    line = next(one for one in made.lines if one.indicator.id == "chinaCarbonFootprint")
    assert due or ("2 kWh" in say(line.why, "en") and "2 kWh以上" in say(line.why, "zh"))


def test_a_chinese_footprint_without_one_of_its_four_stages_is_noticed(pack_record):
    report = judged(pack_record("EV", placed("2027-01-01")), CN).regimes["cn"]
    (notice,) = [one for one in report.notices if one.code == "part-missing"]
    assert notice.indicator == "chinaCarbonFootprintEndOfLife" and "四个阶段" in say(notice.message, "zh")


def test_the_limit_for_reporting_is_said_in_the_report(pack_record):
    record = pack_record("EV")
    (made,) = reports(record, judged(record, CN))
    line = next(one for one in made.lines if one.indicator.id == "recyclingInboundRecord")
    assert line.to_json()["reportWithinDays"] == 30
    assert "within 30 days" in say(line.status, "en") and "30日内" in say(line.status, "zh")


# --- categories -----------------------------------------------------------------------------------------------------


@each(("category", "name"), [("portable", "便携式电池"), ("SLI", "启动、照明和点火（SLI）电池")])
def test_a_category_that_owes_no_passport_is_refused_and_told_so(category, name, pack_record):
    report = judged(pack_record("LMT", {"/model/batteryCategory": category}), EU, on=date(2027, 4, 1))
    (fault,) = [fault for fault in report.faults if fault.indicator == "batteryCategory"]
    assert fault.code == "no-passport-owed" and not report.conforms
    assert "none is owed" in say(fault.message, "en") and "primary and rechargeable alike" in say(fault.message, "en")
    assert name in say(fault.message, "zh") and "无须护照" in say(fault.message, "zh")


def test_a_small_industrial_battery_owes_no_passport_and_is_told_so(pack_record):
    changes = {"/model/batteryCategory": "industrial", "/model/ratedEnergy": "2"}
    report = judged(pack_record("LMT", changes), EU, on=date(2027, 4, 1))
    (fault,) = [fault for fault in report.faults if fault.code == "two-kilowatt-hours"]
    assert "none is owed" in say(fault.message, "en") and "无须护照" in say(fault.message, "zh")
