"""Opens the signer that a project names: a key in a PKCS#11 token, or one of a signing service.

open_signer("pkcs11:token=passports;object=issuer?module-path=…", url, folder, passphrase, resolver)
open_signer("https://signer.example/csc/v2?credentialID=issuer-2027", url, folder, passphrase, resolver)
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from passport.errors import UnusableSigner
from passport.identity.did import DidResolver
from passport.identity.signer import Signer
from passport.identity.signers.pkcs11_signer import SCHEME, Pkcs11Address, Pkcs11Signer
from passport.identity.signers.remote_signer import RemoteAddress, RemoteSigner, client_of
from passport.texts import Message


def open_signer(
    address: str, verification_method: str, folder: Path, passphrase: bytes | None, resolver: DidResolver
) -> Signer:
    """The signer behind an address.

    :param verification_method: DID URL of its key; :param resolver: has the DID document.
    :param folder: of the project, with the client certificate for a signing service.
    :param passphrase: the PIN of a token, or the passphrase of the client certificate's key.
    :raises UnusableSigner: the address is none, or no key is behind it.
    :raises KeyFileError: the client certificate cannot be used.
    :raises ProofError: the DID document has no such verification method.
    """
    if address.startswith(SCHEME):
        return Pkcs11Signer(Pkcs11Address.parse(address), verification_method, passphrase)
    if address.startswith("https://"):
        remote = RemoteAddress.parse(address)
        # Before any end of the key: whether it still counts is asked with the first signature.
        method = resolver.verification_method(verification_method, "assertionMethod", at=datetime(1, 1, 1, tzinfo=UTC))
        return RemoteSigner(remote, verification_method, method.public_key, client_of(folder, passphrase))
    raise UnusableSigner(
        Message("the signer is of no known kind"),
        expected=Message("{first} or {second}", first="pkcs11:…", second="https://…"),
        found=address.partition(":")[0][:40],
    )
