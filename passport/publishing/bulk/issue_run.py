"""A run that issues the packs of an input: a crew works on its chunks, and one writer stores them, in order.

1. *All or none*: the whole input is checked first, and nothing is issued where anything is wrong with it
   (:meth:`IssueRun.check`). Then the chunks are read again and issued.
2. *What is right*: the chunks are judged and issued in one pass, and what is wrong is left out and named.
3. A chunk is stored in one short transaction, after everything in it was signed. What another process made impossible
   meanwhile is prepared again from what is in force then.
4. Where a run ends, whatever ended it, each pack is stored whole or not at all. The same input again stores what is
   left.

    run = IssueRun(path, bench, crew, order)
    checked = run.check(chunks)
    for chunk in run.issue(chunks, checked): ...
    run.finish()
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from passport.battery.fault import Fault, of_severity
from passport.battery.identifiers.record_address import LongAddresses
from passport.battery.record_chunks import Chunk
from passport.errors import AlreadyIssued, FaultyRecord, StoredUnverified
from passport.publishing.bulk.crew import Crew
from passport.publishing.bulk.whole_input import WholeInput
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import GrainWork, IssueOrder, WorkedChunk, WorkedItem
from passport.publishing.write_path import WritePath
from passport.publishing.writes import SignedWrite
from passport.texts import Message
from passport.validation.record_intake import each_once
from passport.validation.validator import ValidationReport

#: Faults and losses that are kept; a longer list is of no use, and would not fit into memory. All are counted.
KEPT = 10_000
#: Chunks after which the lists that say what was replaced are signed; they are signed at the end of a run in any case.
_CATCH_UP = 20


@dataclass(frozen=True)
class Issued:
    """What became of one model, batch or pack: ``issued``, ``replaced`` or ``same``.

    :ivar kind: ``model``, ``batch`` or ``pack``; :ivar name: the identifier of the model or batch, or the pack's code
        or serial number.
    :ivar credentials: ids of the credentials signed now; empty where nothing changed.
    :ivar issued_at: when the present credentials were signed first, for ``same``.
    :ivar report: of a pack's validation; None where it was judged before, or by another process.
    :ivar unverified: ids of stored credentials whose signature did not verify, and which were signed anew.
    """

    kind: str
    name: str
    subject: str
    outcome: str
    credentials: tuple[str, ...]
    issued_at: datetime
    report: ValidationReport | None = None
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A pack that was not issued. :ivar faults: why; losses that were not allowed are among them."""

    item: WorkedItem
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class IssuedChunk:
    """:ivar entries: models, batches and packs in the order of the input; :ivar packs: packs alone, by their items.

    :ivar refused: packs that were left out.
    """

    chunk: Chunk
    entries: tuple[Issued, ...]
    packs: tuple[tuple[WorkedItem, Issued], ...]
    refused: tuple[LeftOut, ...]
    losses: tuple[Fault, ...]


@dataclass
class CheckedInput:
    """What is to be said of a whole input before anything is issued.

    :ivar packs: how many it has; :ivar outcomes: what would become of them, counted.
    :ivar read: violations of reading; :ivar judged: of validation; :ivar contradictions: between packs.
    :ivar modules: those of two packs of the input; :ivar claimed: those that a pack of the store has.
    :ivar foreign: of what another issuer issued.
    :ivar faulty: packs with a violation.
    """

    packs: int = 0
    faulty: int = 0
    read: list[Fault] = field(default_factory=list)
    judged: list[Fault] = field(default_factory=list)
    duplicates: list[Fault] = field(default_factory=list)
    modules: list[Fault] = field(default_factory=list)
    contradictions: list[Fault] = field(default_factory=list)
    claimed: list[Fault] = field(default_factory=list)
    foreign: list[Fault] = field(default_factory=list)
    losses: list[Fault] = field(default_factory=list)
    conflicts: list[Message] = field(default_factory=list)
    unverified: dict[str, Message] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    digests: list[bytes] = field(default_factory=list)

    @property
    def violations(self) -> tuple[Fault, ...]:
        """Those of reading and validation, each once."""
        judged = (*dict.fromkeys((*self.duplicates, *self.judged)), *self.modules)
        return each_once(tuple(self.read), judged) if self.read else judged

    def refuse(self, issuer: str) -> None:
        """:raises FaultyRecord: a pack is at fault, or two contradict each other.

        :raises AlreadyIssued: something is in force with other content, and may not be replaced.
        :raises StoredUnverified: what is in force is the same, and its signature does not hold.
        """
        for faults in (self.violations, *map(tuple, (self.contradictions, self.foreign, self.claimed))):
            if faults:
                raise FaultyRecord(Message("nothing was issued"), faults)
        if self.conflicts:
            more = len(self.conflicts) - 1
            first = self.conflicts[0]
            raise AlreadyIssued(
                Message("{conflict} (and {count} more)", conflict=first, count=more) if more else first,
                hint=Message(
                    'Nothing was issued. If the new content is right: --replace --reason "what was corrected".'
                ),
            )
        if self.unverified:
            sentence, more = next(iter(self.unverified.values())), len(self.unverified) - 1
            raise StoredUnverified(
                Message(
                    "{n} stored credential does not verify",
                    plural="{n} stored credentials do not verify",
                    n=len(self.unverified),
                ),
                tuple(self.unverified),
                expected=Message("signatures that hold with the key of {issuer}", issuer=issuer[:150]),
                found=Message("{first} (and {count} more)", first=sentence, count=more) if more else sentence,
                hint=Message('Nothing was issued. Sign them anew: --replace --reason "signed with a wrong key".'),
            )


class IssueRun:
    """:param bench: this process's own; :param crew: those who work on the chunks."""

    def __init__(self, path: WritePath, bench: Workbench, crew: Crew, order: IssueOrder) -> None:
        self._path = path
        self._bench = bench
        self._crew = crew
        self._order = order
        self._named: set[str] = set()
        self._made_up: dict[str, Fault] = {}
        self._long = LongAddresses()
        self._whole = WholeInput(bench.contradiction)
        self._since_lists = 0
        self._reports: dict[int, ValidationReport] = {}

    @property
    def notices(self) -> tuple[Fault, ...]:
        """What the author of the input should know: which batches were not named, which addresses are long."""
        return (*self._made_up.values(), *self._long.notice())

    # --- the whole input, before anything is issued -------------------------------------------------------------------

    def check(self, chunks: Iterable[Chunk], progress: Callable[[WorkedChunk], None] = lambda _: None) -> CheckedInput:
        """Judge all packs; nothing is signed or stored.

        :raises PassportError: the input cannot be read.
        """
        checked = CheckedInput()
        for chunk, worked in self._crew.work(chunks, sign=False, judged=lambda _: None):
            checked.packs += len(worked.items)
            # What is wrong with a table is found in each chunk of it.
            _keep(checked.read, [each for each in of_severity("violation", worked.common) if each not in checked.read])
            _keep(checked.losses, of_severity("loss", worked.common))
            for item in worked.items:
                self._check_item(item, chunk, checked)
            checked.digests.append(worked.digest)
            progress(worked)
        return checked

    def _check_item(self, item: WorkedItem, chunk: Chunk, checked: CheckedInput) -> None:
        self._note(item)
        if item.report is not None:
            self._reports[item.number] = item.report
        second = self._whole.second_description(item)
        contradictions = self._whole.contradictions(item, chunk)
        modules = self._whole.shared_modules(item)
        _keep(checked.modules, modules)
        _keep(checked.claimed, item.claimed)
        _keep(checked.foreign, item.foreign)
        _keep(checked.read, item.read)
        _keep(checked.judged, item.judged)
        _keep(checked.duplicates, () if second is None else (second,))
        _keep(checked.contradictions, contradictions)
        _keep(checked.losses, item.losses)
        if len(checked.conflicts) < KEPT:
            checked.conflicts += item.conflicts
            checked.unverified |= dict(item.unverified)
        if second or contradictions or modules or any(item.refusals()):
            checked.faulty += 1
        elif item.pack is not None:
            checked.outcomes[item.pack.outcome] += 1

    # --- issuing ------------------------------------------------------------------------------------------------------

    def issue(
        self, chunks: Iterable[Chunk], checked: CheckedInput | None = None, *, allow_loss: bool = True
    ) -> Iterator[IssuedChunk]:
        """Issue the packs, chunk after chunk; each chunk is stored when it is given back.

        :param checked: what :meth:`check` found, without fault. None: packs are judged now, and faulty ones left out.
        :param allow_loss: without ``checked``: whether a pack of which something would not be issued is issued.
        :raises AlreadyIssued: with ``checked``: another process issued a pack with other content in this moment;
            nothing was issued but the packs before it.
        :raises FaultyRecord: with ``checked``: the same, of a module that another process issued in another pack.
        """
        digests = checked.digests if checked is not None else []
        known = dict(enumerate(digests)).get
        for chunk, worked in self._crew.work(chunks, sign=True, judged=known):
            yield self._issued(chunk, worked, checked is None, allow_loss)

    def finish(self) -> None:
        """Sign all status lists, so that what they say is known to be of now."""
        self._path.lists.sign_all(self._order.at)

    def _issued(self, chunk: Chunk, worked: WorkedChunk, lenient: bool, allow_loss: bool) -> IssuedChunk:
        common = of_severity("violation", worked.common)
        if common:
            raise FaultyRecord(Message("the input cannot be used"), common)
        refused: dict[int, LeftOut] = {}
        for item in worked.items:
            faults = () if lenient and item.waits_for_modules else tuple(item.refusals())
            if lenient:
                self._note(item)
                second = self._whole.second_description(item)
                faults += () if second is None else (second,)
                faults += () if faults else self._whole.contradictions(item, chunk)
                faults += () if allow_loss else item.losses
                faults += item.claimed if faults and item.waits_for_modules else ()
            if faults and not lenient:
                _refuse_meanwhile(item)
            if faults:
                refused[item.number] = LeftOut(item, faults)
        done = self._store(chunk, worked, refused, lenient)
        entries = tuple(self._entries(done, refused))
        by_subject = {entry.subject: entry for entry in entries if entry.kind == "pack"}
        packs = tuple(
            (item, by_subject[item.pack.subject]) for item in done.items if item.pack and item.number not in refused
        )
        losses = (*of_severity("loss", worked.common), *(loss for item in worked.items for loss in item.losses))
        return IssuedChunk(chunk, entries, packs, tuple(refused.values()), losses)

    def _store(self, chunk: Chunk, worked: WorkedChunk, refused: dict[int, LeftOut], lenient: bool) -> WorkedChunk:
        """Store what was signed, and what has to be prepared again because another process was faster.

        A pack whose modules are in another one waits for what is stored before it. So it makes no difference how far
        ahead a chunk was worked on.
        """
        items = {item.number: item for item in worked.items}
        grains = {grain.subject: grain for grain in worked.grains}
        waiting = {n: item for n, item in items.items() if n not in refused}
        while True:
            needed = {subject for item in waiting.values() for subject in item.relies_on}
            shared = [grain for subject, grain in grains.items() if grain.write is not None and subject in needed]
            own = [item for item in waiting.values() if item.pack is not None and item.pack.write is not None]
            signed = [*(grain.write for grain in shared), *(item.pack.write for item in own if item.pack)]
            writes = [write for write in signed if write is not None]
            stored = self._path.commit(writes, at=self._order.at, catch_up=False)
            self._lists_later(writes)
            late = [grain for grain, done in zip(shared, stored, strict=False) if not done]
            undone = [item for item, done in zip(own, stored[len(shared) :], strict=True) if not done]
            undone += [item for item in waiting.values() if item.pack is None]
            waiting = {item.number: item for item in undone}
            # A chunk before this one has issued the model; only where it was another process is that news.
            news = {grain.subject for grain in late if grain.subject not in self._named}
            concerned = {n for n, item in items.items() if n not in refused and not news.isdisjoint(item.relies_on)}
            for grain in shared:
                grains[grain.subject] = replace(grain, write=None)
            if not waiting and not news:
                break
            again = self._bench.work(chunk, sign=True, judged=worked.digest, only=concerned | waiting.keys())
            for grain in again.grains:
                if grain.subject in news or grain.subject not in grains or grain.outcome != "same":
                    grains[grain.subject] = grain
            for item in again.items:
                if item.number in waiting:
                    faults = tuple(item.refusals())
                    if faults and not lenient:
                        _refuse_meanwhile(item)
                    if faults:
                        refused[item.number] = LeftOut(item, faults)
                    report = item.report or items[item.number].report
                    items[item.number] = waiting[item.number] = replace(item, report=report)
            waiting = {n: item for n, item in waiting.items() if n not in refused}
            if not waiting:
                break
        return replace(worked, items=tuple(items.values()), grains=tuple(grains.values()))

    def _lists_later(self, writes: Iterable[SignedWrite]) -> None:
        """Sign the lists that say what was replaced: with the first chunk that does so, and then now and then."""
        if not any(write.prepared.decides_status for write in writes):
            return
        if self._since_lists % _CATCH_UP == 0:
            self._path.lists.catch_up(self._order.at)
        self._since_lists += 1

    def _entries(self, worked: WorkedChunk, refused: dict[int, LeftOut]) -> Iterator[Issued]:
        grains = {grain.subject: grain for grain in worked.grains}
        for item in worked.items:
            if item.pack is None or item.number in refused:
                continue
            for subject in item.relies_on:
                if subject not in self._named:
                    self._named.add(subject)
                    yield _entry(grains[subject])
            yield _entry(item.pack, item.report or self._reports.get(item.number))

    def _note(self, item: WorkedItem) -> None:
        if item.made_up is not None:
            self._made_up.setdefault(str(item.made_up.message), item.made_up)
        if item.address is not None:
            self._long.add(*item.address)


def _entry(grain: GrainWork, report: ValidationReport | None = None) -> Issued:
    made = grain.made
    return Issued(
        grain.kind, grain.name, grain.subject, grain.outcome, made.credentials, made.since, report, made.unverified
    )


def _keep(kept: list[Fault], faults: Iterable[Fault]) -> None:
    if len(kept) < KEPT:
        kept.extend(faults)


def _refuse_meanwhile(item: WorkedItem) -> None:
    """:raises AlreadyIssued: another process issued something else since the input was checked.

    :raises FaultyRecord: another process issued a pack with the same module, another issuer issued the same pack, or
        the input itself was changed.
    """
    if item.conflicts:
        raise AlreadyIssued(
            item.conflicts[0],
            hint=Message("Another process issued it in this moment; the records before it are issued."),
        )
    if item.foreign or item.claimed:
        faults = (*item.foreign, *item.claimed)
        raise FaultyRecord(Message("what another process issued in this moment stands in the way"), faults)
    raise FaultyRecord(Message("the input was changed while it was issued"), tuple(item.refusals()))
