"""The batch of a record: the facts that the law states per model and plant, apart from those of the model.

* What is a fact of the batch is the ontology's to say (carrier ``batch``): place and facility of manufacture, recycled
  and renewable shares, carbon footprint. (Articles 7(1) and 8(1) of Regulation (EU) 2023/1542)
* A batch has an identifier of its maker. Where the input names none, values of the batch form one batch for each plant
  and year: ``{year}-{first 8 hex digits of SHA-256 of the facility identifier}``.

    identifier_of(record)      # "2026-07-A", or "2026-3f1d0c9a"
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.linked_data import jcs
from passport.texts import Message

_DIGITS_OF_PLANT = 8
_YEAR = re.compile(r"([0-9]{4})-")


def identifier_of(record: Record) -> str | None:
    """The identifier of a record's batch: as given, or made of plant and year. None where the record has no batch."""
    if record.batch_identifier is not None:
        return record.batch_identifier
    if not record.batch:
        return None
    plant = record.batch.get("facilityIdentifier")
    if not isinstance(plant, str):
        # Without a facility identifier the place tells one plant from another.
        plant = jcs.canonicalize({"place": _texts(record.batch.get("manufacturingPlace"))}).decode()
    digits = hashlib.sha256(plant.encode("utf-8", "replace")).hexdigest()[:_DIGITS_OF_PLANT]
    year = _YEAR.match(str(record.pack.get("manufacturingDate")))
    return f"{year[1]}-{digits}" if year else digits


def is_made_up(record: Record) -> bool:
    """Whether the batch has an identifier that this module made, since the input gives none."""
    return record.batch_identifier is None and bool(record.batch)


def made_up_batches(records: Iterable[Record]) -> tuple[Fault, ...]:
    """A notice for each batch that the input does not name."""
    notices: dict[tuple[str, str], Fault] = {}
    for record in records:
        identifier = identifier_of(record)
        if identifier is None or not is_made_up(record):
            continue
        model = str(record.model.get("batteryModelIdentifier"))
        message = Message(
            "model {model}: its values of a production batch form batch {batch}, one for each plant and year",
            model=model,
            batch=identifier,
        )
        notices.setdefault(
            (model, identifier),
            Fault(
                "batch-made-up",
                record.locate("facilityIdentifier"),
                None,
                message,
                Message("a sheet batches with an identifier of yours"),
                Message("values of the batch given with the model"),
                "info",
            ),
        )
    return tuple(notices.values())


def _texts(value: Any) -> Any:
    """A value whose numbers are text: only that it is the same again matters."""
    if isinstance(value, Mapping):
        return {str(name): _texts(item) for name, item in value.items()}
    return [_texts(item) for item in value] if isinstance(value, list) else str(value)
