"""The write side: issue passports, revoke, suspend. All or nothing.

1. Every record gets its address and is validated against the operator's regimes. One fault anywhere, and nothing is
   issued: the error lists all of them. Packs that describe their model or batch in two ways are at fault.
2. A credential that was issued before with the same content is left alone, if its signature still verifies. With other
   content, or a signature that does not verify, the record is refused unless the caller gives ``replace`` and a reason.
   A newer read-out replaces an older one without that. A revoked credential stays revoked: issuing the same content
   again does not restore it.
3. Each pack is written in the steps of :mod:`passport.publishing.prepare`: prepared, signed without a lock, stored in
   one short transaction, the credentials of its batch and model with the first pack that needs them. The credentials
   in force are compared again in that transaction: rule 2 applies to those that another process issued meanwhile.
4. A replaced credential is revoked in the same transaction, and the lists that say so are signed right after it.
5. A read-out that a newer one follows was not wrong. Its ``refresh`` bit is set in the same transaction, and the list
   is signed with the next regular signing: at the end of this :meth:`Publisher.issue`, or daily (``passport refresh``).
   One signature then speaks of a whole batch. A list signed for each read-out would grow the store by as many lists,
   and show to anybody who watches it which place belongs to the pack that was read in that minute. The old read-out
   verifies before and after.

Grain and audience decide the credential (docs/decisions): public credentials are signed whole with ecdsa-rdfc-2019,
restricted ones with ecdsa-sd-2023. Of a restricted one the read side gets the full derived view; the base proof stays
in the write side's table.

    Publisher(store, issuer, base_url, vocabulary, regimes).issue(records, at=now)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.battery import record as records_module
from passport.battery import record_address as addresses
from passport.battery.batch import identifier_of, made_up_batches
from passport.battery.record import Fault, Record
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.errors import AlreadyIssued, FaultyRecord, StoredUnverified, UnknownPassport, UsageError
from passport.identity.keys import Algorithm
from passport.project import Project
from passport.publishing.commit import change_status
from passport.publishing.module_claims import ModuleClaims, modules_of, shared_modules
from passport.publishing.planned_credential import PlannedCredential, contradictions, digest, planned_credentials
from passport.publishing.prepare import prepare_record, prepare_statement, to_sign
from passport.publishing.status.status_lists import RefreshedList, purposes_set
from passport.publishing.status.status_notice import checked_reason
from passport.publishing.stored_signatures import StoredSignatures
from passport.publishing.write_path import WritePath
from passport.publishing.writes import About, Head, PreparedRecord, Replacing
from passport.store import Notice, Store, StoredCredential, Transaction
from passport.texts import Message
from passport.validation.record_intake import judge
from passport.validation.validator import On, ValidationReport
from passport.vocabulary.credential_types import BATCH, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Regime, Vocabulary, chosen_regimes, load


@dataclass(frozen=True)
class Issued:
    """What became of one model, batch or pack: ``issued``, ``replaced`` or ``same``.

    :ivar kind: ``model``, ``batch`` or ``pack``; :ivar name: the identifier of the model or batch, or the pack's code
        or serial number.
    :ivar credentials: ids of the credentials signed now; empty where nothing changed.
    :ivar issued_at: when the present credentials were signed first, for ``same``.
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
class IssueReport:
    """All that :meth:`Publisher.issue` did, in the order of the records.

    :ivar notices: what the author of the records should know: which batches they did not name, which
        addresses are long.
    """

    entries: tuple[Issued, ...]
    notices: tuple[Fault, ...] = ()

    def of_kind(self, kind: str) -> tuple[Issued, ...]:
        return tuple(entry for entry in self.entries if entry.kind == kind)


class Publisher:
    """Signs and stores for one economic operator.

    :param regimes: regimes that every record is validated against, as far as they apply to its category.
    :raises UsageError: the issuer's key is not P-256, which selective disclosure asks for (ecdsa-sd-2023).
    """

    def __init__(
        self, store: Store, issuer: Issuer, base_url: str, vocabulary: Vocabulary, regimes: Sequence[Regime]
    ) -> None:
        if issuer.signer.public_key.algorithm is not Algorithm.P256:
            raise UsageError(
                Message("the issuer's key cannot sign passports"), expected=Message("a P-256 key (ecdsa-sd-2023)")
            )
        self._store = store
        self._issuer = issuer
        self._base_url = base_url
        self._vocabulary = vocabulary
        self._regimes = tuple(regimes)
        self._path = WritePath(store, issuer, base_url)
        self._signatures = StoredSignatures(issuer)
        self._modules = ModuleClaims(store)

    @classmethod
    def of_project(cls, project: Project, store: Store, passphrase: bytes | None) -> Publisher:
        """The publisher that a project's configuration describes.

        :param passphrase: of the issuer's key; None for a key that has none.
        :raises UsageError: the configuration names a regime that does not exist.
        """
        issuer = project.issuer_with_key(passphrase)
        return cls(store, issuer, project.base_url, load(), chosen_regimes(project.regimes))

    # --- issuing ----------------------------------------------------------------------------------------------------

    def check(self, records: Iterable[Record], *, on: On) -> tuple[tuple[Record, ValidationReport], ...]:
        """The records with their addresses, validated.

        :raises FaultyRecord: with every fault of every record.
        """
        faults: list[Fault] = []
        checked = []
        records = tuple(records)
        faults += records_module.duplicate_packs(records)
        for handed_in in records:
            record, report = judge(handed_in, self._regimes, on=on, base_url=self._base_url)
            faults += [fault for fault in report.faults if fault.severity == "violation" and fault not in faults]
            checked.append((record, report))
        faults += shared_modules(record for record, _ in checked if "batteryIdentifier" in record.pack)
        if faults:
            raise FaultyRecord(Message("nothing was issued"), tuple(faults))
        return tuple(checked)

    def issue(
        self,
        records: Iterable[Record],
        *,
        at: datetime,
        on: On | None = None,
        replace: bool = False,
        reason: str | None = None,
        public_reason: str | None = None,
        progress: Callable[[Issued], None] = lambda _: None,
    ) -> IssueReport:
        """Validate all records, then sign each pack and store it in a transaction of its own.

        :param at: instant of signing, aware; becomes ``validFrom``.
        :param on: day (or per regime a day) whose obligations apply; default the day of ``at``.
        :param replace: revoke and re-issue what was issued with other content or does not verify; needs ``reason``.
        :param reason: the operator's note, which stays in the store; :param public_reason: what readers are told.
        :raises StoredUnverified: a stored credential does not verify and ``replace`` is not given; nothing was issued.
        :raises FaultyRecord: a record is at fault; nothing was issued.
        :raises AlreadyIssued: known with other content and ``replace`` is not given; nothing was issued, or, where
            another process issued it in this moment, nothing but the records before it.
        """
        if replace and not (reason or "").strip():
            raise UsageError(
                Message("a replacement needs a reason"), hint=Message('Say --reason "what was corrected".')
            )
        replacing = Replacing(replace, reason or "replaced", Notice(checked_reason(public_reason)))
        at = at.replace(microsecond=0)
        checked = self.check(records, on=at.date() if on is None else on)
        planned = [(record, report, planned_credentials(record, self._base_url)) for record, report in checked]
        every = [credential for *_, group in planned for credential in group]
        faults = tuple(contradictions(every, self._vocabulary))
        if faults:
            raise FaultyRecord(Message("nothing was issued"), faults)
        current = [(credential, self._store.current(credential.subject, credential.type)) for credential in every]
        self._refuse_modules_of_others(current)
        if not replace:
            self._refuse_conflicts(current)
            self._refuse_unverified(current, at)
        self._path.places.expect(_needs(current))
        entries: list[Issued] = []
        done: set[str] = set()
        for record, report, group in planned:
            written = self._write(record, group, at, replacing)
            for entry in _entries(record, report, written, done):
                entries.append(entry)
                progress(entry)
        self.sign_status_lists(at=at)
        issued = [record for record, *_ in planned]
        return IssueReport(tuple(entries), (*made_up_batches(issued), *addresses.long_addresses(issued)))

    def _refuse_modules_of_others(self, current: Iterable[tuple[PlannedCredential, StoredCredential | None]]) -> None:
        """:raises FaultyRecord: a module of what is to be signed is in a pack that is known already."""
        changed = [
            credential.record
            for credential, stored in current
            if credential.type == EVENT and (stored is None or stored.content != credential.digest)
        ]
        named = self._modules.named({code for record in changed for code in modules_of(record)})
        faults = tuple(fault for record in changed for fault in self._modules.faults(record, named))
        if faults:
            raise FaultyRecord(Message("nothing was issued"), faults)

    def _refuse_conflicts(self, current: Iterable[tuple[PlannedCredential, StoredCredential | None]]) -> None:
        explanations = (credential.conflict(stored, self._vocabulary) for credential, stored in current)
        conflicts = [text for text in explanations if text is not None]
        if conflicts:
            more = len(conflicts) - 1
            raise AlreadyIssued(
                Message("{conflict} (and {count} more)", conflict=conflicts[0], count=more) if more else conflicts[0],
                hint=Message(
                    'Nothing was issued. If the new content is right: --replace --reason "what was corrected".'
                ),
            )

    def _refuse_unverified(
        self, current: Iterable[tuple[PlannedCredential, StoredCredential | None]], at: datetime
    ) -> None:
        """:raises StoredUnverified: what is in force is the same, and its signature does not hold."""
        unverified: dict[str, Message] = {}
        for credential, stored in current:
            if stored is None or stored.content != credential.digest or stored.id in unverified:
                continue
            if self._must_be_signed_anew(stored, at):
                unverified[stored.id] = Message(
                    "{name}: {type} {credential}", name=credential.name, type=stored.type, credential=stored.id
                )
        if unverified:
            first, more = next(iter(unverified.values())), len(unverified) - 1
            raise StoredUnverified(
                Message(
                    "{n} stored credential does not verify",
                    plural="{n} stored credentials do not verify",
                    n=len(unverified),
                ),
                tuple(unverified),
                expected=Message("signatures that hold with the key of {issuer}", issuer=self._issuer.id[:150]),
                found=Message("{first} (and {count} more)", first=first, count=more) if more else first,
                hint=Message('Nothing was issued. Sign them anew: --replace --reason "signed with a wrong key".'),
            )

    def _must_be_signed_anew(self, stored: StoredCredential, at: datetime) -> bool:
        """Whether the signature does not hold, of what is not revoked."""
        if self._signatures.fault(stored, at) is None:
            return False
        return REVOCATION not in purposes_set(self._store, stored.id)

    def _write(
        self, record: Record, planned: Sequence[PlannedCredential], at: datetime, replacing: Replacing
    ) -> PreparedRecord:
        """Write what a record asks for and what is not there yet; again where another process was faster."""
        pack, model = record.pack["batteryIdentifier"], addresses.model_address_of(record, self._base_url)
        digests = {(credential.subject, credential.type): credential.digest for credential in planned}
        again = False
        while True:
            heads = self._heads(digests, at)
            chosen = to_sign(planned, heads, self._vocabulary, replacing)
            codes = modules_of(record) if any(credential.type == EVENT for credential in chosen) else ()
            named = self._modules.named(codes)
            if again and (faults := tuple(self._modules.faults(record, named))):
                raise FaultyRecord(Message("another process issued a pack with these modules in this moment"), faults)
            prepared = prepare_record(
                planned,
                chosen,
                heads,
                [self._path.places.take(credential.status_purposes) for credential in chosen],
                record=record,
                model=model,
                is_known=self._store.pack(pack) is not None,
                issuer=self._issuer.id,
                at=at,
                replacing=replacing,
                modules={code: frozenset(id_ for _, id_ in named.get(code, ())) for code in codes},
            )
            if not prepared.write.credentials and prepared.write.pack is None:
                return prepared
            (stored,) = self._path.commit([self._path.sign(prepared.write)], at=at)
            if stored:
                return prepared
            again = True

    def _heads(self, digests: Mapping[About, str], at: datetime) -> dict[About, Head]:
        """What is in force, as :mod:`passport.publishing.prepare` needs to know it.

        :param digests: of the content that is to be written about each subject and type.
        """
        heads = dict.fromkeys(digests, Head())
        for about, (sequence, stored) in self._store.newest(digests).items():
            is_same = stored.content == digests[about]
            anew = is_same and self._must_be_signed_anew(stored, at)
            places = self._store.places_of(stored.id) if anew or not is_same else {}
            heads[about] = Head(sequence, stored, places, anew)
        return heads

    def publish(
        self, type_: str, subject: str, subject_type: str, content: Mapping[str, Any], *, at: datetime
    ) -> StoredCredential:
        """Sign one public credential that comes from no record, such as a footprint declaration, and store it.

        The same content again changes nothing, if the signature still verifies; otherwise the one before is revoked in
        the same transaction.

        :param content: what it says of ``subject``, without id and type; nested objects with ids of their own.
        """
        at, about = at.replace(microsecond=0), (subject, type_)
        content_digest = digest(content)
        while True:
            head = self._heads({about: content_digest}, at)[about]
            if head.stored is not None and head.stored.content == content_digest and not head.to_be_signed_anew:
                return head.stored
            prepared = prepare_statement(
                about,
                subject_type,
                content,
                content_digest,
                head,
                self._path.places.take(),
                issuer=self._issuer.id,
                at=at,
            )
            signed = self._path.sign(prepared)
            (stored,) = self._path.commit([signed], at=at)
            if stored:
                return signed.credentials[0].stored

    # --- status -----------------------------------------------------------------------------------------------------

    def revoke(
        self,
        subject: str,
        *,
        reason: str,
        at: datetime,
        public_reason: str | None = None,
        replaced_by: str | None = None,
    ) -> tuple[str, ...]:
        """Revoke the current credentials about a pack (or a batch, or a model). Cannot be taken back.

        :param reason: the operator's note, which stays in the store.
        :param public_reason: what readers are told; None: that no reason is published.
        :param replaced_by: subject IRI of the passport, in this store, that readers are led to instead.
        :returns: ids of the credentials revoked now; those revoked before are left out.
        :raises UnknownPassport: nothing is issued about ``subject``, or about ``replaced_by``.
        :raises UsageError: the public reason is no short, plain text, or the passport is to replace itself.
        """
        if replaced_by == subject:
            raise UsageError(
                Message("a passport cannot replace itself"), expected=Message("the address of another pack")
            )
        return self._change(subject, REVOCATION, True, reason, at, Notice(checked_reason(public_reason), replaced_by))

    def suspend(
        self, subject: str, *, reason: str, at: datetime, lift: bool = False, public_reason: str | None = None
    ) -> tuple[str, ...]:
        """Suspend the current credentials about ``subject``, or lift the suspension; parameters as :meth:`revoke`."""
        return self._change(subject, SUSPENSION, not lift, reason, at, Notice(checked_reason(public_reason)))

    def _change(
        self, subject: str, purpose: str, value: bool, reason: str, at: datetime, notice: Notice
    ) -> tuple[str, ...]:
        if not reason.strip():
            raise UsageError(Message("a change of status needs a reason"))
        at = at.replace(microsecond=0)
        with self._store.transaction() as transaction:
            # An event stays what it is, a fact of the past, whatever becomes of the passport.
            types = (PASSPORT,) if transaction.pack(subject) else (MODEL, MODEL_DETAIL, BATCH)
            current = [stored for type_ in types if (stored := transaction.current(subject, type_))]
            if not current:
                raise UnknownPassport(Message("no passport at {subject}", subject=subject))
            if notice.replaced_by is not None and not _is_like(transaction, notice.replaced_by, current[0].type):
                raise UnknownPassport(
                    Message("no passport at {replaced_by} that could replace it", replaced_by=notice.replaced_by),
                    hint=Message("Issue the replacement first."),
                )
            changed = tuple(
                stored.id
                for stored in current
                if change_status(transaction, stored.id, purpose, value, reason, at, notice)
            )
        # Also where nothing changed: the command before may have been interrupted just here.
        self._path.lists.catch_up(at)
        return changed

    def sign_status_lists(self, *, at: datetime) -> None:
        """Sign all status lists anew, so that what they say is known to be of ``at``."""
        self._path.lists.sign_all(at.replace(microsecond=0))

    def refresh_status_lists(self, *, at: datetime) -> tuple[RefreshedList, ...]:
        """Sign the status lists that are not fresh; what a daily timer does. Repeated at once, it changes nothing."""
        return self._path.lists.refresh(at.replace(microsecond=0))


def _is_like(transaction: Transaction, subject: str, type_: str) -> bool:
    """Whether a passport of that kind is issued at ``subject``: a pack is replaced by a pack, a model by a model."""
    is_pack = transaction.pack(subject) is not None
    return is_pack == (type_ == PASSPORT) and transaction.current(subject, type_) is not None


def _needs(current: Iterable[tuple[PlannedCredential, StoredCredential | None]]) -> list[tuple[str, ...]]:
    """The purposes of each credential that is not in force yet, for the reservation of places."""
    needs = {
        (credential.subject, credential.type): credential.status_purposes
        for credential, stored in current
        if stored is None or stored.content != credential.digest
    }
    return list(needs.values())


def _entries(
    record: Record,
    report: ValidationReport,
    prepared: PreparedRecord,
    done: set[str],
) -> Iterator[Issued]:
    """The entries of a report: of model and batch with their first pack, and of the pack.

    :param done: the models and batches that have an entry; added to.
    """
    names = {"model": str(record.model.get("batteryModelIdentifier")), "batch": str(identifier_of(record))}
    for kind, name in names.items():
        subject = prepared.subjects.get(kind)
        if subject is None or subject in done:
            continue
        done.add(subject)
        what = prepared.outcomes[kind]
        yield Issued(kind, name, subject, what.name, what.credentials, what.since, unverified=what.unverified)
    pack = prepared.outcomes["pack"]
    name = str(record.pack.get("packTractionBatteryCode") or addresses.address(record).serial)
    subject = record.pack["batteryIdentifier"]
    yield Issued("pack", name, subject, pack.name, pack.credentials, pack.since, report, pack.unverified)
