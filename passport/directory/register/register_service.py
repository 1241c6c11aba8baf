"""The register: takes entries, validates them, and says what became of them.

Two steps, as Article 8 of Regulation (EU) 2026/1778 has them:

1. *Submission.* The sender is checked (:mod:`.submission`), the form of each entry, and nothing else. The answer is a
   correlation identifier and a signed receipt; the state is ``pending``.
2. *Validation*, later and without the sender. The passport is read at the endpoint of the entry and verified. The entry
   is ``registered`` where its sender issued the passport, the endpoint is an address of the sender's own, and register
   and passport say the same; it gets its registration identifier then. Else it is ``rejected``, with every difference.
   What could not be read or determined stays ``pending`` and is tried again, each time later.

A product that another operator registered is registered only where that operator released it; the older registration
then leads to the newer one. A newer version by the same operator keeps the registration identifier.

What is suspended, restored, deactivated or moved afterwards, its operator learns from a feed of its own changes
(:meth:`RegisterService.changes_of`): it asks for those after the last one that it knows, so an answer without news is
short, however much is registered.

Coherence can be computed again at any time (:meth:`RegisterService.check`). It changes no state: what to do about a
difference is for people.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.belonging import passport_verifier
from passport.credentials.checks.remembered import Remembered
from passport.credentials.digests import canonical_bytes, digest_of
from passport.credentials.issuer import Issuer
from passport.credentials.namespaces import Identifiers
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.directory.register.passport_source import Fetch, SeenPassport, copy_of, read_passport
from passport.directory.register.registry_entry import (
    EntryDifference,
    EntryFault,
    RegistryEntry,
    differences,
    read_entry,
)
from passport.directory.register.submission import BATCH, entries_in, sender_of, sign_receipt
from passport.errors import AccessDenied, FaultyRecord, PassportError, UnknownRole
from passport.identity.did import DidResolver
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.register.register_rows import (
    Approval,
    Decision,
    Postponement,
    Registration,
    RegistrationState,
    Rejection,
    Submission,
)
from passport.store.register.register_store import RegisterStore
from passport.texts import Message
from passport.vocabulary.credential_types import PASSPORT

#: Between two attempts to validate one entry: doubled each time, from the first to the second.
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=12)
PENDING = RegistrationState.PENDING
#: Decisions that are stored together: each alone would wait for the disk. A crash leaves that many to be read again.
GROUP = 50


@dataclass(frozen=True)
class SubmissionOutcome:
    """What became of one entry of a request.

    :ivar correlation: None where it was refused; :ivar faults: of its form, or a conflict of its key.
    :ivar reason: why a registration is suspended or deactivated.
    """

    key: str
    correlation: str | None
    state: RegistrationState
    registration: str | None = None
    differences: Sequence[JsonObject] = ()
    faults: tuple[EntryFault, ...] = ()
    fault: str | None = None
    receipt: str | None = None
    conflict: bool = False
    reason: str | None = None

    def to_json(self) -> JsonObject:
        members = {
            "idempotencyKey": self.key, "correlationId": self.correlation, "state": self.state.value,
            "registrationId": self.registration, "differences": list(self.differences),
            "faults": [each.to_json() for each in self.faults], "fault": self.fault, "receipt": self.receipt,
            "reason": self.reason,
        }  # fmt: skip
        return {name: value for name, value in members.items() if value not in (None, [])}


@dataclass(frozen=True)
class ChangesPage:
    """What became of registrations of one operator since a change.

    :ivar outcomes: by registration, as they are now.
    :ivar newest: number of the last change in it, to go on from; :ivar more: there may be newer ones.
    """

    outcomes: tuple[SubmissionOutcome, ...]
    newest: int
    more: bool

    def to_json(self) -> JsonObject:
        return {"outcomes": [each.to_json() for each in self.outcomes], "newest": self.newest, "more": self.more}


@dataclass(frozen=True)
class CoherenceReport:
    """What a check of one registration found.

    :ivar differences: empty where register and passport say the same.
    :ivar fault: why it could not be determined; None where it could.
    """

    registration: Registration
    differences: tuple[EntryDifference, ...]
    fault: str | None = None


class RegisterService:
    """:param issuer: signs receipts.

    :param address: of the register, for which tokens are made.
    :param trust: whose passports are registered: a trust list, asked for each time.
    :param fetch: reads at an address.
    """

    def __init__(
        self, store: RegisterStore, issuer: Issuer, address: str, trust: Callable[[], TrustList], fetch: Fetch
    ) -> None:
        self._store = store
        self._issuer = issuer
        self._address = address
        self._trust = trust
        self._fetch = fetch

    # --- first step ---------------------------------------------------------------------------------------------------

    def submit(self, token: str, body: bytes, at: datetime, *, key: str | None = None) -> tuple[SubmissionOutcome, ...]:
        """Take the entries of one request.

        :param key: idempotency key of a request with one entry.
        :raises AccessDenied: the token does not count, or its sender may not register passports.
        :raises MalformedDocument: the body has another form.
        """
        trust = self._trust()
        sender = sender_of(token, body, self._address, DidResolver(trust.did_documents()), at)
        if not trust.accepts(sender, [PASSPORT]).accepted:
            raise AccessDenied(Message("passports of this sender are not registered here"), found=sender[:120])
        outcomes: dict[int, SubmissionOutcome] = {}
        taken: dict[int, Submission] = {}
        for number, each in enumerate(entries_in(body, key)):
            try:
                entry = read_entry(each.document)
            except FaultyRecord as error:
                outcomes[number] = SubmissionOutcome(
                    each.key, None, RegistrationState.REJECTED, faults=tuple(error.faults), fault=str(error.message)
                )
                continue
            content = canonical_bytes(entry.to_json())
            taken[number] = Submission(
                f"urn:uuid:{uuid.uuid4()}", sender, each.key, entry.product, digest_of(content), content, PENDING,
                None, "[]", None, 0, at, None,
            )  # fmt: skip
        stored = self._store.submit(list(taken.values()))
        for (number, asked), known in zip(taken.items(), stored, strict=True):
            if known.digest != asked.digest:
                outcomes[number] = SubmissionOutcome(
                    asked.key, None, RegistrationState.REJECTED, conflict=True,
                    fault=Message("the idempotency key was used for another entry"),
                )  # fmt: skip
            else:
                outcomes[number] = self.outcome(known, at)
        return tuple(outcomes[number] for number in sorted(outcomes))

    def outcome(self, submission: Submission, at: datetime) -> SubmissionOutcome:
        """What a submission has come to, with a receipt of now: of a registered one the state of its registration."""
        state, reason = submission.state, None
        if submission.registration is not None and (known := self._store.registration(submission.registration)):
            state = known.state
            reason = None if state is RegistrationState.REGISTERED else known.moved_to or known.reason
        claims = {
            "sub": submission.product, "correlationId": submission.correlation, "state": state.value,
            "entryDigest": submission.digest,
            **({} if submission.registration is None else {"registrationId": submission.registration}),
        }  # fmt: skip
        return SubmissionOutcome(
            submission.key, submission.correlation, state, submission.registration,
            json.loads(submission.differences), fault=submission.fault, reason=reason,
            receipt=sign_receipt(self._issuer.signer, self._issuer.id, claims, at),
        )  # fmt: skip

    def outcomes_of(self, token: str, body: bytes, at: datetime) -> tuple[SubmissionOutcome, ...]:
        """What the sender's submissions of these correlation identifiers have come to; unknown ones are left out.

        :raises AccessDenied: the token does not count. :raises MalformedDocument: the body has another form.
        """
        sender = sender_of(token, body, self._address, DidResolver(self._trust().did_documents()), at)
        document = strict_json.loads(body)
        names = document.get("correlationIds") if isinstance(document, dict) else None
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names) or len(names) > 500:
            raise FaultyRecord(Message("the body of the request"), expected=Message("at most 500 correlationIds"))
        found = [self._store.submission(name) for name in names]
        return tuple(self.outcome(each, at) for each in found if each is not None and each.operator == sender)

    def changes_of(self, token: str, body: bytes, at: datetime) -> ChangesPage:
        """What became of the sender's registrations since a change that it knows; none of another's.

        :raises AccessDenied: the token does not count. :raises FaultyRecord: the body has another form.
        """
        sender = sender_of(token, body, self._address, DidResolver(self._trust().did_documents()), at)
        document = strict_json.loads(body)
        after = document.get("after") if isinstance(document, dict) else None
        if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**62:
            raise FaultyRecord(Message("the body of the request"), expected=Message("after: number of a change, or 0"))
        changes = self._store.changes(sender, after, BATCH)
        named = {change.registration: change for _, change in changes}
        submissions = (self._store.submission(each.submission) for each in named.values())
        return ChangesPage(
            tuple(self.outcome(each, at) for each in submissions if each is not None),
            changes[-1][0] if changes else after,
            len(changes) == BATCH,
        )

    def release(self, token: str, body: bytes, at: datetime) -> Registration:
        """Let another operator register a product; who holds the registration signs it.

        :raises AccessDenied: the token does not count, or the registration is of another.
        """
        sender = sender_of(token, body, self._address, DidResolver(self._trust().did_documents()), at)
        document = strict_json.loads(body)
        name, to = (document.get(each) if isinstance(document, dict) else None for each in ("registrationId", "to"))
        if not isinstance(name, str) or not isinstance(to, str) or not to.startswith("did:"):
            raise FaultyRecord(Message("the body of the request"), expected=Message("registrationId and to"))
        known = self._store.registration(name)
        if known is None or known.operator != sender:
            raise AccessDenied(Message("the sender holds no registration of this identifier"))
        self._store.release(name, to, at)
        return known

    # --- second step --------------------------------------------------------------------------------------------------

    def validate(self, at: datetime, *, limit: int = 500) -> int:
        """Validate what is due. :returns: how many entries were looked at."""
        due, trust = self._store.due(at, limit), self._trust()
        verifier, decided = _verifier(trust), dict[str, Decision]()
        for submission in due:
            # Who may register a product depends on who registered it before.
            if submission.product in decided or len(decided) == GROUP:
                self._store.decide(decided.values(), at)
                decided.clear()
            decided[submission.product] = self._decision(submission, trust, verifier, at)
        self._store.decide(decided.values(), at)
        return len(due)

    def _decision(self, submission: Submission, trust: TrustList, verifier: Verifier, at: datetime) -> Decision:
        entry = read_entry(strict_json.loads(submission.body))
        refused = list(self._refusals(entry, submission, trust))
        passport: SeenPassport | None = None
        if not refused:
            try:
                passport = read_passport(entry.endpoint, entry.product, self._fetch, verifier, at)
            except PassportError as error:
                return _postponed(submission, f"{error.code}: {error.message}", at)
            if passport.result.verified is None:
                return _postponed(submission, _why(passport), at)
            refused = list(_found_out(entry, submission, passport))
        if refused or passport is None or passport.facts is None:
            return Rejection(submission.correlation, json.dumps([each.to_json() for each in refused]))
        codes = passport.facts.codes | {entry.passport}
        return Approval(submission, f"urn:uuid:{uuid.uuid4()}", codes, *copy_of(passport, entry.product, at))

    def _refusals(self, entry: RegistryEntry, submission: Submission, trust: TrustList) -> Iterator[EntryDifference]:
        """What speaks against an entry before its passport is read."""
        for address, member in ((entry.product, "uniqueProductIdentifier"), (entry.endpoint, "dppApiEndpoint")):
            issuer = trust.issuer(submission.operator)
            own = issuer.namespaces if issuer is not None else None
            addresses = None if own is None else own.addresses
            if own is not None and addresses is not None:
                covered = type(own)(addresses=addresses).cover(Identifiers.of_address(address))[0]
                if covered is not True:
                    yield EntryDifference(member, address, None)
        for other in self._store.registrations_of(entry.product):
            if other.operator != submission.operator and other.moved_to is None:
                released = other.released_to == submission.operator
                if not released and other.state is not RegistrationState.DEACTIVATED:
                    yield EntryDifference("uniqueEconomicOperatorIdentifier", submission.operator, other.operator)

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def change(self, name: str, state: RegistrationState, reason: str, at: datetime) -> bool:
        """Suspend, deactivate or restore a registration.

        :raises UnknownRole: there is no such registration.
        """
        if self._store.registration(name) is None:
            raise UnknownRole(Message("there is no registration {name}", name=name[:200]), hint=None)
        return self._store.change_state(name, state, reason, at)

    def check(self, at: datetime, *, renew_copies: bool = False) -> Iterator[CoherenceReport]:
        """Compute the coherence of each registration again, in the order of their identifiers.

        :param renew_copies: keep what was read as the new copy, where it verified and is coherent.
        """
        after, verifier = "", _verifier(self._trust())
        while rows := self._store.registered(after=after):
            for registration in rows:
                yield self._checked(registration, verifier, at, renew_copies)
            after = rows[-1].registration

    def _checked(
        self, registration: Registration, verifier: Verifier, at: datetime, renew_copies: bool
    ) -> CoherenceReport:  # fmt: skip
        submission = self._store.submission(registration.submission)
        if submission is None:
            return CoherenceReport(registration, (), Message("its submission is missing"))
        entry = read_entry(strict_json.loads(submission.body))
        try:
            passport = read_passport(entry.endpoint, entry.product, self._fetch, verifier, at)
        except PassportError as error:
            return CoherenceReport(registration, (), f"{error.code}: {error.message}")
        if passport.result.verified is None:
            return CoherenceReport(registration, (), _why(passport))
        found = tuple(_found_out(entry, submission, passport))
        if renew_copies and not found and passport.facts is not None:
            self._store.keep_copy(*copy_of(passport, entry.product, at))
        return CoherenceReport(registration, found)


def _postponed(submission: Submission, fault: str, at: datetime) -> Postponement:
    delay = min(FIRST_DELAY * 2 ** min(submission.attempts, 20), LONGEST_DELAY)
    return Postponement(submission.correlation, fault[:500], at + delay)


def _verifier(trust: TrustList) -> Verifier:
    # A maker's passports share models, batches and status lists: each is verified once for an instant.
    return passport_verifier(trust, remembered=Remembered())


def _found_out(
    entry: RegistryEntry, submission: Submission, passport: SeenPassport
) -> Iterator[EntryDifference]:  # fmt: skip
    if passport.facts is None:
        yield EntryDifference("digitalProductPassportId", entry.passport, _why(passport))
        return
    if passport.facts.issuer != submission.operator:
        yield EntryDifference("uniqueEconomicOperatorIdentifier", submission.operator, passport.facts.issuer)
    yield from differences(entry, passport.facts)


def _why(passport: SeenPassport) -> str:
    """The first check that did not hold, in English."""
    failed = [check for each in passport.result.credentials for check in each.checks if not check.passed]
    failed += [check for check in passport.result.checks if not check.passed]
    decisive = min(failed, key=lambda check: check.outcome.severity, default=None)
    return "it does not verify" if decisive is None else f"{decisive.name}: {decisive.detail}"[:300]
