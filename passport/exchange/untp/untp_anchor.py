"""Identities as UNTP Digital Identity Anchors, version 0.6.1: one for each registered identifier of an enterprise.

A Digital Identity Anchor says that the holder of a DID is who a register knows under an identifier. So an identity with
three identifiers makes three anchors. Roles become ``registrationScopeList``, as IRIs of our code list.

The profile asks for an enveloping proof (``vc+jwt``); our identity itself is signed with Data Integrity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.linked_data.json_types import JsonObject

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dia/0.6.1/")
#: Term of an identity -> name of its scheme.
SCHEMES: Mapping[str, str] = {
    "unifiedSocialCreditCode": "Unified social credit code (GB 32100)",
    "legalEntityIdentifier": "Legal Entity Identifier (ISO 17442)",
    "eoriNumber": "Economic Operators Registration and Identification number",
    "globalLocationNumber": "Global Location Number (GS1)",
    "registrationNumber": "Number of a national register",
}
_NS = "https://w3id.org/battery-passport/ns#"
_ROLES = "https://w3id.org/battery-passport/codes#actorRole."


def anchors(identity: JsonObject, registrar_name: str) -> tuple[JsonObject, ...]:
    """The unsigned anchors of a signed identity, one for each registered identifier.

    :param identity: an ``EnterpriseIdentityCredential`` without faults.
    :param registrar_name: of its issuer, for people.
    """
    subject: Mapping[str, Any] = identity["credentialSubject"]
    roles = subject["actorRole"]
    return tuple(
        {
            "type": ["DigitalIdentityAnchor", "VerifiableCredential"],
            "@context": list(CONTEXTS),
            "id": f"{identity['id']}#{term}",
            "issuer": {"type": ["CredentialIssuer"], "id": identity["issuer"], "name": registrar_name},
            "validFrom": identity["validFrom"],
            "validUntil": identity["validUntil"],
            "credentialSubject": {
                "type": ["RegisteredIdentity"],
                "id": subject["id"],
                "name": _name(subject["legalName"]),
                "registeredId": subject[term],
                "idScheme": {"type": ["IdentifierScheme"], "id": f"{_NS}{term}", "name": name},
                "registerType": "Business",
                "registrationScopeList": [
                    f"{_ROLES}{role}" for role in (roles if isinstance(roles, list) else [roles])
                ],
            },
        }
        for term, name in SCHEMES.items()
        if term in subject
    )


def _name(names: Mapping[str, str]) -> str:
    return names.get("en") or next(iter(names.values()))
