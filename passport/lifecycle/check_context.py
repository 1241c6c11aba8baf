"""What the checks of an event look at besides the pack's own facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passport.lifecycle.event_catalogue import LifecycleRule
from passport.lifecycle.surroundings import Surroundings


@dataclass(frozen=True)
class CheckContext:
    """Rules and facts.

    :param rules: those in force, by code.
    :param surroundings: facts of other packs; None where an accepted event is looked at again, whose surroundings were
        judged when it was accepted.
    """

    rules: Mapping[str, LifecycleRule]
    surroundings: Surroundings | None = None

    def replayed(self) -> CheckContext:
        """The same for events that were accepted before."""
        return CheckContext(self.rules)
