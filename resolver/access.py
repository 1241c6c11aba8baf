"""Access control: exchanges a role credential for a short-lived access token. The only source of an audience.

A token is given when, in this order:

1. The request holds one presentation with one role credential in it.
2. The challenge in its proof is ours, not expired, and was never used.
3. The presentation is signed by its holder: purpose ``authentication``, our challenge, our address as domain, and
   the key belongs to the holder's DID.
4. The role credential verifies: data model, issuer's signature, validity, status, and the trust list names its issuer
   for ``BatteryRoleCredential``. What could not be checked is refused like what failed.
5. The credential speaks of the holder, and names an audience other than the public, and a purpose; a purpose of a
   legitimate interest is one that the policy knows (:data:`passport.battery.privacy.rights.PURPOSES`), and the packs
   are named where it asks for that. The audience is one of those that the trust list names for its issuer; where it
   names none, the issuer lets nobody in.

A token is looked at again with each use, since trust may end before it does. It keeps what that needs: id, issuer, keys
and status entries of the role. It opens nothing as soon as

* the trust list, which is read again when its file changes, no longer names the issuer for roles or for the audience,
  or no longer knows a key that signed the role;
* a status bit of the role is set, or its status cannot be known: no list at hand, or one past its time;
* the role has expired.

The presentation is signed JSON-LD (Data Integrity) or a token (``vp+jwt``: ``nonce`` is the challenge, ``aud`` the
domain); the role credential within is Data Integrity either way. A role as ``dc+sd-jwt`` with a key binding is taken,
too: the token and its binding are what a presentation is otherwise.

A challenge is random bits, the time it expires and a MAC over both, so that handing one out stores nothing: only used
ones are remembered (:mod:`passport.store.state.resolver_state`). Status lists enclosed by the holder are not believed,
since an old one would hide a revocation: only lists of our own store count, and those fetched in the background
(:mod:`resolver.role_status`). A role without a place in a list of revocations could never be taken back, so that it is
refused.

The token is a JWT (RFC 7519) signed with HS256 by a secret of this resolver. No other algorithm is accepted. Issuer,
audience (``aud`` is our base URL) and time are checked against the resolver's own clock, and the token is never
stored or logged. It expires, or its bearer revokes it earlier (:meth:`AccessControl.revoke`, RFC 7009): then its id is
remembered until it would have expired. No header, parameter or cookie other than ``Authorization: Bearer`` is read.
"""

from __future__ import annotations

import base64
import hmac
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from passport.battery.privacy.rights import Right, check_right
from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.envelopes import enveloping, sd_jwt_vc
from passport.credentials.status_fetch import wanted
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult
from passport.credentials.verifier import Verifier
from passport.errors import AccessDenied, PassportError, StoreFailure, UsageError
from passport.identity.did import DidResolver
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject, as_list
from passport.presenting.role_tokens import ROLE_KIND
from passport.proofs import jose, sd_jwt
from passport.proofs.data_integrity import verify_proof
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from passport.vocabulary.credential_types import ROLE
from passport.vocabulary.vocabulary import Audience
from resolver.role_status import RoleEntry, RoleStatuses

CHALLENGE_LIFETIME = timedelta(minutes=5)
ALGORITHM = "HS256"
MAX_PURPOSE = 200
#: Characters of a token: servers and proxies take headers of 8 KB.
MAX_TOKEN = 8000
_TYPE = "at+jwt"
#: A token that opens one feed of alerts, and nothing else.
_FEED_TYPE = "feed+jwt"
#: How long a feed goes on, where the role does not end before.
FEED_LIFETIME = timedelta(days=90)
_NOT_AT_HAND = "The resolver asks the role's issuer for it in the background. Present the role again in a minute."

logger = logging.getLogger("resolver")


class InvalidGrant(AccessDenied):
    """What was presented does not earn a token."""

    code = "invalid-grant"


class InvalidToken(AccessDenied):
    """The access token is malformed, not ours, or expired."""

    code = "invalid-token"
    hint = "Ask for a new one: GET /token gives a challenge, POST /token takes a presentation of your role credential."


class ScopeExceeded(AccessDenied):
    """The token is good, and does not open this passport."""

    code = "insufficient-scope"
    hint = "The role credential names the packs that it opens."


@dataclass(frozen=True)
class AuthorisedReader:
    """Who reads, as a verified role credential said.

    :ivar holder: DID of the holder; :ivar issuer: DID of the authority that gave the role.
    :ivar packs: subject IRIs that the role opens; empty: all.
    :ivar until: when the token ends; :ivar role_until: when the role itself ends, None without end.
    :ivar token_id: the token's ``jti``, for the access log.
    :ivar role: the role credential's id; :ivar keys: the verification methods that signed it.
    :ivar entries: its places in status lists.
    """

    holder: str
    issuer: str
    audience: Audience
    purpose: str
    packs: frozenset[str]
    until: datetime
    role_until: datetime | None
    token_id: str
    role: str
    keys: tuple[str, ...]
    entries: tuple[RoleEntry, ...]

    @property
    def right(self) -> Right:
        """What decides about the view."""
        return Right(self.audience, self.purpose if self.audience is Audience.LEGITIMATE_INTEREST else None)


@dataclass(frozen=True)
class Grant:
    """A token that was just given. Its ``repr`` does not show the token."""

    access_token: str
    reader: AuthorisedReader
    expires_in: int

    def __repr__(self) -> str:
        return f"Grant({self.reader!r}, expires_in={self.expires_in})"


class AccessControl:
    """Hands out challenges and tokens, and reads tokens.

    :param base_url: our address: domain of presentations, issuer and audience of tokens.
    :param trust: gives the trust list as it is now.
    :param lifetime: seconds that a token lasts; never longer than the role itself.
    :param statuses: the status lists of issuers of roles that are at hand.
    """

    def __init__(
        self,
        base_url: str,
        trust: Callable[[], TrustList],
        state: ResolverState,
        *,
        lifetime: int,
        statuses: RoleStatuses,
    ) -> None:
        self._base_url = base_url
        self._trust = trust
        self._state = state
        self._lifetime = timedelta(seconds=lifetime)
        self._statuses = statuses

    # --- challenge --------------------------------------------------------------------------------------------------

    def challenge(self, at: datetime) -> str:
        """A new single-use challenge, good for five minutes."""
        body = secrets.token_bytes(16) + int((at + CHALLENGE_LIFETIME).timestamp()).to_bytes(8, "big")
        return _base64url(body + self._mac(body))

    def expiry(self, challenge: str) -> datetime:
        """When a challenge of ours expires. :raises InvalidGrant: it is not ours."""
        try:
            raw = base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))
        except (ValueError, TypeError):
            raw = b""
        body, mac = raw[:24], raw[24:]
        # The last check: base64 has several spellings of the same bits, and each would count as unused.
        ours = len(raw) == 40 and hmac.compare_digest(mac, self._mac(body)) and _base64url(raw) == challenge
        if not ours:
            raise InvalidGrant(
                Message("the challenge is not one of ours"), hint=Message("GET /token gives a challenge.")
            )
        return datetime.fromtimestamp(int.from_bytes(body[16:], "big"), UTC)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._state.secret(), b"challenge\0" + self._base_url.encode() + b"\0" + body, "sha256")[:16]

    # --- token ------------------------------------------------------------------------------------------------------

    def grant(self, presentation: Any, at: datetime, *, audience: str | None = None) -> Grant:
        """A token for the role that ``presentation`` shows.

        :param audience: which of the audiences that the role credential names, where it names several.
        :raises InvalidGrant: one of the steps above fails; the message says which.
        """
        return self.token_for(self.admit(presentation, at, audience=audience), at)

    def admit(
        self,
        presentation: Any,
        at: datetime,
        *,
        audience: str | None = None,
        domain: str | None = None,
        answers: str | None = None,
    ) -> AuthorisedReader:
        """The reader that ``presentation`` shows, by the steps above. The challenge in it is used up.

        :param domain: whom the presentation was made for; by default our address.
        :param answers: the challenge that it has to answer; by default any of ours.
        :raises InvalidGrant: one of the steps fails; the message says which.
        """
        domain = self._base_url if domain is None else domain
        token = presentation if isinstance(presentation, str) else None
        if token is not None and "~" in token:
            return self._admit_sd_jwt(token, at, audience, domain, answers)
        if token is not None:
            presentation, challenge = _of_token(token)
            holder, role = self._holder_and_role(presentation)  # 1
        else:
            holder, role, challenge = self._parts(presentation)  # 1
        self._use(challenge, answers, at)  # 2
        if token is not None:
            self._check_token(token, presentation, holder, challenge, domain, at)  # 3
        else:
            self._check_holder(presentation, holder, challenge, domain, at)  # 3
        trust_list = self._trust()
        result = self._check_role(role, trust_list, at)  # 4
        return self._reader(role, result, holder, trust_list, at, audience)  # 5

    def _use(self, challenge: str, answers: str | None, at: datetime) -> None:
        """Use a challenge up. :raises InvalidGrant: it is another one, or not ours, or was used, or has expired."""
        if answers is not None and challenge != answers:
            raise InvalidGrant(Message("the presentation answers another request"))
        expires = self.expiry(challenge)
        if expires <= at or not self._state.use_challenge(challenge, expires=expires, at=at):
            raise InvalidGrant(
                Message("the challenge has expired") if expires <= at else Message("the challenge was used before"),
                hint=Message("GET /token gives a new one."),
            )

    def _admit_sd_jwt(
        self, token: str, at: datetime, audience: str | None, domain: str, answers: str | None
    ) -> AuthorisedReader:
        """The same steps for a ``dc+sd-jwt``: the token and its key binding take the place of a presentation."""
        role, challenge = _of_sd_jwt(token)  # 1
        self._use(challenge, answers, at)  # 2
        trust_list = self._trust()
        enclosed = enveloping.envelope(enveloping.DC_SD_JWT, token)
        result = self._check_role(role, trust_list, at, enclosed, challenge, domain)  # 3, 4
        # Its holder is its subject: the issuer names the subject and the key that made the binding in one signature.
        holder = vcdm.subjects(role)[0].get("id")
        if not isinstance(holder, str) or not holder.startswith("did:"):
            raise InvalidGrant(Message("the presentation names no holder"), expected=Message("sub: a DID"))
        return self._reader(role, result, holder, trust_list, at, audience)  # 5

    def token_for(self, reader: AuthorisedReader, at: datetime) -> Grant:
        """A token for a reader that :meth:`admit` let in.

        :raises InvalidGrant: the role names more packs than a token holds.
        """
        access_token = self._sign(reader, at)
        if len(access_token) > MAX_TOKEN:
            raise InvalidGrant(
                Message("the role names more packs than a token holds"),
                found=Message("{count} packs", count=len(reader.packs)),
                hint=Message("Several role credentials, each for some of the packs."),
            )
        return Grant(access_token, reader, int((reader.until - at).total_seconds()))

    def _dids(self) -> DidResolver:
        return DidResolver(self._trust().did_documents())

    def _holder_and_role(self, presentation: Any) -> tuple[str, JsonObject]:
        try:
            vcdm.check_presentation(presentation)
        except PassportError as error:
            raise InvalidGrant(Message("not a presentation: {error}", error=error)) from error
        credentials = presentation.get("verifiableCredential")
        credentials = credentials if isinstance(credentials, list) else [credentials]
        only = credentials[0] if len(credentials) == 1 and isinstance(credentials[0], dict) else {}
        if ROLE not in vcdm.types(only):
            raise InvalidGrant(
                Message("nothing to go by"), expected=Message("one {role} in the presentation", role=ROLE)
            )
        holder = vcdm.holder_id(presentation)
        if not isinstance(holder, str) or not holder.startswith("did:"):
            raise InvalidGrant(Message("the presentation names no holder"), expected=Message("holder: a DID"))
        return holder, only

    def _parts(self, presentation: Any) -> tuple[str, JsonObject, str]:
        holder, only = self._holder_and_role(presentation)
        proofs = presentation.get("proof")
        if not isinstance(proofs, dict):
            raise InvalidGrant(Message("the presentation is not signed"), expected=Message("one proof of its holder"))
        challenge = proofs.get("challenge")
        if not isinstance(challenge, str) or len(challenge) > 200:
            raise InvalidGrant(Message("the proof has no challenge of ours"), hint=Message("GET /token gives one."))
        return holder, only, challenge

    def _check_token(
        self, token: str, presentation: JsonObject, holder: str, challenge: str, domain: str, at: datetime
    ) -> None:
        try:
            opened = enveloping.open_token(
                enveloping.VP_JWT, token, self._dids(), at=at, challenge=challenge, domain=domain
            )
        except PassportError as error:
            raise InvalidGrant(
                Message("the presentation does not verify: {error}", error=error), hint=error.hint
            ) from error
        if opened.method.controller != holder or opened.document != presentation:
            raise InvalidGrant(Message("the presentation is not signed by its holder"))

    def _check_holder(self, presentation: JsonObject, holder: str, challenge: str, domain: str, at: datetime) -> None:
        try:
            proofs = verify_proof(
                presentation,
                self._dids(),
                expected_purpose="authentication",
                expected_challenge=challenge,
                expected_domain=domain,
                at=at,
            )
        except PassportError as error:
            raise InvalidGrant(
                Message("the presentation does not verify: {error}", error=error), hint=error.hint
            ) from error
        if not proofs or any(proof.verification_method.controller != holder for proof in proofs):
            raise InvalidGrant(Message("the presentation is not signed by its holder"))

    def _check_role(
        self,
        role: JsonObject,
        trust_list: TrustList,
        at: datetime,
        token: JsonObject | None = None,
        challenge: str | None = None,
        domain: str | None = None,
    ) -> CredentialResult:
        """:param token: the envelope that the role came in, bound to ``challenge`` and ``domain``."""
        entries = role.get("credentialStatus") or []
        lists: dict[str, JsonObject | PassportError] = {}
        for entry in entries if isinstance(entries, list) else [entries]:
            url = entry.get("statusListCredential") if isinstance(entry, dict) else None
            if isinstance(url, str) and (document := self._statuses.document(url)) is not None:
                lists[url] = document
        try:
            verifier = Verifier(trust_list, status_lists=lists)
            result = verifier.verify(role if token is None else token, at=at, challenge=challenge, domain=domain)
        except PassportError as error:
            raise InvalidGrant(
                Message("the role credential cannot be checked: {error}", error=error), hint=error.hint
            ) from error
        for address in wanted(result, trust_list):
            self._statuses.want(address, str(result.credentials[0].issuer), at)
        if result.verified is not True:
            open_ = [check for check in result.checks if not check.passed]
            decisive = min(open_, key=lambda check: check.outcome.severity, default=None)
            refusal = Message("the role credential is not accepted")
            if decisive is not None:
                refusal = Message(
                    "the role credential is not accepted (check {number}, {name}: {detail})",
                    number=decisive.number,
                    name=decisive.name,
                    detail=decisive.detail,
                )
            raise InvalidGrant(
                refusal,
                hint=_NOT_AT_HAND if decisive is not None and decisive.code == "no-status-list" else None,
            )
        (only,) = result.credentials
        return only

    def _reader(
        self,
        role: JsonObject,
        result: CredentialResult,
        holder: str,
        trust_list: TrustList,
        at: datetime,
        wanted: str | None,
    ) -> AuthorisedReader:
        subject = role.get("credentialSubject")
        if not isinstance(subject, dict) or subject.get("id") != holder:
            raise InvalidGrant(Message("the role credential speaks of another holder"))
        codes = [code for code in as_list(subject.get("audience")) if isinstance(code, str)]
        if wanted is not None:
            # Choosing among what was granted narrows; it never adds.
            codes = [code for code in codes if code == wanted]
        if len(codes) != 1 or codes[0] not in set(Audience) or codes[0] == Audience.PUBLIC:
            raise InvalidGrant(
                Message("the role credential does not name the audience asked for"),
                expected=Message(
                    "one of {codes}", codes=", ".join(code for code in Audience if code != Audience.PUBLIC)
                ),
                found=", ".join(as_list(subject.get("audience")))[:80] if codes or wanted is None else wanted[:80],
            )
        issuer = vcdm.issuer_id(role)
        if codes[0] not in (allowed := audiences_of(trust_list, issuer)):
            raise InvalidGrant(
                Message("the role's issuer is not trusted for this audience"),
                expected=Message("one of {audiences}", audiences=", ".join(sorted(allowed)))
                if allowed
                else Message("none: its entry in the trust list names no audiences"),
                found=codes[0],
            )
        entries = RoleEntry.of(role)
        if not any(each.purpose == status_list.REVOCATION for each in entries) or not isinstance(role.get("id"), str):
            raise InvalidGrant(
                Message("the role credential could never be taken back"),
                expected=Message("an id, and a credentialStatus of purpose revocation"),
                hint=Message("Ask its issuer for a new one: passport grant gives it a place in a status list."),
            )
        self._check_status(entries, issuer, trust_list, at, InvalidGrant)
        role_until = vcdm.valid_until(role)
        purpose = subject.get("purpose")
        if not isinstance(purpose, str) or not purpose.strip():
            raise InvalidGrant(Message("the role credential names no purpose"))
        if len(purpose) > MAX_PURPOSE or not purpose.isprintable():
            # It goes into the log and onto the page: one line, and no command to a terminal.
            raise InvalidGrant(
                Message("the role credential's purpose"),
                expected=Message("at most {count} printable characters", count=MAX_PURPOSE),
            )
        packs = as_list(subject["packs"]) if "packs" in subject else None
        if packs is not None and (not packs or not all(isinstance(pack, str) for pack in packs)):
            raise InvalidGrant(Message("the role credential's packs"), expected=Message("a list of addresses"))
        try:
            check_right(Right(Audience(codes[0]), purpose.strip()), names_packs=packs is not None)
        except UsageError as error:
            raise InvalidGrant(str(error)) from None
        until = min(at + self._lifetime, role_until) if role_until else at + self._lifetime
        return AuthorisedReader(
            holder,
            issuer,
            Audience(codes[0]),
            purpose.strip(),
            frozenset(packs or ()),
            until.replace(microsecond=0),
            role_until,
            secrets.token_urlsafe(12),
            role["id"],
            tuple(proof.verification_method.id for proof in result.proofs),
            entries,
        )

    def _check_status(
        self,
        entries: Sequence[RoleEntry],
        issuer: str,
        trust_list: TrustList,
        at: datetime,
        refused: type[AccessDenied],
    ) -> None:
        """:raises AccessDenied: of the kind ``refused``: a status bit of the role is set, or cannot be known."""
        for entry in entries:
            try:
                purpose = self._statuses.check(entry, issuer, trust_list, at)
            except PassportError as error:
                logger.warning("a role is refused, its status is not known: %s", error)
                raise refused(
                    Message("the status of the role is not known: {error}", error=error), hint=error.hint
                ) from error
            if purpose is not None:
                raise refused(
                    Message("the role was withdrawn ({purpose})", purpose=purpose),
                    hint=Message("Ask its issuer for a new one."),
                )

    def feed_token(self, reader: AuthorisedReader, query: str, at: datetime) -> Grant:
        """A token for one feed of alerts, for programs that cannot show a role every few minutes.

        It is looked at again with each use as every token is, and opens nothing but the feed.

        :param query: the choices of the feed.
        """
        until = at + FEED_LIFETIME
        until = min(until, reader.role_until) if reader.role_until else until
        feed = replace(reader, until=until.replace(microsecond=0), token_id=secrets.token_urlsafe(12))
        return Grant(self._sign(feed, at, _FEED_TYPE, feed=query), feed, int((feed.until - at).total_seconds()))

    def read_feed(self, authorization: str, at: datetime) -> tuple[AuthorisedReader, str | None]:
        """The reader of a feed and its choices; None where the token is an ordinary one.

        :param authorization: ``Bearer`` and a token, or ``Basic`` with a token as the password, as feed readers send.
        :raises InvalidToken: as :meth:`read` says.
        """
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() == "basic":
            text = _password(text)
        elif scheme.lower() != "bearer":
            raise InvalidToken(
                Message("no access token"), expected=Message("Authorization: Bearer and a token of ours")
            )
        try:
            reader, claims = self._opened(text.strip(), at, _FEED_TYPE)
        except InvalidToken:
            return self._reader_of(text.strip(), at), None
        return reader, str(claims["feed"])

    def end_feed(self, token_id: str, until: datetime, at: datetime) -> None:
        """End a feed by the id of its token.

        :param until: when it would have ended by itself.
        """
        self._state.revoke_token(token_id, until=until, at=at)

    def _sign(self, reader: AuthorisedReader, at: datetime, type_: str = _TYPE, **more: str) -> str:
        claims = {
            "iss": self._base_url,
            "aud": self._base_url,
            "sub": reader.holder,
            "iat": int(at.timestamp()),
            "exp": int(reader.until.timestamp()),
            "jti": reader.token_id,
            "audience": reader.audience.value,
            "purpose": reader.purpose,
            "packs": sorted(reader.packs),
            "role_issuer": reader.issuer,
            "role_exp": int(reader.role_until.timestamp()) if reader.role_until else None,
            "role": reader.role,
            "role_keys": list(reader.keys),
            "role_status": [entry.to_json() for entry in reader.entries],
            **more,
        }
        token = jws.JWS(strict_json.dumps(claims))
        header = strict_json.dumps({"alg": ALGORITHM, "typ": type_}).decode()
        token.add_signature(self._key(), alg=ALGORITHM, protected=header)
        compact: str = token.serialize(compact=True)
        return compact

    def read(self, authorization: str, at: datetime) -> AuthorisedReader:
        """The reader that an ``Authorization`` header names.

        :raises InvalidToken: another scheme, or a token that is malformed, not ours, not yet or no longer valid.
        """
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidToken(
                Message("no access token"), expected=Message("Authorization: Bearer and a token of ours")
            )
        return self._reader_of(text.strip(), at)

    def revoke(self, text: str, at: datetime) -> None:
        """Revoke a token now, in every worker process. Does nothing for a text that is not a valid token of ours.

        :param text: the token. No further proof is needed: the bearer of a token could already read with it.
        """
        try:
            reader = self._reader_of(text, at)
        except InvalidToken:
            return
        self._state.revoke_token(reader.token_id, until=reader.until, at=at)

    def _reader_of(self, text: str, at: datetime) -> AuthorisedReader:
        return self._opened(text, at, _TYPE)[0]

    def _opened(self, text: str, at: datetime, type_: str) -> tuple[AuthorisedReader, JsonObject]:
        """The reader of a token of one type, and what the token says."""
        if text.count(".") != 2 or len(text) > MAX_TOKEN:
            raise InvalidToken(Message("no access token"), expected=Message("a token of ours"))
        try:
            token = jws.JWS()
            token.allowed_algs = [ALGORITHM]
            token.deserialize(text, self._key())
            if token.jose_header.get("typ") != type_:
                raise InvalidToken(Message("no access token of ours"))
            claims = strict_json.loads(token.payload)
            return self._claims(claims, at), claims
        # What is in a token of ours cannot have been chosen by others, but a key may be shared by mistake.
        except (JWException, PassportError, KeyError, TypeError, ValueError, OverflowError) as error:
            if isinstance(error, InvalidToken | StoreFailure):
                # Of a good token, too, nothing is known while the state cannot be read.
                raise
            raise InvalidToken(Message("the access token is not valid")) from None

    def _claims(self, claims: JsonObject, at: datetime) -> AuthorisedReader:
        if claims["iss"] != self._base_url or claims["aud"] != self._base_url:
            raise InvalidToken(Message("the access token is meant for another resolver"))
        until = datetime.fromtimestamp(claims["exp"], UTC)
        if until <= at or datetime.fromtimestamp(claims["iat"], UTC) > at:
            raise InvalidToken(Message("the access token has expired"))
        audience = Audience(claims["audience"])
        if audience is Audience.PUBLIC:
            raise InvalidToken(Message("the access token names no role"))
        if self._state.is_revoked(claims["jti"]):
            raise InvalidToken(Message("the access token was ended"))
        role_until = claims["role_exp"]
        reader = AuthorisedReader(
            claims["sub"],
            claims["role_issuer"],
            audience,
            claims["purpose"],
            frozenset(claims["packs"]),
            until,
            datetime.fromtimestamp(role_until, UTC) if role_until is not None else None,
            claims["jti"],
            claims["role"],
            tuple(claims["role_keys"]),
            tuple(RoleEntry(*entry) for entry in claims["role_status"]),
        )
        self._check_standing(reader, at)
        return reader

    def _check_standing(self, reader: AuthorisedReader, at: datetime) -> None:
        """Whether the role behind a token still counts.

        :raises InvalidToken: trust in its issuer has ended, or it was withdrawn, or that cannot be known.
        """
        trust_list = self._trust()
        if reader.audience not in audiences_of(trust_list, reader.issuer):
            raise InvalidToken(Message("the issuer of the role is no longer trusted for it"))
        dids = DidResolver(trust_list.did_documents())
        for key in reader.keys:
            try:
                dids.verification_method(key, "assertionMethod", at=at)
            except PassportError as error:
                raise InvalidToken(Message("the key that signed the role is no longer its issuer's")) from error
        if reader.role_until is not None and reader.role_until <= at:
            raise InvalidToken(Message("the role has expired"))
        if not reader.keys or not reader.entries:
            raise InvalidToken(Message("the access token names no role"))
        self._check_status(reader.entries, reader.issuer, trust_list, at, InvalidToken)

    def _key(self) -> jwk.JWK:
        return jwk.JWK(kty="oct", k=_base64url(self._state.secret()))


def audiences_of(trust_list: TrustList, issuer: str) -> frozenset[str]:
    """Whom roles of ``issuer`` let in: nobody where its entry does not say."""
    entry = trust_list.issuer(issuer)
    return frozenset() if entry is None or ROLE not in entry.trusted_for else entry.audiences or frozenset()


def _of_token(text: str) -> tuple[JsonObject, str]:
    """What a ``vp+jwt`` says, and its nonce. Not verified yet: the challenge is used up first, whatever comes after."""
    try:
        claims = jose.parse(text.strip(), typ="vp+jwt", cty="vp").claims()
    except PassportError as error:
        raise InvalidGrant(Message("not a presentation: {error}", error=error), hint=error.hint) from error
    challenge = claims.get("nonce")
    if not isinstance(challenge, str) or len(challenge) > 200:
        raise InvalidGrant(Message("the token has no nonce of ours"), hint=Message("GET /token gives a challenge."))
    registered = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf")
    return {key: value for key, value in claims.items() if key not in registered}, challenge


def _of_sd_jwt(text: str) -> tuple[JsonObject, str]:
    """The role that a ``dc+sd-jwt`` says, and the nonce of its key binding. Not verified yet."""
    try:
        presented = sd_jwt.split(text.strip())
        role = sd_jwt_vc.read_as_credential(jose.parse(presented.issuer_token, typ=sd_jwt_vc.TYPE).claims())
        challenge = jose.parse(presented.binding, typ="kb+jwt").claims().get("nonce")
        vcdm.check_credential(role)
    except PassportError as error:
        raise InvalidGrant(Message("not a presentation: {error}", error=error), hint=error.hint) from error
    if ROLE_KIND.type not in vcdm.types(role):
        raise InvalidGrant(Message("nothing to go by"), expected=Message("one {role} in the presentation", role=ROLE))
    if not isinstance(challenge, str) or len(challenge) > 200:
        raise InvalidGrant(Message("the token has no nonce of ours"), hint=Message("GET /token gives a challenge."))
    return role, challenge


def opens(reader: AuthorisedReader, subject: str, coarser: Callable[[str], Collection[str]]) -> bool:
    """True where the reader's role opens ``subject``: it is one of the packs named, or batch or model of one of them.

    :param coarser: model and batch of a pack by its IRI, nothing for an unknown pack.
    """
    if not reader.packs or subject in reader.packs:
        return True
    return any(subject in coarser(pack) for pack in reader.packs)


def _password(text: str) -> str:
    """The password of ``Basic`` credentials (RFC 7617); empty where there is none."""
    try:
        return base64.b64decode(text.strip(), validate=True).decode("ascii").partition(":")[2]
    except ValueError:
        return ""


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
