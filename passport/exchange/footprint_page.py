"""The report of a footprint as one HTML file: no script, no request, charts as SVG with their tables beside them.

What a person asks, in this order: the figure and its method; what to be careful about; where it comes from, by stage
and by material; which inputs move it; what other readings give; what was cut off; how good the data are; every line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from passport.battery.footprint.facts import facts
from passport.battery.footprint.report import Report
from passport.battery.footprint.result import Line, plain

#: Rows of the table of lines. An auditor of a longer inventory takes the workbook, which holds all.
MOST_LINES = 2000
_MATERIALS = 12
_WORDS = {
    "title": ("Carbon footprint", "碳足迹报告"),
    "figure": ("kg CO2e per kWh delivered over the service life",
               "每千瓦时（使用寿命期间提供的能量）的千克二氧化碳当量"),
    "not": ("Not to be compared with figures per kWh of capacity, or by another method.",
            "不得与按容量计的数值或按其他方法得出的数值比较。"),
    "total": ("One battery", "单个电池"), "energy": ("Energy over the service life", "使用寿命期间总能量"),
    "method": ("Method", "核算方法"), "boundary": ("Boundary", "系统边界"), "unit": ("Functional unit", "功能单位"),
    "plant": ("Plant", "生产工厂"), "period": ("Period of the data", "数据时段"),
    "software": ("Calculated with", "计算软件"),
    "allocation": ("Allocation factor A", "分配系数A"), "electricity": ("Electricity", "电力处理方式"),
    "capacity": ("Per kWh of capacity, for plausibility", "按容量计（仅用于合理性判断）"),
    "careful": ("To be careful about", "须注意"), "nothing": ("Nothing.", "无。"),
    "stages": ("Where it comes from, by stage", "按阶段的贡献"),
    "materials": ("Materials and parts", "按材料和零件的贡献"), "others": ("others", "其他"),
    "influence": ("Which inputs move the result most", "对结果影响最大的输入"),
    "influence-note": ("What the result does when one input rises by a tenth.", "单项输入增加十分之一时结果的变化。"),
    "readings": ("What other readings would give", "其他理解下的结果"),
    "readings-note": ("The draft is ambiguous in places; each line changes one reading and leaves the rest.",
                      "标准草案若干处存在歧义；每行只改变一种理解。"),
    "cuts": ("What was cut off", "取舍"),
    "cuts-note": ("Below 1 % of the component's mass; the mass was moved to the input with the highest factor.",
                  "质量低于部件质量的1%；其质量计入因子最高的输入。"),
    "quality": ("Data quality", "数据质量"), "rating": ("Rating of secondary data", "次级数据评级"),
    "rated": ("rated", "已评级"), "unrated": ("defaults, not rated", "缺省值，未评级"),
    "primary": ("primary data", "初级数据"),
    "limit": ("should be at most", "不宜超过"), "sources": ("Sources of the factors", "因子来源"),
    "lines": ("Every line, from datum to result", "从数据到结果的全部明细"),
    "more": ("more lines are in the workbook and in the JSON form of this report.", "行见本报告的工作簿或JSON版本。"),
    "name": ("Name", "名称"), "kg": ("kg CO2e", "kg CO2e"), "share": ("Share", "占比"), "input": ("Input", "输入"),
    "change": ("Change", "变化"), "result": ("Result", "结果"), "difference": ("Difference", "差异"),
    "stage": ("Stage", "阶段"), "item": ("Item", "项目"), "working": ("Working", "算式"), "data": ("Data", "数据"),
    "place": ("Place", "位置"), "component": ("Component", "部件"), "mass": ("Mass", "质量"),
    "to": ("Moved to", "计入"),
    "table": ("The same as a table", "同一数据的表格"), "class": ("Class", "等级"),
    "none": ("none rated", "无已评级数据"), "reading": ("Reading", "理解"), "sum": ("Sum", "合计"),
    "maker": ("maker's value", "制造商数值"), "cycles": ("cycles a year", "次循环/年"), "years": ("years", "年"),
}
_STYLE = """
:root{--paper:#fff;--tint:#f2f5f8;--ink:#15202b;--muted:#4d5b69;--c1:#1f4f9e;--rule:#d3dbe3;--edge:#7b8997;--warn:#85460a}
@media(prefers-color-scheme:dark){:root{--paper:#12181f;--tint:#1a222b;--ink:#e4eaf0;--muted:#a2afbc;--c1:#7fabef;
--rule:#2d3945;--edge:#748290;--warn:#e6b071}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei",
"Noto Sans CJK SC",sans-serif;font-variant-numeric:tabular-nums;text-autospace:normal}
:lang(zh){line-height:1.65}
main{max-width:1120px;margin:0 auto;padding:24px 18px 40px}
h1{font-size:28px;line-height:1.25;font-weight:650;margin:0}
h2{font-size:22px;font-weight:650;border-top:2px solid var(--ink);margin:40px 0 8px;padding-top:8px}
p{max-width:46rem;margin:4px 0 12px}.m{color:var(--muted)}.s{font-size:13px}
.figure{font-size:36px;font-weight:650}
dl{display:grid;grid-template-columns:minmax(9rem,16rem) 1fr;gap:4px 16px;margin:16px 0}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.care{color:var(--warn);font-weight:600}
svg{width:100%;display:block;margin:8px 0}svg text{font-size:13px;fill:var(--ink)}svg .v{text-anchor:end}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;
border-bottom:1px solid var(--rule)}th{font-weight:600}.n{text-align:right;white-space:nowrap}
.wide{overflow-x:auto}.wide:focus-visible,summary:focus-visible{outline:3px solid var(--c1);outline-offset:2px}
summary{cursor:pointer;min-height:24px}code{font-size:13px;overflow-wrap:anywhere}
@media(max-width:600px){dl{grid-template-columns:1fr}dd{margin-bottom:8px}}
@media print{:root{--paper:#fff;--ink:#000;--muted:#444;--c1:#1f4f9e}body{font-size:8.5pt}main{max-width:none}
details::details-content{content-visibility:visible;block-size:auto}tr,svg,figure{break-inside:avoid}}
"""


class _Page:
    def __init__(self, report: Report, language: str) -> None:
        self.report, self.language = report, language
        self.parts: list[str] = []

    def word(self, key: str) -> str:
        return escape(_WORDS[key][self.language == "zh"])

    def add(self, text: str) -> None:
        self.parts.append(text)

    def heading(self, key: str, note: str | None = None) -> None:
        self.add(f'<section aria-labelledby="{key}"><h2 id="{key}">{self.word(key)}</h2>')
        if note:
            self.add(f'<p class="m s">{self.word(note)}</p>')

    def percent(self, value: Decimal, places: int = 1) -> str:
        return _number(value, places) + ("%" if self.language == "zh" else "\u202f%")

    def unit(self, value: Decimal, unit: str, places: int | None = None) -> str:
        return f"{_number(value, places)}\u202f{unit}"

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: set[int], label: str) -> None:
        head = "".join(
            f'<th scope="col"{" class=n" if at in numbers else ""}>{heading}</th>'
            for at, heading in enumerate(headings)
        )
        self.add(f'<div class="wide" tabindex="0" role="region" aria-label="{label}"><table><thead><tr>{head}</tr>')
        self.add("</thead><tbody>")
        for row in rows:
            cells = "".join(
                f'<th scope="row">{cell}</th>' if at == 0 else f"<td{' class=n' if at in numbers else ''}>{cell}</td>"
                for at, cell in enumerate(row)
            )
            self.add(f"<tr>{cells}</tr>")
        self.add("</tbody></table></div>")

    def bars(self, rows: Sequence[tuple[str, Decimal]], label: str) -> None:
        """Horizontal bars from zero, each with its name and value; the same in a table below."""
        total = self.report.result.total
        low = min([Decimal(0), *(value for _, value in rows)])
        high = max([Decimal(0), *(value for _, value in rows)])
        span = (high - low) or Decimal(1)
        zero = float(-low / span * 100)
        said = "; ".join(f"{name} {_number(value, 1)} kg CO2e" for name, value in rows)
        self.add(f'<svg role="img" height="{len(rows) * 44 + 4}" aria-label="{escape(f"{label}: {said}")}">')
        self.add(
            '<defs><pattern id="h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<path d="M0 0V6" stroke="var(--c1)" stroke-width="3"/></pattern></defs>'
        )
        for at, (name, value) in enumerate(rows):
            top = at * 44
            start, width = (zero, float(value / span * 100)) if value >= 0 else (
                zero + float(value / span * 100), float(-value / span * 100)
            )
            fill = "var(--c1)" if value >= 0 else "url(#h)"
            share = f" · {self.percent(value * 100 / total)}" if total else ""
            self.add(
                f'<text x="0" y="{top + 14}">{escape(name[:48])}</text>'
                f'<text class="v" x="100%" y="{top + 14}">{self.unit(value, "kg CO2e", 1)}{share}</text>'
                f'<rect x="{start:.3f}%" y="{top + 20}" width="{width:.3f}%" height="14" fill="{fill}" '
                'stroke="var(--c1)"/>'
                f'<line x1="{zero:.3f}%" x2="{zero:.3f}%" y1="{top + 17}" y2="{top + 37}" stroke="var(--edge)"/>'
            )
        self.add("</svg>")
        self.add(f"<details><summary>{self.word('table')}</summary>")
        body = [
            (escape(name), _number(value), self.percent(value * 100 / total) if total else "") for name, value in rows
        ]
        body.append((self.word("sum"), _number(sum((value for _, value in rows), Decimal(0))), ""))
        self.table([self.word("name"), self.word("kg"), self.word("share")], body, {1, 2}, escape(label))
        self.add("</details></section>")

    # --- sections -----------------------------------------------------------------------------------------------------

    def top(self) -> None:
        result, language = self.report.result, self.language
        energy, capacity = result.energy, result.per_capacity
        origin = escape(facts().label("vehicle-class", energy.cycles_from, language))
        if energy.cycles_from == "maker":
            origin = self.word("maker") + (f": {escape(energy.basis)}" if energy.basis else "")
        figures = self.report.to_json()["indicators"]
        self.add(f'<header><p class="m">{self.word("title")}</p><h1>{escape(result.model)}</h1>')
        self.add(f'<p><span class="figure">{_grouped(figures["batteryCarbonFootprint"])}</span> {self.word("figure")}')
        self.add(f'<br><span class="m s">{self.word("not")}</span></p></header><dl>')
        low, high, mean = (facts().number("setting", f"capacity-{end}") for end in ("low", "high", "mean"))
        rows = [
            ("total", self.unit(result.total, "kg CO2e")),
            ("energy", f"{self.unit(energy.total, 'kWh')} = {self.unit(energy.usable, 'kWh')} × "
                       f"{_number(energy.cycles)} {self.word('cycles')} ({origin}) × {_number(energy.years)} "
                       f"{self.word('years')}"),
            ("boundary", escape(facts().label("boundary", result.boundary, language))),
            ("unit", escape(result.functional_unit[language])),
            ("method", f"{escape(self.report.method.label[language])} <code>{escape(result.method)}</code>"),
            ("plant", escape(result.plant or "")), ("period", escape(result.period or "")),
            ("allocation", plain(result.allocation) + (
                f" ({escape(result.allocation_proof)})" if result.allocation_proof else "")),
            ("electricity", escape(result.electricity or "")),
            ("capacity", f"{self.unit(capacity.value, 'kg CO2e/kWh', 2)} ({plain(low)}–{plain(high)}, "
                         f"⌀ {plain(mean)})"),
            ("software", escape(result.software)),
        ]
        self.add("".join(f"<dt>{self.word(key)}</dt><dd>{text}</dd>" for key, text in rows if text) + "</dl>")
        self.heading("careful")
        if not result.findings:
            self.add(f"<p>{self.word('nothing')}</p>")
        for finding in result.findings:
            self.add(f'<p class="care">{escape(finding.message[language])}</p>')
        self.add("</section>")

    def contributions(self) -> None:
        result = self.report.result
        self.heading("stages")
        self.bars(
            [(facts().label("stage", stage, self.language), value) for stage, value in result.stages.items()],
            _WORDS["stages"][self.language == "zh"],
        )
        rows = list(self.report.by_material)
        if rows:
            rest = sum((value for _, value in rows[_MATERIALS:]), Decimal(0))
            shown = rows[:_MATERIALS] + ([(_WORDS["others"][self.language == "zh"], rest)] if rest else [])
            self.heading("materials")
            self.bars(shown, _WORDS["materials"][self.language == "zh"])

    def tables(self) -> None:
        report, language = self.report, self.language
        self.heading("influence", "influence-note")
        self.table(
            [self.word("input"), "kg CO2e/kWh", self.word("change")],
            [(escape(each.input[language]), _signed(each.effect, 6), _signed(each.per_cent, 2) + "\u202f%")
             for each in report.influences], {1, 2}, self.word("influence"),
        )
        self.add("</section>")
        self.heading("readings", "readings-note")
        self.table(
            [self.word("reading"), self.word("kg"), "kg CO2e/kWh", self.word("difference")],
            [(escape(each.label[language]), _number(each.total, 3), _number(each.per_functional_unit, 6),
              _signed(each.difference, 6)) for each in report.readings], {1, 2, 3}, self.word("readings"),
        )
        self.add("</section>")
        self.heading("cuts", "cuts-note")
        self.table(
            [self.word("name"), self.word("component"), self.word("mass"), self.word("share"), self.word("to"),
             self.word("difference")],
            [(escape(cut.name), escape(cut.component), self.unit(cut.mass, "kg"),
              self.percent(cut.mass * 100 / cut.share_of, 2), escape(cut.receiver),
              self.unit(cut.difference, "kg CO2e", 3)) for cut in report.result.cut_offs], {2, 3, 5}, self.word("cuts"),
        )
        self.add("</section>")

    def quality(self) -> None:
        quality, language = self.report.result.quality, self.language
        self.heading("quality")
        if quality.rating is None:
            said = self.word("none")
        else:
            named = facts().label("quality-class", quality.category or "", language)
            said = f"{_number(quality.rating, 2)}, {escape(named)} ({self.word('limit')} {plain(quality.limit)})"
        self.add(f"<dl><dt>{self.word('rating')}</dt><dd>{said}</dd>")
        for key, value in (("primary", quality.primary), ("rated", quality.rated), ("unrated", quality.unrated)):
            self.add(f"<dt>{self.word(key)}</dt><dd>{self.unit(value, 'kg CO2e', 1)}</dd>")
        self.add(f"<dt>{self.word('sources')}</dt><dd>")
        self.add("<br>".join(escape(source) for source in self.report.result.factor_sources) + "</dd></dl></section>")

    def lines(self) -> None:
        lines, language = self.report.result.lines, self.language
        self.heading("lines")
        self.table(
            [self.word("item"), self.word("component"), self.word("stage"), self.word("working"), self.word("kg"),
             self.word("data"), self.word("place")],
            [(escape(_item(line, language)), escape(line.group), escape(facts().label("stage", line.stage, language)),
              f"<code>{escape(line.working)}</code>", _number(line.emissions, 4),
              escape("; ".join(str(said) for said in (
                  facts().label("data-kind", line.provenance.factor_data, language), line.provenance.source,
                  line.provenance.geography, line.provenance.year) if said)),
              escape(str(line.place.at()))) for line in lines[:MOST_LINES]], {4}, self.word("lines"),
        )
        if len(lines) > MOST_LINES:
            self.add(f"<p>{len(lines) - MOST_LINES:,} {self.word('more')}</p>")
        self.add("</section>")


def html(report: Report, language: str = "en") -> str:
    """The report as one HTML document.

    :param language: ``en`` or ``zh``.
    """
    page = _Page(report, language)
    page.top()
    page.contributions()
    page.tables()
    page.quality()
    page.lines()
    title = f"{page.word('title')} · {escape(report.result.model)}"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>" + "".join(page.parts) + "</main></body></html>\n"
    )


def _item(line: Line, language: str) -> str:
    """The item's name: codes of gases and modes have one in either language."""
    listed = {"emissions": "gas", "transport": "mode"}.get(line.key[0])
    return facts().label(listed, line.item, language) if listed else line.item


def _number(value: Decimal, places: int | None = None) -> str:
    return _grouped(plain(value) if places is None else f"{value:.{places}f}")


def _signed(value: Decimal, places: int) -> str:
    return ("+" if value > 0 else "") + _number(value, places)


def _grouped(text: str) -> str:
    whole, point, rest = text.removeprefix("-").partition(".")
    return ("\u2212" if text.startswith("-") else "") + f"{int(whole):,}" + point + rest
