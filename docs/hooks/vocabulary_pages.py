"""The vocabulary as pages, made from the ontology through the library while the site is built.

One page for each indicator, English and Chinese side by side; a list of all indicators in each language; one page of
code lists. The facts come from :func:`describe`, as on the resolver's pages ``/ns/TERM``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from passport.vocabulary.term_description import Description, TermValue, describe
from passport.vocabulary.vocabulary import Code, Enumeration, Indicator, Obligation, Vocabulary, load, regimes

FOLDER = "vocabulary"
#: Facts that are left out of the table, by their English name: sections show the first two, the third is RDF's own.
SECTIONS = {"Obligations", "Fields", "Kind"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the vocabulary."""
    for path, text in pages(load()).items():
        files.append(File.generated(config, path, content=text))
    return files


def pages(vocabulary: Vocabulary) -> dict[str, str]:
    """Path in the site -> Markdown, of every page of the vocabulary."""
    made = {
        f"{FOLDER}/index.md": list_page(vocabulary, "en"),
        f"{FOLDER}/zh.md": list_page(vocabulary, "zh"),
        f"{FOLDER}/codes.md": codes_page(vocabulary),
    }
    for indicator in vocabulary.indicators.values():
        made[f"{FOLDER}/indicators/{indicator.id}.md"] = indicator_page(indicator, vocabulary)
    return made


# --- lists ------------------------------------------------------------------------------------------------------------


def list_page(vocabulary: Vocabulary, language: str) -> str:
    """All indicators by dimension and category, in one language, each with its name in the other."""
    chinese = language == "zh"
    count = len(vocabulary.indicators)
    lines = (
        ["# 指标", "",
         f"词汇表版本 {vocabulary.version}，共 {count} 项指标，由本体文件 `ontology/battery.ttl` 生成。"
         "每项指标都有独立页面，列出定义、单位、取值范围、可读范围、对应术语和填报义务。[English](index.md)"]
        if chinese else
        ["# Indicators", "",
         f"Version {vocabulary.version} of the vocabulary has {count} indicators. These pages are made from "
         "`ontology/battery.ttl`. Each indicator has a page with its definition, unit, range, readers, terms in other "
         "vocabularies and obligations. [中文](zh.md)"]
    )  # fmt: skip
    head = (
        "| 指标 | 英文名称 | 单位 |" if chinese else "| indicator | Chinese name | unit |",
        "|---|---|---|",
    )
    other = "en" if chinese else "zh"
    for dimension in vocabulary.dimensions.values():
        lines += ["", f"## {dimension.label[language]}"]
        for category in vocabulary.categories.values():
            held = [one for one in vocabulary.indicators.values() if one.category.id == category.id]
            if category.dimension.id != dimension.id or not held:
                continue
            lines += ["", f"### {category.label[language]} {{ #{_anchor(category.id)} }}", "", *head]
            lines += [
                f"| [{cell(one.label[language])}](indicators/{one.id}.md)<br>`{one.id}` "
                f"| {cell(one.label[other])} | {cell(one.unit.symbol) if one.unit else ''} |"
                for one in held
            ]
    return _page(lines, title="指标" if chinese else "Indicators")


def codes_page(vocabulary: Vocabulary) -> str:
    """Every code list, in both languages."""
    lines = ["# Code lists 代码表", "", "Files and credentials hold the code. People read the label in their language."]
    for codes in vocabulary.enumerations.values():
        lines += ["", f"## {codes.label['en']} {codes.label['zh']} {{ #{_anchor(codes.id)} }}", ""]
        lines += _codes(codes.codes)
    return _page(lines, title="Code lists")


def _codes(codes: Iterable[Code]) -> list[str]:
    rows = [f"| `{one.code}` | {cell(one.label['en'])} | {cell(one.label['zh'])} |" for one in codes]
    return ["| code | English | 中文 |", "|---|---|---|", *rows]


# --- one indicator ----------------------------------------------------------------------------------------------------


def indicator_page(indicator: Indicator, vocabulary: Vocabulary) -> str:
    """One indicator: definition, facts, fields, codes, obligations."""
    term = describe("ns", indicator.id)
    if term is None:
        raise LookupError(f"the ontology has no term ns#{indicator.id}")
    name, category = indicator.label, indicator.category
    lines = [
        f'# {cell(name["en"])} <span lang="zh">{cell(name["zh"])}</span>',
        "",
        cell(term.definition["en"]),
        "",
        f'<p lang="zh">{cell(term.definition["zh"])}</p>',
        "",
        f"`{term.iri}`",
        *_facts(term, vocabulary),
        *_fields(indicator),
    ]
    lists = [one.enumeration for one in (indicator, *indicator.fields) if one.enumeration]
    for codes in {one.id: one for one in lists}.values():
        lines += ["", f"## {codes.label['en']} {codes.label['zh']}", "", *_codes(codes.codes)]
    lines += _obligations(indicator, vocabulary)
    anchor = _anchor(category.id)
    links = f"[{cell(category.label['en'])}](../index.md#{anchor}) · [{cell(category.label['zh'])}](../zh.md#{anchor})"
    return _page([*lines, "", links], title=f"{name['en']} {name['zh']}", hide="navigation")


def _facts(term: Description, vocabulary: Vocabulary) -> Iterator[str]:
    yield from ("", "| | English | 中文 |", "|---|---|---|")
    for fact in term.facts:
        if fact.name["en"] not in SECTIONS:
            english, chinese = (_values(fact.values, language, vocabulary) for language in ("en", "zh"))
            # A value that is the same in both languages is written once.
            yield f"| {_label(fact.name)} | {english} | {chinese if chinese != english else ''} |"


def _fields(indicator: Indicator) -> Iterator[str]:
    if not indicator.fields:
        return
    yield from ("", "## Fields 字段", "")
    yield from ("| name in files | term | English | 中文 | type | unit | required |", "|---|---|---|---|---|---|---|")
    for one in indicator.fields:
        unit, required = cell(one.unit.symbol) if one.unit else "", "yes 是" if one.required else ""
        names = f"{cell(one.label['en'])} | {cell(one.label['zh'])}"
        yield f"| `{one.name}` | `{one.term}` | {names} | {one.datatype.value} | {unit} | {required} |"


def _obligations(indicator: Indicator, vocabulary: Vocabulary) -> Iterator[str]:
    lists = vocabulary.enumerations
    rows = []
    for regime in regimes().values():
        alike: dict[Obligation, list[str]] = {}
        for category in regime.categories:
            obligation = regime.obligations(category).get(indicator.id)
            if obligation is not None:
                alike.setdefault(obligation, []).append(_code(lists["batteryCategory"], category.value))
        for obligation, categories in alike.items():
            status = _code(lists["status"], obligation.status.value)
            stage = _code(lists["stage"], obligation.stage.value)
            when = f"{stage} | {obligation.due_from or ''}"
            own = "<br>stricter reading by this project 本项目更严格的解读" if obligation.own_reading else ""
            rows.append(
                f"| {_label(regime.label)} | {'<br>'.join(categories)} | {status}{own} | {when} | "
                f"{_label(obligation.basis)} |"
            )
    if rows:
        yield from ("", "## Obligations 填报义务", "")
        yield from ("| regime | battery | status | from stage | from day | basis |", "|---|---|---|---|---|---|")
        yield from rows


def _code(codes: Enumeration, code: str) -> str:
    entry = codes.get(code)
    return f"`{code}`" if entry is None else _label(entry.label)


def _label(texts: Mapping[str, str]) -> str:
    return _both(texts["en"], texts["zh"])


def _both(english: str, chinese: str) -> str:
    return cell(english) if english == chinese else f'{cell(english)}<br><span lang="zh">{cell(chinese)}</span>'


def _values(values: Iterable[TermValue], language: str, vocabulary: Vocabulary) -> str:
    return "<br>".join(_value(value, language, vocabulary) for value in values)


def _value(value: TermValue, language: str, vocabulary: Vocabulary) -> str:
    text = value.text[language]
    if value.space == "ns" and value.name in vocabulary.indicators:
        return f"[{cell(text)}]({value.name}.md)"
    if value.space == "codes" and value.name in vocabulary.enumerations:
        return f"[{cell(text)}](../codes.md#{_anchor(value.name)})"
    if value.space is None and (value.iri is not None or re.search(r"[$#^\\]|://", text)):
        return f'<code class="long">{cell(text)}</code>'
    return cell(text)


# --- Markdown ---------------------------------------------------------------------------------------------------------


def cell(text: str) -> str:
    """Text on one line, with the characters escaped that Markdown or HTML would read as markup."""
    escaped = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"[\\`*_{}\[\]#|~^$:]", lambda match: f"&#{ord(match[0])};", escaped)


def _anchor(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9-]+", "-", name)


def _page(lines: list[str], title: str, hide: str = "") -> str:
    # JSON is YAML, whatever the title holds.
    head = ["---", json.dumps({"title": title, "hide": [hide]}, ensure_ascii=False), "---", ""]
    return "\n".join([*head, *lines, ""])
