"""The supervision desk: one alert and its handling."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    "desk-on-this-page": Message("On this page"),
    "desk-yes": Message("yes", context="answer"),
    "desk-no": Message("no", context="answer"),
    # --- evidence -----------------------------------------------------------------------------------------------------
    "desk-evidence": Message("Evidence"),
    "desk-evidence-count": Message("{n} event", plural="{n} events"),
    "desk-gap-count": Message("{n} that should be there and is not", plural="{n} that should be there and are not"),
    "desk-verifies-means": Message(
        "An event verifies when its proof holds and its signer was accredited for it; corrections stand in the line."
    ),
    "desk-tally": Message("Verifies: {ok}. Does not verify: {no}. Could not be checked: {open}. Checked {at}."),
    "desk-proof-ok": Message("Verifies"),
    "desk-proof-no": Message("Does not verify"),
    "desk-proof-qm": Message("Could not be checked"),
    "desk-key-event": Message("This event is the evidence of the alert."),
    "desk-shut": Message("An event that you may not read. Its place is kept."),
    "desk-other-pack": Message("of another pack"),
    "desk-check-yourself": Message("Check event {n} yourself", plural="Check event {n} yourself"),
    "desk-event": Message("Event", context="desk"),
    "desk-digest": Message("Digest of the signed document"),
    "desk-log-place": Message("Place in the log of events"),
    "desk-log-index": Message("entry {index}; its proof of inclusion is in the tiles under /log/events"),
    "desk-log-none": Message("in no log of this node"),
    "desk-evidence-file": Message("All evidence as one file"),
    "desk-evidence-files": Message("Evidence, pack {n} of {count}"),
    "desk-evidence-how-each": Message(
        "A file for each pack holds the signed events with what verifies them. On your own computer:"
    ),
    "desk-evidence-how": Message("The file holds the signed events with what verifies them. On your own computer:"),
    # --- why ----------------------------------------------------------------------------------------------------------
    "desk-why": Message("Why the rule fired"),
    "desk-query": Message("The query, as run"),
    "desk-of-rule": Message(
        "Alerts of this rule so far: {all}. Closed because the cause left: {ceased}. Explained: {explained}. "
        "Closed by a person: {closed}."
    ),
    "desk-basis": Message("Basis"),
    "desk-not-verified": Message("not verified", context="basis"),
    "desk-not-verified-means": Message(
        "The text of this basis was not at hand. Do not cite it in a decision before it was checked."
    ),
    # --- handling -----------------------------------------------------------------------------------------------------
    "desk-todo": Message("What to do"),
    "desk-todo-1": Message("Ask the actor that the alert names for an explanation, with its records."),
    "desk-todo-2": Message("See the pack: compare the code on its plate with the passport."),
    "desk-todo-2-actor": Message("Compare what stands on the premises with what was reported."),
    "desk-todo-3": Message("Record the step, with the reason."),
    "desk-next-step": Message("Next step"),
    "desk-step-assign": Message("Assign"),
    "desk-step-ask": Message("Ask for an explanation"),
    "desk-step-explain": Message("Mark as explained"),
    "desk-step-close": Message("Close", context="alert"),
    "desk-step-reopen": Message("Reopen"),
    "desk-owner-label": Message("Owner, when you assign (empty: yourself)"),
    "desk-reason": Message("Why (kept with your name)"),
    "desk-record": Message("Record the step"),
    "desk-closes-itself": Message(
        "It closes itself when its cause leaves: an event or a correction that answers what is missing. The event is "
        "then named here."
    ),
    "desk-ceased-by": Message("Its cause has left with the event {event}."),
    "desk-ceased-time": Message("Its cause has left; no single event took it away."),
    "desk-steps": Message("Steps so far"),
    "desk-did-assign": Message("{who} assigned it to {owner}"),
    "desk-did-ask": Message("{who} asked for an explanation"),
    "desk-did-explain": Message("{who} marked it as explained"),
    "desk-did-close": Message("{who} closed it"),
    "desk-did-reopen": Message("{who} reopened it"),
    "desk-opened-by-rule": Message("Opened by the rule"),
    "desk-only-added": Message("Steps are only added, never changed."),
    "desk-also": Message("Also here"),
    "desk-dossier-pack": Message("Dossier of pack"),
    "desk-open-count": Message("{n} unresolved alert", plural="{n} unresolved alerts"),
    "desk-who-looked": Message("Who looked at this alert"),
}
