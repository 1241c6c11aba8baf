"""Members of the subjects of identities, directories and attestations, and which of them must be there.

The shapes of ``shapes/parties.ttl`` are derived from these tables and the terms of the ontology; the readers of
:mod:`passport.directory` take the same members. ``id`` and ``type`` of a node are not listed.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Registered identifiers of an enterprise; one at least must be there.
REGISTERED = (
    "unifiedSocialCreditCode", "legalEntityIdentifier", "eoriNumber", "globalLocationNumber", "registrationNumber",
)  # fmt: skip
ENTERPRISE: Mapping[str, bool] = {
    "legalName": True,
    **dict.fromkeys(REGISTERED, False),
    "addressCountry": True,
    "actorRole": True,
    "operatingProvince": False,
    "operatingMarket": False,
    "manufacturerCode": False,
    "gtinPrefix": False,
    "resolverAddress": False,
    "webAddress": False,
}
LISTED_KEY: Mapping[str, bool] = {
    "keyMethod": True, "keyMultibase": True, "keyStanding": True, "keySince": True, "keyStandingSince": True,
}  # fmt: skip
LISTED_IDENTITY: Mapping[str, bool] = {
    "listedHolder": True, "identityCredential": True, "identityDigest": True, "identityStanding": True,
    "standingSince": True, "listedKeys": False,
}  # fmt: skip
#: Of the subject of a role or an accreditation that rests on an identity; both or none.
RESTS_ON: Mapping[str, bool] = {"identityCredential": True, "identityDigest": True}
DIRECTORY_MEMBERS: Mapping[str, bool] = {"directoryNumber": True, "listedIdentities": False}
ATTESTED_VALUE: Mapping[str, bool] = {"attestedIndicator": True, "valueDigest": True}
ATTESTATION_MEMBERS: Mapping[str, bool] = {
    "certificationScheme": True, "attestationLevel": True, "attestationMethod": True, "examinedOn": True,
    "attestationReport": True, "reportDigest": True, "attestedValues": True,
}  # fmt: skip
#: Member -> members of its nodes.
NESTED: Mapping[str, Mapping[str, bool]] = {
    "listedIdentities": LISTED_IDENTITY,
    "listedKeys": LISTED_KEY,
    "attestedValues": ATTESTED_VALUE,
}
