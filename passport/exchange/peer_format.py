"""The results of reading and writing a peer's format, the same for every format.

* :class:`PeerReading`: the record, the faults of the file, and the gaps: indicators that our vocabulary asks for and
  the file does not have.
* :class:`Export`: the documents, the losses (values of the record that are not in them, with the reason), and the
  members that the peer's schema requires although the record has no value.

Losses are found by reading the written document back and comparing it with the record, so the list stays right when a
mapping changes. Members without a value are filled with *placeholders* that cannot be mistaken for a measurement (a
number of -9999, the text ``not available``, the page ``about:blank``, the year 1). They satisfy a schema that requires
a value, and our own readers remove them before anything is mapped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.errors import FaultyRecord
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import Carrier

NO_NUMBER = -9999
#: Where a schema allows no number far from -20 to 60.
NO_TEMPERATURE = -9.999
NO_TEXT = "not available"
NO_LINK = "about:blank"
NO_DAY = "0001-01-01"
NO_INSTANT = "0001-01-01T00:00:00Z"
NO_UUID = "urn:uuid:00000000-0000-0000-0000-000000000000"
NO_COMPACT_UUID = NO_UUID.replace("-", "")
NO_EMAIL = "not-available@not-available.invalid"
NO_CAS = "00-00-0"
NO_MONTH = "--01-14:00"
#: Where a schema leaves no number free: the whole object around this text says nothing.
NO_ENTRY = "no value was given"
NO_COMPANY, NO_PLANT = "BPNL000000000000", "BPNA000000000000"

_PLACEHOLDERS = frozenset({
    NO_TEXT, NO_LINK, NO_EMAIL, NO_DAY, NO_INSTANT, NO_COMPACT_UUID, NO_CAS, NO_MONTH, NO_COMPANY, NO_PLANT,
})  # fmt: skip
#: Reasons that need no format to be true.
NO_PLACE = Message("the format has no place for it")
IN_PART = Message("the format holds a part of it")


@dataclass(frozen=True)
class PeerReading:
    """What a foreign file says, as a record, what is wrong with it, and what it does not say.

    :param gaps: warnings: one for each indicator that the format has a path for and this file no usable value, and one
        for all that the format has no place for.
    """

    record: Record
    faults: tuple[Fault, ...]
    gaps: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Loss:
    """Something that the record says and the written document does not.

    :param indicator: id of the indicator, or a time of the read-out.
    :param reason: a phrase without a closing stop.
    :param partly: whether some of it is there.
    """

    indicator: str
    reason: str
    partly: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"indicator": self.indicator, "reason": self.reason, "partly": self.partly}


@dataclass(frozen=True)
class Export:
    """A record in a peer's format.

    :param document: the document as JSON values; for a format of several documents an object of them by name.
    :param losses: in the vocabulary's order.
    :param filled: paths of the members that the format asks for and that hold a placeholder.
    :param missing: paths of the required members that have no placeholder. With any of these, the document is not
        valid by the peer's schema.
    """

    document: dict[str, Any]
    losses: tuple[Loss, ...] = ()
    filled: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass
class Notes:
    """What a writer notes while it works: members filled and missing, and why a value does not fit."""

    filled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)


def without_placeholders(value: Any) -> tuple[Any, bool]:
    """A document without placeholders, and whether there were any. What is left empty by that goes too."""
    if isinstance(value, Mapping):
        if any(held == NO_ENTRY for held in value.values()):
            return {}, True
        kept, removed = {}, False
        for name, held in value.items():
            rest, had = without_placeholders(held)
            removed |= had
            if not had or rest not in (None, {}, []):
                kept[name] = rest
        return kept, removed
    if isinstance(value, list):
        pairs = [without_placeholders(held) for held in value]
        removed = any(had for _, had in pairs)
        return [rest for rest, had in pairs if not had or rest not in (None, {}, [])], removed
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if (is_number and value in (NO_NUMBER, NO_TEMPERATURE)) or (isinstance(value, str) and value in _PLACEHOLDERS):
        return None, True
    return value, False


def other_format(file: str, message: Message, expected: str, instead: str) -> FaultyRecord:
    """The refusal of a file that is not of the format at all.

    :param message: what it is, such as ``no Catena-X battery passport``.
    :param instead: what was found, as it is to be shown.
    """
    fault = Fault("malformed-record", Location(file, pointer="$"), None, message, expected, instead)
    return FaultyRecord(
        Message("{file} is {kind}", file=file, kind=message),
        (fault,),
        hint=Message("for records in the project's own form leave --from out"),
    )


def gaps(
    record: Record,
    file: str,
    places: Mapping[str, str],
    held: Callable[[str], str] = lambda path: Message("nothing that can be used"),
) -> tuple[Fault, ...]:
    """What our vocabulary asks for and a file does not say.

    :param places: indicators for which the format has a place, with its path.
    :param held: what to say that the file holds at a path.
    """
    gap_faults, nowhere = [], []
    for indicator in vocabulary_module.load().indicators.values():
        # Events are records of their own, and the address of the pack is made when it is issued.
        if indicator.carrier is Carrier.EVENT or indicator.id in ("batteryIdentifier", "previousPassport"):
            continue
        if record.value(indicator.id) is not None:
            continue
        if indicator.id not in places:
            nowhere.append(indicator.id)
            continue
        needed = ", ".join(each.name for each in indicator.fields if each.required)
        gap_faults.append(
            Fault(
                "gap",
                Location(file, pointer=places[indicator.id]),
                indicator.id,
                Message("the file does not say: {label}", label=indicator.label),
                needed or Message("a value ({datatype})", datatype=indicator.datatype.value),
                held(places[indicator.id]),
                "warning",
            )
        )
    gap_faults.append(
        Fault(
            "gap",
            Location(file, pointer="$"),
            None,
            Message("the format has no place for {count} data points", count=len(nowhere)),
            Message("these from another source"),
            ", ".join(nowhere),
            "warning",
        )
    )
    return tuple(gap_faults)


def entries(record: Record, indicator: str) -> list[Mapping[str, Any]]:
    """The entries of a list that are objects; a record may be exported without validation."""
    value = record.value(indicator)
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def losses(record: Record, again: Record, reasons: Mapping[str, str]) -> tuple[Loss, ...]:
    """What ``record`` says and ``again``, read back from what was written, does not.

    :param reasons: by indicator, where the writer knows more than that there is no place.
    """
    lost = []
    for name in (*READING_TIMES, *vocabulary_module.load().indicators):
        for mine, theirs in zip(_values(record, name), _values(again, name), strict=True):
            if mine is None or same(mine, theirs):
                continue
            partly = theirs is not None
            lost.append(Loss(name, reasons.get(name) or (IN_PART if partly else NO_PLACE), partly))
            break
    return tuple(lost)


def _values(record: Record, name: str) -> tuple[Any, ...]:
    if name in READING_TIMES:
        return ((record.condition or {}).get(name),)
    return (record.value(name),)


def same(value: Any, other: Any) -> bool:
    """Whether two values say the same: numbers and instants by what they mean, lists in any order."""
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        return value.keys() == other.keys() and all(same(value[name], other[name]) for name in value)
    if isinstance(value, list) and isinstance(other, list):
        rest = list(other)
        for item in value:
            match = next((n for n, candidate in enumerate(rest) if same(item, candidate)), None)
            if match is None:
                return False
            del rest[match]
        return not rest
    if value == other and type(value) is type(other):
        return True
    if isinstance(value, bool) or isinstance(other, bool):
        return False
    numbers = [_number(each) for each in (value, other)]
    if None not in numbers:
        return numbers[0] == numbers[1]
    if isinstance(value, str) and isinstance(other, str):
        instants = [_instant(each) for each in (value, other)]
        return None not in instants and instants[0] == instants[1]
    return False


def _number(value: Any) -> Decimal | None:
    if not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None  # a signalling NaN raises when it is compared


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def exported(document: dict[str, Any], record: Record, again: Record, notes: Notes) -> Export:
    """The export, with what ``again``, read back from the document, does not say of ``record``."""
    return Export(document, losses(record, again, notes.reasons), tuple(notes.filled), tuple(notes.missing))
