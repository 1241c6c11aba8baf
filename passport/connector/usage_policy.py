"""Usage policies in ODRL: few terms, each of them enforced here; a term that is not known refuses the whole policy.

======================  =====================================  =========================================================
constraint of ``use``   operator and value                     enforced
======================  =====================================  =========================================================
``purpose``             ``isAnyOf`` codes                      a credential of the consumer names one of them
``recipient``           ``isAnyOf`` roles                      a credential of the consumer gives it one of the roles
``spatial``             ``isAnyOf`` countries (ISO 3166-1)     a credential of the consumer says that it is in one
``product``             ``isAnyOf`` packs or models            nothing of another one is handed over
``dateTime``            ``lt`` an instant                      no token is given or taken from that instant on
``elapsedTime``         ``lteq`` ``P90D``                      the same, days from the agreement on
======================  =====================================  =========================================================

Terms are those of ODRL. The context of the Dataspace Protocol has no name for most of them, so they are written with
their prefix: ``odrl:purpose``.

A prohibition of ``distribute`` says that the consumer hands nothing on: its connector makes no offer of such data. A
duty, another action or another constraint cannot be enforced, so a policy with one is refused, also one of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.errors import RefusedUsage
from passport.linked_data.json_types import JsonObject, as_list
from passport.texts import Message

ODRL = "http://www.w3.org/ns/odrl/2/"

_DAYS = re.compile(r"P([1-9][0-9]{0,3})D\Z", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}\Z", re.ASCII)
#: Constraint -> the member of :class:`UsagePolicy` that it fills; all with ``isAnyOf``.
_SETS: Mapping[str, str] = {
    "purpose": "purposes",
    "recipient": "roles",
    "spatial": "countries",
    "product": "products",
}
_MAX_VALUES = 1_000


@dataclass(frozen=True)
class Participant:
    """A company that proved who it is, and what trusted issuers say of it.

    :ivar did: its DID.
    :ivar roles: codes of its roles, :ivar purposes: for which it may use data, :ivar country: where it is.
    :ivar origins: addresses, scheme to port, to which its messages may be sent: those that its DID document names.
    """

    did: str
    roles: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    country: str | None = None
    origins: frozenset[str] = frozenset()

    def claims(self) -> JsonObject:
        """What was said of it, as it is kept with a process."""
        stated = {"roles": sorted(self.roles), "purposes": sorted(self.purposes), "country": self.country}
        return {name: value for name, value in stated.items() if value}

    @classmethod
    def of_claims(cls, did: str, claims: Mapping[str, Any]) -> Participant:
        roles, purposes = frozenset(claims.get("roles", ())), frozenset(claims.get("purposes", ()))
        return cls(did, roles, purposes, claims.get("country"))


@dataclass(frozen=True)
class UsagePolicy:
    """The terms under which data may be used. An empty set or None does not restrict.

    :ivar until: instant from which on nothing is handed over; :ivar days: the same, from the agreement on.
    :ivar no_onward: the consumer hands nothing on.
    """

    purposes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    until: datetime | None = None
    days: int | None = None
    no_onward: bool = False

    @classmethod
    def from_odrl(cls, policy: Mapping[str, Any]) -> UsagePolicy:
        """The terms of an offer or agreement.

        :raises RefusedUsage: it has a term that is not enforced here.
        """
        permissions = as_list(policy.get("permission"))
        if len(permissions) != 1 or policy.get("obligation"):
            raise _unknown(Message("one permission and no obligation"), f"{len(permissions)}")
        permission = permissions[0]
        if not isinstance(permission, dict) or _short(permission.get("action")) != "use":
            raise _unknown("use", repr(permission)[:80])
        _refuse_members(permission)
        terms: dict[str, Any] = {}
        for constraint in as_list(permission.get("constraint")):
            name, value = _term(constraint)
            if name in terms:
                raise _unknown(Message("each constraint once"), name)
            terms[name] = value
        prohibitions = as_list(policy.get("prohibition"))
        for prohibition in prohibitions:
            _refuse_members(prohibition)
            if not isinstance(prohibition, dict) or _short(prohibition.get("action")) != "distribute":
                raise _unknown("distribute", repr(prohibition)[:80])
            if prohibition.get("constraint"):
                raise _unknown(Message("a prohibition without constraints"), repr(prohibition["constraint"])[:80])
        return cls(**terms, no_onward=bool(prohibitions))

    def to_odrl(self) -> JsonObject:
        """The rules of an offer or agreement with these terms, always in the same order."""
        constraints = [
            {"leftOperand": f"odrl:{name}", "operator": "isAnyOf", "rightOperand": sorted(getattr(self, member))}
            for name, member in _SETS.items()
            if getattr(self, member)
        ]
        if self.until is not None:
            constraints.append({"leftOperand": "odrl:dateTime", "operator": "lt", "rightOperand": _written(self.until)})
        if self.days is not None:
            constraints.append(
                {"leftOperand": "odrl:elapsedTime", "operator": "lteq", "rightOperand": f"P{self.days}D"}
            )
        permission = {"action": "use", **({"constraint": constraints} if constraints else {})}
        prohibition = [{"action": "odrl:distribute"}] if self.no_onward else None
        return {"permission": [permission], **({"prohibition": prohibition} if prohibition else {})}

    def ends(self, agreed: datetime) -> datetime | None:
        """The instant from which on nothing is handed over under an agreement of ``agreed``; None: it has no end."""
        ends = [] if self.until is None else [self.until]
        if self.days is not None:
            ends.append(agreed + timedelta(days=self.days))
        return min(ends, default=None)

    def refusals(self, consumer: Participant, *, at: datetime, agreed: datetime | None = None) -> Iterator[str]:
        """Why this consumer may not have the data; nothing where it may.

        :param agreed: when the agreement was made; by default at ``at``.
        """
        for allowed, own, name in (
            (self.roles, consumer.roles, Message("role")),
            (self.purposes, consumer.purposes, Message("purpose")),
            (self.countries, frozenset({consumer.country} - {None}), Message("country")),
        ):
            if allowed and not allowed & own:
                yield Message(
                    "{name} of the consumer: expected one of {allowed}", name=name, allowed=", ".join(sorted(allowed))
                )
        end = self.ends(agreed or at)
        if end is not None and at >= end:
            yield Message("the agreement ended {end}", end=_written(end))


def _term(constraint: Any) -> tuple[str, Any]:
    """Member and value of :class:`UsagePolicy` that a constraint fills."""
    if not isinstance(constraint, dict) or not {"leftOperand", "operator", "rightOperand"} >= constraint.keys() - {
        "@type"
    }:
        raise _unknown(Message("constraints without logical operators"), repr(constraint)[:80])
    left, operator = _short(constraint.get("leftOperand")), _short(constraint.get("operator"))
    right = constraint.get("rightOperand")
    if left in _SETS and operator in ("isAnyOf", "eq"):
        values = as_list(right)
        good = values and len(values) <= _MAX_VALUES and all(isinstance(value, str) and value for value in values)
        if good and (left != "spatial" or all(_COUNTRY.match(value) for value in values)):
            return _SETS[left], frozenset(values)
    if left == "dateTime" and operator == "lt" and isinstance(right, str):
        try:
            instant = datetime.fromisoformat(right)
        except ValueError:
            instant = datetime.min
        if instant.tzinfo is not None:
            return "until", instant.astimezone(UTC)
    if left == "elapsedTime" and operator == "lteq" and isinstance(right, str) and (days := _DAYS.match(right)):
        return "days", int(days[1])
    names = ", ".join((*_SETS, "dateTime", "elapsedTime"))
    raise _unknown(names, repr(constraint)[:120])


def _short(term: Any) -> Any:
    """A term of ODRL without its namespace: as a name of the context, a compact IRI, or in full."""
    return term.removeprefix(ODRL).removeprefix("odrl:") if isinstance(term, str) else None


def _refuse_members(rule: Any) -> None:
    extra = set(rule) - {"action", "constraint", "@type"} if isinstance(rule, dict) else {"…"}
    if extra:
        raise _unknown("action, constraint", ", ".join(sorted(map(str, extra)))[:80])


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _unknown(expected: str, found: str) -> RefusedUsage:
    return RefusedUsage(
        Message("the usage policy has a term that is not enforced here"), expected=expected, found=found
    )
