"""The verifier's countersignature of a declaration: an attestation of the declared figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from passport.attestation.attested_values import (
    AttestationStatement,
    read_attestation,
    unsigned_attestation,
    value_digest,
)
from passport.credentials import credential as vcdm
from passport.credentials.issuer import Issuer
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.credentials.wording import shortened
from passport.errors import MalformedCredential, MalformedOntology, PassportError, UsageError
from passport.footprint.declared import ENERGY, FigureNames, names_in
from passport.footprint.result import FootprintResult
from passport.identity.did import DidResolver
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.publishing.footprint_declaration.declaration import (
    claims,
    digest_of,
    inconsistency,
    is_did,
    subject_of,
)
from passport.texts import Message
from passport.vocabulary.certification import CertificationScheme, scheme_named
from passport.vocabulary.credential_types import ATTESTATION, DECLARATION_TYPE, VERIFICATION_TYPE


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
    subject = subject_of(declaration)
    named = subject.get("footprintVerifier")
    if is_did(named) and named != issuer.id:
        raise UsageError(
            Message("the declaration names another verifier"), expected=shortened(named), found=shortened(issuer.id)
        )
    wrong, names = inconsistency(subject), names_in(subject)
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
    return ATTESTATION in types and subject_of(dict(document)).get("certificationScheme") == scheme().iri


def countersigned_digest(document: JsonObject) -> Any:
    """The digest of the declaration that a countersignature is of."""
    subject = subject_of(document)
    return subject.get("declarationDigest" if VERIFICATION_TYPE in vcdm.types(document) else "reportDigest")


def is_of(countersignature: JsonObject, declaration: JsonObject) -> bool:
    """Whether a countersignature with the digest of a declaration names it in every other part, too."""
    if VERIFICATION_TYPE in vcdm.types(countersignature):
        return subject_of(countersignature).get("id") == declaration.get("id")
    subject = subject_of(declaration)
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
