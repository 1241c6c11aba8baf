"""People of the workspace: who they are, their roles, passkeys and invitations; and failed attempts to sign in.

* A person has one or more roles, and no password. A passkey is enrolled with an invitation, which serves once.
* A person is never deleted, since the journal names them; a disabled one signs in no more, and their sessions end.
* Failed attempts are counted by person and by address, for a time. So many of them lock both out until they age.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from passport.errors import UsageError
from passport.store.rows import stored_instant
from passport.store.workspace.journal import enter_into
from passport.store.workspace.workspace_file import NAME, WorkspaceFile, token_digest
from passport.texts import Message

#: How long an invitation can be used.
INVITATION = timedelta(hours=72)
#: Failed attempts that lock out, and for how long they count.
MOST_FAILURES, FAILURES_COUNT = 5, timedelta(minutes=15)
_MAX_NAME = 64
#: Passkeys of one person.
MOST_PASSKEYS = 10


class WorkRole(StrEnum):
    """What a person may do. A person may have several; approving what one entered oneself stays impossible."""

    ENTER = "enter"
    APPROVE = "approve"
    SIGN = "sign"
    ADMINISTER = "administer"


@dataclass(frozen=True)
class Person:
    """:ivar id: random, for ever; :ivar name: by which the command calls them; :ivar handle: for their passkeys."""

    id: str
    name: str
    full_name: str
    roles: frozenset[WorkRole]
    handle: bytes
    created: datetime
    disabled: datetime | None = None

    def may(self, role: WorkRole) -> bool:
        return self.disabled is None and role in self.roles


@dataclass(frozen=True)
class Passkey:
    """:ivar sign_count: as the authenticator counted last; 0 where it does not count."""

    credential: bytes
    person: str
    public_key: bytes
    sign_count: int
    created: datetime
    used: datetime | None


class People:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    # --- persons ------------------------------------------------------------------------------------------------------

    def add(self, name: str, full_name: str, roles: frozenset[WorkRole], *, at: datetime, by: str) -> Person:
        """A new person.

        :raises UsageError: the name is taken, or no short word; there is no role.
        """
        checked = _checked_name(name)
        if not roles:
            raise UsageError(Message("a person has at least one role"), expected=", ".join(WorkRole))
        person = Person(
            secrets.token_hex(8), checked, " ".join(full_name.split())[:_MAX_NAME] or checked, roles,
            secrets.token_bytes(32), at,
        )  # fmt: skip
        with self._file.turn() as connection:
            if connection.execute("SELECT 1 FROM users WHERE name = ?", (checked,)).fetchone():
                raise UsageError(Message("there is a person {name} already", name=checked))
            connection.execute(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (person.id, checked, person.full_name, _written(roles), person.handle, at.isoformat()),
            )
            enter_into(connection, at, by, "add-person", person.id, _written(roles))
        return person

    def all(self) -> tuple[Person, ...]:
        """Everybody, by name."""
        with self._file.reading() as connection:
            return tuple(map(_person, connection.execute("SELECT * FROM users ORDER BY name")))

    def get(self, id_: str) -> Person | None:
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM users WHERE id = ?", (id_,)).fetchone()
        return None if row is None else _person(row)

    def named(self, name: str) -> Person:
        """:raises UsageError: there is no such person."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UsageError(Message("there is no person {name}", name=name[:_MAX_NAME]))
        return _person(row)

    def set_roles(self, person: Person, roles: frozenset[WorkRole], *, at: datetime, by: str) -> None:
        """Other roles. Sessions of the person end, so that none goes on with old rights.

        :raises UsageError: there is no role, or the last administrator would be none any more.
        """
        if not roles:
            raise UsageError(Message("a person has at least one role"), expected=", ".join(WorkRole))
        with self._file.turn() as connection:
            if WorkRole.ADMINISTER not in roles:
                _keep_an_administrator(connection, person)
            connection.execute("UPDATE users SET roles = ? WHERE id = ?", (_written(roles), person.id))
            connection.execute("DELETE FROM sessions WHERE user = ?", (person.id,))
            enter_into(connection, at, by, "set-roles", person.id, _written(roles))

    def disable(self, person: Person, *, at: datetime, by: str) -> None:
        """Let a person in no more: sessions and invitations end, passkeys and subjects are forgotten.

        :raises UsageError: it is the last administrator.
        """
        with self._file.turn() as connection:
            _keep_an_administrator(connection, person)
            connection.execute("UPDATE users SET disabled = ? WHERE id = ?", (at.isoformat(), person.id))
            for table in ("sessions", "invitations", "passkeys", "subjects"):
                connection.execute(f"DELETE FROM {table} WHERE user = ?", (person.id,))  # noqa: S608 - a constant
            enter_into(connection, at, by, "disable-person", person.id, "")

    # --- invitations and passkeys -------------------------------------------------------------------------------------

    def invite(self, person: Person, *, at: datetime, by: str) -> str:
        """A secret text with which the person enrols one passkey. An earlier invitation ends.

        :raises UsageError: the person is disabled.
        """
        if person.disabled is not None:
            raise UsageError(Message("{name} is disabled", name=person.name))
        token = secrets.token_urlsafe(32)
        with self._file.turn() as connection:
            connection.execute("DELETE FROM invitations WHERE user = ? OR until < ?", (person.id, at.timestamp()))
            until = (at + INVITATION).timestamp()
            connection.execute("INSERT INTO invitations VALUES (?, ?, ?)", (token_digest(token), person.id, until))
            enter_into(connection, at, by, "invite", person.id, "")
        return token

    def invited(self, token: str, *, at: datetime) -> Person | None:
        """Who an invitation is for; None where it was used, has ended, or never was."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT u.* FROM invitations i JOIN users u ON u.id = i.user"
                " WHERE i.digest = ? AND i.until >= ? AND u.disabled IS NULL",
                (token_digest(token), at.timestamp()),
            ).fetchone()
        return None if row is None else _person(row)

    def enrol(
        self, token: str, credential: bytes, public_key: bytes, sign_count: int, *, at: datetime
    ) -> Person | None:
        """Keep a passkey, and use the invitation up. None where the invitation does not count (any more).

        :raises UsageError: the passkey is enrolled already, or there are too many of the person.
        """
        with self._file.turn() as connection:
            used = connection.execute(
                "DELETE FROM invitations WHERE digest = ? AND until >= ? RETURNING user",
                (token_digest(token), at.timestamp()),
            ).fetchone()
            row = (
                used
                and connection.execute(
                    "SELECT * FROM users WHERE id = ? AND disabled IS NULL", (used["user"],)
                ).fetchone()
            )
            if row is None:
                return None
            person = _person(row)
            if connection.execute("SELECT 1 FROM passkeys WHERE credential = ?", (credential,)).fetchone():
                raise UsageError(Message("this passkey is enrolled already"))
            count = connection.execute("SELECT count(*) FROM passkeys WHERE user = ?", (person.id,)).fetchone()[0]
            if count >= MOST_PASSKEYS:
                raise UsageError(Message("{name} has too many passkeys", name=person.name))
            connection.execute(
                "INSERT INTO passkeys VALUES (?, ?, ?, ?, ?, NULL)",
                (credential, person.id, public_key, sign_count, at.isoformat()),
            )
            enter_into(connection, at, person.id, "enrol-passkey", person.id, credential.hex()[:16])
        return person

    def passkey(self, credential: bytes) -> Passkey | None:
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM passkeys WHERE credential = ?", (credential,)).fetchone()
        return None if row is None else _passkey(row)

    def passkeys(self, person: Person) -> tuple[Passkey, ...]:
        with self._file.reading() as connection:
            rows = connection.execute("SELECT * FROM passkeys WHERE user = ? ORDER BY created", (person.id,))
            return tuple(map(_passkey, rows))

    def used_passkey(self, passkey: Passkey, sign_count: int, *, at: datetime) -> None:
        """Remember a sign-in, and how far the authenticator counted. Failed attempts of the person are forgotten."""
        with self._file.turn() as connection:
            connection.execute(
                "UPDATE passkeys SET sign_count = ?, used = ? WHERE credential = ?",
                (sign_count, at.isoformat(), passkey.credential),
            )
            connection.execute("DELETE FROM failures WHERE who = ?", (passkey.person,))
            enter_into(connection, at, passkey.person, "sign-in", passkey.person, "")

    # --- failed attempts ----------------------------------------------------------------------------------------------

    def failed(self, *who: str, at: datetime) -> None:
        """Count a failed attempt against a person, an address or both."""
        with self._file.turn() as connection:
            connection.execute("DELETE FROM failures WHERE at < ?", ((at - FAILURES_COUNT).timestamp(),))
            rows = [(each, at.timestamp()) for each in who]
            connection.executemany("INSERT INTO failures VALUES (?, ?)", rows)

    def is_locked_out(self, *who: str, at: datetime, most: int = MOST_FAILURES) -> bool:
        """Whether any of them failed too often of late."""
        since = (at - FAILURES_COUNT).timestamp()
        with self._file.reading() as connection:
            return any(
                connection.execute("SELECT count(*) FROM failures WHERE who = ? AND at >= ?", (each, since)).fetchone()[
                    0
                ]
                >= most
                for each in who
            )


def _checked_name(name: str) -> str:
    """:raises UsageError: it is no short word."""
    if not (0 < len(name) <= _MAX_NAME and name.isprintable() and name == "".join(name.split())):
        raise UsageError(
            Message("the name cannot be used"),
            expected=Message("one word of at most {count} characters", count=_MAX_NAME),
        )
    return name


def _keep_an_administrator(connection: sqlite3.Connection, person: Person) -> None:
    """:raises UsageError: there is no other administrator."""
    others = connection.execute("SELECT roles FROM users WHERE disabled IS NULL AND id <> ?", (person.id,))
    if WorkRole.ADMINISTER in person.roles and not any(WorkRole.ADMINISTER in row["roles"].split() for row in others):
        raise UsageError(
            Message("{name} is the last one who administers", name=person.name),
            hint=Message("Give the role to another person first."),
        )


def _written(roles: frozenset[WorkRole]) -> str:
    return " ".join(role.value for role in WorkRole if role in roles)


def _person(row: sqlite3.Row) -> Person:
    return Person(
        row["id"], row["name"], row["full_name"], frozenset(map(WorkRole, row["roles"].split())), row["handle"],
        stored_instant(row["created"], NAME), row["disabled"] and stored_instant(row["disabled"], NAME),
    )  # fmt: skip


def _passkey(row: sqlite3.Row) -> Passkey:
    return Passkey(
        row["credential"], row["user"], row["public_key"], row["sign_count"], stored_instant(row["created"], NAME),
        row["used"] and stored_instant(row["used"], NAME),
    )  # fmt: skip
