"""Wallets: offers of credentials, transaction codes, accreditations that an asker shows."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    "any-wallet": Message("the wallet that takes it first"),
    "open-wallet": Message("Open the wallet"),
    "asked-offer": Message("Take the role into a wallet"),
    "asked-offer-how": Message(
        "Open the link on the device with your wallet, or scan the code with it. The link serves once, for half an "
        "hour. Show it to no other person."
    ),
    "asked-offer-code": Message(
        "The wallet asks for a transaction code of six digits. The person who decided tells it to you, by telephone "
        "for example. Five wrong codes end the offer."
    ),
    "asked-offer-over": Message("The time of the role has ended, or its offer did. Ask again."),
    "offer-picture": Message("QR code of the offer"),
    "request-picture": Message("QR code of the request"),
    "show-accreditation": Message("Say who you are with a wallet"),
    "show-accreditation-how": Message(
        "If an authority accredited your company, your wallet can show that to the person who decides. Open the link "
        "on the device with your wallet, or scan the code with it. The request is good for five minutes."
    ),
    "answer-clear": Message("The answer is protected on its way by the connection to this site."),
    "answer-encrypted": Message("The wallet encrypts its answer to a key that is made for this request."),
    "ask-encrypted": Message("Ask for an encrypted answer"),
    "ask-clear": Message("My wallet cannot encrypt its answer"),
    "shown-from-wallet": Message("Shown from a wallet"),
    "accredited-by": Message("{name}: {roles}. Accredited by {authority}; shown at {at}."),
    "accredited-other": Message("The role is asked for another key."),
    "accredited-over": Message("It has ended or was revoked since."),
    "accredited-unknown": Message("Whether it was revoked since could not be checked."),
    "accredited-checked": Message("Not revoked by the status list of {at}."),
    "with-transaction-code": Message("with a transaction code"),
    "transaction-code": Message("Transaction code"),
    "transaction-code-how": Message(
        "Shown this once. Tell it to the holder on another way than the link, by telephone for example. Five wrong "
        "codes end the offer."
    ),
    "new-transaction-code": Message("New transaction code"),
    "accreditations": Message("Accreditations"),
    "accreditations-how": Message("An actor takes its accreditation into the wallet that has its key."),
    "actor": Message("Actor"),
    "offer-for-wallet": Message("Offer for a wallet"),
    "accreditation-offer": Message("Accreditation for a wallet"),
    "accreditation-offer-how": Message(
        "Send the link or the picture to the actor. It serves once, for half an hour, for the wallet with the actor's "
        "key."
    ),
    "deed-take-role": Message("took a role into a wallet"),
    "deed-show-accreditation": Message("showed an accreditation"),
    "deed-offer-accreditation": Message("offered an accreditation for a wallet"),
}
