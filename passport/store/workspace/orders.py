"""Orders to issue drafts, and how far they are. A worker takes one order at a time.

* An order that a worker gave no sign of for :data:`LOST` is taken again: what was signed is found issued, and stays.
* What became of each pack is kept with the order, refused ones with their faults.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from passport.errors import UsageError
from passport.store.rows import stored_instant
from passport.store.workspace.drafts import Draft
from passport.store.workspace.journal import enter_into
from passport.store.workspace.workspace_file import NAME, WorkspaceFile
from passport.texts import Message

#: How long a worker may give no sign.
LOST = timedelta(minutes=2)


class OrderState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Order:
    """:ivar settings: ``replace``, ``reason``, ``publicReason``, ``allowLoss``.

    :ivar total: packs of the draft; :ivar checked: those looked at; :ivar signed: those issued, replaced or the same.
    :ivar fault: why it failed, a code.
    """

    id: str
    draft: str
    state: OrderState
    asked_by: str
    asked: datetime
    settings: Mapping[str, Any]
    total: int
    checked: int
    signed: int
    begun: datetime | None
    ended: datetime | None
    fault: str | None

    @property
    def is_over(self) -> bool:
        return self.state in (OrderState.STOPPED, OrderState.DONE, OrderState.FAILED)


@dataclass(frozen=True)
class OrderPack:
    """:ivar outcome: ``issued``, ``replaced``, ``same`` or ``refused``; :ivar faults: as JSON, of a refused one."""

    number: int
    name: str
    subject: str | None
    outcome: str
    faults: Sequence[Mapping[str, Any]] = ()


class Orders:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def add(self, draft: Draft, settings: Mapping[str, Any], total: int, *, at: datetime, by: str) -> str:
        """Order that a draft is issued, as it was approved. :returns: id of the order.

        :raises UsageError: this version is not approved.
        """
        id_ = secrets.token_hex(5)
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE drafts SET state = 'issuing', changed = ?"
                " WHERE id = ? AND version = ? AND state = 'approved' AND approved_version = version",
                (at.isoformat(), draft.id, draft.version),
            )
            if done.rowcount != 1:
                raise UsageError(Message("only an approved draft is issued"))
            connection.execute(
                "INSERT INTO orders VALUES (?, ?, 'waiting', ?, ?, ?, ?, 0, 0, NULL, NULL, NULL, NULL, NULL)",
                (id_, draft.id, by, at.isoformat(), json.dumps(settings), total),
            )
            enter_into(connection, at, by, "order", draft.id, id_)
        return id_

    def take(self, worker: str, *, at: datetime) -> Order | None:
        """The next order for a worker: one that waits, or one whose worker is lost. None where there is none."""
        with self._file.turn() as connection:
            row = connection.execute(
                "SELECT * FROM orders WHERE state = 'waiting' OR (state IN ('running', 'stopping') AND beat < ?)"
                " ORDER BY asked LIMIT 1",
                ((at - LOST).timestamp(),),
            ).fetchone()
            if row is None:
                return None
            connection.execute("DELETE FROM order_packs WHERE order_id = ?", (row["id"],))
            connection.execute(
                "UPDATE orders SET state = 'running', worker = ?, beat = ?, begun = coalesce(begun, ?), checked = 0,"
                " signed = 0 WHERE id = ?",
                (worker, at.timestamp(), at.isoformat(), row["id"]),
            )
            return _order(connection.execute("SELECT * FROM orders WHERE id = ?", (row["id"],)).fetchone())

    def advance(self, order: Order, worker: str, packs: Sequence[OrderPack], *, at: datetime) -> bool:
        """Keep what became of some packs. :returns: whether the worker is to go on."""
        signed = sum(pack.outcome != "refused" for pack in packs)
        with self._file.turn() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO order_packs VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (order.id, each.number, each.name[:200], each.subject, each.outcome, json.dumps(list(each.faults)))
                    for each in packs
                ],
            )
            row = connection.execute(
                "UPDATE orders SET checked = checked + ?, signed = signed + ?, beat = ? WHERE id = ? AND worker = ?"
                " RETURNING state",
                (len(packs), signed, at.timestamp(), order.id, worker),
            ).fetchone()
        return row is not None and row["state"] == OrderState.RUNNING

    def end(self, order: Order, state: OrderState, *, at: datetime, fault: str | None = None) -> None:
        """The order is over. Its draft is issued, or may be changed again where nothing or not all was."""
        with self._file.turn() as connection:
            connection.execute(
                "UPDATE orders SET state = ?, ended = ?, fault = ? WHERE id = ?",
                (state.value, at.isoformat(), fault, order.id),
            )
            refused = connection.execute(
                "SELECT 1 FROM order_packs WHERE order_id = ? AND outcome = 'refused'", (order.id,)
            ).fetchone()
            after = "issued" if state is OrderState.DONE and refused is None else "draft"
            connection.execute(
                "UPDATE drafts SET state = ?, changed = ? WHERE id = ? AND state = 'issuing'",
                (after, at.isoformat(), order.draft),
            )
            enter_into(connection, at, order.asked_by, f"order-{state.value}", order.draft, order.id)

    def stop(self, order: Order, *, at: datetime, by: str) -> None:
        """Ask the worker to stop after the packs in hand."""
        with self._file.turn() as connection:
            connection.execute("UPDATE orders SET state = 'stopping' WHERE id = ? AND state = 'running'", (order.id,))
            enter_into(connection, at, by, "stop-order", order.draft, order.id)

    def get(self, id_: str) -> Order | None:
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM orders WHERE id = ?", (id_,)).fetchone()
        return None if row is None else _order(row)

    def all(self, *, draft: str | None = None, limit: int = 100) -> tuple[Order, ...]:
        """Newest first. :param draft: only those of this draft."""
        where, values = ("WHERE draft = ?", (draft,)) if draft else ("", ())
        with self._file.reading() as connection:
            rows = connection.execute(f"SELECT * FROM orders {where} ORDER BY asked DESC LIMIT ?", (*values, limit))  # noqa: S608
            return tuple(map(_order, rows))

    def packs(self, order: Order, *outcomes: str, limit: int = 100_000) -> tuple[OrderPack, ...]:
        """What became of packs, in their order. :param outcomes: only these; none: all."""
        marks = f" AND outcome IN ({', '.join('?' * len(outcomes))})" if outcomes else ""
        query = f"SELECT * FROM order_packs WHERE order_id = ?{marks} ORDER BY number LIMIT ?"  # noqa: S608
        with self._file.reading() as connection:
            rows = connection.execute(query, (order.id, *outcomes, limit)).fetchall()
        return tuple(
            OrderPack(row["number"], row["name"], row["subject"], row["outcome"], json.loads(row["faults"]))
            for row in rows
        )


def _order(row: sqlite3.Row) -> Order:
    def instant(name: str) -> datetime | None:
        return None if row[name] is None else stored_instant(row[name], NAME)

    return Order(
        row["id"], row["draft"], OrderState(row["state"]), row["asked_by"], stored_instant(row["asked"], NAME),
        json.loads(row["settings"]), row["total"], row["checked"], row["signed"], instant("begun"), instant("ended"),
        row["fault"],
    )  # fmt: skip
