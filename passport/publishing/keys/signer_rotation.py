"""Rotation to a key that is in no file: in a PKCS#11 token, or at a signing service.

The key was made there. Its public half joins the DID document, the old key is retired, and ``passport.toml`` names the
new signer: the steps of a rotation of key files (:mod:`passport.publishing.keys.key_rotation`), in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from passport.errors import UnusableSigner, UsageError
from passport.identity import did_rotation
from passport.identity.keys import PublicKey
from passport.identity.signer import Signer
from passport.identity.signers.pkcs11_signer import SCHEME, Pkcs11Address, Pkcs11Signer
from passport.identity.signers.remote_signer import RemoteAddress, RemoteSigner, client_of
from passport.project import CONFIGURATION, Project
from passport.publishing.keys.key_history import KeyEvent
from passport.publishing.keys.key_rotation import Rotation, current_document, note, publish, rotation_turn
from passport.publishing.keys.project_files import replace_file, with_settings
from passport.texts import Message


def rotate_to(
    project: Project, address: str, passphrase: bytes | None, *, at: datetime, public_key: PublicKey | None = None
) -> Rotation:
    """Begin to use the key behind an address, and keep the old one in the DID document for what it signed.

    The key signs a text first, so that no project names a signer that does not sign.

    :param passphrase: the PIN of the token, or the passphrase of the client certificate's key.
    :param public_key: of a key at a service, which its operator states; a token states it itself.
    :raises FixedKey: the issuer is a did:key.
    :raises UsageError: the key is in use already.
    :raises UnusableSigner: no such key is behind the address, or its public half is not known.
    :raises SignerUnavailable: it does not sign.
    :raises UnusableProject: the project's DID documents contradict each other, or a file cannot be written.
    """
    with rotation_turn(project):
        document = current_document(project)
        fragment = did_rotation.next_fragment(document)
        signer = _signer(project, address, f"{project.issuer}#{fragment}", passphrase, public_key)
        signer.public_key.verify(signer.sign(b"the first signature"), b"the first signature")
        # A rotation that was interrupted goes on with the name that the key has.
        fragment = _listed(document, signer.public_key) or fragment
        url = f"{project.issuer}#{fragment}"
        if url == project.verification_method:
            raise UsageError(Message("this key is in use already"), expected=Message("another key"))
        made = did_rotation.with_key(document, fragment, signer.public_key)
        made = did_rotation.retired(made, project.verification_method.partition("#")[2])
        note(project, KeyEvent(at, "retired", project.verification_method))
        publish(project, made, at)
        note(project, KeyEvent(at, "in-use", url, replaces=project.verification_method))
        path = project.folder / CONFIGURATION
        text = with_settings(path.read_text(encoding="utf-8"), {"verification_method": url, "signer": address})
        replace_file(path, text.encode())
    changed = replace(Project.open(project.folder), store=project.store)
    return Rotation(changed, project.verification_method, url, changed.key_path, "rotated", False)


def _listed(document: Mapping[str, Any], public_key: PublicKey) -> str | None:
    """The name of the key in the document, where it is there."""
    known = (method for method in did_rotation.methods(document) if method.multikey == public_key.multikey)
    return next((method.fragment for method in known), None)


def _signer(project: Project, address: str, url: str, passphrase: bytes | None, public_key: PublicKey | None) -> Signer:
    if address.startswith(SCHEME):
        return Pkcs11Signer(Pkcs11Address.parse(address), url, passphrase)
    remote = RemoteAddress.parse(address)
    if public_key is None:
        raise UnusableSigner(
            Message("the public half of the key at the service is not known"),
            expected=Message("--multikey with the key that the service's operator states"),
        )
    return RemoteSigner(remote, url, public_key, client_of(project.folder, passphrase))
