"""Requests to wallets: who asks, for what, and where the answer goes. (OpenID for Verifiable Presentations 1.0)

* The client identifier is a DID of the read face itself, with the prefix ``decentralized_identifier:``. On an https
  address it is ``did:web:…:wallet``, whose document is served at ``/wallet/did.json``; elsewhere a ``did:jwk``. Its key
  is derived from the secret of the resolver's state. It authenticates, and signs no credential.
  For wallets that resolve no DID there are unsigned requests with the prefix ``redirect_uri:``, which name no more than
  the address of the answer.
* A request is the challenge in its address and nothing else, so that handing one out stores nothing. The challenge is
  the ``nonce``: single use, five minutes.
* The secret with which the page fetches the answer is a MAC over the challenge. A wallet never sees it, so a photograph
  of the QR code fetches nothing.
* On one device the answer goes back through the wallet instead: the page that the wallet opens fetches it, by a random
  code. (section 8.2 and 13.3)
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from passport.credentials.envelopes import sd_jwt_vc
from passport.errors import UsageError
from passport.identity import did_jwk, did_web
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.role_tokens import ROLE_TYPE
from passport.proofs import jose
from resolver.access.challenges import CHALLENGE_LIFETIME

REQUEST_TYPE = "oauth-authz-req+jwt"
#: Query of the request, by format: its id in ``vp_token``.
LDP_QUERY, SD_JWT_QUERY = "role", "role_sd_jwt"
_ALGORITHMS = ("ES256", "ES384", "EdDSA")
PATH = "/wallet"
MAX_PASSPORT = 300
#: Audience of a request to any wallet. (OpenID4VP 1.0, section 5.8)
_ANY_WALLET = "https://self-issued.me/v2"
_CRYPTOSUITES = ("ecdsa-rdfc-2019", "ecdsa-jcs-2019", "eddsa-rdfc-2022", "eddsa-jcs-2022")


@dataclass(frozen=True)
class AnswerWay:
    """How a request is made and where its answer goes. It travels in the query of both addresses.

    :ivar passport: what is to be opened on the page that the wallet leads back to.
    :ivar same_device: whether the answer goes back through the wallet.
    :ivar unsigned: whether the request names the address of its answer as who asks, for wallets that resolve no DID.
    """

    passport: str | None = None
    same_device: bool = False
    unsigned: bool = False

    def query(self) -> str:
        values = {
            **({"device": "same"} if self.same_device else {}),
            **({"client": "uri"} if self.unsigned else {}),
            **({"passport": self.passport} if self.passport else {}),
        }
        return f"?{urlencode(values)}" if values else ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> AnswerWay:
        passport = query.get("passport", "").strip()[:MAX_PASSPORT]
        return cls(passport or None, query.get("device") == "same", query.get("client") == "uri")


@dataclass(frozen=True)
class WalletRequest:
    """A request as a page or program hands it to a wallet. Its ``repr`` does not show the secret.

    :ivar link: ``openid4vp://…`` for a wallet, as a link or a QR code.
    :ivar request_uri: what the wallet fetches; None where the link says all.
    :ivar secret: fetches the answer.
    """

    link: str
    request_uri: str | None
    secret: str

    def __repr__(self) -> str:
        return f"WalletRequest({self.request_uri!r})"


class WalletRequests:
    """:param base_url: of the resolver; :param secret: gives the secret of its state."""

    def __init__(self, base_url: str, secret: Callable[[], bytes]) -> None:
        self._base_url, self._secret = base_url, secret

    @cached_property
    def _key(self) -> PrivateKey:
        return PrivateKey.derived(self._secret(), b"wallet requests\0" + self._base_url.encode())

    @cached_property
    def did(self) -> str:
        """The DID of the read face as a verifier."""
        try:
            return did_web.did_for(self._base_url + PATH)
        except UsageError:
            return did_jwk.did_for(self._key.public_key)

    def document(self) -> JsonObject | None:
        """The DID document; None where the DID is computed and has none to serve."""
        if not self.did.startswith(did_web.PREFIX):
            return None
        method = self._method
        return {
            "@context": list(did_jwk.CONTEXTS),
            "id": self.did,
            "verificationMethod": [
                {"id": method, "type": "JsonWebKey", "controller": self.did, "publicKeyJwk": self._key.public_key.jwk}
            ],
            "authentication": [method],
        }

    @property
    def _method(self) -> str:
        return f"{self.did}#0"

    # --- requests -----------------------------------------------------------------------------------------------------

    def request(self, challenge: str, way: AnswerWay) -> WalletRequest:
        """A request for ``challenge``: by reference where it is signed, else by value, since nothing protects it."""
        uri = None if way.unsigned else f"{self._base_url}{PATH}/requests/{challenge}{way.query()}"
        if uri is None:
            values = {name: _text(value) for name, value in self._parameters(challenge, way).items()}
        else:
            values = {"client_id": self.client_id(challenge, way), "request_uri": uri}
        return WalletRequest("openid4vp://?" + urlencode(values), uri, self.secret_of(challenge))

    def client_id(self, challenge: str, way: AnswerWay) -> str:
        """Whom a presentation has to be made for: its ``domain``, or ``aud`` of a key binding."""
        if way.unsigned:
            return f"redirect_uri:{self._response_uri(challenge, way)}"
        return f"decentralized_identifier:{self.did}"

    def _response_uri(self, challenge: str, way: AnswerWay) -> str:
        return f"{self._base_url}{PATH}/responses/{challenge}{way.query()}"

    def _parameters(self, challenge: str, way: AnswerWay) -> JsonObject:
        return {
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "client_id": self.client_id(challenge, way),
            "response_uri": self._response_uri(challenge, way),
            "nonce": challenge,
            "dcql_query": dcql_query(),
            "client_metadata": {
                "vp_formats_supported": {
                    "ldp_vc": {
                        "proof_type_values": ["DataIntegrityProof"],
                        "cryptosuite_values": list(_CRYPTOSUITES),
                    },
                    sd_jwt_vc.TYPE: {"sd-jwt_alg_values": list(_ALGORITHMS), "kb-jwt_alg_values": list(_ALGORITHMS)},
                }
            },
        }

    def secret_of(self, challenge: str) -> str:
        """``challenge`` and a MAC over it: what fetches the answer to it."""
        text = f"wallet answer\0{self._base_url}\0{challenge}"
        return f"{challenge}.{jose.encode(hmac.digest(self._secret(), text.encode(), 'sha256'))}"

    def is_ours(self, secret: str) -> bool:
        """Whether ``secret`` fetches the answer to some challenge, which may be none of ours."""
        return hmac.compare_digest(secret.encode(), self.secret_of(secret.partition(".")[0]).encode())

    def request_object(self, challenge: str, way: AnswerWay, at: datetime) -> str:
        """The signed request that a wallet fetches. (RFC 9101; OpenID4VP 1.0, section 5)"""
        claims = {
            **self._parameters(challenge, way),
            "aud": _ANY_WALLET,
            "iat": int(at.timestamp()),
            "exp": int((at + CHALLENGE_LIFETIME).timestamp()),
        }
        return jose.sign(claims, KeySigner(self._key, self._method), typ=REQUEST_TYPE)

    def code(self) -> str:
        """A new code by which the page that a wallet opens fetches the answer."""
        return secrets.token_urlsafe(32)

    def landing(self, code: str, passport: str | None) -> str:
        """Where a wallet on the same device leads its user."""
        return f"{self._base_url}{PATH}/done?" + urlencode(
            {"code": code, **({"passport": passport} if passport else {})}
        )


def dcql_query() -> JsonObject:
    """What is asked of a wallet: one role credential, in either format. (OpenID4VP 1.0, section 6)"""
    return {
        "credentials": [
            {
                "id": LDP_QUERY,
                "format": "ldp_vc",
                "meta": {"type_values": [[ROLE_TYPE]]},
                "require_cryptographic_holder_binding": True,
            },
            {
                "id": SD_JWT_QUERY,
                "format": sd_jwt_vc.TYPE,
                "meta": {"vct_values": [ROLE_TYPE]},
                "require_cryptographic_holder_binding": True,
            },
        ],
        "credential_sets": [{"options": [[LDP_QUERY], [SD_JWT_QUERY]]}],
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else strict_json.dumps(value).decode()
