"""A reader's role: what it opens, what may be taken along, and how to ask for one."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- role ---------------------------------------------------------------------------------------------------------
    "role-region": Message("Your role"),
    "role-line": Message("You are reading in a role: {role}, until {time}"),
    "role-detail": Message(
        "Purpose: {purpose}. Role credential of {issuer}{end}. What you open here is logged. Restricted entries "
        "are not for passing on."
    ),
    "role-end": Message(", valid until {date}"),
    "public-view": Message("Public view: the same address without the token"),
    "opens": Message("What your role opens"),
    "opens-text": Message(
        "{n} restricted item of this passport is open to you: {list}.",
        plural="{n} restricted items of this passport are open to you: {list}.",
    ),
    "opens-one": Message('<a href="#{id}">{title}</a> ({number})'),
    "opens-state": Message("As read {at}: {list}."),
    "opens-value": Message('{label} <a href="#{id}">{value}</a>'),
    "opens-nothing": Message("This passport holds nothing that your role opens beyond the public part."),
    # --- downloads and asking -----------------------------------------------------------------------------------------
    "downloads": Message("Downloads"),
    "digests": Message("Digests of the linked documents"),
    "digests-text": Message(
        "The maker signed these SHA-256 digests. A document with another one is not the document that the maker linked."
    ),
    "saved-passport": Message("Saved passport"),
    "saved-note": Message("Signed. Holds what it takes to verify it offline."),
    "saved-role-note": Message("Ask for it with your token. Signed, with restricted content, not for passing on."),
    "cred-model": Message("Model credential"),
    "cred-batch": Message("Batch credential"),
    "cred-passport": Message("Pack credential"),
    "cred-signed": Message("Signed on {date}."),
    "status-list": Message("Status list"),
    "documents": Message("Signed documents one by one"),
    "copies": Message("Copies for other tools, in every format"),
    "copy-note": Message("The data of this view without signatures. A format may have no place for some of it."),
    "copy-csv": Message("csv, for spreadsheets, in both languages"),
    "summary-pdf": Message("Summary on one page"),
    "summary-note": Message("For the file or the glove box. Not signed; the code on it leads here."),
    "summary-figures": Message("In figures"),
    "summary-footer": Message("A copy without signature; the code above leads to the signed passport."),
    "qr-here": Message("QR code of this address"),
    "closed": Message("Not for your role"),
    "purpose-revocation": Message("Signed. Says what is withdrawn."),
    "purpose-suspension": Message("Signed. Says what is suspended."),
    "purpose-refresh": Message("Signed. Says of which read-outs a newer one exists."),
    "ask": Message("Seeing more than the public"),
    "ask-short": Message("Seeing more"),
    "ask-text": Message(
        "You may see restricted entries when an authority on the trust list has given you a role credential."
    ),
    "ask-form": Message("Ask for a role on this page"),
    "ask-form-text": Message(
        "The form goes to the workspace of the operator, {host}. A person there decides. You get a ticket, with which "
        "you fetch the answer."
    ),
    "ask-purpose": Message("What for"),
    "ask-reason": Message("Reason"),
    "ask-person": Message("Your name and company"),
    "ask-conformity": Message("conformity assessment, as a notified body"),
    "ask-holder": Message("DID of your wallet or key"),
    "ask-holder-hint": Message(
        "It begins with did:. <code>passport key generate me.pem</code> makes a key and prints its DID. The role is "
        "good for that key only. Leave it empty for a wallet on a phone: the answer is an offer for it."
    ),
    "ask-button": Message("Send the request"),
    "ask-how": Message("How to ask for a role, step by step"),
    "ask-1": Message("Ask an issuer of role credentials for one; say who you are and what for.{issuers}"),
    "ask-issuers": Message(" Here these are: {list}."),
    "ask-2": Message(
        "Get a challenge from <code>{token}</code>, sign a presentation with a wallet or with the command "
        "<code>passport present</code>, and post it there."
    ),
    "ask-3": Message(
        "Send the access token with the request for this address. You then read the restricted view for "
        "{minutes} minutes at most. What you open is logged, with the time."
    ),
    # --- presenting a role --------------------------------------------------------------------------------------------
    "present": Message("Read with a role"),
    "present-text": Message(
        "Whoever holds a role credential of an authority on the trust list may see more than the public. Show it "
        "here: what you sign is good for this site, for this once, and for five minutes."
    ),
    "present-sign": Message("Sign the challenge"),
    "present-sign-text": Message(
        "With the command, where your key is; or with a wallet, using the same challenge and domain."
    ),
    "present-challenge": Message("Challenge"),
    "present-domain": Message("Domain"),
    "present-until": Message("Good until"),
    "present-show": Message("Show the presentation"),
    "present-file": Message("<b>Presentation</b>, drop it here or choose a file"),
    "present-paste-label": Message("Text of the presentation"),
    "present-passport": Message("Passport to open: code on the battery, or the address in its QR code"),
    "present-button": Message("Open the restricted view"),
    "present-refused": Message("This was not accepted."),
    "present-again": Message("The challenge is used up by the attempt; below is a new one."),
    "present-nothing": Message("There was no presentation. Choose the file that the command wrote, or paste its text."),
    "present-logged": Message(
        "What you open is recorded: who, which passport, which entries, when. The view lasts {minutes} minutes "
        "at most, or until you leave the role. No cookie is set."
    ),
    "another": Message("Another passport"),
    "another-text": Message("In the same role, until {time}."),
    "ask-here": Message(
        'In a browser: <a href="{href}">show your role credential</a>; the restricted view opens on the spot.'
    ),
    "saved-post-note": Message("Signed, with restricted content, not for passing on."),
    "leave": Message("Leave the role"),
}
