"""What the verifier says of each event of a pack, with the trust list of this site."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from passport.belonging import passport_verifier
from passport.credentials.issuer import presentation
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult
from passport.identity.did import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.texts import Text

#: Number of the last check that bears on an event.
_LAST_CHECK = 5


def verified_events(
    documents: Iterable[JsonObject], trust_list: TrustList, subject: str, at: datetime
) -> dict[str, CredentialResult]:
    """The result of each document by its id.

    :param documents: events of one pack, with what verifies them.
    """
    listed = list(documents)
    if not listed:
        return {}
    verifier = passport_verifier(trust_list, DidResolver(trust_list.did_documents()))
    result = verifier.verify(presentation(listed), at=at, about=subject)
    return {each.id: each for each in result.credentials if each.id is not None}


def remark_on(result: CredentialResult) -> Text:
    """Why an event did not verify: the worst of its checks, in a sentence."""
    worst = min(
        (check for check in result.checks if check.number <= _LAST_CHECK), key=lambda check: check.outcome.severity
    )
    return worst.finding.message if worst.finding is not None else worst.detail
