"""One worker's place: reads a chunk, judges its packs, prepares and signs what is not in force yet.

* Nothing is stored here but reservations of places in status lists. Documents are stored by one writer
  (:mod:`passport.publishing.bulk.issue_run`).
* A chunk that was judged before and reads the same is not judged again.
* The credentials of a model or batch are a write of their own, signed for each chunk that does not find them in force.
  The first such write counts; the packs rely on what it says, not on which of them was first.

    workbench = Workbench(write_path, store, vocabulary, regimes, order)
    workbench.work(chunk, sign=False)
    workbench.work(chunk, sign=True, judged=digest)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from passport.battery.batch import identifier_of, made_up_batches
from passport.battery.fault import Fault, of_severity
from passport.battery.identifiers import record_address as addresses
from passport.battery.not_issued import not_issued
from passport.battery.record import NOTHING, Record, pack_keys
from passport.battery.record_chunks import CHUNK, Chunk, ChunkContent, Item
from passport.credentials.wording import shortened
from passport.publishing.bulk.worked import GrainWork, IssueOrder, SharedContent, WorkedChunk, WorkedItem
from passport.publishing.heads import Heads
from passport.publishing.module_claims import ModuleClaims, before, module_places, modules_of
from passport.publishing.planned_credential import PlannedCredential, planned_credentials
from passport.publishing.prepare import pack_of, prepare_grain, to_sign
from passport.publishing.status.status_notice import checked_reason
from passport.publishing.write_path import WritePath
from passport.publishing.writes import About, GrainOutcome, Head, PreparedWrite, Replacing
from passport.store import Notice, Pack, Store
from passport.texts import Message
from passport.validation.record_intake import judge
from passport.validation.validator import ValidationReport
from passport.vocabulary.credential_types import EVENT
from passport.vocabulary.vocabulary import Regime, Vocabulary

#: Packs whose judgement is kept for the second pass, so that a small input is read and judged once. Of so many packs
#: the reports are told.
KEPT = 4 * CHUNK


@dataclass(frozen=True)
class _Judged:
    """An item, its record with the address, and what validation says; no report where it was judged before."""

    item: Item
    record: Record | None
    faults: tuple[Fault, ...] = ()
    report: ValidationReport | None = None

    @property
    def is_good(self) -> bool:
        return self.record is not None and not self.faults and not of_severity("violation", self.item.faults)


@dataclass(frozen=True)
class _Work:
    """What becomes of a model, batch or pack, and what is to be signed for it."""

    made: GrainWork
    prepared: PreparedWrite | None = None


class Workbench:
    """:param kept: packs whose judgement is kept; None: all."""

    def __init__(
        self, path: WritePath, store: Store, vocabulary: Vocabulary, regimes: Sequence[Regime], order: IssueOrder,
        *, kept: int | None = KEPT,
    ) -> None:  # fmt: skip
        self._path = path
        self._store = store
        self._vocabulary = vocabulary
        self._regimes = tuple(regimes)
        self._order = order
        self._replacing = Replacing(order.replace, order.reason, Notice(checked_reason(order.public_reason)))
        self._heads = Heads(store, path.issuer)
        self._modules = ModuleClaims(store)
        self._kept = kept
        self._by_chunk: dict[int, tuple[ChunkContent, dict[int, _Judged]]] = {}

    def judge(self, record: Record, *, brief: bool = False) -> tuple[Record, ValidationReport]:
        """The record with its address, and the report on it."""
        return judge(record, self._regimes, on=self._order.on, base_url=self._path.base_url, brief=brief)

    def work(
        self, chunk: Chunk, *, sign: bool, judged: bytes | None = None, only: Collection[int] | None = None
    ) -> WorkedChunk:
        """What is to be said of the packs of a chunk, and with ``sign`` what is to be stored.

        :param judged: digest of the chunk when it was judged without fault; None: it was not.
        :param only: numbers of packs in the input, no other of which is worked on; None: all are.
        :raises PassportError: the input cannot be read, or the key does not sign.
        """
        content, items = self._judged(chunk, judged, only)
        is_known = judged is not None and judged == content.digest
        base_url = self._path.base_url
        plans = {n: _RecordPlan(each.record, base_url) for n, each in items.items() if each.is_good and each.record}
        wanted = {credential.about: credential.digest for plan in plans.values() for credential in plan.planned}
        # What was in force in the first pass was verified then; only a replacement signs it anew.
        heads = self._heads.of(wanted, self._order.at, verify=not is_known or self._order.replace)
        refused = {n: self._refusals(plan, heads) for n, plan in plans.items()}
        foreign = {n: tuple(dict.fromkeys(_of_another_issuer(plan, heads))) for n, plan in plans.items()}
        modules = {n: self._due_modules(plan, heads) for n, plan in plans.items()}
        known_modules = self._modules.known({code for codes in modules.values() for code in codes})
        claimed = {
            n: tuple(self._modules.faults(plan.record, known_modules)) if plan.has_new_production(heads) else ()
            for n, plan in plans.items()
        }
        good = {n: plan for n, plan in plans.items() if not (any(refused[n]) or foreign[n] or claimed[n])}
        shared = {credential.about: credential for plan in good.values() for credential in plan.shared}
        known = self._store.known_packs([plan.pack for plan in good.values()]) if sign and good else frozenset()
        if sign:
            due = [*shared.values(), *(credential for plan in good.values() for credential in plan.own)]
            chosen = to_sign(due, heads, self._replacing)
            self._path.places.expect(credential.status_purposes for credential in chosen)
        made = self._shared_work(good.values(), heads, sign)
        own = {
            n: self._work(
                "pack", plan.name, plan.pack, plan.own, heads, sign,
                pack=None if plan.pack in known else pack_of(plan.record, plan.model),
                relied_on=plan.relied_on, modules=known_modules.credentials(modules[n]),
            )
            for n, plan in good.items()
        }  # fmt: skip
        grains, packs = self._signed(made, list(own.values()))
        pack_work = dict(zip(own, packs, strict=True))
        worked = []
        for n, each in items.items():
            summary = self._summary(n, each, sign)
            conflicts, unverified = refused.get(n, ((), ()))
            plan = good.get(n)
            if plan is None:
                contents = plans[n].shared_contents if n in plans else ()
                worked.append(replace(
                    summary, shared=contents, conflicts=conflicts, unverified=unverified,
                    foreign=foreign.get(n, ()), claimed=claimed.get(n, ()),
                ))  # fmt: skip
                continue
            worked.append(replace(summary, shared=plan.shared_contents, relies_on=plan.grains, pack=pack_work[n]))
        return WorkedChunk(chunk.begin.number, chunk.begin.first, tuple(worked), content.common, grains, content.digest)

    def contradiction(self, about: About, first: tuple[Chunk, int], second: tuple[Chunk, int]) -> Fault | None:
        """The fault of two packs, each by its chunk and number there, that say something else of one subject."""
        planned = []
        for chunk, number in (first, second):
            record = self._addressed(chunk.read().items[number]).record
            assert record is not None, "it was judged without fault"
            plan = _RecordPlan(record, self._path.base_url)
            planned.append(next(credential for credential in plan.shared if credential.about == about))
        return planned[1].contradiction(planned[0], self._vocabulary)

    # --- reading and judging ----------------------------------------------------------------------------------------

    def _judged(
        self, chunk: Chunk, judged: bytes | None, only: Collection[int] | None
    ) -> tuple[ChunkContent, dict[int, _Judged]]:
        """The packs of a chunk by their numbers in the input."""
        kept = self._by_chunk.pop(chunk.begin.number, None)
        if kept is not None:
            return kept
        content = chunk.read()
        numbered = {n: item for n, item in enumerate(content.items, chunk.begin.first) if only is None or n in only}
        if judged is not None and judged == content.digest:
            return content, {n: self._addressed(item) for n, item in numbered.items()}
        items = {n: self._judged_item(item, brief=not self._tells_report(n)) for n, item in numbered.items()}
        if judged is None and (self._kept is None or chunk.begin.first + len(items) <= self._kept):
            self._by_chunk[chunk.begin.number] = content, items
        return content, items

    def _addressed(self, item: Item) -> _Judged:
        return _Judged(item, None if item.record is None else addresses.addressed(item.record, self._path.base_url))

    def _tells_report(self, number: int) -> bool:
        return self._kept is None or number < KEPT

    def _judged_item(self, item: Item, *, brief: bool) -> _Judged:
        if item.record is None:
            return _Judged(item, None)
        record, report = self.judge(item.record, brief=brief)
        return _Judged(item, record, tuple(dict.fromkeys(of_severity("violation", report.faults))), report)

    def _summary(self, number: int, judged: _Judged, sign: bool) -> WorkedItem:
        item, record = judged.item, judged.record
        losses = of_severity("loss", item.faults)
        read = of_severity("violation", item.faults)
        if record is None or item.record is None:
            return WorkedItem(number, item.name, item.place, read, judged.faults, losses)
        losses = tuple(dict.fromkeys((*losses, *not_issued(item.record))))
        stated = record.pack.get("batteryIdentifier")
        return WorkedItem(
            number, item.name, item.place, read, judged.faults, losses,
            keys=pack_keys(item.record),
            modules=module_places(record) if not sign and isinstance(stated, str) else (),
            before=before(record),
            made_up=next(iter(made_up_batches([record])), None),
            address=(stated, record.locate("batteryIdentifier")) if isinstance(stated, str) else None,
            report=judged.report if self._tells_report(number) else None,
        )  # fmt: skip

    # --- preparing and signing --------------------------------------------------------------------------------------

    def _refusals(
        self, plan: _RecordPlan, heads: Mapping[About, Head]
    ) -> tuple[tuple[Message, ...], tuple[tuple[str, Message], ...]]:
        """What is in force with other content, and what does not verify, where it may not be replaced."""
        if self._order.replace:
            return (), ()
        conflicts: list[Message] = []
        unverified: list[tuple[str, Message]] = []
        for credential in plan.planned:
            head = heads[credential.about]
            conflict = credential.conflict(head.stored, self._vocabulary)
            if conflict is not None:
                conflicts.append(conflict)
            elif head.stored is not None and head.to_be_signed_anew:
                sentence = Message(
                    "{name}: {type} {credential}",
                    name=credential.name,
                    type=head.stored.type,
                    credential=head.stored.id,
                )
                unverified.append((head.stored.id, sentence))
        return tuple(conflicts), tuple(unverified)

    def _due_modules(self, plan: _RecordPlan, heads: Mapping[About, Head]) -> tuple[str, ...]:
        """The modules of a pack whose production event is to be signed."""
        due = to_sign(plan.own, heads, self._replacing)
        return modules_of(plan.record) if any(credential.type == EVENT for credential in due) else ()

    def _shared_work(self, plans: Iterable[_RecordPlan], heads: Mapping[About, Head], sign: bool) -> list[_Work]:
        made: dict[str, _Work] = {}
        for plan in plans:
            for kind, subject, name in plan.coarser:
                if subject not in made:
                    planned = [credential for credential in plan.shared if credential.kind == kind]
                    made[subject] = self._work(kind, name, subject, planned, heads, sign)
        return list(made.values())

    def _signed(self, *parts: list[_Work]) -> tuple[tuple[GrainWork, ...], ...]:
        """What is to be signed of a chunk, signed together."""
        due = [work.prepared for part in parts for work in part if work.prepared is not None]
        signed = iter(self._path.sign_all(due))
        return tuple(
            tuple(work.made if work.prepared is None else replace(work.made, write=next(signed)) for work in part)
            for part in parts
        )

    def _work(
        self, kind: str, name: str, subject: str, planned: Sequence[PlannedCredential], heads: Mapping[About, Head],
        sign: bool, *, pack: Pack | None = None, relied_on: Mapping[About, str] | None = None,
        modules: Mapping[str, frozenset[str]] = NOTHING,
    ) -> _Work:  # fmt: skip
        chosen = to_sign(planned, heads, self._replacing)
        if not sign:
            is_replaced = any(heads[credential.about].stored for credential in chosen)
            outcome = "same" if not chosen else "replaced" if is_replaced else "issued"
            return _Work(GrainWork(kind, name, subject, outcome, GrainOutcome((), is_replaced, self._order.at, ())))
        prepared = prepare_grain(
            planned,
            chosen,
            heads,
            [self._path.places.take(credential.status_purposes) for credential in chosen],
            relied_on=relied_on or {},
            pack=pack,
            modules=modules,
            issuer=self._path.issuer.id,
            at=self._order.at,
            replacing=self._replacing,
        )
        work = GrainWork(kind, name, subject, prepared.outcome.name, prepared.outcome)
        return _Work(work, prepared.write if chosen or pack is not None else None)


def _of_another_issuer(plan: _RecordPlan, heads: Mapping[About, Head]) -> Iterator[Fault]:
    for credential in plan.planned:
        head = heads[credential.about]
        if head.stored is not None and head.other_issuer is not None:
            message = Message("{name} was issued by another issuer, who alone replaces it", name=credential.name)
            place = plan.record.locate("batteryIdentifier")
            yield Fault("another-issuer", place, None, message, None, shortened(head.other_issuer))


class _RecordPlan:
    """The planned credentials of one record, and what its pack relies on."""

    def __init__(self, record: Record, base_url: str) -> None:
        self.record = record
        self.planned = planned_credentials(record, base_url)
        self.pack = str(record.pack["batteryIdentifier"])
        self.model = addresses.model_address_of(record, base_url)
        self.shared = tuple(credential for credential in self.planned if credential.kind != "pack")
        self.own = tuple(credential for credential in self.planned if credential.kind == "pack")
        batch = next((credential.subject for credential in self.shared if credential.kind == "batch"), None)
        #: Model and batch: kind, address, name.
        self.coarser = [("model", self.model, str(record.model.get("batteryModelIdentifier")))]
        self.coarser += [] if batch is None else [("batch", batch, str(identifier_of(record)))]

    @property
    def name(self) -> str:
        return str(self.record.pack.get("packTractionBatteryCode") or addresses.address(self.record).serial)

    def has_new_production(self, heads: Mapping[About, Head]) -> bool:
        """Whether its production event says something else than the one in force."""
        events = [credential for credential in self.own if credential.type == EVENT]
        in_force = [heads[event.about].stored for event in events]
        return any(old is None or old.content != new.digest for new, old in zip(events, in_force, strict=True))

    @property
    def grains(self) -> tuple[str, ...]:
        return tuple(subject for _, subject, _ in self.coarser)

    @property
    def relied_on(self) -> dict[About, str]:
        return {credential.about: credential.digest for credential in self.shared}

    @property
    def shared_contents(self) -> tuple[SharedContent, ...]:
        return tuple(SharedContent(each.about, each.kind, each.digest) for each in self.shared)
