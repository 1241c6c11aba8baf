"""Offers, agreements and transfers of a company as one page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from passport.linked_data.json_types import JsonObject
from passport.reports.standalone_page import render
from passport.texts import Message, Text, day, say
from passport.vocabulary.vocabulary import load

TEXTS: dict[str, Text] = {
    "heading": Message("Exchange with other companies"),
    "company": Message("Our company"),
    "made": Message("Made on"),
    "offers": Message("Offers"),
    "agreements": Message("Agreements"),
    "transfers": Message("Transfers"),
    "none": Message("None yet."),
    "kind": Message("Kind"),
    "state": Message("State"),
    "our-side": Message("Our side"),
    "peer": Message("Other company"),
    "changed": Message("Last change"),
    "until": Message("In force until"),
    "digest": Message("Digest of the agreement"),
    "handed-over": Message("Hand-overs"),
    "reason": Message("Reason"),
    "open": Message("no end"),
    "footer": Message(
        "Each message and each hand-over is a line of the connector's log, with the digest of the agreement: "
        "passport connector log."
    ),
}

#: Words for what is written in messages and settings.
WORDS: dict[str, Message] = {
    "passport": Message("Battery passports"),
    "read-outs": Message("Read-outs"),
    "events": Message("Life-cycle events"),
    "record-part": Message("A supplier's part of a record"),
    "provider": Message("Provider"),
    "consumer": Message("Consumer"),
    "BEGUN": Message("Begun"),
    "REQUESTED": Message("Requested"),
    "OFFERED": Message("Offered"),
    "ACCEPTED": Message("Accepted"),
    "AGREED": Message("Agreed"),
    "VERIFIED": Message("Verified by the consumer"),
    "FINALIZED": Message("In force"),
    "STARTED": Message("Started"),
    "SUSPENDED": Message("Suspended"),
    "COMPLETED": Message("Completed"),
    "TERMINATED": Message("Terminated"),
}
#: Terms of a usage policy, by their name in ODRL.
TERMS: dict[str, Message] = {
    "recipient": Message("Role of the other company"),
    "purpose": Message("Purpose of the use"),
    "spatial": Message("Country of the other company"),
    "product": Message("These packs only"),
    "dateTime": Message("Use ends at"),
    "elapsedTime": Message("Duration of the use"),
    "distribute": Message("No onward transfer"),
}
#: Terms whose values are codes, with their list.
_CODES = {"recipient": "actorRole", "purpose": "purpose"}
_DAYS = re.compile(r"P([0-9]{1,4})D", re.ASCII)
_TONES = {"FINALIZED": "good", "COMPLETED": "good", "STARTED": "good", "TERMINATED": "bad", "SUSPENDED": "warn"}


@dataclass(frozen=True)
class OfferLine:
    """An offer as it is shown.

    :ivar terms: name in ODRL and value of each.
    """

    title: str
    kind: str
    dataset: str
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ExchangeLine:
    """A negotiation or transfer as it is shown.

    :ivar until: day on which the agreement ends, None where it has no end; :ivar digest: of the agreement, in hex.
    :ivar hand_overs: how often data was handed over.
    """

    pid: str
    state: str
    side: str
    peer: str
    agreement: str | None
    changed: date
    until: date | None
    digest: str | None
    hand_overs: int
    reason: str | None

    @property
    def tone(self) -> str:
        return _TONES.get(self.state, "")

    def to_json(self) -> JsonObject:
        days = {"changed": self.changed.isoformat(), "until": None if self.until is None else self.until.isoformat()}
        return {name: value for name, value in {**vars(self), **days}.items() if value is not None}


def page(
    company: str,
    offers: Sequence[OfferLine],
    agreements: Sequence[ExchangeLine],
    transfers: Sequence[ExchangeLine],
    *,
    made: date,
    language: str = "en",
) -> str:
    """The page as HTML.

    :param company: DID of the company; :param made: the day on the page.
    """
    said = [replace(offer, terms=tuple((name, _said(name, value, language)) for name, value in offer.terms))
            for offer in offers]  # fmt: skip
    return render(
        "exchange.html", TEXTS, language, company=company, offers=said, words=WORDS, terms=TERMS,
        lists=(("agreements", agreements), ("transfers", transfers)), made=made,
    )  # fmt: skip


def _said(name: str, value: str, language: str) -> str:
    """The value of a term in the reader's words; as it is written where there are none."""
    if name == "distribute":
        return say(Message("agreed"), language)
    if name in _CODES:
        codes = load().enumerations[_CODES[name]]
        return ", ".join(codes.label_of(code, language) for code in value.split(", "))
    if name == "elapsedTime" and (found := _DAYS.fullmatch(value)):
        return say(Message("{n} day", plural="{n} days", n=int(found[1])), language)
    if name == "dateTime":
        try:
            return day(datetime.fromisoformat(value), language)
        except ValueError:
            return value
    return value
