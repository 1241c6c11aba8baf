"""The kinds of envelope, and the object that represents a token or message among credentials.

(Securing Verifiable Credentials using JOSE and COSE 1.0, section 3; VC Data Model 2.0, sections 4.12.1 and 4.13.2)
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.errors import ProofError, UsageError
from passport.identity import VerificationMethod
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

VC_JWT, VC_SD_JWT, VC_COSE = vcdm.ENVELOPED_MEDIA_TYPES
VP_JWT, VP_SD_JWT, VP_COSE = vcdm.ENVELOPED_PRESENTATION_MEDIA_TYPES
#: Of wallets, and no media type of W3C; read by :mod:`~passport.credentials.envelopes.sd_jwt_vc`.
DC_SD_JWT = "application/dc+sd-jwt"
OPENED_HERE = (VC_JWT, VC_SD_JWT, VC_COSE, VP_JWT, VP_SD_JWT, VP_COSE, DC_SD_JWT)
PRESENTATIONS = frozenset({VP_JWT, VP_SD_JWT, VP_COSE})
SELECTIVE = frozenset({VC_SD_JWT, VP_SD_JWT, DC_SD_JWT})
BINARY = frozenset({VC_COSE, VP_COSE})

# RFC 7519 section 4.1 and RFC 7800; they are no properties of a credential and take no part in its graph.
REGISTERED = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
# What a verifier decides by; a holder who could leave it out would decide instead.
_ALWAYS_SHOWN = {
    VC_SD_JWT: frozenset(
        {"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema"}
    ),
    VP_SD_JWT: frozenset({"@context", "id", "type", "holder"}),
}
_SHOWN_IN_PART = {VC_SD_JWT: ("credentialSubject",), VP_SD_JWT: ("verifiableCredential",)}


@dataclass(frozen=True)
class Opened:
    """A token or message that verified.

    :param document: the credential or presentation in it, without registered claims.
    :param algorithm: ``ES256``, ``ES384``, ``ES512`` or ``EdDSA``.
    :param signed_at: ``iat``, where it has one.
    :param derived: whether some of it may have been left out by the holder.
    :param bound: whether the holder's key signed it for this occasion (a key binding).
    """

    document: JsonObject
    media_type: str
    method: VerificationMethod
    algorithm: str
    signed_at: datetime | None = None
    derived: bool = False
    bound: bool = False


def envelope(media_type: str, token: str | bytes) -> JsonObject:
    """The object that represents a token, among credentials or alone.

    :param token: text; of a COSE message, its bytes.
    :raises UsageError: text where bytes belong, or the other way round.
    """
    if isinstance(token, bytes) is not (media_type in BINARY):
        raise UsageError(
            Message("content of {media_type}", media_type=media_type),
            expected=Message("bytes") if media_type in BINARY else Message("a text"),
        )
    kind = vcdm.ENVELOPED_PRESENTATION if media_type in PRESENTATIONS else vcdm.ENVELOPED_CREDENTIAL
    content = f";base64,{base64.b64encode(token).decode()}" if isinstance(token, bytes) else f",{token}"
    return {"@context": [vcdm.CREDENTIALS_V2], "type": kind, "id": f"data:{media_type}{content}"}


def message(content: str | bytes) -> bytes:
    """The bytes of a COSE message; a text is what follows ``;base64,`` in a ``data:`` URL.

    :raises ProofError: not base64.
    """
    if isinstance(content, bytes):
        return content
    text = content.rstrip("=")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        data = None
    # One text for one message, but for the padding, which some leave out.
    if data is None or base64.b64encode(data).decode().rstrip("=") != text or len(content) - len(text) > 2:
        raise ProofError(Message("the message in the data: URL is not base64"), found=repr(content[:40]))
    return data


def may_be_hidden(path: tuple[Any, ...], media_type: str) -> bool:
    """Whether a selective token of this kind may leave out what ``path`` leads to."""
    if media_type == DC_SD_JWT:
        return False
    if not path or path[0] in _ALWAYS_SHOWN[media_type] | REGISTERED or path == _SHOWN_IN_PART[media_type]:
        return False
    # Of a presentation a credential is shown or not; what a credential shows is for its own envelope or proof to say.
    return media_type != VP_SD_JWT or path[:1] != _SHOWN_IN_PART[media_type] or len(path) == 2
