"""Attestations as credentials, both ways, and the digest that binds one to a value. Pure.

A ``BatteryAttestationCredential`` states that its issuer examined named values of one model, batch or pack: under which
scheme, at which level, by which method, on which day, with which report and its digest. Validity and status are those
of any credential.

The digest of a value (:func:`value_digest`) covers the indicator and the value as it is signed, without the ids of its
nodes, which are made anew with each re-issue, and without the order of what has none. So an attestation fits a value
as long as the value is the same, in whichever version of a credential it is; a changed value has no attestation.

A digest of a value with few possible contents tells the value to who tries them all. So an attestation of restricted
indicators is as restricted as they are, and is a credential of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.credential import CREDENTIALS_V2, VERIFIABLE_CREDENTIAL, date_time
from passport.credentials.digests import canonical_bytes, document_digest
from passport.errors import FaultyRecord, PassportError, UsageError
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import ATTESTATION, NOT_INDICATORS
from passport.vocabulary.derivation.derived_context import CONTEXT

NS = "https://w3id.org/battery-passport/ns#"
MAX_VALUES = 200
#: Codes of the list ``attestationLevel``, from the least to the furthest.
LEVEL_CODES = ("documentReview", "sampleTest", "siteAudit")


@dataclass(frozen=True)
class AttestationStatement:
    """What a third party states of one subject.

    :ivar subject: IRI of a model, batch or pack; :ivar kind: its class, such as ``BatteryModel``.
    :ivar values: digest of each examined value, by indicator.
    :ivar scheme: IRI of the certification scheme; :ivar level: code of the list ``attestationLevel``.
    :ivar report: address of the report; :ivar report_digest: of its bytes.
    """

    subject: str
    kind: str
    values: Mapping[str, str]
    scheme: str
    level: str
    method: str
    examined_on: date
    report: str
    report_digest: str


def value_digest(indicator: str, value: Any) -> str:
    """Digest of the value of an indicator, as a multihash in multibase."""
    return document_digest({"indicator": NS + indicator, "value": _plain(value)})


def _plain(value: Any) -> Any:
    """A value without ids of nodes within the credential, and lists in one order."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if name != "id" or "#" not in str(each)}
    if isinstance(value, list):
        return sorted((_plain(each) for each in value), key=canonical_bytes)
    return value


def subjects_of(documents: Iterable[Mapping[str, Any]]) -> dict[str, JsonObject]:
    """What verified credentials say of each subject: its class under ``type``, and the values of its indicators."""
    merged: dict[str, JsonObject] = {}
    for document in documents:
        if ATTESTATION in vcdm.types(dict(document)):
            continue
        for subject in vcdm.subjects(dict(document)):
            name = subject.get("id")
            if isinstance(name, str):
                values = {key: value for key, value in subject.items() if key not in NOT_INDICATORS}
                merged.setdefault(name, {}).update(values)
                if isinstance(subject.get("type"), str):
                    merged[name]["type"] = subject["type"]
    return merged


def unsigned_attestation(
    id_: str,
    issuer: str,
    statement: AttestationStatement,
    valid_from: datetime,
    valid_until: datetime,
    entries: Sequence[JsonObject] = (),
    description: str | None = None,
) -> JsonObject:
    """The credential, still unsigned.

    :param description: what the third party states, in its own words.
    :raises UsageError: it attests nothing, or ends before it begins.
    """
    if not statement.values or len(statement.values) > MAX_VALUES:
        raise UsageError(Message("an attestation names values"), expected=Message("1 to {most}", most=MAX_VALUES))
    if valid_until <= valid_from:
        raise UsageError(Message("the attestation ends before it begins"), found=date_time(valid_until))
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": id_,
        "type": [VERIFIABLE_CREDENTIAL, ATTESTATION],
        **({"description": description} if description else {}),
        "issuer": issuer,
        "validFrom": date_time(valid_from),
        "validUntil": date_time(valid_until),
        **({"credentialStatus": list(entries)} if entries else {}),
        "credentialSubject": {
            "id": statement.subject,
            "type": statement.kind,
            "certificationScheme": statement.scheme,
            "attestationLevel": statement.level,
            "attestationMethod": statement.method,
            "examinedOn": statement.examined_on.isoformat(),
            "attestationReport": statement.report,
            "reportDigest": statement.report_digest,
            "attestedValues": [
                {"id": f"{id_}#value-{number}", "attestedIndicator": NS + indicator, "valueDigest": digest}
                for number, (indicator, digest) in enumerate(sorted(statement.values.items()), 1)
            ],
        },
    }


def read_attestation(document: Mapping[str, Any]) -> AttestationStatement:
    """What an attestation states. Proof, issuer and status are for others to check.

    :raises FaultyRecord: it is none.
    """
    try:
        if vcdm.types(dict(document)) != (VERIFIABLE_CREDENTIAL, ATTESTATION):
            raise ValueError
        subject = document["credentialSubject"]
        nodes = subject["attestedValues"]
        nodes = nodes if isinstance(nodes, list) else [nodes]
        if not 1 <= len(nodes) <= MAX_VALUES:
            raise ValueError
        values = {}
        for node in nodes:
            indicator = node["attestedIndicator"]
            name = indicator.removeprefix(NS)
            if not indicator.startswith(NS) or name in values:
                raise ValueError
            values[name] = str(node["valueDigest"])
        texts = [subject[name] for name in ("id", "certificationScheme", "attestationLevel", "attestationMethod",
                                            "attestationReport", "reportDigest")]  # fmt: skip
        if not all(isinstance(text, str) for text in texts):
            raise ValueError
        iri, scheme, level, method, report, digest = texts
        return AttestationStatement(
            iri, str(subject.get("type", "")), values, scheme, level, method, date.fromisoformat(subject["examinedOn"]),
            report, digest,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, PassportError) as error:
        raise FaultyRecord(Message("this is no attestation"), found=type(error).__name__) from error
