"""Copies of passports in a register's file: the continuity copy, search and dump are made from them.

A copy is a passport as its operator's resolver gave it: the signed documents, byte for byte, and the instant. Many
packs share a model, a batch and status lists, so each document is kept once, by its digest. A copy is replaced by a
newer one; documents that no copy names are removed with it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS documents (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS copies (product TEXT PRIMARY KEY, taken REAL NOT NULL, maker TEXT NOT NULL,"
    " model TEXT NOT NULL, category TEXT NOT NULL, words TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS copy_members (product TEXT NOT NULL, place INTEGER NOT NULL, part TEXT NOT NULL,"
    " digest TEXT NOT NULL, PRIMARY KEY (product, place)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS copy_members_of_digest ON copy_members (digest)",
)


@dataclass(frozen=True)
class PassportCopy:
    """A passport as it was at an instant.

    :ivar members: kind (``credential`` or ``did-document``) and signed bytes, in their order.
    """

    product: str
    taken: datetime
    members: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class CopiedPassport:
    """What is known of a copy without reading it: names as the passport has them, and the code of the category."""

    product: str
    taken: datetime
    maker: str
    model: str
    category: str


def keep(connection: sqlite3.Connection, copy: PassportCopy, facts: CopiedPassport) -> None:
    """Replace the copy of a passport by a newer one, inside a transaction."""
    before = [
        row[0] for row in connection.execute("SELECT digest FROM copy_members WHERE product = ?", (copy.product,))
    ]  # fmt: skip
    members = [(part, hashlib.sha256(body).hexdigest(), body) for part, body in copy.members]
    connection.executemany("INSERT OR IGNORE INTO documents VALUES (?, ?)", [(name, body) for _, name, body in members])
    connection.execute("DELETE FROM copy_members WHERE product = ?", (copy.product,))
    connection.executemany(
        "INSERT INTO copy_members VALUES (?, ?, ?, ?)",
        [(copy.product, place, part, name) for place, (part, name, _) in enumerate(members)],
    )
    connection.execute(
        "INSERT INTO copies VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (product) DO UPDATE SET taken = excluded.taken,"
        " maker = excluded.maker, model = excluded.model, category = excluded.category, words = excluded.words",
        (
            copy.product,
            copy.taken.timestamp(),
            facts.maker,
            facts.model,
            facts.category,
            f"{folded(facts.maker)}\n{folded(facts.model)}",
        ),
    )
    gone = set(before) - {name for _, name, _ in members}
    connection.executemany(
        "DELETE FROM documents WHERE digest = ? AND NOT EXISTS"
        " (SELECT 1 FROM copy_members WHERE copy_members.digest = documents.digest)",
        [(name,) for name in sorted(gone)],
    )


def copy_of(connection: sqlite3.Connection, product: str) -> PassportCopy | None:
    """The copy of a product's passport."""
    row = connection.execute("SELECT taken FROM copies WHERE product = ?", (product,)).fetchone()
    if row is None:
        return None
    members = connection.execute(
        "SELECT part, body FROM copy_members JOIN documents USING (digest) WHERE product = ? ORDER BY place", (product,)
    ).fetchall()
    return PassportCopy(product, _at(row["taken"]), tuple((each["part"], bytes(each["body"])) for each in members))


def search(
    connection: sqlite3.Connection, maker: str, model: str, category: str, after: str, limit: int
) -> tuple[CopiedPassport, ...]:
    """Copies of registered passports in the order of their products; every part that is given must fit."""
    rows = connection.execute(
        "SELECT * FROM copies WHERE product > ? AND instr(words, ?) AND instr(words, ?)"
        " AND (? = '' OR category = ?) AND EXISTS (SELECT 1 FROM registrations WHERE"
        " registrations.product = copies.product AND state = 'registered' AND moved_to IS NULL)"
        " ORDER BY product LIMIT ?",
        (after, folded(maker), folded(model), category, category, limit),
    ).fetchall()
    return tuple(
        CopiedPassport(row["product"], _at(row["taken"]), row["maker"], row["model"], row["category"]) for row in rows
    )


def folded(text: str) -> str:
    """A text without the difference of small and large, and of the wide letters that Chinese keyboards write."""
    return unicodedata.normalize("NFKC", text).casefold()


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
