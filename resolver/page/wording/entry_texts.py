"""The entries: how to read them, their states, and the sections that are restricted as a whole."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- how to read --------------------------------------------------------------------------------------------------
    "tap": Message("Tap a name for its meaning."),
    "legal-names": Message("Legal names"),
    "term-link": Message("Term and use"),
    "signed-as": Message("Signed as {value}."),
    "changes-in-use": Message("Changes in use."),
    "section-read": Message("As read {at}, the newest read-out."),
    "section-read-old": Message("As read {at}; there is a newer read-out."),
    "fold-restricted": Message("{n} restricted entry", plural="{n} restricted entries"),
    "fold-waiting": Message("{n} not yet due", plural="{n} not yet due"),
    "authorities": Message("authorities"),
    "several-reasons": Message("for several reasons"),
    "in-picture": Message("The entries one by one"),
    "voltage-range": Message("Voltage, least to most"),
    "idle-range": Message("Idle temperature"),
    "power-table": Message("Power by state of charge"),
    "power-at": Message("At {temperature}."),
    "charge-left": Message("Charge left"),
    # --- entries ------------------------------------------------------------------------------------------------------
    "eu": Message("EU"),
    "cn": Message("China"),
    "eu-short": Message("EU", context="column"),
    "cn-short": Message("CN", context="column"),
    "same-name": Message("same name"),
    "other-purpose": Message("{who} for another purpose"),
    "from-date": Message("{regime}: from {date}"),
    "pending": Message("{regime}: waits for an act that is not yet in force"),
    "pending-act": Message("{regime}: waits for the act under Article {article}"),
    "at-stage": Message("{regime}: {stage}"),
    "changed-at": Message("at the status change of {at}"),
    "read-at": Message("read {at}"),
    "entries": Message("{n} entry", plural="{n} entries"),
    "particulars": Message("{n} particular", plural="{n} particulars"),
    "as-table": Message("As a table"),
    "range": Message("{low}\u00a0–\u00a0{high}"),
    "labelled": Message("{label} {value}"),
    "in-brackets": Message(" ({text})"),
    "month-only": Message("written “{month}” in EU documents"),
    "public-part": Message("Public part, {n} item", plural="Public part, {n} items"),
    "note-pending": Message(
        "The EU does not ask for all of these points yet; China does. What waits is left out of the view by EU rules."
    ),
    "regime-not-asked": Message("The {regime} rules ask nothing of this kind of battery. All entries are shown."),
    # --- attestations -------------------------------------------------------------------------------------------------
    "attested-by": Message("attested by {who}"),
    "attested-until": Message("attested by {who} until {date}"),
    "attested-changed": Message("attested by {who}, which no longer fits: {why}"),
    "attested-not": Message("attested by {who}, which does not count: {why}"),
    "attested-page": Message("Who examined these values"),
    "attested-value": Message("Value"),
    "attested-standing": Message("Standing"),
    "attested-who": Message("Attested by"),
    "attested-end": Message("Until"),
    "attested-how": Message("How"),
    "attested-report": Message("Report"),
    "attested-note": Message("By whom, how and until when; with the signed attestations."),
    # --- restricted sections ------------------------------------------------------------------------------------------
    "dynamic-restricted": Message(
        "Restricted: the condition of a single battery is for people with a legitimate interest: repairers, "
        "remanufacturers, second-life operators, recyclers, and buyers of this battery. This page does not tell "
        "whether the {number} items were filled in."
    ),
    "traceability-restricted": Message(
        "Restricted: the Chinese rules ask for {number} records, from production to "
        "recycling, for the competent authorities only. Owners, number plates and vehicle numbers are never part "
        "of a passport."
    ),
}
