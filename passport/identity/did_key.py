"""did:key: the identifier is the key, so its document can be computed by any reader, offline and for ever.

(The did:key Method, W3C Credentials Community Group.) There is nothing to rotate or to revoke: who needs that takes
did:web. Only Multikey methods are made, and the one key serves every purpose but encryption.
"""

from __future__ import annotations

from passport.errors import MalformedKey
from passport.identity.multibase import shorten
from passport.identity.multikey import decode_multikey
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

PREFIX = "did:key:"
CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
PURPOSES = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")


def document(did: str) -> JsonObject:
    """The DID document of ``did``.

    :param did: ``did:key:z…`` without a fragment.
    :raises MalformedKey: not a did:key, or the key in it is not one.
    """
    if not isinstance(did, str) or not did.startswith(PREFIX):
        raise MalformedKey(Message("not a did:key"), expected=Message("did:key:z…"), found=shorten(str(did)))
    multikey = did.removeprefix(PREFIX)
    decode_multikey(multikey)
    method = f"{did}#{multikey}"
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": [{"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}],
        **{purpose: [method] for purpose in PURPOSES},
    }
