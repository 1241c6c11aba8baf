"""Declaration of a footprint: signed by the maker, countersigned by a third party, and compared with the passport.

Two credentials, not one document with two proofs (docs/decisions): check 2 of a verification asks that every proof
belongs to the issuer, and a proof in a set can be taken out without a trace. So the countersignature is a credential of
the verifier's own: an attestation (:mod:`passport.attestation.attested_values`) under the scheme ``carbon-footprint``.
It attests each declared figure of the batch, and its report is the signed declaration, by address and digest. So it is
also an attestation of the same figures in the passport. Older countersignatures, of the type
``CarbonFootprintVerificationCredential``, count as before; none is made any more. Declaration and countersignature are
in one unsigned presentation. :func:`examine` checks, in this order:

1. The declaration verifies, issuer accepted for declarations.
2. A countersignature verifies, issuer accepted for countersignatures.
3. It is by somebody else than the maker, and of this very declaration.
4. The figures of the declaration fit together.
5. The passport verifies.
6. It is of the batch, and by the issuer, of the declaration.
7. Its figures are the declared ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard
from uuid import uuid4

from passport.attestation.attested_values import (
    AttestationStatement,
    read_attestation,
    unsigned_attestation,
    value_digest,
)
from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.trust import TrustList, UnsafeAnyIssuer
from passport.credentials.verification_result import Check, CredentialResult, Outcome, conclusion
from passport.credentials.verifier import Verifier
from passport.credentials.wording import shortened
from passport.errors import MalformedCredential, MalformedOntology, PassportError, UsageError
from passport.footprint.declared import ENERGY, FigureNames, indicators, names_in
from passport.footprint.result import FootprintResult, plain
from passport.identity.did import DidResolver
from passport.identity.multibase import multibase_encode
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.store import Store, StoredCredential
from passport.texts import Message, by_language, listed
from passport.vocabulary.certification import CertificationScheme, scheme_named
from passport.vocabulary.credential_types import ATTESTATION, BATCH, DECLARATION_TYPE, MODEL, VERIFICATION_TYPE

_SHA256 = b"\x12\x20"
_TOLERANCE = Decimal("0.01")
NAMES = {
    1: Message("the declaration verifies"),
    2: Message("a countersignature verifies"),
    3: Message("by a third party, of this declaration"),
    4: Message("the declared figures fit together"),
    5: Message("the passport verifies"),
    6: Message("of one batch and maker"),
    7: Message("the figures agree"),
}


def digest_of(data: bytes) -> str:
    """SHA-256 as a multihash in multibase."""
    return multibase_encode(_SHA256 + hashlib.sha256(data).digest())


@dataclass(frozen=True)
class DeclaredParties:
    """Who declares and who verifies, and the study: what a declaration names beside its figures.

    :param manufacturer: name; where it is absent, that of the inventory.
    :param study: address of the public study.
    :param verifier: name or DID of the third party that verifies. The countersigner of a DID must be this one.
    """

    manufacturer: str | None = None
    study: str | None = None
    verifier: str | None = None


def claims(
    result: FootprintResult, inventory_digest: str, parties: DeclaredParties = DeclaredParties()
) -> dict[str, Any]:
    """What a declaration says of its batch: the indicators, and the method that is part of them."""
    quality = result.quality.rating
    claims: dict[str, Any] = {
        "batteryModelIdentifier": result.model,
        **indicators(result),
        # The base of the figures, whether or not it is an indicator that a result of this method fills.
        ENERGY: plain(result.energy.total),
        "footprintMethod": result.method,
        "footprintBoundary": result.boundary,
        "functionalUnit": by_language(result.functional_unit),
        "footprintSoftware": result.software,
        "footprintManufacturer": parties.manufacturer or result.manufacturer,
        "footprintPlant": result.plant,
        "footprintPlantCountry": result.plant_country,
        "footprintStudy": parties.study,
        "footprintVerifier": parties.verifier,
        "footprintPeriod": result.period,
        "allocationFactor": plain(result.allocation),
        "allocationProof": result.allocation_proof,
        "electricityTreatment": result.electricity,
        "factorSource": sorted(result.factor_sources),
        "dataQualityRating": None if quality is None else plain(quality.quantize(Decimal("0.01"))),
        "inventoryDigest": inventory_digest,
    }
    return {name: value for name, value in claims.items() if value not in (None, [], "")}


def is_did(named: Any) -> TypeGuard[str]:
    return isinstance(named, str) and named.startswith("did:")


def countersign(
    declaration: JsonObject,
    issuer: Issuer,
    *,
    at: datetime,
    statement: str,
    result: FootprintResult | None = None,
    inventory_digest: str | None = None,
    resolver: DidResolver | None = None,
    level: str = "documentReview",
    days: int | None = None,
) -> JsonObject:
    """The verifier's own credential about a signed declaration: an attestation of the declared figures.

    :param statement: what the verifier states, in words.
    :param level: code of the list ``attestationLevel``; :param days: of validity; None: as the scheme says.
    :param result: of the verifier's own calculation; its figures must be the declared ones.
    :raises UsageError: it is the maker's own key, or nothing is stated.
    :raises MalformedCredential: it is no declaration, its proof does not verify, or the figures differ.
    """
    if DECLARATION_TYPE not in vcdm.types(declaration):
        raise MalformedCredential(Message("this is no declaration"), expected=DECLARATION_TYPE)
    if not statement.strip():
        raise UsageError(
            Message("a countersignature states something"), hint=Message('Such as --statement "conforms".')
        )
    verified = Verifier(UnsafeAnyIssuer(), resolver).verify(declaration, at=at).credentials[0]
    failed = next((check for check in verified.checks[:3] if not check.passed), None)
    if failed is not None:
        raise MalformedCredential(Message("the declaration does not verify"), expected=failed.name, found=failed.detail)
    if verified.issuer == issuer.id:
        raise UsageError(
            Message("a maker cannot countersign its own declaration"),
            expected=Message("the key of a third party"),
            found=shortened(issuer.id),
        )
    subject = _subject(declaration)
    named = subject.get("footprintVerifier")
    if is_did(named) and named != issuer.id:
        raise UsageError(
            Message("the declaration names another verifier"), expected=shortened(named), found=shortened(issuer.id)
        )
    wrong, names = _inconsistency(subject), names_in(subject)
    if wrong is not None or names is None or "id" not in subject or "id" not in declaration:
        raise MalformedCredential(Message("the declared figures do not fit together"), found=wrong or Message("no id"))
    if result is not None:
        # Software and manufacturer are not calculated: the maker may run another version, and may name itself.
        stated = ("footprintSoftware", "footprintManufacturer")
        for name, value in {**claims(result, inventory_digest or ""), "inventoryDigest": inventory_digest}.items():
            if name not in stated and value is not None and subject.get(name) != value:
                raise MalformedCredential(
                    Message("the declared {name} is not the calculated one", name=name),
                    expected=str(value)[:120],
                    found=str(subject.get(name))[:120],
                )
    if not _is_iri(declaration["id"]) or not _is_iri(subject["id"]):
        raise MalformedCredential(
            Message("the declaration"), expected=Message("an id and a subject that are addresses")
        )
    begin = at.replace(microsecond=0)
    attested = AttestationStatement(
        subject["id"], str(subject.get("type", "")), attested_figures(subject, names), scheme().iri, level,
        str(subject["footprintMethod"]), at.date(), declaration["id"], digest_of(jcs.canonicalize(declaration)),
    )  # fmt: skip
    unsigned = unsigned_attestation(
        f"urn:uuid:{uuid4()}", issuer.id, attested, begin, begin + timedelta(days=days or scheme().valid_months * 30),
        description=statement.strip(),
    )  # fmt: skip
    return issuer.issue(unsigned, created=begin)


def scheme() -> CertificationScheme:
    """The certification scheme of a countersignature. :raises MalformedOntology: there is none."""
    found = scheme_named("carbon-footprint")
    if found is None:
        raise MalformedOntology(Message("there is no certification scheme {name}", name="carbon-footprint"))
    return found


def attested_figures(subject: Mapping[str, Any], names: FigureNames) -> dict[str, str]:
    """Digest of each declared figure of the batch, with method and boundary, by the indicator that the passport has.

    The energy over the service life is no figure of the batch: it belongs to the model.
    """
    terms = {name: name for name in names.figures if name != ENERGY}
    terms |= {names.method: "footprintMethod", names.boundary: "footprintBoundary"}
    return {name: value_digest(name, subject[term]) for name, term in terms.items() if term in subject}


def is_countersignature(document: Mapping[str, Any]) -> bool:
    """Whether a credential is a countersignature, of today's or of the older type."""
    types = vcdm.types(dict(document))
    if VERIFICATION_TYPE in types:
        return True
    return ATTESTATION in types and _subject(dict(document)).get("certificationScheme") == scheme().iri


def _countersigned(document: JsonObject) -> Any:
    """The digest of the declaration that a countersignature is of."""
    subject = _subject(document)
    return subject.get("declarationDigest" if VERIFICATION_TYPE in vcdm.types(document) else "reportDigest")


def _is_of(countersignature: JsonObject, declaration: JsonObject) -> bool:
    """Whether a countersignature with the digest of a declaration names it in every other part, too."""
    if VERIFICATION_TYPE in vcdm.types(countersignature):
        return _subject(countersignature).get("id") == declaration.get("id")
    subject = _subject(declaration)
    names = names_in(subject)
    try:
        statement = read_attestation(countersignature)
        return (
            names is not None
            and (statement.subject, statement.report) == (subject.get("id"), declaration.get("id"))
            and names.total in statement.values
            and statement.values.items() <= attested_figures(subject, names).items()
        )
    except PassportError:
        return False


def _is_iri(value: Any) -> bool:
    return isinstance(value, str) and ":" in value


def bundle(documents: Sequence[JsonObject]) -> JsonObject:
    """Declaration, countersignatures and status lists as one unsigned presentation: the file that is passed on."""
    return presentation(documents)


def members(document: Any) -> tuple[JsonObject, ...]:
    """The credentials in a file, which is a presentation or a single credential.

    :raises MalformedCredential: neither.
    """
    if vcdm.is_presentation(document):
        vcdm.check_presentation(document)
        return tuple(vcdm.credentials(document))
    vcdm.check_credential(document)
    return (document,)


def declaration_in(document: Any) -> JsonObject:
    """The one declaration in a file.

    :raises MalformedCredential: none or several.
    """
    declarations = [member for member in members(document) if DECLARATION_TYPE in vcdm.types(member)]
    if len(declarations) != 1:
        raise MalformedCredential(
            Message("the file"),
            expected=Message("one carbon footprint declaration"),
            found=str(len(declarations)),
        )
    return declarations[0]


# --- in the operator's store ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """What the read side hands out of a batch's footprint: both credentials as they were signed."""

    declaration: JsonObject
    countersignature: JsonObject | None


def status_lists(store: Store, document: Mapping[str, Any]) -> tuple[JsonObject, ...]:
    """The signed status lists that a credential of this store names."""
    numbers = sorted(
        int(entry["statusListCredential"].rsplit("/", 1)[1]) for entry in document.get("credentialStatus", [])
    )
    return tuple(listed for number in numbers if (listed := store.status_list(number)) is not None)


def published(store: Store, batch: str) -> Published | None:
    """The current declaration of a batch, with its countersignature if one of *this* declaration was added.

    :param batch: its address; that of the model for a declaration made before there were batches.
    """
    declared = store.current(batch, DECLARATION_TYPE)
    if declared is None:
        return None
    document = declared.document
    digest = digest_of(jcs.canonicalize(document))
    for kind in (ATTESTATION, VERIFICATION_TYPE):
        for stored in reversed(store.history(batch, kind)):
            if is_countersignature(stored.document) and _countersigned(stored.document) == digest:
                return Published(document, stored.document)
    return Published(document, None)


def add_countersignature(store: Store, document: Any, *, at: datetime, body: Callable[[JsonObject], bytes]) -> str:
    """Keep a countersignature beside the declaration that it is of; returns its id.

    :param document: the presentation, examined before by :func:`examine`.
    :param body: turns the credential into the bytes that are stored.
    :raises UsageError: the declaration is not in this store.
    """
    declaration = declaration_in(document)
    batch = _subject(declaration).get("id", "")
    known = published(store, batch)
    if known is None or known.declaration != declaration:
        raise UsageError(
            Message("this declaration is not the one of this project"),
            hint=Message("passport footprint declare makes it."),
        )
    for member in members(document):
        if is_countersignature(member):
            kind = VERIFICATION_TYPE if VERIFICATION_TYPE in vcdm.types(member) else ATTESTATION
            member_id: str = member["id"]  # as every stored credential has
            if known.countersignature == member:
                return member_id
            digest = hashlib.sha256(jcs.canonicalize(_subject(member))).hexdigest()
            with store.transaction() as transaction:
                transaction.add_credential(StoredCredential(member_id, kind, batch, body(member), digest, at))
            return member_id
    raise MalformedCredential(Message("the file"), expected=Message("a countersignature"), found=Message("none"))


# --- held against the passport ----------------------------------------------------------------------------------------


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
    verifier = Verifier(trust)
    checks: list[Check] = []

    def note(number: int, outcome: Outcome | bool, detail: str) -> bool:
        if isinstance(outcome, bool):
            outcome = Outcome.PASSED if outcome else Outcome.FAILED
        checks.append(Check(number, NAMES[number], outcome, detail))
        return outcome is Outcome.PASSED

    results, fault = _verified(document, verifier, at)
    declared = [pair for pair in results if DECLARATION_TYPE in vcdm.types(pair[0])]
    signed = [pair for pair in results if is_countersignature(pair[0])]
    # 1. The declaration verifies.
    if len(declared) != 1:
        note(1, False, fault or Message("{count} declarations in the file", count=len(declared)))
        return _rest(checks, passport)
    declaration, own = declared[0]
    _note_result(note, 1, own)
    # 2. A countersignature verifies; 3. by a third party, of this declaration.
    of_this = [pair for pair in signed if _countersigned(pair[0]) == _digest(declaration)]
    candidates = of_this or signed
    if not candidates:
        note(2, False, Message("no countersignature in the file"))
        checks.append(Check(3, NAMES[3], Outcome.NOT_REACHED, Message("not reached")))
    else:
        countersigned, theirs = min(candidates, key=lambda pair: pair[1].verified is not True)
        listed_issuer = trust.issuer(theirs.issuer or "")
        schemes = None if listed_issuer is None else listed_issuer.schemes
        if ATTESTATION in theirs.types and schemes is not None and scheme().iri not in schemes:
            note(2, False, Message("its issuer is not trusted for the scheme {name}", name=scheme().code))
        else:
            _note_result(note, 2, theirs)
        if not of_this or not _is_of(countersigned, declaration):
            note(3, False, Message("the countersignature is of another declaration"))
        elif is_did(named := _subject(declaration).get("footprintVerifier")) and named != theirs.issuer:
            note(3, False, Message("the declaration names another verifier"))
        else:
            foreign = theirs.issuer is not None and theirs.issuer != own.issuer
            who = shortened(theirs.issuer) if theirs.issuer else Message("nobody")
            note(3, foreign, Message("by {who}", who=who) if foreign else Message("countersigned by the maker itself"))
    # 4. The figures fit together.
    wrong = _inconsistency(_subject(declaration))
    note(4, wrong is None, wrong or Message("stages, total and energy"))
    if passport is not None:
        _examine_passport(note, checks, declaration, own, passport, verifier, at)
    return Examination(tuple(checks))


def _examine_passport(
    note: Any,
    checks: list[Check],
    declaration: JsonObject,
    own: CredentialResult,
    passport: Any,
    verifier: Verifier,
    at: datetime,
) -> None:
    # 5. The passport verifies.
    results, fault = _verified(passport, verifier, at)
    if not results or fault:
        note(5, False, fault or Message("no credential in the passport"))
        _rest(checks, passport)
        return
    worst = min((result for _, result in results), key=lambda each: (False, None, True).index(each.verified))
    _note_result(note, 5, worst, Message("{count} credentials", count=len(results)))
    # 6. One batch, one maker. A declaration made before there were batches is of the model.
    subject = _subject(declaration)
    described = [pair for pair in results if {MODEL, BATCH} & set(vcdm.types(pair[0]))]
    of_batch = [pair for pair in described if _subject(pair[0]).get("id") == subject.get("id")]
    if not of_batch:
        of_model = any(_subject(pair[0]).get("id") == subject.get("batteryModel") for pair in described)
        note(
            6,
            False,
            Message("the passport is of another batch") if of_model else Message("the passport is of another model"),
        )
        _rest(checks, passport)
        return
    _, result = of_batch[0]
    note(
        6,
        result.issuer == own.issuer,
        f"{subject.get('id')}"
        if result.issuer == own.issuer
        else Message(
            "the passport is signed by {issuer}",
            issuer=shortened(result.issuer) if result.issuer else Message("nobody"),
        ),
    )
    # 7. The figures agree.
    stated = {name: value for pair in described for name, value in _subject(pair[0]).items()}
    names = names_in(subject)
    if names is None:
        note(7, False, _inconsistency(subject) or Message("no figure is declared"))
        return
    differing = [
        Message(
            "{name}: declared {declared}, in the passport {stated}",
            name=name,
            declared=str(subject[name]) if name in subject else Message("nothing"),
            stated=str(stated[name]),
        )
        for name in names.figures
        if name in stated and _number(stated[name]) != _number(subject.get(name))
    ]
    differing += [
        Message("{name}: declared {declared}, in the passport {stated}",
                name=name, declared=str(subject.get(term)), stated=str(stated[name]))
        for name, term in ((names.method, "footprintMethod"), (names.boundary, "footprintBoundary"))
        if name in stated and stated[name] != subject.get(term)
    ]  # fmt: skip
    if names.declaration in stated and stated[names.declaration] != declaration.get("id"):
        differing.append(Message("{name}: the passport names another declaration", name=names.declaration))
    if names.total not in stated:
        differing.append(Message("{name}: not in the passport", name=names.total))
    agreeing = [name for name in names.figures if name in stated]
    note(
        7,
        not differing,
        listed(differing) if differing else Message("{count} figures, to the last digit", count=len(agreeing)),
    )


def _verified(
    document: Any, verifier: Verifier, at: datetime
) -> tuple[list[tuple[JsonObject, CredentialResult]], str | None]:
    try:
        counted = [member for member in members(document) if status_list.LIST_CREDENTIAL not in vcdm.types(member)]
    except PassportError as error:
        return [], str(error)
    result = verifier.verify(document, at=at)
    if result.presentation is not None and result.presentation.verified is False:
        return [], Message("the presentation itself does not hold")
    # By place, never by id: a forged credential may carry the id of a good one.
    return list(zip(counted, result.credentials, strict=True)), None


def _note_result(note: Any, number: int, result: CredentialResult, detail: str | None = None) -> None:
    failing = next((check for check in result.checks if check.outcome is Outcome.FAILED), None)
    unknown = next((check for check in result.checks if check.outcome is Outcome.UNDETERMINED), None)
    check = failing or unknown
    if check is not None:
        note(number, check.outcome, Message("{name}: {detail}", name=check.name, detail=check.detail))
    else:
        note(number, True, detail or Message("signed by {issuer}", issuer=shortened(result.issuer or "")))


def _rest(checks: list[Check], passport: Any) -> Examination:
    done = {check.number for check in checks}
    last = 4 if passport is None else 7
    checks += [
        Check(number, NAMES[number], Outcome.NOT_REACHED, Message("not reached"))
        for number in range(1, last + 1)
        if number not in done
    ]
    return Examination(tuple(checks))


def _inconsistency(subject: Mapping[str, Any]) -> str | None:
    names = names_in(subject)
    if names is None:
        return Message("the figures are not those of one regime, by its method")
    total, energy = _number(subject.get(names.total)), _number(subject.get(ENERGY))
    absolute = _number(subject.get(names.absolute))
    if total is None or absolute is None or energy is None:
        return Message("not all of {names} are there", names=[names.total, names.absolute, ENERGY])
    stages = [number for name in names.stages if (number := _number(subject.get(name))) is not None]
    if sum(stages, Decimal(0)) != total:
        return Message(
            "the stages come to {stages}, the total is {total}", stages=str(sum(stages, Decimal(0))), total=str(total)
        )
    if abs(total * energy - absolute) > _TOLERANCE * abs(absolute):
        return Message(
            "{total} kg CO2e/kWh over {energy} kWh is not {absolute} kg CO2e",
            total=str(total),
            energy=str(energy),
            absolute=str(absolute),
        )
    return None if isinstance(subject.get("footprintMethod"), str) else Message("no method is named")


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) < 60 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _subject(document: JsonObject) -> JsonObject:
    subjects = vcdm.subjects(document)
    return subjects[0] if subjects else {}


def _digest(document: JsonObject) -> str | None:
    try:
        return digest_of(jcs.canonicalize(document))
    except PassportError:
        return None
