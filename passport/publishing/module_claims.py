"""A module is in one pack: what records say of their modules, held against the packs that are known to have them.

* Known are the production events of issued passports and the histories of accepted events. Of a passport or an event
  that was revoked nothing is known.
* A history outranks the production event: a module that went out of a pack is free.
* A pack hands its modules on to the pack whose passport names it as the one before (``previousPassport``).
* What was issued before with the same content is not judged again.

    claims = ModuleClaims(store)
    known = claims.known(codes)
    claims.faults(record, known)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.credentials.status_list import REVOCATION
from passport.publishing.events.histories import Histories
from passport.publishing.status.status_lists import purposes_set
from passport.store import EventKey, KeyKind, Store
from passport.texts import Message
from passport.vocabulary.credential_types import PASSPORT

_MODULES, _PREVIOUS = "moduleTractionBatteryCodes", "previousPassport"


def modules_of(record: Record) -> tuple[str, ...]:
    """The codes of the modules that a record gives its pack, in its order."""
    return tuple(code for _, code in _entries(record))


def module_places(record: Record) -> tuple[tuple[str, Location], ...]:
    """The same codes with their places."""
    return tuple((code, record.locate(_MODULES, entry)) for entry, code in _entries(record))


def before(record: Record) -> frozenset[str]:
    """The addresses of the packs that the record names as those before its own."""
    values = _listed(record.value(_PREVIOUS))
    return frozenset(str(each.get("id", "")) if isinstance(each, Mapping) else str(each) for each in values)


@dataclass(frozen=True)
class KnownModules:
    """What the store says of some modules; a code of which it says nothing is left out.

    :ivar named: pack and credential of each production event that names a code.
    :ivar reported: packs with an accepted event that names a code.
    """

    named: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    reported: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def credentials(self, codes: Collection[str]) -> dict[str, frozenset[str]]:
        """The credentials that name each of these codes: what a commit compares."""
        return {code: frozenset(credential for _, credential in self.named.get(code, ())) for code in codes}


class ModuleClaims:
    """:param store: of the passports and of the accepted events."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._histories = Histories(store)

    def known(self, codes: Collection[str]) -> KnownModules:
        """What is known of these modules, which may be those of many packs."""
        if not codes:
            return KnownModules()
        reported = self._store.packs_by_key([EventKey(KeyKind.PART, code) for code in codes], swap_limit=1)
        return KnownModules(self._store.packs_of_modules(codes), {key.value: packs for key, packs in reported.items()})

    def faults(self, record: Record, known: KnownModules) -> Iterator[Fault]:
        """A fault for each module of a record that is in another pack.

        :param known: of at least the modules of the record.
        """
        free = {record.pack["batteryIdentifier"], *before(record)}
        for entry, code in _entries(record):
            named, reported = known.named.get(code, frozenset()), known.reported.get(code, frozenset())
            for pack in sorted(({pack for pack, _ in named} | reported) - free):
                if self._holds(pack, code, pack in reported, named):
                    place = record.locate(_MODULES, entry)
                    yield in_another_pack(place, Message("{code}, a module of {pack}", code=code, pack=pack))
                    break

    def _holds(self, pack: str, code: str, is_reported: bool, named: frozenset[tuple[str, str]]) -> bool:
        if is_reported:
            # Those of a recycled pack stay its own: they are gone with it.
            return code in self._histories.of(pack).state.parts
        passport = self._store.current(pack, PASSPORT)
        if passport is not None and self._is_revoked(passport.id):
            return False
        return any(of == pack and not self._is_revoked(credential) for of, credential in named)

    def _is_revoked(self, credential: str) -> bool:
        return REVOCATION in purposes_set(self._store, credential)


def _entries(record: Record) -> Iterator[tuple[int, str]]:
    """The modules of a record with their numbers among its entries."""
    for entry, code in enumerate(_listed(record.value(_MODULES))):
        if isinstance(code, str):
            yield entry, code


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def in_another_pack(place: Location, found: Message) -> Fault:
    """The fault of a module that is in another pack, too."""
    return Fault(
        "module-in-another-pack",
        place,
        _MODULES,
        Message("this module is in another pack"),
        Message("a module of this pack alone"),
        found,
        hint=Message(
            "Compare the code with the plate. A module that was moved goes out of the other pack first, by an event; "
            "a pack that was made from the other one names it as previousPassport."
        ),
    )
