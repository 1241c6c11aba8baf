"""An authorised reader, the grant of a token, and the refusals of access control."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from passport.battery.privacy.rights import Right
from passport.credentials.trust import TrustList
from passport.errors import AccessDenied
from passport.linked_data.json_types import JsonObject
from passport.vocabulary.credential_types import ROLE
from passport.vocabulary.vocabulary import Audience
from resolver.role_status import RoleEntry


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

    def claims(self) -> JsonObject:
        """What is kept of a reader in a token, and of one that waits for its token."""
        return {
            "sub": self.holder,
            "exp": int(self.until.timestamp()),
            "jti": self.token_id,
            "audience": self.audience.value,
            "purpose": self.purpose,
            "packs": sorted(self.packs),
            "role_issuer": self.issuer,
            "role_exp": int(self.role_until.timestamp()) if self.role_until else None,
            "role": self.role,
            "role_keys": list(self.keys),
            "role_status": [entry.to_json() for entry in self.entries],
        }

    @classmethod
    def of_claims(cls, claims: JsonObject) -> AuthorisedReader:
        """The reader of :meth:`claims`, from a place that only this resolver writes.

        :raises KeyError, TypeError, ValueError, OverflowError: they are no such claims.
        """
        role_until = claims["role_exp"]
        return cls(
            claims["sub"],
            claims["role_issuer"],
            Audience(claims["audience"]),
            claims["purpose"],
            frozenset(claims["packs"]),
            datetime.fromtimestamp(claims["exp"], UTC),
            datetime.fromtimestamp(role_until, UTC) if role_until is not None else None,
            claims["jti"],
            claims["role"],
            tuple(claims["role_keys"]),
            tuple(RoleEntry(*entry) for entry in claims["role_status"]),
        )

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


def audiences_of(trust_list: TrustList, issuer: str) -> frozenset[str]:
    """The audiences that roles of ``issuer`` may name; none where its entry in the trust list names none."""
    entry = trust_list.issuer(issuer)
    return frozenset() if entry is None or ROLE not in entry.trusted_for else entry.audiences or frozenset()


def opens(reader: AuthorisedReader, subject: str, coarser: Callable[[str], Collection[str]]) -> bool:
    """True where the reader's role opens ``subject``: it is one of the packs named, or batch or model of one of them.

    :param coarser: model and batch of a pack by its IRI, nothing for an unknown pack.
    """
    if not reader.packs or subject in reader.packs:
        return True
    return any(subject in coarser(pack) for pack in reader.packs)
