"""The parts of the vocabulary: terms, indicators, fields, code lists, units. Values only; nothing here reads a file.

The ontology (``ontology/battery.ttl``) is the source of every value; :mod:`passport.vocabulary.vocabulary` reads it.
Texts for people are mappings from language (``en``, ``zh``) to text; both languages are always there.

* A *term* is a name that the JSON-LD context defines. It has the same type everywhere.
* An *indicator* is a term on a battery or its model, with all that the ontology knows of it.
* A *field* is the use of a term inside one structured indicator, under the name that input files give it
  (``stateOfCharge``), which may differ from the term (``atStateOfCharge``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from passport.texts import fallback

LANGUAGES = ("en", "zh")

Texts = Mapping[str, str]


class Audience(StrEnum):
    """Who may read. Sets, not levels: an indicator names each audience that may read it."""

    PUBLIC = "public"
    LEGITIMATE_INTEREST = "legitimate-interest"
    NOTIFIED_BODY = "notified-body"
    MARKET_SURVEILLANCE = "market-surveillance"
    COMMISSION = "commission"
    CN_REGULATOR = "cn-regulator"


class Carrier(StrEnum):
    """The credential that carries an indicator."""

    MODEL = "model"
    MODEL_DETAIL = "model-detail"
    BATCH = "batch"
    PASSPORT = "passport"
    CONDITION = "condition"
    EVENT = "event"

    @property
    def about_model(self) -> bool:
        """Whether the credential's subject is the model, not a batch or a pack."""
        return self in (Carrier.MODEL, Carrier.MODEL_DETAIL)

    @property
    def about_pack(self) -> bool:
        """Whether the credential's subject is the pack."""
        return self in (Carrier.PASSPORT, Carrier.CONDITION, Carrier.EVENT)


class Category(StrEnum):
    """Battery category. ``industrial`` is other industrial above 2 kWh; ``stationary`` its stationary storage."""

    EV = "ev"
    LMT = "lmt"
    INDUSTRIAL = "industrial"
    STATIONARY = "stationary"


class Stage(StrEnum):
    """Life-cycle stages in order: an indicator whose stage is not reached is not yet due."""

    PRODUCTION = "production"
    PLACING_ON_MARKET = "placing-on-market"
    FITTING = "fitting"
    SALE = "sale"
    USE = "use"
    REPAIR = "repair"
    SWAP = "swap"
    SECOND_LIFE = "second-life"
    RECYCLING = "recycling"
    SCRAPPING = "scrapping"

    @property
    def order(self) -> int:
        """Position in the life cycle, from 0."""
        return _STAGE_ORDER[self]

    def reached_by(self, at_stage: Stage) -> bool:
        """Whether a battery that is ``at_stage`` has come this far."""
        return self.order <= at_stage.order


_STAGE_ORDER = {stage: number for number, stage in enumerate(Stage)}


class ExportClass(StrEnum):
    """Whether a released copy abroad may hold an indicator; see :mod:`passport.battery.privacy.release_policy`."""

    OPEN = "open"
    RESTRICTED = "restricted"
    WITHHELD = "withheld"


class Datatype(StrEnum):
    """Type of a value. ``enum`` values are plain strings from a code list, ``structured`` ones nested nodes."""

    STRING = "string"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "dateTime"
    DURATION = "duration"
    ANY_URI = "anyURI"
    LANG_STRING = "langString"
    ENUM = "enum"
    STRUCTURED = "structured"

    @property
    def is_node(self) -> bool:
        """Whether a value is an IRI node in RDF, not a literal."""
        return self in (Datatype.ANY_URI, Datatype.STRUCTURED)


class Match(StrEnum):
    """How near another vocabulary's term is (the SKOS mapping properties of these names)."""

    EXACT = "exact"
    CLOSE = "close"
    BROAD = "broad"
    NARROW = "narrow"
    RELATED = "related"


@dataclass(frozen=True)
class Unit:
    """A unit.

    :param code: UCUM, such as ``A.h``.
    :param symbol: for people, such as ``Ah``.
    :param qudt: IRI; None where QUDT has none.
    :param plural: English, after a number: ``ampere-hours``.
    """

    code: str
    symbol: str
    qudt: str | None
    label: Texts
    plural: str


@dataclass(frozen=True)
class Range:
    """Bounds of a value; None where there is none.

    :param pattern: regular expression (XPath) that the value or IRI matches somewhere; ``form`` says it in words.
    :param one_of: the codes of the list that are allowed here.
    """

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_exclusive: Decimal | None = None
    max_exclusive: Decimal | None = None
    min_length: int | None = None
    pattern: str | None = None
    form: Texts | None = None
    one_of: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Code:
    """One entry of a code list.

    :param in_text: as a sentence or a narrow column names it; the label, where that fits there.
    :param alternatives: other names by language, such as a published document's.
    :param definition: may be empty.
    :param metals: symbols of the metals that a battery of this chemistry surely holds.
    """

    code: str
    label: Texts
    in_text: Texts
    alternatives: Mapping[str, tuple[str, ...]]
    definition: Texts
    metals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Enumeration:
    """A code list, in order."""

    id: str
    label: Texts
    codes: tuple[Code, ...]

    def __contains__(self, code: object) -> bool:
        return any(entry.code == code for entry in self.codes)

    def get(self, code: str) -> Code | None:
        """The entry of that code, or None."""
        return next((entry for entry in self.codes if entry.code == code), None)

    def label_of(self, code: str, language: str) -> str:
        """The label of a code; the code itself where the list does not have it."""
        entry = self.get(code)
        return code if entry is None else fallback(entry.label, language)

    def in_text(self, code: str, language: str) -> str:
        """A code as a sentence names it; the code itself where the list does not have it."""
        entry = self.get(code)
        return code if entry is None else fallback(entry.in_text, language)


@dataclass(frozen=True)
class Dimension:
    """One of the ten parts of the vocabulary.

    :param in_text: the heading over its indicators on a page.
    :param order: sorts them.
    """

    id: str
    label: Texts
    in_text: Texts
    order: int


@dataclass(frozen=True)
class IndicatorCategory:
    """A group of indicators within a dimension."""

    id: str
    label: Texts
    dimension: Dimension
    order: int


@dataclass(frozen=True)
class TermMapping:
    """The name of an indicator in another vocabulary, and how near it is.

    :param label: by language; empty where only an IRI is known. The Chinese side has a Chinese name alone.
    :param match: None where the names are only listed side by side, without a claim that they match.
    :param iris: terms of a published model, where there are some.
    :param source: where the name comes from, where that is in doubt.
    """

    label: Texts
    match: Match | None
    iris: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True)
class Term:
    """A name in a credential, with its one type.

    :param own: whether our context defines it; ``name`` and ``description`` are terms of the W3C context.
    :param personal_data: enters no credential, and the context does not define it.
    """

    id: str
    iri: str
    label: Texts
    definition: Texts
    datatype: Datatype
    unit: Unit | None
    repeatable: bool
    range: Range
    enumeration: Enumeration | None
    own: bool = True
    personal_data: bool = False


@dataclass(frozen=True)
class ClassTerm:
    """A class or credential type: a value of ``type``.

    :param in_text: as a sentence names it ("the *pack* credential"); the label, where the ontology has nothing shorter.
    """

    id: str
    iri: str
    label: Texts
    in_text: Texts
    definition: Texts


@dataclass(frozen=True)
class Field:
    """One field of a structured indicator.

    :param name: in input files, such as ``stateOfCharge``.
    :param term: in credentials, such as ``atStateOfCharge``.
    :param iri: of the term.
    :param usage: IRI of this use of the term, ``…#originalPowerCapability.stateOfCharge``.
    :param range: of the term, narrowed by this use.
    """

    name: str
    term: str
    iri: str
    usage: str
    label: Texts
    definition: Texts
    datatype: Datatype
    unit: Unit | None
    required: bool
    repeatable: bool
    range: Range
    enumeration: Enumeration | None
    personal_data: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Course:
    """How the values of one battery follow each other from read-out to read-out.

    :param never_falls: a later value is never lower.
    :param most_per_day: growth in a day, in the unit of the indicator, above which two values hardly fit together.
    :param plausible_rise: the same for a rise between two read-outs, in per cent of the earlier value.
    """

    never_falls: bool = False
    most_per_day: Decimal | None = None
    plausible_rise: Decimal | None = None


@dataclass(frozen=True)
class Indicator:
    """A data point, with all that the ontology knows of it.

    :param in_text: as a chart or a narrow column names it; the label, where that fits there.
    :param max_count: None where there is no limit. ``repeatable`` is whether it may exceed one: then always an array.
    :param static: False where the value changes in use.
    :param granularity: ``model``, ``batch`` or ``item``.
    :param audiences: who may read it by the headings of Annex XIII, the narrower reading.
    :param audiences_art77: the same by Art. 77(2), the default policy.
    :param annex_xiii: point such as ``1(h)``, or the article where the duty is there; None: not an Annex XIII item.
    :param ec_dp: numbers in the Commission guidance.
    :param dated_by: ``recordedAt`` or ``statusChangedAt`` for the flat values of a read-out, else None.
    :param personal_data: enters no credential (VIN, plate).
    :param export_class: withheld where the ontology says nothing.
    :param former_labels: what it was called before; files with such a heading are still read.
    :param peers: terms of GS1, of the EU DPP core ontology and of EMMO that come close.
    :param rule: in words, when a value is right; ``range`` holds what a machine can read of it.
    :param course: how its values follow each other from read-out to read-out.
    """

    id: str
    iri: str
    label: Texts
    in_text: Texts
    definition: Texts
    dimension: Dimension
    category: IndicatorCategory
    datatype: Datatype
    unit: Unit | None
    max_count: int | None
    range: Range
    enumeration: Enumeration | None
    fields: tuple[Field, ...]
    static: bool
    granularity: str
    carrier: Carrier
    stage: Stage
    audiences: frozenset[Audience]
    audiences_art77: frozenset[Audience]
    annex_xiii: str | None
    ec_dp: tuple[int, ...]
    spec_clause: str | None
    longlist: str | None
    legal_reference: str | None
    fill_rule: Texts
    rule: str
    note: str | None
    dated_by: str | None
    personal_data: bool
    eu: TermMapping | None
    idta: tuple[TermMapping, ...]
    cn: TermMapping | None
    catarc: str | None
    catarc_access: str | None
    batterypass_paths: tuple[str, ...]
    catenax_paths: tuple[str, ...]
    counted: bool
    confidence: str
    sources: tuple[str, ...]
    export_class: ExportClass = ExportClass.WITHHELD
    peers: tuple[TermMapping, ...] = ()
    former_labels: tuple[str, ...] = ()
    course: Course = Course()

    @cached_property
    def fields_by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def fields_by_label(self) -> Mapping[str, Field]:
        """The fields by their labels in every language, without regard to case."""
        return {label.casefold(): field for field in self.fields for label in field.label.values()}

    @property
    def repeatable(self) -> bool:
        """Whether it may be given more than once; its value is then always an array."""
        return self.max_count != 1

    def field(self, name: str) -> Field | None:
        """The field of that name in input files, or None."""
        return next((entry for entry in self.fields if entry.name == name), None)

    def as_term(self) -> Term:
        """The indicator as the context sees it."""
        return Term(
            id=self.id,
            iri=self.iri,
            label=self.label,
            definition=self.definition,
            datatype=self.datatype,
            unit=self.unit,
            repeatable=self.repeatable,
            range=self.range,
            enumeration=self.enumeration,
            personal_data=self.personal_data,
        )

    def __str__(self) -> str:
        return self.id
