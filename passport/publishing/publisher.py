"""The write side: issue passports, revoke, suspend. All or nothing.

1. Every record gets its address and is validated against the operator's regimes. One fault anywhere, and nothing is
   issued: the error lists all of them. Packs that describe their model or batch in two ways are at fault.
2. A credential that was issued before with the same content is left alone, if its signature still verifies. With other
   content, or a signature that does not verify, the record is refused unless the caller gives ``replace`` and a reason.
   A newer read-out replaces an older one without that. A revoked credential stays revoked: issuing the same content
   again does not restore it.
3. Each pack is written in the steps of :mod:`passport.publishing.prepare`: prepared, signed without a lock, stored
   with some others in one short transaction, the credentials of its batch and model before the first pack that needs
   them. The credentials in force are compared again in that transaction: rule 2 applies to those that another process
   issued meanwhile (:mod:`passport.publishing.bulk`).
4. A replaced credential is revoked in the same transaction, and the lists that say so are signed right after it.
5. A read-out that a newer one follows was not wrong. Its ``refresh`` bit is set in the same transaction, and the list
   is signed with the next regular signing: at the end of this :meth:`Publisher.issue`, or daily (``passport refresh``).
   One signature then speaks of a whole batch. A list signed for each read-out would grow the store by as many lists,
   and show to an observer which place belongs to the pack that was read in that minute. The old read-out
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

from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.battery.record_chunks import record_chunks
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.errors import UnknownPassport, UsageError
from passport.identity.keys import Algorithm
from passport.project import Project
from passport.publishing.bulk.crew import OwnCrew
from passport.publishing.bulk.issue_run import Issued, IssueRun
from passport.publishing.bulk.workbench import KEPT, Workbench
from passport.publishing.bulk.worked import IssueOrder
from passport.publishing.commit import change_status
from passport.publishing.heads import Heads
from passport.publishing.planned_credential import digest
from passport.publishing.prepare import prepare_statement
from passport.publishing.status.status_lists import RefreshedList
from passport.publishing.status.status_notice import checked_reason
from passport.publishing.write_path import WritePath
from passport.store import Notice, Store, StoredCredential, Transaction
from passport.texts import Message
from passport.validation.validator import On
from passport.vocabulary.credential_types import BATCH, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Regime, Vocabulary, chosen_regimes, load


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
        self.store = store
        self._issuer = issuer
        self._base_url = base_url
        self._vocabulary = vocabulary
        self._regimes = tuple(regimes)
        self.path = WritePath(store, issuer, base_url)
        self._heads = Heads(store, issuer)

    @classmethod
    def of_project(cls, project: Project, store: Store, passphrase: bytes | None) -> Publisher:
        """The publisher that a project's configuration describes.

        :param passphrase: of the issuer's key; None for a key that has none.
        :raises UsageError: the configuration names a regime that does not exist.
        """
        issuer = project.issuer_with_key(passphrase)
        return cls(store, issuer, project.base_url, load(), chosen_regimes(project.regimes))

    @property
    def issuer(self) -> Issuer:
        """Whose key signs here."""
        return self._issuer

    # --- issuing ----------------------------------------------------------------------------------------------------

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
        """Validate all records, then sign and store them, some packs in a transaction.

        Inputs that do not fit into memory, and several processes: :mod:`passport.publishing.bulk`.

        :param at: instant of signing, aware; becomes ``validFrom``.
        :param on: day (or per regime a day) whose obligations apply; default the day of ``at``.
        :param replace: revoke and re-issue what was issued with other content or does not verify; needs ``reason``.
        :param reason: the operator's note, which stays in the store; :param public_reason: what readers are told.
        :raises StoredUnverified: a stored credential does not verify and ``replace`` is not given; nothing was issued.
        :raises FaultyRecord: a record is at fault; nothing was issued.
        :raises AlreadyIssued: known with other content and ``replace`` is not given; nothing was issued, or, where
            another process issued it in this moment, nothing but the records before it.
        """
        order = issue_order(at, at.date() if on is None else on, replace, reason, public_reason)
        bench = self.workbench(order, kept=None)
        run = IssueRun(self.path, bench, OwnCrew(bench), order)
        chunks = record_chunks(tuple(records))
        checked = run.check(chunks)
        checked.refuse(self._issuer.id)
        entries: list[Issued] = []
        for issued in run.issue(chunks, checked):
            for entry in issued.entries:
                entries.append(entry)
                progress(entry)
        run.finish()
        return IssueReport(tuple(entries), run.notices)

    def workbench(self, order: IssueOrder, *, kept: int | None = KEPT) -> Workbench:
        """Where this process judges, prepares and signs.

        :param kept: packs whose judgement is kept between two passes; None: all.
        """
        return Workbench(self.path, self.store, self._vocabulary, self._regimes, order, kept=kept)

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
            head = self._heads.of({about: content_digest}, at)[about]
            if head.stored is not None and head.stored.content == content_digest and not head.to_be_signed_anew:
                return head.stored
            prepared = prepare_statement(
                about,
                subject_type,
                content,
                content_digest,
                head,
                self.path.places.take(),
                issuer=self._issuer.id,
                at=at,
            )
            signed = self.path.sign(prepared)
            (stored,) = self.path.commit([signed], at=at)
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
        :raises AnotherIssuer: another issuer issued them; nothing is changed.
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
        with self.store.transaction() as transaction:
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
                if change_status(transaction, self._issuer.id, stored.id, purpose, value, reason, at, notice)
            )
        # Also where nothing changed: the command before may have been interrupted just here.
        self.path.lists.catch_up(at)
        return changed

    def sign_status_lists(self, *, at: datetime) -> None:
        """Sign all status lists anew, so that what they say is known to be of ``at``."""
        self.path.lists.sign_all(at.replace(microsecond=0))

    def refresh_status_lists(self, *, at: datetime) -> tuple[RefreshedList, ...]:
        """Sign the status lists that are not fresh; what a daily timer does. Repeated at once, it changes nothing."""
        return self.path.lists.refresh(at.replace(microsecond=0))


def _is_like(transaction: Transaction, subject: str, type_: str) -> bool:
    """Whether a passport of that kind is issued at ``subject``: a pack is replaced by a pack, a model by a model."""
    is_pack = transaction.pack(subject) is not None
    return is_pack == (type_ == PASSPORT) and transaction.current(subject, type_) is not None


def issue_order(
    at: datetime, on: On, replace: bool = False, reason: str | None = None, public_reason: str | None = None
) -> IssueOrder:
    """What is asked for, checked.

    :raises UsageError: a replacement has no reason, or the public reason is no short, plain text.
    """
    if replace and not (reason or "").strip():
        raise UsageError(Message("a replacement needs a reason"), hint=Message('Say --reason "what was corrected".'))
    return IssueOrder(at.replace(microsecond=0), on, replace, reason or "replaced", checked_reason(public_reason))
