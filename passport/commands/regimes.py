"""The regimes and the day that a command applies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from passport.errors import UsageError
from passport.texts import Message
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Regime


def chosen_regimes(codes: Sequence[str]) -> tuple[Regime, ...]:
    """The regimes of these codes, in this order.

    :raises UsageError: no such regime.
    """
    known = vocabulary.regimes()
    for code in codes:
        if code not in known:
            raise UsageError(Message("unknown regime {code!r}", code=code), expected=", ".join(known), found=code)
    return tuple(known[code] for code in dict.fromkeys(codes))


def day_or_usage(text: str) -> date:
    """The day of ``--on``.

    :raises UsageError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Message("--on is not a date"), expected=Message("such as 2027-02-18"), found=repr(text)
        ) from None


def due_on(today: date) -> Callable[[Regime], date]:
    """The day whose obligations are asked for: today, or the first day of a regime that is not in force yet."""
    return lambda regime: max(today, regime.in_force)
