"""What a worker found out about a chunk, and what it signed. Values that can be pickled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passport.battery.fault import Fault, Location
from passport.publishing.writes import About, GrainOutcome, SignedWrite
from passport.texts import Message
from passport.validation.record_intake import each_once
from passport.validation.validator import On, ValidationReport

#: What tells one pack from another: its code, or model and serial number.
PackKey = tuple[str, ...]


@dataclass(frozen=True)
class IssueOrder:
    """What is asked for.

    :ivar at: instant of signing, aware, without fractions of a second; becomes ``validFrom``.
    :ivar on: day (or per regime a day) whose obligations apply.
    :ivar replace: whether other content may take the place of what is in force; :ivar reason: the operator's note;
        :ivar public_reason: what readers are told.
    """

    at: datetime
    on: On
    replace: bool = False
    reason: str = "replaced"
    public_reason: str | None = None


@dataclass(frozen=True)
class SharedContent:
    """What a record says of its model or batch, of one type.

    :ivar digest: of the content; :ivar kind: ``model`` or ``batch``.
    """

    about: About
    kind: str
    digest: str


@dataclass(frozen=True)
class GrainWork:
    """What became of a model, batch or pack, or would become.

    :ivar kind: ``model``, ``batch`` or ``pack``; :ivar name: what people call it; :ivar subject: its address.
    :ivar outcome: ``issued``, ``replaced`` or ``same``.
    :ivar write: None where nothing is to be stored, or nothing was to be signed.
    """

    kind: str
    name: str
    subject: str
    outcome: str
    made: GrainOutcome
    write: SignedWrite | None = None


@dataclass(frozen=True)
class WorkedItem:
    """One pack of the input.

    :ivar number: in the input, from 0; :ivar name: what people call it; :ivar place: where it is.
    :ivar read: violations of reading; :ivar judged: those of validation; :ivar losses: what would not be issued.
    :ivar keys: by which a second description of the pack is found, with their places.
    :ivar shared: what it says of its model and batch.
    :ivar modules: of the pack, with their places, where the whole input is checked.
    :ivar before: addresses of the packs that it was made from.
    :ivar claimed: faults of modules that are in another pack of the store.
    :ivar foreign: faults of what another issuer issued.
    :ivar conflicts: sentences on what is in force with other content.
    :ivar unverified: ids of stored credentials that do not verify, with a sentence each.
    :ivar made_up: notice of a batch that the input does not name; :ivar address: of the pack, with its place.
    :ivar pack: None where something is wrong with it; :ivar relies_on: addresses of its model and batch.
    :ivar report: of validation, where one was made and asked for.
    """

    number: int
    name: str
    place: Location
    read: tuple[Fault, ...] = ()
    judged: tuple[Fault, ...] = ()
    losses: tuple[Fault, ...] = ()
    keys: tuple[tuple[PackKey, Location], ...] = ()
    shared: tuple[SharedContent, ...] = ()
    modules: tuple[tuple[str, Location], ...] = ()
    before: frozenset[str] = frozenset()
    claimed: tuple[Fault, ...] = ()
    foreign: tuple[Fault, ...] = ()
    conflicts: tuple[Message, ...] = ()
    unverified: tuple[tuple[str, Message], ...] = ()
    made_up: Fault | None = None
    address: tuple[str, Location] | None = None
    pack: GrainWork | None = None
    relies_on: tuple[str, ...] = ()
    report: ValidationReport | None = None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every violation, each once."""
        return each_once(self.read, self.judged)

    @property
    def waits_for_modules(self) -> bool:
        """Whether nothing but modules in another pack is in its way. What is stored before it may set them free."""
        return bool(self.claimed) and not (
            self.read or self.judged or self.foreign or self.conflicts or self.unverified
        )

    def refusals(self) -> Iterable[Fault]:
        """Why it is not issued, all causes as faults of its place."""
        yield from self.faults
        yield from self.foreign
        yield from self.claimed
        for sentence in self.conflicts:
            yield Fault("already-issued", self.place, None, sentence)
        for _, sentence in self.unverified:
            yield Fault("stored-unverified", self.place, None, sentence)


@dataclass(frozen=True)
class WorkedChunk:
    """:ivar common: faults that belong to no single pack; :ivar digest: of what was read.

    :ivar grains: models and batches of its packs, in the order in which packs name them.
    """

    number: int
    first: int
    items: tuple[WorkedItem, ...]
    common: tuple[Fault, ...] = ()
    grains: tuple[GrainWork, ...] = ()
    digest: bytes = b""
