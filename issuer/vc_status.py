"""Status lists of the VC API: three lists in memory for its credentials, served under ``/status``.

1. revocation and 2. suspension, one bit an entry; 3. message, two bits an entry with a word for each value and a page
that explains them. The lists end with the process: they are for development and test suites. The publisher of
passports keeps its lists in the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from passport.credentials import status_list
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import BitString
from passport.linked_data.json_types import JsonObject

LIFETIME = timedelta(days=1)
MESSAGES = ("in use", "in repair", "recalled", "scrapped")


class StatusBook:
    """The status entries of issued credentials, and the lists with their current status.

    :param base_url: address under which the lists are published, without a closing slash.
    :param issuer: signs the lists; the same that issues the credentials.
    """

    def __init__(self, base_url: str, issuer: Issuer, now: Callable[[], datetime]) -> None:
        self._base, self._issuer, self._now = base_url, issuer, now
        self._bits = {1: BitString(), 2: BitString(), 3: BitString(2 * status_list.MINIMUM_LENGTH)}
        self._purposes = {1: status_list.REVOCATION, 2: status_list.SUSPENSION, 3: status_list.MESSAGE}
        self._taken: dict[int, set[int]] = {1: set(), 2: set(), 3: set()}
        self._lock = threading.Lock()

    def with_entries(self, credential: JsonObject) -> JsonObject:
        """A copy of ``credential`` with an entry of each list besides those that it has."""
        stated = credential.get("credentialStatus", [])
        entries = list(stated) if isinstance(stated, list) else [stated]
        for number, purpose in self._purposes.items():
            with self._lock:
                index = status_list.free_index(self._taken[number])
                self._taken[number].add(index)
            messages = MESSAGES if purpose == status_list.MESSAGE else ()
            reference = f"{self._base}/status/{number}" if messages else None
            entries.append(
                status_list.entry(
                    f"{self._base}/status/{number}", index, purpose, messages=messages, reference=reference
                )
            )
        return {**credential, "credentialStatus": entries}

    def credential(self, number: int) -> JsonObject | None:
        """List ``number`` as of now, signed; None where there is none."""
        if number not in self._bits:
            return None
        at = self._now()
        return self._issuer.issue(
            status_list.status_list_credential(
                f"{self._base}/status/{number}",
                self._issuer.id,
                self._purposes[number],
                self._bits[number],
                at,
                at + LIFETIME,
            ),
            created=at,
            cryptosuite="eddsa-rdfc-2022"
            if self._issuer.signer.public_key.algorithm == "Ed25519"
            else "ecdsa-rdfc-2019",
        )

    def lists(self) -> dict[str, JsonObject]:
        """All lists by address, for a verifier."""
        return {document["id"]: document for number in self._bits if (document := self.credential(number))}
