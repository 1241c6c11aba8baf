"""A witness of logs: it compares each checkpoint with what it saw before, remembers it, and cosigns it.

1. The checkpoint is signed by the log.
2. The tiles of the log lead to its root.
3. It continues what was seen before (:mod:`passport.transparency.witness`).
4. It is remembered, if no other one was remembered meanwhile; else all begins again.

The cosignature is handed out after that. Nothing is fetched while the memory is locked.

    seen = cosign_log(source, state, log_key, "witness.example.org", signer, at=now)
    bytes(seen.note)                              # the checkpoint with the signatures of log and witness
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from passport.errors import BrokenLog
from passport.identity.signer import Signer
from passport.store.log.witness_state import WitnessState
from passport.texts import Message
from passport.transparency import note
from passport.transparency.checkpoint import Checkpoint, open_checkpoint
from passport.transparency.note import Note, NoteKey
from passport.transparency.tiles import Tile, TileTree
from passport.transparency.witness import Sighting, check_continues


class LogSource(Protocol):
    """Where a log can be read: an address, a folder, a store."""

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint, as a note."""

    def tile(self, tile: Tile) -> bytes:
        """The bytes of a tile."""


@dataclass(frozen=True)
class Witnessed:
    """A cosigned checkpoint.

    :ivar before: what the witness had seen before; None: nothing of this log.
    :ivar note: with the signatures of the log and of the witness, and no others.
    """

    checkpoint: Checkpoint
    before: Sighting | None
    note: Note


def cosign_log(
    source: LogSource, state: WitnessState, log_key: NoteKey, name: str, signer: Signer, *, at: datetime
) -> Witnessed:
    """Cosign the newest checkpoint of a log.

    :param name: of the witness; :param at: the instant of the cosignature, aware.
    :raises UntrustedCheckpoint: the log did not sign it.
    :raises BrokenLog: the tiles are not those of the checkpoint.
    :raises LogRolledBack: it is smaller than one seen before.
    :raises TwoHistories: it does not contain what was seen before.
    """
    # 1. The log.
    signed = open_checkpoint(source.checkpoint(), log_key)
    checkpoint = signed.checkpoint
    # 2. The tiles.
    tree = TileTree(checkpoint.size, source.tile)
    if tree.root() != checkpoint.root:
        raise BrokenLog(
            Message("the tiles of {origin} do not lead to the root of its checkpoint", origin=checkpoint.origin)
        )
    by_log = tuple(each for each in signed.note.signatures if (each.name, each.key_id) == (log_key.name, log_key.id))
    cosigned = Note(signed.note.text, (*by_log, note.cosign(signed.note.text, name, signer, at)))
    while True:
        with state.turn() as turn:
            before = turn.seen(checkpoint.origin)
        # 3. The history.
        provable = before is not None and before.size <= checkpoint.size
        check_continues(before, checkpoint, tree.consistency(before.size) if before and provable else ())
        # 4. The memory.
        with state.turn() as turn:
            if turn.seen(checkpoint.origin) == before:
                turn.remember(checkpoint, cosigned)
                return Witnessed(checkpoint, before, cosigned)
