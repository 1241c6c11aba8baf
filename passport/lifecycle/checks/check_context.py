"""The context of the checks of an event: all that they read besides the pack's own facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.event_catalogue import LifecycleRule
from passport.lifecycle.surroundings import Surroundings


@dataclass(frozen=True)
class CheckContext:
    """Rules and facts.

    :param rules: those that may apply, by code.
    :param surroundings: facts of other packs; None where an accepted event is looked at again, whose surroundings were
        judged when it was accepted.
    """

    rules: Mapping[str, LifecycleRule]
    surroundings: Surroundings | None = None

    def rule(self, code: str, event: LifecycleEvent) -> LifecycleRule | None:
        """A rule, where it is among those given and in force on the day of the event."""
        rule = self.rules.get(code)
        return rule if rule is not None and rule.in_force_from <= event.instant.date() else None

    def replayed(self) -> CheckContext:
        """The same for events that were accepted before."""
        return CheckContext(self.rules)
