"""A registrar with a real key and store, and enterprises with did:web documents of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from passport.battery.identifiers.party_identifier import PartyScheme, credit_character
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.directory.directory_file import directory_file
from passport.directory.enterprise import Enterprise
from passport.identity import KeySigner, PrivateKey, did_web
from passport.identity.did import DidResolver
from passport.publishing.registrar import Registrar
from passport.store import Store
from passport.vocabulary.credential_types import DIRECTORY, IDENTITY

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
BASE = "https://registrar.example"


def credit_code(number: int) -> str:
    first = f"91340100MA{number:07d}"
    return first + credit_character(first)


class Company:
    """An enterprise with keys of its own."""

    def __init__(self, name: str, number: int, **members: Any) -> None:
        self.did = f"did:web:{name}.example"
        self.keys = {"key-1": PrivateKey.generate()}
        self.document = did_web.document(self.did, {name: key.public_key for name, key in self.keys.items()})
        given: dict[str, Any] = {
            "legal_name": {"en": f"{name.title()} Co., Ltd.", "zh": f"{name}有限公司"},
            "country": "CN",
            "roles": ("batteryMaker",),
            "registered": {PartyScheme.CREDIT_CODE: credit_code(number)},
            **members,
        }
        self.enterprise = Enterprise(self.did, **given)

    def issuer(self, key: str = "key-1") -> Issuer:
        signer = KeySigner(self.keys[key], f"{self.did}#{key}")
        return Issuer(self.did, signer, DidResolver({self.did: self.document}))


class DirectoryWorld:
    """The registrar, its store, and the trust list that names it."""

    def __init__(self) -> None:
        self.key = PrivateKey.generate()
        self.did = did_web.did_for(BASE)
        self.document = did_web.document(self.did, {"key-1": self.key.public_key})
        self.store = Store.open("sqlite://")
        issuer = Issuer(
            self.did, KeySigner(self.key, f"{self.did}#key-1"), DidResolver({self.did: self.document})
        )  # fmt: skip
        self.registrar = Registrar(self.store, issuer, BASE)
        self.trusted: dict[str, Any] = {
            "id": self.did,
            "name": {"en": "Registrar"},
            "trustedFor": [IDENTITY, DIRECTORY],
            "didDocument": self.document,
        }

    @property
    def trust(self) -> dict[str, Any]:
        return {"issuers": [self.trusted]}

    @property
    def trust_list(self) -> TrustList:
        return TrustList.from_json(self.trust)

    def take(self, company: Company, at: datetime = NOW, **more: Any) -> dict[str, Any]:
        return self.registrar.issue(company.enterprise, company.document, valid_from=at, **more)

    def file(self, at: datetime = NOW) -> dict[str, Any]:
        made = directory_file(self.store, self.registrar.directory(), at)
        assert made is not None
        return made
