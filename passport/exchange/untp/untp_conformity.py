"""Attestations as UNTP Digital Conformity Credentials, version 0.6.1. Unsigned; the profile asks for an envelope.

The format speaks of assessments against criteria; each attested value becomes one assessment, named by the IRI of its
indicator. The value itself is not in an attestation, only its digest, so ``declaredValue`` stays empty.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from passport.linked_data.json_types import JsonObject

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/")
NS = "https://w3id.org/battery-passport/ns#"
_KINDS: Mapping[str, str] = {"documentReview": "verification", "sampleTest": "testing", "siteAudit": "inspection"}
_TOPICS: Mapping[str, str] = {"batteryCarbonFootprint": "environment.emissions", "recycled": "circularity.content"}


def conformity(document: JsonObject, issuer_name: str, holder: Mapping[str, str]) -> JsonObject:
    """The unsigned conformity credential of a signed attestation.

    :param document: an attestation without faults.
    :param issuer_name: name of the third party; :param holder: ``id`` and ``name`` of the party it was issued to.
    """
    stated = document["credentialSubject"]
    digest = base64.urlsafe_b64decode(stated["reportDigest"][1:] + "==")[2:]
    values = stated["attestedValues"]
    names = [each["attestedIndicator"] for each in (values if isinstance(values, list) else [values])]
    return {
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "@context": list(CONTEXTS),
        "id": document["id"],
        "issuer": {"type": ["CredentialIssuer"], "id": document["issuer"], "name": issuer_name},
        "validFrom": document["validFrom"],
        "validUntil": document["validUntil"],
        "credentialSubject": {
            "type": ["ConformityAttestation", "Attestation"],
            "id": f"{document['id']}#attestation",
            "name": stated["attestationMethod"],
            "assessorLevel": "3rdParty",
            "assessmentLevel": "Unspecified",
            "attestationType": _KINDS.get(stated["attestationLevel"], "verification"),
            "issuedToParty": dict(holder),
            "auditableEvidence": {
                "linkURL": stated["attestationReport"],
                "linkName": stated["attestationMethod"],
                "linkType": f"{NS}attestationReport",
                "hashDigest": digest.hex(),
                "hashMethod": "SHA-256",
                "encryptionMethod": "none",
            },
            "assessment": [
                {
                    "type": ["ConformityAssessment", "Declaration"],
                    "id": f"{document['id']}#{name.removeprefix(NS)}",
                    "name": name,
                    "assessmentDate": stated["examinedOn"],
                    "conformance": True,
                    "conformityTopic": next(
                        (topic for start, topic in _TOPICS.items() if name.removeprefix(NS).startswith(start)),
                        "governance.transparency",
                    ),
                    "assessedProduct": [{"product": {"id": stated["id"], "name": stated["type"]}}],
                }
                for name in names
            ],
        },
    }
