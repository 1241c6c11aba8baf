"""Look-up of any code in a register: who registered it, what its resolver says, and the continuity copy.

* The maker's resolver is asked, at the address of the registration. Its answer is verified before it is shown, and the
  address and the digest are those of the registration, or the answer says that they are not.
* Where the resolver does not answer, or its answer does not verify, the copy is shown: signed bytes of the day on which
  they were taken. They are verified as of that instant, with the status lists of that day. So the answer is "status as
  of T", and never more: only the issuer, or a successor that the trust list names, signs newer lists.
* A withdrawal that the resolver shows is an answer, and no copy hides it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passport.belonging import passport_verifier
from passport.credentials.trust import TrustList
from passport.directory.register.passport_source import Fetch, SeenPassport, presentation_of, read_passport, seen
from passport.directory.register.registry_entry import EntryDifference, RegistryEntry, differences, read_entry
from passport.errors import PassportError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.register.register_rows import Registration, RegistrationState
from passport.store.register.register_store import RegisterStore


class LookupKind(StrEnum):
    """What a look-up comes to."""

    REGISTERED = "registered"
    NOT_REGISTERED = "not-registered"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    MOVED = "moved"


class AnswerSource(StrEnum):
    """Where the passport comes from."""

    RESOLVER = "resolver"
    COPY = "copy"
    NOBODY = "nobody"


@dataclass(frozen=True)
class LookupAnswer:
    """What a register says of one registration.

    :ivar passport: verified as of ``as_of``; None where there is nothing that can be shown.
    :ivar as_of: instant of which the answer is: now, or of the copy.
    :ivar status_at: when the oldest status list was signed by which it was judged.
    :ivar unreachable: why the resolver's own answer is not the one shown; None where it is.
    :ivar differences: between register and passport, of a passport that is shown.
    :ivar successor: registration that took the place of a moved one.
    """

    kind: LookupKind
    registration: Registration
    entry: RegistryEntry
    source: AnswerSource
    passport: SeenPassport | None
    as_of: datetime | None
    status_at: datetime | None = None
    unreachable: str | None = None
    differences: tuple[EntryDifference, ...] = ()
    successor: Registration | None = None


_OF_STATE = {
    RegistrationState.SUSPENDED: LookupKind.SUSPENDED,
    RegistrationState.DEACTIVATED: LookupKind.WITHDRAWN,
}


class RegistrationLookup:
    """:param trust: whose signatures count; asked each time.

    :param fetch: reads at an address; None where this place asks no other one and answers from copies alone.
    """

    def __init__(self, store: RegisterStore, trust: Callable[[], TrustList], fetch: Fetch | None) -> None:
        self._store = store
        self._trust = trust
        self._fetch = fetch

    def find(self, text: str) -> tuple[Registration, ...]:
        """Registrations that a text may mean: identifier of a registration, product, passport, or code."""
        named = self._store.registration(text)
        if named is not None:
            return (named,)
        by_product = self._store.registrations_of(text)
        return by_product or self._store.find(text)

    def answer(self, registration: Registration, at: datetime) -> LookupAnswer:
        """What the register says of a registration now."""
        submission = self._store.submission(registration.submission)
        assert submission is not None, "a registration begins with a submission"
        entry = read_entry(strict_json.loads(submission.body))
        if registration.moved_to is not None:
            return LookupAnswer(
                LookupKind.MOVED, registration, entry, AnswerSource.NOBODY, None, None,
                successor=self._store.registration(registration.moved_to),
            )  # fmt: skip
        passport, unreachable = self._asked(entry, at)
        source, as_of = AnswerSource.RESOLVER, at
        if passport is None:
            passport, as_of, source = self._copied(entry, at)
        if passport is None:
            kind = _OF_STATE.get(registration.state, LookupKind.REGISTERED)
            return LookupAnswer(kind, registration, entry, AnswerSource.NOBODY, None, None, unreachable=unreachable)
        kind = _OF_STATE.get(registration.state, LookupKind.REGISTERED)
        if passport.withdrawn:
            kind = LookupKind.WITHDRAWN
        found = () if passport.facts is None else differences(entry, passport.facts)
        return LookupAnswer(
            kind, registration, entry, source, passport, as_of, passport.result.status_lists_at, unreachable, found
        )

    def _asked(self, entry: RegistryEntry, at: datetime) -> tuple[SeenPassport | None, str | None]:
        """The resolver's answer, where it verifies or says that the passport was withdrawn; and why there is none."""
        if self._fetch is None:
            return None, "not-asked"
        try:
            passport = read_passport(entry.endpoint, entry.product, self._fetch, passport_verifier(self._trust()), at)
        except PassportError as error:
            return None, error.code
        if passport.facts is not None or passport.withdrawn:
            return passport, None
        return None, "unverified"

    def _copied(self, entry: RegistryEntry, at: datetime) -> tuple[SeenPassport | None, datetime, AnswerSource]:
        copy = self._store.copy(entry.product)
        if copy is None:
            return None, at, AnswerSource.NOBODY
        document: JsonObject = presentation_of(copy)
        passport = seen(document, entry.product, passport_verifier(self._trust()), copy.taken)
        if passport.facts is None and not passport.withdrawn:
            return None, at, AnswerSource.NOBODY
        return passport, copy.taken, AnswerSource.COPY
