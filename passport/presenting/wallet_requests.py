"""Requests to wallets: who asks, for what, and where the answer goes. (OpenID for Verifiable Presentations 1.0)

A page shows a link and a QR code. The wallet fetches a signed request, its holder agrees, and the wallet posts a
presentation. The resolver asks for roles, the workspace for accreditations. (docs/decisions/0015)

* The client identifier is a DID of the verifier, with the prefix ``decentralized_identifier:``. On an https address it
  is ``did:web:…:wallet``, whose document is served at ``/wallet/did.json``; elsewhere a ``did:jwk``. Its key is derived
  from a secret of the verifier. It authenticates, and signs no credential.
  For wallets that resolve no DID there are unsigned requests with the prefix ``redirect_uri:``, which name no more than
  the address of the answer.
* A request is the challenge in its address and nothing else, so that handing one out stores nothing. The challenge is
  the ``nonce``: single use, five minutes.
* The secret with which the page fetches the answer is a MAC over the challenge. A wallet never sees it, so a photograph
  of the QR code fetches nothing.
* An answer may be asked for encrypted (response mode ``direct_post.jwt``, section 8.3). Its key is derived for the one
  challenge. Such a challenge takes no answer in the clear: the kind of a challenge is in its MAC.
* On one device the answer goes back through the wallet instead: the page that the wallet opens fetches it, by a random
  code. (section 8.2 and 13.3)
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.envelopes.sd_jwt_vc import CredentialKind
from passport.errors import MalformedDocument, UsageError
from passport.identity import did_jwk, did_web, jwe
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.texts import Message

REQUEST_TYPE = "oauth-authz-req+jwt"
_ALGORITHMS = ("ES256", "ES384", "EdDSA")
PATH = "/wallet"
#: What ``answer`` says in the query of a request whose answer has to be encrypted.
ENCRYPTED = "encrypted"
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
    :ivar encrypted: whether the answer has to be encrypted.
    """

    passport: str | None = None
    same_device: bool = False
    unsigned: bool = False
    encrypted: bool = False

    def query(self) -> str:
        values = {
            **({"device": "same"} if self.same_device else {}),
            **({"client": "uri"} if self.unsigned else {}),
            **({"answer": ENCRYPTED} if self.encrypted else {}),
            **({"passport": self.passport} if self.passport else {}),
        }
        return f"?{urlencode(values)}" if values else ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> AnswerWay:
        passport = query.get("passport", "").strip()[:MAX_PASSPORT]
        return cls(
            passport or None,
            query.get("device") == "same",
            query.get("client") == "uri",
            query.get("answer") == ENCRYPTED,
        )


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
    """Requests of one verifier for one kind of credential.

    :param base_url: of the verifier; :param secret: gives a secret of it.
    :param name: id of the query in ``vp_token``; with ``_sd_jwt`` for the other format.
    """

    def __init__(self, base_url: str, secret: Callable[[], bytes], name: str, kind: CredentialKind) -> None:
        self._base_url, self._secret = base_url, secret
        self._name, self._kind = name, kind

    @cached_property
    def _key(self) -> PrivateKey:
        return PrivateKey.derived(self._secret(), b"wallet requests\0" + self._base_url.encode())

    @cached_property
    def did(self) -> str:
        """The DID of the verifier."""
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
            "response_mode": "direct_post.jwt" if way.encrypted else "direct_post",
            "client_id": self.client_id(challenge, way),
            "response_uri": self._response_uri(challenge, way),
            "nonce": challenge,
            "dcql_query": dcql_query(self._name, self._kind),
            "client_metadata": {
                "vp_formats_supported": {
                    "ldp_vc": {
                        "proof_type_values": ["DataIntegrityProof"],
                        "cryptosuite_values": list(_CRYPTOSUITES),
                    },
                    sd_jwt_vc.TYPE: {"sd-jwt_alg_values": list(_ALGORITHMS), "kb-jwt_alg_values": list(_ALGORITHMS)},
                },
                **(self._encryption(challenge) if way.encrypted else {}),
            },
        }

    def _encryption(self, challenge: str) -> JsonObject:
        """How the answer to a challenge is encrypted. (OpenID4VP 1.0, sections 5.1 and 8.3)"""
        key = self._answer_key(challenge).public_key
        return {
            "jwks": {"keys": [{**key.jwk, "kid": key.multikey, "alg": jwe.ALGORITHM, "use": "enc"}]},
            "encrypted_response_enc_values_supported": list(jwe.FOREIGN_ENCRYPTIONS),
        }

    def _answer_key(self, challenge: str) -> PrivateKey:
        purpose = f"wallet answer key\0{self._base_url}\0{challenge}"
        return PrivateKey.derived(self._secret(), purpose.encode())

    def answer(self, challenge: str, way: AnswerWay, form: Mapping[str, Sequence[str]]) -> Any:
        """What the wallet shows in its answer to a challenge, as in ``vp_token``; None where the holder declined.

        :param form: the fields of the answer, each with its values.
        :raises MalformedDocument: it is no answer; one that has to be encrypted is in the clear, or for another key.
        :raises UnopenedMessage: it was encrypted to another key, or was changed.
        """
        if "error" in form:
            return None
        name = "response" if way.encrypted else "vp_token"
        values = form.get(name, ())
        if len(values) != 1:
            raise MalformedDocument(Message("answer of a wallet"), expected=Message("one {name}", name=name))
        text = values[0].strip()
        parameters = self._opened(challenge, text) if way.encrypted else {"vp_token": text}
        if "error" in parameters:
            return None
        shown = parameters.get("vp_token")
        if not shown:
            raise MalformedDocument(Message("answer of a wallet"), expected=Message("one {name}", name="vp_token"))
        return strict_json.loads(shown) if isinstance(shown, str) and shown.startswith(("{", "[", '"')) else shown

    def _opened(self, challenge: str, response: str) -> JsonObject:
        """The parameters in an encrypted answer."""
        key = self._answer_key(challenge)
        content = strict_json.loads(jwe.decrypt_foreign(response, key, kid=key.public_key.multikey))
        if not isinstance(content, dict):
            raise MalformedDocument(Message("an encrypted answer"), expected=Message("a JSON object"))
        return content

    def secret_of(self, challenge: str) -> str:
        """``challenge`` and a MAC over it: what fetches the answer to it."""
        text = f"wallet answer\0{self._base_url}\0{challenge}"
        return f"{challenge}.{jose.encode(hmac.digest(self._secret(), text.encode(), 'sha256'))}"

    def is_ours(self, secret: str) -> bool:
        """Whether ``secret`` fetches the answer to some challenge, which may be none of ours."""
        return hmac.compare_digest(secret.encode(), self.secret_of(secret.partition(".")[0]).encode())

    def request_object(self, challenge: str, way: AnswerWay, at: datetime, expires: datetime) -> str:
        """The signed request that a wallet fetches. (RFC 9101; OpenID4VP 1.0, section 5)

        :param expires: when the challenge does.
        """
        claims = {
            **self._parameters(challenge, way),
            "aud": _ANY_WALLET,
            "iat": int(at.timestamp()),
            "exp": int(expires.timestamp()),
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


def dcql_query(name: str, kind: CredentialKind) -> JsonObject:
    """What is asked of a wallet: one credential of a kind, in either format. (OpenID4VP 1.0, section 6)"""
    formats = {
        name: ("ldp_vc", {"type_values": [[kind.vct]]}),
        f"{name}_sd_jwt": (sd_jwt_vc.TYPE, {"vct_values": [kind.vct]}),
    }
    return {
        "credentials": [
            {"id": id_, "format": format_, "meta": meta, "require_cryptographic_holder_binding": True}
            for id_, (format_, meta) in formats.items()
        ],
        "credential_sets": [{"options": [[id_] for id_ in formats]}],
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else strict_json.dumps(value).decode()
