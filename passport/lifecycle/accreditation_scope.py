"""The accreditation of an actor as a value, and the check whether it covers an event.

The accreditation is a credential of an authority; whether its signature and issuer hold was judged before. An event
needs an accreditation in force twice: at its own instant, and now. So a revoked or expired one stops every new event,
late reports among them, and leaves accepted events as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.event_catalogue import LifecycleRule, catalogue
from passport.lifecycle.refusal import Refusal
from passport.texts import Message, Text

#: The country whose provinces an accreditation names.
PROVINCES_OF = "CN"


@dataclass(frozen=True)
class Permit:
    """A permit of an actor.

    :param kind: code of a permit in ``ontology/lifecycle.ttl``.
    :param valid_from: first instant, :param valid_until: first instant after; None without an end.
    """

    kind: str
    number: str
    valid_from: datetime
    valid_until: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it is valid at an instant."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True)
class Accreditation:
    """What an authority states of an actor.

    :param holder: DID of the actor.
    :param roles: codes of the list ``actorRole``.
    :param provinces: ISO 3166-2 codes; None where it is not limited to provinces.
    :param manufacturer_codes: positions 1-3 of the GB/T 34014 codes that it may give; None where none are stated.
    :param revoked_at: None where it is not revoked.
    :param identity_ended_at: since when the identity on which it rests is revoked or suspended; None where it is not,
        or where it rests on none.
    """

    holder: str
    roles: frozenset[str]
    valid_from: datetime
    valid_until: datetime | None = None
    provinces: frozenset[str] | None = None
    permits: tuple[Permit, ...] = ()
    manufacturer_codes: frozenset[str] | None = None
    revoked_at: datetime | None = None
    identity_ended_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it and the identity of its actor are valid and not revoked at an instant."""
        return (
            self.valid_from <= at
            and (self.valid_until is None or at < self.valid_until)
            and (self.revoked_at is None or at < self.revoked_at)
            and (self.identity_ended_at is None or at < self.identity_ended_at)
        )


def outside(
    event: LifecycleEvent, accreditation: Accreditation, *, now: datetime, rules: Mapping[str, LifecycleRule]
) -> Iterator[Refusal]:
    """Every reason why an event is outside an accreditation; none where it is inside."""
    if accreditation.holder != event.actor:
        yield Refusal(
            "not-the-accredited-actor",
            Message(
                "The event names {actor} as its actor; the accreditation is that of {holder}.",
                actor=event.actor,
                holder=accreditation.holder,
            ),
            Message("The actor reports and signs its own events."),
        )
        return
    yield from _validity(event, accreditation, now)
    yield from _roles(event, accreditation, rules)
    yield from _province(event, accreditation)
    yield from _manufacturer(event, accreditation)


def _validity(event: LifecycleEvent, accreditation: Accreditation, now: datetime) -> Iterator[Refusal]:
    revoked = accreditation.revoked_at
    if revoked is not None and revoked <= max(now, event.instant):
        yield Refusal(
            "accreditation-revoked",
            Message("The accreditation of {actor} was revoked on {day:day}.", actor=event.actor, day=revoked),
            Message("An accreditation in force is needed to report anything new."),
        )
    ended = accreditation.identity_ended_at
    if ended is not None and ended <= max(now, event.instant):
        yield Refusal(
            "identity-withdrawn",
            Message(
                "The identity of {actor} was revoked or suspended on {day:day}; its accreditation rests on it.",
                actor=event.actor,
                day=ended,
            ),
            Message("An identity that counts is needed to report anything new."),
        )
    for at in (event.instant, now):
        if revoked is None and ended is None and not accreditation.in_force(at):
            yield Refusal(
                "accreditation-not-in-force",
                Message("The accreditation of {actor} is not in force on {day:day}.", actor=event.actor, day=at),
                Message("It must be in force when the event happened and when it is reported."),
            )
            return


def _roles(
    event: LifecycleEvent, accreditation: Accreditation, rules: Mapping[str, LifecycleRule]
) -> Iterator[Refusal]:
    facts = catalogue()
    kind = facts.kinds[event.kind]
    beyond = sorted(event.roles - accreditation.roles)
    if beyond:
        yield Refusal(
            "role-not-accredited",
            Message("{actor} is not accredited as {roles}.", actor=event.actor, roles=_labels(beyond)),
            Message("An event carries the roles of the accreditation and no others."),
        )
    able = [role for role in kind.roles if role in event.roles & accreditation.roles]
    if not able:
        yield Refusal(
            "role-may-not-report",
            Message(
                "{actor} may not report the event “{event}” as {roles}.",
                actor=event.actor,
                event=dict(kind.label),
                roles=_labels(sorted(event.roles)),
            ),
            Message("It is reported by: {roles}.", roles=_labels(kind.roles)),
        )
    elif "permit" in rules and rules["permit"].in_force_from <= event.instant.date():
        lacking = [list(_lacking(role, event, accreditation)) for role in able]
        if all(lacking):
            yield from (refusal.by(rules["permit"]) for refusal in lacking[0])


def _labels(roles: Iterable[str]) -> list[Text]:
    """The names of roles; an unknown role is its own name."""
    labels = {code.code: code.label for code in catalogue().roles.codes}
    return [dict(labels[role]) if role in labels else role for role in roles]


def _lacking(role: str, event: LifecycleEvent, accreditation: Accreditation) -> Iterator[Refusal]:
    for kind in catalogue().permits.values():
        if kind.role != role:
            continue
        if not any(permit.kind == kind.code and permit.in_force(event.instant) for permit in accreditation.permits):
            yield Refusal(
                "permit-missing",
                Message(
                    "{actor} has no {permit} in force on {day:day}.",
                    actor=event.actor,
                    permit=dict(kind.label),
                    day=event.instant,
                ),
                Message("The accreditation must name it with its time of validity."),
            )


def _province(event: LifecycleEvent, accreditation: Accreditation) -> Iterator[Refusal]:
    if accreditation.provinces is None:
        return
    place = event.place
    if place is None or (place.country == PROVINCES_OF and place.province is None):
        yield Refusal(
            "province-unknown",
            Message("The event does not say in which province it happened."),
            Message("{actor} is accredited for certain provinces: give the place.", actor=event.actor),
        )
    elif place.province not in accreditation.provinces:
        yield Refusal(
            "outside-province",
            Message(
                "{actor} is not accredited for {province}.",
                actor=event.actor,
                province=place.province or place.country,
            ),
            Message("It is accredited for {provinces}.", provinces=sorted(accreditation.provinces)),
        )


def _manufacturer(event: LifecycleEvent, accreditation: Accreditation) -> Iterator[Refusal]:
    for name in ("packCode", "newBatteryCode"):
        code = event.text(name)
        known = accreditation.manufacturer_codes
        # The new code of a transformation is given by the operator of the successor, who may be another.
        if code is None or known is None or code[:3] in known or (name == "newBatteryCode" and event.counterpart):
            continue
        yield Refusal(
            "manufacturer-code-of-another",
            Message(
                "The code {code} begins with {prefix}, which is not assigned to {actor}.",
                code=code,
                prefix=code[:3],
                actor=event.actor,
            ),
            Message("The maker to which these three characters are assigned gives the code."),
        )
