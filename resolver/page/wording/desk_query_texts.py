"""The supervision desk: the counter for scrapping."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    "desk-scrap": Message("May this vehicle be scrapped?"),
    "desk-vin": Message("Vehicle identification number (VIN)"),
    "desk-codes-found": Message("Codes of the packs found in the vehicle"),
    "desk-check": Message("Check", context="scrap"),
    "desk-vin-note": Message("The VIN is hashed in memory. It is not kept, logged or shown again."),
    "desk-codes-note": Message("Blanks do not matter; several codes apart by commas. A scanner can type it."),
    "desk-no-pack-found": Message("No pack was found in the vehicle"),
    "desk-no-check-digit": Message("The VIN has no check digit (makers in Europe)"),
    "desk-scrap-yes": Message("It may be scrapped"),
    "desk-scrap-no": Message("Not yet"),
    "desk-scrap-unknown": Message("Cannot be told"),
    "desk-scrap-because-all": Message("The packs found are those on record in this vehicle."),
    "desk-scrap-because-vehicle-known": Message("This node has no record of this vehicle."),
    "desk-scrap-because-not-scrapped": Message("This vehicle was reported as scrapped before."),
    "desk-scrap-because-packs-known": Message("This node has no record of a pack that was found."),
    "desk-scrap-because-packs-of-vehicle": Message("The packs found are not those on record in this vehicle."),
    "desk-scrap-because-not-elsewhere": Message("A pack that was found is on record elsewhere."),
    "desk-scrap-because-not-stopped": Message("A pack is held, or reported as lost."),
    "desk-scrap-no-key": Message("This site has no key for hashes of vehicles, so no vehicle can be looked up."),
    "desk-scrap-do-yes": Message(
        "Name these codes when you report the scrapping, and report the hand-over of the packs afterwards."
    ),
    "desk-scrap-do-no-1": Message("Read the plate again: codes that differ in few places may be misread."),
    "desk-scrap-do-no-2": Message(
        "Ask the owner or the workshop for the record of the replacement. Once it is reported, this page answers anew."
    ),
    "desk-scrap-do-no-3": Message("Do not take the packs out before that. The authority can help."),
    "desk-scrap-do-unknown": Message(
        "Compare the VIN. If it is right, ask the maker of the vehicle, or the authority for an answer."
    ),
    "desk-scrap-codes": Message("The codes"),
    "desk-recorded": Message("On record in this vehicle"),
    "desk-found": Message("Found in the vehicle"),
    "desk-none-recorded": Message("no pack"),
    "desk-none-found": Message("no pack"),
    "desk-reasons": Message("Reasons"),
    "desk-check-vehicle-known": Message("The vehicle is on record"),
    "desk-check-not-scrapped": Message("The vehicle was not scrapped before"),
    "desk-check-packs-known": Message("The packs found are on record"),
    "desk-check-packs-of-vehicle": Message("The packs found are those of this vehicle, or a report explains why not"),
    "desk-check-not-elsewhere": Message("No pack found is on record elsewhere"),
    "desk-check-not-stopped": Message("No pack is held or lost"),
    "desk-check-yes": Message("Fits"),
    "desk-check-no": Message("Does not fit"),
    "desk-check-unknown": Message("Unknown"),
    "desk-scrap-basis": Message("Basis: Order No. 73, vehicle and battery are scrapped together, as reported."),
}
