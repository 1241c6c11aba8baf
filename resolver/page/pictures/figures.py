"""Which pictures a section has, and from what they are drawn: only from entries that the page shows with a value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from passport.footprint.declared import NAMES, FigureNames
from passport.footprint.facts import facts
from passport.texts import Text
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import Category, Dimension, Enumeration
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.pictures import charts, line_chart

#: What shows how a battery aged: the first that there is.
_HEALTH = ("stateOfCertifiedEnergy", "remainingCapacity")
_BESIDE_HEALTH = ("remainingUsableBatteryEnergy", "numberOfFullCycles")


def figures(context: PageContext, dimension: Dimension, with_value: Collection[str]) -> tuple[charts.Figure, ...]:
    """The pictures of a section.

    :param with_value: ids of the entries that the section shows with a value.
    """
    names = {id_: context.here.vocabulary.indicators[id_].in_text for id_ in with_value}
    claims = {id_: value for id_, value in context.claims.items() if id_ in with_value}
    if dimension.id == "carbonFootprint":
        pictures = [_footprint(context, claims, names, of) for of in NAMES.values()] + [_range(context, claims)]
    elif dimension.id == "materials":
        pictures = [charts.raw_materials(claims, context.words), _recycled(context, claims, names)]
    elif dimension.id == "dynamic":
        pictures = [_health(context, claims)]
    else:
        pictures = []
    return tuple(figure for figure in pictures if figure is not None)


def _footprint(
    context: PageContext, claims: Mapping[str, Any], names: Mapping[str, Text], of: FigureNames
) -> charts.Figure | None:
    return charts.footprint(claims, context.words, names=names, of=of, codes=_codes(context, of))


def _range(context: PageContext, claims: Mapping[str, Any]) -> charts.Figure | None:
    """A traction battery's footprint per kWh of capacity, beside the range that the Chinese draft calls plausible."""
    if context.category is not Category.EV:
        return None
    of = next((of for of in reversed(tuple(NAMES.values())) if of.absolute in claims), None)
    if of is None:
        return None
    low, high = (facts().number("setting", f"capacity-{end}") for end in ("low", "high"))
    source = str(context.words("chart-range-source"))
    energy = context.claims.get("ratedEnergy")
    return charts.capacity_range(claims[of.absolute], energy, context.words, low=low, high=high, source=source)


def _codes(context: PageContext, of: FigureNames) -> Mapping[str, Enumeration]:
    lists = {id_: context.here.vocabulary.indicators[id_].enumeration for id_ in (of.method, of.boundary)}
    return {id_: listed for id_, listed in lists.items() if listed is not None}


def method_beside(context: PageContext, id_: str) -> Markup | None:
    """By which method and within which boundary a footprint was calculated; None for every other indicator."""
    of = next((of for of in NAMES.values() if id_ in (of.total, of.absolute, *of.stages)), None)
    # Stages are told apart below their total.
    if of is None or (id_ in of.stages and of.total in context.claims):
        return None
    return charts.method_and_boundary(context.claims, context.words, of, _codes(context, of))


def _recycled(context: PageContext, claims: Mapping[str, Any], names: Mapping[str, Text]) -> charts.Figure | None:
    """Beside the least shares of the first regime shown that names any."""
    minima: dict[str, tuple[Any, ...]] = {}
    category = context.category
    for regime in context.shown:
        if category is None:
            break
        minima = {id_: least for id_ in claims if (least := regime.minima(id_, category))}
        if minima:
            break
    return charts.recycled(claims, context.words, names=names, minima=minima, on=context.asked.at.date())


def _health(context: PageContext, claims: Mapping[str, Any]) -> charts.Figure | None:
    """How the battery aged, over all its read-outs that this reader may see."""
    words = context.words
    drawn = next((id_ for id_ in _HEALTH if id_ in claims), None)
    if drawn is None:
        return None
    columns = (drawn, *(id_ for id_ in _BESIDE_HEALTH if id_ in claims))
    readings = []
    late = context.here.store.late_ids(context.view.subject)
    for document in context.here.presenter.read_outs(context.view.subject, context.right):
        subject = document["credentialSubject"]
        at, value = f.instant(subject.get(RECORDED_AT)), charts.decimal(subject.get(drawn))
        if at is not None and value is not None:
            readings.append(
                line_chart.ChartReading(
                    at, value, tuple(words.number(subject.get(id_, "—")) for id_ in columns), document["id"] in late
                )
            )
    energy = drawn == "stateOfCertifiedEnergy"
    limit = charts.decimal(context.claims.get("capacityThresholdForExhaustion")) if energy else None
    return line_chart.over_time(
        readings, words,
        title=words("chart-soce" if energy else "chart-capacity"),
        note=words("chart-soce-note" if energy else "chart-capacity-note", number=len(readings)),
        shown=words.percent if energy else lambda value: f"{words.number(value)}{f.NARROW}Ah",
        headings=(str(words("chart-read-on")), *(_heading(context, id_) for id_ in columns)),
        threshold=(limit, str(words("chart-threshold", value=words.percent(limit)))) if limit else None,
        marks=_events(context, claims),
    )  # fmt: skip


def _heading(context: PageContext, id_: str) -> str:
    indicator = context.here.vocabulary.indicators[id_]
    unit = f", {indicator.unit.symbol}" if indicator.unit and indicator.unit.symbol != "cycles" else ""
    return context.words.say(indicator.label) + unit


def _events(context: PageContext, claims: Mapping[str, Any]) -> Sequence[tuple[datetime, str]]:
    """Negative events, to be marked on the line where they happened, in the fewest words: how severe they were."""
    indicator = context.here.vocabulary.indicators["negativeEvents"]
    severities = next((field.enumeration for field in indicator.fields if field.term == "eventSeverity"), None)
    events = []
    for entry in claims.get("negativeEvents", ()) if isinstance(claims.get("negativeEvents"), list) else ():
        at = f.instant(entry.get("occurredAt")) if isinstance(entry, dict) else None
        if at is None:
            continue
        code = severities.get(entry["eventSeverity"]) if severities and entry.get("eventSeverity") else None
        words = context.words
        name = words("tl-negativeEvents")
        events.append((at, str(words("tl-event", name=name, severity=code.label) if code else name)))
    return events
