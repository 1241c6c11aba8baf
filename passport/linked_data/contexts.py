"""JSON-LD contexts, pinned.

* A context is never fetched. The controller of a context controls what a signed document means, and a verifier that
  downloads one tells its owner what is being verified.
* ``contexts/pins.json`` maps each URL to a file and to the SHA-256 of the file's RFC 8785 form; the digest is checked
  when the file is read. (VC Data Model 2.0, section 5.3: contexts are to be treated as already retrieved)
* :data:`PINNED` is what the library uses. A test may extend it with further documents; nothing is replaced.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from passport.errors import UnknownContext, UsageError
from passport.linked_data import jcs, resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

PINS = "contexts/pins.json"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"


class ContextLoader(Mapping[str, JsonObject]):
    """An immutable mapping from context URL to context document.

    Documents are read on first use. Callers must not change them.

    :param documents: contexts at hand.
    :param pins: ``{url: {"file": …, "sha256": …}}`` for contexts that are still on disk under ``contexts/``.
    """

    def __init__(
        self, documents: Mapping[str, JsonObject] | None = None, pins: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self._documents = dict(documents or {})
        self._pins = MappingProxyType({url: dict(pin) for url, pin in (pins or {}).items()})
        # pyld keeps processed contexts by URL. The store belongs to one loader, so that a test's document can never be
        # found again under the URL by the library's own loader.
        self.processed: dict[str, Any] = {}
        # The same holds for compiled contexts (passport.linked_data.compiled).
        self.compiled: dict[Any, Any] = {}
        # And for proof configurations (passport.proofs.rdfc_hashing), which bounds their number.
        self.configurations: dict[Any, tuple[str, str] | None] = {}
        # And for lists of contexts that are spelled well (passport.linked_data.spelling), which bounds their number.
        self.spelled: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def load(self, url: str) -> JsonObject:
        """The context document of ``url``.

        :raises UnknownContext: the URL is not pinned.
        :raises UsageError: the pinned file is missing or has changed since.
        """
        document = self._documents.get(url) if isinstance(url, str) else None
        if document is not None:
            return document
        pin = self._pins.get(url) if isinstance(url, str) else None
        if pin is None:
            raise UnknownContext(Message("the document uses a context that is not pinned"), found=repr(url)[:200])
        with self._lock:
            if url not in self._documents:
                self._documents[url] = _read_pinned(url, pin)
        return self._documents[url]

    def own(self, url: str) -> bool:
        """Whether documents under this context have one spelling (:mod:`passport.linked_data.spelling`)."""
        return bool(self._pins.get(url, {}).get("own"))

    def spelled_with(self, urls: list[Any]) -> Iterator[str]:
        """The one list of contexts for a document that uses an own one."""
        yield CREDENTIALS_V2
        yield from (url for url in dict.fromkeys(url for url in urls if isinstance(url, str)) if self.own(url))

    def extended(self, documents: Mapping[str, JsonObject]) -> ContextLoader:
        """A loader that knows these documents besides; what is pinned stays as it is.

        :raises UsageError: one of the URLs is pinned already, with other content.
        """
        for url, document in documents.items():
            if url in self and self.load(url) != document:
                raise UsageError(Message("the context {url} is pinned with other content", url=url))
        return ContextLoader({**self._documents, **documents}, self._pins)

    def __getitem__(self, url: str) -> JsonObject:
        if url not in self:
            raise KeyError(url)
        return self.load(url)

    def __contains__(self, url: object) -> bool:
        return url in self._documents or url in self._pins

    def __iter__(self) -> Iterator[str]:
        yield from self._pins
        yield from (url for url in self._documents if url not in self._pins)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def digest(document: Any) -> str:
    """SHA-256 of the RFC 8785 form, in hexadecimal: the same for every serialisation of one JSON document."""
    return hashlib.sha256(jcs.canonicalize(document)).hexdigest()


def read(relative: str) -> JsonObject:
    """A context document below ``contexts/``.

    :raises UsageError: no such file.
    :raises MalformedDocument: not strict JSON.
    """
    document: JsonObject = strict_json.loads(resources.read_bytes(f"contexts/{relative}"))
    return document


def _read_pinned(url: str, pin: Mapping[str, str]) -> JsonObject:
    document = read(pin.get("file", ""))
    actual = digest(document)
    if actual != pin.get("sha256"):
        raise UsageError(
            Message("the file pinned for the context {url} has changed", url=url),
            expected=Message("SHA-256 {pin} of the RFC 8785 form", pin=pin.get("sha256")),
            found=actual,
            hint=Message("Restore contexts/, or pin the new file on purpose."),
        )
    return document


class _PinnedContexts(ContextLoader):
    """The loader of the library; reads the list of pins when it is first asked for something."""

    def __init__(self) -> None:
        super().__init__()
        self._read = False

    def _ensure(self) -> None:
        if not self._read:
            pins = strict_json.loads(resources.read_bytes(PINS))
            self._pins = MappingProxyType(pins)
            self._read = True

    def load(self, url: str) -> JsonObject:
        self._ensure()
        return super().load(url)

    def own(self, url: str) -> bool:
        self._ensure()
        return super().own(url)

    def extended(self, documents: Mapping[str, JsonObject]) -> ContextLoader:
        self._ensure()
        return super().extended(documents)

    def __contains__(self, url: object) -> bool:
        self._ensure()
        return super().__contains__(url)

    def __iter__(self) -> Iterator[str]:
        self._ensure()
        return super().__iter__()


PINNED: ContextLoader = _PinnedContexts()
