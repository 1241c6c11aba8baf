"""Receipts of accepted events: a checkpoint is signed after the commit, and each event gets its proof under it.

A checkpoint is signed once for a group, without a lock. What fails here undoes no event: it is stored and in the log,
and its receipt can be had later (``passport log receipt``). The answer then says why it has no proof.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from passport.errors import PassportError
from passport.identity.signer import Signer
from passport.publishing.log.log_checkpoints import Log
from passport.store import StoredEvent
from passport.texts import Message

logger = logging.getLogger("passport.events")

NO_KEY = Message("No proof can be made here: this inbox signs no checkpoints. The operator makes one later.")
_FAILED = Message("No proof could be made now: no checkpoint was signed. The operator makes one later.")


@dataclass(frozen=True)
class Proofs:
    """What proves that an event is in the log: texts in the format ``tlog-proof``.

    :ivar event: of the signed event; None where there is none.
    :ivar detail: of its signed detail; None where it has none.
    :ivar missing: why there is none.
    """

    event: str | None = None
    detail: str | None = None
    missing: Message | None = None


class ReceiptWriter:
    """Makes the proofs of events of one log.

    :param signer: the key of the log; None where it is not at hand.
    """

    def __init__(self, log: Log, signer: Signer | None) -> None:
        self._log = log
        self._signer = signer

    def proofs(self, rows: Iterable[StoredEvent]) -> dict[str, Proofs]:
        """The proofs of stored events by their id. Nothing is raised: each says why it is missing."""
        listed = [row for row in rows if row.log_index is not None]
        if not listed:
            return {}
        if self._signer is None:
            return {row.id: Proofs(missing=NO_KEY) for row in listed}
        try:
            return self._signed(listed, self._signer)
        except PassportError as error:
            logger.error("no checkpoint was signed for receipts: %s", error.code)
            return {row.id: Proofs(missing=_FAILED) for row in listed}

    def _signed(self, rows: Iterable[StoredEvent], signer: Signer) -> dict[str, Proofs]:
        prove = self._log.receipts_under(self._log.sign(signer))
        made = {}
        for row in rows:
            place = row.log_index or 0
            # The detail of an event is the entry behind it.
            detail = None if row.detail is None else bytes(prove(place + 1)).decode()
            made[row.id] = Proofs(bytes(prove(place)).decode(), detail)
        return made
