"""The address of a record: made of GTIN or model identifier and serial number, and filled in where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from passport.battery.batch import identifier_of
from passport.battery.fault import Fault, Location, count, found
from passport.battery.identifiers.address import SCHEMES, PassportAddress
from passport.battery.identifiers.identifier import shown
from passport.battery.record import Record
from passport.errors import FaultyRecord, MalformedIdentifier
from passport.linked_data.json_types import JsonObject
from passport.texts import Message


def address(record: Record, scheme: str | None = None) -> PassportAddress:
    """The address of a record's pack.

    :param scheme: a key of :data:`SCHEMES`, no alias; None takes ``gs1`` where the model has a GTIN, else ``id``.
    :raises MalformedIdentifier: what the address is made of is missing or malformed.
    """
    name = scheme or ("gs1" if record.model.get("gtin") is not None else "id")
    chosen = SCHEMES.get(name)
    if chosen is None or chosen.alias:
        own = ", ".join(name for name, kind in SCHEMES.items() if not kind.alias)
        raise MalformedIdentifier(Message("unknown address scheme"), expected=own, found=f'"{shown(name)}"')
    parts = tuple(record.model.get(key) for key in _OF_MODEL), tuple(record.pack.get(key) for key in _OF_PACK)
    if all(part is None or type(part) is str for part in (*parts[0], *parts[1])):
        return _address_of_texts(name, *parts)
    return chosen.address(record.model, record.pack)


# What schemes make addresses of.
_OF_MODEL, _OF_PACK = ("gtin", "batteryModelIdentifier"), ("packTractionBatteryCode", "serialNumber")


@lru_cache(maxsize=256)
def _address_of_texts(
    scheme: str, of_model: tuple[str | None, ...], of_pack: tuple[str | None, ...]
) -> PassportAddress:
    """The same by content: of each pack that is issued the address is asked for several times."""
    model, pack = dict(zip(_OF_MODEL, of_model, strict=True)), dict(zip(_OF_PACK, of_pack, strict=True))
    return SCHEMES[scheme].address(model, pack)


def address_of(record: Record, base_url: str, scheme: str | None = None) -> str:
    """The pack's subject IRI; see :func:`address`."""
    return address(record, scheme).iri(base_url)


def model_address_of(record: Record, base_url: str, scheme: str | None = None) -> str:
    """The model's subject IRI; see :func:`address`."""
    return address(record, scheme).of_model.iri(base_url)


def batch_address_of(record: Record, base_url: str, scheme: str | None = None) -> str | None:
    """The batch's subject IRI, None where the record has no batch; see :func:`address`."""
    identifier = identifier_of(record)
    return None if identifier is None else address(record, scheme).of_batch(identifier).iri(base_url)


#: Characters that the user guide of the EU registry is said to allow an identifier: known second-hand, not enforced.
REGISTRY_LENGTH = 50


def long_addresses(records: Iterable[Record]) -> tuple[Fault, ...]:
    """A notice that addresses of packs are longer than the EU registry is said to take; none where none is."""
    notices = LongAddresses()
    for record in records:
        stated = record.pack.get("batteryIdentifier")
        if isinstance(stated, str):
            notices.add(stated, record.locate("batteryIdentifier"))
    return notices.notice()


class LongAddresses:
    """Counts the addresses of packs that are longer than the EU registry is said to take."""

    def __init__(self) -> None:
        self._number = self._longest = 0
        self._first: Location | None = None

    def add(self, address: str, place: Location) -> None:
        """:param place: where it is in the input."""
        if len(address) > REGISTRY_LENGTH:
            self._number += 1
            self._longest = max(self._longest, len(address))
            self._first = self._first or place

    def notice(self) -> tuple[Fault, ...]:
        """One notice of all of them; none where there is none."""
        return () if self._first is None else (_long_addresses(self._number, self._longest, self._first),)


def _long_addresses(number: int, longest: int, first: Location) -> Fault:
    message = Message(
        "{n} pack has an address of more than {limit} characters; the EU registry is said to take no longer one "
        "(second-hand, not enforced here)",
        plural="{n} packs have an address of more than {limit} characters; the EU registry is said to take no longer "
        "ones (second-hand, not enforced here)",
        n=number,
        limit=REGISTRY_LENGTH,
    )
    return Fault(
        "long-address",
        first,
        "batteryIdentifier",
        message,
        Message("at most {limit} characters: a short base address leaves room for the rest", limit=REGISTRY_LENGTH),
        Message("up to {length} characters", length=longest),
        "info",
    )


def addressed(record: Record, base_url: str | None, scheme: str | None = None) -> Record:
    """The record with what depends on its address filled in: identifier, data carrier, serial number.

    :param base_url: the operator's base URL, from the configuration; None takes the one of ``batteryIdentifier``, for
        judging a file that is not to be issued.
    :param scheme: address scheme; None chooses (see :func:`address`).
    :raises FaultyRecord: no address can be made, or a value is there and differs.
    """
    try:
        chosen = address(record, scheme)
    except MalformedIdentifier as error:
        at = "packTractionBatteryCode" if "34014" in error.message else "serialNumber"
        at = "gtin" if "GTIN" in error.message else at
        fault = Fault(
            "malformed-address",
            record.locate(at),
            at,
            Message("no address can be made: {reason}", reason=error.message),
            Message("{where}: {expected}", where=error.where, expected=error.expected)
            if error.where
            else error.expected,
            error.found,
        )
        raise FaultyRecord(Message("a pack has no address"), (fault,)) from error
    given = record.pack.get("batteryIdentifier")
    if base_url is None and isinstance(given, str) and given.endswith(chosen.path):
        subject = given
    else:
        subject = chosen.iri(base_url or "https://…")
    pack, faults = dict(record.pack), []

    def fill(indicator: str, field: str | None, holder: JsonObject, key: str, right: str) -> None:
        given = holder.setdefault(key, right)
        if given != right:
            faults.append(
                Fault(
                    "other-address",
                    record.locate(indicator, None, field),
                    indicator,
                    Message("this does not agree with the address of the pack"),
                    right,
                    found(given),
                )
            )

    fill("batteryIdentifier", None, pack, "batteryIdentifier", subject)
    fill("serialNumber", None, pack, "serialNumber", chosen.serial or "")
    if isinstance(pack.get("dataCarrier"), Mapping):
        pack["dataCarrier"] = dict(pack["dataCarrier"])
        fill("dataCarrier", "payload", pack["dataCarrier"], "payload", subject)
    if faults:
        raise FaultyRecord(Message("{subject} has {count}", subject=subject, count=count(faults)), tuple(faults))
    return replace(record, pack=pack)
