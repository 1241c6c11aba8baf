"""The decision of a witness: whether a new checkpoint continues what it saw before. (C2SP tlog-witness)

1. The checkpoint is signed by the log.
2. It is not smaller than the newest one seen: a log only grows.
3. Of the same size, it has the same root.
4. Larger, it contains all that was seen: the proof of consistency leads from the old root to the new one.

A witness keeps what it cosigned before it hands the cosignature out. It never cosigns two histories of one log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passport.errors import LogProofFailed, LogRolledBack, TwoHistories
from passport.texts import Message
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.merkle import verify_consistency


@dataclass(frozen=True)
class Sighting:
    """Size and root of the newest tree that was seen of a log."""

    size: int
    root: bytes


def check_continues(seen: Sighting | None, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    """Return if a checkpoint continues what was seen, by the steps 2 to 4.

    :param seen: None where nothing was seen of this log before: the first sight is taken as it is.
    :param checkpoint: signed by the log (:func:`~passport.transparency.checkpoint.open_checkpoint`).
    :param proof: of consistency from the seen size to the new one.
    :raises LogRolledBack: it is smaller.
    :raises TwoHistories: it does not contain what was seen.
    """
    if seen is None:
        return
    # 2. A log only grows.
    if checkpoint.size < seen.size:
        raise LogRolledBack(
            Message("{origin} was rolled back", origin=checkpoint.origin),
            expected=Message("at least {n} entries, as seen before", n=seen.size),
            found=str(checkpoint.size),
        )
    # 3. One size, one root.
    if checkpoint.size == seen.size and checkpoint.root != seen.root:
        raise TwoHistories(Message("{origin} shows two trees of {n} entries", origin=checkpoint.origin, n=seen.size))
    # 4. The old tree is the beginning of the new one.
    try:
        verify_consistency(seen.size, seen.root, checkpoint.size, checkpoint.root, proof)
    except LogProofFailed as error:
        raise TwoHistories(
            Message(
                "{origin} shows a tree of {new} entries that does not contain the tree of {old} seen before",
                origin=checkpoint.origin,
                new=checkpoint.size,
                old=seen.size,
            )
        ) from error
