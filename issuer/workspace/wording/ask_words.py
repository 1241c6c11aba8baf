"""Pages for a stranger who asks for access: the form, the ticket, the answer."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    "ask-title": Message("Ask for a role"),
    "ask-of": Message("A person of {company} decides about this request. A role opens this battery only:"),
    "ask-no-pack": Message("Choose the battery first."),
    "ask-begin": Message("Find its passport, and ask from there:"),
    "ask-purpose": Message("What for"),
    "ask-conformity": Message("conformity assessment, as a notified body"),
    "ask-person": Message("Your name and company"),
    "ask-holder": Message("DID of your wallet or key"),
    "ask-holder-hint": Message(
        "It begins with did:. “passport key generate me.pem” makes a key and prints its DID. The role is good for that "
        "key only. Leave it empty for a wallet on a phone: the answer is an offer for it."
    ),
    "ask-send": Message("Send the request"),
    "ask-have-ticket": Message("I have a ticket"),
    "ask-footer": Message("No cookie is set. The request is kept with your name, reason and DID."),
    "asked-title": Message("Your request is here"),
    "asked-keep": Message("Keep this ticket. It fetches the answer, and is shown once."),
    "asked-how": Message("A person decides. Come back with the ticket:"),
    "ask-look": Message("See the answer"),
    "ask-back": Message("Back to the passport"),
    "answer-title": Message("Answer to a request"),
    "answer-open": Message("Not decided yet. Come back later."),
    "answer-granted": Message("Granted. The role credential is ready."),
    "answer-refused": Message("Refused."),
    "answer-revoked": Message("The role was taken back."),
    "answer-save": Message("Save the role credential"),
    "answer-next": Message("Then sign a challenge with your key:"),
    "answer-open-view": Message("open the restricted view"),
    "answer-next-wallet": Message("With the role in a wallet:"),
    "answer-open-wallet": Message("open the passport with the wallet"),
    "answer-unknown": Message("There is no request with this ticket. Compare it with what was shown."),
    "ticket": Message("Ticket"),
}
