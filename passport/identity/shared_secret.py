"""A secret that several parties share, such as the key under which they hash the numbers of vehicles.

* It has an id that says nothing about it, and it is never shown: not in ``repr``, not in an error.
* Its file is a JSON Web Key of type ``oct`` (RFC 7517), readable by its owner only (mode 600).
* It goes to another party encrypted to that party's key (:mod:`passport.identity.jwe`), and in no other way.

    secret = SharedSecret.generate()
    secret.save(Path("keys/vehicles/4f1c….jwk"))
    token = secret.sealed_for(recipient, kind="vehicle-key")
    SharedSecret.opened(token, private_key, kind="vehicle-key") == secret
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from pathlib import Path
from typing import NoReturn

from passport.errors import KeyFileError, MalformedDocument, MalformedKey, UsageError
from passport.identity import jwe, key_file
from passport.identity.keys import PrivateKey, PublicKey
from passport.linked_data import strict_json
from passport.texts import Message

BYTES = 32
SUFFIX = ".jwk"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class SharedSecret:
    """32 random bytes with an id."""

    __slots__ = ("id", "value")

    id: str
    value: bytes

    def __init__(self, id_: str, value: bytes) -> None:
        """:raises MalformedKey: the id is not 1 to 64 letters, digits, ``.``, ``_`` and ``-``; or not 32 bytes."""
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            raise MalformedKey(
                Message("a shared secret without a proper id"),
                expected=Message("1 to 64 letters, digits, full stops, hyphens and low lines"),
            )
        if len(value) != BYTES:
            raise MalformedKey(
                Message("a shared secret of the wrong length"), expected=Message("{count} bytes", count=BYTES)
            )
        self.id = id_
        self.value = value

    @classmethod
    def generate(cls, id_: str | None = None) -> SharedSecret:
        """A new one from the operating system's random numbers. :param id_: None makes a random one."""
        return cls(id_ or secrets.token_hex(8), secrets.token_bytes(BYTES))

    # --- files ------------------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Create ``path``; an existing file is never overwritten.

        :raises KeyFileError: the file exists, or cannot be written.
        """
        key_file.create(path, self._document())

    @classmethod
    def load(cls, path: Path) -> SharedSecret:
        """:raises KeyFileError: missing, readable by others, or no such key."""
        try:
            return cls._of(key_file.read_guarded(path))
        except (MalformedDocument, MalformedKey):
            raise KeyFileError(
                Message("{path} holds no shared secret", path=path), expected=Message("a JSON Web Key of type oct")
            ) from None

    # --- on its way to another party --------------------------------------------------------------------------------

    def sealed_for(self, recipient: PublicKey, *, kind: str, kid: str | None = None) -> str:
        """A compact JWE for the holder of a key.

        :param kind: what the secret is for, such as ``vehicle-key``; :param kid: verification method of the key.
        :raises MalformedKey: the key is not P-256.
        """
        return jwe.encrypt(self._document(), recipient, typ=f"{kind}+jwe", kid=kid)

    @classmethod
    def opened(cls, token: str, key: PrivateKey, *, kind: str) -> SharedSecret:
        """The secret in a message.

        :raises MalformedDocument: it is no such message.
        :raises UnopenedMessage: the key does not open it.
        :raises MalformedKey: what was in it is no shared secret.
        """
        return cls._of(jwe.decrypt(token.strip(), key, typ=f"{kind}+jwe"))

    def _document(self) -> bytes:
        value = base64.urlsafe_b64encode(self.value).rstrip(b"=").decode("ascii")
        return strict_json.dumps({"kty": "oct", "kid": self.id, "use": "sig", "alg": "HS256", "k": value})

    @classmethod
    def _of(cls, data: bytes) -> SharedSecret:
        document = strict_json.loads(data, max_bytes=1_000)
        if not isinstance(document, dict) or document.get("kty") != "oct" or document.get("alg") != "HS256":
            raise MalformedKey(Message("no shared secret"), expected=Message("a JSON Web Key of type oct"))
        text = document.get("k")
        if not isinstance(text, str) or not _VALUE.fullmatch(text):
            raise MalformedKey(
                Message("a shared secret of the wrong length"), expected=Message("{count} bytes", count=BYTES)
            )
        return cls(str(document.get("kid", "")), base64.urlsafe_b64decode(text + "="))

    # --- what it never does -----------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedSecret) and self.id == other.id and hmac.compare_digest(self.value, other.value)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<SharedSecret {self.id}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise UsageError(Message("a shared secret can be neither pickled nor copied"))
