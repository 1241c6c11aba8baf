"""One pack from cell to recycled cathode powder, through two cars and a storage cabinet: nine actors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passport.lifecycle import LifecycleEvent, PartChange
from tests.lifecycle.life_world import (
    CABINET,
    CABINET_CODE,
    CAR_1,
    CAR_2,
    CODE,
    KG,
    MODULES,
    NEW_MODULE,
    PACK,
    World,
    car,
    did,
)

ACTORS = (
    "maker", "transporter", "carmaker", "dealer", "workshop", "dismantler", "outlet", "utiliser", "recycler",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One event of the story: what, by whom, when."""

    kind: str
    actor: str
    at: str
    pack: str = PACK
    members: Mapping[str, Any] = field(default_factory=dict)

    def event(self, world: World) -> LifecycleEvent:
        """The event, chained to the head that the world has now."""
        return world.event(self.kind, self.actor, self.at, pack=self.pack, **self.members)


def _hand_over(sender: str, receiver: str, out: str, in_: str, pack: str = PACK) -> tuple[Step, Step]:
    return (
        Step("send_out", sender, out, pack, {"counterpart": did(receiver)}),
        Step("receive_in", receiver, in_, pack),
    )


ORIGIN = {"derivedFromPacks": (PACK,)}
STORY: tuple[Step, ...] = (
    Step("register_code", "maker", "2027-07-20"),
    Step("produce", "maker", "2027-07-21"),
    Step("issue_passport", "maker", "2027-07-22"),
    Step("place_on_market", "maker", "2027-07-23"),
    *_hand_over("maker", "transporter", "2027-07-24", "2027-07-25"),
    *_hand_over("transporter", "carmaker", "2027-07-26", "2027-07-27"),
    Step("fit", "carmaker", "2027-08-01", members={"vehicle": car(CAR_1)}),
    *_hand_over("carmaker", "dealer", "2027-08-05", "2027-08-08"),
    Step("sell_vehicle", "dealer", "2027-08-21", members={"vehicle": car(CAR_1)}),
    Step(
        "repair",
        "workshop",
        "2031-05-14",
        members={
            "vehicle": car(CAR_1),
            "parts": (PartChange(MODULES[2], None, out=True), PartChange(NEW_MODULE, CODE)),
            "fields": {"handledMass": KG("540.4")},
        },
    ),
    Step("remove", "workshop", "2032-03-01", members={"vehicle": car(CAR_1)}),
    Step("retire", "workshop", "2032-03-02"),
    *_hand_over("workshop", "utiliser", "2032-03-05", "2032-03-07"),
    Step("assess", "utiliser", "2032-03-20", members={"fields": {"assessmentDecision": "reuse"}}),
    *_hand_over("utiliser", "workshop", "2032-03-25", "2032-03-27"),
    Step("fit", "workshop", "2032-04-02", members={"vehicle": car(CAR_2)}),
    *_hand_over("workshop", "dealer", "2032-04-05", "2032-04-06"),
    Step("sell_vehicle", "dealer", "2032-04-20", members={"vehicle": car(CAR_2)}),
    Step("scrap_vehicle", "dismantler", "2036-03-03", members={"vehicle": car(CAR_2)}),
    Step("retire", "dismantler", "2036-03-04"),
    *_hand_over("dismantler", "outlet", "2036-03-08", "2036-03-09"),
    *_hand_over("outlet", "utiliser", "2036-03-18", "2036-03-20"),
    Step("assess", "utiliser", "2036-03-22", members={"fields": {"assessmentDecision": "repurpose"}}),
    Step(
        "transform",
        "utiliser",
        "2036-05-06",
        members={"parts": tuple(PartChange(module, None, out=True) for module in MODULES[:2])},
    ),
    Step("register_code", "utiliser", "2036-05-07", CABINET, {
        "fields": {"packCode": CABINET_CODE, **ORIGIN},
        "parts": tuple(PartChange(module, CABINET_CODE) for module in MODULES[:2]),
    }),
    Step("produce", "utiliser", "2036-05-08", CABINET, {
        "fields": {"batteryStatus": "repurposed", "handledMass": KG("400")},
    }),
    Step("issue_passport", "utiliser", "2036-05-09", CABINET),
    Step("place_on_market", "utiliser", "2036-05-10", CABINET),
    Step("declare_waste", "utiliser", "2036-05-12"),
    *_hand_over("utiliser", "recycler", "2036-05-20", "2036-05-22"),
    Step("recycle", "recycler", "2036-06-18", members={"fields": {"handledMass": KG("196.4")}}),
    Step("retire", "utiliser", "2044-09-01", CABINET),
    Step("assess", "utiliser", "2044-09-05", CABINET, {"fields": {"assessmentDecision": "recycling"}}),
    Step("declare_waste", "utiliser", "2044-09-06", CABINET),
    *_hand_over("utiliser", "recycler", "2044-09-10", "2044-09-12", CABINET),
    Step("recycle", "recycler", "2044-10-01", CABINET, {
        "fields": {"handledMass": KG("399"), "recoveredCathodePowderMass": KG("120")},
    }),
)  # fmt: skip
