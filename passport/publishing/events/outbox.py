"""Messages that were signed, kept in files until they are accepted and after: nothing is signed twice.

A run that was interrupted signs only what it had not signed, and hands the rest in again as it was. A message that was
refused leaves the outbox, so that the corrected event is signed anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from passport.errors import FaultyRecord, MalformedDocument, UsageError
from passport.linked_data import strict_json
from passport.publishing.events.message import EventMessage
from passport.texts import Message


class Outbox:
    """:param folder: made with the first message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, event_id: str) -> EventMessage | None:
        """The message of an event that was signed before; None where there is none, or it is no message any more."""
        try:
            return EventMessage.from_json(strict_json.loads(self._path(event_id).read_bytes()))
        except (OSError, MalformedDocument, FaultyRecord):
            return None

    def put(self, message: EventMessage) -> None:
        """Keep a message.

        :raises UsageError: the folder cannot be written.
        """
        path = self._path(message.event["id"])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(".part")
            half.write_bytes(message.to_bytes())
            half.replace(path)
        except OSError as error:
            raise UsageError(Message("{path} cannot be written", path=path), found=error.strerror) from error

    def remove(self, event_id: str) -> None:
        """Forget a message that was refused."""
        self._path(event_id).unlink(missing_ok=True)

    def _path(self, event_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(event_id.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}.json"
