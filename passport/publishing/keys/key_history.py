"""The history of an issuer's keys: ``keys/history.jsonl``, one line for each event, append-only.

Verification does not read it. It tells people when a key was in use, and it tells the commands which key was in use at
an instant. Each line is written *before* its event is carried out, so the history is right after an interruption too.

    {"at": "2027-03-08T09:30:00Z", "event": "in-use", "key": "did:web:…#key-2", "replaces": "did:web:…#key-1"}

Events: ``made`` (a key file), ``announced`` (in the DID document, not signing), ``in-use``, ``retired``,
``compromised`` (with ``since``). The file holds no secret.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from passport.errors import MalformedDocument, UnusableProject
from passport.linked_data import strict_json
from passport.texts import Message

NAME = "history.jsonl"
EVENTS = ("made", "announced", "in-use", "retired", "compromised")


@dataclass(frozen=True)
class KeyEvent:
    """:ivar at: when it was done, aware; :ivar key: verification method.

    :ivar replaces: the key that was in use before, of ``in-use``; :ivar since: of ``compromised``.
    """

    at: datetime
    event: str
    key: str
    replaces: str | None = None
    since: datetime | None = None

    @property
    def line(self) -> bytes:
        document = {"at": _text(self.at), "event": self.event, "key": self.key}
        if self.replaces is not None:
            document["replaces"] = self.replaces
        if self.since is not None:
            document["since"] = _text(self.since)
        return strict_json.dumps(document) + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> KeyEvent:
        """:raises MalformedDocument: it is no event."""
        document = strict_json.loads(line)
        try:
            since = document.get("since")
            event = cls(
                datetime.fromisoformat(document["at"]), document["event"], document["key"], document.get("replaces"),
                None if since is None else datetime.fromisoformat(since),
            )  # fmt: skip
        except (AttributeError, KeyError, TypeError, ValueError):
            raise MalformedDocument(Message("not an event of a key"), found=repr(line)[:80]) from None
        if event.at.tzinfo is None or event.event not in EVENTS:
            raise MalformedDocument(Message("not an event of a key"), found=repr(line)[:80])
        return event


def read(folder: Path) -> tuple[KeyEvent, ...]:
    """The events of the keys in ``folder``, oldest first; none where nothing was written yet.

    :raises UnusableProject: the file cannot be read. A last line that was cut off by a crash is left out: what it was
        to tell of was not done.
    """
    path = folder / NAME
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UnusableProject(Message("{path} cannot be read", path=path), found=error.strerror) from error
    try:
        # Behind the last line end is nothing, or what a crash left of a line.
        return tuple(KeyEvent.parse(line) for line in lines[:-1] if line.strip())
    except MalformedDocument as error:
        raise UnusableProject(
            Message("{path} is damaged", path=path),
            found=str(error),
            hint=Message("Restore it from the backup, or move it away."),
        ) from error


def add(folder: Path, event: KeyEvent) -> None:
    """Add a line, on the disk when this returns.

    :raises UnusableProject: it cannot be written.
    """
    path = folder / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = os.fstat(file.fileno()).st_size
            # A line that a crash cut off must not become the beginning of this one.
            file.seek(max(size - 1, 0))
            if size and file.read(1) != b"\n":
                end = path.read_bytes().rfind(b"\n") + 1
                file.truncate(end)
            file.write(event.line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnusableProject(Message("{path} cannot be written", path=path), found=error.strerror) from error


def last_event(events: Sequence[KeyEvent], key: str) -> str | None:
    """What became of ``key`` last; None where nothing is known of it."""
    return next((event.event for event in reversed(events) if event.key == key), None)


def in_use_at(events: Sequence[KeyEvent], current: str, at: datetime) -> str | None:
    """The key that signed at ``at``; None where the history does not tell.

    :param current: the key that signs now.
    """
    uses = [event for event in events if event.event == "in-use"]
    if not uses:
        return current
    if current not in (uses[-1].key, uses[-1].replaces):
        # Somebody changed passport.toml by hand.
        return None
    key = uses[0].replaces
    for event in uses:
        if event.at <= at:
            key = event.key
    return key


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
