"""Resolution of DIDs to the keys that may sign for them, without a network.

* did:key and did:jwk documents are computed; another document for the same DID is refused. Such a DID without a
  fragment names its one key.
* All other documents come from the caller: from the trust list, or enclosed in a saved passport. Which of the two it
  was makes a difference to *trust*, not to the signature, and is decided elsewhere (``credentials.trust``).
* A verification method counts only if the DID document itself lists it under the purpose asked for (Controlled
  Identifiers 1.0, section 3.3), names the DID as its controller, and is neither expired nor revoked at that instant.
  The instant is that of the verification: a thief writes any date into a proof. (docs/decisions/0012)
* A document is hostile until checked: each wrong shape is a :class:`~passport.errors.ProofError`.

    resolver = DidResolver({"did:web:battery.example.com": document})
    method = resolver.verification_method("did:web:battery.example.com#2026", "assertionMethod", at=now)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from passport.errors import MalformedKey, ProofError, UnresolvableDid
from passport.identity import did_jwk, did_key
from passport.identity.keys import PublicKey
from passport.identity.multibase import shorten
from passport.identity.multikey import decode_multikey
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

PURPOSES = frozenset(did_key.PURPOSES)

_MAX_METHODS = 1000
#: A did:key of the longest key has 300 characters with its fragment, a did:jwk some more.
_MAX_KEPT_URL = 1024
_COMPUTED = {did_key.PREFIX: did_key.document, did_jwk.PREFIX: did_jwk.document}


def is_computed(did: str) -> bool:
    """Whether the document of ``did`` follows from the DID itself, so that no party has to vouch for it."""
    return did.startswith(tuple(_COMPUTED))


@dataclass(frozen=True)
class VerificationMethod:
    """A public key with the DID that controls it.

    :param purposes: the proof purposes under which the controller's document lists it.
    :param expires: from this instant on, the key verifies nothing; None where open.
    :param revoked: the same, for a key that was withdrawn.
    """

    id: str
    controller: str
    public_key: PublicKey
    purposes: frozenset[str]
    expires: datetime | None = None
    revoked: datetime | None = None

    def usable_at(self, at: datetime | None) -> bool:
        """Whether the key counts at ``at``; without an instant, only a key without any end does."""
        ends = [end for end in (self.expires, self.revoked) if end is not None]
        return not ends or (at is not None and at < min(ends))


@dataclass(frozen=True)
class DidResolver:
    """DID documents at hand. ``documents`` maps a DID to its document."""

    documents: Mapping[str, JsonObject] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "documents", MappingProxyType(dict(self.documents)))

    def extended(self, documents: Mapping[str, JsonObject]) -> DidResolver:
        """A resolver that knows ``documents`` too. What it knew before wins: an enclosed document replaces nothing."""
        return DidResolver({**documents, **self.documents})

    def resolve(self, did: str) -> JsonObject:
        """The DID document of ``did``.

        :raises MalformedKey: a did:key or did:jwk that holds no key.
        :raises UnresolvableDid: no document at hand, or the DID is of an unknown method.
        :raises ProofError: the document at hand speaks of another DID, or is no document.
        """
        if not isinstance(did, str) or not did.startswith("did:"):
            raise UnresolvableDid(
                Message("not a DID"),
                expected=Message("did:key:…, did:jwk:… or did:web:…"),
                found=shorten(str(did)),
                hint=Message("Only DIDs have documents."),
            )
        for prefix, compute in _COMPUTED.items():
            if did.startswith(prefix):
                return compute(did)
        document = self.documents.get(did)
        if document is None:
            raise UnresolvableDid(Message("no DID document at hand for {did}", did=did))
        if not isinstance(document, dict) or document.get("id") != did:
            raise ProofError(
                Message("the DID document given for {did} is not its own", did=did),
                expected=Message("id {did}", did=did),
            )
        return document

    def verification_method(self, url: str, purpose: str, *, at: datetime | None = None) -> VerificationMethod:
        """The method ``url`` names, if its controller lists it under ``purpose``.

        :param url: absolute DID URL with a fragment, as in ``proof.verificationMethod``; of a did:key or did:jwk, which
            has one key only, also the DID alone.
        :param purpose: proof purpose, such as ``assertionMethod``.
        :param at: aware instant of verification. Without it, a method that expires or was revoked is refused.
        :raises UnresolvableDid: the DID document is not at hand.
        :raises MalformedKey: the method holds no key that we know.
        :raises ProofError: no such method, not for this purpose, not its own controller, expired or revoked.
        """
        if isinstance(url, str) and is_computed(url):
            if "#" not in url:
                url = self.resolve(url)["verificationMethod"][0]["id"]
            if len(url) <= _MAX_KEPT_URL:
                return _computed_method(url, purpose)
        return self._method_of_document(url, purpose, at)

    def _method_of_document(self, url: str, purpose: str, at: datetime | None) -> VerificationMethod:
        if not isinstance(url, str) or url.count("#") != 1 or url.endswith("#"):
            raise ProofError(
                Message("not a verification method"), expected=Message("a DID, '#' and a name"), found=shorten(str(url))
            )
        did = url.partition("#")[0]
        document = self.resolve(did)
        method = _method(document, did, url)
        purposes = frozenset(name for name in PURPOSES if url in _references(document, did, name))
        if purpose not in purposes:
            if (revoked := _instant(method, "revoked")) is not None:
                # A revoked method is under no purpose. Why it is not says more than that it is not.
                raise ProofError(Message("{url} is revoked", url=url), found=str(revoked))
            raise ProofError(
                Message("{url} is not a key for {purpose}", url=url, purpose=purpose),
                expected=Message("the method under {purpose} in its DID document", purpose=purpose),
                found=", ".join(sorted(purposes)) or Message("no purpose"),
            )
        verification_method = VerificationMethod(
            url, did, _public_key(method, url), purposes, _instant(method, "expires"), _instant(method, "revoked")
        )
        if not verification_method.usable_at(at):
            if verification_method.revoked is not None:
                raise ProofError(Message("{url} is revoked", url=url), found=str(verification_method.revoked))
            raise ProofError(Message("{url} is expired", url=url), found=str(verification_method.expires))
        return verification_method


# A did:key or did:jwk follows from itself and has no end: its method is the same for every resolver at every instant.
# Bounded, since a stranger makes as many as they like; what raises is not kept.
@lru_cache(maxsize=4096)
def _computed_method(url: str, purpose: str) -> VerificationMethod:
    return DidResolver()._method_of_document(url, purpose, None)


def methods_for(document: JsonObject, purpose: str) -> frozenset[str]:
    """The verification methods that a DID document lists under ``purpose``, as absolute DID URLs.

    Whether they can be used is not looked at: :meth:`DidResolver.verification_method` does that.

    :raises ProofError: the document is malformed.
    """
    return frozenset(_references(document, document["id"], purpose))


def _entries(document: JsonObject, name: str) -> list[Any]:
    value = document.get(name, [])
    entries = value if isinstance(value, list) else [value]
    if len(entries) > _MAX_METHODS:
        raise ProofError(
            Message("{name} of a DID document", name=name),
            expected=Message("at most {max_methods} entries", max_methods=_MAX_METHODS),
            found=str(len(entries)),
        )
    for entry in entries:
        if not isinstance(entry, (str, dict)) or (isinstance(entry, dict) and not isinstance(entry.get("id"), str)):
            raise ProofError(
                Message("{name} of a DID document", name=name), expected=Message("verification methods with an id")
            )
    return entries


def _absolute(reference: str, did: str) -> str:
    return did + reference if reference.startswith("#") else reference


def _references(document: JsonObject, did: str, purpose: str) -> set[str]:
    return {_absolute(entry if isinstance(entry, str) else entry["id"], did) for entry in _entries(document, purpose)}


def _method(document: JsonObject, did: str, url: str) -> JsonObject:
    listed = [entry for name in ("verificationMethod", *sorted(PURPOSES)) for entry in _entries(document, name)]
    methods = [entry for entry in listed if isinstance(entry, dict) and _absolute(entry["id"], did) == url]
    if not methods:
        raise ProofError(Message("the DID document of {did} has no {url}", did=did, url=url))
    # Two keys under one name let a document show one key to one reader and the other to the next.
    if len(methods) > 1:
        raise ProofError(Message("the DID document of {did} has {url} twice", did=did, url=url))
    if methods[0].get("controller") != did:
        raise ProofError(
            Message("{url} has another controller", url=url),
            expected=did,
            found=shorten(str(methods[0].get("controller"))),
        )
    return methods[0]


def _public_key(method: JsonObject, url: str) -> PublicKey:
    # JsonWebKey2020 is the name that JsonWebKey had before Controlled Identifiers 1.0.
    if method.get("type") in ("JsonWebKey", "JsonWebKey2020"):
        return PublicKey.from_jwk(method.get("publicKeyJwk"))
    if method.get("type") != "Multikey":
        raise ProofError(
            Message("{url} is of another type", url=url),
            expected=Message("type Multikey, JsonWebKey or JsonWebKey2020"),
            found=shorten(str(method.get("type"))),
        )
    text = method.get("publicKeyMultibase")
    if not isinstance(text, str):
        raise MalformedKey(Message("{url} has no publicKeyMultibase", url=url))
    return decode_multikey(text)


def _instant(method: JsonObject, name: str) -> datetime | None:
    text = method.get(name)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ProofError(
            Message("{name} of a verification method", name=name),
            expected=Message("a time with its zone"),
            found=shorten(str(text)),
        )
    return instant
