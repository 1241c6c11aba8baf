"""Signs with a key of a signing service, over HTTPS with certificates on both sides.

The request is that of the Cloud Signature Consortium API, version 2, ``signatures/signHash``: digests go out, and as
many signatures come back. The service never sees a document::

    POST https://signer.example/csc/v2/signatures/signHash
    {"credentialID": "issuer-2027", "hashes": ["…"], "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
     "signAlgo": "1.2.840.10045.4.3.2"}
    {"signatures": ["…"]}

* The client certificate says who asks (mutual TLS). Tokens of OAuth, and activation data of one signature (SAD), which
  the API has too, are not sent.
* Threads that sign at the same time share a request: while one is on its way, the digests of all others wait, and go
  out together with the next. :meth:`RemoteSigner.sign_all` sends a batch of its own.
* Each signature is verified before it is used: a service that answers in another order, or with another key, is found
  out with the first one.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from passport.errors import (
    FetchFailed,
    InvalidSignature,
    KeyFileError,
    MalformedDocument,
    RefusedAddress,
    SignerUnavailable,
    UnusableSigner,
    UnverifiedSignature,
)
from passport.identity.http_client import GuardedClient
from passport.identity.keys import Algorithm, PublicKey
from passport.identity.signers.signature_forms import digest, hash_name, raw_signature
from passport.linked_data import strict_json
from passport.texts import Message

#: Digests in one request.
AT_ONCE = 500
#: Files of a project: the client's certificate with its private key, and the authority of the service's certificate.
CLIENT_CERTIFICATE = Path("keys") / "signer-client.pem"
AUTHORITY = Path("keys") / "signer-ca.pem"

_EXAMPLE = "https://signer.example/csc/v2?credentialID=issuer-2027"
_HASH_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3",
}  # fmt: skip
_SIGN_OIDS = {
    Algorithm.P256: "1.2.840.10045.4.3.2", Algorithm.P384: "1.2.840.10045.4.3.3",
    Algorithm.P521: "1.2.840.10045.4.3.4",
}  # fmt: skip


@dataclass(frozen=True)
class RemoteAddress:
    """A key of a signing service. :ivar url: of the API; :ivar credential: its name of the key."""

    url: str
    credential: str

    @classmethod
    def parse(cls, address: str) -> RemoteAddress:
        """:raises UnusableSigner: no https address, or one that names no key."""
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        named = parse_qs(parts.query).get("credentialID", [])
        if parts.scheme != "https" or not parts.hostname or len(named) != 1 or parts.username is not None:
            raise UnusableSigner(Message("not the address of a key of a signing service"), expected=_EXAMPLE)
        return cls(urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", "")), named[0])


class _Asked:
    """A digest that waits for its signature."""

    def __init__(self, digest: bytes) -> None:
        self.digest = digest
        self.signature: bytes | None = None
        self.failure: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.signature is not None or self.failure is not None


class RemoteSigner:
    """Safe to share between threads.

    :param public_key: of the key, from the DID document.
    :param client: with the certificate of the client, see :func:`client_of`.
    :raises UnusableSigner: the key is of Ed25519.
    """

    def __init__(
        self, address: RemoteAddress, verification_method: str, public_key: PublicKey, client: GuardedClient
    ) -> None:
        self.verification_method = verification_method
        self.public_key = public_key
        hash_name(public_key.algorithm)
        self._address = address
        self._client = client.naming(address.url)
        self._queue, self._sending = threading.Lock(), threading.Lock()
        self._waiting: list[_Asked] = []

    def sign(self, data: bytes) -> bytes:
        """:raises SignerUnavailable: the service does not answer, or refuses.

        :raises UnverifiedSignature: what it answered is no signature of this key.
        """
        asked = _Asked(digest(self.public_key.algorithm, data))
        with self._queue:
            self._waiting.append(asked)
        # Whoever has the turn sends what waits: its own digest, and those of all others that came meanwhile.
        while not asked.is_done:
            with self._sending:
                if not asked.is_done:
                    with self._queue:
                        batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                    self._answer(batch)
        if asked.failure is not None:
            raise asked.failure
        assert asked.signature is not None
        return asked.signature

    def sign_all(self, data: Sequence[bytes]) -> list[bytes]:
        """The signatures over several texts, in their order; see :meth:`sign`."""
        digests = [digest(self.public_key.algorithm, each) for each in data]
        return [
            signature
            for start in range(0, len(digests), AT_ONCE)
            for signature in self._signed(digests[start : start + AT_ONCE])
        ]

    def _answer(self, batch: list[_Asked]) -> None:
        try:
            for asked, signature in zip(batch, self._signed([asked.digest for asked in batch]), strict=True):
                asked.signature = signature
        except Exception as error:
            for asked in batch:
                asked.failure = error

    def _signed(self, digests: Sequence[bytes]) -> list[bytes]:
        if not digests:
            return []
        algorithm = self.public_key.algorithm
        request = {
            "credentialID": self._address.credential,
            "hashes": [base64.b64encode(each).decode("ascii") for each in digests],
            "hashAlgorithmOID": _HASH_OIDS[hash_name(algorithm)],
            "signAlgo": _SIGN_OIDS[algorithm],
        }
        try:
            answer = self._client.post_json(f"{self._address.url}/signatures/signHash", json.dumps(request).encode())
            document = strict_json.loads(answer.body)
        except (FetchFailed, RefusedAddress, MalformedDocument) as error:
            raise SignerUnavailable(Message("the signing service did not sign"), found=str(error)[:200]) from error
        return self._verified(document, digests)

    def _verified(self, document: object, digests: Sequence[bytes]) -> list[bytes]:
        listed = document.get("signatures") if isinstance(document, dict) else None
        signatures: list[bytes] = []
        try:
            if not isinstance(listed, list) or len(listed) != len(digests):
                raise ValueError
            for text, signed in zip(listed, digests, strict=True):
                raw = raw_signature(self.public_key.algorithm, base64.b64decode(text, validate=True))
                if raw is None:
                    raise ValueError
                self.public_key.verify_digest(raw, signed)
                signatures.append(raw)
        except (ValueError, TypeError, binascii.Error, InvalidSignature) as error:
            raise UnverifiedSignature(
                Message("the signing service answered with something else than signatures of this key"),
                expected=Message("{n} signatures, in the order of the digests", n=len(digests)),
            ) from error
        return signatures


def client_of(folder: Path, passphrase: bytes | None) -> GuardedClient:
    """A client that shows the certificate of a project.

    :param folder: of the project, with :data:`CLIENT_CERTIFICATE`, and :data:`AUTHORITY` where the service's
        certificate is not of an authority that the system knows.
    :param passphrase: of the private key in the file of the certificate.
    :raises KeyFileError: a file is missing, readable by others, or does not open with the passphrase.
    """
    certificate, authority = folder / CLIENT_CERTIFICATE, folder / AUTHORITY
    try:
        mode = certificate.stat().st_mode
    except OSError as error:
        raise KeyFileError(
            Message("{path} is missing", path=certificate),
            expected=Message("the client certificate for the signing service, with its private key"),
        ) from error
    if mode & 0o077:
        raise KeyFileError(Message("{path} can be read by others", path=certificate), expected=Message("mode 600"))
    context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # A key that is encrypted, and no passphrase: OpenSSL would ask at the terminal.
        context.load_cert_chain(certificate, password=passphrase or b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise KeyFileError(
            Message("{path} cannot be used", path=certificate),
            expected=Message("a certificate and its private key in PEM, and the passphrase of the key"),
        ) from error
    return GuardedClient(tls=context)
