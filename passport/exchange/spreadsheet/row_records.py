"""The rows of all sheets put together: models, batches, packs, and what belongs to them.

A row of ``models`` describes a model, a row of ``batches`` a batch and a row of ``packs`` a pack. The keys of every
other row name its model or pack. That model or pack has to exist and may have no other row of the kind. In a part of a
file (``partial``) a model or pack may be named only by its keys: another input describes it.

Values of a model or batch are read once, however many packs share them. What is on the sheet ``models`` of the
facts of a batch is said of every batch of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.battery.identifiers.address import check_batch
from passport.battery.merge import same
from passport.battery.record import Record, category_of, duplicate_packs
from passport.battery.value_reader import RecordBuilder
from passport.errors import MalformedIdentifier
from passport.exchange.spreadsheet.layout import BATCH_KEY, MODEL_KEY, PACK_KEYS
from passport.exchange.spreadsheet.row_places import RowPlaces
from passport.exchange.spreadsheet.sheet_tables import Faults, SheetTable, TableRow
from passport.texts import Message
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import Vocabulary


def put_together(
    tables: Mapping[str, SheetTable], file: str, vocabulary: Vocabulary, *, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The packs in the order of their rows as far as they could be placed, and every fault.

    :param tables: by the ids of their sheets.
    :param partial: whether models and packs may be described elsewhere; models without a pack come after the packs.
    """
    reading = _RowReading(tables, file, vocabulary, partial)
    records = reading.records()
    return records, tuple(reading.faults)


@dataclass
class _Model:
    row: TableRow
    raw: dict[str, Any]
    places: RowPlaces
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Batch(_Model):
    identifier: str = ""
    of_model: str = ""
    packs: int = 0


def batch_without_pack(identifier: str, place: Location) -> Fault:
    """The loss of a batch of which there is no pack."""
    message = Message("no pack of the file is of this batch; what is said of the batch is not issued")
    return Fault("batch-without-pack", place, None, message, Message("a pack of it"), found(identifier), "loss")


def model_without_pack(name: str, place: Location) -> Fault:
    """The loss of a model of which there is no pack."""
    message = Message("no pack of the file is of this model; what is said of the model is not issued")
    return Fault("model-without-pack", place, MODEL_KEY, message, Message("a pack of it"), found(name), "loss")


@dataclass(slots=True)
class _PackRows:
    row: TableRow
    model: _Model | None
    batch: _Batch | None
    batch_identifier: str | None
    raw: dict[str, dict[str, Any]]
    places: RowPlaces


class _RowReading:
    def __init__(self, tables: Mapping[str, SheetTable], file: str, vocabulary: Vocabulary, partial: bool) -> None:
        self._tables = tables
        self._file = file
        self._vocabulary = vocabulary
        self._partial = partial
        self.faults = Faults()
        self._models: dict[str, _Model] = {}
        self._batches: dict[tuple[str, str], _Batch] = {}
        self._packs: list[_PackRows] = []
        self._by_key: dict[tuple[str, str], list[_PackRows]] = {}
        self._unknown_keys: set[tuple[str, str, str]] = set()

    def records(self) -> tuple[Record, ...]:
        for row in self._rows("models"):
            self._add_model(row)
        for row in self._rows("batches"):
            self._add_batch(row)
        for row in self._rows("packs"):
            self._add_pack(row)
        for table in self._tables.values():
            if table.head.layout.name not in ("models", "batches", "packs"):
                for row in table.rows:
                    self._add_row(row)
        for model in self._models.values():
            model.values = self._part("model", model.raw, model.places)
        for batch in self._batches.values():
            self._read_batch(batch)
        records = tuple(self._record(pack) for pack in self._packs)
        self.faults += duplicate_packs(records)
        with_pack = {id(pack.model) for pack in self._packs}
        # A pack whose model is not known has a fault of its own; its model may be any of them.
        all_known = bool(self._packs) and all(pack.model for pack in self._packs)
        for name, model in self._models.items() if all_known and not self._partial else ():
            if id(model) not in with_pack:
                self.faults.append(model_without_pack(name, model.row.place(MODEL_KEY)))
        if self._partial:
            records += tuple(
                Record(category_of(model.values), model.values, {}, file=self._file, places=model.places)
                for model in self._models.values()
                if id(model) not in with_pack
            )
            records += tuple(
                Record(None, {MODEL_KEY: batch.of_model}, {}, file=self._file, places=batch.places, batch=batch.values,
                       batch_identifier=batch.identifier)
                for batch in self._batches.values()
                if not batch.packs
            )  # fmt: skip
        return records

    def _rows(self, sheet: str) -> list[TableRow]:
        return self._tables[sheet].rows if sheet in self._tables else []

    def _add_model(self, row: TableRow) -> None:
        key = row.keys().get(MODEL_KEY)
        if key is None:
            self._missing_key(row, (MODEL_KEY,))
        elif key in self._models:
            self.faults.add(
                "duplicate-model",
                row.place(MODEL_KEY),
                Message("a model identifier of its own"),
                Message("that of row {row}", row=self._models[key].row.number),
                indicator=MODEL_KEY,
                message=Message("this model is described twice"),
            )
        else:
            model = self._models[key] = _Model(row, row.raw(), RowPlaces())
            model.places.add("model", row)

    def _add_batch(self, row: TableRow) -> None:
        keys = row.keys()
        if MODEL_KEY not in keys or BATCH_KEY not in keys:
            for key in (MODEL_KEY, BATCH_KEY):
                if key not in keys:
                    self._missing_key(row, (key,))
            return
        of_model, identifier = keys[MODEL_KEY], keys[BATCH_KEY]
        try:
            check_batch(identifier)
        except MalformedIdentifier as error:
            self.faults.add(
                "malformed-batch",
                row.place(BATCH_KEY),
                error.expected or Message("an identifier of a batch"),
                error.found or found(identifier),
                message=error.message,
            )
            return
        model = self._models.get(of_model)
        if model is None and self._partial:
            model = self._named_model(row, of_model)
        elif model is None:
            if "models" in self._tables:
                self._unknown(row, MODEL_KEY, of_model, "model", "models")
            return
        known = self._batches.get((of_model, identifier))
        if known is not None:
            self.faults.add(
                "duplicate-batch",
                row.place(BATCH_KEY),
                Message("an identifier of its own for each batch"),
                Message("that of row {row}", row=known.row.number),
                message=Message("this batch is described twice"),
            )
            return
        batch = _Batch(row, row.raw(), RowPlaces(), identifier=identifier, of_model=of_model)
        batch.places.add("batch", row)
        batch.places.parts["model"] = model.places.parts["model"]
        self._batches[of_model, identifier] = batch

    def _read_batch(self, batch: _Batch) -> None:
        batch.values = self._part("batch", batch.raw, batch.places)
        model = self._models[batch.of_model]
        for name, value in batch.values.items():
            other = model.values.get(name)
            if other is not None and not same(value, other, self._vocabulary.indicators[name]):
                self.faults.add(
                    "two-values",
                    batch.row.place(name),
                    Message("{other}, as in {there}", other=found(other), there=model.row.place(name).text),
                    found(value),
                    indicator=name,
                    message=Message("the model says something else"),
                    hint=Message("leave it out of sheet models: it is a fact of the batch"),
                )
        if not batch.packs and not self._partial:
            self.faults.append(batch_without_pack(batch.identifier, batch.row.place(BATCH_KEY)))

    def _batch_of(self, row: TableRow, keys: Mapping[str, str]) -> _Batch | None:
        """The batch that a row of ``packs`` names, or that has the pack's batch number."""
        of_model, named = keys.get(MODEL_KEY, ""), keys.get(BATCH_KEY)
        if named is None:
            number = row.raw().get("batchNumber")
            batch = self._batches.get((of_model, str(number)))
            has_batches = any(model == of_model for model, _ in self._batches)
            if batch is None and has_batches and not row.was_refused(BATCH_KEY):
                self.faults.add(
                    "missing-batch",
                    row.place(BATCH_KEY),
                    Message("a batch of the sheet {sheet}", sheet="batches"),
                    Message("an empty cell"),
                    message=Message("the row does not say of which batch the pack is"),
                )
            return batch
        batch = self._batches.get((of_model, named))
        if batch is None and not self._partial and of_model:
            others = [model for model, identifier in self._batches if identifier == named]
            self.faults.add(
                "batch-of-other-model" if others else "unknown-batch",
                row.place(BATCH_KEY),
                Message("a batch of model {model}", model=of_model)
                if others
                else Message("a batch of the sheet {sheet}", sheet="batches"),
                Message("a batch of model {model}", model=others[0]) if others else found(named),
                message=Message("the batch is one of another model") if others else Message("there is no such batch"),
            )
        return batch

    def _add_pack(self, row: TableRow) -> None:
        keys = row.keys()
        model = None
        if MODEL_KEY not in keys:
            if not self._partial:
                self._missing_key(row, (MODEL_KEY,))
        else:
            model = self._models.get(keys[MODEL_KEY])
            if model is None and self._partial:
                model = self._named_model(row, keys[MODEL_KEY])
            elif model is None and "models" in self._tables:
                self._unknown(row, MODEL_KEY, keys[MODEL_KEY], "model", "models")
        if not any(key in keys for key in PACK_KEYS):
            self._missing_key(row, PACK_KEYS)
        batch = self._batch_of(row, keys)
        pack = _PackRows(row, model, batch, keys.get(BATCH_KEY), {"pack": row.raw()}, RowPlaces())
        pack.places.add("pack", row)
        if batch is not None:
            batch.packs += 1
            pack.batch_identifier = batch.identifier
            pack.places.parts["batch"] = batch.places.parts["batch"]
        if model is not None:
            pack.places.parts["model"] = model.places.parts["model"]
            pack.places.entries.update(model.places.entries)
        self._keep(pack, keys)

    def _keep(self, pack: _PackRows, keys: Mapping[str, str]) -> None:
        self._packs.append(pack)
        for key in PACK_KEYS:
            if key in keys:
                self._by_key.setdefault((key, key_text(keys[key])), []).append(pack)

    def _add_row(self, row: TableRow) -> None:
        """A row of a read-out, an event or an entry goes to its model or pack."""
        layout = row.head.layout
        owner = self._owning_model(row) if layout.by_model else self._owning_pack(row)
        if owner is None:
            return
        part = layout.part if layout.event is None else f"events.{layout.event}"
        if layout.entries_of is not None:
            raw = owner.raw if isinstance(owner, _Model) else owner.raw.setdefault(part, {})
            raw.setdefault(layout.entries_of.id, []).append(row.raw().get(layout.entries_of.id, {}))
            owner.places.entries.setdefault(layout.entries_of.id, []).append(row)
            if part not in owner.places.parts and isinstance(owner, _PackRows):
                owner.places.add(layout.part, row)
            return
        first = next((other for other in owner.places.parts.get(layout.part, ()) if other.head is row.head), None)
        if first is not None:
            self.faults.add(
                "duplicate-row",
                row.place(),
                Message("one row for each pack"),
                Message("also row {row}", row=first.number),
                message=Message("this pack has two rows on the sheet"),
            )
            return
        owner.raw.setdefault(part, {}).update(row.raw())
        owner.places.parts.setdefault(layout.part, []).insert(0, row)

    def _named_model(self, row: TableRow, key: str) -> _Model:
        """A model that another input describes: here only its name is known."""
        model = self._models[key] = _Model(row, {MODEL_KEY: key}, RowPlaces())
        model.places.add("model", row)
        return model

    def _owning_model(self, row: TableRow) -> _Model | None:
        key = row.keys().get(MODEL_KEY)
        if key is None:
            self._missing_key(row, (MODEL_KEY,))
            return None
        if key not in self._models and self._partial:
            return self._named_model(row, key)
        if key not in self._models:
            self._unknown(row, MODEL_KEY, key, "model", "models")
        return self._models.get(key)

    def _named_pack(self, row: TableRow, keys: Mapping[str, str]) -> _PackRows:
        """A pack that another input describes: here only its code or serial number is known."""
        pack = _PackRows(
            row, None, None, None, {"pack": {key: keys[key] for key in PACK_KEYS if key in keys}}, RowPlaces()
        )
        pack.places.add("pack", row)
        if MODEL_KEY in keys:
            pack.model = self._models.get(keys[MODEL_KEY]) or self._named_model(row, keys[MODEL_KEY])
            pack.places.parts["model"] = pack.model.places.parts["model"]
        self._keep(pack, keys)
        return pack

    def _owning_pack(self, row: TableRow) -> _PackRows | None:
        keys = row.keys()
        owners: list[_PackRows] | None = None
        for key in PACK_KEYS:
            if key not in keys:
                continue
            named = self._by_key.get((key, key_text(keys[key])), [])
            if MODEL_KEY in keys:
                named = [pack for pack in named if pack.row.keys().get(MODEL_KEY) == keys[MODEL_KEY]]
            if not named and self._partial:
                return self._named_pack(row, keys)
            if not named:
                self._unknown(row, key, keys[key], "pack", "packs")
                return None
            owners = named if owners is None else [pack for pack in owners if pack in named]
        if owners is None:
            self._missing_key(row, PACK_KEYS)
            return None
        if len(owners) != 1:
            several = Message("two packs") if owners else Message("a code and a serial number of different packs")
            place = row.place(next(key for key in PACK_KEYS if key in keys))
            self.faults.add(
                "ambiguous-pack",
                place,
                Message("one pack"),
                several,
                message=Message("the row does not say which pack it is about"),
                hint=Message("add a column {key}", key=MODEL_KEY) if owners else None,
            )
            return None
        return owners[0]

    def _record(self, pack: _PackRows) -> Record:
        model = pack.model.values if pack.model else {}
        if pack.model is not None:
            pack.places.entries.update(pack.model.places.entries)
        events = {
            part.removeprefix("events."): self._part("events", raw, pack.places, part.removeprefix("events."))
            for part, raw in pack.raw.items()
            if part.startswith("events.")
        }
        return Record(
            category=category_of(model),
            model=model,
            pack=self._part("pack", pack.raw["pack"], pack.places),
            condition=self._part("condition", pack.raw.get("condition", {}), pack.places) or None,
            events={event: values for event, values in events.items() if values},
            file=self._file,
            places=pack.places,
            batch=pack.batch.values if pack.batch else {},
            batch_identifier=pack.batch_identifier,
        )

    def _part(self, part: str, raw: Mapping[str, Any], places: RowPlaces, event: str | None = None) -> dict[str, Any]:
        reader = RecordBuilder(places.place, self._vocabulary)
        values = reader.part(part, raw, event)
        untimed = any(row.was_refused(RECORDED_AT) for row in places.parts.get(part, ()))
        self.faults += [fault for fault in reader.faults if not (untimed and fault.code == "missing-time")]
        return values

    # --- faults ---------------------------------------------------------------------------------------------------

    def _missing_key(self, row: TableRow, keys: tuple[str, ...]) -> None:
        key = next((key for key in keys if row.head.has(key)), None)
        # A missing column and a refused cell are faults of their own.
        if key is not None and not any(row.was_refused(name) for name in keys):
            self.faults.add(
                "missing-key",
                row.place(key),
                Message("a value that says whose row this is"),
                Message("an empty cell"),
                indicator=key,
                message=Message("the row does not say whose it is"),
            )

    def _unknown(self, row: TableRow, key: str, value: str, what: str, sheet: str) -> None:
        # Once per sheet: a slip in one pack's code would otherwise be reported for each of its two hundred cells.
        if (row.head.name, key, value) in self._unknown_keys:
            return
        self._unknown_keys.add((row.head.name, key, value))
        self.faults.add(
            f"unknown-{what}",
            row.place(key),
            Message("a model of the sheet {sheet}", sheet=sheet)
            if what == "model"
            else Message("a pack of the sheet {sheet}", sheet=sheet),
            found(value),
            indicator=key,
            message=Message("there is no such model") if what == "model" else Message("there is no such pack"),
        )


def key_text(text: str) -> str:
    """A code or serial number as rows are found by it."""
    return "".join(text.split())
