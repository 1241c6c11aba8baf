"""The indicator manual: every term of the vocabulary with how to fill it in and who asks for it, as one page.

Worked out from the ontology and the regimes alone. Each indicator stands with both names and definitions, its type and
range in words, unit, fields, codes, filling rule, names on the EU side, in the Chinese digital ID and the battery ID,
readers, carrier, grain, and per regime and battery category its status with stage, day and legal basis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.reports.standalone_page import render
from passport.validation.completeness import STATUSES, category_label, stage_label
from passport.vocabulary.expectation import expected
from passport.vocabulary.profile import Profile
from passport.vocabulary.vocabulary import Category, Dimension, Indicator, Obligation, Regime, Vocabulary

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Indicator manual", "指标手册"),
    "lead": (
        "Every indicator of the battery passport and the Chinese battery digital ID: what it means, how to fill it in, "
        "who asks for it, since when and on which basis, and who may read it. Version {version} of the vocabulary.",
        "电池护照与中国动力电池数字身份的全部指标：含义、填写方法、由谁要求、何时起要求及其依据、谁可查阅。词汇表版本{version}。",
    ),
    "counts": (
        "{indicators} indicators in {dimensions} dimensions and {categories} categories.",
        "共{indicators}项指标，{dimensions}个维度，{categories}个类别。",
    ),
    "contents": ("Contents", "目录"),
    "profile": ("Battery ID profile", "电池ID指标体系"),
    "profile-lead": (
        "The system that serves both sides has 9 dimensions and 21 categories. The counts of this vocabulary stand "
        "beside the published ones; the complete published list is not public.",
        "兼顾境内外要求的指标体系含9个维度、21个类别。下表将本词汇表的计数与已公布数量并列；完整的公布清单未公开。",
    ),
    "product": ("Product", "产品"),
    "published": ("Published", "已公布"),
    "here": ("Here", "本词汇表"),
    "regimes": ("Regimes", "法规体系"),
    "in-force": ("in force from {day}", "自{day}起施行"),
    "check": ("Check", "校验规则"),
    "fields": ("Fields", "字段"),
    "field": ("Field", "字段"),
    "needed": ("Needed", "必填"),
    "codes": ("Codes", "代码"),
    "eu": ("EU term", "欧盟名称"),
    "cn": ("Chinese digital ID", "中国数字身份名称"),
    "catarc": ("Battery ID", "电池ID名称"),
    "readers": ("Readers", "可查阅者"),
    "nature": ("Nature", "性质"),
    "several": ("several values", "可填多项"),
    "personal": ("personal data: enters no credential", "个人信息，不写入任何凭证"),
    "obligations": ("Asked for", "要求"),
    "nobody": ("No regime asks for it.", "没有法规体系要求填写。"),
    "lists": ("Code lists", "代码表"),
    "code": ("Code", "代码"),
    "name": ("Name", "名称"),
    "since": ("from {day}", "自{day}起"),
    "no-day": ("day not known", "日期未知"),
    "then": (", ", "，"),
    "footer": (
        "Made from the ontology alone. Legal texts prevail; each basis says how it is known.",
        "本手册仅由本体文件生成。以法规原文为准；每项依据均注明来源。",
    ),
}


@dataclass(frozen=True)
class ManualRow:
    """One status of an indicator under a regime, for the categories that share it."""

    regime: Regime
    categories: tuple[Category, ...]
    obligation: Obligation


@dataclass(frozen=True)
class ManualSection:
    """A dimension with its categories and their indicators."""

    dimension: Dimension
    categories: tuple[tuple[Mapping[str, str], tuple[Indicator, ...]], ...]


def page(vocabulary: Vocabulary, regimes: Sequence[Regime], profile: Profile, language: str = "en") -> str:
    """The manual as HTML.

    :param language: the one that stands first: ``en`` or ``zh``.
    """
    lists = vocabulary.enumerations
    audiences = {code.code: code.label for code in lists["audience"].codes}
    return render(
        "manual.html", TEXTS, language, vocabulary=vocabulary, regimes=regimes, profile=profile,
        sections=tuple(_sections(vocabulary)),
        rows={one.id: tuple(_rows(one, regimes)) for one in vocabulary.indicators.values()},
        used={one.enumeration.id for one in _kinds(vocabulary) if one.enumeration is not None},
        expected=expected, statuses=STATUSES, audiences=audiences,
        carriers={code.code: code.label for code in lists["carrier"].codes},
        grains={code.code: code.label for code in lists["granularity"].codes},
        stage=lambda stage: stage_label(stage, language), category=lambda one: category_label(one, language),
        counts={"indicators": len(vocabulary.indicators), "dimensions": len(vocabulary.dimensions),
                "categories": len(vocabulary.categories)},
    )  # fmt: skip


def _kinds(vocabulary: Vocabulary) -> Iterator[Any]:
    for indicator in vocabulary.indicators.values():
        yield indicator
        yield from indicator.fields


def _sections(vocabulary: Vocabulary) -> Iterator[ManualSection]:
    for dimension in vocabulary.dimensions.values():
        categories = []
        for category in vocabulary.categories.values():
            if category.dimension.id == dimension.id:
                held = tuple(one for one in vocabulary.indicators.values() if one.category.id == category.id)
                categories.append((category.label, held))
        yield ManualSection(dimension, tuple(categories))


def _rows(indicator: Indicator, regimes: Sequence[Regime]) -> Iterator[ManualRow]:
    for regime in regimes:
        alike: dict[Obligation, list[Category]] = {}
        for category in regime.categories:
            obligation = regime.obligations(category).get(indicator.id)
            if obligation is not None:
                alike.setdefault(obligation, []).append(category)
        for obligation, categories in alike.items():
            yield ManualRow(regime, tuple(categories), obligation)
