"""Fetching status lists for a verification, guarded. The verifier itself never fetches; its caller does so here.

A status list is asked for only where the answer can matter, and never at an address that a document alone chooses:

1. The credential's proof verified with its issuer's key, it is within its validity, and the policy that the caller
   decided on accepts the issuer for it (checks 1, 2, 3 and 5). What an unsigned or untrusted text says is never
   followed. Where another check than 4 failed anywhere in the file, the answer is settled and nothing is fetched.
2. One request for each address, whether or not the list is enclosed: only a newer one tells what holds now.
3. At most :data:`MAX_LISTS` addresses, and :data:`TOTAL_SECONDS` for all of them together.
4. By the rules of :class:`~passport.identity.http_client.GuardedClient`; no redirect is followed.

    result = Verifier(trust_list).verify(document, at=now)
    fetched = fetch_status_lists(result, trust_list, GuardedClient())
    result = Verifier(trust_list, status_lists=fetched).verify(document, at=now)

What came is unverified: the verifier judges it. A list that did not come is represented by the error that says why. An
answer that is no JSON object is an error of the document, and not as good as no answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urldefrag

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.trust import Policy, UnsafeAnyIssuer
from passport.credentials.verification_result import CredentialResult, Outcome, VerificationResult
from passport.errors import FetchFailed, MalformedDocument, PassportError
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

TOTAL_SECONDS = 10.0
"""For all lists of one verification, name look-ups included."""
EACH_SECONDS = 5.0
MAX_LISTS = 20
MAX_BYTES = 4_000_000
ACCEPT = "application/vc, application/ld+json;q=0.9, application/json;q=0.8"
#: Purposes of which a newer list may change the answer; a message has no bearing on validity.
_PURPOSES = frozenset({status_list.REVOCATION, status_list.SUSPENSION, status_list.REFRESH})


def fetch_status_lists(
    result: VerificationResult, policy: Policy, client: GuardedClient, *, seconds: float = TOTAL_SECONDS
) -> dict[str, JsonObject | PassportError]:
    """The status lists that the credentials of ``result`` name, as far as they may be asked for, by address.

    :param result: of a verification without these lists.
    :param policy: whose lists are fetched; under ``UnsafeAnyIssuer`` none is, since every issuer is accepted.
    :param seconds: for all requests together.
    """
    addresses = wanted(result, policy)
    answers: dict[str, JsonObject | PassportError] = {}
    deadline = time.monotonic() + seconds
    for number, address in enumerate(addresses):
        if number >= MAX_LISTS:
            answers[address] = FetchFailed(
                Message("the file names more status lists than are asked for"),
                expected=Message("at most {max_lists}", max_lists=MAX_LISTS),
            )
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            answers[address] = FetchFailed(
                Message("the {seconds:g} seconds for all status lists are over", seconds=seconds)
            )
            continue
        try:
            answers[address] = fetch_status_list(address, client, seconds=min(left, EACH_SECONDS))
        except PassportError as error:
            answers[address] = error
    return answers


def fetch_status_list(address: str, client: GuardedClient, *, seconds: float = EACH_SECONDS) -> JsonObject:
    """The document at ``address``, unverified.

    :raises RefusedAddress: the client does not call it.
    :raises FetchFailed: no answer in time.
    :raises MalformedDocument: an answer that is no JSON object.
    """
    answer = client.get(address, accept=ACCEPT, timeout=seconds, max_bytes=MAX_BYTES)
    try:
        document = strict_json.loads(answer.body, max_bytes=MAX_BYTES)
    except PassportError as error:
        raise MalformedDocument(Message("what is at {address} is not strict JSON", address=address[:200])) from error
    if not isinstance(document, dict):
        raise MalformedDocument(Message("what is at {address} is no status list", address=address[:200]))
    return document


def wanted(result: VerificationResult, policy: Policy) -> tuple[str, ...]:
    """The addresses of status lists that may be asked for, each once, in their order in the file."""
    documents = (*result.members, *([] if result.presentation is None else [result.presentation]))
    checks = [*(check for document in documents for check in document.checks), result.check(6)]
    settled = any(check.outcome is Outcome.FAILED and check.number != 4 for check in checks)
    if settled or isinstance(policy, UnsafeAnyIssuer):
        return ()
    addresses = (address for credential in result.credentials for address in _addresses(credential, policy))
    return tuple({urldefrag(address).url: address for address in reversed(list(addresses))}.values())[::-1]


def _addresses(credential: CredentialResult, policy: Policy) -> Iterator[str]:
    passed = {check.number for check in credential.checks if check.passed}
    if credential.document is None or credential.issuer is None or not {1, 2, 3, 5} <= passed:
        return
    # Once more, by the caller's policy: the result may have been made under another one.
    if policy.accepts(credential.issuer, credential.types).accepted is not True:
        return
    for entry in vcdm.status_entries(credential.document):
        if status_list.ENTRY in vcdm.types(entry) and entry.get("statusPurpose") in _PURPOSES:
            yield entry["statusListCredential"]
