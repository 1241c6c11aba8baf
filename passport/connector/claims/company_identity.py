"""A company's DID document for exchanges, and the documents of other companies.

The document is the issuer's own (``did.json``) with what the protocols need: the key that signs also under
``authentication`` and ``capabilityInvocation``, a key under ``keyAgreement`` to encrypt to, and the services
``CredentialService``, ``IssuerService`` and ``DataService``. Only what is missing is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passport.errors import ProofError
from passport.identity.did import DidResolver, methods_for
from passport.identity.did_web_fetch import DidWebFetcher
from passport.identity.keys import Algorithm, PublicKey
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

_DCP = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"


def exchange_document(
    document: Mapping[str, Any], method: str, agreement: PublicKey, address: str, *, issues: bool = False
) -> JsonObject:
    """A DID document, completed for exchanges.

    :param document: the company's own, with the signing key ``method``.
    :param agreement: key to which data for this company is encrypted.
    :param address: of the connector's root, without a closing slash.
    :param issues: whether it issues memberships.
    """
    did = document["id"]
    completed = dict(document)
    completed["@context"] = [*completed.get("@context", []), *([] if _DCP in completed.get("@context", []) else [_DCP])]
    for purpose in ("authentication", "capabilityInvocation"):
        listed = list(completed.get(purpose, []))
        completed[purpose] = listed if method in listed else [*listed, method]
    sealing = f"{did}#{agreement.multikey}"
    own = {"id": sealing, "type": "Multikey", "controller": did, "publicKeyMultibase": agreement.multikey}
    methods = list(completed.get("verificationMethod", []))
    if all(each.get("id") != sealing for each in methods):
        methods.append(own)
    completed["verificationMethod"] = methods
    listed = list(completed.get("keyAgreement", []))
    completed["keyAgreement"] = listed if sealing in listed else [*listed, sealing]
    services = {
        "CredentialService": f"{address}/holder",
        "DataService": f"{address}/dsp",
        **({"IssuerService": f"{address}/issuer"} if issues else {}),
    }
    kept = [each for each in completed.get("service", []) if each.get("type") not in services]
    completed["service"] = [
        *kept,
        *({"id": f"{did}#{type_}", "type": type_, "serviceEndpoint": endpoint} for type_, endpoint in services.items()),
    ]
    return completed


def agreement_key(document: JsonObject, at: datetime) -> tuple[str, PublicKey]:
    """The key to which data for a company is encrypted: its name and the first P-256 key under ``keyAgreement``.

    :raises ProofError: the document has none.
    """
    # A resolver knows the purposes of signatures only; under one of them, the rules for a method are the same.
    resolver = DidResolver({document["id"]: {**document, "authentication": document.get("keyAgreement", [])}})
    for url in sorted(methods_for(document, "keyAgreement")):
        key = resolver.verification_method(url, "authentication", at=at).public_key
        if key.algorithm is Algorithm.P256:
            return url, key
    raise ProofError(
        Message("the DID document of {did} has no key to encrypt to", did=document["id"]),
        expected=Message("a P-256 key under keyAgreement"),
    )


@dataclass(frozen=True)
class KnownDocuments:
    """DID documents: those at hand first, then did:key and did:jwk, then did:web by request.

    :ivar pinned: by DID; a pinned one is never asked for.
    :ivar fetcher: None: nothing is fetched.
    """

    pinned: Mapping[str, JsonObject] = field(default_factory=dict)
    fetcher: DidWebFetcher | None = None

    def document(self, did: str, *, at: datetime) -> JsonObject:
        """:raises PassportError: there is none, or none that can be had now."""
        if self.fetcher is not None and did not in self.pinned and did.startswith("did:web:"):
            return self.fetcher.fetch(did, at=at)
        return DidResolver(self.pinned).resolve(did)
