"""pyld, kept in bounds: our contexts only, one call at a time, and its errors turned into ours.

Nothing else in the library calls pyld. Contexts come from a :class:`~passport.linked_data.contexts.ContextLoader`, so
that nothing is ever fetched, and relative IRIs are resolved against :data:`BASE`, a scheme that no document may use:
what was relative is known by it afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from pyld import jsonld as pyld
from pyld.context_resolver import ContextResolver

from passport.errors import MalformedDocument, PassportError
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

BASE = "relative-iri://relative/"
RESERVED_SCHEME = BASE.partition("/")[0]

# pyld keeps processed contexts in caches that are not safe for threads. Expansion is pure Python, so that waiting here
# costs nothing that the interpreter's own lock would not cost.
_RUNNING = threading.Lock()


def guarded(operation: Callable[[JsonObject], Any], loader: ContextLoader) -> Any:
    """What ``operation`` gives for the options of pyld that belong to ``loader``.

    :raises UnknownContext: a context is not pinned.
    :raises MalformedDocument: whatever pyld raises.
    """
    try:
        with _RUNNING:
            return operation(_options(loader, loader.processed))
    except PassportError:
        raise
    except pyld.JsonLdError as error:
        inner: BaseException | None = error
        while inner is not None:  # an unknown context inside a context comes wrapped
            if isinstance(inner, PassportError):
                raise inner from None
            inner = inner.__cause__
        raise MalformedDocument(Message("not JSON-LD: {error}", error=_reason(error))) from error
    except RecursionError as error:
        raise MalformedDocument(Message("the JSON-LD document is nested too deeply")) from error
    # pyld trusts the shape of its input more than it should, and what it then raises is anything at all. A hostile
    # document must not get past the family of errors by that door.
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise MalformedDocument(Message("not JSON-LD: the processor cannot make sense of its shape")) from error


class ContextProcessor:
    """pyld's context processing algorithm (JSON-LD 1.1 API, section 4.1) for callers that keep the active contexts.

    Its cache is its own: what it makes is never found by an expansion, nor the other way round.
    """

    def __init__(self, loader: ContextLoader) -> None:
        self._loader = loader
        self._cache: dict[str, Any] = {}
        self._processor = pyld.JsonLdProcessor()

    def initial(self) -> Mapping[str, Any]:
        """The active context before any other."""
        with _RUNNING:
            active: Mapping[str, Any] = self._processor._get_initial_context(_options(self._loader, self._cache))
            return active

    def process(self, active: Mapping[str, Any], local: Any, **arguments: bool) -> Mapping[str, Any]:
        """The active context that ``local`` makes of ``active``; ``arguments`` as pyld names them.

        :raises Exception: anything; callers treat all of it as "cannot be done".
        """
        with _RUNNING:
            options = _options(self._loader, self._cache)
            inner: Mapping[str, Any] = self._processor._process_context(active, local, options, **arguments)
            return inner


def _options(loader: ContextLoader, cache: dict[str, Any]) -> JsonObject:
    def load(url: str, _options: JsonObject) -> JsonObject:
        # A pinned context never changes: "static" lets pyld keep it processed.
        return {"contextUrl": None, "documentUrl": url, "document": loader.load(url), "tag": "static"}

    return {
        "base": BASE,
        "documentLoader": load,
        "contextResolver": ContextResolver(cache, load),
        "processingMode": "json-ld-1.1",
    }


def _reason(error: pyld.JsonLdError) -> str:
    text = str(error.args[0] if error.args else "").removeprefix("Invalid JSON-LD syntax; ")
    return f"{error.code or 'error'} ({text[:200]})"
