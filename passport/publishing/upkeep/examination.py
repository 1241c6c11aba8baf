"""What an examination of a store finds, part by part, and what it is made with (:mod:`.examiner`)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from passport.credentials.checks.signature_check import check_signature
from passport.credentials.credential import issuer_id
from passport.errors import PassportError, UnresolvableDid
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.store import Store
from passport.texts import Message

#: Faults that are told one by one; further ones are counted.
TOLD = 20


class ExaminedPart(StrEnum):
    """What is examined, in this order."""

    DATABASE = "database"
    CREDENTIALS = "credentials"
    VIEWS = "views"
    EVENTS = "events"
    STATUS_LISTS = "status-lists"
    ROWS = "rows"
    LOGS = "logs"


@dataclass(frozen=True)
class ExaminationFault:
    """One thing that is wrong. :ivar name: of the document, list, table or log that it concerns."""

    name: str
    message: Message | str


@dataclass
class PartResult:
    """What was found in one part.

    :ivar examined: things that were looked at, of so many in ``total``.
    :ivar faults: how many are wrong; :ivar told: the first of them.
    :ivar unknown: how many could not be checked; :ivar reason: why, of the first.
    """

    part: ExaminedPart
    examined: int = 0
    total: int = 0
    faults: int = 0
    told: list[ExaminationFault] = field(default_factory=list)
    unknown: int = 0
    reason: str | None = None

    @property
    def outcome(self) -> bool | None:
        """True: sound; False: not; None: something could not be checked."""
        return False if self.faults else None if self.unknown else True

    def fault(self, name: str, message: Message | str) -> None:
        """Add a fault."""
        self.faults += 1
        if len(self.told) < TOLD:
            self.told.append(ExaminationFault(name, message))

    def undetermined(self, reason: str) -> None:
        """Add something that could not be checked."""
        self.unknown += 1
        self.reason = self.reason or reason


@dataclass(frozen=True)
class StoreExamination:
    """The result, a part after the other. :ivar sample: documents of each sort that were drawn; None: all."""

    parts: tuple[PartResult, ...]
    sample: int | None

    @property
    def outcome(self) -> bool | None:
        """True: all parts are sound; False: one is not; None: none is wrong, and something could not be checked."""
        outcomes = [part.outcome for part in self.parts]
        return False if False in outcomes else None if None in outcomes else True


#: What is told of progress: a part, so many more of it, of so many.
ExaminationProgress = Callable[[ExaminedPart, int, int], None]


@dataclass(frozen=True)
class Scope:
    """What is examined, and with what.

    :ivar resolver: the DID documents that are at hand.
    :ivar sample: documents of each sort that are drawn; None: all of them.
    """

    project: Project
    store: Store
    resolver: DidResolver
    at: datetime
    sample: int | None
    progress: ExaminationProgress

    def signature_fault(self, document: JsonObject) -> str | None:
        """Why the signature of a document does not hold; None where it does.

        A signature of the future counts as one of its own instant: a clock that runs behind is another fault.

        :raises UnresolvableDid: the DID document of its issuer is not at hand.
        """
        at = max([self.at, *_signed_at(document)])
        try:
            check_signature(document, self.resolver, controller=str(issuer_id(document)), at=at)
        except UnresolvableDid:
            raise
        except PassportError as error:
            return str(error)
        return None

    def drawn(self, total: int) -> Iterable[int]:
        """Numbers from 1 to ``total`` that are looked at: all, or the newest and others at random in equal parts."""
        if self.sample is None or self.sample >= total:
            return range(1, total + 1)
        newest = range(total - self.sample // 2 + 1, total + 1)
        older = random.SystemRandom().sample(range(1, newest.start), self.sample - len(newest))
        return [*sorted(older), *newest]


def _signed_at(document: JsonObject) -> Iterator[datetime]:
    proof = document.get("proof")
    for each in proof if isinstance(proof, list) else [proof]:
        created = each.get("created") if isinstance(each, dict) else None
        try:
            at = datetime.fromisoformat(created) if isinstance(created, str) else None
        except ValueError:
            continue  # malformed: the check of the signature says so
        if at is not None and at.tzinfo is not None:
            yield at


def numbered_runs(numbers: Iterable[int], at_most: int) -> Iterator[tuple[int, int]]:
    """Numbers in ascending order as runs: the number before the first, and the length."""
    begin = length = 0
    for number in numbers:
        if length and number == begin + length + 1 and length < at_most:
            length += 1
            continue
        if length:
            yield begin, length
        begin, length = number - 1, 1
    if length:
        yield begin, length
