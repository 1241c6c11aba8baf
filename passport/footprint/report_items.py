"""What a footprint report states, item by item of ISO 14067, clause 7: said, or named as not said.

The headings are data (``fp:ReportItem``). What an inventory does not say is never made up: the item has no texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from passport.footprint.facts import facts
from passport.footprint.inventory.inventory import Inventory
from passport.footprint.method import AlternativeReading, FootprintMethod, Influence
from passport.footprint.result import FootprintResult, plain
from passport.texts import Message, Text

_MOST = 5


@dataclass(frozen=True)
class ReportItem:
    """One item.

    :param texts: what the report states; empty where the inventory says nothing.
    """

    code: str
    label: Text
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class _Report:
    inventory: Inventory
    result: FootprintResult
    method: FootprintMethod
    readings: tuple[AlternativeReading, ...]
    influences: tuple[Influence, ...]


def report_items(
    inventory: Inventory,
    result: FootprintResult,
    method: FootprintMethod,
    readings: tuple[AlternativeReading, ...],
    influences: tuple[Influence, ...],
) -> tuple[ReportItem, ...]:
    """Every item, in the order of the standard."""
    report = _Report(inventory, result, method, readings, influences)
    return tuple(
        ReportItem(code, facts().named("report-item", code), tuple(text for text in _STATED[code](report) if text))
        for code in facts().lists["report-item"]
    )


def _product(report: _Report) -> tuple[Text | None, ...]:
    result, inventory = report.result, report.inventory
    return (inventory.manufacturer, result.model, result.plant, inventory.plant_country)


def _functional_unit(report: _Report) -> tuple[Text | None, ...]:
    energy = report.result.energy
    flow = Message("1 battery over {energy} kWh", energy=plain(energy.total))
    return (report.result.functional_unit, flow)


def _boundary(report: _Report) -> tuple[Text | None, ...]:
    stages = (facts().named("stage", stage) for stage in report.result.stages)
    return (facts().named("boundary", report.result.boundary), *stages)


def _processes(report: _Report) -> tuple[Text | None, ...]:
    largest = sorted(report.result.lines, key=lambda line: -line.emissions)[:_MOST]
    return tuple(
        Message("{group}: {item}", group=line.group, item=facts().item(line.key[0], line.item)) for line in largest
    )


def _data(report: _Report) -> tuple[Text | None, ...]:
    kinds = report.result.by_data_kind
    total = sum(kinds.values())
    shares = (
        Message("{kind}: {share:.1f} %", kind=facts().named("data-kind", kind), share=value * 100 / total)
        for kind, value in kinds.items()
        if total
    )
    return (*shares, *(facts().source(name) for name in report.result.factor_sources))


def _gases(report: _Report) -> tuple[Text | None, ...]:
    measured = tuple(dict.fromkeys(emission.gas for emission in report.inventory.emissions))
    gases = (facts().named("gas", gas) for gas in measured)
    return (*gases, Message("carbon dioxide equivalents of the factors"))


def _characterization(report: _Report) -> tuple[Text | None, ...]:
    return (facts().named("gwp-set", report.inventory.gwp_set),)


def _cut_off(report: _Report) -> tuple[Text | None, ...]:
    if not report.inventory.cut_off:
        return (Message("no cut-off"),)
    limit = facts().lists["setting"]["cut-off"]
    rule = Message("{rule}: {limit}", rule=limit.label, limit=plain(facts().number("setting", "cut-off")))
    return (rule, *(Message("{group}: {item}", group=cut.component, item=cut.name) for cut in report.result.cut_offs))


def _labels(listed: str) -> Callable[[_Report], tuple[Text | None, ...]]:
    return lambda report: tuple(fact.label for fact in facts().lists[listed].values())


def _allocation(report: _Report) -> tuple[Text | None, ...]:
    label: Text = facts().lists["setting"]["allocation-factor"].label
    factor = Message("{rule}: {limit}", rule=label, limit=plain(report.result.allocation))
    return (factor, report.result.allocation_proof)


def _data_quality(report: _Report) -> tuple[Text | None, ...]:
    quality = report.result.quality
    if quality.rating is None:
        return ()
    named = facts().named("quality-class", quality.category or "")
    return (Message("{rating:.2f}, {named}", rating=quality.rating, named=named), *_unverified_tables())


def _unverified_tables() -> tuple[Text, ...]:
    tables = (*facts().lists["time-level"].values(), *facts().lists["geography-level"].values())
    sources = {fact.source.code: fact.source.label for fact in tables if fact.source and not fact.verified}
    return tuple(
        Message("levels by tables from memory, ascribed to: {source} (not verified)", source=label)
        for label in sources.values()
    )


def _sensitivity(report: _Report) -> tuple[Text | None, ...]:
    return tuple(
        Message("{input}: {share:+.2f} %", input=each.input, share=each.per_cent) for each in report.influences[:_MOST]
    )


def _statement(name: str) -> Callable[[_Report], tuple[Text | None, ...]]:
    return lambda report: (report.inventory.statements.get(name),)


def _end_of_life(report: _Report) -> tuple[Text | None, ...]:
    if report.result.boundary != "full":
        return (Message("outside of the boundary of this report"),)
    counting = facts().named("end-of-life", report.inventory.end_of_life_counting)
    source = report.inventory.end_of_life_provenance.source
    return (counting, source)


def _value_choices(report: _Report) -> tuple[Text | None, ...]:
    return tuple(reading.label for reading in report.readings)


_STATED: Mapping[str, Callable[[_Report], tuple[Text | None, ...]]] = {
    "product": _product,
    "functional-unit": _functional_unit,
    "boundary": _boundary,
    "processes": _processes,
    "data": _data,
    "period": lambda report: (report.result.period,),
    "gases": _gases,
    "characterization": _characterization,
    "cut-off": _cut_off,
    "excluded": _labels("exclusion"),
    "allocation": _allocation,
    "electricity": lambda report: (report.result.electricity,),
    "data-quality": _data_quality,
    "sensitivity": _sensitivity,
    "uncertainty": _statement("uncertainty"),
    "end-of-life": _end_of_life,
    "value-choices": _value_choices,
    "biogenic": _statement("separate-emissions"),
    "rules": lambda report: (report.method.label,),
    "interpretation": _statement("limitations"),
}
