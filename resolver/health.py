"""Whether this resolver is fit to answer: green only while every status list is signed, ours and fresh. Pure.

A passport that was withdrawn goes on looking valid where its status list is old, so an old list is a fault of the
service and not a detail. A list is fresh from its ``validFrom`` on for as long as the operator says;
``passport refresh`` signs the lists anew. Any issuer that the trust list names may have signed a list: it is good for
credentials of the same issuer only, and what that one may issue is asked there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.credentials import credential as vcdm
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.errors import PassportError
from passport.identity.did import DidResolver

MAX_AGE = timedelta(days=7)


@dataclass(frozen=True)
class Check:
    """One answer. ``detail`` names no value and no path: everybody may read it."""

    name: str
    passed: bool
    detail: str


def status_lists(
    lists: Sequence[Mapping], trust_list: TrustList, *, at: datetime, max_age: timedelta = MAX_AGE
) -> tuple[Check, ...]:
    """A check for each status list, numbered from 1.

    :param lists: the newest list of each number.
    """
    if not lists:
        return (Check("status-list", False, "no signed status list"),)
    verifier = Verifier(trust_list, DidResolver(trust_list.did_documents()))
    return tuple(
        Check(f"status-list-{number}", *_fresh(document, verifier, trust_list, at, max_age))
        for number, document in enumerate(lists, 1)
    )


def _fresh(
    document: Mapping, verifier: Verifier, trust_list: TrustList, at: datetime, max_age: timedelta
) -> tuple[bool, str]:
    try:
        result = verifier.verify(dict(document), at=at)
        since, until = vcdm.valid_from(document), vcdm.valid_until(document)
    except PassportError:
        return False, "cannot be checked"
    if not result.check(1).passed:
        return False, "is no credential"
    if not result.check(2).passed:
        return False, "is not signed by its issuer"
    if trust_list.issuer(str(vcdm.issuer_id(document))) is None:
        return False, "is signed by somebody who is not trusted"
    if since is None or since > at:
        return False, "is not valid yet"
    if at - since > max_age or (until is not None and at >= until):
        return False, "is too old"
    return True, "is signed and fresh"
