"""Verification of a role credential: when a token is given (steps 4 and 5), and again with each use of the token."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from passport.battery.privacy.rights import Right, check_right
from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.status_fetch import wanted
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult
from passport.credentials.verifier import Verifier
from passport.errors import AccessDenied, PassportError, UsageError
from passport.identity.did import DidResolver
from passport.linked_data.json_types import JsonObject, as_list
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import AuthorisedReader, InvalidGrant, InvalidToken, audiences_of
from resolver.access.presented_role import PresentedRole
from resolver.role_status import RoleEntry, RoleStatuses

MAX_PURPOSE = 200
_NOT_AT_HAND = "The resolver asks the role's issuer for it in the background. Present the role again in a minute."

logger = logging.getLogger("resolver")


class RoleCheck:
    """Verifies role credentials against the trust list as it is now.

    :param trust: gives the trust list as it is now.
    :param lifetime: how long a token lasts; never longer than the role itself.
    :param statuses: the status lists of issuers of roles that are at hand.
    """

    def __init__(self, trust: Callable[[], TrustList], lifetime: timedelta, statuses: RoleStatuses) -> None:
        self._trust = trust
        self._lifetime = lifetime
        self._statuses = statuses

    def reader(
        self, presented: PresentedRole, domain: str, at: datetime, *, audience: str | None = None
    ) -> AuthorisedReader:
        """The reader that a presented role makes of its holder.

        :param presented: whose holder's signature was verified, where it is no ``dc+sd-jwt``.
        :param domain: the domain of a key binding.
        :param audience: which of the audiences that the role names, where it names several.
        :raises InvalidGrant: step 4 or 5 fails; the message says which check.
        """
        trust_list = self._trust()
        result = self._check_role(presented, domain, trust_list, at)  # 4
        return self._reader(presented.role, result, presented.holder, trust_list, at, audience)  # 5

    def check_standing(self, reader: AuthorisedReader, at: datetime) -> None:
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

    def _check_role(
        self, presented: PresentedRole, domain: str, trust_list: TrustList, at: datetime
    ) -> CredentialResult:
        entries = presented.role.get("credentialStatus") or []
        lists: dict[str, JsonObject | PassportError] = {}
        for entry in entries if isinstance(entries, list) else [entries]:
            url = entry.get("statusListCredential") if isinstance(entry, dict) else None
            if isinstance(url, str) and (document := self._statuses.document(url)) is not None:
                lists[url] = document
        try:
            verifier = Verifier(trust_list, status_lists=lists)
            if presented.is_bound:
                result = verifier.verify(presented.document, at=at, challenge=presented.challenge, domain=domain)
            else:
                result = verifier.verify(presented.role, at=at)
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
        own = [each for each in entries if not each.of_identity]
        if not any(each.purpose == status_list.REVOCATION for each in own) or not isinstance(role.get("id"), str):
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
            if purpose is None:
                continue
            if entry.of_identity:
                raise refused(
                    Message("the identity on which the role rests was withdrawn ({purpose})", purpose=purpose),
                    hint=Message("A role needs an identity of its holder that counts."),
                )
            raise refused(
                Message("the role was withdrawn ({purpose})", purpose=purpose),
                hint=Message("Ask its issuer for a new one."),
            )
