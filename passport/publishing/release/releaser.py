"""A released copy of a store, for a resolver abroad: what a policy releases, still signed, with a log of what left.

1. A pack is released where its public credentials, of the pack, its batch and its model, may leave as they are; else
nothing of it.
2. Restricted credentials are thinned to the indicators that are released. They stay derived views of what was signed,
and verify with the issuer's public key; the issuer's own copies (base proofs) never leave.
3. Events leave whole or not at all; those that were replaced do not.
4. Status lists, and the places of released credentials in them, go along. So revocation works abroad.
5. Every credential that left is one line of the log, chained to the line before.
6. The first credential of each type, as it leaves, and each status list are verified with the keys of their issuer's
   DID document before anything is copied: a credential that cannot be verified is of no use abroad.

The copy is made into an empty store: a second policy makes a second copy, never a mixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from passport.battery.privacy.release_policy import ReleaseDecision, ReleaseOutcome, ReleasePolicy, decide, log_line
from passport.errors import UsageError
from passport.identity import DidResolver
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import batch_of
from passport.proofs import ecdsa_sd_2023
from passport.publishing.stored_signatures import refuse_unverified
from passport.store import Pack, Store, StoredCredential, Transaction
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class Considered:
    """One credential and what became of it.

    :param stored: as it leaves; as it stays, where nothing of it leaves.
    """

    stored: StoredCredential
    decision: ReleaseDecision

    @property
    def leaves(self) -> bool:
        return self.decision.outcome is not ReleaseOutcome.NOTHING


@dataclass(frozen=True)
class Release:
    """What was released and what was not.

    :param packs: addresses of the packs that were released.
    :param log: the lines of the log, in order, to be appended to it.
    """

    packs: tuple[str, ...]
    considered: tuple[Considered, ...]
    log: tuple[bytes, ...]

    @property
    def released(self) -> tuple[Considered, ...]:
        return tuple(entry for entry in self.considered if entry.leaves)

    @property
    def kept(self) -> tuple[Considered, ...]:
        return tuple(entry for entry in self.considered if not entry.leaves)


def release(
    source: Store,
    target: Store,
    policy: ReleasePolicy,
    vocabulary: Vocabulary,
    *,
    at: datetime,
    previous: str,
    resolver: DidResolver,
) -> Release:
    """Copy into ``target`` what ``policy`` releases of ``source``.

    :param at: the instant of the release.
    :param previous: digest of the last line of the log so far.
    :param resolver: DID documents of the issuers, as the trust list pins them.
    :raises UsageError: the target holds something already.
    :raises StoredUnverified: something that would leave does not verify; nothing was copied.
    """
    if target.packs():
        raise UsageError(
            Message("the released copy exists already"),
            expected=Message("an empty folder"),
            found=Message("passports in it"),
        )
    considered: dict[str, Considered] = {}
    packs: list[Pack] = []
    for pack in sorted(source.packs(), key=lambda pack: pack.subject):
        entries = list(_of_pack(source, pack, policy, vocabulary))
        public = [entry for entry in entries if entry.stored.type in (MODEL, BATCH, PASSPORT)]
        due = 2 if batch_of(source, pack.subject) is None else 3
        if len(public) < due or not all(entry.leaves for entry in public):
            # Without its public part nothing of a passport can be shown. What stays says why, once for a shared model.
            entries = [entry if not entry.leaves else _held_back(entry) for entry in entries]
            for entry in entries:
                considered.setdefault(entry.stored.id, entry)
            continue
        packs.append(pack)
        for entry in entries:
            known = considered.get(entry.stored.id)
            if known is None or (entry.leaves and not known.leaves):
                considered[entry.stored.id] = entry
    log = []
    for entry in considered.values():
        if entry.leaves:
            document = entry.stored.document
            line = log_line(policy, entry.decision, document, entry.stored.body, at=at, previous=previous)
            previous = sha256(line).hexdigest()
            log.append(line)
    made = Release(tuple(pack.subject for pack in packs), tuple(considered.values()), tuple(log))
    _refuse_unverified(source, made, resolver, at)
    with target.transaction() as transaction:
        for pack in packs:
            transaction.add_pack(pack)
        for entry in made.released:
            transaction.add_credential(entry.stored)
        _copy_status(source, transaction, made)
    return made


def _of_pack(source: Store, pack: Pack, policy: ReleasePolicy, vocabulary: Vocabulary) -> Iterator[Considered]:
    for subject, type_ in ((pack.model, MODEL), (pack.model, MODEL_DETAIL), (batch_of(source, pack.subject), BATCH),
                           (pack.subject, PASSPORT), (pack.subject, CONDITION)):  # fmt: skip
        stored = None if subject is None else source.current(subject, type_)
        if stored is not None:
            yield _considered(stored, policy, vocabulary)
    for stored in source.history(pack.subject, EVENT):
        if not source.is_flagged(stored.id):
            yield _considered(stored, policy, vocabulary)


def _considered(stored: StoredCredential, policy: ReleasePolicy, vocabulary: Vocabulary) -> Considered:
    document = stored.document
    decision = decide(policy, vocabulary, document)
    if decision.outcome is ReleaseOutcome.PART:
        body = strict_json.dumps(ecdsa_sd_2023.thin(document, decision.pointers))
        # The digest of the whole content would let a reader abroad try out what the rest may be.
        stored = replace(stored, body=body, content=sha256(body).hexdigest())
    return Considered(stored, decision)


def _held_back(entry: Considered) -> Considered:
    names = entry.decision.released + entry.decision.withheld
    reason = Message("the public part of the passport is not released")
    return Considered(entry.stored, ReleaseDecision(ReleaseOutcome.NOTHING, (), names, reason))


def _refuse_unverified(source: Store, made: Release, resolver: DidResolver, at: datetime) -> None:
    first: dict[str, JsonObject] = {}
    for entry in made.released:
        if entry.stored.type not in first:
            first[entry.stored.type] = entry.stored.document
    places = {place.list for entry in made.released for place in source.status_entries(entry.stored.id)}
    lists = (source.status_list(number) for number in sorted(places))
    for document in (*first.values(), *(signed for signed in lists if signed is not None)):
        refuse_unverified(
            document, resolver, at, Message("nothing was released: what would leave does not verify"),
            hint=Message("passport doctor says more; docs/keys.md says how to sign anew."),
        )  # fmt: skip


def _copy_status(source: Store, transaction: Transaction, made: Release) -> None:
    entries = [place for entry in made.released for place in source.status_entries(entry.stored.id)]
    if not entries:
        return
    transaction.add_status_entries(entries)
    released = {entry.list for entry in entries}
    issuers = source.list_issuers()
    for number, purpose in source.list_purposes().items():
        if number not in released:
            continue
        transaction.begin_status_list(number, purpose, issuers.get(number))
        places = {entry.position for entry in entries if entry.list == number}
        for change in source.status_changes(number):
            if change.position in places:
                known = source.public_status(number, change.position)
                published = known.notice if known and known.changed_at == change.changed_at else None
                # Reasons are notes of the issuer to itself.
                transaction.add_status_change(replace(change, reason="released copy"), published)
        document = source.status_list(number)
        if document is not None:
            transaction.add_status_list(number, document)
