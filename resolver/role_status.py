"""The status of role credentials, read from the status lists of their issuers at each use of a token.

* Our own lists come from the store. Lists of other issuers are fetched in the background by :class:`RoleListFetcher`
  and kept in the resolver's state; no request of a visitor waits for a fetch or causes one.
* A list counts if its signature verifies with a key of the role's issuer on the current trust list, it has the entry's
  purpose, and it is in force. The list of the identity on which a role rests may be signed by an issuer that the trust
  list names for identities (:mod:`passport.credentials.identity_status`). A list past its ``validUntil`` no longer
  counts; nor does a list without that date that was fetched longer ago than :data:`KEPT_WITHOUT_END`.
* An unknown status is refused: no list, no bit, no access.
* A list is verified once for each version of the trust list; after that a use costs one look-up in a bit string.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cachetools import LRUCache

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.identity_status import identity_of
from passport.credentials.status_fetch import fetch_status_list
from passport.credentials.status_list import BitString
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.errors import PassportError, Undetermined
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import ENTRY_BYTES
from passport.store import Store
from passport.store.state.resolver_state import ResolverState, RoleList
from passport.texts import Message
from passport.vocabulary.credential_types import IDENTITY, ROLE

#: Purposes that decide whether a role is in force.
DECISIVE = (status_list.REVOCATION, status_list.SUSPENSION)
#: How often a list is asked for, and how soon again after a failure.
EVERY, AGAIN = timedelta(minutes=15), timedelta(minutes=1)
KEPT_WITHOUT_END = timedelta(days=1)
#: A list that no presented role named for so long is asked for no more.
FORGOTTEN = timedelta(days=60)
MAX_LISTS = 200
_CACHED_BYTES = 32_000_000
_SKEW = timedelta(minutes=5)

logger = logging.getLogger("resolver")


class UnknownRoleStatus(Undetermined):
    """The status of a role cannot be known now, so that it opens nothing."""

    code = "unknown-role-status"


@dataclass(frozen=True)
class RoleEntry:
    """The place of a role in a status list: the part of ``credentialStatus`` that a token keeps.

    :ivar of_identity: whether it is the place of the identity on which the role rests.
    """

    purpose: str
    address: str
    index: int
    size: int = 1
    of_identity: bool = False

    @classmethod
    def of(cls, role: Mapping[str, Any]) -> tuple[RoleEntry, ...]:
        """The entries of a role credential that decide; its data model was checked before."""
        return tuple(
            cls(
                entry["statusPurpose"], entry["statusListCredential"], int(entry["statusListIndex"]),
                entry.get("statusSize", 1), identity_of(entry) is not None,
            )
            for entry in vcdm.status_entries(dict(role))
            if status_list.ENTRY in vcdm.types(entry) and entry.get("statusPurpose") in DECISIVE
        )  # fmt: skip

    def to_json(self) -> list[Any]:
        return [self.purpose, self.address, self.index, self.size, self.of_identity]


@dataclass(frozen=True)
class _VerifiedList:
    """A list whose signature holds. ``ends`` is when it says nothing any more; None: it does not say itself."""

    issuer: str
    starts: datetime | None
    ends: datetime | None
    bits: Mapping[str, BitString]


class RoleStatuses:
    """The status lists of issuers of roles, as far as they are at hand.

    :param base_url: lists under ``{base_url}/status/`` are our own, in the store.
    """

    def __init__(self, base_url: str, store: Store, state: ResolverState) -> None:
        self._prefix = f"{base_url}/status/"
        self._store = store
        self._state = state
        self._lock = threading.Lock()
        self._verified: LRUCache[tuple[bytes, int], tuple[TrustList, _VerifiedList]] = LRUCache(
            _CACHED_BYTES, lambda kept: sum(len(bits) // 8 for bits in kept[1].bits.values()) + 2 * ENTRY_BYTES
        )
        #: Set when a list is wanted that is not at hand, for :class:`RoleListFetcher`.
        self.wanted = threading.Event()

    def document(self, address: str) -> JsonObject | None:
        """The list at ``address`` where it is at hand, unverified."""
        body = self._body(address)[0]
        if body is None:
            return None
        document: JsonObject = strict_json.loads(body)
        return document

    def want(self, address: str, issuer: str, at: datetime) -> None:
        """Have a list fetched in the background from now on. Of a trusted issuer's verified role only."""
        if address.startswith(self._prefix):
            return
        if not self._state.want_role_list(address, issuer, at, limit=MAX_LISTS):
            logger.error("more than %d status lists of roles are wanted; one is left out", MAX_LISTS)
            return
        self.wanted.set()

    def check(self, entry: RoleEntry, issuer: str, trust_list: TrustList, at: datetime) -> str | None:
        """The purpose of a bit that is set, None where none is.

        :param issuer: of the role; only its own lists count, and those of registrars for identities.
        :raises UnknownRoleStatus: there is no list that counts.
        """
        body, fetched = self._body(entry.address)
        if body is None:
            raise UnknownRoleStatus(
                Message("the status list {address} is not at hand", address=entry.address),
                hint=self._hint(entry.address),
            )
        verified = self._verify(body, trust_list, at)
        if verified.issuer != issuer and not (entry.of_identity and is_registrar(trust_list, verified.issuer)):
            raise UnknownRoleStatus(Message("the status list {address} is of another issuer", address=entry.address))
        ends = verified.ends or (None if fetched is None else fetched + KEPT_WITHOUT_END)
        if verified.starts is not None and verified.starts > at + _SKEW:
            raise UnknownRoleStatus(
                Message("the status list {address} is not valid yet", address=entry.address),
                hint=Message("Set the clock (NTP)."),
            )
        if ends is not None and ends <= at:
            raise UnknownRoleStatus(
                Message("the status list {address} is past its time", address=entry.address),
                found=Message("valid until {instant}", instant=vcdm.date_time(ends)),
                hint=self._hint(entry.address),
            )
        bits = verified.bits.get(entry.purpose)
        if bits is None:
            raise UnknownRoleStatus(Message("the status list {address} is of another purpose", address=entry.address))
        try:
            return entry.purpose if bits.value(entry.index, entry.size) else None
        except PassportError as error:
            raise UnknownRoleStatus(
                Message("the status list {address}: {error}", address=entry.address, error=error)
            ) from error

    def _hint(self, address: str) -> str:
        if address.startswith(self._prefix):
            return Message("The operator signs it anew: passport refresh.")
        # Why it did not come is for the operator (passport doctor): it may speak of this network.
        return Message("The resolver asks its issuer for it in the background. Try again in a minute.")

    def _body(self, address: str) -> tuple[bytes | None, datetime | None]:
        number = address.removeprefix(self._prefix)
        if number == address:
            kept = self._state.role_list(address)
            return (None, None) if kept is None else (kept.body, kept.fetched)
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            return None, None
        return self._store.status_list_body(int(number)), None

    def _verify(self, body: bytes, trust_list: TrustList, at: datetime) -> _VerifiedList:
        # By the list itself: another trust list may know other keys. It is kept as long as the key lives in the cache.
        key = (sha256(body).digest(), id(trust_list))
        with self._lock:
            known = self._verified.get(key)
        if known is not None and known[0] is trust_list:
            return known[1]
        verified = verified_list(strict_json.loads(body), trust_list, at)
        with self._lock, suppress(ValueError):  # one that is too large for the whole cache is not kept
            self._verified[key] = (trust_list, verified)
        return verified


def is_registrar(trust_list: TrustList, issuer: str) -> bool:
    """Whether lists of an issuer count for identities."""
    entry = trust_list.issuer(issuer)
    return entry is not None and IDENTITY in entry.trusted_for


def verified_list(document: Any, trust_list: TrustList, at: datetime) -> _VerifiedList:
    """A status list whose signature holds with a key that the trust list knows.

    :raises UnknownRoleStatus: it is none, or its signature does not hold.
    """
    try:
        result = Verifier(trust_list).verify(document, at=at)
        (only,) = result.credentials
        if not only.check(1).passed or not only.check(2).passed:
            failed = only.check(1) if not only.check(1).passed else only.check(2)
            raise UnknownRoleStatus(Message("the status list does not verify: {detail}", detail=failed.detail))
        (subject,) = vcdm.subjects(document)
        purposes = subject.get("statusPurpose")
        purposes = purposes if isinstance(purposes, list) else [purposes]
        bits = {purpose: status_list.read_list(document, purpose) for purpose in purposes if purpose in DECISIVE}
        return _VerifiedList(str(only.issuer), only.valid_from, only.valid_until, bits)
    except UnknownRoleStatus:
        raise
    except (PassportError, ValueError) as error:
        raise UnknownRoleStatus(Message("the status list does not verify: {error}", error=error)) from error


class RoleListFetcher:
    """Fetches the wanted lists of trusted issuers of roles, one after the other, in a thread of its own.

    :param trust: the trust list as it is now.
    :param now: the clock, giving aware instants.
    """

    def __init__(
        self,
        statuses: RoleStatuses,
        state: ResolverState,
        trust: Callable[[], TrustList],
        now: Callable[[], datetime],
        client: GuardedClient,
    ) -> None:
        self._statuses, self._state, self._trust, self._now, self.client = statuses, state, trust, now, client
        self._process: int | None = None

    def start(self) -> None:
        """Begin in this process, once."""
        if self._process != os.getpid():
            self._process = os.getpid()
            threading.Thread(target=self._run, daemon=True, name="role-lists").start()

    def _run(self) -> None:
        while True:
            try:
                self.fetch_due()
            except Exception:
                # Whatever is wrong, with the state above all: lists grow old, tokens are refused, and it goes on.
                logger.exception("the status lists of roles could not be looked after")
            self._statuses.wanted.wait(AGAIN.total_seconds())
            self._statuses.wanted.clear()

    def fetch_due(self) -> None:
        """Ask for each list that is due, and keep what comes and holds."""
        self._state.forget_role_lists(self._now() - FORGOTTEN)
        for known in self._state.role_lists():
            trust_list, at = self._trust(), self._now()
            issuer = trust_list.issuer(known.issuer)
            if issuer is None or ROLE not in issuer.trusted_for or not issuer.audiences:
                continue
            due = known.tried is None or at - known.tried >= (EVERY if known.fault is None and known.body else AGAIN)
            if due and self._state.claim_role_list(known, at):
                self._fetch(known, trust_list, at)

    def _fetch(self, known: RoleList, trust_list: TrustList, at: datetime) -> None:
        try:
            document = fetch_status_list(known.address, self.client)
            fetched = verified_list(document, trust_list, at)
            if document.get("id") != known.address:
                raise UnknownRoleStatus(Message("what came is the status list of another address"))
            if fetched.issuer != known.issuer and not is_registrar(trust_list, fetched.issuer):
                raise UnknownRoleStatus(Message("what came is a status list of another issuer"))
            if not fetched.bits:
                raise UnknownRoleStatus(Message("what came is a status list of another purpose"))
            if fetched.ends is not None and fetched.ends <= at:
                raise UnknownRoleStatus(Message("what came is a status list past its time"))
            if self._is_older(fetched, known, trust_list, at):
                raise UnknownRoleStatus(Message("what came is an older status list than the one at hand"))
        except PassportError as error:
            if known.fault is None:
                logger.warning("the status list %s of roles could not be fetched: %s", known.address, error)
            self._state.keep_role_list(known.address, None, str(error)[:500], at)
            return
        self._state.keep_role_list(known.address, strict_json.dumps(document), None, at)

    @staticmethod
    def _is_older(fetched: _VerifiedList, known: RoleList, trust_list: TrustList, at: datetime) -> bool:
        # An attacker on the network could replay the list from before a revocation.
        if known.body is None or fetched.starts is None:
            return False
        try:
            before = verified_list(strict_json.loads(known.body), trust_list, at)
        except PassportError:
            return False
        return before.starts is not None and fetched.starts < before.starts
