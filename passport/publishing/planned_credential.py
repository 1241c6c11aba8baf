"""The planned credentials of a record: one for each grain and audience for which the record has values.

Nothing here is signed or stored. A planned credential holds its future claims, compares them with the credential in
force, and describes the differences for the author of the record.

    for planned in planned_credentials(record, base_url):
        planned.conflict(store.current(planned.subject, planned.type), vocabulary)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from passport.battery.batch import identifier_of, is_made_up
from passport.battery.claims import claims, under
from passport.battery.identifiers import record_address as addresses
from passport.battery.linked_documents import RELATED, related_resources
from passport.battery.privacy.rights import SELECTIVE
from passport.battery.record import NOTHING, Fault, Record, SharedPart
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION
from passport.linked_data import jcs, strict_json
from passport.store import StoredCredential
from passport.texts import Message
from passport.vocabulary.credential_types import (
    BATCH,
    CONDITION,
    EVENT,
    MODEL,
    MODEL_DETAIL,
    PASSPORT,
    RECORDED_AT,
)
from passport.vocabulary.vocabulary import Carrier, Vocabulary

_KINDS = {MODEL: "model", MODEL_DETAIL: "model", BATCH: "batch"}


@dataclass(frozen=True)
class PlannedCredential:
    """:ivar type: such as ``BatteryPassportCredential``; :ivar subject: address of the pack, its batch or its model.

    :ivar extra: what it says of its subject beside the record's values.
    """

    record: Record
    type: str
    carrier: Carrier
    subject: str
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of its subject: ``model``, ``batch`` or ``pack``."""
        return _KINDS.get(self.type, "pack")

    @property
    def about(self) -> tuple[str, str]:
        """Its subject and type."""
        return self.subject, self.type

    @property
    def subject_type(self) -> str:
        return {"model": "BatteryModel", "batch": "BatteryBatch", "pack": "BatteryPack"}[self.kind]

    @property
    def restricted(self) -> bool:
        """Whether it is signed for selective disclosure, and its base proof kept."""
        return self.type in SELECTIVE

    @property
    def is_read_out(self) -> bool:
        """Whether it says how the battery was at one moment, and a newer one will follow."""
        return self.type == CONDITION

    @property
    def status_purposes(self) -> tuple[str, ...]:
        """The status lists that it has a place in.

        A read-out is right or wrong, never suspended. One that a newer one follows stays right, and is refreshed.
        """
        return (REVOCATION, REFRESH) if self.is_read_out else (REVOCATION, SUSPENSION)

    def content(self, credential_id: str) -> dict[str, Any]:
        """What it says of its subject; nested nodes have their ids under ``credential_id``."""
        if not credential_id:
            return {**self.extra, **self._stated}
        return {**self.extra, **under(credential_id, self._stated)}

    @cached_property
    def _stated(self) -> Mapping[str, Any]:
        part = self.record.batch if self.kind == "batch" else self.record.model
        if self.kind != "pack" and isinstance(part, SharedPart):
            return _stated_of_shared(_Same(part), self.carrier)
        return claims(self.record, self.carrier, "") or {}

    @property
    def says_something(self) -> bool:
        """Whether the record has values for it. A batch with a name is issued whether or not anything is said of it."""
        return self.kind == "batch" or bool(self._stated)

    @cached_property
    def related(self) -> list[dict[str, str]]:
        """The linked documents with their digests. A production record is an event, whose members are fixed."""
        if self.type == EVENT or not self.record.documents:
            return []
        return related_resources(self.content(""), self.record.documents)

    @cached_property
    def digest(self) -> str:
        if self.related:
            return digest({**self.content(""), RELATED: self.related})
        part = self.record.batch if self.kind == "batch" else self.record.model
        if self.kind != "pack" and isinstance(part, SharedPart):
            return _digest_of_shared(_Same(part), self.carrier, tuple(self.extra.items()))
        return digest(self.content(""))

    def conflict(self, current: StoredCredential | None, vocabulary: Vocabulary) -> Message | None:
        """Explain why it conflicts with the credential in force. None if there is no conflict.

        There is no conflict where there is none, where both say the same, and where it is a newer read-out.
        """
        if current is None or current.content == self.digest or self.is_newer_than(current):
            return None
        before, after = _without_ids(current.document["credentialSubject"], top=True), self.without_ids
        key = _first_difference(before, after, vocabulary)
        difference = Message("the same indicators in another order")
        if current.document.get(RELATED, []) != self.related:
            difference = Message("other digests of linked documents")
        if key is not None:
            indicator = vocabulary.indicators.get(key)
            unit = f" {indicator.unit.symbol}" if indicator and indicator.unit else ""
            difference = Message(
                "{indicator}: issued {before}{unit}, in {place} {after}{unit}",
                indicator=indicator.label if indicator else key,
                before=_short(before.get(key)),
                after=_short(after.get(key)),
                unit=unit,
                place=self.record.locate(key),
            )
        return Message(
            "{name} was issued on {date} with other content: {difference}",
            name=self.name,
            date=str(current.issued_at.date()),
            difference=difference,
        )

    def contradiction(self, other: PlannedCredential, vocabulary: Vocabulary) -> Fault | None:
        """The fault of a record that says something else of the same subject than an earlier record did."""
        if self.digest == other.digest:
            return None
        before, after = other.without_ids, self.without_ids
        key = _first_difference(before, after, vocabulary) or "batteryModelIdentifier"
        is_batch = self.kind == "batch"
        return Fault(
            "two-batches" if is_batch else "two-models",
            self.record.locate(key),
            key,
            Message("its batch is described in two ways")
            if is_batch
            else Message("its model is described in two ways"),
            Message("{value}, as {place} says", value=_short(before.get(key)), place=other.record.locate(key)),
            _short(after.get(key)),
            hint=Message("name each batch: a sheet batches, or a member identifier of batch")
            if is_batch and is_made_up(self.record)
            else None,
        )

    @property
    def without_ids(self) -> dict[str, Any]:
        content: dict[str, Any] = _without_ids(self.content(""), top=True)
        return content

    def is_newer_than(self, current: StoredCredential) -> bool:
        """Whether both are read-outs, and this one was read later. False for what is no read-out."""
        if not self.is_read_out:
            return False
        before = current.document["credentialSubject"][RECORDED_AT]
        return datetime.fromisoformat(self.content("")[RECORDED_AT]) > datetime.fromisoformat(before)

    @property
    def name(self) -> Message:
        """``model``, ``batch`` or ``pack``, and what people call it."""
        if self.kind == "model":
            return Message("model {name}", name=str(self.record.model.get("batteryModelIdentifier")))
        if self.kind == "batch":
            return Message("batch {name}", name=str(identifier_of(self.record)))
        name = self.record.pack.get("packTractionBatteryCode") or self.record.pack.get("serialNumber")
        return Message("pack {name}", name=str(name))


@dataclass(frozen=True, eq=False)
class _Same:
    """A part that many records share, by its identity."""

    part: SharedPart

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.part is self.part

    def __hash__(self) -> int:
        return id(self.part)


@lru_cache(maxsize=256)
def _stated_of_shared(same: _Same, carrier: Carrier) -> Mapping[str, Any]:
    is_batch = carrier is Carrier.BATCH
    record = Record(None, NOTHING if is_batch else same.part, NOTHING, batch=same.part if is_batch else NOTHING)
    return claims(record, carrier, "") or {}


@lru_cache(maxsize=256)
def _digest_of_shared(same: _Same, carrier: Carrier, extra: tuple[tuple[str, str], ...]) -> str:
    return digest({**dict(extra), **_stated_of_shared(same, carrier)})


def planned_credentials(record: Record, base_url: str) -> tuple[PlannedCredential, ...]:
    """Those that an addressed record says something for, the model's first, then the batch's.

    A batch is issued where it has a name, whether or not anything is said of it.
    """
    batch = addresses.batch_address_of(record, base_url)
    pack, model = record.pack["batteryIdentifier"], addresses.model_address_of(record, base_url)
    planned = [
        PlannedCredential(record, MODEL, Carrier.MODEL, model),
        PlannedCredential(record, MODEL_DETAIL, Carrier.MODEL_DETAIL, model),
        *([] if batch is None else [PlannedCredential(record, BATCH, Carrier.BATCH, batch, {"batteryModel": model})]),
        PlannedCredential(record, PASSPORT, Carrier.PASSPORT, pack, _links(model, batch)),
        PlannedCredential(record, CONDITION, Carrier.CONDITION, pack),
    ]
    if record.events.get("production"):
        planned.append(PlannedCredential(record, EVENT, Carrier.EVENT, pack, {"lifecycleEvent": "produce"}))
    return tuple(credential for credential in planned if credential.says_something)


def _links(model: str, batch: str | None) -> dict[str, str]:
    return {"batteryModel": model} if batch is None else {"batteryModel": model, "batteryBatch": batch}


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of what a credential says, to tell "the same again" from "something else"."""
    return hashlib.sha256(jcs.canonicalize(dict(content))).hexdigest()


def _first_difference(before: Mapping[str, Any], after: Mapping[str, Any], vocabulary: Vocabulary) -> str | None:
    keys = [*vocabulary.indicators, RECORDED_AT, "batteryModel", "batteryBatch"]
    return next((key for key in keys if before.get(key) != after.get(key)), None)


def _without_ids(value: Any, top: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_ids(item) for key, item in value.items() if key != "id" and not (top and key == "type")}
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    return value


def _short(value: Any) -> str:
    if value is None:
        return Message("nothing")
    text = value if isinstance(value, str) else strict_json.dumps(value).decode()
    return text if len(text) <= 80 else text[:77] + "…"
