"""Agreements in ODRL: how one is made of an offer, what identifies it, and when it ends."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from hashlib import sha256

from passport.connector.exchange_process import ExchangeProcess
from passport.connector.usage_policy import UsagePolicy
from passport.errors import RefusedUsage
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.texts import Message


def agreement_of(process: ExchangeProcess, provider: str, at: datetime) -> JsonObject:
    """The agreement that a provider makes of the offer on the table of a negotiation."""
    offer = process.offer or {}
    rules = {name: offer[name] for name in ("permission", "prohibition") if offer.get(name)}
    return {
        "@type": "Agreement",
        "@id": f"urn:uuid:{uuid.uuid4()}",
        "target": process.dataset,
        "assigner": provider,
        "assignee": process.peer,
        "timestamp": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        **rules,
    }


def agreement_digest(agreement: JsonObject) -> str:
    """SHA-256 of the canonical form (RFC 8785) of an agreement, in hex."""
    return sha256(jcs.canonicalize(agreement)).hexdigest()


def agreed_at(agreement: JsonObject) -> datetime:
    """When an agreement was made.

    :raises RefusedUsage: it does not say when.
    """
    try:
        instant = datetime.fromisoformat(str(agreement["timestamp"]))
    except (KeyError, ValueError):
        instant = datetime.min
    if instant.tzinfo is None:
        raise RefusedUsage(Message("the agreement does not say when it was made"))
    return instant


def end_of(agreement: JsonObject) -> datetime | None:
    """The instant from which on nothing is handed over under an agreement; None: it has no end.

    :raises RefusedUsage: its terms are not understood.
    """
    return UsagePolicy.from_odrl(agreement).ends(agreed_at(agreement))


def refuse_ended(negotiation: ExchangeProcess, at: datetime) -> None:
    """:raises RefusedUsage: the agreement has ended."""
    end = None if negotiation.agreement is None else end_of(negotiation.agreement)
    if negotiation.agreement is None or (end is not None and at >= end):
        raise RefusedUsage(Message("the agreement has ended"), found=str(end))
