"""The verifier page."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    "verify": Message("Verify a battery passport"),
    "verify-short": Message("Verify a file"),
    "verify-text": Message(
        "Give a saved passport, a presentation or a credential. It is checked here and not kept. The command "
        "<code>passport verify</code> does the same on your own computer, without a network if need be."
    ),
    "verify-file": Message("<b>Saved passport</b>, drop it here or choose a file"),
    "verify-limit": Message("JSON-LD or JWT, up to 1 MB"),
    "verify-paste": Message("Paste it instead"),
    "verify-paste-label": Message("Text of the passport"),
    "verify-about": Message("Code or address on the battery (optional)"),
    "verify-about-hint": Message("With it, check 6 also tells whether the file is this battery's."),
    "verify-button": Message("Verify"),
    "verify-nothing": Message("There was no file and no text. Choose a file or paste the text of one."),
    "verify-too-large": Message(
        "This is larger than 1 MB, so nothing was read and nothing was checked. The command reads up to 4 MB."
    ),
    "machine-detail": Message("For technicians:"),
    "verify-unreadable": Message("This cannot be read as a passport, so nothing was checked."),
    "verify-trust": Message("Whose signature counts here"),
    "verify-trust-text": Message(
        "Check 5 goes by the trust list of this site. On your own computer you choose a list of your own."
    ),
    "verify-trust-nobody": Message("The list is empty: no issuer is accepted."),
    "result": Message("Result for {name}"),
    "result-pasted": Message("Result for the pasted text"),
    "count-passed": Message("{number} passed"),
    "count-undetermined": Message("{number} could not be checked"),
    "count-failed": Message("{number} failed"),
    "count-not-reached": Message("{number} not reached"),
    "members": Message("What is in the file"),
    "count-not-applied": Message("{number} not applied"),
    "by-credential": Message("By credential"),
    "credential": Message("Credential", context="member of the file"),
    "found": Message("What was found"),
    "hidden": Message("What was hidden from you"),
    "hidden-text": Message("A derived view leaves entries out, and what is left still verifies."),
    "hidden-here": Message("Entries here"),
    "hidden-vocabulary": Message("In the vocabulary"),
    "hidden-not-here": Message("Not here"),
    "hidden-note": Message(
        "“Not here” means left out or never filled in. A derived view cannot tell which, and cannot prove that "
        "nothing else was left out."
    ),
    "hidden-none": Message(
        "Nothing within these credentials: each is whole. Whether there are others that are not in the file "
        "cannot be seen from it; a public view holds none of the restricted ones."
    ),
    "hidden-unknown": Message("Where a proof does not verify, it is unknown what was left out or put in."),
    "unchecked": Message("What could not be checked"),
    "unchecked-never": Message(
        "No check of this kind can tell whether the values are true, or whether the battery before you is the "
        "one described."
    ),
    "unchecked-compare": Message("Compare the code on the battery: {code}"),
    "unchecked-nothing": Message("Every check could be made."),
    "report": Message("Report"),
    "report-json": Message("Report for machines"),
    "report-note": Message(
        "The same checks under the same numbers; what <code>passport verify --json</code> prints. It is in this "
        "page: nothing is kept here to be fetched again."
    ),
    "report-page": Message("This page holds all details too, and can be printed."),
    "report-people": Message("Report to file"),
    "verify-command": Message(
        'The same on your own computer, with <a href="{href}" download="trusted-issuers.json">the list of this '
        "site</a>:"
    ),
    "sheet-speaks": Message("The file speaks of this battery"),
    "sheet-open": Message("Open its passport"),
    "sheet-none": Message("Nothing in it is proved, so it speaks of no battery."),
    "sheet-name": Message("Battery"),
    "sheet-address": Message("Address of the passport"),
    "sheet-pasted": Message("pasted text"),
    "check-1": Message("Can it be read as a signed document?"),
    "check-2": Message("Is it unchanged since it was signed?"),
    "check-3": Message("Is it within its time?"),
    "check-4": Message("Does it still count, or was it withdrawn?"),
    "check-5": Message("Is its signer on the list?"),
    "check-6": Message("Do its parts belong to one battery?"),
    "digest": Message("SHA-256 of the file"),
    "footer-verify": Message("Checked on this server; the file was not kept. No cookies, no third-party requests."),
}
