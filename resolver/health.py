"""Whether this resolver is fit to answer: green only while every status list is signed, trusted and fresh. Pure.

* A withdrawn passport still looks valid while its status list is old, and an expired list cannot be checked at all. So
  an old list is a fault of the service.
* A list is fresh from its ``validFrom`` to its ``validUntil``, and at most for the age that the operator sets.
  ``passport refresh`` signs the lists anew.
* :data:`WARNING` before its end a list is still good, and the answer warns that it was not renewed.
* Any issuer on the trust list may have signed a list. A list counts for credentials of the same issuer only; what that
  issuer may issue is decided when the credentials are verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from passport.credentials import credential as vcdm
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.errors import PassportError
from passport.identity.did import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

MAX_AGE = timedelta(days=7)
#: How long before its end a list without a renewal is reported. Lists are signed daily, so several days were missed.
WARNING = timedelta(days=2)
#: Names of the checks; that of a status list is followed by its number.
LIST, TRUST_LIST = "status-list", "trust-list"


class HealthStatus(StrEnum):
    """As in the health check response format for HTTP APIs: ``warn`` is fit to answer, with a concern."""

    PASS = "pass"  # noqa: S105  no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class HealthCheck:
    """One answer. ``detail`` names no value and no path: everybody may read it.

    :ivar ends: until when the list counts, aware; None where it does not count.
    """

    name: str
    status: HealthStatus
    detail: str
    ends: datetime | None = None

    @property
    def passed(self) -> bool:
        """Whether the resolver is fit to answer as far as this goes, be it with a concern."""
        return self.status is not HealthStatus.FAIL


def status_lists(
    lists: Mapping[int, JsonObject | None] | Mapping[str, JsonObject | None],
    trust_list: TrustList,
    *,
    at: datetime,
    max_age: timedelta = MAX_AGE,
) -> tuple[HealthCheck, ...]:
    """A check for each status list.

    :param lists: the newest signed list by its number, or by a name for lists of others; None where none is signed.
    :param max_age: a list older than that is too old, even where it says that it is valid for longer.
    """
    if not lists:
        return (HealthCheck(LIST, HealthStatus.FAIL, Message("no signed status list")),)
    verifier = Verifier(trust_list, DidResolver(trust_list.did_documents()))
    return tuple(
        _check(f"{LIST}-{name}", document, verifier, trust_list, at, max_age) for name, document in lists.items()
    )


def trust_list(usable: bool) -> tuple[HealthCheck, ...]:
    """The check of the trust list itself, where there is something to say: one that cannot be used trusts no issuer."""
    return (
        ()
        if usable
        else (HealthCheck(TRUST_LIST, HealthStatus.FAIL, Message("cannot be used, so no issuer is trusted")),)
    )


def worst(checks: Iterable[HealthCheck]) -> HealthStatus:
    """The status of all checks together."""
    statuses = {check.status for check in checks}
    return next((status for status in (HealthStatus.FAIL, HealthStatus.WARN) if status in statuses), HealthStatus.PASS)


def _check(
    name: str,
    document: JsonObject | None,
    verifier: Verifier,
    trust_list: TrustList,
    at: datetime,
    max_age: timedelta,
) -> HealthCheck:
    fault, ends = _fault(document, verifier, trust_list, at, max_age)
    if ends is None:
        return HealthCheck(name, HealthStatus.FAIL, fault)
    if ends - at <= min(WARNING, max_age / 2):
        return HealthCheck(
            name,
            HealthStatus.WARN,
            Message("was not renewed and ends on {end:%Y-%m-%d} at {end:%H:%M} UTC", end=ends),
            ends,
        )
    return HealthCheck(name, HealthStatus.PASS, Message("is signed and fresh"), ends)


def _fault(
    document: JsonObject | None, verifier: Verifier, trust_list: TrustList, at: datetime, max_age: timedelta
) -> tuple[str, datetime | None]:
    """Why a list does not count, and None; where it does, an empty text and until when."""
    if document is None:
        return Message("is not signed"), None
    try:
        result = verifier.verify(document, at=at)
        since, until = vcdm.valid_from(document), vcdm.valid_until(document)
    except PassportError:
        return Message("cannot be checked"), None
    if not result.check(1).passed:
        return Message("is no credential"), None
    if not result.check(2).passed:
        return Message("is not signed by its issuer"), None
    if trust_list.issuer(str(vcdm.issuer_id(document))) is None:
        return Message("is signed by an issuer who is not trusted"), None
    if since is None or since > at:
        return Message("is not valid yet"), None
    ends = since + max_age if until is None else min(until, since + max_age)
    return (Message("is too old"), None) if at >= ends else ("", ends)
