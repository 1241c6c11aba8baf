"""The entries: how to read them, their states, and the sections that are restricted as a whole."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- key ----------------------------------------------------------------------------------------------------------
    "key": Message("How to read the entries"),
    "dynamic": Message("dynamic"),
    "static-or-dynamic": Message("static or dynamic"),
    "key-static": Message("static: fixed when the battery was made"),
    "key-dynamic": Message("dynamic: changes in use; always with the time it was read"),
    "key-not-yet-due": Message("the law asks for it later; nothing is missing"),
    "key-restricted": Message(
        "the law keeps it for the readers named; this page does not tell whether it was filled in"
    ),
    "key-not-applicable": Message("not asked of this kind of battery"),
    "key-missing": Message("due today and not there"),
    "key-optional": Message("Optional items that were left blank are not listed."),
    # --- entries ------------------------------------------------------------------------------------------------------
    "indicator": Message("Indicator"),
    "value": Message("Value", context="entry"),
    "eu-name": Message("EU name, Annex"),
    "cn-name": Message("Chinese name"),
    "eu": Message("EU"),
    "cn": Message("China"),
    "same-name": Message("same name"),
    "restricted": Message("Restricted"),
    "other-purpose": Message("{who} for another purpose"),
    "not-applicable": Message("Does not apply"),
    "from-date": Message("{regime}: from {date}"),
    "pending": Message("{regime}: waits for an act that is not yet in force"),
    "pending-act": Message("{regime}: waits for the act under Article {article}"),
    "excluded": Message("{regime}: not asked of this kind of battery"),
    "at-stage": Message("{regime}: {stage}"),
    "changed-at": Message("at the status change of {at}"),
    "read-at": Message("read {at}"),
    "entries": Message("{n} entry", plural="{n} entries"),
    "in-picture": Message("shares in the picture above"),
    "particulars": Message("{n} particular", plural="{n} particulars"),
    "as-table": Message("As a table"),
    "range": Message("{low}\u00a0–\u00a0{high}"),
    "labelled": Message("{label} {value}"),
    "in-brackets": Message(" ({text})"),
    "month-only": Message("written “{month}” in EU documents"),
    "more-not-due": Message("{n} more item, not yet due", plural="{n} more items, not yet due"),
    "more-not-applicable": Message(
        "{n} item that does not apply to this battery", plural="{n} items that do not apply to this battery"
    ),
    "public-part": Message("Public part, {n} item", plural="Public part, {n} items"),
    "note-pending": Message(
        "The EU does not ask for these points yet; China does. Values are shown under the rules that ask for "
        "them and are left out of the EU view."
    ),
    "regime-not-asked": Message("The {regime} rules ask nothing of this kind of battery. All entries are shown."),
    # --- restricted sections ------------------------------------------------------------------------------------------
    "dynamic-restricted": Message(
        "<span class=rs>Restricted.</span> The law keeps the condition of a single battery for people with a "
        "legitimate interest: repairers, remanufacturers, second-life operators, recyclers, and whoever buys "
        "this battery. This page does not tell whether the {number} items were filled in."
    ),
    "traceability-restricted": Message(
        "<span class=rs>Restricted.</span> The Chinese rules ask for {number} records, from production to "
        "recycling, for the competent authorities only. Owners, number plates and vehicle numbers are never part "
        "of a passport."
    ),
    "how-to-ask": Message("How to ask"),
    "names-of-items": Message("Names of these items"),
}
