"""Old and new passport, linked both ways: which passports of this store name a pack as the one before.

A new pack names its old ones twice: in the event that registers it (``derivedFromPacks``) and in its own passport
(``previousPassport``). The event leads there by index; the passport, which is public, must say it too. So the link
tells nothing that the new passport does not tell, and a pack that only an event names is not linked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.store import EventKey, KeyKind, Store
from passport.vocabulary.credential_types import PASSPORT

_PREVIOUS = "previousPassport"


def successors(store: Store, pack: str) -> tuple[str, ...]:
    """The packs whose public passport names this one as the one before, by address."""
    key = EventKey(KeyKind.ORIGIN, pack)
    named = store.packs_by_key([key], swap_limit=1).get(key, frozenset())
    return tuple(sorted(each for each in named if pack in predecessors(store, each)))


def predecessors(store: Store, pack: str) -> tuple[str, ...]:
    """The packs that the public passport of a pack names as those before it, in the order of the passport."""
    stored = store.current(pack, PASSPORT)
    value = stored.document["credentialSubject"].get(_PREVIOUS, ()) if stored is not None else ()
    return tuple(_address(each) for each in (value if isinstance(value, list) else [value] if value else []))


def _address(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, Mapping) else str(value)
