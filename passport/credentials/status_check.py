"""Check 4: is a status bit of this credential set?

* A list counts if it verifies as a credential of its own, the credential's own issuer signed it, it is in force at the
  instant asked about, and it speaks of the entry's purpose. A list that does not count is as good as none.
* Of several lists that count, the newest tells what holds: the bearer of a file chooses which old one is in it.
* Without a list the answer is *undetermined*. Revoked and suspended are both failures, with words of their own.
* A ``message`` has no bearing on validity. Where its list is at hand, what it says is reported beside the check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.result import Check, Outcome, StatusReading, step
from passport.credentials.status_list import BitString
from passport.credentials.wording import Phrase
from passport.errors import PassportError

# Status purposes that decide about validity, with the code of a bit that is set.
_CODES = {status_list.REVOCATION: "revoked", status_list.SUSPENSION: "suspended"}
_WITHOUT_BEARING = frozenset({status_list.MESSAGE, status_list.REFRESH})


@dataclass(frozen=True)
class SignedList:
    """A status list credential that verified, or why it did not.

    :param signed_at: when its state was signed; None where ``fault`` is given.
    """

    document: dict
    issuer: str | None = None
    signed_at: datetime | None = None
    fault: Phrase | None = None


class StatusCheck:
    """The lists at hand in one verification.

    :param lists: status list credentials by address, unverified.
    :param verify: verifies one as a credential.
    """

    def __init__(self, lists: Mapping[str, list[dict]], verify: Callable[[dict], SignedList]) -> None:
        self._lists = lists
        self._verify = verify
        self._read: dict[int, SignedList] = {}
        self._unpacked: dict[tuple[int, str], BitString] = {}

    def check(self, document: dict, issuer: str) -> tuple[Check, tuple[StatusReading, ...]]:
        """Check 4 of ``document``, whose proof verified as one of ``issuer``, and what was read for it."""
        name = document.get("id")
        found = [self._entry(entry, issuer, name) for entry in vcdm.status_entries(document)]
        readings = tuple(reading for _, reading in found if reading is not None)
        if not found:
            return step(4, Outcome.PASSED, Phrase("no-status-entry"), name), ()
        worst = min((check for check, _ in found), key=lambda check: check.outcome.severity)
        used = [reading.list_at for reading in readings if reading.list_at is not None]
        if worst.passed and used:
            worst = step(4, Outcome.PASSED, Phrase("list-signed", {"at": min(used)}), name)
        return worst, readings

    def _entry(self, entry: dict, issuer: str, name: str | None) -> tuple[Check, StatusReading | None]:
        if status_list.ENTRY not in vcdm.types(entry):
            said = Phrase("unknown-status", {"kind": vcdm.types(entry)})
            return step(4, Outcome.UNDETERMINED, said, name), None
        purpose, address, index = entry["statusPurpose"], entry["statusListCredential"], int(entry["statusListIndex"])
        if purpose not in _CODES and purpose not in _WITHOUT_BEARING:
            said = Phrase("unknown-purpose", {"purpose": repr(purpose[:40])})
            return step(4, Outcome.UNDETERMINED, said, name, code="unknown-status"), None
        usable: list[tuple[datetime, int]] = []
        faults: list[Phrase] = []
        for candidate in self._lists.get(address, ()):
            found = self._signed(candidate)
            if found.fault is None and found.issuer != issuer:
                faults.append(Phrase("list-of-another"))
            elif found.fault is not None:
                faults.append(found.fault)
            else:
                try:
                    bits = self._bits(candidate, purpose)
                    usable.append((found.signed_at, status_list.status_value(entry, candidate, bits)))
                except PassportError as error:
                    faults.append(Phrase.of(error))
        if purpose in _WITHOUT_BEARING:
            check = step(4, Outcome.PASSED, Phrase("no-bearing", {"purpose": purpose}), name)
            if not usable:
                return check, None
            at, number = max(usable)
            message = status_list.status_message(entry, number)
            return check, StatusReading(purpose, address, index, number != 0, at, number, message)
        if not usable:
            reading = StatusReading(purpose, address, index, None)
            if faults:
                return step(4, Outcome.UNDETERMINED, Phrase("unusable-status-list", {"faults": faults}), name), reading
            return step(4, Outcome.UNDETERMINED, Phrase("no-status-list"), name), reading
        # An old list is genuine too; only the newest tells what holds now. Of two of one instant, a set bit wins.
        signed_at, number = max(usable)
        message = (number, status_list.status_message(entry, number)) if "statusMessage" in entry else ()
        reading = StatusReading(purpose, address, index, number != 0, signed_at, *message)
        if number:
            said = Phrase(_CODES[purpose], {"index": index, "at": signed_at})
            return step(4, Outcome.FAILED, said, name), reading
        return step(4, Outcome.PASSED, Phrase("list-signed", {"at": signed_at}), name), reading

    def _bits(self, document: dict, purpose: str) -> BitString:
        """The bits of a list, unpacked once: each may be of two megabytes, and a document may have many entries."""
        key = (id(document), purpose)
        if key not in self._unpacked:
            self._unpacked[key] = status_list.read_list(document, purpose)
        return self._unpacked[key]

    def _signed(self, document: dict) -> SignedList:
        """``document``, verified; each is looked at once."""
        key = id(document)
        if key not in self._read:
            self._read[key] = self._verify(document)
        return self._read[key]
