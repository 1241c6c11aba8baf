"""Who may report which life-cycle event, for a verifier: loads neither the ontology nor rdflib.

The facts are those of ``ontology/lifecycle.ttl``, read from a file that is derived from it
(:mod:`passport.lifecycle.event_shapes`). An inbox judges the same, and more, by
:mod:`passport.lifecycle.accreditation_scope`; a test holds the two together.

    event_reporters().objection(event, accreditation, at)      # None: the accreditation covers the event
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from passport.linked_data import resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.vocabulary.credential_types import LIFECYCLE_EVENT

FILE = "ontology/derived/event-reporters.json"
_Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Uncovered:
    """Why an accreditation does not cover an event.

    :ivar code: ``kind-not-known``, ``role-may-not-report``, ``province-unknown``, ``outside-province`` or
        ``permit-missing``.
    :ivar values: for a sentence; names of the ontology are given by language.
    """

    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class EventReporters:
    """:ivar roles: kind of event -> codes of the roles that may report it.

    :ivar permits: role -> permits that it needs in ``country`` for what happens there on ``since`` or later.
    :ivar names: of ``kinds``, ``roles`` and ``permits``, by code and language.
    """

    roles: Mapping[str, frozenset[str]]
    permits: Mapping[str, tuple[str, ...]]
    country: str
    since: date
    names: Mapping[str, _Names]

    def objection(self, event: JsonObject, accreditation: JsonObject, at: datetime) -> Uncovered | None:
        """Why an event is outside an accreditation; None where it is inside.

        :param event: subject of an event credential; :param accreditation: that of an accreditation.
        :param at: instant of the event.
        """
        kind = event.get(LIFECYCLE_EVENT)
        if not isinstance(kind, str) or kind not in self.roles:
            return Uncovered("kind-not-known", {"kind": str(kind)[:40]})
        roles = {role for role in _listed(accreditation.get("actorRole")) if isinstance(role, str)}
        able = sorted(self.roles[kind] & roles)
        if not able:
            named = [self._name("roles", role) for role in sorted(roles)]
            return Uncovered("role-may-not-report", {"event": self._name("kinds", kind), "roles": named})
        country, province = event.get("eventCountry"), event.get("eventProvince")
        provinces = _listed(accreditation.get("accreditedProvince"))
        if provinces and (country is None or (country == self.country and province is None)):
            return Uncovered("province-unknown", {})
        if provinces and province not in provinces:
            return Uncovered("outside-province", {"place": str(province or country)[:40]})
        if country == self.country and at.date() >= self.since:
            held = [permit for permit in _listed(accreditation.get("permits")) if isinstance(permit, Mapping)]
            lacking = [self._lacking(role, held, at) for role in able]
            if lacking[0] is not None and all(lacking):
                return Uncovered("permit-missing", {"permit": self._name("permits", lacking[0]), "at": at})
        return None

    def _lacking(self, role: str, held: list[Mapping[str, Any]], at: datetime) -> str | None:
        for code in self.permits.get(role, ()):
            if not any(permit.get("permitKind") == code and _in_force(permit, at) for permit in held):
                return code
        return None

    def _name(self, of: str, code: str) -> Mapping[str, str] | str:
        return self.names[of].get(code, code[:40])


@cache
def event_reporters() -> EventReporters:
    """:raises UsageError: the derived file is not there."""
    document = strict_json.loads(resources.read_bytes(FILE))
    permits = document["permits"]
    return EventReporters(
        MappingProxyType({kind: frozenset(roles) for kind, roles in document["kinds"].items()}),
        MappingProxyType({role: tuple(needed) for role, needed in permits["roles"].items()}),
        permits["country"],
        date.fromisoformat(permits["from"]),
        MappingProxyType(document["names"]),
    )


def _in_force(permit: Mapping[str, Any], at: datetime) -> bool:
    starts, ends = _instant(permit.get("permitValidFrom")), _instant(permit.get("permitValidUntil"))
    until_then = ends is None if permit.get("permitValidUntil") is None else ends is not None and at < ends
    return starts is not None and starts <= at and until_then


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
