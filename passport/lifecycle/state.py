"""The state of a pack at one moment of its history. Separate facts, derived from events and stored nowhere.

Custody (the present holder) and ownership are two facts, and so are the EU status and the legal state. The
life-cycle state of the code list is a label made of them: :attr:`PackState.label`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from passport.lifecycle.event import LifecycleEvent, Place
from passport.lifecycle.parts import PartsTree
from passport.lifecycle.vehicles import VehicleHash

ORIGINAL, REUSED, REPURPOSED, REMANUFACTURED, WASTE = "original", "re-used", "repurposed", "remanufactured", "waste"
SWAP_OPERATOR, UTILISER = "swapOperator", "utiliser"


class LegalState(StrEnum):
    """Whether waste law applies."""

    PRODUCT = "product"
    WASTE = "waste"


class Ending(StrEnum):
    """How a passport ended."""

    RECYCLED = "recycled"
    TRANSFORMED = "transformed"


@dataclass(frozen=True)
class Party:
    """Somebody who holds or owns a pack.

    :param did: None for a natural person, who is never named.
    :param roles: as accredited, where the party reported events; else empty.
    """

    did: str | None
    roles: frozenset[str] = frozenset()


#: A natural person.
UNNAMED = Party(None)


@dataclass(frozen=True)
class HandOver:
    """A pack that was sent out and not received yet."""

    event: str
    sender: str
    receiver: str
    mass: Decimal | None


@dataclass(frozen=True)
class PackState:
    """The facts.

    :param code: GB/T 34014 code, None before it was registered.
    :param produced: instant of production.
    :param passport: IRI of the passport credential.
    :param markets: on which it was placed.
    :param responsible: DID of the operator that answers for the passport.
    :param vehicle: hashes of the vehicle that it is in; empty where it is in none.
    :param in_use: whether it is in use with that vehicle.
    :param swap_models: hashes of vehicles that this history shows to be swap models.
    :param scrapped: hashes of vehicles that this history shows to be scrapped.
    :param removed: whether it was in a vehicle before.
    :param retired_by: event of the retirement, None where it is not retired.
    :param decision: of the assessment since then; :param assessor: its DID.
    :param transit: the hand-over under way.
    :param mass: in kg, as last weighed, without what successors took.
    :param predecessors: packs that it was made from, :param successors: packs made from it.
    """

    code: str | None = None
    model: str | None = None
    produced: datetime | None = None
    passport: str | None = None
    markets: frozenset[str] = frozenset()
    exported_to: frozenset[str] = frozenset()
    responsible: str | None = None
    holder: Party | None = None
    owner: Party | None = None
    place: Place | None = None
    status: str | None = None
    legal: LegalState = LegalState.PRODUCT
    vehicle: tuple[VehicleHash, ...] = ()
    in_use: bool = False
    swap_models: frozenset[VehicleHash] = frozenset()
    scrapped: frozenset[VehicleHash] = frozenset()
    removed: bool = False
    retired_by: str | None = None
    decision: str | None = None
    assessor: str | None = None
    transit: HandOver | None = None
    mass: Decimal | None = None
    parts: PartsTree = field(default_factory=PartsTree)
    lost_by: str | None = None
    held_by: str | None = None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    ending: Ending | None = None
    ended_by: str | None = None

    def changed(self, changes: Mapping[str, Any]) -> PackState:
        """The facts with some of them changed, by name.

        As :func:`dataclasses.replace`, which sets each of the thirty anew; this is done once an event.
        """
        state = object.__new__(PackState)
        state.__dict__.update(self.__dict__)
        state.__dict__.update(changes)
        return state

    @property
    def fitted(self) -> bool:
        """Whether it is in a vehicle."""
        return bool(self.vehicle)

    @property
    def waste(self) -> bool:
        """Whether its legal state is waste."""
        return self.legal is LegalState.WASTE

    @property
    def reusable(self) -> bool:
        """Whether it was retired and assessed as fit for its first purpose."""
        return self.retired_by is not None and self.decision == "reuse"

    @property
    def in_pool(self) -> bool:
        """Whether a swap operator has it on its shelf."""
        return not self.fitted and self.holder is not None and SWAP_OPERATOR in self.holder.roles

    def held_by_actor(self, event: LifecycleEvent) -> bool:
        """Whether the reporter is the holder, or there is no holder yet."""
        return self.holder is None or self.holder.did == event.actor

    @property
    def label(self) -> str | None:
        """Code of the list ``lifecycleState``; None before the first event."""
        labels: tuple[tuple[bool, str], ...] = (
            (self.ending is Ending.RECYCLED, "Recycled"),
            (self.ending is Ending.TRANSFORMED, "Transformed"),
            (self.lost_by is not None, "Lost"),
            (self.held_by is not None, "Suspended"),
            (self.waste and self.holder is not None and UTILISER in self.holder.roles, "InRecycling"),
            (self.waste, "Waste"),
            (self.reusable and not self.fitted, "PreparedForReuse"),
            (self.decision is not None, "Assessed"),
            (self.retired_by is not None, "Retired"),
            (self.fitted and self.in_use, "InUse"),
            (self.fitted, "Fitted"),
            (self.in_pool, "SwapPool"),
            (bool(self.exported_to), "Exported"),
            (self.removed, "Removed"),
            (self.produced is not None, "Produced"),
            (self.code is not None, "Registered"),
        )
        return next((label for holds, label in labels if holds), None)
