"""Who signs the interoperability set: two makers, a rival with other batteries, a stranger, a holder. Test keys all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.battery.derived_context import CONTEXT
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey, did_web, multibase_encode
from passport.proofs import ecdsa_sd_2023

INSTANT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
"""When everything in the set is judged."""
BASE, ELSEWHERE = "https://passport.example.com", "https://rival.example.org"
MODEL, PACK, OTHER = f"{BASE}/id/NL-100", f"{BASE}/id/NL-100/S1", f"{BASE}/id/NL-100/S2"
_SIGNED_AT = INSTANT - timedelta(days=2)
_KINDS = [
    "BatteryModelCredential", "BatteryModelDetailCredential", "BatteryPassportCredential", "BatteryConditionCredential",
]  # fmt: skip


class World:
    """Four signers with published test keys: two makers on the trust list, a rival with other batteries, a stranger."""

    def __init__(self) -> None:
        self.maker, self.rival, self.stranger, self.holder = map(_test_issuer, ("maker", "rival", "stranger", "holder"))
        web_key = _test_key("web")
        did = did_web.did_for(BASE)
        self.web_document = did_web.document(did, {"key-1": web_key.public_key})
        self.web = Issuer(did, KeySigner(web_key, f"{did}#key-1"), DidResolver({did: self.web_document}))
        self.signers = {
            "maker": self.maker, "web": self.web, "rival": self.rival, "stranger": self.stranger, "holder": self.holder,
        }  # fmt: skip

    def trust_list(self) -> dict[str, Any]:
        def entry(issuer: Issuer, name: str, address: str, **more: Any) -> dict[str, Any]:
            names = {"en": f"Test {name}", "zh": f"测试{name}"}
            spaces = {"addresses": [address]}
            return {"id": issuer.id, "name": names, "trustedFor": _KINDS, "namespaces": spaces, **more}

        return {
            "issuers": [
                entry(self.maker, "maker", BASE),
                entry(self.web, "web maker", BASE, didDocument=self.web_document),
                entry(self.rival, "rival", ELSEWHERE),
            ]
        }

    def unsigned(
        self, kind: str, subject: str, claims: dict[str, Any], *, by: Issuer | None = None,
        status: Sequence[tuple[int, str, int]] = ((1, "revocation", 7), (2, "suspension", 7)), **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """A credential about ``subject``; its id follows from what it says, so that the set stays the same."""
        issuer = by or self.maker
        entries = [status_list.entry(f"{BASE}/status/{number}", place, purpose) for number, purpose, place in status]
        about = "BatteryModel" if "Model" in kind else "BatteryPack"
        digest = hashlib.sha256(json_bytes([kind, subject, claims, issuer.id, more])).hexdigest()[:32]
        return {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": f"{BASE}/credentials/{digest}",
            "type": ["VerifiableCredential", kind],
            "issuer": issuer.id,
            "validFrom": date_time(_SIGNED_AT),
            **more,
            **({"credentialStatus": entries} if entries else {}),
            "credentialSubject": {"id": subject, "type": about, **claims},
        }

    def sign(self, document: dict[str, Any], by: Issuer | None = None, **options: Any) -> dict[str, Any]:
        return (by or self.maker).issue(document, created=_SIGNED_AT, **options)

    def model(self, subject: str = MODEL, by: Issuer | None = None) -> dict[str, Any]:
        claims = {"batteryModelIdentifier": "NL-100", "ratedCapacity": "280.0"}
        return self.sign(self.unsigned("BatteryModelCredential", subject, claims, by=by), by)

    def pack(self, subject: str = PACK, by: Issuer | None = None, model: str = MODEL, **more: Any) -> dict[str, Any]:
        claims = {"serialNumber": subject.rsplit("/", 1)[1], "batteryModel": model}
        return self.sign(self.unsigned("BatteryPassportCredential", subject, claims, by=by, **more), by)

    def read_out(self, place: int = 7, day: int = 5, subject: str = PACK) -> dict[str, Any]:
        """A read-out as a derived view: what is mandatory, and the number of cycles."""
        claims = {"recordedAt": f"2027-03-0{day}T08:00:00Z", "numberOfFullCycles": 12, "capacityFade": "1.5"}
        status = ((1, "revocation", place), (3, "refresh", place))
        document = self.unsigned("BatteryConditionCredential", subject, claims, status=status)
        pointers = [
            "/issuer",
            "/validFrom",
            "/credentialStatus",
            "/credentialSubject/id",
            "/credentialSubject/recordedAt",
        ]
        base = self.sign(document, cryptosuite="ecdsa-sd-2023", mandatory_pointers=pointers)
        return ecdsa_sd_2023.derive(base, ["/credentialSubject/type", "/credentialSubject/numberOfFullCycles"])

    def list(self, number: int, *places: int, by: Issuer | None = None, days: int = 1) -> dict[str, Any]:
        purpose = {1: "revocation", 2: "suspension", 3: "refresh"}[number]
        bits = status_list.BitString()
        for place in places:
            bits.set(place, True)
        made, signer = INSTANT - timedelta(days=days), by or self.maker
        until = made + timedelta(days=7)
        unsigned = status_list.status_list_credential(f"{BASE}/status/{number}", signer.id, purpose, bits, made, until)
        return signer.issue(unsigned, created=made)


def _test_key(name: str) -> PrivateKey:
    seed = hashlib.sha256(f"battery-passport interoperability test key, for nothing else: {name}".encode()).digest()
    return PrivateKey.from_multikey(multibase_encode(Algorithm.P256.private_prefix + seed))


def _test_issuer(name: str) -> Issuer:
    key = _test_key(name)
    return Issuer(key.public_key.did_key, KeySigner(key))


def json_bytes(document: Any) -> bytes:
    """A file of the set."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
