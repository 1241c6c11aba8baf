"""A message: a signed event as it is handed in, with its detail, its accreditation and status lists.

    {"event": {…}, "detail": {…}, "accreditation": {…}, "statusLists": [{…}]}

Only ``event`` is always there. The members are signed documents; the message itself is not signed and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from passport.errors import FaultyRecord
from passport.lifecycle.event_values import EventFault
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.accreditation import ACCREDITATION_PART
from passport.publishing.events.event_credentials import DETAIL_PART, EVENT_PART, canonical_bytes, digest_of
from passport.texts import Message

LISTS_PART = "statusLists"
_PARTS = (EVENT_PART, DETAIL_PART, ACCREDITATION_PART)
#: Bytes of one message: an event with a thousand parts has a fifth of it.
MAX_BYTES = 1_000_000
MAX_LISTS = 4


@dataclass(frozen=True)
class EventMessage:
    """:ivar accreditation: None where the receiver is expected to have it."""

    event: JsonObject
    detail: JsonObject | None = None
    accreditation: JsonObject | None = None
    status_lists: tuple[JsonObject, ...] = ()

    @classmethod
    def from_json(cls, value: Any) -> EventMessage:
        """:raises FaultyRecord: it is no message, with every fault."""
        faults = tuple(_faults(value))
        if faults:
            raise FaultyRecord(
                Message("the message has {n} fault", plural="the message has {n} faults", n=len(faults)), faults
            )
        return cls(
            value[EVENT_PART],
            value.get(DETAIL_PART),
            value.get(ACCREDITATION_PART),
            tuple(value.get(LISTS_PART, ())),
        )

    @cached_property
    def event_body(self) -> bytes:
        """The signed event in canonical JSON. It is written once, as the other three: no member of a message changes.

        :raises MalformedDocument: it has no canonical form.
        """
        return canonical_bytes(self.event)

    @cached_property
    def event_digest(self) -> str:
        """:raises MalformedDocument: the event has no canonical form."""
        return digest_of(self.event_body)

    @cached_property
    def detail_body(self) -> bytes | None:
        """The signed detail in canonical JSON; None where there is none.

        :raises MalformedDocument: it has no canonical form.
        """
        return None if self.detail is None else canonical_bytes(self.detail)

    @cached_property
    def detail_digest(self) -> str | None:
        """:raises MalformedDocument: the detail has no canonical form."""
        return None if self.detail_body is None else digest_of(self.detail_body)

    def to_json(self) -> JsonObject:
        """The message as a JSON object."""
        parts = dict(zip(_PARTS, (self.event, self.detail, self.accreditation), strict=True))
        return {
            **{part: document for part, document in parts.items() if document is not None},
            **({LISTS_PART: list(self.status_lists)} if self.status_lists else {}),
        }

    def to_bytes(self) -> bytes:
        """The message in canonical JSON."""
        return canonical_bytes(self.to_json())


def _faults(value: Any) -> Iterator[EventFault]:
    if not isinstance(value, dict):
        yield EventFault("", "malformed-message", Message("expected a JSON object"))
        return
    for name in value:
        if name not in (*_PARTS, LISTS_PART):
            pointer = "/" + str(name)[:80].replace("~", "~0").replace("/", "~1")
            yield EventFault(pointer, "unknown-member", Message("there is no member of this name"))
    for part in _PARTS:
        if (part in value or part == EVENT_PART) and not isinstance(value.get(part), dict):
            yield EventFault(f"/{part}", "malformed-message", Message("expected a signed credential"))
    lists = value.get(LISTS_PART, [])
    if not isinstance(lists, list) or len(lists) > MAX_LISTS or not all(isinstance(each, dict) for each in lists):
        yield EventFault(
            f"/{LISTS_PART}",
            "malformed-message",
            Message("expected a list of at most {count} status lists", count=MAX_LISTS),
        )
    if len(strict_json.dumps(value)) > MAX_BYTES:
        yield EventFault("", "too-large", Message("expected at most {count:,} bytes", count=MAX_BYTES))
