"""Checkpoints of a log: signed outside of every transaction, cosigned by others, and receipts under them.

* A log never signs a tree that does not contain every tree that it signed before. The tree is read, compared with the
  last checkpoint and signed without a lock; a short transaction stores the checkpoint if no other came in between.
* Cosignatures are verified with the keys that the operator names, and stored under the checkpoint that they sign.
* A receipt is made under the newest checkpoint that contains the entry and has the most witnesses.

    log = Log(store, EVENTS, log_name(base_url, EVENTS))
    log.sign(signer)
    log.receipt(document_entry(body))
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import cache
from typing import Protocol

from passport.errors import LogRolledBack, TwoHistories, UnloggedDocument, UntrustedCheckpoint
from passport.identity.signer import Signer
from passport.store import StoredCheckpoint
from passport.store.log.log_transaction import LogTransaction
from passport.texts import Message
from passport.transparency import merkle
from passport.transparency.checkpoint import Checkpoint, cosignatures, sign_checkpoint
from passport.transparency.note import Kind, Note, NoteKey
from passport.transparency.receipt import Receipt
from passport.transparency.tiles import TileTree


def log_name(base_url: str, log: str) -> str:
    """Name of a log: its address without the scheme. It is the origin of its checkpoints and the name of its key."""
    return f"{base_url.split('://', 1)[1]}/log/{log}"


class LogStore(Protocol):
    """Where a log is kept: :class:`passport.store.Store`, or the resolver's state."""

    def log_checkpoint(self, log: str) -> StoredCheckpoint | None: ...

    def log_checkpoints(self, log: str) -> tuple[StoredCheckpoint, ...]: ...

    def log_checkpoints_of(self, log: str, size: int) -> tuple[StoredCheckpoint, ...]: ...

    def log_size(self, log: str) -> int: ...

    def log_position(self, log: str, entry: bytes) -> int | None: ...

    def log_tree(self, log: str, size: int) -> TileTree: ...

    def transaction(self) -> AbstractContextManager[LogTransaction]: ...


class Log:
    """One log in a store.

    :param log: its name in the store; :param origin: its name in the world (:func:`log_name`).
    """

    def __init__(self, store: LogStore, log: str, origin: str) -> None:
        self._store = store
        self._log = log
        self.origin = origin

    def key(self, signer: Signer) -> NoteKey:
        """The public key of the log, as verifiers need it."""
        return NoteKey(self.origin, Kind.LOG, signer.public_key)

    def sign(self, signer: Signer) -> StoredCheckpoint:
        """The checkpoint of the log as it is now. Nothing is signed where the newest one says that already.

        :raises LogRolledBack: the log has fewer entries than its newest checkpoint says.
        :raises TwoHistories: the log does not contain the tree of its newest checkpoint.
        :raises BrokenLog: an entry or tile is missing.
        """
        while True:
            before = self._store.log_checkpoint(self._log)
            checkpoint = self._checkpoint(before)
            if before is not None and before.size == checkpoint.size and before.note.verify(self.key(signer)) == ():
                return before
            note = sign_checkpoint(checkpoint, signer)
            with self._store.transaction() as transaction:
                newest = transaction.log_checkpoint(self._log)
                if (newest.sequence if newest else 0) == (before.sequence if before else 0):
                    transaction.add_log_checkpoint(self._log, checkpoint, note)
            stored = self._store.log_checkpoint(self._log)
            if stored is not None and stored.note.text == checkpoint.text:
                return stored

    def add_cosignatures(self, cosigned: Note, witnesses: Collection[NoteKey]) -> tuple[NoteKey, ...]:
        """Store the cosignatures of known witnesses that a note brings, each once.

        :returns: the witnesses whose cosignature was new.
        :raises UntrustedCheckpoint: a line in the name of one of them was not made with its key, none of them signed,
            or the checkpoint is none of this log's.
        """
        checkpoint = Checkpoint.parse(cosigned.text)
        stored = next(
            (
                each
                for each in self._store.log_checkpoints_of(self._log, checkpoint.size)
                if each.note.text == cosigned.text
            ),
            None,
        )
        if stored is None:
            raise UntrustedCheckpoint(
                Message("this log signed no such checkpoint"),
                expected=Message("a checkpoint of {origin}", origin=self.origin),
                found=f"{checkpoint.origin[:80]}, {checkpoint.size}",
            )
        if not cosignatures(cosigned, witnesses):
            raise UntrustedCheckpoint(Message("no known witness cosigned the checkpoint"))
        new: list[NoteKey] = []
        with self._store.transaction() as transaction:
            known = transaction.log_checkpoints_of(self._log, checkpoint.size)
            lines = {line for each in known if each.sequence == stored.sequence for line in each.note.signatures}
            for witness in witnesses:
                for signature in cosigned.signatures:
                    if (signature.name, signature.key_id) == (witness.name, witness.id) and signature not in lines:
                        transaction.add_log_cosignature(stored, signature)
                        lines.add(signature)
                        new.append(witness)
        return tuple(dict.fromkeys(new))

    def receipt(self, entry: bytes) -> Receipt:
        """The receipt of an entry.

        :raises UnloggedDocument: it is not in the log, or no checkpoint contains it yet.
        """
        position = self._store.log_position(self._log, entry)
        if position is None:
            raise UnloggedDocument(Message("the document is not in the log {log}", log=self._log))
        covering = [each for each in self._store.log_checkpoints(self._log) if each.size > position]
        if not covering:
            raise UnloggedDocument(
                Message("no checkpoint contains entry {index} yet", index=position),
                hint=Message("Sign one: passport log checkpoint"),
            )
        # The most signatures, and of those the newest: a receipt with a witness says more than one without.
        chosen = max(covering, key=lambda each: (len(each.note.signatures), each.sequence))
        tree = self._store.log_tree(self._log, chosen.size)
        return Receipt(position, tree.inclusion(position), bytes(chosen.note))

    def receipts_under(self, checkpoint: StoredCheckpoint) -> Callable[[int], Receipt]:
        """What makes the receipt of the entry at an index, under one checkpoint. Each tile is read once.

        :raises LogProofFailed: when called: the checkpoint does not contain the entry.
        """
        tree, note = self._store.log_tree(self._log, checkpoint.size), bytes(checkpoint.note)
        # Proofs of neighbours share most of their hashes.
        subtree = cache(tree.subtree)
        return lambda index: Receipt(index, merkle.inclusion_proof(index, tree.size, subtree), note)

    def _checkpoint(self, before: StoredCheckpoint | None) -> Checkpoint:
        size = self._store.log_size(self._log)
        tree = self._store.log_tree(self._log, size)
        if before is not None and size < before.size:
            raise LogRolledBack(
                Message("the log {log} is shorter than its newest checkpoint", log=self._log),
                expected=Message("at least {n} entries", n=before.size),
                found=str(size),
                hint=Message("passport log verify names the place. Restore the backup: docs/deploy.md, Restore."),
            )
        if before is not None and tree.root_of(before.size) != before.root:
            raise TwoHistories(
                Message("the log {log} does not contain the tree of its newest checkpoint", log=self._log),
                hint=Message("passport log verify names the place. Restore the backup: docs/deploy.md, Restore."),
            )
        return Checkpoint(self.origin, size, tree.root())
