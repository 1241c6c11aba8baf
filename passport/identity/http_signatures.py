"""HTTP message signatures (RFC 9421) over requests with a digest of their body (RFC 9530), one signature each.

What is covered is named in the signature itself. :func:`signed_headers` covers method, address, media type and digest
of the body, and the headers that are given. A receiver needs the public key and nothing else: no secret is shared.

    headers = signed_headers("POST", url, body, {"Webhook-Id": "…"}, signer, created=at)
    verify_request("POST", url, body, received, public_key, at=now)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from passport.errors import InvalidSignature, MalformedDocument
from passport.identity.keys import Algorithm, PublicKey
from passport.identity.signer import Signer
from passport.texts import Message

#: Names of algorithms in the registry of RFC 9421.
ALGORITHMS = {Algorithm.ED25519: "ed25519", Algorithm.P256: "ecdsa-p256-sha256", Algorithm.P384: "ecdsa-p384-sha384"}
#: How far the clocks of signer and receiver may be apart, and how long a request may be under way.
TOLERANCE = timedelta(minutes=5)
LABEL = "sig1"
_HEADERS = ("Signature-Input", "Signature")
_COVERED = ("@method", "@target-uri", "content-type", "content-digest")
_INPUT = re.compile(r'sig1=(\((?:"[!-~]+"(?: "[!-~]+")*)\)((?:;[a-z]+=(?:\d{1,12}|"[!-~]*"))*))')
_SIGNATURE = re.compile(r"sig1=:([A-Za-z0-9+/]+={0,2}):")
_CREATED = re.compile(r";created=(\d{1,12})(?:;|$)")


def content_digest(body: bytes) -> str:
    """The value of ``Content-Digest`` (RFC 9530): SHA-256."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(components: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """What is signed (RFC 9421, 2.5).

    :param components: names and values, in the order of the parameters.
    :param parameters: the value of ``@signature-params``.
    """
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def signed_headers(
    method: str, url: str, body: bytes, headers: Mapping[str, str], signer: Signer, *, created: datetime
) -> dict[str, str]:
    """The headers of a signed request with a JSON body: those given, and those of digest and signature.

    :param headers: covered by the signature too; :param created: aware instant of signing.
    :raises MalformedDocument: a header or the address is not ASCII, or has a line break.
    """
    sent = {**headers, "Content-Type": "application/json", "Content-Digest": content_digest(body)}
    names = (*_COVERED, *(name.lower() for name in headers))
    algorithm = ALGORITHMS[signer.public_key.algorithm]
    parameters = (
        f"({' '.join(f'{chr(34)}{name}{chr(34)}' for name in names)});created={int(created.timestamp())}"
        f';keyid="{signer.verification_method}";alg="{algorithm}"'
    )
    base = signature_base(_components(names, method, url, sent), parameters)
    signature = base64.b64encode(signer.sign(base)).decode()
    return {**sent, "Signature-Input": f"{LABEL}={parameters}", "Signature": f"{LABEL}=:{signature}:"}


def verify_request(
    method: str, url: str, body: bytes, headers: Mapping[str, str], key: PublicKey, *, at: datetime
) -> None:
    """Refuse a request that is not what the holder of a key sent just now.

    :param headers: as received, names in any case; :param key: the sender's; :param at: aware instant of receipt.
    :raises InvalidSignature: digest or signature does not fit, the signature covers too little, or its time is past.
    """
    received = {name.lower(): value for name, value in headers.items()}
    stated = _INPUT.fullmatch(received.get("signature-input", ""))
    signature = _SIGNATURE.fullmatch(received.get("signature", ""))
    if stated is None or signature is None:
        raise InvalidSignature(
            Message("the request is not signed"), expected=Message("the headers {names}", names=list(_HEADERS))
        )
    names = re.findall(r'"([!-~]+?)"', stated[1].partition(")")[0])
    if not set(_COVERED) <= set(names) or len(set(names)) != len(names):
        raise InvalidSignature(Message("the signature does not cover enough"), expected=", ".join(_COVERED))
    if not hmac.compare_digest(received.get("content-digest", ""), content_digest(body)):
        raise InvalidSignature(Message("the digest of the body does not fit"))
    created = _CREATED.search(stated[2])
    if created is None or abs(int(created[1]) - at.timestamp()) > TOLERANCE.total_seconds():
        raise InvalidSignature(Message("the signature was not made just now"))
    if any(not name.startswith("@") and name not in received for name in names):
        raise InvalidSignature(Message("a header that the signature covers is missing"))
    try:
        base = signature_base(_components(names, method, url, received), stated[1])
    except MalformedDocument as error:
        raise InvalidSignature(Message("the signature covers what is not here")) from error
    key.verify(base64.b64decode(signature[1]), base)


def _components(names: Sequence[str], method: str, url: str, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    parts = urlsplit(url)
    derived = {
        "@method": method, "@target-uri": url, "@authority": parts.netloc.lower(), "@path": parts.path or "/",
    }  # fmt: skip
    fields = {name.lower(): value.strip() for name, value in headers.items()}
    components = []
    for name in names:
        value = derived.get(name) if name.startswith("@") else fields.get(name)
        if value is None or not value.isascii() or not value.isprintable():
            raise MalformedDocument(Message("{name} of the request", name=name), expected=Message("printable ASCII"))
        components.append((name, value))
    return components
