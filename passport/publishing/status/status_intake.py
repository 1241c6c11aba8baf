"""Newer signed status lists, taken into a store that cannot sign: a released copy, or a read side without a key.

1. A list is taken where the store knows its number and its purpose, and holds one of the same issuer already. No other
   issuer speaks of credentials that are not its own, however trusted.
2. It verifies with the issuer's key, and is valid at the instant of the intake. That is found out before the writer's
   turn begins.
3. It is newer than the list in the store. An older list is refused: it could hide a revocation.
4. For each known place, a bit that differs becomes a change of status in the store. So a credential that its issuer
   withdrew is withdrawn here too. The list's other places belong to credentials that this store does not hold.

    take(store, documents, trust_list, base_url, at=now)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.trust import TrustList
from passport.credentials.verifier import VerificationResult, Verifier
from passport.errors import MalformedStatusList
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.publishing.places import list_address
from passport.store import StatusChange, Store, Transaction
from passport.texts import Message


@dataclass(frozen=True)
class TakenList:
    """A list that was handed in.

    :ivar address: IRI of the list credential; :ivar purpose: such as ``revocation``.
    :ivar taken: False where the store holds this very list already.
    :ivar changes: how many credentials of this store have another status now.
    """

    address: str
    purpose: str
    taken: bool
    changes: int
    valid_from: datetime
    valid_until: datetime | None


def take(
    store: Store, documents: Iterable[JsonObject], trust_list: TrustList, base_url: str, *, at: datetime
) -> tuple[TakenList, ...]:
    """Take newer lists into ``store``: all of them, or none where one is refused.

    :param documents: status list credentials.
    :param base_url: the lists are at ``{base_url}/status/{number}``.
    :param at: instant of the intake, aware.
    :raises MalformedStatusList: one is refused; why is said.
    :raises PassportError: one is no credential.
    """
    verifier = Verifier(trust_list, DidResolver(trust_list.did_documents()))
    verified = [(document, verifier.verify(document, at=at)) for document in documents]
    with store.transaction() as transaction:
        return tuple(_take(transaction, document, result, base_url, at) for document, result in verified)


def _take(
    transaction: Transaction, document: JsonObject, result: VerificationResult, base_url: str, at: datetime
) -> TakenList:
    # 1. A list of this store, of its purpose and of the issuer of the one it holds.
    address = document.get("id")
    known = {list_address(base_url, number): number for number in transaction.list_numbers()}
    number = known.get(address) if isinstance(address, str) else None
    held = None if number is None else transaction.status_list(number)
    if not isinstance(address, str) or number is None or held is None:
        raise MalformedStatusList(
            Message("a status list that no credential here refers to"),
            expected=", ".join(known) or Message("none"),
            found=repr(address)[:120],
        )  # fmt: skip
    purpose = transaction.list_purposes()[number]
    bits = status_list.read_list(document, purpose)
    if vcdm.issuer_id(document) != vcdm.issuer_id(held):
        raise MalformedStatusList(
            Message("{address} of another issuer", address=address), expected=str(vcdm.issuer_id(held)),
            found=str(vcdm.issuer_id(document))[:120],
        )  # fmt: skip
    # 2. Signed, and valid now.
    for check in (result.check(1), result.check(2), result.check(3)):
        if not check.passed:
            raise MalformedStatusList(
                Message("{address} does not verify", address=address),
                found=check.finding.text("en") if check.finding else None,
            )
    since, held_since = vcdm.valid_from(document), vcdm.valid_from(held)
    if since is None:
        raise MalformedStatusList(Message("{address} says no time", address=address), expected="validFrom")
    # 3. Newer.
    until = vcdm.valid_until(document)
    if document == held:
        return TakenList(address, purpose, False, 0, since, until)
    if held_since is not None and since <= held_since:
        raise MalformedStatusList(
            Message("{address} is not newer than the list in this store", address=address),
            expected=Message("validFrom after {instant}", instant=str(held["validFrom"])),
            found=str(document["validFrom"]), hint=Message("Get the list again: a cache may have answered."),
        )  # fmt: skip
    # 4. What it says of the credentials that are here.
    known_bits = {position: value for _, position, value in transaction.bits_since(number, 0)}
    changed = [place for place in transaction.places(number) if bits.get(place) != known_bits.get(place, False)]
    for place in changed:
        transaction.add_status_change(StatusChange(number, place, bits.get(place), "signed list", at))
    transaction.add_status_list(number, document)
    return TakenList(address, purpose, True, len(changed), since, until)
