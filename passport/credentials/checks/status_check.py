"""Check 4: is a status bit of this credential set?

* A list counts if it verifies as a credential of its own, the credential's own issuer signed it (or a successor of that
  issuer that the policy names), it is in force at the instant asked about, and it speaks of the entry's purpose. The
  list of the identity on which a credential rests is signed by an issuer that the policy accepts for identities
  (:mod:`passport.credentials.identity_status`). One that is past its time, or not yet in force, leaves the
  status undetermined; it never fails the file.
* Lists come *enclosed* in the file, or *fetched* by the caller. An enclosed list that does not verify fails the file
  (``list_check``). A fetched answer that is no valid list leaves the status undetermined, whatever is enclosed: who can
  answer in the issuer's place may be hiding a withdrawal. Where nothing could be fetched, the enclosed list decides.
* Of several lists that count, the newest tells what holds: the bearer of a file chooses which old one is in it.
* Without a list the answer is *undetermined*. Revoked and suspended are both failures, with words of their own.
* ``refresh`` says that a newer credential was issued, a newer read-out of the same pack for example. A set bit passes,
  and is told. (Bitstring Status List 1.0, section 2.1)
* A ``message`` has no bearing on validity. Where its list is at hand, what it says is reported beside the check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.identity_status import identity_of
from passport.credentials.status_list import BitString
from passport.credentials.verification_result import Check, Outcome, StatusReading, step
from passport.credentials.wording import Phrase
from passport.errors import DocumentError, PassportError
from passport.linked_data.json_types import JsonObject

# Status purposes that decide about validity, with the code of a bit that is set.
_CODES = {status_list.REVOCATION: "revoked", status_list.SUSPENSION: "suspended"}
_KNOWN = frozenset({*_CODES, status_list.REFRESH, status_list.MESSAGE})


@dataclass(frozen=True)
class SignedList:
    """A status list credential, verified.

    :param checks: 1 and 2 of it; both passed where it verifies.
    :param signed_at: when its state was signed; None where it does not verify.
    :param out_of_time: why it says nothing at the instant asked about; None where it is in force.
    """

    document: JsonObject
    checks: tuple[Check, ...]
    issuer: str | None = None
    signed_at: datetime | None = None
    out_of_time: Phrase | None = None

    @property
    def verified(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def fault(self) -> Phrase | None:
        """Why it does not count; None where it does."""
        for check in self.checks:
            if not check.passed:
                return Phrase("list-proof", {"why": check.finding}) if check.number == 2 else check.finding
        return self.out_of_time


class StatusCheck:
    """The lists at hand in one verification.

    :param enclosed: status lists of the file, by address.
    :param fetched: what came when the caller asked for a list, or the error that says why nothing came; by address.
    :param verify: verifies a fetched answer as a list.
    :param successors: whose lists count for the credentials of an issuer besides its own.
    :param is_registrar: whether the lists of an issuer count for identities.
    """

    def __init__(
        self,
        enclosed: Mapping[str, Sequence[SignedList]],
        fetched: Mapping[str, JsonObject | PassportError],
        verify: Callable[[JsonObject], SignedList],
        successors: Callable[[str], Collection[str]] = lambda issuer: (),
        is_registrar: Callable[[str], bool] = lambda issuer: False,
    ) -> None:
        self._enclosed = enclosed
        self._fetched = fetched
        self._verify = verify
        self._successors = successors
        self._is_registrar = is_registrar
        self._answers: dict[str, SignedList] = {}
        self._unpacked: dict[tuple[int, str], BitString] = {}

    def check(self, document: JsonObject, issuer: str) -> tuple[Check, tuple[StatusReading, ...]]:
        """Check 4 of ``document``, whose proof verified as one of ``issuer``, and what was read for it."""
        name = document.get("id")
        entries = [self._entry(entry, issuer, name) for entry in vcdm.status_entries(document)]
        readings = tuple(reading for _, reading in entries if reading is not None)
        if not entries:
            return step(4, Outcome.PASSED, Phrase("no-status-entry"), name), ()
        worst = min((check for check, _ in entries), key=lambda check: check.outcome.severity)
        used = [reading.list_at for reading in readings if reading.list_at is not None]
        if worst.passed and used:
            superseded = any(reading.purpose == status_list.REFRESH and reading.value for reading in readings)
            finding = Phrase("newer-exists" if superseded else "list-signed", {"at": min(used)})
            passed = [check.finding for check, _ in entries if check.finding is not None]
            unfetched = next((phrase for phrase in passed if phrase.key == "list-unfetched"), finding)
            worst = step(4, Outcome.PASSED, finding if superseded else unfetched, name)
        return worst, readings

    def as_of(self, document: JsonObject, issuer: str, at: datetime) -> Check:
        """Check 4 of ``document`` as of another instant than the one asked about. A revocation is for good.

        A suspension of the identity on which it rests is left out: a list of later does not tell of an earlier
        suspension. Who accepts an event judges it at that moment.
        """
        name = document.get("id")
        checks = [
            self._entry_as_of(entry, issuer, at, name)
            for entry in vcdm.status_entries(document)
            if (entry.get("statusPurpose") in _CODES or status_list.ENTRY not in vcdm.types(entry))
            and not (entry.get("statusPurpose") == status_list.SUSPENSION and identity_of(entry) is not None)
        ]
        if not checks:
            return step(4, Outcome.PASSED, Phrase("no-status-entry"), name)
        return min(checks, key=lambda check: check.outcome.severity)

    def _entry_as_of(self, entry: JsonObject, issuer: str, at: datetime, name: str | None) -> Check:
        if status_list.ENTRY not in vcdm.types(entry):
            return step(4, Outcome.UNDETERMINED, Phrase("unknown-status", {"kind": vcdm.types(entry)}), name)
        purpose, index = entry["statusPurpose"], int(entry["statusListIndex"])
        before: list[tuple[datetime, int, datetime | None]] = []
        after: list[tuple[datetime, int]] = []
        for candidate in self._candidates(entry["statusListCredential"])[0]:
            if not candidate.verified or not self._signs_for(candidate, issuer, entry) or candidate.signed_at is None:
                continue
            try:
                bits = self._bits(candidate.document, purpose)
                number = status_list.status_value(entry, candidate.document, bits)
                until = vcdm.valid_until(candidate.document)
            except PassportError:
                continue
            if candidate.signed_at <= at:
                before.append((candidate.signed_at, number, until))
            else:
                after.append((candidate.signed_at, number))
        if before and max(before)[1]:
            values = {"index": index, "at": max(before)[0]}
            return step(4, Outcome.FAILED, Phrase(_code(entry), values), name)
        unset = [signed_at for signed_at, number in after if not number and purpose == status_list.REVOCATION]
        unset += [signed_at for signed_at, number, until in before if not number and (until is None or at <= until)]
        if unset:
            return step(4, Outcome.PASSED, Phrase("list-signed", {"at": max(unset)}), name)
        return step(4, Outcome.UNDETERMINED, Phrase("no-status-list-of-then", {"at": at}), name)

    def _entry(self, entry: JsonObject, issuer: str, name: str | None) -> tuple[Check, StatusReading | None]:
        if status_list.ENTRY not in vcdm.types(entry):
            finding = Phrase("unknown-status", {"kind": vcdm.types(entry)})
            return step(4, Outcome.UNDETERMINED, finding, name), None
        purpose, address, index = entry["statusPurpose"], entry["statusListCredential"], int(entry["statusListIndex"])
        if purpose not in _KNOWN:
            finding = Phrase("unknown-purpose", {"purpose": repr(purpose[:40])})
            return step(4, Outcome.UNDETERMINED, finding, name, code="unknown-status"), None
        candidates, unfetched = self._candidates(address)
        usable: list[tuple[datetime, int]] = []
        faults: list[Phrase] = []
        answer = self._answers.get(address)
        # An answer that is no JSON at all is an answer all the same.
        answered_wrong = isinstance(unfetched, DocumentError)
        for candidate in candidates:
            fault = candidate.fault
            if candidate.verified and not self._signs_for(candidate, issuer, entry):
                fault = Phrase("list-of-another")
            signed_at = candidate.signed_at
            if fault is None and signed_at is not None:
                try:
                    bits = self._bits(candidate.document, purpose)
                    number = status_list.status_value(entry, candidate.document, bits)
                    usable.append((signed_at, number))
                    continue
                except PassportError as error:
                    fault = Phrase.of(error)
            fault = fault or Phrase("list-undated")
            faults.append(fault)
            answered_wrong |= candidate is answer and fault is not candidate.out_of_time
        if purpose == status_list.MESSAGE:
            return self._message(entry, purpose, usable, name)
        if usable and (number := max(usable)[1]) and purpose in _CODES:
            # An old list is genuine too; only the newest tells what holds now. Of two of one instant, a set bit wins.
            reading = _reading(entry, max(usable))
            values = {"index": index, "at": reading.list_at}
            return step(4, Outcome.FAILED, Phrase(_code(entry), values), name), reading
        if not usable or answered_wrong:
            reading = StatusReading(purpose, address, index, None)
            if faults or unfetched is not None:
                why = [*faults, *([] if unfetched is None else [Phrase.of(unfetched)])]
                return step(4, Outcome.UNDETERMINED, Phrase("unusable-status-list", {"faults": why}), name), reading
            return step(4, Outcome.UNDETERMINED, Phrase("no-status-list"), name), reading
        reading = _reading(entry, max(usable))
        values = {"at": reading.list_at}
        finding = Phrase("list-signed", values)
        if unfetched is not None:
            finding = Phrase("list-unfetched", {**values, "why": Phrase.of(unfetched)})
        return step(4, Outcome.PASSED, finding, name), reading

    def _signs_for(self, candidate: SignedList, issuer: str, entry: JsonObject) -> bool:
        if identity_of(entry) is not None and self._is_registrar(candidate.issuer or ""):
            return True
        return candidate.issuer == issuer or candidate.issuer in self._successors(issuer)

    def _message(
        self, entry: JsonObject, purpose: str, usable: list[tuple[datetime, int]], name: str | None
    ) -> tuple[Check, StatusReading | None]:
        check = step(4, Outcome.PASSED, Phrase("no-bearing", {"purpose": purpose}), name)
        return check, _reading(entry, max(usable), always=True) if usable else None

    def _candidates(self, address: str) -> tuple[list[SignedList], PassportError | None]:
        """The lists at hand for ``address``, and why none could be fetched where that was tried in vain."""
        answer = self._fetched.get(address)
        candidates = list(self._enclosed.get(address, ()))
        if answer is None or isinstance(answer, PassportError):
            return candidates, answer
        if address not in self._answers:
            self._answers[address] = self._verify(answer)
        return [*candidates, self._answers[address]], None

    def _bits(self, document: JsonObject, purpose: str) -> BitString:
        """The bits of a list, unpacked once: each may be of two megabytes, and a document may have many entries."""
        key = (id(document), purpose)
        if key not in self._unpacked:
            self._unpacked[key] = status_list.read_list(document, purpose)
        return self._unpacked[key]


def _code(entry: JsonObject) -> str:
    """The code of a bit that is set."""
    code = _CODES[entry["statusPurpose"]]
    return code if identity_of(entry) is None else f"identity-{code}"


def _reading(entry: JsonObject, newest: tuple[datetime, int], *, always: bool = False) -> StatusReading:
    signed_at, number = newest
    purpose, address, index = entry["statusPurpose"], entry["statusListCredential"], int(entry["statusListIndex"])
    message: tuple[Any, ...] = ()
    if always or "statusMessage" in entry:
        message = (number, status_list.status_message(entry, number))
    return StatusReading(purpose, address, index, number != 0, signed_at, *message)
