"""Whom a company's OpenID provider knows a person of the workspace as: issuer and subject, which never change.

* A name or mail address of the provider is no key: both may be given to another person later. (OpenID Connect Core 1.0,
  section 5.7)
* A subject belongs to one person. A person may have several, such as after a change of providers.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from passport.errors import UsageError
from passport.store.workspace.journal import enter_into
from passport.store.workspace.people import People, Person, WorkRole
from passport.store.workspace.workspace_file import WorkspaceFile
from passport.texts import Message

#: Characters of a subject. (OpenID Connect Core 1.0, section 2)
MAX_SUBJECT = 255


class Subjects:
    """:param file: of the workspace; :param people: in it."""

    def __init__(self, file: WorkspaceFile, people: People) -> None:
        self._file, self._people = file, people

    def person(self, issuer: str, subject: str) -> Person | None:
        """Who the subject is; None where no person was linked to it."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT user FROM subjects WHERE issuer = ? AND subject = ?", (issuer, subject)
            ).fetchone()
        return None if row is None else self._people.get(row["user"])

    def link(self, person: Person, issuer: str, subject: str, *, at: datetime, by: str) -> None:
        """Let a person in under a subject.

        :raises UsageError: the subject is no short text, or belongs to another person; or the person is disabled.
        """
        check_subject(subject)
        if person.disabled is not None:
            raise UsageError(Message("{name} is disabled", name=person.name))
        with self._file.turn() as connection:
            _link(connection, person.id, issuer, subject, at, by)

    def link_invited(self, invitation: bytes, issuer: str, subject: str, *, at: datetime) -> Person | None:
        """Use an invitation up for a subject instead of a passkey.

        :param invitation: the digest of its text.
        :returns: who was invited; None where the invitation was used, has ended, or never was.
        :raises UsageError: as :meth:`link`.
        """
        check_subject(subject)
        with self._file.turn() as connection:
            row = connection.execute(
                "DELETE FROM invitations WHERE digest = ? AND until >= ? RETURNING user", (invitation, at.timestamp())
            ).fetchone()
            if row is None:
                return None
            _link(connection, row["user"], issuer, subject, at, row["user"])
        return self._people.get(row["user"])

    def add(
        self, name: str, full_name: str, roles: frozenset[WorkRole], issuer: str, subject: str, *, at: datetime
    ) -> Person:
        """A new person for a subject that is not known yet, where the configuration says so.

        :raises UsageError: the name is taken or no short word, or the subject is no short text.
        """
        check_subject(subject)
        person = self._people.add(name, full_name, roles, at=at, by="provider")
        self.link(person, issuer, subject, at=at, by="provider")
        return person

    def signed_in(self, person: Person, *, at: datetime) -> None:
        """Write a sign-in down. Failed attempts of the person are forgotten."""
        with self._file.turn() as connection:
            connection.execute("DELETE FROM failures WHERE who = ?", (person.id,))
            enter_into(connection, at, person.id, "sign-in", person.id, "provider")


def check_subject(subject: str) -> None:
    """:raises UsageError: it is no short text."""
    if not (0 < len(subject) <= MAX_SUBJECT and subject.isascii() and subject.isprintable()):
        raise UsageError(
            Message("the subject cannot be used"),
            expected=Message("at most {count} printable ASCII characters", count=MAX_SUBJECT),
        )


def _link(connection: sqlite3.Connection, person: str, issuer: str, subject: str, at: datetime, by: str) -> None:
    row = connection.execute("SELECT user FROM subjects WHERE issuer = ? AND subject = ?", (issuer, subject)).fetchone()
    if row is not None and row["user"] != person:
        raise UsageError(Message("the subject belongs to another person already"))
    connection.execute("INSERT OR IGNORE INTO subjects VALUES (?, ?, ?, ?)", (issuer, subject, person, at.isoformat()))
    enter_into(connection, at, by, "link-subject", person, issuer)
