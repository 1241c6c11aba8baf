"""Files of private keys: PKCS#8 in PEM, readable by their owner only, encrypted where a passphrase is given.

* A key file is created (``O_EXCL``), never overwritten: replacing a key is a decision, not a side effect.
* Mode 600 from the first byte on. A file that group or others can read is not opened as a key: it may have been copied.
* Encryption is PBES2 with scrypt (N 2^14, r 8, p 5) and AES-256-CBC (RFC 8018, RFC 7914), which OpenSSL reads as well.
  The default of the ``cryptography`` package derives the key with 2,048 rounds of PBKDF2, too few to protect a stolen
  file from guesses of its passphrase. Hence the few lines of DER below.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from passport.errors import KeyFileError
from passport.texts import Message

MAX_KEY_FILE_BYTES = 16_384

# 16 MiB of memory and about a fifth of a second for each guess; within the 32 MiB that OpenSSL allows when reading.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 5

_PBES2 = bytes.fromhex("2a864886f70d01050d")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
_AES_256_CBC = bytes.fromhex("60864801650304012a")


def write(path: Path, key: PrivateKeyTypes, passphrase: bytes | None) -> None:
    """Create ``path`` with the PKCS#8 PEM of ``key``.

    :param passphrase: encrypts the file; ``None`` leaves it in the clear, guarded by its mode alone.
    :raises KeyFileError: the file exists, its folder does not, or the passphrase is empty.
    """
    if passphrase is not None and not passphrase:
        raise KeyFileError(
            Message("an empty passphrase protects nothing"), hint=Message("Give a passphrase, or none at all.")
        )
    if passphrase is None:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    else:
        pem = _encrypted_pem(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), passphrase)
    create(path, pem)


def create(path: Path, data: bytes) -> None:
    """Create ``path`` with a secret in it, mode 600 from the first byte on.

    :raises KeyFileError: the file exists, or its folder does not.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except FileExistsError:
        raise KeyFileError(
            Message("{path} exists already", path=path),
            hint=Message("A key file is never overwritten: choose another name, or move the old one."),
        ) from None
    except OSError as error:
        raise KeyFileError(
            Message("{path} cannot be created: {strerror}", path=path, strerror=error.strerror)
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            os.unlink(path)  # half a key would block the name and open nothing
        raise KeyFileError(
            Message("{path} cannot be written: {strerror}", path=path, strerror=error.strerror)
        ) from None


def read(path: Path, passphrase: bytes | None) -> PrivateKeyTypes:
    """The private key object in ``path``.

    :raises KeyFileError: missing, not a plain file, readable by others, not PKCS#8 PEM, or the passphrase is wrong,
        missing or not needed.
    """
    pem = read_guarded(path)
    try:
        return load_pem_private_key(pem, passphrase)
    except TypeError:
        # cryptography says by TypeError that a passphrase is missing, or given and not needed.
        if passphrase is None:
            raise KeyFileError(
                Message("{path} is encrypted", path=path), hint=Message("Give its passphrase.")
            ) from None
        raise KeyFileError(
            Message("{path} is not encrypted", path=path),
            expected=Message("a key that the passphrase opens"),
            hint=Message("Load it without a passphrase, and consider whether it should have one."),
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        # The library's own text is left out: it may quote what it parsed.
        if passphrase is not None:
            raise KeyFileError(Message("{path} does not open with this passphrase", path=path)) from None
        raise KeyFileError(
            Message("{path} holds no private key", path=path), expected=Message("PKCS#8 in PEM")
        ) from None


def read_guarded(path: Path) -> bytes:
    """The bytes of a file with a secret.

    :raises KeyFileError: missing, not a plain file, readable by others, or too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise KeyFileError(Message("{path} cannot be read: {strerror}", path=path, strerror=error.strerror)) from None
    try:
        # The mode is asked of the opened file, not of the path, so that nothing can be exchanged in between.
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise KeyFileError(Message("{path} is not a file", path=path))
        if os.name == "posix" and state.st_mode & 0o077:
            raise KeyFileError(
                Message("{path} can be read by others", path=path),
                expected=Message("mode 600"),
                found=Message("mode {mode:o}", mode=stat.S_IMODE(state.st_mode)),
                hint=Message("chmod 600 {path}  (and replace the key if it may have been copied)", path=path),
            )
        if state.st_size > MAX_KEY_FILE_BYTES:
            raise KeyFileError(
                Message("{path} holds no private key", path=path),
                expected=Message("at most {max_key_file_bytes} bytes", max_key_file_bytes=MAX_KEY_FILE_BYTES),
            )
        return os.read(descriptor, MAX_KEY_FILE_BYTES)
    except OSError as error:
        raise KeyFileError(Message("{path} cannot be read: {strerror}", path=path, strerror=error.strerror)) from None
    finally:
        os.close(descriptor)


def _encrypted_pem(pkcs8: bytes, passphrase: bytes) -> bytes:
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(16)
    key = Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)
    padding = 16 - len(pkcs8) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(pkcs8 + bytes([padding]) * padding) + encryptor.finalize()
    derivation = _sequence(
        _der(0x06, _SCRYPT),
        _sequence(_der(0x04, salt), _integer(SCRYPT_N), _integer(SCRYPT_R), _integer(SCRYPT_P)),
    )
    scheme = _sequence(_der(0x06, _AES_256_CBC), _der(0x04, iv))
    der = _sequence(_sequence(_der(0x06, _PBES2), _sequence(derivation, scheme)), _der(0x04, sealed))
    body = base64.encodebytes(der).replace(b"\n", b"")
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return b"\n".join([b"-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, b"-----END ENCRYPTED PRIVATE KEY-----", b""])


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))
