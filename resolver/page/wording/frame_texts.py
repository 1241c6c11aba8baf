"""The frame of every page, the header of a passport, the front page, and problems."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- frame --------------------------------------------------------------------------------------------------------
    "site": Message("Battery passport"),
    "skip": Message("Skip to the passport"),
    "skip-page": Message("Skip to the text"),
    "rules": Message("Rules"),
    "rules-nav": Message("Rules shown"),
    "both": Message("Both"),
    "language": Message("Language"),
    "contents": Message("Sections"),
    "title": Message("{name} {serial}, battery passport"),
    "title-model": Message("{name}, battery model"),
    "title-batch": Message("{name}, batch {batch}"),
    "served": Message("Served {at}."),
    "served-role": Message("Served {at} to {holder}, access {token}."),
    "footer-public": Message(
        "Public data, free of charge. No cookies, no third-party requests; your address is not recorded."
    ),
    "footer-role": Message("No cookies, no third-party requests. What you open is recorded."),
    "print-role": Message("Restricted view, not for passing on."),
    "full-stop": Message("{sentence}."),
    "several-links": Message("Several links"),
    "wrong": Message("Something wrong?"),
    # --- header -------------------------------------------------------------------------------------------------------
    "maker-line": Message("{category} by {maker}"),
    "chemistry": Message("Chemistry"),
    "energy": Message("Energy", context="of a battery"),
    "voltage": Message("Voltage"),
    "mass": Message("Mass"),
    "made": Message("Made"),
    "plate": Message("Same code on the battery?"),
    "plate-serial": Message("Same serial number on the battery?"),
    "plate-meaning": Message("What it says"),
    "code-maker": Message("maker"),
    "code-specification": Message("specification"),
    "code-traceability": Message("traceability"),
    "code-serial": Message("serial"),
    "code-second-life": Message("second life"),
    "qr": Message("QR code with the address of this passport"),
    # --- home and problems --------------------------------------------------------------------------------------------
    "home-title": Message("Battery passports"),
    "home-text": Message(
        "Behind the QR code on a battery stands its passport: who made it, from what, how it performs, what its "
        "carbon footprint is, how to take it apart. Each passport is signed by the maker, and every reader can check "
        "it."
    ),
    "find": Message("Find a passport"),
    "look-label": Message("Code, serial number, GTIN, model, maker or address"),
    "look-hint": Message("As it is on the battery; blanks and dashes do not matter."),
    "look-button": Message("Find it"),
    "look-scan": Message("Scan with the camera"),
    "look-short": Message("Find"),
    "look-fits": Message("Passports that fit"),
    "look-again": Message("Look for another one"),
    "find-label": Message("Code on the battery (GB/T 34014), or the address in its QR code"),
    "find-button": Message("Open the passport"),
    "home-programs": Message("For programs"),
    "home-negotiate": Message(
        "The address in the QR code leads to a page for people and, with <code>Accept: application/vp</code> or "
        "<code>?format=vp</code>, to the signed data."
    ),
    "home-verify": Message("A saved passport can be checked here, or on your own computer."),
    "home-ns": Message("Vocabulary"),
    "home-context": Message("JSON-LD context"),
    "home-token": Message("Access with a role credential"),
    "problem-400": Message("This address cannot be right"),
    "problem-401": Message("Your access has ended"),
    "problem-403": Message("Your role does not open this"),
    "problem-404": Message("There is nothing at this address"),
    "problem-405": Message("That cannot be done here"),
    "problem-406": Message("There is no such form of this document"),
    "problem-413": Message("That is too large"),
    "problem-500": Message("Something failed here, and it is not your doing"),
    "problem-500-hint": Message("Try again in a minute."),
    "problem-503": Message("This site cannot do that at the moment"),
    "problem-home": Message("To the front page"),
}
