"""The mass balance of a pack: what was weighed, what went into other products, what recycling gave back. All in kg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from passport.lifecycle.checks.recycling_checks import RESIDUE, outputs
from passport.lifecycle.history import History
from passport.vocabulary.credential_types import RECYCLED

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class MassBalance:
    """The masses of one pack in kg; None where nothing was reported.

    :param produced: at production, :param weighed: last, before anything was taken from it.
    :param successors: successor pack -> mass that went into it.
    :param recycled: mass that went into recycling.
    :param outputs: by field, the residue among them.
    """

    produced: Decimal | None
    weighed: Decimal | None
    successors: Mapping[str, Decimal]
    recycled: Decimal | None
    outputs: Mapping[str, Decimal]

    @property
    def unaccounted(self) -> Decimal | None:
        """What was weighed and went nowhere; None before the passport ended."""
        if self.weighed is None or (self.recycled is None and not self.successors):
            return None
        return self.weighed - sum(self.successors.values(), _NOTHING) - (self.recycled or _NOTHING)

    @property
    def recovered(self) -> Decimal:
        """What recycling gave back, without the residue."""
        return sum((mass for name, mass in self.outputs.items() if name != RESIDUE), _NOTHING)


def mass_balance(history: History) -> MassBalance:
    """The balance of a pack as reported so far, with corrections applied."""
    produced: Decimal | None = None
    weighed: Decimal | None = None
    recycled: Decimal | None = None
    successors: dict[str, Decimal] = {}
    recovered: dict[str, Decimal] = {}
    for event, state in history.states():
        mass = event.number("handledMass")
        if event.kind == "produce":
            produced = mass
        if event.kind == "transform" and mass is not None:
            successors[event.text("successorPack") or ""] = mass
        elif event.kind == RECYCLED:
            recycled, recovered = mass, outputs(event)
        elif mass is not None and state.mass is not None:
            weighed = state.mass + sum(successors.values(), _NOTHING)
    return MassBalance(produced, weighed, MappingProxyType(successors), recycled, MappingProxyType(recovered))
