"""did:jwk: the identifier is a JSON Web Key in base64url, so its document can be computed, offline and for ever.

(did:jwk Method Specification.) Like did:key it has nothing to rotate or to revoke. The one key has the name ``#0`` and
serves every purpose but encryption. A key that says of itself that it is for something else is refused.
"""

from __future__ import annotations

import base64
import binascii
import re

from passport.errors import MalformedDocument, MalformedKey
from passport.identity.did_key import PURPOSES
from passport.identity.keys import PublicKey
from passport.identity.multibase import shorten
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

PREFIX = "did:jwk:"
CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")

# A JSON Web Key of P-521 has some 240 characters; key ids and uses come on top.
_MAX_LENGTH = 2048
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")


def did_for(key: PublicKey) -> str:
    """The did:jwk of ``key``. Others may have written the same key in another way, as another DID."""
    return PREFIX + base64.urlsafe_b64encode(strict_json.dumps(key.jwk)).rstrip(b"=").decode("ascii")


def public_key(did: str) -> PublicKey:
    """The key in ``did``.

    :param did: ``did:jwk:…`` without a fragment.
    :raises MalformedKey: not a did:jwk, or what is in it is no public signing key of a known kind.
    """
    if not isinstance(did, str) or not did.startswith(PREFIX) or len(did) > _MAX_LENGTH:
        raise MalformedKey(
            Message("not a did:jwk"), expected=Message("did:jwk: and base64url"), found=shorten(str(did))
        )
    text = did.removeprefix(PREFIX)
    try:
        if not _BASE64URL.match(text):
            raise binascii.Error
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        # One text for one key: no bits left over.
        if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != text:
            raise binascii.Error
        jwk = strict_json.loads(data, max_bytes=_MAX_LENGTH, max_depth=4)
    except (binascii.Error, ValueError, MalformedDocument):
        raise MalformedKey(
            Message("not a did:jwk"), expected=Message("a JSON Web Key in base64url"), found=shorten(did)
        ) from None
    return PublicKey.from_jwk(jwk)


def document(did: str) -> JsonObject:
    """The DID document of ``did``.

    :raises MalformedKey: as :func:`public_key`.
    """
    method = {"id": f"{did}#0", "type": "JsonWebKey", "controller": did, "publicKeyJwk": public_key(did).jwk}
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": [method],
        **{purpose: [method["id"]] for purpose in PURPOSES},
    }
