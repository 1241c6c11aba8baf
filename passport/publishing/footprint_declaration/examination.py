"""Whether a declaration holds, and the passport with it: the seven checks of :mod:`~.footprint_declaration`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import Check, CredentialResult, Outcome, conclusion
from passport.credentials.verifier import Verifier
from passport.credentials.wording import shortened
from passport.errors import PassportError
from passport.footprint.declared import FigureNames, names_in
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.publishing.footprint_declaration.countersignature import (
    countersigned_digest,
    is_countersignature,
    is_of,
    scheme,
)
from passport.publishing.footprint_declaration.declaration import (
    digest_of,
    inconsistency,
    is_did,
    members,
    number_of,
    subject_of,
)
from passport.texts import Message, listed
from passport.vocabulary.credential_types import ATTESTATION, BATCH, DECLARATION_TYPE, MODEL

NAMES = {
    1: Message("the declaration verifies"),
    2: Message("a countersignature verifies"),
    3: Message("by a third party, of this declaration"),
    4: Message("the declared figures fit together"),
    5: Message("the passport verifies"),
    6: Message("of one batch and maker"),
    7: Message("the figures agree"),
}
_OF_DECLARATION = 4

#: A credential and what verification says of it.
_Verified = tuple[JsonObject, CredentialResult]


@dataclass(frozen=True)
class Examination:
    """The numbered checks; 5 to 7 only where a passport was given."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool | None:
        """True if every check passed, False if one failed, None if one could not be made."""
        return conclusion(self.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            "holds": self.holds,
            "checks": [
                {"number": check.number, "name": check.name, "outcome": check.outcome.value, "detail": check.detail}
                for check in self.checks
            ],
        }


def examine(document: Any, passport: Any | None, trust: TrustList, *, at: datetime) -> Examination:
    """Whether a declaration holds, and the passport with it. Faults of the documents are results, not errors.

    :param document: the presentation of declaration and countersignature.
    :param passport: a saved passport; None asks only about the declaration.
    :param trust: who may declare, countersign (``BatteryAttestationCredential``) and issue passports.
    """
    examiner = _Examiner(trust, at)
    declared = examiner.check_declaration(document)
    if declared is not None and passport is not None:
        examiner.check_passport(passport, *declared)
    return examiner.examination(_OF_DECLARATION if passport is None else len(NAMES))


class _Examiner:
    """Makes the checks and keeps their outcomes. A check that is not made is reported as not reached."""

    def __init__(self, trust: TrustList, at: datetime) -> None:
        self._trust = trust
        self._verifier = Verifier(trust)
        self._at = at
        self._checks: dict[int, Check] = {}

    def examination(self, last: int) -> Examination:
        numbers = range(1, last + 1)
        return Examination(tuple(self._checks.get(number, _not_reached(number)) for number in numbers))

    def check_declaration(self, document: Any) -> _Verified | None:
        """Checks 1 to 4. Returns the declaration, None where the file does not hold exactly one."""
        results, fault = self._verified(document)
        declarations = [pair for pair in results if DECLARATION_TYPE in vcdm.types(pair[0])]
        # 1. The declaration verifies.
        if len(declarations) != 1:
            self._note(1, False, fault or Message("{count} declarations in the file", count=len(declarations)))
            return None
        declaration, own = declarations[0]
        self._note_result(1, own)
        self._check_countersignatures([pair for pair in results if is_countersignature(pair[0])], declaration, own)
        # 4. The figures fit together.
        wrong = inconsistency(subject_of(declaration))
        self._note(4, wrong is None, wrong or Message("stages, total and energy"))
        return declaration, own

    def _check_countersignatures(self, signed: list[_Verified], declaration: JsonObject, own: CredentialResult) -> None:
        of_this = [pair for pair in signed if countersigned_digest(pair[0]) == _digest(declaration)]
        candidates = of_this or signed
        # 2. A countersignature verifies.
        if not candidates:
            self._note(2, False, Message("no countersignature in the file"))
            return
        countersigned, theirs = min(candidates, key=lambda pair: pair[1].verified is not True)
        listed_issuer = self._trust.issuer(theirs.issuer or "")
        schemes = None if listed_issuer is None else listed_issuer.schemes
        if ATTESTATION in theirs.types and schemes is not None and scheme().iri not in schemes:
            self._note(2, False, Message("its issuer is not trusted for the scheme {name}", name=scheme().code))
        else:
            self._note_result(2, theirs)
        # 3. It is by a third party, and of this declaration.
        named = subject_of(declaration).get("footprintVerifier")
        if not of_this or not is_of(countersigned, declaration):
            self._note(3, False, Message("the countersignature is of another declaration"))
        elif is_did(named) and named != theirs.issuer:
            self._note(3, False, Message("the declaration names another verifier"))
        elif theirs.issuer is not None and theirs.issuer == own.issuer:
            self._note(3, False, Message("countersigned by the maker itself"))
        else:
            self._note(3, theirs.issuer is not None, Message("by {who}", who=_named(theirs)))

    def check_passport(self, passport: Any, declaration: JsonObject, own: CredentialResult) -> None:
        """Checks 5 to 7: the passport against the declaration, whose own result is ``own``."""
        # 5. The passport verifies.
        results, fault = self._verified(passport)
        if not results or fault:
            self._note(5, False, fault or Message("no credential in the passport"))
            return
        worst = min((result for _, result in results), key=lambda result: (False, None, True).index(result.verified))
        self._note_result(5, worst, Message("{count} credentials", count=len(results)))
        # 6. One batch, one maker. A declaration made before there were batches is of the model.
        subject = subject_of(declaration)
        described = [pair for pair in results if {MODEL, BATCH} & set(vcdm.types(pair[0]))]
        of_batch = [pair for pair in described if subject_of(pair[0]).get("id") == subject.get("id")]
        if not of_batch:
            of_model = any(subject_of(pair[0]).get("id") == subject.get("batteryModel") for pair in described)
            batch, model = Message("the passport is of another batch"), Message("the passport is of another model")
            self._note(6, False, batch if of_model else model)
            return
        _, result = of_batch[0]
        if result.issuer == own.issuer:
            self._note(6, True, str(subject.get("id")))
        else:
            self._note(6, False, Message("the passport is signed by {issuer}", issuer=_named(result)))
        # 7. The figures agree.
        names = names_in(subject)
        if names is None:
            self._note(7, False, inconsistency(subject) or Message("no figure is declared"))
            return
        stated = {name: value for pair in described for name, value in subject_of(pair[0]).items()}
        differing = _differences(stated, declaration, names)
        agreeing = Message("{count} figures, to the last digit", count=sum(name in stated for name in names.figures))
        self._note(7, not differing, listed(differing) if differing else agreeing)

    def _verified(self, document: Any) -> tuple[list[_Verified], str | None]:
        try:
            counted = [member for member in members(document) if status_list.LIST_CREDENTIAL not in vcdm.types(member)]
        except PassportError as error:
            return [], str(error)
        result = self._verifier.verify(document, at=self._at)
        if result.presentation is not None and result.presentation.verified is False:
            return [], Message("the presentation itself does not hold")
        # By place, never by id: a forged credential may carry the id of a good one.
        return list(zip(counted, result.credentials, strict=True)), None

    def _note_result(self, number: int, result: CredentialResult, detail: str | None = None) -> None:
        failing = next((check for check in result.checks if check.outcome is Outcome.FAILED), None)
        unknown = next((check for check in result.checks if check.outcome is Outcome.UNDETERMINED), None)
        check = failing or unknown
        if check is not None:
            self._note(number, check.outcome, Message("{name}: {detail}", name=check.name, detail=check.detail))
        else:
            self._note(number, True, detail or Message("signed by {issuer}", issuer=_named(result)))

    def _note(self, number: int, outcome: Outcome | bool, detail: str) -> None:
        if isinstance(outcome, bool):
            outcome = Outcome.PASSED if outcome else Outcome.FAILED
        self._checks[number] = Check(number, NAMES[number], outcome, detail)


def _differences(stated: Mapping[str, Any], declaration: JsonObject, names: FigureNames) -> list[str]:
    """How the figures of the passport differ from the declared ones, a sentence each."""
    subject = subject_of(declaration)
    pairs = [(name, name) for name in names.figures if number_of(stated.get(name)) != number_of(subject.get(name))]
    bases = ((names.method, "footprintMethod"), (names.boundary, "footprintBoundary"))
    pairs += [(name, term) for name, term in bases if stated.get(name) != subject.get(term)]
    differing: list[str] = [
        Message(
            "{name}: declared {declared}, in the passport {stated}",
            name=name,
            declared=str(subject[term]) if term in subject else Message("nothing"),
            stated=str(stated[name]),
        )
        for name, term in pairs
        if name in stated
    ]
    if names.declaration in stated and stated[names.declaration] != declaration.get("id"):
        differing.append(Message("{name}: the passport names another declaration", name=names.declaration))
    if names.total not in stated:
        differing.append(Message("{name}: not in the passport", name=names.total))
    return differing


def _named(result: CredentialResult) -> str:
    return shortened(result.issuer) if result.issuer else Message("no known issuer")


def _not_reached(number: int) -> Check:
    return Check(number, NAMES[number], Outcome.NOT_REACHED, Message("not reached"))


def _digest(document: JsonObject) -> str | None:
    try:
        return digest_of(jcs.canonicalize(document))
    except PassportError:
        return None
