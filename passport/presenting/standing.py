"""The standing of a passport since it was signed: withdrawn, suspended, superseded, ended. Reads the store only.

* *Withdrawn*, *suspended*: a bit of the status list says so. Of the reason, only what was published is known here.
* *Superseded*: a read-out that was right, with a newer one after it.
* *Ended*: the battery was recycled (Article 77(8) of Regulation (EU) 2023/1542).

A passport without any of these has no standing: it is valid, and there is nothing to report. Whether its
signatures hold is another question, and the verifier's (:mod:`passport.credentials.verifier`).

    for standing in standings(store, view):
        print(standing_words.told(standing, "en", vocabulary).headline)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from passport.lifecycle.event import WITHDRAWN
from passport.linked_data import strict_json
from passport.presenting.presenter import PassportView
from passport.store import Pack, PublicStatus, ReadOutRow, Store, StoredCredential, StoredEvent
from passport.vocabulary.credential_types import (
    BATCH,
    CONDITION,
    EVENT,
    LIFECYCLE_EVENT,
    MODEL,
    MODEL_DETAIL,
    PASSPORT,
    RECORDED_AT,
    RECYCLED,
)

#: What shows how a battery has aged, the most telling one first.
_AGEING = ("stateOfCertifiedEnergy", "remainingCapacity", "remainingUsableBatteryEnergy", "numberOfFullCycles")


class StandingKind(StrEnum):
    """What has become of it; the worst first."""

    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"


class About(StrEnum):
    """Of what it is said: of the pack's passport, of the data of its batch or model, of one read-out."""

    PASSPORT = "passport"
    BATCH = "batch"
    MODEL = "model"
    READ_OUT = "read-out"


@dataclass(frozen=True)
class Replacement:
    """Where to read instead.

    :ivar subject: IRI of a passport in the same store, which may be the same one's newer version.
    :ivar issued_at: instant of signing of what is in force there.
    """

    subject: str
    issued_at: datetime


@dataclass(frozen=True)
class Ageing:
    """One figure of two read-outs, in its JSON-LD form. :ivar indicator: its id in the vocabulary."""

    indicator: str
    then: Any
    now: Any


@dataclass(frozen=True)
class Standing:
    """One thing that has become of a passport.

    :ivar since: instant of the change of status, or of the newer read-out; of an end, when its record was signed, and
        None where the reader may not read that record.
    :ivar reason: as published; None where none is.
    :ivar status_list: address of the signed list that says so; None where none does.
    :ivar read_at: of a superseded read-out, when it was read.
    """

    kind: StandingKind
    about: About
    since: datetime | None = None
    reason: str | None = None
    replacement: Replacement | None = None
    status_list: str | None = None
    read_at: datetime | None = None
    ageing: Ageing | None = None


_ABOUT = {
    PASSPORT: About.PASSPORT, BATCH: About.BATCH, MODEL: About.MODEL, MODEL_DETAIL: About.MODEL,
    CONDITION: About.READ_OUT,
}  # fmt: skip


def standings(
    store: Store, view: PassportView, *, newest_read_out: Mapping[str, Any] | None = None
) -> tuple[Standing, ...]:
    """What has become of the passport in ``view``, the worst first; empty where it is valid and the newest.

    :param store: as it is now; the view may be of an earlier day.
    :param newest_read_out: the newest read-out as the same reader may see it, where the view shows a read-out.
    """
    result: list[Standing] = []
    end = ended(store, view.subject)
    if end is not None:
        readable = end.is_public or any(other["id"] == end.id for other in view.credentials)
        result.append(Standing(StandingKind.ENDED, About.PASSPORT, end.at if readable else None))
    for type_, about in _ABOUT.items():
        document = view.credential(type_)
        standing = None if document is None else _flagged(store, document, type_, about)
        # The model's two credentials are withdrawn together, and are one thing for a reader.
        if standing is not None and not any(other.about is about and other.kind is standing.kind for other in result):
            result.append(standing)
    condition = view.credential(CONDITION)
    if condition is not None and newest_read_out is not None and newest_read_out["id"] != condition["id"]:
        result.append(_superseded(condition, newest_read_out))
    return tuple(sorted(result, key=lambda standing: list(StandingKind).index(standing.kind)))


@dataclass(frozen=True)
class End:
    """The record that a pack was recycled.

    :ivar id: of the credential; :ivar at: when it was signed, or when a life-cycle event says that it happened.
    :ivar is_public: whether everybody may read it.
    """

    id: str
    at: datetime
    is_public: bool


def ended(store: Store, pack: str) -> End | None:
    """The record that still counts and says that the pack was recycled; None where there is none.

    That is an event credential of the operator, or an accepted life-cycle event that no correction withdrew.
    """
    for stored in store.history(pack, EVENT):
        subject = stored.document["credentialSubject"]
        if subject.get(LIFECYCLE_EVENT) == RECYCLED and not store.is_flagged(stored.id):
            return End(stored.id, stored.issued_at, False)
    rows = store.event_chain(pack, kinds=(RECYCLED,))
    withdrawn = _withdrawn(store, [row for row in rows if row.kind != RECYCLED])
    return next(
        (End(row.id, row.instant, True) for row in rows if row.kind == RECYCLED and row.id not in withdrawn), None
    )


def _withdrawn(store: Store, corrections: Sequence[StoredEvent]) -> frozenset[str]:
    """Ids of the events that these corrections withdraw."""
    digests = {digest for row in corrections for digest in (row.digest, row.detail) if digest is not None}
    documents = store.event_documents(digests) if digests else {}
    withdrawn: set[str] = set()
    for row in corrections:
        details = documents.get(row.detail or "")
        if details is not None and strict_json.loads(details.body)["credentialSubject"].get(WITHDRAWN) is True:
            withdrawn.add(str(strict_json.loads(documents[row.digest].body)["credentialSubject"]["correctedEvent"]))
    return frozenset(withdrawn)


def _flagged(store: Store, document: Mapping[str, Any], type_: str, about: About) -> Standing | None:
    """Whether a credential is withdrawn, else whether it is suspended."""
    subject, entries = document["credentialSubject"]["id"], document.get("credentialStatus", ())
    refreshed = any(entry.get("statusPurpose") == "refresh" for entry in entries)
    for purpose, kind in (("revocation", StandingKind.WITHDRAWN), ("suspension", StandingKind.SUSPENDED)):
        for entry in entries:
            if entry.get("statusPurpose") != purpose:
                continue
            status = _public_status(store, entry)
            if status is None or not status.value:
                continue
            replacement = _replacement(store, status, document, type_) if kind is StandingKind.WITHDRAWN else None
            if type_ == CONDITION and replacement is not None and replacement.subject == subject and not refreshed:
                # Before read-outs had an entry of their own for it, a newer one set the bit of revocation.
                continue
            return Standing(
                kind, about, status.changed_at, status.notice.reason, replacement, entry["statusListCredential"]
            )
    return None


def _public_status(store: Store, entry: Mapping[str, Any]) -> PublicStatus | None:
    number, position = entry["statusListCredential"].rpartition("/")[2], str(entry["statusListIndex"])
    return store.public_status(int(number), int(position)) if number.isdecimal() and position.isdecimal() else None


def _replacement(store: Store, status: PublicStatus, document: Mapping[str, Any], type_: str) -> Replacement | None:
    """What the issuer named, else the version that is in force now."""
    named, subject = status.notice.replaced_by, document["credentialSubject"]["id"]
    current = store.current(named or subject, type_)
    if current is None or current.id == document["id"]:
        return None
    return Replacement(current.subject, current.issued_at)


def _superseded(condition: Mapping[str, Any], newest: Mapping[str, Any]) -> Standing:
    then, now = condition["credentialSubject"], newest["credentialSubject"]
    both = next((id_ for id_ in _AGEING if id_ in then and id_ in now and then[id_] != now[id_]), None)
    return Standing(
        StandingKind.SUPERSEDED,
        About.READ_OUT,
        _instant(now.get(RECORDED_AT)),
        read_at=_instant(then.get(RECORDED_AT)),
        ageing=Ageing(both, then[both], now[both]) if both else None,
    )


def _instant(text: Any) -> datetime | None:
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return value if value.tzinfo else None


class AsOf:
    """The store as it was at an instant, for :class:`passport.presenting.presenter.Presenter`.

    What was replaced since is shown again. Status lists and checkpoint are today's: a verifier of an old version learns
    that it was replaced or withdrawn.
    """

    def __init__(self, store: Store, at: datetime) -> None:
        self._store, self._at = store, at

    def current(self, subject: str, type_: str) -> StoredCredential | None:
        """The newest credential of that type that was there at the instant."""
        late = self._store.late_ids(subject) if type_ == CONDITION else frozenset()
        return next((stored for stored in reversed(self.history(subject, type_)) if stored.id not in late), None)

    def read_outs(self, subject: str, *, limit: int) -> tuple[ReadOutRow, ...]:
        """The read-outs that were there at the instant, the newest first."""
        return tuple(row for row in self._store.read_outs(subject) if row.stored.issued_at <= self._at)[:limit]

    def history(self, subject: str, type_: str) -> tuple[StoredCredential, ...]:
        return tuple(stored for stored in self._store.history(subject, type_) if stored.issued_at <= self._at)

    def version(self) -> tuple[int, ...]:
        return self._store.version()

    def pack(self, subject: str) -> Pack | None:
        return self._store.pack(subject)

    def is_flagged(self, credential_id: str) -> bool:
        return self._store.is_flagged(credential_id)

    def status_list_body(self, number: int) -> bytes | None:
        return self._store.status_list_body(number)

    def log_checkpoint_note(self, log: str) -> bytes | None:
        return self._store.log_checkpoint_note(log)
