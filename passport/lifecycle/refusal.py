"""A refusal: the reason why an event is not accepted, as a code for machines and two sentences for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passport.lifecycle.event_catalogue import LifecycleRule
from passport.texts import Message, by_language


@dataclass(frozen=True)
class Refusal:
    """One reason.

    :param code: stable, for machines: ``not-fitted``, ``held-by-another``, …
    :param problem: the reason against the event.
    :param remedy: what would be right.
    :param rule: code of the jurisdiction's rule that refuses; None for what no jurisdiction allows.
    :param basis: source of that rule.
    :param event: id of another event that conflicts with it.
    """

    code: str
    problem: Message
    remedy: Message
    rule: str | None = None
    basis: Mapping[str, str] | None = None
    event: str | None = None

    @property
    def message(self) -> Message:
        """Both sentences, and the basis of the rule where there is one."""
        if self.basis is None:
            return Message("{problem} {remedy}", problem=self.problem, remedy=self.remedy)
        return Message(
            "{problem} {remedy} (Rule: {basis})", problem=self.problem, remedy=self.remedy, basis=dict(self.basis)
        )

    def to_json(self) -> dict[str, Any]:
        """The refusal as a JSON object, empty members left out."""
        members = {
            "code": self.code,
            "message": by_language(self.message),
            "rule": self.rule,
            "event": self.event,
        }
        return {name: value for name, value in members.items() if value is not None}

    def by(self, rule: LifecycleRule) -> Refusal:
        """The same as a refusal by a rule of a jurisdiction."""
        return Refusal(self.code, self.problem, self.remedy, rule.code, rule.basis, self.event)
