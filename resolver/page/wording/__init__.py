"""Every sentence that a page says, in English and Chinese side by side. Labels of indicators come from the ontology.

* Say what is so, then what to do. Full sentences for judgements, bare nouns for labels.
* Never claim more than was checked: "nothing was changed since … signed", not "the data are correct".
* English: sentence case, British spelling, "withdrawn" for people where the data say revoked.
* Chinese: 书面而平实，称“您”。

A text may hold markup of our own and ``{fields}``; what is put into a field is escaped. The texts stand in a module for
each part of a page; words that the manual and the reports say too come from :mod:`passport.reports.report_words`.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from passport.reports.report_words import COMMON
from resolver.page.wording import charts, entries, frame, refusals, roles, standing, trust, verify

TEXTS: dict[str, tuple[str, str]] = {
    **COMMON, **frame.TEXTS, **trust.TEXTS, **entries.TEXTS, **roles.TEXTS, **charts.TEXTS, **verify.TEXTS,
    **standing.TEXTS,
}  # fmt: skip

#: Who may read, as the entries name them. People with a legitimate interest first; the four authorities after.
AUDIENCES: dict[str, tuple[str, str]] = {
    "public": ("the public", "公众"),
    "legitimate-interest": ("legitimate interest", "合法权益方"),
    "notified-body": ("notified bodies", "公告机构"),
    "market-surveillance": ("market surveillance", "市场监督机构"),
    "commission": ("Commission", "欧盟委员会"),
    "cn-regulator": ("Chinese regulator", "中国主管部门"),
}

#: For what a person with a legitimate interest reads. (Article 77(2))
PURPOSES: dict[str, tuple[str, str]] = {
    "repair": ("repair", "维修"),
    "remanufacturing": ("remanufacturing", "再制造"),
    "second-life": ("second life", "综合利用"),
    "recycling": ("recycling", "回收"),
    "purchase": ("purchase", "购买"),
    "aggregation": ("aggregation", "聚合运营"),
}

#: "Not yet due, …": what the indicator waits for.
STAGES: dict[str, tuple[str, str]] = {
    "production": ("at production", "生产时"),
    "placing-on-market": ("when placed on the market", "投放市场时"),
    "fitting": ("when fitted to a vehicle", "装车时"),
    "sale": ("when sold", "销售时"),
    "use": ("in use", "使用中"),
    "repair": ("when repaired", "维修时"),
    "swap": ("when swapped", "换电时"),
    "second-life": ("in second life", "综合利用时"),
    "recycling": ("when recycled", "回收时"),
    "scrapping": ("when the vehicle is scrapped", "车辆报废时"),
}

#: Batteries as people call them; the ontology's labels carry the legal thresholds.
CATEGORIES: dict[str, tuple[str, str]] = {
    "ev": ("Electric-vehicle battery", "电动汽车动力电池"),
    "lmt": ("Battery for light means of transport", "轻型交通工具电池"),
    "industrial": ("Industrial battery", "工业电池"),
    "stationary": ("Stationary storage battery", "固定式储能电池"),
}

#: Section names for people, where the vocabulary's own are shorter or more technical.
SECTIONS: dict[str, tuple[str, str]] = {
    "basic": ("Identity and product", "基础信息"),
    "labels": ("Labels and symbols", "标签标识"),
    "compliance": ("Conformity and due diligence", "合规声明"),
    "dynamic": ("Condition of this pack", "动态信息"),
    "traceability": ("Traceability records", "溯源管理"),
}

LANGUAGES = ("en", "zh")


class Words:
    """All texts in one language.

    :param language: ``en`` or ``zh``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._index = LANGUAGES.index(language)

    @property
    def other(self) -> str:
        """The other language."""
        return LANGUAGES[1 - self._index]

    def __call__(self, key: str, **fields: object) -> Markup:
        """The text ``key`` with its fields filled in; what is filled in is escaped."""
        text = Markup(TEXTS[key][self._index])  # noqa: S704 - our own text
        return text.format(**fields) if fields else text

    @property
    def comma(self) -> Markup:
        """Between clauses."""
        return Markup("，") if self.language == "zh" else Markup(", ")

    @property
    def pause(self) -> Markup:
        """Between the parts of an enumeration."""
        return Markup("、") if self.language == "zh" else Markup(", ")

    @property
    def space(self) -> Markup:
        """Between sentences."""
        return Markup("") if self.language == "zh" else Markup(" ")

    def why(self, code: str) -> str | None:
        """Why something was refused, by the code of its error; None where there is no more to say than the heading."""
        return refusals.BY_CODE[code][self._index] if code in refusals.BY_CODE else None

    def has(self, key: str) -> bool:
        return key in TEXTS

    def of(self, table: dict[str, tuple[str, str]], key: str) -> str:
        """An entry of one of the small tables; the key itself where there is none."""
        return table[key][self._index] if key in table else key

    def join(self, parts: list[Any], *, pause: str | None = None) -> Markup:
        """A list in a sentence: commas, and in English an "and" before the last; ``pause`` replaces the Chinese one."""
        if self.language == "zh":
            return (self.pause if pause is None else escape(pause)).join(parts)
        if len(parts) < 2:
            return Markup("").join(parts)
        return Markup(" and ").join([Markup(", ").join(parts[:-1]), parts[-1]])

    def clauses(self, parts: list[Any]) -> Markup:
        """Clauses one after the other: semicolons in Chinese, "and" in English."""
        return self.comma.join(parts) if self.language == "zh" else self.join(parts)
