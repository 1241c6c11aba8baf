"""Why something was refused, for people: on the pages of problems, and where a role is presented.

The library's own message is shown beside it, as code. Errors are told apart by their code; errors of a grant share one
code and are told apart by the beginning of their message.
"""

from __future__ import annotations

from passport.texts import Message

#: By the code of the error.
BY_CODE: dict[str, Message] = {
    "malformed-identifier": Message("This is neither the code of a battery nor the address of a passport."),
    "unknown-passport": Message("There is no such passport here. Compare the address or the code with the battery."),
    "no-such-serial": Message(
        "No passport is published here for this serial number or code. Compare it with the battery."
    ),
    "passport-ceased": Message(
        "This passport has ceased to exist: the battery was recycled. Its address will never name another one."
    ),
    "malformed-document": Message("What was handed in is no well-formed presentation."),
    "insufficient-scope": Message("Your role does not open this passport."),
    "invalid-token": Message("Your access has ended, or it was never good here. Show your role credential again."),
    "not-acceptable": Message("Choose another form of the document."),
    "not-found": Message("Compare the address with the battery."),
    "method-not-allowed": Message("This address takes no such request."),
    "request-entity-too-large": Message("At most 1 MB is taken."),
    "access-denied": Message("This form was sent from another site."),
    "invalid-host": Message("The request does not name this site in the way that HTTP asks for."),
    "store-unavailable": Message("The store of passports does not answer at the moment."),
    "store-locked": Message("The store of passports is in use by another program. Try again in a few seconds."),
    "store-full": Message(
        "The disk of this site is full, so nothing can be recorded. Public passports can still be read. The "
        "operator has to make room."
    ),
    "store-read-only": Message(
        "This site cannot record anything at the moment, and a restricted view needs a record. Public passports "
        "can still be read. The operator has to allow writing."
    ),
    "store-damaged": Message(
        "The store of passports is damaged. Trying again does not help: the operator has to restore the backup."
    ),
    "store-missing": Message(
        "The store of passports is missing. Trying again does not help: the operator has to bring it back."
    ),
    "store-foreign": Message(
        "What should be the store of passports is no database. Trying again does not help: the operator has to "
        "look at it."
    ),
    "store-older": Message(
        "The store of passports belongs to an older version of this site. Trying again does not help: the "
        "operator has to upgrade it."
    ),
    "store-newer": Message(
        "The store of passports belongs to a newer version of this site. Trying again does not help: the "
        "operator has to install that version."
    ),
    "invalid-grant": Message("The presentation does not give you a role here."),
    "authorization-pending": Message("No wallet has answered yet, or the answer was used already."),
}

#: By the beginning of the message of an ``invalid-grant``; the first that fits.
OF_GRANT: tuple[tuple[str, Message], ...] = (
    ("the challenge is not one of ours", Message("The challenge is not one of this site.")),
    ("the challenge has expired", Message("The challenge is too old.")),
    ("the challenge was used before", Message("The challenge was used before.")),
    ("the proof has no challenge", Message("The presentation answers no challenge.")),
    ("the token has no nonce", Message("The presentation answers no challenge.")),
    (
        "the role credential could never be taken back",
        Message("The role credential has no place in a status list. Ask its issuer for a new one."),
    ),
    ("the presentation answers another request", Message("The presentation answers another request.")),
    ("not a presentation", Message("This is no presentation of VC Data Model 2.0.")),
    (
        "nothing to go by",
        Message("The presentation must hold one role credential and nothing else."),
    ),
    ("the presentation names no holder", Message("The presentation does not say who holds it.")),
    (
        "the presentation is not signed by its holder",
        Message("The presentation is not signed by its holder."),
    ),
    ("the presentation is not signed", Message("The presentation is not signed.")),
    (
        "the presentation does not verify",
        Message("The signature of the presentation does not hold for this challenge and this site."),
    ),
    (
        "the role credential cannot be checked",
        Message("The role credential could not be checked."),
    ),
    (
        "the role credential is not accepted",
        Message(
            "The role credential does not verify, has expired, was withdrawn, or its issuer is not on the trust list."
        ),
    ),
    (
        "the role credential speaks of another holder",
        Message("The role credential was given to another holder."),
    ),
    (
        "the role credential does not name the audience",
        Message("The role credential names no role that opens anything here."),
    ),
    (
        "the role's issuer is not trusted",
        Message("The issuer of the role credential is not trusted for this role."),
    ),
    (
        "the role names more packs",
        Message(
            "The role credential names more batteries than one access holds. Ask for several, each for some of them."
        ),
    ),
    (
        "the role credential's purpose",
        Message("The purpose that the role credential names is too long, or holds what cannot be printed."),
    ),
    ("the role credential names no purpose", Message("The role credential names no purpose.")),
    ("a role for", Message("For this purpose the role credential must name batteries.")),
    (
        "the role credential's packs",
        Message("The role credential does not list its batteries as it should."),
    ),
)


def of_error(code: str, message: str) -> Message:
    """What people are told about an error of ``code`` whose own words begin with ``message``."""
    if code == "invalid-grant":
        for head, text in OF_GRANT:
            if message.startswith(head):
                return text
    return BY_CODE.get(code, BY_CODE["invalid-grant"])
