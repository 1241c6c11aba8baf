"""The layout of a workbook: its sheets and columns, derived from the vocabulary, the same for reading and for writing.

    models            one row a model, keyed by batteryModelIdentifier
    batches           one row a batch, keyed by batteryModelIdentifier and batch
    packs             one row a pack; batteryModelIdentifier says which model, batch which batch
    packs 2, …        more of the same, where a sheet is full; each with its headings and units
    conditions        one read-out a row, keyed by the pack; recordedAt and statusChangedAt date it
    production, …     one row a pack for each stage that has event records
    componentMass, …  one sheet for each structured indicator that may repeat, keyed by model or pack

* Row 1 holds headings: the id of an indicator, its Chinese or its English name, both of these in one cell, or its name
  on the EU side, in the Chinese digital ID or the battery ID, unless that name is ambiguous; case does not count. A
  structured value that occurs once has one column a field, ``indicator.field``; text with languages one a language,
  ``indicator.zh``.
* Row 2 holds units, by symbol or UCUM code; a cell may be left empty. Data begins in row 3.
* A pack is keyed by ``packTractionBatteryCode`` or ``serialNumber``, with ``batteryModelIdentifier`` where two models
  have the same serial number.
* A pack with an empty column ``batch`` is of the batch of its ``batchNumber``, where the sheet has such a batch.
  Without a sheet ``batches``, values of the batch are on the sheet ``models``.
* A sheet named ``notes`` is for people and is not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import product

from passport.exchange.spreadsheet.cells import UTC_MARK, Kind
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import Carrier, Datatype, Indicator, Stage, Term, Vocabulary

MODEL_KEY = "batteryModelIdentifier"
BATCH_KEY = "batch"
PACK_KEYS = ("packTractionBatteryCode", "serialNumber")
HEADING_ROW, UNIT_ROW, FIRST_ROW = 1, 2, 3

_NAMES = {
    "models": "型号",  # data: recognised in input
    "batches": "批次",  # data: recognised in input
    "packs": "电池包",  # data: recognised in input
    "conditions": "状态",  # data: recognised in input
    "notes": "说明",  # data: recognised in input
}
_LANGUAGE = re.compile(r"\.([a-z]{2,3}(?:-[a-z0-9]{2,8})*)$", re.IGNORECASE)
#: Longest name that a spreadsheet program gives a sheet, and what it does not allow in one.
_SHEET_NAME, _FORBIDDEN = 31, re.compile(r"[\[\]:*?/\\]")


#: The end of the name of a sheet that goes on where another one is full.
_CONTINUED = re.compile(r"[ _]([2-9]|[1-9][0-9]{1,3})$")


def goes_on(name: str) -> bool:
    """Whether a sheet goes on where another one is full: ``packs 2``."""
    return _CONTINUED.search(name) is not None


@dataclass(frozen=True)
class Column:
    """What a column is for.

    :param kind: the indicator, field or term whose values it holds.
    :param indicator: id of the indicator; that of the sheet for the columns of an entry.
    :param field: field name, None for a plain value.
    :param language: tag in lower case, for text with languages.
    :param key: True where it says whose row it is.
    """

    kind: Kind
    indicator: str
    field: str | None = None
    language: str | None = None
    key: bool = False

    @property
    def heading(self) -> str:
        """The heading by id."""
        return ".".join(part for part in (self.indicator, self.field, self.language) if part)

    def takes_unit(self, text: str) -> bool:
        """Whether row 2 may say this."""
        unit = _unit(text)
        if self.kind.unit is None:
            return unit in ("", "-", "–", "—") or (unit == UTC_MARK and self.kind.datatype is Datatype.DATE_TIME)
        return unit in ("", _unit(self.kind.unit.symbol), _unit(self.kind.unit.code))

    @property
    def unit(self) -> str:
        """What row 2 should say, empty where there is no unit."""
        return self.kind.unit.symbol if self.kind.unit else ""


@dataclass(frozen=True)
class SheetLayout:
    """One sheet.

    :param name: the sheet's name by id.
    :param labels: its other names.
    :param part: ``model``, ``batch``, ``pack``, ``condition`` or ``events``.
    :param columns: the columns by heading id, those of a language not among them.
    :param keys: headings of the columns that say whose row it is.
    :param event: which event, for ``events``.
    :param entries_of: the structured indicator whose entries are the rows, else None.
    :param by_model: whether rows are keyed by the model.
    :param indicators: the indicators whose values it holds.
    :param elsewhere: ids of indicators that are read here, and written on another sheet.
    :param foreign: by id, what other vocabularies call them without ambiguity.
    """

    name: str
    labels: tuple[str, ...]
    part: str
    columns: Mapping[str, Column]
    keys: tuple[str, ...]
    event: str | None = None
    entries_of: Indicator | None = None
    by_model: bool = False
    indicators: tuple[Indicator, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    foreign: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _by_heading(self) -> dict[str, Column]:
        known: dict[str, Column] = {}
        # Our own names of every column come before what others call any of them.
        for spellings in (self.own_spellings, self.foreign_spellings):
            for column in self.columns.values():
                for heading in spellings(column):
                    known.setdefault(folded(heading), column)
        return known

    def foreign_spellings(self, column: Column) -> Iterator[str]:
        names = self.foreign.get(column.indicator, ())
        if column.field is None:
            yield from names
        elif self.entries_of is None:
            for pair in product(names, (column.field, *column.kind.label.values())):
                yield ".".join(pair)

    def own_spellings(self, column: Column) -> Iterator[str]:
        label = column.kind.label
        if column.field is None:
            yield from (column.indicator, *label.values(), both(label["zh"], label["en"]))
            return
        names = (column.field, *label.values())
        if self.entries_of is not None:
            yield from (*names, both(label["zh"], label["en"]))
            return
        indicator = next(kind for kind in self.indicators if kind.id == column.indicator)
        for pair in product((indicator.id, *indicator.label.values()), names):
            yield ".".join(pair)
        yield both(*(f"{indicator.label[language]}.{label[language]}" for language in ("zh", "en")))

    def column(self, heading: str) -> Column | None:
        """The column of a heading, with its language where it has one; None if it is unknown."""
        known = self._by_heading.get(folded(heading))
        if known is not None:
            return known
        tag = _LANGUAGE.search(heading.strip())
        if tag is None:
            return None
        known = self._by_heading.get(folded(heading.strip()[: tag.start()]))
        if known is None or known.kind.datatype is not Datatype.LANG_STRING:
            return None
        return Column(known.kind, known.indicator, known.field, tag[1].lower())

    def spelled(self, column: Column) -> str:
        """The heading by id on this sheet: the columns of an entry have only the names of fields."""
        if self.entries_of is None or column.field is None:
            return column.heading
        return column.heading.removeprefix(f"{column.indicator}.")


def _belongs_to_event(stage: Stage, indicator: Indicator) -> bool:
    return indicator.carrier is Carrier.EVENT and indicator.stage is stage


def both(zh: str, en: str) -> str:
    """The heading that says both names, one a line."""
    return f"{zh}\n{en}"


class Layout:
    """All sheets that a workbook may have."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        names = {indicator.id: vocabulary.foreign_names(indicator) for indicator in vocabulary.indicators.values()}
        self._foreign = {identifier: foreign for identifier, foreign in names.items() if foreign}
        sheets = [
            self._single(
                "models",
                (_NAMES["models"],),
                "model",
                lambda i: i.carrier.about_model or i.carrier is Carrier.BATCH,
                (MODEL_KEY,),
                elsewhere=Carrier.BATCH,
            ),
            self._single(
                "batches", (_NAMES["batches"],), "batch", lambda i: i.carrier is Carrier.BATCH, (MODEL_KEY, BATCH_KEY)
            ),
            self._single(
                "packs", (_NAMES["packs"],), "pack", lambda i: i.carrier is Carrier.PASSPORT, (MODEL_KEY, BATCH_KEY)
            ),
            self._single(
                "conditions",
                (_NAMES["conditions"],),
                "condition",
                lambda i: i.carrier is Carrier.CONDITION,
                (MODEL_KEY, *PACK_KEYS),
                times=[vocabulary.terms[name] for name in READING_TIMES],
            ),
        ]
        labels = {code.code: tuple(code.label.values()) for code in vocabulary.enumerations["stage"].codes}
        for stage in Stage:
            if any(i.carrier is Carrier.EVENT and i.stage is stage for i in vocabulary.indicators.values()):
                sheets.append(
                    self._single(
                        stage.value,
                        labels[stage.value],
                        "events",
                        partial(_belongs_to_event, stage),
                        (MODEL_KEY, *PACK_KEYS),
                        event=stage.value,
                    )
                )
        sheets += [self._entries(i) for i in vocabulary.indicators.values() if _has_own_sheet(i)]
        self.sheets: Mapping[str, SheetLayout] = {sheet.name: sheet for sheet in sheets}
        self._by_name = {
            folded(sheet_name(name)): sheet for sheet in sheets for name in (*reversed(sheet.labels), sheet.name)
        }

        # A program cuts names off: a beginning that two names share belongs to neither.
        cut = Counter(folded(sheet_name(name)) for names in self._foreign.values() for name in set(names))
        for sheet in sheets:
            for name in self._foreign.get(sheet.entries_of.id, ()) if sheet.entries_of else ():
                if cut[folded(sheet_name(name))] == 1:
                    self._by_name.setdefault(folded(sheet_name(name)), sheet)

    def sheet(self, name: str) -> SheetLayout | None:
        """The sheet of that name: id, Chinese, English, or the term of another vocabulary; None if there is none.

        A sheet that is full goes on in another one: ``packs 2``, ``packs 3`` (:func:`goes_on`).
        """
        return self._by_name.get(folded(name)) or self._by_name.get(folded(_CONTINUED.sub("", name)))

    @staticmethod
    def is_notes(name: str) -> bool:
        """Whether a sheet is for people only."""
        return folded(name) in ("notes", _NAMES["notes"])

    def _single(
        self,
        name: str,
        labels: tuple[str, ...],
        part: str,
        belongs: Callable[[Indicator], bool],
        keys: tuple[str, ...],
        *,
        times: Iterable[Term] = (),
        event: str | None = None,
        elsewhere: Carrier | None = None,
    ) -> SheetLayout:
        indicators = tuple(i for i in self._vocabulary.indicators.values() if belongs(i))
        own = {i.id for i in indicators}
        columns = [Column(self._key(key), key, key=key not in own) for key in keys]
        columns += [Column(term, term.id) for term in times]
        for indicator in indicators:
            if indicator.id in keys or _has_own_sheet(indicator):
                continue
            if indicator.fields:
                columns += [Column(each, indicator.id, each.name) for each in indicator.fields]
            else:
                columns.append(Column(indicator, indicator.id))
        by_heading = {column.heading: column for column in columns}
        return SheetLayout(
            name,
            labels,
            part,
            by_heading,
            keys,
            event,
            None,
            by_model=part == "model",
            indicators=indicators,
            elsewhere=frozenset(i.id for i in indicators if i.carrier is elsewhere),
            foreign=self._foreign,
        )

    def _key(self, key: str) -> Kind:
        if key == BATCH_KEY:
            # In a credential a batch is named by its address; in a file by its identifier alone.
            return replace(self._vocabulary.terms["batteryBatch"], id=BATCH_KEY, datatype=Datatype.STRING)
        return self._vocabulary.indicators[key]

    def _entries(self, indicator: Indicator) -> SheetLayout:
        by_model = indicator.carrier.about_model
        part = {Carrier.PASSPORT: "pack", Carrier.CONDITION: "condition", Carrier.EVENT: "events"}
        keys = (MODEL_KEY,) if by_model else (MODEL_KEY, *PACK_KEYS)
        columns = [Column(self._vocabulary.indicators[key], key, key=True) for key in keys]
        columns += [Column(each, indicator.id, each.name) for each in indicator.fields]
        return SheetLayout(
            sheet_name(indicator.id),
            tuple(indicator.label.values()),
            part.get(indicator.carrier, "model"),
            {column.heading: column for column in columns},
            keys,
            indicator.stage.value if indicator.carrier is Carrier.EVENT else None,
            indicator,
            by_model,
            (indicator,),
            foreign=self._foreign,
        )


def _has_own_sheet(indicator: Indicator) -> bool:
    return bool(indicator.fields) and indicator.repeatable


def sheet_name(text: str) -> str:
    """A name as a spreadsheet program lets a sheet be called."""
    return _FORBIDDEN.sub(" ", text)[:_SHEET_NAME].strip()


def folded(text: str) -> str:
    """Text as headings are compared: without outer and repeated blanks, without case, in one Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _unit(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
