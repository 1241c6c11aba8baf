"""Flows between stages and provinces by month: a sentence, series, map and table of provinces, mass by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passport.oversight.flows import (
    COLUMNS,
    LOST,
    MATERIALS,
    RECYCLING,
    RESIDUE,
    SECOND_LIFE,
    STAGES,
    STOCK_IN,
    STOCK_OUT,
    UNDER_WAY,
    UNEXPLAINED,
    Month,
    MonthFlows,
    month_flows,
)
from passport.supervision.provinces import provinces
from passport.texts import month as month_text
from resolver.desk.alerts import page_names
from resolver.desk.flows.sankey import NODE, WIDTH, layout
from resolver.desk.frame import ROOT, DeskPage, Table, Visitor, chosen, chosen_code, route
from resolver.desk.names import DeskNames
from resolver.page.wording import Words
from resolver.views import services

_PARTS = ("series", "provinces", "between", "stages")
_LOST = frozenset({LOST, UNEXPLAINED})
_COLUMNS = {
    STOCK_OUT: 1, RECYCLING: 3, SECOND_LIFE: 3, STOCK_IN: 3, UNDER_WAY: 3, LOST: 3, MATERIALS: 4, RESIDUE: 4,
    UNEXPLAINED: 4,
}  # fmt: skip
_SHOWN = 12


@route("/flows", sees_all=True)
def desk_flows(visitor: Visitor) -> DeskPage:
    """The flows of a month; by default the last one that is over."""
    text = chosen("month")
    month = Month.parse(text) if text else Month.of(visitor.at).plus(-1)
    province = chosen_code("province", tuple(provinces()))
    part = chosen_code("part", _PARTS) or "provinces"
    flows = month_flows(services().store, month, visitor.at, province)
    names = page_names(visitor)
    nodes, ribbons, height = layout(flows.links, {key: _column(key) for key in _keys(flows)}, _LOST)
    newest = Month.of(visitor.at)
    return DeskPage(
        "flows",
        f"{ROOT}/flows",
        {
            "flows": flows,
            "month_name": month_text(month.first.date(), visitor.language),
            "choices": [(str(newest.plus(-back)), month_text(newest.plus(-back).first.date(), visitor.language))
                        for back in range(36)],
            "province": province,
            "all_provinces": [(code, names.say(entry.label)) for code, entry in sorted(provinces().items())],
            "left": flows.left,
            "left_tonnes": names.tonnes(flows.left[1]),
            "missing_tonnes": names.tonnes(flows.missing),
            "worst": [Words(visitor.language)("desk-flows-place", province=names.province(row.code),
                                             tonnes=names.tonnes(row.missing))
                      for row in flows.provinces[:2] if row.missing],
            "series": [_series(stage, flows.series[stage]) for stage in STAGES],
            "month_names": [month_text(each.first.date(), visitor.language) for each in flows.months],
            "tiles": _tiles(flows, names),
            "rows": flows.provinces,
            "between": flows.between[:_SHOWN],
            "nodes": [_label(node, names) for node in nodes],
            "ribbons": ribbons,
            "height": height,
            "node_width": NODE,
            "width": WIDTH,
            "links": [(_name(source, names), _name(target, names), target in _LOST, names.tonnes(grams))
                      for source, target, grams in flows.links],
        },
        elements=(f"month={month}", *([f"province={province}"] if province else [])),
        table=_table(flows, part),
        query={"month": str(month), **({"province": province} if province else {})},
    )  # fmt: skip


def _keys(flows: MonthFlows) -> set[str]:
    return {key for source, target, _ in flows.links for key in (source, target)}


def _column(key: str) -> int:
    if key in _COLUMNS:
        return _COLUMNS[key]
    return 3 if key.startswith("to:") else COLUMNS.get(key, 0)


def _name(key: str, names: DeskNames) -> tuple[str, str]:
    """Key of a text, or the name of a role: the template says either."""
    if key in _COLUMNS:
        return f"desk-stage-{key}", ""
    return ("desk-stage-back", names.role(key[3:])) if key.startswith("to:") else ("desk-stage-role", names.role(key))


def _label(node: Any, names: DeskNames) -> dict[str, Any]:
    right = node.x > WIDTH * 0.9
    return {
        "node": node,
        "name": _name(node.key, names),
        "tonnes": names.tonnes(node.grams),
        "x": round((node.x + (NODE if right else 0)) * 100 / WIDTH, 2),
        "end": right,
    }


def _series(stage: str, counts: Sequence[int]) -> dict[str, Any]:
    most = max(counts) or 1
    width = 100 / len(counts)
    return {
        "stage": stage,
        "counts": counts,
        "bars": [(round(place * width + 0.06 * width, 2), round(width * 0.88, 2), round(64 * count / most, 1))
                 for place, count in enumerate(counts)],
    }  # fmt: skip


def _tiles(flows: MonthFlows, names: DeskNames) -> list[dict[str, Any]]:
    """A tile for each province; its shade by the quarters of the month."""
    mass = {row.code: row.mass for row in flows.provinces}
    values = sorted(value for code, value in mass.items() if code in provinces() and value)
    limits = [values[len(values) * quarter // 4] for quarter in (1, 2, 3)] if values else []
    return [
        {
            "code": code.removeprefix("CN-"),
            "name": names.say(province.label),
            "value": names.tonnes(mass[code]) if mass.get(code) else "—",
            "shade": sum(mass.get(code, 0) > limit for limit in limits) if mass.get(code) else 0,
            "x": province.column * 12.5,
            "y": province.row * 46,
        }
        for code, province in provinces().items()
    ]


def _table(flows: MonthFlows, part: str) -> Table:
    if part == "series":
        rows = [(str(month), *(counts[place] for counts in flows.series.values()))
                for place, month in enumerate(flows.months)]  # fmt: skip
        return Table(("month", *flows.series), rows)
    if part == "between":
        return Table(("from", "to", "packs", "grams"), flows.between)
    if part == "stages":
        return Table(("from", "to", "grams"), flows.links)
    return Table(
        ("province", "packs", "grams", "sentGrams", "notReceivedGrams"),
        [(row.code, row.packs, row.mass, row.sent, row.missing) for row in flows.provinces],
    )
