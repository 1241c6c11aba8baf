"""What a reader may need, by who they are; the life so far; versions."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- who you are --------------------------------------------------------------------------------------------------
    "needs": Message("What you may need"),
    "need-fire": Message("Fire or damage"),
    "need-owner": Message("Owner"),
    "need-buyer": Message("Buyer of a used one"),
    "need-repair": Message("Repairer, recycler"),
    "need-inspect": Message("Inspector"),
    "need-restricted": Message('Restricted. <a href="#ask">How to ask</a>'),
    "need-closed": Message("Not for your role."),
    # --- fire ---------------------------------------------------------------------------------------------------------
    "need-fire-agent": Message("{agent}."),
    "need-fire-none": Message("Extinguishing agent not given."),
    "need-fire-volts": Message("Up to {volts}."),
    "need-dangers": Message("Dangers"),
    "need-danger": Message("{substance}: {dangers}"),
    "need-cut": Message("Where to cut"),
    "need-cut-text": Message("Not in a battery passport: see the rescue sheet of the vehicle."),
    # --- owner --------------------------------------------------------------------------------------------------------
    "need-owner-warranty": Message("Warranty {months}."),
    "need-owner-none": Message("Warranty not given."),
    "need-owner-life": Message("{cycles} to {threshold}."),
    "need-owner-cycles": Message("{cycles}."),
    # --- buyer --------------------------------------------------------------------------------------------------------
    "need-buyer-soce": Message("State of certified energy {value}."),
    "need-buyer-capacity": Message("Remaining capacity {value}."),
    "need-buyer-ask": Message("Ask the seller to open the state of health."),
    "need-buyer-model": Message("The state of one battery is in its own passport."),
    "need-history": Message("History"),
    "need-ask": Message("What to ask for"),
    "need-ask-text": Message(
        "A role credential for the purpose “purchase”, of this battery. The seller asks its issuer for you; "
        '<a href="#ask">what it opens</a>.'
    ),
    # --- repairer, recycler -------------------------------------------------------------------------------------------
    "need-repair-facts": Message("{chemistry}, {volts}."),
    "need-repair-open": Message("Manuals below."),
    "need-repair-closed": Message("Manuals on request."),
    # --- inspector ----------------------------------------------------------------------------------------------------
    "need-due": Message("{regime}: {present} of {all} due."),
    "need-due-later": Message("{regime}: {present} of {all}, due {date}."),
    "need-due-none": Message("No rules of this site ask anything of this kind of battery."),
    "need-not-asked": Message("Not asked"),
    "need-not-asked-text": Message(
        "{n} item of the rules is not asked of this kind of battery.",
        plural="{n} items of the rules are not asked of this kind of battery.",
    ),
    "need-machine": Message("For machines"),
    "need-machine-text": Message('<a href="{href}">The signed data</a>, to be verified offline.'),
    # --- life so far --------------------------------------------------------------------------------------------------
    "life-so-far": Message("Life so far"),
    "stop-issued": Message("Passport issued"),
    "stop-version": Message("version {number} on {date}"),
    "stop-signed": Message("Signed by {who}"),
    "stop-shut": Message("What happened since is restricted"),
    "stop-shut-text": Message(
        "Fitting, sale, repair and health are for people with a legitimate interest and for authorities. This page "
        'does not tell whether anything happened. <a href="#ask">How to see more</a>'
    ),
    "stop-end": Message("The end will be public"),
    "stop-end-text": Message("Recycling ends this passport. The date and any successor will then be here. {link}"),
    # --- versions -----------------------------------------------------------------------------------------------------
    "versions": Message("Versions"),
    "version-of": Message("{what}, version {number}"),
    "version-this": Message("{title} · shown here"),
    "version-first": Message("First issue, {date}."),
    "version-corrected": Message("Corrected on {date}."),
    "version-because": Message("Because: {reason}"),
    "version-no-reason": Message("No reason was given."),
    "version-unchanged": Message("No public entry changed."),
    "version-changed": Message("What changed"),
    "version-was": Message("before"),
    "version-is": Message("after"),
    "version-withdrawn": Message("Withdrawn on {date}."),
    "version-suspended": Message("Suspended since {date}."),
    "version-read": Message("Read this version"),
    "version-readings": Message("Read-outs"),
    "reading-first": Message("first known {at}"),
    "made-from": Message("Made from"),
    "made-into": Message("Made into"),
}
