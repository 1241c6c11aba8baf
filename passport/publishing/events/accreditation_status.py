"""Since when an accreditation is revoked, by the versions of its status lists that are at hand.

A revocation is for good: from one version of a list on, by their ``validFrom``, its bit is set. That of the identity on
which an accreditation rests ends it too (:mod:`passport.credentials.identity_status`).
Proofs are for others to check; versions of another issuer than the accreditation's are left out, except those of the
identity, which its registrar signs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from passport.credentials import credential as vcdm
from passport.credentials.identity_status import identity_of
from passport.credentials.status_list import REVOCATION, BitString, read_list, status_value
from passport.errors import PassportError
from passport.linked_data.json_types import JsonObject


class ListVersions:
    """The versions of one status list, the oldest first.

    :param numbers: of the versions, in any order; :param read: the signed list of a number.
    """

    def __init__(self, numbers: Iterable[int], read: Callable[[int], JsonObject]) -> None:
        self._read = lru_cache(maxsize=64)(read)
        self._bits = lru_cache(maxsize=64)(self._read_bits)
        dated = [(at, number) for number in numbers if (at := self._signed_at(number)) is not None]
        self._versions: Sequence[tuple[datetime, int]] = sorted(dated)

    def revoked_since(self, entry: JsonObject, issuer: object) -> datetime | None:
        """``validFrom`` of the first version whose bit is set; None where that of the newest is not.

        :param entry: of ``credentialStatus``; :param issuer: DID of the issuer of the accreditation.
        """
        counts = [(at, number) for at, number in self._versions if self._is_signed_for(entry, issuer, number)]
        if not counts or not self._is_set(entry, counts[-1][1]):
            return None
        return counts[bisect_left(counts, True, key=lambda version: self._is_set(entry, version[1]))][0]

    def _is_signed_for(self, entry: JsonObject, issuer: object, number: int) -> bool:
        return identity_of(entry) is not None or self._read(number).get("issuer") == issuer

    def _is_set(self, entry: JsonObject, number: int) -> bool:
        try:
            return status_value(entry, self._read(number), self._bits(number)) != 0
        except PassportError:
            return False

    def _read_bits(self, number: int) -> BitString:
        return read_list(self._read(number), REVOCATION)

    def _signed_at(self, number: int) -> datetime | None:
        try:
            return vcdm.valid_from(self._read(number))
        except PassportError:
            return None


def revocation_entries(accreditation: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Address of the list and entry of each place of an accreditation in a list of revocations."""
    for entry in vcdm.status_entries(accreditation):
        address = entry.get("statusListCredential")
        if isinstance(address, str) and entry.get("statusPurpose") == REVOCATION:
            yield address, entry


def credential_of(entry: JsonObject, accreditation: str) -> str:
    """Id of the credential whose status an entry is: the accreditation, or the identity on which it rests."""
    return identity_of(entry) or accreditation
