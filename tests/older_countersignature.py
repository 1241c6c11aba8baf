"""A countersignature of the older type, made before countersignatures became attestations. It still counts."""

from __future__ import annotations

from datetime import datetime

from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.footprint.declared import names_in
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.publishing.footprint_declaration import digest_of
from passport.vocabulary.credential_types import VERIFICATION_TYPE
from passport.vocabulary.derivation.derived_context import CONTEXT


def older_countersignature(declaration: JsonObject, issuer: Issuer, id_: str, *, at: datetime) -> JsonObject:
    """``CarbonFootprintVerificationCredential`` about a signed declaration."""
    subject = declaration["credentialSubject"]
    total = names_in(subject).total
    credential = {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": id_,
        "type": ["VerifiableCredential", VERIFICATION_TYPE],
        "issuer": issuer.id,
        "validFrom": date_time(at),
        "credentialSubject": {
            "id": declaration["id"],
            **({"batteryBatch": subject["id"]} if "batteryModel" in subject else {}),
            "batteryModel": subject.get("batteryModel", subject["id"]),
            total: subject[total],
            "footprintMethod": subject["footprintMethod"],
            "declarationDigest": digest_of(jcs.canonicalize(declaration)),
            "verificationStatement": "conforms",
        },
    }
    return issuer.issue(credential, created=at)
