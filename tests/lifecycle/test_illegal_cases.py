"""The fifteen illegal cases of the life cycle, each with its mirror image: the same act where it is right."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

import pytest

from passport.lifecycle import Accepted, PartChange, PartStay, Permit, Surroundings, decide
from tests.lifecycle.life_world import (
    CABINET,
    CABINET_CODE,
    CAR_1,
    CAR_2,
    CELLS,
    CODE,
    KEY,
    KG,
    LONG_AGO,
    MODULES,
    NEW_MODULE,
    OTHER_CODE,
    OTHER_KEY,
    OTHER_PACK,
    accreditation,
    car,
    codes,
    day,
    did,
)

# 1 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "actor", "members"),
    [
        ("fit", "carmaker", {"vehicle": car(CAR_2)}),
        ("retire", "utiliser", {}),
        ("send_out", "utiliser", {"counterpart": did("recycler")}),
        ("recycle", "utiliser", {}),
        ("report_lost", "police", {}),
        ("hold", "authority", {}),
    ],
)
def test_case_1_nothing_happens_after_recycling(world, kind, actor, members):
    world.recycled()
    assert codes(world.report(kind, actor, **members)) == ("ended",)


def test_case_1_nothing_happens_after_the_whole_pack_was_transformed(world):
    world.assessed()
    world.accept("transform", "utiliser")
    assert world.state().label == "Transformed"
    assert codes(world.report("declare_waste", "utiliser")) == ("ended",)


def test_case_1_mirror_a_correction_is_accepted_after_recycling(world):
    last = world.recycled().history().links[-1].event
    world.accept("correct", "utiliser", corrects=last.id, fields={"residueMass": KG("15")})
    assert world.history().effective(last.id).number("residueMass") == 15


# 2 ------------------------------------------------------------------------------------------------------------------


def test_case_2_a_pack_is_not_fitted_to_a_second_vehicle(world):
    world.fitted()
    assert codes(world.report("fit", "carmaker", vehicle=car(CAR_2))) == ("already-fitted",)


def test_case_2_a_pack_is_not_fitted_twice_to_the_same_vehicle(world):
    world.fitted()
    assert codes(world.report("fit", "carmaker", vehicle=car(CAR_1))) == ("already-fitted",)


def test_case_2_a_pack_is_not_fitted_to_a_scrapped_vehicle(world):
    world.sold(OTHER_PACK, OTHER_CODE, CAR_1)
    world.accept(
        "scrap_vehicle", "dismantler", pack=OTHER_PACK, vehicle=car(CAR_1), fields={"foundPackCodes": (OTHER_CODE,)}
    )
    world.marketed().handed("maker", "carmaker")
    assert codes(world.report("fit", "carmaker", vehicle=car(CAR_1))) == ("vehicle-scrapped",)


def test_case_2_a_pack_is_not_swapped_into_a_scrapped_vehicle(world):
    world.sold(isSwapModel=True)
    world.accept("swap_out", "swapper", vehicle=car(CAR_1))
    world.sold(OTHER_PACK, OTHER_CODE, CAR_2)
    world.accept(
        "scrap_vehicle", "dismantler", pack=OTHER_PACK, vehicle=car(CAR_2), fields={"foundPackCodes": (OTHER_CODE,)}
    )
    assert codes(world.report("swap_in", "swapper", vehicle=car(CAR_2))) == ("vehicle-scrapped",)


@pytest.mark.parametrize(
    ("kind", "actor"),
    [("repair", "workshop"), ("replace", "workshop"), ("remove", "dismantler"), ("swap_out", "swapper")],
)
def test_case_2_mirror_nothing_is_done_to_a_pack_in_a_vehicle_that_it_is_not_in(world, kind, actor):
    world.sold()
    assert codes(world.report(kind, actor, vehicle=car(CAR_2))) == ("another-vehicle",)


def test_case_2_mirror_a_pack_is_fitted_to_a_second_vehicle_after_it_was_removed(world):
    world.removed()
    world.accept("fit", "workshop", vehicle=car(CAR_2))
    assert world.state().label == "Fitted"


def test_case_2_mirror_a_pack_is_not_removed_from_a_vehicle_that_it_is_not_in(world):
    world.sold()
    assert codes(world.report("remove", "workshop", vehicle=car(CAR_2))) == ("another-vehicle",)


def test_case_2_mirror_a_pack_in_no_vehicle_is_not_removed(world):
    world.removed()
    assert codes(world.report("remove", "workshop", vehicle=car(CAR_1))) == ("not-fitted",)


# 3 ------------------------------------------------------------------------------------------------------------------


def test_case_3_a_vehicle_is_not_sold_whose_pack_has_no_id(world):
    world.rules = {code: rule for code, rule in world.rules.items() if code != "market-needs-passport"}
    world.produced()
    world.accept("place_on_market", "maker")
    world.handed("maker", "carmaker")
    world.accept("fit", "carmaker", vehicle=car(CAR_1))
    decision = world.report("sell_vehicle", "carmaker", vehicle=car(CAR_1))
    assert codes(decision) == ("sale-without-passport",)
    assert decision.refusals[0].rule == "sale-needs-passport"
    assert "Press on the measures of 2026" in decision.message


def test_case_3_mirror_the_rule_can_be_left_out(world):
    world.rules = {
        code: rule for code, rule in world.rules.items() if code not in ("market-needs-passport", "sale-needs-passport")
    }
    world.produced()
    world.accept("place_on_market", "maker")
    world.handed("maker", "carmaker")
    world.accept("fit", "carmaker", vehicle=car(CAR_1))
    world.accept("sell_vehicle", "carmaker", vehicle=car(CAR_1))


def test_case_3_mirror_an_id_is_not_issued_twice(world):
    world.marketed()
    assert codes(world.report("issue_passport", "maker")) == ("already-issued",)


# 4 ------------------------------------------------------------------------------------------------------------------


def test_case_4_a_vehicle_is_not_scrapped_without_its_pack(world):
    world.sold()
    decision = world.report("scrap_vehicle", "dismantler", vehicle=car(CAR_1), fields={"foundPackCodes": ...})
    assert codes(decision) == ("battery-missing",)
    assert decision.refusals[0].rule == "scrapped-together"


def test_case_4_a_vehicle_is_not_scrapped_with_the_pack_of_another(world):
    world.sold()
    assert codes(world.report("scrap_vehicle", "dismantler", vehicle=car(CAR_2))) == ("another-vehicle",)


def test_case_4_a_vehicle_is_not_scrapped_with_a_pack_that_was_in_none(world):
    world.marketed()
    assert codes(world.report("scrap_vehicle", "dismantler", vehicle=car(CAR_2))) == ("not-in-that-vehicle",)


def test_case_4_mirror_a_recorded_replacement_explains_another_pack(world):
    world.sold()
    world.accept("replace", "workshop", vehicle=car(CAR_1), fields={"installedBatteryCode": OTHER_CODE})
    world.marketed(OTHER_PACK, OTHER_CODE)
    found = {"foundPackCodes": (OTHER_CODE,)}
    wrong = world.report("scrap_vehicle", "dismantler", pack=OTHER_PACK, vehicle=car(CAR_2), fields=found)
    assert codes(wrong) == ("not-in-that-vehicle",)
    world.accept("scrap_vehicle", "dismantler", pack=OTHER_PACK, vehicle=car(CAR_1), fields=found)
    assert world.state(OTHER_PACK).holder.did == did("dismantler")


def test_case_4_mirror_a_swap_model_is_scrapped_without_its_pack(world):
    world.sold(isSwapModel=True)
    world.accept("swap_out", "swapper", vehicle=car(CAR_1))
    world.accept("scrap_vehicle", "dismantler", vehicle=car(CAR_1), fields={"foundPackCodes": ...})
    assert world.state().holder.did == did("swapper")
    assert world.state().label == "SwapPool"


def test_case_4_mirror_a_swap_model_is_not_scrapped_with_a_pack_that_is_in_another_vehicle(world):
    world.sold(isSwapModel=True)
    world.accept("swap_out", "swapper", vehicle=car(CAR_1))
    world.accept("swap_in", "swapper", vehicle=car(CAR_2))
    assert codes(world.report("scrap_vehicle", "dismantler", vehicle=car(CAR_1))) == ("another-vehicle",)
    unmatched = car(CAR_2, OTHER_KEY, "k2")
    assert codes(world.report("scrap_vehicle", "dismantler", vehicle=unmatched)) == ("vehicle-unknown",)
    assert world.state().label == "InUse"


def test_case_4_mirror_the_dismantler_cannot_make_it_a_swap_model(world):
    world.sold()
    event = world.event(
        "scrap_vehicle", "dismantler", vehicle=car(CAR_1), fields={"foundPackCodes": ..., "isSwapModel": True}
    )
    assert codes(world.decide(event)) == ("battery-missing",)


def test_case_4_mirror_a_vehicle_is_scrapped_with_its_pack_once(world):
    world.sold()
    world.accept("scrap_vehicle", "dismantler", vehicle=car(CAR_1))
    assert world.state().owner.did == did("dismantler")
    assert codes(world.report("scrap_vehicle", "dismantler", vehicle=car(CAR_1))) == ("not-in-that-vehicle",)


# 5 ------------------------------------------------------------------------------------------------------------------


def test_case_5_a_waste_pack_is_not_fitted(world):
    world.removed()
    world.accept("declare_waste", "workshop")
    assert codes(world.report("fit", "workshop", vehicle=car(CAR_2))) == ("is-waste",)


def test_case_5_a_waste_pack_is_not_sold(world):
    world.fitted()
    world.accept("declare_waste", "carmaker")
    assert codes(world.report("sell_vehicle", "carmaker", vehicle=car(CAR_1))) == ("is-waste",)


def test_case_5_mirror_waste_is_declared_once_and_moves_responsibility_only(world):
    world.removed()
    before = world.state()
    world.accept("declare_waste", "workshop", fields={"responsibleOperator": did("maker")})
    after = world.state()
    assert (after.holder, after.owner) == (before.holder, before.owner)
    assert (after.status, after.responsible, after.label) == ("waste", did("maker"), "Waste")
    assert codes(world.report("declare_waste", "workshop")) == ("is-waste",)


# 6 ------------------------------------------------------------------------------------------------------------------


def test_case_6_a_second_life_product_has_a_new_code(world):
    world.assessed()
    decision = world.report("transform", "utiliser", fields={"newBatteryCode": CODE})
    assert codes(decision) == ("manufacturer-code-of-another", "no-new-code")
    decision = world.report("transform", "utiliser", fields={"newBatteryCode": "0AB" + OTHER_CODE[3:]})
    assert codes(decision) == ("no-second-life-code",)


def test_case_6_a_second_life_product_names_the_old_pack(world):
    decision = world.report("register_code", "utiliser", pack=CABINET, fields={"packCode": CABINET_CODE})
    assert codes(decision) == ("second-life-without-origin",)


def test_case_6_the_old_pack_names_the_second_life_product(world):
    world.assessed()
    link = {"packCode": CABINET_CODE, "derivedFromPacks": (world.history().pack,)}
    decision = world.report("register_code", "utiliser", pack=CABINET, fields=link)
    assert codes(decision) == ("origin-does-not-name-it",)


def test_case_6_two_successors_do_not_claim_the_same_whole_pack(world):
    world.assessed()
    world.accept("transform", "utiliser")
    decision = world.report("transform", "utiliser", fields={"successorPack": OTHER_PACK})
    assert codes(decision) == ("ended",)


def test_case_6_two_successors_do_not_claim_the_same_module(world):
    world.assessed()
    taken = (PartChange(MODULES[0], None, out=True),)
    world.accept("transform", "utiliser", parts=taken)
    decision = world.report(
        "transform", "utiliser", parts=taken, fields={"successorPack": OTHER_PACK, "handledMass": KG(9)}
    )
    assert codes(decision) == ("part-not-in-pack",)


def test_case_6_mirror_one_pack_has_several_successors_and_a_product_several_origins(world):
    world.assessed()
    second = "https://battery.example/id/ESS1/2"
    second_code = CABINET_CODE.replace("0000007", "0000008")
    for module, successor, code in ((MODULES[0], CABINET, CABINET_CODE), (MODULES[1], second, second_code)):
        world.accept(
            "transform",
            "utiliser",
            parts=(PartChange(module, None, out=True),),
            fields={"successorPack": successor, "newBatteryCode": code, "handledMass": KG("100")},
        )
        link = {"packCode": code, "derivedFromPacks": (world.history().pack,)}
        world.accept("register_code", "utiliser", pack=successor, fields=link)
    assert world.state().successors == (CABINET, second)
    assert world.state(CABINET).predecessors == (world.history().pack,)
    assert world.state().ending is None


# 7 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["original", ...])
def test_case_7_a_second_life_code_is_not_declared_original(world, status):
    world.assessed()
    world.accept("transform", "utiliser")
    link = {"packCode": CABINET_CODE, "derivedFromPacks": (world.history().pack,)}
    world.accept("register_code", "utiliser", pack=CABINET, fields=link)
    decision = world.report("produce", "utiliser", pack=CABINET, fields={"batteryStatus": status})
    assert codes(decision) == ("second-life-declared-original",)
    world.accept("produce", "utiliser", pack=CABINET, fields={"batteryStatus": "repurposed"})
    assert world.state(CABINET).status == "repurposed"


def test_case_7_mirror_an_ordinary_code_is_not_declared_second_life(world):
    world.accept("register_code", "maker")
    decision = world.report("produce", "maker", fields={"batteryStatus": "repurposed"})
    assert codes(decision) == ("status-without-origin",)


# 8 ------------------------------------------------------------------------------------------------------------------


def test_case_8_an_actor_without_the_role_reports_nothing(world):
    world.marketed().handed("maker", "carmaker")
    decision = world.report("fit", "dealer", vehicle=car(CAR_1))
    assert codes(decision) == ("role-may-not-report", "held-by-another")


def test_case_8_a_role_that_is_claimed_beyond_the_accreditation_is_refused(world):
    world.marketed().handed("maker", "carmaker")
    event = world.event("fit", "carmaker", vehicle=car(CAR_1), roles=frozenset({"vehicleMaker", "repairShop"}))
    assert codes(world.decide(event)) == ("role-not-accredited",)


def test_case_8_a_utiliser_without_permit_reports_nothing(world):
    world.retired().handed("workshop", "utiliser")
    event = world.event("assess", "utiliser")
    assert codes(world.decide(event, accreditation=accreditation("utiliser", permits=()))) == ("permit-missing",)


def test_case_8_an_expired_permit_is_none(world):
    world.retired().handed("workshop", "utiliser")
    event = world.event("assess", "utiliser")
    old = Permit("pollutant-permit", "P-1", LONG_AGO, event.instant)
    assert codes(world.decide(event, accreditation=accreditation("utiliser", permits=(old,)))) == ("permit-missing",)
    still = Permit("pollutant-permit", "P-1", LONG_AGO, event.instant + timedelta(seconds=1))
    assert isinstance(world.decide(event, accreditation=accreditation("utiliser", permits=(still,))), Accepted)


def test_case_8_mirror_another_actors_accreditation_does_not_help(world):
    world.produced()
    event = world.event("issue_passport", "maker")
    decision = world.decide(event, accreditation=accreditation("other_maker"))
    assert codes(decision) == ("not-the-accredited-actor",)


# 9 ------------------------------------------------------------------------------------------------------------------


def test_case_9_no_event_lies_before_production(world):
    produced = world.produced().state().produced
    decision = world.report("issue_passport", "maker", produced - timedelta(hours=1))
    assert codes(decision) == ("before-production",)


def test_case_9_no_event_lies_in_the_future(world):
    world.produced()
    event = world.event("issue_passport", "maker")
    assert codes(world.decide(event, now=event.instant - timedelta(seconds=1))) == ("in-the-future",)
    assert isinstance(world.decide(event, now=event.instant), Accepted)


def test_case_9_an_event_dated_before_its_predecessor_is_refused_where_the_history_would_be_illegal(world):
    world.fitted()
    fitted = world.history().timeline[-1].instant
    decision = world.report("retire", "carmaker", fitted - timedelta(hours=1))
    assert codes(decision) == ("contradicts-later-event",)
    assert "Fitted to a vehicle" in decision.message


def test_case_9_mirror_a_late_report_joins_where_the_history_stays_legal(world):
    world.sold()
    decision = world.report("hold", "authority", "2027-07-24")
    assert codes(decision) == ("contradicts-later-event",)
    early = world.history().timeline[-1].instant - timedelta(hours=2)
    decision = world.report("export", "exporter", early)
    assert codes(decision) == ("held-by-another",)
    decision = world.report("place_on_market", "maker", early, fields={"market": "EU"})
    assert isinstance(decision, Accepted)
    assert decision.late
    assert world.state().markets == {"CN", "EU"}
    assert world.state().label == "InUse"


# 10 -----------------------------------------------------------------------------------------------------------------


def test_case_10_nothing_is_received_that_was_not_sent(world):
    world.removed()
    decision = world.report("receive_in", "outlet")
    assert codes(decision) == ("no-hand-over",)


def test_case_10_what_was_sent_is_received_before_it_is_used(world):
    world.marketed()
    world.accept("send_out", "maker", counterpart=did("carmaker"))
    decision = world.report("fit", "carmaker", vehicle=car(CAR_1))
    assert codes(decision) == ("held-by-another", "in-transit")
    assert codes(world.report("send_out", "maker", counterpart=did("carmaker"))) == ("in-transit",)


def test_case_10_another_does_not_receive_it(world):
    world.marketed()
    sent = world.accept("send_out", "maker", counterpart=did("carmaker"))
    decision = world.report("receive_in", "outlet")
    assert codes(decision) == ("not-the-receiver",)
    assert decision.refusals[0].event == sent.id


def test_case_10_no_more_is_received_than_was_sent(world):
    world.marketed()
    world.accept("send_out", "maker", counterpart=did("carmaker"), fields={"handledMass": KG("500")})
    assert codes(world.report("receive_in", "carmaker", fields={"handledMass": KG("500.1")})) == ("mass-grew",)
    world.accept("receive_in", "carmaker", fields={"handledMass": KG("499.9")})


def test_case_10_no_more_is_sent_than_was_there(world):
    world.marketed()
    decision = world.report("send_out", "maker", counterpart=did("carmaker"), fields={"handledMass": KG("540.1")})
    assert codes(decision) == ("mass-grew",)


def test_case_10_no_more_comes_out_of_recycling_than_went_in(world):
    world.wasted()
    decision = world.report("recycle", "utiliser", fields={"recoveredCopperMass": KG("160")})
    assert codes(decision) == ("more-out-than-in",)


def test_case_10_mirror_what_a_person_brings_is_received_without_having_been_sent(world):
    world.sold(isSwapModel=True)
    assert codes(world.report("receive_in", "swapper")) == ("in-use",)
    world.accept("scrap_vehicle", "dismantler", vehicle=car(CAR_1), fields={"foundPackCodes": ...})
    world.accept("receive_in", "swapper")
    assert world.state().label == "SwapPool"


# 11 -----------------------------------------------------------------------------------------------------------------


def test_case_11_only_waste_is_recycled(world):
    world.assessed("recycling")
    assert codes(world.report("recycle", "utiliser")) == ("not-waste",)
    world.accept("declare_waste", "utiliser")
    world.accept("recycle", "utiliser")


def test_case_11_mirror_waste_is_prepared_and_not_repurposed(world):
    world.assessed()
    preparation = {"transformOperation": "preparation-for-repurposing"}
    assert codes(world.report("transform", "utiliser", fields=preparation)) == ("preparation-of-a-product",)
    world.accept("declare_waste", "utiliser")
    assert codes(world.report("transform", "utiliser")) == ("repurposing-of-waste",)
    world.accept("transform", "utiliser", fields=preparation)


# 12 -----------------------------------------------------------------------------------------------------------------


def test_case_12_no_second_life_product_for_an_electric_bicycle(world):
    world.assessed()
    decision = world.report("transform", "utiliser", fields={"intendedUse": "electricBicycle"})
    assert codes(decision) == ("banned-use",)
    assert "Art. 22" in decision.message


@pytest.mark.parametrize("use", ["stationaryStorage", "backupPower", "lowSpeedVehicle"])
def test_case_12_mirror_other_uses_are_allowed(world, use):
    world.assessed()
    world.accept("transform", "utiliser", fields={"intendedUse": use})


# 13 -----------------------------------------------------------------------------------------------------------------


def test_case_13_a_pack_is_not_recycled_while_its_module_lives_in_another(world):
    # The module comes into the other pack first: its own pack is reported late, and has not let it go.
    world.sold(OTHER_PACK, OTHER_CODE, CAR_2)
    world.accept(
        "repair",
        "workshop",
        pack=OTHER_PACK,
        vehicle=car(CAR_2),
        parts=(PartChange(MODULES[0], OTHER_CODE),),
    )
    world.accept("register_code", "maker", parts=())
    world.accept("produce", "maker")
    world.accept("declare_waste", "maker")
    world.handed("maker", "recycler")
    registered = world.history().timeline[0]
    decision = world.report("correct", "maker", corrects=registered.id, parts=(PartChange(MODULES[0], CODE),))
    assert codes(decision) == ("part-in-another-pack",)
    world.accept("recycle", "recycler")


def test_case_13_a_parent_is_not_recycled_while_a_child_is_in_use_elsewhere(world):
    world.wasted()
    event = world.event("recycle", "utiliser")
    elsewhere = Surroundings(parts=MappingProxyType({MODULES[0]: (PartStay(OTHER_PACK, day("2027-08-01")),)}))
    decision = decide(
        world.history(), event, accreditation("utiliser"), now=world.now, rules=world.rules, surroundings=elsewhere
    )
    assert codes(decision) == ("part-in-use-elsewhere",)


def test_case_13_mirror_a_module_of_a_recycled_pack_is_fitted_nowhere(world):
    world.recycled()
    world.sold(OTHER_PACK, OTHER_CODE, CAR_2)
    decision = world.report(
        "repair", "workshop", pack=OTHER_PACK, vehicle=car(CAR_2), parts=(PartChange(MODULES[0], OTHER_CODE),)
    )
    assert codes(decision) == ("part-of-recycled-pack",)


# 14 -----------------------------------------------------------------------------------------------------------------


def test_case_14_a_pack_code_is_not_registered_with_another_content(world):
    world.accept("register_code", "maker")
    decision = world.report("register_code", "other_maker", pack=OTHER_PACK, parts=())
    assert codes(decision) == ("code-cloned",)


def test_case_14_mirror_the_same_content_under_another_address_is_another_packs_code(world):
    world.accept("register_code", "maker", parts=())
    decision = world.report("register_code", "maker", pack=OTHER_PACK, parts=())
    assert codes(decision) == ("code-of-another-pack",)


def test_case_14_mirror_another_code_is_registered(world):
    world.produced().produced(OTHER_PACK, OTHER_CODE)


# 15 -----------------------------------------------------------------------------------------------------------------


def test_case_15_nobody_corrects_another_actors_event(world):
    world.fitted()
    event = world.history().timeline[-1]
    decision = world.report("correct", "maker", corrects=event.id, vehicle=car(CAR_2))
    assert codes(decision) == ("not-the-original-reporter",)


def test_case_15_mirror_its_reporter_corrects_it_and_both_stay(world):
    world.fitted()
    event = world.history().timeline[-1]
    world.accept("correct", "carmaker", corrects=event.id, vehicle=car(CAR_2))
    assert world.state().vehicle == car(CAR_2)
    assert world.history().get(event.id).event.vehicle == car(CAR_1)
    assert len(world.history()) == 8


# Vehicles that cannot be matched ------------------------------------------------------------------------------------


def test_a_vehicle_under_another_key_is_unknown_and_never_another(world):
    world.fitted().handed("carmaker", "dealer")
    decision = world.report("sell_vehicle", "dealer", vehicle=car(CAR_1, OTHER_KEY, "k2"))
    assert codes(decision) == ("vehicle-unknown",)
    assert "k1" in decision.message
    both = (*car(CAR_1, KEY, "k1"), *car(CAR_1, OTHER_KEY, "k2"))
    world.accept("sell_vehicle", "dealer", vehicle=both)


def test_a_new_module_made_after_the_pack_comes_in_by_a_repair(world):
    world.sold()
    world.accept(
        "repair",
        "workshop",
        vehicle=car(CAR_1),
        parts=(PartChange(MODULES[2], None, out=True), PartChange(NEW_MODULE, CODE)),
    )
    assert set(world.state().parts) == {*MODULES[:2], *CELLS[:2], NEW_MODULE}


def test_an_event_at_the_very_instant_of_the_head_is_not_late(world):
    world.produced()
    decision = world.report("issue_passport", "maker", world.state().produced)
    assert isinstance(decision, Accepted) and not decision.late


def test_every_day_is_in_its_offset():
    assert day("2027-07-20").isoformat() == "2027-07-20T09:00:00+08:00"
