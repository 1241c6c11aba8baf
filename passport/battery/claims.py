"""The claims of a record: what one credential says of its subject. Personal data is in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.battery.record import NOTHING, Record
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
    for indicator in vocabulary_module.load().indicators.values():
        if indicator.carrier is not carrier or indicator.id not in part or indicator.personal_data:
            continue
        value, node = part[indicator.id], f"{credential_id}#{indicator.id}"
        if isinstance(value, list) or indicator.repeatable:
            values = value if isinstance(value, list) else [value]
            stated[indicator.id] = [_claim(indicator, item, f"{node}-{n}") for n, item in enumerate(values, 1)]
        else:
            stated[indicator.id] = _claim(indicator, value, node)
    if not stated:
        return None
    if carrier is Carrier.CONDITION:
        return {**{name: part[name] for name in READING_TIMES if name in part}, **stated}
    return stated


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


def _plain_vin(kind: Field, value: Any) -> bool:
    # A VIN leads to a person. Input files give it in the field that a credential fills with a salted hash, which is
    # longer than any VIN: what could be the number itself is left out.
    return kind.term == "vinHash" and (not isinstance(value, str) or len(value) < 43)


def _plain(kind: Indicator | Field, value: Any) -> Any:
    if kind.datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
        return {tag: value[tag] for tag in sorted(value)}
    return list(value) if isinstance(value, list) else value
