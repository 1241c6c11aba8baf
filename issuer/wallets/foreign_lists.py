"""Status lists of other authorities, for credentials that a wallet shows or a supplier encloses.

* A list is asked for through the guarded client, and only where the credential verified and its issuer is on the trust
  list (:mod:`passport.credentials.status_fetch`). What a document alone says is never followed.
* What came is kept in memory for :data:`EVERY`; a failure is kept for :data:`AGAIN`, so that a host that is away makes
  one page wait, and not each. Of a list that is at hand as well, the newer one counts.
* What could not be fetched is an error, and the status is *not known*. Nothing is taken for good on that.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cachetools import LRUCache

from passport.credentials import credential as vcdm
from passport.credentials.status_fetch import EACH_SECONDS, fetch_status_list, wanted
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult, Outcome
from passport.credentials.verifier import Verifier
from passport.errors import PassportError
from passport.identity.http_client import GuardedClient
from passport.linked_data.json_types import JsonObject

#: How long a list counts as fresh, and how soon one is asked for again after a failure.
EVERY, AGAIN = timedelta(minutes=15), timedelta(minutes=1)
#: Lists that are asked for on account of one credential, and that are kept.
MOST_OF_ONE, MOST_KEPT = 4, 200

FetchedList = JsonObject | PassportError
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class ForeignLists:
    """:param client: makes the requests; :param own: lists under this address are our own, and never asked for."""

    def __init__(self, client: GuardedClient, own: str) -> None:
        self._client, self._own = client, own
        self._lock = threading.Lock()
        self._kept: LRUCache[str, tuple[datetime, FetchedList]] = LRUCache(MOST_KEPT)

    def of(self, credential: JsonObject, trust_list: TrustList, at: datetime) -> dict[str, FetchedList]:
        """The lists of a credential of others, by address: what came, or the error that says why nothing did."""
        result = Verifier(trust_list).verify(credential, at=at)
        addresses = [each for each in wanted(result, trust_list) if not each.startswith(self._own)]
        return {address: self._list(address, at) for address in addresses[:MOST_OF_ONE]}

    def _list(self, address: str, at: datetime) -> FetchedList:
        with self._lock:
            known = self._kept.get(address)
        if known is not None and at - known[0] < (AGAIN if isinstance(known[1], PassportError) else EVERY):
            return known[1]
        answer: FetchedList
        try:
            answer = fetch_status_list(address, self._client, seconds=EACH_SECONDS)
        except PassportError as error:
            answer = error
        with self._lock:
            self._kept[address] = at, answer
        return answer


def together(at_hand: Mapping[str, JsonObject], fetched: Mapping[str, FetchedList]) -> dict[str, FetchedList]:
    """One list for each address: the newer of those at hand and fetched; an error where there is neither."""
    lists: dict[str, FetchedList] = dict(at_hand)
    for address, answer in fetched.items():
        known = at_hand.get(address)
        if known is None or (not isinstance(answer, PassportError) and _signed(answer) >= _signed(known)):
            lists[address] = answer
    return lists


def _signed(status_list: JsonObject) -> datetime:
    """When a list was signed; one that cannot be read is older than any."""
    try:
        return vcdm.valid_from(status_list) or _NEVER
    except PassportError:
        return _NEVER


class CompanyStanding(StrEnum):
    """Whether a credential still counts, as far as can be told."""

    IN_FORCE = "in-force"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CheckedStanding:
    """:ivar at: of the oldest status list that was read; None where none was."""

    standing: CompanyStanding
    at: datetime | None = None


def standing_of(result: CredentialResult) -> CheckedStanding:
    """The standing of a credential that verified before, from its validity and its status."""
    checks = [result.check(number) for number in (1, 2, 3, 4, 5)]
    read = [reading.list_at for reading in result.statuses if reading.list_at is not None]
    if any(check.outcome is Outcome.FAILED for check in checks):
        return CheckedStanding(CompanyStanding.OVER, min(read, default=None))
    known = all(check.passed for check in checks)
    return CheckedStanding(CompanyStanding.IN_FORCE if known else CompanyStanding.UNKNOWN, min(read, default=None))


__all__ = [
    "AGAIN", "EVERY", "CheckedStanding", "FetchedList", "ForeignLists", "CompanyStanding", "standing_of", "together",
]  # fmt: skip
