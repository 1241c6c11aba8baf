"""The supervision desk: the dossiers of packs and actors."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- pack ---------------------------------------------------------------------------------------------------------
    "desk-pack-title": Message("Pack {name}"),
    "desk-pack-ended": Message("It ended on {day}."),
    "desk-pack-held": Message("{holder} holds it; its last event was on {day}."),
    "desk-pack-use": Message("Its last event was on {day}."),
    "desk-pack-alerts": Message("{n} alert is or was about it.", plural="{n} alerts are or were about it."),
    "desk-pack-no-alert": Message("No alert is about it."),
    "desk-pack-state": Message("State", context="pack"),
    "desk-holder": Message("Holder"),
    "desk-events": Message("Events"),
    "desk-pack-what": Message("What it is"),
    "desk-code": Message("Code on the plate"),
    "desk-address": Message("Address"),
    "desk-maker": Message("Maker"),
    "desk-produced": Message("Produced"),
    "desk-passport": Message("Passport"),
    "desk-passport-open": Message("Open the passport in this role"),
    "desk-passport-none": Message("none on this site"),
    "desk-origins": Message("Made from"),
    "desk-successors": Message("Made into"),
    "desk-missing": Message("What is missing"),
    "desk-open-and-over": Message("resolved ones too"),
    "desk-history": Message("History"),
    "desk-hidden": Message("{n} that you may not read", plural="{n} that you may not read"),
    "desk-check-all": Message("Check the signatures now"),
    "desk-vehicles": Message("Vehicles"),
    "desk-by-hash": Message("by keyed hash; no VIN is stored"),
    "desk-vehicle": Message("Vehicle"),
    "desk-from": Message("From"),
    "desk-until": Message("Until"),
    "desk-still": Message("still"),
    "desk-parts": Message("Parts"),
    "desk-part": Message("Part"),
    "desk-read-outs": Message("Read-outs"),
    "desk-soh": Message("State of health"),
    "desk-cycles": Message("Cycles"),
    "desk-who-looked-pack": Message("Who looked at this pack"),
    # --- actor --------------------------------------------------------------------------------------------------------
    "desk-actor-verdict": Message(
        "{n} pack should be on its premises, {tonnes} t.", plural="{n} packs should be on its premises, {tonnes} t."
    ),
    "desk-open-count-sentence": Message(
        "{n} alert about it is unresolved.", plural="{n} alerts about it are unresolved."
    ),
    "desk-actor-no-alert": Message("No alert is about it."),
    "desk-actor-kind": Message("Kind"),
    "desk-open-alerts": Message("Unresolved alerts"),
    "desk-in-time": Message("In time"),
    "desk-of": Message("of {all} due in a year"),
    "desk-of-events": Message("of {all} events"),
    "desk-corrections": Message("Corrections"),
    "desk-volumes": Message("Packs in and out"),
    "desk-own-events": Message("from its own signed events"),
    "desk-volume-title": Message("Packs by periods of 30 days"),
    "desk-volume-all": Message("Events by periods of 30 days"),
    "desk-volume-note": Message(
        "Solid: taken in. Hatched: handed on. Dashed: the middle of its own periods before the last one, taken in. "
        "The last period has not ended."
    ),
    "desk-volume-note-all": Message(
        "Dashed: the middle of its own periods before the last one. The last period has not ended."
    ),
    "desk-volume-label": Message("Counts by period: {list}"),
    "desk-usual": Message("usually {n}", plural="usually {n}"),
    "desk-period": Message("Period from"),
    "desk-all-alerts": Message("All alerts about it"),
    "desk-punctuality": Message("Punctuality"),
    "desk-year": Message("last 12 months"),
    "desk-report": Message("Report"),
    "desk-limit": Message("Limit"),
    "desk-median": Message("Median"),
    "desk-n-of": Message("{n} of {all}"),
    "desk-days": Message("{n} day", plural="{n} days"),
    "desk-newest-note": Message("Of each kind at most the newest 2,000 reports are counted."),
    "desk-no-report": Message("No report with a limit in this time."),
    "desk-corrected": Message("What was corrected"),
    "desk-times": Message("Times"),
    "desk-days-after": Message("Days after"),
    "desk-no-corrections": Message("It corrected nothing."),
    "desk-accreditation": Message("Accreditation"),
    "desk-may": Message("May act as"),
    "desk-permit": Message("Permit {kind}"),
    "desk-endless": Message("no end"),
    "desk-partners": Message("Partners"),
    "desk-came-from": Message("Came from"),
    "desk-went-to": Message("Went to"),
    "desk-packs": Message("Packs"),
    "desk-receipt-came": Message("Receipt came"),
    "desk-not-named": Message("not named"),
    "desk-who-looked-actor": Message("Who looked at this actor"),
}
