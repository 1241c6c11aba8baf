"""Signing of a write: grain and audience decide the cryptosuite of each credential (docs/decisions/0001).

* A public credential is signed whole with ecdsa-rdfc-2019.
* A restricted one is signed with ecdsa-sd-2023. The read side gets the full derived view. The write side keeps the
  parts of the base proof that the view lacks; :func:`base_credential` makes the base proof again.

Nothing here reads the store, and no lock is held during signing: the key may be slow, or on another machine. A process
pool may sign, each worker with an issuer of its own.

    signed = sign_write(issuer, prepared)
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from passport.battery.linked_documents import RELATED
from passport.credentials.issuer import Issuer
from passport.identity.signer import BatchSigner
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import mandatory_pointers
from passport.proofs import ecdsa_sd_2023
from passport.proofs.sd_value import IssuerPart
from passport.publishing.writes import PreparedWrite, SignedCredential, SignedWrite, UnsignedCredential
from passport.store import StoredCredential
from passport.store.derived_rows import excerpt


@dataclass(frozen=True)
class Signed:
    """:ivar body: what the read side serves, UTF-8 JSON.

    :ivar issuer_part: of a restricted credential what the write side keeps of its base proof, UTF-8 JSON.
    """

    body: bytes
    issuer_part: bytes | None


def sign_write(issuer: Issuer, prepared: PreparedWrite) -> SignedWrite:
    """Sign the credentials of a write. The unsigned documents end here: a worker process answers without them.

    :raises PassportError: as :meth:`Issuer.issue`.
    """
    return _signed_write(prepared, [_signed(issuer, credential) for credential in prepared.credentials])


def sign_writes(issuer: Issuer, prepared: Sequence[PreparedWrite]) -> tuple[SignedWrite, ...]:
    """Sign the credentials of several writes, as :func:`sign_write` does each.

    A key that signs in batches, such as that of a signing service, is asked for many credentials at the same time: it
    sends their digests together (:mod:`passport.identity.signers.remote_signer`).

    :raises PassportError: as :meth:`Issuer.issue`.
    """
    credentials = [credential for write in prepared for credential in write.credentials]
    if len(credentials) < 2 or not isinstance(issuer.signer, BatchSigner):
        return tuple(sign_write(issuer, write) for write in prepared)
    with ThreadPoolExecutor(min(len(credentials), _AT_ONCE), "signing") as pool:
        signed = iter(list(pool.map(lambda credential: _signed(issuer, credential), credentials)))
    return tuple(_signed_write(write, [next(signed) for _ in write.credentials]) for write in prepared)


#: Credentials that are signed at the same time where the key signs in batches.
_AT_ONCE = 64


def _signed_write(prepared: PreparedWrite, credentials: Sequence[SignedCredential]) -> SignedWrite:
    return SignedWrite(replace(prepared, credentials=()), tuple(credentials))


def _signed(issuer: Issuer, credential: UnsignedCredential) -> SignedCredential:
    signed = sign(issuer, credential.document, restricted=credential.restricted, at=credential.issued_at)
    stored = StoredCredential(
        credential.document["id"],
        credential.type,
        credential.subject,
        signed.body,
        credential.content,
        credential.issued_at,
    )
    return SignedCredential(stored, signed.issuer_part, credential.late, excerpt(credential.document))


def sign(issuer: Issuer, document: dict[str, Any], *, restricted: bool, at: datetime) -> Signed:
    """Sign ``document`` for the store.

    :param restricted: whether only some readers may see it.
    :raises PassportError: as :meth:`Issuer.issue`.
    """
    if not restricted:
        return Signed(strict_json.dumps(issuer.issue(document, created=at, cryptosuite="ecdsa-rdfc-2019")), None)
    base = issuer.issue(
        document, created=at, cryptosuite="ecdsa-sd-2023", mandatory_pointers=mandatory_pointers(document)
    )
    view, issuer_part = _full_view(base)
    return Signed(view, strict_json.dumps(issuer_part.to_json()))


def full_view(base: JsonObject) -> bytes:
    """What the read side serves of a restricted credential: the view with everything in it, UTF-8 JSON.

    :param base: the signed credential with its base proof. The same base gives the same bytes each time.
    :raises PassportError: the base proof cannot be read.
    """
    return _full_view(base)[0]


def base_credential(view: JsonObject, kept: JsonObject) -> JsonObject:
    """A restricted credential with its base proof, made again. It is for the issuer alone and is never shown.

    :param view: what the read side serves of it.
    :param kept: what the write side keeps (:meth:`passport.store.reading.StoreQueries.base_proof`). Stores of earlier
        versions kept the whole credential.
    :raises PassportError: one of them cannot be read.
    """
    if "proof" in kept:
        return kept
    return ecdsa_sd_2023.base_document_of(view, IssuerPart.from_json(kept))


def _full_view(base: JsonObject) -> tuple[bytes, IssuerPart]:
    everything = ["/credentialSubject", *([f"/{RELATED}"] if RELATED in base else [])]
    view, issuer_part = ecdsa_sd_2023.derive_full(base, everything)
    return strict_json.dumps(view), issuer_part
