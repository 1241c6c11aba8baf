"""A supplier's part of a record, merged into the record of the maker of the pack.

* A part is a JSON object of indicators, by id. Each goes to the section of the record that carries it: model, batch,
  pack or condition.
* A part says what the supplier knows. Where the record says something else already, the two are not merged: a person
  decides which is right.

    merged(record, part)
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from passport.errors import FaultyRecord, UnreadableInput
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.indicator import Carrier
from passport.vocabulary.vocabulary import load

_SECTIONS: Mapping[Carrier, str] = {
    Carrier.MODEL: "model",
    Carrier.MODEL_DETAIL: "model",
    Carrier.BATCH: "batch",
    Carrier.PASSPORT: "pack",
    Carrier.CONDITION: "condition",
}


def merged(record: JsonObject, part: JsonObject) -> JsonObject:
    """The record with the values of the part.

    :param record: a JSON record with its sections.
    :raises UnreadableInput: the part holds something that is no indicator of a record.
    :raises FaultyRecord: the record says something else already.
    """
    together = copy.deepcopy(record)
    indicators = load().indicators
    for name, value in part.items():
        indicator = indicators.get(name)
        section = None if indicator is None else _SECTIONS.get(indicator.carrier)
        if section is None:
            raise UnreadableInput(Message("the part has no indicator {name}", name=name), found=name[:80])
        known = together.setdefault(section, {})
        if known.get(name, value) != value:
            raise FaultyRecord(
                Message("the record says something else of {name} than the part", name=name),
                expected=repr(value)[:80], found=repr(known[name])[:80],
            )  # fmt: skip
        known[name] = value
    return together
