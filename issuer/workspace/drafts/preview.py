"""What the public and another role will see of a pack of a draft, side by side.

An indicator is seen by whom its audiences name, as in the signed views (:mod:`passport.battery.privacy.rights`); an
event goes out whole, and only to a reader who may read everything in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from issuer.workspace.drafts.said_values import said_value
from passport.battery.fault import Fault
from passport.battery.privacy import rights
from passport.battery.privacy.rights import Right
from passport.battery.record import Record
from passport.vocabulary.indicator import Dimension
from passport.vocabulary.vocabulary import Audience, Carrier, Indicator, Vocabulary


class PreviewCell(StrEnum):
    """How a cell of the comparison looks."""

    VALUE = "value"
    SAME = "same"
    RESTRICTED = "restricted"
    MISSING = "missing"


#: Characters of a value that a cell shows at once.
_LONG = 60


@dataclass(frozen=True)
class PreviewRow:
    """:ivar public: what everybody sees; :ivar other: what the chosen role sees; :ivar lines: the value, said.

    :ivar fault: whether something is wrong with it.
    """

    indicator: Indicator
    public: PreviewCell
    other: PreviewCell
    lines: tuple[str, ...]
    fault: bool

    @property
    def differs(self) -> bool:
        return self.other is not PreviewCell.SAME

    @property
    def is_long(self) -> bool:
        """Whether the value is too long for a cell, so that it is folded."""
        return sum(map(len, self.lines)) > _LONG


@dataclass(frozen=True)
class PreviewGroup:
    dimension: Dimension
    rows: tuple[PreviewRow, ...]


#: Readers beside the public, as people call them.
READERS: Mapping[str, Right] = {
    "recycler": Right(Audience.LEGITIMATE_INTEREST, "recycling"),
    "repair": Right(Audience.LEGITIMATE_INTEREST, "repair"),
    "second-life": Right(Audience.LEGITIMATE_INTEREST, "second-life"),
    "buyer": Right(Audience.LEGITIMATE_INTEREST, "purchase"),
    "notified-body": Right(Audience.NOTIFIED_BODY),
    "market-surveillance": Right(Audience.MARKET_SURVEILLANCE),
    "commission": Right(Audience.COMMISSION),
    "cn-regulator": Right(Audience.CN_REGULATOR),
}


def preview(
    record: Record, reader: Right, vocabulary: Vocabulary, language: str, *, policy: str,
    faults: Sequence[Fault] = (), everything: bool = False,
) -> tuple[PreviewGroup, ...]:  # fmt: skip
    """The comparison, under the headings of the vocabulary.

    :param everything: also rows that are the same for both and have no fault.
    """
    public = _visible(record, Right(Audience.PUBLIC), vocabulary, policy)
    other = _visible(record, reader, vocabulary, policy)
    at_fault = {fault.indicator for fault in faults if fault.indicator}
    missing = {fault.indicator for fault in faults if fault.code == "missing"}
    groups: dict[str, list[PreviewRow]] = {}
    for indicator in vocabulary.indicators.values():
        value = record.value(indicator.id)
        if indicator.personal_data or (value is None and indicator.id not in missing):
            continue
        lines = () if value is None else tuple(said_value(indicator, value, language))
        seen = PreviewCell.MISSING if value is None else PreviewCell.VALUE
        left = seen if indicator.id in public else PreviewCell.RESTRICTED
        right = seen if indicator.id in other else PreviewCell.RESTRICTED
        row = PreviewRow(indicator, left, PreviewCell.SAME if left is right else right, lines, indicator.id in at_fault)
        if everything or row.differs or row.fault:
            groups.setdefault(indicator.dimension.id, []).append(row)
    return tuple(PreviewGroup(vocabulary.dimensions[name], tuple(rows)) for name, rows in groups.items())


def _visible(record: Record, reader: Right, vocabulary: Vocabulary, policy: str) -> frozenset[str]:
    readable = rights.readable(vocabulary, reader, policy=policy)
    closed = {
        name
        for values in record.events.values()
        if not readable.issuperset(values)
        for name in values
        if name in vocabulary.indicators and vocabulary.indicators[name].carrier is Carrier.EVENT
    }
    # A missing value is shown as missing to every reader who may read the indicator.
    return readable - closed
