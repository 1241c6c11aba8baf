"""Every refusal beside the fifteen cases, named after what is refused; and that none is without a test."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from passport.lifecycle import Accepted, History, PartChange, Place, catalogue, decide
from passport.texts import say
from tests.conftest import CHECKOUT
from tests.lifecycle.life_world import (
    CABINET,
    CABINET_CODE,
    CAR_1,
    CAR_2,
    CELLS,
    CODE,
    KG,
    MODULES,
    NEW_MODULE,
    OTHER_CODE,
    OTHER_PACK,
    PACK,
    accreditation,
    car,
    codes,
    day,
    did,
)

# --- chain ----------------------------------------------------------------------------------------------------------


def test_of_two_events_on_one_head_the_second_is_told_the_new_head(world):
    world.produced()
    first, second = world.event("issue_passport", "maker"), world.event("hold", "authority")
    assert isinstance(world.take(first), Accepted)
    decision = world.take(second)
    assert codes(decision) == ("not-the-head",)
    assert first.id in decision.message
    assert world.history().head.digest in decision.message
    again = replace(second, predecessor=world.history().head)
    assert isinstance(world.take(again), Accepted)


def test_a_first_event_with_a_predecessor(world):
    world.produced()
    event = replace(world.event("register_code", "maker", pack=OTHER_PACK), predecessor=world.history().head)
    assert "not-the-head" in codes(world.decide(event))


def test_an_event_of_another_pack(world):
    event = world.event("register_code", "maker")
    decision = decide(History.empty(OTHER_PACK), event, accreditation("maker"), now=world.now, rules=world.rules)
    assert codes(decision) == ("another-pack",)


def test_all_independent_reasons_come_at_once(world):
    world.produced()
    event = world.event("issue_passport", "outlet", predecessor=None)
    late = world.decide(event, now=event.instant - timedelta(days=1))
    assert codes(late) == ("not-the-head", "role-may-not-report", "in-the-future", "held-by-another")


# --- accreditation --------------------------------------------------------------------------------------------------


def test_a_revoked_accreditation_stops_new_events_and_leaves_old_ones(world):
    world.produced()
    event = world.event("issue_passport", "maker")
    for revoked_at in (event.instant - timedelta(days=9), event.instant + timedelta(days=9)):
        decision = world.decide(event, accreditation=accreditation("maker", revoked_at=revoked_at))
        assert codes(decision) == ("accreditation-revoked",)
    assert len(world.history()) == 2


def test_a_revoked_or_suspended_identity_stops_new_events_of_the_accreditation_that_rests_on_it(world):
    world.produced()
    event = world.event("issue_passport", "maker")
    for ended in (event.instant - timedelta(days=9), event.instant):
        decision = world.decide(event, accreditation=accreditation("maker", identity_ended_at=ended))
        assert codes(decision) == ("identity-withdrawn",)
    assert len(world.history()) == 2


def test_an_accreditation_that_is_expired_when_the_event_is_reported(world):
    world.produced()
    event = world.event("issue_passport", "maker")
    expired = accreditation("maker", valid_until=event.instant + timedelta(days=1))
    assert codes(world.decide(event, accreditation=expired)) == ("accreditation-not-in-force",)
    decision = world.decide(event, accreditation=expired, now=event.instant + timedelta(hours=1))
    assert isinstance(decision, Accepted)


def test_an_accreditation_that_begins_after_the_event(world):
    world.produced()
    event = world.event("issue_passport", "maker")
    later = accreditation("maker", valid_from=event.instant + timedelta(seconds=1))
    assert codes(world.decide(event, accreditation=later)) == ("accreditation-not-in-force",)


def test_an_event_outside_the_provinces(world):
    event = world.event("register_code", "maker", place=Place("CN", "CN-JS"))
    decision = world.decide(event, accreditation=accreditation("maker", provinces=frozenset({"CN-AH"})))
    assert codes(decision) == ("outside-province",)
    decision = world.decide(event, accreditation=accreditation("maker", provinces=frozenset({"CN-JS"})))
    assert isinstance(decision, Accepted)


@pytest.mark.parametrize("place", [None, Place("CN")])
def test_an_event_that_does_not_say_its_province(world, place):
    event = world.event("register_code", "maker", place=place)
    decision = world.decide(event, accreditation=accreditation("maker", provinces=frozenset({"CN-AH"})))
    assert codes(decision) == ("province-unknown",)


def test_a_code_with_the_manufacturer_code_of_another(world):
    assert codes(world.report("register_code", "utiliser", parts=())) == ("manufacturer-code-of-another",)


def test_a_new_battery_registered_by_a_utiliser(world):
    decision = world.report("register_code", "recycler")
    assert codes(decision) == ("new-battery-by-utiliser",)


def test_the_gateway_reports_no_event(world):
    world.produced()
    for kind in catalogue().kinds:
        assert "role-may-not-report" in codes(world.report(kind, "gateway", corrects="urn:x"))


# --- code, production, market ---------------------------------------------------------------------------------------


def test_a_code_that_is_none(world):
    bad = CODE.replace("H7L", "H2Y")
    assert codes(world.report("register_code", "maker", fields={"packCode": bad})) == ("malformed-code",)


def test_the_code_of_a_module_as_that_of_a_pack(world):
    decision = world.report("register_code", "maker", fields={"packCode": MODULES[0]}, parts=())
    assert codes(decision) == ("not-a-pack-code",)


def test_a_second_registration(world):
    world.accept("register_code", "maker")
    assert codes(world.report("register_code", "maker")) == ("already-registered",)


def test_a_second_production(world):
    world.produced()
    assert codes(world.report("produce", "maker")) == ("already-produced",)


def test_a_production_without_code_unless_no_rule_asks_for_it(world):
    decision = world.report("produce", "maker")
    assert codes(decision) == ("produced-without-code",)
    assert decision.refusals[0].rule == "code-before-production"
    world.rules = catalogue().profile("eu")
    world.accept("produce", "maker")
    assert codes(world.report("register_code", "maker")) == ("already-produced",)


def test_an_event_before_anything_was_produced(world):
    world.accept("register_code", "maker")
    assert codes(world.report("issue_passport", "maker")) == ("not-produced",)


def test_a_production_as_waste(world):
    world.accept("register_code", "maker")
    assert codes(world.report("produce", "maker", fields={"batteryStatus": "waste"})) == ("produced-as-waste",)


def test_placing_on_the_market_without_passport_from_the_day_of_the_rule(world):
    world.accept("register_code", "maker", "2026-12-01")
    world.accept("produce", "maker", "2026-12-02")
    decision = world.report("place_on_market", "maker", day("2027-02-18", 0))
    assert codes(decision) == ("market-without-passport",)
    assert decision.refusals[0].rule == "market-needs-passport"
    world.accept("place_on_market", "maker", day("2027-02-17", 23))


def test_placing_on_the_same_market_twice(world):
    world.marketed()
    assert codes(world.report("place_on_market", "maker")) == ("already-on-market",)
    world.accept("place_on_market", "maker", fields={"market": "EU"})


def test_placing_on_the_market_by_another_operator(world):
    world.produced()
    world.accept("issue_passport", "maker")
    assert codes(world.report("place_on_market", "other_maker")) == ("not-responsible",)


def test_a_sale_before_the_placing_on_the_market(world):
    world.produced()
    world.accept("issue_passport", "maker")
    world.handed("maker", "carmaker")
    world.accept("fit", "carmaker", vehicle=car(CAR_1))
    assert codes(world.report("sell_vehicle", "carmaker", vehicle=car(CAR_1))) == ("not-on-market",)


def test_an_export_to_the_same_market_twice(world):
    world.marketed().handed("maker", "exporter")
    world.accept("export", "exporter")
    assert world.state().label == "Exported"
    assert codes(world.report("export", "exporter")) == ("already-exported",)


# --- parts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((PartChange(MODULES[0], CODE), PartChange(MODULES[0], CODE)), "part-twice"),
        ((PartChange(CODE, CODE),), "part-twice"),
        ((PartChange(MODULES[0], None),), "part-without-parent"),
        ((PartChange(CELLS[0], MODULES[0]),), "unknown-parent"),
        ((PartChange(CELLS[0], CODE), PartChange(MODULES[0], CELLS[0])), "part-above-its-parent"),
        ((PartChange(OTHER_CODE, CODE),), "part-above-its-parent"),
        ((PartChange(NEW_MODULE, CODE),), "part-younger-than-pack"),
        ((PartChange("001ME01A1B2C3DH2Y0000001", CODE),), "malformed-code"),
        ((PartChange(MODULES[0], None, out=True),), "part-not-in-pack"),
    ],
)
def test_parts_that_do_not_fit(world, parts, code):
    assert codes(world.report("register_code", "maker", parts=parts)) == (code,)


def test_a_cell_in_two_modules(world):
    parts = (
        PartChange(MODULES[0], CODE),
        PartChange(MODULES[1], CODE),
        PartChange(CELLS[0], MODULES[0]),
        PartChange(CELLS[0], MODULES[1]),
    )
    assert codes(world.report("register_code", "maker", parts=parts)) == ("part-twice",)


def test_a_module_under_two_packs(world):
    world.produced()
    parts = (PartChange(MODULES[0], OTHER_CODE),)
    decision = world.report("register_code", "maker", pack=OTHER_PACK, fields={"packCode": OTHER_CODE}, parts=parts)
    assert codes(decision) == ("part-in-another-pack",)
    assert PACK in decision.message


def test_a_module_that_comes_in_before_it_went_out_elsewhere(world):
    world.sold()
    world.sold(OTHER_PACK, OTHER_CODE, CAR_2)
    coming = (PartChange(MODULES[0], OTHER_CODE),)
    decision = world.report("repair", "workshop", pack=OTHER_PACK, vehicle=car(CAR_2), parts=coming)
    assert codes(decision) == ("part-in-another-pack",)
    world.accept("repair", "workshop", vehicle=car(CAR_1), parts=(PartChange(MODULES[0], None, out=True),))
    world.accept("repair", "workshop", pack=OTHER_PACK, vehicle=car(CAR_2), parts=coming)
    assert MODULES[0] in world.state(OTHER_PACK).parts


def test_a_late_report_or_correction_that_puts_a_module_into_two_packs(world):
    world.sold()
    world.sold(OTHER_PACK, OTHER_CODE, CAR_2)
    out = world.accept("repair", "workshop", vehicle=car(CAR_1), parts=(PartChange(MODULES[0], None, out=True),))
    coming = (PartChange(MODULES[0], OTHER_CODE),)
    world.accept("repair", "workshop", pack=OTHER_PACK, vehicle=car(CAR_2), parts=coming)
    decision = world.report("correct", "workshop", corrects=out.id, fields={"eventWithdrawn": True})
    assert codes(decision) == ("part-in-another-pack",)
    registered = world.history().timeline[0]
    world.accept("correct", "maker", corrects=registered.id, fields={"batteryModel": "https://battery.example/id/EV2"})
    before = world.history(OTHER_PACK).timeline[-2].instant
    again = (PartChange(MODULES[1], OTHER_CODE),)
    decision = world.report(
        "repair", "workshop", before + timedelta(hours=1), pack=OTHER_PACK, vehicle=car(CAR_2), parts=again
    )
    assert codes(decision) == ("part-in-another-pack",)


def test_the_cells_of_a_module_go_with_it(world):
    world.sold()
    world.accept("repair", "workshop", vehicle=car(CAR_1), parts=(PartChange(MODULES[0], None, out=True),))
    assert CELLS[0] not in world.state().parts


def test_a_transformation_that_puts_a_part_into_the_old_pack(world):
    world.assessed()
    decision = world.report("transform", "utiliser", parts=(PartChange(NEW_MODULE, CODE),))
    assert codes(decision) == ("part-comes-in",)


# --- vehicle, use ---------------------------------------------------------------------------------------------------


def test_a_sale_of_a_pack_in_no_vehicle(world):
    world.marketed().handed("maker", "carmaker")
    assert codes(world.report("sell_vehicle", "carmaker", vehicle=car(CAR_1))) == ("not-fitted",)


def test_a_sale_of_a_scrapped_vehicle(world):
    world.sold(OTHER_PACK, OTHER_CODE, CAR_1)
    world.marketed().handed("maker", "carmaker")
    world.accept("fit", "carmaker", vehicle=car(CAR_1))
    found = {"foundPackCodes": (OTHER_CODE,)}
    world.accept("scrap_vehicle", "dismantler", pack=OTHER_PACK, vehicle=car(CAR_1), fields=found)
    assert codes(world.report("sell_vehicle", "carmaker", vehicle=car(CAR_1))) == ("vehicle-scrapped",)


def test_a_second_sale(world):
    world.sold()
    decision = world.report("sell_vehicle", "dealer", vehicle=car(CAR_1))
    assert codes(decision) == ("in-use", "held-by-another")
    assert "a person who is not named" in decision.refusals[1].message


def test_a_repair_before_the_sale(world):
    world.fitted()
    assert codes(world.report("repair", "workshop", vehicle=car(CAR_1))) == ("not-sold",)


def test_a_replacement_by_itself(world):
    world.sold()
    decision = world.report("replace", "workshop", vehicle=car(CAR_1), fields={"installedBatteryCode": CODE})
    assert codes(decision) == ("replaced-by-itself",)


def test_a_repair_that_takes_out_a_part_that_is_not_there_or_puts_one_in_twice(world):
    world.sold()
    gone = (PartChange(NEW_MODULE, None, out=True),)
    assert codes(world.report("repair", "workshop", vehicle=car(CAR_1), parts=gone)) == ("part-not-in-pack",)
    twice = (PartChange(MODULES[0], CODE),)
    assert codes(world.report("repair", "workshop", vehicle=car(CAR_1), parts=twice)) == ("part-twice",)
    lost = (PartChange(NEW_MODULE, OTHER_CODE),)
    assert codes(world.report("repair", "workshop", vehicle=car(CAR_1), parts=lost)) == ("unknown-parent",)


def test_a_swap_in_of_a_pack_that_is_in_no_pool(world):
    world.marketed()
    decision = world.report("swap_in", "swapper", vehicle=car(CAR_1))
    assert codes(decision) == ("not-in-pool", "held-by-another")


def test_a_swap_out_and_in(world):
    world.sold()
    world.accept("swap_out", "swapper", vehicle=car(CAR_1))
    assert world.state().label == "SwapPool"
    world.accept("swap_in", "swapper", vehicle=car(CAR_2))
    assert world.state().label == "InUse"
    assert codes(world.report("swap_out", "swapper", vehicle=car(CAR_1))) == ("another-vehicle",)


def test_a_retired_pack_is_not_fitted_unless_it_was_found_fit(world):
    world.retired()
    assert codes(world.report("fit", "workshop", vehicle=car(CAR_2))) == ("retired",)
    world.handed("workshop", "utiliser")
    world.accept("assess", "utiliser")
    world.handed("utiliser", "workshop")
    assert world.state().label == "PreparedForReuse"
    world.accept("fit", "workshop", vehicle=car(CAR_2))
    assert world.state().status == "re-used"


def test_a_second_retirement(world):
    world.retired()
    assert codes(world.report("retire", "workshop")) == ("already-retired",)


def test_waste_before_the_assessment_of_a_retired_pack(world):
    world.retired()
    assert codes(world.report("declare_waste", "workshop")) == ("not-decided",)


def test_the_battery_that_is_not_sold_with_the_vehicle_keeps_its_owner(world):
    world.fitted().handed("carmaker", "dealer")
    world.accept("sell_vehicle", "dealer", vehicle=car(CAR_1), fields={"batteryIncluded": False})
    assert world.state().owner.did == did("maker")
    assert world.state().holder.did is None


# --- hand-over ------------------------------------------------------------------------------------------------------


def test_a_hand_over_to_itself(world):
    world.marketed()
    assert codes(world.report("send_out", "maker", counterpart=did("maker"))) == ("sent-to-itself",)


def test_a_pack_that_was_not_weighed(world):
    world.marketed()
    decision = world.report("send_out", "maker", counterpart=did("carmaker"), fields={"handledMass": ...})
    assert codes(decision) == ("mass-missing",)
    world.accept("send_out", "maker", counterpart=did("carmaker"))
    assert codes(world.report("receive_in", "carmaker", fields={"handledMass": ...})) == ("mass-missing",)


def test_a_receipt_that_names_another_sender_or_sending(world):
    world.marketed()
    world.accept("send_out", "maker", counterpart=did("carmaker"))
    assert codes(world.report("receive_in", "carmaker", counterpart=did("outlet"))) == ("not-the-sender",)
    decision = world.report("receive_in", "carmaker", fields={"handoverEvent": "urn:event:1"})
    assert codes(decision) == ("hand-over-mismatch",)


def test_custody_and_ownership_are_apart(world):
    world.marketed().handed("maker", "carmaker")
    assert (world.state().holder.did, world.state().owner.did) == (did("carmaker"), did("maker"))
    world.handed("carmaker", "dealer", ownershipPasses=True)
    assert (world.state().holder.did, world.state().owner.did) == (did("dealer"), did("dealer"))


# --- second life, recycling -----------------------------------------------------------------------------------------


def test_an_assessment_before_the_retirement(world):
    world.removed().handed("workshop", "utiliser")
    assert codes(world.report("assess", "utiliser")) == ("not-retired",)


def test_a_second_assessment_by_the_same_enterprise(world):
    world.assessed()
    assert codes(world.report("assess", "utiliser")) == ("already-assessed",)
    world.handed("utiliser", "recycler")
    world.accept("assess", "recycler", fields={"assessmentDecision": "recycling"})


def test_another_life_for_what_failed_the_safety_test(world):
    world.retired().handed("workshop", "utiliser")
    assert codes(world.report("assess", "utiliser", fields={"safetyResult": "failed"})) == ("unsafe",)


def test_a_transformation_before_the_assessment(world):
    world.retired().handed("workshop", "utiliser")
    assert codes(world.report("transform", "utiliser")) == ("not-assessed",)


def test_a_transformation_against_the_decision(world):
    world.assessed("recycling")
    assert codes(world.report("transform", "utiliser")) == ("decision-says-otherwise",)


def test_a_pack_as_its_own_successor(world):
    world.assessed()
    assert codes(world.report("transform", "utiliser", fields={"successorPack": PACK})) == ("own-successor",)


def test_a_successor_that_is_named_twice(world):
    world.assessed()
    world.accept("transform", "utiliser", parts=(PartChange(MODULES[0], None, out=True),))
    more = (PartChange(MODULES[1], None, out=True),)
    decision = world.report("transform", "utiliser", parts=more, fields={"handledMass": KG(9)})
    assert codes(decision) == ("successor-named-already",)


def test_more_taken_than_is_there(world):
    world.assessed()
    world.accept("transform", "utiliser", parts=(PartChange(MODULES[0], None, out=True),))
    more = {"successorPack": OTHER_PACK, "handledMass": KG("197")}
    decision = world.report("transform", "utiliser", parts=(PartChange(MODULES[1], None, out=True),), fields=more)
    assert codes(decision) == ("mass-grew",)


def test_a_successor_of_another_operator_or_code_than_announced(world):
    world.assessed()
    world.accept("transform", "utiliser", counterpart=did("maker"))
    link = {"packCode": CABINET_CODE.replace("0000007", "0000009"), "derivedFromPacks": (PACK,)}
    decision = world.report("register_code", "utiliser", pack=CABINET, fields=link)
    assert codes(decision) == ("not-the-operator-of-the-successor", "another-code-was-announced")


def test_modules_of_the_old_pack_are_in_the_successor_of_the_whole(world):
    world.assessed()
    world.accept("transform", "utiliser")
    link = {"packCode": CABINET_CODE, "derivedFromPacks": (PACK,)}
    parts = tuple(PartChange(module, CABINET_CODE) for module in MODULES)
    world.accept("register_code", "utiliser", pack=CABINET, fields=link, parts=parts)


def test_recycling_without_output(world):
    world.wasted()
    nothing = {"recoveredCathodePowderMass": ..., "recoveredCopperMass": ..., "residueMass": ...}
    assert codes(world.report("recycle", "utiliser", fields=nothing)) == ("nothing-recovered",)


def test_more_recycled_than_is_there(world):
    world.wasted()
    assert codes(world.report("recycle", "utiliser", fields={"handledMass": KG("540.1")})) == ("mass-grew",)


# --- lost, held -----------------------------------------------------------------------------------------------------


def test_nothing_but_a_release_while_lost_or_held(world):
    world.marketed()
    world.accept("report_lost", "maker")
    assert codes(world.report("report_lost", "police")) == ("already-lost",)
    assert codes(world.report("export", "maker")) == ("lost",)
    world.accept("hold", "authority")
    assert codes(world.report("hold", "authority")) == ("already-held",)
    world.accept("release", "authority")
    world.accept("hold", "authority")
    assert codes(world.report("export", "maker")) == ("held",)
    world.accept("release", "authority")
    assert codes(world.report("release", "authority")) == ("not-stopped",)
    world.accept("export", "maker")


def test_a_loss_reported_by_a_stranger(world):
    world.marketed()
    assert codes(world.report("report_lost", "outlet")) == ("not-concerned",)
    world.accept("report_lost", "police")


# --- corrections ----------------------------------------------------------------------------------------------------


def test_a_correction_of_an_unknown_event(world):
    world.produced()
    assert codes(world.report("correct", "maker", corrects="urn:none")) == ("corrects-unknown-event",)


def test_a_correction_of_a_correction(world):
    produced = world.produced().history().timeline[-1]
    first = world.accept("correct", "maker", corrects=produced.id, fields={"handledMass": KG("541")})
    assert codes(world.report("correct", "maker", corrects=first.id)) == ("corrects-a-correction",)
    world.accept("correct", "maker", corrects=produced.id, fields={"handledMass": KG("542")})
    assert world.state().mass == 542


def test_a_correction_with_what_the_kind_does_not_have(world):
    produced = world.produced().history().timeline[-1]
    decision = world.report("correct", "maker", corrects=produced.id, fields={"market": "EU"}, vehicle=car(CAR_1))
    assert codes(decision) == ("not-of-the-corrected-kind",)


def test_a_correction_before_its_event(world):
    produced = world.produced().history().timeline[-1]
    decision = world.report("correct", "maker", produced.instant - timedelta(days=1), corrects=produced.id)
    assert codes(decision) == ("correction-before-event",)


def test_a_correction_into_the_future_or_before_production(world):
    issued = world.marketed().history().timeline[2]
    for instant, code in (
        (world.now + timedelta(days=1), "in-the-future"),
        (issued.instant - timedelta(days=9), "not-produced"),
    ):
        decision = world.report("correct", "maker", corrects=issued.id, fields={"correctedInstant": instant})
        assert code in codes(decision)


def test_a_withdrawal_that_leaves_a_later_event_impossible(world):
    issued = world.marketed().history().timeline[2]
    decision = world.report("correct", "maker", corrects=issued.id, fields={"eventWithdrawn": True})
    assert codes(decision) == ("contradicts-later-event",)
    assert "Placed on the market" in decision.message


def test_a_correction_of_a_second_life_product_is_judged_with_its_origin(world):
    world.assessed()
    world.accept("transform", "utiliser")
    link = {"packCode": CABINET_CODE, "derivedFromPacks": (PACK,)}
    registered = world.accept("register_code", "utiliser", pack=CABINET, fields=link)
    other_model = {"batteryModel": "https://battery.example/id/ESS2"}
    world.accept("correct", "utiliser", pack=CABINET, corrects=registered.id, fields=other_model)
    stranger = {"derivedFromPacks": (OTHER_PACK,)}
    decision = world.report("correct", "utiliser", pack=CABINET, corrects=registered.id, fields=stranger)
    assert codes(decision) == ("origin-does-not-name-it",)


def test_a_second_withdrawal(world):
    world.marketed()
    sent = world.accept("send_out", "maker", counterpart=did("carmaker"))
    world.accept("correct", "maker", corrects=sent.id, fields={"eventWithdrawn": True})
    assert world.state().transit is None
    decision = world.report("correct", "maker", corrects=sent.id, fields={"eventWithdrawn": True})
    assert codes(decision) == ("already-withdrawn",)


# --- no refusal without a test, none without its words --------------------------------------------------------------


def refusal_codes() -> set[str]:
    """Codes in the source: first argument of a refusal, second of a condition and of a fault."""
    found = set()
    for path in (CHECKOUT / "passport" / "lifecycle").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            at = {"Refusal": 0, "Condition": 1, "EventFault": 1, "self._wrong": 1}.get(name)
            if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant):
                found.add(node.args[at].value)
    return found


def test_every_refusal_has_its_test():
    folder = Path(__file__).parent
    tests = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("test_*.py"))
    tested = set(re.findall(r'"([a-z-]+)"', tests))
    assert sorted(refusal_codes() - tested) == []
    assert len(refusal_codes()) > 90


def test_a_refusal_is_a_sentence_in_every_language_and_json_for_machines(world):
    decision = world.report("produce", "maker")
    (stated,) = decision.to_json()
    assert stated["code"] == "produced-without-code"
    assert stated["rule"] == "code-before-production"
    assert set(stated["message"]) >= {"en", "zh"}
    assert decision.code == "produced-without-code"
    assert "GB/T 34014-2017" in say(decision.message, "en")
