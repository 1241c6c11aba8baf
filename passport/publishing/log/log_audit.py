"""The audit of a log: whether its entries are what its checkpoints and its documents say, and where they are not.

One pass over the entries. Memory grows with the number of documents, by a digest each, and not with that of entries.

1. *Deletion.* No position is skipped.
2. *Alteration* and *reordering.* Each entry of a full tile is the leaf that the tile has in its place. Two leaves that
   changed places were reordered.
3. *Documents.* Each document is in the log, in its place, and each entry has its document.
4. *Truncation.* The log is not shorter than a checkpoint.
5. *Two histories.* The tree of each checkpoint has its root. The last checkpoint that agrees and the first that does
   not say between which entries the histories part; nothing is said where steps 1 to 3 have found the place.

Checkpoints are the stored ones and those that were kept elsewhere. Only the latter show a change by an operator who
rewrites entries, tiles, documents and stored checkpoints together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from passport.store.log.log_reading import LogQueries
from passport.texts import Message
from passport.transparency import merkle, tiles
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.merkle import HASH_BYTES, CompactRange
from passport.transparency.receipt import document_entry


class FaultKind(StrEnum):
    """What can be wrong with a log."""

    DELETED = "deleted"
    ALTERED = "altered"
    REORDERED = "reordered"
    UNLOGGED = "unlogged"
    UNDOCUMENTED = "undocumented"
    TRUNCATED = "truncated"
    TWO_HISTORIES = "two-histories"


@dataclass(frozen=True)
class LogFault:
    """One thing that is wrong.

    :ivar index: the entry that it concerns, or the first that it may concern; None where that cannot be said.
    """

    kind: FaultKind
    index: int | None
    message: Message


@dataclass(frozen=True)
class LoggedDocument:
    """A signed document that must be in a log.

    :ivar position: of its entry; None where it is not known.
    :ivar name: its id, for messages; :ivar body: its bytes as they were signed.
    """

    position: int | None
    name: str
    body: bytes


@dataclass(frozen=True)
class LogAudit:
    """The result.

    :ivar size: entries of the log; :ivar root: of all of them.
    :ivar documents: how many documents were compared; None: none were given.
    :ivar checkpoints: how many checkpoints were compared.
    """

    size: int
    root: bytes
    documents: int | None
    checkpoints: int
    faults: tuple[LogFault, ...]


def audit(
    store: LogQueries,
    log: str,
    checkpoints: Iterable[Checkpoint],
    documents: Iterable[LoggedDocument] | None = None,
    *,
    may_be_forgotten: bool = False,
) -> LogAudit:
    """Look a log through.

    :param checkpoints: whose signatures are verified, in any order.
    :param documents: all documents that must be in the log, and no others; None: they are not compared.
    :param may_be_forgotten: an entry without a document is no fault: its record was deleted to protect a person.
    """
    marks = sorted({(each.size, each.root) for each in checkpoints})
    result = _Walk(store, log, marks, None if documents is None else _Documents(documents)).result()
    if not may_be_forgotten:
        return result
    return replace(result, faults=tuple(each for each in result.faults if each.kind is not FaultKind.UNDOCUMENTED))


class _Documents:
    """The documents by the digest that their entry must be."""

    def __init__(self, documents: Iterable[LoggedDocument]) -> None:
        self.count = 0
        self._by_digest: dict[bytes, tuple[int | None, str]] = {}
        self._by_position: dict[int, tuple[bytes, str]] = {}
        for document in documents:
            self.count += 1
            digest = document_entry(document.body)
            self._by_digest[digest] = (document.position, document.name)
            if document.position is not None:
                self._by_position[document.position] = (digest, document.name)

    def entry(self, index: int) -> bytes | None:
        """The entry that a document demands in this place."""
        return self._by_position[index][0] if index in self._by_position else None

    def fault(self, index: int, entry: bytes) -> LogFault | None:
        """What the documents say against an entry; a document counts for one entry."""
        position, name = self._by_digest.pop(entry, (None, None))
        if name is not None:
            return None if position in (None, index) else _moved(index, name, position)
        if index in self._by_position:
            return _differs(index, self._by_position[index][1])
        return _undocumented(index)

    def unlogged(self, named: set[int | None]) -> Iterator[LogFault]:
        """Documents without an entry, but for those whose place is told already."""
        for position, name in self._by_digest.values():
            if position is None or position not in named:
                yield _unlogged(position, name)


class _Walk:
    """The pass over the entries, beside tiles, documents and checkpoints."""

    def __init__(
        self, store: LogQueries, log: str, marks: Sequence[tuple[int, bytes]], documents: _Documents | None
    ) -> None:
        self._store, self._log, self._marks, self._documents = store, log, marks, documents
        self._tree = CompactRange()
        self._faults: list[LogFault] = []
        # Entries that differ from the leaf in their tile: index, the leaf that they are, the leaf that the tile has.
        self._differing: list[tuple[int, bytes, bytes]] = []
        self._tile_number = -1
        self._leaves: list[bytes] | None = None
        self._next_mark, self._agreed, self._parted = 0, 0, False

    def result(self) -> LogAudit:
        """Do it, and report."""
        self._hold_against_marks()
        for index, entry in self._positions():
            self._tree.append(self._leaf(index, entry))
            if entry is not None and self._documents is not None:
                fault = self._documents.fault(index, entry)
                self._faults += [fault] if fault else []
            self._hold_against_marks()
        self._faults += self._tile_faults()
        named = {fault.index for fault in self._faults if fault.kind is not FaultKind.UNDOCUMENTED}
        if self._documents is not None:
            self._faults += self._documents.unlogged(named)
        if self._marks and self._marks[-1][0] > self._tree.size:
            self._faults.append(_truncated(self._tree.size, self._marks[-1][0]))
        return LogAudit(
            self._tree.size,
            self._tree.root(),
            None if self._documents is None else self._documents.count,
            len(self._marks),
            self._told_once(),
        )

    def _positions(self) -> Iterator[tuple[int, bytes | None]]:
        """Each position with its entry; None where it is missing."""
        expected = 0
        for position, entry in self._store.log_rows(self._log):
            for missing in range(expected, position):
                self._faults.append(_deleted(missing))
                yield missing, None
            yield position, entry
            expected = position + 1

    def _leaf(self, index: int, entry: bytes | None) -> bytes:
        """The leaf with which the tree goes on: that of the tile where there is one, so that no fault hides another."""
        number, place = divmod(index, tiles.WIDTH)
        if number != self._tile_number:
            self._tile_number, self._leaves = number, self._stored_leaves(number)
        own = None if entry is None else merkle.leaf_hash(entry)
        if self._leaves is not None:
            if own is not None and own != self._leaves[place]:
                self._differing.append((index, own, self._leaves[place]))
            return self._leaves[place]
        if own is None:
            demanded = self._documents.entry(index) if self._documents else None
            # Without it no later root can be compared; the deletion is reported.
            self._parted = self._parted or demanded is None
            return merkle.leaf_hash(demanded or b"")
        return own

    def _stored_leaves(self, number: int) -> list[bytes] | None:
        stored_tile = self._store.stored_tile(self._log, 0, number)
        if stored_tile is None:
            return None
        hashes, root = stored_tile
        leaves = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
        if len(leaves) != tiles.WIDTH or merkle.fold(leaves) != root:
            begin = number * tiles.WIDTH
            end = begin + tiles.WIDTH - 1
            message = Message("the tile of the entries {begin} to {end} was altered", begin=begin, end=end)
            self._faults.append(LogFault(FaultKind.ALTERED, begin, message))
            return None
        return leaves

    def _hold_against_marks(self) -> None:
        """Compare the tree with the checkpoints of its size. The first that differs is reported."""
        while self._next_mark < len(self._marks) and self._marks[self._next_mark][0] == self._tree.size:
            size, root = self._marks[self._next_mark]
            self._next_mark += 1
            if self._parted:
                continue
            if root == self._tree.root():
                self._agreed = size
                continue
            self._parted = True
            located = any(fault.index is not None and self._agreed <= fault.index < size for fault in self._faults)
            if not located:
                self._faults.append(_two_histories(self._agreed, size))

    def _tile_faults(self) -> Iterator[LogFault]:
        places = {stored: index for index, _, stored in self._differing}
        for index, own, _ in self._differing:
            yield _reordered(index, places[own]) if own in places else _altered(index)

    def _told_once(self) -> tuple[LogFault, ...]:
        """The faults by index, the most telling one of each entry: tile and documents may tell of the same change."""
        telling = (FaultKind.REORDERED, FaultKind.ALTERED, FaultKind.UNDOCUMENTED)
        once: dict[tuple[int | None, str], LogFault] = {}
        for fault in self._faults:
            rank = telling.index(fault.kind) if fault.kind in telling else None
            place = (fault.index, fault.message if rank is None else "entry")
            known = once.get(place)
            if known is None or rank is None or rank < telling.index(known.kind):
                once[place] = fault
        return tuple(sorted(once.values(), key=lambda fault: (-1 if fault.index is None else fault.index, fault.kind)))


# --- what is said of each -------------------------------------------------------------------------------------------


def _deleted(index: int) -> LogFault:
    return LogFault(FaultKind.DELETED, index, Message("entry {index} is missing: it was deleted", index=index))


def _altered(index: int) -> LogFault:
    return LogFault(FaultKind.ALTERED, index, Message("entry {index} was altered", index=index))


def _reordered(index: int, origin: int) -> LogFault:
    message = Message("entry {index} was reordered: the tree has it as entry {origin}", index=index, origin=origin)
    return LogFault(FaultKind.REORDERED, index, message)


def _moved(index: int, name: str, origin: int | None) -> LogFault:
    message = Message(
        "entry {index} was reordered: it is the document {name}, whose place is entry {origin}",
        index=index,
        name=name,
        origin=origin,
    )
    return LogFault(FaultKind.REORDERED, index, message)


def _differs(index: int, name: str) -> LogFault:
    message = Message(
        "entry {index} is not the digest of its document {name}: one of them was altered", index=index, name=name
    )
    return LogFault(FaultKind.ALTERED, index, message)


def _undocumented(index: int) -> LogFault:
    message = Message("entry {index} has no document: it was deleted or altered", index=index)
    return LogFault(FaultKind.UNDOCUMENTED, index, message)


def _unlogged(position: int | None, name: str) -> LogFault:
    return LogFault(FaultKind.UNLOGGED, position, Message("the document {name} is not in the log", name=name))


def _truncated(size: int, demanded: int) -> LogFault:
    message = Message(
        "the log was truncated: it ends before entry {size}, and a checkpoint has {demanded} entries",
        size=size,
        demanded=demanded,
    )
    return LogFault(FaultKind.TRUNCATED, size, message)


def _two_histories(agreed: int, size: int) -> LogFault:
    message = Message(
        "two histories: the tree of the first {size} entries is not that of their checkpoint; they part between entry"
        " {first} and entry {last}",
        size=size,
        first=agreed,
        last=size - 1,
    )
    return LogFault(FaultKind.TWO_HISTORIES, agreed, message)
