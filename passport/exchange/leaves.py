"""The leaves of a foreign document: those that a reader takes over, and those that it names as left out.

* A *leaf* is a value that is no object and no list. Null, an empty object and an empty list say nothing and are none.
* A leaf is *taken* when it went into the record, was read as a header, or is named by a fault.
* Every other leaf becomes a loss ``not-taken`` with its path, its value and, where the mapping knows one, a reason.
* A value that occurs in two places is taken once. Two different values for one thing are a fault, never the later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from passport.battery.fault import found
from passport.battery.value_reader import part_of
from passport.exchange import peer_format
from passport.exchange.correspondences import PeerDocument
from passport.texts import Message

_INDEX = re.compile(r"\[\d+\]")
_PARENT = re.compile(r"^(.*?)(\.[^.\[\]]*|\[\d+\])$", re.DOTALL)


def leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a JSON value with their paths (``a.b[0].c``), in the document's order."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(document, list):
        for n, value in enumerate(document):
            yield from leaves(value, f"{path}[{n}]")
    elif document is not None:
        yield path, document


class LeafDocument(PeerDocument):
    """A peer's document that is being read, every leaf of it accounted for.

    :param file: name for messages.
    """

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._taken: set[str] = set()
        self._held: dict[tuple[str, int | None, str | None], Any] = {}

    def take(self, *paths: str) -> None:
        """Count what is at these paths, and below, as read."""
        self._taken.update(paths)

    def put(self, indicator: str, value: Any, path: str, *, entry: int | None = None, field: str | None = None) -> None:
        """Take over a value; a different one that is there already stays, and the new one is a fault."""
        if value is None:
            return
        key = (indicator, entry, field)
        # Entries are compared by their fields; an entry as a whole is always a new one.
        if key in self._held and not peer_format.same(self._held[key], value):
            self.fault(
                "duplicate-element",
                path,
                indicator,
                Message("one content for an element"),
                found(value.get("value") if isinstance(value, Mapping) else value),
                Message("the element occurs twice, with two contents"),
            )
        self._taken.add(path)
        if key not in self._held:
            self._held[key] = value
            super().put(indicator, value, path, entry=entry, field=field)

    def gather(self, indicator: str, value: Any, path: str, entry: int) -> None:
        """Take over an entry that several leaves make; which of them are read is for :meth:`take` to say."""
        super().put(indicator, value, path, entry=entry)

    def derive(self, indicator: str, value: Any, path: str) -> None:
        """Take over a value that follows from others at a path; what is there is not thereby taken."""
        if not self.has(indicator):
            super().put(indicator, value, path)

    def timed(self, indicator: str, value: Any, path: str, time: Any, time_path: str) -> None:
        super().timed(indicator, value, path, time, time_path)
        if value is not None:
            self._taken.add(time_path)

    def faulty(
        self,
        code: str,
        path: str,
        indicator: str | None,
        expected: str,
        value: Any,
        message: Message,
        severity: str = "violation",
    ) -> None:
        """Note a leaf that is wrong or cannot be taken over; it is named by that.

        :param value: what is there.
        """
        self.fault(code, path, indicator, expected, found(value), message, severity)
        self._taken.add(path)

    def not_taken(self, code: str, path: str, indicator: str | None, expected: str, value: Any) -> None:
        super().not_taken(code, path, indicator, expected, value)
        self._taken.add(path)

    def has(self, indicator: str) -> bool:
        """Whether the record says anything of an indicator so far."""
        return indicator in self.raw[part_of(indicator)]

    def name_rest(self, document: Any, reasons: Mapping[str, Message] | None = None) -> None:
        """A loss for every leaf that was not taken.

        :param reasons: by path without the places of entries (``a.b.c``); the longest that begins the leaf's path.
        """
        for path, value in leaves(document):
            if not self._covered(path):
                self.fault(
                    "not-taken",
                    path,
                    None,
                    Message("a value that the vocabulary has a place for"),
                    found(value),
                    _reason(path, reasons or {}),
                    "loss",
                )

    def _covered(self, path: str) -> bool:
        while path:
            if path in self._taken:
                return True
            parent = _PARENT.match(path)
            path = parent[1] if parent else ""
        return False


def _reason(path: str, reasons: Mapping[str, Message]) -> Message:
    plain = _INDEX.sub("", path)
    while plain:
        if plain in reasons:
            return Message("the value is not taken over: {reason}", reason=reasons[plain])
        plain = plain.rpartition(".")[0]
    return Message("the value is not taken over")
