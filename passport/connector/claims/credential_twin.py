"""Memberships made from credentials of ours: the facts for a ``vc+jwt`` twin, read from what a registrar signed.

An ``EnterpriseIdentityCredential`` says country and roles of a company, a ``BatteryActorCredential`` the roles in which
it is accredited, a ``BatteryRoleCredential`` for which purpose it reads. They are signed as linked data; companies of a
dataspace want them as a JWT. The twin says the same facts and nothing else, so no fact is written down a second time:

    {"roles": ["batteryMaker"], "country": "CN", "purposes": ["recycling"], "until": "2028-03-08T09:30:00Z",
     "status": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", …}]}

``until`` is the first end of the credentials: no twin outlives its original (:mod:`.issuer_service`). What was revoked
or does not verify makes no twin. ``status`` has the places of the originals for revocation and suspension: the twin has
no place of its own, so what is revoked as the original is revoked as the twin, at the same instant. The lists are
signed by the registrar and not by the issuer of the twin. Each list names its signer (``issuer``); it counts where the
trust list of the reader names that signer for such originals (:mod:`~passport.connector.claims.status_lists`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from passport.credentials.credential import date_time, status_entries
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.credentials.verification_result import VerificationResult
from passport.errors import UsageError, VerificationFailed
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import ACTOR, IDENTITY, ROLE

#: Member of the twin -> member of our credentials; each is of these types alone.
_FACTS = {"roles": "actorRole", "country": "addressCountry", "purposes": "purpose"}
ORIGINALS = frozenset({IDENTITY, ACTOR, ROLE})
UNTIL, STATUS = "until", "status"


def twin_claims(result: VerificationResult) -> tuple[str, JsonObject]:
    """Holder and claims of the twin of verified credentials, all about one company.

    :param result: of the verification of a file with these credentials.
    :raises VerificationFailed: not all of it verified, so nothing of it is repeated.
    :raises UsageError: there is no such credential in it, or they are about several companies or countries.
    """
    if result.verified is not True:
        failed = next((check.detail for check in result.checks if not check.passed), None)
        raise VerificationFailed(
            Message("the credentials do not verify, so no membership is made of them"), found=failed
        )
    chosen = [each for each in result.credentials if ORIGINALS & set(each.types) and each.document is not None]
    subjects = [each.document["credentialSubject"] for each in chosen if each.document is not None]
    holders = {str(subject["id"]) for subject in subjects}
    if len(holders) != 1:
        raise UsageError(
            Message("the credentials of one company"), expected=", ".join(sorted(ORIGINALS)), found=str(len(holders))
        )
    facts = {name: sorted(set(_texts(subject.get(term) for subject in subjects))) for name, term in _FACTS.items()}
    if len(facts["country"]) > 1:
        raise UsageError(Message("the credentials name several countries"), found=", ".join(facts["country"]))
    claims: JsonObject = {name: values for name, values in facts.items() if values}
    if facts["country"]:
        claims["country"] = facts["country"][0]
    ends = [each.valid_until for each in chosen if each.valid_until is not None]
    if ends:
        claims[UNTIL] = date_time(min(ends))
    status = [
        entry
        for each in chosen
        for entry in status_entries(each.document or {})
        if entry.get("statusPurpose") in (REVOCATION, SUSPENSION)
    ]
    if status:
        claims[STATUS] = status
    return holders.pop(), claims


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))
