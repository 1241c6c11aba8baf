"""Merging of several inputs about the same packs into one record each: a supplier's file beside the maker's own.

1. Parts are matched by their identifiers, never by the order of the inputs: a model by ``batteryModelIdentifier``,
   a pack by ``packTractionBatteryCode``, or by ``serialNumber`` within its model. A part that names nothing belongs to
   the only model, or the only pack, of all inputs; where there are several, that is a fault.
2. Two inputs may say the same thing. Numbers are compared as numbers, so ``352`` and ``352.0`` agree, and instants as
   instants, whatever their zone; the earlier input's
   spelling stays. Fields of a structured value come together field by field.
3. A list is one value: two inputs that give different lists for one indicator are in conflict, since it cannot be known
   whether they mean to add or to correct.
4. Values of a batch belong to the batch that their input names, else to the pack beside which they are, else to every
   batch of the model.
5. A conflict is a fault that names both places. Nothing wins.
6. Every value keeps its place: :meth:`passport.battery.record.Record.locate` leads to the file that said it.

    records = merge([supplier_records, maker_records])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from passport.battery.fault import Fault, Location, count, found
from passport.battery.record import PlaceKey, Record, category_of
from passport.battery.value_reader import PARTS
from passport.errors import FaultyRecord
from passport.texts import Message, Text
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.vocabulary import Datatype, Field, Indicator, Term

MODEL_KEY = "batteryModelIdentifier"
CODE, SERIAL = "packTractionBatteryCode", "serialNumber"


def merge(inputs: Sequence[Sequence[Record]]) -> tuple[Record, ...]:
    """One record per pack, in the order in which the packs are first named.

    :param inputs: what each file says; a record may lack its model or its pack.
    :raises FaultyRecord: with every conflict, and every part that belongs to nothing.
    """
    fragments = [record for records in inputs for record in records]
    merger = _Merger()
    records = merger.records(fragments)
    if merger.faults:
        name = " + ".join(dict.fromkeys(record.file for record in fragments))
        raise FaultyRecord(
            Message("{name} do not make one record: {count}", name=name, count=count(merger.faults)),
            tuple(merger.faults),
        )
    return records


@dataclass
class _MergedPart:
    """The values of a model or pack so far, each with the record that said it."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[tuple[str, str | None], Record] = field(default_factory=dict)


@dataclass
class _MergedPack:
    model: str | None
    batch_identifier: str | None = None
    batch: _MergedPart = field(default_factory=_MergedPart)
    pack: _MergedPart = field(default_factory=_MergedPart)
    condition: _MergedPart = field(default_factory=_MergedPart)
    events: dict[str, _MergedPart] = field(default_factory=dict)
    fragments: list[Record] = field(default_factory=list)


class _MergedPlaces(Mapping[PlaceKey, Location]):
    """The places of the values of a merged record, each in the input that it came from."""

    def __init__(self, sources: Mapping[tuple[str, str | None], Record], parts: Mapping[str, Record]) -> None:
        self._sources, self._parts = sources, parts

    def __getitem__(self, key: PlaceKey) -> Location:
        name, entry, of_field = key
        if name in PARTS:
            return self._parts[name].locate(name)
        source = self._sources.get((name, of_field)) or self._sources.get((name, None))
        if source is None:
            raise KeyError(key)
        return source.locate(name, entry, of_field)

    def __iter__(self) -> Iterator[PlaceKey]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Merger:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._vocabulary = vocabulary_module.load()
        self._models: dict[str, _MergedPart] = {}
        self._packs: list[_MergedPack] = []
        self._batches: dict[tuple[str, str | None], list[Record]] = {}

    def records(self, fragments: Sequence[Record]) -> tuple[Record, ...]:
        names = list(dict.fromkeys(name for fragment in fragments if (name := _text(fragment.model, MODEL_KEY))))
        only = names[0] if len(names) == 1 else None
        for fragment in fragments:
            name = _text(fragment.model, MODEL_KEY) or only
            if name is None and fragment.model:
                self._unplaced(fragment, "model", MODEL_KEY, names)
            elif name is not None:
                self._add(self._models.setdefault(name, _MergedPart()), fragment.model, fragment)
                if fragment.batch_identifier is not None or (fragment.batch and not fragment.pack):
                    self._batches.setdefault((name, fragment.batch_identifier), []).append(fragment)
        # Identifiers come first, from whichever input.
        later = []
        for fragment in fragments:
            if _text(fragment.pack, CODE) or _text(fragment.pack, SERIAL):
                self._add_pack(self._pack_of(fragment), fragment)
            elif fragment.pack or fragment.condition or fragment.events:
                later.append(fragment)
        for fragment in later:
            name = _text(fragment.model, MODEL_KEY)
            owners = [pack for pack in self._packs if name in (None, pack.model)]
            if len(owners) == 1:
                self._add_pack(owners[0], fragment)
            else:
                known = [_text(pack.pack.values, CODE) or _text(pack.pack.values, SERIAL) or "?" for pack in owners]
                self._unplaced(fragment, "pack", CODE, known)
        self._unused(fragments)
        return tuple(self._record(pack, only) for pack in self._packs)

    # --- what belongs together ------------------------------------------------------------------------------------

    def _pack_of(self, fragment: Record) -> _MergedPack:
        model, code, serial = _text(fragment.model, MODEL_KEY), _text(fragment.pack, CODE), _text(fragment.pack, SERIAL)
        for pack in self._packs:
            same_model = model is None or pack.model is None or model == pack.model
            known = pack.pack.values
            if code and _text(known, CODE):
                same = code == _text(known, CODE)
            else:
                same = serial is not None and serial == _text(known, SERIAL) and same_model
            if same:
                if model and pack.model and not same_model:
                    kind = self._vocabulary.indicators[MODEL_KEY]
                    self._conflict(kind, None, fragment, pack.fragments[0], model, pack.model)
                pack.model = pack.model or model
                return pack
        self._packs.append(_MergedPack(model))
        return self._packs[-1]

    def _add_pack(self, pack: _MergedPack, fragment: Record) -> None:
        pack.fragments.append(fragment)
        if fragment.batch_identifier is not None:
            if pack.batch_identifier not in (None, fragment.batch_identifier):
                self._two_batches(pack, fragment)
            pack.batch_identifier = fragment.batch_identifier
        self._add(pack.batch, fragment.batch, fragment)
        self._add(pack.pack, fragment.pack, fragment)
        self._add(pack.condition, fragment.condition or {}, fragment)
        for event, values in fragment.events.items():
            self._add(pack.events.setdefault(event, _MergedPart()), values, fragment)

    def _two_batches(self, pack: _MergedPack, fragment: Record) -> None:
        self.faults.append(
            Fault(
                "two-batches",
                fragment.locate("batch"),
                None,
                Message("the inputs name two batches for one pack"),
                found(pack.batch_identifier),
                found(fragment.batch_identifier),
            )
        )

    def _complete_batch(self, pack: _MergedPack, model: str) -> None:
        """Add what inputs say of the pack's batch without naming the pack."""
        number = _text(pack.pack.values, "batchNumber")
        if pack.batch_identifier is None and (model, number) in self._batches and number is not None:
            pack.batch_identifier = number
        for identifier in dict.fromkeys((pack.batch_identifier, None)):
            for fragment in self._batches.get((model, identifier), ()):
                self._add(pack.batch, fragment.batch, fragment)

    def _unplaced(self, fragment: Record, what: str, key: str, known: Sequence[str]) -> None:
        self.faults.append(Fault(
            f"unidentified-{what}", fragment.locate(what), key,
            Message("this input does not say which model it is about") if what == "model"
            else Message("this input does not say which pack it is about"),
            Message("{key}, one of {known}", key=key, known=", ".join(known[:5])) if known else key,
            Message("nothing that identifies it"),
        ))  # fmt: skip

    def _unused(self, fragments: Sequence[Record]) -> None:
        used = {pack.model for pack in self._packs if pack.model}
        if not self._packs:
            place = fragments[0].locate("pack") if fragments else Location("")
            self.faults.append(Fault(
                "no-packs", place, None, Message("none of the inputs describes a pack"),
                Message("a pack with {code} or {serial}", code=CODE, serial=SERIAL), Message("none"),
            ))  # fmt: skip
        elif used:
            for name, part in self._models.items():
                if name not in used:
                    source = part.sources.get((MODEL_KEY, None)) or next(iter(part.sources.values()))
                    self.faults.append(Fault(
                        "model-without-pack", source.locate(MODEL_KEY), MODEL_KEY,
                        Message("no pack of the inputs is of this model"),
                        Message("one of {used}", used=', '.join(sorted(used))), found(name),
                    ))  # fmt: skip

    def _record(self, pack: _MergedPack, only: str | None) -> Record:
        model = self._models.get(pack.model or only or "", _MergedPart())
        self._complete_batch(pack, pack.model or only or "")
        parts = [model, pack.batch, pack.pack, pack.condition, *pack.events.values()]
        sources = {key: source for part in parts for key, source in part.sources.items()}
        first = pack.fragments[0]
        by_part = {
            "model": next(iter(model.sources.values()), first), "pack": first,
            "batch": next(iter(pack.batch.sources.values()), first),
            "condition": next(iter(pack.condition.sources.values()), first),
            "events": next((s for part in pack.events.values() for s in part.sources.values()), first),
        }  # fmt: skip
        files = dict.fromkeys(source.file for source in [*sources.values(), *pack.fragments])
        return Record(
            category=category_of(model.values),
            model=model.values,
            pack=pack.pack.values,
            condition=pack.condition.values or None,
            events={event: part.values for event, part in pack.events.items()},
            file=" + ".join(files),
            places=_MergedPlaces(sources, by_part),
            batch=pack.batch.values,
            batch_identifier=pack.batch_identifier,
        )

    # --- values ---------------------------------------------------------------------------------------------------

    def _add(self, part: _MergedPart, values: Mapping[str, Any], fragment: Record) -> None:
        for name, value in values.items():
            kind = self._vocabulary.indicators.get(name) or self._vocabulary.terms.get(name)
            if name not in part.values:
                part.values[name] = dict(value) if isinstance(value, Mapping) else value
                part.sources[name, None] = fragment
                for inner in value if isinstance(value, Mapping) else ():
                    part.sources[name, inner] = fragment
                continue
            known = part.values[name]
            if isinstance(known, dict) and isinstance(value, Mapping):
                for inner, item in value.items():
                    of_field = kind.field(inner) if isinstance(kind, Indicator) else None
                    first = part.sources.get((name, inner))
                    if first is None:
                        known[inner] = item
                        part.sources[name, inner] = fragment
                    elif first is not fragment and not same(known[inner], item, of_field or kind):
                        self._conflict(kind, inner, fragment, first, item, known[inner])
            elif not same(known, value, kind) and part.sources[name, None] is not fragment:
                self._conflict(kind, None, fragment, part.sources[name, None], value, known)

    def _conflict(
        self, kind: Indicator | Term | None, inner: str | None, fragment: Record, first: Record, value: Any, known: Any
    ) -> None:
        name = kind.id if kind is not None else "?"
        here, there = fragment.locate(name, None, inner), first.locate(name, None, inner)
        secret = isinstance(kind, Indicator) and kind.personal_data or inner is not None and "vin" in inner.lower()
        given, other = (Message("a withheld value"),) * 2 if secret else (_shown(value), _shown(known))
        label: Text = kind.label if kind is not None else name
        conflict = Fault(
            "conflict",
            here,
            name,
            Message(
                "{label}: {here} says {given}, {there} says {other}.",
                label=label,
                here=here.text,
                given=given,
                there=there.text,
                other=other,
            ),
            Message("{other}, as in {there}", other=other, there=there.text),
            given,
            hint=Message("correct one of the two, or leave it out of one"),
        )
        # Packs of one batch share its values, and the conflict with them.
        if conflict not in self.faults:
            self.faults.append(conflict)


def same(value: Any, other: Any, kind: Indicator | Field | Term | None) -> bool:
    """Whether two values of an indicator or field say the same."""
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        fields = {each.name: each for each in getattr(kind, "fields", ())}
        return value.keys() == other.keys() and all(same(value[key], other[key], fields.get(key)) for key in value)
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(same(a, b, kind) for a, b in zip(value, other, strict=True))
    if kind is not None and kind.datatype in (Datatype.DECIMAL, Datatype.INTEGER):
        first, second = _number(value), _number(other)
        if first is not None and second is not None:
            return first == second
    if kind is not None and kind.datatype is Datatype.DATE_TIME:
        instants = [_instant(each) for each in (value, other)]
        if None not in instants:
            return instants[0] == instants[1]
    return type(value) is type(other) and value == other


def _instant(value: Any) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return "".join(value.split()) or None if isinstance(value, str) else None


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return Message("{n} entry", plural="{n} entries", context="value", n=len(value))
    return found(value)
