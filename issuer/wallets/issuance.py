"""What of OpenID4VCI needs no HTTP: metadata, offers, nonces, and the proof that a wallet has its holder's key.

A proof is accepted when, in this order (OpenID4VCI 1.0, appendix F.4):

1. It is a JSON Web Token of type ``openid4vci-proof+jwt``. A token without any type is taken too, since a wallet is
   known that leaves it out; the nonce and the audience bind it all the same.
2. Its key is that of a DID that can be computed or is on the trust list (``kid``), or is in its header (``jwk``), and
   made the signature.
3. It is for this issuer (``aud``), of this moment, and its nonce is ours, has not expired, and was never used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from issuer.wallets.sealed_exchange import SealedExchange
from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.envelopes.sd_jwt_vc import CredentialKind
from passport.errors import AccessDenied, PassportError, ProofError
from passport.identity import DidResolver, PublicKey, did_jwk
from passport.identity.did import is_computed
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.role_tokens import ACTOR_KIND, ROLE_KIND
from passport.proofs import jose
from passport.store.workspace.offers import TRANSACTION_CODE
from passport.texts import Message
from passport.web.timed_nonces import TimedNonces

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
PROOF_TYPE = "openid4vci-proof+jwt"
#: Kinds of credentials that are offered, by the id of their configuration; with :data:`SD_JWT` for the other format.
KINDS: Mapping[str, CredentialKind] = {"role": ROLE_KIND, "actor": ACTOR_KIND}
SD_JWT = "_sd_jwt"
PATH = "/oid4vci"
_ALGORITHMS = ["ES256", "ES384", "EdDSA"]
_NONCE, _SKEW, _MAX_PROOF = timedelta(minutes=5), timedelta(minutes=5), 20_000


class RefusedProof(AccessDenied):
    """A proof of a wallet that does not show the holder's key."""

    code = "invalid_proof"


class RefusedNonce(RefusedProof):
    """A nonce of a proof that does not count: the wallet fetches another one. (section 8.3.1.2)"""

    code = "invalid_nonce"


@dataclass(frozen=True)
class HolderProof:
    """A proof that was accepted. :ivar holder: DID; :ivar ends: when the nonce expires."""

    holder: str
    key: PublicKey
    nonce: str
    ends: datetime


@dataclass(frozen=True)
class Issuance:
    """:ivar origin: of the workspace, which is the credential issuer; :ivar secret: of the workspace's file.

    :ivar dids: gives the DIDs of the trust list.
    """

    origin: str
    secret: Callable[[], bytes]
    dids: Callable[[], DidResolver]

    @property
    def sealed(self) -> SealedExchange:
        """Encrypted requests and answers."""
        return SealedExchange(self.origin, self.secret)

    # --- metadata and offers ------------------------------------------------------------------------------------------

    def metadata(self, names: dict[str, str], credential_names: Mapping[str, dict[str, str]]) -> JsonObject:
        """Metadata of the credential issuer. (section 12.2)

        :param names: of the company by language.
        :param credential_names: what the credentials are called, by the ids of :data:`KINDS`.
        """
        return {
            # Those of the token endpoint belong into a document of their own; a wallet is known that reads them here.
            **self.server_metadata(),
            "credential_issuer": self.origin,
            "credential_endpoint": f"{self.origin}{PATH}/credential",
            "nonce_endpoint": f"{self.origin}{PATH}/nonce",
            **self.sealed.metadata(),
            "display": _display(names),
            "credential_configurations_supported": {
                id_: configuration
                for name, kind in KINDS.items()
                for id_, configuration in _configurations(name, kind, credential_names[name]).items()
            },
        }

    def server_metadata(self) -> JsonObject:
        """Metadata of the authorization server, which is the same. (RFC 8414)"""
        return {
            "issuer": self.origin,
            "token_endpoint": f"{self.origin}{PATH}/token",
            "grant_types_supported": [GRANT],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_details_types_supported": ["openid_credential"],
            "pre-authorized_grant_anonymous_access_supported": True,
        }

    def offer_link(self, code: str, name: str = "role", *, transaction_code: bool = False) -> str:
        """An offer as a link for wallets. (section 4.1)

        :param name: id of the kind in :data:`KINDS`.
        :param transaction_code: whether the holder has to enter one.
        """
        grant: JsonObject = {"pre-authorized_code": code}
        if transaction_code:
            grant["tx_code"] = {"input_mode": "numeric", "length": TRANSACTION_CODE}
        offer = {
            "credential_issuer": self.origin,
            "credential_configuration_ids": [name, name + SD_JWT],
            "grants": {GRANT: grant},
        }
        return "openid-credential-offer://?" + urlencode({"credential_offer": strict_json.dumps(offer).decode()})

    # --- nonces and proofs --------------------------------------------------------------------------------------------

    @property
    def _nonces(self) -> TimedNonces:
        return TimedNonces(self.secret, b"wallet nonce")

    def nonce(self, at: datetime) -> str:
        """A new nonce, good for five minutes."""
        return jose.encode(self._nonces.new(at + _NONCE))

    def nonce_end(self, nonce: Any, at: datetime) -> datetime:
        """The instant at which a nonce expires.

        :raises RefusedNonce: it is not ours, or has expired.
        """
        try:
            expires = self._nonces.end(jose.decode(nonce)) if isinstance(nonce, str) and len(nonce) < 100 else None
        except ProofError:
            expires = None
        if expires is None:
            raise RefusedNonce(Message("the nonce of the proof is not one of ours"))
        if expires <= at:
            raise RefusedNonce(Message("the nonce of the proof has expired"))
        return expires

    def holder(self, proof: Any, at: datetime) -> HolderProof:
        """The holder whose key made a proof.

        :raises RefusedProof: one of the steps above fails. That the nonce was not used before is for the caller to see.
        """
        if not isinstance(proof, str) or len(proof) > _MAX_PROOF:
            raise RefusedProof(
                Message("a proof of the wallet's key is missing"), expected=Message("proofs: {jwt: […]}")
            )
        try:
            # 1.
            token = _parsed(proof)
            # 2.
            holder, key = self._key(token, at)
            jose.verify(token, key)
            claims = token.claims()
        except RefusedProof:
            raise
        except PassportError as error:
            raise RefusedProof(Message("the proof does not verify: {error}", error=error)) from error
        # 3.
        if claims.get("aud") not in (self.origin, [self.origin]):
            raise RefusedProof(Message("the proof is for another issuer"), expected=self.origin)
        made = claims.get("iat", claims.get("nbf"))
        if not isinstance(made, int) or isinstance(made, bool) or abs(at.timestamp() - made) > _SKEW.total_seconds():
            raise RefusedProof(Message("the proof is not of this moment"))
        ends = claims.get("exp")
        if ends is not None and not (isinstance(ends, int) and ends > at.timestamp()):
            raise RefusedProof(Message("the proof has expired"))
        nonce = claims.get("nonce")
        return HolderProof(holder, key, str(nonce), self.nonce_end(nonce, at))

    def _key(self, token: jose.Token, at: datetime) -> tuple[str, PublicKey]:
        """The holder's DID and key. :raises RefusedProof: the header names neither, or both."""
        jwk, kid = token.header.get("jwk"), token.kid
        if (jwk is None) is (kid is None) or "x5c" in token.header:
            raise RefusedProof(Message("the proof names no key"), expected=Message("kid or jwk, and no other"))
        if kid is None:
            key = PublicKey.from_jwk(jwk)
            return did_jwk.did_for(key), key
        did, dids = kid.partition("#")[0], self.dids()
        if "#" not in kid and is_computed(did):
            kid = str(dids.resolve(did)["authentication"][0])
        return did, dids.verification_method(kid, "authentication", at=at).public_key


def _parsed(proof: str) -> jose.Token:
    try:
        return jose.parse(proof, typ=PROOF_TYPE)
    except ProofError:
        return jose.parse(proof, typ=None)


def _configurations(name: str, kind: CredentialKind, names: dict[str, str]) -> JsonObject:
    """One kind of credential in both formats."""
    common: JsonObject = {
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": _ALGORITHMS}},
        "credential_metadata": {"display": _display(names)},
    }
    return {
        name: {
            "format": "ldp_vc",
            "credential_definition": {"@context": list(kind.contexts), "type": ["VerifiableCredential", kind.type]},
            "cryptographic_binding_methods_supported": ["did:key", "did:jwk"],
            **common,
        },
        name + SD_JWT: {
            "format": sd_jwt_vc.TYPE,
            "vct": kind.vct,
            "cryptographic_binding_methods_supported": ["jwk", "did:key", "did:jwk"],
            **common,
        },
    }


def _display(names: dict[str, str]) -> list[JsonObject]:
    return [{"name": name, "locale": language} for language, name in names.items()]
