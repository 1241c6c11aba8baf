"""Writing down decisions of a register, inside a transaction, each with its line of the history."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from passport.store.register import passport_copies
from passport.store.register.register_rows import (
    Approval,
    Decision,
    RegistrationState,
    Rejection,
    Submission,
)


def write_decision(connection: sqlite3.Connection, decision: Decision, at: datetime) -> None:
    """Write down what validation of one submission came to."""
    if isinstance(decision, Approval):
        _accept(connection, decision, at)
    elif isinstance(decision, Rejection):
        connection.execute(
            "UPDATE submissions SET state = 'rejected', differences = ?, decided = ?, fault = NULL"
            " WHERE correlation = ? AND state = 'pending'",
            (decision.differences, at.timestamp(), decision.correlation),
        )
        note(connection, None, decision.correlation, RegistrationState.REJECTED, at, None)
    else:
        connection.execute(
            "UPDATE submissions SET attempts = attempts + 1, fault = ?, due = ? WHERE correlation = ?",
            (decision.fault, decision.until.timestamp(), decision.correlation),
        )


def _accept(connection: sqlite3.Connection, accepted: Approval, at: datetime) -> None:
    submission = accepted.submission
    row = connection.execute(
        "SELECT * FROM registrations WHERE product = ? AND operator = ? AND moved_to IS NULL",
        (submission.product, submission.operator),
    ).fetchone()
    name = accepted.new if row is None else str(row["registration"])
    if row is None:
        connection.execute(
            "INSERT INTO registrations (registration, product, operator, submission, state, since)"
            " VALUES (?, ?, ?, ?, 'registered', ?)",
            (name, submission.product, submission.operator, submission.correlation, at.timestamp()),
        )
        note(connection, name, submission.correlation, RegistrationState.REGISTERED, at, None)
        _move(connection, submission, name, at)
    else:
        connection.execute(
            "UPDATE registrations SET submission = ? WHERE registration = ?", (submission.correlation, name)
        )
        note(connection, name, submission.correlation, RegistrationState(row["state"]), at, None)
    connection.execute(
        "UPDATE submissions SET state = 'registered', registration = ?, decided = ?, fault = NULL,"
        " differences = '[]' WHERE correlation = ?",
        (name, at.timestamp(), submission.correlation),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO codes VALUES (?, ?)", [(code, name) for code in sorted(accepted.codes)]
    )
    passport_copies.keep(connection, accepted.copy, accepted.facts)


def _move(connection: sqlite3.Connection, submission: Submission, name: str, at: datetime) -> None:
    """Lead registrations of the product by other operators to the new one."""
    for other in connection.execute(
        "SELECT registration FROM registrations WHERE product = ? AND operator != ? AND moved_to IS NULL",
        (submission.product, submission.operator),
    ).fetchall():
        connection.execute(
            "UPDATE registrations SET state = 'deactivated', since = ?, moved_to = ? WHERE registration = ?",
            (at.timestamp(), name, other["registration"]),
        )
        note(connection, other["registration"], None, RegistrationState.DEACTIVATED, at, name)


def note(
    connection: sqlite3.Connection,
    registration: str | None,
    correlation: str | None,
    state: RegistrationState,
    at: datetime,
    reason: str | None,
) -> None:
    """Write a line of the history, and of the operator's changes where it does not know of it."""
    sequence = connection.execute(
        "INSERT INTO history (registration, correlation, state, at, reason) VALUES (?, ?, ?, ?, ?)",
        (registration, correlation, state.value, at.timestamp(), reason),
    ).lastrowid
    if correlation is None:
        # Nothing that was handed in led to it, so its operator does not know of it.
        connection.execute(
            "INSERT INTO changes SELECT operator, ?, registration FROM registrations WHERE registration = ?",
            (sequence, registration),
        )
