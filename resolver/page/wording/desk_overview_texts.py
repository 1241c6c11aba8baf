"""The supervision desk: search, completeness, overdue reports, and an actor's own page."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- search -------------------------------------------------------------------------------------------------------
    "desk-search": Message("Search", context="desk"),
    "desk-search-text": Message("Pack code, actor, alert"),
    "desk-search-note": Message("A code or its end, an address, a part of a DID, the id of an alert, or a VIN."),
    "desk-search-none": Message("Nothing on this node fits."),
    "desk-actors": Message("Actors"),
    # --- completeness -------------------------------------------------------------------------------------------------
    "desk-completeness": Message("Completeness"),
    "desk-completeness-verdict": Message(
        "For {produced} packs produced, {passports} digital IDs were reported as issued."
    ),
    "desk-silent": Message(
        "{n} pack in use has no recent read-out.", plural="{n} packs in use have no recent read-out."
    ),
    "desk-silent-list": Message("Overdue read-outs"),
    "desk-by-maker": Message("By maker"),
    "desk-by-maker-note": Message("from signed events, the largest first"),
    "desk-coded": Message("Codes registered"),
    "desk-made": Message("Packs produced"),
    "desk-with-passport": Message("Digital IDs issued"),
    "desk-lacking": Message("Lacking"),
    "desk-by-model": Message("By model and regime"),
    "desk-by-model-note": Message("judged on one pack of each model; those with most packs first"),
    "desk-due-on": Message("By what is due on {day}."),
    "desk-day": Message("Due on"),
    "desk-judge": Message("Judge"),
    "desk-each-pack": Message("Each pack"),
    "desk-packs-of": Message("Packs of a model"),
    "desk-packs-verdict": Message(
        "{n} pack is on this page; {whole} give all that is mandatory and due.",
        plural="{n} packs are on this page; {whole} give all that is mandatory and due.",
    ),
    "desk-batch": Message("Batch of the pack"),
    "desk-by-model-verdict": Message(
        "{n} model was looked at; {whole} give all that is mandatory and due.",
        plural="{n} models were looked at; {whole} give all that is mandatory and due.",
    ),
    "desk-model": Message("Model, issuer"),
    "desk-not-asked": Message("not asked"),
    "desk-missing-list": Message("Missing: {list}"),
    "desk-no-models": Message("No passport was issued on this site."),
    "desk-changes": Message("Withdrawals and suspensions"),
    "desk-what-changed": Message("Change"),
    "desk-change-revocation-set": Message("Withdrawn"),
    "desk-change-revocation-back": Message("Withdrawal taken back"),
    "desk-change-suspension-set": Message("Suspended"),
    "desk-change-suspension-back": Message("Suspension lifted"),
    "desk-public-reason": Message("Published reason"),
    "desk-no-reason": Message("none published"),
    "desk-no-changes": Message("Nothing was withdrawn or suspended on this site."),
    # --- overdue ------------------------------------------------------------------------------------------------------
    "desk-overdue": Message("Overdue"),
    "desk-overdue-verdict": Message(
        "{n} report, receipt or read-out is overdue, at {actors} actors.",
        plural="{n} reports, receipts or read-outs are overdue, at {actors} actors.",
    ),
    "desk-overdue-none": Message("Nothing is overdue."),
    "desk-debtors": Message("Who owes"),
    "desk-most-first": Message("the most first"),
    "desk-who-owes": Message("Actor"),
    "desk-oldest": Message("First deadline"),
    "desk-list": Message("List"),
    "desk-overdue-note": Message("By open alerts. A receipt is owed by the receiver, a read-out by the holder."),
    # --- an actor's own page ------------------------------------------------------------------------------------------
    "desk-duties": Message("Duties of your company"),
    "desk-duties-verdict": Message("You owe {n} report or step.", plural="You owe {n} reports or steps."),
    "desk-duties-overdue": Message("{n} is overdue.", plural="{n} are overdue."),
    "desk-duties-none": Message("You owe nothing that this node knows of."),
    "desk-duties-alerts": Message("{n} alert concerns you.", plural="{n} alerts concern you."),
    "desk-owed": Message("What you owe"),
    "desk-urgent-first": Message("the most urgent first"),
    "desk-due": Message("Due"),
    "desk-duty": Message("Duty"),
    "desk-since-event": Message("After the event"),
    "desk-late": Message("{n} day late", plural="{n} days late"),
    "desk-left-days": Message("in {n} day", plural="in {n} days"),
    "desk-first-of": Message("The first {count} of {all}; the export has all."),
    "desk-own-alerts": Message("Alerts that concern you"),
    "desk-own-note": Message(
        "An alert is a question, not a finding. Report what is missing, or correct your event: the alert then closes "
        "itself. Other parties are not named here."
    ),
    "desk-own-no-alert": Message("No alert concerns you."),
    # --- upload records -----------------------------------------------------------------------------------------------
    "desk-report": Message("Upload records"),
    "desk-report-link": Message("Upload records of a period"),
    "desk-report-verdict": Message(
        "{n} record in {period}, {faults} faults.", plural="{n} records in {period}, {faults} faults."
    ),
    "desk-report-period": Message("Month, quarter or year (2026-07, 2026-Q3, 2026)"),
    "desk-report-stages": Message("By stage"),
    "desk-report-batches": Message("By production batch"),
    "desk-report-batch": Message("Production batch"),
    "desk-report-no-batch": Message("no batch stated"),
    "desk-report-outlets": Message("Outlets"),
    "desk-report-outlet": Message("Outlet"),
    "desk-report-outlet-in": Message("Taken in"),
    "desk-report-outlet-out": Message("Handed on"),
    "desk-report-outlet-stock": Message("Still there"),
    "desk-report-outlet-types": Message("Type: in, out"),
    "desk-report-outlet-to": Message("Handed to"),
    "desk-report-outlet-note": Message(
        "A type is position 4 and 5 of the code: P pack, M module, C cell, then the kind of battery."
    ),
    "desk-report-stage": Message("Stage"),
    "desk-report-records": Message("Records"),
    "desk-report-packs": Message("Packs"),
    "desk-report-mass": Message("Mass, kg"),
    "desk-report-late": Message("Late"),
    "desk-report-incomplete": Message("Incomplete"),
    "desk-report-none": Message("Nothing was reported in this period that a duty binds."),
    "desk-report-faults": Message("What is missing, late or overdue"),
    "desk-report-fault": Message("Fault"),
    "desk-report-no-faults": Message("Nothing is missing, late or overdue."),
    "desk-report-discrepancies": Message("Masses that sender and receiver state differently"),
    "desk-report-sent": Message("Sent, kg"),
    "desk-report-received": Message("Received, kg"),
    "desk-report-residues": Message("Recycling: in, recovered, residue"),
    "desk-report-in": Message("In, kg"),
    "desk-report-recovered": Message("Recovered, kg"),
    "desk-report-residue": Message("Residue, kg"),
    "desk-report-corrections": Message("Corrections"),
    "desk-report-corrected": Message("Corrects"),
    "desk-report-other-mass": Message("another mass"),
    "desk-report-withdrawn": Message("withdrawn"),
    "desk-report-receipt": Message("Receipt"),
    "desk-report-receipt-how": Message(
        "The receipt is the digest of the JSON file without it. A later report of this period is held against that "
        "file: passport report-period PERIOD --actor DID --against FILE."
    ),
}
