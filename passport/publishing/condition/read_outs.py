"""Read-outs added to packs that have a passport, block by block, on the one write path.

* A read-out that is at fault is refused and named; the others of its block are added.
* The history is kept. The newest read-out is served; the ones before it have their ``refresh`` bit set and verify as
  before (docs/decisions/0011).
* A read-out that comes after a newer one is late. It joins the history, superseded from the beginning, and is never the
  current one. Its values are judged against the read-out before it and the one after it.
* The same read-out again changes nothing, so that an interrupted file can be handed in as a whole again. Other values
  of the same time are refused.
* Memory holds one block, however long the file is. Status lists are signed once, by :meth:`ReadOutLoader.finish`.

    loader = ReadOutLoader(store, issuer, base_url)
    for read_outs, faults in read_blocks(path):
        added = loader.add(read_outs, at=now)
    loader.finish(at=now)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.battery.fault import Fault, found
from passport.credentials.issuer import Issuer
from passport.exchange.event_tables.read_out_files import ReadOut
from passport.exchange.spreadsheet.layout import MODEL_KEY
from passport.linked_data.json_types import JsonObject
from passport.publishing.condition.known_packs import AddedCurrent, KnownPacks
from passport.publishing.condition.read_out_courses import ChosenReadOuts, PlacedReadOut, ReadOutCourses
from passport.publishing.places import Reserved
from passport.publishing.planned_credential import PlannedCredential
from passport.publishing.prepare import prepare_read_outs
from passport.publishing.write_path import Newest, WritePath, newest_of
from passport.publishing.writes import Head, PreparedWrite
from passport.store import Pack, Store
from passport.texts import Message
from passport.validation.read_out_intake import ReadOutRecord, judge_read_outs, read_out_record
from passport.vocabulary.credential_types import CONDITION, RECORDED_AT
from passport.vocabulary.vocabulary import Carrier, Category

#: Read-outs in one transaction, those of one pack together: a writer's turn stays short (one takes about 0.1 ms).
_A_TURN = 1_000


@dataclass(frozen=True)
class AddedReadOut:
    """What became of one read-out: ``added``, ``late``, or ``same`` where it is stored already.

    :ivar name: the pack's code or serial number as handed in; :ivar credential: IRI, empty for ``same``.
    """

    name: str
    subject: str
    recorded_at: str
    outcome: str
    credential: str = ""

    def to_json(self) -> JsonObject:
        """The entry as a JSON object."""
        members = {"name": self.name, "id": self.subject, RECORDED_AT: self.recorded_at, "outcome": self.outcome}
        return {**members, "credential": self.credential} if self.credential else members


@dataclass(frozen=True)
class BlockReport:
    """What became of a block.

    :ivar entries: what is stored, by pack and time; :ivar faults: what is refused (violations) or stored and doubtful.
    """

    entries: tuple[AddedReadOut, ...]
    faults: tuple[Fault, ...]

    def count(self, outcome: str) -> int:
        """How many read-outs have that outcome."""
        return sum(entry.outcome == outcome for entry in self.entries)

    @property
    def refused(self) -> int:
        """How many faults keep a read-out from being stored."""
        return sum(fault.severity == "violation" for fault in self.faults)


class ReadOutLoader:
    """Adds read-outs to the passports of one issuer.

    :ivar stored: how many were stored so far, also those of a block that was interrupted.
    """

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._path = WritePath(store, issuer, base_url)
        self._known = KnownPacks(store, issuer.id)
        self.stored = 0

    def add(self, read_outs: Sequence[ReadOut], *, at: datetime) -> BlockReport:
        """Judge, sign and store a block of read-outs.

        :param at: instant of signing, aware; no reading may be later than its day.
        """
        at = at.replace(microsecond=0)
        faults: list[Fault] = []
        by_pack = self._placed(read_outs, at, faults)
        entries: list[AddedReadOut] = []
        left = by_pack
        # Another process may have added to the same pack: its read-outs are judged again after the newer one.
        while left:
            left = self._store_all(left, at, entries, faults)
        # Judged by pack, told in the order of the file.
        return BlockReport(tuple(entries), tuple(sorted(faults, key=lambda fault: fault.location.row or 0)))

    def finish(self, *, at: datetime) -> None:
        """Sign the status lists, so that they say which read-outs have a newer one."""
        self._path.lists.sign_all(at.replace(microsecond=0))

    # --- the pack, and the read-out by itself -----------------------------------------------------------------------

    def _placed(
        self, read_outs: Sequence[ReadOut], at: datetime, faults: list[Fault]
    ) -> dict[str, list[PlacedReadOut]]:
        """The read-outs that are right by themselves, by pack and in the order of their times."""
        names = ["".join(read_out.name.split()) for read_out in read_outs]
        packs = _Packs(self._known, set(names))
        own_faults: list[list[Fault]] = [[] for _ in read_outs]
        named: list[tuple[int, ReadOut, ReadOutRecord]] = []
        for number, (name, read_out) in enumerate(zip(names, read_outs, strict=True)):
            pack = packs.of(name, read_out, own_faults[number])
            if pack is not None:
                record = read_out_record(pack.subject, Category(pack.category), read_out.values)
                named.append((number, read_out, ReadOutRecord(record, read_out.locate)))
        judged = judge_read_outs([asked for _, _, asked in named], on=at.date())
        by_pack: dict[str, list[PlacedReadOut]] = {}
        for (number, read_out, asked), found_in_it in zip(named, judged, strict=True):
            own_faults[number] += found_in_it
            if not any(fault.severity == "violation" for fault in found_in_it):
                subject = asked.record.pack["batteryIdentifier"]
                planned = PlannedCredential(asked.record, CONDITION, Carrier.CONDITION, subject)
                instant = datetime.fromisoformat(read_out.values[RECORDED_AT])
                by_pack.setdefault(subject, []).append(PlacedReadOut(read_out, planned, instant))
        faults += [fault for own in own_faults for fault in own]
        for placed in by_pack.values():
            placed.sort(key=lambda each: each.instant)
        return by_pack

    # --- after the ones before it -----------------------------------------------------------------------------------

    def _store_all(
        self, by_pack: dict[str, list[PlacedReadOut]], at: datetime, entries: list[AddedReadOut], faults: list[Fault]
    ) -> dict[str, list[PlacedReadOut]]:
        """Store what follows the read-outs of each pack.

        :returns: the read-outs of packs to which another process added something meanwhile.
        """
        read_at: Newest | None = self._known.begin()
        current = self._known.current(by_pack)
        courses = ReadOutCourses(self._store, current, by_pack)
        chosen: dict[str, ChosenReadOuts] = {}
        for subject, placed in by_pack.items():
            following = courses.of(subject, placed)
            faults += following.faults
            entries += [_entry(each, "same") for each in following.same]
            if following.late or following.newer:
                chosen[subject] = following
        self._path.places.expect([each.planned.status_purposes for group in chosen.values() for each in group.added])
        left: dict[str, list[PlacedReadOut]] = {}
        for subjects in _turns({subject: len(group.added) for subject, group in chosen.items()}):
            groups = [chosen[subject] for subject in subjects]
            reserved = [
                [self._path.places.take(each.planned.status_purposes) for each in group.added] for group in groups
            ]
            writes = self._path.sign_all(
                [
                    self._prepared(current[subject].head, group, places, at)
                    for subject, group, places in zip(subjects, groups, reserved, strict=True)
                ]
            )
            turn = self._path.commit_turn(writes, at=at, read_at=read_at)
            self.stored += sum(len(group.added) for group, done in zip(groups, turn.stored, strict=True) if done)
            # Turns have no pack in common: what this one stored changes nothing for the next.
            read_at = newest_of(turn.after) if newest_of(turn.before) == read_at else None
            self._known.committed(turn, _added_current(subjects, groups, reserved))
            for subject, group, write, done in zip(subjects, groups, writes, turn.stored, strict=True):
                if not done:
                    left[subject] = group.added
                    continue
                faults += group.doubts
                for each, credential in zip(group.added, write.credentials, strict=True):
                    entries.append(_entry(each, "late" if credential.late else "added", credential.stored.id))
        return left

    def _prepared(
        self, head: Head, chosen: ChosenReadOuts, reserved: Sequence[Reserved], at: datetime
    ) -> PreparedWrite:
        return prepare_read_outs(
            [each.planned for each in chosen.added],
            head,
            reserved,
            late=len(chosen.late),
            issuer=self._issuer.id,
            at=at,
        )


def _added_current(
    subjects: Sequence[str], groups: Sequence[ChosenReadOuts], reserved: Sequence[Sequence[Reserved]]
) -> Iterator[AddedCurrent]:
    """Each read-out of a turn, in the order of its credentials; the newest of each pack is the current one."""
    for subject, group, places in zip(subjects, groups, reserved, strict=True):
        newest = group.newer[-1] if group.newer else None
        for each, place in zip(group.added, places, strict=True):
            yield AddedCurrent(subject, place.places, each.read_out.values if each is newest else None)


def _turns(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """The packs of each transaction. :param sizes: how many read-outs of each pack are stored."""
    turn: list[str] = []
    size = 0
    for subject, count in sizes.items():
        if turn and size + count > _A_TURN:
            yield turn
            turn, size = [], 0
        turn.append(subject)
        size += count
    if turn:
        yield turn


class _Packs:
    """The packs that a block names, looked up together."""

    def __init__(self, known: KnownPacks, names: Collection[str]) -> None:
        known.begin()
        self._by_name = known.packs(names)

    def of(self, name: str, read_out: ReadOut, faults: list[Fault]) -> Pack | None:
        """The pack of a read-out; None, and a fault, where there is none or it is withdrawn."""
        packs = self._by_name.get(name, ())
        model = read_out.keys.get(MODEL_KEY)
        if model is not None and len(packs) > 1:
            packs = tuple(known for known in packs if known.pack.model.rsplit("/", 1)[-1] == model)
        if len(packs) != 1:
            code, message = "unknown-pack", Message("this project issued no passport for the pack")
            if packs:
                code, message = "ambiguous-pack", Message("several packs have this serial number")
            right = Message("the code of an issued pack")
            faults.append(Fault(code, read_out.locate(None), None, message, right, found(read_out.name)))
            return None
        (known,) = packs
        if known.other_issuer:
            message = Message("another issuer issued the passport of the pack")
            faults.append(Fault("another-issuer", read_out.locate(None), None, message, None, found(read_out.name)))
            return None
        if known.revoked:
            message = Message("the passport of the pack is revoked")
            faults.append(Fault("pack-revoked", read_out.locate(None), None, message, None, found(read_out.name)))
            return None
        return known.pack


def _entry(placed: PlacedReadOut, outcome: str, credential: str = "") -> AddedReadOut:
    return AddedReadOut(
        placed.read_out.name, placed.planned.subject, str(placed.read_out.values[RECORDED_AT]), outcome, credential
    )
