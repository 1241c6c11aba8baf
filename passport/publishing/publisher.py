"""The write side: issue passports, revoke, suspend. All or nothing.

1. Every record gets its address and is validated against the operator's regimes. One fault anywhere, and nothing is
   issued: the error lists all of them. Packs that describe their model in two ways are at fault.
2. What was issued before with the same content is left alone, if its signature still verifies; with other content, or
   where it does not verify, it is refused, unless the caller says ``replace`` and why. A newer read-out replaces an
   older one without being asked. What was revoked stays revoked: the same content does not bring it back.
3. Each pack is signed and stored in one transaction, its model's credentials with the first pack that needs them. What
   is in force is looked up once more in it: whatever another process issued meanwhile falls under rule 2.
4. A replaced credential is revoked in the same transaction, and the lists that say so are signed in it.
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

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from passport.battery import record as records_module
from passport.battery import record_address as addresses
from passport.battery.record import Fault, Record
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION
from passport.errors import AlreadyIssued, FaultyRecord, StoredUnverified, UnknownPassport, UsageError
from passport.identity.keys import Algorithm
from passport.linked_data.json_types import JsonObject
from passport.publishing.document_signing import StoredSignatures, sign
from passport.publishing.planned_credential import PlannedCredential, contradictions, digest, planned_credentials
from passport.publishing.status_lists import RefreshedList, StatusLists, purposes_set
from passport.publishing.status_notice import checked_reason
from passport.store import Notice, Pack, Store, StoredCredential, Transaction
from passport.store.reading import StoreQueries
from passport.texts import Message
from passport.validation.record_intake import judge
from passport.validation.validator import On, ValidationReport
from passport.vocabulary.credential_types import MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Regime, Vocabulary


@dataclass(frozen=True)
class Issued:
    """What became of one model or pack: ``issued``, ``replaced`` or ``same``.

    :ivar kind: ``model`` or ``pack``; :ivar name: the model's identifier, or the pack's code or serial number.
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
    """All that :meth:`Publisher.issue` did, in the order of the records."""

    entries: tuple[Issued, ...]

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
        self._lists = StatusLists(issuer, base_url)
        self._signatures = StoredSignatures(issuer)

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
        """Validate all records, then sign and store each pack in a transaction of its own.

        :param at: instant of signing, aware; becomes ``validFrom``.
        :param on: day (or per regime a day) whose obligations apply; default the day of ``at``.
        :param replace: revoke and re-issue what was issued with other content or does not verify; needs ``reason``.
        :param reason: the operator's note, which stays in the store; :param public_reason: what readers are told.
        :raises StoredUnverified: a stored credential does not verify and ``replace`` not said; nothing was issued.
        :raises FaultyRecord: a record is at fault; nothing was issued.
        :raises AlreadyIssued: known with other content and ``replace`` not said; nothing was issued, or, where another
            process issued it in this moment, nothing but the records before it.
        """
        if replace and not (reason or "").strip():
            raise UsageError(
                Message("a replacement needs a reason"), hint=Message('Say --reason "what was corrected".')
            )
        notice = Notice(checked_reason(public_reason))
        at = at.replace(microsecond=0)
        checked = self.check(records, on=at.date() if on is None else on)
        planned = [(record, report, planned_credentials(record, self._base_url)) for record, report in checked]
        faults = tuple(contradictions((one for *_, group in planned for one in group), self._vocabulary))
        if faults:
            raise FaultyRecord(Message("nothing was issued"), faults)
        if not replace:
            self._refuse_conflicts([one for *_, group in planned for one in group])
            self._refuse_unverified([one for *_, group in planned for one in group], at)
        entries: list[Issued] = []
        models_done: set[str] = set()
        for record, report, group in planned:
            for entry in self._issue_one(record, report, group, at, replace, reason, notice, models_done):
                entries.append(entry)
                progress(entry)
        self.sign_status_lists(at=at)
        return IssueReport(tuple(entries))

    def _refuse_conflicts(self, planned: Iterable[PlannedCredential]) -> None:
        found = (one.conflict(self._store.current(one.subject, one.type), self._vocabulary) for one in planned)
        conflicts = [text for text in found if text is not None]
        if conflicts:
            raise AlreadyIssued(
                conflicts[0]
                if len(conflicts) == 1
                else Message("{conflicts} (and {count} more)", conflicts=conflicts[0], count=len(conflicts) - 1),
                hint=Message(
                    'Nothing was issued. If the new content is right: --replace --reason "what was corrected".'
                ),
            )

    def _refuse_unverified(self, planned: Iterable[PlannedCredential], at: datetime) -> None:
        """:raises StoredUnverified: what is in force is the same, and its signature does not hold."""
        found: dict[str, str] = {}
        for one in planned:
            current = self._store.current(one.subject, one.type)
            if current is None or current.content != one.digest:
                continue
            if self._must_be_signed_anew(self._store, current, at):
                found.setdefault(current.id, f"{one.name}: {current.type} {current.id}")
        if found:
            first, number = next(iter(found.values())), len(found)
            raise StoredUnverified(
                Message(
                    "{number} stored credential{value} not verify",
                    number=number,
                    value="s do" if number > 1 else " does",
                ),
                tuple(found),
                expected=f"signatures that hold with the key of {self._issuer.id}"[:200],
                found=first + (f" (and {number - 1} more)" if number > 1 else ""),
                hint=Message('Nothing was issued. Sign them anew: --replace --reason "signed with a wrong key".'),
            )

    def _must_be_signed_anew(self, store: StoreQueries, stored: StoredCredential, at: datetime) -> bool:
        """Whether the signature does not hold, of what is not revoked."""
        if self._signatures.fault(stored, at) is None:
            return False
        return REVOCATION not in purposes_set(store, stored.id)

    def _issue_one(
        self,
        record: Record,
        report: ValidationReport,
        planned: Sequence[PlannedCredential],
        at: datetime,
        replace: bool,
        reason: str | None,
        notice: Notice,
        models_done: set[str],
    ) -> list[Issued]:
        signed: dict[str, list[str]] = {"model": [], "pack": []}
        unverified: dict[str, list[str]] = {"model": [], "pack": []}
        replaced = {"model": False, "pack": False}
        since = {"model": at, "pack": at}
        pack, model = record.pack["batteryIdentifier"], addresses.model_address_of(record, self._base_url)
        code, serial = record.pack.get("packTractionBatteryCode"), addresses.address(record).serial
        changed: set[int] = set()
        with self._store.transaction() as transaction:
            for one in planned:
                current = transaction.current(one.subject, one.type)
                # What says the same and does not verify takes the way of a replacement.
                same = current if current is not None and current.content == one.digest else None
                if same is not None and not (replace and self._must_be_signed_anew(transaction, same, at)):
                    since[one.kind] = same.issued_at
                    continue
                conflict = None if replace else one.conflict(current, self._vocabulary)
                if conflict is not None:
                    raise AlreadyIssued(
                        conflict,
                        hint=Message("Another process issued it in this moment; the records before it are issued."),
                    )
                if current is not None:
                    replaced[one.kind] = True
                    if one.is_newer_than(current):
                        self._lists.change(transaction, current.id, REFRESH, True, "a newer read-out", at)
                    else:
                        why = reason or "replaced"
                        number = self._lists.change(transaction, current.id, REVOCATION, True, why, at)
                        if number is not None:
                            changed.add(number)
                        if number and notice:
                            transaction.add_notice(notice)
                signed[one.kind].append(self._sign_and_store(transaction, one, at))
                if same is not None:
                    unverified[one.kind].append(same.id)
                    changed |= self._lists.carry_over(transaction, same.id, signed[one.kind][-1], at)
            if transaction.pack(pack) is None:
                # A record without a category or a serial number has a fault: see `check`.
                assert record.category is not None and serial is not None
                transaction.add_pack(Pack(pack, model, record.category.value, serial, code))
            self._lists.sign(transaction, at, numbers=changed)
        entries = []
        if model not in models_done:
            models_done.add(model)
            name = str(record.model.get("batteryModelIdentifier"))
            outcome = _outcome(signed["model"], replaced["model"])
            anew = tuple(unverified["model"])
            entries.append(
                Issued("model", name, model, outcome, tuple(signed["model"]), since["model"], unverified=anew)
            )
        outcome, anew = _outcome(signed["pack"], replaced["pack"]), tuple(unverified["pack"])
        entries.append(
            Issued("pack", str(code or serial), pack, outcome, tuple(signed["pack"]), since["pack"], report, anew)
        )
        return entries

    def _sign_and_store(self, transaction: Transaction, planned: PlannedCredential, at: datetime) -> str:
        credential_id = self._new_id()
        status = self._lists.allot(transaction, credential_id, planned.status_purposes)
        subject = {"id": planned.subject, "type": planned.subject_type, **planned.content(credential_id)}
        refresh = refresh_service(planned.subject) if planned.is_read_out else None
        document = self._unsigned(credential_id, planned.type, at, status, subject, refresh)
        signed = sign(self._issuer, document, restricted=planned.restricted, at=at)
        stored = StoredCredential(credential_id, planned.type, planned.subject, signed.body, planned.digest, at)
        transaction.add_credential(stored, signed.base)
        return credential_id

    def publish(
        self, type_: str, subject: str, subject_type: str, content: Mapping[str, Any], *, at: datetime
    ) -> StoredCredential:
        """Sign one public credential that comes from no record, such as a footprint declaration, and store it.

        The same content again changes nothing, if the signature still verifies; otherwise the one before is revoked in
        the same transaction.

        :param content: what it says of ``subject``, without id and type; nested objects with ids of their own.
        """
        at = at.replace(microsecond=0)
        said = digest(content)
        with self._store.transaction() as transaction:
            current = transaction.current(subject, type_)
            if (
                current is not None
                and current.content == said
                and not self._must_be_signed_anew(transaction, current, at)
            ):
                return current
            credential_id = self._new_id()
            changed: set[int] = set()
            if current is not None:
                reason = f"replaced by {credential_id}"
                number = self._lists.change(transaction, current.id, REVOCATION, True, reason, at)
                changed |= set() if number is None else {number}
            status = self._lists.allot(transaction, credential_id)
            about = {"id": subject, "type": subject_type, **content}
            document = self._unsigned(credential_id, type_, at, status, about)
            signed = sign(self._issuer, document, restricted=False, at=at)
            stored = StoredCredential(credential_id, type_, subject, signed.body, said, at)
            transaction.add_credential(stored)
            self._lists.sign(transaction, at, numbers=changed)
        return stored

    def _new_id(self) -> str:
        return f"{self._base_url}/credentials/{uuid4()}"

    def _unsigned(
        self,
        credential_id: str,
        type_: str,
        at: datetime,
        status: list[JsonObject],
        subject: Mapping[str, Any],
        refresh: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        return {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": credential_id,
            "type": ["VerifiableCredential", type_],
            "issuer": self._issuer.id,
            "validFrom": date_time(at),
            "credentialStatus": status,
            **({"refreshService": refresh} if refresh else {}),
            "credentialSubject": dict(subject),
        }

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
        """Revoke the current credentials about a pack (or a model). Cannot be taken back.

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
            types = (PASSPORT,) if transaction.pack(subject) else (MODEL, MODEL_DETAIL)
            current = [stored for type_ in types if (stored := transaction.current(subject, type_))]
            if not current:
                raise UnknownPassport(Message("no passport at {subject}", subject=subject))
            if notice.replaced_by is not None and not _is_like(transaction, notice.replaced_by, types[0]):
                raise UnknownPassport(
                    Message("no passport at {replaced_by} that could replace it", replaced_by=notice.replaced_by),
                    hint=Message("Issue the replacement first."),
                )
            changed: dict[str, int] = {}
            for stored in current:
                number = self._lists.change(transaction, stored.id, purpose, value, reason, at)
                if number:
                    changed[stored.id] = number
                    if notice:
                        transaction.add_notice(notice)
            self._lists.sign(transaction, at, numbers=changed.values())
        return tuple(changed)

    def sign_status_lists(self, *, at: datetime) -> None:
        """Sign all status lists anew, so that what they say is known to be of ``at``."""
        with self._store.transaction() as transaction:
            self._lists.sign(transaction, at.replace(microsecond=0))

    def refresh_status_lists(self, *, at: datetime) -> tuple[RefreshedList, ...]:
        """Sign the status lists that are not fresh; what a daily timer does. Repeated at once, it changes nothing."""
        with self._store.transaction() as transaction:
            return self._lists.refresh(transaction, at.replace(microsecond=0))


def _is_like(transaction: Transaction, subject: str, type_: str) -> bool:
    """Whether a passport of that kind is issued at ``subject``: a pack is replaced by a pack, a model by a model."""
    is_pack = transaction.pack(subject) is not None
    return is_pack == (type_ == PASSPORT) and transaction.current(subject, type_) is not None


def refresh_service(pack: str) -> dict[str, str]:
    """Where the newest read-out of a pack is found. (VC Data Model 2.0, section 5.4)

    Its id is the pack's address with a fragment. A client asks for the pack's address; in RDF the pack itself does not
    become a service.
    """
    return {"id": f"{pack}#refresh", "type": "BatteryPassportRefreshService"}


def _outcome(signed: Sequence[str], replaced: bool) -> str:
    if not signed:
        return "same"
    return "replaced" if replaced else "issued"
