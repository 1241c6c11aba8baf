"""The signers of the set: test keys from a seed, and the trust lists that name them.

**Everybody has these private keys.** They follow from :data:`SEED` and a name, so that the set can be made again byte
for byte. They are never written anywhere, and no trust list but those of the set may name them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.identity import Algorithm, KeySigner, PrivateKey, did_web, multibase_encode
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, by_language
from passport.vocabulary.credential_types import (
    BATCH,
    CONDITION,
    DECLARATION_TYPE,
    EVENT,
    MODEL,
    MODEL_DETAIL,
    PASSPORT,
    ROLE,
    VERIFICATION_TYPE,
)

SEED = "battery passport interoperability set, test keys, worth nothing"
MAKER_BASE = "https://passport.example.com"
RIVAL_BASE = "https://batteries.example.org"
_KINDS = (MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION, EVENT, ROLE, DECLARATION_TYPE)


def seeded_bytes(name: str) -> bytes:
    """32 bytes that follow from the seed and ``name``."""
    return hashlib.sha256(f"{SEED}: {name}".encode()).digest()


def test_key(name: str, algorithm: Algorithm = Algorithm.P256) -> PrivateKey:
    """The test key of that name. A number beyond the order of the curve, of which there is 1 in 2^32, raises."""
    return PrivateKey.from_multikey(multibase_encode(algorithm.private_prefix + seeded_bytes(name)))


@dataclass(frozen=True)
class Actors:
    """Everybody who signs.

    :ivar maker: did:key, trusted for its addresses; :ivar rival: did:web, trusted for its own.
    :ivar auditor: trusted for countersignatures; :ivar stranger: on no list; :ivar holder: presents.
    :ivar documents: DID documents of the did:web among them, by DID.
    """

    maker: Issuer
    rival: Issuer
    auditor: Issuer
    stranger: Issuer
    holder: Issuer
    documents: Mapping[str, JsonObject]

    @classmethod
    def make(cls) -> Actors:
        names = ("maker", "auditor", "stranger", "holder")
        keys = {name: test_key(name) for name in names}
        of_key = {name: Issuer(key.public_key.did_key, KeySigner(key)) for name, key in keys.items()}
        did, key = did_web.did_for(RIVAL_BASE), test_key("rival")
        document = did_web.document(did, {"key-1": key.public_key})
        return cls(rival=Issuer(did, KeySigner(key, f"{did}#key-1")), documents={did: document}, **of_key)

    @property
    def public_keys(self) -> list[dict[str, Any]]:
        """Whose key is which; public halves alone."""
        listed = []
        for name in ("maker", "rival", "auditor", "stranger", "holder"):
            issuer: Issuer = getattr(self, name)
            key = issuer.signer.public_key
            listed.append(
                {
                    "name": name,
                    "id": issuer.id,
                    "verificationMethod": issuer.signer.verification_method,
                    "publicKeyMultibase": key.multikey,
                    "publicKeyJwk": key.jwk,
                }
            )
        return listed

    def trust_list(self, *, namespaces: bool) -> dict[str, Any]:
        """A trust list as a verifier keeps it.

        :param namespaces: whether it says which batteries each maker may speak of.
        """
        document = {
            "issuers": [
                _entry(self.maker, Message("TEST KEY: maker"), _KINDS, MAKER_BASE if namespaces else None),
                _entry(self.rival, Message("TEST KEY: rival"), _KINDS, RIVAL_BASE if namespaces else None)
                | {"didDocument": self.documents[self.rival.id]},
                _entry(self.auditor, Message("TEST KEY: auditor"), (VERIFICATION_TYPE,), None),
            ]
        }
        TrustList.from_json(document)
        return document


def _entry(issuer: Issuer, name: Message, kinds: tuple[str, ...], base: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": issuer.id, "name": by_language(name), "trustedFor": list(kinds)}
    return entry | ({} if base is None else {"namespaces": {"addresses": [base]}})
