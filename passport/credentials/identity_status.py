"""The identity credential that a credential rests on: named by id and digest, with its status entries beside its own.

A role or an accreditation is given to an enterprise whose identity another issuer states: a registrar. It names that
identity in its subject (``identityCredential``, ``identityDigest``), and its ``credentialStatus`` has the entries of
the identity behind its own. Each of these entries names the identity, too::

    {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", …,
     "identityCredential": "https://registrar.example/credentials/…"}

* So a revoked or suspended identity reaches what rests on it, in every verifier that checks status entries.
* The list of such an entry counts where the issuer of the credential signed it, or where the policy accepts its signer
  for identities. The list's own ``issuer`` names the signer. The issuer of the credential signs the list's address.
* No credential outlives the identity that it rests on: its issuer ends it with the identity (:attr:`RestsOn.until`).
* Another identity of the same enterprise has another digest. What rests on the former one is issued anew.

By Bitstring Status List 1.0 the issuer of a list may be another than that of the credential, and the verifier makes
sure that it trusts both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials.digests import document_digest
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.credentials.verification_result import CredentialResult
from passport.linked_data.json_types import JsonObject

#: Type of the credential that states who an enterprise is.
IDENTITY_TYPE = "EnterpriseIdentityCredential"
#: Members of the subject of a credential that rests on an identity. The first is a member of its status entries, too.
NAMED, DIGEST = "identityCredential", "identityDigest"


@dataclass(frozen=True)
class RestsOn:
    """The identity that a credential is to rest on.

    :ivar id: of the identity credential; :ivar digest: of it as it is signed (:mod:`passport.credentials.digests`).
    :ivar holder: DID of the enterprise.
    :ivar entries: status entries for the credential that rests on it.
    :ivar until: end of the identity; None without one.
    """

    id: str
    digest: str
    holder: str
    entries: tuple[JsonObject, ...]
    until: datetime | None

    @classmethod
    def of(cls, identity: JsonObject) -> RestsOn:
        """:param identity: signed, and verified by the caller."""
        name = str(identity["id"])
        entries = tuple(
            {**entry, NAMED: name}
            for entry in vcdm.status_entries(identity)
            if entry.get("statusPurpose") in (REVOCATION, SUSPENSION)
        )
        holder = str(identity["credentialSubject"]["id"])
        return cls(name, document_digest(identity), holder, entries, vcdm.valid_until(identity))

    @property
    def members(self) -> JsonObject:
        """Members of the subject of the credential that rests on it."""
        return {NAMED: self.id, DIGEST: self.digest}

    def ends(self, until: datetime) -> datetime:
        """The end of a credential that was to end at ``until``."""
        return until if self.until is None else min(until, self.until)


def identity_of(entry: Mapping[str, object]) -> str | None:
    """Id of the identity whose status an entry is; None where it is the credential's own status."""
    name = entry.get(NAMED)
    return name if isinstance(name, str) else None


def misnamed(credentials: Sequence[CredentialResult]) -> Iterator[CredentialResult]:
    """The credentials that name an identity of the file by another digest than its own, or one of another subject."""
    by_id = {each.id: each for each in credentials if IDENTITY_TYPE in each.types and each.document is not None}
    for result in credentials:
        for subject in vcdm.subjects(result.document or {}):
            identity = by_id.get(str(subject.get(NAMED)))
            if identity is None or identity.document is None or IDENTITY_TYPE in result.types or "id" not in subject:
                continue
            is_named = subject.get(DIGEST) == document_digest(dict(identity.document))
            if not is_named or subject["id"] not in identity.subjects:
                yield result
