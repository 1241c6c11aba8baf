"""Signed events for the frozen corpus: the life of one pack, and one event of each kind that its story leaves out."""

from __future__ import annotations

from typing import Any

from passport.credentials.issuer import presentation
from passport.lifecycle import EventKind, catalogue
from tests.lifecycle.life_world import CAR_1, NOW, PACK, ROLES, car
from tests.lifecycle.story import STORY
from tests.publishing.event_world import ACTORS, SigningWorld

SIGNED_AT = NOW
#: What an event of a kind needs beside its fields.
_MEMBERS: dict[str, Any] = {"vehicle": car(CAR_1), "corrects": "urn:event:1"}


def life() -> dict[str, Any]:
    """A presentation of events, details, accreditations and status lists; their keys are forgotten with the run."""
    world = SigningWorld()
    messages = []
    for step in STORY:
        if step.pack == PACK:
            event = step.event(world)
            messages.append(world.message(event))
            world.take(event)
    told = {step.kind for step in STORY}
    for kind in catalogue().kinds.values():
        if kind.code not in told:
            members = {name: _MEMBERS[name] for name in kind.members_required if name in _MEMBERS}
            messages.append(world.message(world.event(kind.code, _actor(kind), "2036-07-01", **members)))
    documents = [document for message in messages for document in (message.event, message.detail) if document]
    accreditations = {message.accreditation["id"]: message.accreditation for message in messages}
    return presentation([*documents, *accreditations.values(), *world.lists])


def issuers() -> list[dict[str, Any]]:
    """The entries of a trust list that names everybody who signs in :func:`life`."""
    return ACTORS.trusted()


def _actor(kind: EventKind) -> str:
    return next(actor for actor, roles in ROLES.items() if set(roles) & set(kind.roles))
