"""A company's own sign-in: OpenID Connect Core 1.0, Authorization Code with PKCE, by the library Authlib.

Configured by ``sign-in.toml`` in the project's folder; the secret is in a file of its own or in the environment::

    issuer = "https://login.example.com"
    client_id = "battery-workspace"
    client_secret_file = "keys/sign-in.secret"        # or PASSPORT_SIGN_IN_SECRET; neither: a public client
    name = {en = "Example Corp", zh = "示例公司"}       # what the button says
    new_people = ["enter"]                            # roles of persons who are not known yet; default: none, refused

Checked for each sign-in, in this order:

1. The answer belongs to this browser: its session holds the ``state``, which serves once and for ten minutes.
2. It comes from this provider (``iss``, RFC 9207).
3. The provider exchanges the code for tokens, given the verifier that only this session has (RFC 7636).
4. The ID token is signed by a key of the provider with a public-key algorithm; issuer, audience, time and nonce are
   right (section 3.1.3.7).

Signing out ends the session here. A page then leads to the provider's own sign-out (OpenID Connect RP-Initiated Logout
1.0), where it describes one. The workspace names itself by ``client_id`` and keeps no ID token for it.

Every request goes through the guarded client: the provider's host may be private, as the operator named it; other hosts
that its description names must be public.
"""

from __future__ import annotations

import hmac
import os
import tomllib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri, url_decode
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from passport.errors import AccessDenied, MalformedDocument, PassportError, UnusableProject
from passport.identity.http_client import GuardedClient, HttpAnswer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.workspace.people import WorkRole
from passport.texts import Message

CONFIGURATION = "sign-in.toml"
SECRET_VARIABLE = "PASSPORT_SIGN_IN_SECRET"  # noqa: S105 - the name of a variable
#: Where the provider sends the browser back to.
BACK = "/sign-in/company/back"
#: Where it sends the browser after its sign-out: a post-logout redirect URI to be registered there.
SIGNED_OUT = "/sign-in"
ALGORITHMS = ("ES256", "ES384", "PS256", "PS384", "RS256", "RS384", "RS512", "EdDSA", "Ed25519")
#: How long a person has at the provider, how long its description is kept, and how far clocks may differ.
_PENDING, _KEPT, _SKEW = timedelta(minutes=10), timedelta(minutes=10), 60
_KEY, _MAX = "company", 4000


class RefusedSignIn(AccessDenied):
    """The answer of the provider does not prove a sign-in."""

    code = "refused-sign-in"
    hint = "Begin the sign-in again."


@dataclass(frozen=True)
class ProviderConfig:
    """:ivar issuer: address of the provider, exactly as its tokens say it; :ivar name: by language.

    :ivar client_secret: None for a public client; :ivar new_people: roles of persons who are not known yet; none:
        they are refused.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    name: Mapping[str, str] = field(default_factory=dict)
    new_people: frozenset[WorkRole] = frozenset()

    @classmethod
    def of_project(cls, folder: Path, environ: Mapping[str, str] = os.environ) -> ProviderConfig | None:
        """What ``sign-in.toml`` says; None where there is none.

        :raises UnusableProject: it cannot be read, or a setting is missing, unknown or wrong.
        """
        path = folder / CONFIGURATION
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UnusableProject(Message("{path} cannot be read", path=path), found=str(error)) from error
        known = {"issuer", "client_id", "client_secret_file", "name", "new_people"}
        if unknown := sorted(set(settings) - known):
            raise UnusableProject(
                Message("{path}: unknown setting", path=path),
                expected=Message("one of {names}", names=", ".join(sorted(known))),
                found=unknown[0],
            )
        for name in ("issuer", "client_id"):
            if not isinstance(settings.get(name), str) or not settings[name].strip():
                raise UnusableProject(
                    Message("{path}: {name} is missing", path=path, name=name), expected=Message("a text")
                )
        names, roles = settings.get("name", {}), settings.get("new_people", [])
        if not isinstance(names, dict) or not all(isinstance(text, str) for text in names.values()):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="name"), expected=Message("a text by language")
            )
        if not isinstance(roles, list) or not all(role in tuple(WorkRole) for role in roles):
            raise UnusableProject(
                Message("{path}: {setting}", path=path, setting="new_people"),
                expected=Message("a list of {names}", names=", ".join(WorkRole)),
            )
        secret = _secret(folder, settings.get("client_secret_file"), environ)
        return cls(settings["issuer"], settings["client_id"], secret, names, frozenset(map(WorkRole, roles)))

    def named(self, language: str) -> str:
        """What the button calls the provider."""
        return self.name.get(language) or self.name.get("en") or self.issuer.split("://", 1)[-1]


def _secret(folder: Path, name: Any, environ: Mapping[str, str]) -> str | None:
    if name is None:
        return environ.get(SECRET_VARIABLE) or None
    try:
        path = folder / name
        if path.stat().st_mode & 0o077:
            raise UnusableProject(
                Message("{path} can be read by others", path=path), hint=Message("chmod 600 for the file.")
            )
        text: str = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, TypeError) as error:
        raise UnusableProject(Message("{path} cannot be read", path=name), found=type(error).__name__) from error
    if not text:
        raise UnusableProject(Message("{path} is empty", path=name))
    return text


@dataclass(frozen=True)
class CompanyUser:
    """Who the provider says signed in. :ivar name: as people call them; may be empty."""

    issuer: str
    subject: str
    name: str
    login: str


class CompanyProvider:
    """:param origin: of the workspace; :param client: for requests to the provider."""

    def __init__(self, config: ProviderConfig, origin: str, client: GuardedClient | None = None) -> None:
        self.config = config
        self._back, self._signed_out = origin + BACK, origin + SIGNED_OUT
        self._client = client or GuardedClient().naming(config.issuer)
        self._description: tuple[datetime, JsonObject] | None = None

    # --- the way there ------------------------------------------------------------------------------------------------

    def start(self, session: MutableMapping[str, Any], at: datetime, *, invitation: str | None = None) -> str:
        """Where the browser is sent; what belongs to the answer is kept in the session.

        :param invitation: digest of an invitation that the sign-in uses up, in hexadecimal.
        :raises PassportError: the provider cannot be reached, or describes itself wrongly.
        """
        endpoint = _address(self._described(at), "authorization_endpoint")
        self._client.check(endpoint)
        state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
        address, _ = self._oauth().create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        session[_KEY] = [state, nonce, verifier, invitation, at.timestamp()]
        return str(address)

    def sign_out_address(self, at: datetime) -> str | None:
        """Where a browser signs out at the provider; None where the provider describes no such address.

        :raises PassportError: the provider cannot be reached, or describes itself wrongly.
        """
        described = self._described(at)
        if "end_session_endpoint" not in described:
            return None
        endpoint = _address(described, "end_session_endpoint")
        self._client.check(endpoint)
        values = [("client_id", self.config.client_id), ("post_logout_redirect_uri", self._signed_out)]
        return str(add_params_to_uri(endpoint, values))

    # --- the way back -------------------------------------------------------------------------------------------------

    def finish(
        self, session: MutableMapping[str, Any], answer: Mapping[str, str], at: datetime
    ) -> tuple[CompanyUser, str | None]:
        """Who signed in, and the digest of the invitation that the sign-in began with.

        :param answer: the query of the address that the provider sent the browser to.
        :raises RefusedSignIn: one of the four steps above fails.
        """
        # 1.
        state, nonce, verifier, invitation, begun = session.pop(_KEY, None) or ["", "", "", None, 0.0]
        given = answer.get("state", "")
        if not state or not hmac.compare_digest(state.encode(), given.encode("utf-8", "surrogatepass")):
            raise RefusedSignIn(Message("the answer does not belong to this browser"))
        if at.timestamp() > begun + _PENDING.total_seconds():
            raise RefusedSignIn(Message("the sign-in took too long"))
        try:
            described = self._described(at)
            # 2.
            named = answer.get("iss")
            required = described.get("authorization_response_iss_parameter_supported") is True
            if named != self.config.issuer and (named is not None or required):
                raise RefusedSignIn(Message("the answer comes from another provider"))
            if "error" in answer or not 0 < len(answer.get("code", "")) <= _MAX:
                raise RefusedSignIn(
                    Message("the provider did not sign the person in"), found=repr(answer.get("error", ""))[:60]
                )
            # 3.
            tokens = self._oauth().fetch_token(
                _address(described, "token_endpoint"), grant_type="authorization_code", code=answer["code"],
                code_verifier=verifier,
            )  # fmt: skip
            # 4.
            claims = self._claims(tokens, nonce, described, at)
        except RefusedSignIn:
            raise
        except (PassportError, JoseError, AuthlibBaseError, *_FOREIGN) as error:
            # What the library says may quote a token or an answer.
            raise RefusedSignIn(
                Message("the provider's answer was not accepted"), found=type(error).__name__
            ) from error
        return self._user(claims), invitation

    def _claims(self, tokens: Mapping[str, Any], nonce: str, described: JsonObject, at: datetime) -> CodeIDToken:
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise RefusedSignIn(Message("the provider gave no ID token"))
        offered = described.get("id_token_signing_alg_values_supported", ["RS256"])
        registry = JWSRegistry(algorithms=[name for name in ALGORITHMS if name in offered], strict_check_header=False)
        try:
            decoded = jwt.decode(token, self._keys(described), registry=registry)
        except InvalidKeyIdError:
            # Its keys have changed since its description was fetched.
            self._description = None
            decoded = jwt.decode(token, self._keys(self._described(at)), registry=registry)
        claims = CodeIDToken(
            decoded.claims, decoded.header,
            {"iss": {"essential": True, "value": self.config.issuer},
             "aud": {"essential": True, "value": self.config.client_id}},
            {"nonce": nonce, "client_id": self.config.client_id, "access_token": tokens.get("access_token")},
        )  # fmt: skip
        claims.validate(now=int(at.timestamp()), leeway=_SKEW)
        return claims

    def _user(self, claims: CodeIDToken) -> CompanyUser:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise RefusedSignIn(Message("the provider names no subject"))
        texts = [claims.get(name) for name in ("name", "preferred_username")]
        name, login = (" ".join(text.split())[:64] if isinstance(text, str) else "" for text in texts)
        return CompanyUser(self.config.issuer, subject, name, login)

    # --- what the provider says of itself -----------------------------------------------------------------------------

    def _oauth(self) -> OAuth2Client:
        return OAuth2Client(
            _GuardedSession(self._client), self.config.client_id, self.config.client_secret,
            scope="openid profile", redirect_uri=self._back, code_challenge_method="S256",
        )  # fmt: skip

    def _described(self, at: datetime) -> JsonObject:
        """The provider's description, fetched at most every ten minutes. (OpenID Connect Discovery 1.0, section 4)"""
        kept = self._description
        if kept is not None and timedelta(0) <= at - kept[0] < _KEPT:
            return kept[1]
        described = self._fetched(get_well_known_url(self.config.issuer, external=True))
        if described.get("issuer") != self.config.issuer:
            raise RefusedSignIn(Message("the provider calls itself otherwise"), expected=self.config.issuer)
        described["keys"] = self._fetched(_address(described, "jwks_uri"))
        self._description = at, described
        return described

    def _keys(self, described: JsonObject) -> KeySet:
        return KeySet.import_key_set(described["keys"])

    def _fetched(self, address: str) -> JsonObject:
        document = strict_json.loads(self._client.get(address, accept="application/json").body, max_bytes=200_000)
        if not isinstance(document, dict):
            raise MalformedDocument(Message("what the provider says of itself"), expected=Message("a JSON object"))
        return document


#: What hostile answers make of the libraries.
_FOREIGN = (ValueError, TypeError, KeyError, AttributeError, LookupError, OverflowError, RuntimeError)


def _address(described: JsonObject, name: str) -> str:
    value = described.get(name)
    if not isinstance(value, str):
        raise MalformedDocument(Message("{name} of the provider", name=name), expected=Message("an address"))
    return value


class _GuardedSession:
    """What Authlib asks of an HTTP session, over the guarded client. Only the token request is made."""

    def __init__(self, client: GuardedClient) -> None:
        self._client = client

    def post(self, url: str, *, data: Any, headers: Mapping[str, str], auth: Any, **_: Any) -> _SessionAnswer:
        encoded = urlencode(data if isinstance(data, dict) else url_decode(data))
        address, sent, body = auth.prepare("POST", url, dict(headers), encoded)
        answer = self._client.exchange(
            address, body.encode() if isinstance(body, str) else body, authorization=sent.get("Authorization", ""),
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        return _SessionAnswer(answer)


class _SessionAnswer:
    def __init__(self, answer: HttpAnswer) -> None:
        self.status_code, self._body = answer.status, answer.body

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise MalformedDocument(Message("the provider answered {status}", status=self.status_code))

    def json(self) -> Any:
        return strict_json.loads(self._body, max_bytes=200_000)
