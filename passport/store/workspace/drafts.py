"""Drafts: files as they came, and the corrections that people made in the workspace.

* A file is kept byte for byte. Corrections are kept apart, so that both can be shown, and the file handed back.
* Each change raises the version. An approval holds for one version; a change afterwards takes it back.
* Who entered or changed a draft does not approve it.
* Drafts are bounded in number and size; what is issued or discarded gives its files up after :data:`KEPT`.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from passport.errors import UsageError
from passport.store.rows import stored_instant
from passport.store.workspace.journal import enter_into
from passport.store.workspace.workspace_file import NAME, WorkspaceFile
from passport.texts import Message

#: Bytes of all files of a draft, and of all drafts; files of a draft.
MOST_OF_DRAFT, MOST_OF_ALL, MOST_FILES = 16_000_000, 1_000_000_000, 40
#: How long files of a draft are kept that was issued or discarded, and of one that was not touched.
KEPT = timedelta(days=90)
#: Bytes of the corrections of a draft.
_MOST_CORRECTIONS = 2_000_000


class DraftState(StrEnum):
    DRAFT = "draft"
    WAITS = "waits"
    APPROVED = "approved"
    ISSUING = "issuing"
    ISSUED = "issued"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class DraftFile:
    """:ivar origin: of a supplier's part, its name; None for what a person dropped."""

    name: str
    body: bytes = field(repr=False)
    origin: str | None = None


@dataclass(frozen=True)
class Draft:
    """:ivar format: one of :data:`passport.exchange.records.record_files.FORMATS`, ``zip``, or None: by the name.

    :ivar corrections: as :mod:`issuer.workspace.drafts.corrections` writes them.
    :ivar approved_version: the version that was approved; None where none is.
    :ivar summary: figures for lists, as of the last time that the draft was read.
    """

    id: str
    name: str
    format: str | None
    state: DraftState
    entered_by: str
    created: datetime
    changed: datetime
    version: int
    corrections: Mapping[str, Any]
    approved_by: str | None
    approved: datetime | None
    approved_version: int | None
    summary: Mapping[str, Any]

    @property
    def can_change(self) -> bool:
        return self.state in (DraftState.DRAFT, DraftState.WAITS, DraftState.APPROVED)

    @property
    def is_approved(self) -> bool:
        """Whether this very version is approved."""
        return self.state is DraftState.APPROVED and self.approved_version == self.version


class Drafts:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def add(self, files: Sequence[DraftFile], format: str | None, *, at: datetime, by: str) -> str:
        """Keep files as a draft. :returns: its id.

        :raises UsageError: they are too many or too large, or there is no room for more drafts.
        """
        _check(files)
        id_ = secrets.token_hex(5)
        name = " + ".join(file.name for file in files)[:200]
        with self._file.turn() as connection:
            _forget_old(connection, at)
            self._check_room(connection, files)
            connection.execute(
                "INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?, 1, '{}', NULL, NULL, NULL, '{}')",
                (id_, name, format, DraftState.DRAFT.value, by, at.isoformat(), at.isoformat()),
            )
            _insert_files(connection, id_, files, 0)
            enter_into(connection, at, by, "bring-in", id_, name)
        return id_

    def add_files(self, draft: Draft, files: Sequence[DraftFile], *, at: datetime, by: str) -> None:
        """More files of a draft, such as a supplier's part.

        :raises UsageError: as :meth:`add`, or the draft cannot be changed.
        """
        _check([*self.files(draft.id), *files])
        with self._file.turn() as connection:
            self._check_room(connection, files)
            count = connection.execute("SELECT count(*) FROM draft_files WHERE draft = ?", (draft.id,)).fetchone()[0]
            _insert_files(connection, draft.id, files, count)
            self._change(connection, draft, draft.corrections, at, by, " + ".join(file.name for file in files))

    def correct(self, draft: Draft, corrections: Mapping[str, Any], *, at: datetime, by: str, what: str) -> None:
        """Other corrections. An approval is taken back.

        :raises UsageError: the draft was changed by another person meanwhile, cannot be changed, or they are too many.
        """
        with self._file.turn() as connection:
            self._change(connection, draft, corrections, at, by, what)

    def _change(
        self, connection: sqlite3.Connection, draft: Draft, corrections: Mapping[str, Any], at: datetime, by: str,
        what: str,
    ) -> None:  # fmt: skip
        text = json.dumps(corrections, ensure_ascii=False)
        if len(text) > _MOST_CORRECTIONS:
            raise UsageError(Message("the corrections are too large"), hint=Message("Correct the file itself."))
        done = connection.execute(
            "UPDATE drafts SET corrections = ?, version = version + 1, changed = ?, state = 'draft',"
            " approved_by = NULL, approved = NULL, approved_version = NULL"
            " WHERE id = ? AND version = ? AND state IN ('draft', 'waits', 'approved')",
            (text, at.isoformat(), draft.id, draft.version),
        )
        if done.rowcount != 1:
            raise UsageError(
                Message("the draft was changed by another person"),
                hint=Message("Open it again, and repeat the change."),
            )
        enter_into(connection, at, by, "change", draft.id, what)

    def ask_approval(self, draft: Draft, *, at: datetime, by: str) -> None:
        """Let another person look. :raises UsageError: it was changed meanwhile."""
        self._step(draft, DraftState.DRAFT, DraftState.WAITS, "ask-approval", at, by)

    def approve(self, draft: Draft, *, at: datetime, by: str) -> None:
        """Approve this version.

        :raises UsageError: the person entered or changed it, it does not wait, or was changed meanwhile.
        """
        with self._file.turn() as connection:
            if by in _hands(connection, draft.id):
                raise UsageError(Message("a person who entered or changed a draft does not approve it"))
            done = connection.execute(
                "UPDATE drafts SET state = 'approved', approved_by = ?, approved = ?, approved_version = version"
                " WHERE id = ? AND version = ? AND state = 'waits'",
                (by, at.isoformat(), draft.id, draft.version),
            )
            _check_done(done)
            enter_into(connection, at, by, "approve", draft.id, f"version {draft.version}")

    def send_back(self, draft: Draft, reason: str, *, at: datetime, by: str) -> None:
        """Do not approve. :raises UsageError: it does not wait, or was changed meanwhile."""
        if not reason.strip():
            raise UsageError(Message("sending back needs a reason"))
        self._step(draft, DraftState.WAITS, DraftState.DRAFT, "send-back", at, by, reason)

    def discard(self, draft: Draft, *, at: datetime, by: str) -> None:
        """:raises UsageError: it is being issued, or was."""
        self._step(
            draft, draft.state if draft.can_change else DraftState.DRAFT, DraftState.DISCARDED, "discard", at, by
        )

    def _step(
        self, draft: Draft, before: DraftState, after: DraftState, deed: str, at: datetime, by: str, detail: str = ""
    ) -> None:
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE drafts SET state = ?, changed = ? WHERE id = ? AND version = ? AND state = ?",
                (after.value, at.isoformat(), draft.id, draft.version, before.value),
            )
            _check_done(done)
            enter_into(connection, at, by, deed, draft.id, detail)

    def summarise(self, draft: Draft, summary: Mapping[str, Any]) -> None:
        """Keep figures for lists; this is no change of the draft."""
        if summary != draft.summary:
            with self._file.reading() as connection:
                connection.execute(
                    "UPDATE drafts SET summary = ? WHERE id = ? AND version = ?",
                    (json.dumps(summary), draft.id, draft.version),
                )

    def get(self, id_: str) -> Draft | None:
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM drafts WHERE id = ?", (id_,)).fetchone()
        return None if row is None else _draft(row)

    def all(self, *states: DraftState, limit: int = 200) -> tuple[Draft, ...]:
        """Drafts in these states, newest change first."""
        marks = ", ".join("?" * len(states))
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM drafts WHERE state IN ({marks}) ORDER BY changed DESC LIMIT ?",  # noqa: S608
                (*(state.value for state in states), limit),
            )
            return tuple(map(_draft, rows))

    def counts(self) -> Mapping[DraftState, int]:
        with self._file.reading() as connection:
            rows = connection.execute("SELECT state, count(*) FROM drafts GROUP BY state").fetchall()
        return {DraftState(row[0]): row[1] for row in rows}

    def files(self, id_: str) -> tuple[DraftFile, ...]:
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT name, body, origin FROM draft_files WHERE draft = ? ORDER BY number", (id_,)
            )
            return tuple(DraftFile(row["name"], row["body"], row["origin"]) for row in rows)

    def hands(self, id_: str) -> frozenset[str]:
        """Ids of those who entered or changed a draft."""
        with self._file.reading() as connection:
            return _hands(connection, id_)

    def _check_room(self, connection: sqlite3.Connection, files: Sequence[DraftFile]) -> None:
        held = connection.execute("SELECT coalesce(sum(length(body)), 0) FROM draft_files").fetchone()[0]
        if held + sum(len(file.body) for file in files) > MOST_OF_ALL:
            raise UsageError(
                Message("there is no room for more drafts"), hint=Message("Discard drafts that are not needed.")
            )


def _check(files: Sequence[DraftFile]) -> None:
    """:raises UsageError: there is none, or they are too many or too large."""
    if not files:
        raise UsageError(Message("no file was handed in"))
    if len(files) > MOST_FILES:
        raise UsageError(Message("too many files"), expected=Message("at most {count}", count=MOST_FILES))
    if sum(len(file.body) for file in files) > MOST_OF_DRAFT:
        raise UsageError(
            Message("the files are too large"),
            expected=Message("at most {count:,} bytes", count=MOST_OF_DRAFT),
            hint=Message("passport issue takes files of any size."),
        )


def _insert_files(connection: sqlite3.Connection, draft: str, files: Sequence[DraftFile], first: int) -> None:
    rows = [(draft, number, file.name[:200], file.body, file.origin) for number, file in enumerate(files, first)]
    connection.executemany("INSERT INTO draft_files VALUES (?, ?, ?, ?, ?)", rows)


def _hands(connection: sqlite3.Connection, draft: str) -> frozenset[str]:
    rows = connection.execute(
        "SELECT entered_by FROM drafts WHERE id = ? UNION SELECT person FROM journal"
        " WHERE subject = ? AND deed IN ('bring-in', 'change')",
        (draft, draft),
    )
    return frozenset(row[0] for row in rows)


def _check_done(done: sqlite3.Cursor) -> None:
    """:raises UsageError: nothing was changed."""
    if done.rowcount != 1:
        raise UsageError(
            Message("the draft is not in the state for this step, or was changed by another person"),
            hint=Message("Open it again."),
        )


def _forget_old(connection: sqlite3.Connection, at: datetime) -> None:
    """Give up the files of what was done with, and of drafts that were left alone."""
    connection.execute(
        "DELETE FROM draft_files WHERE draft IN (SELECT id FROM drafts WHERE changed < ? AND state <> 'issuing')",
        ((at - KEPT).isoformat(),),
    )
    connection.execute(
        "UPDATE drafts SET state = 'discarded' WHERE state IN ('draft', 'waits', 'approved') AND changed < ?",
        ((at - KEPT).isoformat(),),
    )


def _draft(row: sqlite3.Row) -> Draft:
    return Draft(
        row["id"], row["name"], row["format"], DraftState(row["state"]), row["entered_by"],
        stored_instant(row["created"], NAME), stored_instant(row["changed"], NAME), row["version"],
        json.loads(row["corrections"]), row["approved_by"],
        row["approved"] and stored_instant(row["approved"], NAME), row["approved_version"], json.loads(row["summary"]),
    )  # fmt: skip
