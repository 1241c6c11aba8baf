"""A small world: an issuer with a real key, a stranger, one pack, and a moment that only the test moves."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.status_list import BitString
from passport.credentials.trust import TrustList
from passport.credentials.verifier import VerificationResult, Verifier
from passport.identity import DidResolver, KeySigner, PrivateKey, did_web
from passport.linked_data.contexts import PINNED, ContextLoader

BASE = "https://battery.example.com"
PACK = f"{BASE}/id/NL-100/S00017"
DID_WEB = "did:web:battery.example.com"
TEST_CONTEXT = "https://example.org/contexts/pack/v1"
XSD = "http://www.w3.org/2001/XMLSchema#"
NS = "https://example.org/ns#"

LOADER: ContextLoader = PINNED.extended(
    {
        TEST_CONTEXT: {
            "@context": {
                "@protected": True,
                "PackCredential": NS + "PackCredential",
                "ModelCredential": NS + "ModelCredential",
                "RoleCredential": NS + "RoleCredential",
                "ratedCapacity": {"@id": NS + "ratedCapacity", "@type": XSD + "decimal"},
                "cycles": {"@id": NS + "cycles", "@type": XSD + "integer"},
                "packs": {"@id": NS + "packs", "@type": "@id", "@container": "@set"},
                "part": {"@id": NS + "part", "@type": "@id"},
            }
        }
    }
)


def issuer_of(key: PrivateKey) -> Issuer:
    return Issuer(key.public_key.did_key, KeySigner(key))


@dataclass
class World:
    """Everything that is trusted here is the one ``issuer``; ``stranger`` has a key like anybody else."""

    loader = LOADER
    context = TEST_CONTEXT
    base = BASE
    did_web = DID_WEB
    issuer: Issuer = field(default_factory=lambda: issuer_of(PrivateKey.generate()))
    stranger: Issuer = field(default_factory=lambda: issuer_of(PrivateKey.generate()))
    web_key: PrivateKey = field(default_factory=PrivateKey.generate)
    now: datetime = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)

    @property
    def web_issuer(self) -> Issuer:
        return Issuer(DID_WEB, KeySigner(self.web_key, f"{DID_WEB}#2026"))

    @property
    def web_document(self) -> dict:
        return did_web.document(DID_WEB, {"2026": self.web_key.public_key})

    def trust(self, *extra: dict) -> TrustList:
        kinds = ["PackCredential", "ModelCredential", "RoleCredential"]
        entry = {"id": self.issuer.id, "name": {"en": "Example Battery Co., Ltd."}, "trustedFor": kinds}
        return TrustList.from_json({"issuers": [entry, *extra]}, source="trusted-issuers.json")

    def web_entry(self, pinned: bool = True) -> dict:
        entry = {"id": DID_WEB, "name": {"en": "Example Web Battery"}, "trustedFor": ["PackCredential"]}
        return entry | ({"didDocument": self.web_document} if pinned else {})

    # --- documents ----------------------------------------------------------------------------------------------------

    def unsigned(self, number: int = 1, *, issuer: str | None = None, **changes) -> dict:
        """A pack credential; a change to ``...`` takes a property out."""
        document = {
            "@context": [CREDENTIALS_V2, TEST_CONTEXT],
            "id": f"{BASE}/credentials/{number}",
            "type": ["VerifiableCredential", "PackCredential"],
            "issuer": issuer or self.issuer.id,
            "validFrom": "2026-07-21T00:00:00Z",
            "credentialStatus": [status_list.entry(f"{BASE}/status/1", 4710 + number, "revocation")],
            "credentialSubject": {"id": f"{PACK}{number}", "ratedCapacity": "280.0"},
        } | changes
        return {name: value for name, value in document.items() if value is not ...}

    def sign(self, document: dict, issuer: Issuer | None = None, **options) -> dict:
        return (issuer or self.issuer).issue(document, created=self.now - timedelta(hours=1), loader=LOADER, **options)

    def pack(self, number: int = 1, **changes) -> dict:
        return self.sign(self.unsigned(number, **changes))

    def list(
        self,
        *indexes: int,
        purpose: str = "revocation",
        number: int = 1,
        issuer: Issuer | None = None,
        at: datetime | None = None,
        until: datetime | None = None,
        **changes,
    ) -> dict:
        """A signed status list in which ``indexes`` are set."""
        bits = BitString()
        for index in indexes:
            bits.set(index, True)
        signer, at = issuer or self.issuer, at or self.now - timedelta(minutes=30)
        document = status_list.status_list_credential(f"{BASE}/status/{number}", signer.id, purpose, bits, at, until)
        return signer.issue(document | changes, created=at)

    def verify(self, document, *, verifier: Verifier | None = None, **options) -> VerificationResult:
        at = options.pop("at", self.now)
        return (verifier or self.verifier()).verify(copy.deepcopy(document), at=at, **options)

    def verifier(self, policy=None, resolver: DidResolver | None = None, lists: dict | None = None) -> Verifier:
        return Verifier(policy or self.trust(), resolver, lists, LOADER)

    def saved(self, *documents: dict, **options) -> dict:
        return presentation(documents, **options)

    def role(self, holder: str, **changes) -> dict:
        """A role credential for ``holder``, without a status entry."""
        changes = {
            "type": ["VerifiableCredential", "RoleCredential"],
            "credentialStatus": ...,
            "credentialSubject": {"id": holder, "packs": [PACK]},
            "validUntil": date_time(self.now + timedelta(days=1)),
        } | changes
        return self.sign(self.unsigned(9, **changes))


@pytest.fixture(scope="module")
def world() -> World:
    return World()
