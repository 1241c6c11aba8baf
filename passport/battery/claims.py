"""The claims of a record: what one credential says of its subject. Personal data is in none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from passport.battery.record import NOTHING, Record
from passport.linked_data.columns import columns, rows
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import Carrier, Datatype, Field, Indicator


def claims(record: Record, carrier: Carrier, credential_id: str, event: str = "production") -> dict[str, Any] | None:
    """What one credential says of its subject, in terms, without the subject's id and type.

    The order is the vocabulary's, so the same record gives the same bytes. Nested nodes get IRIs below the given one.

    :param carrier: which credential; only its indicators are taken.
    :param credential_id: IRI of the credential that the nested nodes belong to.
    :param event: which event, for the carrier ``event``.
    :returns: None where the record has nothing for this credential.
    """
    part = {
        Carrier.BATCH: record.batch,
        Carrier.PASSPORT: record.pack,
        Carrier.CONDITION: record.condition or NOTHING,
        Carrier.EVENT: record.events.get(event, NOTHING),
    }.get(carrier, record.model)
    stated: dict[str, Any] = {}
    for indicator in _stated_indicators(carrier, tuple(part)):
        value = part[indicator.id]
        if type(value) is str and not indicator.repeatable:
            stated[indicator.id] = value  # most values
            continue
        node = f"{credential_id}#{indicator.id}"
        if isinstance(value, list) or indicator.repeatable:
            values = value if isinstance(value, list) else [value]
            entries = _claims_of_rows(indicator, values, node)
            if entries is None:
                entries = [_claim(indicator, item, f"{node}-{n}") for n, item in enumerate(values, 1)]
            stated[indicator.id] = entries
        else:
            stated[indicator.id] = _claim(indicator, value, node)
    if not stated:
        return None
    if carrier is Carrier.CONDITION:
        return {**{name: part[name] for name in READING_TIMES if name in part}, **stated}
    return stated


@lru_cache(maxsize=256)
def _stated_indicators(carrier: Carrier, names: tuple[str, ...]) -> tuple[Indicator, ...]:
    """The indicators of a carrier among these names, in the vocabulary's order: the same for the packs of a model."""
    indicators = vocabulary_module.load().of_carrier.get(carrier, ())
    stated = frozenset(names)
    return tuple(each for each in indicators if each.id in stated and not each.personal_data)


def under(credential_id: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Claims of a credential without an IRI (:func:`claims` with ``""``) as those of the credential of that IRI."""
    indicators = vocabulary_module.load().indicators

    def named(entry: Any) -> Any:
        return {**entry, "id": credential_id + entry["id"]} if type(entry) is dict else entry

    def moved(name: str, value: Any) -> Any:
        if name in indicators and indicators[name].datatype is Datatype.STRUCTURED:
            if not isinstance(value, list):
                return named(value)
            if set(map(type, value)) == {dict}:
                copies = list(map(dict.copy, value))
                for entry in copies:
                    entry["id"] = credential_id + entry["id"]
                return copies
            return [named(entry) for entry in value]
        return value

    return {name: moved(name, value) if type(value) in _NESTED else value for name, value in stated.items()}


_NESTED = frozenset({dict, list})


def _claim(indicator: Indicator, value: Any, node: str) -> Any:
    if indicator.datatype is not Datatype.STRUCTURED or not isinstance(value, Mapping):
        return _plain(indicator, value)
    stated: dict[str, Any] = {"id": node}
    for each in indicator.fields:
        if each.name in value and not each.personal_data and not _plain_vin(each, value[each.name]):
            stated[each.term] = _plain(each, value[each.name])
            if each.repeatable and not isinstance(stated[each.term], list):
                # In a credential a repeatable term is always a list: one value has one spelling.
                stated[each.term] = [stated[each.term]]
    return stated


def _claims_of_rows(indicator: Indicator, entries: list[Any], node: str) -> list[Any] | None:
    """The claims of many entries with the same fields, which all hold texts. None: they are others."""
    by_name = columns(entries) if indicator.datatype is Datatype.STRUCTURED else None
    if by_name is None:
        return None
    stated: dict[str, Sequence[str]] = {"id": [f"{node}-{n}" for n in range(1, len(entries) + 1)]}
    for each in indicator.fields:
        values = by_name.get(each.name)
        if values is None or each.personal_data:
            continue
        if each.repeatable or each.term in stated or each.term == "vinHash" or set(map(type, values)) != {str}:
            return None
        stated[each.term] = values
    return rows(stated)


def _plain_vin(kind: Field, value: Any) -> bool:
    # A VIN leads to a person. Input files give it in the field that a credential fills with a salted hash, which is
    # longer than any VIN: what could be the number itself is left out.
    return kind.term == "vinHash" and (not isinstance(value, str) or len(value) < 43)


def _plain(kind: Indicator | Field, value: Any) -> Any:
    if kind.datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
        return {tag: value[tag] for tag in sorted(value)}
    return list(value) if isinstance(value, list) else value
