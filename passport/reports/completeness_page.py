"""The completeness report as one page: what to do first, then every indicator with what is asked and on which basis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from passport.battery.fault import Fault
from passport.reports.standalone_page import render
from passport.validation.completeness import (
    STATES,
    STATUSES,
    CompletenessLine,
    CompletenessReport,
    category_label,
    stage_label,
)
from passport.validation.validation_report import IndicatorState

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Completeness report, {file}", "完整性报告：{file}"),
    "heading": ("Completeness report", "完整性报告"),
    "contents": ("Reports", "报告"),
    "file": ("File", "文件"),
    "made": ("Made on", "编制日期"),
    "pack": ("Pack", "电池包"),
    "category": ("Category", "电池类别"),
    "on": ("Obligations as of", "义务基准日"),
    "stage": ("Stage reached", "所处阶段"),
    "file-faults": (
        "These places could not be read. What they would have said is missing below.",
        "以下位置无法读取，其内容未计入下文。",
    ),
    "not-asked": (
        "This regime does not speak of batteries of this category. Nothing is asked.",
        "该法规体系不涉及此类电池，无填报要求。",
    ),
    "complete": ("Complete: all {due} indicators that are due are given.", "完整：应填的{due}项指标均已填写。"),
    "incomplete": (
        "Not complete: {present} of {due} indicators that are due are given; {todo} to do.",
        "不完整：应填{due}项，已填{present}项；待处理{todo}项。",
    ),
    "all": ("All", "合计"),
    "to-do": ("To do", "待处理"),
    "other-faults": ("Faults that belong to no single indicator of this regime", "不属于本体系单项指标的问题"),
    "entries": ("{number} entries", "{number}项"),
    "state": ("State", "状态"),
    "asked": ("Asked", "要求"),
    "basis": ("Legal basis", "依据"),
    "superfluous": ("Given, and not asked for here", "已填写，但本体系未要求"),
    "superfluous-why": ("No fault: another regime may ask for it.", "不视为错误：其他法规体系可能要求填写。"),
    "footer": (
        "What is not yet due is never a fault. This report says whether data are there and well formed, not whether "
        "they are true.",
        "尚未到期的指标不视为错误。本报告仅说明数据是否已填写、格式是否正确，不证明数据属实。",
    ),
}

_TONES = {IndicatorState.PRESENT: "good", IndicatorState.MISSING: "bad", IndicatorState.MALFORMED: "bad"}


def page(
    reports: Sequence[CompletenessReport],
    *,
    file: str,
    made: date,
    language: str = "en",
    file_faults: Sequence[Fault] = (),
) -> str:
    """The page as HTML.

    :param file: name of what was judged.
    :param made: the day on the page.
    :param language: ``en`` or ``zh``; names and definitions stand in both.
    :param file_faults: what could not be read at all.
    """
    return render(
        "report.html", TEXTS, language, reports=reports, file=file, made=made, file_faults=file_faults,
        states=STATES, statuses=STATUSES, tone=_tone,
        stage=lambda stage: stage_label(stage, language), category=lambda one: category_label(one, language),
    )  # fmt: skip


def _tone(line: CompletenessLine) -> str:
    return "bad" if line.to_do else _TONES.get(line.state, "")
