"""Encrypted requests and answers of the credential endpoint. (OpenID4VCI 1.0, section 10)

* The metadata names one key for requests, derived from a secret of the workspace, and the encryptions of both ways.
* A request may come as a JWE (``application/jwt``) for that key. One in the clear is taken too, as long as it asks for
  no encrypted answer: the wallet's key in it could have been exchanged on the way. (section 8.2)
* The answer to an encrypted request that names a key of the wallet is a JWE for that key. Refusals are in the clear,
  since they hold nothing secret. (section 8.3.1)
* ECDH-ES with P-256, A256GCM or A128GCM. Nothing is compressed: ``zip`` is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from passport.errors import AccessDenied, MalformedKey, PassportError
from passport.identity import jwe
from passport.identity.keys import Algorithm, PrivateKey, PublicKey
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

MEDIA_TYPE = "application/jwt"
#: Characters of an encrypted request.
MAX_REQUEST = 140_000
_MAX_NAME = 200
_MEMBERS = frozenset({"jwk", "enc", "alg"})


class RefusedEncryption(AccessDenied):
    """An encrypted request that cannot be read, or a key or encryption of an answer that is not supported."""

    code = "invalid_encryption_parameters"


@dataclass(frozen=True)
class AnswerKey:
    """To whom an answer is encrypted. :ivar kid: the wallet's name of its key; :ivar encryption: of the content."""

    key: PublicKey
    kid: str | None
    encryption: str

    @classmethod
    def of(cls, wanted: Any) -> AnswerKey:
        """``credential_response_encryption`` of a request.

        :raises RefusedEncryption: it is malformed, or names what is not supported.
        """
        if not isinstance(wanted, Mapping) or not {"jwk", "enc"} <= set(wanted) <= _MEMBERS:
            raise RefusedEncryption(Message("the encryption of the answer"), expected=Message("jwk and enc"))
        jwk, encryption = wanted["jwk"], wanted["enc"]
        algorithm = jwk.get("alg", wanted.get("alg")) if isinstance(jwk, Mapping) else None
        if algorithm != jwe.ALGORITHM or wanted.get("alg", algorithm) != algorithm:
            raise RefusedEncryption(
                Message("the encryption of the answer"), expected=Message("alg {name}", name=jwe.ALGORITHM)
            )
        if encryption not in tuple(jwe.FOREIGN_ENCRYPTIONS):
            expected = Message("enc {names}", names=", ".join(jwe.FOREIGN_ENCRYPTIONS))
            raise RefusedEncryption(Message("the encryption of the answer"), expected=expected)
        kid = jwk.get("kid")
        if jwk.get("use", "enc") != "enc" or not isinstance(kid, str | None) or len(kid or "") > _MAX_NAME:
            raise RefusedEncryption(Message("the key of the answer"), expected=Message("a public key for encryption"))
        try:
            # A key for agreement: its use was looked at above, the curve is all that is left.
            key = PublicKey.from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y", "d", "k") if name in jwk})
        except MalformedKey as error:
            raise RefusedEncryption(Message("the key of the answer: {error}", error=error)) from error
        if key.algorithm is not Algorithm.P256:
            raise RefusedEncryption(Message("the key of the answer"), expected=Message("a P-256 key"))
        return cls(key, kid, encryption)

    def seal(self, answer: JsonObject) -> str:
        """The answer as a JWE."""
        return jwe.encrypt_foreign(strict_json.dumps(answer), self.key, enc=self.encryption, kid=self.kid)


@dataclass(frozen=True)
class SealedExchange:
    """:ivar origin: of the credential issuer; :ivar secret: gives the secret of the workspace's file."""

    origin: str
    secret: Callable[[], bytes]

    @property
    def _key(self) -> PrivateKey:
        return PrivateKey.derived(self.secret(), b"credential requests\0" + self.origin.encode())

    def metadata(self) -> JsonObject:
        """Members of the issuer's metadata. (section 12.2.4)"""
        key, encryptions = self._key.public_key, list(jwe.FOREIGN_ENCRYPTIONS)
        published = {**key.jwk, "kid": key.multikey, "alg": jwe.ALGORITHM, "use": "enc"}
        return {
            "credential_request_encryption": {
                "jwks": {"keys": [published]}, "enc_values_supported": encryptions, "encryption_required": False,
            },
            "credential_response_encryption": {
                "alg_values_supported": [jwe.ALGORITHM], "enc_values_supported": encryptions,
                "encryption_required": False,
            },
        }  # fmt: skip

    def read(self, body: bytes, media_type: str, *, most: int) -> tuple[Mapping[str, Any], AnswerKey | None]:
        """What a request says, and to whom its answer is encrypted; None: the answer is in the clear.

        :param most: bytes of a request in the clear.
        :raises RefusedEncryption: it cannot be read, or asks for an encrypted answer in the clear.
        :raises MalformedDocument: it is not JSON.
        """
        if media_type != MEDIA_TYPE:
            said = strict_json.loads(body, max_bytes=most)
            if isinstance(said, dict) and "credential_response_encryption" in said:
                raise RefusedEncryption(
                    Message("an encrypted answer is asked for in the clear"),
                    expected=Message("a request encrypted to the key of the metadata"),
                )
            return said if isinstance(said, dict) else {}, None
        said = self._opened(body)
        wanted = said.get("credential_response_encryption")
        return said, None if wanted is None else AnswerKey.of(wanted)

    def _opened(self, body: bytes) -> JsonObject:
        try:
            token = body.decode("ascii") if len(body) <= MAX_REQUEST else ""
            said = strict_json.loads(jwe.decrypt_foreign(token.strip(), self._key, kid=self._key.public_key.multikey))
        except (PassportError, UnicodeDecodeError) as error:
            raise RefusedEncryption(
                Message("the encrypted request cannot be read"),
                expected=Message("a JWE for the key of the metadata"),
            ) from error
        if not isinstance(said, dict):
            raise RefusedEncryption(Message("an encrypted request"), expected=Message("a JSON object"))
        return said
