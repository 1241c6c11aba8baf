"""Rows of a register as values: submissions, registrations, and what validation came to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from passport.store.register.passport_copies import CopiedPassport, PassportCopy


class RegistrationState(StrEnum):
    """States of a submission and of a registration. (Regulation (EU) 2026/1778, Article 8)"""

    PENDING = "pending"
    REGISTERED = "registered"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True)
class Submission:
    """What was handed in.

    :ivar digest: of the body; :ivar body: canonical JSON of the entry.
    :ivar differences: JSON text; :ivar fault: why it could not be validated yet.
    """

    correlation: str
    operator: str
    key: str
    product: str
    digest: str
    body: bytes
    state: RegistrationState
    registration: str | None
    differences: str
    fault: str | None
    attempts: int
    received: datetime
    decided: datetime | None


@dataclass(frozen=True)
class Registration:
    """What a product is registered as.

    :ivar submission: correlation identifier of the submission in force.
    :ivar released_to: DID that the operator released it to; :ivar moved_to: registration that took its place.
    """

    registration: str
    product: str
    operator: str
    submission: str
    state: RegistrationState
    since: datetime
    reason: str | None = None
    released_to: str | None = None
    moved_to: str | None = None


@dataclass(frozen=True)
class Approval:
    """A submission whose product is registered, or whose registration is renewed.

    :ivar new: identifier of a registration that begins now; :ivar codes: by which the passport is known.
    """

    submission: Submission
    new: str
    codes: frozenset[str]
    copy: PassportCopy
    facts: CopiedPassport


@dataclass(frozen=True)
class Rejection:
    """A submission that is rejected. :ivar differences: JSON text."""

    correlation: str
    differences: str


@dataclass(frozen=True)
class Postponement:
    """A submission that could not be validated. :ivar fault: why; :ivar until: when to try again."""

    correlation: str
    fault: str
    until: datetime


Decision = Approval | Rejection | Postponement


def instant(seconds: float) -> datetime:
    """An instant of the file: seconds since 1970, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def submission_of(row: sqlite3.Row) -> Submission:
    """The submission of a row."""
    return Submission(
        row["correlation"], row["operator"], row["key"], row["product"], row["digest"], bytes(row["body"]),
        RegistrationState(row["state"]), row["registration"], row["differences"], row["fault"], row["attempts"],
        instant(row["received"]), None if row["decided"] is None else instant(row["decided"]),
    )  # fmt: skip


def registration_of(row: sqlite3.Row) -> Registration:
    """The registration of a row."""
    return Registration(
        row["registration"], row["product"], row["operator"], row["submission"], RegistrationState(row["state"]),
        instant(row["since"]), row["reason"], row["released_to"], row["moved_to"],
    )  # fmt: skip
