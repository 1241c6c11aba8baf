"""Signs with a key in a PKCS#11 token: a hardware security module, a smart card, SoftHSM.

The key is named by a URI (RFC 7512) without a PIN::

    pkcs11:token=passports;object=issuer-2027?module-path=/usr/lib/softhsm/libsofthsm2.so

* The PIN is the passphrase of the command: it is in no URI, no argument and no environment.
* The token gets digests and signs them (CKM_ECDSA). The key never leaves it.
* The public half is read from the token, and held against the DID document like that of a key in a file.
* A process is logged in to a token once (PKCS #11, section 5.6), so all signers of a process share one session with
  the token, and its turn.

The library ``python-pkcs11`` belongs to the extra ``pkcs11``.
"""

from __future__ import annotations

import hmac
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from cryptography.hazmat.primitives.serialization import load_der_public_key

from passport.errors import MalformedKey, SignerUnavailable, UnusableSigner
from passport.identity.keys import PublicKey
from passport.identity.signers.signature_forms import digest, hash_name
from passport.texts import Message

SCHEME = "pkcs11:"
_EXAMPLE = "pkcs11:token=passports;object=issuer?module-path=/usr/lib/softhsm/libsofthsm2.so"
_PATH = frozenset({"token", "object", "id", "serial", "manufacturer", "model", "type"})


@dataclass(frozen=True)
class Pkcs11Address:
    """A key in a token.

    :ivar module: the token's library.
    :ivar object: label of the key; :ivar id: its CKA_ID. One of them is there.
    """

    module: Path
    token: str | None
    serial: str | None
    object: str | None
    id: bytes | None

    @classmethod
    def parse(cls, uri: str) -> Pkcs11Address:
        """:raises UnusableSigner: no PKCS#11 URI, one without a module or key, or one with a PIN."""
        if not uri.startswith(SCHEME) or not re.fullmatch(r"[!-~]+", uri):
            raise UnusableSigner(Message("not a PKCS#11 address"), expected=_EXAMPLE)
        path, _, query = uri.removeprefix(SCHEME).partition("?")
        attributes = dict(part.partition("=")[::2] for part in path.split(";") if part)
        options = dict(part.partition("=")[::2] for part in query.split("&") if part)
        if any(name.startswith("pin") for name in (*options, *attributes)):
            raise UnusableSigner(
                Message("the address of the key holds a PIN"),
                expected=_EXAMPLE,
                hint=Message("Take it out, and put it into a file: --passphrase-file FILE."),
            )
        unknown = sorted(set(attributes) - _PATH) + sorted(set(options) - {"module-path", "module-name"})
        module = unquote(options.get("module-path", ""))
        if unknown or not module or not {"object", "id"} & set(attributes):
            raise UnusableSigner(
                Message("the PKCS#11 address does not name a module and a key"),
                expected=_EXAMPLE,
                found=", ".join(unknown)[:200] or None,
            )
        named = {name: unquote(attributes[name]) for name in ("token", "serial", "object") if name in attributes}
        return cls(
            Path(module), named.get("token"), named.get("serial"), named.get("object"),
            unquote_to_bytes(attributes["id"]) if "id" in attributes else None,
        )  # fmt: skip


class Pkcs11Signer:
    """:param verification_method: DID URL of the key.

    :param pin: of the token's user.
    :raises UnusableSigner: the library, the token or the key is not there, or the PIN is wrong.
    """

    def __init__(self, address: Pkcs11Address, verification_method: str, pin: bytes | None) -> None:
        self.verification_method = verification_method
        pkcs11 = _library()
        self._error: type[Exception] = pkcs11.exceptions.PKCS11Error
        self._mechanism = pkcs11.Mechanism.ECDSA
        try:
            self._session = _session(pkcs11, address, pin)
            wanted = {"label": address.object, "id": address.id}
            wanted = {name: value for name, value in wanted.items() if value is not None}
            with self._session.turn:
                opened = self._session.opened
                self._key = opened.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, **wanted)
                public = opened.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, **wanted)
                self.public_key = _public_key(pkcs11, public)
        except (self._error, RuntimeError, OSError, UnicodeDecodeError) as error:
            raise UnusableSigner(
                Message("the key in the PKCS#11 token cannot be used"),
                expected=Message("a token with this key, and its PIN in --passphrase-file"),
                found=_words(error),
            ) from error
        hash_name(self.public_key.algorithm)

    def sign(self, data: bytes) -> bytes:
        """:raises SignerUnavailable: the token does not sign: it was pulled, or its session ended."""
        # A session does one operation at a time.
        with self._session.turn:
            try:
                signature = self._key.sign(digest(self.public_key.algorithm, data), mechanism=self._mechanism)
            except (self._error, RuntimeError) as error:
                raise SignerUnavailable(Message("the PKCS#11 token did not sign"), found=_words(error)) from error
        return bytes(signature)

    def close(self) -> None:
        """End the session of this process with the token, for all its signers."""
        with _opening:
            for name, session in list(_sessions.items()):
                if session is self._session:
                    del _sessions[name]
        with self._session.turn:
            self._session.opened.close()


@dataclass(frozen=True)
class _TokenSession:
    """A session of this process with a token.

    :ivar pin: with which it was opened; :ivar asked: whether the token was asked for it, and not logged in to already.
    """

    opened: Any
    pin: bytes | None
    asked: bool
    turn: threading.Lock


_sessions: dict[tuple[Path, str], _TokenSession] = {}
_opening = threading.Lock()


def _session(pkcs11: Any, address: Pkcs11Address, pin: bytes | None) -> _TokenSession:
    token = pkcs11.lib(str(address.module)).get_token(
        **({"token_label": address.token} if address.token is not None else {}),
        **({"token_serial": address.serial.encode()} if address.serial is not None else {}),
    )
    name = (address.module, f"{token.label} {token.serial!r}")
    with _opening:
        known = _sessions.get(name)
        if known is None:
            asked = True
            try:
                opened = token.open(user_pin=None if pin is None else pin.decode())
            except pkcs11.exceptions.UserAlreadyLoggedIn:
                # Another part of this process logged in, and each session of a process shares that state.
                opened, asked = token.open(), False
            known = _sessions[name] = _TokenSession(opened, pin, asked, threading.Lock())
        elif known.asked and not hmac.compare_digest(known.pin or b"", pin or b""):
            # The token would not ask again.
            raise pkcs11.exceptions.PinIncorrect
    return known


def _library() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise UnusableSigner(
            Message("the library for PKCS#11 is not installed"),
            hint=Message("Install it: {command}", command='pip install "battery-passport[pkcs11]"'),
        ) from error
    return pkcs11


def _public_key(pkcs11: Any, key: Any) -> PublicKey:
    from pkcs11.util.ec import encode_ec_public_key

    try:
        return PublicKey.from_object(load_der_public_key(encode_ec_public_key(key)))
    except (ValueError, TypeError, KeyError, MalformedKey, pkcs11.exceptions.AttributeTypeInvalid) as error:
        raise UnusableSigner(
            Message("the key in the PKCS#11 token is of another kind"),
            expected=Message("a key of P-256, P-384 or P-521"),
        ) from error


def _words(error: Exception) -> str:
    """The class of the error, such as PinIncorrect, and what the library says of it."""
    return f"{type(error).__name__} {error}".strip()[:200]
