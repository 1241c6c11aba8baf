"""Compact JSON Web Signatures with nothing to negotiate: ES256, ES384, ES512 and EdDSA.

* The key comes from the caller, who took it from the signer's DID document. ``jwk`` and ``x5c`` in a header are the
  sender's words and are not read; ``kid`` says only which method of that document is meant.
* Members that send the reader somewhere (``jku``, ``x5u``) or change what the payload is (``b64``, ``zip``, ``enc``, a
  token within the token) are refused: another reader may obey them.
* The algorithm follows from the key. A header that names another one is refused: neither ``none``, nor HMAC with a
  public key for its secret, nor a curve of the sender's choice.
* ``typ`` is compared, and required unless a caller says otherwise, so that a token of one kind cannot pass for one of
  another (RFC 8725, section 3.11).
  ``crit`` is refused: no extension is understood here. The header is flat: none of its members has members below.

Signatures are made by a :class:`~passport.identity.signer.Signer`, which may be a device; they are checked by jwcrypto.
(RFC 7515, RFC 7518, RFC 8037)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from passport.errors import InvalidSignature, MalformedDocument, ProofError
from passport.identity import Algorithm, PublicKey, Signer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

ALGORITHMS: Mapping[Algorithm, str] = {
    Algorithm.P256: "ES256",
    Algorithm.P384: "ES384",
    Algorithm.P521: "ES512",
    Algorithm.ED25519: "EdDSA",
}
MAX_LENGTH = 8_000_000

_REFUSED = ("crit", "b64", "jku", "x5u", "zip", "enc", "epk")
_NESTED = ("jwk", "x5c")  # the only two whose value is an object or a list, and neither is read

_PART = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Token:
    """A compact JWS that was taken apart and not verified yet.

    :param header: the protected header; only :attr:`kid` may be used before the signature was checked.
    """

    text: str
    header: Mapping[str, Any]
    payload: bytes

    @property
    def kid(self) -> str | None:
        """Name of the key, as the sender gives it."""
        return self.header.get("kid")

    def claims(self) -> JsonObject:
        """The payload as a JSON object.

        :raises ProofError: it is none.
        """
        try:
            value = strict_json.loads(self.payload, max_bytes=MAX_LENGTH)
        except MalformedDocument as error:
            raise ProofError(Message("the payload of the token: {error}", error=error)) from error
        if not isinstance(value, dict):
            raise ProofError(Message("the payload of the token is not a JSON object"), found=type(value).__name__)
        return value


def sign(claims: JsonObject, signer: Signer, *, typ: str, cty: str | None = None, kid: str | None = None) -> str:
    """A compact JWS over ``claims``.

    :param typ: kind of token, such as ``vc+jwt``; :param cty: kind of its content, such as ``vc``.
    :param kid: verification method; by default the signer's.
    """
    header = {
        "alg": ALGORITHMS[signer.public_key.algorithm],
        "typ": typ,
        **({} if cty is None else {"cty": cty}),
        "kid": signer.verification_method if kid is None else kid,
    }
    start = f"{encode(strict_json.dumps(header))}.{encode(strict_json.dumps(claims))}"
    return f"{start}.{encode(signer.sign(start.encode('ascii')))}"


def parse(text: Any, *, typ: str | None, cty: str | None = None) -> Token:
    """Take a token apart and check its header.

    :param typ: the kind that is expected; None: the header names none.
    :param cty: expected where the header has one; None: it has none.
    :raises ProofError: not a compact JWS, of another kind, or with a header that is not understood here.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise ProofError(
            Message("not a token"), expected=Message("a text of at most {max_length} characters", max_length=MAX_LENGTH)
        )
    parts = text.split(".")
    if len(parts) != 3:
        raise ProofError(Message("not a compact JWS"), expected=Message("three parts"), found=str(len(parts)))
    try:
        header = strict_json.loads(decode(parts[0]), max_bytes=10_000, max_depth=8)
    except MalformedDocument as error:
        raise ProofError(Message("the header of the token: {error}", error=error)) from error
    if not isinstance(header, dict):
        raise ProofError(Message("the header of the token is not a JSON object"))
    if header.get("alg") not in ALGORITHMS.values():
        raise ProofError(
            Message("algorithm of the token"),
            expected=Message("one of {names}", names=", ".join(ALGORITHMS.values())),
            found=repr(header.get("alg"))[:40],
        )
    if refused := [name for name in _REFUSED if name in header]:
        raise ProofError(
            Message("{member} in the header of the token", member=refused[0]),
            expected=Message("none of {names}", names=", ".join(_REFUSED)),
            found=refused[0],
        )
    if _media_type(header.get("typ")) != typ:
        raise ProofError(
            Message("a token of another kind"),
            expected=Message("typ {typ}", typ=typ) if typ else Message("no typ"),
            found=repr(header.get("typ"))[:60],
        )
    if "cty" in header and _media_type(header["cty"]) != cty:  # "JWT" would be a token within the token
        raise ProofError(
            Message("a token with another content"),
            expected=Message("cty {cty}", cty=cty) if cty else Message("no cty"),
            found=repr(header["cty"])[:60],
        )
    if nested := [name for name, value in header.items() if isinstance(value, dict | list) and name not in _NESTED]:
        raise ProofError(Message("a member of the token's header is not understood"), found=repr(nested[0])[:60])
    if not isinstance(header.get("kid"), str | None):
        raise ProofError(Message("kid of the token"), expected=Message("a text"), found=type(header["kid"]).__name__)
    decode(parts[2])
    return Token(text, header, decode(parts[1]))


def verify(token: Token, key: PublicKey) -> None:
    """Return if ``token`` was signed with the private half of ``key``.

    :raises ProofError: the header names an algorithm that is not the key's.
    :raises InvalidSignature: it was not.
    """
    algorithm = ALGORITHMS[key.algorithm]
    if token.header["alg"] != algorithm:
        raise ProofError(
            Message("the key is not one for this algorithm"), expected=algorithm, found=token.header["alg"]
        )
    checked = jws.JWS()
    checked.allowed_algs = [algorithm]
    try:
        checked.deserialize(token.text, jwk.JWK(**key.jwk))
    except (JWException, ValueError, TypeError):
        raise InvalidSignature(Message("the signature of the token does not verify")) from None
    if checked.payload != token.payload:
        raise InvalidSignature(Message("the token was read in two ways"))


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes behind base64url without padding.

    :raises ProofError: another character, padding, or bits left over: each text has one meaning and each meaning one
        text.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if _PART.fullmatch(text) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None or encode(data) != text:
        raise ProofError(Message("a part of the token is not base64url"), found=repr(text[:40]))
    return data


def _media_type(value: Any) -> str | None:
    """``typ`` and ``cty`` may leave out ``application/``, and case does not matter. (RFC 7515, section 4.1.9)"""
    return value.lower().removeprefix("application/") if isinstance(value, str) else None
