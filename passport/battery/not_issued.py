"""Values of a record that no passport credential holds: life-cycle events, which are credentials of their actors.

The production is issued with the passport. Personal data occurs in events only (a test holds the vocabulary to that).
"""

from __future__ import annotations

from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module

#: The event that is issued with the passport.
PRODUCTION = "production"


def not_issued(record: Record) -> tuple[Fault, ...]:
    """A loss for every indicator that issuing leaves out, in the vocabulary's order."""
    event_of = {name: event for event, values in record.events.items() if event != PRODUCTION for name in values}
    return tuple(
        Fault(
            "event-not-issued",
            record.locate(name),
            name,
            Message("a life-cycle event; hand it in with `passport event`"),
            Message("data of the model, the pack, its read-out or its production"),
            Message("a record of the event {event}", event=event_of[name]),
            "loss",
        )
        for name in vocabulary_module.load().indicators
        if name in event_of
    )
