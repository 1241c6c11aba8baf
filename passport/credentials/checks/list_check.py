"""Status lists as members of a file: each is a credential that must verify, and support for those beside it.

* Checks 1 and 2 are those of any credential. The members of a list that a program reads have their plain names and are
  not null, also where no own context is used: the signature covers the graph alone.
* Check 3 is not applied here: a list past its time leaves check 4 of the credentials open, and does not make the file
  wrong.
* Check 5: the issuer of the list is the issuer of a credential in the file, which the policy judges there, or the
  policy names it as a successor of that issuer, or accepts it for lists, or accepts it for identities, on which roles
  and accreditations rest. A list of any other issuer supports nothing in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from passport.credentials import credential as vcdm
from passport.credentials.checks.proof_check import ProofCheck
from passport.credentials.checks.status_check import SignedList
from passport.credentials.identity_status import IDENTITY_TYPE
from passport.credentials.trust import Policy
from passport.credentials.verification_result import Check, CredentialResult, Outcome, not_reached, step
from passport.credentials.wording import Phrase, shortened
from passport.errors import MalformedCredential, Respelled
from passport.linked_data import spelling
from passport.linked_data.json_types import JsonObject, JsonValue
from passport.linked_data.rdfc10 import shared_work_left
from passport.proofs.data_integrity import CLOCK_SKEW
from passport.texts import Message

#: What a reader takes from the subject of a list.
_READ = frozenset({"id", "type", "statusPurpose", "statusSize", "encodedList", "ttl"})


class ListCheck:
    """Verifies status lists, each once.

    :param proofs: check 2, with the keys at hand.
    :param at: the instant asked about, aware.
    """

    def __init__(self, policy: Policy, proofs: ProofCheck, at: datetime) -> None:
        self._policy = policy
        self._proofs = proofs
        self._at = at

    def signed(self, document: JsonObject) -> SignedList:
        """``document`` verified as a credential of its own, and whether it is in force."""
        name = document.get("id") if isinstance(document, dict) else None
        key, work = self._proofs.key("list", document), shared_work_left()
        proofs = self._proofs.verified_before(key, document)
        first = step(1, Outcome.PASSED, None, name)
        if proofs is None:
            try:
                vcdm.check_credential(document)
                _refuse_respelled(document)
            except MalformedCredential as error:
                return SignedList(document, (step(1, Outcome.FAILED, error=error), not_reached(2, name)))
            issuer = vcdm.issuer_id(document)
            # As of its own time: a list of later than the instant asked about is genuine, and says nothing of that
            # instant.
            proofs, failed = self._proofs.proofs(document, issuer, at=max(self._at, *_made(document)))
            if failed is not None:
                checks = (failed, not_reached(2, name)) if failed.number == 1 else (first, failed)
                return SignedList(document, checks, issuer)
            self._proofs.remember(key, proofs, work)
        issuer = vcdm.issuer_id(document)
        checks = (first, self._proofs.passed(proofs, issuer, name))
        signed = [proof.created for proof in proofs if proof.created is not None]
        signed_at = min(signed) if signed else vcdm.valid_from(document)
        return SignedList(document, checks, issuer, signed_at, self._out_of_time(document, signed_at))

    def _out_of_time(self, document: JsonObject, signed_at: datetime | None) -> Phrase | None:
        starts, ends = vcdm.valid_from(document), vcdm.valid_until(document)
        if signed_at is None:
            return Phrase("list-undated")
        if max(signed_at, starts or signed_at) > self._at + CLOCK_SKEW:
            return Phrase("list-of-later", {"starts": max(signed_at, starts or signed_at)})
        if ends is not None and self._at > ends:
            return Phrase("list-expired", {"ends": ends})
        return None

    def successors(self, issuer: str) -> Collection[str]:
        """DIDs whose lists the policy accepts for the credentials of ``issuer`` besides its own."""
        named: Callable[[str], Collection[str]] = getattr(self._policy, "successors", lambda _: ())
        return named(issuer)

    def is_registrar(self, issuer: str) -> bool:
        """Whether the policy accepts an issuer for identities, so that its lists count for what rests on them."""
        return self._policy.accepts(issuer, (vcdm.VERIFIABLE_CREDENTIAL, IDENTITY_TYPE)).accepted is True

    def results(self, lists: Sequence[SignedList], issuers: Collection[str]) -> tuple[CredentialResult, ...]:
        """A result for each list of the file.

        :param issuers: of the credentials in the file.
        """
        return tuple(self._result(signed_list, issuers) for signed_list in lists)

    def _result(self, signed: SignedList, issuers: Collection[str]) -> CredentialResult:
        document = signed.document
        name = document.get("id") if isinstance(document.get("id"), str) else None
        if not signed.verified or signed.issuer is None:
            rest = tuple(not_reached(number, name) for number in (3, 4, 5))
        else:
            finding = signed.out_of_time or Phrase("list-signed", {"at": signed.signed_at})
            apart = tuple(step(number, Outcome.NOT_APPLIED, finding, name) for number in (3, 4))
            rest = (*apart, self._accepted(document, signed.issuer, issuers, name))
        return CredentialResult(
            name,
            vcdm.types(document),
            signed.issuer,
            (*signed.checks, *rest),
            valid_from=_instant(vcdm.valid_from, document),
            valid_until=_instant(vcdm.valid_until, document),
        )

    def _accepted(self, document: JsonObject, issuer: str, issuers: Collection[str], name: str | None) -> Check:
        succeeded = any(issuer in self.successors(each) for each in issuers)
        accepted = self._policy.accepts(issuer, vcdm.types(document)).accepted or self.is_registrar(issuer)
        if issuer in issuers or succeeded or accepted:
            return step(5, Outcome.PASSED, Phrase("list-of-issuer"), name)
        finding = Phrase("list-of-nobody", {"issuer": shortened(issuer)})
        return step(5, Outcome.FAILED, finding, name, code="issuer-not-accepted")


def _refuse_respelled(document: JsonObject) -> None:
    """:raises Respelled: another spelling of the same graph, of which a program would read something else."""
    if (where := spelling.respelled(document)) is not None:
        raise Respelled(where)
    for subject in vcdm.subjects(document):
        for key, value in subject.items():
            values = value if isinstance(value, list) else [value]
            plain = bool(values) and not any(isinstance(each, dict | None) for each in values)
            if key.startswith("@") or key in _READ and not plain:
                raise Respelled(
                    Message(
                        "{place}: expected {expected}",
                        place=f"/credentialSubject/{key[:80]}",
                        expected=Message("a text or number under a plain name"),
                    )
                )


def _made(document: JsonObject) -> list[datetime]:
    """When its proofs say they were made; an instant that cannot be read is for check 2 to refuse."""
    value: JsonValue = document.get("proof")
    instants = [datetime.min.replace(tzinfo=UTC)]
    for proof in value if isinstance(value, list) else [value]:
        try:
            made = datetime.fromisoformat(proof["created"])
        except (TypeError, KeyError, ValueError):
            continue
        if made.tzinfo is not None:
            instants.append(made)
    return instants


def _instant(read: Callable[[JsonObject], datetime | None], document: JsonObject) -> datetime | None:
    try:
        return read(document)
    except MalformedCredential:
        return None
