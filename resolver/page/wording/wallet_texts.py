"""Words of the pages that ask a wallet for a role credential."""

from __future__ import annotations

from collections.abc import Mapping

from passport.texts import Message, Text

TEXTS: Mapping[str, Text] = {
    "wallet": Message("Read with a role from a wallet"),
    "wallet-text": Message(
        "A wallet that speaks OpenID for Verifiable Presentations shows your role credential to this site. The request "
        "is good for one answer and for five minutes."
    ),
    "wallet-same": Message("The wallet is on this device"),
    "wallet-tap": Message("Open the wallet"),
    "wallet-same-text": Message("After your consent the wallet leads you back to this site."),
    "wallet-other": Message("The wallet is on another device"),
    "wallet-other-text": Message(
        "Scan this code with the wallet only if you opened this page yourself. Consent there, then press the button "
        "here."
    ),
    "wallet-link": Message("The request as text"),
    "wallet-plain": Message("Unsigned, for a wallet that cannot verify who asks:"),
    "wallet-clear": Message("The answer is protected on its way by the connection to this site."),
    "wallet-encrypted": Message("The wallet encrypts its answer to a key that is made for this request."),
    "wallet-ask-encrypted": Message("Ask for an encrypted answer"),
    "wallet-ask-clear": Message("My wallet cannot encrypt its answer"),
    "wallet-button": Message("My wallet has answered"),
    "wallet-until": Message("The request is good until {until}."),
    "wallet-wait": Message("Press the button again when the wallet has answered."),
    "wallet-done": Message("Your wallet has answered"),
    "wallet-done-text": Message("The restricted view opens when you press the button. The answer can be used once."),
    "present-wallet": Message('Or <a href="{href}">show it from a wallet</a>, with a link or a QR code.'),
}
