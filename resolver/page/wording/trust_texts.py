"""What the document is worth: its status, and the four answers of the trust strip."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- status of the document ---------------------------------------------------------------------------------------
    "status-valid": Message("Signed, unchanged, not withdrawn"),
    "status-valid-model": Message("Model data signed, unchanged, not withdrawn"),
    "status-valid-batch": Message("Batch data signed, unchanged, not withdrawn"),
    "status-suspended": Message("Signed and unchanged, but suspended"),
    "status-withdrawn": Message("Signed and unchanged, but withdrawn"),
    "status-suspended-unsure": Message("Suspended; the signature could not be checked"),
    "status-withdrawn-unsure": Message("Withdrawn; the signature could not be checked"),
    "status-superseded": Message("Signed and unchanged, but not the newest read-out"),
    "status-ended": Message("Signed and unchanged; the battery no longer exists"),
    "status-bad": Message("Do not rely on this passport"),
    "status-unlisted": Message("Signed, issuer not listed"),
    "status-unknown": Message("Could not be checked in full"),
    "status-expired": Message("Passport out of its validity period"),
    "line-valid": Message("by {who}, who is listed; checked {at}"),
    "line-other": Message("checked {at}; what was found is behind this line"),
    "how": Message("how"),
    "about-issued": Message("Issued {issued}{end}."),
    "no-end": Message(", without end date"),
    "with-end": Message(", until {end}"),
    "about-document": Message("This is about the document, not about the state of the battery."),
    "about-document-role": Message("The state of the battery itself is below."),
    # --- trust strip --------------------------------------------------------------------------------------------------
    "trust": Message("How far you can rely on this page"),
    "signed-by": Message("Signed by"),
    "listed-in": Message("Listed in"),
    "withdrawn?": Message("Withdrawn?"),
    "complete?": Message("Complete?"),
    "data-model": Message("the model’s data"),
    "data-batch": Message("the batch’s data"),
    "data-detail": Message("the model’s restricted data"),
    "data-passport": Message("this pack’s data"),
    "data-condition": Message("the condition of this pack"),
    "data-event": Message("a traceability record"),
    "signed-one": Message("{what} on {date}"),
    "signed": Message("<b>{who}</b> signed {list}. Nothing was changed since."),
    "not-signed": Message(
        "<b class=bad>Do not rely on {list}.</b> {why} Compare with the maker, and do not use the values."
    ),
    "why-changed": Message("Signature and content do not match."),
    "why-key": Message("The key does not belong to the issuer."),
    "why-unsigned": Message("It is not signed."),
    "why-form": Message("It is not a well-formed credential."),
    "sign-unknown": Message("The signature on {list} could not be checked: {why}."),
    "listed": Message(
        'The <a href="{href}">trust list of this site</a> names {who} as an issuer of these credentials{regimes}.'
    ),
    "listed-regimes": Message(", for {list}"),
    "not-listed": Message(
        '<span class=warn>The <a href="{href}">trust list of this site</a> does not name {who} for '
        "{list}.</span> The signature says that nothing was changed; it does not say who is behind it."
    ),
    "list-unknown": Message("Could not be checked: {why}."),
    "not-withdrawn": Message("Not withdrawn as of {at}; the status list was signed {signed}."),
    "no-status": Message("Its credentials name no status list."),
    "condition-newest": Message("The condition is the newest read-out there is."),
    "is-withdrawn": Message(
        "<b class=bad>Withdrawn</b> by its issuer: {list}. Do not rely on it; the maker can say what replaced it."
    ),
    "is-suspended": Message("<b class=warn>Suspended</b> by its issuer for the time being: {list}."),
    "status-unchecked": Message("<span class=warn>Could not be checked</span> for {list}: {why}."),
    "expired": Message("<b class=warn>Not within its validity period</b>: {list}."),
    "complete-public-both": Message("This view is complete for the public: both public credentials are shown whole."),
    "complete-public": Message(
        "This view is complete for the public: the public credential is shown whole.",
        plural="This view is complete for the public: {n} public credentials are shown whole.",
    ),
    "complete-role": Message(
        "You see what the policy gives to your role, each entry under its signature. What a derived view leaves "
        "out cannot be proved by it."
    ),
    "due": Message("Of the public items due today, {list}."),
    "due-role": Message("Of the items due today that you may see, {list}."),
    "due-one": Message("{present} of {all} are there for {regime}"),
    "due-later": Message(
        "The rules of {regime} apply from {date}; of the items that they ask for then, {present} of {all} are there."
    ),
    "the-eu": Message("the EU"),
    "the-cn": Message("China"),
    "vouch": Message("A page cannot vouch for itself. Check it yourself"),
    "check-plate": Message("Compare the code above with the one on the battery."),
    "check-file": Message(
        'Download the <a href="{href}" download="{file}">saved passport</a> and check it on a computer of your '
        "own, with or without a network:"
    ),
    "check-trust": Message(
        'It needs a trust list: <a href="{href}" download="trusted-issuers.json">that of this site</a>, or better one '
        "from an authority that you trust:"
    ),
    "check-role-file": Message(
        "Ask for this address with <code>Accept: application/vp</code> and your token, save the answer, and "
        "check it on a computer of your own."
    ),
    "check-any": Message("Or use any verifier of the W3C suites {suites}."),
}
